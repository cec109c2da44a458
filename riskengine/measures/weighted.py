"""Measures of trials that are not a plain sample: weighted, Sobol' points in replicates, or both.

With weights w, the mean of any quantity f is estimated by sum(w f) / n, which has no bias whatever
the weights. Their mean is at most about 1. What is missing to 1 belongs to trials that are not
drawn because nothing is lost in them. Quantiles are therefore found from the weight beyond a loss,
counted from the worst trial down.

The error of every figure is that of a mean of its influence values (Owen, Monte Carlo theory,
methods and examples, chapters 9 and 17). It is computed over trials if they are independent, and
over the means of replicates if they are Sobol' points. Where few independent trials carry such a
mean, its interval is that of `riskengine.measures.shape`; there is none where too little was seen.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskengine.measures.estimate import UNKNOWN, Estimate
from riskengine.measures.moments import proportion
from riskengine.measures.sample import NORMAL_975
from riskengine.measures.shape import LEAST, Shape

Series = NDArray[np.float64]
_ROUNDING = 1e-12  #: of a sum of weights


@dataclass(frozen=True, slots=True, eq=False)
class TrialDesign:
    """How the trials of a run were drawn."""

    weights: Series  #: (n,) weight of each trial, not negative
    replicates: NDArray[np.int64] | None  #: (n,) the replicate of each; None: all independent

    def mean(self, values: Series) -> Estimate:
        """Mean of a series that cannot be negative, (n,), with its 95 % interval."""
        influence = self.weights * values
        return self.around(float(np.mean(influence)), influence)

    def around(self, centre: float, influence: Series, least: float = LEAST) -> Estimate:
        """A figure that cannot be negative, with the 95 % interval from its influence values.

        Parameters
        ----------
        centre : float
        influence : ndarray, (n,)
            What each trial adds to n times the figure, up to a constant; not negative.
        least : float
            As in `Shape.ends`.
        """
        margin, shape = self.margin(influence), Shape.of(influence)
        ends = shape.ends(least)
        if ends is not None and math.isnan(ends[1]):
            return Estimate.alone(centre)
        if ends is None or self.replicates is not None:
            return _around(centre, margin)
        lower, upper = (centre - shape.mean + end for end in ends)
        return Estimate(centre, max(0.0, lower), upper)

    def margin(self, influence: Series) -> float:
        """Half the width of the 95 % interval of a mean of influence values; nan without one.

        Notes
        -----
        Replicates are few, so their interval uses Student's t.
        """
        n = len(influence)
        if self.replicates is None:
            if n < 2:
                return math.nan
            return NORMAL_975 * float(np.std(influence, ddof=1)) / math.sqrt(n)
        counts = np.bincount(self.replicates)
        sums = np.bincount(self.replicates, weights=influence)
        means = sums[counts > 0] / counts[counts > 0]
        if len(means) < 2:
            return math.nan
        error = float(np.std(means, ddof=1)) / math.sqrt(len(means))
        return student_975(len(means) - 1) * error

    def rounding(self) -> float:
        """Half the width of the 95 % interval of a share, from counting whole points alone.

        The number of points in a replicate is right to within one, rounded up or down: its standard
        deviation is at most a half.
        """
        if self.replicates is None:
            return 0.0
        return NORMAL_975 * 0.5 * math.sqrt(len(np.unique(self.replicates))) / len(self.replicates)

    def effective(self, trials: NDArray[np.intp]) -> float:
        """Effective number of trials of equal weight (Kish): (sum w)^2 / sum w^2."""
        weights = self.weights[trials]
        squares = float(np.sum(np.square(weights)))
        return float(np.sum(weights)) ** 2 / squares if squares else 0.0

    def given(self, chosen: NDArray[np.bool_]) -> TrialDesign:
        """The design of some of the trials alone, conditional on being one of them."""
        weights = np.where(chosen, self.weights, 0.0)
        mass = float(np.mean(weights))
        return TrialDesign(weights / mass if mass else weights, self.replicates)


def student_975(freedom: float) -> float:
    """The quantile of Student's t for a two-sided 95 % interval."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.975))


