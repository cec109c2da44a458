"""What the project writes for a spreadsheet keeps the same rules in every book and CSV file.

The books are those of the shipped cases, and that of a mitigation study. The rules are looked up in
the files with openpyxl, sheet by sheet; a failure names the cell.
"""

from __future__ import annotations

import csv
import datetime
import math
import re
from collections.abc import Iterator
from typing import NamedTuple

import openpyxl
import pytest
from openpyxl.cell import Cell
from openpyxl.utils import range_boundaries
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from report.mitigation_worlds import study
from report.workbook_worlds import at_name, opened

from riskengine.reports.mitigation.workbook import mitigation_workbook
from tests.pinned.commands import Shown

pytestmark = pytest.mark.whole

NUMBER = r"[-+]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?"
#: A number with an interval, such as 1,210 (1,200 to 1,230)
WITH_INTERVAL = re.compile(rf"{NUMBER} ?(?:%|x)? ?\((?:[^)]* )?{NUMBER} ?%? to\b")
ALONE = re.compile(rf"[<>~±]? ?{NUMBER} ?(?:%|x|pp|days?|years?)?")  #: a number, with a unit
RANGE = re.compile(rf"({NUMBER}) ?%?(?: to |–)({NUMBER})( ?%)?(?: days?| years?)?")
NO_FIGURE = {"-", "–", "nan", "inf", "none", "n/a", "#n/a", "null"}
ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")
MONEY = re.compile(r"#,##0(\.0+)?;\(")
#: Words of authors, which may hold anything
AUTHORS = ("Note", "Source", "Why it is missed", "Unit", "What happened", "Why it failed")
#: Values of configs as TOML, among them the words of authors, which stand in quotes
WRITTEN = ("In the reference", "In the scenario")
#: Cells that say what a figure is, in which no such day came in time
NEVER = ("Median", "50 %, low", "50 %, high", "90 %, low", "90 %, high")

# A4 with the margins of the books, in points; a column of n characters has 7 n + 5 pixels.
PAPER = {"portrait": (595.3 - 57.6, 841.9 - 79.2), "landscape": (841.9 - 57.6, 595.3 - 79.2)}
MOST_PAGES = 3


class Held(NamedTuple):
    """A cell of a table, with its heading."""

    where: str
    heading: str
    cell: Cell


@pytest.fixture(scope="module")
def books(cases: Shown) -> dict[str, Workbook]:
    """Every workbook of results, by a name that says which.

    A config that was written as a workbook lies beside the folders of results.
    """
    found = {
        str(path.relative_to(cases.folder)): openpyxl.load_workbook(path)
        for path in cases.files(".xlsx")
        if path.parent != cases.folder
    }
    return found | {"mitigation.xlsx": opened(mitigation_workbook(study()))}


def sheets(books: dict[str, Workbook]) -> Iterator[tuple[str, Worksheet]]:
    for name, book in books.items():
        for sheet in book.worksheets:
            yield f"{name} {sheet.title}", sheet


def bodies(where: str, sheet: Worksheet) -> Iterator[Held]:
    """The cells of all tables, without their headings."""
    for name, reference in sheet.tables.items():
        header, *rows = sheet[reference]
        for row in rows:
            for head, cell in zip(header, row, strict=True):
                yield Held(f"{where}!{cell.coordinate} ({name})", str(head.value), cell)


def every(books: dict[str, Workbook]) -> Iterator[Held]:
    for where, sheet in sheets(books):
        yield from bodies(where, sheet)


def is_of_an_author(each: Held) -> bool:
    in_quotes = each.heading in WRITTEN and str(each.cell.value).startswith(('"', "{", "["))
    return each.heading in AUTHORS or in_quotes


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def as_float(text: str) -> float:
    return float(text.replace(",", ""))


def test_all_kinds_of_books_are_looked_at(books: dict[str, Workbook]) -> None:
    kinds = {name.rpartition("/")[2] for name in books}
    assert kinds >= {"risk.xlsx", "sweep.xlsx", "compare.xlsx", "fit.xlsx", "backtest.xlsx",
                     "mitigation.xlsx", "batch.xlsx"}  # fmt: skip


