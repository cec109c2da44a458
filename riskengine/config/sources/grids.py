"""Tables as grids of cells: CSV files are read here, sheets of workbooks by `xlsx`.

No library guesses types. A CSV cell stays text, so that names such as NA, TRUE or 00123 survive;
the schema decides what the text means.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from riskengine.config.sources.files import File, UnreadableError, decode

MOST_ROWS = 1_000_000  #: of one table
MOST_CELLS = 5_000_000  #: of one table, each row counted up to its last cell
MOST_BAD = 10_000  #: cells without a value, each of which is a fault
MOST_CELL = 1_000_000  #: characters of one cell

_SHEET = re.compile(r"(.*\.xls[xm])(?:#(.*))?", re.IGNORECASE | re.DOTALL)
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_ERROR = re.compile(r"#(?:N/A|N/D|NV|[A-Z_/0-9]{2,15}[!?])|Err:[0-9]{3}")
_ARCHIVE = b"PK\x03\x04"
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_KINDS = {
    b"\x1f\x8b": "compressed (gzip): unpack it first",
    b"BZh": "compressed (bzip2): unpack it first",
    b"\xfd7zXZ": "compressed (xz): unpack it first",
    b"\x28\xb5\x2f\xfd": "compressed (Zstandard): unpack it first",
    b"7z\xbc\xaf": "compressed (7z): unpack it first",
    b"PAR1": "a Parquet file: save it as CSV",
    b"%PDF": "a PDF: save the table as CSV",
    b"SQLite format 3": "a database: save the table as CSV",
    _ARCHIVE: "a workbook or an archive, but is not called .xlsx",
    _OLD_WORKBOOK: "an old workbook (.xls): save it as .xlsx",
}


class PartialDate(datetime.date):
    """A date that a cell shows only to `precision` (month or year), as the first day of it."""

    precision = "month"

    @classmethod
    def seen(cls, day: datetime.date, precision: str) -> PartialDate:
        """A day, reduced to the precision that its cell shows."""
        first = cls(day.year, day.month if precision == "month" else 1, 1)
        first.precision = precision
        return first

    def isoformat(self) -> str:
        return super().isoformat()[: 7 if self.precision == "month" else 4]


class BadValueError(Exception):
    """A cell holds a value that its column does not allow."""

    def __init__(self, found: str, allowed: str, hint: str = ""):
        super().__init__(found)
        self.found, self.allowed, self.hint = found, allowed, hint


class CellError(Exception):
    """A grid has a fault at one of its cells; `row` counts from 1, `column` from 0."""

    def __init__(self, row: int, column: int, found: str, allowed: str, hint: str = ""):
        super().__init__(found)
        self.row, self.column = row, column
        self.found, self.allowed, self.hint = found, allowed, hint

    @classmethod
    def at(cls, row: int, column: int, error: BadValueError) -> CellError:
        """The fault of a cell whose value is bad."""
        return cls(row, column, error.found, error.allowed, error.hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The cells of a table by row, as text (CSV) or typed (XLSX); row 1 is the header.

    `bad` holds the faults of cells without a valid value, by (row, column). Such cells are empty
    in `rows`.
    """

    shown: str
    folder: str
    rows: Sequence[Sequence[Any]]
    bad: dict[tuple[int, int], CellError]
    chosen: str = ""  #: the sheet chosen among several because none was named
    book: str = ""  #: name of the workbook; empty for a CSV file


def split_reference(reference: str) -> tuple[str, str | None]:
    """The file and the sheet that a reference such as `inputs.xlsx#Stocks` names."""
    match = _SHEET.fullmatch(reference)
    return (match[1], match[2]) if match else (reference, None)


def is_workbook(name: str) -> bool:
    """Whether a file is named as a workbook is."""
    return name.lower().endswith((".xlsx", ".xlsm"))


def read_grid(file: File, sheet: str | None) -> Grid:
    """The cells of a CSV file, or of a sheet of a workbook.

    Raises
    ------
    UnreadableError
        When the file is not a table or has no such sheet.
    CellError
        When the fault can be traced to a cell.
    """
    if is_workbook(file.name):
        from riskengine.config.sources.xlsx.book import read_sheet

        return read_sheet(file, sheet)
    return read_csv(file)


