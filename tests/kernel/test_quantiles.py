"""Quantiles of every family against scipy, over both tails, truncated and conditioned on an age."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from machine_code import machine_code
from scipy import special, stats

from riskengine.kernel.quantiles import quantile
from riskengine.model.distributions import Distribution, constant, distribution, empirical
from riskengine.model.flat.distributions import Shelf

# Probabilities from 1e-12 to 1 - 1e-12, dense in the middle and by decades in both tails.
TAIL = 10.0 ** np.linspace(-12.0, -2.0, 81)
MIDDLE = np.linspace(0.01, 0.99, 197)
PROBABILITIES = np.concatenate([TAIL, MIDDLE, 1.0 - TAIL[::-1]])
EXTREMES = (2.0**-53, 0.5 - 2.0**-53, 0.5 + 2.0**-53, 1.0 - 2.0**-53)


class Twin(NamedTuple):
    """A distribution of ours, the same in scipy, and the relative error that is allowed."""

    ours: Distribution
    scipy: Any
    error: float = 1e-13


TABLE = 1e-10  # relative error of the families that come as tables


class LogLogistic:
    """scipy's own takes the upper tail from the lower one, and loses its digits."""

    def __init__(self, median: float, shape: float) -> None:
        self.median, self.shape = median, shape

    def ppf(self, p: Any) -> Any:
        p = np.asarray(p)
        return self.median * (p / (1.0 - p)) ** (1.0 / self.shape)

    def isf(self, q: Any) -> Any:
        q = np.asarray(q)
        return self.median * ((1.0 - q) / q) ** (1.0 / self.shape)

    def cdf(self, x: Any) -> Any:
        return 1.0 / (1.0 + (np.asarray(x) / self.median) ** -self.shape)

    def sf(self, x: Any) -> Any:
        return 1.0 / (1.0 + (np.asarray(x) / self.median) ** self.shape)


TWINS = {
    "exponential": Twin(distribution("exponential", {"mean": 45.0}), stats.expon(scale=45.0)),
    "lognormal": Twin(
        distribution("lognormal", {"mu": 4.0, "sigma": 0.8}), stats.lognorm(0.8, scale=math.exp(4))
    ),
    "lognormal with a wide spread": Twin(
        distribution("lognormal", {"median": 30.0, "p90": 900.0}),
        stats.lognorm(math.log(30.0) / stats.norm.ppf(0.9), scale=30.0),
    ),
    "weibull": Twin(
        distribution("weibull", {"shape": 0.9, "scale": 150.0}),
        stats.weibull_min(0.9, scale=150.0),
    ),
    "weibull with a steep hazard": Twin(
        distribution("weibull", {"shape": 6.0, "scale": 150.0}),
        stats.weibull_min(6.0, scale=150.0),
    ),
    "loglogistic": Twin(
        distribution("loglogistic", {"median": 90.0, "shape": 2.2}), LogLogistic(90.0, 2.2)
    ),
    "pareto": Twin(
        distribution("pareto", {"minimum": 30.0, "shape": 2.5}), stats.pareto(2.5, scale=30.0)
    ),
    "uniform": Twin(distribution("uniform", {"low": 10.0, "high": 60.0}), stats.uniform(10, 50)),
    "triangular": Twin(
        distribution("triangular", {"low": 10.0, "mode": 20.0, "high": 60.0}),
        stats.triang(0.2, 10, 50),
    ),
    "triangular with its mode at the low end": Twin(
        distribution("triangular", {"low": 10.0, "mode": 10.0, "high": 60.0}),
        stats.triang(0.0, 10, 50),
    ),
    "triangular with its mode at the high end": Twin(
        distribution("triangular", {"low": 10.0, "mode": 60.0, "high": 60.0}),
        stats.triang(1.0, 10, 50),
    ),
    "gamma": Twin(
        distribution("gamma", {"shape": 2.5, "scale": 30.0}), stats.gamma(2.5, scale=30.0), TABLE
    ),
    "gamma with a small shape": Twin(
        distribution("gamma", {"shape": 0.3, "scale": 30.0}), stats.gamma(0.3, scale=30.0), TABLE
    ),
    "gamma with a large shape": Twin(
        distribution("gamma", {"mean": 30.0, "cv": 0.05}), stats.gamma(400.0, scale=0.075), TABLE
    ),
    "beta": Twin(distribution("beta", {"alpha": 2.0, "beta": 5.0}), stats.beta(2, 5), TABLE),
    "beta with both ends likely": Twin(
        distribution("beta", {"alpha": 0.6, "beta": 0.4}), stats.beta(0.6, 0.4), TABLE
    ),
    "pert": Twin(
        distribution("pert", {"low": 10.0, "mode": 20.0, "high": 60.0}),
        stats.beta(1.8, 4.2, 10, 50),
        TABLE,
    ),
}
each_twin = pytest.mark.parametrize("twin", TWINS.values(), ids=list(TWINS))


