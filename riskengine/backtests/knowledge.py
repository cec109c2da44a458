"""The as-of rule: by the dates in the data, every input of a case was known on the case's day.

A table of a config with values of its own (a level, a dispute, a material, one of its sources, a
use, ...) gives in `known_on` the day from which they were known. A date later than the case's day
is hindsight, even if a file above gives the values a new date. A table without a date is a fault
too, unless it says that it is an assumption and why. Such a table rests on no fact that could be
too late, so it is only counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from riskengine.config.layers.assembly import Assembly
from riskengine.config.layers.layers import Layer, Path, TableLayer, TextLayer, find_holder
from riskengine.config.schema.kinds import ANNOTATIONS, KNOWN_ON
from riskengine.errors import Fault

ASSUMPTION = "assumption"

#: Tables that hold inputs; `*` stands for names. Run settings are not inputs that have to be known.
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
    """How many inputs of a case have dates, and the faults in those dates."""

    dated: int = 0
    undated: int = 0  #: assumptions, or the inputs of a comparison
    faults: list[Fault] = field(default_factory=list)
    hidden: list[tuple[Fault, Layer]] = field(default_factory=list)  #: faults of lower files


def knowledge_of(assembly: Assembly, as_of: str, *, is_comparison: bool = False) -> Knowledge:
    """Check the dates of all inputs of a config.

    Parameters
    ----------
    assembly : Assembly
        The merged config with the layers that its values come from.
    as_of : str
        ISO date.
    is_comparison : bool
        Whether the case predicts nothing: inputs without a date are then only counted.

    Returns
    -------
    Knowledge
        Its faults have paths but no places yet. Hidden faults come with the layer that has them.
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
    """The fault of a value that was not known yet."""
    return Fault(
        path=path,
        found=f"is {day.isoformat()}: hindsight, for the case is as of {as_of}",
        allowed=f"inputs known by {as_of}",
    )


def undated(path: Path, as_of: str) -> Fault:
    """The fault of a value without a date of knowledge."""
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
    """A date from TOML or from a cell of a table; None for anything else."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _dates(table: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, date | None]]:
    """Every date of knowledge in a document, at any depth."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _dates(value, (*path, key))
        elif key == KNOWN_ON:
            yield (*path, key), day_of(value)


def _hidden(assembly: Assembly, as_of: str) -> Iterator[tuple[Fault, Layer]]:
    """Late dates that a file above replaces, while values of the lower file still apply.

    So a fit to history keeps the date on which it was made, in every config that extends it.
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
    """The table at a path; an empty one if something else is there."""
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
    """Paths, below a table, of the values that its date applies to."""
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
    """Values that a file changes without a new date of knowledge."""
    rank = {id(layer): place for place, layer in enumerate(layers)}

    def place_of(below: Path) -> int:
        return rank[id(find_holder((*path, *below), layers))]

    dated_in = place_of((KNOWN_ON,))
    for below in _own_values(table):
        if place_of(below) > dated_in:
            yield Fault(
                path=(*path, *below),
                found="is changed without a day: the known_on of its table is that of another file",
                allowed="a known_on beside the new value",
            )
            return