def read_csv(file: File) -> Grid:
    """The grid of a CSV file.

    Raises
    ------
    UnreadableError
        When the file is of another kind, or its text is not UTF-8 or empty.
    CellError
        When a quote is not closed, cells are not separated by commas, or there are too many rows
        or cells.
    """
    for start, kind in _KINDS.items():
        if file.data.startswith(start):
            raise UnreadableError(f"is {kind}", "files .csv or .xlsx")
    try:
        text = decode(file.data)
    except UnreadableError as error:
        hint = 'save it as "CSV UTF-8"'
        raise UnreadableError(error.found, error.allowed, hint) from None
    if not text.strip():
        raise UnreadableError("is empty", "a header row and rows below it")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UnreadableError(f"holds a NUL character in line {line}", "text in UTF-8")
    separators = sum(text.count(sign) for sign in ",\n\r")
    if separators > MOST_CELLS:
        raise UnreadableError(f"has some {separators:,} cells", f"at most {MOST_CELLS:,} cells")
    _check_separator_line(text)
    rows = _rows(text)
    _check_separator(rows[0])
    bad = _take_errors(rows) if _ERROR.search(text) else {}
    return Grid(shown=file.shown, folder=file.folder, rows=rows, bad=bad)


def cell_of(cells: Sequence[Any], column: int) -> Any:
    """The cell of a row in a column, from 0; None in a row that ends before it.

    >>> cell_of(["a", "b"], 1), cell_of(["a", "b"], 2)
    ('b', None)
    """
    return cells[column] if column < len(cells) else None


def is_filled(cell: Any) -> bool:
    """Whether a cell holds anything but blanks."""
    return bool(cell.strip()) if isinstance(cell, str) else cell is not None


def is_error(text: str) -> bool:
    """Whether a text is one of the values that spreadsheets show for an error."""
    return text[:1] in ("#", "E") and _ERROR.fullmatch(text) is not None


def error_value(text: str) -> BadValueError:
    """The fault of a cell that holds a spreadsheet's error."""
    found = f"holds the spreadsheet error {text[:20]}".rstrip()
    return BadValueError(found, "a value", "correct it, or leave the cell empty")


def _take_errors(rows: Sequence[list[str]]) -> dict[tuple[int, int], CellError]:
    """Empty the cells that hold spreadsheet errors; return their faults."""
    bad: dict[tuple[int, int], CellError] = {}
    for row, cells in enumerate(rows, start=1):
        for column, cell in enumerate(cells):
            if is_error(cell.strip()):
                bad[row, column] = CellError.at(row, column, error_value(cell.strip()))
                cells[column] = ""
                if len(bad) > MOST_BAD:
                    found = f"more than {MOST_BAD:,} cells hold spreadsheet errors"
                    raise CellError(row, column, found, "a table with fewer")
    return bad


def _rows(text: str) -> list[list[str]]:
    # The csv module has only this limit, and it holds for the whole process: never lower it.
    csv.field_size_limit(max(csv.field_size_limit(), MOST_CELL))
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=None), strict=True):
            rows.append(row)
            if len(rows) > MOST_ROWS:
                raise CellError(len(rows), 0, "has too many rows", f"at most {MOST_ROWS:,} rows")
    except csv.Error as error:
        found = f"is no valid CSV: {error}"
        if "unexpected end" in str(error):
            found = "a quotation mark that opens in this row is never closed"
        raise CellError(len(rows) + 1, 0, found, 'cells in quotes, "" for a quote inside') from None
    return rows


def _check_separator_line(text: str) -> None:
    line = text[:10].partition("\n")[0].strip().strip('"').lower()
    if line.startswith("sep="):
        found = "is a separator line of a spreadsheet"
        raise CellError(1, 0, found, "a header row comes first", "delete this line")


def _check_separator(header: Sequence[str]) -> None:
    if len(header) != 1:
        return
    cell = header[0]
    for separator, name in _SEPARATORS.items():
        if separator in cell:
            found = f"the cells are separated by {name}"
            raise CellError(1, 0, found, "cells separated by commas", "save it as CSV (comma)")
