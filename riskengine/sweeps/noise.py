"""How much of a figure's spread over points is the noise of their trials.

All points play the same futures, so that what chance adds to all of them alike cancels between
points. What does not cancel is noise, and it need not look like noise: where a parameter changes
how draws are combined, the figure moves smoothly along it, by an amount that other draws would
change. So no comparison of neighbouring points can find it. What can is a repetition with other
trials: the trials are cut into parts, and each part tells by how much it draws the figure of every
point away (the jackknife of Quenouille and Tukey). The parts are independent of each other, however
closely the points depend on each other within one.

Whatever is quadratic in the figures of the points, as a variance is, has its expected value raised
by noise. Products of *different* parts are free of it: their average is the quantity without noise.
Whether anything is left is tested by turning the signs of the parts: if there is nothing but noise,
a part is as likely to be drawn one way as the other (Fisher's randomisation test).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from riskengine.measures.paired import Trials
from riskengine.sweeps.series import Floats

PARTS = 12  #: 2,048 ways to turn signs, all of which are tried
LEVEL = 0.05  #: of false alarms
_ROUNDING = 1e-12  #: of a figure: less between parts is the rounding of sums


def parts_of(trials: int) -> int:
    """Into how many parts so many trials are cut."""
    return min(PARTS, trials)


def part_errors(trials: Trials, figures: Sequence[Callable[[Trials], float]]) -> Floats:
    """By how much each part of the trials draws some figures away.

    Parameters
    ----------
    trials : Trials
        The losses of n trials.
    figures : sequence of callable
        Each takes one figure of a series.

    Returns
    -------
    ndarray, shape (figures, K)
        Of K = `PARTS` consecutive parts of equal size, or of n parts of one trial. Of a mean it is
        the mean of the part less that of all. The average over the parts is 0, and the sum of
        squares over K (K - 1) is the squared standard error of the figure.
    """
    n = len(trials.values)
    count = parts_of(n)
    if count < 2:
        return np.zeros((len(figures), count))
    ends = np.linspace(0, n, count + 1).round().astype(np.int64)
    without = [
        [figure(left) for figure in figures]
        for left in (
            Trials(np.delete(trials.values, slice(start, end)))
            for start, end in pairwise(ends.tolist())
        )
    ]
    values = np.array(without).T
    errors: Floats = (count - 1) * (np.mean(values, axis=1, keepdims=True) - values)
    return errors


def repeated(values: Floats, errors: Floats) -> Floats:
    """The figure of each point as each part of the trials has it, shape (points, K).

    The average over the parts is the figure. Without any parts K is 1: the noise is not known.
    """
    if not errors.shape[1]:
        return values[:, None]
    return values[:, None] + errors


def crossed(left: Floats, right: Floats) -> Floats:
    """A product of two things of the points, each part with each: shape (..., K, K).

    Parameters
    ----------
    left, right : ndarray, shape (..., m, K)
        Summed over the last axis but one.
    """
    product = np.swapaxes(left, -1, -2) @ right
    both: Floats = (product + np.swapaxes(product, -1, -2)) / 2.0
    return both


def plain(products: Floats) -> Floats:
    """The product of the figures themselves, noise included: shape (...)."""
    return np.asarray(np.mean(products, axis=(-1, -2)))


def freed(products: Floats) -> Floats:
    """The product without what noise adds to it: the average over pairs of different parts."""
    count = products.shape[-1]
    if count < 2:
        return plain(products)
    whole = np.sum(products, axis=(-1, -2))
    own = np.trace(products, axis1=-1, axis2=-2)
    return np.asarray((whole - own) / (count * (count - 1)))


def is_exact(products: Floats) -> NDArray[np.bool_]:
    """Whether there is no noise at all: all parts say the same."""
    found = plain(products)
    return np.asarray(np.abs(found - freed(products)) <= _ROUNDING * np.abs(found))


def chance_of(products: Floats) -> Floats:
    """How likely noise alone makes a product so large: shape (...); nan where it is not known."""
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
    """How likely noise alone makes some figures lie so far apart.

    Parameters
    ----------
    repeated : ndarray, shape (m, K)
        The m figures, as each part of the trials has them.
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
    """All ways to turn the signs of so many parts, the first of which stays: turning all alike
    changes nothing. Shape (2 ** (count - 1), count)."""
    bits = np.arange(2 ** (count - 1))[:, None] >> np.arange(count)
    return np.where(bits & 1, -1.0, 1.0)
