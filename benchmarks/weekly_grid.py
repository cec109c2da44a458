"""The peer of the benchmarks: the model on a weekly grid, vectorised over trials in plain numpy.

What a good analyst writes: disputes are walked episode by episode and step by step for all trials
of a chunk at once, only trials with a restricted material go on, and from there one loop over
weeks moves matrices (materials or uses, trials) that fit the cache. Nothing is random but numpy's
own generator, everything is float64. A week is taken as its middle, which keeps the bias of the
grid small; what begins and ends within half a week may be missed.

It covers scenarios of the kind of `configs/korea-2026.toml`: renewing disputes, triggers without
loops, at most one dispute a material, bottleneck industries, proportional allocation. Attribution,
spells and day counts are left out, which favours the peer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.special import betaincinv, gammaincinv, log_ndtr, ndtr, ndtri

from riskengine.model.distributions import Distribution
from riskengine.model.scenario import Scenario

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WEEK = 7.0
CHUNK = 1024  # trials at a time: half of them go on, and their matrices fit a second-level cache
NOTHING = 1e-12

# ---------------------------------------------------------------------------------------------
# Quantiles, of standard normal scores rather than of uniforms

_SCORES = np.linspace(-7.0, 7.0, 2801)

_QUANTILES: dict[str, Any] = {
    "exponential": lambda u, mean: -mean * np.log1p(-u),
    "lognormal": lambda u, mu, sigma: np.exp(mu + sigma * ndtri(u)),
    "weibull": lambda u, shape, scale: scale * (-np.log1p(-u)) ** (1.0 / shape),
    "gamma": lambda u, shape, scale: scale * gammaincinv(shape, u),
    "loglogistic": lambda u, median, shape: median * (u / (1.0 - u)) ** (1.0 / shape),
    "pareto": lambda u, minimum, shape: minimum * (1.0 - u) ** (-1.0 / shape),
    "uniform": lambda u, low, high: low + (high - low) * u,
    "triangular": lambda u, low, mode, high: np.where(
        u * (high - low) <= mode - low,
        low + np.sqrt(u * (high - low) * (mode - low)),
        high - np.sqrt((1.0 - u) * (high - low) * (high - mode)),
    ),
    "beta": lambda u, alpha, beta: betaincinv(alpha, beta, u),
    "pert": lambda u, low, mode, high: (
        low
        + (high - low)
        * betaincinv(
            1.0 + 4.0 * (mode - low) / (high - low), 1.0 + 4.0 * (high - mode) / (high - low), u
        )
    ),
}


@cache
def _table(d: Distribution, elapsed: float) -> Floats:
    """Quantiles of X - elapsed given X > elapsed at the scores of the grid."""
    low = d.below(max(d.minimum, elapsed)) if max(d.minimum, elapsed) > 0.0 else 0.0
    high = d.below(d.maximum) if d.maximum < np.inf else 1.0
    u = np.minimum(low + (high - low) * ndtr(_SCORES), 1.0 - 1e-15)
    if d.family == "empirical":
        found = np.searchsorted(np.cumsum(d.weights), u)
        return np.array(d.values)[np.minimum(found, len(d.values) - 1)] - elapsed
    return np.asarray(_QUANTILES[d.family](u, *d.parameters)) - elapsed


def quantile(d: Distribution, z: Floats, elapsed: float = 0.0) -> Floats:
    """Quantile of a distribution at the probability of each normal score."""
    if d.is_constant:
        return np.full(z.shape, d.parameters[0] - elapsed)
    if elapsed == 0.0 and not d.is_truncated:
        if d.family == "lognormal":
            return np.exp(d.parameters[0] + d.parameters[1] * z)
        if d.family == "exponential":
            return -d.parameters[0] * log_ndtr(-z)
    return np.interp(z, _SCORES, _table(d, elapsed))


def _scores(rng: Generator, rho: float, common: Floats, shape: tuple[int, ...]) -> Floats:
    """One-factor scores: the square root of rho times the common one, and the rest on its own."""
    own = rng.standard_normal(shape)
    if rho == 0.0:
        return own
    own *= np.sqrt(1.0 - rho)
    own += np.sqrt(rho) * common
    return own


# ---------------------------------------------------------------------------------------------
# The scenario as arrays


@dataclass(frozen=True, slots=True)
class Walk:
    """What the paths of one dispute need; rows are (ladder, level), flat."""

    materials: Ints  #: rows of the materials concerned; -1 alone where there is none
    cover_score: Floats  #: a material is covered above this score
    forced: NDArray[np.bool_] | None  #: coverage of the active episode where it is given
    ladder: Ints  #: of each material concerned
    cut: list[list[Distribution]]  #: of each material concerned, by level
    entry: Floats  #: scores up to which each level is entered
    next: Floats  #: scores up to which each outcome is next, `resolved` first
    sojourn: list[Distribution]


@dataclass(frozen=True, slots=True)
class Plan:
    """A scenario laid out for the grid; materials come by falling number of alternatives."""

    scenario: Scenario
    order: list[str]  #: disputes, those that trigger before those that are triggered
    walks: dict[str, Walk]
    materials: list[str]
    weeks: int
    use_material: Ints  #: row of the material of each use; uses are grouped by industry
    use_first: Ints  #: first use of each industry
    cost_weight: Floats  #: (industries, materials) money a day per unit of premium
    multiplier: Floats  #: total loss per unit of direct loss of each industry


def plan(scenario: Scenario) -> Plan:
    """Lay a scenario out for the grid.

    Raises
    ------
    ValueError
        If the scenario has something that the peer leaves out.
    """
    _refuse_foreign(scenario)
    watched: dict[str, set[str]] = {name: set() for name in scenario.disputes}
    for trigger in scenario.triggers.values():
        watched[trigger.starts].add(trigger.when)
    materials = sorted(
        scenario.materials, key=lambda name: -len(scenario.materials[name].alternatives)
    )
    row = {name: i for i, name in enumerate(materials)}
    uses = [(i, m) for i, industry in scenario.industries.items() for m in industry.uses]
    counts = [len(industry.uses) for industry in scenario.industries.values()]
    return Plan(
        scenario=scenario,
        order=list(TopologicalSorter(watched).static_order()),
        walks={name: _walk_of(scenario, name, row) for name in scenario.disputes},
        materials=materials,
        weeks=int(np.ceil(scenario.run.horizon_days / WEEK)),
        use_material=np.array([row[m] for _, m in uses]),
        use_first=np.cumsum([0, *counts[:-1]]),
        cost_weight=_cost_weights(scenario, materials),
        multiplier=_multipliers(scenario),
    )


def _refuse_foreign(scenario: Scenario) -> None:
    concerned = [name for d in scenario.disputes for name in scenario.concerned(d)]
    if len(set(concerned)) < len(concerned):
        raise ValueError("the peer knows at most one dispute a material")
    if any(m.allocation != "proportional" for m in scenario.materials.values()):
        raise ValueError("the peer knows proportional allocation only")
    if any(i.combine != "bottleneck" or not i.uses for i in scenario.industries.values()):
        raise ValueError("the peer knows industries with uses, and bottlenecks, only")


def _walk_of(scenario: Scenario, name: str, row: dict[str, int]) -> Walk:
    dispute = scenario.disputes[name]
    levels = list(scenario.ladder)
    owners = scenario.concerned(name)
    changed = [owner for owner in owners if scenario.materials[owner].ladder]
    sojourn, following = [], []
    for owner in (None, *changed):
        overrides = scenario.materials[owner].ladder if owner else {}
        for level, common in scenario.ladder.items():
            own = overrides.get(level)
            sojourn.append(own.sojourn if own and own.sojourn else common.sojourn)
            chances = own.next if own and own.next else common.next
            following.append(_score_limits(chances, ["resolved", *levels]))
    given = dispute.active.materials if dispute.active else None
    nothing = Distribution(family="constant", parameters=(0.0,))
    return Walk(
        materials=np.array([row[owner] for owner in owners] or [-1]),
        cover_score=ndtri([1.0 - scenario.materials[owner].coverage for owner in owners] or [0.0]),
        forced=None if given is None else np.array([owner in given for owner in owners]),
        ladder=np.array([1 + changed.index(o) if o in changed else 0 for o in owners] or [0]),
        cut=[[scenario.materials[o].cut.get(k, nothing) for k in levels] for o in owners],
        entry=_score_limits(dispute.entry, levels),
        next=np.array(following),
        sojourn=sojourn,
    )


def _score_limits(chances: dict[str, float], outcomes: Sequence[str]) -> Floats:
    """Scores up to which each outcome is chosen, mildest first."""
    shares = np.array([chances.get(outcome, 0.0) for outcome in outcomes])
    limits = ndtri(np.minimum(np.cumsum(shares), 1.0))
    limits[shares.nonzero()[0].max(initial=0) :] = np.inf
    return np.asarray(limits)


def _cost_weights(scenario: Scenario, materials: list[str]) -> Floats:
    weights = np.array(
        [
            [i.uses[m].share if m in i.uses else 0.0 for m in materials]
            for i in scenario.industries.values()
        ]
    )
    taken = weights.sum(axis=0)
    spend = np.array([scenario.materials[m].spend_per_year / 365.0 for m in materials])
    return weights * np.divide(spend, taken, out=np.zeros_like(spend), where=taken > 0.0)


def _multipliers(scenario: Scenario) -> Floats:
    names = list(scenario.industries)
    passed = np.array(
        [[scenario.propagation.get(j, {}).get(i, 0.0) for i in names] for j in names]
    )
    return np.asarray(np.linalg.inv(np.eye(len(names)) - passed).sum(axis=1))


# ---------------------------------------------------------------------------------------------
# Disputes: onsets, triggers and paths, for all trials of a chunk at once


class _Book:
    """The changes of all paths of a chunk, in order of time within each path."""

    def __init__(self) -> None:
        self.columns: list[tuple[Ints, Ints, Floats, Floats, NDArray[np.bool_]]] = []

    def note(self, trial: Ints, material: Ints, day: Floats, cut: Floats, boycott: Any) -> None:
        if material.size and material[0] >= 0:
            self.columns.append((trial, material, day, cut, boycott))

    def all(self) -> tuple[Any, ...]:
        if not self.columns:
            return tuple(np.empty(0, kind) for kind in (int, int, float, float, bool))
        return tuple(np.concatenate(parts) for parts in zip(*self.columns, strict=True))


def _play_disputes(p: Plan, rng: Generator, trials: int) -> tuple[Any, ...]:
    """All changes of all paths: (trial, material, day, cut, on a boycott level)."""
    book = _Book()
    due: dict[str, list[Floats]] = {name: [] for name in p.scenario.disputes}
    for name in p.order:
        _play_dispute(p, rng, name, trials, due, book)
    return book.all()


def _play_dispute(
    p: Plan, rng: Generator, name: str, trials: int, due: dict[str, list[Floats]], book: _Book
) -> None:
    """One dispute's episodes, one after another, for the trials that still have one to come."""
    dispute = p.scenario.disputes[name]
    pending = np.column_stack([np.full(trials, np.inf), *due[name]])
    active = dispute.active is not None
    until = np.zeros(trials)
    onset = until if active else _calm(rng, dispute.rate_per_year, until)
    trial = np.arange(trials)
    while True:
        pending[pending < until[:, np.newaxis]] = np.inf
        earliest = pending.argmin(axis=1)
        triggered = pending[np.arange(trial.size), earliest]
        start = np.minimum(onset, triggered)
        by_trigger = np.flatnonzero(triggered < onset)
        pending[by_trigger, earliest[by_trigger]] = np.inf
        alive = np.flatnonzero(start < p.scenario.run.horizon_days)
        if alive.size == 0:
            return
        trial, pending = trial[alive], pending[alive]
        until = _play_episode(p, rng, name, trial, start[alive], active, due, book, trials)
        onset = _calm(rng, dispute.rate_per_year, until)
        active = False


