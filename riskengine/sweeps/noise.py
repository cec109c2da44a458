"""How much of a figure's spread over points is the noise of their trials.

All points use the same draws, so chance that affects all points equally cancels between points. The
rest is noise, and it need not look like noise: where a parameter changes how draws are combined,
the figure moves smoothly along the parameter, by an amount that other draws would change. So
comparing neighbouring points cannot find the noise. Repeating the sweep with other trials can: the
trials are cut into parts, and each part shows how far it shifts the figure of every point (the
jackknife of Quenouille and Tukey). The parts are independent of each other, however closely the
points depend on each other within a part.

Noise raises the expected value of anything that is quadratic in the figures of the points, such as
a variance. Products of *different* parts are free of noise: their average is the quantity without
it. Flipping the signs of the parts tests whether any effect is left: if there is nothing but noise,
a part is equally likely to shift a figure in either direction (Fisher's randomisation test).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from riskengine.measures.jackknife import Jackknife
from riskengine.measures.paired import Trials
from riskengine.sweeps.series import Floats

PARTS = 12  #: 2,048 ways to flip signs, all of which are tried
LEVEL = 0.05  #: rate of false alarms
_ROUNDING = 1e-12  #: relative; smaller differences between parts are rounding of sums


def parts_of(trials: int) -> int:
    """The number of parts into which a number of trials is cut."""
    return min(PARTS, trials)


def part_errors(trials: Trials, figures: Sequence[Callable[[Jackknife], Floats]]) -> Floats:
    """How far each part of the trials shifts some figures.

    Parameters
    ----------
    trials : Trials
        The losses of n trials.
    figures : sequence of callable
        Each computes one figure of the series without each of its parts.

    Returns
    -------
    ndarray, shape (figures, K)
        There are K = `PARTS` consecutive parts of equal size, or n parts of one trial. For a mean
        the shift is the mean of the part minus the mean of all trials. The average over the parts
        is 0. The sum of squares over K (K - 1) is the squared standard error of the figure.
    """
    count = parts_of(len(trials.values))
    if count < 2:
        return np.zeros((len(figures), count))
    jackknife = Jackknife(trials, count)
    without = np.array([figure(jackknife) for figure in figures])
    errors: Floats = (count - 1) * (np.mean(without, axis=1, keepdims=True) - without)
    return errors


def repeated(values: Floats, errors: Floats) -> Floats:
    """The figure of each point from each part of the trials, shape (points, K).

    The average over the parts is the figure. If there are no parts, K is 1 and the noise unknown.
    """
    if not errors.shape[1]:
        return values[:, None]
    return values[:, None] + errors


def crossed(left: Floats, right: Floats) -> Floats:
    """The product of two vectors over the points, for each pair of parts: shape (..., K, K).

    Parameters
    ----------
    left, right : ndarray, shape (..., m, K)
        The product is summed over the last axis but one.
    """
    product = np.swapaxes(left, -1, -2) @ right
    both: Floats = (product + np.swapaxes(product, -1, -2)) / 2.0
    return both


def plain(products: Floats) -> Floats:
    """The product of the figures themselves, including noise: shape (...)."""
    return np.asarray(np.mean(products, axis=(-1, -2)))


def freed(products: Floats) -> Floats:
    """The product without noise: the average over pairs of different parts."""
    count = products.shape[-1]
    if count < 2:
        return plain(products)
    whole = np.sum(products, axis=(-1, -2))
    own = np.trace(products, axis1=-1, axis2=-2)
    return np.asarray((whole - own) / (count * (count - 1)))


def is_exact(products: Floats) -> NDArray[np.bool_]:
    """Whether there is no noise at all: all parts agree."""
    found = plain(products)
    return np.asarray(np.abs(found - freed(products)) <= _ROUNDING * np.abs(found))


def chance_of(products: Floats) -> Floats:
    """The chance that noise alone makes a product this large: shape (...); nan if not known."""
    found = plain(products)
    count = products.shape[-1]
    if count < 2:
        return np.full(found.shape, np.nan)
    turned = np.einsum("fk,...kl,fl->...f", _signs(count), products, _signs(count), optimize=True)
    turned = turned / count**2
    reached = turned >= found[..., None] - _ROUNDING * np.abs(found[..., None])
    chance = np.mean(reached, axis=-1)
    return np.where(is_exact(products), np.where(found > 0.0, 0.0, 1.0), chance)


def chance_of_range(repeated: Floats) -> float:
    """The chance that noise alone makes figures lie this far apart.

    Parameters
    ----------
    repeated : ndarray, shape (m, K)
        The m figures, from each part of the trials.
    """
    count = repeated.shape[1]
    centre = np.mean(repeated, axis=1)
    found = float(np.ptp(centre))
    if count < 2:
        return float("nan")
    centred = repeated - np.mean(repeated, axis=0)
    if np.max(np.abs(centred - np.mean(centred, axis=1, keepdims=True))) <= _ROUNDING * found:
        return 0.0 if found > 0.0 else 1.0
    turned = np.ptp(repeated @ _signs(count).T / count, axis=0)
    return float(np.mean(turned >= found * (1.0 - _ROUNDING)))


@cache
def _signs(count: int) -> Floats:
    """All ways to flip the signs of a number of parts. The first sign is fixed, because flipping
    all signs together changes nothing. Shape (2 ** (count - 1), count)."""
    bits = np.arange(2 ** (count - 1))[:, None] >> np.arange(count)
    return np.where(bits & 1, -1.0, 1.0)
