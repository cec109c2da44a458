"""VaR and TVaR: what they are, what they obey, and how far their intervals can be trusted."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from riskengine.measures.sample import Sample
from riskengine.measures.tail import interval_ranks, quantile_rank, tail_size, tvar, var
from riskengine.model.confidence import LEVELS

levels = st.sampled_from([0.0, 0.1, 0.5, 0.9, 0.95, 0.99, 0.995, 0.999])
# Few distinct values, zero among them, so that ties at VaR are the rule.
losses = st.lists(
    st.one_of(st.sampled_from([0.0, 1.0, 7.0]), st.floats(0.0, 1e6)), min_size=1, max_size=60
)


def test_var_of_the_first_thousand_numbers_is_the_995th_at_99_5_per_cent() -> None:
    sample = Sample.of(np.arange(1.0, 1001.0))
    assert [var(sample, level).value for level in LEVELS] == [900.0, 950.0, 990.0, 995.0]


@pytest.mark.parametrize("n", [10, 20, 100, 1000, 200_000])
def test_rounding_of_n_times_p_never_shifts_the_rank(n: int) -> None:
    for thousandths in range(0, 1000, 5):
        exact = max(1, -(-n * thousandths // 1000))
        assert quantile_rank(n, thousandths / 1000) == exact


def test_tvar_is_the_mean_of_the_worst_trials_when_they_are_a_whole_number() -> None:
    sample = Sample.of(np.arange(1.0, 1001.0))
    assert tvar(sample, 0.99).value == pytest.approx(np.mean(np.arange(991.0, 1001.0)), rel=1e-14)


def test_tvar_takes_a_fraction_of_the_trial_at_var_when_they_are_not() -> None:
    # 2.5 trials of 10: both worst, and half of the third.
    sample = Sample.of(np.arange(1.0, 11.0))
    assert tvar(sample, 0.75).value == pytest.approx((10.0 + 9.0 + 0.5 * 8.0) / 2.5, rel=1e-14)


def test_tvar_with_an_atom_at_zero_shares_the_tail_with_it() -> None:
    # Loss 100 in 1 of 100 trials: at 95 % the tail is 5 trials, four of them without loss.
    sample = Sample.of([0.0] * 99 + [100.0])
    assert var(sample, 0.95).value == 0.0
    assert tvar(sample, 0.95).value == pytest.approx(20.0, rel=1e-14)


def test_the_ends_of_an_interval_may_be_the_first_and_the_last_loss() -> None:
    # The sign test: the median lies below all of six losses, or above them, in 1 of 32 samples.
    sample = Sample.of(np.arange(1.0, 7.0))
    assert var(sample, 0.5) == (3.0, 1.0, 6.0)
    assert var(Sample.of(np.arange(1.0, 6.0)), 0.5)[1] == 0.0  # of five: in 1 of 16


def test_one_trial_is_its_own_var_and_tvar() -> None:
    sample = Sample.of([3.0])
    for level in (0.0, 0.5, 0.995):
        assert var(sample, level).value == tvar(sample, level).value == 3.0


@given(losses, levels, st.floats(0.0, 1e3))
def test_var_and_tvar_scale_with_the_losses(xs: list[float], level: float, factor: float) -> None:
    plain, scaled = Sample.of(xs), Sample.of(np.multiply(xs, factor))
    for measure in (var, tvar):
        expected = factor * measure(plain, level).value
        assert measure(scaled, level).value == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(losses, levels, st.floats(0.0, 1e6))
def test_a_certain_loss_adds_to_var_and_tvar(xs: list[float], level: float, more: float) -> None:
    plain, moved = Sample.of(xs), Sample.of(np.add(xs, more))
    for measure in (var, tvar):
        expected = measure(plain, level).value + more
        assert measure(moved, level).value == pytest.approx(expected, rel=1e-9, abs=1e-6)


@pytest.mark.costly
@given(losses, levels, st.data())
def test_worse_losses_never_have_a_smaller_var_or_tvar(
    xs: list[float], level: float, data: st.DataObject
) -> None:
    extra = st.lists(st.floats(0.0, 1e6), min_size=len(xs), max_size=len(xs))
    better, worse = Sample.of(xs), Sample.of(np.add(xs, data.draw(extra)))
    for measure in (var, tvar):
        slack = 1e-9 * (1.0 + measure(worse, level).value)
        assert measure(worse, level).value >= measure(better, level).value - slack


@given(losses, levels)
def test_tvar_is_at_least_var_and_at_most_the_largest_loss(xs: list[float], level: float) -> None:
    sample = Sample.of(xs)
    tail, slack = tvar(sample, level).value, 1e-9 * max(xs)
    assert var(sample, level).value <= tail <= max(xs) + slack


@pytest.mark.costly
@given(losses, levels)
def test_a_higher_level_never_has_a_smaller_var_or_tvar(xs: list[float], level: float) -> None:
    sample, higher = Sample.of(xs), 0.5 * (1.0 + level)
    assert var(sample, higher).value >= var(sample, level).value
    assert tvar(sample, higher).value >= tvar(sample, level).value * (1.0 - 1e-9)


@pytest.mark.costly
@given(losses, levels, st.data())
def test_tvar_of_a_sum_is_at_most_the_sum_of_the_tvars(
    xs: list[float], level: float, data: st.DataObject
) -> None:
    ys = data.draw(
        st.lists(
            st.one_of(st.sampled_from([0.0, 1.0, 7.0]), st.floats(0.0, 1e6)),
            min_size=len(xs),
            max_size=len(xs),
        )
    )
    apart = tvar(Sample.of(xs), level).value + tvar(Sample.of(ys), level).value
    assert tvar(Sample.of(np.add(xs, ys)), level).value <= apart * (1.0 + 1e-9) + 1e-9


@given(st.permutations(list(range(20))))
def test_the_order_of_the_trials_does_not_change_a_bit(order: list[int]) -> None:
    xs = np.array([0.1 * k**3 for k in range(20)])
    for measure in (var, tvar):
        assert measure(Sample.of(xs[order]), 0.9) == measure(Sample.of(xs), 0.9)


@pytest.mark.parametrize("n", [1, 2, 20, 100, 367, 368, 4000, 200_000])
@pytest.mark.parametrize("level", [0.01, 0.5, *LEVELS])
def test_interval_ranks_are_the_tightest_that_the_binomial_law_allows(n: int, level: float) -> None:
    lower, upper = interval_ranks(n, level)
    count = stats.binom(n, level)
    assert count.cdf(lower - 1) <= 0.025 < count.cdf(lower)
    assert count.sf(upper - 1) <= 0.025
    assert upper == 1 or count.sf(upper - 2) > 0.025 - 1e-12


def test_a_missing_upper_rank_is_unknown_and_a_missing_lower_rank_is_no_loss() -> None:
    few = Sample.of(np.arange(1.0, 11.0))
    assert math.isnan(var(few, 0.99).upper)
    assert var(few, 0.05).lower == 0.0


def test_a_tail_outside_the_sample_has_no_upper_end_and_at_least_the_lower_end_of_var() -> None:
    few = Sample.of(np.arange(1.0, 11.0))
    estimate = tvar(few, 0.99)
    assert math.isnan(estimate.upper)
    assert estimate.lower == var(few, 0.99).lower


def test_a_certain_loss_has_an_interval_without_width() -> None:
    sample = Sample.of(np.full(5000, 12.5))
    assert var(sample, 0.99) == tvar(sample, 0.99) == (12.5, 12.5, 12.5)


def test_a_nan_among_the_losses_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        Sample.of([1.0, math.nan, 2.0])


def test_no_losses_at_all_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Sample.of([])


def test_the_tail_of_a_thousand_trials_at_99_5_per_cent_is_five() -> None:
    assert tail_size(1000, 0.995) == pytest.approx(5.0, rel=1e-12)