def _calm(rng: Generator, rate: float, since: Floats) -> Floats:
    if rate == 0.0:
        return np.full(since.shape, np.inf)
    return since + rng.exponential(365.0 / rate, since.size)


def _play_episode(
    p: Plan,
    rng: Generator,
    name: str,
    trial: Ints,
    start: Floats,
    active: bool,
    due: dict[str, list[Floats]],
    book: _Book,
    trials: int,
) -> Floats:
    """Walk all paths of one episode in each of some trials; the day on which each ends."""
    scenario, walk = p.scenario, p.walks[name]
    rho, horizon = scenario.correlation, scenario.run.horizon_days
    which, who, cuts = _cover(p, rng, walk, start.size, active)
    boycott = np.array([level.boycott for level in scenario.ladder.values()])
    levels = len(boycott)
    watching = [t for t in scenario.triggers.values() if t.when == name]
    reaches = [list(scenario.ladder).index(t.reaches) for t in watching]
    reached = np.full((len(watching), start.size), np.inf)
    end = start.copy()
    day = start[who]
    position = np.arange(who.size)
    level = np.zeros(who.size, dtype=np.int64)
    step = 0
    while who.size:
        choice = _scores(rng, rho.escalation, rng.standard_normal(start.size)[who], who.shape)
        if step > 0:
            rung = walk.ladder[which] * levels + level
            level = (choice[:, np.newaxis] > walk.next[rung]).sum(axis=1) - 1
            done = np.flatnonzero(level < 0)
            nothing = np.zeros(done.size)
            book.note(trial[who[done]], walk.materials[which[done]], day[done], nothing, nothing > 0)
            on = np.flatnonzero(level >= 0)
            which, who, day, position, level = which[on], who[on], day[on], position[on], level[on]
        elif active:
            level[:] = list(scenario.ladder).index(scenario.disputes[name].active.level)
        else:
            level = (choice[:, np.newaxis] > walk.entry).sum(axis=1)
        book.note(trial[who], walk.materials[which], day, cuts[level, position], boycott[level])
        for k, deep in enumerate(reaches):
            there = np.flatnonzero(level >= deep)
            np.minimum.at(reached[k], who[there], day[there])
        stay = _scores(rng, rho.duration, rng.standard_normal(start.size)[who], who.shape)
        elapsed = scenario.disputes[name].active.elapsed_days if active and step == 0 else 0.0
        day = day + _sojourns(walk, walk.ladder[which] * levels + level, stay, elapsed)
        np.maximum.at(end, who, np.minimum(day, horizon))
        on = np.flatnonzero(day < horizon)
        which, who, day, position, level = which[on], who[on], day[on], position[on], level[on]
        step += 1
    for trigger, first in zip(watching, reached, strict=True):
        lag = quantile(trigger.lag, rng.standard_normal(start.size))
        fires = (rng.random(start.size) <= trigger.probability) & (first < horizon)
        column = np.full(trials, np.inf)
        column[trial[fires]] = first[fires] + lag[fires]
        due[trigger.starts].append(column)
    return end


