"""One series of losses in all scenarios of a mixture, from which its measures are read."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.measures.estimate import Estimate
from riskengine.measures.mixture.ordering import LossOrder
from riskengine.measures.mixture.strata import Influence, Scatter, Series, Some, Strata

_NONE_SEEN = -math.log(0.025)  #: expected events above which none in all trials is unlikely
_ALL = slice(None)
_Taken = Callable[[Series], Series]
_Chosen = Callable[[Series], Some]


class PartOfTail(NamedTuple):
    """The trials of one stratum in the tail of a mixture."""

    places: NDArray[np.intp]  #: (k,) of the trials in the stratum
    weights: Series  #: (k,) the weights in all strata sum to 1


class _Exceedances(NamedTuple):
    """How often a threshold is exceeded."""

    spread: Scatter
    empty: list[int]  #: strata in which no trial exceeds it
    full: list[int]  #: strata in which every trial does


class MixtureSample:
    """A series of losses in all scenarios of a mixture: the quantiles of `riskengine.measures`.

    Parameters
    ----------
    series : sequence of ndarray or None
        (n_k,) losses of each scenario in the order of its trials, finite and not negative. None:
        the scenario never loses anything here.
    strata : Strata
        The scenarios, in the same order.

    Notes
    -----
    VaR is the smallest loss whose cumulative weight reaches the level less 1e-9. TVaR is VaR plus
    the mean excess over it, divided by 1 - level. Intervals are of `riskengine.measures.shape`,
    with the spread within scenarios (`riskengine.measures.mixture.strata`).
    """

    def __init__(self, series: Sequence[Series | None], strata: Strata) -> None:
        self._series = series
        self._strata = strata
        self._quantiles: dict[float, Estimate] = {}  # TVaR needs VaR of its level

    @cached_property
    def _order(self) -> LossOrder:
        return LossOrder(self._series, self._strata)

    @cached_property
    def largest(self) -> float:
        """The largest loss of all trials."""
        return max((float(np.max(each)) for each in self._series if each is not None), default=0.0)

    @cached_property
    def _whole(self) -> Scatter:
        """The spread of the losses themselves."""
        return self._strata.spread(self._all(lambda values: values))

    @cached_property
    def mean(self) -> Estimate:
        """Mean loss."""
        return self._whole.estimate()

    @cached_property
    def sd(self) -> Estimate:
        """Standard deviation of the losses of all scenarios, also of the distance between them.

        Notes
        -----
        The variance of the mean is added to the mean square about the mean, which makes the square
        of the figure unbiased: for one scenario it is the sample variance, n - 1 in the
        denominator.
        """
        whole = self._whole
        mean, of_mean = whole.centre, self._variance_of_mean
        missing = self._missing
        squares = self._strata.spread(self._all(lambda values: np.square(values - mean))).centre
        squares += math.fsum(missing) * mean * mean
        spread = math.sqrt(squares + of_mean) if not math.isnan(of_mean) else math.nan
        if not whole.is_told or spread <= 0.0:
            return Estimate.alone(spread)
        added = self._strata.spread(
            self._all(lambda values: values * (values - 2.0 * mean) / (2.0 * spread))
        )
        return Estimate(spread, max(0.0, spread - added.margin), spread + added.margin)

    @property
    def _variance_of_mean(self) -> float:
        shape, margin = self._whole.shape, self._whole.margin
        if shape is None:
            return 0.0 if not math.isnan(margin) else math.nan
        return shape.error**2 if shape.squares > 0.0 else 0.0

    @property
    def _missing(self) -> list[float]:
        """The weight of each scenario without a trial: of trials not drawn, or of no loss here."""
        found = []
        for stratum, values in zip(self._strata.strata, self._series, strict=True):
            own = stratum.trial_weights
            drawn = 1.0 if own is None else float(np.mean(own))
            found.append(stratum.weight * (1.0 - drawn if values is not None else 1.0))
        return found

    @cached_property
    def chance(self) -> Estimate:
        """P(loss > 0)."""
        return self.chance_above(0.0)

    def chance_above(self, threshold: float) -> Estimate:
        """P(loss > threshold).

        Notes
        -----
        A scenario in which no trial, or every trial, is above the threshold has no spread. The
        exact bound of an event that was not seen in its trials is added in squares.
        """
        found = self._beyond(threshold)
        share = min(1.0, found.spread.centre)
        lower, upper = found.spread.ends()
        if math.isnan(lower):
            return Estimate.alone(share)
        below = math.hypot(share - lower, _NONE_SEEN * self._strata.overlap(found.full))
        above = math.hypot(upper - share, _NONE_SEEN * self._strata.overlap(found.empty))
        return Estimate(share, max(0.0, share - below), min(1.0, share + above))

    def var(self, level: float) -> Estimate:
        """Value at risk: the smallest loss whose cumulative weight reaches the level.

        Notes
        -----
        The interval is that of the exceedance probability, converted to losses (Woodruff, J. Am.
        Stat. Assoc. 47 (1952) 635-646), the outer one of the intervals by the standard error and
        exact. If the trials do not reach far enough, the upper end is nan.
        """
        if level not in self._quantiles:
            self._quantiles[level] = self._quantile(1.0 - level)
        return self._quantiles[level]

    def _quantile(self, beyond: float) -> Estimate:
        value = self._order.at(beyond)
        found = self._beyond(value)
        margin, centre = found.spread.margin, found.spread.centre
        if math.isnan(margin):
            return Estimate(value, 0.0, math.nan)
        lower, upper = found.spread.ends() if centre > 0.0 else (0.0, 0.0)
        below = math.hypot(
            max(margin, centre - lower), _NONE_SEEN * self._strata.overlap(found.empty)
        )
        above = math.hypot(
            max(margin, upper - centre), _NONE_SEEN * self._strata.overlap(found.full)
        )
        least = beyond - below
        reached = self._order.above(least) if least > 0.0 else math.nan
        return Estimate(value, min(value, self._order.at(beyond + above)), reached)

    def tvar(self, level: float) -> Estimate:
        """Tail value at risk, by the formula of Acerbi and Tasche with weights.

        Notes
        -----
        To first order the error of VaR itself cancels, as for a plain sample.
        """
        quantile, share = self.var(level), 1.0 - level

        def excess(values: Series) -> Some:
            places = np.flatnonzero(values > quantile.value)
            return Some(places, (values[places] - quantile.value) / share)

        found = self._strata.spread(self._each(excess))
        value = quantile.value + found.centre
        if value == 0.0:
            return Estimate.alone(value)
        if math.isnan(quantile.upper) or (found.centre > 0.0 and not found.is_told):
            return Estimate(value, quantile.lower, math.nan)
        lower, upper = found.ends() if found.centre > 0.0 else (0.0, 0.0)
        return Estimate(value, max(0.0, quantile.value + lower), quantile.value + upper)

    def carried(self, probability: float) -> float:
        """How many independent trials of equal weight the tail of this probability rests on."""
        value = self._order.at(probability)

        def reached(values: Series) -> Some:
            places = np.flatnonzero(values >= value)
            return Some(places, np.ones(len(places)))

        parts = [reached(values) if values is not None else None for values in self._series]
        weights = [
            float(np.sum(self._strata.weighted(k, part))) if part else 0.0
            for k, part in enumerate(parts)
        ]
        absent = sum(self._missing) if value == 0.0 else 0.0
        whole = math.fsum(weights) + absent
        return self._strata.effective(parts.__getitem__) * probability / whole if whole else 0.0

    def tail(self, level: float) -> list[PartOfTail]:
        """The trials of each scenario that TVaR is the mean of, with their weights.

        Trials tied at VaR share what is left of the tail by their weights; of those that lose
        nothing, none is listed.
        """
        share, value = 1.0 - level, self._order.at(1.0 - level)
        places = [self._reaching(values, value) for values in self._series]
        weights = [
            self._strata.weighted(k, Some(found, np.ones(len(found))))
            for k, found in enumerate(places)
        ]
        tied = [
            values[found] == value if values is not None else np.zeros(0, dtype=np.bool_)
            for values, found in zip(self._series, places, strict=True)
        ]
        pairs = list(zip(weights, tied, strict=True))
        ties = math.fsum(float(np.sum(weight[at])) for weight, at in pairs)
        left = share - math.fsum(float(np.sum(weight[~at])) for weight, at in pairs)
        part = max(0.0, left) / (ties or 1.0)
        return [
            PartOfTail(found, np.where(at, weight * part, weight) / share)
            for found, (weight, at) in zip(places, pairs, strict=True)
        ]

    @staticmethod
    def _reaching(values: Series | None, value: float) -> NDArray[np.intp]:
        if values is None:
            return np.zeros(0, dtype=np.intp)
        return np.flatnonzero(values >= value if value > 0.0 else values > 0.0)

    def _beyond(self, threshold: float) -> _Exceedances:
        """How often a threshold is exceeded, and where never or always."""
        empty, full = [], []

        def exceeding(values: Series) -> Some:
            places = np.flatnonzero(values > threshold)
            return Some(places, np.ones(len(places)))

        parts = [exceeding(values) if values is not None else None for values in self._series]
        for k, part in enumerate(parts):
            if part is not None and not len(part.values):
                empty.append(k)
            elif part is not None and len(part.values) == self._strata.strata[k].trials:
                full.append(k)
        return _Exceedances(self._strata.spread(parts.__getitem__), empty, full)

    def _all(self, of: _Taken) -> Influence:
        return self._each(lambda values: Some(_ALL, of(values)))

    def _each(self, of: _Chosen) -> Influence:
        def influence(k: int) -> Some | None:
            values = self._series[k]
            return None if values is None else of(values)

        return influence


def contribution(parts: Iterable[Series | None], tail: Iterable[PartOfTail]) -> float:
    """What a part of the total adds to its TVaR: its mean in the tail of the mixture.

    Parameters
    ----------
    parts : iterable of ndarray or None
        The losses of the part in each scenario; None where it has none.
    tail : iterable of PartOfTail
        From `MixtureSample.tail` of the total.
    """
    return math.fsum(
        float(np.sum(part.take(some.places) * some.weights))
        for part, some in zip(parts, tail, strict=True)
        if part is not None
    )
