"""Trials handed out as tasks, and what they add up to taken in."""

from __future__ import annotations

import queue
from collections.abc import Mapping
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, NamedTuple

from riskengine.cluster.software import check_same, software
from riskengine.errors import RunFault, UsageFault
from riskengine.figures.sums import SumEvidence
from riskengine.simulation import Plan, Progress
from riskengine.streaming import BLOCK_TRIALS, Seen, play_part
from riskengine.totals import Floors, Part, Totals

if TYPE_CHECKING:
    from distributed import Client, Future

MOST_BLOCKS = 64  #: of a task: what comes back is then small beside the work
SILENT_SECONDS = 300.0  #: without any result before it is asked whether anybody is there
TRIES = 3  #: of a task whose workers were lost


class Remote:
    """The trials of a plan, played by workers; it can be left after any look."""

    def __init__(self, client: Client, plan: Plan) -> None:
        self.client = client
        self._totals = Totals(plan)
        # Made by a task: unlike data that is handed out, it is made again when its workers are lost
        self._plan = client.submit(_given, plan, pure=False)
        self._pieces: dict[Future[Part], _Piece] = {}
        self._done: queue.SimpleQueue[Future[Part]] = queue.SimpleQueue()

    def play(self, trials: int, seen: Seen | None = None, progress: Progress | None = None) -> None:
        """Play on until so many trials have been played, as `riskengine.streaming.Stream.play`.

        Raises
        ------
        UsageFault
            When somebody wants to see the rows, which stay with the workers.
        RunFault
            When a worker reports one, or the cluster is lost.
        """
        if seen is not None:
            raise UsageFault("a cluster does not bring back rows")
        begun = self._totals.trials
        try:
            while self._totals.trials < trials:
                workers = max(sum(self.client.nthreads().values()), 1)
                while begun < trials and len(self._pieces) < 2 * workers:
                    length = _length(begun, trials, workers)
                    self._submit(_Piece(begun, length))
                    begun += length
                self._take(self._next())
                if progress is not None:
                    progress(self._totals.trials)
        except (OSError, CancelledError) as lost:
            raise RunFault(f"the scheduler of the cluster is lost: {lost}") from lost
        finally:
            if self._pieces:
                self.client.cancel(list(self._pieces))

    def evidence(self) -> SumEvidence:
        """What the trials played so far add up to."""
        return self._totals.evidence()

    def _submit(self, piece: _Piece) -> None:
        future = self.client.submit(
            _play,
            self._plan,
            software(),
            piece,
            self._totals.floors(),
            pure=False,
            priority=-piece.first,
        )
        self._pieces[future] = piece
        future.add_done_callback(self._done.put)

    def _next(self) -> Future[Part]:
        """A task that has ended, as soon as there is one."""
        while True:
            try:
                return self._done.get(timeout=SILENT_SECONDS)
            except queue.Empty:
                if not self.client.nthreads():
                    raise RunFault("all workers of the cluster are gone") from None

    def _take(self, future: Future[Part]) -> None:
        from distributed import KilledWorker

        piece = self._pieces.pop(future)
        try:
            part: Part = future.result()
        except KilledWorker:
            if piece.tries == TRIES:
                raise RunFault(
                    f"the workers that play trial {piece.first:,} of the run and {piece.trials:,} "
                    "from there are lost each time: memory may be short"
                ) from None
            self._submit(piece._replace(tries=piece.tries + 1))
        else:
            self._totals.add(part)


class _Piece(NamedTuple):
    """A range of trials that goes out as one task."""

    first: int  #: of the plan
    trials: int
    tries: int = 1


def _length(begun: int, trials: int, workers: int) -> int:
    """How many trials the next task plays.

    Few at the start, when floors are still low and much comes back, and at the end, when nobody
    shall wait for one last long task.
    """
    near = min(begun, trials - begun) // (workers * BLOCK_TRIALS)
    return min(max(1, min(near, MOST_BLOCKS)) * BLOCK_TRIALS, trials - begun)


def _given(plan: Plan) -> Plan:
    """On a worker: the plan, for all tasks there."""
    return plan


def _play(plan: Plan, expected: Mapping[str, str], piece: _Piece, floors: Floors) -> Part:
    """On a worker: play a piece, unless the worker came late and differs."""
    check_same(expected, {"a worker that came later": software()})
    return play_part(plan, piece.first, piece.trials, floors)
