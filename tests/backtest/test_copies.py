"""Assumptions that equal an outcome are listed, whatever form they have; others are not."""

# ruff: noqa: E501

from __future__ import annotations

import math
from pathlib import Path

import pytest
from backtest.suite_worlds import CONFIG, SUITE, write_suite

from riskengine.backtests.copies import Copy
from riskengine.backtests.suites import load_suite

STOP = "sojourn = { exponential = { mean = 60 } }"
STOCKS = 'sources = "tables/sources.csv"\n'


def listed(
    folder: Path, old: str, new: str, suite: str = SUITE, stocks: str = ""
) -> tuple[Copy, ...]:
    """The copies of a suite whose config was changed in one place."""
    assert CONFIG.count(old) == 1
    path = write_suite(folder, suite, CONFIG.replace(old, new))
    (folder / "tables" / "stocks.csv").write_text(stocks, encoding="utf-8")
    return load_suite(path, cases=["stop"]).copies


def test_a_config_that_no_outcome_was_copied_into_lists_nothing(tmp_path: Path) -> None:
    assert load_suite(write_suite(tmp_path)).copies == ()


@pytest.mark.parametrize(
    ("old", "new", "path", "figure"),
    [
        (STOP, "sojourn = 90", "ladder.stop.sojourn", "value"),
        (STOP, "sojourn = { exponential = { mean = 90.5 } }", "ladder.stop.sojourn", "mean"),
        (STOP, "sojourn = { lognormal = { median = 90, p90 = 200 } }", "ladder.stop.sojourn", "median"),
        (STOP, "sojourn = { lognormal = { median = 40, p90 = 90 } }", "ladder.stop.sojourn", "p90"),
        (STOP, f"sojourn = {{ lognormal = {{ mu = {math.log(90)}, sigma = 0.5 }} }}", "ladder.stop.sojourn", "median"),
        # Median of a Weibull: scale (ln 2)^(1 / shape); mean of a gamma: shape x scale.
        (STOP, f"sojourn = {{ weibull = {{ shape = 2, scale = {90 / math.log(2) ** 0.5} }} }}", "ladder.stop.sojourn", "median"),
        (STOP, "sojourn = { gamma = { shape = 2, scale = 45 } }", "ladder.stop.sojourn", "mean"),
        (STOP, "sojourn = { empirical = { values = [30, 60, 90, 400] } }", "ladder.stop.sojourn", "values"),
        (STOP, "sojourn = { exponential = { mean = 500 }, max = 90 }", "ladder.stop.sojourn", "max"),
        # Ninety days between onsets, as a rate.
        ("entry = { stop = 1.0 }", "entry = { stop = 1.0 }\nrate_per_year = 4.06", "disputes.china-japan.rate_per_year", "value"),
        ("inventory_days = 30", "inventory_days = 90", "industries.motors.uses.metal.inventory_days", "value"),
    ],
)  # fmt: skip
def test_an_outcome_that_stands_among_the_assumptions_is_listed(
    tmp_path: Path, old: str, new: str, path: str, figure: str
) -> None:
    (copy,) = listed(tmp_path, old, new)
    assert (copy.case, copy.assumption, copy.figure) == ("stop", path, figure)
    assert (copy.outcome_case, copy.outcome, copy.outcome_value) == ("stop", "back", 90.0)
    assert copy.outcome_unit == "days"
    expected = 4.06 if "rate" in path else 90.5 if "90.5" in new else 90.0
    assert copy.value == pytest.approx(expected)
    line = next(n for n, text in enumerate(CONFIG.split("\n"), start=1) if old in text)
    assert copy.place == f"one.toml:{line + ('rate' in path)}"
    assert copy.known_on == {"ladder": "2009-12-31", "disputes": "2010-01-01"}.get(
        path.partition(".")[0], "assumption"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (STOP, "sojourn = 88"),
        (STOP, "sojourn = 90.93"),  # 1.02 % apart
        (STOP, f"sojourn = {{ lognormal = {{ mu = {math.log(88)}, sigma = 0.7 }} }}"),
        (STOP, f"sojourn = {{ lognormal = {{ mu = {math.log(92)}, sigma = 0.7 }} }}"),
        (STOP, "sojourn = { gamma = { shape = 90, scale = 3 } }"),
        (STOP, "sojourn = { lognormal = { median = 80, p90 = 95 } }"),
        ("value_added_per_year = 100", "value_added_per_year = 90"),
        ("horizon_days = 365", "horizon_days = 100"),
    ],
)
def test_a_value_that_is_apart_or_of_another_unit_is_not(
    tmp_path: Path, old: str, new: str
) -> None:
    assert listed(tmp_path, old, new) == ()


def test_a_cell_of_a_table_is_told_by_its_name(tmp_path: Path) -> None:
    rows = "material,tier,days,known_on\nmetal,state,20,2010-01-01\nmetal,traders,90.5,2010-02-01\n"
    (copy,) = listed(tmp_path, STOCKS, f'{STOCKS}stocks = "tables/stocks.csv"\n', stocks=rows)
    assert (copy.assumption, copy.value) == ("materials.metal.stocks.traders.days", 90.5)
    assert copy.unit == "days of demand"
    assert (copy.place, copy.known_on) == ("tables/stocks.csv!C3", "2010-02-01")


def test_the_ends_of_ranges_and_of_a_watch_count_but_not_zero(tmp_path: Path) -> None:
    ranged = SUITE.replace("value = 90\n", "low = 70\nhigh = 80\n")
    for value, outcome in ((70, "back"), (80, "back"), (100, "loss")):
        (copy,) = listed(tmp_path, "inventory_days = 30", f"inventory_days = {value}", ranged)
        assert (copy.outcome, copy.outcome_value) == (outcome, value)
    assert listed(tmp_path, "inventory_days = 30", "inventory_days = 0", ranged) == ()


