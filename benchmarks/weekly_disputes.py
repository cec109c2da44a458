"""The peer's disputes: onsets, triggers and paths, for all trials of a chunk at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from benchmarks.weekly_plan import Floats, Ints, Plan, Walk, quantile, scores
from riskengine.model.scenario import Dispute

Changes = tuple[Any, ...]  #: (trial, material, day, cut, on a boycott level), arrays of one length


def play_disputes(p: Plan, rng: Generator, trials: int) -> Changes:
    """All changes of all paths of a chunk, in order of time within each path."""
    chunk = _Chunk(p, rng, trials)
    for name in p.order:
        chunk.play(name)
    return chunk.changes()


@dataclass(slots=True)
class _Paths:
    """Paths in progress, as one entry each; those that are over are dropped."""

    which: Ints  #: row among the materials that the dispute concerns
    who: Ints  #: row among the trials that have this episode
    day: Floats
    column: Ints  #: of its cut fractions
    level: Ints

    def keep(self, rows: Ints) -> None:
        self.which, self.who = self.which[rows], self.who[rows]
        self.day, self.column, self.level = self.day[rows], self.column[rows], self.level[rows]


class _Chunk:
    """The disputes of a chunk of trials, played in the order in which they trigger each other."""

    def __init__(self, p: Plan, rng: Generator, trials: int) -> None:
        self._plan, self._rng, self._trials = p, rng, trials
        self._horizon = p.scenario.run.horizon_days
        self._levels = list(p.scenario.ladder)
        self._boycott = np.array([level.boycott for level in p.scenario.ladder.values()])
        self._due: dict[str, list[Floats]] = {name: [] for name in p.scenario.disputes}
        self._noted: list[Changes] = []

    def changes(self) -> Changes:
        if not self._noted:
            return tuple(np.empty(0, kind) for kind in (int, int, float, float, bool))
        return tuple(np.concatenate(parts) for parts in zip(*self._noted, strict=True))

    def play(self, name: str) -> None:
        """Play one episode after another in the trials that still have one to come."""
        dispute = self._plan.scenario.disputes[name]
        pending = np.column_stack([np.full(self._trials, np.inf), *self._due[name]])
        active = dispute.active is not None
        until = np.zeros(self._trials)
        onset = until if active else self._next_onset(dispute, until)
        trial = np.arange(self._trials)
        while True:
            pending[pending < until[:, np.newaxis]] = np.inf
            earliest = pending.argmin(axis=1)
            triggered = pending[np.arange(trial.size), earliest]
            by_trigger = np.flatnonzero(triggered < onset)
            pending[by_trigger, earliest[by_trigger]] = np.inf
            start = np.minimum(onset, triggered)
            alive = np.flatnonzero(start < self._horizon)
            if alive.size == 0:
                return
            trial, pending = trial[alive], pending[alive]
            until = self._play_episode(name, trial, start[alive], active)
            onset = self._next_onset(dispute, until)
            active = False

    def _next_onset(self, dispute: Dispute, since: Floats) -> Floats:
        if dispute.rate_per_year == 0.0:
            return np.full(since.shape, np.inf)
        return since + self._rng.exponential(365.0 / dispute.rate_per_year, since.size)

    def _play_episode(self, name: str, trial: Ints, start: Floats, active: bool) -> Floats:
        """Walk all paths of one episode in each of some trials; the day on which each ends."""
        walk = self._plan.walks[name]
        rho = self._plan.scenario.correlation
        paths, cuts = self._cover(walk, start, active)
        watching = [t for t in self._plan.scenario.triggers.values() if t.when == name]
        reached = np.full((len(watching), start.size), np.inf)
        end = start.copy()
        step = 0
        while paths.who.size:
            choice = self._shared_scores(rho.escalation, paths, start.size)
            elapsed = 0.0
            if step > 0:
                self._move_on(walk, paths, choice, trial)
            elif active:
                given = self._plan.scenario.disputes[name].active
                paths.level[:] = self._levels.index(given.level)
                elapsed = given.elapsed_days
            else:
                paths.level = (choice[:, np.newaxis] > walk.entry).sum(axis=1)
            self._note(walk, paths, trial, cuts)
            for trigger, first in zip(watching, reached, strict=True):
                there = np.flatnonzero(paths.level >= self._levels.index(trigger.reaches))
                np.minimum.at(first, paths.who[there], paths.day[there])
            stay = self._shared_scores(rho.duration, paths, start.size)
            paths.day = paths.day + self._sojourns(walk, paths, stay, elapsed)
            np.maximum.at(end, paths.who, np.minimum(paths.day, self._horizon))
            paths.keep(np.flatnonzero(paths.day < self._horizon))
            step += 1
        for trigger, first in zip(watching, reached, strict=True):
            lag = quantile(trigger.lag, self._rng.standard_normal(start.size))
            fires = (self._rng.random(start.size) <= trigger.probability) & (first < self._horizon)
            column = np.full(self._trials, np.inf)
            column[trial[fires]] = first[fires] + lag[fires]
            self._due[trigger.starts].append(column)
        return end

    def _shared_scores(self, rho: float, paths: _Paths, trials: int) -> Floats:
        common = self._rng.standard_normal(trials)[paths.who]
        return scores(self._rng, rho, common, paths.who.shape)

    def _cover(self, walk: Walk, start: Floats, active: bool) -> tuple[_Paths, Floats]:
        """The paths of the covered materials, and the cut fraction of each on each level."""
        rho, rng = self._plan.scenario.correlation, self._rng
        shape = (walk.materials.size, start.size)
        covered = np.ones(shape, dtype=bool)
        severity = np.empty(shape)
        if walk.cut:
            score = scores(rng, rho.coverage, rng.standard_normal(start.size), shape)
            severity = scores(rng, rho.severity, rng.standard_normal(start.size), shape)
            covered = score > walk.cover_score[:, np.newaxis]
        if active and walk.forced is not None:
            covered = np.broadcast_to(walk.forced[:, np.newaxis], shape)
        which, who = np.nonzero(covered)
        cuts = np.zeros((len(self._levels), who.size))
        bounds = np.searchsorted(which, np.arange(shape[0] + 1))
        for k, owner in enumerate(walk.cut):
            own = slice(bounds[k], bounds[k + 1])
            drawn = {d: quantile(d, severity[k, who[own]]) for d in set(owner)}
            for level, d in enumerate(owner):
                cuts[level, own] = drawn[d]
        column = np.arange(who.size)
        return _Paths(which, who, start[who], column, np.zeros_like(column)), cuts

    def _move_on(self, walk: Walk, paths: _Paths, choice: Floats, trial: Ints) -> None:
        """Go to the next level, or end."""
        rung = walk.ladder[paths.which] * len(self._levels) + paths.level
        paths.level = (choice[:, np.newaxis] > walk.next[rung]).sum(axis=1) - 1
        over = np.flatnonzero(paths.level < 0)
        if walk.cut:
            material = walk.materials[paths.which[over]]
            nothing = np.zeros(over.size)
            self._noted.append(
                (trial[paths.who[over]], material, paths.day[over], nothing, nothing > 0.0)
            )
        paths.keep(np.flatnonzero(paths.level >= 0))

    def _note(self, walk: Walk, paths: _Paths, trial: Ints, cuts: Floats) -> None:
        if walk.cut:
            material = walk.materials[paths.which]
            cut = cuts[paths.level, paths.column]
            boycott = self._boycott[paths.level]
            self._noted.append((trial[paths.who], material, paths.day, cut, boycott))

    def _sojourns(self, walk: Walk, paths: _Paths, score: Floats, elapsed: float) -> Floats:
        rung = walk.ladder[paths.which] * len(self._levels) + paths.level
        days = np.empty(rung.size)
        for k, sojourn in enumerate(walk.sojourn):
            there = np.flatnonzero(rung == k)
            if there.size:
                days[there] = quantile(sojourn, score[there], elapsed)
        return days
