"""Small groups: their own estimates, shrunk towards the fit to all episodes.

All families are scale families, so a group differs from the whole by one factor. The log of the
factor is estimated from the group, with the shape of the whole, and shrunk by empirical Bayes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from riskengine.fits.families import FAMILIES, Floats, SojournFamily
from riskengine.fits.fitting import Fit, GroupFit, Pull, aicc
from riskengine.fits.intervals import Hill
from riskengine.fits.likelihood import climb, log_likelihood
from riskengine.measures.estimate import Estimate
from riskengine.measures.sample import NORMAL_975


@dataclass(frozen=True, slots=True)
class _Factor:
    """Log of how much longer a group lasts than the whole, with its variance."""

    log: float
    variance: float


@np.errstate(all="ignore")
def shrink(
    small: Sequence[GroupFit], others: Sequence[GroupFit], whole: GroupFit
) -> list[GroupFit]:
    """Fit small groups with the best family of the whole, each shrunk towards the whole.

    Parameters
    ----------
    small : sequence of GroupFit
        Groups with at least one episode that ended, but too few to be fitted alone.
    others : sequence of GroupFit
        The larger groups of the same series; they show how much groups differ.
    whole : GroupFit
        With a best fit.

    Notes
    -----
    Let d be the log of the group's factor, v its variance (from the curvature of the likelihood,
    times episodes over effective clusters), and tau^2 the variance between groups. The estimate is
    w d + (1 - w) 0 with w = tau^2 / (tau^2 + v). Its variance is w v + (1 - w)^2 u, where u is the
    variance of the whole's own log median: Morris, "Parametric empirical Bayes inference", JASA 78,
    1983. tau^2 is that of DerSimonian and Laird (Controlled Clinical Trials 7, 1986) over all
    groups in which an episode ended, never below 0.
    """
    fit = whole.best
    assert fit is not None  # noqa: S101  (the caller fitted it)
    family = FAMILIES[fit.family]
    known = [*small, *others]
    factors = [_factor(family, fit.theta, group) for group in known]
    between = between_variance(factors)
    return [
        _pulled(group, factor, between, whole)
        for group, factor in zip(small, factors, strict=False)
    ]


def between_variance(factors: Sequence[_Factor]) -> float:
    """Variance between groups beyond chance; 0 if chance explains it all, or for one group."""
    factors = [factor for factor in factors if math.isfinite(factor.variance)]
    if len(factors) < 2:
        return 0.0
    weights = np.array([1.0 / factor.variance for factor in factors])
    logs = np.array([factor.log for factor in factors])
    centre = float(np.sum(weights * logs) / np.sum(weights))
    excess = float(np.sum(weights * np.square(logs - centre))) - (len(factors) - 1)
    scale = float(np.sum(weights) - np.sum(np.square(weights)) / np.sum(weights))
    return max(0.0, excess / scale)


def _factor(family: SojournFamily, theta: Floats, group: GroupFit) -> _Factor:
    """The log factor on the whole's scale that fits a group best, at the same shape."""
    durations = group.series.durations
    top = climb(family, durations, theta, free=1)
    if not top.is_top[0]:  # such as a group for which only upper bounds are known
        return _Factor(0.0, math.inf)
    error = Hill(family, durations, group.effective / group.n).errors(top.theta)
    return _Factor(float(top.theta[0, 0] - theta[0, 0]), float(error[0]) ** 2)


def _pulled(group: GroupFit, factor: _Factor, between: float, whole: GroupFit) -> GroupFit:
    fit = whole.best
    assert fit is not None  # noqa: S101
    family = FAMILIES[fit.family]
    weight = between / (between + factor.variance)
    log = weight * factor.log
    theta = fit.theta.copy()
    theta[0, 0] += log
    value = float(log_likelihood(family, theta, group.series.durations)[0])
    pulled = Fit(
        family=fit.family,
        loglik=value,
        aicc=aicc(value, group.n, 1),
        figures=_figures(family, theta, fit, weight, factor.variance),
        theta=theta,
    )
    median = fit.figures["median"]
    pull = Pull(
        weight=weight,
        between=math.sqrt(between),
        alone=median.value * math.exp(factor.log),
        whole=median.value,
    )
    return replace(group, fits=[pulled], pull=pull)


def _figures(
    family: SojournFamily, theta: Floats, whole: Fit, weight: float, variance: float
) -> dict[str, Estimate]:
    """The figures of a small group.

    The error of a figure in days combines the errors of the factor and of the shape. A figure of
    the shape alone is taken from the fit of all episodes.
    """
    own = NORMAL_975**2 * weight * variance if weight else 0.0
    known = _sides(family, whole, "median")
    found = {}
    for name, values in family.all_figures(theta).items():
        value, figure = float(values[0]), family.figures[name]
        if figure.power == 0:
            found[name] = whole.figures[name]
            continue
        # A figure's variance beyond the median's is that of the shape, which is the whole's.
        sides = [
            math.sqrt(own + (1.0 - weight) ** 2 * m**2 + max(s**2 - m**2, 0.0))
            for s, m in zip(_sides(family, whole, name), known[:: figure.power], strict=True)
        ]
        if not math.isfinite(value):
            found[name] = Estimate.alone(value)
        elif figure.is_log:
            found[name] = Estimate(value, value - sides[0], value + sides[1])
        else:
            found[name] = Estimate(value, value * math.exp(-sides[0]), value * math.exp(sides[1]))
    return found


def _sides(family: SojournFamily, fit: Fit, name: str) -> tuple[float, float]:
    """Distances from the figure to the ends of its interval, on the log scale; nan if none."""
    figure = fit.figures[name]
    if family.figures[name].is_log:
        return figure.value - figure.lower, figure.upper - figure.value
    if not (figure.lower > 0.0 and math.isfinite(figure.value)):
        return math.nan, math.nan
    return math.log(figure.value / figure.lower), math.log(figure.upper / figure.value)
