"""Limits in which chance plays no part: the answer is exact in every trial."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from analytic.worlds import YEAR, Config, one_dispute, play, recurring

from riskengine.kernel.draws import block, seeded_keys
from riskengine.model.losses import Losses
from riskengine.model.streams import stream

TRIALS = 500
SEED = 901


def _play(config: Config) -> Losses:
    return play(config, seed=SEED, trials=TRIALS)


def _ban(**changes: Any) -> Config:
    """A ban of 80 days on average that costs money in all ways; fields of the metal replaced."""
    config = one_dispute({"exponential": {"mean": 80.0}}, horizon_days=365.0)
    config["materials"]["metal"] |= {"spend_per_year": 50.0, "price_elasticity": 0.5} | changes
    return config


def _assert_no_loss(losses: Losses) -> None:
    assert not losses.total.any()
    assert not losses.industry_loss.any()
    assert not losses.material_loss.any()
    assert not losses.largest_spell.any()
    assert np.isnan(losses.first_loss_day).all()


def test_without_a_rate_nothing_ever_happens() -> None:
    losses = _play(recurring(50.0, rate_per_year=0.0, horizon_days=1e5))
    _assert_no_loss(losses)
    assert not losses.episodes.any()
    assert not losses.cut_days.any()
    assert (losses.deepest_level == -1).all()


def test_no_time_leaves_no_room_for_an_onset() -> None:
    losses = _play(recurring(50.0, rate_per_year=1.0, horizon_days=1e-9))
    _assert_no_loss(losses)
    assert not losses.episodes.any()


def test_a_metal_that_is_never_covered_is_never_cut() -> None:
    losses = _play(_ban(coverage=0.0))
    _assert_no_loss(losses)
    assert not losses.cut_days.any()


def test_a_stock_for_longer_than_the_horizon_leaves_no_loss() -> None:
    losses = _play(_ban(stocks={"store": {"days": 365.0}}))
    _assert_no_loss(losses)
    assert not losses.shortage_days.any()
    assert losses.cut_days.all()


def test_an_inventory_for_longer_than_the_horizon_leaves_no_output_loss() -> None:
    config = _ban(spend_per_year=0.0)
    config["industries"]["mill"]["uses"]["metal"]["inventory_days"] = 365.0
    _assert_no_loss(_play(config))


def test_full_replacement_at_once_leaves_no_shortage() -> None:
    losses = _play(_ban(alternatives={"other": {"capacity": 1.0, "lead_time": 0.0}}))
    _assert_no_loss(losses)
    assert not losses.shortage_days.any()


def test_an_alternative_that_cannot_succeed_changes_no_bit() -> None:
    without = _play(_ban())
    tried = {"other": {"capacity": 1.0, "probability": 0.0, "lead_time": 0.0, "premium": 3.0}}
    assert np.array_equal(_play(_ban(alternatives=tried)).total, without.total)


def test_an_alternative_succeeds_at_the_lower_end_of_its_uniforms() -> None:
    """High is worse, so that one score shared by materials makes rerouting fail for all of them."""
    chance = 0.3
    tried = {"other": {"capacity": 1.0, "probability": chance, "lead_time": 0.0}}
    losses = _play(_ban(alternatives=tried))
    key = seeded_keys(np.array([stream("alternative", "metal", "other")], dtype=np.uint64), SEED)[0]
    uniforms = np.array([block(key, trial, 0, 0)[0] for trial in range(TRIALS)])
    assert np.array_equal(losses.shortage_days[:, 0] == 0.0, uniforms <= chance)


def test_a_cut_of_nothing_costs_nothing() -> None:
    losses = _play(_ban(cut={"ban": 0.0}))
    _assert_no_loss(losses)
    assert (losses.deepest_level == 0).all()


def test_an_industry_that_does_not_depend_on_the_metal_loses_no_output() -> None:
    config = _ban(spend_per_year=0.0)
    config["industries"]["mill"]["uses"]["metal"]["dependence"] = 0.0
    _assert_no_loss(_play(config))


def test_full_substitution_at_once_leaves_no_output_loss() -> None:
    config = _ban(spend_per_year=0.0)
    config["industries"]["mill"]["uses"]["metal"]["substitution_share"] = 1.0
    _assert_no_loss(_play(config))


def test_full_recapture_leaves_no_loss_of_the_lost_days() -> None:
    config = _ban(spend_per_year=0.0)
    config["industries"]["mill"]["recapture"] = 1.0
    losses = _play(config)
    assert not losses.total.any()
    assert losses.loss_days.all()


@pytest.mark.parametrize(
    "sojourn",
    [
        90.0,
        {"lognormal": {"median": 90.0, "p90": 90.0}},
        {"lognormal": {"mean": 90.0, "cv": 0.0}},
        {"gamma": {"mean": 90.0, "cv": 0.0}},
        {"uniform": {"low": 90.0, "high": 90.0}},
        {"empirical": {"values": [90.0]}},
    ],
    ids=["number", "median", "mean", "gamma", "uniform", "empirical"],
)
def test_a_sojourn_without_spread_lasts_its_days_to_the_bit(sojourn: Any) -> None:
    losses = _play(one_dispute(sojourn, horizon_days=YEAR))
    assert (losses.cut_days == 90.0).all()
    assert (losses.total == 90.0).all()


def test_a_certain_ban_beyond_the_horizon_costs_the_whole_value_added() -> None:
    config = one_dispute(1000.0, horizon_days=2.0 * YEAR)
    losses = _play(config)
    assert (losses.total == 2.0 * YEAR).all()
    assert (losses.stopped_days == 2.0 * YEAR).all()
    assert (losses.first_loss_day == 0.0).all()


def test_a_certain_ban_costs_what_outlasts_stock_lag_and_limit() -> None:
    config = one_dispute(100.0, horizon_days=YEAR)
    config["materials"]["metal"]["stocks"] = {
        "late": {"days": 10.0, "release_lag_days": 20.0, "max_release": 0.5}
    }
    # 20 days at 1, then the tier gives half for 20 days, then 60 days at 1.
    losses = _play(config)
    assert (losses.total == 20.0 + 10.0 + 60.0).all()
