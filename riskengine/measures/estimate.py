"""The type in which every figure is returned."""

from __future__ import annotations

import math
from typing import Any, NamedTuple


class Estimate(NamedTuple):
    """A figure with the ends of its 95 % interval; an end that does not exist is nan."""

    value: float
    lower: float
    upper: float

    @classmethod
    def alone(cls, value: float) -> Estimate:
        """A figure without an interval."""
        return cls(value, math.nan, math.nan)

    @property
    def size(self) -> Estimate:
        """A difference without its sign, and the ends of its interval in that direction."""
        return self if self.value > 0.0 else Estimate(-self.value, -self.upper, -self.lower)

    @property
    def holds_zero(self) -> bool:
        """Whether its interval has 0 in it: as a difference, it may be chance."""
        return self.lower <= 0.0 <= self.upper


UNKNOWN = Estimate.alone(math.nan)


def estimate_of(row: Any, key: str, prefix: str | None = None) -> Estimate:
    """A figure of a row with the ends of its interval, which are called by a prefix, or else by the
    key; nan for ends that it does not have."""
    start = f"{key if prefix is None else prefix}_".lstrip("_")
    ends = (getattr(row, f"{start}{end}", math.nan) for end in ("lower", "upper"))
    return Estimate(getattr(row, key), *ends)
