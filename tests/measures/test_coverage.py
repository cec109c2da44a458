"""95 % intervals hold the truth in 95 % of repeats, for a loss that is mostly zero."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from riskengine.measures.estimate import Estimate
from riskengine.measures.moments import chance_above, mean, sd
from riskengine.measures.sample import Sample
from riskengine.measures.tail import tvar, tvar_error, var

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


@pytest.mark.statistical
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


# --- Few trials ---

FEW_REPEATS = 2000
FEW_ERROR = 4 * np.sqrt(0.95 * 0.05 / FEW_REPEATS)  #: 1.9 points
#: of a loss where there is one: its law, how many trials, the chance of a loss
FEW = {
    "equal losses, 5 expected": (None, 1000, 0.005),
    "equal losses, 20 expected": (None, 1000, 0.02),
    "uniform, 20 expected": (stats.uniform(), 1000, 0.02),
    "exponential, 20 expected": (stats.expon(), 1000, 0.02),
    "exponential, 100 expected": (stats.expon(), 1000, 0.1),
    "lognormal, 100 expected": (stats.lognorm(1.0), 1000, 0.1),
    "gamma of 60 trials": (stats.gamma(2.0), 60, 1.0),
}


def rare(name: str, random: np.random.Generator) -> tuple[np.ndarray, float]:
    law, trials, chance = FEW[name]
    amounts = np.ones(trials) if law is None else law.rvs(trials, random_state=random)
    truth = chance * (1.0 if law is None else float(law.mean()))
    return np.where(random.random(trials) < chance, amounts, 0.0), truth


def missed(name: str, interval: Callable[[np.ndarray], Estimate]) -> tuple[float, float]:
    """Shares of repeats with an interval that misses the truth, and with an interval."""
    random = np.random.default_rng(20260110)
    misses = shown = 0
    for _ in range(FEW_REPEATS):
        losses, truth = rare(name, random)
        found = interval(losses)
        misses += found.lower > truth or found.upper < truth
        shown += not np.isnan(found.upper)
    return misses / FEW_REPEATS, shown / FEW_REPEATS


def by_error(losses: np.ndarray) -> Estimate:
    centre, margin = losses.mean(), 1.96 * losses.std(ddof=1) / np.sqrt(len(losses))
    return Estimate(centre, max(0.0, centre - margin), centre + margin)


@pytest.mark.statistical
@pytest.mark.parametrize("name", FEW)
def test_the_mean_of_a_rare_loss_misses_the_truth_no_oftener_than_it_says(name: str) -> None:
    assert missed(name, mean)[0] < 0.05 + FEW_ERROR


@pytest.mark.statistical
def test_that_test_sees_intervals_by_the_standard_error_alone() -> None:
    assert FEW_ERROR < 0.03
    assert missed("exponential, 20 expected", by_error)[0] > 0.05 + FEW_ERROR


@pytest.mark.costly
def test_a_mean_has_an_interval_once_some_losses_were_seen() -> None:
    assert missed("equal losses, 5 expected", mean)[1] == pytest.approx(
        stats.binom(1000, 0.005).sf(4), abs=4 * np.sqrt(0.25 / FEW_REPEATS)
    )
    assert missed("exponential, 100 expected", mean)[1] == 1.0


@pytest.mark.statistical
@pytest.mark.parametrize("count", [20, 50])
@pytest.mark.parametrize("level", [0.99, 0.995])
@pytest.mark.parametrize(
    "law", [stats.expon(), stats.lognorm(0.5)], ids=["exponential", "lognormal"]
)
def test_tvar_of_few_trials_misses_the_truth_no_oftener_than_it_says(
    law: stats.rv_continuous, level: float, count: int
) -> None:
    """The losses beyond the level are drawn as the largest of n uniforms are."""
    random = np.random.default_rng(20260111)
    n, top = round(count / (1.0 - level)), count + 60
    truth = law.expect(lambda x: x, lb=law.ppf(level)) / (1.0 - level)
    misses = of_error = 0
    for _ in range(FEW_REPEATS):
        sums = np.cumsum(random.exponential(size=top))
        uniforms = sums / (sums[-1] + random.gamma(n + 1 - top))
        sample = Sample.of(np.concatenate([np.zeros(n - top), law.isf(uniforms)]))
        found = tvar(sample, level)
        misses += found.lower > truth or found.upper < truth
        margin = 1.96 * tvar_error(sample, level)
        of_error += abs(found.value - truth) > margin
    assert misses / FEW_REPEATS < 0.05 + FEW_ERROR
    assert of_error > misses  # the standard error alone is worse
