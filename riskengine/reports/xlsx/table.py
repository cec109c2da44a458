"""A table of a workbook: its columns on a sheet, its position, and the sums under it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from riskengine.measures.estimate import UNKNOWN
from riskengine.reports.tables.looks import AFTER, LINE, LINE_AFTER, STRONG, TEXT, Look, summed
from riskengine.reports.tables.table import Column, Table

if TYPE_CHECKING:
    from riskengine.reports.xlsx.book import Page

Cell = str | float | int | None
Value = Callable[[Any], Cell]  #: takes a cell's value from a row

INTERVAL = ("low", "high")  #: headings of the ends of an interval
ADDS_UP = "adds up"
DIFFERS = "DOES NOT ADD UP"
_TOLERANCE = 1e-9  #: relative to the total, whose parts are summed in another order


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetColumn:
    """One column of a sheet: a figure, or one end of its interval."""

    heading: str  #: with the unit in brackets
    value: Value
    look: Look
    name: str = ""  #: first part of the defined names of its cells, as in VaR99_total
    look_of: Callable[[Any], Look] | None = None  #: if each row has its own look
    key: str = ""  #: of the table column to which it belongs

    def look_at(self, row: Any) -> Look:
        return self.look_of(row) if self.look_of else self.look

    @property
    def is_text(self) -> bool:
        return self.look in (TEXT, LINE, AFTER, LINE_AFTER)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetTable:
    """A table as a sheet holds it."""

    key: str  #: name of the Excel table, unique in the workbook
    columns: Sequence[SheetColumn]
    rows: Sequence[Any]
    called: Callable[[Any], str] = str  #: second part of the defined names of a row's cells
    about: str = ""  #: put before a heading that is used outside the table


def laid_out(table: Table) -> SheetTable:
    """A table as columns of a sheet: one for each figure, and one for each end of its interval.

    The ends are to the right of the figure, in the same format.
    """
    columns = [each for k, column in enumerate(table.columns) for each in _spread(column, k)]
    return SheetTable(
        key=table.key, columns=columns, rows=table.rows, called=table.called, about=table.about
    )


def _spread(column: Column, position: int) -> Iterator[SheetColumn]:
    value = column.value or itemgetter(position)
    title = column.long or column.heading
    bracket = f" ({column.unit})" if column.unit else ""

    def made(heading: str, value: Value, name: str = "") -> SheetColumn:
        form, form_of = column.format, column.format_of
        look_of = (lambda row: form_of(row).look) if form_of else None
        return SheetColumn(
            heading=heading, value=value, look=form.look, name=name, look_of=look_of, key=column.key
        )

    if not column.has_interval:
        yield made(f"{title}{bracket}", value, column.name)
        return

    def part(of: str) -> Value:
        return lambda row: getattr(value(row) or UNKNOWN, of)

    yield made(f"{title}{bracket}", part("value"), column.name)
    for words, of in zip(INTERVAL, ("lower", "upper"), strict=True):
        yield made(f"{title}, {words}{bracket}", part(of))


class Placed:
    """The position of a table on a sheet."""

    def __init__(self, sheet: str, table: SheetTable, header_row: int):
        self.sheet = sheet
        self.table = table
        self.first_row = header_row + 1
        self.last_row = header_row + len(table.rows)

    def position(self, key: str) -> int:
        """The position of the column with this key; with an interval, that of the figure itself."""
        return next(k for k, column in enumerate(self.table.columns) if column.key == key)

    def cells(self, column: int) -> str:
        """A reference to all cells of a column, without its sheet."""
        return str(xl_range_abs(self.first_row, column, self.last_row, column))

    def elsewhere(self, column: int) -> str:
        """A reference to all cells of a column, for charts and other sheets."""
        return f"='{self.sheet}'!{self.cells(column)}"

    def reference(self, row: int, column: int) -> list[str | int]:
        """One cell, for charts."""
        return [self.sheet, self.first_row + row, column]

    def across(self, row: int, first: int, last: int) -> list[str | int]:
        """Cells of one row, for charts."""
        return [self.sheet, self.first_row + row, first, self.first_row + row, last]

    def header(self, first: int, last: int) -> list[str | int]:
        """Some of the headings, for charts."""
        return self.across(-1, first, last)

    def cell(self, row: int, column: int) -> str:
        """A reference to one cell, for other sheets."""
        found = xl_rowcol_to_cell(self.first_row + row, column, row_abs=True, col_abs=True)
        return f"'{self.sheet}'!{found}"


class SumCheck(NamedTuple):
    """A cell that says whether a sum is right, and what it says."""

    place: str
    verdict: str


class TotalCell(NamedTuple):
    """A figure of the total and its cell."""

    value: float
    place: str


Totals = Mapping[str, TotalCell]  #: by the first part of the defined name


def checked_sums(page: Page, placed: Placed, keys: Sequence[str], totals: Totals) -> list[SumCheck]:
    """Write under a table the sums of its columns, the totals, and whether they are equal.

    Parameters
    ----------
    page : Page
    placed : Placed
        The table; its second column is the first that is summed.
    keys : sequence of str
        Keys into `totals`, one for each column that is summed.
    totals : Totals

    Returns
    -------
    list of SumCheck
        One for each column.
    """
    rows = (page.row, page.row + 1, page.row + 2)
    for row, words in zip(rows, ("Sum of the rows", "Total, from Summary", "Check"), strict=True):
        page.put(row, 0, words, summed(STRONG) if row == rows[0] else STRONG)
    checks = []
    for position, key in enumerate(keys, 1):
        column, total = placed.table.columns[position], totals[key]
        look = summed(column.look)
        here = [page.cell_at(row, position) for row in rows]
        cells = [column.value(row) for row in placed.table.rows]
        found = math.fsum(cell for cell in cells if isinstance(cell, int | float))
        page.formula(rows[0], position, f"=SUM({placed.cells(position)})", found, look)
        page.formula(rows[1], position, f"={total.place}", total.value, look._replace(border=False))
        allowed = f"{_TOLERANCE}*MAX(1,ABS({here[1]}))"
        formula = f'=IF(ABS({here[0]}-{here[1]})<={allowed},"{ADDS_UP}","{DIFFERS}")'
        says = verdict(found, total.value)
        page.formula(rows[2], position, formula, says, STRONG._replace(align="right"))
        checks.append(SumCheck(f"'{page.name}'!{here[2]}", says))
    page.row = rows[2] + 1
    return checks


def verdict(found: float, total: float) -> str:
    """The verdict of the check of a sum."""
    is_same = abs(found - total) <= _TOLERANCE * max(1.0, abs(total))
    return ADDS_UP if is_same else DIFFERS
