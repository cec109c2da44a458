"""A document laid out as the tables that it can be read from: rows, columns and cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from riskengine.config.layers.columns import column_node, row_node
from riskengine.config.schema.check import is_annotation
from riskengine.config.schema.distributions import BOUNDS, NAMES, is_complete
from riskengine.config.schema.keys import node_at
from riskengine.config.schema.kinds import (
    ANNOTATIONS,
    KNOWN_ON,
    Day,
    KeyedTable,
    Map,
    Node,
    Number,
    Shorthand,
    Spread,
    Text,
)
from riskengine.config.schema.scalars import is_number
from riskengine.config.schema.sheets import ROW_KINDS, RowForm, RowKind
from riskengine.config.tabular.cells import Cell, cell_of_value
from riskengine.model.families import FAMILIES

Path = tuple[str, ...]

MOST_PARAMETERS = 6  #: columns for the parameters of one distribution; others stand in one cell
MOST_NAMES = 12  #: columns for all levels, whether they are used or not

_ALWAYS = ("status", "source", "note")  #: columns of every table
_NAME = Text()
_NOTE = Text(free=True, lines=True)


class EntryColumn(NamedTuple):
    """A column that people fill in."""

    key: Path
    node: Node | None
    refers: str = ""  #: key of the table in which the names of the column stand
    is_name: bool = False  #: whether it names the row


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryTable:
    """A table that people fill in."""

    name: str  #: a key of `ROW_KINDS`
    sheet: str
    columns: Sequence[EntryColumn]
    rows: Sequence[Sequence[Cell]]
    exact: Sequence[tuple[int, int, float]]  #: row and column of each number written as text


class _Row(NamedTuple):
    """A row that is not yet laid out: its names, and its values by column."""

    names: Mapping[str, str]
    values: dict[Path, tuple[Node | None, Any]]


def entry_table(
    name: str, document: Mapping[str, Any], whole: Mapping[str, Any], sheet: str = ""
) -> EntryTable:
    """One table of a document.

    Parameters
    ----------
    name : str
        A key of `ROW_KINDS`.
    document, whole : mapping
        The document, and the same with what it extends: whose levels have columns.
    sheet : str
        Another name for its sheet.

    Raises
    ------
    CellLimit
        When a value is too long for a cell.
    """
    kind = ROW_KINDS[name]
    rows = [row for form in kind.forms for row in _rows(kind, form, document)]
    _spread_out(rows)
    used = dict.fromkeys(key for row in rows for key in row.values)
    names = _name_columns(kind, rows)
    columns = [*names, *_value_columns(kind, used, whole)]
    cells = [[_cell(row, column) for column in columns] for row in rows]
    exact = [
        (at, place, value)
        for at, row in enumerate(rows)
        for place, column in enumerate(columns)
        if is_number(value := row.values.get(column.key, (None, None))[1])
        and isinstance(cells[at][place], str)
    ]
    return EntryTable(
        name=name, sheet=sheet or kind.sheet, columns=columns, rows=cells, exact=exact
    )


def rest_of(document: Mapping[str, Any]) -> dict[Path, Any]:
    """What stands in no table: values by path, in order."""
    return dict(_rest(document, ()))


_FORMS = [form.path for kind in ROW_KINDS.values() for form in kind.forms]


def _rest(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    node = node_at(path)
    is_table = isinstance(node, KeyedTable | Map) and not isinstance(node, Shorthand)
    is_open = is_table or any(_begins(form, path) for form in _FORMS)
    if not isinstance(value, Mapping) or not is_open:
        yield path, value
        return
    if not value and isinstance(node, Map) and isinstance(node_at(path[:-1]), Map):
        yield path, value  # a member of a collection, even if it is empty
    for key, below in value.items():
        further = (*path, key)
        if isinstance(node, Map) and is_annotation(key, below):
            yield further, below
        elif not any(_is(form, further) for form in _FORMS):
            yield from _rest(below, further)


def _begins(form: Path, path: Path) -> bool:
    """Whether rows of a form lie below a path."""
    return len(form) > len(path) and _is(form[: len(path)], path)


def _is(form: Path, path: Path) -> bool:
    if len(form) != len(path):
        return False
    return all(want in ("*", key) for want, key in zip(form, path, strict=True))


def _rows(kind: RowKind, form: RowForm, document: Mapping[str, Any]) -> Iterator[_Row]:
    for names, value in _members(document, form.path):
        named = dict(zip(form.names, names, strict=True))
        yield _Row(named, dict(_values(kind, form, value)))


def _members(value: Any, path: Path) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The values at a path with wildcards, each with the names that stand for them."""
    if not path:
        yield (), value
        return
    if not isinstance(value, Mapping):
        return
    if path[0] != "*":
        if path[0] in value:
            yield from _members(value[path[0]], path[1:])
        return
    for name, below in value.items():
        if not is_annotation(name, below):
            for names, found in _members(below, path[1:]):
                yield (name, *names), found


