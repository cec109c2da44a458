"""Values that replace what the files say: `PATH=VALUE` as a text, or a path and any value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from riskengine.config.layers.layers import Path, Report, SetLayer
from riskengine.config.schema.keys import SCHEMA
from riskengine.config.schema.kinds import Map, Node, Shorthand, node_below
from riskengine.config.schema.scalars import is_number, quoted
from riskengine.config.sources.names import MOST_DEPTH, normalise_value, too_deep
from riskengine.config.toml.one_line import one_line
from riskengine.config.toml.positions import read_key
from riskengine.config.toml.syntax import TomlError, parse_value
from riskengine.errors import Fault, format_path
from riskengine.model.spelling import Speller

_FIXED = ("extends", "parts", "tables")  #: which files to read: overrides come after reading


Override = str | tuple[str, Any]  #: a text, or a dotted path and its value


def override_text(override: Override) -> str:
    """An override as the command line takes it.

    >>> override_text(("run.title", "Korea"))
    'run.title="Korea"'
    """
    return override if isinstance(override, str) else f"{override[0]}={one_line(override[1])}"


def apply_override(
    document: dict[str, Any], override: Override, rank: int, report: Report
) -> SetLayer | None:
    """Set one value in a document, in place; report a fault if it cannot be set.

    Returns
    -------
    SetLayer or None
        The layer that holds the value, to locate faults found later; None when it was not set.
    """
    text = override_text(override)
    path, end = read_key(text)
    if not isinstance(override, str) and end != len(str(override[0])):
        path = ()
    layer = SetLayer(rank=rank, path=path, text=text)
    fault = _fault(document, text, path, end)
    if fault:
        report.at(layer.own_place, fault)
        return None
    faults: list[Fault] = []
    given = read_value(text[end + 1 :]) if isinstance(override, str) else override[1]
    value = None if given is None else normalise_value(given, path, faults.append)
    if value is None and not faults:
        faults.append(Fault(path=path, found="is None", allowed="a value"))
    for found in faults:
        report.at(layer.own_place, replace(found, path=path))
    if value is not None:
        layer.path = path[: put_value(document, path, value)]
    return layer


def read_value(text: str) -> Any:
    """The TOML value of a text; the text itself when it is not a TOML value."""
    try:
        return parse_value(text.strip())
    except TomlError:
        return text.strip()


def _fault(document: Mapping[str, Any], text: str, path: Path, end: int) -> Fault | None:
    if not path or text[end : end + 1] != "=":
        return Fault(
            path=(), found="is not of the form PATH=VALUE", allowed="such as run.trials=1000"
        )
    if len(path) >= MOST_DEPTH - 1:
        return too_deep(path)
    if path[0] in _FIXED:
        return Fault(
            path=path,
            found=f"{path[0]} cannot be set here",
            allowed="it belongs in a file",
            hint="write a file that extends this one",
        )
    return _new_member(document, path)


def _new_member(document: Mapping[str, Any], path: Path) -> Fault | None:
    """The fault of a path through a member that does not exist: a typo would create a new one."""
    node: Node | None = SCHEMA
    held: Any = document
    for depth, key in enumerate(path[:-1]):
        is_new = not isinstance(held, Mapping) or key not in held
        if isinstance(node, Map) and not node.refers and is_new:
            names = list(held) if isinstance(held, Mapping) else []
            where = format_path(path[: depth + 1])
            return Fault(
                path=path[: depth + 1],
                found=f"there is no {node.member} {quoted(key)}",
                allowed=f"an existing {node.member}; or give a new one whole: {where}={{...}}",
                hint=Speller().suggest(key, names),
            )
        node = node_below(node, key)  # none for an unknown key, and inside a distribution
        held = held.get(key) if isinstance(held, Mapping) else None
    return None


def put_value(document: dict[str, Any], path: Path, value: Any) -> int:
    """Set a value at a path, on copies of the tables that lead to it.

    A value along the path that is not a table is replaced by a table, in which a number stays
    where the schema says of which key it is short for.

    Returns
    -------
    int
        Length of the part of the path that leads to the first new table or value.
    """
    table = document
    node: Node | None = SCHEMA
    new = len(path)
    for depth, key in enumerate(path[:-1], start=1):
        below = table.get(key)
        node = node_below(node, key)
        if isinstance(node, Shorthand) and is_number(below):
            below = {node.first: below}
        if not isinstance(below, Mapping):
            new = min(new, depth)
        table[key] = dict(below) if isinstance(below, Mapping) else {}
        table = table[key]
    table[path[-1]] = value
    return new
