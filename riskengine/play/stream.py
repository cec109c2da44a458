"""Scenario x range of trials of any length -> totals of the trials.

Trials are played in blocks, in memory that is used again. The sums and the largest losses of each
block are kept, and its rows are passed on in order. Threads take blocks, but blocks are used in the
order of their trials. So neither blocks nor threads can affect the result.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from riskengine.figures.sums import SumEvidence
from riskengine.kernel import workspace
from riskengine.kernel.arrays import Rows
from riskengine.kernel.tally import Sums, cells_of
from riskengine.machine.native import tally_rows
from riskengine.measures.merging import Moments
from riskengine.model.losses import Losses
from riskengine.play.simulate import (
    FIRST_CAPACITY,
    SLICE_TRIALS,
    Plan,
    Progress,
    available_processors,
    label,
    play_range,
)
from riskengine.play.totals import Floors, Part, Totals

BLOCK_SLICES = 8
BLOCK_TRIALS = BLOCK_SLICES * SLICE_TRIALS

Seen = Callable[[Losses], None]


class Playing(Protocol):
    """Trials of a plan that are played in steps; one can stop after any of them."""

    def play(
        self, trials: int, seen: Seen | None = None, progress: Progress | None = None
    ) -> None: ...

    def evidence(self) -> SumEvidence: ...


class _Block(NamedTuple):
    """A block that has been played."""

    rows: Rows  #: to be used again
    losses: Losses
    moments: list[Moments]  #: of each slice


class Stream:
    """The trials of a plan, played block by block; one can stop after any block.

    Parameters
    ----------
    plan : Plan
    first : int
        The trial of the plan to begin with, a multiple of `BLOCK_TRIALS`.
    floors : Floors, optional
        Floors of the plan's `Totals`, if known.
    """

    def __init__(self, plan: Plan, first: int = 0, floors: Floors | None = None) -> None:
        self.plan = plan
        self._first = first
        self._totals = Totals(plan, floors)

    def play(self, trials: int, seen: Seen | None = None, progress: Progress | None = None) -> None:
        """Play on until a number of trials have been played.

        Parameters
        ----------
        trials : int
            Their number in all, at most that of the plan. More blocks can be played later if it is
            a multiple of `BLOCK_TRIALS`.
        seen : callable, optional
            Called with the rows of each block, in order; they are overwritten afterwards.
        progress : callable, optional
            Called with the number of trials played so far.
        """
        blocks = _blocks(self._totals.trials, trials)
        threads = self.plan.threads
        # As many sets of rows as there can be blocks that are started and not yet used.
        free = deque(
            workspace.rows(self.plan.model, min(BLOCK_TRIALS, trials))
            for _ in range(min(threads + 1, len(blocks)))
        )
        idle = deque(self._totals.sums)
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
                trial = self.plan.first_trial + self._first + first + start
                own.scratch = play_range(self.plan.model, own.scratch, rows, trial, start, length)
                tally_rows(cells_of(rows), own.sums, start, length)
                moments.append(own.sums.moments.copy())
            first_trial = self.plan.first_trial + self._first + first
            losses = label(self.plan.scenario, self.plan.seed, first_trial, rows, count)
            return _Block(rows, losses, moments)

        pool = ThreadPoolExecutor(threads, thread_name_prefix="blocks")
        waiting: deque[Future[_Block]] = deque()

        def use() -> None:
            block = waiting.popleft().result()
            self._totals.take(block.losses, block.moments)
            if seen is not None:
                seen(block.losses)
            free.append(block.rows)
            if progress is not None:
                progress(self._totals.trials)

        try:
            for piece in blocks:
                waiting.append(pool.submit(work, *piece))
                if len(waiting) > threads:
                    use()
            while waiting:
                use()
        finally:
            stopped.set()
            pool.shutdown(wait=True, cancel_futures=True)

    def evidence(self) -> SumEvidence:
        """The sums of the trials played so far, as evidence for figures."""
        return self._totals.evidence()

    def part(self) -> Part:
        """The totals of the trials played so far, to be merged with the rest of the plan."""
        return self._totals.part()

    def _sums_of_a_thread(self, idle: deque[Sums]) -> Sums:
        """Sums of an earlier thread, or new ones; sums of integers do not depend on the thread."""
        try:
            return idle.popleft()  # a check first would let two threads take the last one
        except IndexError:
            return self._totals.new_sums()


def play_part(
    plan: Plan,
    first: int,
    trials: int,
    floors: Floors | None = None,
    seen: Seen | None = None,
    progress: Progress | None = None,
) -> Part:
    """Play some of a plan's trials on one thread: whole blocks, except at the end of the plan.

    Parameters and errors are those of `Stream` and its `play`.
    """
    stream = Stream(replace(plan, threads=1), first, floors)
    stream.play(trials, seen, progress)
    return stream.part()


def _blocks(done: int, trials: int) -> list[tuple[int, int]]:
    """(first trial, number of trials) of the blocks that are left."""
    return [
        (first, min(BLOCK_TRIALS, trials - first)) for first in range(done, trials, BLOCK_TRIALS)
    ]


def rows_at_once(threads: int | None) -> int:
    """How many trials are in memory at the same time, at most."""
    return BLOCK_TRIALS * ((threads or available_processors()) + 1)


def worst_losses(plan: Plan, trials: NDArray[np.int64]) -> Iterator[Losses]:
    """The rows of single trials, played again, in blocks."""
    scratch = workspace.scratch(plan.model, FIRST_CAPACITY)
    rows = workspace.rows(plan.model, min(SLICE_TRIALS, len(trials)) or 1)
    for start in range(0, len(trials), SLICE_TRIALS):
        chosen = trials[start : start + SLICE_TRIALS]
        for row, trial in enumerate(chosen):
            scratch = play_range(plan.model, scratch, rows, int(trial), row, 1)
        yield label(plan.scenario, plan.seed, int(chosen[0]), rows, len(chosen))
