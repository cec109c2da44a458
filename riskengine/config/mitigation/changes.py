"""What an option changes: the paths that it sets or adds to, and what stands there."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from riskengine.config.layers.layers import Layer, find_holder
from riskengine.config.schema.keys import SCHEMA
from riskengine.config.schema.kinds import KeyedTable, Map, Node, node_below
from riskengine.config.schema.scalars import Findings, Path, is_number, quoted, show
from riskengine.config.sweeps.points import Added
from riskengine.config.sweeps.targets import (
    BY_OPTION,
    VARIED,
    Target,
    find_target,
    names_file,
    read_paths,
    standing,
)
from riskengine.config.toml.one_line import one_line
from riskengine.errors import format_path
from riskengine.model.faults.scenario import Malformed


class Change(NamedTuple):
    """One change of an option: a value for a path, or an amount added to the number there."""

    where: Path  #: of the change itself, as the config writes it
    path: Path
    value: Any  #: an `Added` for an amount


def read_changes(
    given: Mapping[str, Any], document: Mapping[str, Any], where: Path, findings: Findings
) -> list[Change]:
    """The changes of an option that lead somewhere; faults of the others go to `findings`.

    Parameters
    ----------
    given : mapping
        The typed table of the option.
    document : mapping
        The config, all files merged.
    where : tuple of str
        The path of the option.
    findings : Findings
    """
    changes: list[Change] = []
    for key in ("set", "add"):
        table = given[key]
        entries = table.items() if isinstance(table, Mapping) else ()
        own: list[Change] = []
        for name, value in entries:
            at = (*where, key, name)
            if isinstance(value, Malformed):
                continue
            path = _single_path(name, at, findings)
            if path is None:
                continue
            is_read = _is_settable if key == "set" else _is_addable
            if is_read(path, value, document, at, findings):
                own.append(Change(at, path, value if key == "set" else Added(value)))
        changes += _apart(own, findings)
    return changes


def placed(change: Change, layers: Sequence[Layer]) -> Change:
    """The change with the name of a file, if it is one, relative to the folder of the config."""
    if not names_file(change.path) or not isinstance(change.value, str):
        return change
    holder = find_holder(change.where, layers)
    return change._replace(value=posixpath.join(holder.folder if holder else "", change.value))


def _single_path(name: str, where: Path, findings: Findings) -> Path | None:
    paths = read_paths(name)
    if paths is None:
        findings.add(where, f"{quoted(name)} is no dotted path", VARIED)
    elif len(paths) > 1:
        findings.add(where, "names several paths", "one path, with one value")
    else:
        return paths[0]
    return None


def _is_settable(
    path: Path, value: Any, document: Mapping[str, Any], where: Path, findings: Findings
) -> bool:
    """Whether an option may set a path; reports a fault if not."""
    if isinstance(value, Mapping) and _is_new_table(path, document):
        return True
    return find_target(path, document, where, findings, BY_OPTION) is not None


def _is_new_table(path: Path, document: Mapping[str, Any]) -> bool:
    """Whether a path leads to a table that the config does not have yet, in one that it has."""
    node: Node | None = SCHEMA
    held: Any = document
    for key in path[:-1]:
        is_left_out = isinstance(node, KeyedTable) and isinstance(held, Mapping) and key not in held
        held = {} if is_left_out else held.get(key) if isinstance(held, Mapping) else None
        node = node_below(node, key)
    is_table = isinstance(node_below(node, path[-1]), KeyedTable | Map)
    is_inside = path[0] not in ("mitigation", "sweep", "tables", "parts", "run")
    return is_table and is_inside and isinstance(held, Mapping) and path[-1] not in held


def _is_addable(
    path: Path, value: float, document: Mapping[str, Any], where: Path, findings: Findings
) -> bool:
    """Whether a number stands at a path, to which an option may add; reports a fault if not."""
    target = find_target(path, document, where, findings, BY_OPTION)
    if target is None:
        return False
    held = standing(document, path)
    if is_number(held):
        return True
    if not isinstance(held, Malformed):
        findings.add(where, *_no_number(target, held, value))
    return False


def _no_number(target: Target, held: Any, value: float) -> tuple[str, str, str]:
    """What stands at a path in place of a number, what is allowed, and the remedy."""
    path = format_path(target.path)
    allowed = "a path at which the config has a number"
    if held is None:
        return f"adds to {path}, where the config has nothing", allowed, "set it"
    if not isinstance(held, Mapping):
        return f"adds to {path}, which is {show(held)}", allowed, "set it"
    found = f"adds to {path}, which is the distribution {one_line(held)}"
    return found, allowed, _distribution_remedy(target.path, value)


def _distribution_remedy(path: Path, value: float) -> str:
    """What to do in place of adding to a distribution."""
    if len(path) == 5 and path[0] == "materials" and path[2] in ("stocks", "alternatives"):
        kind = {"stocks": "a stock tier", "alternatives": "an alternative"}[path[2]]
        whole = format_path((*path[:3], "NAME"))
        table = f"{{ {path[4]} = {value:g} ... }}"
        return f'give the option {kind} of its own: set = {{ "{whole}" = {table} }}'
    return "set the whole distribution, or one of its parameters"


def _apart(changes: list[Change], findings: Findings) -> list[Change]:
    """The changes of one option, as far as no path gets two values, directly or as a part."""
    seen: dict[Path, Change] = {}
    for change in changes:
        if change.path in seen:
            found = f"names {format_path(change.path)} twice"
            findings.add(change.where, found, "each path once")
        else:
            seen[change.path] = change
    for path, change in list(seen.items()):
        above = next((path[:n] for n in range(1, len(path)) if path[:n] in seen), None)
        if above is not None:
            found = f"{format_path(path)} is part of {format_path(above)}, which it names too"
            findings.add(change.where, found, "one of the two")
            del seen[path]
    return list(seen.values())
