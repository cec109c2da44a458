"""From shortages to money: operating rates, scarcity prices and propagation in closed form."""

from __future__ import annotations

import math

import pytest
from analytic.worlds import Config, assert_chance, assert_mean, one_dispute, play

MEAN = 100.0
UNIFORM = {"uniform": {"low": 0.0, "high": 1.0}}


def _drawn_cut() -> Config:
    config = one_dispute({"exponential": {"mean": MEAN}})
    config["materials"]["metal"]["cut"]["ban"] = UNIFORM
    return config


def test_a_line_stops_below_its_least_operating_rate() -> None:
    least = 0.4
    config = _drawn_cut()
    config["industries"]["mill"]["min_operating_rate"] = least
    losses = play(config, seed=701)
    lost = (1.0 - least) ** 2 / 2.0 + least
    wrong = {"it never stops": 0.5 * MEAN, "it stops above": MEAN * (least**2 / 2 + 1 - least)}
    assert_mean(losses.total, lost * MEAN, within=0.02, wrong=wrong)
    assert_chance(losses.stopped_days[:, 0] > 0.0, least, within=0.02, wrong={"one less": 0.6})


def test_a_scarcity_price_is_paid_on_what_is_still_bought_up_to_its_cap() -> None:
    elasticity, cap, spend_per_day = 0.5, 9.0, 1.0
    config = _drawn_cut()
    config["materials"]["metal"] |= {
        "spend_per_year": 365.0 * spend_per_day,
        "price_elasticity": elasticity,
        "price_cap": cap,
    }
    cost = play(config, seed=702).price[:, 0]
    # With x = 1 - n uniform on (0, 1): the integral of x (min(x**-2, cap) - 1).
    knee = cap**-0.5
    mean = (cap - 1.0) * knee**2 / 2.0 - math.log(knee) - (1.0 - knee**2) / 2.0
    wrong = {
        "no cap": MEAN * 10.0,
        "paid on all demand": MEAN * ((cap - 1.0) * knee + 1.0 / knee - 2.0 + knee),
        "the elasticity is not inverted": MEAN * (2.0 / 3.0 - 1.0 / 2.0),
        "the old price is not taken off": MEAN * (mean + 0.5),
    }
    assert_mean(cost, mean * MEAN, within=0.02, wrong=wrong)


def test_what_is_made_up_for_later_is_not_lost() -> None:
    config = _drawn_cut()
    config["industries"]["mill"]["recapture"] = 0.25
    loss = play(config, seed=703).total
    assert_mean(loss, 0.75 * 0.5 * MEAN, within=0.02, wrong={"none": 50.0, "all but": 12.5})


@pytest.mark.parametrize("rule", ["proportional", "priority"])
def test_two_mills_share_a_shortage_by_the_rule_of_the_metal(rule: str) -> None:
    config = _drawn_cut()
    config["materials"]["metal"]["allocation"] = rule
    config["industries"] = {
        name: {
            "value_added_per_year": 365.0,
            "uses": {"metal": {"share": share, "dependence": 1.0, "priority": priority}},
        }
        for name, share, priority in (("first", 0.3, 1), ("second", 0.5, 0))
    }
    loss = play(config, seed=704).industry_loss
    # By priority, the fifth that no mill uses is cut first, then the mill of higher number.
    expected = {"proportional": (0.5, 0.5), "priority": (0.5 + 0.3 / 2.0, 0.5 / 2.0)}[rule]
    other = {"proportional": (0.65, 0.25), "priority": (0.5, 0.5)}[rule]
    unused_last = {"proportional": (0.65, 0.25), "priority": (0.85, 0.45)}[rule]
    for k in (0, 1):
        wrong = {"the other rule": other[k] * MEAN, "unused demand last": unused_last[k] * MEAN}
        assert_mean(loss[:, k], expected[k] * MEAN, within=0.03, wrong=wrong)


def test_losses_spread_by_the_inverse_of_leontief() -> None:
    config = _drawn_cut()
    config["industries"]["maker"] = {"value_added_per_year": 1000.0, "uses": {}}
    a, b = 0.3, 0.2  # of the mill's direct loss in the maker, and back
    config["propagation"] = {"coefficients": {"mill": {"maker": a}, "maker": {"mill": b}}}
    losses = play(config, seed=705, trials=1000)
    direct = losses.output[:, 0]
    assert losses.industry_loss[:, 0] == pytest.approx(direct / (1.0 - a * b), rel=1e-12)
    assert losses.industry_loss[:, 1] == pytest.approx(a * direct / (1.0 - a * b), rel=1e-12)
    assert losses.material_loss[:, 0] == pytest.approx(losses.total, rel=1e-12)
