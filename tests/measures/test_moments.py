"""Mean, standard deviation and probabilities."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from riskengine.measures.moments import (
    chance_above,
    mean,
    mean_and_sd,
    proportion,
    sd,
    standard_error,
)
from riskengine.measures.sample import NORMAL_975, Sample


def test_a_large_common_amount_does_not_swallow_the_spread() -> None:
    # The textbook formula E[x^2] - E[x]^2 gives 384 here instead of 1.
    noise = np.random.default_rng(1).standard_normal(100_000)
    assert sd(Sample.of(1e9 + noise)).value == pytest.approx(np.std(noise, ddof=1), rel=1e-6)


def test_the_standard_deviation_divides_by_one_less_than_the_trials() -> None:
    assert sd(Sample.of([0.0, 2.0])).value == pytest.approx(math.sqrt(2.0), rel=1e-15)


def test_the_interval_of_the_mean_is_1_96_standard_errors_wide() -> None:
    values = np.array([1.0, 2.0, 3.0, 4.0, 10.0])
    estimate = mean(values)
    error = np.std(values, ddof=1) / math.sqrt(5)
    assert estimate.upper - estimate.value == pytest.approx(1.959963984540054 * error, rel=1e-14)


def test_no_end_of_an_interval_is_negative() -> None:
    assert mean(np.array([0.0] * 99 + [1.0])).lower == 0.0


def test_one_trial_has_a_mean_but_neither_interval_nor_standard_deviation() -> None:
    estimate = mean(np.array([4.0]))
    assert estimate.value == 4.0
    assert math.isnan(estimate.lower)
    assert all(math.isnan(end) for end in sd(Sample.of([4.0])))


def test_losses_of_a_size_seen_in_won_keep_a_finite_interval() -> None:
    sample = Sample.of(np.linspace(0.0, 1e80, 1000))
    assert all(math.isfinite(end) for end in sd(sample))


def test_losses_that_are_all_equal_have_no_spread() -> None:
    assert sd(Sample.of(np.full(100, 3.0))) == (0.0, 0.0, 0.0)


def test_chance_above_counts_only_what_is_strictly_greater() -> None:
    sample = Sample.of([0.0, 0.0, 1.0, 2.0])
    assert chance_above(sample).value == 0.5
    assert chance_above(sample, 1.0).value == 0.25
    assert chance_above(sample, 2.0).value == 0.0


@pytest.mark.parametrize("n", [1, 10, 5000])
def test_never_seen_is_not_the_same_as_impossible(n: int) -> None:
    exact = stats.binomtest(0, n).proportion_ci(0.95, method="exact")
    assert proportion(0, n) == pytest.approx((0.0, exact.low, exact.high), rel=1e-9)


@pytest.mark.parametrize("n", [1, 10, 5000])
def test_always_seen_is_not_the_same_as_certain(n: int) -> None:
    exact = stats.binomtest(n, n).proportion_ci(0.95, method="exact")
    assert proportion(n, n) == pytest.approx((1.0, exact.low, exact.high), rel=1e-9)


def test_a_probability_has_its_standard_error_as_interval() -> None:
    estimate = proportion(300, 1000)
    error = math.sqrt(0.3 * 0.7 / 1000)
    assert estimate.upper - 0.3 == pytest.approx(1.959963984540054 * error, rel=1e-12)


def test_the_interval_of_a_probability_stays_within_zero_and_one() -> None:
    assert proportion(1, 1000).lower == 0.0
    assert proportion(999, 1000).upper == 1.0


@pytest.mark.parametrize("n", [2, 127, 129, 2**14, 2**14 + 1, 2**15 + 9, 100_003, 200_000])
def test_the_figures_of_spread_are_those_of_numpy_to_the_bit(n: int) -> None:
    """A figure does not change with how its squares are handled: golden results are digits."""
    losses = np.random.default_rng(n).lognormal(3.0, 2.0, n)
    centre = float(np.mean(losses))
    squares = np.square(losses - centre)
    assert standard_error(losses, centre) == math.sqrt(float(np.sum(squares)) / (n - 1) / n)
    sample = Sample.of(losses)
    squares = np.square(sample.values - np.mean(sample.values))
    variance = float(np.sum(squares)) / (n - 1)
    kurtosis = float(np.mean(np.square(squares / variance)))
    spread = math.sqrt(variance)
    margin = NORMAL_975 * (spread * math.sqrt(max(kurtosis - 1.0, 0.0) / n) / 2.0)
    assert sd(sample) == (spread, max(0.0, spread - margin), spread + margin)
    assert mean_and_sd(sample) == (mean(sample.values), sd(sample))


@pytest.mark.parametrize("value", [0.0, 3.0])
@pytest.mark.parametrize("n", [2, 1000])
def test_a_constant_has_no_spread(value: float, n: int) -> None:
    constant = (value, value, value)
    assert mean_and_sd(Sample.of(np.full(n, value))) == (constant, (0.0, 0.0, 0.0))
