"""Estimates the parameters of a ladder, with uncertainty, from a table of past restrictions."""
