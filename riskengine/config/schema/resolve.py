"""The resolved document: the config with every default written out, ready for JSON."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from riskengine.config.schema.check import default_of, is_annotation
from riskengine.config.schema.keys import SCHEMA
from riskengine.config.schema.kinds import Day, KeyedTable, Map, Node, NumberOrTable, Shorthand

_GONE = ("tables", "extends", "parts")  #: left out: already merged into the rest


def resolve(document: Mapping[str, Any]) -> dict[str, Any]:
    """Complete a document that passed all checks; loading the result gives the same scenario.

    Keys of a table are in the order of the schema. Names of a collection keep their own order.
    """
    given = {key: value for key, value in document.items() if key not in _GONE}
    resolved = _table(SCHEMA, given)
    for key in _GONE:
        resolved.pop(key, None)
    importer = resolved["run"].get("importer")
    if importer is not None:
        for collection in ("materials", "industries"):
            for name, member in resolved[collection].items():
                if not is_annotation(name, member):
                    member.setdefault("importer", importer)
    return resolved


def _resolve(node: Node, value: Any) -> Any:
    if isinstance(node, Shorthand) and not isinstance(value, Mapping):
        return _table(node, {node.first: value})
    if isinstance(node, NumberOrTable) and not isinstance(value, Mapping):
        return plain(value)
    if isinstance(node, KeyedTable):
        return _table(node, value)
    if isinstance(node, Map):
        return {
            name: plain(item) if is_annotation(name, item) else _resolve(node.of, item)
            for name, item in value.items()
        }
    if isinstance(node, Day):
        return value if isinstance(value, str) else value.isoformat()
    return plain(value)


def _table(node: KeyedTable, value: Mapping[str, Any]) -> dict[str, Any]:
    resolved: dict[str, Any] = {}
    for key, child in node.keys.items():
        item = _resolve(child, value[key]) if key in value else plain(default_of(child))
        if item is not None:
            resolved[key] = item
    resolved.update((key, plain(value[key])) for key in node.annotations if key in value)
    return resolved


def plain(value: Any) -> Any:
    """A value with copies of its tables and lists, and dates as ISO texts."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return value
