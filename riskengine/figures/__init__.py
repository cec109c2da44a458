"""From losses to tables of figures: which measure applies to what, with its name and unit.

The arithmetic is in `riskengine.measures`; this package only knows which series a run has.
"""
