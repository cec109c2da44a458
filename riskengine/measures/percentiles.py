"""The percentile of an outcome among predictions: quantiles, percentiles and shares, with atoms.

Predictions may be infinite: "not within the horizon" is later than any day. A quantile is defined
as in `riskengine.measures.tail`: the order statistic of rank ceil(n p).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskengine.measures.estimate import Estimate
from riskengine.measures.shape import binomial_ends
from riskengine.measures.tail import quantile_rank


class Interval(NamedTuple):
    """The two ends of a central interval; both belong to it."""

    low: float
    high: float


class Standing(NamedTuple):
    """The range of percentiles, in [0, 1], of an outcome among the predictions."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        """The mid-distribution percentile: half way between the two."""
        return (self.low + self.high) / 2.0


def in_order(values: ArrayLike) -> NDArray[np.float64]:
    """Predictions in ascending order.

    Parameters
    ----------
    values : array_like, (n,) of float64
        One per trial, n >= 1; `inf` stands for "not within the horizon".

    Raises
    ------
    ValueError
        If there is no prediction, or one is nan.
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    if ordered.ndim != 1 or not len(ordered) or np.isnan(ordered[-1]):
        raise ValueError("predictions are a series of at least one number")
    return ordered


def quantile(ordered: NDArray[np.float64], level: float) -> float:
    """The smallest prediction that is not exceeded with probability `level`."""
    return float(ordered[quantile_rank(len(ordered), level) - 1])


def central(ordered: NDArray[np.float64], share: float) -> Interval:
    """The interval that leaves (1 - share) / 2 of the predictions out at either end.

    >>> central(np.arange(1.0, 101.0), 0.9)
    Interval(low=5.0, high=95.0)
    """
    outside = (1.0 - share) / 2.0
    return Interval(quantile(ordered, outside), quantile(ordered, 1.0 - outside))


def held(ordered: NDArray[np.float64], interval: Interval) -> float:
    """Share of the predictions that lie in an interval, its ends included.

    The share is more than that of the interval's name where predictions are tied at its ends: if
    all are 0, each central interval is [0, 0] and holds them all.
    """
    below = np.searchsorted(ordered, interval.low, side="left")
    return float(np.searchsorted(ordered, interval.high, side="right") - below) / len(ordered)


def standing(
    ordered: NDArray[np.float64], low: float, high: float, *, is_after: bool = False
) -> Standing:
    """The range of percentiles of an outcome in [low, high].

    Parameters
    ----------
    ordered : ndarray, (n,)
        Predictions, ascending.
    low, high : float
        The outcome is known to lie between them; equal for a known outcome.
    is_after : bool
        The outcome lies beyond `low`, not at it: "none seen by day 90" is (90, inf].

    Notes
    -----
    The range goes from P(X < low), or P(X <= low), to P(X <= high). For a known outcome
    that many predictions share, these are the two ends of the atom. Their middle is the
    mid-distribution function P(X < y) + P(X = y) / 2 (Parzen 2004), whose mean over a model's own
    outcomes is 1/2, whatever atoms there are. For a censored outcome the percentile lies anywhere
    between the two.
    """
    n = len(ordered)
    start = np.searchsorted(ordered, low, side="right" if is_after else "left")
    end = np.searchsorted(ordered, high, side="right")
    return Standing(float(start) / n, float(max(start, end)) / n)


def meets(interval: Interval, low: float, high: float, *, is_after: bool = False) -> bool:
    """Whether an outcome in [low, high] may lie in an interval."""
    reaches_down = low < interval.high if is_after else low <= interval.high
    return reaches_down and high >= interval.low


def binomial_share(count: int, n: int) -> Estimate:
    """Share of n cases in which something held, with its exact 95 % interval.

    Notes
    -----
    Clopper and Pearson, see `riskengine.measures.shape`. The cases are assumed to be independent.
    """
    return Estimate(count / n, *binomial_ends(count, n))
