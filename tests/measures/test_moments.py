"""Mean, standard deviation and probabilities."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from riskengine.measures.estimate import Estimate
from riskengine.measures.moments import (
    chance_above,
    mean,
    proportion,
    sd,
    shape_and_sd,
)
from riskengine.measures.sample import NORMAL_975, Sample
from riskengine.measures.shape import Shape


def test_a_large_common_amount_does_not_swallow_the_spread() -> None:
    # The textbook formula E[x^2] - E[x]^2 gives 384 here instead of 1.
    noise = np.random.default_rng(1).standard_normal(100_000)
    assert sd(Sample.of(1e9 + noise)).value == pytest.approx(np.std(noise, ddof=1), rel=1e-6)


def test_the_standard_deviation_divides_by_one_less_than_the_trials() -> None:
    assert sd(Sample.of([0.0, 2.0])).value == pytest.approx(math.sqrt(2.0), rel=1e-15)


def test_the_interval_of_the_mean_is_1_96_standard_errors_wide() -> None:
    values = np.tile([1.0, 2.0, 3.0, 4.0, 10.0], 100)
    estimate = mean(values)
    error = np.std(values, ddof=1) / math.sqrt(500)
    assert estimate.upper - estimate.value == pytest.approx(1.959963984540054 * error, rel=1e-14)


def test_no_end_of_an_interval_is_negative() -> None:
    random = np.random.default_rng(3)
    for n in range(5, 60):
        values = random.gamma(0.3, 1.0, n)
        for estimate in (mean(values), sd(Sample.of(values))):
            assert not estimate.lower < 0.0


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


@pytest.mark.parametrize("count", [50, 300, 950])
def test_a_probability_has_its_standard_error_as_interval(count: int) -> None:
    estimate, share = proportion(count, 1000), count / 1000
    error = math.sqrt(share * (1.0 - share) / 1000)
    assert estimate.value == share
    assert estimate.upper - share == pytest.approx(1.959963984540054 * error, rel=1e-12)
    assert share - estimate.lower == pytest.approx(1.959963984540054 * error, rel=1e-12)


@pytest.mark.parametrize("count", [1, 2, 20, 49, 951, 980, 999])
def test_a_probability_that_few_trials_tell_has_its_exact_interval(count: int) -> None:
    exact = stats.binomtest(count, 1000).proportion_ci(0.95, method="exact")
    assert proportion(count, 1000) == pytest.approx((count / 1000, *exact), rel=1e-9)


@pytest.mark.parametrize("n", [2, 127, 129, 2**14, 2**14 + 1, 2**15 + 9, 100_003, 200_000])
def test_the_figures_of_spread_are_those_of_numpy_to_the_bit(n: int) -> None:
    """A figure does not change with how its squares are handled: golden results are digits."""
    losses = np.random.default_rng(n).lognormal(3.0, 2.0, n)
    centre = float(np.mean(losses))
    squares = np.square(losses - centre)
    assert Shape.of(losses).error == math.sqrt(float(np.sum(squares)) / (n - 1) / n)
    sample = Sample.of(losses)
    squares = np.square(sample.values - np.mean(sample.values))
    variance = float(np.sum(squares)) / (n - 1)
    kurtosis = float(np.mean(np.square(squares / variance)))
    spread = math.sqrt(variance)
    margin = NORMAL_975 * (spread * math.sqrt(max(kurtosis - 1.0, 0.0) / n) / 2.0)
    expected = Estimate(spread, max(0.0, spread - margin), spread + margin)
    assert repr(sd(sample)) == repr(expected if n > 2 else Estimate.alone(spread))
    shape, spread_again = shape_and_sd(sample)
    again = (shape.estimate(), spread_again)
    assert repr(again) == repr((mean(sample.values), sd(sample)))


@pytest.mark.parametrize("n", [2, 1000])
def test_a_certain_amount_has_no_spread(n: int) -> None:
    sample = Sample.of(np.full(n, 3.0))
    assert (mean(sample.values), sd(sample)) == ((3.0, 3.0, 3.0), (0.0, 0.0, 0.0))


@pytest.mark.parametrize("n", [1, 2, 1000])
def test_where_nothing_was_lost_no_interval_claims_that_nothing_can_be(n: int) -> None:
    for series in (np.zeros(n), np.full(n, -0.0)):
        assert str(mean(series)) == str(Estimate.alone(0.0))
        spread = sd(Sample.of(series))
        assert math.isnan(spread.lower)
        assert math.isnan(spread.upper)


@pytest.mark.parametrize(("count", "is_known"), [(4, False), (5, True)])
def test_the_standard_deviation_has_an_interval_where_the_mean_has_one(
    count: int, is_known: bool
) -> None:
    spread = sd(Sample.of([0.0] * (1000 - count) + [7.0] * count))
    share = count / 1000
    assert spread.value == pytest.approx(7.0 * math.sqrt(share * (1.0 - share) * 1000 / 999))
    assert (not math.isnan(spread.lower), not math.isnan(spread.upper)) == (is_known, is_known)
