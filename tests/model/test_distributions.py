"""Families against scipy, closed forms and their own definitions."""

from __future__ import annotations

import math
from typing import Any

import mpmath
import pytest
from scipy import integrate, stats

from riskengine.kernel.quantiles import CLOSED_FORMS
from riskengine.model.distributions import Distribution, constant, distribution, empirical
from riskengine.model.families import FAMILIES
from riskengine.model.flat.distributions import Shelf
from riskengine.model.tabulate import TABLES

TWINS: list[tuple[str, dict[str, float], Any]] = [
    ("exponential", {"mean": 45.0}, stats.expon(scale=45)),
    ("lognormal", {"mu": 4.0, "sigma": 0.8}, stats.lognorm(0.8, scale=math.exp(4))),
    ("weibull", {"shape": 0.9, "scale": 150.0}, stats.weibull_min(0.9, scale=150)),
    ("gamma", {"shape": 2.5, "scale": 30.0}, stats.gamma(2.5, scale=30)),
    ("loglogistic", {"median": 90.0, "shape": 2.2}, stats.fisk(2.2, scale=90)),
    ("pareto", {"minimum": 30.0, "shape": 2.5}, stats.pareto(2.5, scale=30)),
    ("uniform", {"low": 10.0, "high": 60.0}, stats.uniform(10, 50)),
    ("triangular", {"low": 10.0, "mode": 20.0, "high": 60.0}, stats.triang(0.2, 10, 50)),
    ("pert", {"low": 10.0, "mode": 20.0, "high": 60.0}, stats.beta(1.8, 4.2, 10, 50)),
    ("beta", {"alpha": 2.0, "beta": 5.0}, stats.beta(2, 5)),
]
POINTS = (1e-6, 0.01, 0.3, 0.5, 0.9, 0.999, 1 - 1e-9)


@pytest.mark.parametrize(("family", "given", "twin"), TWINS, ids=[name for name, _, _ in TWINS])
def test_a_family_agrees_with_its_twin(family: str, given: dict[str, float], twin: Any) -> None:
    found = distribution(family, given)

    assert found.mean() == pytest.approx(twin.mean(), rel=1e-12)
    assert found.support() == pytest.approx(twin.support())
    for x in twin.ppf(POINTS):
        assert found.below(x) == pytest.approx(twin.cdf(x), rel=1e-9)
        assert found.above(x) == pytest.approx(twin.sf(x), rel=1e-6)


@pytest.mark.parametrize(("family", "given", "twin"), TWINS, ids=[name for name, _, _ in TWINS])
def test_truncation_conditions_on_its_range(
    family: str, given: dict[str, float], twin: Any
) -> None:
    low, high = (float(x) for x in twin.ppf((0.2, 0.7)))

    found = distribution(family, given, low, high)

    assert found.mass() == pytest.approx(0.5)
    assert found.support() == (low, high)
    middle = float(twin.ppf(0.45))
    assert found.survival(middle) == pytest.approx(0.5)
    assert (found.survival(low - 1e-9), found.survival(high)) == (1.0, 0.0)
    area, _ = integrate.quad(lambda x: x * twin.pdf(x), low, high)
    assert found.mean() == pytest.approx(area / 0.5, rel=1e-6)


@pytest.mark.parametrize("percentile", ["p90", "p95", "p99"])
def test_a_lognormal_has_the_quantiles_it_was_given(percentile: str) -> None:
    found = distribution("lognormal", {"median": 150.0, percentile: 540.0})

    assert found.below(150.0) == pytest.approx(0.5)
    assert found.below(540.0) == pytest.approx(int(percentile[1:]) / 100)


def test_a_weibull_has_the_quantiles_it_was_given() -> None:
    found = distribution("weibull", {"median": 150.0, "p90": 540.0})

    assert (found.below(150.0), found.below(540.0)) == (pytest.approx(0.5), pytest.approx(0.9))


