"""Differences of two samples: their 95 % intervals hold the truth, and pairing makes them sharp."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np
import pytest
from scipy import stats

from riskengine.measures.estimate import Estimate
from riskengine.measures.moments import chance_above, mean, sd
from riskengine.measures.paired import (
    Pair,
    apart,
    chance_difference,
    mean_difference,
    median_difference,
    sd_difference,
    tvar_difference,
    var_difference,
    variance_ratio,
)
from riskengine.measures.sample import Sample
from riskengine.measures.tail import tvar, var

REPEATS = 2000
TRIALS = 20_000  #: 200 of them beyond the highest level
CHANCE, SCALE = 0.3, 40.0  #: of A: of any loss, and of a gamma distributed loss
COVERED = (0.9, 0.95, 0.99)

ALONE: dict[str, Callable[[Sample], Estimate]] = {
    "mean": lambda sample: mean(sample.values),
    "sd": sd,
    "chance": chance_above,
}
BOTH: dict[str, Callable[[Pair], Estimate]] = {
    "mean": mean_difference,
    "sd": sd_difference,
    "chance": chance_difference,
}
for _level in COVERED:
    ALONE[f"VaR {_level}"] = lambda sample, level=_level: var(sample, level)  # type: ignore[misc]
    ALONE[f"TVaR {_level}"] = lambda sample, level=_level: tvar(sample, level)  # type: ignore[misc]
    BOTH[f"VaR {_level}"] = lambda pair, level=_level: var_difference(pair, level)  # type: ignore[misc]
    BOTH[f"TVaR {_level}"] = lambda pair, level=_level: tvar_difference(pair, level)  # type: ignore[misc]


class Policy:
    """B: of A's losses, a share stays, on another scale, mostly driven by the same causes."""

    def __init__(self, stays: float, scale: float, shared: float):
        self.stays, self.scale, self.shared = stays, scale, shared

    def draw(self, random: np.random.Generator) -> Pair:
        hit = random.random(TRIALS) < CHANCE
        causes = random.exponential(1.0, (3, TRIALS))
        is_shared = random.random(TRIALS) < self.shared
        second = causes[0] + np.where(is_shared, causes[1], causes[2])
        stays = random.random(TRIALS) < self.stays
        return Pair(hit * SCALE * (causes[0] + causes[1]), hit * stays * self.scale * second)

    def truth(self) -> dict[str, float]:
        first = truths(CHANCE, SCALE)
        second = truths(CHANCE * self.stays, self.scale)
        return {name: second[name] - first[name] for name in first}


def truths(chance: float, scale: float) -> dict[str, float]:
    loss = stats.gamma(2.0, scale=scale)
    second = chance * (loss.var() + loss.mean() ** 2)
    found = {
        "mean": chance * loss.mean(),
        "sd": math.sqrt(second - (chance * loss.mean()) ** 2),
        "chance": chance,
    }
    for level in COVERED:
        quantile = loss.isf((1.0 - level) / chance)
        found[f"VaR {level}"] = quantile
        # E[X; X > q] of a gamma is its mean times the survival of one with shape + 1.
        beyond = loss.mean() * stats.gamma(3.0, scale=scale).sf(quantile)
        found[f"TVaR {level}"] = chance * beyond / (1.0 - level)
    return found


POLICIES = {
    "loose": Policy(stays=0.8, scale=28.0, shared=0.0),  # correlation 0.6
    "close": Policy(stays=0.95, scale=36.0, shared=0.7),  # correlation 0.9
}


def unpaired(pair: Pair, name: str) -> Estimate:
    return apart(*(ALONE[name](sample) for sample in pair.samples))


@pytest.mark.statistical
@pytest.mark.parametrize("policy", POLICIES)
def test_paired_intervals_hold_the_truth_as_often_as_they_say(policy: str) -> None:
    random = np.random.default_rng(20260108)
    draws = (POLICIES[policy].draw(random) for _ in range(REPEATS))
    shares = shares_held(draws, POLICIES[policy].truth(), lambda pair, name: BOTH[name](pair))
    assert {name: share for name, share in shares.items() if not 0.93 <= share <= 0.97} == {}


@pytest.mark.statistical
def test_unpaired_intervals_hold_the_truth_as_often_as_they_say() -> None:
    random = np.random.default_rng(20260109)
    policy = POLICIES["loose"]
    draws = (Pair(policy.draw(random).first, policy.draw(random).second) for _ in range(REPEATS))
    shares = shares_held(draws, policy.truth(), unpaired)
    assert {name: share for name, share in shares.items() if not 0.93 <= share <= 0.97} == {}


def shares_held(
    draws: Iterable[Pair], truth: dict[str, float], interval: Callable[[Pair, str], Estimate]
) -> dict[str, float]:
    """In which share of repeats each interval holds the truth."""
    held = dict.fromkeys(truth, 0)
    for pair in draws:
        for name, value in truth.items():
            found = interval(pair, name)
            held[name] += bool(found.lower <= value <= found.upper)
    return {name: count / REPEATS for name, count in held.items()}


def test_the_band_of_that_test_would_catch_intervals_of_other_levels() -> None:
    error = math.sqrt(0.95 * 0.05 / REPEATS)
    assert 2 * stats.norm.cdf(1.645) - 1 + 4 * error < 0.93
    assert 2 * stats.norm.cdf(2.5) - 1 - 2 * error > 0.97


@pytest.mark.parametrize("name", BOTH)
def test_pairing_is_sharper_than_no_pairing(name: str) -> None:
    pair = POLICIES["close"].draw(np.random.default_rng(5))
    assert variance_ratio(unpaired(pair, name), BOTH[name](pair)) > 2.0