def _cover(
    p: Plan, rng: Generator, walk: Walk, trials: int, active: bool
) -> tuple[Ints, Ints, Floats]:
    """Which materials are covered, in which trials, and the cut fraction of each on each level."""
    rho = p.scenario.correlation
    levels = len(p.scenario.ladder)
    if walk.materials[0] < 0:
        return np.zeros(trials, dtype=np.int64), np.arange(trials), np.zeros((levels, trials))
    shape = (walk.materials.size, trials)
    score = _scores(rng, rho.coverage, rng.standard_normal(trials), shape)
    severity = _scores(rng, rho.severity, rng.standard_normal(trials), shape)
    covered = score > walk.cover_score[:, np.newaxis]
    if active and walk.forced is not None:
        covered = np.broadcast_to(walk.forced[:, np.newaxis], shape)
    which, who = np.nonzero(covered)
    cuts = np.empty((levels, who.size))
    bounds = np.searchsorted(which, np.arange(shape[0] + 1))
    for k, owner in enumerate(walk.cut):
        own = slice(bounds[k], bounds[k + 1])
        z = severity[k, who[own]]
        drawn = {d: quantile(d, z) for d in set(owner)}
        for level, d in enumerate(owner):
            cuts[level, own] = drawn[d]
    return which, who, cuts


