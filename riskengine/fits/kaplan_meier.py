"""Kaplan-Meier survival: what the durations say without a parametric family."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskengine.fits.families import Floats
from riskengine.fits.likelihood import Durations
from riskengine.measures.estimate import Estimate
from riskengine.measures.sample import NORMAL_975


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalCurve:
    """A step curve: from each time on, the share of episodes that last longer."""

    times: Floats  #: (m,) ascending days at which an episode ends
    survival: Floats  #: (m,)
    lower: Floats  #: (m,) end of the 95 % band; nan where there is none
    upper: Floats  #: (m,)
    at_risk: Floats  #: (m,) episodes still in force just before
    ended: Floats  #: (m,) episodes that end

    def at(self, day: float) -> float:
        """Share of episodes that last longer than a number of days."""
        place = int(np.searchsorted(self.times, day, side="right"))
        return float(self.survival[place - 1]) if place else 1.0

    def median(self) -> Estimate:
        """The first time at which half or fewer last longer; nan if the curve stays above half.

        Notes
        -----
        The interval holds the times at which the band holds one half (Brookmeyer and Crowley,
        Biometrics 38, 1982).
        """
        return Estimate(*(self._reaches(end) for end in (self.survival, self.lower, self.upper)))

    def _reaches(self, curve: Floats) -> float:
        below = np.flatnonzero(curve <= 0.5 + 1e-12)
        return float(self.times[below[0]]) if len(below) else float("nan")


def kaplan_meier(durations: Durations, design_effect: float = 1.0) -> SurvivalCurve:
    """The survival curve of durations, including those that have not ended.

    Parameters
    ----------
    durations : Durations
        Arrays of shape (n,), in days; a duration between two bounds counts as their middle.
    design_effect : float
        By how much clusters enlarge the variance: episodes over effective clusters, at least 1.

    Returns
    -------
    SurvivalCurve
        It has no times if no episode has ended.

    Notes
    -----
    S(t) is the product over ends up to t of 1 - d/r, with d ends among r at risk (Kaplan and Meier,
    JASA 53, 1958). An episode censored on the day of an end was still at risk. The variance of
    log S is the sum of d / (r (r - d)) (Greenwood, 1926), times the design effect, and the band is
    S to the power exp(+-1.96 se / log S) (log-log: Kalbfleisch and Prentice, 2002, section 1.4).
    """
    days, ended = durations.middle, durations.ended
    times = np.unique(days[ended])
    at_risk = np.array([np.count_nonzero(days >= t) for t in times], dtype=np.float64)
    ends = np.array([np.count_nonzero((days == t) & ended) for t in times], dtype=np.float64)
    survival = np.asarray(np.cumprod(1.0 - ends / at_risk), dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = design_effect * np.cumsum(ends / (at_risk * (at_risk - ends)))
        logs = np.log(survival)
        power = np.exp(NORMAL_975 * np.sqrt(variance) / logs)  # below 1: log S is negative
        lower, upper = survival ** (1.0 / power), survival**power
    known = survival > 0.0
    nothing = np.full(len(times), np.nan)
    return SurvivalCurve(
        times=times,
        survival=survival,
        lower=np.where(known, lower, nothing),
        upper=np.where(known, upper, nothing),
        at_risk=at_risk,
        ended=ends,
    )


def largest_gaps(days: Floats, ended: Floats, survival: Floats) -> Floats:
    """Largest distance between Kaplan-Meier curves and the survival that a family gives.

    Parameters
    ----------
    days, ended : ndarray, (b, n)
        Durations, and 1 for each one that has ended.
    survival : ndarray, (b, n)
        Survival of the family at these days.

    Returns
    -------
    ndarray, (b,) of float64
        The largest over the days on which an episode ends, just before and just after the step.
    """
    order = np.lexsort((-ended, days), axis=-1)  # on the same day ends come first
    sorted_ended = np.take_along_axis(ended, order, axis=-1)
    expected = np.take_along_axis(survival, order, axis=-1)
    n = days.shape[-1]
    after = np.cumprod(1.0 - sorted_ended / (n - np.arange(n)), axis=-1)
    before = np.concatenate([np.ones_like(after[:, :1]), after[:, :-1]], axis=-1)
    gaps = np.maximum(np.abs(after - expected), np.abs(before - expected)) * sorted_ended
    found: Floats = gaps.max(axis=-1)
    return found
