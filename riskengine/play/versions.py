"""Versions of a scenario over a range of trials: the first in full, of the others what differs.

Versions that share all disputes are played together, and each costs what it changes
(`riskengine.model.flat.versions`). The results have the same bits as runs of each version alone.
What differs is kept as lists of (row, value), because most trials of most series are the same.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice, pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.errors import RunFault
from riskengine.kernel import arrays, workspace
from riskengine.kernel.arrays import ALL_SERIES, Floats, Ints, Model
from riskengine.machine.native import play_trials
from riskengine.model.flat.distributions import Shelf
from riskengine.model.flat.versions import compose, shared_part
from riskengine.model.losses import Losses, put, room_for, seal
from riskengine.model.sampling import lay_out
from riskengine.model.scenario import Material, Scenario
from riskengine.play.simulate import (
    FIRST_CAPACITY,
    PLAYED_BYTES,
    Plan,
    Progress,
    Stop,
    check_finite,
    grown,
    ignore,
    label,
    memory_bytes,
    play_slices,
)

ROOM = 2**20  #: changes that a thread collects before it sorts them by series
MOST_VERSIONS = 64  #: played together; a further one saves nothing more of what they share
_MEMORY_SHARE = 0.5  #: of what the machine has, for all changes
CHANGE_BYTES = 12  #: of a row and a value


class _Chunk(NamedTuple):
    """Some changes, grouped by series."""

    rows: NDArray[np.int32]
    values: Floats
    ends: Ints  #: (series + 1,) where each series begins, and the end


@dataclass(frozen=True, slots=True, eq=False)
class Together:
    """Versions that are ready to be played together."""

    scenarios: tuple[Scenario, ...]
    model: Model
    seed: int
    first_trial: int
    trials: int
    only: Ints | None = (
        None  #: (trials,) numbers of the trials, ascending; None: all from the first
    )

    def runs(self, first_row: int, count: int) -> Iterator[tuple[int, int, int]]:
        """The trials of some rows, in runs of consecutive numbers: (row, trial, length)."""
        if self.only is None:
            yield first_row, self.first_trial + first_row, count
            return
        numbers = self.only[first_row : first_row + count]
        ends = np.flatnonzero(np.diff(numbers) != 1) + 1
        for start, end in pairwise([0, *ends.tolist(), count]):
            yield first_row + start, int(numbers[start]), end - start

    def play(
        self,
        threads: int,
        progress: Progress | None = None,
        stopped: Stop | None = None,
    ) -> PlayedVersions:
        """Play all trials of all versions.

        Parameters
        ----------
        threads : int
        progress : callable, optional
            Called with the number of trials finished so far, from the calling thread.
        stopped : Stop, optional
            Set by another thread to end early; the result is then useless.

        Raises
        ------
        RunFault
            When a trial has more events, in all versions together, than it can sensibly have.
        """
        rows = workspace.rows(self.model, 0)
        first = label(self.scenarios[0], self.seed, self.first_trial, rows)
        first = room_for(self.trials, first)
        chunks: list[_Chunk] = []
        own = threading.local()

        def work(first_row: int, count: int) -> None:
            if not hasattr(own, "player"):
                own.player = _Player(self)
            player: _Player = own.player
            chunks.extend(player.play(first, first_row, count))

        play_slices(self.trials, threads, work, progress or ignore, stopped)
        width = workspace.series_of_version(self.model)
        return PlayedVersions(self.scenarios, seal(first), chunks, width)


class _Player:
    """Plays trials of several versions in one thread, in working arrays that are reused."""

    def __init__(self, group: Together) -> None:
        self._group = group
        model = group.model
        block = max(1, PLAYED_BYTES // workspace.row_bytes(model))
        self._rows = workspace.rows(model, block)
        self._part = label(group.scenarios[0], group.seed, group.first_trial, self._rows)
        self._scratch = workspace.lean_scratch(model, FIRST_CAPACITY)
        self._series = workspace.series_of_version(model) * model.versions.spread.size
        self._changes = workspace.changes(max(ROOM, self._series))

    def play(self, first: Losses, first_row: int, count: int) -> Iterator[_Chunk]:
        """Play the trials of `count` rows from `first_row`; yield what differs."""
        block = len(self._rows.trials)
        for start in range(first_row, first_row + count, block):
            together = min(block, first_row + count - start)
            yield from self._play_block(start, together)
            put(self._part, first, start, together)
        yield self._taken()

    def _play_block(self, first_row: int, count: int) -> Iterator[_Chunk]:
        for row, trial, length in self._group.runs(first_row, count):
            self._changes.first_trial[0] = trial - row
            yield from self._play_run(trial, row - first_row, length)

    def _play_run(self, first_trial: int, first_row: int, count: int) -> Iterator[_Chunk]:
        model = self._group.model
        done = 0
        while True:
            scratch, rows, changes = self._scratch, self._rows, self._changes
            left = first_trial + done, first_row + done, count - done
            done += play_trials(model, scratch, rows, changes, *left)
            if done == count:
                return
            if self._changes.noted[0] > 0:  # perhaps there was no room for more
                yield self._taken()
            else:
                self._scratch = grown(model, self._scratch, first_trial + done)

    def _taken(self) -> _Chunk:
        """The changes noted so far, in order of series; there is room for others then."""
        count = int(self._changes.noted[0])
        self._changes.noted[0] = 0
        series = self._changes.series[:count]
        order = np.argsort(series, kind="stable")
        ends = np.zeros(self._series + 1, dtype=np.int64)
        np.cumsum(np.bincount(series, minlength=self._series), out=ends[1:])
        return _Chunk(self._changes.rows[order], self._changes.values[order], ends)


class PlayedVersions:
    """The losses of several versions.

    Parameters
    ----------
    scenarios : sequence of Scenario
    first : Losses
        Of the first version.
    chunks : sequence of _Chunk
        What differs from it in the others.
    width : int
        Number of series of a version.
    """

    def __init__(
        self,
        scenarios: Sequence[Scenario],
        first: Losses,
        chunks: Sequence[_Chunk],
        width: int,
    ) -> None:
        self.scenarios = tuple(scenarios)
        self.first = first
        self._chunks = chunks
        self._width = width

    def changed(self, version: int) -> list[int]:
        """The series of a version that are not those of the first one, see `arrays.Changes`."""
        counts = np.zeros(self._width, dtype=np.int64)
        for chunk in self._chunks:
            counts += np.diff(chunk.ends[version * self._width :][: self._width + 1])
        return np.flatnonzero(counts).tolist()

    def change(self, values: NDArray[Any], version: int, series: int) -> None:
        """Turn a series of the first version, (n,), into that of another."""
        at = version * self._width + series
        for chunk in self._chunks:
            own = slice(chunk.ends[at], chunk.ends[at + 1])
            values[chunk.rows[own]] = chunk.values[own]

    def losses(self, version: int) -> Losses:
        """All losses of a version; fields without changes are those of the first version.

        The versions must have been played with `ALL_SERIES`.
        """
        first = self.first
        found: dict[str, Any] = {}
        for series in self.changed(version):
            name, place = self._field(series)
            if name not in found:
                found[name] = getattr(first, name).copy(order="F")
            column = found[name] if place is None else found[name][:, place]
            self.change(column, version, series)
        return seal(replace(first, scenario=self.scenarios[version], **found))

    def _field(self, series: int) -> tuple[str, int | None]:
        """The array of `Losses` that a series belongs to, and its column."""
        industries, materials = map(len, (self.first.industry_loss.T, self.first.material_loss.T))
        blocks = (
            (1, ("total",)),
            (industries, ("industry_loss",)),
            (materials, ("material_loss",)),
            (1, ("largest_spell",)),
            (industries, (arrays.INDUSTRY_ROW.names or ())[1:]),
            (materials, (arrays.MATERIAL_ROW.names or ())[1:-1]),
            (self.first.contested_days.shape[1], arrays.POOL_ROW.names or ()),
        )
        for entities, fields in blocks:
            size = entities * len(fields)
            if series < size:
                place, field = divmod(series, len(fields))
                name = fields[field]
                return name, None if name in ("total", "largest_spell") else place
            series -= size
        raise IndexError(series)


def share_disputes(one: Scenario, other: Scenario) -> bool:
    """Whether two scenarios seem to have the same paths in every trial.

    This decides which scenarios are laid out together. Whether they are played together is then
    decided by everything that the kernels read (`groups_of`).
    """
    return (
        one.run.horizon_days == other.run.horizon_days
        and one.correlation == other.correlation
        and one.ladder == other.ladder
        and one.disputes == other.disputes
        and one.triggers == other.triggers
        and list(one.industries) == list(other.industries)
        and list(one.materials) == list(other.materials)
        and list(one.pools) == list(other.pools)
        and all(map(_same_exposure, one.materials.values(), other.materials.values()))
    )


def _same_exposure(one: Material, other: Material) -> bool:
    return (
        one.importer == other.importer
        and one.coverage == other.coverage
        and one.cut == other.cut
        and one.ladder == other.ladder
        and list(one.sources) == list(other.sources)
    )


def lay_out_all(scenarios: Sequence[Scenario], seed: int, last_trial: int) -> list[Model]:
    """Models whose equal distributions have equal indices; the last one has all distributions."""
    shelf = Shelf()
    return [lay_out(scenario, seed, last_trial, shelf) for scenario in scenarios]


def groups_of(scenarios: Sequence[Scenario], models: Sequence[Model]) -> list[list[int]]:
    """Which versions can be played together, in order of their first.

    With `run.tilt`, the weight of a trial depends on which materials are cut, so that each version
    is played alone.
    """
    found: dict[Any, list[int]] = {}
    for number, (scenario, model) in enumerate(zip(scenarios, models, strict=True)):
        kinds: list[Iterable[str]] = [scenario.materials, scenario.industries]
        names = tuple(tuple(kind) for kind in [*kinds, scenario.disputes, scenario.pools])
        alone = number if model.tilt != 0.0 else -1
        found.setdefault((names, shared_part(model), alone), []).append(number)
    return list(found.values())


def together(
    scenarios: Sequence[Scenario],
    models: Sequence[Model],
    *,
    seed: int,
    first_trial: int = 0,
    trials: int,
    detail: float,
) -> Together:
    """Versions of one group, ready to be played.

    Parameters
    ----------
    scenarios, models : sequence
        Of one of the groups of `groups_of`.
    seed, first_trial, trials : int
        The range of trials, as for `riskengine.play.simulate.prepare`.
    detail : float
        `ALL_SERIES`, or `LOSSES` alone: in total, by industry, by material.
    """
    model = compose(models, detail=detail)
    return Together(tuple(scenarios), model, seed, first_trial, trials)


def play_versions(plans: Sequence[Plan], progress: Progress | None = None) -> Iterator[Losses]:
    """The losses of several scenarios over the same trials; those that share disputes share work.

    Parameters
    ----------
    plans : sequence of Plan
        With the same range of trials, seed and threads.
    progress : callable, optional
        Called with the number of trials finished so far, those of all scenarios together.

    Yields
    ------
    Losses
        In the order of the plans, with the bits that `Plan.play` gives.

    Raises
    ------
    RunFault
        As `Plan.play`.
    """
    queue = _Queue(plans, progress or ignore)
    for number in range(len(plans)):
        losses = queue.losses(number)
        check_finite(losses)
        yield losses


class _Queue:
    """Plans that are played when their losses are asked for, in batches that fit into memory."""

    def __init__(self, plans: Sequence[Plan], progress: Progress) -> None:
        self._plans, self._progress = plans, progress
        self._done = 0
        self._ready: dict[int, Callable[[], Losses]] = {}

    def losses(self, number: int) -> Losses:
        """The losses of a plan; they are asked for once, in order."""
        if number not in self._ready:
            self._play(self._batch(number))
        return self._ready.pop(number)()

    def _batch(self, first: int) -> list[int]:
        """A plan and those after it that may be played with it."""
        most = most_versions(self._plans[first])
        same = (
            number
            for number in range(first, len(self._plans))
            if number not in self._ready
            and share_disputes(self._plans[first].scenario, self._plans[number].scenario)
        )
        return list(islice(same, most))

    def _play(self, numbers: list[int]) -> None:
        plans = [self._plans[number] for number in numbers]
        scenarios = [plan.scenario for plan in plans]
        models = _models(plans)
        (group, *_) = groups_of(scenarios, models)
        own = [numbers[k] for k in group]
        if len(group) > 1 and self._play_together(own, [models[k] for k in group]):
            return
        # The others, if any, are played when they are asked for.
        losses = plans[0].play(self._counted(1))
        self._done += plans[0].trials
        self._ready[numbers[0]] = lambda: losses

    def _play_together(self, numbers: list[int], models: list[Model]) -> bool:
        """Play versions of one group; return whether none of them had too many events."""
        plan = self._plans[numbers[0]]
        versions = together(
            [self._plans[number].scenario for number in numbers],
            models,
            seed=plan.seed,
            first_trial=plan.first_trial,
            trials=plan.trials,
            detail=ALL_SERIES,
        )
        try:
            played = versions.play(plan.threads, self._counted(len(numbers)))
        except RunFault:
            return False
        self._done += plan.trials * len(numbers)
        for version, number in enumerate(numbers):
            self._ready[number] = partial(played.losses, version)
        return True

    def _counted(self, versions: int) -> Progress:
        before = self._done
        return lambda done: self._progress(before + done * versions)


def _models(plans: Sequence[Plan]) -> list[Model]:
    """The models of plans; laid out anew if equal distributions have different indices in them."""
    shelf = plans[0].shelf
    if len(plans) == 1 or (shelf is not None and all(plan.shelf is shelf for plan in plans)):
        return [plan.model for plan in plans]
    last = plans[0].first_trial + plans[0].trials - 1
    return lay_out_all([plan.scenario for plan in plans], plans[0].seed, last)


def most_versions(plan: Plan) -> int:
    """How many versions of a plan are played together at most, so that all changes fit."""
    return max(2, versions_that_fit(workspace.row_bytes(plan.model) // 8, plan.trials))


def versions_that_fit(series: int, trials: int) -> int:
    """How many versions fit into memory if every series differs in every trial; at least 1."""
    largest = CHANGE_BYTES * series * trials
    return max(1, min(MOST_VERSIONS, int(memory_bytes() * _MEMORY_SHARE // max(1, largest))))
