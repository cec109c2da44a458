"""Simulates the points of a sweep, those that share all disputes together.

A point that is played alone uses one thread rather than all of them, so that the work besides
simulation (reading settings, sorting losses) also runs in parallel. Its rows are allocated once per
thread, because fresh memory from the system costs a sixth of a trial. Points that are played
together share the trials among the threads. Every row is a function of scenario, seed and trial
number, so no figure depends on the number of threads, on the order in which points finish, or on
the points that are played with it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from riskengine.errors import RunFault
from riskengine.kernel import workspace
from riskengine.kernel.arrays import LOSSES, Model, Rows
from riskengine.measures.paired import Trials
from riskengine.model.losses import Losses
from riskengine.model.sampling import lay_out
from riskengine.model.scenario import Scenario
from riskengine.play.simulate import (
    FIRST_CAPACITY,
    SLICE_TRIALS,
    Plan,
    Stop,
    label,
    memory_bytes,
    play_range,
)
from riskengine.play.versions import (
    PlayedVersions,
    Together,
    groups_of,
    lay_out_all,
    together,
    versions_that_fit,
)
from riskengine.sweeps.batches import Batch, ScenarioOf, batches_of
from riskengine.sweeps.figures import Kept, changed_series, point_errors, point_rows, series_of
from riskengine.sweeps.played import DONE, Played, failed

_MEMORY_SHARE = 0.5  #: share of the machine's memory for the rows of all threads


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Game:
    """What all points of a sweep share."""

    seed: int
    trials: int
    money: str
    levels: tuple[float, ...]  #: confidence levels, the same at all points
    base: Kept  #: the series of the base case


class PlayPoints(Protocol):
    """The executor of points: `play_points` with a number of players, or a cluster."""

    def __call__(
        self, game: Game, scenario: ScenarioOf, points: Sequence[int]
    ) -> Generator[Played, None, None]: ...


class StopError(Exception):
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
                raise StopError
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


def players_that_fit(plan: Plan, wanted: int) -> int:
    """How many points of the size of a plan fit on this machine at a time.

    At most as many as wanted, and at least one.
    """
    needed = 2 * workspace.row_bytes(plan.model) * plan.trials
    fitting = int(memory_bytes() * _MEMORY_SHARE // max(1, needed))
    return max(1, min(wanted, fitting))


def most_together(game: Game) -> int:
    """How many points are played together at most, so that what differs fits into memory."""
    return versions_that_fit(len(game.base), game.trials)


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
    pool = ThreadPoolExecutor(players, thread_name_prefix="points")
    own = threading.local()

    def alone(point: int, found: Scenario) -> Played:
        if not hasattr(own, "player"):
            own.player = Player()
        player: Player = own.player
        return player.play(game, point, found, stopped)

    running: set[Future[Played]] = set()
    try:
        for batch in batches_of(scenario, points, most_together(game)):
            if isinstance(batch, Played):
                yield batch
                continue
            if len(batch) == 1:
                running.add(pool.submit(alone, *batch[0]))
            else:
                yield from _ended(running, 0)  # their memory is needed, and their processors
                yield from play_together(game, batch, stopped, threads=players, pool=pool)
            # Submitted as others finish, so that figures do not pile up faster than they are taken.
            yield from _ended(running, 2 * players)
        yield from _ended(running, 0)
    finally:
        stopped.set()
        pool.shutdown(wait=True, cancel_futures=True)


def _ended(running: set[Future[Played]], most: int) -> Generator[Played, None, None]:
    """Wait until at most so many points are running; yield those that have ended."""
    while len(running) > most:
        ended, _ = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
        running -= ended
        for future in ended:
            yield future.result()


def play_together(
    game: Game, batch: Batch, stopped: Stop, *, threads: int = 1, pool: Executor | None = None
) -> Generator[Played, None, None]:
    """Simulate points that may share all disputes, and yield each one when it finishes.

    Parameters
    ----------
    game : Game
    batch : list of (int, Scenario)
        Numbers of the points and their scenarios.
    stopped : Stop
    threads : int
        How many threads share the trials.
    pool : Executor, optional
        Takes the figures of several points at a time.

    Raises
    ------
    StopError
        When the points are no longer wanted.
    """
    scenarios = [scenario for _, scenario in batch]
    models = lay_out_all(scenarios, game.seed, game.trials - 1)
    for group in groups_of(scenarios, models):
        own = [batch[number] for number in group]
        measured = None
        if len(group) > 1:
            versions = together(
                [scenario for _, scenario in own],
                [models[number] for number in group],
                seed=game.seed,
                trials=game.trials,
                detail=LOSSES,
            )
            measured = _played(game, versions, stopped, threads)
        if measured is None:
            yield from (Player().play(game, *each, stopped) for each in own)
        else:
            points = [point for point, _ in own]
            yield from (pool.map if pool else map)(measured, range(len(points)), points)


def _played(
    game: Game, versions: Together, stopped: Stop, threads: int
) -> Callable[[int, int], Played] | None:
    """Play points together; return what measures a version as a point.

    Returns None if one of them fails: the others have figures, so each is then played alone.
    """
    try:
        played = versions.play(threads, stopped=stopped)
        first = series_of(played.first, game.base)
    except RunFault:
        return None
    if stopped.is_set():
        raise StopError
    return partial(_measured, game, played, first)


def _measured(game: Game, played: PlayedVersions, first: Kept, version: int, point: int) -> Played:
    """The figures of a point that was played together with others."""
    try:
        series = changed_series(played, version, first, game.base)
    except RunFault as fault:
        return failed(point, str(fault))
    return succeeded(point, game, series)
