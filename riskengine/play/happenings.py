"""What happened in a trial, one happening and one name at a time, before sentences are made."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from riskengine.kernel.arrays import NOTHING
from riskengine.model.flat.demand import inventories
from riskengine.model.scenario import Alternative, Industry, Scenario, Use

if TYPE_CHECKING:
    from riskengine.play.replay import Replay
    from riskengine.play.rows import (
        Arrival,
        Episode,
        GrantStep,
        OutputStep,
        Stock,
        SupplyStep,
        UseStep,
        Visit,
    )

_Paths = dict[str, list["Visit"]]  # of one episode, by material; "" for a dispute without materials
TOLD_CHANGE = 0.1  #: smaller changes of a shortage or a loss are in the steps, not in the story


class Happening(NamedTuple):
    """Something that happened; happenings with equal day, kind, `of` and `how` share a sentence."""

    day: float
    kind: str
    of: str = ""  #: the dispute, material or industry that the sentence is about
    how: tuple[Any, ...] = ()  #: what else the sentence says about all its names
    names: tuple[str, ...] = ()  #: to whom it happened, the owner first
    figure: float = math.nan  #: how much of it this name had; nan where there is no amount


def is_worth_telling(told: float, now: float) -> bool:
    """Whether a share changed from or to nothing or everything, or by `TOLD_CHANGE` or more.

    >>> is_worth_telling(0.0, 0.05), is_worth_telling(0.3, 0.35), is_worth_telling(0.3, 0.5)
    (True, False, True)
    >>> is_worth_telling(0.95, 1.0), is_worth_telling(1.0, 1.0)
    (True, False)
    """
    if {told, now} & {0.0, 1.0}:
        return told != now
    return abs(now - told) >= TOLD_CHANGE


def happenings(replay: Replay) -> list[Happening]:
    """All happenings of disputes, materials, pools and industries, in no particular order."""
    parts = (_of_disputes, _of_supply, _of_pools, _of_industries)
    return [happening for part in parts for happening in part(replay)]


# Disputes: outbreaks, levels, ends


def _of_disputes(replay: Replay) -> Iterator[Happening]:
    scenario = replay.row.scenario
    for episode, paths in _paths_by_episode(replay):
        yield _outbreak(scenario, episode, paths)
        for material, path in paths.items():
            yield from _walk(scenario, episode, material, path)


def _paths_by_episode(replay: Replay) -> list[tuple[Episode, _Paths]]:
    starts: defaultdict[str, list[float]] = defaultdict(list)
    paths: defaultdict[tuple[str, int], _Paths] = defaultdict(dict)
    for episode in replay.episodes:
        starts[episode.dispute].append(episode.start_day)
    for visit in replay.visits:
        number = bisect_right(starts[visit.dispute], visit.start_day) - 1
        paths[visit.dispute, number].setdefault(visit.material, []).append(visit)
    return [(e, paths[e.dispute, e.number]) for e in replay.episodes]


def _outbreak(scenario: Scenario, episode: Episode, paths: _Paths) -> Happening:
    dispute = scenario.disputes[episode.dispute]
    concerned = scenario.concerned(episode.dispute)
    spared = tuple(material for material in concerned if material not in paths)
    parties = (dispute.coercer, dispute.target)
    is_active = dispute.active is not None and episode.number == 0
    kind = "active" if is_active else "outbreak"
    trigger = episode.trigger
    cause = (trigger, scenario.triggers[trigger].when) if trigger else ()
    return Happening(
        episode.start_day,
        kind,
        episode.dispute,
        (parties, cause, spared, not paths),
        tuple(material for material in paths if material),
    )


def _walk(
    scenario: Scenario, episode: Episode, material: str, path: list[Visit]
) -> Iterator[Happening]:
    """The levels of a path one by one, and its end."""
    names = (material,) if material else ()
    depth = {level: k for k, level in enumerate(scenario.ladder)}
    before = ""
    for visit in path:
        if visit.level == before:
            continue
        kind = "entry"
        if before:
            kind = "escalation" if depth[visit.level] > depth[before] else "easing"
        how = (before, visit.level, *_reach(scenario, visit))
        yield Happening(visit.start_day, kind, episode.dispute, how, names, visit.cut)
        before = visit.level
    end = path[-1].end_day
    if end < scenario.run.horizon_days:
        yield Happening(end, "resolved", episode.dispute, (end == episode.end_day,), names)
    else:
        yield Happening(end, "unresolved", episode.dispute, (before,), names)


def _reach(scenario: Scenario, visit: Visit) -> tuple[str, bool]:
    """The country whose flow is cut, if any, and whether third countries join in."""
    if not visit.material:
        return "", False
    return scenario.disputes[visit.dispute].coercer, scenario.ladder[visit.level].boycott


# Supply of each material: cuts, other supply, stocks


def _of_supply(replay: Replay) -> Iterator[Happening]:
    scenario = replay.row.scenario
    for material in scenario.materials:
        steps = [step for step in replay.supply if step.material == material]
        if not steps:
            continue
        yield from _cuts(material, steps)
        yield from _stocks(scenario, material, steps)
        for k, stock in enumerate(s for s in replay.stocks if s.material == material):
            yield from _building(scenario, stock, [(s.day, s.lost, s.stocks[k]) for s in steps])
        yield from _shortages(material, steps)
        yield from _at_the_end(material, steps[-1], replay.row.horizon_days)
        for arrival in replay.arrivals:
            if arrival.material == material:
                yield _other_supply(scenario, arrival, steps[0].day)


def _cuts(material: str, steps: list[SupplyStep]) -> Iterator[Happening]:
    cut = again = False
    for step in steps:
        if (step.lost > 0.0) == cut:
            continue
        cut = not cut
        if cut:
            yield Happening(step.day, "cut", "", (again,), (material,), step.lost)
            again = True
        else:
            yield Happening(step.day, "whole", "", (), (material,))


def _other_supply(scenario: Scenario, arrival: Arrival, first_cut: float) -> Happening:
    names = (arrival.material, arrival.alternative)
    if not arrival.succeeded:
        return Happening(first_cut, "failed", "", (), names)
    plan = scenario.materials[arrival.material].alternatives[arrival.alternative]
    day, full = _ramp(arrival, plan)
    if day >= scenario.run.horizon_days:
        return Happening(first_cut, "too-late", "", (), names)
    how = (names, full, arrival.premium, plan.lead_from == "start")
    return Happening(day, "arrival", "", how, names, arrival.capacity)


def _ramp(arrival: Arrival, plan: Alternative) -> tuple[float, float]:
    """The days on which the first and the last part of capacity is there: model, section 4."""
    half_a_step = 0.5 / plan.ramp_steps
    first = arrival.start_day + plan.ramp_days * half_a_step
    last = arrival.start_day + plan.ramp_days * (plan.ramp_steps - 0.5) / plan.ramp_steps
    return first, last


def _stocks(scenario: Scenario, material: str, steps: list[SupplyStep]) -> Iterator[Happening]:
    for k, tier in enumerate(scenario.materials[material].stocks):
        names = (material, tier)
        opened = next((step for step in steps if step.drawn[k] > 0.0), None)
        if opened is not None:
            yield Happening(opened.day, "drawn", "", (), names, opened.stocks[k])
        for before, step in pairwise(steps):
            if before.stocks[k] > 0.0 and step.stocks[k] == 0.0:
                last = step.stock_days == 0.0
                yield Happening(step.day, "emptied", "", (last,), names)


def _building(
    scenario: Scenario, stock: Stock, steps: list[tuple[float, float, float]]
) -> Iterator[Happening]:
    """When a stock that is built up is full, and what it holds where a cut comes first.

    Each step is the day on which it begins, what is lost and what the stock holds then.
    """
    rate = scenario.materials[stock.material].stocks[stock.tier].build_rate
    if rate == 0.0:
        return
    names, full = (stock.material, stock.tier), stock.full_days
    beginning = (0.0, 0.0, stock.start_days)  # nothing is lost before the first step
    end = (scenario.run.horizon_days, 0.0, math.nan)
    for (day, lost, held), (until, lost_then, held_then) in pairwise([beginning, *steps, end]):
        if lost > 0.0 or held == full:
            continue
        ready = day + (full - held) / rate
        if ready <= until or held_then == full:
            yield Happening(min(ready, until), "built", "", (), names, full)
        elif lost_then > 0.0:
            yield Happening(until, "unfinished", "", (names, full), names, held_then)


def _shortages(material: str, steps: list[SupplyStep]) -> Iterator[Happening]:
    told = 0.0
    for step in steps:
        if not is_worth_telling(told, step.short):
            continue
        kind = "shorter" if step.short > told else "less-short"
        if 0.0 in (told, step.short):
            kind = "short" if told == 0.0 else "supplied"
        yield Happening(step.day, kind, "", (), (material,), step.short)
        told = step.short


def _at_the_end(material: str, step: SupplyStep, horizon: float) -> Iterator[Happening]:
    if step.short > 0.0:
        yield Happening(horizon, "still-short", "", (), (material,), step.short)


# Pools: when more is asked of one than there is, and who is granted how much of what it asks for


def _of_pools(replay: Replay) -> Iterator[Happening]:
    for pool, plan in replay.row.scenario.pools.items():
        own = [step for step in replay.grants if step.pool == pool]
        told: dict[str, float] = {}
        for step in (step for step in replay.pools if step.pool == pool):
            if not step.contested:
                if told:
                    yield Happening(step.day, "uncontested", pool, (step.asked > 0.0,))
                told = {}
                continue
            shares = _granted(own, step.day)
            if told.keys() == shares.keys() and not any(
                is_worth_telling(told[name], share) for name, share in shares.items()
            ):
                continue
            kind = "shared-anew" if told else "contested"
            how = (step.asked, step.capacity, plan.counted_in, step.scarcity)
            for name, share in shares.items():
                yield Happening(step.day, kind, pool, how, (name,), share)
            told = shares
        if told:
            yield Happening(replay.row.horizon_days, "still-contested", pool)


def _granted(steps: list[GrantStep], day: float) -> dict[str, float]:
    """The share of what each buyer asks for that it is granted on a day."""
    last = {step.material: step for step in steps if step.day <= day}
    return {name: step.granted / step.asked for name, step in last.items() if step.asked > 0.0}


# Industries: inventories, output lost, and what was missing


class _Need(NamedTuple):
    """A use of a material by a class of firms, with its shortages."""

    material: str
    use: Use
    firms: tuple[int, ...]  #: number of the class and of classes; empty where all are alike
    inventory: float  #: days of own consumption
    days: list[float]
    short: list[float]

    def impact(self, day: float) -> float:
        """The dependence on that day times the short fraction: model, section 6."""
        step = bisect_right(self.days, day) - 1
        if step < 0:
            return 0.0
        dependence = self.use.dependence
        if self.substituted <= day:
            dependence *= 1.0 - self.use.substitution_share
        return dependence * self.short[step]

    def is_short_from(self, day: float) -> bool:
        """Whether anything is short on that day or later."""
        step = max(0, bisect_right(self.days, day) - 1)
        return any(short > 0.0 for short in self.short[step:])

    @property
    def substituted(self) -> float:
        """The day on which substitution takes effect; infinite if it never does."""
        if not self.days or self.use.substitution_share == 0.0:
            return math.inf
        return self.days[0] + self.use.substitution_lag_days


def _of_industries(replay: Replay) -> Iterator[Happening]:
    scenario = replay.row.scenario
    horizon = replay.row.horizon_days
    for name, industry in scenario.industries.items():
        needs = _needs(industry, [step for step in replay.uses if step.industry == name])
        steps = [step for step in replay.output if step.industry == name]
        for need in needs:
            yield from _inventory(scenario, name, need)
            if need.substituted < horizon and need.is_short_from(need.substituted):
                how = (need.use.substitution_share, *need.firms)
                yield Happening(need.substituted, "substitution", need.material, how, (name,))
        yield from _output(industry, name, needs, steps)
        if steps and steps[-1].loss > 0.0:
            yield Happening(horizon, "still-hit", "", (), (name,), steps[-1].loss)


def _needs(industry: Industry, steps: list[UseStep]) -> list[_Need]:
    classes = industry.classes
    needs = {
        (material, firms): _Need(
            material, use, (firms, classes) if classes > 1 else (), inventory, [], []
        )
        for material, use in industry.uses.items()
        for firms, inventory in enumerate(inventories(use, classes), start=1)
    }
    for step in steps:
        need = needs[step.material, step.firms]
        need.days.append(step.day)
        need.short.append(step.short)
    return list(needs.values())


def _inventory(scenario: Scenario, industry: str, need: _Need) -> Iterator[Happening]:
    """The days on which the industry's own inventory ran out: one, unless it was refilled."""
    if need.inventory == 0.0:
        return
    refills = scenario.materials[need.material].refill_rate > 0.0
    short = 0.0
    for k, day in enumerate(need.days):
        if short == 0.0 and (k == 0 or refills):
            yield Happening(day, "inventory", need.material, need.firms, (industry,))
        short = need.short[k]


