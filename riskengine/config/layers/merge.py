"""Merging documents: tables merge deeply, the upper one wins; distributions are kept whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riskengine.config.schema.distributions import family_of, is_complete
from riskengine.config.schema.keys import SCHEMA
from riskengine.config.schema.kinds import Free, KeyedTable, Map, Node, Spread


def merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two documents as one: names of `below` first, then those that are new in `above`.

    The ladder is in the order of `above` where that has every level of `below`.

    A distribution in `above` that is complete by itself replaces the one in `below`; one that
    names only some parameters of the same family, or only `min` and `max`, changes it.

    What a sweep varies is all of `above` or all of `below`: a question is asked as a whole.
    """
    return _merge_tables(SCHEMA, below, above)


def _merge(node: Node | None, below: Any, above: Any) -> Any:
    if not isinstance(below, Mapping) or not isinstance(above, Mapping):
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
        merged[key] = value if stands_alone else _merge(_child(node, key), merged[key], value)
    if isinstance(node, Map) and node.ordered and _tables_of(below) <= _tables_of(above):
        # A fragment below (fitted levels, say) cannot know the levels between and beyond its own.
        return {key: merged[key] for key in (*above, *(key for key in below if key not in above))}
    return merged


def _tables_of(members: Mapping[str, Any]) -> set[str]:
    return {name for name, value in members.items() if isinstance(value, Mapping)}


def _child(node: Node | None, key: str) -> Node | None:
    if isinstance(node, Map):
        return node.of
    return node.keys.get(key) if isinstance(node, KeyedTable) else None


def _merge_spreads(below: Mapping[str, Any], above: Mapping[str, Any]) -> Any:
    family = family_of(above)
    if is_complete(above) or family not in ("", family_of(below)):
        return above
    merged = {**below, **above}
    parameters = below.get(family), above.get(family)
    if all(isinstance(table, Mapping) for table in parameters):
        merged[family] = {**below[family], **above[family]}
    return merged
