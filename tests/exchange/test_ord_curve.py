"""Exceedance curves by the rank convention of the market."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.exchange.rows import curve_points

# Twenty periods, eight of them with a loss, two pairs of ties. The figures are those of OasisLMF
# 2.5.5 (`write_ept`, OASIS_FLOAT=f8), asked for one return period at a time.
LOSSES = np.array([0.0, 7.75, 120.5, 400.25, 0.4, 33.1, 7.75, 90.0, 120.5] + [0.0] * 11)
MARKET = [
    (20, 400.25, 400.25),
    (17, 316.325, 358.2875),
    (13, 204.425, 302.3375),
    (10, 120.5, 260.375),
    (6, 108.3, 187.3875),
    (5, 90.0, 182.8125),
    (4, 33.1, 152.87),
    (3, 7.75, 111.40714285714286),
    (2, 0.0, 78.025),
    (1, 0.0, 39.0125),
]


@pytest.mark.parametrize(("return_period", "loss", "tail_mean"), MARKET)
def test_a_point_is_that_of_the_market_to_the_last_digit(
    return_period: int, loss: float, tail_mean: float
) -> None:
    (point,) = curve_points(LOSSES, [return_period])
    assert f"{point.loss:.6f} {point.tail_mean:.6f}" == f"{loss:.6f} {tail_mean:.6f}"
    assert (point.loss, point.tail_mean) == pytest.approx((loss, tail_mean), rel=1e-14)


def test_a_point_between_two_ranks_is_the_hand_computed_one() -> None:
    # Ten periods with losses 90, 50, 20. Rank 2 has return period 5, rank 3 has 10/3; 4 is 2/5 of
    # the way up from rank 3: 20 + 2/5 * 30 = 32. Its tail: (90 + 50 + 32) / 3.
    (point,) = curve_points(np.array([50.0, 20.0, 90.0] + [0.0] * 7), [4])
    assert point.loss == pytest.approx(32.0, rel=1e-15)
    assert point.tail_mean == pytest.approx(172.0 / 3.0, rel=1e-15)


def test_samples_of_all_periods_ranked_together_lengthen_the_curve() -> None:
    # Three periods of two samples, S_FULL: six losses, so the longest return period is 6.
    samples = np.array([[8.0, 2.0], [0.0, 5.0], [1.0, 0.0]])
    points = curve_points(samples.ravel(), [7, 6, 3, 2])
    assert [(p.return_period, p.loss) for p in points] == [(6.0, 8.0), (3.0, 5.0), (2.0, 2.0)]
    assert [p.tail_mean for p in points] == [8.0, 6.5, 5.0]


def test_a_return_period_beyond_the_periods_has_no_row() -> None:
    points = curve_points(np.arange(10.0), [1000, 11, 10, 5])
    assert [point.return_period for point in points] == [10.0, 5.0]


def test_nothing_is_interpolated_down_to_a_period_without_loss() -> None:
    losses = np.concatenate([np.linspace(72_000.0, 90_000.0, 80), np.zeros(920)])
    # 80 losses in 1,000 end at 12.5; the first period without one has 12.35.
    points = curve_points(losses, [13, 12.5, 12.4, 12])
    assert points[0].loss > points[1].loss == 72_000.0
    assert [point.loss for point in points[2:]] == [0.0, 0.0]


def test_a_tail_mean_counts_the_loss_of_0_beyond_the_last_loss() -> None:
    # As OasisLMF 2.5.5: (90 + 50 + 20 + 0) / 4.
    (point,) = curve_points(np.array([50.0, 20.0, 90.0] + [0.0] * 7), [3])
    assert (point.loss, point.tail_mean) == (0.0, 40.0)


@pytest.mark.parametrize(("n", "rank"), [(15, 13), (17, 7), (22, 15)])
def test_a_return_period_of_a_rank_is_that_rank_whatever_the_rounding(n: int, rank: int) -> None:
    assert math.ceil(n / (n / rank)) == rank + 1
    (point,) = curve_points(np.arange(1.0, n + 1.0), [n / rank])
    assert point.loss == n + 1 - rank
    assert point.tail_mean == (n + n + 1 - rank) / 2


def test_tied_losses_have_ranks_one_after_the_other() -> None:
    # Dense ranks would put the cap at rank 1 and the loss of 10 at rank 2, return period 5.
    points = curve_points(np.array([100.0, 100.0, 100.0, 10.0] + [0.0] * 6), [5, 10 / 3, 2.5])
    assert [point.loss for point in points] == [100.0, 100.0, 10.0]


@pytest.mark.costly
@given(
    losses=st.lists(st.floats(0.0, 1e9), min_size=1, max_size=60),
    asked=st.sets(st.integers(1, 60), min_size=1, max_size=6),
    more=st.sets(st.integers(1, 60), max_size=6),
)
def test_asking_for_another_return_period_changes_no_other_row(
    losses: list[float], asked: set[int], more: set[int]
) -> None:
    alone = curve_points(np.array(losses), asked)
    together = curve_points(np.array(losses), asked | more)
    assert alone == [point for point in together if point.return_period in asked]


@pytest.mark.costly
@given(
    losses=st.lists(st.integers(0, 1000), min_size=1, max_size=60),
    period=st.fractions(1, 60, max_denominator=30),
)
def test_a_point_is_that_of_exact_arithmetic(losses: list[int], period: Fraction) -> None:
    points = curve_points(np.array(losses, dtype=np.float64), [float(period)])
    ordered = sorted(map(Fraction, losses), reverse=True)
    n = len(ordered)
    if period > n:
        assert points == []
        return
    rank = math.ceil(n / period)
    loss, here = ordered[rank - 1], Fraction(n, rank)
    if loss and here != period:
        higher, before = ordered[rank - 2], Fraction(n, rank - 1)
        loss += (period - here) * (higher - loss) / (before - here)
    tail_mean = (sum(ordered[: rank - 1], Fraction()) + loss) / rank
    assert points[0].loss == pytest.approx(float(loss), rel=1e-9, abs=1e-9)
    assert points[0].tail_mean == pytest.approx(float(tail_mean), rel=1e-9, abs=1e-9)
