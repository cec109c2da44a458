"""sweep.xlsx read back: what stands on which sheet for each method; nothing in it runs."""

from __future__ import annotations

import dataclasses
import io
import re
import zipfile

import pytest
from openpyxl.workbook import Workbook
from report.sweep_worlds import FORMULA, RATE, SCRIPT, SWEEPS, over, sweep, usual
from report.workbook_worlds import NASTY, links_inside, opened, table, texts

from riskengine.reports.sweep import workbook
from riskengine.reports.sweep.tables import sweep_tables
from riskengine.reports.sweep.workbook import sweep_workbook
from riskengine.sweeps.tables import SweepTables

pytestmark = pytest.mark.whole

SHEETS = {
    "one-at-a-time": {"Drivers", "Indices", "Lines"},
    "grid": {"Drivers", "Indices", "Lines", "Heat map"},
    "latin-hypercube": {"Drivers", "Indices", "Uncertainty"},
    "sobol": {"Drivers", "Indices", "Uncertainty"},
    "morris": {"Drivers", "Indices"},
}
ALWAYS = {"Summary", "Sweep", "Points", "Checks"}


@pytest.fixture(scope="module")
def worlds() -> dict[str, SweepTables]:
    return {method: usual(method) for method in SWEEPS}


@pytest.fixture(scope="module")
def books(worlds: dict[str, SweepTables]) -> dict[str, Workbook]:
    return {method: opened(sweep_workbook(tables)) for method, tables in worlds.items()}


@pytest.fixture(scope="module")
def nasty() -> bytes:
    path = ("industries", FORMULA, "combine")
    words = over(path, FORMULA, SCRIPT, "+1", name=f'"{FORMULA}".combine')
    rates = over(RATE, 0.1, 0.2)
    return sweep_workbook(
        sweep(
            "grid", parameters=(words, rates), industries=NASTY, title=FORMULA, money="=천 <b>!A1"
        )
    )


@pytest.mark.parametrize("method", SWEEPS)
def test_each_method_has_the_sheets_that_fit_it(books: dict[str, Workbook], method: str) -> None:
    names = books[method].sheetnames
    assert set(names) == ALWAYS | SHEETS[method]
    assert (names[0], names[1], names[-1]) == ("Summary", "Sweep", "Checks")


@pytest.mark.parametrize("method", SWEEPS)
def test_the_same_tables_give_the_same_bytes(worlds: dict[str, SweepTables], method: str) -> None:
    assert sweep_workbook(worlds[method]) == sweep_workbook(worlds[method])


@pytest.mark.parametrize("method", SWEEPS)
def test_every_check_is_fine(books: dict[str, Workbook], method: str) -> None:
    rows = table(books[method]["Checks"], "Checks")
    assert {row["Cases wrong"].value for row in rows} == {0}
    assert "all fine" in texts(books[method]["Summary"])


def test_a_check_that_fails_is_seen_on_the_first_sheet(worlds: dict[str, SweepTables]) -> None:
    good = worlds["one-at-a-time"]
    bad = dataclasses.replace(good.figures[40], difference=1e9)
    figures = (*good.figures[:40], bad, *good.figures[41:])
    data = sweep_workbook(dataclasses.replace(good, figures=figures))
    assert "SEE THE SHEET CHECKS" in texts(opened(data, values=True)["Summary"])


def test_the_tidy_table_holds_every_figure_as_a_number(
    worlds: dict[str, SweepTables], books: dict[str, Workbook]
) -> None:
    rows = table(books["grid"]["Sweep"], "Sweep")
    figures = worlds["grid"].figures
    for heading, field in (("Value", "value"), ("Difference from base", "difference")):
        exact = [getattr(figure, field) for figure in figures]
        # A cell holds 16 digits.
        assert [row[heading].value for row in rows] == pytest.approx(exact, rel=1e-15, abs=0.0)
    assert {row["Value"].data_type for row in rows} == {"n"}
    assert books["grid"]["Sweep"].tables["Sweep"].autoFilter is not None


def test_more_rows_than_excel_likes_are_cut_at_a_whole_point_and_said(
    worlds: dict[str, SweepTables], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 100)
    book = opened(sweep_workbook(worlds["grid"]))
    rows = table(book["Sweep"], "Sweep")
    assert {row["Point"].value for row in rows} == {0, 1, 2}
    assert "Only points 0 to 2 are shown here" in texts(book["Sweep"])


def test_points_have_their_settings_as_numbers_and_as_words(books: dict[str, Workbook]) -> None:
    rows = table(books["one-at-a-time"]["Points"], "Points")
    stock = [row["materials.gallium.stocks.public.days"].value for row in rows]
    assert stock[:6] == [60, 0, 30, 60, 120, 180]
    assert rows[-1]["industries.chips.combine"].value == "sum"


def test_a_failed_point_has_its_reason_and_no_figures() -> None:
    book = opened(sweep_workbook(sweep("one-at-a-time", failed={2})))
    row = table(book["Points"], "Points")[2]
    assert (row["Status"].value, row["Mean (USD million)"].value) == ("failed", None)
    assert row["Why it failed"].value == "trial 3 has a loss of nan"
    assert "Point 2 failed: trial 3" in texts(book["Summary"])


