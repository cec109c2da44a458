"""Two runs beside each other as a workbook; the same comparison gives the same bytes."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from riskengine.figures.comparison import Difference
from riskengine.report.comparison import Comparison

_LONGEST_TEXT = 32_767  #: characters that a cell holds
_CREATED = datetime(2000, 1, 1)  #: of every workbook, so that its bytes tell nothing of the clock
_TEXT_ONLY = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
_OPTIONS = {**_TEXT_ONLY, "strings_to_numbers": False}

_NAVY = "#1F3864"
_STYLES = {
    "title": {"bold": True, "font_size": 16},
    "bold": {"bold": True},
    "text": {"text_wrap": True, "valign": "top"},
    "header": {"bold": True, "font_color": "white", "bg_color": _NAVY, "text_wrap": True},
    "money": {"num_format": "#,##0.00"},
    "probability": {"num_format": "0.00%"},
    "days": {"num_format": "#,##0.0"},
    "other": {"num_format": "0.000"},
    "ratio": {"num_format": "#,##0.0"},
}

_HEADINGS = (
    "Scope", "Name", "Component", "Measure", "Level", "Unit", "A", "B", "B - A", "Lower (95 %)",
    "Upper (95 %)", "Change", "Variance ratio by pairing", "Pairing",
)  # fmt: skip
_WIDTHS = (10, 24, 11, 22, 8, 14, 14, 14, 14, 14, 14, 10, 14, 11)
_ABOUT = (
    "Differences are B minus A: where one is negative, B loses less.",
    "The interval is that of the simulation, at 95 %: what more trials would narrow.",
    "Paired: the same trial has the same draws in A and B, and the interval is that of the "
    "differences by trial.",
    "Variance ratio: how many times the trials would be needed for the same interval without "
    "pairing.",
    "An empty cell: there is no such figure, or no interval.",
)


def comparison_workbook(comparison: Comparison) -> bytes:
    """The bytes of an XLSX file with the sheets Summary, Figures and Inputs."""
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, _OPTIONS) as book:
        book.set_properties({"title": comparison.title[:255], "created": _CREATED})
        styles = {name: book.add_format(style) for name, style in _STYLES.items()}
        _summary(_Sheet(book.add_worksheet("Summary"), styles), comparison)
        _figures(_Sheet(book.add_worksheet("Figures"), styles), comparison)
        _inputs(_Sheet(book.add_worksheet("Inputs"), styles), comparison)
    return file.getvalue()


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet, to which text goes as text and numbers that do not exist as empty cells."""

    sheet: Any  #: of XlsxWriter
    styles: dict[str, Any]

    def text(self, row: int, column: int, text: str, style: str = "text") -> None:
        if len(text) > _LONGEST_TEXT:
            text = f"{text[: _LONGEST_TEXT - 40]}... (cut: {len(text):,} characters)"
        self.sheet.write_string(row, column, text, self.styles[style])

    def number(self, row: int, column: int, value: float | None, style: str) -> None:
        if value is not None and math.isfinite(value):
            self.sheet.write_number(row, column, value, self.styles[style])

    def header(self, row: int, headings: Sequence[str], widths: Iterable[float]) -> None:
        for column, (heading, width) in enumerate(zip(headings, widths, strict=True)):
            self.sheet.set_column(column, column, width)
            self.text(row, column, heading, "header")

    def print_wide(self) -> None:
        self.sheet.set_landscape()
        self.sheet.set_paper(9)  # A4
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_footer("&L&F&C&A&R&P / &N")


def _summary(on: _Sheet, comparison: Comparison) -> None:
    on.sheet.hide_gridlines(2)
    on.sheet.set_column(0, 0, 26)
    on.sheet.set_column(1, 5, 22)
    on.text(0, 0, comparison.title, "title")
    row = 1
    remarks = [notice.message for notice in comparison.notices]
    for line in (*comparison.lines(), *remarks, *_ABOUT):
        on.sheet.merge_range(row, 0, row, 5, "", on.styles["text"])
        on.text(row, 0, line)
        on.sheet.set_row(row, 15.0 * (1 + len(line) // 130))
        row += 1
    for table in comparison.tables():
        row += 1
        on.text(row, 0, table.title, "bold")
        for column, heading in enumerate(each.heading for each in table.columns):
            on.text(row + 1, column, heading, "header")
        row += 2
        for cells in table.texts():
            for column, cell in enumerate(cells):
                on.text(row, column, cell)
            row += 1
    on.print_wide()


def _figures(on: _Sheet, comparison: Comparison) -> None:
    on.header(0, _HEADINGS, _WIDTHS)
    for row, each in enumerate(comparison.differences, start=1):
        _figure(on, row, each)
    on.sheet.freeze_panes(1, 2)
    on.sheet.autofilter(0, 0, max(1, len(comparison.differences)), len(_HEADINGS) - 1)
    on.print_wide()


def _figure(on: _Sheet, row: int, each: Difference) -> None:
    style = each.unit if each.unit in ("probability", "days") else "money"
    style = "other" if each.measure == "episodes" else style
    for column, text in enumerate((each.scope, each.name, each.component, each.measure)):
        on.text(row, column, text)
    on.number(row, 4, each.level, "other")
    on.text(row, 5, each.unit)
    for column, value in enumerate(
        (each.a, each.b, each.difference, each.lower, each.upper), start=6
    ):
        on.number(row, column, value, style)
    on.number(row, 11, each.difference / each.a if each.a else None, "probability")
    on.number(row, 12, each.variance_ratio, "ratio")
    on.text(row, 13, each.pairing)


def _inputs(on: _Sheet, comparison: Comparison) -> None:
    on.header(0, ("Input", "", "A", "B"), (48, 12, 50, 50))
    for row, each in enumerate(comparison.inputs, start=1):
        for column, text in enumerate((each.path, each.change, each.a, each.b)):
            on.text(row, column, text)
    on.sheet.freeze_panes(1, 1)
    on.print_wide()
