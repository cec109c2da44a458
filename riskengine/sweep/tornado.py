"""How far each parameter by itself moves a figure: one at a time, or over a grid on average."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from riskengine.measures.estimate import Estimate
from riskengine.sweep.series import Floats, Series


class Index(NamedTuple):
    """One number about one parameter and one figure."""

    name: str
    estimate: Estimate
    setting: str = ""


def one_at_a_time(series: Series, column: Floats, labels: Sequence[str]) -> list[Index]:
    """The settings that make a figure smallest and largest, and the swing between them.

    Parameters
    ----------
    series : Series
        Of P + 1 points, the base case first.
    column : ndarray, shape (P,)
        Which setting the parameter has at each point but the base case; nan: as in the base case.
    labels : sequence of str
        The setting in words at each of the P + 1 points.

    Returns
    -------
    list of Index
        `low` and `high` are the figure itself, with its own interval; `swing` is high minus low.
        Empty where the figure exists at no setting but the base case's.

    Notes
    -----
    Where one of the two is the base case, the interval of the swing is that of the difference from
    the base, paired by trial. Otherwise it is wide enough for any dependence between the two
    differences: both margins are added, so that it holds the truth at least as often.
    """
    moved = np.flatnonzero(~np.isnan(column)) + 1
    known = [int(point) for point in moved if np.isfinite(series.values[point])]
    if not known:
        return []
    candidates = [0, *known] if np.isfinite(series.values[0]) else known
    low = min(candidates, key=lambda point: float(series.values[point]))
    high = max(candidates, key=lambda point: float(series.values[point]))
    return [
        Index("low", _at(series, low), labels[low]),
        Index("high", _at(series, high), labels[high]),
        Index("swing", _swing(series, low, high)),
    ]


def main_effect(series: Series, column: Floats, labels: Sequence[str]) -> list[Index]:
    """The same over a full grid: of the averages over all settings of the other parameters.

    Averages have no interval here: the points of a grid share their draws, and what their errors
    have in common is not kept.
    """
    points = [np.flatnonzero(column == setting) + 1 for setting in np.unique(column)]
    means = [float(np.mean(series.values[each])) for each in points]
    low, high = means.index(min(means)), means.index(max(means))
    return [
        Index("low", Estimate.alone(means[low]), labels[points[low][0]]),
        Index("high", Estimate.alone(means[high]), labels[points[high][0]]),
        Index("swing", Estimate.alone(means[high] - means[low])),
    ]


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


def ranks(sizes: Iterable[float]) -> list[int]:
    """The rank of each size, 1 for the largest; of equal ones the first comes first.

    >>> ranks([0.1, 0.7, 0.1])
    [2, 1, 3]
    """
    sizes = list(sizes)
    order = sorted(range(len(sizes)), key=lambda position: -sizes[position])
    found = [0] * len(sizes)
    for rank, position in enumerate(order, start=1):
        found[position] = rank
    return found
