"""The data that figures are computed from: every row of a run, or sums over the rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from riskengine.errors import RunFault
from riskengine.measures.contributions import Tail, contribution, tail_of
from riskengine.measures.estimate import UNKNOWN, Estimate
from riskengine.measures.moments import chance_above, mean, proportion, shape_and_sd
from riskengine.measures.quantiles import CountedQuantiles, Plain, Quantiles
from riskengine.measures.ranked import Ranked
from riskengine.measures.sample import Sample
from riskengine.measures.shape import Shape
from riskengine.measures.tail import var
from riskengine.model.losses import Losses
from riskengine.model.scenario import Scenario

Series = NDArray[np.float64]

TOTAL = "total"
INDUSTRY = "industry"
MATERIAL = "material"
POOL = "pool"
COMPONENTS = ("output", "rerouting", "price", "indirect")
_TINY = 1e-9  #: share of a trial's total by which rounding may leave a part below 0


@dataclass(frozen=True, slots=True)
class Measured:
    """A series of losses, with the figures that need more than its sorted values."""

    quantiles: CountedQuantiles
    mean: Estimate
    sd: Estimate
    chance: Estimate  #: of any loss
    heaviest: float  #: the largest contribution of one trial to the sum
    shape: Shape  #: shape of the contributions of the trials to the mean

    @classmethod
    def of(cls, ranked: Ranked, shape: Shape, sd: Estimate, chance: Estimate) -> Measured:
        """A series whose trials count equally."""
        quantiles = Plain(ranked)
        return cls(quantiles, shape.estimate(), sd, chance, quantiles.largest, shape)

    @property
    def largest(self) -> float:
        return self.quantiles.largest


class Evidence(Protocol):
    """The parts of a run that figures need."""

    @property
    def scenario(self) -> Scenario: ...
    @property
    def seed(self) -> int: ...
    @property
    def first_trial(self) -> int: ...
    @property
    def trials(self) -> int: ...
    @property
    def horizon_days(self) -> float: ...

    def loss(self, scope: str, index: int = 0) -> Measured:
        """The total loss, the loss of an industry, or the loss attributed to a material."""

    def largest_spell(self) -> Quantiles:
        """Largest loss of a single spell of restriction."""

    def mean_of(self, scope: str, field: str, index: int = 0) -> Estimate:
        """Mean of a component of loss, or of days."""

    def chance_above(self, scope: str, field: str, index: int = 0, bound: float = 0.0) -> Estimate:
        """Probability that the loss, or a component of it, exceeds a bound.

        Bounds are 0 for output, and those of `run.thresholds` for the loss of the total.
        """

    def level_days(self, index: int, level: int) -> Estimate:
        """Mean days on which the deepest of a material's paths is on a level."""

    def episodes(self, index: int) -> Estimate:
        """Mean number of episodes of a dispute."""

    def first_day(self, index: int) -> Estimate:
        """Median day of the first output loss of an industry, among the trials that have one."""

    def contribution(self, scope: str, index: int, level: float) -> float:
        """Contribution of an industry or material to TVaR of the total."""

    def binned_levels(self) -> list[float]:
        """Levels at which VaR of the total, or an end of its interval, is not known exactly."""


