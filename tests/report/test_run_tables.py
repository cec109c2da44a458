"""A table of a run is one definition: screen, page and workbook show the same figures of it."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from report.workbook_worlds import config, made, stored, table

from riskengine.measures.estimate import UNKNOWN, Estimate
from riskengine.model.statuses import input_tables
from riskengine.reports.html.parts import table_html
from riskengine.reports.run.inputs import in_short, resting_table, resting_words, status_table
from riskengine.reports.run.page import report_page
from riskengine.reports.run.stored import RunFigures, StoredRun
from riskengine.reports.run.tables import exceedance_table, headline, parts, total
from riskengine.reports.run.total import exceeded_losses
from riskengine.reports.screen import plain_text
from riskengine.reports.tables.formats import SHARE
from riskengine.reports.tables.numbers import Money
from riskengine.reports.tables.table import Table, estimate, number, text
from riskengine.reports.xlsx.table import laid_out
from riskengine.store.results import StoredResults

pytestmark = pytest.mark.whole

DAYS = Table(
    key="days",
    columns=[
        text("name", "Name", lambda row: row[0]),
        estimate("days", "Days", lambda row: row[1], long="Days lost", unit="days", name="Days"),
        number("share", "Share", lambda row: row[2], SHARE, name="Share"),
    ],
    rows=[("gallium", Estimate(10.0, 8.0, 12.0), 0.25), ("tungsten", UNKNOWN, float("nan"))],
)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> StoredResults:
    return stored(tmp_path_factory.mktemp("tables") / "run", config())


@pytest.fixture(scope="module")
def run(results: StoredResults) -> StoredRun:
    return StoredRun(results)


def test_a_place_chooses_columns_and_their_order() -> None:
    chosen = DAYS.only("share", "name", key="other")
    assert (chosen.key, chosen.texts()) == ("other", [["25.0 %", "gallium"], ["-", "tungsten"]])
    assert DAYS.only("name").key == "days"
    with pytest.raises(KeyError):
        DAYS.only("neme")


def test_a_figure_may_stand_without_its_interval_without_its_name_under_other_words() -> None:
    assert DAYS.texts()[0][1] == "10.0 (8.00 to 12.0)"
    alone = DAYS.alone("days").headed({"days": "Days, mean"})
    assert alone.texts() == [["gallium", "10.0", "25.0 %"], ["tungsten", "-", "-"]]
    assert [column.heading for column in alone.columns] == ["Name", "Days, mean", "Share"]
    assert [column.name for column in DAYS.unnamed("days").columns] == ["", "", "Share"]


def test_a_sheet_has_the_long_heading_and_the_ends_beside_the_figure() -> None:
    sheet = laid_out(DAYS)
    assert [column.heading for column in sheet.columns] == [
        "Name", "Days lost (days)", "Days lost, low (days)", "Days lost, high (days)", "Share",
    ]  # fmt: skip
    assert [column.value(DAYS.rows[0]) for column in sheet.columns] == [
        "gallium", 10.0, 8.0, 12.0, 0.25,
    ]  # fmt: skip
    assert [column.name for column in sheet.columns] == ["", "Days", "", "", "Share"]


@pytest.mark.parametrize("scope", ["industry", "material"])
def test_screen_page_and_sheet_show_the_stored_figures(
    results: StoredResults, run: StoredRun, scope: str
) -> None:
    """`metrics.csv` is what the engine computed; each place has to show that."""
    mean = {f.name: f for f in results.figures() if (f.scope, f.measure) == (scope, "mean")
            and f.component == "all"}  # fmt: skip
    chosen = parts(run, scope).only("name", "mean")
    book = made(results)
    key, heading = {
        "industry": ("Industries", "Mean loss (USD million)"),
        "material": ("Materials", "Mean attributed loss (USD million)"),
    }[scope]
    sheet = {row[scope.capitalize()].value: row[heading].value for row in table(book[key], key)}
    for name, figure in mean.items():
        assert sheet[name] == pytest.approx(figure.value, rel=1e-15)
        shown = re.escape(chosen.columns[1].format.show(Estimate(*_ends(figure))))
        assert re.search(rf"{re.escape(name)} +{shown}", plain_text([chosen]))
        assert re.search(
            rf"{re.escape(name)}</bdi>.*?<bdi>{shown}</bdi>", unescape(table_html(chosen))
        )


def _ends(figure: object) -> tuple[float, float, float]:
    return tuple(getattr(figure, name) for name in ("value", "lower", "upper"))  # type: ignore[return-value]


def test_parts_add_up_to_the_total_and_shares_to_one(run: StoredRun) -> None:
    for scope in ("industry", "material"):
        for level in run.confidence:
            found = [run.part(scope, name, "tvar", level) for name in run.names(scope)]
            assert sum(found) == pytest.approx(run.total("tvar", level).value, rel=1e-9)
        assert sum(run.tail_share(scope, name) for name in run.names(scope)) == pytest.approx(1.0)
        assert run.ranked(scope) == sorted(
            run.names(scope), key=lambda name: run.tail_part(scope, name), reverse=True
        )


def test_the_total_has_a_row_for_every_stored_figure_of_it(
    results: StoredResults, run: StoredRun
) -> None:
    stored_figures = {
        (f.measure, f.level): f.value
        for f in results.figures()
        if (f.scope, f.component) == ("total", "all")
    }
    rows = total(run).rows
    assert {(r.measure.name, r.level): r.estimate.value for r in rows} == stored_figures
    shown = headline(run)[0]
    assert all(row.level is None or row.measure.name == "prob_above" for row in shown.rows)


def test_curves_stand_beside_each_other_in_the_unit_of_the_place(
    results: StoredResults, run: StoredRun
) -> None:
    in_thousandths = exceedance_table(run, run.curves, Money("USD billion", 1000.0))
    cells = {row[0]: row for row in in_thousandths.cells()}
    points = [row for row in results.curves() if row.scope == "total"]
    assert {point.type for point in points} == {"AEP", "OEP"}
    for point in points:
        years, probability, *losses = cells[point.return_period]
        loss = losses[("AEP", "OEP").index(point.type)]
        assert isinstance(loss, Estimate)
        assert (years, probability) == (point.return_period, point.probability)
        assert loss.value == pytest.approx(point.loss / 1000.0, rel=1e-15)


def test_without_rows_the_curve_is_the_stored_one_and_the_levels(results: StoredResults) -> None:
    manifest = {**results.manifest, "keep": "tail"}
    found = dict(exceeded_losses(StoredRun(replace(results, manifest=manifest))))
    curve = {
        row.probability: row.loss
        for row in results.curves()
        if (row.scope, row.type) == ("total", "AEP")
    }
    levels = {
        1.0 - f.level: f.value
        for f in results.figures()
        if f.scope == "total" and f.measure == "var" and f.level is not None
    }
    assert {p: loss.value for p, loss in found.items()} == curve | levels


def test_the_last_row_of_the_statuses_is_the_sum_of_the_kinds() -> None:
    items = input_tables(config())
    counted = status_table(items)
    *kinds, everything = (row[1:] for row in counted.cells())
    assert [sum(column) for column in zip(*kinds, strict=True)] == everything  # type: ignore[arg-type]
    assert sum(everything) == len(items)  # type: ignore[arg-type]


def test_what_the_loss_rests_on_is_the_same_everywhere(results: StoredResults) -> None:
    run, html = StoredRun(results), unescape(report_page(results)).replace("\xa0", " ")
    found = resting_table(run, run.config)
    shares = {(row["figure"], row["inputs"]): row for row in found.records()}
    for figure in ("Expected loss", "TVaR 99 %"):
        # In this config materials are assumptions with a sourced source; no use says anything.
        assert shares[figure, "Materials"]["assumption"] == 1.0
        assert shares[figure, "Sources of supply"]["sourced"] == 1.0
        assert shares[figure, "Stocks"]["not_marked"] == 1.0
        assert shares[figure, "Other suppliers"]["no_row"] == 1.0
        assert shares[figure, "All together"]["not_marked"] == 1.0
    sheet = table(made(results)["Drivers"], "Resting")
    assert [[cell.value for cell in row.values()] for row in sheet] == found.cells()
    assert all(cell in html for row in found.texts() for cell in row)
    said = "By the weakest input behind each part, the expected loss is 100 % not marked."
    assert said in html
    assert resting_words(found) == said


def test_the_screen_shows_one_line_where_all_kinds_are_alike(results: StoredResults) -> None:
    run = StoredRun(results)
    alike = run.config | {
        kind: {name: {**row, "status": ""} for name, row in run.config[kind].items()}
        for kind in ("materials", "industries")
    }
    assert len(in_short(resting_table(run, run.config)).rows) == 7
    for material in alike["materials"].values():
        material["sources"] = {"China": {"share": 0.9}}
        material["alternatives"] = {"plant": {}}
    (row,) = in_short(resting_table(run, alike)).cells()
    assert row == ["Expected loss", "All together", 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]


def test_a_figure_that_a_folder_lacks_is_shown_as_a_dash(results: StoredResults) -> None:
    means = [f for f in results.figures() if f.measure == "mean"]
    without = RunFigures(StoredRun(results).facts, means)
    _, tail, industries, materials = headline(without)
    assert tail.texts() == [["99 %", "-", "-", "-"]]
    for table_of in (industries, materials):
        assert {cell for row in table_of.texts() for cell in row[2:]} == {"-"}
