"""Proper scores against closed forms, the double sum, and arithmetic by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm

from riskengine.measures.percentiles import Interval, in_order
from riskengine.measures.proper import crps, interval_score, merged_within

Sample = NDArray[np.float64]
DRAWS = 200_000
MEAN = 60.0  #: of the exponential


def exponential() -> Sample:
    return in_order(np.random.default_rng(1).exponential(MEAN, DRAWS))


def within_four_errors(found: float, right: float, influence: Sample) -> bool:
    """Whether a score of a sample is that of its distribution.

    The score of a sample is a V-statistic: its standard error is that of the mean of
    |x - y| - E|x - X'|.
    """
    tolerance = 4.0 * influence.std() / math.sqrt(len(influence))
    assert tolerance < 0.05 * right  # small enough to see a wrong factor
    return abs(found - right) < tolerance


@pytest.mark.parametrize("seen", [-40.0, 100.0, 130.0, 400.0])
def test_a_normal_sample_scores_what_the_closed_form_says(seen: float) -> None:
    """Gneiting and Raftery 2007, equation 21."""
    middle, spread = 100.0, 50.0
    sample = in_order(np.random.default_rng(2).normal(middle, spread, DRAWS))
    z, x = (seen - middle) / spread, (sample - middle) / spread
    right = spread * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / math.sqrt(math.pi))
    distance = spread * (x * (2 * norm.cdf(x) - 1) + 2 * norm.pdf(x))
    assert within_four_errors(crps(sample, seen), right, np.abs(sample - seen) - distance)


@pytest.mark.parametrize("seen", [0.0, 26.0, 57.0, 341.0])
def test_an_exponential_sample_scores_what_the_closed_form_says(seen: float) -> None:
    sample = exponential()
    right = seen - 2 * MEAN * (1 - math.exp(-seen / MEAN)) + MEAN / 2
    distance = sample - MEAN + 2 * MEAN * np.exp(-sample / MEAN)
    assert within_four_errors(crps(sample, seen), right, np.abs(sample - seen) - distance)


def later_than(day: float) -> float:
    """The integral of F^2 up to a day: nothing beyond it counts."""
    share = math.exp(-day / MEAN)
    return day - 2 * MEAN * (1 - share) + MEAN / 2 * (1 - share**2)


def at_most(day: float) -> float:
    """The integral of (1 - F)^2 from a day on: nothing before it counts."""
    return MEAN / 2 * math.exp(-2 * day / MEAN)


@pytest.mark.parametrize(
    ("low", "high", "right"),
    [
        pytest.param(26.0, math.inf, later_than(26.0), id="at least 26"),
        pytest.param(90.0, math.inf, later_than(90.0), id="at least 90"),
        pytest.param(0.0, 60.0, at_most(60.0), id="at most 60"),
        pytest.param(28.0, 37.0, later_than(28.0) + at_most(37.0), id="28 to 37"),
    ],
)
def test_an_outcome_known_to_a_range_scores_what_lies_outside_it(
    low: float, high: float, right: float
) -> None:
    sample = exponential()
    seen = merged_within(sample, low, high)
    # E|x - X'| is the difference of two sums over the others; the sample stands for X'.
    rank = np.arange(1, DRAWS + 1)
    below = np.cumsum(seen)
    distance = (seen * (2 * rank - DRAWS) - 2 * below + below[-1]) / DRAWS
    assert within_four_errors(crps(seen, low), right, np.abs(seen - low) - distance)


def test_the_sorted_formula_is_the_double_sum() -> None:
    sample = in_order([0.0, 0.0, 3.0, 10.0, 10.0, 365.0, 365.0])
    for seen in (-1.0, 0.0, 9.0, 400.0):
        pairs = np.abs(sample[:, None] - sample[None, :]).mean()
        assert crps(sample, seen) == pytest.approx(np.abs(sample - seen).mean() - pairs / 2)


def integral(sample: Sample, seen: float, left_out: Callable[[float], bool]) -> float:
    """The integral of (F - 1{seen <= z})^2, step by step over every place where it changes."""
    edges = sorted({*sample.tolist(), seen, 4.0, 6.0})
    steps = [(a, b) for a, b in pairwise(edges) if not left_out((a + b) / 2)]
    return sum(
        (b - a) * ((sample <= a).mean() - (seen <= a)) ** 2 for a, b in steps
    )  # fmt: skip


@pytest.mark.parametrize("seen", [0.0, 4.0, 5.0, 6.0, 9.0])
def test_the_score_is_the_integral_of_the_squared_difference(seen: float) -> None:
    sample = in_order([1.0, 2.0, 4.5, 5.5, 5.5, 8.0])
    assert crps(sample, seen) == pytest.approx(integral(sample, seen, lambda z: False))


@pytest.mark.parametrize("seen", [4.0, 4.7, 6.0])
def test_a_range_is_left_out_whatever_in_it_was_the_truth(seen: float) -> None:
    sample = in_order([1.0, 2.0, 4.5, 5.5, 5.5, 8.0])
    known = crps(merged_within(sample, 4.0, 6.0), 4.0)
    assert known == pytest.approx(integral(sample, seen, lambda z: 4.0 < z < 6.0))
    assert known <= crps(sample, seen) <= known + 2.0


def test_a_forecast_of_one_value_scores_its_absolute_error() -> None:
    assert crps(np.array([60.0]), 57.0) == 3.0
    assert crps(np.array([60.0, 60.0]), 75.0) == 15.0


def test_the_truth_expects_a_better_score_than_what_is_shorter_longer_or_too_sure() -> None:
    """Outcomes of an exponential, some watched for 40 days only: scores are proper."""
    quantiles = (np.arange(400) + 0.5) / 400
    truth = -MEAN * np.log1p(-quantiles)

    def expected(forecast: Sample, watched: float) -> float:
        return float(
            np.mean([
                crps(merged_within(forecast, watched, math.inf), min(seen, watched))
                for seen in truth
            ])
        )  # fmt: skip

    for watched in (40.0, 1e9):
        wrong = [truth * 0.7, truth * 1.4, np.full(400, MEAN * math.log(2.0))]
        assert all(expected(truth, watched) < 0.99 * expected(each, watched) for each in wrong)


def test_the_interval_score_is_the_width_and_twenty_times_the_miss_at_ninety_percent() -> None:
    interval = Interval(40.0, 100.0)
    assert interval_score(interval, 57.0, 0.9) == 60.0
    assert interval_score(interval, 40.0, 0.9) == 60.0
    assert interval_score(interval, 33.0, 0.9) == pytest.approx(60.0 + 20.0 * 7.0)
    assert interval_score(interval, 101.5, 0.9) == pytest.approx(60.0 + 20.0 * 1.5)
    assert interval_score(interval, 101.5, 0.5) == pytest.approx(60.0 + 4.0 * 1.5)
    assert interval_score(Interval(60.0, 60.0), 57.0, 0.9) == pytest.approx(60.0)


def test_the_order_of_values_survives_a_range_and_infinity_does_too() -> None:
    values = np.array([0.0, 4.0, 5.0, 6.0, 7.0, math.inf])
    assert merged_within(values, 4.0, 6.0).tolist() == [0.0, 4.0, 4.0, 4.0, 5.0, math.inf]
    assert merged_within(values, 5.0, 5.0).tolist() == values.tolist()
    assert merged_within(values, 0.0, 6.0).tolist() == [0.0, 0.0, 0.0, 0.0, 1.0, math.inf]
