"""mitigation.xlsx read back: what stands on which sheet; nothing in it runs."""

from __future__ import annotations

import dataclasses
import io
import re
import zipfile

import pytest
from openpyxl.workbook import Workbook
from report.mitigation_worlds import (
    COSTS,
    FINALISTS,
    FRONTIER,
    INFORMATION,
    choice,
    hostile,
    option,
    study,
    without_worlds,
)
from report.workbook_worlds import NASTY, links_inside, opened, table, texts

from riskengine.mitigation.tables import MitigationTables
from riskengine.reports.mitigation.sentences import UNSAID, answer
from riskengine.reports.mitigation.workbook import mitigation_workbook

pytestmark = pytest.mark.whole

ALWAYS = ["Summary", "Frontier", "Options", "Synergy"]


@pytest.fixture(scope="module")
def book() -> Workbook:
    return opened(mitigation_workbook(study()))


@pytest.fixture(scope="module")
def nasty() -> bytes:
    return mitigation_workbook(hostile(NASTY))


def numbers(book: Workbook, sheet: str, name: str, heading: str) -> list[object]:
    cells = [row[heading] for row in table(book[sheet], name)]
    assert {cell.data_type for cell in cells} == {"n"}
    return [cell.value for cell in cells]


def test_sheets_of_worlds_are_there_only_with_worlds(book: Workbook) -> None:
    assert book.sheetnames == [*ALWAYS, "Regret", "Information", "Beneficiaries", "About", "Checks"]
    others = opened(mitigation_workbook(without_worlds(beneficiaries=()))).sheetnames
    assert others == [*ALWAYS, "About", "Checks"]


def test_the_first_sheet_says_the_answer_in_sentences(book: Workbook) -> None:
    lines = texts(book["Summary"]).split("\n")
    told = answer(study())
    assert lines[lines.index("What to buy") + 1 :][: len(told)] == told
    assert {f"•  {words}" for words in UNSAID} <= set(lines)
    assert "•  Two costs are assumptions." in lines
    others = lines[lines.index("What is on the other sheets") + 1 :]
    assert others[: 2 * len(book.sheetnames) - 2 : 2] == book.sheetnames[1:]
    assert "Checks of the tables:" in lines


def test_every_check_is_fine_and_one_that_fails_is_seen_on_the_first_sheet() -> None:
    fine, wrong = study(), study(frontier=(dataclasses.replace(FRONTIER[1], cost=101.0),))
    for tables, says in ((fine, "all fine"), (wrong, "SEE THE SHEET CHECKS")):
        book = opened(mitigation_workbook(tables), values=True)
        assert says in texts(book["Summary"]).split("\n")
        cases = [row["Cases wrong"].value for row in table(book["Checks"], "Checks")]
        assert sum(cases) == (0 if tables is fine else 1)


def test_the_first_cell_is_the_title_or_the_name_of_the_config() -> None:
    for title, shown in (("A study", "A study"), ("", "mitigation-korea.toml")):
        book = opened(mitigation_workbook(study(title=title)))
        assert (book["Summary"]["A1"].value, book.properties.title) == (shown, shown)


def test_a_study_without_notices_has_nothing_to_note() -> None:
    book = opened(mitigation_workbook(study(notices=())))
    assert "There is nothing to note." in texts(book["Summary"]).split("\n")


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Budget (USD million)", "budget"),
        ("Cost (USD million)", "cost"),
        ("TVaR 99 % (USD million)", "value"),
        ("TVaR 99 %, low (USD million)", "lower"),
        ("TVaR 99 %, high (USD million)", "upper"),
        ("Change from nothing (USD million)", "difference"),
        ("Change from nothing, low (USD million)", "difference_lower"),
        ("Change from nothing, high (USD million)", "difference_upper"),
    ],
)
@pytest.mark.parametrize(("sheet", "name"), [("Frontier", "Frontier"), ("Summary", "Choices")])
def test_the_frontier_holds_numbers(
    book: Workbook, sheet: str, name: str, heading: str, field: str
) -> None:
    exact = [getattr(row, field) for row in FRONTIER]
    assert numbers(book, sheet, name, heading) == pytest.approx(exact, rel=1e-15, abs=0.0)