def _sampler(ours: Distribution, elapsed_days: float = 0.0) -> Callable[[float], float]:
    shelf = Shelf()
    index = shelf.put(ours, elapsed_days)
    records, grid = shelf.distributions(), shelf.grid()
    return lambda u: quantile(records, grid, index, float(u))


def _truncated(ours: Distribution, low: float, high: float) -> Distribution:
    return Distribution(family=ours.family, parameters=ours.parameters, minimum=low, maximum=high)


def _grid(ours: Distribution, elapsed_days: float = 0.0) -> np.ndarray:
    sample = _sampler(ours, elapsed_days)
    return np.array([sample(u) for u in PROBABILITIES])


@each_twin
def test_a_quantile_agrees_with_scipy_from_one_tail_to_the_other(twin: Twin) -> None:
    # 1 - p is not a number for small p: the upper tail is asked for by what is above.
    expected = np.where(
        PROBABILITIES < 0.5, twin.scipy.ppf(PROBABILITIES), twin.scipy.isf(1.0 - PROBABILITIES)
    )
    np.testing.assert_allclose(_grid(twin.ours), expected, rtol=twin.error, atol=0.0)


@each_twin
def test_a_quantile_never_falls_as_the_probability_rises(twin: Twin) -> None:
    sample = _sampler(twin.ours)
    points = np.sort([*PROBABILITIES, *EXTREMES, *np.linspace(0.499, 0.501, 201)])
    values = np.array([sample(u) for u in points])
    # A table may fall by what its error allows where two of its cells meet.
    slack = 1e-11 if twin.error == TABLE else 0.0
    assert (np.diff(values) >= -slack * values[1:] - 4e-16 * values[1:]).all()


@each_twin
def test_a_quantile_at_the_most_extreme_uniforms_is_finite_and_in_the_support(twin: Twin) -> None:
    low, high = twin.ours.support()
    for u in EXTREMES:
        value = _sampler(twin.ours)(u)
        assert math.isfinite(value)
        assert low <= value <= high


@each_twin
def test_a_truncated_quantile_is_that_of_the_conditional_distribution(twin: Twin) -> None:
    low, high = twin.scipy.ppf([0.2, 0.9])
    found = _grid(_truncated(twin.ours, low, high))
    expected = twin.scipy.ppf(0.2 + 0.7 * PROBABILITIES)
    np.testing.assert_allclose(found, expected, rtol=max(1e-11, 10.0 * twin.error))
    assert found.min() >= low
    assert found.max() <= high


@each_twin
def test_a_quantile_truncated_to_the_upper_tail_keeps_its_digits_there(twin: Twin) -> None:
    low, high = twin.scipy.isf([1e-9, 1e-11])
    found = _grid(_truncated(twin.ours, low, high))
    # The limits are rounded, too: what they really cut off is taken from them.
    above_low, above_high = twin.scipy.sf(low), twin.scipy.sf(high)
    expected = twin.scipy.isf(above_low + (above_high - above_low) * PROBABILITIES)
    np.testing.assert_allclose(found, expected, rtol=max(1e-9, 10.0 * twin.error))


@each_twin
def test_a_quantile_truncated_to_the_lower_tail_keeps_its_digits_there(twin: Twin) -> None:
    low, high = twin.scipy.ppf([1e-11, 1e-9])
    found = _grid(_truncated(twin.ours, low, high))
    below_low, below_high = twin.scipy.cdf(low), twin.scipy.cdf(high)
    expected = twin.scipy.ppf(below_low + (below_high - below_low) * PROBABILITIES)
    np.testing.assert_allclose(found, expected, rtol=max(1e-9, 10.0 * twin.error))


FAR_OUT = 1e-12  # the least mass that a config may leave


@pytest.mark.parametrize("name", ["gamma", "gamma with a small shape", "beta", "pert"])
@pytest.mark.parametrize("is_upper", [False, True])
def test_a_table_reaches_to_the_last_uniform_of_the_farthest_truncation(
    name: str, is_upper: bool
) -> None:
    twin = TWINS[name]
    inverse, mass = (
        (twin.scipy.isf, twin.scipy.sf) if is_upper else (twin.scipy.ppf, twin.scipy.cdf)
    )
    end = float(inverse(FAR_OUT))
    low, high = twin.ours.support()
    sample = _sampler(_truncated(twin.ours, *((end, high) if is_upper else (low, end))))
    for u in 0.5 ** np.array([53, 43, 30, 20, 7, 1]):  # so that 1 - u is exact
        expected = float(inverse(mass(end) * u))
        assert sample(1.0 - u if is_upper else u) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    "share", [0.7, *(pytest.param(x, marks=pytest.mark.exhaustive) for x in (0.001, 0.3, 0.9999))]
)
@each_twin
def test_an_age_conditions_a_sojourn_and_is_taken_off_it(twin: Twin, share: float) -> None:
    age = float(twin.scipy.ppf(share))
    left = _grid(twin.ours, age)
    assert left.min() >= 0.0
    # Held against the uniforms themselves, whose own grain is 2**-53.
    outlasting = twin.scipy.sf(age + left) / twin.scipy.sf(age)
    grain = 4e-15 / (1.0 - share) + 20.0 * twin.error
    exact = twin.scipy.isf(twin.scipy.sf(age) * (1.0 - PROBABILITIES)) - age
    near = np.abs(outlasting - (1.0 - PROBABILITIES)) <= grain
    # Where a density is infinite, neighbouring numbers are further apart than that.
    near |= np.abs(left - exact) <= 4e-15 * (age + exact)
    assert near.all()


