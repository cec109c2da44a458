"""The likelihood of durations that are known exactly, from below, or between two bounds; its top.

A thousand weighted samples are climbed at once, which is what makes a bootstrap of every family of
every group a matter of seconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskengine.calibrate.families import Family, Floats

_STEP = 1e-4  #: of the differences that stand for derivatives, on the scale of logs
_MOST_STEPS = 60
_IMPOSSIBLE = -1e9  #: log-likelihood of what cannot be
_MOST_HALVINGS = 25
_ROUNDING = 1e-12  #: share of a log-likelihood that is noise
_LONGEST_STEP = 1.0  #: on the scale of logs
_CLOSE = 1e-6  #: a step below it ends the climb
_FLAT = 1e-5  #: largest slope, for each episode, that counts as a top
_SECOND = (math.log(0.02), math.log(50.0))  #: range of the log of a second parameter
_Height = Callable[[Floats], Floats]  #: log-likelihood (b,) at theta (b, k)
_BEYOND = (7.0, 12.0)  #: how far the log of a scale may lie below and above the durations


@dataclass(frozen=True, slots=True, eq=False)
class Durations:
    """What is known of some durations, in days.

    The true duration lies in [lower, upper]: equal where it is known to the day, `upper` infinite
    where it has not ended.
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
        """The duration where a single number is needed: the middle of its bounds."""
        return np.where(self.ended, 0.5 * (self.lower + np.minimum(self.upper, 1e300)), self.lower)


@dataclass(frozen=True, slots=True, eq=False)
class Top:
    """Where likelihoods are highest."""

    theta: Floats  #: (b, k) logs of scale and second parameter
    value: Floats  #: (b,) the log-likelihood there
    is_top: NDArray[np.bool_]  #: (b,) whether it is a proper maximum, inside the range searched


def log_likelihood(
    family: Family, theta: Floats, durations: Durations, weights: Floats | None = None
) -> Floats:
    """Log-likelihood of weighted durations.

    Parameters
    ----------
    family : Family
    theta : ndarray, (b, k) of float64
        Logs of scale and second parameter.
    durations : Durations
        Of (n,) or (b, n).
    weights : ndarray, (b, n) of float64, optional
        How often each duration counts; once without it.

    Returns
    -------
    ndarray, (b,) of float64

    Notes
    -----
    A duration known exactly adds log f(t), one that has not ended log S(t), one between a and b
    log(S(a) - S(b)): Kalbfleisch and Prentice (2002), section 3.2.
    """
    second = np.exp(theta[:, 1:2]) if family.second else np.ones_like(theta[:, :1])
    terms = np.empty(np.broadcast_shapes(theta[:, :1].shape, durations.lower.shape))
    for kind, rows in (
        (_exact, durations.exact),
        (_open, durations.open),
        (_between, durations.between),
    ):
        # Columns where all tables agree are worked on by kind: survival functions are slow.
        columns = rows if rows.ndim == 1 else np.any(rows, axis=0)
        if np.any(columns):
            some = Durations(durations.lower[..., columns], durations.upper[..., columns])
            with np.errstate(divide="ignore", over="ignore", invalid="ignore", under="ignore"):
                found = kind(family, theta[:, :1], second, some)
            chosen = rows[..., columns]
            terms[:, columns] = np.where(chosen, found, terms[:, columns])
    terms = np.maximum(np.nan_to_num(terms, nan=_IMPOSSIBLE), _IMPOSSIBLE)
    total: Floats = np.sum(terms if weights is None else terms * weights, axis=-1)
    return total


def _exact(family: Family, scale: Floats, second: Floats, some: Durations) -> Floats:
    logs = np.log(some.lower)
    return family.log_density(logs - scale, second) - logs


def _open(family: Family, scale: Floats, second: Floats, some: Durations) -> Floats:
    return family.log_survival(np.log(some.lower) - scale, second)


def _between(family: Family, scale: Floats, second: Floats, some: Durations) -> Floats:
    before = family.log_survival(np.log(some.lower) - scale, second)
    after = family.log_survival(np.log(some.upper) - scale, second)
    return before + np.log(-np.expm1(np.minimum(after - before, 0.0)))


