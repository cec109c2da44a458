"""Scenario x range of trials of any length -> what the trials add up to.

Trials are played in blocks, in memory that is used again. Of each block the sums are taken, the
largest losses are kept, and whoever wants the rows is shown them, in order. Threads take blocks;
blocks are used in the order of their trials, so that neither can show in the result.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.figures.evidence import check_losses
from riskengine.figures.sums import SumEvidence, Worst
from riskengine.kernel import workspace
from riskengine.kernel.arrays import Model, Rows
from riskengine.kernel.native import tally_rows
from riskengine.kernel.tally import (
    BINS,
    MOMENTS,
    Sums,
    cells_of,
    dispute_column,
    industry_column,
    material_column,
)
from riskengine.measures.merging import Moments, MomentTree
from riskengine.measures.tail import LEVELS, tail_size
from riskengine.model.losses import Losses
from riskengine.simulation import (
    FIRST_CAPACITY,
    SLICE_TRIALS,
    Plan,
    Progress,
    available_processors,
    label,
    play_range,
)

BLOCK_SLICES = 8
BLOCK_TRIALS = BLOCK_SLICES * SLICE_TRIALS
KEPT_LOSSES = 2**18  #: of each series, exact; 8 bytes each
KEPT_TRIALS = 2**17  #: of the total, with their parts
_ROOM = 16.0  #: how far beyond the output of its industries the mean loss of a run may lie

Series = NDArray[np.float64]
Seen = Callable[[Losses], None]


class _Block(NamedTuple):
    """A block that has been played."""

    rows: Rows  #: to be given back
    losses: Losses
    moments: list[Moments]  #: of each slice


class Columns(NamedTuple):
    """Which columns of a row are counted in bins, and which divide the total."""

    width: int  #: how many columns there are
    series: list[int]  #: total, largest spell, industries, materials
    days: list[int]  #: of the first loss, by industry

    @classmethod
    def of(cls, model: Model) -> Columns:
        industries, materials = model.industries.size, model.materials.size
        return cls(
            dispute_column(industries, materials, model.disputes.size),
            [
                0,
                1,
                *(industry_column(i, "loss") for i in range(industries)),
                *(material_column(industries, m, "loss") for m in range(materials)),
            ],
            [industry_column(i, "first_loss_day") for i in range(industries)],
        )

    @property
    def parts(self) -> list[int]:
        return self.series[2:]


class Stream:
    """The trials of a plan, played block by block; it can be left after any of them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.columns = Columns.of(plan.model)
        self.trials = 0  #: played so far
        self._tree = MomentTree()
        self._slices = 0
        self._series = [_Largest(KEPT_LOSSES) for _ in self.columns.series]
        self._worst = _WorstTrials(KEPT_TRIALS, len(self.columns.parts))
        self._sums: list[Sums] = []
        self._unit = _unit(plan)
        self._is_divided = tail_size(plan.trials, min(LEVELS)) > KEPT_TRIALS

    def play(self, trials: int, seen: Seen | None = None, progress: Progress | None = None) -> None:
        """Play on until so many trials have been played.

        Parameters
        ----------
        trials : int
            In all, at most those of the plan; more blocks can be played later when it is a
            multiple of `BLOCK_TRIALS`.
        seen : callable, optional
            Shown the rows of each block, in order; they are overwritten afterwards.
        progress : callable, optional
            Called with the number of trials played so far.
        """
        blocks = _blocks(self.trials, trials)
        threads = self.plan.threads
        # As many as there are blocks between being begun and being used up.
        free = deque(
            workspace.rows(self.plan.model, min(BLOCK_TRIALS, trials))
            for _ in range(min(threads + 1, len(blocks)))
        )
        idle = deque(self._sums)
        own = threading.local()
        stopped = threading.Event()

        def work(first: int, count: int) -> _Block:
            if not hasattr(own, "sums"):
                own.sums = self._sums_of_a_thread(idle)
                own.scratch = workspace.lean_scratch(self.plan.model, FIRST_CAPACITY)
            rows = free.popleft()
            moments = []
            for start in range(0, count, SLICE_TRIALS):
                if stopped.is_set():
                    break
                length = min(SLICE_TRIALS, count - start)
                trial = self.plan.first_trial + first + start
                own.scratch = play_range(self.plan.model, own.scratch, rows, trial, start, length)
                tally_rows(cells_of(rows), own.sums, start, length)
                moments.append(own.sums.moments.copy())
            return _Block(rows, self._label(rows, first, count), moments)

        pool = ThreadPoolExecutor(threads, thread_name_prefix="blocks")
        waiting: deque[Future[_Block]] = deque()
        try:
            for piece in blocks:
                waiting.append(pool.submit(work, *piece))
                if len(waiting) > threads:
                    self._use(waiting.popleft().result(), seen, free)
                    (progress or _ignore)(self.trials)
            while waiting:
                self._use(waiting.popleft().result(), seen, free)
                (progress or _ignore)(self.trials)
        finally:
            stopped.set()
            pool.shutdown(wait=True, cancel_futures=True)

    def evidence(self) -> SumEvidence:
        """What the trials played so far add up to."""
        plan = self.plan
        return SumEvidence(
            scenario=plan.scenario,
            seed=plan.seed,
            first_trial=plan.first_trial,
            trials=self.trials,
            moments=self._tree.result(),
            bins=_added([sums.bins for sums in self._sums]),
            largest=tuple(series.values() for series in self._series),
            worst=self._worst.worst(),
            parts=_added([sums.parts for sums in self._sums]),
            unit=self._unit,
        )

    def _sums_of_a_thread(self, idle: deque[Sums]) -> Sums:
        """Those of an earlier thread, or new ones; whose they are cannot show in integers."""
        try:
            return idle.popleft()  # asking first would let two threads take the last
        except IndexError:
            return self._new_sums()

    def _new_sums(self) -> Sums:
        columns = self.columns
        binned = [*columns.series, *columns.days]
        sums = Sums(
            unit=self._unit,
            cells=np.zeros(columns.width),
            moments=np.zeros((columns.width, MOMENTS)),
            binned=np.array(binned, dtype=np.int64),
            bins=np.zeros((len(binned), BINS), dtype=np.int64),
            divided=np.array(columns.parts, dtype=np.int64),
            parts=np.zeros((BINS if self._is_divided else 0, len(columns.parts)), dtype=np.int64),
        )
        self._sums.append(sums)
        return sums

    def _label(self, rows: Rows, first: int, count: int) -> Losses:
        # Views, because what is labelled becomes read-only and the rows are used again.
        views = Rows(*(array[:count] for array in rows))
        return label(self.plan.scenario, self.plan.seed, self.plan.first_trial + first, views)

    def _use(self, block: _Block, seen: Seen | None, free: deque[Rows]) -> None:
        losses = block.losses
        check_losses(losses)
        for moments in block.moments:
            self._tree.add(self._slices, moments)
            self._slices += 1
        self._series[0].add(losses.total)
        self._series[1].add(losses.largest_spell)
        parts = [*losses.industry_loss.T, *losses.material_loss.T]
        for series, values in zip(self._series[2:], parts, strict=True):
            series.add(values)
        self._worst.add(losses, parts)
        if seen is not None:
            seen(losses)
        self.trials += losses.trials
        free.append(block.rows)


