"""Plants and stocks under construction at time 0: what is there when the first cut comes.

A warning that cuts nothing lasts W ~ Exp(TAU), then a ban of D ~ Exp(MEAN) cuts everything, and
without metal 1 a day is lost. Where nothing is random, the loss is hand arithmetic.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from analytic.worlds import Config, assert_chance, assert_mean, one_dispute, play, warned

MEAN = 100.0
TAU = 150.0
EXPONENTIAL = {"exponential": {"mean": MEAN}}
UNKNOWN_TIME = {"exponential": {"mean": TAU}}


def _after_a_warning(time: Any, sojourn: Any = EXPONENTIAL, **metal: Any) -> Config:
    """The ban after a warning of some time, or none, with fields of the metal replaced."""
    config = one_dispute(sojourn)
    if time:
        warned(config, time)
    config["materials"]["metal"] |= {"stocks": {}} | metal
    return config


def _plant(**changes: Any) -> Config:
    return {"other": {"capacity": 1.0, "lead_time": 60.0, "lead_from": "start"} | changes}


def _store(**changes: Any) -> Config:
    return {"store": {"days": 0.0} | changes}


def _loss(config: Config) -> float:
    """The loss of a world without chance; it is the same in every trial."""
    total = play(config, seed=1, trials=20).total
    assert np.ptp(total) == 0.0
    return float(total[0])


# --- Alternatives whose lead time counts from time 0 ---


def test_a_plant_begun_at_time_0_saves_its_capacity_from_the_day_it_is_ready() -> None:
    lead, capacity = 120.0, 0.6
    plant = _plant(lead_time=lead, capacity=capacity)
    loss = play(_after_a_warning(UNKNOWN_TIME, alternatives=plant), seed=601).total
    ready = math.exp(-lead / TAU)  # the plant is there before the ban
    faster = 1.0 / TAU - 1.0 / MEAN
    later = math.exp(-lead / MEAN) * (1.0 - math.exp(-lead * faster)) / (TAU * faster)
    expected = MEAN * (1.0 - capacity * (ready + later))
    wrong = {
        "its lead time counts from the first cut": MEAN * (1.0 - capacity * math.exp(-lead / MEAN)),
        "it is there from the start": MEAN * (1.0 - capacity),
        "it helps only bans that begin after it": MEAN * (1.0 - capacity * ready),
    }
    assert_mean(loss, expected, within=0.02, wrong=wrong)


def test_a_plant_of_full_capacity_leaves_a_loss_only_if_the_ban_comes_first() -> None:
    tau = 80.0
    plant = _plant(lead_time={"exponential": {"mean": tau}})
    loss = play(_after_a_warning(UNKNOWN_TIME, alternatives=plant), seed=602).total
    ban_first = tau / (tau + TAU)
    assert_chance(loss > 0.0, ban_first, within=0.02, wrong={"from the first cut": 1.0 - 1e-9})
    left = MEAN * tau / (MEAN + tau)  # what is left of the lead time has no memory
    wrong = {"from the first cut": left, "never in time": MEAN}
    assert_mean(loss, ban_first * left, within=0.02, wrong=wrong)


@pytest.mark.parametrize(
    ("ban_from", "loss"), [(0.0, 60.0), (25.0, 35.0), (60.0, 0.0), (90.0, 0.0)]
)
def test_a_ban_costs_the_days_until_the_plant_is_ready(ban_from: float, loss: float) -> None:
    config = _after_a_warning(ban_from, 80.0, alternatives=_plant())
    assert _loss(config) == pytest.approx(loss, abs=1e-9)


def test_a_plant_that_is_ready_after_the_ban_saves_nothing() -> None:
    config = _after_a_warning(10.0, 45.0, alternatives=_plant())
    assert _loss(config) == 45.0


def test_steps_of_a_ramp_that_came_before_the_first_cut_are_there_at_it() -> None:
    plant = _plant(capacity=0.8, lead_time=60.0, ramp_days=160.0, ramp_steps=4)
    # A fifth each comes on days 80, 120, 160 and 200; the ban lasts from day 100 to 200.
    config = _after_a_warning(100.0, 100.0, alternatives=plant)
    expected = 0.8 * 20.0 + 0.6 * 40.0 + 0.4 * 40.0
    assert _loss(config) == pytest.approx(expected, abs=1e-9)


def test_the_two_ways_to_count_a_lead_time_may_stand_side_by_side() -> None:
    plants = {
        "called": {"capacity": 0.3, "lead_time": 50.0},
        "begun": {"capacity": 0.5, "lead_time": 50.0, "lead_from": "start"},
    }
    # The ban lasts from day 20 to 120; half is there from day 50 on, three tenths from day 70 on.
    config = _after_a_warning(20.0, 100.0, alternatives=plants)
    assert _loss(config) == pytest.approx(30.0 + 0.5 * 20.0 + 0.2 * 50.0, abs=1e-9)


# --- Stocks that are built up ---


def test_a_stock_that_is_built_up_holds_what_came_in_until_the_first_cut() -> None:
    held, rate, target = 25.0, 0.5, 90.0
    store = _store(days=held, build_rate=rate, target_days=target)
    loss = play(_after_a_warning(UNKNOWN_TIME, stocks=store), seed=603).total

    def mean(held: float, rate: float, target: float) -> float:
        """MEAN * E[exp(-S / MEAN)] with S = min(held + rate * W, target)."""
        pace = rate / MEAN + 1.0 / TAU
        full = math.exp(-pace * (target - held) / rate)
        filling = (1.0 - full) / (TAU * pace)
        return MEAN * math.exp(-held / MEAN) * (filling + full)

    wrong = {
        "it is never built up": MEAN * math.exp(-held / MEAN),
        "it is full from the start": MEAN * math.exp(-target / MEAN),
        "it is built up without end": mean(held, rate, 1e9),
        "it is built up from nothing": mean(0.0, rate, target),
        "the target comes on top of what it holds": mean(held, rate, target + held),
        "a whole day comes in each day": mean(held, 1.0, target),
    }
    assert_mean(loss, mean(held, rate, target), within=0.02, wrong=wrong)
    survival = math.exp(-held / MEAN) * mean(0.0, rate, target - held) / MEAN
    assert_chance(loss > 0.0, survival, within=0.02)


def test_a_stock_is_built_up_to_the_larger_of_its_target_and_what_was_drawn() -> None:
    target, draws = 50.0, (20.0, 80.0)
    days = {"empirical": {"values": list(draws)}}
    store = _store(days=days, build_rate=1.0, target_days=target)
    loss = play(_after_a_warning(1000.0, stocks=store), seed=604).total
    expected = sum(MEAN * math.exp(-max(target, days) / MEAN) for days in draws) / 2.0
    wrong = {
        "always the target": MEAN * math.exp(-target / MEAN),
        "always what was drawn": sum(MEAN * math.exp(-days / MEAN) for days in draws) / 2.0,
    }
    assert_mean(loss, expected, within=0.02, wrong=wrong)


def test_nothing_is_built_up_once_the_ban_has_begun() -> None:
    store = _store(days=10.0, build_rate=0.5, target_days=200.0)
    config = one_dispute(90.0)
    config["materials"]["metal"]["stocks"] = store
    assert _loss(config) == pytest.approx(80.0, abs=1e-9)
    config = _after_a_warning(60.0, 90.0, stocks=store)
    assert _loss(config) == pytest.approx(90.0 - 10.0 - 0.5 * 60.0, abs=1e-9)


def test_a_stock_is_built_up_from_time_0_and_not_from_the_start_of_a_dispute() -> None:
    config = one_dispute(90.0)
    config["disputes"] = {
        "elsewhere": {"coercer": "China", "target": "Japan", "active": {"level": "ban"}},
        "quarrel": {"coercer": "China", "target": "Korea", "entry": {"ban": 1.0}},
    }
    spillover = {"when": "elsewhere", "reaches": "ban", "starts": "quarrel", "lag": 40.0}
    config["triggers"] = {"spillover": spillover | {"probability": 1.0}}
    config["materials"]["metal"]["stocks"] = _store(build_rate=0.5, target_days=200.0)
    assert _loss(config) == pytest.approx(90.0 - 0.5 * 40.0, abs=1e-9)


def _two_bans(**metal: Any) -> Config:
    """Two bans of 50 days, from time 0 on, with 100 days between them."""
    config = one_dispute(50.0)
    config["ladder"] = {
        "first": {"sojourn": 50.0, "next": {"pause": 1.0}},
        "pause": {"sojourn": 100.0, "next": {"second": 1.0}},
        "second": {"sojourn": 50.0, "next": {"resolved": 1.0}},
    }
    config["disputes"]["quarrel"] |= {"entry": {"first": 1.0}, "active": {"level": "first"}}
    config["materials"]["metal"] |= {"cut": {"first": 1.0, "second": 1.0}} | metal
    return config


@pytest.mark.parametrize(
    ("rate", "target", "again"),
    [(0.001, 45.0, 0.1), (0.1, 45.0, 10.0), (0.9, 45.0, 45.0), (0.9, 5.0, 30.0)],
)
def test_a_stock_is_built_up_again_between_two_bans(
    rate: float, target: float, again: float
) -> None:
    store = _store(days=30.0, build_rate=rate, target_days=target)
    config = _two_bans(stocks=store, refill_rate=1.0)
    assert _loss(config) == pytest.approx((50.0 - 30.0) + (50.0 - again), abs=1e-9)


def test_an_empty_stock_stays_empty_unless_it_has_a_target() -> None:
    assert _loss(_two_bans(stocks=_store(), refill_rate=1.0)) == 100.0
    assert _loss(_two_bans(stocks=_store(build_rate=0.5))) == 100.0


def test_a_stock_without_a_target_is_built_up_to_what_it_held() -> None:
    config = _two_bans(stocks=_store(days=30.0, build_rate=0.9), refill_rate=0.01)
    assert _loss(config) == pytest.approx(20.0 + 20.0, abs=1e-9)


def test_stocks_that_are_refilled_share_their_rate_without_the_one_that_is_built_up() -> None:
    stocks = {
        "built": {"days": 10.0, "build_rate": 0.05, "target_days": 40.0},
        "refilled": {"days": 15.0},
    }
    config = _two_bans(stocks=stocks, refill_rate=0.1)
    assert _loss(config) == pytest.approx(25.0 + (50.0 - 5.0 - 10.0), abs=1e-9)


def test_a_stock_is_not_built_up_while_alternatives_replace_all_that_is_lost() -> None:
    config = _two_bans(
        cut={"first": 0.3, "pause": 0.3, "second": 1.0},
        alternatives={"other": {"capacity": 0.3, "lead_time": 0.0}},
        stocks=_store(build_rate=0.5, target_days=40.0),
    )
    assert _loss(config) == pytest.approx(0.7 * 50.0, abs=1e-9)
    config["materials"]["metal"]["cut"]["pause"] = 0.0
    # 40 days after the pause, at seven tenths a day
    assert _loss(config) == pytest.approx(0.0, abs=1e-9)


def test_what_was_built_up_is_released_by_the_rules_of_its_tier() -> None:
    store = _store(build_rate=0.5, target_days=30.0, release_lag_days=20.0, max_release=0.5)
    config = _after_a_warning(1000.0, 100.0, stocks=store)
    # 20 days at 1, then the tier gives half for 60 days, then 20 days at 1.
    assert _loss(config) == pytest.approx(20.0 + 30.0 + 20.0, abs=1e-9)
