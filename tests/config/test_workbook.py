"""Sheets of workbooks: the same scenario as CSV and TOML, typed cells, hostile archives."""

# ruff: noqa: E501

from __future__ import annotations

import contextlib
import datetime
import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from riskengine.config import load
from riskengine.errors import ConfigFault, Fault

FaultsOf = Callable[..., tuple[Fault, ...]]
Write = Callable[..., Path]
Rows = Sequence[Sequence[Any]]

SOURCES: Rows = [
    ["material", "country", "share", "boycott_cut", "note"],
    ["gallium", "Laos", 0.01, "{ uniform = { low = 0, high = 1 } }", "guess"],
    ["gallium", "Peru", 0.02, None, None],
]


def by_openpyxl(path: Path, rows: Rows) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Notes"
    sheet = book.create_sheet("S & T")
    for row in rows:
        sheet.append(row)
    book.save(path)


def by_xlsxwriter(path: Path, rows: Rows) -> None:
    book = xlsxwriter.Workbook(path)
    book.add_worksheet("Notes")
    sheet = book.add_worksheet("S & T")
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(number, column, cell)
            elif cell is not None:
                sheet.write_number(number, column, cell)
    book.close()


@pytest.fixture
def book(small: str, write: Write) -> Callable[..., Path]:
    """A config whose sources stand in a sheet with the given rows; returns its path."""

    def with_rows(rows: Rows, maker: Callable[[Path, Rows], None] = by_openpyxl) -> Path:
        path = write(f'{small}[tables]\nsources = "in.xlsx#S & T"\n')
        maker(path.parent / "in.xlsx", rows)
        return path

    return with_rows


@pytest.mark.parametrize("maker", [by_openpyxl, by_xlsxwriter])
def test_a_sheet_a_csv_file_and_toml_give_the_same_scenario(
    small: str, write: Write, book: Callable[..., Path], maker: Callable[[Path, Rows], None]
) -> None:
    sheet = load(book(SOURCES, maker))
    cells = [["" if cell is None else f'"{cell}"' for cell in row] for row in SOURCES]
    write("\n".join(",".join(row) for row in cells), "s.csv")
    csv = load(write(f'{small}[tables]\nsources = "s.csv"\n'))
    rows = (
        "[materials.gallium.sources]\n"
        'Laos = { share = 0.01, boycott_cut = { uniform = { low = 0, high = 1 } }, note = "guess" }\n'
        "Peru = { share = 0.02 }"
    )
    toml = load(write(small.replace("[materials.gallium.sources]", rows)))

    assert sheet.materials == csv.materials == toml.materials
    assert sheet.document == csv.document == toml.document


def test_the_first_sheet_is_read_when_none_is_named(small: str, write: Write) -> None:
    path = write(f'{small}[tables]\nsources = "in.xlsx"\n')
    opened = openpyxl.Workbook()
    assert opened.active is not None
    for row in SOURCES:
        opened.active.append(row)
    opened.create_sheet("Other")
    opened.save(path.parent / "in.xlsx")

    assert "Laos" in load(path).materials["gallium"].sources


def test_whole_numbers_in_a_text_column_are_exact_text(book: Callable[..., Path]) -> None:
    path = book([["material", "country", "share"], ["gallium", 123, 0.01]])

    assert next(iter(load(path).materials["gallium"].sources)) == "123"


CELLS = [
    ({"C2": True}, "C2", "is true"),
    ({"C2": datetime.date(2026, 3, 1)}, "C2", "date or time 2026-03-01"),
    ({"C2": datetime.time(3, 1)}, "C2", "date or time 03:01"),
    ({"C2": datetime.timedelta(days=3)}, "C2", "is the duration 3 days"),
    ({"C2": "#N/A"}, "C2", "spreadsheet error"),
    ({"B2": "#REF!"}, "B2", "spreadsheet error"),
    ({"C2": "=1+1"}, "C2", "without a stored value"),
    ({"C2": "1,5"}, "C2", "is the text"),
    ({"C2": 35}, "C2", "is 35"),
    ({"B2": 1.5}, "B2", "is 1.5, not a text"),
    ({"B2": 1e17}, "B2", "not a text"),
    ({"B2": True}, "B2", "is true, not a text"),
    ({"B2": datetime.date(2026, 3, 1)}, "B2", "not a text"),
    ({"B1": 5}, "B1", "is 5"),
    ({"F2": 5}, "F2", "without a header"),
    ({"A2": None}, "A2", "no name"),
]


