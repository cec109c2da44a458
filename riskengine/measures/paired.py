"""Differences between two samples, with their 95 % intervals: independent, or paired by trial.

Two runs that share their draws differ far less by chance than either does alone. What is common
to a trial in both cancels in the difference, and so it does in the interval here, which needs no
model of how the two depend on each other: it is right for any dependence, and sharp for a strong
one.

Means, standard deviations, chances and TVaR: the standard error of the mean of the paired
differences of their influence values (Hampel 1974), that is of what each trial adds to the figure.

VaR: to first order, a sample quantile moves with one thing only, the number of losses beyond it
(Bahadur 1966), and by so much as the order statistics around it lie apart (Siddiqui 1960). So the
margin of either VaR is half its interval, and how much of it is common to both is the correlation,
across trials, of being beyond the one and beyond the other. Resampling pairs of trials holds the
truth as often and says the same, but sorts both samples some hundred times for each figure, and
has a random error of its own.

With fewer than 200 trials beyond VaR, and draws that are closely shared, the intervals of VaR hold
the truth in 96 to 97 % of repeats rather than 95 %.

All of this rests on the trials in which the two differ. Where only a handful of those lie in the
tail, an interval is too narrow, as that of any mean of a few rare amounts is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from riskengine.measures.estimate import UNKNOWN, Estimate
from riskengine.measures.moments import chance_above, mean, sd, standard_error
from riskengine.measures.sample import NORMAL_975, Sample
from riskengine.measures.tail import tvar, var

_HALF_ALPHA = 0.025


@dataclass(frozen=True, eq=False)
class Pair:
    """Two series of losses; row i of both is the same trial wherever a function says "paired"."""

    first: NDArray[np.float64]  #: (n,)
    second: NDArray[np.float64]  #: (m,); m = n if paired

    @cached_property
    def samples(self) -> tuple[Sample, Sample]:
        return Sample.of(self.first), Sample.of(self.second)


def apart(first: Estimate, second: Estimate) -> Estimate:
    """Second minus first, for figures from independent draws.

    Notes
    -----
    Margins are added in squares, each on its own side (Zou and Donner 2008, "MOVER"). That is the
    usual interval where both are symmetric, and keeps the skewness of order statistics.
    """
    value = second.value - first.value
    below = math.hypot(second.value - second.lower, first.upper - first.value)
    above = math.hypot(second.upper - second.value, first.value - first.lower)
    return Estimate(value, value - below, value + above)


def variance_ratio(independent: Estimate, paired: Estimate) -> float:
    """How many times the variance shrank by pairing: so many times the trials would be needed.

    `inf` when nothing of it is left, nan when neither has an interval of any width.
    """
    alone, together = (each.upper - each.lower for each in (independent, paired))
    if together > 0.0:
        return (alone / together) ** 2
    return math.inf if alone > 0.0 else math.nan


def mean_difference(pair: Pair) -> Estimate:
    """Difference of means, paired."""
    value = mean(pair.second).value - mean(pair.first).value
    return _around(value, pair.second - pair.first)


def sd_difference(pair: Pair) -> Estimate:
    """Difference of standard deviations, paired."""
    first, second = (sd(sample).value for sample in pair.samples)
    if len(pair.first) < 2:
        return UNKNOWN
    return _around(second - first, _spread(pair.second, second) - _spread(pair.first, first))


def chance_difference(pair: Pair) -> Estimate:
    """Difference of the chances of any loss, paired.

    Notes
    -----
    Where no trial has a loss in one and none in the other, the standard error is 0 and would claim
    certainty; the exact bound on a chance that showed in none of n trials takes its place.
    """
    first, second = (chance_above(sample).value for sample in pair.samples)
    changes = (pair.second > 0.0).astype(np.float64) - (pair.first > 0.0)
    if not changes.any():
        bound = -math.expm1(math.log(_HALF_ALPHA) / len(changes))
        return Estimate(second - first, -bound, bound)
    return _around(second - first, changes)


def tvar_difference(pair: Pair, level: float) -> Estimate:
    """Difference of tail values at risk, paired.

    Notes
    -----
    What a trial adds is (x - VaR)+ / (1 - p): to first order, the error of VaR itself cancels. No
    interval where that of a VaR has no upper end, for the tail is then not in the sample.
    """
    value = tvar(pair.samples[1], level).value - tvar(pair.samples[0], level).value
    first, second = (var(sample, level) for sample in pair.samples)
    if math.isnan(first.upper + second.upper):
        return Estimate.alone(value)
    beyond = np.maximum(pair.second - second.value, 0.0) - np.maximum(pair.first - first.value, 0.0)
    return _around(value, beyond / (1.0 - level))


def var_difference(pair: Pair, level: float) -> Estimate:
    """Difference of values at risk, paired."""
    return _quantile_difference(pair, pair.samples, level)


def median_difference(pair: Pair) -> Estimate:
    """Difference of the medians of what exists, paired; nan stands for "none" in a trial."""
    known = [series[~np.isnan(series)] for series in (pair.first, pair.second)]
    if not all(map(len, known)):
        return UNKNOWN
    return _quantile_difference(pair, (Sample.of(known[0]), Sample.of(known[1])), 0.5)


def _quantile_difference(pair: Pair, samples: tuple[Sample, Sample], level: float) -> Estimate:
    first, second = (var(sample, level) for sample in samples)
    value = second.value - first.value
    wide, other = first.upper - first.lower, second.upper - second.lower
    if math.isnan(wide + other):
        return Estimate.alone(value)
    common = _correlation(_scores(pair.first, first.value), _scores(pair.second, second.value))
    # The variance of a difference of correlated errors, in the form that cannot go below 0.
    margin = math.sqrt((wide - other) ** 2 + 2.0 * (1.0 - common) * wide * other) / 2.0
    return Estimate(value, value - margin, value + margin)


def _scores(series: NDArray[np.float64], threshold: float) -> NDArray[np.float64]:
    """Whether each trial is beyond a threshold, around its mean; 0 where there is no value."""
    beyond = (series > threshold).astype(np.float64)
    known = ~np.isnan(series)
    return np.where(known, beyond - np.mean(beyond[known]), 0.0)


def _correlation(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    if np.array_equal(first, second):
        return 1.0
    scale = math.sqrt(float(np.sum(first * first)) * float(np.sum(second * second)))
    if scale == 0.0:
        return 0.0
    return min(1.0, max(-1.0, float(np.sum(first * second)) / scale))


def _spread(series: NDArray[np.float64], deviation: float) -> NDArray[np.float64]:
    """What each trial adds to a standard deviation, up to a constant."""
    if deviation == 0.0:
        return np.zeros_like(series)
    added: NDArray[np.float64] = np.square(series - np.mean(series)) / (2.0 * deviation)
    return added


def _around(value: float, changes: NDArray[np.float64]) -> Estimate:
    error = standard_error(changes, float(np.mean(changes)))
    if math.isnan(error):
        return Estimate.alone(value)
    return Estimate(value, value - NORMAL_975 * error, value + NORMAL_975 * error)
