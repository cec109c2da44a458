"""Means that few trials carry: the exact interval of a chance, times the amounts seen."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import optimize, stats

from riskengine.measures.moments import mean
from riskengine.measures.paired import Pair, mean_difference
from riskengine.measures.ranked import Excess
from riskengine.measures.sample import Sample
from riskengine.measures.shape import Shape, binomial_ends
from riskengine.measures.tail import tvar, var
from riskengine.measures.weighted import TrialDesign


def hit(count: int, n: int, amount: float = 1.0) -> np.ndarray:
    """The same amount in a count of n trials, nothing in the others."""
    return np.where(np.arange(n) < count, amount, 0.0)


def exact(count: int, n: int) -> tuple[float, float]:
    found = stats.binomtest(count, n).proportion_ci(0.95, method="exact")
    return found.low, found.high


@pytest.mark.parametrize("count", [5, 12, 49, 951, 990, 999])
def test_equal_losses_have_the_exact_interval_of_their_chance(count: int) -> None:
    n, amount = 1000, 40.0
    estimate, share = mean(hit(count, n, amount)), count / n
    assert estimate.value == pytest.approx(share * amount, rel=1e-14)
    # The sample variance divides by n - 1, so that the two values lie that much further apart.
    step = amount * math.sqrt(n / (n - 1))
    for found, chance in zip(estimate[1:], exact(count, n), strict=True):
        assert found - estimate.value == pytest.approx(step * (chance - share), rel=1e-9)


@pytest.mark.parametrize("count", [50, 500, 950])
def test_a_mean_that_many_trials_carry_has_its_standard_error(count: int) -> None:
    values = hit(count, 1000)
    margin = 1.959963984540054 * np.std(values, ddof=1) / math.sqrt(1000)
    found = mean(values)
    assert found == pytest.approx((values.mean(), values.mean() - margin, values.mean() + margin))


@pytest.mark.parametrize(("count", "is_known"), [(0, False), (1, False), (4, False), (5, True)])
def test_fewer_than_five_equal_losses_have_no_interval(count: int, is_known: bool) -> None:
    found = mean(hit(count, 1000))
    assert found.value == count / 1000
    assert [math.isnan(end) for end in found[1:]] == [not is_known] * 2


def test_five_losses_that_are_unequal_tell_less_than_five_equal_ones() -> None:
    values = hit(5, 1000)
    values[0] = 1.1
    assert Shape.of(values).equal == pytest.approx(5.1**2 / (4.0 + 1.1**2))
    assert math.isnan(mean(values).upper)


@pytest.mark.parametrize("law", [stats.gamma(0.4), stats.norm(9.0), stats.beta(4.0, 0.5)])
def test_a_mean_rests_on_the_larger_value_of_the_law_with_its_skewness(
    law: stats.rv_continuous,
) -> None:
    values = law.rvs(400, random_state=7)
    skewness = stats.skew(values)
    chance = optimize.brentq(lambda q: stats.bernoulli(q).stats("s") - skewness, 1e-9, 1.0 - 1e-9)
    shape = Shape.of(values)
    assert shape.skewness == pytest.approx(skewness, rel=1e-9)
    assert shape.rests_on == pytest.approx(400 * chance, rel=1e-6)


def test_the_two_values_have_the_mean_and_the_variance_of_the_trials() -> None:
    values = stats.gamma(0.4).rvs(60, random_state=2)
    shape = Shape.of(values)
    chance = shape.rests_on / 60
    lower, upper = shape.ends() or (math.nan, math.nan)
    low, high = binomial_ends(60 * chance, 60)
    step = (upper - lower) / (high - low)
    assert step**2 * chance * (1.0 - chance) == pytest.approx(np.var(values, ddof=1))
    assert upper == pytest.approx(values.mean() + step * (high - chance))


def test_mirrored_amounts_have_the_mirrored_interval() -> None:
    values = stats.gamma(0.4).rvs(60, random_state=2)
    found, mirrored = Shape.of(values).ends(), Shape.of(10.0 - values).ends()
    assert found is not None
    assert mirrored is not None
    assert mirrored == pytest.approx((10.0 - found[1], 10.0 - found[0]))


def test_sums_of_powers_tell_the_same() -> None:
    values = stats.gamma(0.4).rvs(60, random_state=2)
    distances = values - values.mean()
    sums = (float(np.sum(distances**power)) for power in (2, 3))
    assert Shape.from_sums(60, float(values.mean()), *sums) == pytest.approx(Shape.of(values))
    assert Shape.from_sums(3, 2.0, 0.0, 0.0) == Shape.of(np.full(3, 2.0)) == (3, 2.0, 0.0, 0.0)


@pytest.mark.parametrize("scale", [1e-100, 1.0, 1e150])
def test_the_size_of_the_unit_of_money_does_not_show(scale: float) -> None:
    values = stats.gamma(0.4).rvs(60, random_state=2)
    whole, found = mean(values), mean(scale * values)
    assert found == pytest.approx([scale * end for end in whole], rel=1e-12)


def test_trials_that_agree_all_carry_the_mean() -> None:
    assert Shape.of(np.full(70, 3.0)).rests_on == 70.0
    assert Shape.of(np.full(70, 3.0)).ends() is None
    assert Shape.of(np.zeros(70)).equal == 0.0
    assert math.isnan(Shape.of(np.array([3.0])).error)


@pytest.mark.parametrize("count", [0, 3, 20])
def test_counts_need_not_be_whole(count: int) -> None:
    assert binomial_ends(count, 20) == pytest.approx(exact(count, 20), abs=1e-12)
    assert binomial_ends(2.5, 20)[0] == pytest.approx(stats.beta(2.5, 18.5).ppf(0.025))
    assert binomial_ends(2.5, 20)[1] == pytest.approx(stats.beta(3.5, 17.5).ppf(0.975))


# --- Where means stand for other figures ---


def test_tvar_of_a_tail_that_few_trials_fill_is_that_of_a_rare_excess() -> None:
    # Half of 4,000 trials lose 1, another 20 lose 3: VaR 99 % is 1, the excess 2 in 20 of 4,000.
    values = np.concatenate([np.zeros(1980), np.ones(2000), np.full(20, 3.0)])
    found = tvar(Sample.of(values), 0.99)
    assert found.value == pytest.approx(2.0, rel=1e-12)
    step = 2.0 * math.sqrt(4000 / 3999) / 0.01
    for end, chance in zip(found[1:], exact(20, 4000), strict=True):
        assert end - 2.0 == pytest.approx(step * (chance - 0.005), rel=1e-9)


def test_a_tail_of_less_than_five_excesses_has_no_upper_end() -> None:
    values = np.concatenate([np.ones(3996), np.full(4, 3.0)])
    sample = Sample.of(values)
    found = tvar(sample, 0.99)
    assert found[:2] == pytest.approx((1.2, 1.0))
    assert found.lower == var(sample, 0.99).lower
    assert math.isnan(found.upper)


def test_tvar_of_trials_that_all_lose_nothing_has_no_interval() -> None:
    found = tvar(Sample.of(np.zeros(5000)), 0.9)
    assert found.value == 0.0
    assert math.isnan(found.lower)
    assert math.isnan(found.upper)


def test_losses_in_bins_have_the_shape_of_losses() -> None:
    amounts, counts = np.array([1.0, 2.0, 5.0]), np.array([3, 1, 2])
    each, binned = Excess(np.repeat(amounts, counts), None), Excess(amounts, counts)
    assert binned.cubes_about(0.7, 3.0) == pytest.approx(each.cubes_about(0.7, 3.0))
    assert each.cubes_about(0.7, 3.0) == pytest.approx(np.sum((each.amounts - 0.7) ** 3) / 27.0)


def test_weighted_trials_have_the_interval_of_what_each_adds() -> None:
    weights = np.full(1000, 0.25)
    found = TrialDesign(weights, None).mean(hit(12, 1000, 8.0))
    assert found == pytest.approx(mean(hit(12, 1000, 2.0)), rel=1e-12)


def test_even_points_have_the_interval_of_their_replicates() -> None:
    values, replicates = hit(12, 1600), np.arange(1600) // 400  # all in the first of four
    margin = stats.t(3).ppf(0.975) * np.std([0.03, 0.0, 0.0, 0.0], ddof=1) / 2.0
    found = TrialDesign(np.ones(1600), replicates).mean(values)
    assert found == pytest.approx((0.0075, 0.0, 0.0075 + margin), rel=1e-12)
    assert math.isnan(TrialDesign(np.ones(1600), replicates).mean(hit(4, 1600)).upper)


def test_a_difference_that_few_trials_make_is_no_surer_than_their_chance() -> None:
    losses = np.random.default_rng(4).gamma(2.0, 40.0, 1000)
    found = mean_difference(Pair(losses, losses + hit(3, 1000, 8.0)))
    step = 8.0 * math.sqrt(1000 / 999)
    for end, chance in zip(found[1:], exact(3, 1000), strict=True):
        assert end - found.value == pytest.approx(step * (chance - 0.003), rel=1e-6)
