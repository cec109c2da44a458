"""The rows of a sweep as arrays: one series for each figure, with an element for every point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.figures.wording import in_sentence
from riskengine.sweeps.tables import SweepRow

Floats = NDArray[np.float64]

_ROUNDING = 1e-12  #: relative; smaller differences between points are rounding of sums
_MOST_NAMED = 6


class SeriesKey(NamedTuple):
    """The subject, measure and level of a figure."""

    scope: str
    name: str
    measure: str
    level: float | None

    @property
    def words(self) -> str:
        """The figure as a sentence names it.

        >>> SeriesKey("total", "", "var", 0.99).words
        'VaR 99 %'
        >>> SeriesKey("industry", "chips", "mean", None).words
        'mean of chips'
        """
        words = in_sentence(self.measure, self.level)
        return f"{words} of {self.name}" if self.name else words


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One figure at all points; nan if a point failed or has no such figure or interval."""

    key: SeriesKey
    unit: str
    values: Floats  #: (points,)
    ends: Floats  #: (points, 2) of the 95 % intervals
    differences: Floats  #: (points,) from the base case
    difference_ends: Floats  #: (points, 2)
    #: (points, K) how far each part of the trials shifts the difference (`sweeps.noise`);
    #: K is 0 if that is not known
    errors: Floats


def is_constant(values: Floats) -> bool:
    """Whether a figure is the same at all points that have it, apart from rounding."""
    known = values[np.isfinite(values)]
    if not len(known):
        return True
    return bool(np.ptp(known) <= _ROUNDING * np.max(np.abs(known)))


def series_of(rows: Sequence[SweepRow], points: int, errors: Floats | None = None) -> list[Series]:
    """One series for each figure, in the order in which the figures first appear.

    Parameters
    ----------
    rows : sequence of SweepRow
        In any order.
    points : int
        Number of points of the sweep, including the base case and failed points.
    errors : ndarray, shape (rows, K), optional
        How far each part of the trials shifts the difference of a row.
    """
    if errors is None:
        errors = np.empty((len(rows), 0))
    found: dict[SeriesKey, Series] = {}
    for row, drawn in zip(rows, errors, strict=True):
        key = SeriesKey(row.scope, row.name, row.measure, row.level)
        if key not in found:
            found[key] = _empty(key, row.unit, (points, errors.shape[1]))
        series, at = found[key], row.point
        series.errors[at] = drawn
        series.values[at] = row.value
        series.ends[at] = row.lower, row.upper
        series.differences[at] = row.difference
        series.difference_ends[at] = row.difference_lower, row.difference_upper
    return list(found.values())


def _empty(key: SeriesKey, unit: str, shape: tuple[int, int]) -> Series:
    """An empty series for a number of points, with errors for a number of parts."""
    points, parts = shape

    def nothing(*width: int) -> Floats:
        return np.full((points, *width), np.nan)

    return Series(key, unit, nothing(), nothing(2), nothing(), nothing(2), nothing(parts))


def listed(names: Sequence[str]) -> str:
    """The first few of many names, and how many more there are.

    >>> listed(["a", "b"]), listed(list("abcdefgh"))
    ('a, b', 'a, b, c, d, e, f and 2 more')
    """
    more = len(names) - _MOST_NAMED
    shown = ", ".join(names[:_MOST_NAMED])
    return f"{shown} and {more} more" if more > 0 else shown
