"""A scenario in words and figures."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from riskengine.figures.unplayed import days_of_cover, restriction_days
from riskengine.model.distributions import constant
from riskengine.model.scenario import Level, Scenario
from riskengine.reports.scenario.describe import describe
from riskengine.reports.screen import plain_text
from riskengine.reports.tables.table import Table

Make = Callable[..., Scenario]


def test_time_in_restriction_is_that_of_the_walk_on_the_ladder(make_scenario: Make) -> None:
    # From licensing (100 days) half go on to full-ban (50), half of those come back:
    # T = 100 + U / 2, U = 50 + T / 2.
    scenario = make_scenario()
    assert restriction_days(scenario, {"licensing": 1.0}) == pytest.approx(500.0 / 3.0)


def test_a_material_with_a_ladder_of_its_own_has_a_time_of_its_own(make_scenario: Make) -> None:
    # U = 200 + T / 2.
    scenario = make_scenario()
    days = restriction_days(scenario, {"licensing": 1.0}, "rare earths")
    assert days == pytest.approx(800.0 / 3.0)


def test_a_ladder_that_may_never_end_is_said_to_be_unlimited(make_scenario: Make) -> None:
    scenario = make_scenario()
    scenario.ladder["full-ban"] = Level(sojourn=constant(1.0), next={"full-ban": 1.0})
    assert restriction_days(scenario, {"licensing": 1.0}) == math.inf
    assert "unlimited" in plain_text(describe(scenario))


def test_days_of_cover_are_stocks_over_exposure_times_the_worst_cut(make_scenario: Make) -> None:
    scenario = make_scenario()
    cut = {"licensing": constant(0.3), "full-ban": constant(0.5)}
    scenario.materials["gallium"] = replace(scenario.materials["gallium"], cut=cut)
    assert days_of_cover(scenario, "gallium") == pytest.approx(60.0 / (0.9 * 0.5))


def test_a_material_that_is_never_cut_has_no_days_of_cover(make_scenario: Make) -> None:
    scenario = make_scenario()
    scenario.materials["gallium"] = replace(scenario.materials["gallium"], cut={})
    assert days_of_cover(scenario, "gallium") is None


def _table(scenario: Scenario, key: str) -> Table:
    return next(table for table in describe(scenario) if table.key == key)


def test_what_is_under_construction_is_shown_where_there_is_any(make_scenario: Make) -> None:
    scenario = make_scenario()
    for key, added in (("alternatives", "lead_from"), ("stocks", "build_rate")):
        assert added not in [column.key for column in _table(scenario, key).columns]
    gallium = scenario.materials["gallium"]
    public, recycling = gallium.stocks["public"], gallium.alternatives["recycling"]
    gallium.stocks["private"] = replace(public, build_rate=0.005)
    assert "build_rate" in [column.key for column in _table(scenario, "stocks").columns]
    gallium.stocks["state"] = replace(public, build_rate=0.5, target_days=180.0)
    gallium.alternatives["plant"] = replace(recycling, lead_from="start")
    rows = _table(scenario, "alternatives").records()
    begun = {(row["alternative"], row["lead_from"]) for row in rows}
    assert begun == {("recycling", "the first cut"), ("plant", "day 0")}
    rows = [row for row in _table(scenario, "stocks").records() if row["material"] == "gallium"]
    built = [(row["stock"], row["target_days"], row["build_rate"]) for row in rows]
    assert built == [("public", None, None), ("private", 60.0, 0.005), ("state", 180.0, 0.5)]


def test_everything_a_scenario_holds_is_named(make_scenario: Make) -> None:
    shown = plain_text(describe(make_scenario()))
    for words in (
        "china-korea",
        "full-ban for 2 days",
        "spillover",
        "gallium",
        "rare earths",
        "Vietnam",
        "recycling",
        "public",
        "chips",
        "motors",
        "5,200",
    ):
        assert words in shown


def test_an_empty_scenario_is_described_by_its_ladder(make_scenario: Make) -> None:
    empty = make_scenario(disputes={}, triggers={}, materials={}, industries={})
    assert [table.key for table in describe(empty)] == ["ladder"]


def test_records_hold_numbers_and_no_nan(make_scenario: Make) -> None:
    tables = {table.key: table.records() for table in describe(make_scenario())}
    assert tables["materials"][0]["days_of_cover"] == pytest.approx(200.0 / 3.0)
    assert tables["sources"][0] == {
        "material": "gallium",
        "country": "China",
        "share": 0.9,
        "dispute": "china-korea",
        "boycott_cut": 0.0,
    }
