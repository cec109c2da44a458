"""Cells of workbooks: types, places, dates, errors, texts, and which sheet is read.

Right values are those that openpyxl and XlsxWriter were asked to write, or stand in the XML.
"""
# ruff: noqa: E501

from __future__ import annotations

import datetime
import io
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.styles.numbers import is_date_format, is_timedelta_format
from raw_workbooks import book, packed, read_book, read_rows, refusal, relations, sheet_xml

from riskengine.config import load
from riskengine.config.sources.files import UnreadableError
from riskengine.config.sources.grids import Grid, PartialDate
from riskengine.config.sources.xlsx.formats import format_kind

Write = Callable[..., Path]


def _value(draw: random.Random) -> Any:
    day = datetime.date(1900, 3, 1) + datetime.timedelta(days=draw.randrange(2_900_000))
    seconds = draw.randrange(1, 86_400)
    return draw.choice(
        [
            draw.gauss(0, 1) * 10.0 ** draw.randrange(-300, 300),
            float(draw.randrange(-(2**53), 2**53)),
            draw.random() < 0.5,
            "".join(
                draw.choice("aß갈륨鎵 \t\n<&>\"'_😀\r\x07") for _ in range(draw.randrange(1, 30))
            ),
            day,
            datetime.datetime.combine(day, datetime.time()) + datetime.timedelta(seconds=seconds),
            (datetime.datetime.min + datetime.timedelta(seconds=seconds)).time(),
            datetime.timedelta(days=draw.randrange(2, 400), seconds=seconds),
            None,
        ]
    )


def by_openpyxl(rows: list[list[Any]]) -> bytes:
    made = openpyxl.Workbook()
    assert made.active is not None
    for row in rows:
        made.active.append(
            [openpyxl.utils.escape.escape(v) if isinstance(v, str) else v for v in row]
        )
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def by_xlsxwriter(rows: list[list[Any]]) -> bytes:
    target = io.BytesIO()
    made = xlsxwriter.Workbook(target, {"strings_to_numbers": False, "strings_to_formulas": False})
    sheet = made.add_worksheet()
    forms = {
        datetime.date: "yyyy-mm-dd", datetime.datetime: "yyyy-mm-dd hh:mm:ss",
        datetime.time: "hh:mm:ss", datetime.timedelta: "[hh]:mm:ss",
    }  # fmt: skip
    styles = {kind: made.add_format({"num_format": form}) for kind, form in forms.items()}
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if type(value) in styles:
                sheet.write_datetime(number, column, value, styles[type(value)])
            elif isinstance(value, str):
                sheet.write_string(number, column, value)
            elif value is not None:
                sheet.write(number, column, value)
    made.close()
    return target.getvalue()


@pytest.mark.parametrize("maker", [by_openpyxl, by_xlsxwriter])
def test_cells_are_read_as_they_were_written(maker: Callable[[list[list[Any]]], bytes]) -> None:
    draw = random.Random(20)
    rows = [["heading"] * 6, *([_value(draw) for _ in range(6)] for _ in range(300))]

    read = read_book(maker(rows))

    assert read.bad == {}
    for written, cells in zip(rows, read.rows, strict=False):
        for column, value in enumerate(written):
            cell = cells[column] if column < len(cells) else None
            if isinstance(value, float):
                assert cell == pytest.approx(value, rel=1e-15)
            else:
                assert (cell, type(cell)) == (value, type(value))


def test_what_xml_cannot_hold_and_what_looks_like_it_survive() -> None:
    row = ["a\r\nb", "_x000D_", "\x07"]
    assert read_book(by_xlsxwriter([row])).rows[0] == row