def test_the_second_best_has_its_figures(book: Workbook) -> None:
    rows = table(book["Frontier"], "Rivals")
    assert [row["Next best"].value for row in rows] == [row.rival for row in FRONTIER]
    assert [row["Next best is better"].value for row in rows] == [None, 0.002, 0.03, 0.0]
    less = [row["Next best less this, low (USD million)"].value for row in rows]
    assert less == [0.0, 120.0, -60.0, 610.0]


def test_options_hold_numbers_and_words(book: Workbook) -> None:
    options = study().options
    assert numbers(book, "Options", "Options", "First in (USD million)") == pytest.approx(
        [row.first_in for row in options]
    )
    assert numbers(book, "Options", "Options", "Last in, high (USD million)") == pytest.approx(
        [row.last_in_upper for row in options]
    )
    assert numbers(book, "Options", "Costs", "Up front (USD million)") == [
        row.upfront for row in options
    ]
    assert numbers(book, "Options", "Costs", "Worlds that buy it") == [0.62, 0.62, 0.62, 0.62, 0.0]
    remarks = [row["Remark"].value for row in table(book["Options"], "Costs")]
    assert remarks == [None, None, None, None, "does nothing"]
    assert "it counts the mean of a year once for each" in texts(book["Options"])


def test_the_heat_map_has_a_scale_with_its_middle_at_zero(book: Workbook) -> None:
    (area,) = book["Synergy"].conditional_formatting
    assert (book["Synergy"].tables["Synergies"].ref, str(area.sqref)) == ("A5:F10", "B6:F10")
    (rule,) = area.rules
    ends = [(end.type, float(end.val)) for end in rule.colorScale.cfvo]
    assert ends == [("num", -2_200.0), ("num", 0.0), ("num", 2_200.0)]
    colours = [colour.rgb for colour in rule.colorScale.color]
    assert colours == ["FF56B4E9", "FFFFFFFF", "FFE69F00"]
    rows = {row["Option"].value: row for row in table(book["Synergy"], "Synergies")}
    assert list(rows) == list(COSTS)
    assert rows["magnets"]["plant"].value == -1_700.0
    assert rows["gallium"]["gallium"].value is None
    pairs = table(book["Synergy"], "Pairs")
    assert [row["Synergy, high (USD million)"].value for row in pairs[:2]] == [2_380.0, -1_520.0]


def test_a_heat_map_without_any_synergy_is_white() -> None:
    flat = tuple(dataclasses.replace(row, synergy=0.0) for row in study().interactions)
    book = opened(mitigation_workbook(study(interactions=flat)))
    (area,) = book["Synergy"].conditional_formatting
    assert [float(end.val) for end in area.rules[0].colorScale.cfvo] == [-1.0, 0.0, 1.0]


def test_regret_knowledge_and_beneficiaries_hold_numbers(book: Workbook) -> None:
    largest = numbers(book, "Regret", "Regret", "Largest (USD million)")
    assert largest == [row.regret_largest for row in FINALISTS]
    worth = numbers(book, "Information", "Information", "Lowers TVaR 99 % by (USD million)")
    assert worth == [row.value for row in INFORMATION]
    below = [row["Below"].value for row in table(book["Information"], "Information")]
    assert below == [None, None, None, None, 0.07]
    assert "would be worth 61.0 of TVaR 99 %" in texts(book["Information"])
    mean = numbers(book, "Beneficiaries", "Beneficiaries", "Change of the mean (USD million)")
    assert mean == [row.mean for row in study().beneficiaries]