def _output(
    industry: Industry, name: str, needs: list[_Need], steps: list[OutputStep]
) -> Iterator[Happening]:
    told: tuple[float, list[str]] = (0.0, [])
    for day, loss in ((step.day, step.loss) for step in steps):
        before, blamed = told
        lacking = _lacking(industry, needs, day, loss)
        if not is_worth_telling(before, loss) and lacking == blamed:
            continue
        told = loss, lacking
        how: tuple[Any, ...] = (tuple(lacking),) if loss > 0.0 else ()
        if loss == 1.0:
            how += (_floor(industry, needs, day),)
        yield Happening(day, _change(before, loss), "", how, (name, *lacking), loss)


def _change(before: float, loss: float) -> str:
    """The kind of a change of the lost fraction of output."""
    if loss in (0.0, 1.0):
        return "recovered" if loss == 0.0 else "stopped"
    if before in (0.0, 1.0):
        return "hit" if before == 0.0 else "restarted"
    if is_worth_telling(before, loss):
        return "worse" if loss > before else "better"
    return "other-cause"


def _lacking(industry: Industry, needs: list[_Need], day: float, loss: float) -> list[str]:
    """The materials to which the loss is attributed, by any class of firms."""
    if loss == 0.0:
        return []
    found = {
        material
        for own in _by_class(needs)
        for material in _lacked_by(industry, {n.material: n.impact(day) for n in own})
    }
    return [material for material in industry.uses if material in found]


def _by_class(needs: list[_Need]) -> list[list[_Need]]:
    """The needs of each class of firms."""
    own: dict[tuple[int, ...], list[_Need]] = {}
    for need in needs:
        own.setdefault(need.firms, []).append(need)
    return list(own.values())


def _lacked_by(industry: Industry, impacts: dict[str, float]) -> list[str]:
    """The materials that firms lack: the bottleneck, or all short ones."""
    worst = max(impacts.values())
    independent = industry.combine == "independent"
    rate = math.prod(1.0 - i for i in impacts.values()) if independent else 1.0 - worst
    shared = independent or rate < NOTHING or rate < industry.min_operating_rate
    least = min((i for i in impacts.values() if i > 0.0), default=0.0) if shared else worst
    return [material for material, impact in impacts.items() if impact >= least > 0.0]


def _floor(industry: Industry, needs: list[_Need], day: float) -> float:
    """The minimum operating rate if that stops the industry; 0 if the shortage alone does."""
    is_whole = all(max(need.impact(day) for need in own) == 1.0 for own in _by_class(needs))
    return 0.0 if is_whole else industry.min_operating_rate