@pytest.mark.parametrize("family", ["lognormal", "gamma"])
def test_mean_and_cv_are_the_mean_and_the_cv(family: str) -> None:
    found = distribution(family, {"mean": 80.0, "cv": 0.5})
    square, _ = integrate.quad(lambda x: 2 * x * found.above(x), 0, math.inf)

    assert found.mean() == pytest.approx(80.0)
    assert math.sqrt(square - 80.0**2) / 80.0 == pytest.approx(0.5, rel=1e-6)


def test_a_beta_has_the_mean_and_sd_it_was_given() -> None:
    alpha, beta = distribution("beta", {"mean": 0.8, "sd": 0.1}).parameters

    assert stats.beta(alpha, beta).mean() == pytest.approx(0.8)
    assert stats.beta(alpha, beta).std() == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("family", "given", "value"),
    [
        ("lognormal", {"median": 150.0, "p90": 150.0}, 150.0),
        ("lognormal", {"mean": 0.1, "cv": 0.0}, 0.1),
        ("lognormal", {"mu": 0.0, "sigma": 0.0}, 1.0),
        ("weibull", {"median": 0.1, "p90": 0.1}, 0.1),
        ("gamma", {"mean": 0.3, "cv": 0.0}, 0.3),
        ("beta", {"mean": 0.7, "sd": 0.0}, 0.7),
        ("uniform", {"low": 5.0, "high": 5.0}, 5.0),
        ("triangular", {"low": 5.0, "mode": 5.0, "high": 5.0}, 5.0),
        ("pert", {"low": 0.0, "mode": 0.0, "high": 0.0}, 0.0),
    ],
)
def test_what_has_no_spread_is_exactly_its_value(
    family: str, given: dict[str, float], value: float
) -> None:
    assert distribution(family, given) == constant(value)


@pytest.mark.parametrize(
    ("family", "given"),
    [
        ("lognormal", {"median": 1e-300, "p90": 1e300}),
        ("gamma", {"mean": 5.0, "cv": 1e-200}),
        ("lognormal", {"mean": 1.0, "cv": 1e200}),
    ],
)
def test_parameters_that_cannot_be_computed_with_are_refused(
    family: str, given: dict[str, float]
) -> None:
    with pytest.raises(ArithmeticError):
        distribution(family, given)


@pytest.mark.parametrize("x", [5e-324, 1e-300, 1.0, 1e300, math.inf])
@pytest.mark.parametrize(("family", "given", "twin"), TWINS, ids=[name for name, _, _ in TWINS])
def test_probabilities_stay_probabilities_at_the_ends_of_the_floats(
    family: str, given: dict[str, float], twin: Any, x: float
) -> None:
    found = distribution(family, given)

    assert 0.0 <= found.below(x) <= 1.0
    assert 0.0 <= found.above(x) <= 1.0
    assert found.below(x) + found.above(x) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("family", "parameters"),
    [("weibull", (1e-3, 150.0)), ("lognormal", (800.0, 1.0)), ("loglogistic", (5.0, 0.9)),
     ("pareto", (5.0, 1.0))],
)  # fmt: skip
def test_a_mean_beyond_all_floats_is_infinite(family: str, parameters: tuple[float, ...]) -> None:
    assert Distribution(family=family, parameters=parameters).mean() == math.inf


def test_an_empirical_distribution_is_sorted_normalised_and_without_empty_values() -> None:
    found = empirical({30.0: 2.0, 0.0: 0.0, 10.0: 6.0})

    assert (found.values, found.weights) == ((10.0, 30.0), (0.75, 0.25))
    assert found.support() == (10.0, 30.0)
    assert found.mean() == 15.0
    assert (found.below(10.0), found.above(10.0), found.survival(10.0)) == (0.75, 0.25, 0.25)


def test_an_empirical_distribution_of_one_value_is_that_value() -> None:
    assert empirical({7.0: 3.0}) == constant(7.0)


def test_survival_is_exact_far_into_the_tail() -> None:
    assert distribution("exponential", {"mean": 1.0}).survival(500.0) == pytest.approx(
        math.exp(-500.0), rel=1e-12
    )


