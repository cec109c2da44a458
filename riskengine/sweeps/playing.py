"""Simulates the points of a sweep: each point on one thread, several points at a time.

A point uses one thread rather than all of them, so that the work besides simulation (reading
settings, sorting losses) also runs in parallel. Rows are allocated once per thread, because fresh
memory from the system costs a sixth of a trial. Every row is a function of scenario, seed and trial
number, so no figure depends on the number of threads or on the order in which points finish.
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
_MEMORY_SHARE = 0.5  #: share of the machine's memory for the rows of all threads


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """The result of a point: its figures, or why it has none."""

    point: int
    status: str
    message: str
    figures: tuple[SweepRow, ...]
    errors: tuple[tuple[float, ...], ...]  #: of each figure: `sweeps.figures.point_errors`


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Game:
    """What all points of a sweep share."""

    seed: int
    trials: int
    money: str
    levels: tuple[float, ...]  #: confidence levels, the same at all points
    base: Kept  #: the series of the base case


ScenarioOf = Callable[[int], Scenario]  #: from a point's number; may raise `ConfigFault`


class Stop(Protocol):
    """Tells whether the rest of a point is no longer wanted."""

    def is_set(self) -> bool: ...


class PlayPoints(Protocol):
    """The executor of points: `play_points` with a number of players, or a cluster."""

    def __call__(
        self, game: Game, scenario: ScenarioOf, points: Sequence[int]
    ) -> Generator[Played, None, None]: ...


class _StopError(Exception):
    """Raised when the rest of a point is no longer wanted."""


class Player:
    """Simulates points one after the other, in the same memory."""

    def __init__(self) -> None:
        self._rows: Rows | None = None

    def play(self, game: Game, point: int, scenario: Scenario, stopped: Stop) -> Played:
        """Simulate one point; a fault caused by its own settings becomes its message."""
        try:
            losses = self.losses(scenario, game.seed, game.trials, stopped)
            series = series_of(losses, game.base)
        except RunFault as fault:
            return failed(point, str(fault))
        return succeeded(point, game, series)

    def losses(self, scenario: Scenario, seed: int, trials: int, stopped: Stop) -> Losses:
        """The losses of a scenario; the next call overwrites them."""
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
        """Rows for a model: those of the last point if they have the right shape.

        Nothing of the last point can remain. Kernels write every field of every row, except where a
        quiet trial finds the figures of another quiet trial, which are the same in any model.
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
    """A point that was simulated, with its figures and their errors."""
    return Played(
        point=point,
        status=DONE,
        message="",
        figures=tuple(point_rows(point, series, game.base, game.money, game.levels)),
        errors=tuple(map(tuple, point_errors(series, game.base, game.levels).tolist())),
    )


def failed(point: int, why: str) -> Played:
    """A point that could not be simulated."""
    return Played(point=point, status=FAILED, message=why, figures=(), errors=())


def refused(point: int, fault: ConfigFault) -> Played:
    """A point whose settings contradict each other, with the reason why it has no figures."""
    return failed(point, "; ".join(f"{format_path(e.path)} {e.found}" for e in fault.faults))


def players_that_fit(plan: Plan, wanted: int) -> int:
    """How many points of the size of a plan fit on this machine at a time.

    At most as many as wanted, and at least one.
    """
    needed = 2 * workspace.row_bytes(plan.model) * plan.trials
    fitting = int(memory_bytes() * _MEMORY_SHARE // max(1, needed))
    return max(1, min(wanted, fitting))


def play_points(
    game: Game, scenario: ScenarioOf, points: Sequence[int], *, players: int
) -> Generator[Played, None, None]:
    """Simulate points, several at a time, and yield each one when it finishes.

    Parameters
    ----------
    game : Game
    scenario : callable
        Makes the scenario of a point.
    points : sequence of int
        Numbers of the points.
    players : int
        How many points run at a time.

    Yields
    ------
    Played
        In no particular order. If the caller stops iterating, the rest is not simulated.
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
            # Submitted as others finish, so that figures do not pile up faster than they are taken.
            running |= {pool.submit(work, point) for point in islice(waiting, len(ended))}
            for future in ended:
                yield future.result()
    finally:
        stopped.set()
        pool.shutdown(wait=True, cancel_futures=True)