# Numbers are numbers


def test_no_cell_of_a_table_holds_a_number_with_its_interval(books: dict[str, Workbook]) -> None:
    cells = [each for each in every(books) if not is_of_an_author(each)]
    texts = [each for each in cells if isinstance(each.cell.value, str)]
    assert len(texts) > 5_000
    assert [each.where for each in texts if WITH_INTERVAL.search(each.cell.value)] == []


def test_no_cell_of_a_table_holds_a_number_as_text(books: dict[str, Workbook]) -> None:
    wrong = [
        (each.where, each.cell.value)
        for each in every(books)
        if not is_of_an_author(each)
        and isinstance(each.cell.value, str)
        and ALONE.fullmatch(each.cell.value)
    ]
    assert wrong == []


def test_both_ends_of_a_range_in_words_are_numbers_in_its_row(books: dict[str, Workbook]) -> None:
    """Bins have words that a chart shows, beside their ends."""
    found = 0
    for each in every(books):
        match = isinstance(each.cell.value, str) and RANGE.fullmatch(each.cell.value)
        if match:
            scale = 0.01 if match[3] else 1.0
            row = each.cell.parent[each.cell.row]
            numbers = [cell.value for cell in row if is_number(cell.value)]
            for end in match.group(1, 2):
                assert any(math.isclose(as_float(end) * scale, n) for n in numbers), each.where
            found += 1
    assert found > 50


def test_the_ends_of_an_interval_are_two_columns_beside_the_figure(
    books: dict[str, Workbook],
) -> None:
    pairs = 0
    for where, sheet in sheets(books):
        for table in sheet.tables.values():
            headings = [str(cell.value) for cell in sheet[table.ref][0]]
            for place, heading in enumerate(headings):
                low = re.fullmatch(r"(.+), low( \(.+\))?", heading)
                if low and headings[place - 1] == f"{low[1]}{low[2] or ''}":
                    assert headings[place + 1] == f"{low[1]}, high{low[2] or ''}", where
                    pairs += 1
    assert pairs > 100


def test_days_of_the_calendar_are_dates(books: dict[str, Workbook]) -> None:
    cells = list(every(books))
    wrong = [
        each.where
        for each in cells
        if each.heading != "Value"  # of a config, as it is written
        and isinstance(each.cell.value, str)
        and ISO_DATE.fullmatch(each.cell.value)
    ]
    assert wrong == []
    dates = [each for each in cells if isinstance(each.cell.value, datetime.datetime)]
    assert len(dates) > 50
    assert {each.cell.number_format for each in dates} == {"yyyy-mm-dd"}


def test_a_missing_figure_is_a_blank_cell(books: dict[str, Workbook]) -> None:
    wrong = [
        each.where
        for each in every(books)
        if isinstance(each.cell.value, str)
        and each.cell.value.strip().lower() in NO_FIGURE
        and each.heading not in NEVER
    ]
    assert wrong == []


def test_figures_stand_in_tables_and_every_table_has_a_name(books: dict[str, Workbook]) -> None:
    for where, sheet in sheets(books):
        held = {each.cell.coordinate for each in bodies(where, sheet)}
        outside = [
            cell.coordinate
            for row in sheet.iter_rows()
            for cell in row
            if is_number(cell.value) and cell.coordinate not in held
        ]
        assert outside == [], where
        names = [table.displayName for table in sheet.tables.values()]
        assert all(re.fullmatch(r"\w+", name) for name in names), where


def test_the_unit_of_money_stands_with_the_figures(books: dict[str, Workbook]) -> None:
    """In the heading, in a column of units, or in the title of a grid."""
    seen = 0
    for where, sheet in sheets(books):
        for name, reference in sheet.tables.items():
            header, *rows = sheet[reference]
            headings = [str(cell.value) for cell in header]
            above = sheet.cell(header[0].row - 1, 1).value
            is_told = "Unit" in headings or "million)" in str(above)
            for head, *cells in zip(header, *rows, strict=True):
                amounts = [c for c in cells if is_number(c.value) and MONEY.match(c.number_format)]
                if amounts:
                    seen += 1
                    assert is_told or "(USD million)" in str(head.value), (where, name, head.value)
    assert seen > 150


