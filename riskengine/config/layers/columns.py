"""The header of a table: which columns name a row, and which key each other column holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskengine.config.layers.layers import Path
from riskengine.config.schema.distributions import BOUNDS, EMPIRICAL, NAMES
from riskengine.config.schema.keys import node_at
from riskengine.config.schema.kinds import (
    ANNOTATIONS,
    KNOWN_ON,
    Anything,
    Day,
    KeyedTable,
    Map,
    Node,
    Number,
    Spread,
    Text,
)
from riskengine.config.schema.scalars import quoted, show
from riskengine.config.schema.sheets import RowForm, RowKind
from riskengine.config.schema.sweep import PARAMETER
from riskengine.config.sources.grids import CellError, is_filled
from riskengine.config.toml.positions import read_key
from riskengine.model.families import FAMILIES
from riskengine.model.spelling import Speller

_NOTE = Text(free=True, lines=True)
_KNOWN_ON = Day()
_PARAMETER = Number()
_LIST = Anything()
_SAMPLE = {"values": _LIST, "weights": _LIST, "file": _NOTE, "column": _NOTE}


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueColumn:
    """A column that holds values: its number from 0, its key below the row, its kind."""

    number: int
    key: Path
    node: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The columns of a table that were recognised, and the faults of the others."""

    names: Mapping[str, int]  #: number of each column that names rows
    columns: tuple[ValueColumn, ...]
    faults: tuple[CellError, ...]
    is_readable: bool  #: whether the columns that name rows are there
    titled: int  #: how many columns there are before the first without a title


def read_header(cells: Sequence[Any], kind: RowKind) -> Header:
    """What each column of a table holds."""
    numbers, faults = read_titles(cells)
    keys = list(numbers)
    names = _names(numbers, kind)
    is_readable = any(names.keys() >= set(form.names) for form in kind.forms)
    missing = [] if is_readable else [name for name in kind.forms[0].names if name not in names]
    columns, unknown = _columns(numbers, kind)
    faults += [_missing(name, keys) for name in missing] + unknown
    return Header(
        names=names,
        columns=columns,
        faults=tuple(faults),
        is_readable=is_readable,
        titled=next((n for n, cell in enumerate(cells) if not is_filled(cell)), len(cells)),
    )


def read_titles(cells: Sequence[Any]) -> tuple[dict[Path, int], list[CellError]]:
    """The number of each column by its title, and the faults of titles that are none."""
    numbers: dict[Path, int] = {}
    faults: list[CellError] = []
    for number, cell in enumerate(cells):
        try:
            key = _read_cell(cell, number)
        except CellError as fault:
            faults.append(fault)
            continue
        if key and key in numbers:
            found = f"the column {quoted('.'.join(key))} appears twice"
            faults.append(CellError(1, number, found, "columns that differ"))
        elif key:
            numbers[key] = number
    return numbers, faults


def _read_cell(cell: Any, number: int) -> Path:
    if not is_filled(cell):
        return ()
    if not isinstance(cell, str):
        raise CellError(1, number, f"is {show(cell)}", "the name of a column")
    title = (
        cell.strip().partition("\n")[0].rstrip()
    )  # further lines, such as a unit, are for people
    key, end = read_key(title)
    if not key or end < len(title):
        raise CellError(
            1,
            number,
            f"{quoted(cell)} is no column name",
            "keys joined by dots, in quotes where they hold other signs",
        )
    return key


def _names(numbers: dict[Path, int], kind: RowKind) -> dict[str, int]:
    """Remove the columns that name rows from `numbers`, and return them by name."""
    found = {name: numbers.pop((name,)) for name in kind.names if (name,) in numbers}
    last = kind.forms[0].names[-1:]
    if last and last[0] not in found and ("name",) in numbers:
        found[last[0]] = numbers.pop(("name",))
    return found


def _missing(name: str, keys: Sequence[Path]) -> CellError:
    near = Speller().nearest(name, [".".join(key) for key in keys])
    hint = f'did you mean it by "{near}"?' if near else ""
    return CellError(1, 0, f"there is no column {quoted(name)}", "a header row in row 1", hint)


def _columns(
    numbers: dict[Path, int], kind: RowKind
) -> tuple[tuple[ValueColumn, ...], list[CellError]]:
    columns: list[ValueColumn] = []
    faults: list[CellError] = []
    for key, number in numbers.items():
        node = column_node(kind, key)
        if isinstance(node, str):
            found = f"the column {quoted('.'.join(key))} is not known"
            faults.append(CellError(1, number, found, _known(kind), node))
        elif key == (kind.value,):
            columns.append(ValueColumn(number=number, key=(), node=node))
        elif not kind.value:
            columns.append(ValueColumn(number=number, key=key, node=node))
    return tuple(columns), faults


def row_node(form: RowForm) -> Node | None:
    """What the schema says about the value of a row."""
    return PARAMETER if form.path[:2] == ("sweep", "parameters") else node_at(form.path)


def column_node(kind: RowKind, key: Path) -> Node | str:
    """What a column holds; a hint, which may be empty, when the table has no such column.

    >>> from riskengine.config.schema.sheets import ROW_KINDS
    >>> column_node(ROW_KINDS["uses"], ("inventory_days",)).unit
    'days'
    """
    if kind.value:
        return _value_node(key, kind)
    found = [_node_of(row_node(form), key) for form in kind.forms]
    return next((node for node in found if not isinstance(node, str)), max(found, key=str))


def _value_node(key: Path, kind: RowKind) -> Node | str:
    if key == (kind.value,):
        return row_node(kind.forms[0]) or _PARAMETER
    if key[0] in ANNOTATIONS:
        return _annotation(key[0])
    return Speller().suggest(key[0], [kind.value])


def _annotation(name: str) -> Node:
    return _KNOWN_ON if name == KNOWN_ON else _NOTE


def _known(kind: RowKind) -> str:
    names = ", ".join(kind.names)
    nodes = [row_node(form) for form in kind.forms]
    keys = [key for node in nodes if isinstance(node, KeyedTable) for key in node.keys]
    if not keys:
        return f"{names}, {kind.value}; {', '.join(ANNOTATIONS)}"
    listed = ", ".join(dict.fromkeys(keys))
    return "; ".join(filter(None, (names, listed, ", ".join(ANNOTATIONS))))


def _node_of(node: Node | None, key: Path) -> Node | str:
    """The node of a key below a row; a hint, which may be empty, when there is no such key."""
    if not key:
        return node or _NOTE
    first, rest = key[0], key[1:]
    if isinstance(node, KeyedTable):
        if first in node.keys:
            return _node_of(node.keys[first], rest)
        if first in ANNOTATIONS and not rest:
            return _annotation(first)
        return Speller().suggest(first, node.keys)
    if isinstance(node, Map):
        return _node_of(node.of, rest)
    if isinstance(node, Spread):
        return _spread_node(first, rest)
    return node if isinstance(node, Anything) else ""


def _spread_node(first: str, rest: Path) -> Node | str:
    """The node of a key inside a distribution: a bound, or a parameter of a family."""
    if not rest and first in (*BOUNDS, *NAMES):
        return _PARAMETER
    if first not in NAMES:
        return Speller().suggest(first, (*NAMES, *BOUNDS))
    if first == EMPIRICAL:
        nodes: Mapping[str, Node] = _SAMPLE
    else:
        nodes = dict.fromkeys(FAMILIES[first].limits, _PARAMETER)
    names = list(nodes)
    if len(rest) == 1 and rest[0] in nodes:
        return nodes[rest[0]]
    return Speller().suggest(rest[0], names)
