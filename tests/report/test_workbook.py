"""risk.xlsx read back: what stands where, under which name, and that nothing in it runs."""

from __future__ import annotations

import io
import json
import re
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from report.workbook_worlds import (
    NASTY,
    at_name,
    config,
    links_inside,
    made,
    opened,
    stored,
    table,
    texts,
)

from riskengine.config.sources.names import LONGEST_TEXT
from riskengine.figures.metrics import Figure
from riskengine.model.losses import Losses
from riskengine.reports.run.workbook import workbook
from riskengine.reports.tables.looks import TEXT
from riskengine.reports.tables.table import Table
from riskengine.reports.tables.table import text as text_column
from riskengine.reports.xlsx import book as workbook_page
from riskengine.reports.xlsx.book import Book, WorkbookFault
from riskengine.reports.xlsx.text import UniqueNames, one_line, storable
from riskengine.store.provenance import Provenance
from riskengine.store.results import StoredResults, load_results, save

pytestmark = pytest.mark.whole

SHEETS = [
    "Summary",
    "Distribution",
    "Industries",
    "Materials",
    "Exceedance",
    "Time to stop",
    "Drivers",
    "Worst trials",
    "Inputs",
    "Manifest",
]
PROVENANCE = Provenance(started="2026-01-08T09:30:00+00:00", seconds=1.0)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> StoredResults:
    return stored(tmp_path_factory.mktemp("plain") / "run", config())


@pytest.fixture(scope="module")
def data(results: StoredResults) -> bytes:
    return workbook(results)


@pytest.fixture(scope="module")
def book(data: bytes) -> Workbook:
    return opened(data)


@pytest.fixture(scope="module")
def nasty(tmp_path_factory: pytest.TempPathFactory) -> StoredResults:
    return stored(tmp_path_factory.mktemp("nasty") / "run", config(NASTY, money="=천 'USD' <b>!A1"))


@pytest.fixture(scope="module")
def nasty_data(nasty: StoredResults) -> bytes:
    return workbook(nasty)


def _figure(results: StoredResults, *key: Any) -> Figure:
    (found,) = (
        f for f in results.figures() if (f.scope, f.name, f.component, f.measure, f.level) == key
    )
    return found


def _parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


# What it is


def test_the_sheets_stand_in_reading_order(book: Workbook) -> None:
    assert book.sheetnames == SHEETS


def test_the_same_folder_gives_the_same_bytes(results: StoredResults, data: bytes) -> None:
    assert workbook(load_results(results.folder)) == data


def test_the_date_of_creation_is_that_of_the_run(
    make_losses: Callable[..., Losses], tmp_path: Path
) -> None:
    found = made(load_results(save(make_losses(), tmp_path / "run", PROVENANCE)))
    assert found.properties.created == datetime(2026, 1, 8, 9, 30)


def test_every_sheet_prints_one_page_wide_on_a4_and_keeps_its_title_in_sight(
    book: Workbook,
) -> None:
    for sheet in book:
        assert sheet.page_setup.paperSize == 9
        assert (sheet.page_setup.fitToWidth or 1) == 1
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.freeze_panes is not None
        assert sheet.print_area


def test_there_are_no_macros_links_or_parts_from_elsewhere(nasty_data: bytes) -> None:
    for name, content in _parts(nasty_data).items():
        assert not re.search("vba|externalLink|activeX|embeddings", name)
        if name.endswith(".rels"):
            assert b"External" not in content
        assert links_inside(content)


def test_every_part_is_well_formed_whatever_a_name_holds(
    renamed: Callable[[str], Losses], tmp_path: Path
) -> None:
    name = "\ta\x07\x0b<&>\"'\ufffe]]>\r\n"
    losses = renamed(name)  # no config can hold such a name, so it is not loaded from one
    folder = save(losses, tmp_path / "run", PROVENANCE)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    stored_run = StoredResults(folder, manifest, losses.scenario)
    for part, content in _parts(workbook(stored_run)).items():
        if not part.endswith("/"):
            ElementTree.fromstring(content)  # noqa: S314


def test_charts_are_native_and_stand_where_they_are_looked_for(book: Workbook) -> None:
    counts = {sheet.title: len(sheet._charts) for sheet in book if sheet._charts}
    assert counts == {
        "Distribution": 1,
        "Materials": 1,
        "Exceedance": 1,
        "Time to stop": 1,
        "Drivers": 2,
    }


# Text stays text


@pytest.mark.parametrize("values", [False, True])
def test_nasty_names_come_back_as_the_same_text(nasty_data: bytes, values: bool) -> None:
    sheet = opened(nasty_data, values=values)["Industries"]
    cells = [row["Industry"] for row in table(sheet, "Industries")]
    assert [cell.value for cell in cells] == list(NASTY)
    assert {cell.data_type for cell in cells} == {"s"}


def test_a_leading_tab_comes_back(renamed: Callable[[str], Losses], tmp_path: Path) -> None:
    found = made(load_results(save(renamed("\t=1+1"), tmp_path / "run", PROVENANCE)))
    assert table(found["Industries"], "Industries")[0]["Industry"].value == "\t=1+1"