def _sojourns(walk: Walk, rung: Ints, score: Floats, elapsed: float) -> Floats:
    days = np.empty(rung.size)
    for k, sojourn in enumerate(walk.sojourn):
        there = np.flatnonzero(rung == k)
        if there.size:
            days[there] = quantile(sojourn, score[there], elapsed)
    return days


# ---------------------------------------------------------------------------------------------
# Weeks: supply, stocks, industries, for the trials of a chunk in which anything is restricted


class _Calendar:
    """Changes to a matrix, sorted by the first week whose middle comes after them."""

    def __init__(self, weeks: int, day: Floats, place: Ints, *values: Any) -> None:
        week = np.ceil(day / WEEK - 0.5)
        kept = np.flatnonzero(week < weeks)
        week = np.maximum(week[kept], 0.0)
        order = np.argsort(week, kind="stable")
        self._bounds = np.searchsorted(week[order], np.arange(weeks + 1))
        self._place = place[kept][order]
        self._values = [value[kept][order] for value in values]

    def apply(self, week: int, *matrices: Floats) -> None:
        """Write the changes of a week; of several to one place the last one stays."""
        now = slice(self._bounds[week], self._bounds[week + 1])
        for matrix, values in zip(matrices, self._values, strict=True):
            matrix.reshape(-1)[self._place[now]] = values[now]


