"""VaR and TVaR of engine losses whose distribution has an atom at zero."""

from __future__ import annotations

import math

import numpy as np
import pytest
from analytic.worlds import TRIALS, assert_chance, assert_mean, one_dispute, play

from riskengine.measures.sample import Sample
from riskengine.measures.tail import tvar, var

MEAN = 100.0
STOCK = 200.0
Q = math.exp(-STOCK / MEAN)  # 0.135: the loss is zero in 86 trials of 100


@pytest.fixture(scope="module")
def loss() -> np.ndarray:
    return play(one_dispute({"exponential": {"mean": MEAN}}, stock_days=STOCK), seed=801).total


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99, 0.995])
def test_losses_exceed_the_true_var_with_the_chance_of_its_level(
    loss: np.ndarray, level: float
) -> None:
    exact = -MEAN * math.log(1.0 - level) - STOCK
    assert exact > 0.0
    assert_chance(loss > exact, 1.0 - level, within=0.15, wrong={"no atom": (1.0 - level) * Q})


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_the_tail_mean_beyond_the_true_var_is_one_mean_more(loss: np.ndarray, level: float) -> None:
    exact = -MEAN * math.log(1.0 - level) - STOCK
    tail = exact + np.maximum(loss - exact, 0.0) / (1.0 - level)
    assert_mean(tail, exact + MEAN, within=0.04, wrong={"VaR": exact})


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_the_measured_var_is_between_the_order_statistics_of_four_standard_errors(
    loss: np.ndarray, level: float
) -> None:
    measured = var(Sample.of(loss), level).value
    true_level = 1.0 - math.exp(-(measured + STOCK) / MEAN)
    error = math.sqrt(level * (1.0 - level) / TRIALS)
    assert abs(true_level - level) < 4.0 * error + 1.0 / TRIALS
    assert 4.0 * error < 0.12 * (1.0 - level)


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_the_measured_tvar_is_near_the_true_one(loss: np.ndarray, level: float) -> None:
    exact = -MEAN * math.log(1.0 - level) - STOCK
    # The variance of VaR + (X - VaR)+ / (1 - p), an excess that is Exp(MEAN) with chance 1 - p.
    error = MEAN * math.sqrt((2.0 / (1.0 - level) - 1.0) / TRIALS)
    assert abs(tvar(Sample.of(loss), level).value - (exact + MEAN)) < 4.0 * error
    assert 4.0 * error < 0.04 * (exact + MEAN)


def test_below_the_atom_var_is_zero_and_tvar_is_the_mean_shared_by_the_tail(
    loss: np.ndarray,
) -> None:
    level = 0.8
    sample = Sample.of(loss)
    assert level < 1.0 - Q
    assert var(sample, level).value == 0.0
    assert tvar(sample, level).value == pytest.approx(float(loss.mean()) / (1.0 - level), rel=1e-12)
    assert_mean(loss / (1.0 - level), MEAN * Q / (1.0 - level), within=0.04)
