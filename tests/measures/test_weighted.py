"""Weighted measures: those of a plain sample where weights say nothing, and of copies of trials."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from riskengine.measures.contributions import Tail, contribution, tail_of
from riskengine.measures.moments import chance_above, mean, sd
from riskengine.measures.sample import Sample
from riskengine.measures.tail import tvar, var
from riskengine.measures.weighted import (
    ConditionalSample,
    TrialDesign,
    WeightedSample,
    weighted_levels,
)

LEVELS = (0.25, 0.5, 0.9, 0.95, 0.99, 0.995)
RANDOM = np.random.default_rng(20260108)
SERIES = {
    "continuous": RANDOM.gamma(1.0, 10.0, 1000),
    "mostly zero": np.where(RANDOM.random(1000) < 0.1, RANDOM.gamma(1.0, 10.0, 1000), 0.0),
    "ties": np.floor(RANDOM.gamma(1.0, 3.0, 1000)),
    "a cap": np.minimum(RANDOM.gamma(1.0, 10.0, 1000), 25.0),
    "one value": np.full(1000, 7.0),
    "nothing": np.zeros(1000),
}


def alike(n: int) -> TrialDesign:
    return TrialDesign(np.ones(n), None)


@pytest.fixture(params=SERIES)
def series(request: pytest.FixtureRequest) -> np.ndarray:
    return np.asarray(SERIES[request.param])


def test_trials_of_weight_one_have_the_figures_of_a_plain_sample(series: np.ndarray) -> None:
    plain, weighted = Sample.of(series), WeightedSample(series, alike(len(series)))
    for level in LEVELS:
        assert weighted.var(level).value == var(plain, level).value
        expected = tvar(plain, level).value
        assert weighted.tvar(level).value == pytest.approx(expected, rel=1e-12, abs=1e-12)
        assert weighted.carried(1.0 - level) == pytest.approx(len(series) * (1.0 - level))
    assert weighted.chance().value == chance_above(plain).value
    assert weighted.largest == series.max()
    assert len(weighted) == len(series)
    assert weighted.design.mean(series).value == pytest.approx(mean(series).value, rel=1e-12)
    n = len(series)
    of_all = math.sqrt((n - 1) / n) * sd(plain).value  # divided by n in place of n - 1
    assert weighted.sd().value == pytest.approx(of_all, rel=1e-9, abs=1e-9)


def test_tvar_at_level_zero_is_the_mean(series: np.ndarray) -> None:
    sample = WeightedSample(series, alike(len(series)))
    assert sample.tvar(0.0).value == pytest.approx(float(series.mean()), rel=1e-12)


def test_intervals_of_weight_one_are_nearly_those_of_a_plain_sample() -> None:
    values = RANDOM.gamma(1.0, 10.0, 20_000)
    plain, weighted = Sample.of(values), WeightedSample(values, alike(len(values)))
    pairs = [(mean(values), weighted.design.mean(values)), (sd(plain), weighted.sd())]
    for level in (0.5, 0.9, 0.99):
        pairs += [
            (var(plain, level), weighted.var(level)),
            (tvar(plain, level), weighted.tvar(level)),
        ]
    for expected, found in pairs:
        width = expected.upper - expected.lower
        assert found.lower == pytest.approx(expected.lower, abs=0.1 * width)
        assert found.upper == pytest.approx(expected.upper, abs=0.1 * width)


def test_tails_of_weight_one_give_the_contributions_of_a_plain_sample(series: np.ndarray) -> None:
    part = RANDOM.random(len(series)) * series
    for level in LEVELS:
        found = Tail(*WeightedSample(series, alike(len(series))).tail(level))
        expected = contribution(part, tail_of(series, level, var(Sample.of(series), level).value))
        assert contribution(part, found) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_a_weight_counts_as_so_many_copies_of_a_trial(series: np.ndarray) -> None:
    copies = np.random.default_rng(5).integers(0, 5, len(series))
    repeated = np.repeat(series, copies)
    scale = len(series) / len(repeated)  # so that the weights of all trials have the mean 1
    design = TrialDesign(copies * scale, None)
    weighted, plain = WeightedSample(series, design), Sample.of(repeated)
    for level in LEVELS:
        assert weighted.var(level).value == var(plain, level).value
        expected = tvar(plain, level).value
        assert weighted.tvar(level).value == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert design.mean(series).value == pytest.approx(float(repeated.mean()), rel=1e-9)
    spread = float(np.std(repeated))
    assert weighted.sd().value == pytest.approx(spread, rel=1e-9, abs=1e-6)
    assert weighted.chance().value == pytest.approx(float(np.mean(repeated > 0.0)), rel=1e-12)


def test_missing_weight_is_that_of_trials_that_lose_nothing(series: np.ndarray) -> None:
    n, drawn = len(series), 0.25
    design = TrialDesign(np.full(n, drawn), None)
    weighted = WeightedSample(series, design)
    whole = np.concatenate([series, np.zeros(3 * n)])
    plain = Sample.of(whole)
    for level in LEVELS:
        assert weighted.var(level).value == var(plain, level).value
        expected = tvar(plain, level).value
        assert weighted.tvar(level).value == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert design.mean(series).value == pytest.approx(float(whole.mean()), rel=1e-12)
    assert weighted.sd().value == pytest.approx(float(np.std(whole)), rel=1e-9, abs=1e-6)
    assert weighted.chance().value == pytest.approx(float(np.mean(whole > 0.0)), rel=1e-12)


@pytest.mark.parametrize("replicates", [None, 16])
def test_tail_weights_sum_to_one_and_contributions_to_tvar(
    series: np.ndarray, replicates: int | None
) -> None:
    n = len(series)
    weights = np.random.default_rng(6).lognormal(-0.3, 0.7, n)
    weights *= 0.9 / weights.mean()
    design = TrialDesign(weights, None if replicates is None else np.arange(n) % replicates)
    weighted = WeightedSample(series, design)
    split = np.random.default_rng(7).random(n)
    for level in (0.5, 0.9, 0.99):
        tail = Tail(*weighted.tail(level))
        total = weighted.tvar(level).value
        parts = [contribution(series * share, tail) for share in (split, 1.0 - split)]
        assert sum(parts) == pytest.approx(total, rel=1e-9, abs=1e-9)
        if weighted.var(level).value > 0.0:  # else some of the tail is trials that are not drawn
            assert float(np.sum(tail.weights)) == pytest.approx(1.0, rel=1e-9)


def test_levels_of_many_quantities_are_those_of_each_by_itself() -> None:
    n = 400
    values = np.floor(np.random.default_rng(8).gamma(1.0, 4.0, (n, 3, 5)))
    weights = np.random.default_rng(9).random(n) * 1.6
    levels = (0.25, 0.5, 0.9, 0.99)
    found = weighted_levels(values, weights, levels)
    for level, quantities in zip(levels, found, strict=True):
        for place in np.ndindex(3, 5):
            one = np.ascontiguousarray(values[(slice(None), *place)])
            assert (
                quantities[place]
                == WeightedSample(one, TrialDesign(weights, None)).var(level).value
            )


def test_the_row_at_a_level_is_the_first_whose_loss_is_var(series: np.ndarray) -> None:
    design = TrialDesign(np.random.default_rng(10).random(len(series)) * 2.0, None)
    weighted = WeightedSample(series, design)
    for level in (0.5, 0.9, 0.99):
        row = weighted.row_at(level)
        value = weighted.var(level).value
        assert series[row] == value
        assert not (series[:row] == value).any()


def test_an_interval_of_replicates_is_by_students_t_of_their_means() -> None:
    n, count = 1600, 16
    values = np.random.default_rng(11).gamma(1.0, 10.0, n)
    design = TrialDesign(np.ones(n), np.arange(n) % count)
    means = values.reshape(-1, count).mean(axis=0)
    expected = stats.t.interval(
        0.95, count - 1, loc=means.mean(), scale=means.std(ddof=1) / math.sqrt(count)
    )
    found = design.mean(values)
    assert (found.lower, found.upper) == pytest.approx(expected, rel=1e-9)


def test_one_replicate_or_one_trial_has_no_interval() -> None:
    values = np.array([1.0, 2.0, 3.0])
    single = TrialDesign(np.ones(3), np.zeros(3, dtype=np.int64))
    assert math.isnan(single.mean(values).upper)
    one = WeightedSample(values[:1], TrialDesign(np.ones(1), None))
    assert math.isnan(one.design.mean(values[:1]).upper)
    assert math.isnan(one.sd().value)


def test_the_upper_end_of_var_is_unknown_where_trials_do_not_reach() -> None:
    values = np.arange(1.0, 101.0)
    assert math.isnan(WeightedSample(values, alike(100)).var(0.995).upper)
    assert math.isnan(WeightedSample(values, alike(100)).tvar(0.995).upper)
    assert not math.isnan(WeightedSample(values, alike(100)).var(0.5).upper)


def test_a_chance_in_which_trials_do_not_differ_is_not_claimed_to_be_certain() -> None:
    n = 400
    for values, share in ((np.zeros(n), 0.0), (np.ones(n), 0.3)):
        chance = WeightedSample(values, TrialDesign(np.full(n, 0.3), None)).chance()
        assert chance.value == pytest.approx(share)
        assert chance.lower <= chance.value <= chance.upper
        assert chance.upper - chance.lower == pytest.approx(0.3 * 3.7 / n, rel=0.05)


def test_a_conditional_sample_is_the_world_of_the_trials_that_have_something() -> None:
    n = 2000
    values = np.random.default_rng(12).gamma(1.0, 10.0, n)
    has = np.random.default_rng(13).random(n) < 0.3
    sample = ConditionalSample(np.where(has, values, 0.0), alike(n).given(has))
    plain = Sample.of(values[has])
    expected, found = var(plain, 0.5), sample.var(0.5)
    assert found.value == expected.value
    width = expected.upper - expected.lower
    assert found.lower == pytest.approx(expected.lower, abs=0.15 * width)
    assert found.upper == pytest.approx(expected.upper, abs=0.15 * width)


def test_a_chance_of_one_does_not_exceed_it_whatever_the_weights() -> None:
    draw = np.random.default_rng(3)
    for weights in (draw.lognormal(0.1, 1.0, 400), np.full(400, 1.2)):
        chance = WeightedSample(draw.gamma(2.0, 1.0, 400), TrialDesign(weights, None)).chance()
        assert chance.lower <= chance.value == chance.upper == 1.0


def test_weights_next_to_nothing_are_shared_without_overflow() -> None:
    weights = np.full(100, 5e-324)
    _, shares = WeightedSample(np.zeros(100), TrialDesign(weights, None)).tail(0.9)
    assert float(np.sum(shares)) == pytest.approx(1.0)


def test_trials_without_weight_tell_nothing() -> None:
    assert TrialDesign(np.zeros(5), None).effective(np.arange(5)) == 0.0


def test_equal_losses_do_not_spread_and_no_loss_tells_of_no_spread() -> None:
    assert WeightedSample(np.full(1000, 7.0), alike(1000)).sd() == (0.0, 0.0, 0.0)
    value, lower, upper = WeightedSample(np.zeros(1000), alike(1000)).sd()
    assert value == 0.0
    assert math.isnan(lower)
    assert math.isnan(upper)


def test_two_replicates_are_enough_for_an_interval_and_one_is_not() -> None:
    values = np.tile([1.0, 3.0], 500)
    two = TrialDesign(np.ones(1000), np.arange(1000) % 2)
    error = 2.0 / math.sqrt(2.0) / math.sqrt(2.0)  # of two means of 1 and 3
    margin = stats.t(1).ppf(0.975) * error
    assert two.margin(values) == pytest.approx(margin, rel=1e-9)
    assert math.isnan(TrialDesign(np.ones(1000), np.zeros(1000, dtype=np.int64)).margin(values))


def test_all_trials_carry_a_probability_of_one_even_if_their_weights_exceed_it() -> None:
    """The smallest loss has most of the weight: (2 + 2 + 1 + 9)^2 / (4 + 4 + 1 + 81)."""
    design = TrialDesign(np.array([2.0, 2.0, 1.0, 9.0]), None)
    sample = WeightedSample(np.array([4.0, 3.0, 2.0, 1.0]), design)
    assert sample.carried(1.0) == pytest.approx(196.0 / 90.0, rel=1e-12)
    assert sample.carried(0.5) == 1.0
