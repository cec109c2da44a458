"""Tables of rows, read as parts of a document that keep the cell of each value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from riskengine.config.layers.columns import Header, ValueColumn, read_header
from riskengine.config.layers.layers import Path, Report, TableLayer
from riskengine.config.schema.distributions import NAMES
from riskengine.config.schema.kinds import (
    ANNOTATIONS,
    Anything,
    Flag,
    Free,
    Integer,
    NameList,
    Node,
    Number,
    Rising,
    Spread,
    Text,
)
from riskengine.config.schema.scalars import is_number, quoted, show
from riskengine.config.schema.sheets import RowForm, RowKind
from riskengine.config.sources.grids import BadValueError, CellError, Grid, cell_of, is_filled
from riskengine.config.sources.names import (
    fault_of_name,
    longest_name,
    normal,
    normalise_value,
)
from riskengine.config.toml.syntax import TomlError, parse_value
from riskengine.errors import Fault
from riskengine.model.faults.scenario import MALFORMED

MOST_FAULTS = 1_000  #: reported for one table, so that messages stay readable
MOST_EXACT = 2**53  #: spreadsheets store larger whole numbers rounded

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_INTEGER = re.compile(r"[+-]?[0-9]{1,300}")
_NAME = Text()
_LISTS = (NameList, Rising, Anything, Free)  #: kinds of values that may be lists
_WHOLE = "a list of values; low and high, and count where wanted; or a distribution"
_FILL = "a merged cell holds its value in the first row alone: fill in each row"


@dataclass(slots=True)
class TableReader:
    """Reads one table into `data`, a part of a document; its faults go to the report."""

    grid: Grid
    kind: RowKind
    layer: TableLayer
    report: Report
    data: dict[str, Any] = field(default_factory=dict)
    is_whole: bool = True  #: whether all rows were read
    valid: dict[tuple[str, str], str] = field(default_factory=dict)  #: names by column and cell
    may_refer: bool = False  #: whether a cell may name a sheet of the same workbook

    def read(self) -> dict[str, Any]:
        """The part of a document that consists of the table's rows."""
        header = read_header(self.grid.rows[0], self.kind)
        for fault in header.faults:
            self._bad(fault)
        self._report_bad_cells(header)
        self.layer.columns = {column.key: column.number for column in header.columns}
        if header.is_readable:
            self._read_rows(header)
        return self.data

    def _read_rows(self, header: Header) -> None:
        before = len(self.report.found)
        for row, cells in enumerate(self.grid.rows[1:], start=2):
            if len(self.report.found) - before >= MOST_FAULTS:
                found = f"the rows from here on were not read: {MOST_FAULTS:,} problems stand above"
                self._bad(CellError(row, 0, found, "a table with fewer"))
                self.is_whole = False
                return
            if any(map(is_filled, cells)):
                self._read_row(row, cells, header)

    def _bad(self, fault: CellError, path: Path = ()) -> None:
        self.report.at(self.layer.cell(fault.row, fault.column), bad_cell(fault, path))

    def _report_bad_cells(self, header: Header) -> None:
        used = {*header.names.values(), *(column.number for column in header.columns)}
        for (row, column), fault in sorted(self.grid.bad.items()):
            if row == 1 or column in used:
                self._bad(fault)

    def _read_row(self, row: int, cells: Sequence[Any], header: Header) -> None:
        path = self._row_path(row, cells, header)
        if len(cells) > header.titled:
            stray = stray_cell(self.grid.rows[0], row, cells)
            if stray:
                self._bad(stray)
        if not path:
            return
        first = self.layer.rows.get(path)
        if first:
            self._bad(self._second(row, cells, header, first), path)
            return
        self.layer.rows[path] = row
        self.layer.names[path] = (_name_columns(cells, header) or [0])[-1]
        for length in range(1, len(path)):
            self.layer.parts.setdefault(path[:length], row)
        if self.kind.value:
            self._read_value(row, cells, header, path)
            return
        table = self._row_table(row, cells, header, path)
        put(self.data, path, self._whole(table, row, header, path) if self.kind.whole else table)

    def _row_path(self, row: int, cells: Sequence[Any], header: Header) -> Path:
        """The path of a row; empty, after faults are reported, if its names are not valid."""
        form = self._form(row, cells, header)
        if form is None:
            return ()
        names: list[str] = []
        for title in form.names:
            column = header.names.get(title, 0)
            raw = cell_of(cells, column)
            if isinstance(raw, str) and (title, raw) in self.valid:
                names.append(self.valid[title, raw])
                continue
            try:
                name = cell_value(_NAME, raw) if is_filled(raw) else ""
                longest = longest_name(form.path[:-1])
                reason = fault_of_name(name, longest) if name else f"the {title} has no name"
            except BadValueError as error:
                name, reason = "", error.found
            if not reason:
                names.append(name)
                if isinstance(raw, str):
                    self.valid[title, raw] = name
            elif (row, column) not in self.grid.bad:
                hint = _FILL if not is_filled(raw) and row > 2 else ""
                self._bad(CellError(row, column, reason, f"the name of the {title}", hint))
        return _filled(form.path, names) if len(names) == len(form.names) else ()

    def _form(self, row: int, cells: Sequence[Any], header: Header) -> RowForm | None:
        """The form whose naming columns are filled, or the first that needs further ones.

        None, after a fault is reported, if the filled columns belong to no form.
        """
        if len(self.kind.forms) == 1:
            return self.kind.forms[0]
        filled = {
            name
            for name, column in header.names.items()
            if is_filled(cell_of(cells, column)) or (row, column) in self.grid.bad
        }
        fitting = [form for form in self.kind.forms if filled <= set(form.names)]
        if fitting:
            return min(fitting, key=lambda form: len(set(form.names) - filled))
        names = [name for name in header.names if name in filled]
        found = f"names {' and '.join(f'a {name}' for name in names)}"
        self._bad(CellError(row, header.names[names[-1]], found, "one of them"))
        return None

    def _second(self, row: int, cells: Sequence[Any], header: Header, first: int) -> CellError:
        """The fault of a row with the name of an earlier one."""
        columns = _name_columns(cells, header)
        names = ", ".join(str(cell_of(cells, column)).strip() for column in columns)
        if not columns:
            return CellError(row, 0, f"is a second row beside row {first}", "one row")
        found = f"row {first} has the same name: {quoted(names)}"
        return CellError(row, columns[-1], found, "one row for each name")

    def _whole(self, table: dict[str, Any], row: int, header: Header, path: Path) -> Any:
        """The value of a row that may stand in one column as a whole."""
        column = next((c.number for c in header.columns if c.key == (self.kind.whole,)), 0)
        kept = {key: value for key, value in table.items() if key not in ANNOTATIONS}
        if self.kind.whole not in kept:
            is_distribution = any(name in kept for name in NAMES)
            if not kept:
                self._bad(CellError(row, column, "is missing", _WHOLE), path)
                return MALFORMED
            return table if is_distribution else kept
        if len(kept) > 1:
            found = "gives a value beside those of other columns"
            self._bad(CellError(row, column, found, "one of them"), path)
            return MALFORMED
        self.layer.exact[path] = row, column
        return kept[self.kind.whole]

    def _read_value(self, row: int, cells: Sequence[Any], header: Header, path: Path) -> None:
        if not header.columns:
            return
        column = header.columns[0]
        value = self._value(row, cells, column, path)
        if value is None:
            self._bad(CellError(row, column.number, "is missing", "a number"), path)
        else:
            put(self.data, path, value)

    def _row_table(
        self, row: int, cells: Sequence[Any], header: Header, path: Path
    ) -> dict[str, Any]:
        table: dict[str, Any] = {}
        width, bad = len(cells), self.grid.bad
        for column in header.columns:
            number = column.number
            if not (number < width and cells[number] is not None) and (row, number) not in bad:
                continue
            value = self._value(row, cells, column, path)
            if value is not None and not put(table, column.key, value):
                found = "gives a value that another column of the row gives as well"
                self._bad(CellError(row, column.number, found, "one of them"), (*path, *column.key))
        return table

    def _value(self, row: int, cells: Sequence[Any], column: ValueColumn, path: Path) -> Any:
        """The value of a cell: None when it is empty, `MALFORMED` when it is bad."""
        if (row, column.number) in self.grid.bad:
            return MALFORMED
        raw = cell_of(cells, column.number)
        if type(raw) is float and isinstance(column.node, Number | Spread):
            return int(raw) if raw.is_integer() and abs(raw) < MOST_EXACT else raw
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return None
        self.may_refer = self.may_refer or (isinstance(raw, str) and "#" in raw)
        try:
            return cell_value(column.node, raw, (*path, *column.key))
        except BadValueError as error:
            self._bad(CellError.at(row, column.number, error), (*path, *column.key))
            return MALFORMED


