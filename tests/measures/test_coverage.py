"""95 % intervals hold the truth in 95 % of repeats, for a loss that is mostly zero."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from riskengine.measures.estimate import Estimate
from riskengine.measures.moments import chance_above, mean, sd
from riskengine.measures.sample import Sample
from riskengine.measures.tail import tvar, var

REPEATS = 1000
TRIALS = 8000
CHANCE = 0.3  #: of any loss
SHAPE, SCALE = 2.0, 40.0  #: of a loss, gamma distributed
ERROR = 4 * np.sqrt(0.95 * 0.05 / REPEATS)  #: four standard errors of a share of repeats


def truths() -> dict[str, float]:
    loss = stats.gamma(SHAPE, scale=SCALE)
    second = CHANCE * (loss.var() + loss.mean() ** 2)
    found = {
        "mean": CHANCE * loss.mean(),
        "sd": np.sqrt(second - (CHANCE * loss.mean()) ** 2),
        "chance of any loss": CHANCE,
        "chance above 150": CHANCE * loss.sf(150.0),
    }
    for level in (0.95, 0.99):
        quantile = loss.isf((1.0 - level) / CHANCE)
        # E[X; X > q] of a gamma is its mean times the survival of one with shape + 1.
        beyond = loss.mean() * stats.gamma(SHAPE + 1.0, scale=SCALE).sf(quantile)
        found[f"VaR {level}"] = quantile
        found[f"TVaR {level}"] = CHANCE * beyond / (1.0 - level)
    return found


MEASURES: dict[str, Callable[[Sample], Estimate]] = {
    "mean": lambda sample: mean(sample.values),
    "sd": sd,
    "chance of any loss": chance_above,
    "chance above 150": lambda sample: chance_above(sample, 150.0),
    "VaR 0.95": lambda sample: var(sample, 0.95),
    "VaR 0.99": lambda sample: var(sample, 0.99),
    "TVaR 0.95": lambda sample: tvar(sample, 0.95),
    "TVaR 0.99": lambda sample: tvar(sample, 0.99),
}


@pytest.fixture(scope="module")
def held() -> dict[str, float]:
    """Share of repeats in which each interval holds the truth."""
    random = np.random.default_rng(20260108)
    expected = truths()
    counts = dict.fromkeys(MEASURES, 0)
    for _ in range(REPEATS):
        hit = random.random(TRIALS) < CHANCE
        sample = Sample.of(hit * random.gamma(SHAPE, SCALE, TRIALS))
        for name, measure in MEASURES.items():
            estimate = measure(sample)
            counts[name] += estimate.lower <= expected[name] <= estimate.upper
    return {name: count / REPEATS for name, count in counts.items()}


@pytest.mark.parametrize("name", MEASURES)
def test_the_interval_holds_the_truth_as_often_as_it_says(
    held: dict[str, float], name: str
) -> None:
    assert 0.93 <= held[name] <= 0.97


def test_the_band_of_that_test_is_narrower_than_four_standard_errors() -> None:
    # So it is the stricter one, and an interval of 1.64 or 2.33 standard errors would fail it.
    assert ERROR < 0.03
    assert abs(2 * stats.norm.cdf(1.645) - 1 - 0.95) > 0.02
    assert abs(2 * stats.norm.cdf(2.326) - 1 - 0.95) > 0.02


def test_a_certain_tail_of_zeros_has_the_interval_zero_for_var() -> None:
    sample = Sample.of([0.0] * 9000 + [5.0] * 10)
    assert var(sample, 0.9) == (0.0, 0.0, 0.0)


def test_tvar_beyond_an_atom_has_the_width_that_the_binomial_law_gives() -> None:
    # Loss 1 with probability 0.02: TVaR at 90 % is 0.2, estimated by 10 x the share of trials hit.
    n, hits = 10_000, 200
    estimate = tvar(Sample.of([0.0] * (n - hits) + [1.0] * hits), 0.9)
    error = 10.0 * np.sqrt(0.02 * 0.98 / (n - 1))
    assert estimate.value == pytest.approx(0.2, rel=1e-12)
    assert estimate.upper - estimate.value == pytest.approx(1.959964 * error, rel=1e-6)
