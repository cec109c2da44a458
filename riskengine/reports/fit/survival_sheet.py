"""The sheet Survival: the curves of each series, in cells and as a native chart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from riskengine.fits.calibration import Calibration
from riskengine.fits.fitting import Fit, GroupFit
from riskengine.fits.observing import WORDS
from riskengine.reports.fit.tables import group_name
from riskengine.reports.tables.looks import DAYS, GREY, PALETTE, SHARE
from riskengine.reports.xlsx.book import Book, Page
from riskengine.reports.xlsx.charts import FONT, GRID, axis_fonts, dotted, dress
from riskengine.reports.xlsx.table import Placed, Table, number, text

_CHART_LINES = 22
_FAMILIES = 3  #: the best ones have a column and a line
_BETWEEN = 24  #: points between 0 and the longest duration at which families are drawn
_MARKS = (30, 60, 90, 180, 365, 730)  #: days at which groups are compared


class Point(NamedTuple):
    """A place of the curves."""

    day: float
    seen: float  #: nan beyond what was seen
    lower: float
    upper: float


def survival_sheet(book: Book, found: Calibration) -> None:
    """Write the sheet."""
    page = book.page("Survival", (24, *[13.0] * 8))
    page.title("Survival", "Share of episodes that last longer than so many days: as seen "
               "(Kaplan-Meier, steps, with the ends of its 95 % band), and by the best "
               "families.")  # fmt: skip
    for series in found.series:
        whole, *groups = found.of(series.quantity)
        if whole.n:
            _curves(book, page, whole)
            if groups:
                _groups(page, [whole, *groups])


def _curves(book: Book, page: Page, whole: GroupFit) -> None:
    words = WORDS[whole.quantity].capitalize()
    page.heading(f"{words}, all episodes")
    fits = list(whole.fits[:_FAMILIES])
    columns = [
        number("Days", lambda p: p.day, DAYS),
        number("Seen", lambda p: p.seen, SHARE),
        number("Seen, low", lambda p: p.lower, SHARE),
        number("Seen, high", lambda p: p.upper, SHARE),
        *[number(fit.family, _fitted(fit), SHARE) for fit in fits],
    ]
    chart_at = page.row
    page.skip(_CHART_LINES)
    table = Table(key=f"Survival_{whole.quantity}", columns=columns, rows=_points(whole))
    placed = page.table(table, empty="Empty cells: beyond what was seen, or no band there.")
    end = page.row
    page.row = chart_at
    page.chart(_chart(book, placed, fits, words), _CHART_LINES)
    page.row = end


def _fitted(fit: Fit) -> Callable[[Point], float]:
    return lambda point: float(fit.survival(np.array([max(point.day, 1e-9)]))[0])


def _points(group: GroupFit) -> list[Point]:
    """Corners of the steps, and places between them where the families' curves bend."""
    curve = group.curve
    last = float(group.series.durations.middle.max())
    found = [Point(0.0, 1.0, 1.0, 1.0)]
    for place, day in enumerate(curve.times):
        before = found[-1]
        found.append(before._replace(day=float(day)))
        share, low, high = (
            float(ends[place]) for ends in (curve.survival, curve.lower, curve.upper)
        )
        found.append(Point(float(day), share, low, high))
    if last > found[-1].day:
        found.append(found[-1]._replace(day=last))
    corners = {point.day for point in found}
    between = [
        max((point for point in found if point.day <= day), key=_place)._replace(day=float(day))
        for day in np.linspace(0.0, last, _BETWEEN + 1)
        if day not in corners
    ]
    return sorted([*found, *between], key=_place)


def _place(point: Point) -> tuple[float, float]:
    """Order along the curve: on the day of a step, down."""
    return point.day, -point.seen


def _chart(book: Book, placed: Placed, fits: list[Fit], words: str) -> Any:
    chart = book.chart("scatter", "straight")
    names = ["Seen (Kaplan-Meier)", "Ends of its 95 % band", "upper end"]
    for offset, name in enumerate(names):
        line = {"color": "#000000", "width": 2.0} if offset == 0 else dotted(GREY)
        _line(chart, placed, offset + 1, name, line)
    for offset, (fit, colour) in enumerate(zip(fits, PALETTE, strict=False)):
        style = {"color": colour, "width": 2.25 if offset == 0 else 1.5}
        style |= {} if offset == 0 else {"dash_type": "dash"}
        _line(chart, placed, len(names) + 1 + offset, fit.family, style)
    dress(chart, f"{words}: share that lasts longer")
    chart.set_x_axis({"name": "Days", "min": 0, "num_format": "#,##0", **axis_fonts()})
    share = {"name": "Share that lasts longer", "num_format": "0%", "min": 0, "max": 1}
    chart.set_y_axis({**share, "major_gridlines": GRID, **axis_fonts()})
    chart.set_legend({"position": "right", "delete_series": [2], "font": FONT})
    return chart


def _line(chart: Any, placed: Placed, column: int, name: str, line: dict[str, Any]) -> None:
    chart.add_series(
        {
            "name": name,
            "categories": placed.elsewhere(0),
            "values": placed.elsewhere(column),
            "line": line,
            "marker": {"type": "none"},
        }
    )


def _groups(page: Page, groups: list[GroupFit]) -> None:
    page.heading(f"{WORDS[groups[0].quantity].capitalize()}: share that lasts longer, by group")
    columns = [
        text("Group", lambda g: group_name(g.group)),
        *[number(f"Seen, {day} days", _seen(day), SHARE) for day in _MARKS],
    ]
    page.table(
        Table(key=f"SurvivalGroups_{groups[0].quantity}", columns=columns, rows=groups),
        empty="Empty cells: beyond what was seen.",
    )


def _seen(day: int) -> Callable[[GroupFit], float | None]:
    def value(group: GroupFit) -> float | None:
        if not group.n or day > float(group.series.durations.middle.max()):
            return None
        return group.curve.at(float(day))

    return value