def bad_cell(fault: CellError, path: Path = ()) -> Fault:
    """The fault of a cell, without its place."""
    return Fault(path=path, found=fault.found, allowed=fault.allowed, hint=fault.hint)


def _name_columns(cells: Sequence[Any], header: Header) -> list[int]:
    """The columns that name a row."""
    return [column for column in header.names.values() if is_filled(cell_of(cells, column))]


def stray_cell(titles: Sequence[Any], row: int, cells: Sequence[Any]) -> CellError | None:
    """The fault of the first cell of a row in a column without a title; None if there is none."""
    for column, cell in enumerate(cells):
        titled = column < len(titles) and is_filled(titles[column])
        if not titled and is_filled(cell):
            found = f"{show(cell)} stands in a column without a header"
            hint = _comma_hint(cells, column) if column >= len(titles) else ""
            allowed = f"{len(titles)} cell{'' if len(titles) == 1 else 's'}"
            return CellError(row, column, found, allowed, hint)
    return None


def _comma_hint(cells: Sequence[Any], column: int) -> str:
    before, cell = cells[column - 1], cells[column]
    if not isinstance(cell, str):
        return ""
    whole, decimals = str(before).strip(), cell.strip()
    if _INTEGER.fullmatch(whole) and decimals.isascii() and decimals.isdigit():
        return f"if it belongs to the number before it, write {whole}.{decimals}"
    return "a text with commas needs quotes"


