"""Disputes, ladders and triggers as arrays (sections 1 and 2 of the model)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from riskengine.kernel.arrays import DISPUTE, PAIR, TRIGGER, Floats, Ints, Records
from riskengine.model.distributions import Distribution
from riskengine.model.flat.arrays import DAYS_PER_YEAR, bounds, ints, on_scale, positions, table
from riskengine.model.flat.distributions import Shelf
from riskengine.model.scenario import Dispute, Scenario, Trigger
from riskengine.model.streams import StreamBook

_CERTAIN = math.inf  # above any draw: closes a row of cumulative probabilities


class DisputedMaterial(NamedTuple):
    """A dispute and one material that it concerns, or None if it concerns none."""

    dispute: str
    material: str | None


class Rung(NamedTuple):
    """A level of a ladder as one material meets it."""

    sojourn: Distribution
    next: dict[str, float]


def list_pairs(scenario: Scenario) -> list[list[DisputedMaterial]]:
    """The pairs of each dispute, materials in config order."""
    buyers: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for name, material in scenario.materials.items():
        for country in material.sources:
            buyers[country, material.importer].append(name)
    return [
        [DisputedMaterial(name, material) for material in buyers.get((d.coercer, d.target), ())]
        or [DisputedMaterial(name, None)]
        for name, d in scenario.disputes.items()
    ]


def _list_ladders(scenario: Scenario) -> dict[str | None, list[Rung]]:
    """The common ladder under None, and one for each material that changes it."""
    common = {name: Rung(level.sojourn, level.next) for name, level in scenario.ladder.items()}
    ladders: dict[str | None, list[Rung]] = {None: list(common.values())}
    for owner, material in scenario.materials.items():
        if not material.ladder:
            continue
        own = dict(common)
        for name, override in material.ladder.items():
            sojourn = common[name].sojourn if override.sojourn is None else override.sojourn
            following = common[name].next if override.next is None else override.next
            own[name] = Rung(sojourn, following)
        ladders[owner] = list(own.values())
    return ladders


def _cumulative(probabilities: dict[str, float], outcomes: Sequence[str], rho: float) -> Floats:
    """Cumulative probabilities on the scale of draws, infinite from the last possible outcome."""
    chances = [probabilities.get(outcome, 0.0) for outcome in outcomes]
    row = np.array([on_scale(p, rho) for p in np.cumsum(chances)])
    possible = np.flatnonzero(chances)
    row[possible[-1] if possible.size else 0 :] = _CERTAIN
    return row


def _forced(dispute: Dispute, material: str | None) -> int:
    """Coverage in the active episode: 1 covered, 0 not, -1 drawn."""
    if dispute.active is None or dispute.active.materials is None:
        return -1
    return int(material in dispute.active.materials)


def _path_stream(pair: DisputedMaterial, streams: StreamBook) -> int:
    if pair.material is None:
        return streams.enter("alone", pair.dispute)
    return streams.enter("path", pair.dispute, pair.material)


def _coverage(scenario: Scenario, pair: DisputedMaterial) -> float:
    return 1.0 if pair.material is None else scenario.materials[pair.material].coverage


def _cover_stream(pair: DisputedMaterial, streams: StreamBook) -> int:
    """The stream of coverage and severity; a dispute without materials draws neither."""
    if pair.material is None:
        return 0
    return streams.enter("cover", pair.dispute, pair.material)


def _cuts(scenario: Scenario, pair: DisputedMaterial, shelf: Shelf) -> list[int]:
    if pair.material is None:
        return [-1] * len(scenario.ladder)
    cut = scenario.materials[pair.material].cut
    return [shelf.put(cut[level]) if level in cut else -1 for level in scenario.ladder]


def _gap(dispute: Dispute, shelf: Shelf) -> int:
    if dispute.rate_per_year == 0.0:
        return -1
    mean = DAYS_PER_YEAR / dispute.rate_per_year
    return shelf.put(Distribution(family="exponential", parameters=(mean,)))


def _surely_calm(dispute: Dispute, horizon_days: float) -> float:
    """A uniform above which the calm before an episode lasts beyond the horizon, with a margin.

    The margin is far above the error of a quantile, so beyond it no quantile need be computed.
    """
    return -math.expm1(-horizon_days * dispute.rate_per_year / DAYS_PER_YEAR) + 1e-9


def _remainder(dispute: Dispute, ladder: list[Rung], level_at: dict[str, int], shelf: Shelf) -> int:
    """The distribution of what remains of the active episode's first sojourn; -1 for none."""
    if dispute.active is None:
        return -1
    rung = ladder[level_at[dispute.active.level]]
    return shelf.put(rung.sojourn, dispute.active.elapsed_days)


