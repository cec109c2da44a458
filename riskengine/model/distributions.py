"""Distribution families: parametrisations, distribution functions, supports and means.

A `Distribution` is a family with its canonical parameters and an optional truncation. The
families are entries of one table, `FAMILIES`; the kernels' quantile functions
(`riskengine.kernel.quantiles`) follow the same canonical parameters. scipy is imported inside the
functions that need it, because it would cost every start of the command line half a second.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

REACH = 1e200  #: beyond, a law that a config allows has no mass left, or is a power law
NORMAL_QUANTILE = {"p90": 1.2815515655446004, "p95": 1.6448536269514722, "p99": 2.3263478740408408}


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """A family with canonical parameters, conditioned on [minimum, maximum].

    `values` and `weights` (summing to 1, values ascending) belong to the family `empirical` only;
    the family `constant` has its value as the one parameter.
    """

    family: str
    parameters: tuple[float, ...] = ()
    minimum: float = -math.inf
    maximum: float = math.inf
    values: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()

    @property
    def is_constant(self) -> bool:
        return self.family == "constant"

    @property
    def is_truncated(self) -> bool:
        return self.minimum > -math.inf or self.maximum < math.inf

    def support(self) -> tuple[float, float]:
        """Smallest interval that holds all the mass: (low, high), `inf` where unbounded."""
        if self.family == "empirical":
            return self.values[0], self.values[-1]
        low, high = FAMILIES[self.family].support(*self.parameters)
        return max(low, self.minimum), min(high, self.maximum)

    def below(self, x: float) -> float:
        """P(X <= x) of the family itself, before truncation."""
        if self.family == "empirical":
            return sum(w for v, w in zip(self.values, self.weights, strict=True) if v <= x)
        low, high = FAMILIES[self.family].support(*self.parameters)
        if x >= high:
            return 1.0
        return FAMILIES[self.family].cdf(x, *self.parameters) if x > low else 0.0

    def above(self, x: float) -> float:
        """P(X > x) of the family itself, before truncation, exact far into the upper tail."""
        if self.family == "empirical":
            return sum(w for v, w in zip(self.values, self.weights, strict=True) if v > x)
        low, high = FAMILIES[self.family].support(*self.parameters)
        if x >= high:
            return 0.0
        return FAMILIES[self.family].sf(x, *self.parameters) if x > low else 1.0

    def survival(self, x: float) -> float:
        """P(X > x) of the distribution itself, truncation included."""
        low, high = self.support()
        if x < low:
            return 1.0
        if x >= high:
            return 0.0
        return self._between(x, self.maximum) / self._between(self.minimum, self.maximum)

    def mass(self) -> float:
        """P(minimum <= X <= maximum) of the family itself: what the truncation leaves of it."""
        if self.is_constant:
            return float(self.minimum <= self.parameters[0] <= self.maximum)
        return self._between(self.minimum, self.maximum)

    def _between(self, low: float, high: float) -> float:
        """P(low < X <= high) of the family itself, taken in the tail where it is exact."""
        if self.below(high) < 0.5:
            return self.below(high) - self.below(low)
        return self.above(low) - self.above(high)

    def mean(self) -> float:
        """Expected value; `inf` where it does not exist (a Pareto with shape <= 1)."""
        if self.family == "empirical":
            return math.fsum(v * w for v, w in zip(self.values, self.weights, strict=True))
        family, (low, high) = FAMILIES[self.family], self.support()
        if (low, high) == family.support(*self.parameters):
            return family.mean(*self.parameters)
        if high < math.inf:
            return min(low + self._area(high - low), high)
        index = family.tail_index(*self.parameters)
        if index <= 1.0:
            return math.inf
        return low + self._area(REACH - low) + REACH * self.survival(REACH) / (index - 1.0)

    def _area(self, width: float) -> float:
        """Area below the survival function from the low end of the support on, `width` wide.

        Panels halve on the way to the low end: all of the mass may lie in a millionth of the
        width, but it shows in the panel that holds it.
        """
        from scipy.integrate import quad

        low, total, right = self.support()[0], 0.0, width
        while right > 1e-17 * total:
            left = right / 2.0
            if self.survival(low + left) > 0.0:
                errors = {"epsabs": 1e-12 * total, "epsrel": 1e-10, "limit": 200}
                # With `full_output` there is no warning of what rounding keeps from 1e-10.
                found = quad(lambda t: self.survival(low + t), left, right, **errors, full_output=1)
                total += found[0]
            right = left
        return total


def constant(value: float) -> Distribution:
    """The distribution of a bare number."""
    return Distribution(family="constant", parameters=(float(value),))


def distribution(
    family: str,
    given: Mapping[str, float],
    minimum: float = -math.inf,
    maximum: float = math.inf,
) -> Distribution:
    """The distribution of a family from one of its parametrisations.

    A distribution without spread becomes the constant it is, exactly: `median` itself, and not
    exp(log(median)).

    Parameters
    ----------
    family
        A key of `FAMILIES`.
    given
        Parameters by name; their names are one of the family's `forms`.
    minimum, maximum
        Truncation: the distribution is conditioned on this range.

    Raises
    ------
    ArithmeticError, ValueError
        When the parameters are so extreme that the canonical ones cannot be computed.

    Examples
    --------
    >>> distribution("lognormal", {"median": 150.0, "p90": 150.0}).parameters
    (150.0,)
    """
    value = _without_spread(given)
    if value is not None:
        return constant(value)
    form = next(names for names in FAMILIES[family].forms if set(names) == set(given))
    parameters = FAMILIES[family].forms[form](*(given[name] for name in form))
    if not all(map(math.isfinite, (*parameters, parameters[-1] - parameters[0]))):
        raise OverflowError(f"{family} with {dict(given)} has no finite parameters")
    return Distribution(family=family, parameters=parameters, minimum=minimum, maximum=maximum)


def empirical(values: Mapping[float, float]) -> Distribution:
    """The discrete distribution on the keys of `values`, in proportion to the weights they map to.

    Examples
    --------
    >>> empirical({30.0: 1.0, 10.0: 3.0}).weights
    (0.75, 0.25)
    """
    held = sorted((value, weight) for value, weight in values.items() if weight > 0.0)
    if len(held) == 1:
        return constant(held[0][0])
    total = math.fsum(weight for _, weight in held)
    return Distribution(
        family="empirical",
        values=tuple(value for value, _ in held),
        weights=tuple(weight / total for _, weight in held),
    )


def _without_spread(given: Mapping[str, float]) -> float | None:
    """The one value a parametrisation stands for, or None when it has a spread."""
    if "low" in given:
        return given["low"] if given["low"] == given["high"] else None
    if any(given.get(name) == 0.0 for name in ("cv", "sd", "sigma")):
        return given["mean"] if "mean" in given else math.exp(given["mu"])
    upper = [given[name] for name in NORMAL_QUANTILE if name in given]
    return given["median"] if upper == [given.get("median")] else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One distribution family.

    `forms` maps the names of a parametrisation to a function that returns the canonical
    parameters; `limits` gives for each parameter name its lower bound and whether the bound itself
    is allowed (all parameters are finite). `order` lists names that must ascend. P(X > x) falls
    like x^-`tail_index` far out.
    """

    forms: dict[tuple[str, ...], Callable[..., tuple[float, ...]]]
    limits: dict[str, tuple[float, bool]]
    support: Callable[..., tuple[float, float]]
    cdf: Callable[..., float]
    sf: Callable[..., float]
    mean: Callable[..., float]
    order: tuple[str, ...] = ()
    tail_index: Callable[..., float] = lambda *_: math.inf


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


