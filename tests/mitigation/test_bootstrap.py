"""How often a rival is better in resampled trials: against all samples, and a naive twin."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from riskengine.mitigation.bootstrap import shares_better

Floats = NDArray[np.float64]

SAMPLES = 20_000
#: of five trials; the value at risk at 60 % is the third smallest, its tail the two largest
SERIES = [
    np.array([0.0, 1.0, 2.0, 6.0, 9.0]),
    np.array([3.0, 0.0, 2.0, 7.0, 7.5]),
    np.array([0.0, 1.0, 2.5, 8.0, 6.0]),
    np.array([0.0, 1.0, 2.0, 6.0, 9.0]),
]
PAIRS = [(0, 1), (1, 0), (0, 2), (2, 1), (0, 3)]
#: of samples in rows, each in rising order
MEASURES = {
    "mean": lambda samples: samples.sum(axis=1),
    "prob_loss": lambda samples: (samples > 0.0).sum(axis=1),
    "var": lambda samples: samples[:, 2],
    "tvar": lambda samples: samples[:, 3:].sum(axis=1),
}


def every_sample(measure: str, one: Floats, other: Floats) -> float:
    """The share of all 5^5 equally likely samples in which the other has less."""
    drawn = np.array(list(product(range(5), repeat=5)))
    before, after = (MEASURES[measure](np.sort(each[drawn], axis=1)) for each in (one, other))
    return float(np.mean(after < before - 1e-9))


@pytest.mark.parametrize("measure", list(MEASURES))
def test_shares_are_those_of_all_samples_that_there_are(measure: str) -> None:
    found = shares_better(SERIES, PAIRS, measure, 0.6, samples=SAMPLES, seed=3)
    for (one, other), share in zip(PAIRS, found, strict=True):
        exact = every_sample(measure, SERIES[one], SERIES[other])
        error = math.sqrt(exact * (1.0 - exact) / SAMPLES)
        assert abs(share - exact) <= 4 * error, (one, other)
    assert found[-1] == 0.0


@pytest.mark.parametrize(("measure", "level"), [("mean", 0.5), ("var", 0.95), ("tvar", 0.95)])
def test_trials_that_are_not_drawn_change_no_share(measure: str, level: float) -> None:
    """Against samples of all trials, each measured by sorting: only few of 400 are in any tail."""
    draws = np.random.default_rng(7)
    first = draws.gamma(0.5, 10.0, 400)
    second = np.where(draws.random(400) < 0.3, first + draws.normal(0.0, 6.0, 400), first)
    samples, tail = 4_000, 20
    drawn = draws.integers(0, 400, (samples, 400))
    ordered = [np.sort(each[drawn], axis=1) for each in (first, second)]
    values = [
        {"mean": each.sum(axis=1), "var": each[:, 379], "tvar": each[:, -tail:].sum(axis=1)}[
            measure
        ]
        for each in ordered
    ]
    twin = float(np.mean(values[1] < values[0]))
    (found,) = shares_better([first, second], [(0, 1)], measure, level, samples=samples, seed=1)
    assert 0.1 < twin < 0.9
    assert abs(found - twin) <= 4 * math.sqrt(2 * twin * (1.0 - twin) / samples)


def test_losses_near_the_value_at_risk_are_drawn_however_far_down_they_lie() -> None:
    """Of 4,000 losses only ranks 160 to 240 from the top differ; the value at risk is rank 201."""
    draws = np.random.default_rng(5)
    first = np.arange(4_000.0)
    second = first.copy()
    second[-240:-160] += draws.normal(0.0, 9.0, 80)
    samples = 1_500
    drawn = draws.integers(0, 4_000, (samples, 4_000))
    values = [np.partition(each[drawn], 3_799, axis=1)[:, 3_799] for each in (first, second)]
    twin = float(np.mean(values[1] < values[0]))
    (found,) = shares_better([first, second], [(0, 1)], "var", 0.95, samples=samples, seed=1)
    assert 0.2 < twin < 0.8
    assert abs(found - twin) <= 4 * math.sqrt(2 * twin * (1.0 - twin) / samples)


def test_equal_losses_are_never_better() -> None:
    alike = [np.full(50, 3.0), np.full(50, 3.0)]
    for measure in MEASURES:
        assert shares_better(alike, [(0, 1)], measure, 0.9, samples=10, seed=1) == [0.0]
    assert shares_better([], [], "mean", 0.9, samples=10, seed=1) == []
