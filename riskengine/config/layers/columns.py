"""The header of a table: which columns name a row, and which key each other column holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from riskengine.config.layers.layers import Path
from riskengine.config.schema.distributions import BOUNDS, EMPIRICAL, NAMES
from riskengine.config.schema.keys import node_at
from riskengine.config.schema.kinds import (
    ANNOTATIONS,
    KNOWN_ON,
    Day,
    KeyedTable,
    Map,
    Node,
    Number,
    Spread,
    Text,
)
from riskengine.config.schema.scalars import quoted, show
from riskengine.config.sources.grids import CellError, is_filled
from riskengine.config.toml.positions import read_key
from riskengine.model.families import FAMILIES
from riskengine.model.spelling import Speller

_NOTE = Text(free=True, lines=True)
_KNOWN_ON = Day()
_PARAMETER = Number()


@dataclass(frozen=True, slots=True, kw_only=True)
class RowKind:
    """What the rows of a table are.

    `names` are the columns that name a row. They fill the wildcards `*` of `path`, which is the
    row's path in a document. If `value` is set, that column holds the row's only value; otherwise
    the other columns are keys of the table at `path`.
    """

    names: tuple[str, ...]
    path: Path
    value: str = ""

    @property
    def node(self) -> Node | None:
        """What the schema says about a row."""
        return node_at(self.path)


ROW_KINDS = {
    "materials": RowKind(names=("material",), path=("materials", "*")),
    "industries": RowKind(names=("industry",), path=("industries", "*")),
    "sources": RowKind(names=("material", "country"), path=("materials", "*", "sources", "*")),
    "alternatives": RowKind(
        names=("material", "alternative"), path=("materials", "*", "alternatives", "*")
    ),
    "stocks": RowKind(names=("material", "tier"), path=("materials", "*", "stocks", "*")),
    "uses": RowKind(names=("industry", "material"), path=("industries", "*", "uses", "*")),
}
PROPAGATION = RowKind(
    names=("from", "to"), path=("propagation", "coefficients", "*", "*"), value="coefficient"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueColumn:
    """A column that holds values: its number from 0, its key below the row, its kind."""

    number: int
    key: Path
    node: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The columns of a table that were recognised, and the faults of the others."""

    names: tuple[int, ...]  #: columns that name a row
    columns: tuple[ValueColumn, ...]
    faults: tuple[CellError, ...]


def read_header(cells: Sequence[Any], kind: RowKind) -> Header:
    """What each column of a table holds; `names` is empty if a column that names rows is absent."""
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
    names, missing = _names(numbers, kind)
    keys = list(numbers)
    columns, unknown = _columns(numbers, kind)
    faults += [_missing(name, keys) for name in missing] + unknown
    return Header(names=() if missing else names, columns=columns, faults=tuple(faults))


def _read_cell(cell: Any, number: int) -> Path:
    if not is_filled(cell):
        return ()
    if not isinstance(cell, str):
        raise CellError(1, number, f"is {show(cell)}", "the name of a column")
    key, end = read_key(cell.strip())
    if not key or end < len(cell.strip()):
        raise CellError(
            1,
            number,
            f"{quoted(cell)} is no column name",
            "keys joined by dots, in quotes where they hold other signs",
        )
    return key


def _names(numbers: dict[Path, int], kind: RowKind) -> tuple[tuple[int, ...], list[str]]:
    """Remove the columns that name a row from `numbers`; return them, and the missing ones."""
    found: list[int] = []
    missing: list[str] = []
    for name in kind.names:
        if (name,) in numbers:
            found.append(numbers.pop((name,)))
        elif name == kind.names[-1] and ("name",) in numbers:
            found.append(numbers.pop(("name",)))
        else:
            missing.append(name)
    return tuple(found), missing


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
        if kind.value:
            node: Node | str = _value_node(key, kind)
        else:
            node = _node_of(kind.node, key)
        if isinstance(node, str):
            found = f"the column {quoted('.'.join(key))} is not known"
            faults.append(CellError(1, number, found, _known(kind), node))
        elif key == (kind.value,):
            columns.append(ValueColumn(number=number, key=(), node=node))
        elif not kind.value:
            columns.append(ValueColumn(number=number, key=key, node=node))
    return tuple(columns), faults


def _value_node(key: Path, kind: RowKind) -> Node | str:
    if key == (kind.value,):
        return kind.node or _PARAMETER
    if key[0] in ANNOTATIONS:
        return _annotation(key[0])
    return Speller().suggest(key[0], [kind.value])


def _annotation(name: str) -> Node:
    return _KNOWN_ON if name == KNOWN_ON else _NOTE


def _known(kind: RowKind) -> str:
    names = ", ".join(kind.names)
    if isinstance(kind.node, KeyedTable):
        keys = ", ".join(key for key in kind.node.keys)
        return f"{names}; {keys}; {', '.join(ANNOTATIONS)}"
    return f"{names}, {kind.value}; {', '.join(ANNOTATIONS)}"


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
    return ""


def _spread_node(first: str, rest: Path) -> Node | str:
    """The node of a key inside a distribution: a bound, or a parameter of a family."""
    if not rest and first in (*BOUNDS, *NAMES):
        return _PARAMETER
    if first not in NAMES:
        return Speller().suggest(first, (*NAMES, *BOUNDS))
    names = (
        ("values", "weights", "file", "column") if first == EMPIRICAL else FAMILIES[first].limits
    )
    if len(rest) == 1 and rest[0] in names:
        return _NOTE if rest[0] in ("file", "column") else _PARAMETER
    return Speller().suggest(rest[0], names)
