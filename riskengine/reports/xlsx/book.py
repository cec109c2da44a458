"""A workbook and its sheets, filled from top to bottom: every cell is written here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from io import BytesIO
from typing import Any, NamedTuple, TypeVar

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from riskengine.drawing.paper import printing
from riskengine.errors import RunFault
from riskengine.language.speaking import say, spoken
from riskengine.reports.screen import width_of
from riskengine.reports.tables import looks
from riskengine.reports.tables.looks import Look
from riskengine.reports.tables.table import Table
from riskengine.reports.xlsx.table import Placed, laid_out
from riskengine.reports.xlsx.text import (
    UniqueNames,
    distinct,
    fitting,
    lines_in,
    one_line,
    storable,
)

Cell = str | float | int | date | None
AnyPage = TypeVar("AnyPage", bound="Page")

MOST_ROWS = 1_048_576  #: rows of a sheet in Excel
_LINE_POINTS = 15.0
_IDEOGRAPH_POINTS = 18.0  #: fonts for East Asia are higher
_LINE_PIXELS = 20
_SEEN_COLUMNS = 12
_BOLD = 0.85  #: share of the letters that fit into a width if they are bold
_HIGHEST = 409.0  #: points; Excel allows no higher row
_A4 = 9
EMPTY = "Empty cells: there is no such figure, or the trials do not reach that far."

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}


class WorkbookFault(RunFault):
    """The results do not fit into a workbook; no workbook was made."""


class DefinedName(NamedTuple):
    """A defined name, which formulas of other people may use."""

    name: str
    meaning: str
    place: str  #: the cell, with its sheet


class Book:
    """A workbook in the making."""

    def __init__(self, title: str, author: str, created: str):
        self._bytes = BytesIO()
        self._book = xlsxwriter.Workbook(self._bytes, _OPTIONS)
        self._formats: dict[Look, Any] = {}
        self._pages: list[Page] = []
        self.names = UniqueNames()
        self.defined: list[DefinedName] = []
        self._book.set_properties(
            {"title": one_line(title)[:200], "author": author, "created": _moment(created)}
        )

    def page(self, name: str, widths: Sequence[float]) -> Page:
        """A new sheet whose columns have these widths, in characters."""
        return self.sheet(Page, name, widths)

    def sheet(self, kind: type[AnyPage], name: str, widths: Sequence[float]) -> AnyPage:
        """A new sheet of a kind whose columns have these widths, in characters."""
        name = say(name, "sheet")
        page = kind(self, self._book.add_worksheet(name), name, widths)
        self._pages.append(page)
        return page

    def format(self, look: Look) -> Any:
        """The format of a look; equal looks share one format in the file."""
        if look not in self._formats:
            self._formats[look] = self._book.add_format(look.properties() | _font())
        return self._formats[look]

    def chart(self, kind: str, subtype: str | None = None) -> Any:
        return self._book.add_chart({"type": kind, **({"subtype": subtype} if subtype else {})})

    def define(self, wish: str, meaning: str, place: str) -> None:
        """Give a cell a defined name, as close to `wish` as a valid name can be."""
        name = self.names.new(wish)
        if self._book.define_name(name, f"={place}"):
            raise WorkbookFault(f"{name} cannot be the name of a cell. No workbook was made.")
        self.defined.append(DefinedName(name, say(meaning), place))

    def close(self) -> bytes:
        for page in self._pages:
            page.fit()
        self._book.close()
        return self._bytes.getvalue()


class Page:
    """One sheet, filled from top to bottom."""

    def __init__(self, book: Book, sheet: Any, name: str, widths: Sequence[float]):
        self.book = book
        self.name = name
        self.row = 0  #: the next free row
        self._sheet = sheet
        self._widths = list(widths)
        self._header: int | None = None  #: the row of the headings that stay in view
        self._heights: dict[int, float] = {}  #: heights of rows higher than a line, in points
        self._starts: list[int] = []  #: rows that begin a part
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.hide_gridlines(2)
        sheet.freeze_panes(1, 1)
        sheet.set_paper(_A4)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)

    @property
    def width(self) -> float:
        """The width of all columns, in characters."""
        return sum(self._widths)

    def title(self, title: str, facts: str) -> None:
        """The title block of a sheet."""
        self.put(self.row, 0, say(title), looks.TITLE)
        self._height(self.row, 24.0)
        self.row += 1
        self.paragraph(facts, looks.REMARK)

    def heading(self, text: str) -> None:
        self.row += 1
        self._starts.append(self.row)
        self.put(self.row, 0, say(text), looks.HEADING)
        self._height(self.row, 18.0)
        self.row += 1

    def paragraph(self, text: str, look: Look = looks.PARAGRAPH) -> None:
        """A text over the whole width, with as much height as it needs."""
        text = say(text)
        if len(self._widths) > 1:
            last = len(self._widths) - 1
            self._sheet.merge_range(self.row, 0, self.row, last, "", self.book.format(look))
        self.put(self.row, 0, text, look)
        self._height(self.row, _points(text, self.width))
        self.row += 1

    def paragraph_beside(self, label: str, text: str) -> None:
        """A text from the second column to the right end, next to a label; the row fits both."""
        label, text = say(label), say(text)
        self.put(self.row, 0, label, looks.STRONG)
        last, form = len(self._widths) - 1, self.book.format(looks.PARAGRAPH)
        if last > 1:
            self._sheet.merge_range(self.row, 1, self.row, last, "", form)
        self.put(self.row, 1, text, looks.PARAGRAPH)
        bold = _BOLD * self._widths[0]
        self._height(self.row, max(_points(label, bold), _points(text, sum(self._widths[1:]))))
        self.row += 1

    def contents(self, sheets: Mapping[str, str]) -> None:
        """Links to other sheets, each with a line on what is there."""
        self.heading("What is on the other sheets")
        for each, holds in sheets.items():
            name = say(each, "sheet")
            self.paragraph_beside(name, holds)
            form = self.book.format(looks.LINK)
            self._sheet.write_url(self.row - 1, 0, f"internal:'{name}'!A1", form, name)

    def gap(self, lines: int = 1) -> None:
        self.row += lines

    def table(self, table: Table, *, empty: str = EMPTY) -> Placed:
        """A table with its header, followed by a remark if it has empty cells.

        Raises
        ------
        WorkbookFault
            If the sheet has too few rows for it.
        """
        placed = Placed(self.name, laid_out(table), self.row)
        self._check_rows(len(table.rows) + 1)
        self._widen(len(placed.table.columns))
        self._headings(placed)
        has_empty = False
        columns, values = placed.table.columns, placed.table.values()
        for at, row in enumerate(table.rows, placed.first_row):
            cells = [value(row) for value in values]
            has_empty |= any(map(is_empty, cells))
            self._cells(at, [column.format_at(row).look for column in columns], cells)
        self._define(placed)
        self.row = placed.last_row + 1
        if has_empty and empty:
            self.paragraph(empty, looks.REMARK)
        return placed

    def long_table(self, table: Table, *, empty: str = "") -> Placed:
        """A table whose header stays in view, and is printed on every page."""
        self._header = header = self.row
        placed = self.table(table, empty=empty)
        self._sheet.freeze_panes(header + 1, 1)
        self._sheet.repeat_rows(header)
        return placed

    def _widen(self, columns: int) -> None:
        """Make the columns of a table that is wider than the sheet so far as wide as the last."""
        while len(self._widths) < columns:
            self._sheet.set_column(len(self._widths), len(self._widths), self._widths[-1])
            self._widths.append(self._widths[-1])

    def _headings(self, placed: Placed) -> None:
        table, at = placed.table, self.row
        dressed = [looks.header(column.format.look) for column in table.columns]
        headings = [_unmarked(words) for words in distinct(c.heading for c in table.columns)]
        options = {
            "name": self.book.names.new(table.key),
            "style": "Table Style Light 1",
            "columns": [
                {"header": heading, "header_format": self.book.format(look)}
                for heading, look in zip(headings, dressed, strict=True)
            ],
        }
        code = self._sheet.add_table(at, 0, placed.last_row, len(headings) - 1, options)
        self._check(code, f"table {table.key}")
        needed = [_points(h, w) for h, w in zip(headings, self._widths, strict=False)]
        self._height(at, max(needed) + 3.0)

    def _cells(self, at: int, dressed: Sequence[Look], cells: Sequence[Cell]) -> None:
        needed = _LINE_POINTS
        for position, (look, cell) in enumerate(zip(dressed, cells, strict=True)):
            self.put(at, position, cell, look)
            if isinstance(cell, str) and look.wrap:
                needed = max(needed, _points(cell, self._widths[position] - look.indent))
        if needed > _LINE_POINTS:
            self._height(at, needed)

    def _define(self, placed: Placed) -> None:
        table = placed.table
        for position, column in enumerate(table.columns):
            for offset, cell in enumerate(placed.values(position) if column.name else []):
                if not is_empty(cell):
                    called = table.called(table.rows[offset])
                    meaning = f"{say(table.about)}{column.heading}: {called}"
                    place = placed.cell(offset, position)
                    self.book.define(f"{column.name}_{called}", meaning, place)

    def put(self, row: int, column: int, cell: Cell, look: Look) -> None:
        """Write one cell: text as text, whatever it looks like; a blank for a missing figure."""
        form = self.book.format(look)
        if cell is None or is_empty(cell):
            code = self._sheet.write_blank(row, column, None, form)
        elif isinstance(cell, str):
            code = self._text(row, column, fitting(storable(cell)), form)
        elif isinstance(cell, date):
            code = self._sheet.write_datetime(row, column, cell, form)
        else:
            code = self._sheet.write_number(row, column, cell + 0.0, form)
        if code:
            self._check(code, f"cell in row {row + 1}")

    def _text(self, row: int, column: int, text: str, form: Any) -> int:
        if _is_markup(text):
            plain = self.book.format(Look())
            parts = ("<", plain, text[1:])
            return int(self._sheet.write_rich_string(row, column, *parts, form))
        return int(self._sheet.write_string(row, column, text, form))

    def formula(self, row: int, column: int, formula: str, value: Cell, look: Look) -> None:
        """Write a formula of the program, together with its computed value."""
        code = self._sheet.write_formula(row, column, formula, self.book.format(look), value)
        self._check(code, f"formula in row {row + 1}")

    @staticmethod
    def cell_at(row: int, column: int) -> str:
        """A reference to a cell of this sheet."""
        return str(xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True))

    def grow(self, row: int, column: int, text: str) -> None:
        """Make a row high enough for a text in one of its columns."""
        needed = _points(text, self._widths[column])
        self._height(row, max(needed, self._heights.get(row, _LINE_POINTS)))

    def _height(self, row: int, points: float) -> None:
        self._heights[row] = min(points, _HIGHEST)
        self._sheet.set_row(row, self._heights[row])

    def fit(self) -> None:
        """Print on one page if that can still be read, else on a few that are one page wide."""
        heights = [self._heights.get(row, _LINE_POINTS) for row in range(self.row + 1)]
        repeated = 0.0 if self._header is None else heights[self._header]
        width = self._pixels() * _LINE_POINTS / _LINE_PIXELS
        found = printing(heights, width, repeated, self._starts)
        self._sheet.print_area(0, 0, found.rows - 1, len(self._widths) - 1)
        self._sheet.fit_to_pages(1, int(found.is_one_page))
        self._sheet.set_h_pagebreaks(found.breaks)
        is_cut = found.rows < len(heights)
        self._sheet.set_footer(f"&L&F&C&A{say(', first rows') if is_cut else ''}&R&P / &N")
        if found.is_upright:
            self._sheet.set_portrait()
        else:
            self._sheet.set_landscape()

    def _pixels(self, first: int = 0, end: int | None = None) -> int:
        """The width in pixels of the columns from `first` on, up to `end`."""
        return sum(math.floor(7 * width + 5) for width in self._widths[first:end])

    def chart(self, chart: Any, lines: int, column: int = 0) -> None:
        """A chart from the current row and `column` to the right end; the current row stays.

        It ends with the twelfth column, so that it is seen without scrolling to the right.
        """
        width = self._pixels(column, _SEEN_COLUMNS)
        chart.set_size({"width": width - 8, "height": lines * _LINE_PIXELS - 8})
        place = {"x_offset": 4, "y_offset": 4, "object_position": 2}
        self._sheet.insert_chart(self.row, column, chart, place)

    def chart_across(self, chart: Any, lines: int) -> None:
        """A chart over the whole width; moves below it."""
        self.chart(chart, lines)
        self.row += lines

    def chart_beside(self, chart: Any, top: int, *, lines: int, column: int) -> None:
        """A chart to the right of the content from row `top` on; then moves below both."""
        end, self.row = self.row, top
        self.chart(chart, max(end - top, lines), column)
        self.row = max(end, top + lines)

    def colour_scale(self, placed: Placed, first: int) -> None:
        """Colour the figures of a table by their size, from its column `first` on to the last.

        From white to orange, which print and all common kinds of colour vision keep distinct.
        """
        last = len(placed.table.columns) - 1
        scale = {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": looks.PALETTE[1]}
        self._sheet.conditional_format(placed.first_row, first, placed.last_row, last, scale)

    def sign_scale(self, placed: Placed, first: int) -> None:
        """Colour the figures of a table by size and sign: blue below 0, white at 0, orange above.

        Both colours are as deep at figures of the same size.
        """
        last = len(placed.table.columns) - 1
        cells = [cell for column in range(first, last + 1) for cell in placed.values(column)]
        largest = max((abs(cell) for cell in cells if not is_empty(cell)), default=0.0) or 1.0
        ends = {"min": -largest, "mid": 0.0, "max": largest}
        colours = {"min": looks.PALETTE[5], "mid": "#FFFFFF", "max": looks.PALETTE[1]}
        scale: dict[str, Any] = {"type": "3_color_scale"}
        for name, end in ends.items():
            scale |= {f"{name}_type": "num", f"{name}_value": end, f"{name}_color": colours[name]}
        self._sheet.conditional_format(placed.first_row, first, placed.last_row, last, scale)

    def _check_rows(self, more: int) -> None:
        needed = self.row + more
        if needed > MOST_ROWS:
            raise WorkbookFault(
                f"the sheet {self.name} would need {needed:,} rows, and a sheet of Excel holds "
                f"{MOST_ROWS:,}. No workbook was made: the CSV and Parquet files of the results "
                "hold everything."
            )

    def _check(self, code: int, what: str) -> None:
        if code:
            raise WorkbookFault(
                f"the sheet {self.name} cannot hold the {what} (code {code} of XlsxWriter). "
                "No workbook was made."
            )


def _font() -> dict[str, str]:
    return {"font_name": spoken().font} if spoken().font else {}


def _is_markup(text: str) -> bool:
    """Whether XlsxWriter would take a text for its own markup and write it unescaped."""
    return text.startswith("<r>") and text.endswith("</r>")


def _unmarked(heading: str) -> str:
    """A heading that is no markup to XlsxWriter; it cannot be written in parts as cells can."""
    return f" {heading}" if _is_markup(heading) else heading


def _moment(iso: str) -> datetime:
    """A moment in UTC, without a zone, as a workbook stores it."""
    moment = datetime.fromisoformat(iso)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


@lru_cache(maxsize=4096)
def _points(text: str, width: float) -> float:
    """The height of a wrapped text in a column of the given width."""
    line = _LINE_POINTS if width_of(text) == len(text) else _IDEOGRAPH_POINTS
    return line * lines_in(text, width)


def is_empty(cell: Cell) -> bool:
    """Whether there is nothing to show: no figure, or no finite one."""
    if cell is None or cell == "":
        return True
    return isinstance(cell, float) and not math.isfinite(cell)
