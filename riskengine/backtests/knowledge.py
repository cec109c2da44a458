"""The as-of rule: every input of a case was known on its day, as the dates in the data say.

A table of a config that holds values of its own (a level, a dispute, a material, one of its
sources, a use, ...) says in `known_on` from which day they were known. A date later than the case's
own is hindsight, even where a file above dates the values anew. A table without a date is a fault
too, unless it says that it is an assumption and why: then it rests on no fact that could be too
late, and is counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from riskengine.config.layers.assemble import Assembly
from riskengine.config.layers.layers import Layer, Path, TableLayer, TextLayer, find_holder
from riskengine.config.schema.kinds import ANNOTATIONS, KNOWN_ON
from riskengine.errors import Fault

ASSUMPTION = "assumption"

#: Tables that hold inputs; `*` stands for names. How a scenario is run is no knowledge.
_HOLDERS: tuple[Path, ...] = (
    ("ladder", "*"),
    ("disputes", "*"),
    ("triggers", "*"),
    ("correlation",),
    ("materials", "*"),
    ("materials", "*", "sources", "*"),
    ("materials", "*", "alternatives", "*"),
    ("materials", "*", "stocks", "*"),
    ("materials", "*", "ladder", "*"),
    ("industries", "*"),
    ("industries", "*", "uses", "*"),
    ("propagation",),
)
_NESTED = frozenset({"sources", "alternatives", "stocks", "ladder", "uses"})


@dataclass(slots=True)
class Knowledge:
    """How the inputs of a case are dated, and what is wrong with it."""

    dated: int = 0
    undated: int = 0  #: assumptions, or the inputs of a mere comparison
    faults: list[Fault] = field(default_factory=list)
    hidden: list[tuple[Fault, Layer]] = field(default_factory=list)  #: those of lower files


def knowledge_of(assembly: Assembly, as_of: str, *, is_comparison: bool = False) -> Knowledge:
    """Check the dates of all inputs of a config.

    Parameters
    ----------
    assembly : Assembly
        The merged config with the layers that its values come from.
    as_of : str
        ISO date.
    is_comparison : bool
        Whether nothing is predicted: inputs without a date are then only counted.

    Returns
    -------
    Knowledge
        Its faults have paths, no places yet; the hidden ones stand beside the layer that has them.
    """
    found = Knowledge()
    for path, day in _dates(assembly.document, ()):
        if isinstance(day, date) and day > date.fromisoformat(as_of):
            found.faults.append(too_late(path, day, as_of))
    found.hidden += _hidden(assembly, as_of)
    for path, table in _holders(assembly.document):
        if KNOWN_ON in table:
            found.dated += 1
            found.faults += [] if is_comparison else _changed_above(path, table, assembly.layers)
        elif is_comparison or is_reasoned(table):
            found.undated += 1
        else:
            found.faults.append(undated(path, as_of))
    return found


def too_late(path: Path, day: date, as_of: str) -> Fault:
    """The fault of a value that nobody could know yet."""
    return Fault(
        path=path,
        found=f"is {day.isoformat()}: hindsight, for the case is as of {as_of}",
        allowed=f"inputs known by {as_of}",
    )


def undated(path: Path, as_of: str) -> Fault:
    """The fault of a value of which nothing says when it was known."""
    return Fault(
        path=(*path, KNOWN_ON),
        found="is missing: nothing says when these values were known",
        allowed=f"a date up to {as_of}, when the source was published",
        hint='or status = "assumption" and a note with the reason, where no source is behind them',
    )


def is_reasoned(table: Mapping[str, Any]) -> bool:
    """Whether a table says that it is an assumption, and why."""
    return table.get("status") == ASSUMPTION and bool(str(table.get("note", "")).strip())


def day_of(value: Any) -> date | None:
    """A date as TOML or a cell of a table gives it; None for anything else."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _dates(table: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, date | None]]:
    """Every day of knowledge in a document, however deep."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _dates(value, (*path, key))
        elif key == KNOWN_ON:
            yield (*path, key), day_of(value)


def _hidden(assembly: Assembly, as_of: str) -> Iterator[tuple[Fault, Layer]]:
    """Late days of lower files that a file above dates anew, while values below still count.

    So a fit to history that says when it was made stays what it is, whoever extends it.
    """
    layers = assembly.layers
    for layer in layers:
        data = layer.data if isinstance(layer, TextLayer | TableLayer) else {}
        for path, day in _dates(data, ()):
            if day is None or day <= date.fromisoformat(as_of):
                continue
            table = _table_at(assembly.document, path[:-1])
            counts = [(*path[:-1], *below) for below in _own_values(table)]
            is_shown = find_holder(path, layers) is layer
            if not is_shown and any(find_holder(each, layers) is layer for each in counts):
                yield too_late(path, day, as_of), layer


def _table_at(document: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    """The table at a path; an empty one where something else took its place."""
    for key in path:
        below = document.get(key)
        document = below if isinstance(below, Mapping) else {}
    return document


def _holders(document: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Tables that hold values of their own, in the order of a config."""
    for pattern in _HOLDERS:
        for path, table in _matching(document, pattern, ()):
            if any(True for _ in _own_values(table)):
                yield path, table


def _matching(
    table: Mapping[str, Any], pattern: Path, path: Path
) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    if not pattern:
        yield path, table
        return
    first, rest = pattern[0], pattern[1:]
    for key in list(table) if first == "*" else [first]:
        below = table.get(key)
        if isinstance(below, Mapping):
            yield from _matching(below, rest, (*path, key))


def _own_values(table: Mapping[str, Any]) -> Iterator[Path]:
    """Paths, below a table, of the values that its date speaks for."""
    for key, value in table.items():
        if key in ANNOTATIONS or (key in _NESTED and isinstance(value, Mapping)):
            continue
        yield from _leaves(value, (key,))


def _leaves(value: Any, path: Path) -> Iterator[Path]:
    if not isinstance(value, Mapping):
        yield path
        return
    for key, item in value.items():
        if key not in ANNOTATIONS:
            yield from _leaves(item, (*path, key))


def _changed_above(
    path: Path, table: Mapping[str, Any], layers: Sequence[Layer]
) -> Iterator[Fault]:
    """Values that a file changes without saying anew when they were known."""
    rank = {id(layer): place for place, layer in enumerate(layers)}

    def place_of(below: Path) -> int:
        return rank.get(id(find_holder((*path, *below), layers)), 0)

    dated_in = place_of((KNOWN_ON,))
    for below in _own_values(table):
        if place_of(below) > dated_in:
            yield Fault(
                path=(*path, *below),
                found="is changed without a day: the known_on of its table is that of another file",
                allowed="a known_on beside the new value",
            )
            return
