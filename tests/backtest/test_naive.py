"""Naive forecasts: what past episodes and the day itself say, worked out by hand."""

# ruff: noqa: E501

from __future__ import annotations

import math
from pathlib import Path

import pytest
from backtest.suite_worlds import CONFIG, SOURCES, SUITE, write_suite
from calibrate_worlds import history

from riskengine.backtests.cases import Case
from riskengine.backtests.naive import CONSTANT, PERSISTENCE, PastFlow, naive_forecast, past_flow
from riskengine.backtests.quantities import read_quantity
from riskengine.backtests.suites import load_suite
from riskengine.errors import ConfigFault

EPISODES = """\
id,start_date,end_date,censored,near_zero_flow_days,flow_recovered_by_days
A,2000-01-01,2000-02-01,0,20,60
B,2003-01-01,2003-06-01,0,30,50
C,2006-01-01,2006-06-01,0,100,190
D,2010-09-01,2010-12-01,0,80,90
E,2011-01-01,2011-02-01,0,1,2
"""
HISTORY = 'seed = 3\nhistory = "tables/episodes.csv"\n'
EVENT = '{ level = "stop", materials = ["metal"] }'


def case_of(folder: Path, suite: str = SUITE, config: str = CONFIG, sources: str = SOURCES) -> Case:
    """The case of a stop in a suite that knows past episodes."""
    path = write_suite(folder, suite.replace("seed = 3\n", HISTORY), config, sources)
    (folder / "tables" / "episodes.csv").write_text(EPISODES, encoding="utf-8")
    return load_suite(path, cases=["stop"]).cases["stop"]


def said(case: Case, forecaster: str, text: str) -> float | None:
    return naive_forecast(forecaster, case, read_quantity(text, case.scenario))


def test_past_flow_is_the_median_of_what_was_known_on_the_day(tmp_path: Path) -> None:
    # Near zero: 20, 30, 100 had ended and D had lasted 20 days, so that half of four last longer
    # than 30. Slow: 40, 20, 90; D was not slow yet.
    assert case_of(tmp_path).past == PastFlow(30.0, 40.0)


def test_past_flow_of_the_shipped_table_counts_no_later_episode() -> None:
    assert past_flow(history(), "2010-09-21") == PastFlow(115.0, 65.0)  # E40 alone had ended
    assert past_flow(history(), "2019-07-04") == PastFlow(59.0, 31.0)  # E01 59 and 31 as well
    assert all(map(math.isnan, vars_of(past_flow(history(), "1970-01-01"))))


def vars_of(past: PastFlow) -> tuple[float, float]:
    return past.near_zero_days, past.slow_days


@pytest.mark.parametrize(
    ("figure", "constant", "lasting"),
    [
        ("material:metal:near_zero_days", 30.0, 365.0),
        ("material:metal:normal_day", 70.0, math.inf),
        ("material:metal:cut_days", 70.0, 365.0),
        ("material:metal:shortage_days", None, 0.0),
        ("material:metal:loss", None, 0.0),
        ("industry:motors:first_loss_day", None, math.inf),
        ("industry:motors:first_stop_day", None, math.inf),
        ("industry:motors:loss_days", None, 0.0),
        ("total", None, 0.0),
        ("any_loss", None, 0.0),
        ("dispute:china-japan:episodes", None, 0.0),
    ],
)
def test_a_stop_lasts_as_long_as_the_median_or_for_ever(
    tmp_path: Path, figure: str, constant: float | None, lasting: float
) -> None:
    case = case_of(tmp_path)
    assert said(case, CONSTANT, figure) == constant
    assert said(case, PERSISTENCE, figure) == lasting


@pytest.mark.parametrize(
    ("event", "near_zero", "back", "lasting"),
    [
        pytest.param('{ level = "stop", elapsed_days = 12 }', 18.0, 58.0, 365.0, id="12 days old"),
        pytest.param('{ level = "stop", elapsed_days = 99 }', 0.0, 40.0, 365.0, id="99 days old"),
        pytest.param('{ level = "slow" }', 0.0, 40.0, 365.0, id="slow"),
        pytest.param('{ level = "slow", elapsed_days = 15 }', 0.0, 25.0, 365.0, id="slow for 15"),
    ],
)
def test_what_is_over_of_a_level_is_taken_off(
    tmp_path: Path, event: str, near_zero: float, back: float, lasting: float
) -> None:
    case = case_of(tmp_path, SUITE.replace(EVENT, event))
    assert said(case, CONSTANT, "material:metal:near_zero_days") == near_zero
    assert said(case, CONSTANT, "material:metal:normal_day") == back
    assert said(case, CONSTANT, "material:metal:cut_days") == back
    assert said(case, PERSISTENCE, "material:metal:cut_days") == lasting