def test_text_that_looks_like_an_escape_is_escaped(
    renamed: Callable[[str], Losses], tmp_path: Path
) -> None:
    data = workbook(load_results(save(renamed("_x0041_"), tmp_path / "run", PROVENANCE)))
    assert b"<t>_x005F_x0041_</t>" in _parts(data)["xl/sharedStrings.xml"]


def test_the_only_formulas_are_sums_and_their_checks(nasty_data: bytes) -> None:
    formulas = [
        cell.value
        for sheet in opened(nasty_data)
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]
    assert formulas
    for formula in formulas:
        assert re.match(r"=(SUM\(\$|IF\(A|'Summary'!\$)", formula), formula


def test_titles_and_notes_that_begin_like_formulas_are_text(nasty_data: bytes) -> None:
    book = opened(nasty_data)
    assert book["Summary"]["A1"].value == "=Two materials"
    assert book["Summary"]["A1"].data_type == "s"
    assert "=1+1, says the note" in texts(book["Inputs"])


# Tables and names


def test_every_table_has_unique_headings_that_are_its_header_cells(nasty_data: bytes) -> None:
    seen: set[str] = set()
    for sheet in opened(nasty_data):
        assert sheet.tables, sheet.title
        for found in sheet.tables.values():
            header = [cell.value for cell in sheet[found.ref][0]]
            columns = [column.name for column in found.tableColumns]
            assert header == columns
            assert len({heading.casefold() for heading in header}) == len(header)
            assert found.autoFilter is not None
            assert found.name.casefold() not in seen
            seen.add(found.name.casefold())


def test_names_of_tables_and_figures_are_unique_whatever_their_case(nasty_data: bytes) -> None:
    book = opened(nasty_data)
    names = [*book.defined_names, *(name for sheet in book for name in sheet.tables)]
    assert len({name.casefold() for name in names}) == len(names)


def test_defined_names_lead_to_the_figures_of_the_run(
    results: StoredResults, book: Workbook
) -> None:
    for name, key in {
        "VaR99_total": ("total", "", "all", "var", 0.99),
        "TVaR995_total": ("total", "", "all", "tvar", 0.995),
        "OEP95_total": ("total", "", "all", "oep_var", 0.95),
        "Mean_chips": ("industry", "chips", "all", "mean", None),
        "TVaR99_motors": ("industry", "motors", "all", "tvar", 0.99),
        "LossDays_chips": ("industry", "chips", "all", "loss_days", None),
        "MaterialMean_total": ("material", "total", "all", "mean", None),
        "IndustryPartOfTVaR99_chips": ("industry", "chips", "all", "contribution_tvar", 0.99),
    }.items():
        assert at_name(book, name) == pytest.approx(_figure(results, *key).value, rel=1e-15), name


def test_every_defined_name_is_listed_with_its_place(book: Workbook) -> None:
    rows = table(book["Manifest"], "DefinedNames")
    own = {name for name in book.defined_names if not name.startswith("_xlnm")}
    assert {row["Name"].value for row in rows} == own
    for row in rows:
        ((sheet, cell),) = book.defined_names[row["Name"].value].destinations
        assert row["Where"].value == f"'{sheet}'!{cell.replace('$', '')}"


def test_names_that_differ_in_case_or_width_only_are_told_apart() -> None:
    names = UniqueNames(["Headline"])
    wishes = ("Mean_chips", "mean_CHIPS", "Mean_ｃhips", "HEADLINE")
    found = [names.new(wish) for wish in wishes]
    assert found == ["Mean_chips", "mean_CHIPS_2", "Mean_ｃhips_3", "HEADLINE_2"]


def test_half_a_character_is_shown_by_its_number() -> None:
    assert storable("a\ud800\ufffe") == "a\\ud800\\ufffe"


@given(st.lists(st.text(max_size=300), max_size=6))
def test_any_text_gives_a_valid_name_of_its_own(wishes: list[str]) -> None:
    names = UniqueNames()
    found = [names.new(f"VaR99_{wish}") for wish in wishes]
    assert len({name.casefold() for name in found}) == len(found)
    for name in found:
        assert re.fullmatch(r"[^\W\d]\w*", name)
        assert len(name) <= 255
        assert not re.fullmatch(r"(?i)[a-z]{1,3}\d+|r\d*c\d*", name)


# Figures


def test_figures_are_stored_in_full_and_only_formatted(
    results: StoredResults, book: Workbook
) -> None:
    rows = {row["Figure"].value: row for row in table(book["Summary"], "Headline")}
    mean = _figure(results, "total", "", "all", "mean", None)
    cells = [rows["Mean loss"][heading] for heading in ("Value", "95 % low", "95 % high")]
    expected = [mean.value, mean.lower, mean.upper]
    assert [cell.value for cell in cells] == pytest.approx(expected, rel=1e-15)
    assert rows["Chance of any loss"]["Value"].number_format == "[<0.01]0.00%;0.0%"
    assert rows["VaR 99 %"]["Value"].number_format.startswith("#,##0")
    assert rows["VaR 99 %"]["Unit"].value == "USD million"


