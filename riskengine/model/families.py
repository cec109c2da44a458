"""The families of distributions: parametrisations, distribution functions, supports and means.

To add a family, add an entry to `FAMILIES`, and its quantile function. That is either a closed form
with a code in `riskengine.kernel.quantiles` under the name of the family, or a table of a standard
distribution (`riskengine.model.tabulate`), which is shifted and scaled. Reading, checking, layout
and display follow from the entry.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

NORMAL_QUANTILE = {"p90": 1.2815515655446004, "p95": 1.6448536269514722, "p99": 2.3263478740408408}


class Standard(NamedTuple):
    """The distribution offset + scale X, where X has a table of quantiles."""

    table: str  #: a key of `riskengine.model.tabulate.TABLES`
    shapes: Mapping[str, float]  #: parameters of X by name
    offset: float = 0.0
    scale: float = 1.0


class Contradiction(NamedTuple):
    """Parameters that contradict each other, what is allowed, and a share perhaps in percent."""

    found: str
    allowed: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One distribution family.

    `forms` maps the names of a parametrisation to a function that returns the canonical
    parameters; `limits` gives for each parameter name its lower bound and whether the bound itself
    is allowed (all parameters are finite). `order` lists names that must ascend. P(X > x) falls
    like x^-`tail_index` far out.

    Families whose quantile function has no closed form have a `standard`. `contradiction` finds
    parameters that are each valid but that no distribution of the family has together.
    """

    forms: dict[tuple[str, ...], Callable[..., tuple[float, ...]]]
    limits: dict[str, tuple[float, bool]]
    support: Callable[..., tuple[float, float]]
    cdf: Callable[..., float]
    sf: Callable[..., float]
    mean: Callable[..., float]
    order: tuple[str, ...] = ()
    tail_index: Callable[..., float] = lambda *_: math.inf
    standard: Callable[..., Standard] | None = None  #: from the canonical parameters
    contradiction: Callable[[Mapping[str, float]], Contradiction | None] = lambda _: None


POSITIVE = (0.0, False)
NOT_NEGATIVE = (0.0, True)
ANY = (-math.inf, True)


def _same(*parameters: float) -> tuple[float, ...]:
    return parameters


def _half_line(*_: float) -> tuple[float, float]:
    return 0.0, math.inf


def _power(base: float, exponent: float) -> float:
    """base ** exponent for base >= 0, `inf` where it is too large for a float."""
    try:
        return math.pow(base, exponent)
    except (OverflowError, ValueError):  # ValueError: 0 to a negative power
        return math.inf


def _exp(x: float) -> float:
    return math.exp(x) if x < 709.0 else math.inf