@pytest.mark.parametrize("name", BOTH)
def test_pairing_of_unrelated_samples_gains_and_costs_nothing(name: str) -> None:
    random = np.random.default_rng(8)
    pair = Pair(*(POLICIES["close"].draw(random).first for _ in range(2)))
    assert variance_ratio(unpaired(pair, name), BOTH[name](pair)) == pytest.approx(1.0, abs=0.12)


@pytest.mark.parametrize("name", BOTH)
def test_the_difference_is_that_of_the_figures_alone(name: str) -> None:
    pair = POLICIES["loose"].draw(np.random.default_rng(6))
    first, second = (ALONE[name](sample).value for sample in pair.samples)
    assert BOTH[name](pair).value == pytest.approx(second - first, rel=1e-12)


@pytest.mark.parametrize("name", [name for name in BOTH if name not in ("chance", "sd")])
def test_what_shifts_every_trial_alike_has_no_error(name: str) -> None:
    losses = np.random.default_rng(1).gamma(2.0, 40.0, TRIALS)
    found = BOTH[name](Pair(losses, losses + 16.0))
    assert found == pytest.approx((16.0, 16.0, 16.0), rel=1e-9)


@pytest.mark.parametrize("name", [name for name in BOTH if name != "chance"])
def test_what_scales_every_trial_alike_has_that_share_of_the_error(name: str) -> None:
    losses = np.random.default_rng(2).gamma(2.0, 40.0, TRIALS)
    alone = ALONE[name](Sample.of(losses))
    found = BOTH[name](Pair(losses, losses * 0.75))
    wide = 0.25 * (alone.upper - alone.lower)
    assert found.value == pytest.approx(-0.25 * alone.value)
    assert found.upper - found.lower == pytest.approx(wide, rel=1e-4)


def test_the_error_of_a_mean_is_that_of_the_differences_by_trial() -> None:
    pair = Pair(np.tile([1.0, 5.0, 9.0], 100), np.tile([2.0, 5.0, 7.0], 100))
    changes = np.tile([1.0, 0.0, -2.0], 100)
    error = float(np.std(changes, ddof=1)) / math.sqrt(300.0)
    found = mean_difference(pair)
    assert found.value == pytest.approx(-1.0 / 3.0)
    assert found.upper - found.value == pytest.approx(1.959964 * error, rel=1e-6)


def test_a_chance_that_no_trial_changes_has_the_exact_bound_of_none_in_n() -> None:
    losses = np.array([0.0] * 90 + [5.0] * 10)
    bound = 1.0 - 0.025 ** (1.0 / 100.0)
    assert chance_difference(Pair(losses, 2.0 * losses)) == pytest.approx((0.0, -bound, bound))


def test_a_quantile_in_a_tail_of_zeros_has_no_error() -> None:
    losses = np.array([0.0] * 9000 + [5.0] * 10)
    assert var_difference(Pair(losses, losses[::-1].copy()), 0.9) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("measure", [var_difference, tvar_difference])
def test_there_is_no_interval_where_the_sample_does_not_reach_the_tail(
    measure: Callable[[Pair, float], Estimate],
) -> None:
    random = np.random.default_rng(3)
    found = measure(Pair(random.random(100), random.random(100)), 0.995)
    assert math.isfinite(found.value)
    assert math.isnan(found.lower)
    assert math.isnan(found.upper)


def test_one_trial_has_differences_without_intervals() -> None:
    pair = Pair(np.array([1.0]), np.array([3.0]))
    assert mean_difference(pair)[0] == 2.0
    assert math.isnan(mean_difference(pair).upper)
    assert math.isnan(sd_difference(pair).value)
    assert math.isnan(var_difference(pair, 0.9).upper)


def test_a_median_is_taken_of_what_exists() -> None:
    random = np.random.default_rng(4)
    days = np.where(random.random(4000) < 0.4, random.uniform(0.0, 300.0, 4000), np.nan)
    assert median_difference(Pair(days, days + 10.0)) == pytest.approx((10.0, 10.0, 10.0))
    unrelated = Pair(days, random.permutation(days))
    alone = var(Sample.of(days[~np.isnan(days)]), 0.5)
    found = median_difference(unrelated)
    wide = math.sqrt(2.0) * (alone.upper - alone.lower)
    assert found.upper - found.lower == pytest.approx(wide, rel=0.05)


def test_a_median_of_nothing_is_unknown() -> None:
    nothing = np.full(5, np.nan)
    assert math.isnan(median_difference(Pair(nothing, np.ones(5))).value)


def test_margins_of_independent_figures_add_in_squares_each_on_its_side() -> None:
    found = apart(Estimate(10.0, 7.0, 14.0), Estimate(30.0, 26.0, 33.0))
    assert found == pytest.approx((20.0, 20.0 - math.hypot(4.0, 4.0), 20.0 + math.hypot(3.0, 3.0)))


def test_a_loss_that_is_no_number_is_refused_and_not_dropped() -> None:
    with pytest.raises(ValueError, match="finite"):
        var_difference(Pair(np.array([1.0, np.nan]), np.ones(2)), 0.9)


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_the_unit_of_money_does_not_show_in_the_variance_ratio(unit: float) -> None:
    wide, narrow = Estimate(0.0, -4.0 * unit, 4.0 * unit), Estimate(0.0, -unit, unit)
    assert variance_ratio(wide, narrow) == pytest.approx(16.0)
    assert variance_ratio(wide, Estimate(0.0, 0.0, 0.0)) == math.inf
    assert math.isnan(variance_ratio(Estimate(0.0, 0.0, 0.0), Estimate(0.0, 0.0, 0.0)))