ANY = SUITE.replace(EVENT, '{ level = "stop" }')  # whatever it covers
CALM = {
    "no dispute": (SUITE.replace(f'"disputes.china-japan.active" = {EVENT}\n', ""), CONFIG, SOURCES),
    "another importer": (ANY, CONFIG.replace('target = "Japan"', 'target = "Korea"'), SOURCES),
    "no supply from there": (ANY, CONFIG, SOURCES.replace("China", "Chile")),
    "hardly ever covered": (
        ANY,
        CONFIG.replace("[materials.metal]", "[materials.metal]\ncoverage = 0.2"),
        SOURCES,
    ),
    "a level that cuts nothing": (SUITE, CONFIG.replace(", stop = 1.0 }\nstatus", " }\nstatus"), SOURCES),
}  # fmt: skip


@pytest.mark.parametrize("world", CALM)
def test_a_flow_that_is_not_cut_on_the_day_stays_so(tmp_path: Path, world: str) -> None:
    case = case_of(tmp_path, *CALM[world])
    for forecaster in (CONSTANT, PERSISTENCE):
        for figure in ("near_zero_days", "normal_day", "cut_days"):
            assert said(case, forecaster, f"material:metal:{figure}") == 0.0


def test_a_material_that_an_episode_covers_as_often_as_not_counts_as_covered(
    tmp_path: Path,
) -> None:
    config = CONFIG.replace("[materials.metal]", "[materials.metal]\ncoverage = 0.5")
    case = case_of(tmp_path, ANY, config)
    assert said(case, CONSTANT, "material:metal:near_zero_days") == 30.0


def test_a_level_between_near_zero_and_near_normal_is_slow(tmp_path: Path) -> None:
    for cut, near_zero, back in ((0.8, 30.0, 70.0), (0.79, 0.0, 40.0), (0.1, 0.0, 0.0)):
        config = CONFIG.replace("stop = 1.0 }\nstatus", f"stop = {cut} }}\nstatus")
        case = case_of(tmp_path, config=config)
        assert said(case, CONSTANT, "material:metal:near_zero_days") == near_zero
        assert said(case, CONSTANT, "material:metal:normal_day") == back
        assert said(case, PERSISTENCE, "material:metal:cut_days") == 365.0
        assert said(case, PERSISTENCE, "material:metal:near_zero_days") == (365.0 if near_zero else 0.0)  # fmt: skip
        assert said(case, PERSISTENCE, "material:metal:normal_day") == (math.inf if back else 0.0)


def test_nothing_lasts_longer_than_what_is_played(tmp_path: Path) -> None:
    suite = SUITE.replace("value = 90\n", "value = 20\n")
    case = case_of(tmp_path, suite, CONFIG.replace("horizon_days = 365", "horizon_days = 25"))
    assert said(case, CONSTANT, "material:metal:near_zero_days") == 25.0
    assert said(case, CONSTANT, "material:metal:normal_day") == math.inf
    for horizon, back in ((69, math.inf), (70, 70.0)):
        config = CONFIG.replace("horizon_days = 365", f"horizon_days = {horizon}")
        case = case_of(tmp_path, suite, config)
        assert said(case, CONSTANT, "material:metal:normal_day") == back


def test_without_a_history_past_durations_say_nothing(tmp_path: Path) -> None:
    case = load_suite(write_suite(tmp_path), cases=["stop"]).cases["stop"]
    assert case.past is None
    assert said(case, CONSTANT, "material:metal:near_zero_days") is None
    assert said(case, PERSISTENCE, "material:metal:near_zero_days") == 365.0


@pytest.mark.parametrize(
    ("reference", "episodes", "place", "found"),
    [
        ("tables/gone.csv", EPISODES, "two-stops.toml:4", "there is no file"),
        ("../../gone.csv", EPISODES, "two-stops.toml:4", "leaves the folder"),
        (
            "tables/episodes.csv",
            "duration_days,censored\n20,0\n30,0\n",
            "two-stops.toml:4",
            "without dates",
        ),
        ("tables/episodes.csv", EPISODES.replace("20,60", "x,60"), "episodes.csv!E2", '"x"'),
    ],
)
def test_a_history_that_cannot_be_read_is_told_with_its_place(
    tmp_path: Path, reference: str, episodes: str, place: str, found: str
) -> None:
    path = write_suite(
        tmp_path, SUITE.replace("seed = 3\n", f'seed = 3\nhistory = "{reference}"\n')
    )
    (tmp_path / "tables" / "episodes.csv").write_text(episodes, encoding="utf-8")
    with pytest.raises(ConfigFault) as caught:
        load_suite(path)
    (fault,) = caught.value.faults
    assert fault.place.endswith(place)
    assert found in fault.found