def test_headings_carry_the_units(book: Workbook) -> None:
    (chips, _) = table(book["Industries"], "Industries")
    assert "Mean loss (USD million)" in chips
    assert "Days with a loss, mean (days)" in chips
    assert chips["Days with a loss, mean (days)"].number_format == "#,##0.0"


def test_no_cell_holds_an_error_or_a_number_that_is_none(tmp_path: Path) -> None:
    few = stored(tmp_path / "run", config(trials=30))
    for sheet in made(few):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "e"
                assert str(cell.value).lower() not in ("nan", "inf", "-inf")


def test_empty_cells_are_explained_where_they_stand(tmp_path: Path) -> None:
    few = made(stored(tmp_path / "run", config(trials=30)))
    headline = {row["Figure"].value: row for row in table(few["Summary"], "Headline")}
    assert headline["VaR 99 %"]["95 % high"].value is None
    assert "Empty cells" in texts(few["Summary"])


def test_notices_stand_on_the_first_sheet(tmp_path: Path) -> None:
    few = stored(tmp_path / "run", config(trials=30))
    page = texts(made(few)["Summary"])
    assert few.notices()
    for notice in few.notices():
        assert notice.message in page


def test_sums_are_formulas_with_the_values_they_have(data: bytes) -> None:
    formulas, values = opened(data)["Drivers"], opened(data, values=True)["Drivers"]
    (row,) = (r[0].row for r in formulas.iter_rows() if r[0].value == "Check" and r[0].row < 12)
    for column in "BCDEF":
        assert formulas[f"{column}{row - 2}"].value.startswith("=SUM(")
        found, total = (values[f"{column}{row - k}"].value for k in (2, 1))
        assert found == pytest.approx(total, rel=1e-12)
        assert values[f"{column}{row}"].value == "adds up"
    assert "all add up" in texts(opened(data, values=True)["Summary"])


def test_a_sum_that_does_not_add_up_is_said_on_the_first_sheet(results: StoredResults) -> None:
    found = opened(workbook(_Tampered(results)), values=True)
    assert "DOES NOT ADD UP" in texts(found["Drivers"])
    assert "A SUM DOES NOT ADD UP" in texts(found["Summary"])


class _Tampered:
    """Results in which one contribution is not what it was."""

    def __init__(self, results: StoredResults):
        self._results = results

    def __getattr__(self, name: str) -> Any:
        return getattr(self._results, name)

    def figures(self) -> list[Figure]:
        rows = self._results.figures()
        index = next(k for k, f in enumerate(rows) if f.measure == "contribution_tvar")
        fields = {name: getattr(rows[index], name) for name in Figure.__slots__}
        rows[index] = Figure(**{**fields, "value": fields["value"] * 1.001})
        return rows


@pytest.mark.parametrize("name", ["<r></r>", "<r><b></r>", "<r>", "a\ufffeb"])
def test_no_text_damages_a_workbook_wherever_it_stands(name: str) -> None:
    book = Book(name, name, "2026-01-08T00:00:00+00:00")
    page = book.page("Names", (20, 20))
    page.title(name, name)
    page.paragraph_beside(name, name)
    page.table(Table(key="t", columns=[text_column("name", name, str)], rows=[name]))
    data = book.close()
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        for part in file.namelist():
            ElementTree.fromstring(file.read(part))  # noqa: S314 written a moment ago
    rows = opened(data)["Names"].iter_rows(values_only=True)
    cells = [cell for row in rows for cell in row if cell]
    assert len(cells) == 6
    assert cells.pop(4).strip() == one_line(name)
    assert set(cells) == {storable(name)}


# What does not fit


def test_more_rows_than_a_sheet_holds_are_refused_with_a_sentence(
    results: StoredResults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook_page, "MOST_ROWS", 45)
    with pytest.raises(WorkbookFault, match=r"the sheet \w+ would need \d+ rows, and a sheet of"):
        workbook(results)


@pytest.mark.parametrize("sign", ["x", "\U0001f600", "&", "\n", "<r>"])
def test_a_text_longer_than_a_cell_is_cut_and_says_so(sign: str, tmp_path: Path) -> None:
    book = Book("t", "a", "2026-01-08T00:00:00+00:00")
    page = book.page("Summary", (20, 20))
    page.put(3, 0, sign * LONGEST_TEXT + "y" * 5, TEXT)
    page.put(4, 0, "z" * LONGEST_TEXT, TEXT)
    page.gap(5)
    (tmp_path / "long.xlsx").write_bytes(book.close())

    sheet = load_workbook(tmp_path / "long.xlsx")["Summary"]

    length = LONGEST_TEXT * len(sign.encode("utf-16-le")) // 2 + 5
    found = sheet.cell(4, 1).value
    assert found.endswith(f"... ({length:,} characters, cut to fit a cell)")
    assert found.startswith(sign * 1000)
    # A pair of units is never cut in two, so that one may be missing.
    assert LONGEST_TEXT - 1 <= len(found.encode("utf-16-le")) // 2 <= LONGEST_TEXT
    assert sheet.cell(5, 1).value == "z" * LONGEST_TEXT
