"""The charts on the page of a mitigation study: frontier, bars of options, heat map of synergy."""

from __future__ import annotations

import math
from collections.abc import Sequence

from riskengine.drawing.axes import Axes
from riskengine.drawing.svg import BLUE, GREEN, INK, ORANGE, SOFT
from riskengine.measures.estimate import Estimate
from riskengine.mitigation.readings import changes_by_cost, estimate_of
from riskengine.mitigation.tables import MitigationTables, OptionRow
from riskengine.reports.html import marks
from riskengine.reports.html.charts import Pen
from riskengine.reports.mitigation.sentences import amounts
from riskengine.reports.mitigation.tables import BARS
from riskengine.reports.tables.numbers import exact, significant
from riskengine.reports.tables.table import Table
from riskengine.reports.xlsx.text import heading_unit

_MOST_DOTS = 600  #: portfolios in a chart
_MOST_LABELS = 8
COLOURS = dict(zip(BARS, (BLUE, ORANGE, GREEN), strict=True))


def draw_frontier(tables: MitigationTables, pen: Pen) -> None:
    """The change from nothing against cost: choices with intervals over all that was played."""
    axes = pen.axes(left=66, right=24, top=12, bottom=46)
    known = [row for row in tables.frontier if not math.isnan(row.difference)]
    last = max((row.budget for row in tables.frontier), default=0.0)
    for cost, change in changes_by_cost(tables, last, _MOST_DOTS):
        axes.plot([cost], [change], linestyle="none", marker="o", markersize=4, color=SOFT,
                  markeredgewidth=0.0, zorder=1.5)  # fmt: skip
    steps = sorted({row.cost: row for row in known}.items())
    xs, ys = [0.0, *(cost for cost, _ in steps)], [0.0, *(row.difference for _, row in steps)]
    axes.step([*xs, last], [*ys, ys[-1]], where="post", color=BLUE, linewidth=1.2)
    for _, row in steps:
        ends = [row.difference_lower, row.difference_upper]
        axes.plot([row.cost] * 2, ends, color=INK, linewidth=1.5, solid_capstyle="butt")
    axes.plot(xs[1:], ys[1:], linestyle="none", marker="D", markersize=8, color=BLUE)
    if tables.has_budgets and len(steps) <= _MOST_LABELS and not pen.is_narrow:
        for cost, row in steps:
            budgets = ", ".join(exact(each.budget) for each in known if each.cost == cost)
            axes.annotate(budgets, (cost, row.difference), xytext=(9, 6),
                          textcoords="offset points", color=INK)  # fmt: skip
    axes.set_xlim(-0.02 * last, 1.06 * last or 1.0)
    axes.locator_params(axis="x", nbins=5 if pen.is_narrow else 9)
    axes.set_xlabel(pen.name(f"cost, {heading_unit(tables.money)}", 46))


def draw_options(tables: MitigationTables, options: Sequence[OptionRow], pen: Pen) -> None:
    """Three bars for each option from 0, to the left where it lowers the loss."""
    axes = pen.axes(left=8, right=8, top=10, bottom=6)
    found = [[estimate_of(option, key) for key in COLOURS] for option in options]
    ends = [end for row in found for each in row for end in each if not math.isnan(end)]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    room = (0.3 if pen.is_narrow else 0.16) * ((high - low) or 1.0)
    axes.set_xlim(low - room, high + room)
    axes.set_ylim(len(options) - 0.4, -0.7)
    marks.without_ticks(axes)
    for row, (option, estimates) in enumerate(zip(options, found, strict=True)):
        marks.row_name(axes, row - 0.36, pen.name(option.option, 40))
        for k, (each, colour) in enumerate(zip(estimates, COLOURS.values(), strict=True)):
            if not math.isnan(each.value):
                _bar(axes, row - 0.14 + 0.2 * k, each, colour, amounts(tables).text(each.value))
        axes.plot([0.0, 0.0], [row - 0.28, row + 0.4], color=INK, linewidth=1.2)


def _bar(axes: Axes, row: float, estimate: Estimate, colour: str, words: str) -> None:
    """A bar with its interval, and the figure beyond both."""
    axes.barh(row, estimate.value, height=0.17, color=colour)
    if not math.isnan(estimate.lower):
        axes.plot(estimate[1:], [row, row], color=INK, linewidth=1.2)
    known = [end for end in (0.0, *estimate) if not math.isnan(end)]
    is_left = estimate.value < 0.0
    marks.beside(axes, (min(known) if is_left else max(known), row), words, is_left=is_left)


def draw_synergies(grid: Table, pen: Pen) -> None:
    """Cells in orange for complements and blue for substitutes, deeper where stronger."""
    axes = pen.axes(left=112 if pen.is_narrow else 170, right=8, top=8, bottom=46)
    cells = [row[1:] for row in grid.cells()]
    known = [abs(cell) for row in cells for cell in row if isinstance(cell, float)]
    largest = max(known, default=0.0) or 1.0
    for row, values in enumerate(cells):
        for column, value in enumerate(values):
            if isinstance(value, float):
                words = significant(value, 2 if pen.is_narrow or len(cells) > 8 else 3)
                marks.heat_cell(axes, (row, column), ORANGE if value > 0.0 else BLUE,
                          abs(value) / largest, words, size=8 if pen.is_narrow else 11)  # fmt: skip
    names = [column.heading for column in grid.columns[1:]]
    width = max(3, int((20 if pen.is_narrow else 84) / len(names)))
    columns = [pen.name(name, width) for name in names]
    marks.heat_edges(axes, columns, [pen.name(name, 15 if pen.is_narrow else 24) for name in names])
