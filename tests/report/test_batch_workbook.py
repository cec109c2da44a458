"""batch.xlsx read back: its cells against the figures of each run; nothing in it runs."""

from __future__ import annotations

import dataclasses
import io
import math
import zipfile
from functools import partial

import pytest
from openpyxl.workbook import Workbook
from report.batch_worlds import NAMES, SCALES, WHY, batch, failed, hostile, losses, scenario
from report.workbook_worlds import NASTY, at_name, opened, table, texts

from riskengine.batches.outcome import MIXTURE, BatchOutcome
from riskengine.batches.view import BatchView
from riskengine.reports.batch.sentences import answer
from riskengine.reports.batch.workbook import batch_workbook

pytestmark = pytest.mark.whole

SHEETS = [
    "Summary", "Charts", "Mixture", "Figures", "VaR", "TVaR", "OEP", "Curves", "By industry",
    "By material", "Reference", "Last time", "Changed", "Inputs", "Failed", "Played", "About",
    "Checks",
]  # fmt: skip


@pytest.fixture(scope="module")
def outcome() -> BatchOutcome:
    made = batch()
    return dataclasses.replace(made, scenarios=(*made.scenarios, failed()))


@pytest.fixture(scope="module")
def data(outcome: BatchOutcome) -> bytes:
    return batch_workbook(outcome, [("riskengine", "0.9")])


@pytest.fixture(scope="module")
def book(data: bytes) -> Workbook:
    return opened(data)


same = partial(pytest.approx, rel=1e-15)  #: a workbook has 16 digits


def figure(outcome: BatchOutcome, name: str, measure: str, level: float | None = None):
    rows = outcome.mixture.figures if name == MIXTURE else next(
        each.figures for each in outcome.scenarios if each.name == name)  # fmt: skip
    return next(
        row
        for row in rows
        if (row.scope, row.component, row.measure, row.level) == ("total", "all", measure, level)
    )


def test_the_sheets_are_in_the_order_of_the_story(book: Workbook) -> None:
    assert book.sheetnames == SHEETS


def test_sheets_without_content_are_left_out() -> None:
    small = batch(mixture=None, previous=None, reference=None, against_reference=())
    names = opened(batch_workbook(small)).sheetnames
    assert not {"Mixture", "Reference", "Last time", "Changed", "Inputs", "Failed"} & set(names)


def test_the_first_sheet_says_the_answer_before_its_table(
    book: Workbook, outcome: BatchOutcome
) -> None:
    lines = texts(book["Summary"]).split("\n")
    told = answer(BatchView(outcome))
    assert lines[2 : 2 + len(told)] == told
    assert "•  Mind the gap." in lines
    assert set(SHEETS[1:]) <= set(lines)


def test_each_figure_and_each_end_of_an_interval_is_a_number_in_a_cell_of_its_own(
    book: Workbook, outcome: BatchOutcome
) -> None:
    rows = table(book["Summary"], "Scenarios")
    assert [row["Scenario"].value for row in rows] == [*NAMES, MIXTURE]
    for row in rows:
        name = row["Scenario"].value
        for heading, measure, level in (
            ("Mean loss", "mean", None),
            ("VaR 99 %", "var", 0.99),
            ("TVaR 99 %", "tvar", 0.99),
        ):
            expected = figure(outcome, name, measure, level)
            for part, end in (("", "value"), (", low", "lower"), (", high", "upper")):
                cell = row[f"{heading}{part} (USD million)"]
                assert cell.data_type == "n"
                assert cell.value == same(getattr(expected, end))
        assert row["Chance of any loss"].value == same(figure(outcome, name, "prob_loss").value)


def test_the_answer_is_within_twelve_columns_and_forty_rows(book: Workbook) -> None:
    for sheet in ("Summary", "Reference", "Last time", "By industry", "By material"):
        first = next(iter(book[sheet].tables.values())).ref
        letters = first.split(":")[1].rstrip("0123456789")
        assert len(letters) == 1
        assert letters <= "L"
        assert int(first.split(":")[0].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) < 40


