"""Even points, a given onset and a tilt in worlds with closed forms: nothing is biased."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from analytic.worlds import YEAR, Config, assert_mean, play, recurring, two_metals

from riskengine.figures.designed import design_of, evidence_of
from riskengine.measures.weighted import WeightedSample
from riskengine.model.losses import Losses
from riskengine.play.fan import supply_fan

RATE_PER_YEAR = 0.16
RATE = RATE_PER_YEAR / YEAR
HORIZON = 365.0
MEAN = 60.0
TRIALS = 65_536


def onsets(*rates: float, **settings: Any) -> Config:
    """Disputes that last to the horizon once they have broken out, each on a metal of its own."""
    config = recurring(2.0 * HORIZON, rate_per_year=rates[0], horizon_days=HORIZON)
    config["disputes"] = {}
    config["materials"] = {}
    config["industries"] = {}
    countries = ["China", "Bolivia", "Chad"]
    for place, (rate, country) in enumerate(zip(rates, countries, strict=False)):
        config["disputes"][f"d{place}"] = {
            "coercer": country,
            "target": "Korea",
            "entry": {"ban": 1.0},
            "rate_per_year": rate,
        }
        config["materials"][f"m{place}"] = {
            "cut": {"ban": 1.0},
            "sources": {country: {"share": 1.0}},
        }
        config["industries"][f"i{place}"] = {
            "value_added_per_year": YEAR,
            "uses": {f"m{place}": {"share": 1.0, "dependence": 1.0}},
        }
    config["run"] |= settings
    return config


def first_days(losses: Losses) -> np.ndarray:
    """(trials, disputes) day on which each breaks out; the horizon where it does not."""
    return HORIZON - losses.cut_days


def test_the_one_onset_of_a_trial_that_is_given_one_is_an_exponential_cut_off() -> None:
    losses = play(onsets(RATE_PER_YEAR, given_onset=True), seed=301, trials=TRIALS)
    chance = -math.expm1(-RATE * HORIZON)
    assert losses.episodes.min() == 1
    np.testing.assert_allclose(losses.weight, chance, rtol=1e-12)
    days = first_days(losses)[:, 0]
    mean = 1.0 / RATE - HORIZON * math.exp(-RATE * HORIZON) / chance
    assert_mean(days, mean, within=0.02, wrong={"uniform": 0.5 * HORIZON})
    # P(onset before a day | onset): 60 days tell a cut-off exponential from others
    early = -math.expm1(-RATE * 60.0) / chance
    assert_mean(days < 60.0, early, within=0.05)


def test_of_several_disputes_each_breaks_out_as_often_as_it_does_where_any_does() -> None:
    rates = (0.05, 0.3, 0.1)
    losses = play(onsets(*rates, given_onset=True), seed=302, trials=TRIALS)
    any_chance = -math.expm1(-sum(rates))
    out = first_days(losses) < HORIZON
    assert out.any(axis=1).all()
    np.testing.assert_allclose(losses.weight, any_chance, rtol=1e-12)
    for place, rate in enumerate(rates):
        share = -math.expm1(-rate)
        wrong = {"each as in the world": share}
        assert_mean(out[:, place], share / any_chance, within=0.06, wrong=wrong)
    both = math.expm1(-rates[0]) * math.expm1(-rates[1]) / any_chance
    assert_mean(out[:, 0] & out[:, 1], both, within=0.15)


def test_the_gaps_of_several_disputes_are_those_of_the_world_where_any_breaks_out() -> None:
    rates = (0.05, 0.3, 0.1)
    losses = play(onsets(*rates, given_onset=True), seed=303, trials=TRIALS)
    days = first_days(losses)
    for place, rate in enumerate(rates):
        out = days[:, place] < HORIZON
        scale = YEAR / rate
        mean = scale - HORIZON * math.exp(-rate) / -math.expm1(-rate)
        assert_mean(days[out, place], mean, within=0.04)
    earliest = days.min(axis=1)
    scale = YEAR / sum(rates)
    mean = scale - HORIZON * math.exp(-sum(rates)) / -math.expm1(-sum(rates))
    assert_mean(earliest, mean, within=0.02)


def tilted_metals(**settings: Any) -> Config:
    """Two metals whose bans last an exponential time, with scores that they partly share."""
    config = two_metals(first={}, second={}, correlation={"duration": 0.5})
    config["ladder"]["ban"]["sojourn"] = {"exponential": {"mean": MEAN}}
    config["run"] |= settings
    return config


SETTINGS: dict[str, dict[str, Any]] = {
    "tilt 0.4": {"tilt": 0.4},
    "tilt 1": {"tilt": 1.0},
    "sobol": {"sampling": "sobol"},
    "sobol, tilt 0.7": {"sampling": "sobol", "tilt": 0.7},
}


@pytest.mark.parametrize("name", [name for name in SETTINGS if "tilt" in name])
def test_weights_of_tilted_trials_have_the_mean_one(name: str) -> None:
    losses = play(tilted_metals(**SETTINGS[name]), seed=304, trials=TRIALS)
    assert losses.weight is not None
    assert losses.weight.min() > 0.0
    assert_mean(losses.weight, 1.0, within=0.05)
    # The sojourn of the ban is tilted, and by half of it that of the step in which paths end.
    shifts = SETTINGS[name]["tilt"] * np.array([1.0, 0.5])
    expected = -0.5 * float(np.sum(shifts**2))
    wrong = {"one step": -0.5 * shifts[0] ** 2, "the other sign": -expected}
    assert_mean(np.log(losses.weight), expected, within=0.1, wrong=wrong)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_loss_of_exponential_length_has_its_mean_and_its_tail(name: str) -> None:
    losses = play(tilted_metals(**SETTINGS[name]), seed=305, trials=TRIALS)
    weight = np.ones(losses.trials) if losses.weight is None else losses.weight
    days = losses.cut_days[:, 0]
    assert_mean(weight * days, MEAN, within=0.05)
    for far in (MEAN, 3.0 * MEAN):
        assert_mean(weight * (days > far), math.exp(-far / MEAN), within=0.15)
    assert_mean(weight * losses.total, 2.0 * MEAN, within=0.05)


def test_a_tilt_draws_longer_bans_more_often() -> None:
    plain = play(tilted_metals(), seed=306, trials=4096)
    tilted = play(tilted_metals(tilt=1.0), seed=306, trials=4096)
    assert tilted.total.mean() > 1.5 * plain.total.mean()


@pytest.mark.costly
def test_value_at_risk_of_designed_runs_is_that_of_the_closed_form() -> None:
    """VaR of the length of one metal's ban: the quantile of an exponential."""
    for name, settings in SETTINGS.items():
        losses = play(tilted_metals(**settings), seed=307, trials=TRIALS)
        design = design_of(losses)
        assert design is not None
        sample = WeightedSample(np.ascontiguousarray(losses.cut_days[:, 0]), design)
        for level in (0.9, 0.99):
            truth = -MEAN * math.log(1.0 - level)
            estimate = sample.var(level)
            margin = 2.1 * max(estimate.upper - estimate.value, estimate.value - estimate.lower)
            assert abs(estimate.value - truth) < margin, name
            assert margin < 0.1 * truth, name
            tail = sample.tvar(level)
            margin = 2.1 * (tail.upper - tail.value)
            assert abs(tail.value - truth - MEAN) < margin, name


