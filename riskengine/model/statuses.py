"""The rows of a scenario and their status: where each says that its figures come from.

How much of a figure rests on each status, by kind of row: what is attributed to a material counts
with the weakest status among the rows of that kind that belong to the material (its own row, its
sources, other suppliers with the pools they draw on, stocks, uses); what an industry loses counts
with the status of its row. All together: what is attributed to a material counts with the weakest
status among all of these rows and the rows of the industries that use it. So each kind adds up to
the whole figure. Disputes, levels and triggers bear on every loss alike and are left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

#: what a row may say, the strongest first. Borrowed is what was worked out for another case: nobody
#: has yet asked whether it holds here, so it is weaker than an assumption with its reason.
KNOWN = ("sourced", "derived", "assumption", "borrowed")
UNMARKED = "not marked"  #: the row says nothing, or another word
STATUSES = (*KNOWN, UNMARKED)
_RANKS = {status: rank for rank, status in enumerate(KNOWN)}
KINDS = {
    "disputes": "Disputes",
    "ladder": "Levels of escalation",
    "triggers": "Triggers",
    "materials": "Materials",
    "sources": "Sources of supply",
    "alternatives": "Other suppliers",
    "pools": "Pools",
    "stocks": "Stocks",
    "industries": "Industries",
    "uses": "Uses of materials by industries",
}  #: key of the config that holds rows by name -> what they are
NO_ROW = "no row"  #: the scenario has no row of this kind there
ALL_TOGETHER = "All together"
_OF_MATERIALS = ("materials", "sources", "alternatives", "stocks")  #: named after their material
_LADDER, _POOLS = "ladder", "pools"

Path = tuple[str, ...]
StatusCounts = Mapping[str, int]  #: status -> number of rows


class InputTable(NamedTuple):
    """One row of a config, which is a table of TOML, and its annotations."""

    kind: str  #: a key of `KINDS`
    path: Path  #: its name, after the names of its owners
    given_status: str
    note: str
    source: str
    within: tuple[str, ...] = ()  #: statuses that single values of the row have

    @property
    def name(self) -> str:
        """The whole path, as people read it."""
        return " › ".join(self.path)

    @property
    def status(self) -> str:
        """The weakest of the row's own status and of those of its values."""
        return weakest([self.given_status, *self.within])


def weakest(statuses: Iterable[str]) -> str:
    """The weakest of some statuses; any other word, or none at all, is `UNMARKED`.

    >>> weakest(["derived", "borrowed", "sourced"]), weakest(["sourced", "measured"])
    ('borrowed', 'not marked')
    """
    return STATUSES[max((_RANKS.get(each, len(KNOWN)) for each in statuses), default=len(KNOWN))]


def input_tables(config: Mapping[str, Any]) -> list[InputTable]:
    """All rows of a resolved config, in the order of `KINDS`."""
    order = {kind: k for k, kind in enumerate(KINDS)}
    return sorted(_walk(config, ()), key=lambda item: order[item.kind])


def tally(items: Sequence[InputTable]) -> dict[str, int]:
    """The number of rows by status."""
    found = [item.status for item in items]
    return {status: found.count(status) for status in STATUSES}


def _walk(table: Mapping[str, Any], owners: Path) -> Iterator[InputTable]:
    """The rows of each kind, and those of further kinds inside them."""
    for kind, members in table.items():
        if kind not in KINDS or not isinstance(members, dict):
            continue
        for name, member in members.items():
            if not isinstance(member, dict):
                continue
            status, note, source = (
                str(member.get(key) or "") for key in ("status", "note", "source")
            )
            within = tuple(_inside(member))
            yield InputTable(kind, (*owners, name), status or UNMARKED, note, source, within)
            yield from _walk(member, (*owners, name))


def _inside(row: Mapping[str, Any]) -> Iterator[str]:
    """The statuses of values of a row; rows inside it speak for themselves."""
    for key, value in row.items():
        if isinstance(value, dict) and key not in KINDS:
            if isinstance(value.get("status"), str):
                yield value["status"]
            yield from _inside(value)