def test_every_level_and_every_curve_has_its_figures(book: Workbook, outcome: BatchOutcome) -> None:
    for sheet, name, measure, words in (
        ("VaR", "VaRLevels", "var", "VaR"),
        ("TVaR", "TVaRLevels", "tvar", "TVaR"),
        ("OEP", "OEPLevels", "oep_var", "VaR {} of the largest spell (OEP)"),
    ):
        for row in table(book[sheet], name):
            for level in (0.9, 0.95, 0.99, 0.995):
                shown = f"{100 * level:g} %"
                heading = words.format(shown) if "{}" in words else f"{words} {shown}"
                expected = figure(outcome, row["Scenario"].value, measure, level)
                assert row[f"{heading} (USD million)"].value == same(expected.value)
                assert row[f"{heading}, high (USD million)"].value == same(expected.upper)
    points = table(book["Curves"], "Points")
    korea = next(each for each in outcome.scenarios if each.name == "korea")
    mine = [row["Loss (USD million)"].value for row in points if row["Scenario"].value == "korea"]
    assert mine == same([row.loss for row in korea.curves])


def test_a_mean_a_year_is_the_mean_over_the_years_of_the_horizon() -> None:
    long = scenario("long", losses(), None, horizon_days=730.0)
    made = batch(mixture=None, previous=None, against_reference=(), reference=None)
    made = dataclasses.replace(made, scenarios=(made.scenarios[0], long))
    book = opened(batch_workbook(made))
    rows = table(book["Figures"], "Figures")
    whole = [row["Mean loss (USD million)"].value for row in rows]
    yearly = [row["Mean loss a year (USD million)"].value for row in rows]
    assert yearly == same([whole[0], whole[1] / 2.0])
    # Where horizons differ, the first sheet shows means by year.
    summary = table(book["Summary"], "Scenarios")
    assert [row["Mean loss a year (USD million)"].value for row in summary] == same(yearly)


def test_parts_by_industry_and_material_are_those_of_the_runs_and_add_up(
    book: Workbook, outcome: BatchOutcome
) -> None:
    for scope, name in (("industry", "Industry"), ("material", "Material")):
        sheet = book[f"By {scope}"]
        for key, measure, level in (("Tail", "tvar", 0.99), ("Mean", "mean", None)):
            for row in table(sheet, f"{key}By{name}"):
                scenario_name = row.pop("Scenario").value
                total = figure(outcome, scenario_name, measure, level).value
                assert math.fsum(cell.value for cell in row.values()) == pytest.approx(total)
        every = table(sheet, "AllIndustries" if scope == "industry" else "AllMaterials")
        assert len(every) == 2 * (len(NAMES) + 1)
        found = {
            (row["Scenario"].value, row[name].value): row["Mean loss, low (USD million)"].value
            for row in every
        }
        for each in outcome.scenarios[:4]:
            for row in each.figures:
                if (row.scope, row.measure, row.component) == (scope, "mean", "all"):
                    assert found[each.name, row.name] == same(row.lower)


def test_changes_against_the_reference_are_those_of_the_scales(book: Workbook) -> None:
    """The scenarios are the first one times a number: 0.6, 1.9 and 1.2."""
    for row, scale in zip(table(book["Reference"], "ReferenceTVAR"), SCALES[1:], strict=True):
        for words in ("Mean", "TVaR 99 %"):
            first = row[f"{words}, reference (USD million)"].value
            change = row[f"{words}, change (USD million)"].value
            assert change == pytest.approx((scale - 1.0) * first, rel=1e-9)
            ends = [row[f"{words}, change, {end} (USD million)"].value for end in ("low", "high")]
            assert ends[0] < change < ends[1]
        assert row["Compared"].value == "trial by trial"
    relative = [
        row["TVaR 99 % against the reference"].value for row in table(book["Summary"], "Scenarios")
    ]
    assert relative[1:4] == pytest.approx([scale - 1.0 for scale in SCALES[1:]])


def test_last_time_stands_beside_now(book: Workbook) -> None:
    rows = table(book["Last time"], "LastTimeTVAR")
    assert [row["Scenario"].value for row in rows] == list(NAMES[:2])
    for row in rows:
        now = row["Mean, now (USD million)"].value
        assert row["Mean, last time (USD million)"].value == pytest.approx(0.9 * now)
        assert row["Mean, change (USD million)"].value == pytest.approx(0.1 * now)
    said = texts(book["Last time"])
    assert "2026-10-31" in said
    assert "Another version of riskengine made it." in said
    changed = table(book["Changed"], "ChangedValues")
    assert [(r["Scenario"].value, r["Change"].value) for r in changed] == [
        (NAMES[-1], "new scenario"),
        ("old-case", "no longer there"),
        ("korea", "changed"),
        ("more-stocks", "changed"),
    ]
    against = table(book["Inputs"], "InputsValues")
    assert [row["In the scenario"].value for row in against] == [90] * 3