def _draw_rows(rng: Generator, distributions: Sequence[Distribution], trials: int) -> Floats:
    """One independent draw a row and trial; a single column where nothing is random."""
    if all(d.is_constant for d in distributions):
        return np.array([d.parameters[0] for d in distributions]).reshape(-1, 1)
    return np.array([quantile(d, rng.standard_normal(trials)) for d in distributions])


@dataclass(slots=True)
class _Slot:
    """The k-th alternatives of all materials that have so many: the first rows."""

    rows: int
    offered: Floats
    premium: Floats
    spoiled: Floats  #: fraction lost on a boycott level
    arrivals: _Calendar


def _draw_alternatives(p: Plan, rng: Generator, first_cut: Floats) -> list[_Slot]:
    owners = [list(p.scenario.materials[m].alternatives.values()) for m in p.materials]
    trials = first_cut.shape[1]
    rho = p.scenario.correlation.rerouting
    common = {
        m.importer: rng.standard_normal((2, trials)) for m in p.scenario.materials.values()
    }
    slots = []
    for k in range(max(map(len, owners))):
        slot = [alternatives[k] for alternatives in owners if len(alternatives) > k]
        capacity = _draw_rows(rng, [a.capacity for a in slot], trials)
        days, places, values = [], [], []
        for i, a in enumerate(slot):
            luck, lead = common[p.scenario.materials[p.materials[i]].importer]
            succeeds = _scores(rng, rho, luck, luck.shape) <= ndtri(a.probability)
            who = np.flatnonzero(succeeds & (first_cut[i] < np.inf))
            delay = quantile(a.lead_time, _scores(rng, rho, lead[who], who.shape))
            held = np.broadcast_to(capacity[i], trials)[who]
            for j in range(a.ramp_steps):
                days.append(first_cut[i, who] + delay + a.ramp_days * (j + 0.5) / a.ramp_steps)
                places.append(i * trials + who)
                values.append(held * ((j + 1) / a.ramp_steps))
        slots.append(
            _Slot(
                rows=len(slot),
                offered=np.zeros((len(slot), trials)),
                premium=_draw_rows(rng, [a.premium for a in slot], trials),
                spoiled=_draw_rows(rng, [a.boycott_cut for a in slot], trials),
                arrivals=_Calendar(p.weeks, *map(np.concatenate, (days, places, values))),
            )
        )
    return slots


