"""Ranks and tails from bins and the largest losses, beside those of all losses."""

from __future__ import annotations

import numpy as np
import pytest

from riskengine.kernel.tally import BINS, bin_middles, bins_of
from riskengine.measures.binned import BIN_ERROR, BinnedSample
from riskengine.measures.contributions import contribution, tail_of, tail_of_worst
from riskengine.measures.sample import Sample
from riskengine.measures.tail import tail_size, tvar, var
from riskengine.model.confidence import LEVELS

N = 20_000


def losses(seed: int = 1) -> np.ndarray:
    random = np.random.default_rng(seed)
    return random.lognormal(3.0, 2.0, N) * (random.random(N) < 0.6)


def binned(values: np.ndarray, keep: int) -> BinnedSample:
    largest = np.sort(values)[len(values) - keep :]
    largest = largest[largest > 0.0]
    bins = np.bincount(bins_of(values), minlength=BINS)
    return BinnedSample.of(largest, bins, bin_middles(), bins_of(largest))


def test_a_bin_stands_for_what_lies_in_it() -> None:
    values = np.random.default_rng(2).lognormal(0.0, 4.0, 100_000)
    middles = bin_middles()[bins_of(values)]
    assert np.abs(middles / values - 1.0).max() <= BIN_ERROR
    assert np.abs(middles / values - 1.0).max() > 0.9 * BIN_ERROR


def test_zero_has_a_bin_of_its_own_and_the_ends_hold_everything() -> None:
    assert bins_of(np.array([0.0, 1e-30, 2.0**-32, 1e300])).tolist() == [0, 1, 2, BINS - 1]
    assert bin_middles()[0] == 0.0


@pytest.mark.parametrize("keep", [0, 50, 3000, N])
def test_ranks_are_exact_above_and_within_a_bin_below(keep: int) -> None:
    values = losses()
    exact, found = Sample.of(values), binned(values, keep)
    for rank in (1, 5_000, 8_500, 15_000, 17_001, 19_000, N - 50, N):
        if found.is_exact(rank):
            assert found.at(rank) == exact.at(rank)
        else:
            assert found.at(rank) == pytest.approx(exact.at(rank), rel=BIN_ERROR)
    assert found.is_exact(N - keep + 1) or keep == 0
    assert found.count_above_zero() == np.count_nonzero(values)
    assert len(found) == N


@pytest.mark.parametrize("keep", [0, 50, 3000, N])
@pytest.mark.parametrize("level", LEVELS)
def test_tail_figures_are_exact_where_the_tail_is_kept(keep: int, level: float) -> None:
    values = losses()
    exact, found = Sample.of(values), binned(values, keep)
    bound = 0.0 if keep == N or keep > 1.2 * tail_size(N, level) else 2.0 * BIN_ERROR
    for measure in (var, tvar):
        ours, theirs = measure(found, level), measure(exact, level)
        np.testing.assert_allclose(ours, theirs, rtol=bound or 1e-14)


@pytest.mark.parametrize("level", LEVELS)
def test_the_worst_losses_alone_give_the_tail(level: float) -> None:
    values = np.round(losses(), -1)  # with ties
    size = tail_size(N, level)
    whole = tail_of(values, level, var(Sample.of(values), level).value)
    order = np.argsort(-values, kind="stable")[: int(size) + 700]
    part = np.random.default_rng(5).random(N) * values
    found = contribution(values[order], tail_of_worst(values[order], size))
    assert found == pytest.approx(contribution(values, whole), rel=1e-13)
    assert tail_of_worst(values[order], size).weights.sum() == pytest.approx(1.0, rel=1e-12)
    shared = contribution(part[order], tail_of_worst(values[order], size))
    assert shared == pytest.approx(contribution(part, whole), rel=1e-12)


def test_a_tail_that_is_longer_than_the_losses_goes_on_with_zeros() -> None:
    assert contribution(np.array([6.0, 2.0]), tail_of_worst(np.array([6.0, 2.0]), 4.0)) == 2.0
    assert contribution(np.empty(0), tail_of_worst(np.empty(0), 4.0)) == 0.0


def test_a_loss_at_the_threshold_has_no_excess() -> None:
    values = np.array([0.0, 1.0, 1.0, 8.0, 70.0])
    found = binned(values, 1)
    middle = found.at(4)
    assert found.excess(middle).number() == 1
    assert found.excess(np.nextafter(middle, 0.0)).number() == 2
    assert found.excess(0.0).number() == 4
