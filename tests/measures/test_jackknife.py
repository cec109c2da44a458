"""Figures without one part of the trials, against each figure of the trials that are left."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from riskengine.measures.estimate import Estimate
from riskengine.measures.jackknife import Jackknife
from riskengine.measures.paired import Trials

Floats = NDArray[np.float64]


def _series(name: str, n: int) -> Floats:
    rng = np.random.default_rng(7)
    if name == "rare":
        return np.where(rng.random(n) < 0.03, rng.lognormal(size=n), 0.0)
    if name == "tied":
        return rng.integers(0, 4, n).astype(np.float64)
    return rng.lognormal(3.0, 2.0, n)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.99, 0.999999, 0.000001])
@pytest.mark.parametrize("n", [2, 3, 12, 13, 100, 1201])
@pytest.mark.parametrize("name", ["rare", "tied", "heavy"])
def test_each_figure_is_that_of_the_trials_that_are_left(name: str, n: int, level: float) -> None:
    values, parts = _series(name, n), min(12, n)
    left = Jackknife(Trials(values), parts)
    figures: list[tuple[Floats, Callable[[Trials], Estimate]]] = [
        (left.mean, lambda trials: trials.mean),
        (left.sd, lambda trials: trials.sd),
        (left.chance, lambda trials: trials.chance),
        (left.var(level), lambda trials: trials.var(level)),
        (left.tvar(level), lambda trials: trials.tvar(level)),
    ]
    for found, figure in figures:
        np.testing.assert_allclose(found, left.each(figure), rtol=1e-11)


def test_parts_are_consecutive_and_left_out_one_at_a_time() -> None:
    left = Jackknife(Trials(np.array([1.0, 3.0, 10.0, 20.0, 0.0, 0.0])), 3)
    assert left.mean.tolist() == [7.5, 1.0, 8.5]
    assert left.chance.tolist() == [0.5, 0.5, 1.0]
    assert left.var(0.5).tolist() == [0.0, 0.0, 3.0]
    assert left.tvar(0.75).tolist() == [20.0, 3.0, 20.0]
    assert left.each(lambda trials: trials.mean).tolist() == [7.5, 1.0, 8.5]


def test_the_spread_of_large_numbers_keeps_its_digits() -> None:
    """1e9 + (0, 1, 2, 3): without the last two, the standard deviation is sqrt(1/2)."""
    left = Jackknife(Trials(1e9 + np.arange(4.0)), 2)
    np.testing.assert_allclose(left.sd, [np.sqrt(0.5)] * 2, rtol=1e-12)
