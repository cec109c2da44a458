"""Scenario x range of trials -> Losses: threads take slices of the range.

Every row is a pure function of the scenario, the seed and the trial number, so that the slicing,
the number of threads and the order in which slices end cannot affect the result.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from riskengine.errors import RunFault, UsageFault
from riskengine.kernel import workspace
from riskengine.kernel.arrays import INDUSTRY_ROW, MATERIAL_ROW, POOL_ROW, Model, Rows, Scratch
from riskengine.machine.native import play_trials
from riskengine.model.flat.distributions import Shelf
from riskengine.model.losses import Losses, put, room_for, seal
from riskengine.model.sampling import lay_out, most_trials
from riskengine.model.scenario import Scenario

Progress = Callable[[int], None]


class Stop(Protocol):
    """Tells whether the rest of some work is no longer wanted; `threading.Event` is one."""

    def is_set(self) -> bool: ...


FIRST_CAPACITY = 512  # few trials have more events; allocating more would slow down short runs
LARGEST_CAPACITY = 2**22  # events in one trial; more means that the config is wrong
SLICE_TRIALS = 8192  # small enough for Ctrl-C to act and the progress bar to move
# Rows are split into columns while they are in the processor's cache. Later, every column would
# fetch all rows from memory again. With fewer rows at a time, threads wait longer for Python.
PLAYED_BYTES = 2**20
LAST_TRIAL = 2**63 - 1
_MEMORY_SHARE = 0.7  # of what the machine has; the rest is for sorting and writing


def simulate(
    scenario: Scenario,
    *,
    trials: int | None = None,
    seed: int | None = None,
    first_trial: int = 0,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Losses:
    """Play a range of trials of a scenario: `prepare` it and play it at once.

    Parameters and errors are those of `prepare` and `Plan.play`.
    """
    plan = prepare(scenario, trials=trials, seed=seed, first_trial=first_trial, threads=threads)
    return plan.play(progress)


def prepare(
    scenario: Scenario,
    *,
    trials: int | None = None,
    seed: int | None = None,
    first_trial: int = 0,
    threads: int | None = None,
    rows_at_once: int | None = None,
    shelf: Shelf | None = None,
) -> Plan:
    """Lay out a range of trials of a scenario, and refuse what cannot be played.

    Parameters
    ----------
    scenario : Scenario
    trials, seed : int, optional
        Default to the scenario's own `run.trials` and `run.seed`.
    first_trial : int
        Number of the first trial; two runs over adjoining ranges together make one run.
    threads : int, optional
        Defaults to the processors this process may use.
    rows_at_once : int, optional
        How many trials are in memory at the same time; by default all of them.
    shelf : Shelf, optional
        Shared by scenarios that `riskengine.play.versions` plays together.

    Raises
    ------
    UsageFault
        When the range, the seed or the number of threads makes no sense, or the result would not
        fit into memory.
    """
    trials = scenario.run.trials if trials is None else trials
    seed = scenario.run.seed if seed is None else seed
    threads = available_processors() if threads is None else threads
    check_range(trials, seed, first_trial, threads)
    check_numbers(scenario, first_trial + trials)
    model = lay_out(scenario, seed, first_trial + trials - 1, shelf)
    _check_memory(model, min(trials, rows_at_once or trials))
    threads = min(threads, _count_slices(trials))
    return Plan(scenario, model, seed, first_trial, trials, threads, shelf)


def check_numbers(scenario: Scenario, end: int) -> None:
    """Refuse trials up to `end` whose points would take too long to find.

    Raises
    ------
    UsageFault
        When `run.sampling` has no points for the last of them.
    """
    most = most_trials(scenario)
    if end > most:
        raise UsageFault(
            f'trial {end - 1:,}: sampling = "sobol" has points for the trials 0 to {most - 1:,}'
        )


def ignore(done: int) -> None:
    """The progress callback of a caller that gives none."""


def available_processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def check_range(trials: int, seed: int, first_trial: int, threads: int) -> None:
    """Refuse numbers that no run can have.

    Raises
    ------
    UsageFault
    """
    if trials < 1:
        raise UsageFault(f"trials = {trials}: at least 1 is needed")
    if not 0 <= seed <= LAST_TRIAL:
        raise UsageFault(f"seed = {seed}: an integer from 0 to 2^63 - 1 is needed")
    last_trial = first_trial + trials - 1
    if first_trial < 0 or last_trial > LAST_TRIAL:
        raise UsageFault(f"trials {first_trial} to {last_trial}: numbers go from 0 to 2^63 - 1")
    if not 1 <= threads <= 1024:
        raise UsageFault(f"threads = {threads}: from 1 to 1024 are possible")


def _check_memory(model: Model, trials: int) -> None:
    """Refuse a run before memory is gone."""
    # The rows, and as much again when the workbook is made from their files (measured: 2.05 times).
    needed = trials * workspace.row_bytes(model) * 2
    available = memory_bytes() * _MEMORY_SHARE
    if needed <= available:
        return
    fitting = int(available // (2 * workspace.row_bytes(model)))
    raise UsageFault(
        f"{trials:,} trials of this model need about {needed / 2**30:,.0f} GiB of memory, and "
        f"{available / 2**30:,.1f} GiB can be used here: run at most {fitting:,} trials at a time "
        "(--first-trial continues where another run ended)"
    )


def memory_bytes() -> int:
    """Memory of this machine, or a cautious 8 GiB if the system does not report it."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return 8 * 2**30