@pytest.mark.parametrize(
    "code",
    [
        "General", "0", "0.00", "#,##0.00", "0%", "0.00E+00", "@", "# ?/?", "mm-dd-yy", "d-mmm-yy",
        "h:mm AM/PM", "h:mm:ss", "m/d/yy h:mm", "mm:ss", "[h]:mm:ss", "[mm]:ss", "yyyy-mm-dd",
        "[$-409]d\\-mmm\\-yyyy;@", '0.0 "days"', '"Day" 0', "[Red]#,##0", "[$-412]yyyy\\년", "#,##0 \\m",
        "[$€-2] #,##0.00", "_-* #,##0_-;\\-* #,##0_-", '#,##0 "mio. d"', "yyyy/mm/dd;@", "[ss].000",
        '[Red]0;"d"', "0_d", "dd.mm.yyyy", 'yyyy"年"m"月"d"日"', "[DBNum1]yyyy-mm-dd", "[Color10]0.00",
    ],
)  # fmt: skip
def test_openpyxl_takes_the_same_formats_for_dates_and_durations(code: str) -> None:
    kind = format_kind(code)
    assert (kind != "number") == bool(is_date_format(code))
    assert (kind == "duration") == bool(is_timedelta_format(code))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("mmm-yy", "month"), ("yyyy-mm", "month"), ("mmmm yyyy", "month"), ('yyyy"년" m"월"', "month"),
        ("[$-411]ggge\"年\"m\"月\"", "month"), ("yyyy", "year"), ("yy", "year"), ("d-mmm", "date"),
        ("mmm", "date"), ("yyyy-mm hh:mm", "date"), ("dd/mm/yyyy", "date"),
    ],
)  # fmt: skip
def test_a_format_says_how_much_of_a_date_is_seen(code: str, kind: str) -> None:
    assert format_kind(code) == kind


STYLES = (
    b"<styleSheet><numFmts><numFmt numFmtId='164' formatCode='mmm yyyy'/>"
    b"<numFmt numFmtId='165' formatCode='yyyy'/></numFmts>"
    b"<cellStyleXfs><xf numFmtId='14'/></cellStyleXfs>"
    b"<cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='17'/><xf numFmtId='164'/>"
    b"<xf numFmtId='165'/><xf numFmtId='46'/><xf numFmtId='22'/></cellXfs></styleSheet>"
)


@pytest.mark.parametrize(
    ("style", "number", "value"),
    [
        (0, "43525", 43525.0), (1, "43525", datetime.date(2019, 3, 1)),
        (1, "1", datetime.date(1900, 1, 1)), (1, "59", datetime.date(1900, 2, 28)),
        (1, "61", datetime.date(1900, 3, 1)), (1, "2958465", datetime.date(9999, 12, 31)),
        (1, "0.25", datetime.time(6)), (1, "0", datetime.time()),
        (2, "43525", PartialDate.seen(datetime.date(2019, 3, 1), "month")),
        (3, "43555.9", PartialDate.seen(datetime.date(2019, 3, 31), "month")),
        (4, "43525", PartialDate.seen(datetime.date(2019, 1, 1), "year")),
        (5, "1.5", datetime.timedelta(days=1, hours=12)), (5, "0", datetime.timedelta()),
        (6, "43525.75", datetime.datetime(2019, 3, 1, 18)), (99, "43525", 43525.0),
        (6, "43524.9999999999", datetime.date(2019, 3, 1)),
    ],
)  # fmt: skip
def test_a_number_is_the_date_that_its_format_shows(style: int, number: str, value: Any) -> None:
    (cells,) = read_rows(f"<row><c s='{style}'><v>{number}</v></c></row>", styles=STYLES)
    assert (cells, type(cells[0]), str(cells[0])) == ([value], type(value), str(value))


def test_a_date_that_is_seen_in_part_is_written_in_part() -> None:
    day = datetime.date(2019, 3, 31)
    assert str(PartialDate.seen(day, "month")) == "2019-03"
    assert str(PartialDate.seen(day, "year")) == "2019"