def _values(kind: RowKind, form: RowForm, value: Any) -> Iterator[tuple[Path, Any]]:
    """The values of a row by column, each with its node."""
    node = row_node(form)
    if kind.value:
        yield (kind.value,), (node, value)
    elif kind.whole and not _fits(kind, value):
        yield (kind.whole,), (column_node(kind, (kind.whole,)), value)
    else:
        yield from _flat(node, (), value, owned_keys(form))


def _fits(kind: RowKind, value: Any) -> bool:
    """Whether every part of a value has a column of its own."""
    if not isinstance(value, Mapping) or not value or kind.whole in value:
        return False
    return all(_has_columns(kind, (key,), below) for key, below in value.items())


def _has_columns(kind: RowKind, key: Path, value: Any) -> bool:
    if isinstance(value, Mapping):
        return bool(value) and all(_has_columns(kind, (*key, k), v) for k, v in value.items())
    return not isinstance(value, list) and not isinstance(column_node(kind, key), str)


def owned_keys(form: RowForm) -> set[str]:
    """The keys of a row that are collections with tables of their own."""
    depth = len(form.path)
    paths = [other.path for kind in ROW_KINDS.values() for other in kind.forms]
    return {path[depth] for path in paths if len(path) > depth and path[:depth] == form.path}


def _flat(
    node: Node | None, key: Path, value: Any, owned: Collection[str] = ()
) -> Iterator[tuple[Path, Any]]:
    """The values of a row by column; a distribution stands in one, for the time being."""
    if isinstance(node, KeyedTable) and isinstance(value, Mapping) and (value or not key):
        for name, below in value.items():
            child = node.keys.get(name) or _note_node(name)
            if name in owned and isinstance(below, Mapping):
                below = {k: v for k, v in below.items() if is_annotation(k, v)}
                if not below:
                    continue
            yield from _flat(child, (*key, name), below)
    elif isinstance(node, Map) and _is_flat(node, value):
        for name, below in value.items():
            yield (*key, name), (node.of, below)
    else:
        yield key, (node, value)


def _is_flat(node: Map, value: Any) -> bool:
    """Whether a collection has a number or a distribution under each of its names.

    The paths that an option of a mitigation adds to stand in one cell, like those that it sets.
    """
    if not isinstance(value, Mapping) or not value or not node.refers:
        return False
    notes = any(is_annotation(name, item) for name, item in value.items())
    return isinstance(node.of, Number | Spread) and not notes


def _note_node(name: str) -> Node | None:
    return Day() if name == KNOWN_ON else _NOTE


def _spread_out(rows: Sequence[_Row]) -> None:
    """Give the parameters of distributions columns of their own, where they are few."""
    forms: dict[Path, Counter[Path]] = {}
    for row in rows:
        for key, (node, value) in row.values.items():
            form = _form_of(node, value) if len(key) == 1 else ()
            if form:
                forms.setdefault(key, Counter())[form] += 1
    chosen = {key: _few(counted) for key, counted in forms.items()}
    for row in rows:
        for key, (node, value) in list(row.values.items()):
            form = _form_of(node, value)
            if form in chosen.get(key, ()):
                del row.values[key]
                row.values.update(_parameters(key, node, value))


def _form_of(node: Node | None, value: Any) -> tuple[str, ...]:
    """Family, parameters and bounds of a distribution of numbers; empty for anything else."""
    if not isinstance(node, Spread) or not isinstance(value, Mapping) or not is_complete(value):
        return ()
    family = next((name for name in FAMILIES if name in value), "")
    if not family or not set(value) <= {family, *BOUNDS}:
        return ()
    given = value[family]
    bounds = [bound for bound in BOUNDS if bound in value]
    if not all(is_number(part) for part in (*given.values(), *(value[b] for b in bounds))):
        return ()
    form = next(form for form in FAMILIES[family].forms if set(form) == set(given))
    return (family, *form, *bounds)


