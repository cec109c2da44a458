"""Checking a merged document against the schema: unknown keys, kinds, ranges, defaults.

The result is a tree of the same shape with typed values: floats, `Distribution`s, and defaults
filled in. Malformed values are marked, not dropped, so that the model checks can run on the rest.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping
from typing import Any

from riskengine.config.schema.distributions import read_spread
from riskengine.config.schema.keys import SCHEMA
from riskengine.config.schema.kinds import (
    ANNOTATIONS,
    KNOWN_ON,
    Anything,
    Day,
    Flag,
    Free,
    Integer,
    KeyedTable,
    Map,
    NameList,
    Node,
    Number,
    NumberOrTable,
    Rising,
    Shorthand,
    Spread,
    Text,
    allowed,
)
from riskengine.config.schema.scalars import (
    Findings,
    Path,
    check_note,
    is_number,
    read_day,
    read_flag,
    read_integer,
    read_names,
    read_number,
    read_rising,
    read_text,
    show,
)
from riskengine.model.distributions import constant
from riskengine.model.faults.scenario import Malformed

MOST_MEMBERS = 100_000  #: of one collection

Reader = Callable[[Any, Any, Path, Findings], Any]


def read_document(document: Mapping[str, Any], findings: Findings) -> dict[str, Any]:
    """The typed tree of a document; every fault found is added to `findings`."""
    tree = read(SCHEMA, document, (), findings)
    return tree if isinstance(tree, dict) else {}


def read(node: Node, value: Any, path: Path, findings: Findings) -> Any:
    """The typed value of a node, or the marker for a malformed value."""
    if isinstance(value, Malformed):
        return value
    return READERS[type(node)](node, value, path, findings)


def is_annotation(key: str, value: Any) -> bool:
    """Whether an entry of a collection is a note about it, not a member of that name."""
    is_day = key == KNOWN_ON and isinstance(value, datetime.date)
    return is_day or (key in ANNOTATIONS and isinstance(value, str))


def _read_table(node: KeyedTable, value: Any, path: Path, findings: Findings) -> Any:
    if not isinstance(value, Mapping):
        return findings.add(path, f"is {show(value)}", allowed(node))
    tree: dict[str, Any] = {}
    for key, item in value.items():
        if key in node.keys:
            tree[key] = read(node.keys[key], item, (*path, key), findings)
        elif key in node.annotations:
            check_note(item, (*path, key), findings)
        else:
            _unknown(node, key, path, findings)
    for key, child in node.keys.items():
        if key not in tree:
            _fill(tree, key, child, path, findings)
    return tree


_OTHER_FILES = {"batch": "this is a batch file, which riskengine batch plays"}  #: by their table


def _unknown(node: KeyedTable, key: str, path: Path, findings: Findings) -> None:
    hint = (not path and _OTHER_FILES.get(key)) or findings.speller.suggest(key, node.keys)
    keys = f"{', '.join(node.keys)}; {', '.join(node.annotations)}"
    findings.add((*path, key), "is no known key", keys, hint)


def _fill(tree: dict[str, Any], key: str, child: Node, path: Path, findings: Findings) -> None:
    """Fill in the default of a missing key, or report that the key is required."""
    if child.required and child.beside not in tree:
        meaning = f": {child.meaning}" if child.meaning else ""
        tree[key] = findings.add((*path, key), "is missing", f"{allowed(child)}{meaning}")
        return
    value = default_of(child)
    if value is not None:
        tree[key] = constant(value) if isinstance(child, Spread) else value


def default_of(node: Node) -> Any:
    """The default of a node as a config would write it; None when it has none.

    A collection defaults to an empty table. A table of known keys defaults to the table of their
    defaults; if one of its keys is required, the table has no default.
    """
    if isinstance(node, Map):
        return None if node.absent else {}
    if isinstance(node, NumberOrTable):
        return node.default
    if isinstance(node, KeyedTable):
        if any(child.required for child in node.keys.values()):
            return None
        filled = {key: default_of(child) for key, child in node.keys.items()}
        return {key: value for key, value in filled.items() if value is not None}
    return getattr(node, "default", None)


def _read_map(node: Map, value: Any, path: Path, findings: Findings) -> Any:
    if not isinstance(value, Mapping):
        hint = f"give each {node.member} a table of its own name" if isinstance(value, list) else ""
        return findings.add(path, f"is {show(value)}", allowed(node), hint)
    if len(value) > MOST_MEMBERS:
        found = f"has {len(value):,} entries"
        return findings.add(path, found, f"at most {MOST_MEMBERS:,}")
    tree: dict[str, Any] = {}
    for name, item in value.items():
        if is_annotation(name, item):
            check_note(item, (*path, name), findings)
        else:
            tree[name] = read(node.of, item, (*path, name), findings)
    return tree


def _read_shorthand(node: Shorthand, value: Any, path: Path, findings: Findings) -> Any:
    if isinstance(value, Mapping):
        return _read_table(node, value, path, findings)
    number = read(node.keys[node.first], value, path, findings)
    if isinstance(number, Malformed):
        return number
    return _read_table(node, {node.first: number}, path, findings)


def _read_number_or_table(node: NumberOrTable, value: Any, path: Path, findings: Findings) -> Any:
    if isinstance(value, Mapping):
        return _read_table(node, value, path, findings)
    if not is_number(value):
        return findings.add(path, f"is {show(value)}", allowed(node))
    return read(node.number, value, path, findings)


def _read_anything(node: Anything, value: Any, path: Path, findings: Findings) -> Any:
    _check_plain(value, path, findings)
    return value


def _read_free(node: Free, value: Any, path: Path, findings: Findings) -> Any:
    if not isinstance(value, Mapping):
        return findings.add(path, f"is {show(value)}", allowed(node))
    _check_plain(value, path, findings)
    return value


def _check_plain(value: Any, path: Path, findings: Findings) -> None:
    """Add a fault unless a value, of whatever kind, can be stored in a results folder."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            _check_plain(item, (*path, key), findings)
    elif isinstance(value, list):
        for item in value:
            _check_plain(item, path, findings)
    elif isinstance(value, str):
        check_note(value, path, findings)
    elif isinstance(value, float) and not math.isfinite(value):
        findings.add(path, f"is {show(value)}, which is not finite", "finite numbers")
    elif not isinstance(value, int | float | Malformed | datetime.date | datetime.time):
        findings.add(path, f"is {show(value)}", "a text, number, true, false, list or table")


READERS: Mapping[type[Node], Reader] = {
    KeyedTable: _read_table,
    Map: _read_map,
    Shorthand: _read_shorthand,
    NumberOrTable: _read_number_or_table,
    Anything: _read_anything,
    Free: _read_free,
    Text: read_text,
    Flag: read_flag,
    Day: read_day,
    NameList: read_names,
    Number: read_number,
    Rising: read_rising,
    Integer: read_integer,
    Spread: read_spread,
}