@pytest.mark.parametrize(
    ("cells", "cell", "word"), CELLS, ids=[str(cells) for cells, _, _ in CELLS]
)
def test_a_slip_in_a_sheet_is_met_at_its_cell(
    book: Callable[..., Path], faults: FaultsOf, cells: dict[str, Any], cell: str, word: str
) -> None:
    path = book(SOURCES)
    opened = openpyxl.load_workbook(path.parent / "in.xlsx")
    for name, value in cells.items():
        opened["S & T"][name] = value
    opened.save(path.parent / "in.xlsx")

    met = [fault for fault in faults(path) if fault.cell == cell]

    assert met[0].place.endswith(f"in.xlsx#S & T!{cell}")
    assert word in met[0].found


def test_percent_cells_and_formulas_with_values_are_numbers(small: str, write: Write) -> None:
    path = write(f'{small}[tables]\nsources = "in.xlsx"\n')
    opened = xlsxwriter.Workbook(path.parent / "in.xlsx")
    sheet = opened.add_worksheet()
    sheet.write_row(0, 0, ["material", "country", "share", "boycott_cut"])
    sheet.write_row(1, 0, ["gallium", "Laos"])
    sheet.write_number(1, 2, 0.01, opened.add_format({"num_format": "0%"}))
    sheet.write_formula(1, 3, "=1/4", None, 0.25)
    opened.close()

    laos = load(path).materials["gallium"].sources["Laos"]

    assert (laos.share, laos.boycott_cut.parameters) == (0.01, (0.25,))


def test_formatted_empty_rows_are_passed_over(book: Callable[..., Path]) -> None:
    path = book(SOURCES)
    opened = openpyxl.load_workbook(path.parent / "in.xlsx")
    opened["S & T"]["Z1048576"].number_format = "0%"
    opened.save(path.parent / "in.xlsx")

    assert "Laos" in load(path).materials["gallium"].sources


def test_an_unknown_sheet_is_met_with_the_nearest(
    book: Callable[..., Path], faults: FaultsOf
) -> None:
    path = book(SOURCES)
    path.write_text(path.read_text().replace("#S & T", "#S and T"))

    fault = faults(path)[0]

    assert fault.found == 'there is no sheet "S and T"'
    assert fault.allowed == '"Notes", "S & T"'


def repacked(path: Path, change: Callable[[str, bytes], bytes]) -> None:
    """Write the workbook again with its parts changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, change(name, content))
    path.write_bytes(packed.getvalue())


def test_an_archive_that_lies_about_its_sizes_is_refused(
    book: Callable[..., Path], faults: FaultsOf
) -> None:
    path = book(SOURCES)
    file = path.parent / "in.xlsx"
    repacked(file, lambda name, content: content + b" " * 1_000_000)
    data = file.read_bytes()
    with zipfile.ZipFile(file) as archive:
        part = archive.getinfo("xl/worksheets/sheet2.xml")
    file.write_bytes(
        data.replace(part.file_size.to_bytes(4, "little"), (500).to_bytes(4, "little"))
    )

    assert "damaged" in faults(path)[0].found


def test_entities_are_refused(book: Callable[..., Path], faults: FaultsOf) -> None:
    path = book(SOURCES)
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>'
    repacked(path.parent / "in.xlsx", lambda name, content: bomb + content)

    assert "entities" in faults(path)[0].found


def test_a_stray_cell_at_the_end_of_the_sheet_is_met_at_its_cell(
    book: Callable[..., Path], faults: FaultsOf
) -> None:
    path = book(SOURCES)
    opened = openpyxl.load_workbook(path.parent / "in.xlsx")
    opened["S & T"]["XFD900000"] = 1
    opened.save(path.parent / "in.xlsx")

    met = {fault.cell: fault.found for fault in faults(path)}

    assert list(met) == ["A900000", "B900000", "XFD900000"]
    assert "without a header" in met["XFD900000"]


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"material,country\n", b"\xd0\xcf\x11\xe0"]
)
def test_a_file_that_is_no_workbook_is_refused(
    book: Callable[..., Path], faults: FaultsOf, content: bytes
) -> None:
    path = book(SOURCES)
    (path.parent / "in.xlsx").write_bytes(content)

    assert faults(path)[0].file.endswith("in.xlsx")


@pytest.mark.costly
def test_damage_anywhere_in_a_workbook_is_a_fault_or_harmless(
    book: Callable[..., Path], faults: FaultsOf
) -> None:
    path = book(SOURCES)
    file = path.parent / "in.xlsx"
    whole = file.read_bytes()
    for at in range(0, len(whole), max(1, len(whole) // 150)):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        with contextlib.suppress(ConfigFault):
            load(path)