def _normal_below(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def _lognormal_from_mean(mean: float, cv: float) -> tuple[float, float]:
    variance = math.log1p(cv * cv)
    return math.log(mean) - variance / 2.0, math.sqrt(variance)


def _lognormal_from(percentile: str) -> Callable[[float, float], tuple[float, float]]:
    def canonical(median: float, upper: float) -> tuple[float, float]:
        return math.log(median), math.log(upper / median) / NORMAL_QUANTILE[percentile]

    return canonical


def _weibull_from_quantiles(median: float, p90: float) -> tuple[float, float]:
    shape = math.log(math.log(10.0) / math.log(2.0)) / math.log(p90 / median)
    return shape, median / math.log(2.0) ** (1.0 / shape)


def _beta_from_mean(mean: float, sd: float) -> tuple[float, float]:
    size = mean * (1.0 - mean) / (sd * sd) - 1.0
    return mean * size, (1.0 - mean) * size


def _no_beta(given: Mapping[str, float]) -> Contradiction | None:
    if "mean" not in given:
        return None
    mean, sd = given["mean"], given["sd"]
    if mean <= 1.0 and (sd == 0.0 or sd * sd < mean * (1.0 - mean)):
        return None
    return Contradiction(
        found=f"has mean = {mean:.12g} and sd = {sd:.12g}, which no beta distribution has",
        allowed="mean in (0, 1) and sd below sqrt(mean * (1 - mean))",
        share=mean,
    )


def _pert_shapes(low: float, mode: float, high: float) -> tuple[float, float]:
    """Alpha and beta of the PERT distribution's beta on [0, 1], with the usual weight 4."""
    return 1.0 + 4.0 * (mode - low) / (high - low), 1.0 + 4.0 * (high - mode) / (high - low)


def _special(name: str, x: float, *shapes: float) -> float:
    from scipy import special

    return float(getattr(special, name)(*shapes, x))


def _pert(name: str, x: float, low: float, mode: float, high: float) -> float:
    return _special(name, (x - low) / (high - low), *_pert_shapes(low, mode, high))


def _pert_standard(low: float, mode: float, high: float) -> Standard:
    alpha, beta = _pert_shapes(low, mode, high)
    return Standard("beta", {"alpha": alpha, "beta": beta}, offset=low, scale=high - low)


def _triangular_cdf(x: float, low: float, mode: float, high: float) -> float:
    if x <= mode:
        return (x - low) ** 2 / ((high - low) * (mode - low)) if mode > low else 0.0
    return 1.0 - _triangular_sf(x, low, mode, high)


def _triangular_sf(x: float, low: float, mode: float, high: float) -> float:
    if x >= mode:
        return (high - x) ** 2 / ((high - low) * (high - mode)) if high > mode else 0.0
    return 1.0 - _triangular_cdf(x, low, mode, high)


def _weibull_mean(shape: float, scale: float) -> float:
    log = math.lgamma(1.0 + 1.0 / shape)
    return scale * math.exp(log) if log < 700.0 else _exp(log + math.log(scale))


def _loglogistic_mean(median: float, shape: float) -> float:
    if shape <= 1.0:
        return math.inf
    angle = math.pi / shape
    return median * angle / math.sin(angle)


FAMILIES: dict[str, Family] = {
    "constant": Family(
        forms={("value",): _same},
        limits={"value": ANY},
        support=lambda value: (value, value),
        cdf=lambda x, value: float(x >= value),
        sf=lambda x, value: float(x < value),
        mean=lambda value: value,
    ),
    "exponential": Family(
        forms={("mean",): _same},
        limits={"mean": POSITIVE},
        support=_half_line,
        cdf=lambda x, mean: -math.expm1(-x / mean),
        sf=lambda x, mean: math.exp(-x / mean),
        mean=lambda mean: mean,
    ),
    "lognormal": Family(
        forms={
            ("median", "p90"): _lognormal_from("p90"),
            ("median", "p95"): _lognormal_from("p95"),
            ("median", "p99"): _lognormal_from("p99"),
            ("mean", "cv"): _lognormal_from_mean,
            ("mu", "sigma"): _same,
        },
        limits={
            "median": POSITIVE,
            "p90": POSITIVE,
            "p95": POSITIVE,
            "p99": POSITIVE,
            "mean": POSITIVE,
            "cv": NOT_NEGATIVE,
            "mu": ANY,
            "sigma": NOT_NEGATIVE,
        },
        order=("median", "p90", "p95", "p99"),
        support=_half_line,
        cdf=lambda x, mu, sigma: _normal_below((math.log(x) - mu) / sigma),
        sf=lambda x, mu, sigma: _normal_below((mu - math.log(x)) / sigma),
        mean=lambda mu, sigma: _exp(mu + sigma * sigma / 2.0),
    ),
    "weibull": Family(
        forms={("shape", "scale"): _same, ("median", "p90"): _weibull_from_quantiles},
        limits={"shape": POSITIVE, "scale": POSITIVE, "median": POSITIVE, "p90": POSITIVE},
        order=("median", "p90"),
        support=_half_line,
        cdf=lambda x, shape, scale: -math.expm1(-_power(x / scale, shape)),
        sf=lambda x, shape, scale: math.exp(-_power(x / scale, shape)),
        mean=_weibull_mean,
    ),
    "gamma": Family(
        forms={
            ("shape", "scale"): _same,
            ("mean", "cv"): lambda mean, cv: (1.0 / (cv * cv), mean * cv * cv),
        },
        limits={"shape": POSITIVE, "scale": POSITIVE, "mean": POSITIVE, "cv": NOT_NEGATIVE},
        support=_half_line,
        standard=lambda shape, scale: Standard("gamma", {"shape": shape}, scale=scale),
        cdf=lambda x, shape, scale: _special("gammainc", x / scale, shape),
        sf=lambda x, shape, scale: _special("gammaincc", x / scale, shape),
        mean=lambda shape, scale: shape * scale,
    ),
    "loglogistic": Family(
        forms={("median", "shape"): _same},
        limits={"median": POSITIVE, "shape": POSITIVE},
        support=_half_line,
        cdf=lambda x, median, shape: 1.0 / (1.0 + _power(x / median, -shape)),
        sf=lambda x, median, shape: 1.0 / (1.0 + _power(x / median, shape)),
        mean=_loglogistic_mean,
        tail_index=lambda median, shape: shape,
    ),
    "pareto": Family(
        forms={("minimum", "shape"): _same},
        limits={"minimum": POSITIVE, "shape": POSITIVE},
        support=lambda minimum, shape: (minimum, math.inf),
        cdf=lambda x, minimum, shape: -math.expm1(shape * math.log(minimum / x)),
        sf=lambda x, minimum, shape: (minimum / x) ** shape,
        mean=lambda minimum, shape: minimum * shape / (shape - 1.0) if shape > 1.0 else math.inf,
        tail_index=lambda minimum, shape: shape,
    ),
    "uniform": Family(
        forms={("low", "high"): _same},
        limits={"low": ANY, "high": ANY},
        order=("low", "high"),
        support=lambda low, high: (low, high),
        cdf=lambda x, low, high: (x - low) / (high - low),
        sf=lambda x, low, high: (high - x) / (high - low),
        mean=lambda low, high: (low + high) / 2.0,
    ),
    "triangular": Family(
        forms={("low", "mode", "high"): _same},
        limits={"low": ANY, "mode": ANY, "high": ANY},
        order=("low", "mode", "high"),
        support=lambda low, mode, high: (low, high),
        cdf=_triangular_cdf,
        sf=_triangular_sf,
        mean=lambda low, mode, high: (low + mode + high) / 3.0,
    ),
    "pert": Family(
        forms={("low", "mode", "high"): _same},
        limits={"low": ANY, "mode": ANY, "high": ANY},
        order=("low", "mode", "high"),
        support=lambda low, mode, high: (low, high),
        standard=_pert_standard,
        cdf=partial(_pert, "betainc"),
        sf=partial(_pert, "betaincc"),
        mean=lambda low, mode, high: (low + 4.0 * mode + high) / 6.0,
    ),
    "beta": Family(
        forms={("alpha", "beta"): _same, ("mean", "sd"): _beta_from_mean},
        limits={"alpha": POSITIVE, "beta": POSITIVE, "mean": POSITIVE, "sd": NOT_NEGATIVE},
        support=lambda alpha, beta: (0.0, 1.0),
        standard=lambda alpha, beta: Standard("beta", {"alpha": alpha, "beta": beta}),
        contradiction=_no_beta,
        cdf=partial(_special, "betainc"),
        sf=partial(_special, "betaincc"),
        mean=lambda alpha, beta: alpha / (alpha + beta),
    ),
}
