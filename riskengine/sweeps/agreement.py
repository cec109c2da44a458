"""Whether the tables of a sweep agree with each other."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from riskengine.model.agreement import Agreement
from riskengine.sweeps.series import Floats, Series, SeriesKey, series_of
from riskengine.sweeps.tables import SweepTables

_ROUNDING = 1e-9
_SIZES = ("swing", "mu_star", "sigma")


def agreements(tables: SweepTables) -> list[Agreement]:
    """The conditions that must hold between points, figures and indices."""
    return [*_of_points(tables), *_of_figures(tables), *_of_indices(tables)]


def _of_points(tables: SweepTables) -> Iterator[Agreement]:
    points = tables.points
    done = {row.point for row in points if row.status == "done"}
    have = {row.point for row in tables.figures}
    question = "Every point that is done has figures, and no other"
    yield Agreement(question, len(points), len(have ^ done))
    silent = [row.point for row in points if row.status != "done" and not row.message]
    yield Agreement("Every failed point says why", len(points) - len(done), len(silent))


def _of_figures(tables: SweepTables) -> Iterator[Agreement]:
    series = {each.key: each for each in series_of(tables.figures, len(tables.points))}
    off = sum(map(_off, series.values()))
    question = "A difference is the value less that of the base case"
    yield Agreement(question, len(tables.figures), off)
    chances = [each.values for key, each in series.items() if key.measure == "prob_loss"]
    outside = sum(int(np.sum((values < 0.0) | (values > 1.0))) for values in chances)
    yield Agreement("Chances lie between 0 and 1", sum(map(len, chances)), outside)
    pairs = list(_tails(series))
    below = sum(int(np.sum(tvar < var * (1.0 - _ROUNDING))) for var, tvar in pairs)
    question = "TVaR is no less than VaR of the same level"
    yield Agreement(question, sum(len(var) for var, _ in pairs), below)


def _off(series: Series) -> int:
    change = series.values - series.values[0]
    size = _ROUNDING * np.maximum(np.abs(series.values), abs(series.values[0]))
    return int(np.sum(np.abs(change - series.differences) > size))


def _tails(series: dict[SeriesKey, Series]) -> Iterator[tuple[Floats, Floats]]:
    for key, each in series.items():
        other = series.get(key._replace(measure="tvar"))
        if key.measure == "var" and other is not None:
            yield each.values, other.values


def _of_indices(tables: SweepTables) -> Iterator[Agreement]:
    sizes = [row.value for row in tables.sensitivity if row.index in _SIZES]
    question = "Swings, sizes of moves and deviations are no less than 0"
    yield Agreement(question, len(sizes), sum(not size >= 0.0 for size in sizes))
    endless = [not math.isfinite(row.value) for row in tables.sensitivity]
    yield Agreement("Indices are numbers", len(endless), sum(endless))
