"""Proper scores: how far a forecast is from the outcome; smaller is better.

A score is proper if no forecaster can expect a better one by stating anything but what they believe
(Gneiting and Raftery, JASA 102, 2007). Both scores here have the unit of the figure.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from riskengine.measures.percentiles import Interval


def crps(ordered: NDArray[np.float64], outcome: float) -> float:
    """The continuous ranked probability score of a sample, exactly.

    Parameters
    ----------
    ordered : ndarray, (n,)
        Finite predictions, ascending; their empirical distribution is the forecast.
    outcome : float
        The observed value.

    Notes
    -----
    The integral of (F(z) - 1{outcome <= z})^2 dz, which is E|X - outcome| - E|X - X'|/2. With the
    sample in order, E|X - X'|/2 = sum over i of (2i - n - 1) x_i / n^2, so that no double sum is
    needed. The forecast is the sample itself; a sample of n from a distribution F scores
    E|X - X'|/(2n) more than F does, which 20,000 trials make negligible. A forecast of one value
    scores its absolute error.

    >>> crps(np.array([10.0]), 13.0), crps(np.array([0.0, 1.0]), 0.0)
    (3.0, 0.25)
    """
    n = len(ordered)
    apart = ordered - outcome
    ranks = 2.0 * np.arange(1, n + 1) - n - 1.0
    return float(np.abs(apart).mean() - ranks @ apart / n**2)


def interval_score(interval: Interval, outcome: float, share: float) -> float:
    """The score of a central interval: its width, and a penalty for an outcome outside.

    Notes
    -----
    (high - low) + (2 / alpha) x the distance by which the outcome lies outside, alpha = 1 - share
    (Gneiting and Raftery 2007, section 6.2).

    >>> interval_score(Interval(10.0, 20.0), 15.0, 0.5), interval_score(Interval(10.0, 20.0), 22.0, 0.5)
    (10.0, 18.0)
    """  # noqa: E501
    low, high = interval
    outside = max(low - outcome, 0.0, outcome - high)
    return high - low + 2.0 / (1.0 - share) * outside


def merged_within(values: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    """Values with the range [low, high] merged into one point.

    The range shrinks to the point `low`, and values above it move down by its width. The order of
    the values is kept. A score of a forecast and an outcome that were both transformed in this way
    is the *threshold-weighted* score that leaves the range out: CRPS becomes the integral of
    (F(z) - 1{outcome <= z})^2 over z outside the range (Gneiting and Ranjan 2011; Allen, Ginsbourger
    and Ziegel 2023). With `high` = inf nothing beyond `low` counts, as for an outcome of which only
    "later than day `low`" is known; nothing is left out where the two ends are equal.

    >>> merged_within(np.array([1.0, 5.0, 9.0]), 4.0, 6.0)
    array([1., 4., 7.])
    >>> merged_within(np.array([1.0, 5.0, np.inf]), 4.0, np.inf)
    array([1., 4., 4.])
    """  # noqa: E501
    below = np.minimum(values, low)
    return below + np.maximum(values - high, 0.0) if high < np.inf else below