def test_a_share_of_gdp_is_found_as_a_share_and_as_money(tmp_path: Path) -> None:
    suite = SUITE.replace("seen_on = 2009-01-01", "seen_on = 2011-01-01")
    assert CONFIG.count("value_added_per_year = 100") == 1  # 0.002 x 50,000
    path = write_suite(tmp_path, suite, CONFIG.replace("dependence = 1", "dependence = 0.002"))
    found = load_suite(path).copies
    paths = ["industries.motors.value_added_per_year", "industries.motors.uses.metal.dependence"]
    assert [(c.case, c.assumption) for c in found] == [
        (case, path) for case in ("stop", "threat", "estimate") for path in paths
    ]
    assert {copy.outcome for copy in found} == {"bank"}


def test_episodes_are_found_as_a_rate_and_answers_are_no_figures(tmp_path: Path) -> None:
    """Two episodes in the 365 days played are a rate of 2 a year, in half of them of 4."""
    asked = SUITE.replace("material:metal:cut_days", "dispute:china-japan:episodes")
    asked = asked.replace('value = 0\nunit = "days"', 'value = 2\nunit = "episodes"')
    for horizon, rate in ((365, 2), (182.5, 4)):
        config = CONFIG.replace("horizon_days = 365", f"horizon_days = {horizon}")
        config = config.replace("entry =", f"rate_per_year = {rate}\nentry =")
        found = load_suite(write_suite(tmp_path, asked, config), cases=["threat"]).copies
        assert [(copy.assumption, copy.outcome, copy.value) for copy in found] == [
            ("disputes.china-japan.rate_per_year", "cut", rate)
        ]
    asked = SUITE.replace("material:metal:cut_days", "any_loss")
    asked = asked.replace('value = 0\nunit = "days"', 'answer = "yes"\nunit = "yes or no"')
    assert CONFIG.count("dependence = 1\n") == 1
    assert load_suite(write_suite(tmp_path, asked), cases=["threat"]).copies == ()


UNLIKE = {  #: of what is seen of the threat: quantity, unit and value, and an input with that number
    "days as a rate": ("material:metal:cut_days", "days", 4, "entry =", "rate_per_year = 4\nentry ="),
    "money as a rate": ("total", "USD million", 4, "entry =", "rate_per_year = 4\nentry ="),
    "days of demand as a rate": ("material:metal:shortage_days", "days of demand", 4, "entry =", "rate_per_year = 4\nentry ="),
    "episodes as days": ("dispute:china-japan:episodes", "episodes", 4, "inventory_days = 30", "inventory_days = 4"),
    "money as days": ("total", "USD million", 4, "inventory_days = 30", "inventory_days = 4"),
    "days as money": ("material:metal:cut_days", "days", 4, "value_added_per_year = 100", "value_added_per_year = 4"),
    "episodes as money": ("dispute:china-japan:episodes", "episodes", 4, "value_added_per_year = 100", "value_added_per_year = 4"),
    "episodes as a share": ("dispute:china-japan:episodes", "episodes", 0.25, "dependence = 1", "dependence = 0.25"),
    "money as a share": ("total", "USD million", 0.25, "dependence = 1", "dependence = 0.25"),
}  # fmt: skip


@pytest.mark.parametrize("kind", UNLIKE)
def test_the_same_number_of_another_kind_is_no_copy(tmp_path: Path, kind: str) -> None:
    quantity, unit, seen, old, new = UNLIKE[kind]
    suite = SUITE.replace("material:metal:cut_days", quantity)
    suite = suite.replace('value = 0\nunit = "days"', f'value = {seen}\nunit = "{unit}"')
    assert suite != SUITE
    assert CONFIG.count(old) == 1
    path = write_suite(tmp_path, suite, CONFIG.replace(old, new))
    assert load_suite(path, cases=["threat"]).copies == ()


def test_money_is_found_as_money_of_the_same_unit_alone(tmp_path: Path) -> None:
    """Another case of the suite counts in another currency: its 100 are other 100."""
    suite = SUITE.replace("material:metal:cut_days", "total")
    suite = suite.replace('value = 0\nunit = "days"', 'value = 100\nunit = "USD million"')
    (copy,) = load_suite(write_suite(tmp_path, suite), cases=["threat"]).copies
    assert (copy.assumption, copy.value, copy.outcome_unit) == (
        "industries.motors.value_added_per_year", 100.0, "USD million",
    )  # fmt: skip
    (tmp_path / "yen.toml").write_text(CONFIG.replace("USD million", "JPY"), encoding="utf-8")
    first, second = suite.split("[cases.threat]")
    mixed = first.replace('"one.toml"', '"yen.toml"') + "[cases.threat]" + second
    (tmp_path / "two-stops.toml").write_text(mixed, encoding="utf-8")
    found = load_suite(tmp_path / "two-stops.toml", cases=["stop", "threat"]).copies
    assert [copy.case for copy in found] == ["threat"]


def test_what_an_earlier_case_taught_is_knowledge_and_what_a_later_one_will_is_not(
    tmp_path: Path,
) -> None:
    config = CONFIG.replace("inventory_days = 30", "inventory_days = 90")
    stop, threat = SUITE.split("[cases.threat]")
    threat = threat.replace("as_of = 2010-09-21", "as_of = 2011-01-06", 1)
    later = f"{stop}[cases.threat]{threat.replace('seen_on = 2011-01-06', 'seen_on = 2012-01-06')}"
    cases = [copy.case for copy in load_suite(write_suite(tmp_path, later, config)).copies]
    assert cases == ["stop", "estimate"]  # to the threat of January 2011 the stop is history
