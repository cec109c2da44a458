"""Mean, standard deviation and probabilities, with their standard errors."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from riskengine.measures.estimate import UNKNOWN, Estimate
from riskengine.measures.sample import NORMAL_975, Sample

_HALF_ALPHA = 0.025


def mean(values: NDArray[np.float64]) -> Estimate:
    """Mean of a series of amounts that cannot be negative.

    Parameters
    ----------
    values : ndarray, (n,) of float64
        Amounts, one a trial.

    Returns
    -------
    Estimate
        The interval is the mean plus or minus 1.96 standard errors, cut at 0; it does not exist
        for one trial.
    """
    centre = float(np.mean(values))
    if centre == 0.0 and not values.any():
        return Estimate(centre, 0.0, 0.0) if len(values) > 1 else Estimate.alone(centre)
    return around(centre, standard_error(values, centre))


def standard_error(values: NDArray[np.float64], centre: float) -> float:
    """Standard error of a mean, in two passes (no cancellation); nan for one value."""
    n = len(values)
    if n < 2:
        return math.nan
    return math.sqrt(float(np.sum(_squares(values, centre))) / (n - 1) / n)


def _squares(values: NDArray[np.float64], centre: float) -> NDArray[np.float64]:
    """Squared distances, in one new array: another would cost as much as what is taken of it."""
    distances = values - centre
    return np.square(distances, out=distances)


def sd(sample: Sample) -> Estimate:
    """Standard deviation with n - 1 in the denominator; nan for one trial.

    Notes
    -----
    The interval is by the delta method: var(s^2) is about (m4 - s^4) / n, and the error of s is
    that of s^2 divided by 2 s.
    """
    return mean_and_sd(sample)[1]


def mean_and_sd(sample: Sample) -> tuple[Estimate, Estimate]:
    """`mean` of the losses and `sd`, for less than twice the price of one."""
    n, values = len(sample), sample.values
    if n < 2 or values[0] == values[-1] == 0.0:
        return mean(values), UNKNOWN if n < 2 else Estimate(0.0, 0.0, 0.0)
    centre = float(np.mean(values))
    squares = _squares(values, centre)
    total = float(np.sum(squares))
    return around(centre, math.sqrt(total / (n - 1) / n)), _spread(squares, total / (n - 1))


def _spread(squares: NDArray[np.float64], variance: float) -> Estimate:
    if variance == 0.0:
        return Estimate(0.0, 0.0, 0.0)
    n = len(squares)
    # Scaled by the variance first: the fourth power of a loss in won would leave the floats.
    squares /= variance
    kurtosis = float(np.mean(np.square(squares, out=squares)))
    spread = math.sqrt(variance)
    return around(spread, spread * math.sqrt(max(kurtosis - 1.0, 0.0) / n) / 2.0)


def chance_above(sample: Sample, threshold: float = 0.0) -> Estimate:
    """P(loss > threshold)."""
    return proportion(len(sample.above(threshold)), len(sample))


def proportion(count: int, n: int) -> Estimate:
    """Share of trials in which something happened, as an estimate of its probability.

    Notes
    -----
    By the standard error, cut at 0 and 1. When it happened in none or in all of the trials the
    standard error is 0 and would claim certainty; there the exact (Clopper-Pearson) bound takes
    its place: with none of n, probabilities up to 1 - 0.025^(1/n) agree with the trials.
    """
    if count == 0:
        return Estimate(0.0, 0.0, -math.expm1(math.log(_HALF_ALPHA) / n))
    if count == n:
        return Estimate(1.0, math.exp(math.log(_HALF_ALPHA) / n), 1.0)
    share = count / n
    margin = NORMAL_975 * math.sqrt(share * (1.0 - share) / n)
    return Estimate(share, max(0.0, share - margin), min(1.0, share + margin))


def around(centre: float, error: float) -> Estimate:
    """An amount that cannot be negative with the interval that its standard error gives."""
    if math.isnan(error):
        return Estimate.alone(centre)
    margin = NORMAL_975 * error
    return Estimate(centre, max(0.0, centre - margin), centre + margin)