def test_charts_are_native(books: dict[str, Workbook]) -> None:
    counts = {
        method: {sheet.title: len(sheet._charts) for sheet in book if sheet._charts}
        for method, book in books.items()
    }
    assert counts == {
        "one-at-a-time": {"Drivers": 3, "Lines": 2},
        "grid": {"Drivers": 3, "Lines": 2},
        "latin-hypercube": {"Drivers": 3, "Uncertainty": 1},
        "sobol": {"Drivers": 3, "Uncertainty": 1},
        "morris": {"Drivers": 3},
    }


def test_a_tornado_goes_to_both_sides_of_the_base_case(books: dict[str, Workbook]) -> None:
    rows = table(books["one-at-a-time"]["Drivers"], "Drivers_mean")
    change = [
        (row["Least: change from base case (USD million)"].value,
         row["Most: change from base case (USD million)"].value)
        for row in rows
    ]  # fmt: skip
    assert all(least <= 0.0 <= most for least, most in change)
    assert [most - least for least, most in change] == pytest.approx(
        [row["Difference (USD million)"].value for row in rows]
    )


@pytest.mark.parametrize("method", SWEEPS)
def test_a_sheet_has_the_headings_of_the_screen(
    worlds: dict[str, SweepTables], books: dict[str, Workbook], method: str
) -> None:
    base, drivers, _ = sweep_tables(worlds[method])
    for sheet, key, shown in (("Summary", "BaseCase", base), ("Drivers", "Drivers_mean", drivers)):
        headings = {words.split(" (USD")[0] for words in table(books[method][sheet], key)[0]}
        # A sheet shows the two ends of a tornado as changes from the base case.
        assert {column.heading for column in shown.columns} - {"is"} <= headings


@pytest.mark.parametrize(("count", "more"), [(20, False), (21, True)])
def test_a_sheet_ranks_twenty_parameters_and_counts_the_others(count: int, more: bool) -> None:
    many = tuple(over(("materials", f"m{k}", "cut"), 0.1, 0.2) for k in range(count))
    sheet = opened(sweep_workbook(sweep("one-at-a-time", parameters=many)))["Drivers"]
    assert len(table(sheet, "Drivers_mean")) == 20
    assert ("1 more on the sheet Indices." in texts(sheet)) == more


def test_a_heat_map_has_a_scale_of_colours(books: dict[str, Workbook]) -> None:
    sheet = books["grid"]["Heat map"]
    scales = [rule for area in sheet.conditional_formatting for rule in area.rules]
    assert [rule.type for rule in scales] == ["colorScale"] * 3
    rows = table(sheet, "Heat_mean")
    assert rows[0]["0.3"].value == pytest.approx(600.0)


def test_bands_add_up_to_the_percentiles(
    worlds: dict[str, SweepTables], books: dict[str, Workbook]
) -> None:
    first = [cell.value for cell in table(books["sobol"]["Uncertainty"], "Bands")[0].values()]
    row = next(r for r in worlds["sobol"].uncertainty if r.measure == "mean")
    assert sum(first[1:]) == pytest.approx(row.p95)


@pytest.mark.parametrize("values", [False, True])
def test_hostile_names_come_back_as_the_same_text(nasty: bytes, values: bool) -> None:
    book = opened(nasty, values=values)
    cells = [row["Name"] for row in table(book["Sweep"], "Sweep") if row["Point"].value == 0]
    assert list(dict.fromkeys(cell.value for cell in cells if cell.value)) == list(NASTY)
    settings = {row[f"industries.{FORMULA}.combine"].value
                for row in table(book["Points"], "Points")}  # fmt: skip
    assert {FORMULA, SCRIPT, "+1"} <= settings
    formulas = {c.coordinate for sheet in book for row in sheet.iter_rows() for c in row
                if c.data_type == "f"}  # fmt: skip
    assert all(re.fullmatch("[BD][0-9]+", place) for place in formulas)  # the verdicts alone


def test_there_are_no_macros_and_no_links(nasty: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(nasty)) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            assert not re.search("vba|externalLink|activeX|embeddings", name)
            assert links_inside(content)
            assert not (name.endswith(".rels") and b"External" in content)


def test_a_long_name_has_a_row_as_high_as_it_is() -> None:
    long = "materials." + "yttrium-" * 20 + ".cut"
    parameters = (over(("materials", "a", "cut"), 0.1, 0.2, name=long), over(RATE, 0.1, 0.2))
    sheet = opened(sweep_workbook(sweep("one-at-a-time", parameters=parameters)))["Summary"]
    row = next(row for row in range(1, sheet.max_row) if sheet.cell(row, 1).value == long)
    lines = len(long) / sheet.column_dimensions["A"].width
    assert sheet.row_dimensions[row].height >= 15 * lines


def test_long_and_equal_headings_are_told_apart() -> None:
    long = "x" * 300
    first, second = (over(("materials", long + end, "cut"), 0.1, 0.2) for end in "ab")
    book = opened(sweep_workbook(sweep("one-at-a-time", parameters=(first, second))))
    headings = [key for key in table(book["Points"], "Points")[0] if key.startswith("materials")]
    assert len(set(headings)) == 2
    assert max(map(len, headings)) < 255
