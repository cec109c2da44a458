"""The rows of `timeline.csv`: how supply is lost and regained over time."""

from __future__ import annotations

from dataclasses import dataclass

FAN_NUMBERS = ("day", "mean", "p50", "p75", "p90", "p95", "p99")


@dataclass(frozen=True, slots=True, kw_only=True)
class FanRow:
    """Percentiles over trials of one quantity of one material on one day, in shares of demand."""

    material: str
    quantity: str  #: `lost`: supply that is cut; `short`: supply that nothing replaces
    day: float  #: from time 0
    mean: float  #: over trials
    p50: float  #: the median over trials
    p75: float  #: 75th percentile over trials
    p90: float  #: 90th percentile
    p95: float  #: 95th percentile
    p99: float  #: 99th percentile
