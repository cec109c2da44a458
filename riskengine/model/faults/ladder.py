"""Faults of a ladder: unknown levels, probabilities that do not sum to 1, traps."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from riskengine.errors import Fault
from riskengine.model.distributions import Distribution
from riskengine.model.faults.tree import (
    RESOLVED,
    Malformed,
    Path,
    Tree,
    members,
    names_of,
    printable,
    unknown,
)
from riskengine.model.spelling import Speller

TOLERANCE: Final = 1e-9  #: of sums of probabilities
SHORTEST_DAYS: Final = 1e-6  #: a ladder of shorter sojourns would never let time advance


def ladder_faults(tree: Tree, speller: Speller) -> Iterator[Fault]:
    """Faults of the ladder, and of what materials change about it."""
    ladder = members(tree, "ladder")
    yield from _levels_of(ladder, ("ladder",), tree, speller)
    base = _trapped(ladder)
    yield from _trap(base, ("ladder",))
    for name, material in members(tree, "materials").items():
        overrides = members(material, "ladder")
        if not overrides:
            continue
        path = ("materials", name, "ladder")
        for level in overrides:
            if level not in names_of(tree, "ladder"):
                yield unknown((*path, level), level, "level", names_of(tree, "ladder"), speller)
        yield from _levels_of(overrides, path, tree, speller)
        yield from _trap(_trapped(_effective(ladder, overrides)) - base, path)


def _effective(ladder: Tree, overrides: Tree) -> dict[str, Any]:
    return {
        name: {**members(level), **members(overrides.get(name))} for name, level in ladder.items()
    }


def _levels_of(levels: Tree, path: Path, tree: Tree, speller: Speller) -> Iterator[Fault]:
    for name, level in levels.items():
        chances = members(level).get("next")
        if isinstance(chances, Mapping):
            known = [*names_of(tree, "ladder"), RESOLVED]
            yield from probability_faults(chances, (*path, name, "next"), known, speller)
        sojourn = members(level).get("sojourn")
        if isinstance(sojourn, Distribution) and sojourn.survival(SHORTEST_DAYS) < 0.5:
            yield Fault(
                path=(*path, name, "sojourn"),
                found=f"is mostly shorter than {SHORTEST_DAYS:g} days: time would stand still",
                allowed=f"a distribution with a median above {SHORTEST_DAYS:g} days",
            )


def probability_faults(
    chances: Tree, path: Path, known: Iterable[str], speller: Speller
) -> Iterator[Fault]:
    """Faults of a `next` or `entry`: unknown levels, and a sum that is not 1."""
    known = list(known)
    for level in chances:
        if level not in known:
            yield unknown((*path, level), level, "level", known, speller)
    numbers = {level: chance for level, chance in chances.items() if isinstance(chance, float)}
    total = math.fsum(numbers.values())
    if len(numbers) == len(chances) and abs(total - 1.0) > TOLERANCE:
        listed = ", ".join(
            f"{printable(level)} = {chance:.12g}" for level, chance in list(numbers.items())[:12]
        )
        yield Fault(
            path=path,
            found=f"the probabilities sum to {total:.12g}" + (f": {listed}" if listed else ""),
            allowed=f"probabilities that sum to 1 (within {TOLERANCE:g})",
            hint=_percent_hint(total),
        )


def _percent_hint(total: float) -> str:
    return "write fractions: 0.35 for 35 %" if abs(total - 100.0) < 1e-6 else ""


def _trapped(ladder: Tree) -> frozenset[str]:
    """Levels from which no sequence of possible steps leads to `resolved`.

    A level whose `next` is malformed or names something unknown counts as a way out: it has a
    fault of its own.
    """
    arrivals: dict[str, list[str]] = {}
    free: list[str] = []
    for name, level in ladder.items():
        chances = members(level).get("next")
        targets = _targets(chances, ladder) if isinstance(chances, Mapping) else None
        if targets is None:
            free.append(name)
        for target in targets or ():
            arrivals.setdefault(target, []).append(name)
    escaping = set(free)
    while free:
        for name in arrivals.get(free.pop(), ()):
            if name not in escaping:
                escaping.add(name)
                free.append(name)
    return frozenset(ladder) - escaping


def _targets(chances: Tree, ladder: Tree) -> list[str] | None:
    """The levels one step may lead to; None when it may end the path, or is malformed."""
    possible = [level for level, chance in chances.items() if chance != 0.0]
    is_open = not possible or any(
        level == RESOLVED or level not in ladder or isinstance(chances[level], Malformed)
        for level in possible
    )
    return None if is_open else possible


def _trap(trapped: frozenset[str], path: Path) -> Iterator[Fault]:
    if trapped:
        names = ", ".join(sorted(map(printable, trapped)))
        yield Fault(
            path=path,
            found=f"no way leads from these levels to {RESOLVED}: {names}",
            allowed=f"for every level a path of positive probability to {RESOLVED}",
        )