def test_charts_are_native_and_take_their_figures_from_the_tables(book: Workbook) -> None:
    charts = {sheet.title: sheet._charts for sheet in book if sheet._charts}
    assert {name: len(found) for name, found in charts.items()} == {"Frontier": 1, "Options": 1}
    (frontier,), (options,) = charts["Frontier"], charts["Options"]
    assert [series.xVal.numRef.f for series in frontier.series] == ["'Frontier'!$D$5:$D$8"] * 3
    assert [series.yVal.numRef.f for series in frontier.series] == [
        f"'Frontier'!${letter}$5:${letter}$8" for letter in "HIJ"
    ]
    assert [series.val.numRef.f for series in options.series] == [
        f"'Options'!${letter}$5:${letter}$9" for letter in "CFI"
    ]
    head = [cell.value for cell in book["Options"][4]]
    assert [head[2], head[5], head[8]] == [
        "First in (USD million)", "Last in (USD million)", "Shapley (USD million)"
    ]  # fmt: skip
    head = [cell.value for cell in book["Frontier"][4]]
    assert [head[3], head[7]] == ["Cost (USD million)", "Change from nothing (USD million)"]


@pytest.mark.parametrize("count", [20, 21])
def test_of_very_many_options_the_most_useful_are_drawn(count: int) -> None:
    options = tuple(option("plant", option=f"o{k}", shapley=-float(k)) for k in range(count))
    sheet = opened(mitigation_workbook(without_worlds(options=options, interactions=())))["Options"]
    assert ("Strongest" in sheet.tables) == (count > 20)
    name = "Strongest" if count > 20 else "Options"
    first, last = (int(end.lstrip("AFGHIJKLMN")) for end in sheet.tables[name].ref.split(":"))
    (chart,) = sheet._charts
    places = {series.val.numRef.f.replace("$", "").partition("!")[2] for series in chart.series}
    assert {tuple(re.findall("[0-9]+", place)) for place in places} == {(str(first + 1), str(last))}
    if count > 20:
        assert [row["Option"].value for row in table(sheet, name)][::19] == ["o20", "o1"]


def test_the_same_tables_give_the_same_bytes() -> None:
    assert mitigation_workbook(study()) == mitigation_workbook(study())


def test_the_standard_error_of_a_shapley_value_is_beside_it() -> None:
    options = (option("magnets", shapley_error=31.0), option("plant"))
    book = opened(mitigation_workbook(study(options=options, interactions=())))
    errors = numbers(book, "Options", "Options", "Shapley, standard error (USD million)")
    assert errors == [31.0, 0.0]


def test_a_budget_whose_limits_nothing_keeps_is_a_row_with_blanks() -> None:
    nan = float("nan")
    fields = ("cost", "value", "lower", "upper", "difference", "difference_lower",
              "difference_upper", "in_sample", "mean", "tvar")  # fmt: skip
    row = choice(10.0, (), portfolio="", **dict.fromkeys(fields, nan))
    book = opened(mitigation_workbook(without_worlds(frontier=(row, *FRONTIER[1:]))))
    cells = table(book["Frontier"], "Frontier")[0]
    assert cells["Buy"].value == "no portfolio"
    assert cells["Cost (USD million)"].value is None


@pytest.mark.parametrize("values", [False, True])
def test_hostile_names_come_back_as_the_same_text(nasty: bytes, values: bool) -> None:
    book = opened(nasty, values=values)
    assert [row["Option"].value for row in table(book["Options"], "Options")] == list(NASTY)
    firsts = {row["One"].value for row in table(book["Synergy"], "Pairs")}
    assert firsts <= set(NASTY)
    assert {row["Kind"].value for row in table(book["Options"], "Costs")} == {NASTY[0]}
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


@pytest.mark.parametrize(
    "tables",
    [
        without_worlds(frontier=FRONTIER[1:2], options=study().options[:1], interactions=()),
        without_worlds(measure="prob_loss", level=None),
        study(interactions=study().interactions[:1]),
    ],
)
def test_small_and_other_studies_can_be_written(tables: MitigationTables) -> None:
    assert opened(mitigation_workbook(tables)).sheetnames[0] == "Summary"


@pytest.mark.parametrize("name", ["Frontier", "Options"])
def test_no_chart_covers_a_table(name: str) -> None:
    sheet = opened(mitigation_workbook(study()))[name]
    (chart,) = sheet._charts
    first, last = chart.anchor._from.row + 1, chart.anchor.to.row + 1
    assert last - first > 15
    covered = [cell.value for row in sheet.iter_rows(first, last) for cell in row if cell.value]
    assert covered == []
