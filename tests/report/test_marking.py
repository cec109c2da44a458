"""Copies of workbooks with messages at their cells, read by openpyxl."""

from __future__ import annotations

import io
import zipfile

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from riskengine.errors import RunFault
from riskengine.reports.inputs.marking import MARK, MarkedCopy, Message, marked_copy


def users_book() -> bytes:
    """A workbook with most of what people put into one."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Stocks"
    sheet.append(["material", "days", "note"])
    sheet.append(["gallium", 40, "계획"])
    sheet.append(["tungsten", "=B2*2", None])
    sheet["B2"].number_format = "0.00"
    sheet["B2"].font = Font(bold=True, color="FF0000FF")
    sheet["C2"].comment = Comment("ask Kim", "me")
    sheet["C2"].fill = PatternFill("solid", start_color="FFF2CC")
    sheet.merge_cells("A5:C6")
    sheet["A5"] = "merged"
    sheet.column_dimensions["A"].width = 33
    sheet.freeze_panes = "B2"
    sheet.conditional_formatting.add("B2:B9", CellIsRule("lessThan", ["10"], font=Font(bold=True)))
    rule = DataValidation("list", formula1='"a,b"')
    rule.add("C3")
    sheet.add_data_validation(rule)
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=2, min_row=2, max_row=3))
    sheet.add_chart(chart, "E2")
    own = book.create_sheet("Notes of mine")
    own["A1"] = "mine"
    own.sheet_state = "hidden"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def marked(*messages: Message, data: bytes | None = None) -> MarkedCopy:
    return marked_copy(users_book() if data is None else data, messages, has_macros=False)


def test_each_faulty_cell_is_filled_and_carries_its_message() -> None:
    copy = marked(
        Message("Stocks", "B2", "days: is -40"),
        Message("Stocks", "C3", "note: first"),
        Message("Stocks", "C3", "note: second"),
    )
    sheet = load_workbook(io.BytesIO(copy.data))["Stocks"]
    assert copy.marked == 2
    assert sheet["B2"].comment.text == "days: is -40"
    assert sheet["C3"].comment.text == "note: first\n\nnote: second"
    fills = {cell.coordinate: cell.fill.fgColor.rgb for row in sheet["A2:C3"] for cell in row}
    assert {place for place, colour in fills.items() if colour.endswith(MARK)} == {"B2", "C3"}


def test_everything_else_is_as_the_user_left_it() -> None:
    before = load_workbook(io.BytesIO(users_book()))
    after = load_workbook(io.BytesIO(marked(Message("Stocks", "A2", "who is this?")).data))
    assert after.sheetnames == before.sheetnames
    for sheet in before:
        other = after[sheet.title]
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            twin = other[cell.coordinate]
            assert twin.value == cell.value
            assert twin.number_format == cell.number_format
            assert repr(twin.font) == repr(cell.font)
            if (sheet.title, cell.coordinate) != ("Stocks", "A2"):
                assert repr(twin.fill) == repr(cell.fill)
        assert other.sheet_state == sheet.sheet_state
        assert other.freeze_panes == sheet.freeze_panes
        assert len(other._charts) == len(sheet._charts)
        assert str(other.merged_cells) == str(sheet.merged_cells)
        assert len(other.data_validations.dataValidation) == len(
            sheet.data_validations.dataValidation
        )
        assert len(other.conditional_formatting) == len(sheet.conditional_formatting)
    assert after["Stocks"].column_dimensions["A"].width == 33
    assert after["Stocks"]["C2"].comment.text == "ask Kim"


def test_a_comment_that_is_there_stays_below_the_message() -> None:
    sheet = load_workbook(io.BytesIO(marked(Message("Stocks", "C2", "is wrong")).data))["Stocks"]
    assert sheet["C2"].comment.text == "is wrong\n\nask Kim"


def test_a_message_within_merged_cells_stands_at_the_cell_that_shows() -> None:
    sheet = load_workbook(io.BytesIO(marked(Message("Stocks", "C6", "unmerge")).data))["Stocks"]
    assert sheet["A5"].comment.text == "unmerge"


def test_a_message_without_a_cell_stands_at_the_first_one() -> None:
    copy = marked(Message("Stocks", "", "no rows"), Message("Disputes", "A1", "is missing"))
    sheet = load_workbook(io.BytesIO(copy.data))["Stocks"]
    assert sheet["A1"].comment.text == "no rows\n\nis missing"


def test_text_of_any_kind_is_a_comment_and_nothing_more() -> None:
    text = '=HYPERLINK("x")\x07 <r>&\uffff' + "x" * 40_000
    sheet = load_workbook(io.BytesIO(marked(Message("Stocks", "A2", text)).data))["Stocks"]
    shown = sheet["A2"].comment.text
    assert shown.startswith('=HYPERLINK("x")')
    assert len(shown) <= 32_767


def with_part(name: str, part: bytes) -> bytes:
    stream = io.BytesIO(users_book())
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr(name, part)
    return stream.getvalue()


def test_what_the_copy_loses_is_named() -> None:
    message = Message("Stocks", "A2", "no")
    assert marked(message).lost == (
        "stored values of formulas, which are computed when the copy is opened and saved",
        "sizes of comments",
    )
    plain = Workbook()
    plain.active["A1"] = "days"
    stream = io.BytesIO()
    plain.save(stream)
    assert marked(Message("Sheet", "A1", "no"), data=stream.getvalue()).lost == ()
    slicers = marked(message, data=with_part("xl/slicers/slicer1.xml", b"<slicers/>")).lost
    assert "slicers" in slicers
    shape = with_part("xl/drawings/drawing9.xml", b"<xdr:wsDr><xdr:sp ></xdr:sp></xdr:wsDr>")
    assert "shapes and text boxes" in marked(message, data=shape).lost


def test_a_part_that_could_swell_is_refused() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    with pytest.raises(RunFault, match="declares a document type"):
        marked(Message("Stocks", "A2", "no"), data=with_part("xl/odd.xml", bomb))


@pytest.mark.parametrize("data", [b"", b"no workbook", b"PK\x03\x04 cut off"])
def test_what_is_no_archive_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(RunFault, match="damaged or encrypted"):
        marked(Message("Stocks", "A2", "no"), data=data)


def test_a_workbook_that_openpyxl_cannot_read_is_refused_in_words() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    with pytest.raises(RunFault, match="cannot be copied"):
        marked(Message("Stocks", "A2", "no"), data=stream.getvalue())
