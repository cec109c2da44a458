"""Evidence of a run that did not keep its rows: sums, counts in bins, and the worst trials."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from riskengine.figures.evidence import COMPONENTS, INDUSTRY, POOL, TOTAL, Measured
from riskengine.kernel.tally import (
    OUTPUT_COLUMN,
    bin_middles,
    bins_of,
    dispute_column,
    industry_column,
    material_column,
    pool_column,
)
from riskengine.measures.binned import BinnedSample
from riskengine.measures.contributions import contribution, tail_of_worst
from riskengine.measures.estimate import UNKNOWN, Estimate
from riskengine.measures.merging import Moments, sd_of, shape_of
from riskengine.measures.moments import proportion
from riskengine.measures.quantiles import Plain, Quantiles
from riskengine.measures.tail import interval_ranks, quantile_rank, tail_size, var
from riskengine.model.scenario import Scenario


@dataclass(frozen=True, slots=True, eq=False)
class Worst:
    """The trials with the largest total losses."""

    losses: NDArray[np.float64]  #: (k,) descending
    trials: NDArray[np.int64]  #: (k,)
    parts: NDArray[np.float64]  #: (k, industries + materials) the parts of each loss


@dataclass(frozen=True, kw_only=True, eq=False)
class SumEvidence:
    """The sums over the rows of a run.

    Series are the total, the largest spell, the industries, the materials, and the day of the
    first loss of each industry. Columns are those of `riskengine.kernel.tally`.
    """

    scenario: Scenario
    seed: int
    first_trial: int
    trials: int
    moments: Moments  #: (columns, 5)
    bins: NDArray[np.int64]  #: (series, bins)
    exceeded: Mapping[tuple[int, float], int]  #: trials in which a column exceeds a bound
    largest: tuple[NDArray[np.float64], ...]  #: largest values of each series except the days
    worst: Worst
    parts: NDArray[np.int64]  #: (bins or 0, parts) of the total, by its bin, in the units of each
    units: NDArray[np.float64]  #: (bins,)

    @property
    def horizon_days(self) -> float:
        return float(self.scenario.run.horizon_days)

    @cached_property
    def _middles(self) -> NDArray[np.float64]:
        return bin_middles()

    @cached_property
    def _samples(self) -> dict[int, BinnedSample]:
        return {}

    def _sample(self, series: int) -> BinnedSample:
        if series not in self._samples:
            kept = self.largest[series] if series < len(self.largest) else np.empty(0)
            found = BinnedSample.of(kept, self.bins[series], self._middles, bins_of(kept))
            self._samples[series] = found
        return self._samples[series]

    @cached_property
    def _losses(self) -> dict[tuple[str, int], Measured]:
        return {}

    def loss(self, scope: str, index: int = 0) -> Measured:
        key = scope, index
        if key not in self._losses:
            sample, moments = self._sample(self._series(scope, index)), self._moments(scope, index)
            chance = proportion(sample.count_above_zero(), len(sample))
            self._losses[key] = Measured.of(sample, shape_of(moments), sd_of(moments), chance)
        return self._losses[key]

    def largest_spell(self) -> Quantiles:
        return Plain(self._sample(1))

    def mean_of(self, scope: str, field: str, index: int = 0) -> Estimate:
        return shape_of(self.moments[self._column(scope, index, field)]).estimate()

    def chance_above(self, scope: str, field: str, index: int = 0, bound: float = 0.0) -> Estimate:
        return proportion(self.exceeded[self._column(scope, index, field), bound], self.trials)

    def level_days(self, index: int, level: int) -> Estimate:
        first = pool_column(self._first_pool, len(self.scenario.pools))
        return shape_of(self.moments[first + index * len(self.scenario.ladder) + level]).estimate()

    def episodes(self, index: int) -> Estimate:
        return shape_of(self.moments[self._dispute(index)]).estimate()

    def _dispute(self, index: int) -> int:
        industries, materials = len(self.scenario.industries), len(self.scenario.materials)
        return dispute_column(industries, materials, index)

    @property
    def _first_pool(self) -> int:
        return self._dispute(len(self.scenario.disputes))

    def first_day(self, index: int) -> Estimate:
        days = self._sample(len(self.largest) + index)
        return var(days, 0.5) if len(days) else UNKNOWN

    def contribution(self, scope: str, index: int, level: float) -> float:
        return self._contribution(level, self._series(scope, index) - 2)

    def binned_levels(self) -> list[float]:
        total = self._sample(0)
        return [
            level
            for level in self.scenario.run.levels
            if not all(
                total.is_exact(min(max(rank, 1), len(total)))
                for rank in (quantile_rank(len(total), level), *interval_ranks(len(total), level))
            )
        ]

    def trial_at(self, level: float) -> int | None:
        """The trial whose total loss is VaR at a level, the first if several; None if not kept."""
        losses = self.worst.losses
        place = self.trials - quantile_rank(self.trials, level)
        if place >= len(losses):
            return None
        tied = np.flatnonzero(losses == losses[place])
        return int(self.worst.trials[tied].min())

    def _contribution(self, level: float, part: int) -> float:
        size = tail_size(self.trials, level)
        if size <= len(self.worst.losses) or not len(self.parts):
            tail = tail_of_worst(self.worst.losses, size)
            return contribution(self.worst.parts[:, part], tail)
        counts = self.bins[0]
        beyond = np.cumsum(counts[::-1])[::-1] - counts  # in the bins above each
        at = int(np.searchsorted(-beyond, -size, side="right"))
        share = (size - float(beyond[at])) / max(int(counts[at]), 1)
        amounts = self.parts[at:, part] * self.units[at:]
        amounts[0] *= share
        return math.fsum(amounts[amounts != 0.0]) / size

    def _series(self, scope: str, index: int) -> int:
        if scope == TOTAL:
            return 0
        return 2 + index + (0 if scope == INDUSTRY else len(self.scenario.industries))

    def _moments(self, scope: str, index: int) -> Moments:
        row: Moments = self.moments[self._column(scope, index, "loss")]
        return row

    def _column(self, scope: str, index: int, field: str) -> int:
        if scope == TOTAL:
            return 0 if field == "loss" else OUTPUT_COLUMN + COMPONENTS.index(field)
        if scope == INDUSTRY:
            return industry_column(index, field)
        if scope == POOL:
            return pool_column(self._first_pool, index, field)
        return material_column(len(self.scenario.industries), index, field)
