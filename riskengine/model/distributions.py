"""A distribution: a family with its canonical parameters and an optional truncation.

The families are entries of one table (`riskengine.model.families`). scipy is imported inside the
functions that need it, because it would cost every start of the command line half a second.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from riskengine.model.families import FAMILIES, NORMAL_QUANTILE

REACH = 1e200  #: beyond, a distribution that a config allows has no mass or is a power law


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
        """Area under the survival function, from the low end of the support over a `width`.

        Panels halve on the way to the low end. All of the mass may lie in a millionth of the width,
        but the panel that contains it shows it.
        """
        from scipy.integrate import quad

        low, total, right = self.support()[0], 0.0, width
        while right > 1e-17 * total:
            left = right / 2.0
            if self.survival(low + left) > 0.0:
                errors = {"epsabs": 1e-12 * total, "epsrel": 1e-10, "limit": 200}
                # `full_output` silences the warning where rounding does not allow 1e-10.
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

    A distribution without spread becomes exactly the constant that it is: `median` itself, not
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