class _Supply:
    """The materials of a chunk's trials, week by week: matrices (materials, trials)."""

    def __init__(self, p: Plan, rng: Generator, changes: tuple[Any, ...], trials: int) -> None:
        trial, material, day, cut, boycott = changes
        owners = [p.scenario.materials[m] for m in p.materials]
        shape = (len(owners), trials)
        place = material * trials + trial
        self._changes = _Calendar(p.weeks, day, place, cut, boycott.astype(np.float64))
        self._cut, self._boycott = np.zeros(shape), np.zeros(shape)
        coercer = {m: d.coercer for n, d in p.scenario.disputes.items() for m in p.scenario.concerned(n)}
        self._share = np.zeros((len(owners), 1))
        self._third = np.zeros(shape)
        for i, (name, owner) in enumerate(zip(p.materials, owners, strict=True)):
            for country, source in owner.sources.items():
                if country == coercer.get(name):
                    self._share[i] = source.share
                else:
                    lost = _draw_rows(rng, [source.boycott_cut], trials)[0]
                    self._third[i] += source.share * lost
        first_cut = np.full(shape, np.inf)
        hurts = np.flatnonzero((cut > 0.0) | boycott)
        np.minimum.at(first_cut.reshape(-1), place[hurts], day[hurts])
        self._slots = _draw_alternatives(p, rng, first_cut)
        self._draw_stocks(p, rng, trials)
        self._first_gap = np.full(shape, np.inf)
        self._left, self._cost, self._price = np.empty(shape), np.zeros(shape), np.zeros(shape)
        self._elastic = [(i, m) for i, m in enumerate(owners) if m.price_elasticity]
        self._refill = np.array([[m.refill_rate] for m in owners])

    def _draw_stocks(self, p: Plan, rng: Generator, trials: int) -> None:
        owners = [list(p.scenario.materials[m].stocks.values()) for m in p.materials]
        self._tiers = []
        for k in range(max(map(len, owners))):
            full = np.zeros((len(owners), trials))
            lag, release = np.zeros((2, len(owners), 1))
            for i, tiers in enumerate(owners):
                if len(tiers) > k:
                    full[i] = _draw_rows(rng, [tiers[k].days], trials)[0]
                    lag[i], release[i] = tiers[k].release_lag_days, tiers[k].max_release
            self._tiers.append((full, full.copy(), lag, release))

    def step(self, week: int, days: float) -> Floats:
        """Net shortage in a week; books the premiums and the price response."""
        self._changes.apply(week, self._cut, self._boycott)
        left = np.multiply(self._cut, self._share, out=self._left)
        left += self._boycott * self._third
        for slot in self._slots:
            slot.arrivals.apply(week, slot.offered)
            offered = slot.offered
            if slot.spoiled.any():
                offered = offered * (1.0 - slot.spoiled * self._boycott[: slot.rows])
            used = np.minimum(offered, left[: slot.rows])
            left[: slot.rows] -= used
            used *= slot.premium * days
            self._cost[: slot.rows] += used
        left[left < NOTHING] = 0.0
        self._use_stocks((week + 0.5) * WEEK, days, left)
        for i, material in self._elastic:
            rest = np.maximum(1.0 - left[i], NOTHING)
            factor = np.minimum(rest ** (-1.0 / material.price_elasticity), material.price_cap)
            self._price[i] += rest * (factor - 1.0) * days
        return left

    def _use_stocks(self, t: float, days: float, left: Floats) -> None:
        short = left > 0.0
        np.minimum(self._first_gap, t, out=self._first_gap, where=short)
        back = (self._refill * days) * ~short
        for full, stock, lag, release in self._tiers:
            taken = np.minimum(left, release)
            taken *= t >= self._first_gap + lag
            taken *= days
            np.minimum(taken, stock, out=taken)
            stock -= taken
            taken /= days
            left -= taken
            added = np.minimum(back, full - stock)
            stock += added
            back -= added
        left[left < NOTHING] = 0.0

    def costs(self) -> Floats:
        """Days of premium and price response of each material and trial."""
        return self._cost + self._price


