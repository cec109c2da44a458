"""The likelihood of durations and its maximum.

A duration may be known exactly, from below, or between two bounds. The maximum is found for many
tables or many starts at once: hundreds of simulated tables take no longer than a few. Nothing here
depends on the unit: durations are measured in a typical one of them, and steps in the spread of the
family. So a spread of a millionth is found as well as one of a thousand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskengine.fits.families import Floats, SojournFamily

_STEP = 1e-4  #: step of the finite differences for derivatives, in spreads and logs
_MOST_STEPS = 100
_IMPOSSIBLE = -1e9  #: log-likelihood of impossible data
_LARGEST = float(np.finfo(np.float64).max)  #: what an infinite density counts as
_MOST_HALVINGS = 25
_ROUNDING = 1e-12  #: share of a log-likelihood that is noise
_LONGEST = np.array([64.0, 1.0])  #: longest step: scale in spreads, second parameter in logs
_CLOSE = 1e-7  #: a shorter step ends the search
_FLAT = 1e-5  #: largest slope at a maximum, for each episode that ended
_CURVED = 1e-4  #: least curvature, likewise; where a likelihood levels off, slope is as large
_Height = Callable[[Floats], Floats]  #: log-likelihood (b,) at theta (b, k)


@dataclass(frozen=True, slots=True, eq=False)
class Durations:
    """What is known about some durations, in days.

    The true duration lies in [lower, upper]. The bounds are equal if it is known to the day;
    `upper` is infinite if it has not ended.
    """

    lower: Floats  #: (..., n) at least 0
    upper: Floats  #: (..., n) above 0

    @property
    def exact(self) -> NDArray[np.bool_]:
        return np.equal(self.lower, self.upper)

    @property
    def open(self) -> NDArray[np.bool_]:
        return np.isinf(self.upper)

    @property
    def between(self) -> NDArray[np.bool_]:
        return np.logical_not(self.exact | self.open)

    @property
    def ended(self) -> NDArray[np.bool_]:
        return np.isfinite(self.upper)

    @property
    def middle(self) -> Floats:
        """The duration as a single number: the middle of its bounds."""
        return np.where(self.ended, 0.5 * (self.lower + np.minimum(self.upper, 1e300)), self.lower)

    @property
    def typical(self) -> float:
        """The median of the durations that ended; if none did, of all."""
        return float(np.median(self.middle[self.ended] if np.any(self.ended) else self.middle))

    def over(self, unit: float) -> Durations:
        """The same durations in another unit."""
        return Durations(self.lower / unit, self.upper / unit)

    def at(self, columns: NDArray[np.bool_]) -> Durations:
        """The durations in some columns."""
        return Durations(self.lower[..., columns], self.upper[..., columns])


@dataclass(frozen=True, slots=True, eq=False)
class Top:
    """The maxima of likelihoods."""

    theta: Floats  #: (b, k) logs of scale and second parameter
    value: Floats  #: (b,) the log-likelihood there
    is_top: NDArray[np.bool_]  #: (b,) whether it is a proper maximum


def log_likelihood(family: SojournFamily, theta: Floats, durations: Durations) -> Floats:
    """Log-likelihood of durations.

    Parameters
    ----------
    family : SojournFamily
    theta : ndarray, (b, k) of float64
        Logs of scale and second parameter.
    durations : Durations
        Of (n,) or (b, n).

    Returns
    -------
    ndarray, (b,) of float64
    """
    total: Floats = np.sum(log_terms(family, theta, durations), axis=-1)
    return total


def log_terms(family: SojournFamily, theta: Floats, durations: Durations) -> Floats:
    """What each duration adds to the log-likelihood.

    Parameters
    ----------
    family : SojournFamily
    theta : ndarray, (b, k) of float64
    durations : Durations
        Of (n,) or (b, n).

    Returns
    -------
    ndarray, (b, n) of float64

    Notes
    -----
    A duration t known exactly adds log f(t). One that has not ended after t adds log S(t). One
    between a and b adds log(S(a) - S(b)): Kalbfleisch and Prentice (2002), section 3.2.
    """
    second = family.second_of(theta)
    terms = np.empty(np.broadcast_shapes(theta[:, :1].shape, durations.lower.shape))
    for kind, rows in (
        (_exact, durations.exact),
        (_open, durations.open),
        (_between, durations.between),
    ):
        # Only the columns of a kind in any table are computed: survival functions are slow.
        columns = rows if rows.ndim == 1 else np.any(rows, axis=0)
        if np.any(columns):
            with np.errstate(all="ignore"):
                found = kind(family, theta[:, :1], second, durations.at(columns))
            if rows.ndim > 1:
                found = np.where(rows[:, columns], found, terms[:, columns])
            terms[:, columns] = found
    # `fmax` and `fmin` take the number where the other one is nan.
    found_terms: Floats = np.fmin(np.fmax(terms, _IMPOSSIBLE), _LARGEST)
    return found_terms


def _exact(family: SojournFamily, scale: Floats, second: Floats, some: Durations) -> Floats:
    logs = np.log(some.lower)
    return family.log_density(logs - scale, second) - logs


def _open(family: SojournFamily, scale: Floats, second: Floats, some: Durations) -> Floats:
    return family.log_survival(np.log(some.lower) - scale, second)


def _between(family: SojournFamily, scale: Floats, second: Floats, some: Durations) -> Floats:
    before = family.log_survival(np.log(some.lower) - scale, second)
    after = family.log_survival(np.log(some.upper) - scale, second)
    return before + np.log(-np.expm1(np.minimum(after - before, 0.0)))


def first_guess(family: SojournFamily, durations: Durations) -> Floats:
    """Logs of scale and second parameter from which the search starts, (1, k).

    The scale is the geometric mean of the durations, and the spread is theirs. So the guess follows
    the durations in any unit. For the exponential family the scale is the time watched for each
    episode that ended, which is the exact answer if no duration lies between two bounds.
    """
    seen = np.log(durations.middle[durations.middle > 0.0])
    if family.parameters == 1:
        ended = max(int(np.count_nonzero(durations.ended)), 1)
        return np.array([[float(np.log(durations.middle.sum() / ended))]])
    spread = float(np.std(seen))
    second = family.with_spread(spread if spread > 0.0 else 1.0)
    return np.array([[float(np.mean(seen)), float(np.log(second))]])


@np.errstate(all="ignore")
def climb(
    family: SojournFamily,
    durations: Durations,
    start: Floats,
    *,
    free: int | None = None,
    most_steps: int = _MOST_STEPS,
) -> Top:
    """The maximum of each of b likelihoods, by Newton's method on the scale of logs.

    Parameters
    ----------
    family : SojournFamily
    durations : Durations
        Of (n,) or (b, n).
    start : ndarray, (b, k) of float64
    free : int, optional
        How many parameters are free: 1 for the scale alone. All if left out.
    most_steps : int
        Steps after which a search is given up.

    Notes
    -----
    Slopes and curvatures are central differences; those of the scale are in units of the family's
    spread. Where the surface does not curve down, its curvature is modified so that it does
    (Levenberg). A step that would lower the likelihood is halved. The parameters have no bounds. If
    a likelihood has no maximum, the search goes on until it levels off or the steps run out; the
    point reached is then not marked as a maximum.
    """
    unit = durations.typical
    relative = durations.over(unit)
    shift = np.zeros(family.parameters)
    shift[0] = np.log(unit)
    free = free or family.parameters
    theta = start - shift
    open_rows = np.arange(len(theta))
    for _ in range(most_steps):
        height = _part(family, relative, open_rows)
        theta[open_rows], moved = _stride(family, height, theta[open_rows], free)
        open_rows = open_rows[np.max(np.abs(moved), axis=1) >= _CLOSE]
        if not len(open_rows):
            break
    height = _part(family, relative, np.arange(len(theta)))
    value = height(theta) - np.count_nonzero(durations.exact, axis=-1) * shift[0]
    ended = np.count_nonzero(durations.ended, axis=-1)
    top = _is_top(family, height, theta, free, np.maximum(ended, 1))
    return Top(theta=theta + shift, value=value, is_top=top)


def _part(family: SojournFamily, durations: Durations, rows: NDArray[np.int64]) -> _Height:
    """The log-likelihoods of some of the tables."""
    some = durations
    if durations.lower.ndim > 1:
        some = Durations(durations.lower[rows], durations.upper[rows])
    return lambda at: log_likelihood(family, at, some)


def units(family: SojournFamily, theta: Floats, free: int) -> Floats:
    """The length of a unit step, (b, k): one spread of the scale, 1 in the log of the second."""
    found = np.ones_like(theta)
    found[:, :1] = family.spread(family.second_of(theta))
    found[:, free:] = 0.0
    return found


def _stride(
    family: SojournFamily, height: _Height, theta: Floats, free: int
) -> tuple[Floats, Floats]:
    """One step of Newton's method from each point: the new point, and the length of the step."""
    sizes = units(family, theta, free)
    slope, curvature = derivatives(height, theta, sizes, free)
    step = _ascent(slope, curvature)
    # The whole step is shortened: cutting single components might turn it downhill.
    excess = np.max(np.abs(step) / _LONGEST[:free], axis=1, keepdims=True)
    step /= np.maximum(excess, 1.0)
    return _improved(height, theta, step, sizes[:, :free])