class WeightedSample:
    """A series of losses of a designed run, from which all its measures are read.

    Parameters
    ----------
    values : ndarray, (n,) of float64
        Losses in the order of the trials, finite and not negative.
    design : TrialDesign
    """

    def __init__(self, values: Series, design: TrialDesign) -> None:
        self.values = values
        self.design = design
        self._order = np.argsort(-values, kind="stable")  # worst first
        self._ordered = values[self._order]
        self._beyond = np.cumsum(design.weights[self._order]) / len(values)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def largest(self) -> float:
        return float(self._ordered[0])

    def carried(self, probability: float) -> float:
        """How many trials of equal weight the tail of this probability rests on.

        A probability of 1 means all trials, even if chance lets their weights exceed it.
        """
        rank = len(self) if probability >= 1.0 else self._rank(probability)
        return self.design.effective(self._order[:rank])

    def upto(self, bound: float) -> tuple[int, float]:
        """How many trials lose no more than a bound, and their share by weight.

        What is missing to a weight of 1 belongs to trials without a loss, which are not drawn.
        """
        worse = int(np.searchsorted(-self._ordered, -bound, side="left"))
        beyond = float(self._beyond[worse - 1]) if worse else 0.0
        return len(self) - worse, max(0.0, 1.0 - beyond)

    def var(self, level: float) -> Estimate:
        """Value at risk: the smallest loss beyond which there is no more than 1 - level of weight.

        Notes
        -----
        The interval is that of the exceedance probability, converted to losses (Woodruff, J. Am.
        Stat. Assoc. 47 (1952) 635-646). It needs no density of losses. If the trials do not reach
        far enough, the upper end is nan.
        """
        value = self._at(1.0 - level)
        beyond = self._beyond_value(value, 1.0 - level)
        if math.isnan(beyond.lower):
            return Estimate(value, 0.0, math.nan)
        least, most = beyond.lower, beyond.upper
        is_reached = least > 0.0 and self._rank(least) > 0
        upper = float(self._ordered[self._rank(least) - 1]) if is_reached else math.nan
        return Estimate(value, self._at(most), upper)

    def tvar(self, level: float) -> Estimate:
        """Tail value at risk, by the formula of Acerbi and Tasche with weights.

        Notes
        -----
        To first order the error of VaR itself cancels, as for a plain sample.
        """
        quantile = self.var(level)
        excess = np.maximum(self.values - quantile.value, 0.0) / (1.0 - level)
        influence = self.design.weights * excess
        value = quantile.value + float(np.mean(influence))
        if value == 0.0:
            return Estimate.alone(value)
        if math.isnan(quantile.upper):
            return Estimate(value, quantile.lower, math.nan)
        if not influence.any():
            return _around(value, self.design.margin(influence))
        found = self.design.around(value, influence)
        return Estimate(value, quantile.lower, math.nan) if math.isnan(found.upper) else found

    def sd(self) -> Estimate:
        """Standard deviation of all trials, including those that are not drawn."""
        n, weights = len(self), self.design.weights
        if n < 2:
            return UNKNOWN
        mean = float(np.mean(weights * self.values))
        missing = 1.0 - float(np.mean(weights))
        variance = float(np.mean(weights * np.square(self.values - mean))) + missing * mean * mean
        is_told = Shape.of(weights * self.values).is_told
        if variance <= 0.0:
            return Estimate(0.0, 0.0, 0.0) if is_told else Estimate.alone(0.0)
        spread = math.sqrt(variance)
        if not is_told:
            return Estimate.alone(spread)
        influence = weights * self.values * (self.values - 2.0 * mean) / (2.0 * spread)
        return _around(spread, self.design.margin(influence))

    def chance(self, threshold: float = 0.0) -> Estimate:
        """P(loss > threshold).

        Notes
        -----
        Where all trials agree, their error would be 0 and claim certainty. The exact bound of as
        many independent trials takes its place. Replicates of Sobol' points may agree because
        counts are rounded to whole points: no margin is less than the error of that rounding.
        """
        happens = np.where(self.values > threshold, 1.0, 0.0)
        influence = self.design.weights * happens
        # Weights have a mean of 1 only on average: a chance that is near 1 could come out above.
        share, margin = min(1.0, float(np.mean(influence))), self.design.margin(influence)
        count, scale = int(happens.sum()), float(np.max(self.design.weights, initial=0.0))
        if margin > _ROUNDING * share or (0 < count < len(self) and not math.isnan(margin)):
            _, lower, upper = self.design.around(share, influence, least=0.0)
            margin = scale * self.design.rounding()
            lower, upper = min(lower, share - margin), max(upper, share + margin)
            return Estimate(share, max(0.0, lower), min(1.0, upper))
        each = proportion(count, len(self))
        upper = max(share, min(1.0, scale * each.upper))
        return Estimate(share, min(share, scale * each.lower), upper)

    def tail(self, level: float) -> tuple[NDArray[np.intp], Series]:
        """Positions and weights, summing to 1, of the trials that TVaR is the mean of.

        Trials tied at VaR share what is left of the tail by their weights.
        """
        value, size = self._at(1.0 - level), len(self) * (1.0 - level)
        trials = np.flatnonzero(self.values >= value)
        weights = self.design.weights[trials]
        tied = self.values[trials] == value
        ties = float(np.sum(weights[tied]))
        left = max(0.0, size - float(np.sum(weights[~tied])))
        shared = left * (weights / (ties or 1.0))  # in this order very small weights do no harm
        return trials, np.where(tied, shared, weights) / size

    def row_at(self, level: float) -> int:
        """Position of the first trial whose loss is VaR."""
        return int(np.argmin(np.abs(self.values - self._at(1.0 - level))))

    def _rank(self, probability: float) -> int:
        """Position, worst first, of the first trial up to which the weight exceeds a probability.

        It is n if the weight never does.
        """
        return int(np.searchsorted(self._beyond, probability * (1.0 + _ROUNDING), side="right"))

    def _at(self, probability: float) -> float:
        """The smallest loss beyond which there is no more than this weight."""
        rank = self._rank(probability)
        return float(self._ordered[rank]) if rank < len(self) else 0.0

    def _beyond_value(self, value: float, probability: float) -> Estimate:
        """The probability beyond VaR, with its interval.

        Each end is the outer one of two intervals, by the standard error and exact: very unequal
        weights make an estimate too low more often than too high.
        """
        influence = self.design.weights * np.where(self.values > value, 1.0, 0.0)
        found = _around(probability, self.design.margin(influence))
        if not influence.any():
            return found
        _, lower, upper = self.design.around(probability, influence, least=0.0)
        return Estimate(probability, min(lower, found.lower), max(upper, found.upper))


