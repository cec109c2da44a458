"""The scenarios of a mixture as strata of trials, and the error of a figure of all of them.

Scenario k has the weight w_k and n_k trials, so each of its trials weighs w_k / n_k, times its own
weight if its run is weighted. A figure is a sum of influence values over all trials. Its error
comes from the spread of these values within each scenario, not from the distance between scenarios:
how many trials each scenario has is given, not drawn.

Trials of one seed with the same number share their draws in all scenarios, so their values move
together. They count as one unit: with u_t the sum over scenarios of the values of trial t, less
their means, the variance of the figure is the sum of u_t^2. Where no draws are shared, this is the
textbook variance of a stratified sample, the sum of w_k^2 s_k^2 / n_k (Cochran, Sampling
techniques, chapter 5). Sobol' points are in replicates, which then are the units.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.measures.estimate import Estimate
from riskengine.measures.sample import NORMAL_975
from riskengine.measures.shape import LEAST, Shape
from riskengine.measures.weighted import student_975

Series = NDArray[np.float64]
_ROUNDING = 1e-12  #: of a figure, relative; a smaller error is that of floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stratum:
    """The trials of one scenario of a mixture."""

    weight: float  #: of the scenario; the weights of all scenarios sum to 1
    trials: int
    seed: int
    first_trial: int = 0
    replicates: int | None = None  #: of Sobol' points; None: all trials are independent
    trial_weights: Series | None = None  #: (trials,), with a mean of at most about 1

    @property
    def each(self) -> float:
        """What a trial weighs in the mixture, before its own weight."""
        return self.weight / self.trials

    @property
    def heaviest(self) -> float:
        """The largest weight of a trial in the mixture."""
        own = self.trial_weights
        return self.each * (1.0 if own is None else float(np.max(own)))


class Some(NamedTuple):
    """The influence values of some trials of a stratum; the others have none."""

    places: NDArray[np.intp] | slice  #: of the trials in the stratum
    values: Series  #: before any weight


Influence = Callable[[int], Some | None]  #: of a stratum by its number; None: it has exactly none


class Scatter(NamedTuple):
    """A sum of influence values, and how exactly it is known."""

    centre: float
    shape: Shape | None  #: of the units, about the means of their strata; None with replicates
    equal: float  #: effective number of equal amounts among the units, as `Shape.equal`
    margin: float  #: half the width of the 95 % interval by the standard error; nan without one

    @property
    def is_told(self) -> bool:
        """Whether the trials show enough of the amounts for any interval."""
        return self.equal >= LEAST - 1e-9 and not math.isnan(self.margin)

    def ends(self) -> tuple[float, float]:
        """Ends of the 95 % interval: by the standard error, or exact where few trials matter."""
        found = self.shape.ends(least=0.0) if self.shape is not None and self.margin > 0.0 else None
        if found is None or math.isnan(found[1]):
            return self.centre - self.margin, self.centre + self.margin
        return found

    def estimate(self) -> Estimate:
        """An amount that cannot be negative, with its interval where enough was seen for one."""
        if not self.is_told:
            return Estimate.alone(self.centre)
        lower, upper = self.ends()
        return Estimate(self.centre, max(0.0, lower), upper)


class _Family(NamedTuple):
    """The strata that share draws, as places in the array of units."""

    start: int
    units: int
    replicates: int | None


class Strata:
    """The scenarios of a mixture, with the units that their trials belong to."""

    def __init__(self, strata: Sequence[Stratum]) -> None:
        self.strata = tuple(strata)
        self._families: list[_Family] = []
        self._units: list[slice | NDArray[np.intp]] = [slice(0)] * len(self.strata)
        self._factors = [0.0] * len(self.strata)  # turn sums of squares into unbiased variances
        for seed in dict.fromkeys(each.seed for each in self.strata):
            self._add_family([k for k, each in enumerate(self.strata) if each.seed == seed])

    def _add_family(self, members: Sequence[int]) -> None:
        """Place the strata of one seed: by trial, or by replicate if any has replicates."""
        strata = [self.strata[k] for k in members]
        replicates = max((each.replicates or 0 for each in strata), default=0)
        start = sum(family.units for family in self._families)
        first = min(each.first_trial for each in strata)
        units = replicates or max(each.first_trial + each.trials for each in strata) - first
        self._families.append(_Family(start, units, replicates or None))
        for k, each in zip(members, strata, strict=True):
            count = replicates or each.trials
            self._factors[k] = math.sqrt(count / (count - 1)) if count > 1 else math.nan
            at = start + each.first_trial - first
            self._units[k] = slice(at, at + each.trials)
            if replicates:
                numbers = np.arange(each.first_trial, each.first_trial + each.trials)
                self._units[k] = start + (numbers % replicates).astype(np.intp)

    def __len__(self) -> int:
        return len(self.strata)

    def weighted(self, k: int, some: Some) -> Series:
        """Values of some trials of a stratum, each times what its trial weighs in the mixture."""
        return self._owned(k, some) * self.strata[k].each

    def _owned(self, k: int, some: Some) -> Series:
        """Values of some trials of a stratum, each times the own weight of its trial."""
        own = self.strata[k].trial_weights
        return some.values if own is None else some.values * own[some.places]

    def spread(self, influence: Influence) -> Scatter:
        """The sum of influence values over all trials, with its error.

        Parameters
        ----------
        influence : callable
            Gives the values of each stratum; those of a trial are the same in every scenario to
            which it adds the same.
        """
        raw, parts, centre = np.zeros(self._families[-1].start + self._families[-1].units), [], 0.0
        sums = np.zeros(2)  # of the amounts of strata with replicates, and of their squares
        for k in range(len(self.strata)):
            some = influence(k)
            if some is None:
                continue
            amounts, stratum = self._owned(k, some), self.strata[k]
            mean = float(np.sum(amounts)) * stratum.weight / stratum.trials
            amounts = amounts * stratum.each
            centre += mean
            parts.append((k, mean))
            self._put(raw, k, some.places, amounts)
            if self._is_replicated(k):
                sums += mean, float(np.sum(np.square(amounts)))
        equal = self._equal(raw, sums)
        for k, mean in parts:
            self._take_mean(raw, k, mean)
        return self._spread(centre, equal, raw)

    def overlap(self, members: Sequence[int]) -> float:
        """The most that the trials of some strata with the same draws weigh together."""
        if not members:
            return 0.0
        raw = np.zeros(self._families[-1].start + self._families[-1].units)
        for k in members:
            heaviest = self.strata[k].heaviest
            units = self._units[k]
            raw[units if isinstance(units, slice) else np.unique(units)] += heaviest
        return float(np.max(raw))

    def effective(self, some: Influence) -> float:
        """Effective number of units of equal weight (Kish): (sum w)^2 / sum w^2.

        Trials of strata with replicates count one by one.
        """
        raw, sums = np.zeros(self._families[-1].start + self._families[-1].units), np.zeros(2)
        for k in range(len(self.strata)):
            chosen = some(k)
            if chosen is None:
                continue
            amounts = self.weighted(k, chosen)
            if self._is_replicated(k):
                sums += float(np.sum(amounts)), float(np.sum(np.square(amounts)))
            self._put(raw, k, chosen.places, amounts, factor=1.0)
        return self._equal(raw, sums)

    def _is_replicated(self, k: int) -> bool:
        return not isinstance(self._units[k], slice)

    def _put(
        self,
        raw: Series,
        k: int,
        places: NDArray[np.intp] | slice,
        amounts: Series,
        factor: float | None = None,
    ) -> None:
        """Add amounts of some trials of a stratum to their units."""
        units, scale = self._units[k], self._factors[k] if factor is None else factor
        if isinstance(units, slice):
            raw[units][places] += scale * amounts  # a trial is there once
        else:
            raw += np.bincount(units[places], weights=scale * amounts, minlength=len(raw))

    def _take_mean(self, raw: Series, k: int, mean: float) -> None:
        """Take the mean of a stratum off its units, as often as they hold a trial of it."""
        units, each = self._units[k], self._factors[k] * mean / self.strata[k].trials
        if isinstance(units, slice):
            raw[units] -= each
        else:
            raw -= each * np.bincount(units, minlength=len(raw))

    def _equal(self, raw: Series, sums: Series) -> float:
        """Effective number of equal amounts, replicates trial by trial and the rest by unit."""
        total, squares = sums
        for family in self._families:
            if family.replicates is None:
                part = raw[family.start : family.start + family.units]
                total, squares = total + float(np.sum(part)), squares + _squares(part)
        return float(total * (total / squares)) if squares > 0.0 else 0.0

    def _spread(self, centre: float, equal: float, units: Series) -> Scatter:
        """The spread, from the sums of centred influence values by unit."""
        n = len(units)
        squares = _squares(units)
        if math.isnan(squares) or n < 2:
            return Scatter(centre, None, equal, math.nan)
        if math.sqrt(squares) <= _ROUNDING * abs(centre):
            return Scatter(centre, Shape(n, centre, 0.0, 0.0), equal, 0.0)
        if any(family.replicates for family in self._families):
            return Scatter(centre, None, equal, self._student_margin(units))
        root = math.sqrt(squares / n)  # scaled first: third powers of a loss in won could overflow
        scaled = units / root
        skewness = float(np.sum(scaled * np.square(scaled))) / n
        shape = Shape(n, centre, squares * n * (n - 1), skewness)
        return Scatter(centre, shape, equal, NORMAL_975 * math.sqrt(squares))

    def _student_margin(self, units: Series) -> float:
        """The margin by Student's t, with the degrees of freedom of Welch and Satterthwaite."""
        variances, freedoms = [], []
        for family in self._families:
            part = units[family.start : family.start + family.units]
            variances.append(_squares(part))
            freedoms.append((family.replicates or family.units) - 1)
        weighted = sum(v * v / f for v, f in zip(variances, freedoms, strict=True) if v > 0.0)
        whole = math.fsum(variances)
        return student_975(whole * whole / weighted) * math.sqrt(whole)


def _squares(values: Series) -> float:
    """The sum of squares; BLAS would add in an order that depends on the machine."""
    return float(np.sum(np.square(values)))
