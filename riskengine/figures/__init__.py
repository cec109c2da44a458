"""Losses -> tables of figures: which measure is taken of what, under which name and unit.

The arithmetic is in `riskengine.measures`; this room only knows which series of a run there are.
"""
