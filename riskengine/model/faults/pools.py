"""Faults of pools and of the alternatives that name them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from riskengine.errors import Fault
from riskengine.model.faults.tree import Path, Tree, members, names_of, printable, unknown
from riskengine.model.spelling import Speller


def pool_faults(tree: Tree, speller: Speller) -> Iterator[Fault]:
    """Faults of pools that alternatives name: unknown, twice, out of order, without a demand."""
    pools = list(names_of(tree, "pools"))
    for name, material in members(tree, "materials").items():
        path = ("materials", name)
        named: dict[str, str] = {}
        for label, alternative in members(material, "alternatives").items():
            pool = members(alternative).get("pool")
            if not isinstance(pool, str):
                continue
            at = (*path, "alternatives", label, "pool")
            if pool not in pools:
                yield unknown(at, pool, "pool", pools, speller)
                continue
            yield from _order(pool, at, named, pools)
            named.setdefault(pool, label)
        if named and "demand_per_year" not in material:
            yield Fault(
                path=(*path, "demand_per_year"),
                found=f'is missing, and "{printable(next(iter(named.values())))}" names a pool',
                allowed="the normal demand of the material, in the unit of the pool a year",
            )


def _order(pool: str, at: Path, named: dict[str, Any], pools: list[str]) -> Iterator[Fault]:
    """A pool that the material named before, or one that comes before those that it named."""
    if pool in named:
        yield Fault(
            path=at,
            found=f'"{printable(named[pool])}" names the pool "{printable(pool)}", too',
            allowed="one alternative of a material for a pool",
            hint="put both into one alternative",
        )
        return
    later = [other for other in named if pools.index(other) > pools.index(pool)]
    if later:
        yield Fault(
            path=at,
            found=f'"{printable(pool)}" comes after "{printable(later[0])}" here, and before it '
            "in [pools]",
            allowed="alternatives in the order in which [pools] lists their pools",
            hint="a material asks one pool after the other, and all materials in the same order: "
            "change the order of its alternatives or of the pools",
        )
