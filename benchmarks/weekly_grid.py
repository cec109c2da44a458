"""The peer of the benchmarks: the model on a weekly grid, vectorised over trials in plain numpy.

What a good analyst writes: disputes are walked episode by episode and step by step for all trials
of a chunk at once, and from there one loop over weeks moves matrices (materials or uses, trials)
that fit the cache. `play_busy` goes one step further and leaves out the trials in which no material
is restricted, as the engine does. Nothing is random but numpy's
own generator, everything is float64. A week is taken as its middle, which keeps the bias of the
grid small; what begins and ends within a week may be missed. Attribution, spells and counts of
days are left out, which favours the peer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from scipy.special import ndtri

from benchmarks.weekly_disputes import play_disputes
from benchmarks.weekly_plan import WEEK, Floats, Ints, Plan, draw_rows, plan, quantile, scores
from riskengine.model.scenario import Scenario

CHUNK = 4096  # trials at a time: the fastest of 512 to 8192 where it was measured
NOTHING = 1e-12


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
    common = {m.importer: rng.standard_normal((2, trials)) for m in p.scenario.materials.values()}
    slots = []
    for k in range(max(map(len, owners))):
        slot = [alternatives[k] for alternatives in owners if len(alternatives) > k]
        capacity = draw_rows(rng, [a.capacity for a in slot], trials)
        days, places, values = [], [], []
        for i, a in enumerate(slot):
            luck, lead = common[p.scenario.materials[p.materials[i]].importer]
            succeeds = scores(rng, rho, luck, luck.shape) <= ndtri(a.probability)
            who = np.flatnonzero(succeeds & (first_cut[i] < np.inf))
            delay = quantile(a.lead_time, scores(rng, rho, lead[who], who.shape))
            held = np.broadcast_to(capacity[i], trials)[who]
            for j in range(a.ramp_steps):
                days.append(first_cut[i, who] + delay + a.ramp_days * (j + 0.5) / a.ramp_steps)
                places.append(i * trials + who)
                values.append(held * ((j + 1) / a.ramp_steps))
        slots.append(
            _Slot(
                rows=len(slot),
                offered=np.zeros((len(slot), trials)),
                premium=draw_rows(rng, [a.premium for a in slot], trials),
                spoiled=draw_rows(rng, [a.boycott_cut for a in slot], trials),
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
        coercer = {
            owner: dispute.coercer
            for name, dispute in p.scenario.disputes.items()
            for owner in p.scenario.concerned(name)
        }
        self._share = np.zeros((len(owners), 1))
        self._third = np.zeros(shape)
        for i, (name, owner) in enumerate(zip(p.materials, owners, strict=True)):
            for country, source in owner.sources.items():
                if country == coercer.get(name):
                    self._share[i] = source.share
                else:
                    lost = draw_rows(rng, [source.boycott_cut], trials)[0]
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
                    full[i] = draw_rows(rng, [tiers[k].days], trials)[0]
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
    industries = p.scenario.industries.values()
    rate = np.array([i.value_added_per_year / 365.0 * (1.0 - i.recapture) for i in industries])
    # Without BLAS: its threads would wait on processor time that counts against the peer.
    costs = np.einsum("im,mt->it", p.cost_weight, supply.costs())
    return np.einsum("i,it->t", p.multiplier, rate[:, np.newaxis] * demand.lost_days + costs)


def play(scenario: Scenario, trials: int, seed: int, chunk: int = CHUNK) -> Floats:
    """Total losses of a number of trials, in chunks; every trial goes through all weeks.

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
        totals[first : first + count] = _play_weeks(p, rng, play_disputes(p, rng, count), count)
    return totals


def play_busy(scenario: Scenario, trials: int, seed: int, chunk: int = CHUNK) -> Floats:
    """The same by somebody who tunes: only trials with a restricted material go on to the weeks."""
    p = plan(scenario)
    rng = np.random.default_rng(seed)
    totals = np.zeros(trials)
    for first in range(0, trials, chunk):
        count = min(chunk, trials - first)
        trial, *rest = play_disputes(p, rng, count)
        busy, trial = np.unique(trial, return_inverse=True)
        if busy.size:
            totals[first + busy] = _play_weeks(p, rng, (trial, *rest), busy.size)
    return totals


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
    from riskengine.play.simulate import simulate

    peer = play(scenario, trials, seed)
    engine = simulate(scenario, trials=trials, seed=seed).total
    return Agreement(
        peer_mean=float(peer.mean()),
        engine_mean=float(engine.mean()),
        standard_error=float(np.sqrt((peer.var() + engine.var()) / trials)),
        peer_prob_loss=float((peer > 0.0).mean()),
        engine_prob_loss=float((engine > 0.0).mean()),
    )
