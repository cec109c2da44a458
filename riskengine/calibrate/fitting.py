"""Families fitted to durations by maximum likelihood, and ranked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from riskengine.calibrate.families import FAMILIES, Family, Floats
from riskengine.calibrate.goodness import goodness
from riskengine.calibrate.kaplan_meier import Curve, kaplan_meier
from riskengine.calibrate.likelihood import Durations, climb
from riskengine.calibrate.observing import Series, clusters_of
from riskengine.calibrate.resampling import cluster_weights, effective_clusters, interval
from riskengine.measures.estimate import Estimate

FEW = 5  #: episodes that ended, below which a group is pulled towards the whole


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """One family fitted to one series."""

    family: str
    loglik: float
    aicc: float  #: `inf` where there are too few episodes for it
    figures: Mapping[str, Estimate]  #: every figure of the family with its 95 % interval
    theta: Floats  #: (1, k) logs of scale and second parameter
    goodness: float = math.nan  #: p-value of the check of fit; nan where it was not made
    unsettled: float = 0.0  #: share of the bootstrap's samples without a proper maximum

    def survival(self, days: Floats) -> Floats:
        """Share that lasts longer than so many days."""
        family = FAMILIES[self.family]
        second = np.exp(self.theta[0, 1:2]) if family.second else np.ones(1)
        with np.errstate(divide="ignore", over="ignore", under="ignore"):
            found: Floats = np.exp(family.log_survival(np.log(days) - self.theta[0, 0], second))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """How a small group was pulled towards the whole."""

    weight: float  #: of the group's own data, 0 to 1
    between: float  #: standard deviation between groups, on the scale of logs
    alone: float  #: median in days by the group's own data alone
    whole: float  #: median of the whole in days


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GroupFit:
    """All that was found for one group of one series."""

    group: str
    quantity: str  #: of the series
    series: Series
    completed: int  #: episodes that ended
    clusters: int
    effective: float  #: clusters of equal size that would hold as much
    curve: Curve
    fits: Sequence[Fit] = field(default_factory=list)  #: best first; empty when refused
    failed: Sequence[str] = ()  #: families whose fit did not settle
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


def described(group: str, series: Series) -> GroupFit:
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
    series: Series, names: Sequence[str], seed: int, *, check: bool = True
) -> tuple[list[Fit], list[str]]:
    """Fit families to a series; the best first, and the names of those that did not settle.

    Parameters
    ----------
    series : Series
        With at least one episode that ended.
    names : sequence of str
        Keys of `FAMILIES`.
    seed : int
    check : bool
        Whether the best one's fit is checked.

    Notes
    -----
    Ranked by AICc = 2k - 2 log L + 2k(k + 1)/(n - k - 1), with k parameters and n episodes (Hurvich
    and Tsai, Biometrika 76, 1989); a family is better by this when a lower value pays for its
    parameters.
    """
    weights = cluster_weights(list(clusters_of(series.observations)), seed)
    fits: list[Fit] = []
    failed: list[str] = []
    for name in names:
        found = _fit(FAMILIES[name], series, weights)
        if found is None:
            failed.append(name)
        else:
            fits.append(found)
    fits.sort(key=lambda fit: (fit.aicc, -fit.loglik))
    if fits and check:
        fits[0] = _checked(fits[0], series, seed)
    return fits, failed


def first_guess(family: Family, durations: Durations) -> Floats:
    """Logs of scale and second parameter from which a climb starts.

    The scale is the time watched for each episode that ended, the exact answer for the exponential
    family; the second parameter that of a spread like the exponential's.
    """
    ended = max(int(np.count_nonzero(durations.ended)), 1)
    scale = math.log(float(durations.middle.sum()) / ended)
    return np.array([[scale, 0.0][: family.parameters]])


def _fit(family: Family, series: Series, weights: Floats) -> Fit | None:
    durations = series.durations
    top = climb(family, durations, first_guess(family, durations))
    if not top.is_top[0]:
        return None
    n, k = len(series.observations), family.parameters
    again = climb(family, durations, np.repeat(top.theta, len(weights), axis=0), weights)
    replicates = family.all_figures(again.theta)
    ended = {o.episode.cluster for o in series.observations if math.isfinite(o.upper)}
    figures = {
        name: interval(name, float(values[0]), replicates[name], len(ended) - k, len(ended))
        for name, values in family.all_figures(top.theta).items()
    }
    return Fit(
        family=family.name,
        loglik=float(top.value[0]),
        aicc=aicc(float(top.value[0]), n, k),
        figures=figures,
        theta=top.theta,
        unsettled=1.0 - float(np.mean(again.is_top)),
    )


def aicc(loglik: float, n: int, k: int) -> float:
    """Akaike's criterion corrected for small samples; `inf` for fewer than k + 2 episodes."""
    if n <= k + 1:
        return math.inf
    return 2.0 * k - 2.0 * loglik + 2.0 * k * (k + 1) / (n - k - 1)


def _checked(fit: Fit, series: Series, seed: int) -> Fit:
    p = goodness(FAMILIES[fit.family], fit.theta, series.observations, seed)
    return Fit(
        family=fit.family,
        loglik=fit.loglik,
        aicc=fit.aicc,
        figures=fit.figures,
        theta=fit.theta,
        goodness=p,
        unsettled=fit.unsettled,
    )
