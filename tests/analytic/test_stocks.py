"""Stock tiers: partial cuts, refill between episodes, limits and lags of release, inventories."""

from __future__ import annotations

import math
from typing import Any

import pytest
from analytic.worlds import Config, assert_chance, assert_mean, one_dispute, play, warned
from scipy.integrate import quad

MEAN = 100.0
STOCK = 60.0
EXPONENTIAL = {"exponential": {"mean": MEAN}}
Q = math.exp(-STOCK / MEAN)


def _partly_cut(cut: Any, stock_days: float = STOCK) -> Config:
    config = one_dispute(EXPONENTIAL, stock_days=stock_days)
    config["materials"]["metal"]["cut"]["ban"] = cut
    return config


def test_a_stock_lasts_longer_the_less_is_cut() -> None:
    cut = 0.4
    loss = play(_partly_cut(cut), seed=501).total
    survival = math.exp(-STOCK / (cut * MEAN))
    wrong = {"it lasts as long as in a full cut": cut * MEAN * Q, "all is cut": MEAN * Q}
    assert_mean(loss, cut * MEAN * survival, within=0.04, wrong=wrong)
    second = 2.0 * (cut * MEAN) ** 2 * survival
    assert_mean(loss**2, second, within=0.08, wrong={"the cut not squared": second / cut})


def test_a_drawn_cut_mixes_the_losses_of_its_values() -> None:
    values, weights = (0.2, 0.5, 0.9), (0.5, 0.3, 0.2)
    cut = {"empirical": {"values": list(values), "weights": list(weights)}}
    loss = play(_partly_cut(cut), seed=502).total
    expected = sum(
        w * c * MEAN * math.exp(-STOCK / (c * MEAN)) for c, w in zip(values, weights, strict=True)
    )
    mean = sum(c * w for c, w in zip(values, weights, strict=True))
    wrong = {"its mean throughout": mean * MEAN * math.exp(-STOCK / (mean * MEAN))}
    assert_mean(loss, expected, within=0.05, wrong=wrong)


def test_a_continuous_cut_integrates_the_losses_of_its_values() -> None:
    low, high = 0.3, 1.0
    loss = play(_partly_cut({"uniform": {"low": low, "high": high}}), seed=503).total
    area, _ = quad(lambda c: c * MEAN * math.exp(-STOCK / (c * MEAN)), low, high)
    middle = 0.5 * (low + high)
    wrong = {"its mean throughout": middle * MEAN * math.exp(-STOCK / (middle * MEAN))}
    assert_mean(loss, area / (high - low), within=0.04, wrong=wrong)


def _two_bans(*, refill_rate: float, pause_days: float) -> Config:
    config = one_dispute(1.0, stock_days=STOCK)
    config["ladder"] = {
        "first": {"sojourn": EXPONENTIAL, "next": {"pause": 1.0}},
        "pause": {"sojourn": pause_days, "next": {"second": 1.0}},
        "second": {"sojourn": EXPONENTIAL, "next": {"resolved": 1.0}},
    }
    config["disputes"]["quarrel"] |= {"entry": {"first": 1.0}, "active": {"level": "first"}}
    config["materials"]["metal"] |= {
        "cut": {"first": 1.0, "second": 1.0},
        "refill_rate": refill_rate,
    }
    return config


def _refilled(amount: float) -> float:
    """Mean loss of two bans when up to `amount` days come back in between."""
    kept = Q * (1.0 - math.exp(-amount / MEAN))
    kept += ((STOCK - amount) / MEAN + 1.0) * math.exp(-(STOCK + amount) / MEAN)
    return MEAN * (Q + kept)


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        pytest.param(0.0, (STOCK + 2.0 * MEAN) * Q, id="nothing"),
        pytest.param(0.3, _refilled(30.0), id="half"),
        pytest.param(1.0, 2.0 * MEAN * Q, id="all"),
    ],
)
def test_the_stock_for_a_second_ban_is_what_was_refilled(rate: float, expected: float) -> None:
    loss = play(_two_bans(refill_rate=rate, pause_days=100.0), seed=504).total
    others = {
        "nothing is refilled": (STOCK + 2.0 * MEAN) * Q,
        "half is refilled": _refilled(30.0),
        "all is refilled": 2.0 * MEAN * Q,
    }
    wrong = {name: value for name, value in others.items() if value != expected}
    assert_mean(loss, expected, within=0.02, wrong=wrong)


