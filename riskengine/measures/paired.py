"""Differences between two samples, with their 95 % intervals: independent, or paired by trial.

Where two runs share their draws, their difference has a far smaller random error than either run
has alone: what a trial has in common in both runs cancels in the difference. It cancels in the
intervals here, too. They need no model of how the two runs depend on each other: they are right for
any dependence, and narrow for a strong one.

Means, standard deviations, probabilities of a loss and TVaR: the interval comes from the standard
error of the mean of the paired differences of influence values (Hampel 1974). An influence value is
what a trial adds to the figure.

VaR: to first order, a sample quantile depends only on the number of losses beyond it (Bahadur
1966), and moves by the distance between the order statistics around it (Siddiqui 1960). So the
margin of either VaR is half its interval. The part common to both margins is the correlation,
across trials, of exceeding one VaR and exceeding the other. Resampling pairs of trials gives the
same intervals with the same coverage, but sorts both samples some hundred times for each figure and
has a random error of its own.

With fewer than 200 trials beyond VaR and closely shared draws, the intervals of VaR contain the
true difference in 96 to 97 % of repetitions rather than in 95 %.

All of this rests on the trials in which the two runs differ. Where few trials carry a difference,
all in one direction, its interval is that of `riskengine.measures.shape`. Where only a handful of
these trials lie in the tail, the interval is still too narrow. Where the two runs agree in every
trial, as they do with shared draws wherever nothing differs, the interval has no width.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.measures.estimate import UNKNOWN, Estimate
from riskengine.measures.moments import chance_above, mean, none_seen, sd
from riskengine.measures.sample import NORMAL_975, Sample
from riskengine.measures.shape import Shape
from riskengine.measures.tail import tvar, var


@dataclass(frozen=True, eq=False)
class Trials:
    """A series of losses by trial, with cached statistics for comparisons.

    Keep it where one series is compared with many.
    """

    values: NDArray[np.float64]  #: (n,)

    @cached_property
    def sample(self) -> Sample:
        return Sample.of(self.values)

    @cached_property
    def mean(self) -> Estimate:
        return mean(self.sample.values)

    @cached_property
    def sd(self) -> Estimate:
        return sd(self.sample)

    @cached_property
    def is_loss(self) -> NDArray[np.bool_]:
        return self.values > 0.0

    @cached_property
    def spread(self) -> NDArray[np.float64]:
        """What each trial adds to the standard deviation, up to a constant."""
        return _spread(self.values, self.sd.value)

    @cached_property
    def chance(self) -> Estimate:
        return chance_above(self.sample)

    def var(self, level: float) -> Estimate:
        return self._at(level).var

    def tvar(self, level: float) -> Estimate:
        return self._at(level).tvar

    def excess(self, level: float, trials: NDArray[np.intp]) -> NDArray[np.float64]:
        """By how much some trials exceed VaR, 0 where they do not."""
        found = self.values[trials] - self.var(level).value
        return np.maximum(found, 0.0, out=found)

    def is_beyond(self, level: float) -> NDArray[np.bool_]:
        """Whether each trial exceeds VaR."""
        return self._at(level).is_beyond

    def _at(self, level: float) -> _Threshold:
        if level not in self._thresholds:
            self._thresholds[level] = _Threshold(self.values, self.sample, level)
        return self._thresholds[level]

    @cached_property
    def _thresholds(self) -> dict[float, _Threshold]:
        return {}


@dataclass(frozen=True, eq=False)
class _Threshold:
    """A series at one VaR."""

    values: NDArray[np.float64]
    sample: Sample
    level: float

    @cached_property
    def var(self) -> Estimate:
        return var(self.sample, self.level)

    @cached_property
    def tvar(self) -> Estimate:
        return tvar(self.sample, self.level)

    @cached_property
    def is_beyond(self) -> NDArray[np.bool_]:
        return self.values > self.var.value


@dataclass(frozen=True, eq=False)
class Pair:
    """Two series of losses; row i of both is the same trial wherever a function says "paired"."""

    first: NDArray[np.float64]  #: (n,)
    second: NDArray[np.float64]  #: (m,); m = n if paired
    known: tuple[Trials, Trials] | None = None  #: the same series with their caches, if kept

    @classmethod
    def of(cls, first: Trials, second: Trials) -> Pair:
        """The pair of two series, either of which may be compared with others too."""
        return cls(first.values, second.values, (first, second))

    @cached_property
    def both(self) -> tuple[Trials, Trials]:
        return self.known or (Trials(self.first), Trials(self.second))

    @property
    def samples(self) -> tuple[Sample, Sample]:
        first, second = self.both
        return first.sample, second.sample


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
    """Factor by which pairing reduces the variance, and with it the number of trials needed.

    `inf` if the paired interval has no width, nan if neither interval has any.
    """
    alone, together = (each.upper - each.lower for each in (independent, paired))
    if together > 0.0:
        return (alone / together) ** 2
    return math.inf if alone > 0.0 else math.nan


def mean_difference(pair: Pair) -> Estimate:
    """Difference of means, paired."""
    value = float(np.mean(pair.second)) - float(np.mean(pair.first))
    return _around(value, TrialChanges.of(pair.first, pair.second))


def sd_difference(pair: Pair) -> Estimate:
    """Difference of standard deviations, paired."""
    if len(pair.first) < 2:
        return UNKNOWN
    first, second = pair.both
    return _around(second.sd.value - first.sd.value, TrialChanges.of(first.spread, second.spread))


def chance_difference(pair: Pair) -> Estimate:
    """Difference of the chances of any loss, paired.

    Notes
    -----
    If no trial has a loss in one series and none in the other, the standard error is 0 and would
    claim certainty. The exact bound of a probability seen in none of n trials takes its place.
    """
    first, second = pair.both
    value = second.chance.value - first.chance.value
    changes = TrialChanges.of(first.is_loss, second.is_loss)
    if not len(changes.values):
        bound = none_seen(changes.n)
        return Estimate(value, -bound, bound)
    return _around(value, changes)


def tvar_difference(pair: Pair, level: float) -> Estimate:
    """Difference of tail values at risk, paired.

    Notes
    -----
    A trial adds (x - VaR)+ / (1 - p): to first order, the error of VaR itself cancels. There is no
    interval if the interval of a VaR has no upper end, because the tail is then not in the sample.
    """
    first, second = pair.both
    value = second.tvar(level).value - first.tvar(level).value
    if math.isnan(first.var(level).upper + second.var(level).upper):
        return Estimate.alone(value)
    beyond = np.flatnonzero(first.is_beyond(level) | second.is_beyond(level))
    changes = TrialChanges.of(first.excess(level, beyond), second.excess(level, beyond))
    return _around(value, TrialChanges(len(first.values), changes.values / (1.0 - level)))


def var_difference(pair: Pair, level: float) -> Estimate:
    """Difference of values at risk, paired."""
    first, second = pair.both
    ends = first.var(level), second.var(level)
    return _quantile_difference(
        ends, lambda: _joint(first.is_beyond(level), second.is_beyond(level))
    )


def median_difference(pair: Pair) -> Estimate:
    """Difference of the medians of the values that exist, paired; nan stands for no value."""
    known = [series[~np.isnan(series)] for series in (pair.first, pair.second)]
    if not all(map(len, known)):
        return UNKNOWN
    first, second = (var(Sample.of(values), 0.5) for values in known)
    return _quantile_difference(
        (first, second),
        lambda: _correlation(_scores(pair.first, first.value), _scores(pair.second, second.value)),
    )


def _quantile_difference(
    ends: tuple[Estimate, Estimate], correlation: Callable[[], float]
) -> Estimate:
    """Difference of two quantiles, given the correlation, over trials, of being beyond them."""
    first, second = ends
    value = second.value - first.value
    wide, other = first.upper - first.lower, second.upper - second.lower
    if math.isnan(wide + other):
        return Estimate.alone(value)
    # The variance of a difference of correlated errors, in the form that cannot go below 0.
    margin = math.sqrt((wide - other) ** 2 + 2.0 * (1.0 - correlation()) * wide * other) / 2.0
    return Estimate(value, value - margin, value + margin)


def _joint(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    """Correlation of two events over trials, from counts alone."""
    n, one, other = len(first), np.count_nonzero(first), np.count_nonzero(second)
    both = np.count_nonzero(first & second)
    if both == one == other:
        return 1.0
    scale = math.sqrt(float(one) * (n - one)) * math.sqrt(float(other) * (n - other))
    if scale == 0.0:
        return 0.0
    return min(1.0, max(-1.0, (float(n) * both - float(one) * other) / scale))


def _scores(series: NDArray[np.float64], threshold: float) -> NDArray[np.float64]:
    """Whether each trial is beyond a threshold (0 or 1), less the mean; 0 if it has no value."""
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


class TrialChanges(NamedTuple):
    """The trials that differ between two series: mostly few, and the others cost nothing."""

    n: int  #: trials in all
    values: NDArray[np.float64]  #: (at most n,) second minus first, where that is not 0

    @classmethod
    def of(cls, first: NDArray[Any], second: NDArray[Any]) -> TrialChanges:
        """The changes from one series to another, in order of trial."""
        places = np.flatnonzero(first != second)
        return cls(len(first), second[places].astype(np.float64) - first[places])


def _around(value: float, changes: TrialChanges) -> Estimate:
    """A difference with the interval of the mean of the changes."""
    shape = Shape.of_changes(*changes)
    if shape.n < 2:
        return Estimate.alone(value)
    ends = shape.ends(least=0.0) if shape.squares > 0.0 else None
    if ends is not None:
        return Estimate(value, *(value - shape.mean + end for end in ends))
    margin = NORMAL_975 * shape.error
    return Estimate(value, value - margin, value + margin)