class RowEvidence:
    """All rows of a run; each series is sorted once."""

    def __init__(self, losses: Losses) -> None:
        """
        Raises
        ------
        RunFault
            If a loss is not finite or is negative: names the trial.
        """
        check_losses(losses)
        self.losses = losses
        self.scenario = losses.scenario
        self.seed = losses.seed
        self.first_trial = losses.first_trial
        self.trials = losses.trials
        self.horizon_days = losses.horizon_days
        self._losses: dict[tuple[str, int], Measured] = {}
        self._tails: dict[float, Tail] = {}

    def loss(self, scope: str, index: int = 0) -> Measured:
        key = scope, index
        if key not in self._losses:
            self._losses[key] = self._measured(self._series(scope, index))
        return self._losses[key]

    @cached_property
    def _spell(self) -> Sample:
        return Sample.of(self.losses.largest_spell)

    def largest_spell(self) -> Quantiles:
        return Plain(self._spell)

    def mean_of(self, scope: str, field: str, index: int = 0) -> Estimate:
        return self._mean(self._field(scope, field, index))

    def chance_above(self, scope: str, field: str, index: int = 0, bound: float = 0.0) -> Estimate:
        is_loss = field == "loss"
        series = self._series(scope, index) if is_loss else self._field(scope, field, index)
        return self._chance(series, bound)

    def level_days(self, index: int, level: int) -> Estimate:
        levels = len(self.scenario.ladder)
        return self._mean(column(self.losses.level_days, index * levels + level))

    def episodes(self, index: int) -> Estimate:
        return self._mean(column(self.losses.episodes, index))

    def first_day(self, index: int) -> Estimate:
        return median_first_day(column(self.losses.first_loss_day, index))

    def contribution(self, scope: str, index: int, level: float) -> float:
        if level not in self._tails:
            self._tails[level] = self._tail(level)
        return contribution(self._series(scope, index), self._tails[level])

    def binned_levels(self) -> list[float]:
        return []

    def _tail(self, level: float) -> Tail:
        value_at_risk = self.loss(TOTAL).quantiles.var(level).value
        return tail_of(self.losses.total, level, value_at_risk)

    def _measured(self, series: Series) -> Measured:
        sample = Sample.of(series)
        return Measured.of(sample, *shape_and_sd(sample), chance_above(sample))

    def _mean(self, series: Series) -> Estimate:
        return mean(series)

    def _chance(self, series: Series, bound: float) -> Estimate:
        return proportion(int(np.count_nonzero(series > bound)), len(series))

    def _field(self, scope: str, field: str, index: int) -> Series:
        values = getattr(self.losses, field)
        if scope == TOTAL:
            # Contiguous rows: numpy adds eight or more numbers in an order that layout changes.
            total: Series = np.sum(np.ascontiguousarray(values), axis=1)
            return total
        return column(values, index)

    def _series(self, scope: str, index: int) -> Series:
        if scope == TOTAL:
            return self.losses.total
        is_industry = scope == INDUSTRY
        return column(
            self.losses.industry_loss if is_industry else self.losses.material_loss, index
        )


def column(matrix: NDArray[np.generic], index: int) -> Series:
    """One entity's series as contiguous float64: numpy sums only contiguous arrays pairwise."""
    return np.ascontiguousarray(matrix[:, index], dtype=np.float64)


def median_first_day(days: Series) -> Estimate:
    """Median day of the first output loss among trials that have one; unknown if none has."""
    reached = days.compress(~np.isnan(days))  # takes a third of the time of days[mask]
    return var(Sample.of(reached), 0.5) if len(reached) else UNKNOWN


def check_losses(losses: Losses) -> None:
    """Refuse impossible losses: a nan would go unnoticed through a sort or a maximum.

    Raises
    ------
    RunFault
        With the number of the first such trial, so that it can be replayed.
    """
    for what, matrix in (
        ("total", losses.total[:, np.newaxis]),
        ("industry", losses.industry_loss),
        ("material", losses.material_loss),
    ):
        check_amounts(what, matrix, losses.total, first_trial=losses.first_trial)


def check_amounts(
    what: str, matrix: Series, total: Series, *, first_trial: int = 0, first: int = 0
) -> None:
    """Refuse impossible losses of some entities of a kind, from number `first` on.

    Parameters
    ----------
    what : str
        The kind.
    matrix : ndarray, (n, entities)
    total : ndarray, (n,)
        Total losses of the trials.
    first_trial, first : int
        Numbers of the first trial and of the first entity.

    Raises
    ------
    RunFault
    """
    if matrix.size == 0 or (matrix.min() >= 0.0 and matrix.max() < np.inf):
        return  # this avoids another array as large as the losses
    floor = -_TINY * np.maximum(1.0, np.abs(total))
    bad = ~np.isfinite(matrix) | (matrix < floor[:, np.newaxis])
    if bad.any():
        row, position = (int(axis[0]) for axis in np.nonzero(bad))
        raise RunFault(
            f"trial {first_trial + row} has a loss ({what} {first + position + 1}) of "
            f"{matrix[row, position]}, which cannot be; nothing was written"
        )
