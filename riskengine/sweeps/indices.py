"""Which parameter moves the figures of a sweep most, by the method of its design.

Indices are computed for the mean, VaR and TVaR at all levels and the chance of any loss, for the
total and every industry. For a Latin hypercube, shares are computed for the total, and for the mean
and TVaR of every industry at the level at which names are compared (99 % if the sweep has it).
Delta, whose scale takes half a second to compute, is limited to the total: its mean, its chance of
loss, and its VaR and TVaR at that level.

Parameters whose effect stands out from noise rank first. The noise of the trials is tested by
flipping signs, with the false discovery rate over the parameters of a figure held at 5 % (Benjamini
and Hochberg 1995). The noise of finitely many points is judged by the interval.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from riskengine.figures.catalog import find
from riskengine.measures.estimate import Estimate
from riskengine.model.confidence import detail_level
from riskengine.model.notices import Notice
from riskengine.model.sweep import GRID, LATIN_HYPERCUBE, MORRIS, ONE_AT_A_TIME, SOBOL
from riskengine.sweeps.attribution import Rows, explained, morris_indices, sobol_indices
from riskengine.sweeps.designs import Design
from riskengine.sweeps.given import Ordered
from riskengine.sweeps.limits import gaps, lost_settings, too_small
from riskengine.sweeps.noise import LEVEL, repeated
from riskengine.sweeps.noisy import CORRECTED, NOISE, noise_of
from riskengine.sweeps.series import Floats, Series, SeriesKey, is_constant, listed
from riskengine.sweeps.settings import setting_words
from riskengine.sweeps.shift import delta
from riskengine.sweeps.tables import PointRow, SensitivityRow
from riskengine.sweeps.tornado import Found, SensitivityIndex, main_effect, one_at_a_time

_SCOPES = ("total", "industry")
_METHODS = {LATIN_HYPERCUBE: "delta"}  #: names of the indices of a design, if not the design's own
_RANKED_BY = {
    ONE_AT_A_TIME: ("swing",),
    GRID: ("swing",),
    SOBOL: ("ST",),
    MORRIS: ("mu_star",),
    LATIN_HYPERCUBE: ("delta", "S1"),
}


class Sensitivity(NamedTuple):
    """The indices, and notices about indices that are missing."""

    rows: list[SensitivityRow]  #: by figure, then by rank
    notices: list[Notice]


def sensitivity(
    design: Design, points: Sequence[PointRow], series: Sequence[Series]
) -> Sensitivity:
    """Which parameter moves which figure, and by how much.

    Parameters
    ----------
    design : Design
    points : sequence of PointRow
        The base case first, then those of the design.
    series : sequence of Series
        All figures, the base case first.

    Returns
    -------
    Sensitivity
        The same bits for the same arguments. It has no rows, but a notice, if the design is too
        small for its method, or if points failed that the method needs.
    """
    refusal = [*too_small(design), *gaps(design, points)]
    if refusal:
        return Sensitivity([], refusal)
    detail = detail_level({each.key.level for each in series if each.key.level is not None})
    analysis = _Analysis(design, points, detail)
    found = [
        row
        for figure in series
        if _is_wanted(design, figure.key, detail)
        for row in analysis.rows(figure)
    ]
    return Sensitivity(found, list(analysis.notices()))


class _Analysis:
    """Computes the indices of one figure after the other, and records which are missing."""

    def __init__(self, design: Design, points: Sequence[PointRow], detail: float):
        self._design = design
        self._detail = detail  #: the level at which delta is computed
        self._points = points
        self._labels = [
            setting_words(points, span)
            for span in _spans([len(parameter.paths) for parameter in design.parameters])
        ]
        self._constant: list[str] = []
        self._missing: list[str] = []
        self._along: list[Ordered] | None = None
        self._take: Callable[[Series], list[Found]] = {
            ONE_AT_A_TIME: self._one_at_a_time,
            GRID: self._grid,
            SOBOL: self._sobol,
            MORRIS: self._morris,
            LATIN_HYPERCUBE: self._given_data,
        }[design.method]

    def rows(self, series: Series) -> Iterator[SensitivityRow]:
        if not self._is_complete(series):
            self._missing.append(series.key.words)
            return
        if self._design.is_sampled and is_constant(series.values[1:]):
            self._constant.append(series.key.words)
            return
        if self._design.is_sampled and self._noise(series) == NOISE:
            return  # `noise_notices` says so
        yield from _ranked(self._design, series.key, self._take(series))

    def notices(self) -> Iterator[Notice]:
        yield from lost_settings(self._design, self._points, self._labels)
        if self._constant:
            yield Notice(
                code="constant-figure",
                message="The same at all points, so that no parameter drives it and there are no "
                f"indices: {listed(self._constant)}.",
            )
        if self._missing:
            yield Notice(
                code="incomplete-figure",
                message=f"Not known at every point, so that there are no indices: "
                f"{listed(self._missing)}.",
            )

    def _is_complete(self, series: Series) -> bool:
        is_done = np.array([row.status == "done" for row in self._points])
        return bool(np.isfinite(series.values[is_done]).all())

    def _noise(self, series: Series) -> str:
        return noise_of(series, range(1, len(series.values))).verdict

    def _one_at_a_time(self, series: Series) -> list[Found]:
        columns = zip(self._design.matrix.T, self._labels, strict=True)
        return [one_at_a_time(series, column, labels) for column, labels in columns]

    def _grid(self, series: Series) -> list[Found]:
        columns = zip(self._design.matrix.T, self._labels, strict=True)
        return [main_effect(series, column, labels) for column, labels in columns]

    def _sobol(self, series: Series) -> list[Found]:
        return sobol_indices(self._design, _parts(series))

    def _morris(self, series: Series) -> list[Found]:
        return morris_indices(self._design, _parts(series))

    def _given_data(self, series: Series) -> list[Found]:
        known = np.flatnonzero(np.isfinite(series.values[1:]))
        values, parts = series.values[1:][known], _parts(series)[known]
        with_delta = _wants_delta(series.key, self._detail) and self._noise(series) != CORRECTED
        found = []
        for ordered in self._ordered(known):
            share = explained(ordered.basis_for(values), parts)
            first = [SensitivityIndex("delta", delta(ordered, values))] if with_delta else []
            found.append(Found([*first, *share.indices], share.chance))
        return found

    def _ordered(self, known: Rows) -> list[Ordered]:
        """The points along each parameter, computed once: they are the same for all figures."""
        if self._along is None:
            count = len(self._design.parameters)
            self._along = [Ordered(self._design, k, known) for k in range(count)]
        return self._along


def _parts(series: Series) -> Floats:
    """A figure at the points of the design, from each part of the trials."""
    return repeated(series.values[1:], series.errors[1:])


def _is_wanted(design: Design, key: SeriesKey, detail: float) -> bool:
    measure = find(key.measure)
    is_explained = measure and measure.swept and measure.swept.is_explained
    if key.scope not in _SCOPES or not is_explained:
        return False
    if design.method != LATIN_HYPERCUBE or key.scope == "total":
        return True
    return key.measure == "mean" or (key.measure, key.level) == ("tvar", detail)


def _wants_delta(key: SeriesKey, detail: float) -> bool:
    return key.scope == "total" and key.level in (None, detail)


def _ranked(design: Design, key: SeriesKey, found: Sequence[Found]) -> Iterator[SensitivityRow]:
    """The rows of one figure: the parameter that moves it most first, unclear ones last."""
    estimates = [_ranked_by(design.method, each) for each in found]
    is_clear = [
        chance <= LEVEL and any(not estimate.lower <= 0.0 for estimate in each)
        for chance, each in zip(_discovered(found), estimates, strict=True)
    ]

    def order(place: int) -> tuple[bool, float]:
        size = estimates[place][0].value if estimates[place] else math.nan
        return not is_clear[place], math.inf if math.isnan(size) else -size

    for rank, place in enumerate(sorted(range(len(found)), key=order), start=1):
        for index in found[place].indices:
            yield SensitivityRow(
                method=_METHODS.get(design.method, design.method),
                **key._asdict(),
                parameter=design.names[place],
                index=index.name,
                setting=index.setting,
                **index.estimate._asdict(),
                rank=rank,
                clear=is_clear[place],
            )


def _ranked_by(method: str, found: Found) -> list[Estimate]:
    """The indices that rank a parameter, the first one first; without an index it ranks last."""
    indices = {index.name: index.estimate for index in found.indices}
    return [indices[name] for name in _RANKED_BY[method] if name in indices]


def _discovered(found: Sequence[Found]) -> list[float]:
    """The false discovery rate at which each effect would stand out; 0 if noise is not known, so
    that the interval alone decides."""
    from scipy.stats import false_discovery_control

    chances = [0.0 if math.isnan(each.chance) else each.chance for each in found]
    return list(map(float, false_discovery_control(chances)))


def _spans(widths: Sequence[int]) -> list[slice]:
    """The slice of each parameter's settings among the settings of a point."""
    ends = np.cumsum(widths).tolist()
    return [slice(end - width, end) for end, width in zip(ends, widths, strict=True)]