@pytest.mark.parametrize(
    ("number", "value"),
    [
        ("0", datetime.date(1904, 1, 1)), ("42063", datetime.date(2019, 3, 1)), ("60", datetime.date(1904, 3, 1)),
        ("0.5", datetime.datetime(1904, 1, 1, 12)), ("2957003", datetime.date(9999, 12, 31)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("said", ["1", "true"])
def test_a_workbook_may_count_days_from_1904(number: str, value: Any, said: str) -> None:
    settings = f'<workbookPr date1904="{said}"/>'
    row = f"<row><c s='1'><v>{number}</v></c></row>"
    assert read_rows(row, styles=STYLES, settings=settings) == [[value]]


def test_a_day_after_the_year_9999_is_bad() -> None:
    sheet = sheet_xml("<row><c s='1'><v>2957004</v></c></row>")
    read = read_book(book(sheet, styles=STYLES, settings='<workbookPr date1904="1"/>'))
    assert "after the year 9999" in read.bad[1, 0].found


def test_whole_dates_of_strict_workbooks_are_dates() -> None:
    row = "<row><c t='d'><v>2019-03-01</v></c><c t='d'><v>2019-03-01T06:30:00</v></c></row>"
    assert read_rows(row) == [[datetime.date(2019, 3, 1), datetime.datetime(2019, 3, 1, 6, 30)]]


def test_cells_stand_where_they_say_or_after_the_one_before() -> None:
    rows = (
        "<row><c><v>1</v></c><c r='D1'><v>4</v></c><c><v>5</v></c></row>"
        "<row><c><v>6</v></c><c s='3'/><c><v>8</v></c></row>"
        "<row r='5'><c r='B5'><v>10</v></c></row>"
        "<row><c r='A6' s='2'/><c><v>12</v></c></row>"
    )
    assert read_rows(rows) == [
        [1.0, None, None, 4.0, 5.0], [6.0, None, 8.0], [], [], [None, 10.0], [None, 12.0],
    ]  # fmt: skip


def test_rows_and_cells_may_come_in_any_order() -> None:
    rows = (
        "<row r='3'><c r='B3'><v>32</v></c><c r='A3'><v>31</v></c></row>"
        "<row r='1'><c r='C1'><v>13</v></c><c r='A1'><v>11</v></c></row>"
    )
    assert read_rows(rows) == [[11.0, None, 13.0], [], [31.0, 32.0]]


def test_namespaces_prefixes_and_other_encodings_are_read() -> None:
    text = (
        "<?xml version='1.0' encoding='UTF-16'?><x:worksheet xmlns:x='urn:x'><x:sheetData><x:row>"
        "<x:c t='inlineStr'><x:is><x:t>갈륨</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>"
    )
    assert read_book(book(text.encode("utf-16"))).rows == [["갈륨"]]


@pytest.mark.parametrize("encoding", ["EUC-KR", "UTF-7", "no such", "x" * 90, "UTF-8 "])
def test_an_encoding_that_no_spreadsheet_writes_is_refused(encoding: str) -> None:
    text = f"<?xml version='1.0' encoding='{encoding}'?><worksheet/>"
    assert re.search("in the encoding|broken XML", refusal(book(text.encode())))


def test_texts_are_read_without_the_reading_aids_of_east_asia() -> None:
    strings = (
        "<sst><si><t>unused</t></si><si><r><t>gal</t></r><r><t>lium</t></r></si>"
        "<si><t>鎵</t><rPh sb='0' eb='1'><t>ガリウム</t></rPh></si></sst>"
    ).encode()
    row = (
        "<row><c t='s'><v>1</v></c><c t='s'><v>2</v></c>"
        "<c t='inlineStr'><is><t>鎵</t><rPh sb='0' eb='1'><t>ガ</t></rPh></is></c>"
        "<c t='str'><f>A1</f><v>x_x0041_</v></c></row>"
    )
    assert read_rows(row, strings=strings) == [["gallium", "鎵", "鎵", "xA"]]


BAD_CELLS = [
    ("<c t='e'><v>#N/A</v></c>", "spreadsheet error #N/A"),
    ("<c t='e'/>", "holds the spreadsheet error"),
    ("<c t='e'><f>1/0</f><v>#DIV/0!</v></c>", "spreadsheet error #DIV/0!"),
    ("<c t='str'><v>#REF!</v></c>", "spreadsheet error #REF!"),
    ("<c t='s'><v>0</v></c>", "spreadsheet error #VALUE!"),
    ("<c><f>1/2</f></c>", "without a stored value"),
    ("<c><f>1/2</f><v></v></c>", "without a stored value"),
    ("<c><f>1/2</f><v/></c>", "without a stored value"),
    ("<c t='str'><f>A1</f></c>", "without a stored value"),
    ("<c><v>inf</v></c>", "'inf', which is no number"),
    ("<c><v>NaN</v></c>", "'NaN', which is no number"),
    ("<c><v>1e999</v></c>", "'1e999', which is no number"),
    ("<c><v>1_000</v></c>", "'1_000', which is no number"),
    ("<c><v>１</v></c>", "which is no number"),
    ("<c><v>1,5</v></c>", "'1,5', which is no number"),
    ("<c t='s'><v>7</v></c>", "refers to a text that is not stored"),
    ("<c t='s'><v>x</v></c>", "refers to a text that is not stored"),
    ("<c t='s'><v>１</v></c>", "refers to a text that is not stored"),
    ("<c t='s'><v>-1</v></c>", "refers to a text that is not stored"),
    ("<c t='s'><v>99999999999999999999</v></c>", "refers to a text that is not stored"),
    ("<c t='b'><v>2</v></c>", "'2', which is neither true nor false"),
    ("<c t='d'><v>soon</v></c>", "'soon', which is no date"),
    ("<c t='q'><v>1</v></c>", "the unknown kind 'q'"),
    ("<c s='1'><v>-1</v></c>", "is -1, formatted as a date"),
    ("<c s='1'><v>2958466</v></c>", "is 2958466, formatted as a date"),
    ("<c s='1'><v>60</v></c>", "29 February 1900"),
    ("<c s='5'><v>1e300</v></c>", "is 1e+300, formatted as a date"),
]


@pytest.mark.parametrize(("cell", "word"), BAD_CELLS, ids=[cell for cell, _ in BAD_CELLS])
@pytest.mark.parametrize("reference", ["", " r='C2'"])
def test_a_cell_without_a_value_is_bad_with_and_without_a_reference(
    cell: str, word: str, reference: str
) -> None:
    own = cell.replace("<c", f"<c{reference}", 1)
    rows = f"<row><c><v>1</v></c></row><row><c><v>2</v></c><c><v>3</v></c>{own}</row>"

    read = read_book(
        book(sheet_xml(rows), styles=STYLES, strings=b"<sst><si><t>#VALUE!</t></si></sst>")
    )

    assert list(read.bad) == [(2, 2)]
    assert word in read.bad[2, 2].found
    assert [cell for cell in read.rows[1] if cell is not None] == [2.0, 3.0]


@pytest.mark.parametrize(
    "cell",
    ["<c t='str'><f>IF(1,\"\",2)</f><v></v></c>", "<c t='str'><f>T(1)</f><v/></c>", "<c/>", "<c s='1'/>",
     "<c><v></v></c>", "<c><v> </v></c>", "<c t='s'/>", "<c t='inlineStr'><is><t></t></is></c>"],
)  # fmt: skip
def test_a_formula_of_nothing_is_an_empty_cell(cell: str) -> None:
    assert read_rows(f"<row>{cell}<c><v>1</v></c></row>", styles=STYLES) == [[None, 1.0]]


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ("<row><c r='XFE1'><v>1</v></c></row>", "XFE1, beyond XFD1048576"),
        ("<row><c r='A1048577'><v>1</v></c></row>", "A1048577, beyond"),
        ("<row><c r='ZZZ9999999'><v>1</v></c></row>", "beyond XFD1048576"),
        ("<row><c r='A0'><v>1</v></c></row>", "a cell named 'A0' in or near row 1"),
        ("<row><c r='1A'><v>1</v></c></row>", "a cell named '1A'"),
        ("<row><c r='$A$1'><v>1</v></c></row>", "a cell named '$A$1'"),
        ("<row><c r='AAAA1'><v>1</v></c></row>", "a cell named 'AAAA1'"),
        ("<row><c r=''><v>1</v></c></row>", "a cell named ''"),
        ("<row><c r='A99999999999999999999'><v>1</v></c></row>", "a cell named 'A9999"),
        ("<row><c r='A１'><v>1</v></c></row>", "a cell named"),
        ("<row><c r='bad' s='1'/><c><v>1</v></c></row>", "a cell named 'bad'"),
        ("<row r='0'><c><v>1</v></c></row>", "a row numbered '0'"),
        ("<row r='-1'><c><v>1</v></c></row>", "a row numbered '-1'"),
        ("<row r='1048577'><c><v>1</v></c></row>", "a row numbered '1048577'"),
        ("<row r='4294967297'><c><v>1</v></c></row>", "a row numbered"),
        ("<row r='x'><c><v>1</v></c></row>", "a row numbered 'x'"),
        ("<row r='1048576'/><row><c><v>1</v></c></row>", "beyond XFD1048576"),
        ("<row><c r='XFD1'><v>1</v></c><c><v>1</v></c></row>", "XFE1, beyond"),
        ("<row r='1048576'><c><v>1</v></c></row>", "stands too far down"),
        ("<row><c r='A1'><v>1</v></c><c r='A1'><v>2</v></c></row>", "is given twice"),
        ("<row r='1'><c><v>1</v></c></row><row r='1'><c><v>2</v></c></row>", "is given twice"),
    ],
)  # fmt: skip
def test_a_cell_that_stands_nowhere_is_refused(rows: str, word: str) -> None:
    assert word in refusal(book(sheet_xml(rows)))


def test_the_size_that_a_sheet_declares_does_not_matter() -> None:
    text = b"<worksheet><dimension ref='A1:XFD1048576'/><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>"
    assert read_book(book(text)).rows == [[1.0]]


CELL = "<row><c t='inlineStr'><is><t>{}</t></is></c></row>"


def named(name: str) -> bytes:
    return sheet_xml(CELL.format(name))


@pytest.mark.parametrize(
    ("sheets", "states", "chosen"),
    [
        ({"Old": named("Old"), "New": named("New")}, {"Old": "hidden"}, "New"),
        ({"Old": named("Old"), "New": named("New")}, {"Old": "veryHidden"}, "New"),
        ({"Title": sheet_xml(""), "New": named("New")}, {}, "New"),
        ({"Title": sheet_xml("<row><c s='1'/></row>"), "New": named("New")}, {}, "New"),
        ({"New": named("New"), "Other": named("Other")}, {}, "New"),
        ({"New": named("New")}, {}, ""),
    ],
)  # fmt: skip
def test_the_first_sheet_with_cells_that_is_shown_is_chosen_and_named(
    sheets: dict[str, bytes], states: dict[str, str], chosen: str
) -> None:
    read = read_book(book(sheets, states=states))

    assert read.rows == [["New"]]
    assert (read.shown, read.chosen) == ("b.xlsx#New", chosen)


def test_a_sheet_that_is_named_may_be_hidden() -> None:
    read = read_book(
        book({"Old": named("Old"), "New": named("New")}, states={"Old": "hidden"}), "Old"
    )
    assert (read.rows, read.shown, read.chosen) == ([["Old"]], "b.xlsx#Old", "")


def test_a_chart_is_no_sheet_with_cells() -> None:
    target = io.BytesIO()
    made = xlsxwriter.Workbook(target)
    chart = made.add_chart({"type": "line"})
    made.add_chartsheet("Chart").set_chart(chart)
    sheet = made.add_worksheet("Stocks")
    sheet.write_string(0, 0, "New")
    chart.add_series({"values": "=Stocks!$A$1:$A$1"})
    made.close()

    assert read_book(target.getvalue()).rows == [["New"]]
    assert '"Chart" has no cells' in refusal(target.getvalue(), "Chart")


@pytest.mark.parametrize(
    ("parts", "sheet", "word"),
    [
        (book({"Old": named("Old"), "New": sheet_xml("")}, states={"Old": "hidden"}), None, 'no sheet that is shown has cells; name a hidden sheet after #: "Old", "New"'),
        (book(sheet_xml("")), None, "no sheet that is shown has cells; "),
        (book(sheet_xml("")), "S", 'the sheet "S" is empty'),
        (book({"Stocks": named("x")}), "stocks", 'there is no sheet "stocks"; did you mean "Stocks"?'),
        ({**book(named("x")), "xl/worksheets/sheet1.xml": b"<work"}, None, "broken XML"),
        ({**book(named("x")), "_rels/.rels": relations({"r": ("officeDocument", "xl/workbook.bin")})}, None, "binary workbook (.xlsb)"),
        ({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<x/>"}, None, "no workbook with sheets"),
    ],
)  # fmt: skip
def test_a_workbook_without_the_sheet_says_so(parts: Any, sheet: str | None, word: str) -> None:
    assert word in refusal(parts, sheet)


def test_twelve_sheets_are_listed() -> None:
    sheets = {f"S{n}": named("x") for n in range(13)}
    listed = ", ".join(f'"S{n}"' for n in range(12))
    with pytest.raises(UnreadableError) as caught:
        read_book(book(sheets), "Old")
    assert caught.value.allowed == listed


def test_names_of_parts_do_not_differ_by_case_and_may_lie_anywhere() -> None:
    parts = book(named("x"))
    moved = {name.replace("worksheets", "WorkSheets").upper(): part for name, part in parts.items()}
    assert read_book(moved).rows == [["x"]]

    elsewhere = {
        "_rels/.rels": relations({"r": ("officeDocument", "/office/book.xml")}),
        "office/book.xml": parts["xl/workbook.xml"],
        "office/_rels/book.xml.rels": relations({"s1": ("worksheet", "../data/./one.xml")}),
        "data/one.xml": named("y"),
    }
    assert read_book(elsewhere).rows == [["y"]]


def test_parts_and_sheets_of_equal_names_are_refused() -> None:
    parts = [*book(named("x")).items(), ("xl/worksheets/SHEET1.xml", named("other"))]
    assert "SHEET1.xml" in refusal(packed(parts))
    twice = book({"a": named("x"), "b": named("y")})
    twice["xl/workbook.xml"] = bytes(twice["xl/workbook.xml"]).replace(b'"b"', b'"a"')
    assert 'two sheets named "a"' in refusal(twice)


def merged(rows: str, *areas: str) -> Grid:
    text = "".join(f"<mergeCell ref='{area}'/>" for area in areas)
    return read_book(book(sheet_xml(rows, f"<mergeCells>{text}</mergeCells>")))


ROWS = "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c><c><v>4</v></c></row><row><c/><c><v>6</v></c></row>"


@pytest.mark.parametrize(
    ("areas", "bad"),
    [
        (["A2:A3"], [(3, 0)]),
        (["A2:A3", "B2:B3"], [(3, 0)]),
        (["A2:XFD1048576"], [(3, 0)]),
        (["A3:A4"], []),
        (["C2:C3"], []),
        (["A3:A2", "A9:B2", "x", "A1", "A2:"], []),
    ],
)
def test_an_empty_cell_that_is_merged_with_a_filled_one_is_bad(
    areas: list[str], bad: list[tuple[int, int]]
) -> None:
    found = merged(ROWS, *areas).bad
    assert list(found) == bad
    assert all("merged with A2" in fault.found for fault in found.values())


def test_a_merged_heading_is_no_fault_by_itself() -> None:
    assert (
        merged("<row><c><v>1</v></c></row><row><c><v>3</v></c><c><v>4</v></c></row>", "A1:B1").bad
        == {}
    )


STOCKS = [["material", "tier", "days"], ["gallium", "own", 30], ["gallium", "lent", 40]]


@pytest.fixture
def stocks(small: str, write: Write) -> Callable[[bytes], Path]:
    """A config whose stocks stand in a workbook; returns its path."""

    def with_book(data: bytes) -> Path:
        write(data, "in.xlsx")
        return write(f'{small}[tables]\nstocks = "in.xlsx"\n')

    return with_book


def test_a_date_cell_is_the_day_from_which_a_row_was_known(stocks: Callable[[bytes], Path]) -> None:
    day = datetime.date(2023, 3, 15)
    rows = [[*STOCKS[0], "known_on"], [*STOCKS[1], day], [*STOCKS[2], "2024-01-02"]]

    tiers = load(stocks(by_openpyxl(rows))).document["materials"]["gallium"]["stocks"]

    assert [tiers["own"]["known_on"], tiers["lent"]["known_on"]] == ["2023-03-15", "2024-01-02"]


@pytest.mark.parametrize(
    "value", ["March", datetime.datetime(2023, 3, 15, 12), 5, datetime.timedelta(3), "NA"]
)
def test_one_cell_has_one_fault_without_the_name_of_a_class(
    stocks: Callable[[bytes], Path], faults: Callable[..., Any], value: Any
) -> None:
    found = faults(stocks(by_openpyxl([[*STOCKS[0], "known_on"], [*STOCKS[1], value]])))

    assert [fault.cell for fault in found] == ["D2"]
    assert "Malformed" not in found[0].found
    assert "timedelta" not in found[0].found


@pytest.mark.parametrize(
    "cell", ["<c t='e'><v>#N/A</v></c>", "<c><v>inf</v></c>", "<c><f>1</f></c>"]
)
@pytest.mark.parametrize(
    "column",
    ["days", "days.lognormal.median", "max_release", "note", "known_on", "material", "tier"],
)
def test_a_bad_cell_of_any_column_has_one_fault(
    stocks: Callable[[bytes], Path], faults: Callable[..., Any], cell: str, column: str
) -> None:
    needed = [] if column.startswith("days.") else ["days"]
    titles = list(dict.fromkeys(["material", "tier", *needed, column]))
    filled = {
        "material": CELL.format("gallium")[5:-6], "tier": CELL.format("own")[5:-6],
        "days": "<c><v>30</v></c>", column: cell,
    }  # fmt: skip
    header = "".join(CELL.format(title)[5:-6] for title in titles)
    row = "".join(filled[title] for title in titles)
    rows = f"<row>{header}</row><row>{row}</row>"

    found = faults(stocks(packed(book(sheet_xml(rows)).items())))

    places = [fault for fault in found if fault.cell]
    assert len(places) == 1, found
    assert places[0].cell == f"{'ABCD'[titles.index(column)]}2"
    assert not any("Malformed" in fault.found for fault in found)


def test_a_row_without_a_name_may_be_merged(
    stocks: Callable[[bytes], Path], faults: Callable[..., Any]
) -> None:
    found = faults(stocks(by_openpyxl([*STOCKS[:2], [None, "lent", 40]])))

    assert [(fault.cell, "merged cell" in fault.hint) for fault in found] == [("A3", True)]


def test_a_chosen_sheet_is_named_in_a_notice(stocks: Callable[[bytes], Path]) -> None:
    from riskengine.model.notices import scenario_notices

    made = openpyxl.load_workbook(io.BytesIO(by_openpyxl(STOCKS)))
    made.active.title = "Stocks"
    made.create_sheet("Old", 0).append(["material"])
    made["Old"].sheet_state = "hidden"
    target = io.BytesIO()
    made.save(target)

    scenario = load(stocks(target.getvalue()))

    assert list(scenario.materials["gallium"].stocks)[:2] == ["own", "lent"]
    notice = next(n for n in scenario_notices(scenario) if n.code == "sheet-chosen")
    assert notice.message.endswith(": in.xlsx#Stocks.")
    alone = load(stocks(by_openpyxl(STOCKS)))
    assert not any(n.code == "sheet-chosen" for n in scenario_notices(alone))
