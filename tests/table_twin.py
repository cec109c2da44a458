"""A slow, independent writer of configs as tables: one row for each entity, settings apart.

It knows the shapes of the tables from docs/config.md, not from the schema.
"""

from __future__ import annotations

import copy
import datetime
import json
import re
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

Entity = Mapping[str, Any]
Rows = list[list[Any]]  #: the heading first

NOTES = ("note", "source", "status", "known_on")

#: By table: sheet, columns that name a row, path (a star for each name), and what is left out
#: because other tables have it
PLAN: dict[str, list[tuple[str, list[str], str, list[str]]]] = {
    "ladder": [
        ("Ladder", ["level"], "ladder.*", []),
        ("Ladder", ["material", "level"], "materials.*.ladder.*", []),
    ],
    "disputes": [("Disputes", ["dispute"], "disputes.*", [])],
    "triggers": [("Triggers", ["trigger"], "triggers.*", [])],
    "correlation": [("Correlation", [], "correlation", [])],
    "materials": [
        ("Materials", ["material"], "materials.*", ["sources", "alternatives", "stocks", "ladder"])
    ],
    "sources": [("Sources", ["material", "country"], "materials.*.sources.*", [])],
    "alternatives": [
        ("Alternatives", ["material", "alternative"], "materials.*.alternatives.*", [])
    ],
    "stocks": [("Stocks", ["material", "tier"], "materials.*.stocks.*", [])],
    "pools": [("Pools", ["pool"], "pools.*", [])],
    "industries": [("Industries", ["industry"], "industries.*", ["uses"])],
    "uses": [("Uses", ["industry", "material"], "industries.*.uses.*", [])],
    "propagation": [("Propagation", ["from", "to"], "propagation.coefficients.*.*", [])],
    "sweep": [("Sweep", ["path"], "sweep.parameters.*", [])],
    "mitigation": [
        ("Mitigation", ["option"], "mitigation.options.*", []),
        ("Mitigation", ["range"], "mitigation.ranges.*", []),
    ],
}


def toml(value: Any) -> str:
    """A value as TOML text on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, datetime.date) else repr(value)


def split(config: Entity, random: Random) -> tuple[dict[str, Rows], dict[str, Any]]:
    """The tables of a config by key of `[tables]`, and what is in none of them.

    Some values that are tables get a column for each part; the others are the text of one cell.
    """
    rest = copy.deepcopy(dict(config))
    tables = {}
    for table, forms in PLAN.items():
        names = list(dict.fromkeys(name for form in forms for name in form[1]))
        rows: list[dict[str, Any]] = []
        for _, own, path, apart in forms:
            for found, entity in list(_entities(rest, path.split("."), ())):
                row = dict(zip(own, found, strict=True))
                rows.append(row | _cells(table, entity, apart, random))
        if rows:
            heading = list(dict.fromkeys([*names, *(key for row in rows for key in row)]))
            used = [key for key in heading if any(key in row for row in rows)]
            heading = used if table not in ("ladder", "mitigation") else heading
            tables[table] = [heading, *([row.get(key) for key in heading] for row in rows)]
    for forms in PLAN.values():
        for _, _, path, apart in forms:
            _take(rest, path.split("."), apart)
    return tables, _pruned(rest)


def _entities(
    held: Any, path: list[str], names: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Any]]:
    if not path:
        yield names, held
    elif path[0] != "*":
        if isinstance(held, Mapping) and path[0] in held:
            yield from _entities(held[path[0]], path[1:], names)
    else:
        for name, item in held.items():
            if not _is_note(name, item):
                yield from _entities(item, path[1:], (*names, name))


def _is_note(name: str, item: Any) -> bool:
    is_text = isinstance(item, str) or (name == "known_on" and isinstance(item, datetime.date))
    return name in NOTES and is_text


def _cells(table: str, entity: Any, apart: list[str], random: Random) -> dict[str, Any]:
    if table == "propagation":
        return {"coefficient": entity}
    if table == "sweep" and isinstance(entity, list):
        return {"values": toml(entity)}
    cells: dict[str, Any] = {}
    for key, value in entity.items():
        if key not in apart:
            _put(cells, key, value, random, is_free=key in ("set", "add"))
    return cells


def _put(cells: dict[str, Any], key: str, value: Any, random: Random, *, is_free: bool) -> None:
    if isinstance(value, Mapping) and value and random.random() < 0.7 and ".set." not in key:
        for below, part in value.items():
            _put(cells, f"{key}.{_part(below)}", part, random, is_free=is_free)
        return
    cells[key] = toml(value) if isinstance(value, Mapping) or is_free else _cell(value)


def _cell(value: Any) -> Any:
    """A list as text; a text in quotes if a reader would take blanks or quotes away."""
    is_quoted = isinstance(value, str) and (value != value.strip() or value[:1] in '"')
    return toml(value) if is_quoted or isinstance(value, list) else value


def _take(held: Any, path: list[str], apart: list[str]) -> None:
    """Remove what a table says, but not the notes of the collections themselves."""
    if not isinstance(held, dict):
        return
    key, below = path[0], path[1:]
    for name in list(held) if key == "*" else [key]:
        if name not in held or (key == "*" and _is_note(name, held[name])):
            continue
        if below:
            _take(held[name], below, apart)
        elif isinstance(held[name], dict) and apart:
            held[name] = {k: v for k, v in held[name].items() if k in apart}
        else:
            del held[name]


def _pruned(held: Any) -> Any:
    if not isinstance(held, dict):
        return held
    pruned = {key: _pruned(value) for key, value in held.items()}
    return {key: value for key, value in pruned.items() if value != {}}


def settings(rest: Entity) -> list[tuple[str, Any]]:
    """Dotted paths of what is in no table, and their values; keys of `[run]` stand alone."""
    return list(_settings(rest, ()))


def _part(name: str) -> str:
    is_bare = re.fullmatch(r"[A-Za-z0-9_-]+", name) is not None
    return name if is_bare else json.dumps(name, ensure_ascii=False)


def _settings(held: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    if isinstance(held, Mapping):
        for key, value in held.items():
            yield from _settings(value, (*path, key))
        return
    shown = path[1:] if path[0] == "run" and len(path) == 2 and path[1] not in NOTES else path
    key = ".".join(_part(part) for part in shown)
    yield key, _cell(held)
