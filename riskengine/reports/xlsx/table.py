"""A table of a workbook: its columns on a sheet, its position, and the sums under it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from riskengine.language.speaking import say
from riskengine.measures.estimate import UNKNOWN
from riskengine.reports.tables.looks import STRONG, summed
from riskengine.reports.tables.table import Column, Table, Value

if TYPE_CHECKING:
    from riskengine.reports.xlsx.book import Page

ADDS_UP = "adds up"
DIFFERS = "DOES NOT ADD UP"
_TOLERANCE = 1e-9  #: relative to the total, whose parts are summed in another order


def laid_out(table: Table) -> Table:
    """A table as the columns of a sheet: one for each figure, and one for each end of its interval.

    The ends are to the right of the figure, in the same format. Headings have the unit in brackets.
    """
    pairs = zip(table.columns, table.values(), strict=True)
    return replace(table, columns=[each for pair in pairs for each in _spread(*pair)])


def _spread(column: Column, value: Value) -> Iterator[Column]:
    if column.format.on_sheet is not None:
        value = _on_sheet(value, column.format.on_sheet)
    title = say(column.long or column.heading)
    unit = f" ({say(column.unit)})" if column.unit else ""
    if not column.has_interval:
        yield replace(column, heading=f"{title}{unit}", value=value)
        return

    def part(of: str) -> Value:
        return lambda row: getattr(value(row) or UNKNOWN, of)

    alone = replace(column, has_interval=False)
    yield replace(alone, heading=f"{title}{unit}", value=part("value"))
    for words, of in (("low", "lower"), ("high", "upper")):
        yield replace(alone, heading=f"{title}, {say(words)}{unit}", value=part(of), name="")


def _on_sheet(value: Value, convert: Callable[[str], Any]) -> Value:
    """Takes a cell as it is on a sheet from a row."""

    def cell(row: Any) -> Any:
        found = value(row)
        return convert(found) if isinstance(found, str) else found

    return cell


class Placed:
    """The position of a table on a sheet."""

    def __init__(self, sheet: str, table: Table, header_row: int):
        self.sheet = sheet
        self.table = table
        self.first_row = header_row + 1
        self.last_row = header_row + len(table.rows)

    def position(self, key: str) -> int:
        """The position of the column with this key; with an interval, that of the figure itself."""
        return next(k for k, column in enumerate(self.table.columns) if column.key == key)

    def number_format(self, key: str) -> str:
        return self.table.columns[self.position(key)].format.look.number_format

    def values(self, column: int) -> list[Any]:
        """The values of a column."""
        take = self.table.values()[column]
        return [take(row) for row in self.table.rows]

    def cells(self, column: int, skipped: int = 0) -> str:
        """A reference to all cells of a column but the first `skipped`, without its sheet."""
        return str(xl_range_abs(self.first_row + skipped, column, self.last_row, column))

    def elsewhere(self, column: int, skipped: int = 0) -> str:
        """The same for charts and other sheets."""
        return f"='{self.sheet}'!{self.cells(column, skipped)}"

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


class Verdict(NamedTuple):
    """A cell that says whether something is right, and what it says."""

    place: str
    says: str


def write_summary(
    page: Page, row: int, what: str, found: Sequence[Verdict], expected: str, says: tuple[str, str]
) -> None:
    """Write what was checked, and in the words `says` whether all verdicts are as expected."""
    page.put(row, 0, say(what), STRONG)
    expected = say(expected)
    conditions = ",".join(f'{verdict.place}="{expected}"' for verdict in found)
    right, wrong = map(say, says)
    value = right if all(verdict.says == expected for verdict in found) else wrong
    look = STRONG._replace(wrap=False)
    page.formula(row, 1, f'=IF(AND({conditions}),"{right}","{wrong}")', value, look)


class TotalCell(NamedTuple):
    """A figure of the total and its cell."""

    value: float
    place: str


Totals = Mapping[str, TotalCell]  #: by the first part of the defined name


def checked_sums(page: Page, placed: Placed, keys: Sequence[str], totals: Totals) -> list[Verdict]:
    """Write under a table the sums of its columns, the totals, and whether they are equal.

    The first column that is summed is the second; `keys` name the total of each. Gives the verdict
    on each.
    """
    rows = (page.row, page.row + 1, page.row + 2)
    for row, words in zip(rows, ("Sum of the rows", "Total, from Summary", "Check"), strict=True):
        page.put(row, 0, say(words), summed(STRONG) if row == rows[0] else STRONG)
    checks = []
    for position, key in enumerate(keys, 1):
        column, total = placed.table.columns[position], totals[key]
        look = summed(column.format.look)
        here = [page.cell_at(row, position) for row in rows]
        cells = placed.values(position)
        found = math.fsum(cell for cell in cells if isinstance(cell, int | float))
        page.formula(rows[0], position, f"=SUM({placed.cells(position)})", found, look)
        page.formula(rows[1], position, f"={total.place}", total.value, look._replace(border=False))
        allowed = f"{_TOLERANCE}*MAX(1,ABS({here[1]}))"
        formula = f'=IF(ABS({here[0]}-{here[1]})<={allowed},"{say(ADDS_UP)}","{say(DIFFERS)}")'
        says = verdict(found, total.value)
        page.formula(rows[2], position, formula, says, STRONG._replace(align="right"))
        checks.append(Verdict(f"'{page.name}'!{here[2]}", says))
    page.row = rows[2] + 1
    return checks


def verdict(found: float, total: float) -> str:
    """The verdict of the check of a sum."""
    is_same = abs(found - total) <= _TOLERANCE * max(1.0, abs(total))
    return say(ADDS_UP if is_same else DIFFERS)
