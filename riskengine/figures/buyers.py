"""The rows of `buyers.csv`: who asks how much of each pool, and who is granted how much."""

from __future__ import annotations

from dataclasses import dataclass

BUYER_NUMBERS = ("trials", "asked", "granted")


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerRow:
    """Means of one buyer of a pool over the first trials of a run, with 95 % intervals.

    Amounts are over the whole horizon, in the unit of the pool; nan if an end does not exist.
    """

    pool: str
    material: str
    unit: str  #: of the pool
    trials: int  #: over which the means are taken
    asked: float  #: mean amount over the horizon
    asked_lower: float
    asked_upper: float
    granted: float  #: mean amount over the horizon
    granted_lower: float
    granted_upper: float