class _Largest:
    """The largest values of a series, however long it becomes."""

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._parts: list[Series] = []
        self._held = 0
        self._threshold = 0.0  # what is not above it cannot be among the largest

    def add(self, values: Series) -> None:
        found = values[values > self._threshold]
        self._parts.append(found)
        self._held += len(found)
        if self._held > 2 * self._keep:
            self._drop()

    def values(self) -> Series:
        """In any order."""
        if self._held > self._keep:
            self._drop()
        return np.concatenate(self._parts) if self._parts else np.empty(0)

    def _drop(self) -> None:
        held = np.concatenate(self._parts)
        kept = np.partition(held, len(held) - self._keep)[-self._keep :]
        self._parts, self._held, self._threshold = [kept], len(kept), float(kept.min())


class _WorstTrials:
    """The trials with the largest total losses; of equal ones, those that come first."""

    def __init__(self, keep: int, parts: int) -> None:
        self._keep = keep
        self._losses = np.empty(0)
        self._trials = np.empty(0, dtype=np.int64)
        self._parts = np.empty((0, parts))
        self._waiting: list[tuple[Series, NDArray[np.int64], Series]] = []
        self._held = 0
        self._threshold = 0.0

    def add(self, losses: Losses, parts: list[Series]) -> None:
        hit = np.flatnonzero(losses.total > self._threshold)
        found = np.empty((len(hit), len(parts)))
        for k, values in enumerate(parts):
            found[:, k] = values[hit]
        self._waiting.append((losses.total[hit], hit + losses.first_trial, found))
        self._held += len(hit)
        if self._held > 2 * self._keep:
            self._drop()

    def worst(self) -> Worst:
        self._drop()
        return Worst(self._losses, self._trials, self._parts)

    def _drop(self) -> None:
        held = [(self._losses, self._trials, self._parts), *self._waiting]
        losses, trials, parts = (np.concatenate(column) for column in zip(*held, strict=True))
        order = np.lexsort((trials, -losses))[: self._keep]
        self._losses, self._trials, self._parts = losses[order], trials[order], parts[order]
        self._waiting, self._held = [], len(order)
        if len(order) == self._keep:
            self._threshold = float(self._losses[-1])


def _ignore(done: int) -> None:
    """Progress that nobody watches."""


def _blocks(done: int, trials: int) -> list[tuple[int, int]]:
    """(first trial of the plan, number of trials) of the blocks that are left."""
    return [
        (first, min(BLOCK_TRIALS, trials - first)) for first in range(done, trials, BLOCK_TRIALS)
    ]


def _added(arrays: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    found = arrays[0].copy()
    for array in arrays[1:]:
        found += array
    return found


def _unit(plan: Plan) -> float:
    """A unit of money in which the losses of all trials add up to less than 2**62."""
    output = float(plan.model.industries["output_rate"].sum()) * plan.model.horizon
    return max(_ROOM * output * plan.trials / 2.0**62, 1e-12)


def rows_at_once(threads: int | None) -> int:
    """How many trials are in memory together, at most."""
    return BLOCK_TRIALS * ((threads or available_processors()) + 1)


def worst_losses(plan: Plan, trials: NDArray[np.int64]) -> Iterator[Losses]:
    """The rows of single trials, played again, in blocks."""
    scratch = workspace.scratch(plan.model, FIRST_CAPACITY)
    rows = workspace.rows(plan.model, min(SLICE_TRIALS, len(trials)) or 1)
    for start in range(0, len(trials), SLICE_TRIALS):
        chosen = trials[start : start + SLICE_TRIALS]
        for row, trial in enumerate(chosen):
            scratch = play_range(plan.model, scratch, rows, int(trial), row, 1)
        views = Rows(*(array[: len(chosen)] for array in rows))
        yield label(plan.scenario, plan.seed, int(chosen[0]), views)
