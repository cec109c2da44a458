"""Two runs beside each other: the diff of their inputs, tables, workbook and page."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import openpyxl
import pytest
from figures.test_comparison import scaled
from report.comparison_worlds import INPUT, compared
from report.story_worlds import HOSTILE

from riskengine.config.differences import InputDifference
from riskengine.figures.comparison import Difference
from riskengine.model.losses import Losses
from riskengine.model.notices import Notice
from riskengine.reports.compare.files import comparison_page, comparison_workbook
from riskengine.reports.compare.tables import (
    Comparison,
    LabelledFigure,
    change_format,
    figures_table,
    ratio_text,
    shortened,
)
from riskengine.reports.run.stored import RunFacts
from riskengine.reports.screen import plain_text
from riskengine.reports.tables.changes import relative
from riskengine.reports.tables.looks import SHARE, money_look
from riskengine.store.sheets import to_csv

pytestmark = pytest.mark.whole


def change_text(found: Difference) -> str:
    """A difference as the tables show it."""
    return change_format(found).show(found.estimate)


@pytest.fixture
def comparison(make_losses: Callable[..., Losses]) -> Comparison:
    losses = make_losses(trials=2000)
    return compared(losses, scaled(losses, 0.75))


@pytest.fixture
def hostile(renamed: Callable[[str], Losses]) -> Comparison:
    losses = renamed(HOSTILE)
    facts = replace(RunFacts.of(losses), title=f"\u202e{HOSTILE}")
    return compared(
        losses,
        scaled(losses, 0.75),
        sources=(HOSTILE, HOSTILE),
        facts=(facts, facts),
        inputs=[InputDifference(path=HOSTILE, change="changed", a=HOSTILE, b="x" * 40_000)],
        notices=[Notice(code="x", message=HOSTILE)],
    )


# --- tables ---------------------------------------------------------------------------------------


def test_the_head_says_which_runs_these_are_and_that_they_are_paired(
    comparison: Comparison,
) -> None:
    lines = comparison.lines()
    assert lines[0].startswith("A: results/first (2,000 trials, seed 7, horizon 730 days;")
    assert lines[1].startswith("B: results/second (2,000 trials")
    assert lines[2].startswith("Paired by trial: both have seed 7 and the 2,000 trials 0 to 1,999")
    assert lines[3].endswith("the total losses have correlation 1.0000.")


def test_the_tables_show_inputs_total_industries_and_materials(comparison: Comparison) -> None:
    tables = comparison.tables()
    assert [table.key for table in tables] == ["Inputs", "total", "industry", "material"]
    text = plain_text(tables)
    assert "materials.gallium.coverage  changed  1  0.5" in text
    long = replace(INPUT, a="[1.5]", b=f'"{"x" * 60}"')
    (given,) = replace(comparison, inputs=[long]).tables()[0].shown()
    assert given[2:] == ["[1.5]", f'"{"x" * 40}...']
    assert [column.is_text for column in tables[0].columns] == [True] * 4
    mean = next(line.split() for line in text.splitlines() if line.lstrip().startswith("Mean  "))
    assert mean[-3:] == ["%", "25.0", "x"]
    assert mean[-4] == "-25.0"
    assert "[red]" not in text


@pytest.fixture
def difference(comparison: Comparison) -> Difference:
    return comparison.differences[0]


def test_a_difference_is_shown_with_sign_and_interval(difference: Difference) -> None:
    shown = replace(difference, a=8.0, difference=1.5, lower=-0.25, upper=3.25)
    assert change_text(shown) == "+1.50 (-0.250 to +3.25)"
    assert change_text(replace(shown, difference=0.005)) == "+0.00500 (-0.250 to +3.25)"
    assert relative(shown) == 0.1875
    assert figures_table("x", "x", "x", [LabelledFigure("x", shown)]).shown()[0][4] == "+18.8 %"


def test_a_difference_of_chances_is_in_percentage_points(difference: Difference) -> None:
    shown = replace(difference, unit="probability", difference=-0.02, lower=-0.03, upper=-0.01)
    assert change_text(shown) == "-2.00 pp (-3.00 to -1.00)"


def test_what_does_not_exist_is_never_shown_as_a_number(difference: Difference) -> None:
    nan = math.nan
    without = replace(difference, difference=nan, lower=nan, upper=nan)
    assert change_text(replace(without, a=nan)) == "only in B"
    assert change_text(replace(without, b=nan)) == "only in A"
    assert change_text(replace(without, a=1.0, b=2.0)) == "-"
    assert change_text(replace(difference, lower=nan, upper=nan, difference=2.0)) == "+2.00"
    assert relative(replace(difference, a=0.0)) is None
    assert [ratio_text(ratio) for ratio in (nan, math.inf, 2.5)] == ["-", "exact", "2.50 x"]


def test_parts_have_the_differences_of_their_own_figures(comparison: Comparison) -> None:
    found = {
        (d.scope, d.name, d.measure, d.level): d
        for d in comparison.differences
        if d.component == "all"
    }
    measures = {
        "industry": ["loss_days"],
        "material": ["cut_days", "cut_weighted_days", "shortage_days"],
    }
    for table in comparison.tables()[2:]:
        names = list(dict.fromkeys(name for scope, name, *_ in found if scope == table.key))
        rows = table.shown()
        assert [row[0] for row in rows] == names
        for name, *cells in rows:
            keys = [("mean", None), ("tvar", 0.99), *((m, None) for m in measures[table.key])]
            figures = [found[table.key, name, *key] for key in keys]
            assert cells[:-1] == [change_text(figure) for figure in figures]
            assert cells[-1] == "-25.0 %"  # every loss is three quarters of the first


def test_a_part_that_one_run_lacks_is_said_to_be_in_the_other_alone(
    comparison: Comparison,
) -> None:
    nan = math.nan
    here = replace(comparison.differences[0], scope="industry", name="new", measure="mean")
    alone = replace(here, a=nan, difference=nan, lower=nan, upper=nan)
    made = replace(comparison, differences=[alone, *comparison.differences])
    (row,) = (row for row in made.tables()[2].shown() if row[0] == "new")
    assert row[1:] == ["only in B", "-", "-", "-"]


def test_a_value_that_just_fits_into_a_table_is_whole() -> None:
    assert shortened("x" * 44) == "x" * 44
    assert shortened("x" * 45) == "x" * 41 + "..."


# --- files ----------------------------------------------------------------------------------------


def test_the_workbook_holds_every_figure_to_the_last_digit(comparison: Comparison) -> None:
    book = openpyxl.load_workbook(io.BytesIO(comparison_workbook(comparison)))
    assert book.sheetnames == ["Summary", "Figures", "Inputs"]
    rows = list(book["Figures"].iter_rows(min_row=4, values_only=True))
    assert rows.pop()[0].startswith("Empty cells: ")
    assert len(rows) == len(comparison.differences)
    for row, figure in zip(rows, comparison.differences, strict=True):
        assert row[3] == figure.measure
        assert row[8] == pytest.approx(figure.difference, rel=1e-15)
        assert (row[9] is None) == math.isnan(figure.lower)
    assert [cell.value for cell in book["Inputs"][4]] == [INPUT.path, INPUT.change, 1, 0.5]


def test_the_summary_holds_figures_and_intervals_as_numbers_in_columns(
    comparison: Comparison,
) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(comparison_workbook(comparison)))["Summary"]
    rows = {row[0]: row[1:] for row in sheet.iter_rows(values_only=True)}
    assert rows["Figure"][:5] == ("A", "B", "B - A", "B - A, low", "B - A, high")
    tvar = next(
        d for d in comparison.differences if (d.scope, d.measure, d.level) == ("total", "tvar", 0.9)
    )
    assert rows["TVaR 90 %"][:5] == pytest.approx(
        (tvar.a, tvar.b, tvar.difference, tvar.lower, tvar.upper), rel=1e-15
    )
    # The other run loses three quarters of the first in every trial.
    assert rows["Mean"][5] == pytest.approx(-0.25)
    assert rows["Chance of any loss"][2] == 0
    assert rows["chips"][1] == pytest.approx(0.75 * rows["chips"][0])


def test_money_and_chances_have_the_number_formats_of_their_size(comparison: Comparison) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(comparison_workbook(comparison)))["Summary"]
    formats = {row[0].value: [cell.number_format for cell in row[1:7]] for row in sheet.iter_rows()}
    largest = max(d.figure.a for d in comparison.headline() if d.figure.unit == comparison.money)
    in_money = money_look(largest).number_format
    assert formats["Mean"] == [in_money] * 5 + ['+0.0%;-0.0%;"-"']
    share, change = SHARE.number_format, "+0.00%;-0.00%;0%"
    assert formats["Chance of any loss"][:5] == [share, share, change, change, change]


def test_the_summary_draws_the_losses_of_both_runs(comparison: Comparison) -> None:
    data = comparison_workbook(comparison)
    sheet = openpyxl.load_workbook(io.BytesIO(data))["Summary"]
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        drawn = file.read("xl/charts/chart1.xml").decode()
    labels = [row[0].value for row in sheet.iter_rows()]
    first = labels.index("Figure") + 2
    last = labels.index("OEP VaR 99.5 %") + 1
    assert first == labels.index("Mean") + 1
    for column in "BC":
        assert f"<c:f>'Summary'!${column}${first}:${column}${last}</c:f>" in drawn


@pytest.mark.parametrize("name", ["<r>", "<r><t>x</t></r>", "<r>\x07</r>", "a" * 40_000])
def test_no_name_damages_the_workbook(comparison: Comparison, name: str) -> None:
    facts = tuple(replace(each, title=name[:9_000]) for each in comparison.facts)
    inputs = [InputDifference(path=name[:9_000], change="changed", a=name, b=name)]
    differences = [replace(d, name=d.name and name[:9_000]) for d in comparison.differences]
    made = replace(comparison, facts=facts, inputs=inputs, differences=differences)
    data = comparison_workbook(made)
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        for part in file.namelist():
            ElementTree.fromstring(file.read(part))  # noqa: S314 written a moment ago
    book = openpyxl.load_workbook(io.BytesIO(data))
    stored = {row[1] for row in book["Figures"].iter_rows(min_row=4, values_only=True)}
    assert stored == {None, name[:9_000].replace("\x07", "_x0007_")}


def test_the_same_comparison_gives_the_same_bytes(comparison: Comparison) -> None:
    first, second = comparison_workbook(comparison), comparison_workbook(comparison)
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as file:
        assert {info.date_time[0] for info in file.infolist()} == {1980}
    assert openpyxl.load_workbook(io.BytesIO(first)).properties.created.year == 2000
    assert comparison_page(comparison) == comparison_page(comparison)


def test_no_text_in_the_workbook_becomes_a_formula_or_a_link(hostile: Comparison) -> None:
    book = openpyxl.load_workbook(io.BytesIO(comparison_workbook(hostile)))
    for sheet in book:
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            assert cell.data_type in ("s", "n")
            assert not cell.hyperlink or cell.value in book.sheetnames
    assert book["Figures"]["B33"].value is not None
    assert book["Inputs"]["C4"].value == HOSTILE
    assert "(40,000 characters, cut to fit a cell)" in book["Inputs"]["D4"].value


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)
        assert not any(name.startswith("on") or name in ("src", "href") for name, _ in attrs)


def test_the_page_is_self_contained_and_names_add_no_elements(
    comparison: Comparison, hostile: Comparison
) -> None:
    pages = [comparison_page(each) for each in (comparison, hostile)]
    for page in pages:
        elements = Elements()
        elements.feed(page)
        assert not {"script", "img", "link", "iframe"} & set(elements.found)
        assert "http" not in page.replace("http-equiv", "")
    assert "\u202e" not in pages[1]
    assert "&lt;script&gt;" in pages[1]


def test_names_in_the_csv_are_not_run_by_a_spreadsheet(hostile: Comparison) -> None:
    text = to_csv(Difference, hostile.differences).decode()
    assert text.splitlines()[0] == (
        "scope,name,component,measure,level,a,b,difference,lower,upper,variance_ratio,pairing,unit"
    )
    assert ",\"'=1+1" in text
    assert ",=1+1" not in text