def test_what_is_not_compared_says_why_in_its_own_row() -> None:
    made = batch()
    assert made.previous is not None
    compared = made.previous.comparisons
    apart = [
        dataclasses.replace(each, differences=(), pairing=None, why=f"Not compared: {why}.")
        for each, why in zip(compared, ("a", "b"), strict=True)
    ]
    for told in (apart, [compared[0], apart[1]]):
        previous = dataclasses.replace(made.previous, comparisons=tuple(told), mixture=())
        found = dataclasses.replace(made, previous=previous)
        rows = table(opened(batch_workbook(found))["Last time"], "LastTimeTVAR")
        assert [row["Compared"].value for row in rows] == [
            each.why or "trial by trial" for each in told
        ]
        said = [each for each in answer(BatchView(found)) if each.startswith("Not compared")]
        assert said == [
            f"Not compared with Month-end, October 2026: {each.scenario} ({why})."
            for each, why in zip(told, ("a", "b"), strict=True)
            if each.why
        ]


def test_a_failed_scenario_says_why_and_has_no_figures(book: Workbook) -> None:
    (row,) = table(book["Failed"], "Failed")
    assert row["Why"].value == WHY
    assert row["Scenario"].value == "broken"
    assert "broken" not in [r["Scenario"].value for r in table(book["VaR"], "VaRLevels")]
    played = table(book["Played"], "Played")
    assert [r["Status"].value for r in played] == ["played"] * 4 + ["failed"]


def test_names_for_formulas_of_others_stay(book: Workbook, outcome: BatchOutcome) -> None:
    for wish, name, measure, level in (
        ("Mean_korea", "korea", "mean", None),
        ("VaR99_korea", "korea", "var", 0.99),
        ("TVaR99_more_stocks", "more-stocks", "tvar", 0.99),
        ("TVaR995_long_ban", "long-ban", "tvar", 0.995),
        ("OEP99_korea", "korea", "oep_var", 0.99),
        ("TVaR99__mixture_", MIXTURE, "tvar", 0.99),
    ):
        assert at_name(book, wish) == same(figure(outcome, name, measure, level).value)


def test_charts_are_native_and_take_their_figures_from_cells(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        charts = [n for n in packed.namelist() if n.startswith("xl/charts/chart")]
        bars, curves = (packed.read(name).decode() for name in sorted(charts))
    assert "barChart" in bars
    assert bars.count("<c:ser>") == 2  # VaR and TVaR
    assert "scatterChart" in curves
    assert curves.count("<c:ser>") == len(NAMES) + 1
    assert "<c:logBase" in curves
    assert bars.count("'Charts'!") + bars.count("Charts!") >= 4


def test_every_check_is_fine_and_a_wrong_figure_is_seen_on_the_first_sheet(
    outcome: BatchOutcome,
) -> None:
    first = outcome.scenarios[0]
    wrong = tuple(
        dataclasses.replace(row, value=2.0 * row.value)
        if (row.scope, row.measure, row.component) == ("total", "mean", "all")
        else row
        for row in first.figures
    )
    off = (dataclasses.replace(first, figures=wrong), *outcome.scenarios[1:])
    for made, says, cases in (
        (outcome, "all fine", 0),
        (dataclasses.replace(outcome, scenarios=off), "SEE THE SHEET CHECKS", 3),
    ):
        book = opened(batch_workbook(made), values=True)
        assert says in texts(book["Summary"]).split("\n")
        found = [row["Cases wrong"].value for row in table(book["Checks"], "Checks")]
        assert sum(found) == cases


def test_the_same_batch_gives_the_same_bytes(outcome: BatchOutcome, data: bytes) -> None:
    assert batch_workbook(outcome, [("riskengine", "0.9")]) == data


def test_no_name_runs_or_damages_the_workbook() -> None:
    data = batch_workbook(hostile(NASTY))
    book = opened(data)
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    assert str(cell.value).startswith(("=IF(", "=SUM("))
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert packed.testzip() is None
        assert not [name for name in packed.namelist() if "vba" in name.lower()]
        links = "".join(packed.read(n).decode() for n in packed.namelist() if n.endswith(".rels"))
        assert "evil.example" not in links
    names = [row["Scenario"].value for row in table(book["VaR"], "VaRLevels")]
    assert names == [*NASTY[:4], MIXTURE]


def test_a_batch_of_which_everything_failed_still_says_so() -> None:
    made = BatchOutcome(title="t", money="", scenarios=(failed("a"), failed("b")))
    book = opened(batch_workbook(made))
    assert book.sheetnames == ["Summary", "Failed", "Played", "About", "Checks"]
    assert "2 scenarios failed and have no figures here: a and b." in texts(book["Summary"])
