"""The type in which every figure is returned."""

from __future__ import annotations

import math
from typing import NamedTuple


class Estimate(NamedTuple):
    """A figure with the ends of its 95 % interval; an end that does not exist is nan."""

    value: float
    lower: float
    upper: float

    @classmethod
    def alone(cls, value: float) -> Estimate:
        """A figure without an interval."""
        return cls(value, math.nan, math.nan)


UNKNOWN = Estimate.alone(math.nan)
