"""Arithmetic in + - * / and sqrt alone, against decimal numbers and scipy, with stated bounds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from decimal import Decimal, localcontext

import numpy as np
import pytest
from machine_code import machine_code
from scipy import special

from riskengine.kernel import arithmetic
from riskengine.kernel.arithmetic import (
    exp,
    log,
    minus_log_complement,
    normal_cdf,
    normal_quantile,
    power,
)

ULP = 2.0**-52  # relative, at worst
RANDOM = np.random.default_rng(20260108)


def _worst(
    function: Callable[[float], float],
    exact: Callable[[Decimal], Decimal],
    points: Iterable[float],
) -> float:
    """Largest relative error over the points, in ulps, against 40 digits."""
    worst = 0.0
    with localcontext() as context:
        context.prec = 40
        for x in points:
            truth = exact(Decimal(float(x)))
            error = abs((Decimal(function(float(x))) - truth) / truth)
            worst = max(worst, float(error))
    return worst / ULP


def test_exp_is_within_one_ulp() -> None:
    points = [
        *RANDOM.uniform(-708.0, 709.7, 2000),
        *RANDOM.uniform(-1.0, 1.0, 2000),
        *(10.0 ** RANDOM.uniform(-17.0, 0.0, 300)),
        *(np.log(2.0) * (np.arange(-40, 40) + 0.5)),
    ]
    assert _worst(exp, Decimal.exp, points) < 1.0


def test_log_is_within_two_ulps() -> None:
    points = [
        *(10.0 ** RANDOM.uniform(-300.0, 300.0, 2000)),
        *RANDOM.uniform(0.5, 2.0, 2000),
        *(1.0 + 10.0 ** RANDOM.uniform(-15.0, -1.0, 500)),
        *(1.0 - 10.0 ** RANDOM.uniform(-15.0, -1.0, 500)),
        math.sqrt(2.0),
        math.nextafter(math.sqrt(2.0), 2.0),
        math.sqrt(0.5),
    ]
    assert _worst(log, Decimal.ln, points) < 2.0


def test_log_of_one_is_zero() -> None:
    assert log(1.0) == 0.0


def test_minus_log_complement_is_within_two_ulps_down_to_the_smallest_uniform() -> None:
    points = [
        *RANDOM.uniform(0.0, 1.0, 2000),
        *(10.0 ** RANDOM.uniform(-16.0, 0.0, 2000)),
        *(1.0 - 10.0 ** RANDOM.uniform(-15.0, -1.0, 500)),
        0.25,
        math.nextafter(0.25, 1.0),
        2.0**-53,
        1.0 - 2.0**-53,
    ]
    assert _worst(minus_log_complement, lambda u: -(1 - u).ln(), points) < 2.0


@pytest.mark.parametrize(
    ("x", "expected"), [(710.0, math.inf), (1e308, math.inf), (-709.0, 0.0), (-1e308, 0.0)]
)
def test_exp_beyond_the_range_is_infinite_or_zero(x: float, expected: float) -> None:
    assert exp(x) == expected


def test_exp_of_zero_is_one() -> None:
    assert exp(0.0) == 1.0


@pytest.mark.parametrize("y", [-7.0, -1.0, 0.01, 0.5, 1.0, 3.0])
def test_power_loses_no_more_than_the_size_of_its_exponent(y: float) -> None:
    for x in 10.0 ** RANDOM.uniform(-20.0, 20.0, 300):
        size = abs(y * math.log(x))
        assert power(x, y) == pytest.approx(x**y, rel=(4.0 + 3.0 * size) * ULP, abs=0.0)


def test_the_normal_quantile_agrees_with_scipy_in_both_tails() -> None:
    points = np.concatenate(
        [
            np.linspace(0.0005, 0.9995, 4001),
            10.0 ** RANDOM.uniform(-300.0, -1.0, 2000),
            1.0 - 10.0 ** RANDOM.uniform(-15.0, -1.0, 2000),
            [0.075, 0.925, 2.0**-53, 1.0 - 2.0**-53, math.exp(-25.0)],
        ]
    )
    found = np.array([normal_quantile(p) for p in points])
    np.testing.assert_allclose(found, special.ndtri(points), rtol=10.0 * ULP, atol=0.1 * ULP)


def test_the_normal_quantile_is_odd_about_one_half_to_the_bit() -> None:
    for k in RANDOM.integers(0, 2**52, 2000):
        p = (float(k) + 0.5) * ULP
        assert normal_quantile(1.0 - p) == -normal_quantile(p)


def test_the_normal_quantile_of_one_half_is_zero() -> None:
    assert normal_quantile(0.5) == 0.0


def test_the_normal_cdf_agrees_with_scipy_up_to_the_conditioning_of_its_tail() -> None:
    """An ulp of z is z**2 ulps of the probability far out in the lower tail."""
    points = np.concatenate(
        [
            np.linspace(-37.0, 9.0, 6001),
            RANDOM.uniform(-6.0, 6.0, 2000),
            math.sqrt(2.0) * np.array([-4.0, -0.46875, 0.46875, 4.0]),
        ]
    )
    found = np.array([normal_cdf(z) for z in points])
    relative = np.abs(found / special.ndtr(points) - 1.0)
    assert (relative < (6.0 + points**2) * ULP).all()


@pytest.mark.costly
def test_the_normal_cdf_is_monotone_on_a_dense_grid() -> None:
    for low, high in ((-1.0, 1.0), (-6.0, -5.0), (4.0, 7.0)):
        values = np.array([normal_cdf(z) for z in np.linspace(low, high, 20_001)])
        assert (np.diff(values) >= -2.0 * ULP * values[1:]).all()


def test_the_normal_cdf_and_quantile_are_inverse() -> None:
    for p in np.concatenate(
        [10.0 ** RANDOM.uniform(-16.0, -1.0, 500), np.linspace(0.01, 0.99, 99)]
    ):
        assert normal_cdf(normal_quantile(p)) == pytest.approx(p, rel=1e-13)


@pytest.mark.parametrize("z", [-40.0, -1e10])
def test_the_normal_cdf_far_below_is_zero(z: float) -> None:
    assert normal_cdf(z) == 0.0


@pytest.mark.parametrize("z", [9.0, 40.0, 1e10])
def test_the_normal_cdf_far_above_is_one(z: float) -> None:
    assert normal_cdf(z) == 1.0


ARGUMENTS: dict[str, list[tuple[float, ...]]] = {
    "exp": [(x,) for x in (*np.linspace(-710.0, 710.0, 301), 0.0, 1e-20, -1e-20)],
    "log": [(x,) for x in 10.0 ** np.linspace(-300.0, 300.0, 301)],
    "minus_log_complement": [(x,) for x in np.linspace(2.0**-53, 1.0 - 2.0**-53, 301)],
    "power": [(x, y) for x in 10.0 ** np.linspace(-9.0, 9.0, 19) for y in (-3.0, 0.2, 1.0, 4.5)],
    "normal_quantile": [
        (x,) for x in (*np.linspace(1e-4, 0.9999, 301), *(10.0 ** np.linspace(-300.0, -1.0, 50)))
    ],
    "normal_cdf": [(x,) for x in np.linspace(-40.0, 10.0, 501)],
}


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", list(ARGUMENTS))
def test_compiled_and_plain_arithmetic_yield_the_same_bits(name: str) -> None:
    function = getattr(arithmetic, name)
    for arguments in ARGUMENTS[name]:
        given = tuple(float(x) for x in arguments)
        assert machine_code(function)(*given) == function(*given), given