def test_a_truncation_far_in_the_lower_tail_keeps_its_digits() -> None:
    whole = stats.norm()
    low, middle, high = (math.exp(z) for z in (-7.0, -6.5, -6.0))

    found = distribution("lognormal", {"mu": 0.0, "sigma": 1.0}, low, high)

    expected = (whole.cdf(-6.0) - whole.cdf(-6.5)) / (whole.cdf(-6.0) - whole.cdf(-7.0))
    assert found.survival(middle) == pytest.approx(expected, rel=1e-12)


def test_every_parameter_of_every_form_has_limits() -> None:
    for family in FAMILIES.values():
        assert {name for form in family.forms for name in form} == set(family.limits)


def _pareto_mean(a: float, b: float, k: float) -> float:
    """Of a Pareto of shape k between a and b: the integral of x^-k over that of x^(-k-1)."""
    with mpmath.workdps(40):
        mass = (mpmath.mpf(a) ** -k - mpmath.mpf(b) ** -k) / k
        if k == 1:
            return float(mpmath.log(mpmath.mpf(b) / a) / mass)
        return float((mpmath.mpf(a) ** (1 - k) - mpmath.mpf(b) ** (1 - k)) / (k - 1) / mass)


LOGNORMAL = {"median": 60.0, "p90": 245.0}
SIGMA = math.log(245.0 / 60.0) / 1.2815515655446004
WHOLE = 60.0 * math.exp(SIGMA**2 / 2.0)
TRUNCATED: list[tuple[str, dict[str, float], float, float, float]] = [
    ("lognormal", LOGNORMAL, -math.inf, 1e6, WHOLE),
    ("lognormal", LOGNORMAL, -math.inf, 1e13, WHOLE),
    ("lognormal", LOGNORMAL, -math.inf, 1e300, WHOLE),
    # far above: 1 / SIGMA standard deviations are a factor of e
    (
        "lognormal",
        LOGNORMAL,
        6e4,
        math.inf,
        WHOLE * stats.norm.sf(math.log(1e3) / SIGMA - SIGMA) / stats.norm.sf(math.log(1e3) / SIGMA),
    ),
    ("exponential", {"mean": 1e6}, 1.0, math.inf, 1e6 + 1.0),
    ("exponential", {"mean": 30.0}, -math.inf, 1e12, 30.0),
    ("exponential", {"mean": 30.0}, 0.0, 30.0, 30.0 - 30.0 / (math.e - 1.0)),
    ("exponential", {"mean": 1e9}, 5.0, 6.0, 5.5),  # all but even, in a sliver of the mass
    ("weibull", {"shape": 2.0, "scale": 100.0}, -math.inf, 1e8, 50.0 * math.sqrt(math.pi)),
    ("uniform", {"low": 0.0, "high": 1e12}, 0.25, 2.0, 1.125),
    ("uniform", {"low": -5.0, "high": 5.0}, 0.0, math.inf, 2.5),
    ("triangular", {"low": 0.0, "mode": 0.0, "high": 3.0}, 1.0, math.inf, 1.0 + 2.0 / 3.0),
    ("gamma", {"mean": 500.0, "cv": 0.001}, 1.0, 1e12, 500.0),
    ("gamma", {"shape": 1.0, "scale": 2.0}, 40.0, math.inf, 42.0),
    ("beta", {"alpha": 1.0, "beta": 3.0}, 0.0, 0.5, (1 - 5 / 16) / 4 / (1 - 1 / 8)),
    ("pert", {"low": 0.0, "mode": 39.0, "high": 99.0}, -math.inf, 98.999999, 42.5),
    ("pareto", {"minimum": 10.0, "shape": 3.0}, -math.inf, 1e10, 15.0),
    ("pareto", {"minimum": 10.0, "shape": 1.01}, 50.0, math.inf, 50.0 * 101.0),
    ("pareto", {"minimum": 10.0, "shape": 1.0}, -math.inf, 1e10, _pareto_mean(10.0, 1e10, 1.0)),
    ("pareto", {"minimum": 10.0, "shape": 0.4}, 20.0, 1e6, _pareto_mean(20.0, 1e6, 0.4)),
    ("pareto", {"minimum": 10.0, "shape": 1.0}, 20.0, math.inf, math.inf),
    # P(X > x) = 1 / (1 + x): the mean up to b is (log(1 + b) - b / (1 + b)) / (b / (1 + b))
    ("loglogistic", {"median": 1.0, "shape": 1.0}, 0.0, 9.0, math.log(10.0) / 0.9 - 1.0),
    # P(X > x) = 1 / (1 + x^2): beyond a it is pi / 2 - atan(a)
    (
        "loglogistic",
        {"median": 1.0, "shape": 2.0},
        1.0,
        math.inf,
        1.0 + 2.0 * math.pi / 4.0,
    ),
    ("loglogistic", {"median": 1.0, "shape": 1.0}, 1.0, math.inf, math.inf),
]


