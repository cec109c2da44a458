"""Plays the trials of a run on workers, which return sums, and rows where they are needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import NamedTuple

from riskengine.cluster.jobs import Crew, Job, Recall, Task
from riskengine.cluster.rows import PackedRows, pack, unpack
from riskengine.figures.sums import SumEvidence
from riskengine.model.losses import Losses, put, room_for, seal
from riskengine.play.simulate import SLICE_TRIALS, Plan, Progress
from riskengine.play.stream import BLOCK_TRIALS, Seen, play_part
from riskengine.play.totals import Floors, Part, Totals

MOST_BLOCKS = 64  #: of a task: results are then small compared with the work
_TASKS_A_THREAD = 4  #: of a run in memory: enough that all threads end at about the same time


def play_rows(crew: Crew, plan: Plan, progress: Progress | None = None) -> Losses:
    """Play all trials of a plan, like `riskengine.play.simulate.Plan.play`.

    Raises
    ------
    RunFault
        When a worker raises one, or the cluster is lost.
    """
    nothing, done = plan.nothing(), 0
    losses = room_for(plan.trials, nothing)
    slices = -(-plan.trials // (SLICE_TRIALS * _TASKS_A_THREAD * crew.threads))
    length = min(slices * SLICE_TRIALS, BLOCK_TRIALS)
    pieces = (
        _Piece(first, min(length, plan.trials - first)) for first in range(0, plan.trials, length)
    )
    jobs = (piece.job(_rows) for piece in pieces)
    with closing(crew.results(crew.share(plan), jobs)) as results:
        for _, packed in results:
            put(unpack(packed, nothing), losses, packed.first_trial - plan.first_trial)
            done += packed.trials
            if progress is not None:
                progress(done)
    return seal(losses)


class Remote:
    """The trials of a plan, played by workers; playing can stop after any call of `play`."""

    def __init__(self, crew: Crew, plan: Plan) -> None:
        self._crew, self._plan = crew, plan
        self._totals = Totals(plan)
        self._shared = crew.share(plan)

    def play(self, trials: int, seen: Seen | None = None, progress: Progress | None = None) -> None:
        """Play until `trials` trials have been played, like `riskengine.play.stream.Stream.play`.

        Raises
        ------
        RunFault
            When a worker raises one, or the cluster is lost.
        """
        nothing = self._plan.nothing()
        jobs = self._sums(trials) if seen is None else self._sums_and_rows(trials)
        results = self._crew.results(self._shared, jobs, in_order=seen is not None)
        with closing(results):
            for _, (part, rows) in results:
                self._totals.add(part)
                if seen is not None:
                    seen(unpack(rows, nothing))
                if progress is not None:
                    progress(self._totals.trials)

    def evidence(self) -> SumEvidence:
        """The sums of all trials played so far."""
        return self._totals.evidence()

    def _sums(self, trials: int) -> Iterator[Job]:
        begun = self._totals.trials
        while begun < trials:
            piece = _Piece(begun, _length(begun, trials, self._crew.threads))
            yield piece.job(_part, self._totals.floors())
            begun += piece.trials

    def _sums_and_rows(self, trials: int) -> Iterator[Job]:
        """One job per block, since rows are written block by block."""
        for first in range(self._totals.trials, trials, BLOCK_TRIALS):
            piece = _Piece(first, min(BLOCK_TRIALS, trials - first))
            yield piece.job(_part_and_rows, self._totals.floors())


class _Piece(NamedTuple):
    """A range of trials that is sent out as one task."""

    first: int  #: counted from the first trial of the plan
    trials: int

    def job(self, task: Task, *given: Floors) -> Job:
        name = f"trial {self.first:,} of the run and {self.trials:,} from there"
        return Job(task, (self, *given), self.trials, name)


def _length(begun: int, trials: int, workers: int) -> int:
    """How many trials the next task plays.

    Tasks are short at the start, when floors are still low and results are large. They are short
    again at the end, so that the run does not wait for one last long task.
    """
    near = min(begun, trials - begun) // (workers * BLOCK_TRIALS)
    return min(max(1, min(near, MOST_BLOCKS)) * BLOCK_TRIALS, trials - begun)


def _rows(plan: Plan, piece: _Piece) -> PackedRows:
    """On a worker: play a piece and return only its rows."""
    first = plan.first_trial + piece.first
    return pack(replace(plan, first_trial=first, trials=piece.trials, threads=1).play())


def _part(plan: Plan, piece: _Piece, floors: Floors) -> tuple[Part, None]:
    """On a worker: play a piece and return its sums; stop if they are no longer needed."""
    recall = Recall()

    def look(_: int) -> None:
        if recall.is_set():
            raise _RecalledError

    return play_part(plan, piece.first, piece.trials, floors, progress=look), None


def _part_and_rows(plan: Plan, piece: _Piece, floors: Floors) -> tuple[Part, PackedRows]:
    """On a worker: play a block and return its sums and its rows."""
    packed: list[PackedRows] = []
    part = play_part(
        plan, piece.first, piece.trials, floors, lambda block: packed.append(pack(block))
    )
    return part, packed[0]


class _RecalledError(Exception):
    """The rest of a piece is no longer needed."""
