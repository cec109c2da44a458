"""Trials played: all of a run, block by block, one in full, and what they add up to."""
