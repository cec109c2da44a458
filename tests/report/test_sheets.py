"""A workbook as a list of sheets: every kind of part stands where the list has it."""

from __future__ import annotations

from report.workbook_worlds import opened

from riskengine.model.agreement import Agreement
from riskengine.reports.tables.formats import AFTER
from riskengine.reports.tables.looks import STRONG
from riskengine.reports.tables.table import Table, number, text
from riskengine.reports.xlsx.book import Page
from riskengine.reports.xlsx.sheets import (
    Part,
    Sheet,
    bullets,
    contents,
    heading,
    table_or,
    written,
)


def rows(key: str, *figures: float) -> Table:
    columns = [text("name", "Name"), number("figure", "Figure")]
    return Table(key=key, columns=columns, rows=[[f"row {x:g}", x] for x in figures])


def sheet(*parts: Part, name: str = "Some", title: str = "") -> Sheet:
    return Sheet(name, f"what {name} holds", (20.0, 10.0), "The facts.", parts, title)


def first_column(data: bytes, name: str) -> list[object]:
    return [row[0].value for row in opened(data)[name].iter_rows()]


def test_parts_stand_on_a_sheet_from_top_to_bottom() -> None:
    found = sheet(
        "A sentence.",
        ("A strong one.", STRONG),
        ("Under a heading", rows("Headed", 1.0)),
        Page.gap,
        heading("A heading alone"),
        table_or("There is none.", rows("Empty")),
        table_or("There is none.", rows("Filled", 2.0)),
        bullets("Noted", ["one", "two"]),
        bullets("Nothing noted", [], "nothing"),
        title="The title",
    )
    data = written([found])
    assert first_column(data, "Some") == [
        "The title", "The facts.", "A sentence.", "A strong one.",
        None, "Under a heading", "Name", "row 1",
        None, None, "A heading alone", "There is none.", "Name", "row 2",
        None, "Noted", "•  one", "•  two", None, "Nothing noted", "nothing",
    ]  # fmt: skip
    page = opened(data)["Some"]
    assert [page.cell(row, 1).font.b for row in (3, 4)] == [False, True]
    assert page["B8"].value == 1.0


def test_a_table_alone_keeps_its_headings_in_view() -> None:
    page = opened(written([sheet(rows("Long", 1.0, 2.0))]))["Some"]
    assert page["A4"].value == "Name"
    assert page.freeze_panes == "B5"


def test_the_first_sheet_says_what_is_on_the_others_and_whether_all_agree() -> None:
    others = [sheet(name="Second"), sheet(name="Third")]
    first = sheet(contents(others), name="First")
    fine = written([first, *others], [Agreement("It holds", 3, 0)])
    assert opened(fine).sheetnames == ["First", "Second", "Third", "Checks"]
    found = [row[1].value for row in opened(fine, values=True)["First"].iter_rows()]
    assert "what Second holds" in found
    assert "what Third holds" in found
    assert found[-1] == "all fine"
    wrong = written([first, *others], [Agreement("It holds", 3, 1)])
    said = [row[1].value for row in opened(wrong, values=True)["First"].iter_rows()]
    assert said[-1] == "SEE THE SHEET CHECKS"


def test_without_checks_there_is_no_sheet_of_them() -> None:
    others = [sheet(name="Second")]
    data = written([sheet(contents(others, has_checks=False), name="First"), *others])
    assert opened(data).sheetnames == ["First", "Second"]
    assert "Checks" not in first_column(data, "First")


def test_a_part_that_fits_on_a_page_is_not_split_between_two() -> None:
    lengths = {"Tall": 50, "Short": 30, "Last": 120}
    parts = [(key, rows(key, *map(float, range(n)))) for key, n in lengths.items()]
    wide = Sheet("Some", "what it holds", (20.0, *[13.0] * 8), "The facts.", parts)
    page = opened(written([wide]))["Some"]
    starts = [row[0].row for row in page.iter_rows() if row[0].value in lengths]
    # Columns of 20 and 13 digits have 145 and 96 pixels; A4 upright has 537 by 762 points inside
    # its margins, and a row 15.
    page_rows = 762.0 / (537.0 / (0.75 * (145 + 8 * 96))) / 15.0
    assert starts[1] < page_rows < starts[2]
    # The last part is longer than a page: it begins where the one before it ends.
    assert [each.id + 1 for each in page.row_breaks.brk] == [starts[1]]


def test_headings_are_apart_and_begin_where_their_words_begin() -> None:
    columns = [text("name", "Name"), number("figure", "Figure"), text("unit", "Unit", form=AFTER)]
    table = Table(key="Three", columns=columns, rows=[["row", 1.0, "days"]])
    page = opened(written([sheet(table)]))["Some"]
    name, figure, unit = page[4]
    assert [cell.value for cell in (name, figure, unit)] == ["Name", "Figure", "Unit"]
    for cell in (name, figure, unit):
        assert cell.border.left.color.rgb == cell.border.right.color.rgb == "FFFFFFFF"
    assert (unit.alignment.horizontal, unit.alignment.indent) == ("left", 1)
    assert page["C5"].alignment.indent == unit.alignment.indent
