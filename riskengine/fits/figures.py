"""The rows of `fit.csv`: one figure each, with its interval and the data behind it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from riskengine.fits.calibration import Calibration
from riskengine.fits.fitting import Fit, GroupFit
from riskengine.fits.onset import Onset
from riskengine.measures.estimate import Estimate

ONSET_CLUSTERS, ONSET_EPISODES, STEP = "onset_clusters", "onset_episodes", "step"
KAPLAN_MEIER = "kaplan-meier"


@dataclass(frozen=True, slots=True, kw_only=True)
class FitRow:
    """One figure; an end that does not exist is nan."""

    group: str  #: of episodes, by --by; `all` for all
    quantity: str  #: what was fitted
    family: str  #: of distributions; `kaplan-meier` for the curve without one
    parameter: str  #: of the family, or a figure of it such as median
    value: float
    lower: float
    upper: float
    n: int  #: episodes
    censored: float  #: share of the episodes that have not ended, or are undecided
    loglik: float  #: of the fit
    aicc: float  #: Akaike's criterion for small samples; smaller is better


@dataclass(frozen=True, slots=True)
class _About:
    """The data behind the figures of a group."""

    group: str
    n: int
    censored: float

    def row(
        self,
        quantity: str,
        family: str,
        parameter: str,
        figure: Estimate,
        fit: Fit | None = None,
    ) -> FitRow:
        return FitRow(
            group=self.group,
            quantity=quantity,
            family=family,
            parameter=parameter,
            value=figure.value,
            lower=figure.lower,
            upper=figure.upper,
            n=self.n,
            censored=self.censored,
            loglik=fit.loglik if fit else math.nan,
            aicc=fit.aicc if fit else math.nan,
        )


def fit_rows(found: Calibration) -> list[FitRow]:
    """Every figure, in the order of the report."""
    rows = [row for group in found.groups for row in _group_rows(group)]
    rows += [row for onset in found.onsets for row in _onset_rows(onset)]
    for step in found.steps.rows:
        about = _About(step.group, step.episodes, step.undecided)
        rows.append(about.row(STEP, "dirichlet", step.outcome, step.chance))
    return rows


def _group_rows(group: GroupFit) -> Iterator[FitRow]:
    about = _About(group.group, group.n, group.censored)
    if group.n:
        yield about.row(group.quantity, KAPLAN_MEIER, "median", group.curve.median())
    for fit in group.fits:
        for name, figure in fit.figures.items():
            yield about.row(group.quantity, fit.family, name, figure, fit)
        if not math.isnan(fit.goodness):
            p = Estimate.alone(fit.goodness)
            yield about.row(group.quantity, fit.family, "goodness_p", p, fit)


def _onset_rows(onset: Onset) -> Iterator[FitRow]:
    about = _About(onset.group, onset.episodes, onset.censored)
    for quantity, rate in (
        (ONSET_CLUSTERS, onset.by_cluster),
        (ONSET_EPISODES, onset.by_episode),
    ):
        values = {
            "rate_per_year": rate.figure,
            "shape": Estimate.alone(rate.shape),
            "scale": Estimate.alone(rate.scale),
            "counted": Estimate.alone(float(rate.counted)),
            "exposure_years": Estimate.alone(onset.exposure_years),
        }
        if quantity == ONSET_CLUSTERS:
            values["dispersion"] = Estimate.alone(onset.dispersion)
            values["dispersion_p"] = Estimate.alone(onset.dispersion_p)
        for name, value in values.items():
            yield about.row(quantity, "gamma", name, value)
