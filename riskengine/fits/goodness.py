"""Goodness of fit by simulation: how well the data agree with a fitted distribution.

Durations, censored ones included, are tested against a family. Yearly onsets are tested against a
constant rate.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from riskengine.fits.families import Floats, SojournFamily
from riskengine.fits.kaplan_meier import largest_gaps
from riskengine.fits.likelihood import Durations, climb
from riskengine.fits.observing import Observation
from riskengine.kernel.draws import seeded_keys, uniforms
from riskengine.model.streams import stream

SIMULATED = 400
SIMULATED_YEARS = 2_000  #: number of simulated tables of yearly onsets
_FAR = 700.0  #: log of the longest duration that a float can hold


def uniform_draws(seed: int, count: int, *names: str) -> Floats:
    """Uniform draws in (0, 1): the same names and seed give the same numbers."""
    streams = np.array([stream("calibrate", *names)], dtype=np.uint64)
    return uniforms(seeded_keys(streams, seed)[0], np.arange(count, dtype=np.uint64))


def dispersion(counts: Sequence[int], seed: int) -> tuple[float, float]:
    """Index of dispersion of yearly counts, with the p-value of one that large or larger.

    Notes
    -----
    The index is variance over mean (Fisher, 1925; Cox and Lewis, The Statistical Analysis of Series
    of Events, 1966, section 6.3). Given their total, independent onsets at one rate are equally
    likely to fall in any year. The p-value comes from `SIMULATED_YEARS` such tables, because the
    usual chi-squared approximation needs more than one onset a year.
    """
    values = np.array(counts, dtype=np.float64)
    total = int(values.sum())
    if len(values) < 2 or not total:
        return math.nan, math.nan
    index = float(np.var(values, ddof=1) / values.mean())
    tables = np.zeros((SIMULATED_YEARS, len(values)))
    rows = np.arange(SIMULATED_YEARS)
    for onset in range(total):
        shares = uniform_draws(seed, SIMULATED_YEARS, "dispersion", str(onset))
        tables[rows, (shares * len(values)).astype(np.int64)] += 1.0
    drawn = np.var(tables, axis=1, ddof=1) / values.mean()
    beyond = int(np.count_nonzero(drawn >= index - 1e-12))
    return index, (1.0 + beyond) / (SIMULATED_YEARS + 1.0)


def goodness(
    family: SojournFamily, theta: Floats, observations: Sequence[Observation], seed: int
) -> float:
    """The p-value of the gap to the Kaplan-Meier curve, if the family were true.

    Parameters
    ----------
    family : SojournFamily
    theta : ndarray, (1, k)
        The fit.
    observations : sequence of Observation
        As fitted.
    seed : int

    Returns
    -------
    float
        A small value: the family does not fit. A large one: no evidence against it.

    Notes
    -----
    The statistic is that of Kolmogorov and Smirnov, with the Kaplan-Meier curve in place of the
    empirical one. Published tables do not apply, because the family is fitted to the same durations
    and some of them are censored. So `SIMULATED` tables are drawn from the fit, censored, and
    fitted again (parametric bootstrap; Davison and Hinkley, Bootstrap Methods and their
    Application, 1997, sections 3.5 and 4.4). A simulated episode is censored at the time for which
    the real one could have been watched; in a table without dates, at one of the later times at
    which another episode was censored. Episodes count as independent.
    """
    lower = np.array([each.lower for each in observations])
    upper = np.array([each.upper for each in observations])
    seen = _gap(family, theta, Durations(lower[np.newaxis], upper[np.newaxis]))
    drawn = _drawn(family, theta, observations, seed)
    start = np.repeat(theta, len(drawn.lower), axis=0)
    again = climb(family, drawn, start)
    gaps = _gap(family, again.theta, drawn)
    return (1.0 + float(np.count_nonzero(gaps >= seen - 1e-12))) / (len(gaps) + 1.0)


def _gap(family: SojournFamily, theta: Floats, durations: Durations) -> Floats:
    days = durations.middle
    with np.errstate(all="ignore"):
        logs = family.log_survival(np.log(days) - theta[:, :1], family.second_of(theta))
        survival = np.exp(logs)
    return largest_gaps(days, durations.ended.astype(np.float64), survival)


def _drawn(
    family: SojournFamily, theta: Floats, observations: Sequence[Observation], seed: int
) -> Durations:
    """Simulated tables of the same size, each duration censored where it would have been."""
    second = family.second_of(theta)[0]
    columns = []
    for position, each in enumerate(observations):
        shares = uniform_draws(seed, SIMULATED, "goodness", each.episode.id, str(position))
        logs = theta[0, 0] + family.log_quantile(shares, second)
        length = np.exp(np.clip(logs, -_FAR, _FAR))
        limits = _limits(each, observations, seed, position)
        columns.append((np.minimum(length, limits), np.where(length > limits, np.inf, length)))
    lower = np.stack([column[0] for column in columns], axis=1)
    upper = np.stack([column[1] for column in columns], axis=1)
    # A table in which nothing has ended cannot be fitted: its longest episode counts as ended.
    rows = np.flatnonzero(np.all(np.isinf(upper), axis=1))
    longest = np.argmax(lower[rows], axis=1)
    upper[rows, longest] = lower[rows, longest]
    return Durations(lower, upper)


def _limits(
    each: Observation, observations: Sequence[Observation], seed: int, position: int
) -> Floats:
    """How long an episode could have been watched, in each simulated table."""
    if np.isfinite(each.limit):
        return np.full(SIMULATED, each.limit)
    later = [o.lower for o in observations if np.isinf(o.upper) and o.lower >= each.lower]
    if not later:
        return np.full(SIMULATED, np.inf)
    shares = uniform_draws(seed, SIMULATED, "limit", each.episode.id, str(position))
    choices = np.array([*later, np.inf])
    return choices[(shares * len(choices)).astype(np.int64)]