def cell_value(node: Node | None, raw: Any, path: Path = ("value",)) -> Any:
    """The value of a cell in a column of a given kind; unchanged if no conversion applies.

    Parameters
    ----------
    node : Node or None
        None for a value that is checked elsewhere.
    raw : object
        The cell as it was read.
    path : tuple of str
        Where the value goes in a document.

    Raises
    ------
    BadValueError
        When a cell that starts with `{` is not an inline table, one that starts with `[` is not
        the list that its column takes, or a typed cell in a column of texts is neither a text nor
        an exact whole number.
    """
    if isinstance(node, Text):
        return _written_text(raw.strip()) if isinstance(raw, str) else _exact_text(raw)
    if isinstance(raw, str):
        return _parsed(node, raw.strip(), path)
    if isinstance(raw, float) and raw.is_integer():
        is_exact = isinstance(node, Integer) or abs(raw) < MOST_EXACT
        return int(raw) if is_exact else raw
    return raw


def _written_text(text: str) -> str:
    """A text without the quotes around it, if it is a text as TOML writes it."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            value = parse_value(text)
        except TomlError:
            return normal(text)
        return normal(value) if isinstance(value, str) else text
    return normal(text)


def _exact_text(raw: Any) -> str:
    if not is_number(raw) or raw % 1 != 0 or abs(raw) >= MOST_EXACT:
        raise BadValueError(f"is {show(raw)}, not a text", "a cell formatted as text")
    return str(int(raw))


def _parsed(node: Node | None, text: str, path: Path) -> Any:
    if text.startswith("{"):
        return _toml(text, path, "a TOML inline table such as {exponential = {mean = 90}}")
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        return float(text) or 0.0
    if isinstance(node, Flag) and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if text.startswith("[") and (node is None or isinstance(node, _LISTS)):
        return _toml(text, path, 'a TOML list such as [1, 2] or ["gallium", "tungsten"]')
    return _any_value(text, path) if node is None or isinstance(node, Anything) else text


def _any_value(text: str, path: Path) -> Any:
    """The TOML value of a text; the text itself if it is none."""
    try:
        return _toml(text, path, "")
    except BadValueError:
        return normal(text)


def _toml(text: str, path: Path, allowed: str) -> Any:
    faults: list[Fault] = []
    try:
        value = normalise_value(parse_value(text), path, faults.append)
    except TomlError as error:
        raise BadValueError(error.found, allowed) from None
    if faults:
        raise BadValueError(faults[0].found, faults[0].allowed)
    return value


def _filled(path: Path, names: Sequence[str]) -> Path:
    given = iter(names)
    return tuple(next(given) if key == "*" else key for key in path)


def put(table: dict[str, Any], path: Path, value: Any) -> bool:
    """Put a value into nested tables; change nothing and return False if its place is taken."""
    if len(path) == 1:
        if path[0] in table:
            return False
        table[path[0]] = value
        return True
    for key in path[:-1]:
        below = table.setdefault(key, {})
        if not isinstance(below, dict):
            return False
        table = below
    if path[-1] in table:
        return False
    table[path[-1]] = value
    return True
