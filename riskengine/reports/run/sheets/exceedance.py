"""The sheet Exceedance: which loss is exceeded once in so many years."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from riskengine.figures.curves import CurveRow
from riskengine.measures.estimate import UNKNOWN, Estimate
from riskengine.reports.run.sheets.run import Run
from riskengine.reports.tables.looks import COUNT, PALETTE, SHARE
from riskengine.reports.xlsx.book import Book, Page, is_empty
from riskengine.reports.xlsx.charts import Curve, exceedance_chart
from riskengine.reports.xlsx.table import Column, Placed, Table, estimated, number, text

_WORDS = (
    "AEP: the loss of a whole future. OEP: the largest loss of a single spell of trouble, never "
    "above AEP. The return period is the horizon in years divided by the probability that the loss "
    "is exceeded within it: a 100-year loss has a chance of 1 % in any one year. A curve ends "
    "where fewer than 20 futures lie beyond. Low and high are the ends of the 95 % interval."
)
_ENDS = (
    ("ExceedanceByName", "", 0),
    ("ExceedanceByNameLow", ": low end of the 95 % interval", 1),
    ("ExceedanceByNameHigh", ": high end of the 95 % interval", 2),
)
_TYPES = ("AEP", "OEP")
_COLUMN_OF = {"AEP": 2, "OEP": 5}
_CHART_LINES = 24


class Point(NamedTuple):
    """One return period of the total."""

    return_period: float  #: years
    probability: float
    losses: dict[str, Estimate]  #: by type

    def loss(self, kind: str) -> Estimate:
        return self.losses.get(kind, UNKNOWN)


def exceedance_sheet(book: Book, run: Run) -> None:
    """Write the sheet."""
    page = book.page("Exceedance", (28, *[13.0] * 11))
    page.title("Exceedance", f"{run.facts.line}. {_WORDS}")
    points = _points(row for row in run.stored_curves if row.scope == "total")
    if not points:
        page.paragraph(
            "There are too few trials for any point of the curves: each has to rest on 20 futures "
            "that lose more. Run more trials."
        )
        return
    page.heading("All losses together")
    placed = page.table(Table(key="Exceedance", columns=_total_columns(run), rows=points))
    _define(book, placed, points)
    page.gap()
    # OEP is often the same as AEP: as dots it shows beside it.
    curves = [
        Curve("AEP", _COLUMN_OF["AEP"], PALETTE[0], is_dots=False),
        Curve("OEP", _COLUMN_OF["OEP"], PALETTE[1], is_dots=True),
    ]
    page.chart(exceedance_chart(book, placed, curves, run.money), _CHART_LINES)
    page.skip(_CHART_LINES)
    _parts(page, run)


def _points(rows: Iterable[CurveRow]) -> list[Point]:
    found: dict[float, Point] = {}
    for row in rows:
        point = Point(row.return_period, row.probability, {})
        losses = found.setdefault(row.return_period, point).losses
        losses[row.type] = _estimate(row)
    return [found[period] for period in sorted(found)]


def _estimate(row: CurveRow) -> Estimate:
    return Estimate(row.loss, row.lower, row.upper)


def _total_columns(run: Run) -> list[Column]:
    def loss(kind: str) -> Callable[[Point], Estimate]:
        return lambda point: point.loss(kind)

    return [
        number("Return period (years)", lambda point: point.return_period, COUNT),
        number("Chance within the horizon", lambda point: point.probability, SHARE),
        *estimated("AEP loss", run.money, loss("AEP"), run.money_look),
        *estimated("OEP loss", run.money, loss("OEP"), run.money_look),
    ]


def _define(book: Book, placed: Placed, points: Iterable[Point]) -> None:
    for offset, point in enumerate(points):
        for kind in _TYPES:
            if not is_empty(point.loss(kind).value):
                years = f"{point.return_period:g}"
                meaning = f"{kind} loss of the total, once in {years} years"
                place = placed.cell(offset, _COLUMN_OF[kind])
                book.define(f"{kind}_{years}_years_total", meaning, place)


def _parts(page: Page, run: Run) -> None:
    """The curves of industries and materials: one row a name, one column a return period."""
    curves: dict[tuple[str, str], dict[float, Estimate]] = {}
    for row in run.stored_curves:
        if row.scope != "total":
            curves.setdefault((row.scope, row.name), {})[row.return_period] = _estimate(row)
    periods = sorted({period for curve in curves.values() for period in curve})
    if not periods:
        return
    for key, heading, end in _ENDS:
        page.heading(f"By industry, and by the material it is attributed to (AEP){heading}")
        columns = [
            text("Name", lambda row: row[0][1]),
            text("Industry or material", lambda row: row[0][0]),
            *(_at_period(run, period, end) for period in periods),
        ]
        page.table(Table(key=key, columns=columns, rows=list(curves.items())))


def _at_period(run: Run, period: float, end: int) -> Column:
    return number(
        f"Once in {period:,g} years ({run.money})",
        lambda row: row[1].get(period, UNKNOWN)[end],
        run.money_look,
    )
