"""How far each parameter alone moves a figure: one at a time, or on average over a grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from riskengine.measures.estimate import Estimate
from riskengine.sweeps.noise import chance_of_range, repeated
from riskengine.sweeps.series import Floats, Series


class SensitivityIndex(NamedTuple):
    """One number about one parameter and one figure."""

    name: str
    estimate: Estimate
    setting: str = ""


class Found(NamedTuple):
    """The indices of one parameter."""

    indices: list[SensitivityIndex]
    chance: float  #: chance that noise alone makes the effect this large; nan: not known


def one_at_a_time(series: Series, column: Floats, labels: Sequence[str]) -> Found:
    """The settings that make a figure smallest and largest, and the swing between them.

    Parameters
    ----------
    series : Series
        A figure at P + 1 points, the base case first.
    column : ndarray, shape (P,)
        The setting of the parameter at each point but the base case; nan: as in the base case.
    labels : sequence of str
        The setting as text at each of the P + 1 points.

    Returns
    -------
    Found
        `low` and `high` are the figure itself, with its own interval; `swing` is high minus low.
        Empty if the figure exists at no setting but that of the base case.

    Notes
    -----
    If one of the two is the base case, the interval of the swing is that of the difference from the
    base case, paired by trial. Otherwise both margins are added. The interval is then wide enough
    for any dependence between the two differences, and covers the truth at least as often.

    The largest of several figures lies above the smallest even if they differ by noise alone. The
    interval does not account for that choice; `Found.chance` does.
    """
    moved = np.flatnonzero(~np.isnan(column)) + 1
    known = [int(point) for point in moved if np.isfinite(series.values[point])]
    if not known:
        return Found([], 1.0)
    candidates = [0, *known] if np.isfinite(series.values[0]) else known
    low = min(candidates, key=lambda point: float(series.values[point]))
    high = max(candidates, key=lambda point: float(series.values[point]))
    indices = [
        SensitivityIndex("low", _at(series, low), labels[low]),
        SensitivityIndex("high", _at(series, high), labels[high]),
        SensitivityIndex("swing", _swing(series, low, high)),
    ]
    return Found(
        indices, chance_of_range(repeated(series.values[candidates], series.errors[candidates]))
    )


def main_effect(series: Series, column: Floats, labels: Sequence[str]) -> Found:
    """The same over a full grid: indices of the averages over all other parameters' settings.

    The interval of the swing comes from the parts of the trials; the averages have no interval.
    """
    points = [np.flatnonzero(column == setting) + 1 for setting in np.unique(column)]
    parts = repeated(series.values, series.errors)
    averages = np.array([np.mean(parts[each], axis=0) for each in points])
    means = [float(np.mean(series.values[each])) for each in points]
    low, high = means.index(min(means)), means.index(max(means))
    indices = [
        SensitivityIndex("low", Estimate.alone(means[low]), labels[points[low][0]]),
        SensitivityIndex("high", Estimate.alone(means[high]), labels[points[high][0]]),
        SensitivityIndex("swing", _mean(averages[high] - averages[low], means[high] - means[low])),
    ]
    return Found(indices, chance_of_range(averages))


def _mean(parts: Floats, value: float) -> Estimate:
    """The mean of parts of the trials, which are independent, with its interval."""
    from scipy.stats import t

    count = len(parts)
    if count < 2:
        return Estimate.alone(value)
    margin = float(t.ppf(0.975, count - 1) * np.std(parts, ddof=1)) / math.sqrt(count)
    return Estimate(value, value - margin, value + margin)


def _at(series: Series, point: int) -> Estimate:
    lower, upper = series.ends[point]
    return Estimate(float(series.values[point]), float(lower), float(upper))


def _difference(series: Series, point: int) -> Estimate:
    if point == 0:
        return Estimate(0.0, 0.0, 0.0)
    lower, upper = series.difference_ends[point]
    return Estimate(float(series.differences[point]), float(lower), float(upper))


def _swing(series: Series, low: int, high: int) -> Estimate:
    if low == high:
        return Estimate(0.0, 0.0, 0.0)
    value = float(series.values[high] - series.values[low])
    down, up = _difference(series, low), _difference(series, high)
    return Estimate(value, up.lower - down.upper, up.upper - down.lower)
