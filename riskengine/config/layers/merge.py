"""Merging documents: tables merge deeply, the upper value wins; distributions stay whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riskengine.config.schema.distributions import family_of, is_complete
from riskengine.config.schema.keys import SCHEMA
from riskengine.config.schema.kinds import (
    Anything,
    Free,
    Map,
    Node,
    Shorthand,
    Spread,
    node_below,
)


def merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Merge two documents: names of `below` come first, then those that are new in `above`.

    The ladder follows the order of `above` if `above` has every level of `below`.

    A complete distribution in `above` replaces the one in `below`. One that gives only some
    parameters of the same family, or only `min` and `max`, changes it.

    A value that an option of a mitigation sets comes from one of the two as a whole.

    The parameters of a sweep come from either `above` or `below` as a whole and are never mixed.
    """
    return _merge_tables(SCHEMA, below, above)


def _merge(node: Node | None, below: Any, above: Any) -> Any:
    if isinstance(node, Shorthand) and not isinstance(below, Mapping):
        below = {node.first: below}
    if isinstance(node, Anything) or not (
        isinstance(below, Mapping) and isinstance(above, Mapping)
    ):
        return above
    if isinstance(node, Spread):
        return _merge_spreads(below, above)
    return _merge_tables(node, below, above)


def _merge_tables(
    node: Node | None, below: Mapping[str, Any], above: Mapping[str, Any]
) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        is_whole = isinstance(node, Free) and key in node.whole
        stands_alone = is_whole or key not in merged
        merged[key] = value if stands_alone else _merge(node_below(node, key), merged[key], value)
    if isinstance(node, Map) and node.ordered and _tables_of(below) <= _tables_of(above):
        # A fragment below (fitted levels, say) does not know the levels between and beyond its own.
        return {key: merged[key] for key in (*above, *(key for key in below if key not in above))}
    return merged


def _tables_of(members: Mapping[str, Any]) -> set[str]:
    return {name for name, value in members.items() if isinstance(value, Mapping)}


def _merge_spreads(below: Mapping[str, Any], above: Mapping[str, Any]) -> Any:
    family = family_of(above)
    if is_complete(above) or family not in ("", family_of(below)):
        return above
    merged = {**below, **above}
    parameters = below.get(family), above.get(family)
    if all(isinstance(table, Mapping) for table in parameters):
        merged[family] = {**below[family], **above[family]}
    return merged
