"""Fits families to durations by maximum likelihood and ranks them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from riskengine.fits.families import FAMILIES, Floats
from riskengine.fits.goodness import goodness
from riskengine.fits.intervals import effective_clusters, intervals
from riskengine.fits.kaplan_meier import SurvivalCurve, kaplan_meier
from riskengine.fits.likelihood import climb, first_guess
from riskengine.fits.observing import DurationSeries, clusters_of
from riskengine.measures.estimate import Estimate

FEW = 5  #: a group with fewer ended episodes is pulled towards the fit to all episodes


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """One family fitted to one series."""

    family: str
    loglik: float
    aicc: float  #: `inf` where there are too few episodes for it
    figures: Mapping[str, Estimate]  #: every figure of the family with its 95 % interval
    theta: Floats  #: (1, k) logs of scale and second parameter
    goodness: float = math.nan  #: p-value of the goodness-of-fit test; nan if it was not made

    def survival(self, days: Floats) -> Floats:
        """Share of episodes that last longer than a number of days."""
        family = FAMILIES[self.family]
        with np.errstate(all="ignore"):
            second = family.second_of(self.theta)[0]
            found: Floats = np.exp(family.log_survival(np.log(days) - self.theta[0, 0], second))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """How a small group was pulled towards the fit to all episodes."""

    weight: float  #: weight of the group's own data, 0 to 1
    between: float  #: standard deviation between groups, on the scale of logs
    alone: float  #: median in days from the group's own data alone
    whole: float  #: median of all episodes in days


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GroupFit:
    """All results for one group of one series."""

    group: str
    quantity: str  #: of the series
    series: DurationSeries
    completed: int  #: episodes that ended
    clusters: int
    effective: float  #: number of clusters of equal size with as much information
    curve: SurvivalCurve
    fits: Sequence[Fit] = field(default_factory=list)  #: best first; empty when refused
    failed: Sequence[str] = ()  #: families whose fit did not converge
    pull: Pull | None = None
    refused: str = ""  #: why nothing was fitted

    @property
    def n(self) -> int:
        return len(self.series.observations)

    @property
    def censored(self) -> float:
        """Share of the episodes that have not ended."""
        return 1.0 - self.completed / self.n if self.n else math.nan

    @property
    def best(self) -> Fit | None:
        return self.fits[0] if self.fits else None


def described(group: str, series: DurationSeries) -> GroupFit:
    """A group with its survival curve, before anything is fitted."""
    clusters = list(clusters_of(series.observations))
    effective = effective_clusters(clusters) if clusters else 0.0
    durations = series.durations
    return GroupFit(
        group=group,
        quantity=series.quantity,
        series=series,
        completed=int(np.count_nonzero(durations.ended)),
        clusters=len(set(clusters)),
        effective=effective,
        curve=kaplan_meier(durations, max(1.0, len(clusters) / effective) if clusters else 1.0),
    )


def fit_families(
    series: DurationSeries, names: Sequence[str], seed: int, *, check: bool = True
) -> tuple[list[Fit], list[str]]:
    """Fit families to a series: fits, best first, and the families that did not converge.

    Parameters
    ----------
    series : DurationSeries
        With at least one episode that ended.
    names : sequence of str
        Keys of `FAMILIES`.
    seed : int
    check : bool
        Whether to test the goodness of the best fit.

    Notes
    -----
    Fits are ranked by AICc = 2k - 2 log L + 2k(k + 1)/(n - k - 1), with k parameters and n episodes
    (Hurvich and Tsai, Biometrika 76, 1989). A lower value is better: a further parameter has to
    raise the likelihood by more than its penalty.
    """
    fits: list[Fit] = []
    failed: list[str] = []
    for name in names:
        found = _fit(name, series)
        if found is None:
            failed.append(name)
        else:
            fits.append(found)
    fits.sort(key=lambda fit: (fit.aicc, -fit.loglik))
    if fits and check:
        fits[0] = _checked(fits[0], series, seed)
    return fits, failed


def _fit(name: str, series: DurationSeries) -> Fit | None:
    family, durations = FAMILIES[name], series.durations
    top = climb(family, durations, first_guess(family, durations))
    if not top.is_top[0]:
        return None
    loglik = float(top.value[0])
    return Fit(
        family=name,
        loglik=loglik,
        aicc=aicc(loglik, len(series.observations), family.parameters),
        figures=intervals(family, top.theta, durations, list(clusters_of(series.observations))),
        theta=top.theta,
    )


def aicc(loglik: float, n: int, k: int) -> float:
    """Akaike's criterion corrected for small samples; `inf` for fewer than k + 2 episodes."""
    if n <= k + 1:
        return math.inf
    return 2.0 * k - 2.0 * loglik + 2.0 * k * (k + 1) / (n - k - 1)


def _checked(fit: Fit, series: DurationSeries, seed: int) -> Fit:
    p = goodness(FAMILIES[fit.family], fit.theta, series.observations, seed)
    return replace(fit, goodness=p)
