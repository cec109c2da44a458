"""Faults of a scenario in which each value is well-formed by itself.

The checks work on the typed tree of a config: nested dicts of the same shape, with `Distribution`s
and defaults filled in. Values that are malformed are marked by `MALFORMED` (they have faults of
their own); every check works on what is well-formed, so that a user sees all faults at once.
"""

from __future__ import annotations

from collections.abc import Iterator

from riskengine.errors import Fault
from riskengine.model.faults.disputes import active_faults, dispute_faults, trigger_faults
from riskengine.model.faults.ladder import ladder_faults
from riskengine.model.faults.pools import pool_faults
from riskengine.model.faults.run import run_faults
from riskengine.model.faults.supply import industry_faults, material_faults, propagation_faults
from riskengine.model.faults.tree import (
    MALFORMED,
    RESOLVED,
    Malformed,
    Path,
    Tree,
    look_alikes,
    members,
    names_of,
)
from riskengine.model.spelling import Speller

__all__ = ["MALFORMED", "Malformed", "find_faults"]


def find_faults(tree: Tree, speller: Speller | None = None) -> list[Fault]:
    """Every semantic fault in the typed tree of a config, in no particular order."""
    speller = speller or Speller()
    checks = (
        _nothing(tree),
        _reserved(tree),
        _look_alikes(tree),
        ladder_faults(tree, speller),
        dispute_faults(tree, speller),
        active_faults(tree, speller),
        trigger_faults(tree, speller),
        material_faults(tree, speller),
        pool_faults(tree, speller),
        industry_faults(tree, speller),
        propagation_faults(tree, speller),
        run_faults(tree),
    )
    return [fault for check in checks for fault in check]


def _nothing(tree: Tree) -> Iterator[Fault]:
    for collection in ("disputes", "materials", "industries"):
        if tree.get(collection) == {}:
            yield Fault(
                path=(collection,),
                found=f"there are no {collection}: nothing to simulate",
                allowed="at least one dispute, one material and one industry",
            )


def _reserved(tree: Tree) -> Iterator[Fault]:
    if RESOLVED in names_of(tree, "ladder"):
        yield Fault(
            path=("ladder", RESOLVED),
            found=f"{RESOLVED} is the end of every path and cannot be a level",
            allowed="another name",
        )


def _look_alikes(tree: Tree) -> Iterator[Fault]:
    """Names of one kind that people cannot tell apart: a typing error would silence a dispute."""
    for collection in ("ladder", "disputes", "triggers", "materials", "pools", "industries"):
        yield from look_alikes(((collection, name), name) for name in names_of(tree, collection))
    for name, material in members(tree, "materials").items():
        for parts in ("alternatives", "stocks"):
            path = ("materials", name, parts)
            yield from look_alikes(((*path, part), part) for part in names_of(material, parts))
    yield from look_alikes(_countries(tree))


def _countries(tree: Tree) -> Iterator[tuple[Path, str]]:
    run = members(tree, "run")
    yield from _texts(("run",), run, "importer")
    for name, dispute in members(tree, "disputes").items():
        yield from _texts(("disputes", name), members(dispute), "coercer", "target")
    for name, material in members(tree, "materials").items():
        path = ("materials", name)
        yield from _texts(path, members(material), "importer")
        yield from (
            ((*path, "sources", country), country) for country in names_of(material, "sources")
        )
    for name, industry in members(tree, "industries").items():
        yield from _texts(("industries", name), members(industry), "importer")


def _texts(path: Path, table: Tree, *keys: str) -> Iterator[tuple[Path, str]]:
    yield from (((*path, key), table[key]) for key in keys if isinstance(table.get(key), str))
