"""Batches: many scenarios played in one go, side by side; what they come to together."""
