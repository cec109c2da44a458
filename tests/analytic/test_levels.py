"""Days on each level, and days of cut weighted by its depth, against closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from analytic.worlds import Config, assert_mean, one_dispute, play, recurring

from riskengine.config import load
from riskengine.play.simulate import simulate

A, B = 120.0, 45.0  # mean days of two disputes on their levels


def _cut(config: Config, cut: Any, share: float) -> Config:
    config["materials"]["metal"]["cut"] = {"ban": cut}
    config["materials"]["metal"]["sources"]["China"]["share"] = share
    return config


@pytest.mark.parametrize(("stock", "reserve"), [(0.0, 0.0), (365.0, 0.0), (0.0, 1.0)])
def test_a_constant_cut_counts_by_its_depth_whatever_replaces_it(
    stock: float, reserve: float
) -> None:
    """0.3 of a share of 0.9 for 90 days: 24.3 days of normal demand, on 90 days."""
    config = _cut(one_dispute(90.0, stock_days=stock, horizon_days=365.0), 0.3, 0.9)
    config["materials"]["metal"]["alternatives"] = {"other": {"capacity": reserve, "lead_time": 40}}
    losses = play(config, seed=1, trials=3)
    np.testing.assert_allclose(losses.cut_weighted_days, 0.27 * 90.0, rtol=1e-14)
    assert (losses.cut_days == 90.0).all()
    assert (losses.level_days == 90.0).all()


def test_a_drawn_cut_counts_by_its_mean() -> None:
    config = _cut(one_dispute(90.0), {"uniform": {"low": 0.2, "high": 0.6}}, 0.5)
    days = play(config, seed=321).cut_weighted_days[:, 0]
    assert_mean(days, 0.4 * 0.5 * 90.0, within=0.01, wrong={"the whole cut": 45.0, "days": 90.0})


def test_days_end_at_the_horizon() -> None:
    losses = play(_cut(one_dispute(1000.0, horizon_days=365.0), 0.5, 0.5), seed=1, trials=3)
    assert (losses.level_days == 365.0).all()
    assert (losses.cut_weighted_days == 0.25 * 365.0).all()


def test_a_level_that_cuts_nothing_has_days_too() -> None:
    losses = play(_cut(one_dispute(90.0), 0.0, 1.0), seed=1, trials=3)
    assert (losses.level_days == 90.0).all()
    assert not losses.cut_weighted_days.any()


def _two_disputes() -> Config:
    """China is on the mild level for Exp(A) days from time 0, Russia on the deep one for Exp(B)."""
    config = one_dispute({"exponential": {"mean": A}})
    config["ladder"]["war"] = {
        "sojourn": {"exponential": {"mean": B}},
        "next": {"resolved": 1.0},
    }
    config["disputes"]["other"] = {
        "coercer": "Russia",
        "target": "Korea",
        "entry": {"war": 1.0},
        "active": {"level": "war"},
    }
    config["materials"]["metal"] |= {
        "cut": {"ban": 0.5, "war": 1.0},
        "sources": {"China": {"share": 0.6}, "Russia": {"share": 0.2}},
    }
    return config


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_disputes_the_deeper_level_has_the_day(order: int) -> None:
    """On the mild level for E(a - b)+ = A^2 / (A + B), with a and b exponential (memoryless),
    whichever dispute the config has first."""
    config = _two_disputes()
    config["disputes"] = dict(list(config["disputes"].items())[::order])
    losses = play(config, seed=322)
    mild, deep = losses.level_days.T
    assert_mean(deep, B, within=0.02)
    wrong = {"both at once": A, "the longer alone": A * A / (A + B) + B}
    assert_mean(mild, A * A / (A + B), within=0.02, wrong=wrong)


def test_days_of_all_levels_are_the_days_on_any() -> None:
    losses = play(_two_disputes(), seed=322)
    assert_mean(losses.level_days.sum(axis=1), A + B - A * B / (A + B), within=0.02)
    np.testing.assert_allclose(losses.level_days.sum(axis=1), losses.cut_days[:, 0], rtol=1e-12)


def test_cuts_of_two_disputes_add_up_by_their_shares() -> None:
    days = play(_two_disputes(), seed=322).cut_weighted_days[:, 0]
    wrong = {"the deepest cut for all": 0.8 * (A + B - A * B / (A + B)), "no shares": 0.5 * A + B}
    assert_mean(days, 0.5 * 0.6 * A + 0.2 * B, within=0.02, wrong=wrong)


def test_a_trial_after_another_begins_with_no_days() -> None:
    """Rows and working arrays serve one trial after another: calm ones stay at 0."""
    losses = play(recurring(10.0, rate_per_year=0.5, horizon_days=365.0), seed=3, trials=2000)
    calm = losses.episodes[:, 0] == 0
    assert 500 < calm.sum() < 1500
    assert not losses.level_days[calm].any()
    assert (losses.level_days[:, 0] <= 10.0 * losses.episodes[:, 0] + 1e-9).all()
    np.testing.assert_allclose(losses.level_days, losses.cut_days, rtol=1e-12)


def test_materials_have_their_days_apart() -> None:
    """Two materials, two levels: side by side in the order of the config."""
    config = _two_disputes()
    for level in ("ban", "war"):
        config["ladder"][level]["sojourn"] = {"ban": 20.0, "war": 5.0}[level]
    config["materials"]["second"] = {
        "cut": {"ban": 1.0},
        "sources": {"China": {"share": 0.5}},
    }
    losses = simulate(load(config), trials=2, seed=1)
    assert losses.level_days.tolist() == [[15.0, 5.0, 20.0, 0.0]] * 2