def _is_top(
    family: SojournFamily, height: _Height, theta: Floats, free: int, ended: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether each point is flat and curved down."""
    slope, curvature = derivatives(height, theta, units(family, theta, free), free)
    flat = np.max(np.abs(slope), axis=1) < _FLAT * ended
    downward = np.max(np.linalg.eigvalsh(curvature), axis=1) < -_CURVED * ended
    found: NDArray[np.bool_] = flat & downward
    return found


def derivatives(height: _Height, theta: Floats, units: Floats, free: int) -> tuple[Floats, Floats]:
    """Slope (b, free) and curvature (b, free, free) by central differences, by unit (b, k)."""
    steps = [units * side * _STEP for side in np.eye(theta.shape[1])[:free]]
    here = height(theta)
    up = [height(theta + step) for step in steps]
    down = [height(theta - step) for step in steps]
    slope = np.stack([(u - d) / (2.0 * _STEP) for u, d in zip(up, down, strict=True)], axis=1)
    curvature = np.empty((len(theta), free, free))
    for i in range(free):
        curvature[:, i, i] = (up[i] - 2.0 * here + down[i]) / _STEP**2
        for j in range(i):
            both = height(theta + steps[i] + steps[j]) + height(theta - steps[i] - steps[j])
            mixed = both - up[i] - down[i] - up[j] - down[j] + 2.0 * here
            curvature[:, i, j] = curvature[:, j, i] = mixed / (2.0 * _STEP**2)
    return slope, curvature


def _ascent(slope: Floats, curvature: Floats) -> Floats:
    """Newton's step towards the maximum, even where the surface does not curve down."""
    values, vectors = np.linalg.eigh(-curvature)
    least = 1e-6 + 1e-5 * np.max(np.abs(values), axis=1, keepdims=True)
    along = np.einsum("bij,bi->bj", vectors, slope) / np.maximum(np.abs(values), least)
    found: Floats = np.einsum("bij,bj->bi", vectors, along)
    return found


def _improved(height: _Height, theta: Floats, step: Floats, units: Floats) -> tuple[Floats, Floats]:
    """Take each step, or half, a quarter ... of it, so that the likelihood does not fall.

    The returned length of a step is 0 if the gain is within rounding.
    """
    free = step.shape[1]
    before = height(theta)
    noise = _ROUNDING * np.abs(before)
    length = np.ones((len(theta), 1))
    there = theta.copy()
    for _ in range(_MOST_HALVINGS):
        there[:, :free] = theta[:, :free] + length * step * units
        after = height(there)
        worse = after < before - noise
        if not np.any(worse):
            break
        length[worse] *= 0.5
    there[worse] = theta[worse]
    length[worse | (after <= before + noise)] = 0.0
    return there, length * step
