"""Sweeps: many versions of one scenario, to find which assumption moves the answer."""
