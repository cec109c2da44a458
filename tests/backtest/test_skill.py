"""Forecasts of an outcome scored, and the model beside naive forecasters, by hand arithmetic."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from backtest.suite_worlds import SUITE, write_suite
from backtest.test_naive import case_of
from backtest.test_scoring import outcome

from riskengine.backtests.cases import Case, Range
from riskengine.backtests.playing import plans, play
from riskengine.backtests.quantities import read_quantity
from riskengine.backtests.scoring import score
from riskengine.backtests.skill import MODEL, Rating, Skill, rate, skills
from riskengine.backtests.suites import load_suite

BACK = "material:metal:normal_day"
#: Ten futures of a horizon of 365 days, two of which do not come back
FUTURES = np.array([10.0, 20, 30, 40, 50, 60, 70, 80, math.inf, math.inf])


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return case_of(tmp_path)  # past episodes: 30 days near zero, then 40 slow


def rated(case: Case, seen: Range, text: str = BACK) -> dict[str, Rating]:
    quantity = read_quantity(text, case.scenario)
    found = replace(outcome(seen.low, seen.high), quantity=text, seen=seen)
    scored = score(case, found, quantity, FUTURES)
    return {each.forecaster: each for each in rate(case, found, quantity, FUTURES, scored)}


def by_steps(edges: list[float], shares: list[float]) -> float:
    """The integral of a step function squared: from each edge on, the share of futures."""
    widths = np.diff(edges)
    return float(widths @ np.square(shares))


def test_a_known_day_is_scored_within_the_time_played(case: Case) -> None:
    found = rated(case, Range(low=50.0, high=50.0))
    # F below 50, 1 - F above it, up to the horizon.
    below = by_steps([10, 20, 30, 40, 50], [0.1, 0.2, 0.3, 0.4])
    above = by_steps([50, 60, 70, 80, 365], [0.5, 0.4, 0.3, 0.2])
    assert found[MODEL].crps == pytest.approx(below + above)
    # The 90 % interval is from the first of ten to the last, which does not come: 365.
    assert (found[MODEL].low_90, found[MODEL].high_90) == (10.0, math.inf)
    assert found[MODEL].forecast == 50.0  # half of the ten do not come later
    assert found[MODEL].interval_score == 355.0
    constant, lasting = found["constant duration"], found["today's level"]
    assert (constant.forecast, constant.crps, lasting.crps) == (70.0, 20.0, 315.0)
    assert constant.interval_score == pytest.approx(400.0)
    assert lasting.interval_score == pytest.approx(6300.0)
    assert {each.known for each in found.values()} == {"two-sided"}


def test_of_a_day_that_had_not_come_only_what_went_before_counts(case: Case) -> None:
    found = rated(case, Range(low=55.0, high=math.inf, is_after=True))
    expected = by_steps([10, 20, 30, 40, 50, 55], [0.1, 0.2, 0.3, 0.4, 0.5])
    assert found[MODEL].crps == pytest.approx(expected)
    assert found[MODEL].interval_score == pytest.approx(45.0)  # 10 to 55, the most that counts
    assert found["constant duration"].crps == 0.0  # day 70 is no worse than any after 55
    assert found["today's level"].crps == 0.0
    assert {each.known for each in found.values()} == {"one-sided"}


def test_a_watch_longer_than_what_is_played_ends_with_it(case: Case) -> None:
    short, long = (rated(case, Range(low=end, high=math.inf, is_after=True)) for end in (365, 999))
    assert short[MODEL].crps == long[MODEL].crps
    assert long["constant duration"].crps == 295.0


def test_at_most_and_a_range_leave_out_what_is_not_known(case: Case) -> None:
    upper = rated(case, Range(low=0.0, high=60.0))
    above = by_steps([60, 70, 80, 365], [0.4, 0.3, 0.2])
    assert upper[MODEL].crps == pytest.approx(above)
    assert upper["constant duration"].crps == 10.0
    assert upper[MODEL].known == "one-sided"
    ranged = rated(case, Range(low=35.0, high=60.0))
    below = by_steps([10, 20, 30, 35], [0.1, 0.2, 0.3])
    assert ranged[MODEL].crps == pytest.approx(below + above)
    assert ranged[MODEL].known == "two-sided"


def test_an_amount_has_no_end_at_the_horizon(case: Case) -> None:
    values = np.array([0.0, 400.0])
    quantity = read_quantity("total", case.scenario)
    found = replace(outcome(500.0), quantity="total")
    scored = score(case, found, quantity, values)
    model, lasting = rate(case, found, quantity, values, scored)
    # From 0 to 400 half of the futures lie below, from there to 500 all of them.
    assert model.crps == pytest.approx(400 / 4 + 100)
    assert (lasting.forecaster, lasting.crps) == ("today's level", 500.0)


def pair(case: str, name: str, model: float, naive: float, **changes: str) -> list[Rating]:
    """Two ratings of one outcome; interval scores are ten times as large."""
    made = Rating(case=case, name=name, quantity=BACK, unit="days", known="two-sided",
                  outcome_text="", forecaster=MODEL, forecast=0.0, low_90=0.0, high_90=0.0,
                  crps=model, interval_score=10 * model)  # fmt: skip
    made = replace(made, **changes)  # type: ignore[arg-type]
    return [made, replace(made, forecaster="naive", crps=naive, interval_score=20 * naive)]


def one(rows: list[Skill], **wanted: str) -> Skill:
    (found,) = (row for row in rows if all(getattr(row, k) == v for k, v in wanted.items()))
    return found


def test_skill_is_one_less_the_ratio_of_the_mean_scores() -> None:
    ratings = [
        *pair("a", "x", 10.0, 30.0),
        *pair("a", "y", 20.0, 5.0, known="one-sided"),
        *pair("b", "x", 6.0, 6.0),
        *pair("c", "x", 40.0, 20.0, quantity="total"),
        *pair("c", "y", 1.0, 2.0, unit="USD", quantity="total"),
        pair("d", "x", 99.0, 0.0)[0],  # no naive forecast speaks of it
    ]
    rows = skills(ratings)
    whole = one(rows, group="all", known="all", unit="days")
    assert (whole.outcomes, whole.cases, whole.crps, whole.crps_naive) == (4, 3, 19.0, 15.25)
    assert whole.crps_skill == pytest.approx(1 - 76 / 61)
    assert (whole.interval_score, whole.interval_score_naive) == (190.0, 305.0)
    assert whole.interval_skill == pytest.approx(1 - 76 / 122)
    # Case a: 30 against 35, the model better; b: a tie, which decides nothing; c: worse.
    assert (whole.better, whole.decided, whole.share) == (1, 2, 0.5)
    # One of two: the share p whose chance of two in two is 2.5 %, and the same for none.
    assert (whole.lower, whole.upper) == pytest.approx((1 - 0.975**0.5, 0.975**0.5))
    two_sided = one(rows, group="all", known="two-sided", unit="days")
    assert (two_sided.outcomes, two_sided.crps) == (3, pytest.approx(56 / 3))
    assert one(rows, group="all", known="one-sided").crps_skill == -3.0
    assert one(rows, group="flow of materials", known="all").outcomes == 3
    assert one(rows, group="industries and losses", known="all", unit="USD").crps_skill == 0.5


def test_a_naive_forecast_without_error_leaves_no_skill_to_tell() -> None:
    (row,) = {row.known: row for row in skills(pair("a", "x", 3.0, 0.0)) if row.group == "all" and row.known == "all"}.values()  # fmt: skip  # noqa: E501
    assert math.isnan(row.crps_skill)
    assert (row.better, row.decided, row.share) == (0, 1, 0.0)
    small = [r for r in skills(pair("a", "x", 0.002, 0.004)) if r.group == r.known == "all"]
    assert [row.crps_skill for row in small] == [0.5]
    (tie,) = (r for r in skills(pair("a", "x", 3.0, 3.0)) if r.group == r.known == "all")
    assert tie.decided == 0
    assert math.isnan(tie.share)


def test_observed_outcomes_are_rated_and_estimates_of_others_are_not(tmp_path: Path) -> None:
    suite = load_suite(write_suite(tmp_path, SUITE))
    played = play(suite, plans(suite, 1))
    assert [(r.case, r.name, r.forecaster) for r in played.ratings] == [
        (case, name, forecaster)
        for case, name in (("stop", "back"), ("stop", "loss"), ("threat", "cut"))
        for forecaster in (MODEL, "today's level")
    ]
    assert {row.forecaster for row in played.skills} == {"today's level"}