def _count_slices(trials: int) -> int:
    return -(-trials // SLICE_TRIALS)


def play_slices(
    trials: int,
    threads: int,
    work: Callable[[int, int], None],
    progress: Progress,
    stopped: Stop | None = None,
) -> None:
    """Do the work of all slices of some trials; an interrupt is passed on when running ones end.

    Parameters
    ----------
    trials, threads : int
    work : callable
        Given the first row of a slice and the number of its rows; called in several threads.
    progress : callable
        Called with the number of trials finished so far, from the calling thread.
    stopped : Stop, optional
        When it is set, slices that have not begun are left out.
    """
    stopped = stopped or threading.Event()
    if threads == 1:  # in this thread: a short run need not wait for another to start
        for first_row, count in _slices(trials, threads):
            if stopped.is_set():
                return
            work(first_row, count)
            progress(first_row + count)
        return
    ended = threading.Event()

    def work_unless_stopped(first_row: int, count: int) -> int:
        if ended.is_set() or stopped.is_set():
            return 0
        work(first_row, count)
        return count

    pool = ThreadPoolExecutor(threads, thread_name_prefix="trials")
    try:
        running = {pool.submit(work_unless_stopped, *piece) for piece in _slices(trials, threads)}
        _follow(running, progress)
    finally:
        ended.set()
        pool.shutdown(wait=True, cancel_futures=True)


def _slices(trials: int, threads: int) -> Iterator[tuple[int, int]]:
    """(first row, number of rows) of each slice.

    They are equally long, and as many for each thread, so that none waits long for another.
    """
    rounds = -(-trials // (SLICE_TRIALS * threads))
    slices = min(rounds * threads, trials)
    for k in range(slices):
        first, end = trials * k // slices, trials * (k + 1) // slices
        yield first, end - first


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A range of trials that is ready to be played."""

    scenario: Scenario
    model: Model
    seed: int
    first_trial: int
    trials: int
    threads: int
    shelf: Shelf | None = None  #: of distributions, if it is shared with other plans

    def play(self, progress: Progress | None = None) -> Losses:
        """Play all trials; an interrupt is passed on as soon as the running slices end.

        Parameters
        ----------
        progress : callable, optional
            Called with the number of trials finished so far, from the calling thread.

        Returns
        -------
        Losses
            One row per trial, in order of trial number.

        Raises
        ------
        RunFault
            When a trial has more events than it can sensibly have, or yields no finite loss.
        """
        progress = progress or ignore
        losses = room_for(self.trials, self.nothing())

        def work(first_row: int, count: int) -> None:
            player = _player_of_thread(self.model)
            part = label(self.scenario, self.seed, self.first_trial, player.rows)
            player.play(part, losses, first_row, count)

        play_slices(self.trials, self.threads, work, progress)
        check_finite(losses)
        return seal(losses)

    def nothing(self) -> Losses:
        """The losses of no trial: names and types of all series."""
        rows = workspace.rows(self.model, 0)
        return label(self.scenario, self.seed, self.first_trial, rows)


class _Player:
    """Plays trials of a model in one thread, in working arrays that are reused between runs."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.rows = workspace.rows(model, max(1, PLAYED_BYTES // workspace.row_bytes(model)))
        self._scratch = workspace.lean_scratch(model, FIRST_CAPACITY)

    def play(self, part: Losses, losses: Losses, first_row: int, count: int) -> None:
        """Play the trials of `count` rows of the losses from `first_row`.

        `part` is the player's rows as losses.
        """
        for start in range(first_row, first_row + count, len(self.rows.trials)):
            together = min(len(self.rows.trials), first_row + count - start)
            trial = losses.first_trial + start
            self._scratch = play_range(self.model, self._scratch, self.rows, trial, 0, together)
            put(part, losses, start, together)


_own = threading.local()  #: the player that this thread used last


def _player_of_thread(model: Model) -> _Player:
    """The player of this thread's last run if that had the same model, otherwise a new one."""
    player: _Player | None = getattr(_own, "player", None)
    if player is None or player.model is not model:
        player = _own.player = _Player(model)
    return player


def play_range(
    model: Model, scratch: Scratch, rows: Rows, first_trial: int, first_row: int, count: int
) -> Scratch:
    """Play some trials into rows, with longer lists where a trial needs them.

    Returns
    -------
    Scratch
        The scratch used last, which holds all that happened in the last trial.

    Raises
    ------
    RunFault
        When a trial has more events than it can sensibly have.
    """
    done = 0
    while True:
        done += play_trials(
            model,
            scratch,
            rows,
            workspace.NO_CHANGES,
            first_trial + done,
            first_row + done,
            count - done,
        )
        if done == count:
            return scratch
        scratch = grown(model, scratch, first_trial + done)


def grown(model: Model, scratch: Scratch, trial: int) -> Scratch:
    """A larger scratch for a trial whose events did not fit.

    Raises
    ------
    RunFault
        When the trial has more events than it can sensibly have.
    """
    capacity = 4 * scratch.steps.size
    if capacity > LARGEST_CAPACITY:
        raise RunFault(
            f"trial {trial} has more than {scratch.steps.size:,} events: sojourns, gaps or "
            "lags of the config are far too short for its horizon"
        )
    lean = scratch.step_used.shape[0] == 0
    return (workspace.lean_scratch if lean else workspace.scratch)(model, capacity)


def _follow(running: set[Future[int]], progress: Progress) -> None:
    """Report finished slices until all are done; an error in one of them is raised here."""
    done = 0
    while running:
        finished, running = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
        if not finished:
            continue
        done += sum(future.result() for future in finished)
        progress(done)


def label(
    scenario: Scenario, seed: int, first_trial: int, rows: Rows, count: int | None = None
) -> Losses:
    """Give the kernels' rows, or the first `count` of them, their names.

    The losses are read-only views; the rows themselves can be used again.
    """
    first: Iterator[Any] = (array[:count].view(np.ndarray) for array in rows)
    rows = Rows(*first)
    for array in rows:
        array.setflags(write=False)
    industries = {name: rows.industries[name] for name in INDUSTRY_ROW.names or ()}
    materials = {name: rows.materials[name] for name in MATERIAL_ROW.names or ()}
    pools = {name: rows.pools[name] for name in POOL_ROW.names or ()}
    return Losses(
        scenario=scenario,
        seed=seed,
        first_trial=first_trial,
        horizon_days=float(scenario.run.horizon_days),
        total=rows.trials["total"],
        largest_spell=rows.trials["largest_spell"],
        industry_loss=industries.pop("loss"),
        material_loss=materials.pop("loss"),
        level_days=rows.level_days,
        episodes=rows.episodes,
        weight=rows.weights if scenario.run.is_weighted else None,
        **industries,
        **materials,
        **pools,
    )


def check_finite(losses: Losses) -> None:
    """Stop a run whose figures make no sense, naming the trial so that it can be replayed."""
    bad = np.flatnonzero(~np.isfinite(losses.total) | (losses.total < 0.0))
    if bad.size:
        trial = losses.first_trial + int(bad[0])
        loss = losses.total[bad[0]]
        raise RunFault(f"trial {trial} yields the loss {loss}: replay it to see why")
