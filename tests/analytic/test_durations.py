"""A dispute in progress at time 0 and a stock: the loss is what the dispute outlasts it by.

With D the time that the dispute still lasts and s the days in store, L = (D - s)+.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from analytic.worlds import assert_chance, assert_mean, one_dispute, play
from scipy import stats
from scipy.special import beta as beta_function
from scipy.special import betainc, betaincc, gammaincc

MEAN = 100.0
STOCK = 60.0
EXPONENTIAL = {"exponential": {"mean": MEAN}}
Q = math.exp(-STOCK / MEAN)  # chance that the dispute outlasts the stock


def test_an_exponential_dispute_outlasts_the_stock_with_its_survival_probability() -> None:
    loss = play(one_dispute(EXPONENTIAL, stock_days=STOCK), seed=101).total
    assert_chance(
        loss > 0.0,
        Q,
        within=0.01,
        wrong={"no stock": 1.0, "two days of stock are lost": Q * math.exp(2.0 / MEAN)},
    )


def test_an_exponential_loss_has_the_mean_of_its_memoryless_excess() -> None:
    loss = play(one_dispute(EXPONENTIAL, stock_days=STOCK), seed=102).total
    wrong = {"no stock": MEAN, "a stock 6 % too large": MEAN * math.exp(-1.06 * STOCK / MEAN)}
    assert_mean(loss, MEAN * Q, within=0.02, wrong=wrong)


def test_an_exponential_loss_has_the_variance_of_an_excess_with_an_atom_at_zero() -> None:
    loss = play(one_dispute(EXPONENTIAL, stock_days=STOCK), seed=103).total
    variance = MEAN**2 * Q * (2.0 - Q)
    wrong = {"the atom is forgotten": MEAN**2}
    assert_mean((loss - MEAN * Q) ** 2, variance, within=0.04, wrong=wrong)


def test_an_exponential_loss_has_its_third_moment() -> None:
    loss = play(one_dispute(EXPONENTIAL, stock_days=STOCK), seed=104).total
    assert_mean(loss**3, 6.0 * MEAN**3 * Q, within=0.08, wrong={"no stock": 6.0 * MEAN**3})


def test_the_horizon_cuts_the_mean_of_a_loss_off() -> None:
    horizon = 180.0
    loss = play(one_dispute(EXPONENTIAL, horizon_days=horizon, stock_days=STOCK), seed=105).total
    expected = MEAN * (Q - math.exp(-horizon / MEAN))
    wrong = {"no horizon": MEAN * Q, "the horizon counts from the end of the stock": MEAN * Q * Q}
    assert_mean(loss, expected, within=0.02, wrong=wrong)


def test_the_horizon_cuts_the_second_moment_of_a_loss_off() -> None:
    horizon = 180.0
    room = (horizon - STOCK) / MEAN
    loss = play(one_dispute(EXPONENTIAL, horizon_days=horizon, stock_days=STOCK), seed=106).total
    expected = 2.0 * MEAN**2 * Q * (1.0 - math.exp(-room) * (1.0 + room))
    assert_mean(loss**2, expected, within=0.02, wrong={"no horizon": 2.0 * MEAN**2 * Q})


def test_a_dispute_that_reaches_the_horizon_leaves_an_atom_at_the_largest_loss() -> None:
    horizon = 180.0
    loss = play(one_dispute(EXPONENTIAL, horizon_days=horizon, stock_days=STOCK), seed=107).total
    largest = horizon - STOCK
    assert loss.max() == pytest.approx(largest, rel=1e-12)
    at_largest = np.isclose(loss, largest, rtol=1e-12)
    assert_chance(at_largest, math.exp(-horizon / MEAN), within=0.03)


MU, SIGMA = math.log(60.0), 0.8
LOGNORMAL = {"lognormal": {"mu": MU, "sigma": SIGMA}}
D2 = (MU - math.log(STOCK * 1.25)) / SIGMA  # with a stock of 75 days
LOGNORMAL_MEAN = math.exp(MU + SIGMA**2 / 2.0)


def test_a_lognormal_loss_has_the_partial_moments_of_black_and_scholes() -> None:
    loss = play(one_dispute(LOGNORMAL, stock_days=75.0), seed=111).total
    first = LOGNORMAL_MEAN * stats.norm.cdf(D2 + SIGMA) - 75.0 * stats.norm.cdf(D2)
    wrong = {"sigma 2 % too large": first * 1.045, "sigma taken for a variance": first * 1.2}
    assert_mean(loss, first, within=0.04, wrong=wrong)
    assert_chance(loss > 0.0, stats.norm.cdf(D2), within=0.02)


def test_a_lognormal_loss_is_below_its_true_var_with_the_level_of_that() -> None:
    loss = play(one_dispute(LOGNORMAL, stock_days=75.0), seed=112).total
    for level in (0.9, 0.95, 0.99):
        var = math.exp(MU + SIGMA * stats.norm.ppf(level)) - 75.0
        assert_chance(loss > var, 1.0 - level, within=0.1)


def test_a_lognormal_loss_has_its_tail_mean_beyond_the_true_var() -> None:
    level = 0.9
    loss = play(one_dispute(LOGNORMAL, stock_days=75.0), seed=113).total
    z = stats.norm.ppf(level)
    var = math.exp(MU + SIGMA * z) - 75.0
    tvar = LOGNORMAL_MEAN * stats.norm.cdf(SIGMA - z) / (1.0 - level) - 75.0
    tail = var + np.maximum(loss - var, 0.0) / (1.0 - level)
    assert_mean(tail, tvar, within=0.03, wrong={"a tail 5 % too thin": 0.95 * tvar, "VaR": var})


class Family(NamedTuple):
    """A family with the excess E(D - s)+ of its closed form and the chance P(D > s)."""

    sojourn: Any
    excess: Callable[[float], float]
    survival: Callable[[float], float]


def _gamma(shape: float, scale: float) -> Family:
    return Family(
        {"gamma": {"shape": shape, "scale": scale}},
        lambda s: (
            shape * scale * gammaincc(shape + 1.0, s / scale) - s * gammaincc(shape, s / scale)
        ),
        lambda s: gammaincc(shape, s / scale),
    )


def _weibull(shape: float, scale: float) -> Family:
    return Family(
        {"weibull": {"shape": shape, "scale": scale}},
        lambda s: (
            scale / shape * math.gamma(1.0 / shape) * gammaincc(1.0 / shape, (s / scale) ** shape)
        ),
        lambda s: math.exp(-((s / scale) ** shape)),
    )


def _lognormal(mu: float, sigma: float) -> Family:
    def d2(s: float) -> float:
        return (mu - math.log(s)) / sigma

    return Family(
        {"lognormal": {"mu": mu, "sigma": sigma}},
        lambda s: (
            math.exp(mu + sigma**2 / 2.0) * stats.norm.cdf(d2(s) + sigma)
            - s * stats.norm.cdf(d2(s))
        ),
        lambda s: stats.norm.cdf(d2(s)),
    )


def _loglogistic(median: float, shape: float) -> Family:
    """The integral of 1 / (1 + (x / median)^shape) is an incomplete beta function."""

    def survival(s: float) -> float:
        return 1.0 / (1.0 + (s / median) ** shape)

    a, b = 1.0 - 1.0 / shape, 1.0 / shape
    return Family(
        {"loglogistic": {"median": median, "shape": shape}},
        lambda s: median / shape * beta_function(a, b) * betainc(a, b, survival(s)),
        survival,
    )


def _pert(low: float, mode: float, high: float) -> Family:
    alpha = 1.0 + 4.0 * (mode - low) / (high - low)
    beta = 6.0 - alpha

    def excess(s: float) -> float:
        x = (s - low) / (high - low)
        part = alpha / (alpha + beta) * betaincc(alpha + 1.0, beta, x)
        return (high - low) * (part - x * betaincc(alpha, beta, x))

    return Family(
        {"pert": {"low": low, "mode": mode, "high": high}},
        excess,
        lambda s: betaincc(alpha, beta, (s - low) / (high - low)),
    )


def _triangular(low: float, mode: float, high: float) -> Family:
    """For a stock beyond the mode."""
    area = (high - low) * (high - mode)
    return Family(
        {"triangular": {"low": low, "mode": mode, "high": high}},
        lambda s: (high - s) ** 3 / (3.0 * area),
        lambda s: (high - s) ** 2 / area,
    )


def _empirical(values: list[float], weights: list[float]) -> Family:
    held = list(zip(values, weights, strict=True))
    total = sum(weights)
    return Family(
        {"empirical": {"values": values, "weights": weights}},
        lambda s: sum(w * max(v - s, 0.0) for v, w in held) / total,
        lambda s: sum(w for v, w in held if v > s) / total,
    )


FAMILIES = {
    "exponential": Family(
        EXPONENTIAL, lambda s: MEAN * math.exp(-s / MEAN), lambda s: math.exp(-s / MEAN)
    ),
    "gamma": _gamma(2.5, 30.0),
    "gamma with a shape below one": _gamma(0.6, 120.0),
    "weibull": _weibull(1.7, 90.0),
    "weibull with a shape below one": _weibull(0.8, 70.0),
    "lognormal": _lognormal(MU, SIGMA),
    "loglogistic": _loglogistic(70.0, 4.5),
    "pareto": Family(
        {"pareto": {"minimum": 25.0, "shape": 4.5}},
        lambda s: 25.0**4.5 * s**-3.5 / 3.5,
        lambda s: (25.0 / s) ** 4.5,
    ),
    "uniform": Family(
        {"uniform": {"low": 10.0, "high": 150.0}},
        lambda s: (150.0 - s) ** 2 / 280.0,
        lambda s: (150.0 - s) / 140.0,
    ),
    "triangular": _triangular(10.0, 30.0, 150.0),
    "pert": _pert(10.0, 50.0, 200.0),
    "empirical": _empirical([20.0, 55.0, 80.0, 140.0], [1.0, 3.0, 4.0, 2.0]),
}


@pytest.mark.parametrize("family", FAMILIES.values(), ids=list(FAMILIES))
def test_a_loss_is_the_excess_of_its_family_over_the_stock(family: Family) -> None:
    stock = 50.0
    loss = play(one_dispute(family.sojourn, stock_days=stock), seed=121).total
    chance = family.survival(stock)
    assert_chance(loss > 0.0, chance, within=0.06)
    expected = family.excess(stock)
    wrong = {"stock and time change places": family.excess(2.0 * stock)}
    assert_mean(loss, expected, within=0.08, wrong=wrong)


@pytest.mark.parametrize("family", FAMILIES.values(), ids=list(FAMILIES))
def test_a_dispute_some_days_old_goes_on_as_its_family_given_that_age(family: Family) -> None:
    age, stock = 35.0, 20.0
    config = one_dispute(family.sojourn, stock_days=stock)
    config["disputes"]["quarrel"]["active"]["elapsed_days"] = age
    loss = play(config, seed=122).total
    expected = family.excess(age + stock) / family.survival(age)
    wrong = {} if family is FAMILIES["exponential"] else {"it starts anew": family.excess(stock)}
    wrong["the age is not conditioned on"] = family.excess(age + stock)
    assert_mean(loss, expected, within=0.06, wrong=wrong)


def test_an_exponential_dispute_does_not_remember_its_age() -> None:
    config = one_dispute(EXPONENTIAL, stock_days=STOCK)
    config["disputes"]["quarrel"]["active"]["elapsed_days"] = 500.0
    loss = play(config, seed=123).total
    wrong = {"the age is taken off the stock": MEAN, "the age is added to it": 0.0}
    assert_mean(loss, MEAN * Q, within=0.02, wrong=wrong)


def test_a_truncated_lognormal_dispute_has_the_mean_of_the_part_that_is_left() -> None:
    low, high = 40.0, 160.0
    loss = play(one_dispute({**LOGNORMAL, "min": low, "max": high}), seed=124).total
    a, b = (math.log(low) - MU) / SIGMA, (math.log(high) - MU) / SIGMA
    kept = stats.norm.cdf(b) - stats.norm.cdf(a)
    expected = LOGNORMAL_MEAN * (stats.norm.cdf(b - SIGMA) - stats.norm.cdf(a - SIGMA)) / kept
    clipped = float(
        low * stats.norm.cdf(a) + high * stats.norm.sf(b) + expected * kept
    )  # clipping keeps the mass beyond the limits, on the limits
    wrong = {"clipped, not conditioned": clipped, "not truncated": LOGNORMAL_MEAN}
    assert_mean(loss, expected, within=0.01, wrong=wrong)
    assert loss.min() >= low
    assert loss.max() <= high
