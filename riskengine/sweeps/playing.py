"""Playing the points of a sweep: each whole on one thread, several at a time.

Each point takes one thread and not all of them: what is not simulating (reading settings, sorting
losses) then runs beside it too. Rows are allocated once a thread, because memory that the system
hands out anew costs a sixth of a trial. Every row is a function of scenario, seed and trial number,
so that neither the number of threads nor the order in which points end can show in a figure.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from riskengine.errors import ConfigFault, RunFault, format_path
from riskengine.kernel import workspace
from riskengine.kernel.arrays import Model, Rows
from riskengine.measures.paired import Trials
from riskengine.model.losses import Losses
from riskengine.model.sampling import lay_out
from riskengine.model.scenario import Scenario
from riskengine.play.simulate import (
    FIRST_CAPACITY,
    SLICE_TRIALS,
    Plan,
    label,
    memory_bytes,
    play_range,
)
from riskengine.sweeps.figures import Kept, point_errors, point_rows, series_of
from riskengine.sweeps.tables import SweepRow

DONE, FAILED = "done", "failed"
_MEMORY_SHARE = 0.5  #: of what the machine has, for the rows of all threads


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What a point yields: its figures, or why it has none."""

    point: int
    status: str
    message: str
    figures: tuple[SweepRow, ...]
    errors: tuple[tuple[float, ...], ...]  #: of each figure: `sweep.figures.point_errors`


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Game:
    """What all points of a sweep have in common."""

    seed: int
    trials: int
    money: str
    levels: tuple[float, ...]  #: confidence levels, the same at all points
    base: Kept  #: the series of the base case


ScenarioOf = Callable[[int], Scenario]  #: that of a point, by its number; may raise `ConfigFault`


class Stop(Protocol):
    """Whether the rest of a point is not wanted any more."""

    def is_set(self) -> bool: ...


class PlayPoints(Protocol):
    """Who plays points: `play_points` with a number of players, or a cluster."""

    def __call__(
        self, game: Game, scenario: ScenarioOf, points: Sequence[int]
    ) -> Generator[Played, None, None]: ...


class _StopError(Exception):
    """Somebody does not want the rest of this point."""


class Player:
    """Plays points one after the other, in the same memory."""

    def __init__(self) -> None:
        self._rows: Rows | None = None

    def play(self, game: Game, point: int, scenario: Scenario, stopped: Stop) -> Played:
        """One point; what its own settings are to blame for becomes its message."""
        try:
            losses = self.losses(scenario, game.seed, game.trials, stopped)
            series = series_of(losses, game.base)
        except RunFault as fault:
            return failed(point, str(fault))
        return succeeded(point, game, series)

    def losses(self, scenario: Scenario, seed: int, trials: int, stopped: Stop) -> Losses:
        """The losses of a scenario; they are overwritten by the next call."""
        model = lay_out(scenario, seed, trials - 1)
        rows = self._rows_for(model, trials)
        scratch = workspace.lean_scratch(model, FIRST_CAPACITY)
        done = 0
        while done < trials:
            if stopped.is_set():
                raise _StopError
            count = min(SLICE_TRIALS, trials - done)
            scratch = play_range(model, scratch, rows, done, done, count)
            done += count
        return label(scenario, seed, 0, rows)

    def _rows_for(self, model: Model, trials: int) -> Rows:
        """Rows of a model: those of the last point where they have its shape.

        Kernels write every field of every row, save where a quiet trial finds the figures of
        another one, which are the same in any model: nothing of the last point can stay.
        """
        old = self._rows
        shape = (trials, model.industries.size), (trials, model.materials.size)
        same = old is not None and (old.industries.shape, old.materials.shape) == shape
        if old is None or not same or old.episodes.shape[1] != model.disputes.size:
            self._rows = workspace.rows(model, trials)
            return self._rows
        return old


def base_series(scenario: Scenario, seed: int, trials: int) -> dict[tuple[str, str], Trials]:
    """The series of the base case."""
    return series_of(Player().losses(scenario, seed, trials, threading.Event()))


def succeeded(point: int, game: Game, series: Kept) -> Played:
    """A point that was played, with its figures and how sure they are."""
    return Played(
        point=point,
        status=DONE,
        message="",
        figures=tuple(point_rows(point, series, game.base, game.money, game.levels)),
        errors=tuple(map(tuple, point_errors(series, game.base, game.levels).tolist())),
    )


def failed(point: int, why: str) -> Played:
    """A point that could not be played."""
    return Played(point=point, status=FAILED, message=why, figures=(), errors=())


def refused(point: int, fault: ConfigFault) -> Played:
    """A point whose settings make no sense together: why it has no figures."""
    return failed(point, "; ".join(f"{format_path(e.path)} {e.found}" for e in fault.faults))


def players_that_fit(plan: Plan, wanted: int) -> int:
    """How many points like a plan can be played on this machine at a time.

    At most as many as are wanted, at least one.
    """
    needed = 2 * workspace.row_bytes(plan.model) * plan.trials
    fitting = int(memory_bytes() * _MEMORY_SHARE // max(1, needed))
    return max(1, min(wanted, fitting))


def play_points(
    game: Game, scenario: ScenarioOf, points: Sequence[int], *, players: int
) -> Generator[Played, None, None]:
    """Play points, several at a time, and hand each over when it ends.

    Parameters
    ----------
    game : Game
    scenario : callable
        Makes the scenario of a point.
    points : sequence of int
        Their numbers.
    players : int
        How many are played at a time.

    Yields
    ------
    Played
        In no particular order. When the caller stops taking them, the rest is not played.
    """
    stopped = threading.Event()
    own = threading.local()

    def work(point: int) -> Played:
        if not hasattr(own, "player"):
            own.player = Player()
        player: Player = own.player
        try:
            found = scenario(point)
        except ConfigFault as fault:
            return refused(point, fault)
        return player.play(game, point, found, stopped)

    pool = ThreadPoolExecutor(players, thread_name_prefix="points")
    waiting = iter(points)
    try:
        running = {
            pool.submit(work, point) for _, point in zip(range(2 * players), waiting, strict=False)
        }
        while running:
            ended, running = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
            # Handed in as others end, so that figures do not pile up faster than they are taken.
            running |= {pool.submit(work, point) for point in islice(waiting, len(ended))}
            for future in ended:
                yield future.result()
    finally:
        stopped.set()
        pool.shutdown(wait=True, cancel_futures=True)