class StatusParts(NamedTuple):
    """A figure of the total, divided by the status of the inputs of one kind."""

    inputs: str  #: the kind in words, or `ALL_TOGETHER`
    parts: Mapping[str, float]  #: by each of `STATUSES` and `NO_ROW`, in the unit of the figure

    def share(self, status: str) -> float:
        """The share of the figure that counts with a status; nan if the figure is 0."""
        whole = math.fsum(self.parts.values())
        return self.parts[status] / whole if whole > 0.0 else math.nan


def _divided(inputs: str, amounts: Iterable[tuple[float, Sequence[str]]]) -> StatusParts:
    """Amounts added up by the weakest of the statuses of each."""
    found: dict[str, list[float]] = {status: [] for status in (*STATUSES, NO_ROW)}
    for amount, statuses in amounts:
        found[weakest(statuses) if statuses else NO_ROW].append(amount)
    return StatusParts(inputs, {status: math.fsum(each) for status, each in found.items()})


class StatusRows:
    """The rows of a config, found by the material that they belong to.

    Parameters
    ----------
    config : mapping
        The resolved config of a run, with the status of each row.
    """

    def __init__(self, config: Mapping[str, Any]):
        self._materials: list[str] = list(config["materials"])
        self._industries: dict[str, tuple[str, Mapping[str, Any]]] = {}
        self._found: dict[tuple[str, str], list[str]] = {}
        pools: dict[str, str] = {}
        for row in input_tables(config):
            if row.kind == "industries":
                uses = config["industries"][row.path[0]].get("uses", {})
                self._industries[row.path[0]] = row.status, uses
            elif row.kind == _POOLS:
                pools[row.path[0]] = row.status
            else:
                for kind, material in _owner(row):
                    self._found.setdefault((kind, material), []).append(row.status)
        for material, pool in _buyers(config):
            self._found.setdefault(("alternatives", material), []).append(pools[pool])

    def divided(
        self, of_material: Callable[[str], float], of_industry: Callable[[str], float]
    ) -> list[StatusParts]:
        """The division of a figure by kind of input, and by all kinds together as the last one.

        Parameters
        ----------
        of_material, of_industry : callable
            The additive part of the figure that is attributed to a material, or that an industry
            bears, such as its contribution to the mean or to TVaR.
        """
        materials = {name: of_material(name) for name in self._materials}
        found = {
            kind: _divided(
                KINDS[kind], ((part, self._of(kind, name)) for name, part in materials.items())
            )
            for kind in (*_OF_MATERIALS, "uses")
        }
        found["industries"] = _divided(
            KINDS["industries"],
            ((of_industry(name), [status]) for name, (status, _) in self._industries.items()),
        )
        together = (
            (part, [status for kind in found for status in self._of(kind, name)])
            for name, part in materials.items()
        )
        in_order = [found[kind] for kind in KINDS if kind in found]
        return [*in_order, _divided(ALL_TOGETHER, together)]

    def _of(self, kind: str, material: str) -> list[str]:
        """The statuses of the rows of a kind on which a material's loss rests."""
        if kind == "industries":
            return [status for status, uses in self._industries.values() if material in uses]
        return self._found.get((kind, material), [])


def _owner(row: InputTable) -> Iterator[tuple[str, str]]:
    """The kind that a row counts with, and the material that it belongs to."""
    path = row.path
    if row.kind in _OF_MATERIALS:
        yield row.kind, path[0]
    elif row.kind == _LADDER and len(path) > 1:  # what a material changes about a level
        yield "materials", path[0]
    elif row.kind == "uses":
        yield "uses", path[-1]


def _buyers(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each material with the pools that its alternatives draw on."""
    for name, material in config["materials"].items():
        for alternative in material.get("alternatives", {}).values():
            if alternative.get("pool"):
                yield name, alternative["pool"]