def _flatten_disputes(
    scenario: Scenario,
    pairs: list[list[DisputedMaterial]],
    watched: list[list[tuple[str, Trigger]]],
    shelf: Shelf,
    streams: StreamBook,
) -> Records:
    disputes = scenario.disputes
    level_at = positions(scenario.ladder)
    pair_first, pair_end = bounds(pairs)
    trigger_first, trigger_end = bounds(watched)
    return table(
        DISPUTE,
        surely_calm=[_surely_calm(d, scenario.run.horizon_days) for d in disputes.values()],
        gap=[_gap(d, shelf) for d in disputes.values()],
        active_level=[level_at[d.active.level] if d.active else -1 for d in disputes.values()],
        concerns=[group[0].material is not None for group in pairs],
        pair_first=pair_first,
        pair_end=pair_end,
        trigger_first=trigger_first,
        trigger_end=trigger_end,
        onset_key=[streams.enter("onset", name) for name in disputes],
        cover_key=[streams.enter("cover", name) for name in disputes],
        path_key=[streams.enter("path", name) for name in disputes],
    )


def _flatten_pairs(
    scenario: Scenario,
    pairs: list[DisputedMaterial],
    ladders: dict[str | None, list[Rung]],
    shelf: Shelf,
    streams: StreamBook,
) -> Records:
    disputes = scenario.disputes
    materials = scenario.materials
    level_at = positions(scenario.ladder)
    material_at = positions(materials)
    ladder_at = {owner: i for i, owner in enumerate(ladders)}
    owners = [pair.material if pair.material in ladders else None for pair in pairs]
    return table(
        PAIR,
        material=[-1 if p.material is None else material_at[p.material] for p in pairs],
        uncovered=[
            on_scale(1.0 - _coverage(scenario, p), scenario.correlation.coverage) for p in pairs
        ],
        forced=[_forced(disputes[p.dispute], p.material) for p in pairs],
        remainder=[
            _remainder(disputes[p.dispute], ladders[owner], level_at, shelf)
            for p, owner in zip(pairs, owners, strict=True)
        ],
        ladder=[ladder_at[owner] for owner in owners],
        cover_key=[_cover_stream(p, streams) for p in pairs],
        path_key=[_path_stream(p, streams) for p in pairs],
    )


def _flatten_triggers(
    scenario: Scenario, triggers: list[tuple[str, Trigger]], shelf: Shelf, streams: StreamBook
) -> Records:
    level_at = positions(scenario.ladder)
    dispute_at = positions(scenario.disputes)
    return table(
        TRIGGER,
        probability=[trigger.probability for _, trigger in triggers],
        reaches=[level_at[trigger.reaches] for _, trigger in triggers],
        starts=[dispute_at[trigger.starts] for _, trigger in triggers],
        lag=[shelf.put(trigger.lag) for _, trigger in triggers],
        trigger_key=[streams.enter("trigger", name) for name, _ in triggers],
    )


def _flatten_ladders(
    ladders: dict[str | None, list[Rung]], levels: list[str], rho: float, shelf: Shelf
) -> tuple[Ints, Floats]:
    """(sojourn, next) of every ladder and level."""
    outcomes = ["resolved", *levels]
    sojourn = [[shelf.put(rung.sojourn) for rung in ladder] for ladder in ladders.values()]
    following = [
        [_cumulative(rung.next, outcomes, rho) for rung in ladder] for ladder in ladders.values()
    ]
    return np.array(sojourn, dtype=np.int64), np.array(following)


def flatten_perils(
    scenario: Scenario, pairs: list[list[DisputedMaterial]], shelf: Shelf, streams: StreamBook
) -> dict[str, Any]:
    """Disputes, their pairs, the ladders and the triggers, as fields of the model."""
    levels = list(scenario.ladder)
    all_pairs = [pair for group in pairs for pair in group]
    ladders = _list_ladders(scenario)
    watched = [
        [(name, t) for name, t in scenario.triggers.items() if t.when == dispute]
        for dispute in scenario.disputes
    ]
    triggers = [entry for group in watched for entry in group]
    rho = scenario.correlation.escalation
    sojourn, following = _flatten_ladders(ladders, levels, rho, shelf)
    return {
        "disputes": _flatten_disputes(scenario, pairs, watched, shelf, streams),
        "pairs": _flatten_pairs(scenario, all_pairs, ladders, shelf, streams),
        "triggers": _flatten_triggers(scenario, triggers, shelf, streams),
        "entry": np.array([_cumulative(d.entry, levels, rho) for d in scenario.disputes.values()]),
        "cut": np.array([_cuts(scenario, p, shelf) for p in all_pairs], dtype=np.int64),
        "sojourn": sojourn,
        "next": following,
        "boycott": ints(level.boycott for level in scenario.ladder.values()),
    }
