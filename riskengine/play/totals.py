"""Totals of trials, in parts that can be merged in any order.

Moments combine in one tree over the slices of the run, counts and sums are integers, and the choice
of the largest losses and worst trials is unique. So the result does not depend on which thread or
process played which trials, or when.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.errors import RunFault
from riskengine.figures.evidence import check_losses
from riskengine.figures.sums import SumEvidence, Worst
from riskengine.kernel.arrays import Model
from riskengine.kernel.tally import (
    BINS,
    LARGEST_COUNTED,
    MOMENTS,
    OUTPUT_COLUMN,
    Sums,
    dispute_column,
    industry_column,
    material_column,
    part_units,
    pool_column,
)
from riskengine.measures.merging import Moments, MomentTree
from riskengine.measures.tail import tail_size
from riskengine.model.losses import Losses
from riskengine.play.simulate import SLICE_TRIALS, Plan

KEPT_LOSSES = 2**18  #: of each series, exact; 8 bytes each
KEPT_TRIALS = 2**17  #: of the total, with their parts

Series = NDArray[np.float64]
Integers = NDArray[np.int64]


class Columns(NamedTuple):
    """Which columns of a row are counted, and which divide the total."""

    width: int  #: how many columns of a row there are, before the days on levels
    level_days: int  #: how many of these follow
    series: list[int]  #: total, largest spell, industries, materials
    days: list[int]  #: of the first loss, by industry
    watched: list[tuple[int, float]]  #: column, and the bound whose exceedances are counted

    @classmethod
    def of(cls, model: Model, thresholds: tuple[float, ...]) -> Columns:
        industries, materials = model.industries.size, model.materials.size
        outputs = [OUTPUT_COLUMN, *(industry_column(i, "output") for i in range(industries))]
        return cls(
            pool_column(
                dispute_column(industries, materials, model.disputes.size), model.pools.size
            ),
            materials * model.boycott.size,
            [
                0,
                1,
                *(industry_column(i, "loss") for i in range(industries)),
                *(material_column(industries, m, "loss") for m in range(materials)),
            ],
            [industry_column(i, "first_loss_day") for i in range(industries)],
            [*((column, 0.0) for column in outputs), *((0, bound) for bound in thresholds)],
        )

    @property
    def parts(self) -> list[int]:
        return self.series[2:]


class Floors(NamedTuple):
    """What a loss has to reach to be among the largest; lower ones need not be sent."""

    series: tuple[float, ...]
    worst: float


class Counts(NamedTuple):
    """The non-zero entries of a mostly empty array of integers."""

    places: NDArray[np.uint32]  #: in the flattened array
    counts: NDArray[Any]  #: in as few bytes as hold them

    @classmethod
    def of(cls, array: Integers) -> Counts:
        flat = array.reshape(-1)
        places = np.flatnonzero(flat)
        counts = flat[places]
        narrow = np.min_scalar_type(int(counts.max(initial=0)))
        return cls(places.astype(np.uint32), counts.astype(narrow))

    def add_to(self, array: Integers) -> None:
        array.reshape(-1)[self.places] += self.counts.astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The totals of some trials, small enough to be sent."""

    trials: int
    moments: tuple[tuple[int, int, Moments], ...]  #: height, place: of `MomentTree`
    largest: tuple[Series, ...]  #: of each series but the days
    worst: Worst
    bins: Counts
    exceeded: Counts
    parts: Counts


