"""The sheet Checks of a sweep: whether its tables agree with each other."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from riskengine.reports.sweep.view import SweepView
from riskengine.reports.tables.looks import COUNT, STRONG
from riskengine.reports.xlsx.book import Book
from riskengine.reports.xlsx.table import Table, after, number, text
from riskengine.sweeps.series import Floats, Series

FINE, WRONG = "fine", "LOOK HERE"
_ROUNDING = 1e-9
_SIZES = ("swing", "mu_star", "sigma")


class Check(NamedTuple):
    """One check, where its verdict stands, and what it is."""

    place: str
    verdict: str


class _Found(NamedTuple):
    question: str
    looked_at: int
    wrong: int


def checks_sheet(book: Book, view: SweepView) -> list[Check]:
    """Write the sheet.

    Returns
    -------
    list of Check
        All of it, for the verdict on the first sheet.
    """
    page = book.page("Checks", (70, 14, 14, 16))
    page.title("Checks", "Each counts the cases that cannot be. None is fine.")
    page.gap()
    rows = list(_found(view))
    columns = [
        text("What must hold", lambda row: row.question),
        number("Cases looked at", lambda row: row.looked_at, COUNT),
        number("Cases wrong", lambda row: row.wrong, COUNT),
        after("Verdict", _verdict),
    ]
    placed = page.table(Table(key="Checks", columns=columns, rows=rows))
    checks = []
    for offset, row in enumerate(rows):
        wrong = page.cell_at(placed.first_row + offset, 2)
        formula = f'=IF({wrong}=0,"{FINE}","{WRONG}")'
        page.formula(
            placed.first_row + offset, 3, formula, _verdict(row), STRONG._replace(indent=1)
        )
        checks.append(Check(placed.cell(offset, 3), _verdict(row)))
    return checks


def _verdict(row: _Found) -> str:
    return WRONG if row.wrong else FINE


def _found(view: SweepView) -> Iterator[_Found]:
    yield from _of_points(view)
    yield from _of_figures(view)
    indices = view.tables.sensitivity
    sizes = [row.value for row in indices if row.index in _SIZES]
    yield _Found(
        "Swings, sizes of moves and deviations are no less than 0",
        len(sizes),
        sum(not size >= 0.0 for size in sizes),
    )
    is_bad = [not math.isfinite(row.value) for row in indices]
    yield _Found("Indices are numbers", len(indices), sum(is_bad))


def _of_points(view: SweepView) -> Iterator[_Found]:
    points = view.tables.points
    done = {row.point for row in points if row.status == "done"}
    have = {row.point for row in view.tables.figures}
    question = "Every point that is done has figures, and no other"
    yield _Found(question, len(points), len(have ^ done))
    silent = [row.point for row in points if row.status != "done" and not row.message]
    yield _Found("Every failed point says why", len(points) - len(done), len(silent))


def _of_figures(view: SweepView) -> Iterator[_Found]:
    series = list(view.series.values())
    count = len(view.tables.figures)
    off = sum(map(_off, series))
    yield _Found("A difference is the value less that of the base case", count, off)
    chances = [each.values for each in series if each.key.measure == "prob_loss"]
    outside = sum(int(np.sum((values < 0.0) | (values > 1.0))) for values in chances)
    yield _Found("Chances lie between 0 and 1", sum(map(len, chances)), outside)
    pairs = list(_tails(view))
    below = sum(int(np.sum(tvar < var * (1.0 - _ROUNDING))) for var, tvar in pairs)
    question = "TVaR is no less than VaR of the same level"
    yield _Found(question, sum(len(var) for var, _ in pairs), below)


def _off(series: Series) -> int:
    change = series.values - series.values[0]
    size = _ROUNDING * np.maximum(np.abs(series.values), abs(series.values[0]))
    return int(np.sum(np.abs(change - series.differences) > size))


def _tails(view: SweepView) -> Iterator[tuple[Floats, Floats]]:
    for key, each in view.series.items():
        other = view.series.get(key._replace(measure="tvar"))
        if key.measure == "var" and other is not None:
            yield each.values, other.values