def test_every_book_has_names_to_link_to_that_hold_figures(books: dict[str, Workbook]) -> None:
    for where, book in books.items():
        assert len(book.defined_names) > 2, where
        for name in book.defined_names:
            if not name.startswith("_xlnm"):
                assert is_number(at_name(book, name)), (where, name)


# What is seen first


def test_the_first_sheet_says_the_answer_in_a_sentence_and_links_to_the_rest(
    books: dict[str, Workbook],
) -> None:
    for where, book in books.items():
        sheet = book.worksheets[0]
        assert sheet.title == "Summary", where
        column = [sheet.cell(row, 1) for row in range(3, 8)]
        sentences = [cell for cell in column if str(cell.value).endswith(".") and cell.font.b]
        assert sentences, where
        links = {
            row[0].value: (row[0], row[1].value)
            for row in sheet.iter_rows(max_col=2)
            if row[0].hyperlink
        }
        assert list(links) == book.sheetnames[1:], where
        for name, (cell, holds) in links.items():
            assert cell.hyperlink.location == f"'{name}'!A1", where
            assert len(holds) > 10, (where, name)
            assert cell.row <= 60, (where, name)


def test_the_answer_of_a_sheet_begins_in_its_first_40_rows_and_12_columns(
    books: dict[str, Workbook],
) -> None:
    for where, sheet in sheets(books):
        tables = [range_boundaries(table.ref) for table in sheet.tables.values()]
        if tables:
            assert min(top for _, top, _, _ in tables) <= 30, where
            assert all(left == 1 for left, _, _, _ in tables), where
        for chart in sheet._charts:
            assert chart.anchor._from.col < 12, where
            width = chart.anchor.to.col if hasattr(chart.anchor, "to") else 0
            assert width <= 12 or chart.anchor._from.col == 0, where


# Printing


def test_no_sheet_prints_more_than_three_pages(books: dict[str, Workbook]) -> None:
    for where, sheet in sheets(books):
        assert sheet.sheet_properties.pageSetUpPr.fitToPage, where
        assert (sheet.page_setup.fitToWidth or 1) == 1, where
        area = str(sheet.print_area).rpartition("!")[2].replace("$", "")
        _, _, last_column, last_row = range_boundaries(area)
        assert last_column >= sheet.max_column, where
        widths = {}
        for column in sheet.column_dimensions.values():
            widths |= dict.fromkeys(range(column.min, column.max + 1), column.width)
        width = sum(7 * widths[k] + 5 for k in range(1, last_column + 1)) * 0.75
        heights = [sheet.row_dimensions[row].height or 15.0 for row in range(1, last_row + 1)]
        across, down = PAPER[sheet.page_setup.orientation]
        if sheet.page_setup.fitToHeight == 0:
            pages = sum(heights) * min(1.0, across / width) / down
            assert pages <= MOST_PAGES, where
        else:
            assert min(across / width, down / sum(heights)) > 0.45, where


def test_a_long_table_has_its_headings_on_every_page(books: dict[str, Workbook]) -> None:
    long = 0
    for where, sheet in sheets(books):
        first = next(iter(sheet.tables.values()), None)
        _, top, _, bottom = range_boundaries(first.ref) if first else (0, 0, 0, 0)
        if bottom - top > 200:
            assert sheet.print_title_rows == f"${top}:${top}", where
            assert sheet.freeze_panes == f"B{top + 1}", where
            long += 1
    assert long > 5


# CSV


def test_numbers_of_csv_files_are_plain_numbers(cases: Shown) -> None:
    """No interval, unit, separator or word for a missing figure; those of authors aside."""
    files = cases.files(".csv")
    assert len(files) > 30
    grouped = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
    for path in files:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                for heading, cell in row.items():
                    if heading in ("source", "note", "miss", "message"):
                        continue
                    where = (path.name, heading, cell)
                    assert not WITH_INTERVAL.search(cell), where
                    assert not grouped.fullmatch(cell), where
                    assert cell.strip().lower() not in NO_FIGURE - {"none"}, where
