"""Values as cells: what a spreadsheet keeps, and what is written as text instead."""

from __future__ import annotations

import datetime
import io
import random
import struct
import tomllib
from typing import Any

import pytest
from openpyxl import load_workbook

from riskengine.config.schema.kinds import Day, NameList, Number, Spread, Text
from riskengine.config.tabular.cells import CellLimit, cell_of_value, number_cell, text_cell
from riskengine.reports.inputs.headings import DAY
from riskengine.reports.tables.looks import ENTRY, Look
from riskengine.reports.xlsx.book import Book
from riskengine.reports.xlsx.entries import EntryPage


def stored(cells: list[Any], look: Look = ENTRY) -> list[Any]:
    """Cells as another program reads them from a workbook of ours."""
    book = Book("t", "a", "2026-01-08T00:00:00")
    page = book.sheet(EntryPage, "S", (20.0,))
    for row, cell in enumerate(cells):
        page.enter(row, 0, cell, look)
    page.row = len(cells)
    sheet = load_workbook(io.BytesIO(book.close()))["S"]
    return [sheet.cell(row=row, column=1).value for row in range(1, len(cells) + 1)]


def doubles(count: int) -> list[float]:
    """Doubles of all sizes: any bits, short decimals, and neighbours of short decimals."""
    drawn = random.Random(7)
    found: list[float] = []
    while len(found) < count:
        any_bits = struct.unpack("<d", drawn.randbytes(8))[0]
        short = round(drawn.uniform(0, 10 ** drawn.randint(-3, 9)), drawn.randint(0, 12))
        (bits,) = struct.unpack("<q", struct.pack("<d", short))
        (near,) = struct.unpack("<d", struct.pack("<q", bits + 1))
        found += [each for each in (any_bits, short, near) if abs(each) < float("inf")]
    return found


@pytest.mark.costly
def test_every_number_is_read_again_to_the_same_double_as_number_or_as_text() -> None:
    numbers = doubles(6_000)
    cells = [number_cell(number) for number in numbers]
    read = stored(cells)
    assert [float(cell) for cell in read] == numbers
    texts = sum(isinstance(cell, str) for cell in cells)
    assert 0 < texts < len(cells)


def test_a_number_is_text_exactly_where_fifteen_digits_do_not_give_it_back() -> None:
    for number in doubles(3_000):
        is_short = float(f"{number:.14e}") == number
        assert isinstance(number_cell(number), float) == is_short


@pytest.mark.parametrize(
    ("number", "is_text"),
    [(10**15, False), (10**15 + 1, True), (-(10**15), False), (2**63 - 1, True), (200_000, False)],
)
def test_a_whole_number_above_ten_to_the_fifteenth_is_text(number: int, is_text: bool) -> None:
    assert isinstance(number_cell(number), str) == is_text
    assert int(number_cell(number)) == number


TEXTS = [
    "plain", "희토류", " blank before", "blank after ", "", '"quoted"', 'a "word"', "=1+1",
    "line\nline", "tab\tin it", "return\r\n", "#N/A", "_x0041_", "{ not a table", "123", "TRUE",
    "\uffff", "\u2028", "back\\slash", "ends in \\", "🜂 fire", "'apostrophe", "@at", "nan",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_itself_or_a_text_of_toml(text: str) -> None:
    cell = text_cell(text)
    if cell != text:
        assert tomllib.loads(f"value = {cell}")["value"] == text
    (read,) = stored([cell])
    assert read == cell
    assert read.strip() == read != ""


def test_what_spreadsheets_may_change_is_quoted_and_the_rest_is_not() -> None:
    quoted = {text for text in TEXTS if text_cell(text) != text}
    assert quoted == {
        " blank before", "blank after ", "", '"quoted"', "tab\tin it", "return\r\n", "#N/A",
        "_x0041_", "\uffff", "\u2028",
    }  # fmt: skip


def test_other_values_have_cells_of_their_kind() -> None:
    table = {"pert": {"low": 0, "mode": 0.1 + 0.2, "high": 1}}
    cell = cell_of_value(Spread(), table)
    assert isinstance(cell, str)
    assert tomllib.loads(f"value = {cell}")["value"] == table
    assert cell_of_value(NameList(), ["a b", "c"]) == '["a b", "c"]'
    assert cell_of_value(Text(), "5") == "5"
    assert cell_of_value(Number(), 5) == 5
    assert cell_of_value(None, True) is True
    assert cell_of_value(Number(), None) is None


def test_a_day_is_a_date_where_spreadsheets_have_it() -> None:
    assert cell_of_value(Day(), "2026-01-08") == datetime.date(2026, 1, 8)
    assert cell_of_value(Day(), "1900-03-01") == datetime.date(1900, 3, 1)
    assert cell_of_value(Day(), "1900-02-28") == "1900-02-28"
    (read,) = stored([datetime.date(2026, 1, 8)], DAY)
    assert read == datetime.datetime(2026, 1, 8)


def test_a_value_that_no_cell_holds_is_refused() -> None:
    cell_of_value(Text(free=True), "x" * 32_767)
    with pytest.raises(CellLimit, match="32,768 characters"):
        cell_of_value(Text(free=True), "x" * 32_768)
    with pytest.raises(CellLimit):
        cell_of_value(None, {"empirical": {"values": [0.123456789] * 5_000}})