@pytest.mark.parametrize(("family", "given", "low", "high", "mean"), TRUNCATED)
def test_a_truncated_mean_is_the_closed_form(
    family: str, given: dict[str, float], low: float, high: float, mean: float
) -> None:
    assert distribution(family, given, low, high).mean() == pytest.approx(mean, rel=1e-8)


@pytest.mark.costly
@pytest.mark.parametrize(
    "reach", [1e-11, *(pytest.param(x, marks=pytest.mark.exhaustive) for x in (1e-3, 0.4))]
)
@pytest.mark.parametrize(("family", "given", "twin"), TWINS, ids=[name for name, _, _ in TWINS])
def test_a_truncated_mean_is_the_integral_of_the_density_in_either_tail(
    family: str, given: dict[str, float], twin: Any, reach: float
) -> None:
    for low, high in (
        (twin.ppf(reach / 10), twin.ppf(reach)),
        (twin.isf(reach), twin.isf(reach / 10)),
    ):
        found = distribution(family, given, float(low), float(high)).mean()
        # In units of the range, so that a mean that merely lies in it is not taken for right.
        mass, _ = integrate.quad(twin.pdf, low, high, epsabs=0.0)
        moment, _ = integrate.quad(lambda x, at=low: (x - at) * twin.pdf(x), low, high, epsabs=0.0)
        assert (found - low) / (high - low) == pytest.approx(moment / mass / (high - low), rel=1e-4)


def test_each_family_has_one_quantile_function() -> None:
    tabulated = {name for name, family in FAMILIES.items() if family.standard is not None}
    assert tabulated | set(CLOSED_FORMS) == set(FAMILIES)
    assert tabulated & set(CLOSED_FORMS) == set()


@pytest.mark.parametrize(
    ("family", "given", "twin"), [twin for twin in TWINS if twin[0] in ("gamma", "pert", "beta")]
)
def test_a_family_without_closed_form_is_a_standard_one_shifted_and_scaled(
    family: str, given: dict[str, float], twin: Any
) -> None:
    standard = FAMILIES[family].standard
    assert standard is not None
    about = standard(*distribution(family, given).parameters)
    plain = {"gamma": stats.gamma, "beta": stats.beta}[about.table](*about.shapes.values())
    assert about.table in TABLES
    for share in (0.01, 0.3, 0.5, 0.9):
        assert math.isclose(about.offset + about.scale * plain.ppf(share), twin.ppf(share))


def test_distributions_that_differ_in_place_and_scale_share_one_table() -> None:
    shelf = Shelf()
    for low in (0.0, 10.0, 2000.0):
        shelf.put(
            distribution("pert", {"low": low, "mode": 1.25 * low + 2.0, "high": 2.0 * low + 8.0})
        )
    for scale in (1.0, 7.0):
        shelf.put(distribution("gamma", {"shape": 3.0, "scale": scale}))
    tables = shelf.distributions().first
    assert len(set(tables[:3])) == 1
    assert len(set(tables[3:])) == 1
    assert len(set(tables)) == 2