def test_the_fan_over_time_counts_the_futures_that_are_not_drawn() -> None:
    rate = 0.3
    losses = play(onsets(rate, given_onset=True), seed=308, trials=2000)
    rows = [row for row in supply_fan(losses) if row.quantity == "lost"]
    assert len(rows) > 20
    for row in rows:
        share = -math.expm1(-rate / YEAR * row.day)  # of all futures, cut by this day
        chance = -math.expm1(-rate * HORIZON / YEAR)
        error = chance * math.sqrt(share / chance * (1.0 - share / chance) / 2000.0)
        assert abs(row.mean - share) <= 4.0 * error + 1e-12, row
        # Where a percentile is decided, beyond chance: everything is lost or nothing.
        for tail, value in ((0.25, row.p75), (0.1, row.p90), (0.05, row.p95)):
            if abs(share - tail) > 4.0 * error:
                assert value == float(share > tail), row
    assert rows[-1].mean > 0.2


def test_the_median_first_day_is_that_of_the_futures_with_a_loss() -> None:
    rate = 0.3
    losses = play(onsets(rate, given_onset=True, sampling="sobol"), seed=309, trials=4096)
    found = evidence_of(losses).first_day(0)
    half = -0.5 * math.expm1(-rate * HORIZON / YEAR)
    median = -math.log1p(-half) * YEAR / rate
    assert found.lower <= median <= found.upper
    assert found.upper - found.lower < 0.1 * median
