"""Mean, standard deviation and probabilities, with their standard errors."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from riskengine.measures.estimate import UNKNOWN, Estimate
from riskengine.measures.sample import NORMAL_975, Sample
from riskengine.measures.shape import FEW, Shape, around, binomial_ends
from riskengine.measures.workspace import two_arrays

_HALF_ALPHA = 0.025


def mean(values: NDArray[np.float64]) -> Estimate:
    """Mean of a series of amounts that cannot be negative.

    Parameters
    ----------
    values : ndarray, (n,) of float64
        Amounts, one per trial.

    Returns
    -------
    Estimate
        The interval is the mean plus or minus 1.96 standard errors, cut at 0. Where few trials
        carry the mean, it is the interval of `riskengine.measures.shape`. There is no interval for
        one trial, if every amount is 0, or if the amounts tell less than five equal ones would.
    """
    return Shape.of(values).estimate()


def sd(sample: Sample) -> Estimate:
    """Standard deviation with n - 1 in the denominator; nan for one trial.

    Notes
    -----
    The interval uses the delta method: var(s^2) is about (m4 - s^4) / n, and the standard error
    of s is the standard error of s^2 divided by 2 s. If the mean has no interval, the standard
    deviation has none either.
    """
    return shape_and_sd(sample)[1]


def shape_and_sd(sample: Sample) -> tuple[Shape, Estimate]:
    """The shape that the mean's interval needs, and `sd`, at less than twice the cost of one."""
    n, values = len(sample), sample.values
    mean = float(np.mean(values))
    distances, squares = two_arrays(n)
    np.subtract(values, mean, out=distances)
    np.square(distances, out=squares)
    total = float(np.sum(squares))
    shape = Shape.about(n, mean, distances, squares, total)
    return shape, _spread(squares, shape) if n > 1 else UNKNOWN


def _spread(squares: NDArray[np.float64], shape: Shape) -> Estimate:
    if shape.squares == 0.0:
        return spread_around(0.0, 0.0, shape)
    # Scaled by the variance first: the fourth power of a loss in won would overflow a float.
    variance = shape.squares / (shape.n - 1)
    squares /= variance
    kurtosis = float(np.mean(np.square(squares, out=squares)))
    return spread_around(math.sqrt(variance), kurtosis, shape)


def spread_around(spread: float, kurtosis: float, shape: Shape) -> Estimate:
    """A standard deviation with its interval, where the trials show enough for one."""
    if not shape.is_told:
        return Estimate.alone(spread)
    return around(spread, spread * math.sqrt(max(kurtosis - 1.0, 0.0) / shape.n) / 2.0)


def chance_above(sample: Sample, threshold: float = 0.0) -> Estimate:
    """P(loss > threshold)."""
    return proportion(len(sample.above(threshold)), len(sample))


def proportion(count: int, n: int) -> Estimate:
    """Share of trials in which something happened, as an estimate of its probability.

    Notes
    -----
    The interval comes from the standard error, cut at 0 and 1, if the event happened in at least
    `FEW` trials and did not happen in at least as many. Otherwise it is the exact interval (Clopper
    and Pearson): if the event happened in none of n trials, probabilities up to 1 - 0.025^(1/n) are
    consistent with them.
    """
    if count == 0:
        return Estimate(0.0, 0.0, none_seen(n))
    if count == n:
        return Estimate(1.0, math.exp(math.log(_HALF_ALPHA) / n), 1.0)
    share = count / n
    if min(count, n - count) < FEW:
        return Estimate(share, *binomial_ends(count, n))
    margin = NORMAL_975 * math.sqrt(share * (1.0 - share) / n)
    return Estimate(share, max(0.0, share - margin), min(1.0, share + margin))


def none_seen(n: int) -> float:
    """The largest probability consistent, at 95 %, with an event seen in none of n trials."""
    return -math.expm1(math.log(_HALF_ALPHA) / n)