@pytest.mark.parametrize("age", [1.0, 1000.0, 5000.0])
def test_an_exponential_sojourn_forgets_any_age(age: float) -> None:
    ours = TWINS["exponential"].ours
    inner = (PROBABILITIES > 1e-5) & (PROBABILITIES < 1.0 - 1e-5)
    np.testing.assert_allclose(_grid(ours, age)[inner], _grid(ours)[inner], rtol=1e-8)


def test_a_constant_is_itself_at_every_probability() -> None:
    sample = _sampler(constant(12.5))
    assert {sample(u) for u in (*EXTREMES, 0.3)} == {12.5}


def test_a_constant_of_some_age_has_the_rest_of_it_left() -> None:
    assert _sampler(constant(12.5), 2.5)(0.3) == 10.0


VALUES = {10.0: 1.0, 20.0: 2.0, 50.0: 5.0}


@pytest.mark.parametrize(
    ("u", "value"),
    [(0.01, 10.0), (0.125, 10.0), (0.126, 20.0), (0.375, 20.0), (0.376, 50.0), (0.999, 50.0)],
)
def test_an_empirical_quantile_is_the_first_value_whose_weights_reach_it(
    u: float, value: float
) -> None:
    assert _sampler(empirical(VALUES))(u) == value


def test_an_empirical_sojourn_of_some_age_keeps_the_values_beyond_it() -> None:
    sample = _sampler(empirical(VALUES), 10.0)
    assert [sample(u) for u in (0.01, 2.0 / 7.0 - 1e-9, 2.0 / 7.0 + 1e-9, 0.99)] == [
        10.0,
        10.0,
        40.0,
        40.0,
    ]


@pytest.mark.exhaustive
@pytest.mark.parametrize("shape", [0.05, 0.5, 1.0, 3.0, 50.0, 1e4])
def test_a_gamma_table_has_ten_digits_at_every_probability(shape: float) -> None:
    found = _grid(Distribution(family="gamma", parameters=(shape, 1.0)))
    expected = np.where(
        PROBABILITIES < 0.5,
        special.gammaincinv(shape, PROBABILITIES),
        special.gammainccinv(shape, 1.0 - PROBABILITIES),
    )
    np.testing.assert_allclose(found, expected, rtol=1e-10)


@pytest.mark.exhaustive
@pytest.mark.parametrize("alpha", [0.2, 1.0, 4.0, 300.0])
@pytest.mark.parametrize("beta", [0.2, 1.0, 6.0])
def test_a_beta_table_has_ten_digits_at_every_probability(alpha: float, beta: float) -> None:
    found = _grid(Distribution(family="beta", parameters=(alpha, beta)))
    expected = np.where(
        PROBABILITIES < 0.5,
        special.betaincinv(alpha, beta, PROBABILITIES),
        special.betainccinv(alpha, beta, 1.0 - PROBABILITIES),
    )
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_equal_distributions_share_an_entry_of_the_shelf() -> None:
    shelf = Shelf()
    first = shelf.put(distribution("gamma", {"shape": 2.0, "scale": 5.0}))
    assert shelf.put(distribution("gamma", {"shape": 2.0, "scale": 5.0})) == first
    assert shelf.put(distribution("gamma", {"shape": 2.0, "scale": 6.0})) != first


@pytest.mark.exhaustive
@each_twin
def test_compiled_and_plain_quantiles_yield_the_same_bits(twin: Twin) -> None:
    low, high = twin.scipy.ppf([0.6, 0.95])
    shelf = Shelf()
    indices = [
        shelf.put(twin.ours),
        shelf.put(_truncated(twin.ours, low, high)),
        shelf.put(twin.ours, float(low)),
    ]
    records, grid = shelf.distributions(), shelf.grid()
    for k in indices:
        for u in (*PROBABILITIES[::7], *EXTREMES):
            plain = quantile(records, grid, k, float(u))
            assert machine_code(quantile)(records, grid, k, float(u)) == plain