class ConditionalSample(WeightedSample):
    """A series over the trials that have a value: errors are those of a ratio of means."""

    def _beyond_value(self, value: float, probability: float) -> Estimate:
        beyond = np.where(self.values > value, 1.0, 0.0)
        margin = self.design.margin(self.design.weights * (beyond - probability))
        return _around(probability, margin)


def weighted_levels(values: Series, weights: Series, levels: Iterable[float]) -> list[Series]:
    """VaR of many quantities of the same trials at once.

    Parameters
    ----------
    values : ndarray, (n, ...) of float64
        Not negative.
    weights : ndarray, (n,) of float64
    levels : iterable of float

    Returns
    -------
    list of ndarray, (...)
        One per level, each as `WeightedSample.var` of every quantity by itself.
    """
    n = len(values)
    order = np.argsort(-values, axis=0, kind="stable")
    ordered = np.take_along_axis(values, order, axis=0)
    beyond = np.cumsum(weights[order], axis=0) / n
    found = []
    for level in levels:
        rank = np.sum(beyond <= (1.0 - level) * (1.0 + _ROUNDING), axis=0)
        at = np.take_along_axis(ordered, np.minimum(rank, n - 1)[np.newaxis], axis=0)[0]
        found.append(np.where(rank < n, at, 0.0))
    return found


def _around(centre: float, margin: float) -> Estimate:
    if math.isnan(margin):
        return Estimate.alone(centre)
    return Estimate(centre, max(0.0, centre - margin), centre + margin)
