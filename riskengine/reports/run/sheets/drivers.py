"""The sheet Drivers: what the mean and the tail are made of, with sums that check themselves."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from riskengine.figures.evidence import COMPONENTS
from riskengine.model.confidence import level_name, level_text
from riskengine.reports.run.sheets.run import Run
from riskengine.reports.tables.looks import LINE, PALETTE, REST, SHARE
from riskengine.reports.xlsx.book import Book, Page
from riskengine.reports.xlsx.charts import MOST_SERIES, stacked_chart
from riskengine.reports.xlsx.sums import Check, Totals, checked_sums
from riskengine.reports.xlsx.table import Column, Table, number, text
from riskengine.reports.xlsx.text import label

_CHART_LINES = 16
_WORDS = (
    "Contributions to the TVaR of the total are means over its worst futures (Euler's principle), "
    "so that they add up; the TVaR of a name by itself does not. Largest part of TVaR {level} "
    "first."
)


class Measure(NamedTuple):
    """A figure of the total that parts add up to."""

    heading: str
    measure: str
    level: float | None
    key: str  #: of its row on the sheet Summary, and first part of its defined names


class Share(NamedTuple):
    """A part of a chart: its share in every figure of the total."""

    label: str
    shares: tuple[float, ...]


def measures_of(run: Run) -> list[Measure]:
    """The mean, and TVaR at each confidence level of the run."""
    return [
        Measure("mean", "mean", None, "Mean"),
        *(
            Measure(f"TVaR {level_text(level)}", "tvar", level, f"TVaR{level_name(level)}")
            for level in run.figures.confidence
        ),
    ]


def drivers_sheet(book: Book, run: Run, totals: Totals) -> list[Check]:
    """Write the sheet.

    Returns
    -------
    list of Check
        Of all sums on the sheet.
    """
    page = book.page("Drivers", (30, *[15.0] * len(measures_of(run)), 3, *[15.0] * 6))
    page.title(
        "Drivers", f"{run.facts.line}. {_WORDS.format(level=level_text(run.figures.detail))}"
    )
    checks: list[Check] = []
    for scope, heading in (("industry", "Industries"), ("material", "Materials")):
        if run.names(scope):
            page.heading(f"{heading}: contributions to the mean and to the TVaR of the total")
            top = page.row
            checks += _contributions(page, run, scope, totals)
            _shares(book, page, run, scope, top)
    page.heading("Components of the mean loss")
    checks += _components(page, run, totals)
    return checks


def _contributions(page: Page, run: Run, scope: str, totals: Totals) -> list[Check]:
    names = ranked(run, scope)
    columns = [text(scope.capitalize(), str)]
    values = []
    measures = measures_of(run)
    for measure in measures:
        value = _contribution(run, scope, measure)
        heading = f"Part of {measure.heading} ({run.money})"
        # The part of the mean is the name's own mean, which has a name on the sheet of its scope.
        name = f"{scope.capitalize()}PartOf{measure.key}" if measure.level is not None else ""
        columns.append(number(heading, value, run.money_look, name))
        values.append([value(name) for name in names])
    placed = page.table(Table(key=f"DriversBy{scope.capitalize()}", columns=columns, rows=names))
    keys = [measure.key for measure in measures]
    return checked_sums(page, placed, list(zip(keys, values, strict=True)), totals)


def _contribution(run: Run, scope: str, measure: Measure) -> Callable[[str], float]:
    kind = f"contribution_{measure.measure}"
    return lambda name: run.figures.get(scope, name, kind, measure.level).value


def ranked(run: Run, scope: str) -> list[str]:
    """Names by their part of the tail, largest first."""

    def part(name: str) -> float:
        return run.figures.get(scope, name, "contribution_tvar", run.figures.detail).value

    return sorted(run.names(scope), key=part, reverse=True)


def _shares(book: Book, page: Page, run: Run, scope: str, top: int) -> None:
    """The largest parts as shares, and beside them, from a row `top` on, a chart of them."""
    if not run.total("mean").value > 0.0:
        page.paragraph("No future has a loss, so that there are no shares to show.")
        return
    rows = shares(run, scope)
    page.gap()
    columns: list[Column] = [Column(heading="Share", value=lambda row: row.label, look=LINE)]
    for position, measure in enumerate(measures_of(run)):
        columns.append(number(f"of {measure.heading}", _at(position), SHARE))
    placed = page.table(Table(key=f"SharesBy{scope.capitalize()}", columns=columns, rows=rows))
    colours = [*PALETTE[: len(rows)]]
    if len(run.names(scope)) > len(rows):
        colours[-1] = REST
    chart = stacked_chart(book, placed, colours, f"What drives the loss, by {scope}")
    end, page.row = page.row, top
    page.chart(chart, max(end - top, _CHART_LINES), len(measures_of(run)) + 2)
    page.row = max(end, top + _CHART_LINES)


def _at(position: int) -> Callable[[Share], float]:
    return lambda row: row.shares[position]


def shares(run: Run, scope: str) -> list[Share]:
    """The largest parts in shares of the total, and what is left as the last one."""
    parts = [
        Share(
            label(name),
            tuple(run.share_of_total(scope, name, m.measure, m.level) for m in measures_of(run)),
        )
        for name in ranked(run, scope)
    ]
    if len(parts) <= MOST_SERIES:
        return parts
    shown, rest = parts[: MOST_SERIES - 1], parts[MOST_SERIES - 1 :]
    sums = tuple(math.fsum(values) for values in zip(*(p.shares for p in rest), strict=True))
    return [*shown, Share(f"{len(rest)} others", sums)]


def _components(page: Page, run: Run, totals: Totals) -> list[Check]:
    def value(component: str) -> float:
        return run.component("total", "", component).value

    def share(component: str) -> float | None:
        whole = run.total("mean").value
        return value(component) / whole if whole > 0.0 else None

    columns = [
        text("Component", str),
        number(
            f"Part of mean ({run.money})",
            value,
            run.money_look,
        ),
        number("Share of mean", share, SHARE),
    ]
    rows: Sequence[str] = COMPONENTS
    placed = page.table(Table(key="DriversByComponent", columns=columns, rows=rows))
    return checked_sums(page, placed, [("Mean", [value(row) for row in rows])], totals)
