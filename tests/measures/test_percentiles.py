"""Percentiles, intervals and shares against examples worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from riskengine.measures.percentiles import (
    Interval,
    Standing,
    binomial_share,
    central,
    held,
    in_order,
    meets,
    quantile,
    standing,
)

# Three futures without a loss, four with one, three that never come.
TEN = in_order([3.0, math.inf, 0.0, 1.0, 0.0, math.inf, 2.0, 4.0, math.inf, 0.0])


@pytest.mark.parametrize(
    ("low", "high", "is_after", "expected"),
    [
        pytest.param(2.0, 2.0, False, (0.4, 0.5), id="a value that one of ten has"),
        pytest.param(2.5, 2.5, False, (0.5, 0.5), id="a value between two"),
        pytest.param(0.0, 0.0, False, (0.0, 0.3), id="the atom at 0"),
        pytest.param(math.inf, math.inf, False, (0.7, 1.0), id="the atom at never"),
        pytest.param(-1.0, -1.0, False, (0.0, 0.0), id="below all"),
        pytest.param(9.0, 9.0, False, (0.7, 0.7), id="above all that come"),
        pytest.param(1.0, 3.0, False, (0.3, 0.6), id="a range"),
        pytest.param(3.0, math.inf, False, (0.5, 1.0), id="at least 3"),
        pytest.param(3.0, math.inf, True, (0.6, 1.0), id="none seen by day 3"),
        pytest.param(2.5, math.inf, True, (0.5, 1.0), id="none seen by day 2.5"),
        pytest.param(99.0, math.inf, True, (0.7, 1.0), id="none seen, longer than was played"),
        pytest.param(0.0, math.inf, False, (0.0, 1.0), id="nothing known"),
    ],
)
def test_an_outcome_stands_where_counting_by_hand_puts_it(
    low: float, high: float, is_after: bool, expected: tuple[float, float]
) -> None:
    assert standing(TEN, low, high, is_after=is_after) == Standing(*expected)


def test_the_middle_is_the_mid_distribution_percentile() -> None:
    # P(X < 0) + P(X = 0) / 2 = 0 + 0.3 / 2
    assert standing(TEN, 0.0, 0.0).middle == pytest.approx(0.15)
    # P(X < inf) + P(X = inf) / 2 = 0.7 + 0.3 / 2
    assert standing(TEN, math.inf, math.inf).middle == pytest.approx(0.85)


def test_the_mean_middle_of_a_models_own_futures_is_a_half_whatever_its_atoms() -> None:
    middles = [standing(TEN, value, value).middle for value in TEN]
    assert np.mean(middles) == pytest.approx(0.5, abs=1e-12)


def test_quantiles_are_order_statistics_and_may_be_never() -> None:
    assert [quantile(TEN, level) for level in (0.05, 0.25, 0.5, 0.7, 0.75, 0.95)] == [
        0.0, 0.0, 2.0, 4.0, math.inf, math.inf,
    ]  # fmt: skip
    assert central(TEN, 0.5) == Interval(0.0, math.inf)
    assert central(in_order(np.arange(1.0, 101.0)), 0.5) == Interval(25.0, 75.0)


def test_an_interval_with_atoms_at_its_ends_holds_more_than_its_name() -> None:
    assert held(TEN, central(TEN, 0.5)) == 1.0
    assert held(TEN, Interval(1.0, 4.0)) == pytest.approx(0.4)
    assert held(in_order([0.0] * 97 + [1.0, 2.0, 3.0]), Interval(0.0, 0.0)) == pytest.approx(0.97)


@pytest.mark.parametrize(
    ("low", "high", "is_after", "expected"),
    [
        pytest.param(2.0, 2.0, False, True, id="inside"),
        pytest.param(4.0, 4.0, False, True, id="at the upper end"),
        pytest.param(1.0, 1.0, False, True, id="at the lower end"),
        pytest.param(0.9, 0.9, False, False, id="below"),
        pytest.param(4.1, 4.1, False, False, id="above"),
        pytest.param(0.0, 1.0, False, True, id="a range that touches it"),
        pytest.param(5.0, math.inf, False, False, id="at least more"),
        pytest.param(3.9, math.inf, True, True, id="none seen until just before its end"),
        pytest.param(4.0, math.inf, True, False, id="none seen until its end"),
    ],
)
def test_an_outcome_is_inside_when_it_may_be(
    low: float, high: float, is_after: bool, expected: bool
) -> None:
    assert meets(Interval(1.0, 4.0), low, high, is_after=is_after) is expected


def test_what_was_never_seen_is_inside_an_interval_that_ends_at_never() -> None:
    assert meets(Interval(1.0, math.inf), 730.0, math.inf, is_after=True)
    assert meets(Interval(math.inf, math.inf), 730.0, math.inf, is_after=True)


def test_predictions_that_are_none_or_no_numbers_are_refused() -> None:
    for bad in ([], [1.0, math.nan]):
        with pytest.raises(ValueError, match="at least one number"):
            in_order(bad)


@pytest.mark.parametrize(
    ("count", "n", "expected"),
    [
        # Tables of Clopper and Pearson's interval, 95 %.
        pytest.param(9, 10, (0.5550, 0.9975)),
        pytest.param(0, 5, (0.0, 0.5218)),
        pytest.param(5, 5, (0.4782, 1.0)),
        pytest.param(10, 20, (0.2720, 0.7280)),
    ],
)
def test_the_interval_of_a_share_is_the_exact_one(
    count: int, n: int, expected: tuple[float, float]
) -> None:
    found = binomial_share(count, n)
    assert found.value == count / n
    assert (found.lower, found.upper) == pytest.approx(expected, abs=5e-5)