def test_a_tier_releases_no_more_than_its_limit() -> None:
    limit = 0.5
    config = one_dispute(EXPONENTIAL, stock_days=STOCK)
    config["materials"]["metal"]["stocks"]["store"]["max_release"] = limit
    loss = play(config, seed=505).total
    expected = MEAN * (1.0 - limit * (1.0 - math.exp(-STOCK / (limit * MEAN))))
    wrong = {"no limit": MEAN * Q, "the limit shrinks the stock": MEAN * math.sqrt(Q)}
    assert_mean(loss, expected, within=0.02, wrong=wrong)


def test_a_tier_is_closed_for_its_release_lag() -> None:
    lag = 25.0
    config = one_dispute(EXPONENTIAL, stock_days=STOCK)
    config["materials"]["metal"]["stocks"]["store"]["release_lag_days"] = lag
    loss = play(config, seed=506).total
    expected = MEAN * (1.0 - math.exp(-lag / MEAN) + math.exp(-(lag + STOCK) / MEAN))
    wrong = {"no lag": MEAN * Q, "the lag uses the stock up": MEAN * (1.0 - 0.7788 + Q)}
    assert_mean(loss, expected, within=0.02, wrong=wrong)


def test_the_release_lag_counts_from_the_first_gap() -> None:
    lag, warning = 25.0, 15.0
    config = warned(one_dispute(EXPONENTIAL, stock_days=STOCK), warning)
    config["materials"]["metal"]["stocks"]["store"]["release_lag_days"] = lag
    loss = play(config, seed=511).total

    def mean(closed_days: float) -> float:
        return MEAN * (1.0 - math.exp(-closed_days / MEAN) * (1.0 - Q))

    wrong = {"from the start of the dispute": mean(lag - warning)}
    assert_mean(loss, mean(lag), within=0.02, wrong=wrong)


def test_two_tiers_follow_one_another() -> None:
    config = one_dispute(EXPONENTIAL)
    config["materials"]["metal"]["stocks"] = {"state": {"days": 20.0}, "firm": {"days": 40.0}}
    loss = play(config, seed=507).total
    wrong = {"only the first": MEAN * math.exp(-0.2), "both at once": MEAN * math.exp(-0.4)}
    assert_mean(loss, MEAN * Q, within=0.02, wrong=wrong)


def test_a_drawn_stock_is_independent_of_the_dispute() -> None:
    mean_stock = 50.0
    loss = play(
        one_dispute(EXPONENTIAL, stock_days={"exponential": {"mean": mean_stock}}), seed=508
    )
    chance = MEAN / (MEAN + mean_stock)
    wrong = {"its mean throughout": math.exp(-mean_stock / MEAN)}
    assert_chance(loss.total > 0.0, chance, within=0.01, wrong=wrong)
    assert_mean(loss.total, MEAN * chance, within=0.02, wrong={"comonotone": MEAN - mean_stock})


def test_an_inventory_fills_the_whole_of_a_shortage_until_it_is_empty() -> None:
    cut = 0.5
    config = _partly_cut(cut, stock_days=0.0)
    config["industries"]["mill"]["uses"]["metal"]["inventory_days"] = STOCK
    losses = play(config, seed=509)
    expected = cut * MEAN * math.exp(-STOCK / (cut * MEAN))
    wrong = {"it lasts as long as in a full cut": cut * MEAN * Q, "ignored": cut * MEAN}
    assert_mean(losses.output[:, 0], expected, within=0.04, wrong=wrong)
    assert_mean(losses.shortage_days[:, 0], cut * MEAN, within=0.01)


def test_substitution_lowers_the_loss_from_its_lag_after_the_first_shortage_on() -> None:
    lag, share = 30.0, 0.4
    config = one_dispute(EXPONENTIAL, stock_days=STOCK)
    use = config["industries"]["mill"]["uses"]["metal"]
    use |= {"substitution_share": share, "substitution_lag_days": lag}
    loss = play(config, seed=510).total
    expected = MEAN * Q * (1.0 - share * math.exp(-lag / MEAN))
    wrong = {
        "from the first cut on": MEAN * (Q - share * math.exp(-max(lag, STOCK) / MEAN)),
        "at once": MEAN * Q * (1.0 - share),
    }
    assert_mean(loss, expected, within=0.02, wrong=wrong)
