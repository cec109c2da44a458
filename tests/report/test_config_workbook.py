"""A config as a workbook, looked at by openpyxl: what a person finds who opens it."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.workbook import Workbook
from random_configs import random_config

from riskengine.config.schema.keys import node_at
from riskengine.config.schema.sheets import ROW_KINDS
from riskengine.config.standalone import standalone
from riskengine.reports.inputs.workbook import config_workbook, other_sheet

CONFIGS = Path(__file__).parents[2] / "configs"
MOMENT = "2026-01-08T00:00:00+00:00"
YELLOW = "FFFFF9DB"


def written(source: Any) -> bytes:
    read = standalone(source, lambda table, version: f"#{other_sheet(table, version)}")
    return config_workbook(read.document, read.whole, read.others, MOMENT)


@cache
def shipped(name: str) -> Workbook:
    return load_workbook(io.BytesIO(written(CONFIGS / f"{name}.toml")))


KOREA = "mitigation-korea-2026"


def titles(sheet: Any) -> dict[str, int]:
    """The first line of every heading, and its column."""
    return {cell.value.split("\n")[0]: cell.column for cell in sheet[1]}


def row_of(sheet: Any, **names: str) -> int:
    columns = titles(sheet)
    for row in range(2, sheet.max_row + 1):
        if all(sheet.cell(row, columns[key]).value == name for key, name in names.items()):
            return row
    raise AssertionError(names)


def test_sheets_are_in_the_order_of_the_story() -> None:
    assert shipped(KOREA).sheetnames == [
        "Run", "Ladder", "Disputes", "Triggers", "Correlation", "Materials", "Sources",
        "Alternatives", "Stocks", "Industries", "Uses", "Sweep", "Mitigation", "Notes",
    ]  # fmt: skip


def test_another_version_of_a_table_is_a_sheet_beside_it() -> None:
    names = shipped("sweep-korea-assumptions").sheetnames
    assert names[names.index("Uses") :][:3] == ["Uses", "Uses-low", "Uses-high"]


def test_a_figure_of_the_tables_is_a_number_in_its_cell() -> None:
    book = shipped(KOREA)
    uses = book["Uses"]
    row = row_of(uses, industry="automobile", material="ndfeb-magnets")
    assert uses.cell(row, titles(uses)["dependence"]).value == 0.17
    law = "{ lognormal = { median = 65, p90 = 180 } }"
    assert uses.cell(row, titles(uses)["inventory_days.across"]).value == law
    other = book["Alternatives"]
    row = row_of(other, material="light-rare-earths", alternative="lynas-ndpr")
    assert other.cell(row, titles(other)["lead_time.lognormal.p90"]).value == 400


@pytest.mark.parametrize(
    ("sheet", "column", "unit"),
    [
        ("Stocks", "days", "days of demand"),
        ("Uses", "share", "share of demand"),
        ("Materials", "spend_per_year", "money per year"),
        ("Alternatives", "lead_time.lognormal.median", "days"),
        ("Ladder", "next.near-zero", "probability"),
    ],
)
def test_a_heading_carries_the_key_and_its_unit(sheet: str, column: str, unit: str) -> None:
    heading = shipped(KOREA)[sheet].cell(1, titles(shipped(KOREA)[sheet])[column])
    assert heading.value == f"{column}\n{unit}"


def test_every_heading_has_a_comment_and_those_of_keys_say_what_the_schema_says() -> None:
    book = shipped(KOREA)
    seen = 0
    for kind in ROW_KINDS.values():
        if kind.sheet not in book.sheetnames:
            continue
        for title, column in titles(book[kind.sheet]).items():
            comment = book[kind.sheet].cell(1, column).comment
            assert comment is not None
            assert len(comment.text) > 20
            node = node_at((*kind.forms[0].path, title))
            if node is not None and title not in kind.names and kind.sheet != "Mitigation":
                assert node.meaning[1:] in comment.text
                seen += 1
    assert seen > 40


def test_shares_are_shown_as_percentages_and_other_numbers_are_not() -> None:
    book = shipped(KOREA)
    for sheet, column, is_share in (
        ("Uses", "dependence", True), ("Sources", "share", True), ("Materials", "coverage", True),
        ("Uses", "inventory_days", False), ("Materials", "spend_per_year", False),
        ("Correlation", "duration", False), ("Stocks", "days.pert.mode", False),
    ):  # fmt: skip
        cell = book[sheet].cell(2, titles(book[sheet])[column])
        assert ("%" in cell.number_format) == is_share, (sheet, column)


def test_inputs_have_one_colour_and_headings_stay_in_view() -> None:
    for sheet in shipped(KOREA):
        if sheet.title == "Notes":
            continue
        assert sheet.freeze_panes is not None
        assert sheet.freeze_panes.endswith("2")
        if sheet.title != "Run":
            fills = {cell.fill.fgColor.rgb for row in sheet.iter_rows(min_row=2) for cell in row}
            colours = {cell.font.color.rgb for row in sheet.iter_rows(min_row=2) for cell in row}
            assert (fills, colours) == ({YELLOW}, {"FF0000FF"}), sheet.title


def test_every_table_is_an_excel_table_with_a_filter() -> None:
    for sheet in shipped(KOREA):
        if sheet.title != "Notes":
            (table,) = sheet.tables.values()
            assert table.autoFilter is not None
            width, height = range_boundaries(table.ref)[2:]
            assert (width, height) == (sheet.max_column, sheet.max_row)


def lists(sheet: Any) -> dict[str, str]:
    """The source of the drop-down list of each column."""
    found = {}
    for rule in sheet.data_validations.dataValidation:
        if rule.type == "list":
            column = range_boundaries(str(rule.sqref))[0]
            found[sheet.cell(1, column).value.split("\n")[0]] = rule.formula1
    return found


def test_names_of_other_sheets_and_choices_have_drop_down_lists() -> None:
    book = shipped(KOREA)
    stocks = lists(book["Stocks"])
    assert stocks["material"].startswith("'Materials'!$A$2:")
    assert lists(book["Uses"])["industry"].startswith("'Industries'!$A$2:")
    assert lists(book["Triggers"])["when"].startswith("'Disputes'!$A$2:")
    assert lists(book["Triggers"])["reaches"].startswith("'Ladder'!$A$2:")
    assert lists(book["Disputes"])["active.level"].startswith("'Ladder'!$A$2:")
    assert lists(book["Materials"])["allocation"] == '"proportional,priority"'
    assert lists(book["Ladder"])["boycott"] == '"TRUE,FALSE"'


def test_a_drop_down_list_has_the_names_of_its_sheet_and_room_for_more() -> None:
    book = shipped(KOREA)
    sheet, area = lists(book["Stocks"])["material"].split("!")
    first, top, _, bottom = range_boundaries(area)
    names = [book[sheet.strip("'")].cell(row, first).value for row in range(top, bottom + 1)]
    assert names[:2] == ["light-rare-earths", "heavy-rare-earths"]
    table = (CONFIGS / "tables" / "korea-materials.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(io.StringIO(table))
    assert [name for name in names if name] == [row["material"] for row in rows]
    assert names[-1] is None


def test_what_does_not_fit_is_questioned_and_never_refused() -> None:
    for sheet in shipped(KOREA):
        for rule in sheet.data_validations.dataValidation:
            assert rule.errorStyle == "warning"
            assert len(rule.promptTitle) <= 32
            assert len(rule.prompt) <= 255


def test_there_are_no_macros_no_links_and_no_formulas() -> None:
    data = written(CONFIGS / f"{KOREA}.toml")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        sheets = [archive.read(name) for name in names if name.startswith("xl/worksheets/sheet")]
    assert not any("vba" in name or "externalLink" in name for name in names)
    assert not any(b"<f>" in sheet or b"<hyperlink" in sheet for sheet in sheets)


NAMES = ["=cmd|'/c calc'!A1", "희토류 磁石", "<r>x</r>", "a\"b'c", "@sum", "x" * 200, "-1", "TRUE"]


def test_names_and_notes_of_any_kind_stay_text() -> None:
    config = random_config(1)
    config["materials"] = dict(
        zip(NAMES, [next(iter(config["materials"].values()))] * 8, strict=True)
    )
    config["industries"] = {
        "=1+1": {"value_added_per_year": 1, "note": "=HYPERLINK(1)", "uses": {}}
    }
    for dispute in config["disputes"].values():
        dispute.get("active", {}).pop("materials", None)
    config.pop("propagation", None)
    book = load_workbook(io.BytesIO(written(config)))
    cells = [row[0] for row in book["Materials"].iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == NAMES
    assert {cell.data_type for cell in cells} == {"s"}
    note = book["Industries"].cell(2, titles(book["Industries"])["note"])
    assert (note.value, note.data_type) == ("=HYPERLINK(1)", "s")


def test_a_number_of_more_digits_than_a_spreadsheet_keeps_says_why_it_is_text() -> None:
    config = random_config(2)
    config["run"]["seed"] = 2**62
    name, material = next(iter(config["materials"].items()))
    material["coverage"] = 0.1 + 0.2
    book = load_workbook(io.BytesIO(written(config)))
    sheet = book["Materials"]
    cell = sheet.cell(row_of(sheet, material=name), titles(sheet)["coverage"])
    assert cell.value == "0.30000000000000004"
    assert "15 digits" in cell.comment.text
    run = book["Run"]
    seed = run.cell(row_of(run, key="seed"), 2)
    assert seed.value == str(2**62)
    assert "15 digits" in seed.comment.text


def test_settings_are_there_to_fill_in_whether_they_are_given_or_not() -> None:
    run = shipped("minimal")["Run"]
    found = {row[0].value: row[1].value for row in run.iter_rows(min_row=2)}
    assert found["trials"] == 20_000
    assert found["sampling"] is None
    assert "horizon_days" in found
    assert not any(re.match("sweep|mitigation", key) for key in found)


def test_no_title_is_broken_and_a_heading_has_room_for_its_lines() -> None:
    for sheet in shipped(KOREA):
        if sheet.title == "Notes":
            continue
        for cell in sheet[1]:
            widths = [d for d in sheet.column_dimensions.values() if d.min <= cell.column <= d.max]
            assert widths[0].width >= len(cell.value.split("\n")[0]), cell.value
            lines = cell.value.count("\n") + 1
            assert (sheet.row_dimensions[1].height or 15) >= 15 * lines