def climb(
    family: Family, durations: Durations, start: Floats, weights: Floats | None = None
) -> Top:
    """The maximum of each of b likelihoods, by Newton's method on the scale of logs.

    Parameters
    ----------
    family : Family
    durations : Durations
        Of (n,) or (b, n).
    start : ndarray, (b, k) of float64
    weights : ndarray, (b, n) of float64, optional

    Notes
    -----
    Slopes and curvatures are central differences. Where the surface is not curved down, its
    curvature is raised until it is (Levenberg); a step that would lower the likelihood is halved.
    A likelihood without a maximum ends at the border of the range searched.
    """
    ends = _range(family, durations)
    theta = np.clip(start, *ends)
    open_rows = np.arange(len(theta))
    for _ in range(_MOST_STEPS):
        height = _part(family, durations, weights, open_rows)
        at, moved = _stride(height, theta[open_rows], ends)
        theta[open_rows] = at
        open_rows = open_rows[np.max(np.abs(moved), axis=1) >= _CLOSE]
        if not len(open_rows):
            break
    height = _part(family, durations, weights, np.arange(len(theta)))
    value = height(theta)
    top = _is_top(height, theta, ends, _size(durations, weights))
    return Top(theta=theta, value=value, is_top=top)


def _part(
    family: Family, durations: Durations, weights: Floats | None, rows: NDArray[np.int64]
) -> _Height:
    """The log-likelihoods of some of the samples."""
    some = durations
    if durations.lower.ndim > 1:
        some = Durations(durations.lower[rows], durations.upper[rows])
    their = None if weights is None else weights[rows]
    return lambda at: log_likelihood(family, at, some, their)


def _stride(height: _Height, theta: Floats, ends: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """One step of Newton's method from each point: where it leads, and how far it went."""
    slope, curvature = _derivatives(height, theta)
    step = _ascent(slope, curvature)
    # Shortened as a whole: cut by component it might lead down.
    step *= np.minimum(
        1.0, _LONGEST_STEP / np.maximum(np.abs(step).max(axis=1, keepdims=True), 1e-300)
    )
    return _improved(height, theta, step, ends)


def _size(durations: Durations, weights: Floats | None) -> float:
    heaviest = 1.0 if weights is None else max(1.0, float(weights.max()))
    return float(durations.lower.shape[-1]) * heaviest


def _is_top(
    height: _Height, theta: Floats, ends: tuple[Floats, Floats], size: float
) -> NDArray[np.bool_]:
    """Whether each point is flat, curved down, and inside the range searched."""
    slope, curvature = _derivatives(height, theta)
    inside = np.all((theta > ends[0]) & (theta < ends[1]), axis=1)
    flat = np.max(np.abs(slope), axis=1) < _FLAT * size
    downward = np.max(np.linalg.eigvalsh(curvature), axis=1) < 0.0
    found: NDArray[np.bool_] = inside & flat & downward
    return found


def _range(family: Family, durations: Durations) -> tuple[Floats, Floats]:
    known = durations.middle
    least, most = float(np.log(known.min())), float(np.log(known.max()))
    ends = [(least - _BEYOND[0], most + _BEYOND[1]), _SECOND][: family.parameters]
    low, high = zip(*ends, strict=True)
    return np.array(low), np.array(high)


def _derivatives(height: _Height, theta: Floats) -> tuple[Floats, Floats]:
    """Slope (b, k) and curvature (b, k, k) by central differences."""
    b, k = theta.shape
    steps = np.eye(k) * _STEP
    here = height(theta)
    up = [height(theta + step) for step in steps]
    down = [height(theta - step) for step in steps]
    slope = np.stack([(u - d) / (2.0 * _STEP) for u, d in zip(up, down, strict=True)], axis=1)
    curvature = np.empty((b, k, k))
    for i in range(k):
        curvature[:, i, i] = (up[i] - 2.0 * here + down[i]) / _STEP**2
        for j in range(i):
            both = height(theta + steps[i] + steps[j]) + height(theta - steps[i] - steps[j])
            mixed = both - up[i] - down[i] - up[j] - down[j] + 2.0 * here
            curvature[:, i, j] = curvature[:, j, i] = mixed / (2.0 * _STEP**2)
    return slope, curvature


def _ascent(slope: Floats, curvature: Floats) -> Floats:
    """Newton's step towards the top, also where the surface is not curved down."""
    values, vectors = np.linalg.eigh(-curvature)
    least = 1e-6 + 1e-3 * np.max(np.abs(values), axis=1, keepdims=True)
    along = np.einsum("bij,bi->bj", vectors, slope) / np.maximum(np.abs(values), least)
    found: Floats = np.einsum("bij,bj->bi", vectors, along)
    return found


def _improved(
    height: _Height, theta: Floats, step: Floats, ends: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """Take each step, or the half, quarter ... of it that does not lower the likelihood."""
    least = height(theta)
    least -= _ROUNDING * np.abs(least)
    length = np.ones((len(theta), 1))
    for _ in range(_MOST_HALVINGS):
        there = np.clip(theta + length * step, *ends)
        worse = height(there) < least
        if not np.any(worse):
            break
        length[worse] *= 0.5
    there[worse] = theta[worse]
    return there, there - theta
