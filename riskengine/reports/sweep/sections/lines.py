"""Figures along each parameter as small charts, and over two parameters as a heat map."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from riskengine.model.sweep import GRID
from riskengine.reports.html.charts import (
    BLUE,
    INK,
    ORANGE,
    SOFT,
    Margins,
    Pen,
    add_axes,
    both_sizes,
    panel,
)
from riskengine.reports.html.parts import (
    Html,
    figure,
    folded,
    joined,
    legend,
    panels,
    paragraph,
    section,
    shown,
    subheading,
    table_html,
    text,
)
from riskengine.reports.sweep.sentences import estimated, heading
from riskengine.reports.sweep.view import (
    MEAN,
    Heat,
    SweepView,
    Trace,
    short_parameter,
)
from riskengine.reports.tables.numbers import Money, significant
from riskengine.reports.tables.table import Table
from riskengine.reports.tables.table import text as text_column
from riskengine.sweeps.series import SeriesKey

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_CELLS = 12  #: of a heat map each way, with figures in them
_MARGINS = Margins(left=48, right=10, top=10, bottom=26)


def lines_section(view: SweepView) -> Html:
    """One small chart for each parameter that takes numbers; empty without any."""
    if not view.traces:
        return Html()
    others = (
        "on average over the other parameters"
        if view.tables.method == GRID
        else "all other parameters are as in the base case"
    )
    values = [e.value for trace in view.traces for e in trace.estimates[view.var]]
    top = max((value for value in values if math.isfinite(value)), default=0.0)
    money = Money.fitting(top, view.tables.money)
    drawn = [
        panel(
            f"line{k}",
            f"{heading(view.var)} and mean along {trace.parameter}, {money.unit}",
            short_parameter(trace.parameter),
            partial(_draw, trace, view.var, (money, top)),
        )
        for k, trace in enumerate(view.traces)
    ]
    tables = joined(table_html(_table(view, trace)) for trace in view.traces)
    words = f"Loss, {money.unit}, along what the parameter is set to; {others}. "
    return section(
        "lines",
        "Along a parameter",
        [
            paragraph(text(words)),
            legend({"": heading(view.var), "short": "Mean"}),
            panels(drawn),
            folded("In numbers", tables, mark="numbers"),
        ],
    )


def _draw(
    trace: Trace, var: SeriesKey, scale: tuple[Money, float], figure: Figure, pen: Pen
) -> None:
    """One scale for all: a flat line is a parameter that does little."""
    money, top = scale
    axes = add_axes(figure, pen.size, _MARGINS)
    for key, colour in ((var, BLUE), (MEAN, ORANGE)):
        estimates = trace.estimates[key]
        values = [e.value / money.divisor for e in estimates]
        if not any(math.isnan(e.lower) or math.isnan(e.upper) for e in estimates):
            lower, upper = ([e[end] / money.divisor for e in estimates] for end in (1, 2))
            axes.fill_between(trace.xs, lower, upper, color=colour, alpha=0.25, linewidth=0)
        axes.plot(trace.xs, values, color=colour, marker="o", markersize=4)
    axes.set_ylim(0.0, 1.08 * top / money.divisor or 1.0)
    axes.locator_params(axis="x", nbins=5)
    axes.locator_params(axis="y", nbins=4)


def _table(view: SweepView, trace: Trace) -> Table:
    rows = [
        [f"{x:.6g}", *(estimated(trace.estimates[key][k]) for key in view.main)]
        for k, x in enumerate(trace.xs)
    ]
    return Table(
        key="line",
        title=f"Along {trace.parameter}, {view.tables.money} (95 % interval)",
        columns=[
            text_column("x", "Set to"),
            *(shown(key.measure, heading(key)) for key in view.main),
        ],
        rows=rows,
    )


def heat_section(view: SweepView) -> Html:
    """The main figures over both parameters of a grid; empty for any other sweep."""
    heats = list(view.heats())
    if not heats:
        return Html()
    parts = [part for heat in heats for part in _heat(view, heat)]
    first, second = (short_parameter(name, 60) for name in heats[0].parameters)
    words = f"Down: {first}. Across: {second}. The deeper the colour, the larger the loss."
    return section("heat", "Over two parameters", [paragraph(text(words)), *parts])


def _heat(view: SweepView, heat: Heat) -> list[Html]:
    title = f"{heading(heat.key)}, {view.tables.money}"
    table = _heat_table(heat, title)
    if max(len(heat.rows), len(heat.columns)) > _MOST_CELLS:
        return [table_html(table)]
    height = 34.0 * len(heat.rows) + 60.0
    drawn = both_sizes(
        f"heat{heat.key.measure}", f"{title}, over two parameters", (height, height),
        partial(_draw_heat, heat),
    )  # fmt: skip
    return [subheading(title), figure(drawn, Html(), [table])]


def _draw_heat(heat: Heat, figure: Figure, pen: Pen) -> None:
    """Cells in one colour of many depths, with their figures: no meaning hangs on the colour."""
    is_narrow = pen.size.width < 500
    axes = add_axes(figure, pen.size, Margins(left=64, right=8, top=8, bottom=46))
    known = [value for row in heat.values for value in row if not math.isnan(value)]
    low, high = min(known, default=0.0), max(known, default=0.0)
    for row, values in enumerate(heat.values):
        for column, value in enumerate(values):
            depth = 0.0 if math.isnan(value) else (value - low) / ((high - low) or 1.0)
            axes.barh(row, 0.96, left=column - 0.48, height=0.92, color=ORANGE,
                      alpha=0.06 + 0.74 * depth, linewidth=0)  # fmt: skip
            words = "-" if math.isnan(value) else significant(value, 2 if is_narrow else 3)
            axes.text(column, row, words, ha="center", va="center", color=INK,
                      fontsize=9 if is_narrow else 12)  # fmt: skip
    axes.set_xlim(-0.5, len(heat.columns) - 0.5)
    axes.set_ylim(len(heat.rows) - 0.5, -0.5)
    width = 7 if is_narrow else 12
    axes.set_xticks(range(len(heat.columns)), [pen.name(w, width) for w in heat.columns])
    axes.set_yticks(range(len(heat.rows)), [pen.name(w, 8) for w in heat.rows])
    axes.grid(visible=False)
    axes.set_xlabel(pen.name(short_parameter(heat.parameters[1], 46), 46), color=SOFT)


def _heat_table(heat: Heat, title: str) -> Table:
    columns = [text_column("row", ""), *(shown(f"c{k}", w) for k, w in enumerate(heat.columns))]
    rows: Sequence[list[str]] = [
        [words, *map(significant, values)]
        for words, values in zip(heat.rows, heat.values, strict=True)
    ]
    return Table(key="heat", title=title, columns=columns, rows=rows)
