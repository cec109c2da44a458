"""What a page says is what the results hold."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from report.page_worlds import config, stored

from riskengine.drawing.svg import BLUE
from riskengine.measures.sample import Sample
from riskengine.measures.tail import tvar, var
from riskengine.model.statuses import STATUSES, input_tables, tally
from riskengine.reports.html.charts import Lane, Pen, Size, Stretch, chart, draw_lanes
from riskengine.reports.run.inputs import status_words
from riskengine.reports.run.losses import loss_parts
from riskengine.reports.run.page import report_page
from riskengine.reports.run.stored import StoredRun
from riskengine.reports.run.story import cumulative_loss, level_lanes, output_lanes
from riskengine.reports.tables.numbers import amount, significant
from riskengine.reports.tables.words import Calendar
from riskengine.store.results import StoredResults

pytestmark = pytest.mark.whole


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> StoredResults:
    return stored(tmp_path_factory.mktemp("page") / "plain", config())


@pytest.fixture(scope="module")
def html(results: StoredResults) -> str:
    return report_page(results).replace("&nbsp;", " ")


def told(results: StoredResults) -> dict[str, Any]:
    return next(story for story in results.stories() if story["at"] == "var99")


def total(results: StoredResults) -> Sample:
    return Sample.of(results.table("losses.parquet")["total"].to_numpy())


def test_the_headline_holds_the_figures_of_the_metrics(results: StoredResults, html: str) -> None:
    answer = html.split('<section id="curve"')[0]
    for figure in results.figures():
        if figure.scope == "total" and (figure.measure, figure.level) in (
            ("mean", None), ("var", 0.99), ("tvar", 0.99)
        ) and figure.component == "all":  # fmt: skip
            assert f"<b>{amount(figure.value, 'USD million')}</b>" in answer


def test_the_last_row_of_the_convergence_is_the_whole_run(
    results: StoredResults, html: str
) -> None:
    sure = html.split('<section id="sure"')[1]
    rows = re.findall(r'<tr><th scope="row" class="right"><bdi>([\d,]+)</bdi></th>(.*?)</tr>', sure)
    sizes = [row[0] for row in rows]
    assert sizes == ["46", "93", "187", "375", "750", "1,500", "3,000"]
    for measure in (var, tvar):
        assert f">{significant(measure(total(results), 0.99).value / 1e3)} (" in rows[-1][1]


def test_convergence_takes_the_trials_in_their_order(results: StoredResults, html: str) -> None:
    losses = results.table("losses.parquet")["total"].to_numpy()
    row = re.search(r"<bdi>750</bdi></th>(.*?)</tr>", html)
    assert row is not None
    assert f">{significant(float(np.mean(losses[:750])) / 1e3)} (" in row[1]


def test_halving_an_interval_takes_four_times_the_trials(html: str) -> None:
    assert "it would take four times as many, 12,000, to halve that" in html


def test_the_loss_summed_over_time_ends_at_the_output_loss(results: StoredResults) -> None:
    story = told(results)
    days, sums = cumulative_loss(story)
    output = sum(row["output"] for row in story["losses"]["industries"])
    assert sums[-1] == pytest.approx(output, rel=1e-9)
    assert np.all(np.diff(days) > 0.0)
    assert np.all(np.diff(sums) >= 0.0)


def test_lanes_show_what_happened_and_for_how_long(results: StoredResults) -> None:
    story = told(results)
    hit = {row["industry"]: row for row in story["losses"]["industries"] if row["output"] > 0.0}
    lanes = {lane.name: lane for lane in output_lanes(story)}
    assert lanes.keys() == hit.keys()
    for name, lane in lanes.items():
        assert lane.length == pytest.approx(hit[name]["loss_days"])
    shades = {s.shade for lane in level_lanes(story, ["slow", "ban"]) for s in lane.stretches}
    assert shades <= {0.5, 1.0}


def test_days_of_stretches_that_overlap_count_once() -> None:
    lane = Lane("x", [Stretch(0.0, 10.0, 1.0), Stretch(5.0, 12.0, 0.5), Stretch(20.0, 30.0, 0.0)])
    assert lane.length == 12.0


def test_bars_of_lanes_lie_over_the_lines_of_their_rows_and_the_darkest_on_top() -> None:
    stretches = [Stretch(100.0, 200.0, 1.0), Stretch(0.0, 300.0, 0.25), Stretch(300.0, 400.0, 0.5)]
    lanes = [Lane("japan-heavy-rare-earths", stretches, "7 %"), Lane("chips", stretches[1:])]
    draw = partial(draw_lanes, Calendar.starting("2026-01-08"), 730.0, lanes)
    svg = chart("k", "lanes", Size(760.0, 84.0), draw)
    first_bar = svg.index("var(--blue)")
    line = svg.index("var(--line)")
    assert line < first_bar
    # What is drawn in the colour of lines after the first bar is the axis below all bars.
    rest = [path for path in re.findall(r"<path[^>]*>", svg[first_bar:]) if "--line" in path]
    ends = re.findall(r"[ML][\d.]+ ([\d.]+)", " ".join(rest))
    assert {float(y) >= 84.0 - 30.0 for y in ends} == {True}
    shades = re.findall(r"var\(--blue\)(?:; opacity: ([\d.]+))?", svg)
    assert shades == ["0.25", "0.5", "", "0.25", "0.5"]
    bars = [path for path in re.findall(r"<path[^>]*>", svg) if "--blue" in path]
    assert all("shape-rendering: crispEdges" in path for path in bars)
    assert "japan-heavy-rare-earths" in svg


def test_the_figure_of_a_bar_stands_beyond_its_interval(html: str) -> None:
    means = re.findall(r'<svg[^>]*aria-label="Mean loss by[^>]*>(.*?)</svg>', html)
    assert len(means) == 2
    for svg in means:
        lines = re.findall(r'd="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"[^>]*stroke-width: 1.2', svg)
        words = re.findall(r'<text x="([\d.]+)" y="([\d.]+)"[^>]*text-anchor: start', svg)
        assert lines
        for left, upper, right, lower in lines:
            assert upper == lower
            beside = [float(x) for x, y in words if abs(float(y) - float(upper)) < 10.0]
            assert min(beside) >= max(float(left), float(right)) + 5.0


def test_survival_is_among_the_futures_with_a_cut(results: StoredResults, html: str) -> None:
    cut = int((results.table("materials.parquet")["cut_days:gallium"].to_numpy() > 0.0).sum())
    days = results.table("survival.parquet")["survival_days:gallium works"].to_numpy()
    ever = np.count_nonzero(~np.isnan(days)) / cut
    row = re.search(rf"gallium works</bdi></th><td[^>]*><bdi>{cut:,}</bdi>(.*?)</tr>", html)
    assert row is not None
    assert f"{significant(100.0 * ever)} %" in row[1]


def test_statuses_are_counted_by_kind_with_unknown_words_apart() -> None:
    items = input_tables(config())
    kinds = {item.kind for item in items}
    found = {kind: tally([item for item in items if item.kind == kind]) for kind in kinds}
    assert found["materials"] == dict.fromkeys(STATUSES, 0) | {"assumption": 2}
    assert found["sources"]["sourced"] == 2
    assert found["uses"]["derived"] == 2
    assert found["stocks"]["not marked"] == 2
    assert {item.name for item in items if item.kind == "uses"} == {
        "gallium works › gallium",
        "magnets works › magnets",
    }
    assert status_words(tally([])) == (
        "No row of the inputs says whether it is sourced, derived or assumed."
    )


def test_a_chart_is_the_same_every_time_and_escapes_names() -> None:
    def draw(pen: Pen) -> None:
        axes = pen.axes(left=40, right=20, top=10, bottom=20)
        axes.plot([1, 2], [1, 2], color=BLUE, marker="o")
        axes.set_xlabel(pen.name("$갈륨_{x}$ </text><script>"))

    first = chart("a-", "A <label>", Size(200, 100), draw)
    assert first == chart("a-", "A <label>", Size(200, 100), draw)
    assert "$갈륨_{x}$ &lt;/text&gt;&lt;scr" in first
    assert 'aria-label="A &lt;label&gt;"' in first
    assert "var(--blue)" in first


def test_bars_are_in_the_unit_that_their_chart_names(tmp_path: Path) -> None:
    # A certain stop of 73 days, a fifth of a year: 73 / 365 of the output of both industries.
    scenario = config(("gallium", "magnets"), trials=200)
    scenario["ladder"] = {"ban": {"sojourn": 73, "next": {"resolved": 1.0}}}
    scenario["disputes"] = {
        "quarrel": {"coercer": "China", "target": "Korea", "active": {"level": "ban"}}
    }
    for material in scenario["materials"].values():
        material |= {"cut": {"ban": 1.0}, "sources": {"China": {"share": 1.0}}}
        material |= {"alternatives": {}, "stocks": {}}
    for name, added in {"gallium": 1e7, "magnets": 5e6}.items():
        industry = scenario["industries"][f"{name} works"]
        industry["value_added_per_year"] = added
        industry["uses"][name] = {"share": 1.0, "dependence": 1.0}
    html = "".join(loss_parts(StoredRun(stored(tmp_path / "run", scenario))))
    assert "in the worst 1 %, USD trillion · share" in html
    assert {"2.00 · 67 %", "1.00 · 33 %"} <= set(re.findall(r">([^<>]* · \d+ %)<", html))
