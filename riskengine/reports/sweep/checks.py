"""Whether the tables of a sweep agree with each other."""

from __future__ import annotations

import math
from collections.abc import Iterator
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from riskengine.reports.sweep.view import SweepView
from riskengine.reports.tables.formats import AFTER, COUNT
from riskengine.reports.tables.table import Table, number, text
from riskengine.sweeps.series import Floats, Series

FINE, WRONG = "fine", "LOOK HERE"
_ROUNDING = 1e-9
_SIZES = ("swing", "mu_star", "sigma")


class Agreement(NamedTuple):
    """A condition that must hold, and the number of cases in which it does not."""

    question: str
    looked_at: int
    wrong: int

    @property
    def verdict(self) -> str:
        return WRONG if self.wrong else FINE


def checks_table(view: SweepView) -> Table:
    """The conditions that must hold between the tables, with verdicts: rows of `Agreement`."""
    return Table(
        key="Checks",
        columns=[
            text("question", "What must hold", attrgetter("question")),
            number("looked_at", "Cases looked at", attrgetter("looked_at"), COUNT),
            number("wrong", "Cases wrong", attrgetter("wrong"), COUNT),
            text("verdict", "Verdict", attrgetter("verdict"), AFTER),
        ],
        rows=list(_agreements(view)),
    )


def _agreements(view: SweepView) -> Iterator[Agreement]:
    yield from _of_points(view)
    yield from _of_figures(view)
    indices = view.tables.sensitivity
    sizes = [row.value for row in indices if row.index in _SIZES]
    yield Agreement(
        "Swings, sizes of moves and deviations are no less than 0",
        len(sizes),
        sum(not size >= 0.0 for size in sizes),
    )
    is_bad = [not math.isfinite(row.value) for row in indices]
    yield Agreement("Indices are numbers", len(indices), sum(is_bad))


def _of_points(view: SweepView) -> Iterator[Agreement]:
    points = view.tables.points
    done = {row.point for row in points if row.status == "done"}
    have = {row.point for row in view.tables.figures}
    question = "Every point that is done has figures, and no other"
    yield Agreement(question, len(points), len(have ^ done))
    silent = [row.point for row in points if row.status != "done" and not row.message]
    yield Agreement("Every failed point says why", len(points) - len(done), len(silent))


def _of_figures(view: SweepView) -> Iterator[Agreement]:
    series = list(view.series.values())
    count = len(view.tables.figures)
    off = sum(map(_off, series))
    yield Agreement("A difference is the value less that of the base case", count, off)
    chances = [each.values for each in series if each.key.measure == "prob_loss"]
    outside = sum(int(np.sum((values < 0.0) | (values > 1.0))) for values in chances)
    yield Agreement("Chances lie between 0 and 1", sum(map(len, chances)), outside)
    pairs = list(_tails(view))
    below = sum(int(np.sum(tvar < var * (1.0 - _ROUNDING))) for var, tvar in pairs)
    question = "TVaR is no less than VaR of the same level"
    yield Agreement(question, sum(len(var) for var, _ in pairs), below)


def _off(series: Series) -> int:
    change = series.values - series.values[0]
    size = _ROUNDING * np.maximum(np.abs(series.values), abs(series.values[0]))
    return int(np.sum(np.abs(change - series.differences) > size))


def _tails(view: SweepView) -> Iterator[tuple[Floats, Floats]]:
    for key, each in view.series.items():
        other = view.series.get(key._replace(measure="tvar"))
        if key.measure == "var" and other is not None:
            yield each.values, other.values
