"""The sheets Lines and Heat map: figures along a parameter, and over two of them."""

from __future__ import annotations

from collections.abc import Callable

from riskengine.measures.estimate import Estimate
from riskengine.model.sweep import GRID
from riskengine.reports.sweep.sentences import heading
from riskengine.reports.sweep.sheets.charts import trace_chart
from riskengine.reports.sweep.sheets.columns import SETTING, amounts, distinct, money, money_look_of
from riskengine.reports.sweep.view import Heat, SweepView, Trace, short_parameter
from riskengine.reports.tables.looks import REMARK, STRONG, Look
from riskengine.reports.xlsx.book import Book, Page
from riskengine.reports.xlsx.table import Column, Table, number
from riskengine.sweeps.series import SeriesKey

_LINES = 17
_WIDTHS = (14, *[12.0] * 9, 3, *[13.0] * 6)
_CHART_COLUMN = 11
_HEADED = SETTING._replace(bold=True)


def lines_sheet(book: Book, view: SweepView) -> None:
    """Write the sheet; there is none where no parameter takes two numbers or more."""
    if not view.traces:
        return
    page = book.page("Lines", _WIDTHS)
    others = (
        "on average over the other parameters"
        if view.tables.method == GRID
        else "with all other parameters as in the base case"
    )
    page.title("Lines", f"Figures along each parameter that takes numbers, {others}.")
    for position, trace in enumerate(view.traces):
        page.heading(f"Along {trace.parameter}")
        _trace(book, page, view, trace, position)


def _trace(book: Book, page: Page, view: SweepView, trace: Trace, position: int) -> None:
    top = page.row
    columns = [number("Setting", lambda row: trace.xs[row], SETTING)]
    for key in view.main:
        columns += amounts(view, heading(key), _at(trace, key))
    rows = range(len(trace.xs))
    placed = page.table(Table(key=f"Line_{position + 1}", columns=columns, rows=rows), empty="")
    end, page.row = page.row, top
    shown = {1 + 3 * k: money_look_of(view).number_format for k in range(len(view.main))}
    axes = (short_parameter(trace.parameter, 60), f"Loss ({money(view)})")
    page.chart(trace_chart(book, placed, shown, axes), _LINES, _CHART_COLUMN)
    page.row = max(end, top + _LINES)


def _at(trace: Trace, key: SeriesKey) -> Callable[[int], Estimate]:
    return lambda row: trace.estimates[key][row]


def heat_sheet(book: Book, view: SweepView) -> None:
    """Write the sheet; only a grid of two parameters has one."""
    heats = list(view.heats())
    if not heats:
        return
    first, second = heats[0].parameters
    page = book.page("Heat map", (30, *[13.0] * max(4, len(heats[0].columns))))
    page.title("Heat map", f"Down: {first}. Across: {second}. The deeper the colour, the larger.")
    for heat in heats:
        page.heading(f"{heading(heat.key)} ({money(view)})")
        _heat(page, heat, money_look_of(view))
    page.paragraph("Empty cells: the point failed.", REMARK)


def _heat(page: Page, heat: Heat, look: Look) -> None:
    corner = f"{short_parameter(heat.parameters[0], 40)} ↓"
    columns = [
        Column(heading=corner, value=lambda row: heat.rows[row], look=STRONG),
        *(
            number(words, _cell(heat, column), look)
            for column, words in enumerate(distinct(heat.columns))
        ),
    ]
    key = f"Heat_{heat.key.measure}"
    placed = page.table(Table(key=key, columns=columns, rows=range(len(heat.rows))), empty="")
    page.colour_scale(placed, 1)


def _cell(heat: Heat, column: int) -> Callable[[int], float]:
    return lambda row: heat.values[row][column]
