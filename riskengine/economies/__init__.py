"""Economies of the world: what they import from whom, what they make, and what they are called.

`tables` reads the tables that come with riskengine, `names` finds an economy by any of its names,
`building` made the tables. Sources, licences and rules: docs/data.md.
"""