class Totals:
    """The totals of the trials of a plan so far.

    Parameters
    ----------
    plan : Plan
        The whole plan, even if only some of its trials are taken in.
    floors : Floors, optional
        Losses below them are known not to be among the largest of the plan.
    """

    def __init__(self, plan: Plan, floors: Floors | None = None) -> None:
        self.plan = plan
        self.columns = Columns.of(plan.model, plan.scenario.run.thresholds)
        self.trials = 0  #: taken in so far
        floors = floors or Floors((0.0,) * len(self.columns.series), 0.0)
        self._tree = MomentTree()
        self._series = [_Largest(KEPT_LOSSES, floor) for floor in floors.series]
        self._worst = _WorstTrials(KEPT_TRIALS, len(self.columns.parts), floors.worst)
        self._sums: list[Sums] = []
        self._units = part_units(plan.trials)
        self._is_divided = tail_size(plan.trials, min(plan.scenario.run.levels)) > KEPT_TRIALS

    def new_sums(self) -> Sums:
        """Sums for one thread; what it counts in them belongs to these totals."""
        columns = self.columns
        binned = [*columns.series, *columns.days]
        sums = Sums(
            cells=np.zeros(columns.width),
            moments=np.zeros((columns.width + columns.level_days, MOMENTS)),
            binned=np.array(binned, dtype=np.int64),
            bins=np.zeros((len(binned), BINS), dtype=np.int64),
            watched=np.array([column for column, _ in columns.watched], dtype=np.int64),
            bounds=np.array([bound for _, bound in columns.watched]),
            exceeded=np.zeros(len(columns.watched), dtype=np.int64),
            divided=np.array(columns.parts, dtype=np.int64),
            parts=np.zeros((BINS if self._is_divided else 0, len(columns.parts)), dtype=np.int64),
            units=self._units,
        )
        self._sums.append(sums)
        return sums

    @property
    def sums(self) -> tuple[Sums, ...]:
        """The sums made so far."""
        return tuple(self._sums)

    def take(self, losses: Losses, moments: list[Moments]) -> None:
        """Take in whole slices that have been counted: their rows, the moments of each slice.

        Raises
        ------
        RunFault
            If a loss is negative or not finite, or too large for bins.
        """
        check_losses(losses)
        _check_size(losses)
        slices = (losses.first_trial - self.plan.first_trial) // SLICE_TRIALS
        for place, of_slice in enumerate(moments, slices):
            self._tree.add(place, of_slice)
        parts = [*losses.industry_loss.T, *losses.material_loss.T]
        columns = [losses.total, losses.largest_spell, *parts]
        for series, values in zip(self._series, columns, strict=True):
            series.add(values)
        self._worst.add(losses, parts)
        self.trials += losses.trials

    def add(self, part: Part) -> None:
        """Take in totals made elsewhere, with the floors that these totals have or once had."""
        for height, place, moments in part.moments:
            self._tree.add(place, moments, height)
        for series, values in zip(self._series, part.largest, strict=True):
            series.add(values)
        self._worst.add_worst(part.worst)
        sums = self._sums[0] if self._sums else self.new_sums()
        part.bins.add_to(sums.bins)
        part.exceeded.add_to(sums.exceeded)
        part.parts.add_to(sums.parts)
        self.trials += part.trials

    def part(self) -> Part:
        """All of these totals, to be added to other totals of the same plan."""
        return Part(
            trials=self.trials,
            moments=tuple(self._tree.blocks()),
            largest=tuple(series.values() for series in self._series),
            worst=self._worst.worst(),
            bins=Counts.of(_added([sums.bins for sums in self._sums])),
            exceeded=Counts.of(_added([sums.exceeded for sums in self._sums])),
            parts=Counts.of(_added([sums.parts for sums in self._sums])),
        )

    def _exceeded(self) -> dict[tuple[int, float], int]:
        counts = _added([sums.exceeded for sums in self._sums])
        return dict(zip(self.columns.watched, counts.tolist(), strict=True))

    def floors(self) -> Floors:
        """What losses have to reach from now on to be kept."""
        return Floors(tuple(series.floor for series in self._series), self._worst.floor)

    def evidence(self) -> SumEvidence:
        """The evidence for figures from the trials taken in so far."""
        plan = self.plan
        return SumEvidence(
            scenario=plan.scenario,
            seed=plan.seed,
            first_trial=plan.first_trial,
            trials=self.trials,
            moments=self._tree.result(),
            bins=_added([sums.bins for sums in self._sums]),
            exceeded=self._exceeded(),
            largest=tuple(series.values() for series in self._series),
            worst=self._worst.worst(),
            parts=_added([sums.parts for sums in self._sums]),
            units=self._units,
        )


def _check_size(losses: Losses) -> None:
    """Refuse losses that are too large for bins to tell apart."""
    row = int(losses.total.argmax())
    if losses.total[row] >= LARGEST_COUNTED:
        raise RunFault(
            f"trial {losses.first_trial + row} loses {losses.total[row]:.3g} "
            f"{losses.scenario.run.money}: a run that is counted block by block can tell losses up "
            f"to {LARGEST_COUNTED:.3g} apart. Take a larger unit of money"
        )


class _Largest:
    """The largest values of a series, however long it becomes."""

    def __init__(self, keep: int, floor: float) -> None:
        self.floor = floor  #: what is not above it cannot be among the largest
        self._keep = keep
        self._parts: list[Series] = []
        self._held = 0

    def add(self, values: Series) -> None:
        found = values[values > self.floor]
        self._parts.append(found)
        self._held += len(found)
        if self._held > 2 * self._keep:
            self._drop()

    def values(self) -> Series:
        """The largest values, in any order."""
        if self._held > self._keep:
            self._drop()
        return np.concatenate(self._parts) if self._parts else np.empty(0)

    def _drop(self) -> None:
        held = np.concatenate(self._parts)
        kept = np.partition(held, len(held) - self._keep)[-self._keep :]
        self._parts, self._held, self.floor = [kept], len(kept), float(kept.min())


class _WorstTrials:
    """The trials with the largest total losses; of equal ones, those with the lowest numbers."""

    def __init__(self, keep: int, parts: int, floor: float) -> None:
        self.floor = floor  #: what is below it cannot be among them
        self._keep = keep
        self._held = [Worst(np.empty(0), np.empty(0, dtype=np.int64), np.empty((0, parts)))]
        self._count = 0

    def add(self, losses: Losses, parts: list[Series]) -> None:
        hit = self._hit(losses.total)
        found = np.empty((len(hit), len(parts)))
        for k, values in enumerate(parts):
            found[:, k] = values[hit]
        self._hold(Worst(losses.total[hit], hit + losses.first_trial, found))

    def add_worst(self, worst: Worst) -> None:
        hit = self._hit(worst.losses)
        self._hold(Worst(worst.losses[hit], worst.trials[hit], worst.parts[hit]))

    def worst(self) -> Worst:
        self._drop()
        return self._held[0]

    def _hit(self, losses: Series) -> Integers:
        # A loss equal to the floor may have a lower trial number, because trials come in any order.
        return np.flatnonzero((losses >= self.floor) & (losses > 0.0))

    def _hold(self, worst: Worst) -> None:
        self._held.append(worst)
        self._count += len(worst.losses)
        if self._count > 2 * self._keep:
            self._drop()

    def _drop(self) -> None:
        losses = np.concatenate([held.losses for held in self._held])
        trials = np.concatenate([held.trials for held in self._held])
        parts = np.concatenate([held.parts for held in self._held])
        order = np.lexsort((trials, -losses))[: self._keep]
        self._held = [Worst(losses[order], trials[order], parts[order])]
        self._count = len(order)
        if len(order) == self._keep:
            self.floor = float(losses[order[-1]])


def _added(arrays: list[Integers]) -> Integers:
    found = arrays[0].copy()
    for array in arrays[1:]:
        found += array
    return found
