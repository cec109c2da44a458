"""Faults of disputes and triggers: pairs, entry levels, active episodes, references."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from riskengine.errors import Fault
from riskengine.model.distributions import Distribution
from riskengine.model.faults.ladder import probability_faults
from riskengine.model.faults.tree import RESOLVED, Path, Tree, members, names_of, printable, unknown
from riskengine.model.spelling import Speller

LEAST_SURVIVAL: Final = 1e-300  #: of a sojourn: below this, its remainder cannot be drawn


def dispute_faults(tree: Tree, speller: Speller) -> Iterator[Fault]:
    """Faults of the pairs of countries, and of the levels at which episodes enter."""
    started = {trigger.get("starts") for trigger in map(members, _values(tree, "triggers"))}
    pairs: dict[tuple[str, str], str] = {}
    for name, dispute in members(tree, "disputes").items():
        path = ("disputes", name)
        pair = (dispute.get("coercer"), dispute.get("target"))
        if all(isinstance(country, str) for country in pair):
            yield from _pair(pair, path, pairs)
        entry = dispute.get("entry")
        if isinstance(entry, Mapping) and (entry or _needs_entry(dispute, name in started)):
            yield from _entry(entry, (*path, "entry"), tree, speller)


def _values(tree: Tree, collection: str) -> Iterable[Any]:
    return members(tree, collection).values()


def _pair(pair: tuple[Any, Any], path: Path, pairs: dict[tuple[str, str], str]) -> Iterator[Fault]:
    first = pairs.setdefault(pair, path[1])
    if first != path[1]:
        yield Fault(
            path=path,
            found=f'"{printable(first)}" already is the dispute of these two countries',
            allowed="one dispute for each pair of coercer and target",
        )
    if pair[0] == pair[1]:
        yield Fault(
            path=(*path, "target"),
            found=f'coercer and target are both "{printable(pair[0])}"',
            allowed="two different countries",
        )


def _needs_entry(dispute: Tree, is_started: bool) -> bool:
    rate = dispute.get("rate_per_year")
    return is_started or "active" not in dispute or (isinstance(rate, float) and rate > 0.0)


def _entry(entry: Tree, path: Path, tree: Tree, speller: Speller) -> Iterator[Fault]:
    if not entry:
        yield Fault(
            path=path,
            found="is missing",
            allowed="the probability of each level at which an episode enters",
        )
        return
    levels = dict(entry)
    if RESOLVED in levels:
        yield Fault(
            path=(*path, RESOLVED),
            found=f"an episode cannot enter at {RESOLVED}",
            allowed="levels of the ladder; a rate_per_year that is lower",
        )
    known = list(names_of(tree, "ladder"))
    yield from (
        fault
        for fault in probability_faults(levels, path, known, speller)
        if fault.path != (*path, RESOLVED)
    )


def active_faults(tree: Tree, speller: Speller) -> Iterator[Fault]:
    """Faults of the episodes that disputes are in at time 0."""
    suppliers = _suppliers(tree)
    for name, dispute in members(tree, "disputes").items():
        active = members(dispute, "active")
        path = ("disputes", name, "active")
        level = active.get("level")
        if isinstance(level, str) and level not in names_of(tree, "ladder"):
            yield unknown((*path, "level"), level, "level", names_of(tree, "ladder"), speller)
        concerned = suppliers.get((dispute.get("coercer"), dispute.get("target")), [])
        covered = active.get("materials")
        if isinstance(covered, tuple):
            yield from _covered(tree, covered, concerned, (*path, "materials"), speller)
            held = set(concerned)
            concerned = [material for material in covered if material in held]
        if isinstance(level, str) and isinstance(active.get("elapsed_days"), float):
            yield from _elapsed(tree, level, active["elapsed_days"], concerned, path)


def _suppliers(tree: Tree) -> dict[tuple[Any, Any], list[str]]:
    """The materials that each pair (source country, importer) concerns."""
    default = members(tree, "run").get("importer")
    found: dict[tuple[Any, Any], list[str]] = {}
    for name, material in members(tree, "materials").items():
        importer = material.get("importer", default)
        for country in names_of(material, "sources"):
            found.setdefault((country, importer), []).append(name)
    return found


def _covered(
    tree: Tree, covered: Iterable[str], concerned: Iterable[str], path: Path, speller: Speller
) -> Iterator[Fault]:
    known, held = names_of(tree, "materials"), set(concerned)
    for material in covered:
        if material not in known:
            yield unknown(path, material, "material", known, speller)
        elif material not in held and isinstance(known[material], Mapping):
            yield Fault(
                path=path,
                found=f'the dispute does not concern "{printable(material)}"',
                allowed="materials that the target imports and that have the coercer as a source",
            )


def _elapsed(
    tree: Tree, level: str, elapsed: float, concerned: Iterable[str], path: Path
) -> Iterator[Fault]:
    """Faults of a time elapsed that the sojourn of a material cannot have reached."""
    base = members(tree, "ladder", level).get("sojourn")
    materials = members(tree, "materials")
    own = [(name, members(materials[name], "ladder", level).get("sojourn")) for name in concerned]
    sojourns = [(name, sojourn) for name, sojourn in own if isinstance(sojourn, Distribution)]
    if isinstance(base, Distribution) and (len(sojourns) < len(own) or not own):
        sojourns.insert(0, ("", base))
    for name, sojourn in sojourns:
        if sojourn.survival(elapsed) < LEAST_SURVIVAL:
            longest = sojourn.support()[1]
            most = f"below {longest:.12g}" if math.isfinite(longest) else "far less"
            where = f' of material "{printable(name)}"' if name else ""
            yield Fault(
                path=(*path, "elapsed_days"),
                found=f"is {elapsed:.12g}, longer than the sojourn{where} on {printable(level)}",
                allowed=f"a number of days {most}",
            )


def trigger_faults(tree: Tree, speller: Speller) -> Iterator[Fault]:
    """Faults of the disputes and levels that triggers refer to."""
    known = {"when": "disputes", "reaches": "ladder", "starts": "disputes"}
    kinds = {"disputes": "dispute", "ladder": "level"}
    for name, trigger in members(tree, "triggers").items():
        for key, collection in known.items():
            value = trigger.get(key)
            if isinstance(value, str) and value not in names_of(tree, collection):
                path = ("triggers", name, key)
                yield unknown(path, value, kinds[collection], names_of(tree, collection), speller)