class _Demand:
    """The uses of a chunk's trials, week by week: matrices (uses, trials)."""

    def __init__(self, p: Plan, trials: int) -> None:
        industries = p.scenario.industries.values()
        uses = [use for industry in industries for use in industry.uses.values()]
        owners = [p.scenario.materials[p.materials[row]] for row in p.use_material]
        self._plan = p
        self._full = np.array([[use.inventory_days] for use in uses])
        self._held = np.repeat(self._full, trials, axis=1)
        self._refill = np.array([[owner.refill_rate] for owner in owners])
        self._dependence = np.repeat([[use.dependence] for use in uses], trials, axis=1)
        self._reduced = np.array([use.dependence * (1.0 - use.substitution_share) for use in uses])
        self._lag = np.array([use.substitution_lag_days for use in uses])
        self._felt_before = np.zeros(self._held.shape, dtype=bool)
        self._substituted: list[tuple[float, Ints, Ints]] = []
        self._stops = np.array([[1.0 - i.min_operating_rate + NOTHING] for i in industries])
        self.lost_days = np.zeros((len(self._stops), trials))

    def step(self, week: int, days: float, short: Floats) -> None:
        """Book a week's loss of output."""
        need = short[self._plan.use_material]
        need *= days
        taken = np.minimum(self._held, need)
        self._held -= taken
        back = (self._refill * days) * (need == 0.0)
        back += self._held
        np.minimum(back, self._full, out=self._held)
        felt = np.subtract(need, taken, out=need)
        felt /= days
        felt[felt < NOTHING] = 0.0
        self._substitute((week + 0.5) * WEEK, felt)
        felt *= self._dependence
        loss = np.maximum.reduceat(felt, self._plan.use_first, axis=0)
        loss[loss > self._stops] = 1.0
        loss *= days
        self.lost_days += loss

    def _substitute(self, t: float, felt: Floats) -> None:
        """Note first shortages, and lower the dependence where the lag since one has passed."""
        hit = felt > 0.0
        fresh = hit & ~self._felt_before
        self._felt_before |= hit
        use, trial = np.nonzero(fresh)
        for lag in np.unique(self._lag[use]):
            mine = np.flatnonzero(self._lag[use] == lag)
            self._substituted.append((t + lag, use[mine], trial[mine]))
        due = [entry for entry in self._substituted if entry[0] <= t]
        self._substituted = [entry for entry in self._substituted if entry[0] > t]
        for _, use, trial in due:
            self._dependence[use, trial] = self._reduced[use]


def _play_weeks(p: Plan, rng: Generator, changes: tuple[Any, ...], trials: int) -> Floats:
    """Total loss of each trial."""
    supply = _Supply(p, rng, changes, trials)
    demand = _Demand(p, trials)
    for week in range(p.weeks):
        days = min(WEEK, p.scenario.run.horizon_days - week * WEEK)
        demand.step(week, days, supply.step(week, days))
    rate = np.array(
        [i.value_added_per_year / 365.0 * (1.0 - i.recapture) for i in p.scenario.industries.values()]
    )
    direct = rate[:, np.newaxis] * demand.lost_days + p.cost_weight @ supply.costs()
    return np.asarray(p.multiplier @ direct)


def play(scenario: Scenario, trials: int, seed: int, chunk: int = CHUNK) -> Floats:
    """Total losses of a number of trials, in chunks.

    Raises
    ------
    ValueError
        If the scenario has something that the peer leaves out.
    """
    p = plan(scenario)
    rng = np.random.default_rng(seed)
    totals = np.zeros(trials)
    for first in range(0, trials, chunk):
        count = min(chunk, trials - first)
        trial, *rest = _play_disputes(p, rng, count)
        busy, trial = np.unique(trial, return_inverse=True)
        if busy.size:
            totals[first + busy] = _play_weeks(p, rng, (trial, *rest), busy.size)
    return totals


# ---------------------------------------------------------------------------------------------
# Is it the same model?


@dataclass(frozen=True, slots=True)
class Agreement:
    """Mean loss and probability of a loss by both, with the standard errors of the means."""

    peer_mean: float
    engine_mean: float
    standard_error: float  #: of the difference of the means
    peer_prob_loss: float
    engine_prob_loss: float

    @property
    def bias(self) -> float:
        """Relative difference of the mean."""
        return self.peer_mean / self.engine_mean - 1.0


def compare(scenario: Scenario, trials: int, seed: int) -> Agreement:
    """Run both and compare what they say; the engine is exact, the peer has the grid's bias."""
    from riskengine.simulate import simulate

    peer = play(scenario, trials, seed)
    engine = simulate(scenario, trials=trials, seed=seed).total
    return Agreement(
        peer_mean=float(peer.mean()),
        engine_mean=float(engine.mean()),
        standard_error=float(np.sqrt((peer.var() + engine.var()) / trials)),
        peer_prob_loss=float((peer > 0.0).mean()),
        engine_prob_loss=float((engine > 0.0).mean()),
    )