def pert_shapes(low: float, mode: float, high: float) -> tuple[float, float]:
    """Alpha and beta of the PERT distribution's beta on [0, 1], with the usual weight 4."""
    return 1.0 + 4.0 * (mode - low) / (high - low), 1.0 + 4.0 * (high - mode) / (high - low)


def _special(name: str, x: float, *shapes: float) -> float:
    from scipy import special

    return float(getattr(special, name)(*shapes, x))


def _pert(name: str, x: float, low: float, mode: float, high: float) -> float:
    return _special(name, (x - low) / (high - low), *pert_shapes(low, mode, high))


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
        cdf=partial(_pert, "betainc"),
        sf=partial(_pert, "betaincc"),
        mean=lambda low, mode, high: (low + 4.0 * mode + high) / 6.0,
    ),
    "beta": Family(
        forms={("alpha", "beta"): _same, ("mean", "sd"): _beta_from_mean},
        limits={"alpha": POSITIVE, "beta": POSITIVE, "mean": POSITIVE, "sd": NOT_NEGATIVE},
        support=lambda alpha, beta: (0.0, 1.0),
        cdf=partial(_special, "betainc"),
        sf=partial(_special, "betaincc"),
        mean=lambda alpha, beta: alpha / (alpha + beta),
    ),
}
