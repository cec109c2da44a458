"""Exceedance curves: the loss that is exceeded once in a given number of years."""

from __future__ import annotations

from typing import NamedTuple

from riskengine.measures.estimate import Estimate
from riskengine.measures.quantiles import Quantiles

RETURN_PERIODS = (2, 5, 10, 20, 50, 100, 200, 250, 500, 1000)  #: years
MIN_EXCEEDANCES = 20  #: least number of trials that a point of a curve, or a tail, rests on
DAYS_PER_YEAR = 365.0


class ExceedancePoint(NamedTuple):
    """One point of an exceedance curve."""

    return_period: float  #: years
    probability: float  #: that the loss is exceeded within the horizon
    loss: Estimate


def exceedance_curve(losses: Quantiles, horizon_days: float) -> list[ExceedancePoint]:
    """Losses at the usual return periods, as far as there are enough trials.

    Parameters
    ----------
    losses : Quantiles
        Loss over the whole horizon (AEP), or of the largest spell (OEP), one per trial.
    horizon_days : float
        Length of a trial.

    Notes
    -----
    The return period is the horizon in years divided by the exceedance probability. A return period
    that is not longer than the horizon has no point. A point needs 20 trials beyond it, so that for
    a horizon of a year the curve ends at trials / 20.
    """
    points = []
    for period in RETURN_PERIODS:
        probability = horizon_days / DAYS_PER_YEAR / period
        if probability < 1.0 and is_carried(losses.carried(probability)):
            points.append(
                ExceedancePoint(float(period), probability, losses.var(1.0 - probability))
            )
    return points


def is_carried(trials: float) -> bool:
    """Whether a tail or a point of a curve rests on enough trials.

    >>> is_carried(2000 * (1.0 - 0.99)), is_carried(1999 * (1.0 - 0.99))
    (True, False)
    """
    return trials >= MIN_EXCEEDANCES - 1e-9
