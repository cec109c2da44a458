"""The rows of a scenario and their status: where each says that its figures come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

#: what a row may say, the strongest first. Borrowed is what was worked out for another case: nobody
#: has yet asked whether it holds here, so it is weaker than an assumption with its reason.
KNOWN = ("sourced", "derived", "assumption", "borrowed")
UNMARKED = "not marked"  #: the row says nothing, or another word
STATUSES = (*KNOWN, UNMARKED)
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
    ranks = [KNOWN.index(each) if each in KNOWN else len(KNOWN) for each in statuses]
    return STATUSES[max(ranks, default=len(KNOWN))]


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
        if isinstance(value, Mapping) and key not in KINDS:
            if isinstance(value.get("status"), str):
                yield value["status"]
            yield from _inside(value)