def _few(counted: Counter[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The forms that most rows have, as long as their columns are few."""
    chosen: list[tuple[str, ...]] = []
    columns: set[tuple[str, str]] = set()
    for form, _ in counted.most_common():
        columns |= {("" if part in BOUNDS else form[0], part) for part in form[1:]}
        if len(columns) > MOST_PARAMETERS:
            break
        chosen.append(form)
    return chosen


def _parameters(
    key: Path, node: Node | None, value: Mapping[str, Any]
) -> Iterator[tuple[Path, tuple[Node | None, Any]]]:
    for name, part in value.items():
        if isinstance(part, Mapping):
            yield from (((*key, name, inner), (node, number)) for inner, number in part.items())
        else:
            yield (*key, name), (node, part)


def _cell(row: _Row, column: EntryColumn) -> Cell:
    if column.is_name:
        name = row.names.get(column.key[0])
        return None if name is None else cell_of_value(_NAME, name)
    return cell_of_value(*row.values.get(column.key, (None, None)))


def _name_columns(kind: RowKind, rows: Sequence[_Row]) -> list[EntryColumn]:
    """The columns that name rows; one that only some forms have is there if a row fills it."""
    used = {name for row in rows for name in row.names} | set(kind.forms[0].names)
    found: dict[str, EntryColumn] = {}
    for form in kind.forms:
        stars = [depth for depth, key in enumerate(form.path) if key == "*"]
        for name, depth in zip(form.names, stars, strict=True):
            if name in used:
                refers = _collection_of(form.path, depth)
                found.setdefault(name, EntryColumn((name,), _NAME, refers, is_name=True))
    return list(found.values())


def _collection_of(path: Path, depth: int) -> str:
    """The table that declares the names at a wildcard; empty if the row itself declares them."""
    node = node_at(path[:depth])
    if depth == len(path) - 1:
        return node.refers if isinstance(node, Map) else ""
    own = isinstance(node, Map) and node.refers
    return own or path[0]


def _value_columns(
    kind: RowKind, used: Mapping[Path, None], document: Mapping[str, Any]
) -> list[EntryColumn]:
    if kind.value:
        return [_column(kind, (kind.value,))]
    forms = [form for form in kind.forms if form is kind.forms[0] or _has(form, document)]
    keys = [key for form in forms for key in _keys(form, document, used)]
    left = [key for key in used if key not in keys and key[0] not in ANNOTATIONS]
    known = [(KNOWN_ON,)] if (KNOWN_ON,) in used else []
    ordered = dict.fromkeys((*keys, *left, *known, *((name,) for name in _ALWAYS)))
    return [_column(kind, key) for key in ordered]


def _has(form: RowForm, document: Mapping[str, Any]) -> bool:
    return next(_members(document, form.path), None) is not None


def _keys(form: RowForm, document: Mapping[str, Any], used: Mapping[Path, None]) -> Iterator[Path]:
    """The columns that a row could have, in the order of the schema."""
    node, owned = row_node(form), owned_keys(form)
    if not isinstance(node, KeyedTable):
        return
    for key, child in node.keys.items():
        if key in owned:
            continue
        yield from _keys_below((key,), child, document, used)


def _keys_below(
    key: Path, node: Node, document: Mapping[str, Any], used: Mapping[Path, None]
) -> Iterator[Path]:
    """The columns of one key: itself, its parts, or both, as they are used."""
    below = [other for other in used if other[: len(key)] == key and other != key]
    own = [key] if key in used else []
    if isinstance(node, Map) and node.refers and isinstance(node.of, Number | Spread):
        names = _referred(document, node.refers)
        end = ["resolved"] if key == ("next",) else []
        below = [*((*key, name) for name in (*end, *names)), *below]
    elif isinstance(node, KeyedTable):
        is_number = hasattr(node, "number")  # or else a table, which has columns if it is used
        own = [key] if is_number else own
        if not is_number and key[0] not in NAMES:  # families of a sweep would be too many columns
            below = [*((*key, name) for name in node.keys), *below]
    elif not isinstance(node, Spread) or not below:
        own = [key]
    yield from dict.fromkeys((*own, *below))


def _referred(document: Mapping[str, Any], name: str) -> list[str]:
    """The names of a collection, unless they are too many to be columns."""
    members = document.get(name)
    held = members.items() if isinstance(members, Mapping) else ()
    names = [key for key, value in held if isinstance(value, Mapping)]
    return names if len(names) <= MOST_NAMES else []


def _column(kind: RowKind, key: Path) -> EntryColumn:
    node = column_node(kind, key)
    if isinstance(node, str):
        return EntryColumn(key, None)
    return EntryColumn(key, node, node.refers if isinstance(node, Text) else "")
