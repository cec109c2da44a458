"""Tables as grids of cells: CSV text here, sheets of workbooks by `workbook`.

No library guesses types: a CSV cell stays the text it is, so that names such as NA, TRUE or 00123
survive; what it means is for the schema to say.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from riskengine.config.files import File, UnreadableError, decode

MOST_ROWS = 1_000_000  #: of one table
MOST_CELL = 1_000_000  #: characters of one cell

_SHEET = re.compile(r"(.*\.xls[xm])(?:#(.*))?", re.IGNORECASE | re.DOTALL)
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


class CellError(Exception):
    """A grid has a fault at one of its cells: `row` from 1, `column` from 0."""

    def __init__(self, row: int, column: int, found: str, allowed: str, hint: str = ""):
        super().__init__(found)
        self.row, self.column = row, column
        self.found, self.allowed, self.hint = found, allowed, hint


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The cells of a table by row, as text (CSV) or typed (XLSX); row 1 is the header.

    `bad` holds the cells that a workbook cannot give a value for, by (row, column).
    """

    shown: str
    folder: str
    rows: Sequence[Sequence[Any]]
    bad: dict[tuple[int, int], str]


def split_reference(reference: str) -> tuple[str, str | None]:
    """The file and the sheet that a reference such as `inputs.xlsx#Stocks` names."""
    match = _SHEET.fullmatch(reference)
    return (match[1], match[2]) if match else (reference, None)


def read_grid(file: File, sheet: str | None) -> Grid:
    """The cells of a CSV file, or of a sheet of a workbook.

    Raises
    ------
    UnreadableError
        When the file is no table or has no such sheet.
    CellError
        When the fault can be placed at a cell.
    """
    if _SHEET.fullmatch(file.name):
        from riskengine.config.workbook import read_sheet

        return read_sheet(file, sheet)
    if file.data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise UnreadableError("is a workbook, but is not called .xlsx", "files .csv or .xlsx")
    return read_csv(file)


def read_csv(file: File) -> Grid:
    """The grid of a CSV file.

    Raises
    ------
    UnreadableError
        When the text is not UTF-8 or empty.
    CellError
        When quotes do not close, cells are separated by something else than commas, or there are
        too many rows.
    """
    text = decode(file.data)
    if not text.strip():
        raise UnreadableError("is empty", "a header row and rows below it")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UnreadableError(f"holds a NUL character in line {line}", "text in UTF-8")
    rows = _rows(text)
    _check_separator(rows[0])
    return Grid(shown=file.shown, folder=file.folder, rows=rows, bad={})


def _rows(text: str) -> list[list[str]]:
    # One limit for the whole process, and the only one the csv module knows.
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


def _check_separator(header: Sequence[str]) -> None:
    if len(header) != 1:
        return
    cell = header[0]
    if cell.lower().startswith("sep="):
        raise CellError(1, 0, "is a separator line of a spreadsheet", "a header row comes first")
    for separator, name in _SEPARATORS.items():
        if separator in cell:
            found = f"the cells are separated by {name}"
            raise CellError(1, 0, found, "cells separated by commas", "save it as CSV (comma)")
