"""Moments of parts: together they are those of the whole, whoever hands them in when."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest

from riskengine.measures.merging import Moments, MomentTree, combined, sd_of, shape_of
from riskengine.measures.moments import mean, sd
from riskengine.measures.sample import Sample


def moments_of(values: np.ndarray) -> Moments:
    if not len(values):
        return np.zeros(5)
    distance = values - values.mean()
    return np.array([len(values), values.mean(), *(np.sum(distance**k) for k in (2, 3, 4))])


@pytest.mark.parametrize("split", [0, 1, 7, 500, 999, 1000])
def test_two_parts_have_the_moments_of_the_whole(split: int) -> None:
    values = np.random.default_rng(split).lognormal(2.0, 1.0, 1000)
    found = combined(moments_of(values[:split]), moments_of(values[split:]))
    np.testing.assert_allclose(found, moments_of(values), rtol=1e-12)


def test_a_small_spread_about_a_large_mean_survives() -> None:
    values = 1e9 + np.random.default_rng(0).random(1000)
    found = combined(moments_of(values[:300]), moments_of(values[300:]))
    np.testing.assert_allclose(found[2], moments_of(values)[2], rtol=1e-6)


def test_the_interval_of_a_standard_deviation_goes_with_the_unit_of_money() -> None:
    values = np.random.default_rng(5).gamma(2.0, 1.0, 5000)
    spread = values.std(ddof=1)
    error = spread * math.sqrt((np.mean(((values - values.mean()) / spread) ** 4) - 1.0) / 5000) / 2
    for unit in (1.0, 1e-6, 1e9):
        expected = unit * np.array([spread, spread - 1.959964 * error, spread + 1.959964 * error])
        np.testing.assert_allclose(sd_of(moments_of(unit * values)), expected, rtol=1e-6)


def test_the_order_in_which_parts_come_cannot_show() -> None:
    random = np.random.default_rng(3)
    parts = [moments_of(random.lognormal(0.0, 2.0, 50 + k)) for k in range(6)]
    bits = set()
    for order in permutations(range(6)):
        tree = MomentTree()
        for k in order:
            tree.add(k, parts[k])
        bits.add(tree.result().tobytes())
    assert len(bits) == 1


def test_a_block_stands_for_its_parts() -> None:
    random = np.random.default_rng(4)
    parts = [moments_of(random.random(20)) for _ in range(11)]
    one, other, block = MomentTree(), MomentTree(), MomentTree()
    for k, part in enumerate(parts):
        one.add(k, part)
        (block if 4 <= k < 8 else other).add(k - 4 if 4 <= k < 8 else k, part)
    other.add(1, block.result(), height=2)
    assert one.result().tobytes() == other.result().tobytes()


def test_nothing_has_no_moments() -> None:
    with pytest.raises(ValueError, match="no part"):
        MomentTree().result()


@pytest.mark.parametrize("values", [[4.0], [4.0, 4.0], [0.0, 0.0, 3.0, 9.0]])
def test_mean_and_deviation_are_those_of_the_values(values: list[float]) -> None:
    series = np.array(values)
    found = moments_of(series)
    np.testing.assert_allclose(shape_of(found).estimate(), mean(series), rtol=1e-14)
    np.testing.assert_allclose(sd_of(found), sd(Sample.of(series)), rtol=1e-14)
