"""The typed tree that semantic checks work on: lookups that pass over malformed values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any, Final

from riskengine.errors import Fault, escaped
from riskengine.model.spelling import Speller, folded

RESOLVED: Final = "resolved"  #: the end of every path; no level has this name


Tree = Mapping[str, Any]
Path = tuple[str, ...]


class Malformed(Enum):
    """Stands for a value that has a fault already."""

    MALFORMED = "malformed"


MALFORMED: Final = Malformed.MALFORMED


def members(tree: Any, *path: str) -> dict[str, Any]:
    """The well-formed entries of a table below `tree`; empty where there is no such table."""
    for key in path:
        tree = tree.get(key) if isinstance(tree, Mapping) else None
    if not isinstance(tree, Mapping):
        return {}
    return {key: value for key, value in tree.items() if not isinstance(value, Malformed)}


def names_of(tree: Tree, collection: str) -> dict[str, Any]:
    """All names of a collection, those of malformed members included: they may be referred to."""
    found = tree.get(collection)
    return dict(found) if isinstance(found, Mapping) else {}


def unknown(path: Path, name: str, kind: str, known: Iterable[str], speller: Speller) -> Fault:
    """The fault of a reference to an unknown name, with the nearest known one."""
    known = list(known)
    listed = ", ".join(known[:12]) + (", ..." if len(known) > 12 else "")
    return Fault(
        path=path,
        found=f'there is no {kind} "{printable(name)}"',
        allowed=f"one of: {printable(listed)}" if known else f"the config has no {kind} at all",
        hint=speller.suggest(name, known),
    )


def look_alikes(named: Iterable[tuple[Path, str]]) -> Iterator[Fault]:
    """Names of one kind that people cannot tell apart, except the first of each group."""
    first: dict[str, str] = {}
    told: set[str] = set()
    for path, name in named:
        other = first.setdefault(folded(name), name)
        if other != name and name not in told:
            told.add(name)
            yield Fault(
                path=path,
                found=f'"{printable(name)}" and "{printable(other)}" look alike: they differ only '
                "in case, spaces or ways to write the same sign",
                allowed="one spelling of one name",
            )


def printable(text: str) -> str:
    """A name as a terminal may show it: unprintable characters escaped, cut to 400 characters."""
    return escaped(text[:400])
