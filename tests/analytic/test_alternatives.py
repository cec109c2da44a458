"""Rerouting: what alternatives save when they succeed, after a lead time and on a ramp.

D ~ Exp(MEAN) is the time that all supply is cut, s the days in store, h = MEAN tau / (MEAN + tau)
the mean of the smaller of D and an exponential lead time with mean tau.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from analytic.worlds import Config, assert_chance, assert_mean, one_dispute, play, warned

MEAN = 100.0
STOCK = 40.0
CHANCE = 0.7
CAPACITY = 0.6
EXPONENTIAL = {"exponential": {"mean": MEAN}}
Q = math.exp(-STOCK / MEAN)


def _rerouted(*, stock_days: float = STOCK, **alternative: Any) -> Config:
    config = one_dispute(EXPONENTIAL, stock_days=stock_days)
    config["materials"]["metal"]["alternatives"] = {
        "other": {"capacity": CAPACITY, "probability": CHANCE, "lead_time": 60.0} | alternative
    }
    return config


def test_an_alternative_after_the_stock_saves_its_capacity_from_its_lead_time_on() -> None:
    lead = 60.0
    loss = play(_rerouted(lead_time=lead), seed=401).total
    late = math.exp(-lead / MEAN)
    expected = MEAN * (Q - CHANCE * CAPACITY * late)
    wrong = {
        "it always succeeds": MEAN * (Q - CAPACITY * late),
        "the lead time counts from the end of the stock": MEAN
        * (Q - CHANCE * CAPACITY * math.exp(-(lead + STOCK) / MEAN)),
    }
    assert_mean(loss, expected, within=0.02, wrong=wrong)
    second = (
        2.0 * MEAN**2 * Q
        - 2.0 * CHANCE * CAPACITY * late * (2.0 * MEAN**2 + (lead - STOCK) * MEAN)
        + 2.0 * CHANCE * CAPACITY**2 * MEAN**2 * late
    )
    wrong = {"success is shared out": (MEAN * Q) ** 2 + expected**2}
    assert_mean(loss**2, second, within=0.06, wrong=wrong)


def test_an_alternative_before_the_stock_ends_makes_the_stock_last_longer() -> None:
    lead = 15.0
    loss = play(_rerouted(lead_time=lead), seed=402).total
    empty = lead + (STOCK - lead) / (1.0 - CAPACITY)
    expected = MEAN * ((1.0 - CHANCE) * Q + CHANCE * (1.0 - CAPACITY) * math.exp(-empty / MEAN))
    wrong = {"stock and alternative do not meet": MEAN * Q * (1.0 - CHANCE * CAPACITY)}
    assert_mean(loss, expected, within=0.02, wrong=wrong)


def test_the_lead_time_counts_from_the_first_cut() -> None:
    lead, warning = 60.0, 30.0
    loss = play(warned(_rerouted(lead_time=lead), warning), seed=410).total
    expected = MEAN * (Q - CHANCE * CAPACITY * math.exp(-lead / MEAN))
    early = MEAN * (Q - CHANCE * CAPACITY * math.exp(-(lead - warning) / MEAN))
    assert_mean(loss, expected, within=0.02, wrong={"from the start of the dispute": early})


def test_full_replacement_after_an_exponential_lead_time_ends_the_loss() -> None:
    tau = 80.0
    config = _rerouted(capacity=1.0, lead_time={"exponential": {"mean": tau}})
    loss = play(config, seed=403).total
    h = MEAN * tau / (MEAN + tau)
    expected = CHANCE * h * math.exp(-STOCK / h) + (1.0 - CHANCE) * MEAN * Q
    wrong = {"the lead time counts from the end of the stock": Q * (CHANCE * h + 0.3 * MEAN)}
    assert_mean(loss, expected, within=0.02, wrong=wrong)
    chance = CHANCE * math.exp(-STOCK / h) + (1.0 - CHANCE) * Q
    assert_chance(loss > 0.0, chance, within=0.02, wrong={"the stock alone": Q})


@pytest.mark.parametrize("stock", [0.0, STOCK])
def test_several_alternatives_add_up_over_all_their_outcomes(stock: float) -> None:
    offered = {"mine": (0.5, 0.3), "scrap": (0.25, 0.8), "swap": (0.4, 0.5)}
    config = one_dispute(EXPONENTIAL, stock_days=stock)
    config["materials"]["metal"]["alternatives"] = {
        name: {"capacity": capacity, "probability": chance, "lead_time": 0.0}
        for name, (capacity, chance) in offered.items()
    }
    loss = play(config, seed=404).total
    first = second = safe = 0.0
    for outcome in itertools.product([0, 1], repeat=len(offered)):
        weight, gap = 1.0, 1.0
        for came, (capacity, chance) in zip(outcome, offered.values(), strict=True):
            weight *= chance if came else 1.0 - chance
            gap -= capacity * came
        if gap <= 0.0:
            safe += weight
            continue
        survival = math.exp(-stock / (gap * MEAN))
        first += weight * gap * MEAN * survival
        second += weight * 2.0 * (gap * MEAN) ** 2 * survival
        safe += weight * (1.0 - survival)
    averaged = 1.0 - sum(capacity * chance for capacity, chance in offered.values())
    wrong = {"capacities are averaged": averaged * MEAN * math.exp(-stock / (averaged * MEAN))}
    assert_mean(loss, first, within=0.03, wrong=wrong)
    assert_mean(loss**2, second, within=0.06)
    assert_chance(loss == 0.0, safe, within=0.04)


RAMP = 800.0


def _steps(count: int, shift: float) -> list[float]:
    return [RAMP * (j + shift) / count for j in range(count)]


def _ramp_mean(arrivals: list[float]) -> float:
    """The mean of the integral of what is still missing, over the dispute."""
    return sum(MEAN * (1.0 - math.exp(-a / MEAN)) for a in arrivals) / len(arrivals)


def test_a_ramp_arrives_in_steps_at_the_middle_of_each_part() -> None:
    config = _rerouted(
        stock_days=0.0, capacity=1.0, probability=1.0, lead_time=0.0, ramp_days=RAMP, ramp_steps=4
    )
    loss = play(config, seed=405).total
    arrivals = _steps(4, 0.5)
    linear = MEAN * (1.0 - MEAN / RAMP * (1.0 - math.exp(-RAMP / MEAN)))
    wrong = {
        "steps at the start of each part": _ramp_mean(_steps(4, 0.0)),
        "steps at the end of each part": _ramp_mean(_steps(4, 1.0)),
        "a linear ramp": linear,
        "no ramp": 0.0,
    }
    assert_mean(loss, _ramp_mean(arrivals), within=0.02, wrong=wrong)


def test_a_ramp_in_steps_has_its_second_moment() -> None:
    ramp = 200.0
    config = _rerouted(
        stock_days=0.0, capacity=1.0, probability=1.0, lead_time=0.0, ramp_days=ramp, ramp_steps=4
    )
    loss = play(config, seed=406).total
    arrivals = [ramp * (j + 0.5) / 4 for j in range(4)]

    def product(a: float, b: float) -> float:
        """E[min(D, a) min(D, b)] for a <= b."""
        short = 2.0 * MEAN**2 * (1.0 - math.exp(-a / MEAN) * (1.0 + a / MEAN))
        return short + a * MEAN * (math.exp(-a / MEAN) - math.exp(-b / MEAN))

    expected = sum(product(min(a, b), max(a, b)) for a in arrivals for b in arrivals) / 16.0
    mean = sum(MEAN * (1.0 - math.exp(-a / MEAN)) for a in arrivals) / 4.0
    assert_mean(loss**2, expected, within=0.02, wrong={"no variance": mean**2})


def test_the_premium_is_paid_on_what_is_rerouted_while_the_cut_lasts() -> None:
    lead, premium, spend = 60.0, 0.4, 365.0
    config = _rerouted(stock_days=0.0, lead_time=lead, premium=premium)
    config["materials"]["metal"]["spend_per_year"] = spend
    cost = play(config, seed=407).rerouting[:, 0]
    expected = premium * CHANCE * CAPACITY * MEAN * math.exp(-lead / MEAN)
    wrong = {
        "paid on all demand": expected / CAPACITY,
        "paid from the first day": expected * math.exp(lead / MEAN),
        "paid when it fails, too": expected / CHANCE,
    }
    assert_mean(cost, expected, within=0.03, wrong=wrong)


def test_a_drawn_capacity_is_independent_of_success_and_of_the_dispute() -> None:
    config = _rerouted(
        stock_days=0.0, lead_time=0.0, capacity={"uniform": {"low": 0.2, "high": 1.0}}
    )
    loss = play(config, seed=408).total
    second = 2.0 * MEAN**2 * (1.0 - CHANCE + CHANCE * 0.8**2 / 3.0)  # 1 - capacity ~ U(0, 0.8)
    constant = 2.0 * MEAN**2 * (1.0 - CHANCE + CHANCE * 0.4**2)
    assert_mean(loss**2, second, within=0.04, wrong={"its mean throughout": constant})
    assert_mean(loss, MEAN * (1.0 - CHANCE * 0.6), within=0.02)


def test_an_alternative_stays_on_stream_for_later_episodes() -> None:
    lead = 150.0
    config = one_dispute(1.0)
    config["ladder"] = {
        "ban": {"sojourn": 100.0, "next": {"pause": 1.0}},
        "pause": {"sojourn": 100.0, "next": {"second": 1.0}},
        "second": {"sojourn": EXPONENTIAL, "next": {"resolved": 1.0}},
    }
    metal = config["materials"]["metal"]
    metal["cut"] = {"ban": 1.0, "second": 1.0}
    metal["alternatives"] = {
        "other": {"capacity": CAPACITY, "probability": CHANCE, "lead_time": lead}
    }
    loss = play(config, seed=409).total
    expected = 100.0 + MEAN * (1.0 - CHANCE * CAPACITY)
    wrong = {
        "its lead time starts again": 100.0
        + MEAN * (1.0 - CHANCE * CAPACITY * math.exp(-lead / MEAN)),
        "it has gone": 100.0 + MEAN,
    }
    assert_mean(loss, expected, within=0.01, wrong=wrong)
    assert np.all(loss >= 100.0 * (1.0 - 1e-12))
