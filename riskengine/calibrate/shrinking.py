"""Small groups: what they say by themselves, pulled towards what all episodes say.

All families are scale families, so a group differs from the whole by one factor: its log is
estimated from the group with the shape of the whole, and shrunk by empirical Bayes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from riskengine.calibrate.families import FAMILIES, Family, Floats
from riskengine.calibrate.fitting import Fit, GroupFit, Pull, aicc
from riskengine.calibrate.likelihood import Durations, log_likelihood
from riskengine.measures.estimate import Estimate
from riskengine.measures.sample import NORMAL_975

_STEP = 1e-3  #: of the second difference that gives the standard error
_MOST_STEPS = 100


@dataclass(frozen=True, slots=True)
class _Factor:
    """How much longer a group lasts than the whole, as a log, with its variance."""

    log: float
    variance: float


def shrink(
    small: Sequence[GroupFit], others: Sequence[GroupFit], whole: GroupFit
) -> list[GroupFit]:
    """Fit small groups with the best family of the whole, each pulled towards it.

    Parameters
    ----------
    small : sequence of GroupFit
        With at least one episode that ended, and too few to be fitted alone.
    others : sequence of GroupFit
        The larger groups of the same series; they tell how much groups differ.
    whole : GroupFit
        With a best fit.

    Notes
    -----
    With d the log of the group's factor and v its variance (from the curvature of the likelihood,
    times episodes over clusters), and tau^2 the variance between groups, the estimate is
    w d + (1 - w) 0 with w = tau^2 / (tau^2 + v), and its variance w v + (1 - w)^2 u, u being the
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
    """Variance between groups beyond chance; 0 where chance explains all, or for one group."""
    if len(factors) < 2:
        return 0.0
    weights = np.array([1.0 / factor.variance for factor in factors])
    logs = np.array([factor.log for factor in factors])
    centre = float(np.sum(weights * logs) / np.sum(weights))
    excess = float(np.sum(weights * np.square(logs - centre))) - (len(factors) - 1)
    scale = float(np.sum(weights) - np.sum(np.square(weights)) / np.sum(weights))
    return max(0.0, excess / scale)


def _factor(family: Family, theta: Floats, group: GroupFit) -> _Factor:
    """The log by which the whole's scale is moved to fit a group best, the shape being kept."""
    durations = group.series.durations

    def height(log: float) -> float:
        return _height(family, theta, durations, log)

    log = 0.0
    for _ in range(_MOST_STEPS):
        slope = (height(log + _STEP) - height(log - _STEP)) / (2.0 * _STEP)
        curvature = (height(log + _STEP) - 2.0 * height(log) + height(log - _STEP)) / _STEP**2
        step = float(np.clip(slope / max(abs(curvature), 1e-6), -1.0, 1.0))
        log += step
        if abs(step) < 1e-9:
            break
    curvature = (height(log + _STEP) - 2.0 * height(log) + height(log - _STEP)) / _STEP**2
    inflated = group.n / group.clusters
    return _Factor(log, inflated / max(-curvature, 1e-6))


def _height(family: Family, theta: Floats, durations: Durations, log: float) -> float:
    moved = theta.copy()
    moved[0, 0] += log
    return float(log_likelihood(family, moved, durations)[0])


def _pulled(group: GroupFit, factor: _Factor, between: float, whole: GroupFit) -> GroupFit:
    fit = whole.best
    assert fit is not None  # noqa: S101
    family = FAMILIES[fit.family]
    weight = between / (between + factor.variance)
    log = weight * factor.log
    theta = fit.theta.copy()
    theta[0, 0] += log
    median = fit.figures["median"]
    own = (math.log(median.upper) - math.log(median.lower)) / (2.0 * NORMAL_975)
    margin = NORMAL_975 * math.sqrt(weight * factor.variance + (1.0 - weight) ** 2 * own**2)
    value = _height(family, fit.theta, group.series.durations, log)
    pulled = Fit(
        family=fit.family,
        loglik=value,
        aicc=aicc(value, group.n, 1),
        figures=_figures(family, theta, fit, math.exp(margin)),
        theta=theta,
    )
    pull = Pull(
        weight=weight,
        between=math.sqrt(between),
        alone=median.value * math.exp(factor.log),
        whole=median.value,
    )
    return replace(group, fits=[pulled], pull=pull)


def _figures(family: Family, theta: Floats, whole: Fit, factor: float) -> dict[str, Estimate]:
    """Figures in days within the factor; those of the shape as the whole has them."""
    found = {}
    for name, values in family.all_figures(theta).items():
        value = float(values[0])
        if name == "mu":
            found[name] = Estimate(value, value - math.log(factor), value + math.log(factor))
        elif name == family.second or name == "cv":
            found[name] = whole.figures[name]
        elif math.isfinite(value):
            found[name] = Estimate(value, value / factor, value * factor)
        else:
            found[name] = Estimate.alone(value)
    return found
