"""The tables of a back-test, from outcomes and scores that a reader can count by hand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from backtest.suite_worlds import write_suite

from riskengine.backtests.copies import Copy
from riskengine.backtests.playing import Backtest
from riskengine.backtests.quantities import GDP
from riskengine.backtests.scoring import ONE_SIDED, TWO_SIDED, Coverage, Score
from riskengine.backtests.skill import MODEL, Rating, Skill
from riskengine.backtests.suites import load_suite
from riskengine.reports.backtest.tables import (
    IN_CELLS,
    IN_WORDS,
    calibration_table,
    cases_table,
    copies_table,
    figure_table,
    main_skills,
    misses_table,
    outcomes_table,
    provenance_table,
    published_table,
    ratings_table,
    scores_table,
    skill_table,
    sources_table,
)
from riskengine.reports.backtest.workbook import quarters_table
from riskengine.reports.tables.table import Table


def score(**changes: Any) -> Score:
    given: dict[str, Any] = {
        "case": "first", "as_of": "2010-09-21", "name": "back", "kind": "observed",
        "quantity": "material:metal:normal_day", "unit": "days", "median": 118.4,
        "low_50": 81.9, "high_50": 198.0, "low_90": 44.0, "high_90": math.inf,
        "chance_none": 0.08333, "known": TWO_SIDED, "outcome": 90.0, "outcome_low": 90.0,
        "outcome_high": 90.0, "outcome_text": "90 days", "percentile": 0.27,
        "percentile_low": 0.27, "percentile_high": 0.27, "inside_50": "yes", "inside_90": "yes",
        "held_50": 0.5, "held_90": 0.9, "seen_on": "2011-01-06", "source": "", "miss": "",
    }  # fmt: skip
    return Score(**(given | changes))


def at(low: float, high: float, known: str = TWO_SIDED) -> Score:
    middle = (low + high) / 2.0
    return score(percentile=middle, percentile_low=low, percentile_high=high, known=known)


def rating(forecaster: str, crps: float, forecast: float = 60.0) -> Rating:
    return Rating(
        case="first", name="back", quantity="material:metal:normal_day", unit="days",
        known=TWO_SIDED, outcome_text="90 days", forecaster=forecaster, forecast=forecast,
        low_90=40.0, high_90=80.0, crps=crps, interval_score=2.0 * crps,
    )  # fmt: skip


def skill(**changes: Any) -> Skill:
    given: dict[str, Any] = {
        "group": "all", "known": "all", "unit": "days", "forecaster": "constant duration",
        "outcomes": 11, "cases": 7, "crps": 50.0, "crps_naive": 100.0, "crps_skill": 0.5,
        "interval_score": 30.0, "interval_score_naive": 20.0, "interval_skill": -0.5,
        "better": 3, "decided": 7, "share": 3 / 7, "lower": 0.0990, "upper": 0.8159,
    }  # fmt: skip
    return Skill(**(given | changes))


def headings(table: Table) -> list[str]:
    return [column.heading for column in table.columns]


def test_a_range_of_percentiles_is_shared_out_over_the_quarters_and_a_point_is_in_one() -> None:
    scores = [at(0.1, 0.1), at(1.0, 1.0), at(0.25, 0.25), at(0.2, 0.6, ONE_SIDED)]
    table = quarters_table(scores)
    # Of 0.2 to 0.6 an eighth lies below 0.25, five eighths up to 0.5 and a quarter above.
    expected = [
        ("0 to 25 %", 1.125, 1.125 / 4, 1),
        ("25 to 50 %", 1.625, 1.625 / 4, 1),
        ("50 to 75 %", 0.25, 0.25 / 4, 0),
        ("75 to 100 %", 1.0, 0.25, 1),
    ]
    for row, (quarter, outcomes, share, two_sided) in zip(table.records(), expected, strict=True):
        assert row["quarter"] == quarter
        assert row["outcomes"] == pytest.approx(outcomes)
        assert row["share"] == pytest.approx(share)
        assert row["two_sided"] == two_sided


def test_screen_and_page_tell_intervals_in_words_and_the_workbook_has_their_ends() -> None:
    whole = outcomes_table([score()])
    words, cells = whole.without(*IN_CELLS), whole.without(*IN_WORDS)
    assert headings(words) == [
        "Case", "Figure", "Of", "Median", "50 % interval", "90 % interval", "Chance of none",
        "Seen", "Percentile", "Verdict",
    ]  # fmt: skip
    assert words.shown()[0][1:9] == [
        "Day on which the flow is near normal again", "metal", "118", "81.9 to 198",
        "44 to none", "8.3 %", "90 days", "27 %",
    ]  # fmt: skip
    row = dict(zip((c.key for c in cells.columns), cells.cells()[0], strict=True))
    assert (row["median"], row["low_50"], row["high_90"]) == (118.4, 81.9, "none")
    assert row["percentile"] == (0.27, 0.27, 0.27)
    assert cells.columns[4].format_at(cells.rows[0]).look.number_format == "#,##0.0"
    assert cells.columns[4].format_at(score(unit=GDP)).look.number_format.endswith("0.0%")


def test_outcomes_of_one_figure_are_told_apart_by_whose_they_are_or_by_name() -> None:
    whole = score(quantity="share_of_gdp", unit=GDP, name="institute", median=0.00663)
    table = figure_table("Total loss", [whole, score()])
    assert [row[:2] for row in table.shown()] == [
        ["first, institute", "0.663 %"],
        ["first, metal", "118"],
    ]


def test_the_share_of_better_cases_has_its_interval_and_none_where_no_case_decides() -> None:
    nan = math.nan
    undecided = skill(better=0, decided=0, share=nan, lower=nan, upper=nan, crps_skill=nan)
    shown = skill_table([skill(), undecided]).shown()
    assert shown[0][4:] == [
        "11", "50", "100", "50 %", "30", "20", "-50 %", "3", "7", "43 % (10 to 82 %)",
    ]  # fmt: skip
    assert (shown[1][7], shown[1][-1]) == ("-", "-")
    one_sided = skill(group="flow of materials", known=ONE_SIDED)
    assert main_skills([skill(), one_sided]) == [skill()]


def test_forecasters_stand_beside_each_other_and_one_that_says_nothing_has_a_dash() -> None:
    table = scores_table([rating(MODEL, 44.1), rating("today's level", 306.0, math.inf)])
    assert headings(table)[-4:] == ["Constant duration", "CRPS", "Today's level", "CRPS"]
    assert table.shown() == [
        ["first", "Day on which the flow is near normal again", "metal", "90 days", TWO_SIDED,
         "44.1", "-", "-", "none", "306"],
    ]  # fmt: skip


def test_a_share_inside_has_its_interval_and_what_is_not_expected_has_a_dash() -> None:
    given = {"group": "all", "cases": 3, "interval": 0.5, "inside": 5, "share": 5 / 11}
    known = Coverage(**given, known=TWO_SIDED, outcomes=11, lower=0.167, upper=0.766, expected=0.5)
    nan = math.nan
    open_ = Coverage(**given, known=ONE_SIDED, outcomes=11, lower=nan, upper=nan, expected=nan)
    table = calibration_table([known, open_])
    assert table.shown() == [
        ["all", TWO_SIDED, "50 %", "5", "11", "45.5 % (16.7 % to 76.6 %)", "50.0 %"],
        ["all", ONE_SIDED, "50 %", "5", "11", "45.5 %", "-"],
    ]
    assert table.columns[2].format.look.number_format == "0%"


def test_a_miss_is_told_with_its_side_and_its_reason() -> None:
    below = score(percentile=0.01, percentile_low=0.01, percentile_high=0.01, inside_90="no",
                  inside_50="no", miss="It came back early.")  # fmt: skip
    assert misses_table([below]).shown()[0][2:] == [
        "metal", "below the predictions", "It came back early.",
    ]  # fmt: skip
    assert outcomes_table([below]).without(*IN_CELLS).shown()[0][-2:] == ["1 %", "outside, below"]
    assert published_table([below]).key == "Published"
    assert published_table([below]).remark == ""


def test_an_assumption_stands_beside_the_outcome_that_it_equals() -> None:
    copy = Copy(
        case="first", assumption="materials.metal.stocks.public.days", figure="mean", value=90.25,
        unit="days", place="one.toml:5", known_on="assumption", outcome_case="second",
        outcome="gdp", outcome_value=0.0043, outcome_unit=GDP, seen_on="2011-01-06",
    )  # fmt: skip
    assert copies_table([copy]).shown() == [
        ["first", "materials.metal.stocks.public.days", "mean", "90.2", "days", "one.toml:5",
         "assumption", "second, gdp", "0.43 %", GDP, "2011-01-06"],
    ]  # fmt: skip


def test_every_forecast_has_a_row_with_its_interval_in_the_unit_of_the_outcome() -> None:
    table = ratings_table([rating(MODEL, 44.125, math.inf)], [score()])
    assert table.cells()[0] == [
        "first", TWO_SIDED, "Day on which the flow is near normal again", "metal", "days",
        90.0, 90.0, MODEL, "none", 40.0, 80.0, 44.125, 88.25,
    ]  # fmt: skip


def test_cases_and_sources_are_those_of_the_suite(tmp_path: Path) -> None:
    suite = load_suite(write_suite(tmp_path), cases=["stop"])
    cases = list(suite.cases.values())
    assert cases_table(cases).shown()[0][:3] == ["stop", "2010-09-21", "A stop"]
    assert [row[:4] for row in sources_table(cases).shown()] == [
        ["stop", "back", "2011-01-06", "customs"],
        ["stop", "loss", "2011-01-06", "press"],
    ]
    played = Backtest(
        suite=suite, trials=1_400, seed=3, scores=[], calibration=[], ratings=[], skills=[]
    )
    facts = {"started": "2026-01-08T00:00:00", "versions": {"numpy": "2.4.6"}}
    shown = dict(provenance_table(played, facts).shown())
    assert shown.pop("SHA-256 of the suite") == suite.file[1]
    assert shown == {
        "Suite": suite.file[0],
        "Days of the cases": "21 September 2010 to 21 September 2010",
        "Trials of each case": "1,400",
        "Seed": "3",
        "Started (UTC)": "2026-01-08T00:00:00",
        "Version of numpy": "2.4.6",
    }
    assert "Version of numpy" not in dict(provenance_table(played, {}).shown())
