"""Faults of a scenario in which each value is well-formed by itself."""
