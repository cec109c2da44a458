"""The charts on the page of a sweep: drivers, lines, heat maps and bands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from riskengine.drawing.axes import Axes
from riskengine.drawing.svg import BLUE, INK, ORANGE, PAPER, SOFT
from riskengine.language.money import unit_words
from riskengine.language.speaking import say
from riskengine.measures.estimate import Estimate
from riskengine.model.sweep import MORRIS, SOBOL
from riskengine.reports.html import charts
from riskengine.reports.html.charts import Pen
from riskengine.reports.sweep.sentences import PART, SHIFT, remark, short_parameter
from riskengine.reports.tables.formats import AMOUNT
from riskengine.reports.tables.numbers import Money, as_number, in_unit, short, significant
from riskengine.reports.tables.words import figure_heading
from riskengine.sweeps.series import SeriesKey
from riskengine.sweeps.view import MEAN, Band, Driver, Heat, SweepView, Trace

_END_SIGNS = 20  #: characters of the words at the end of a bar
_ROOM = {True: 0.34, False: 0.2}  #: of the axis, on each side, for words next to bars; True: narrow


class Bar(NamedTuple):
    """One bar with a name above it and words to the right of it."""

    name: str
    estimate: Estimate
    words: str
    second: float  #: a thin bar inside it; nan: none
    doubt: str  #: a warning next to the name; empty: none


# What moves a figure


def draw_tornado(
    drivers: Sequence[Driver], centre: tuple[float, str], money: str, pen: Pen
) -> None:
    """Bars from the lowest to the highest value around the centre, with settings at their ends."""
    ends = [(d.estimate("low").value, d.estimate("high").value) for d in drivers]
    axes = _rows_axes(pen, len(drivers))
    base, words = centre
    low, high = min([base, *(e[0] for e in ends)]), max([base, *(e[1] for e in ends)])
    room = _ROOM[pen.is_narrow] * ((high - low) or 1.0) / (1.0 - 2.0 * _ROOM[False])
    axes.set_xlim(low - room, high + room)
    for row, (driver, (least, most)) in enumerate(zip(drivers, ends, strict=True)):
        depth = 0.4 if remark(driver) else 1.0
        axes.barh(row, base - least, left=least, height=0.36, color=BLUE, alpha=depth)
        axes.barh(row, most - base, left=base, height=0.36, color=ORANGE, alpha=depth)
        # A line from bar to bar would strike through the names.
        axes.plot([base, base], [row - 0.24, row + 0.24], color=INK, linewidth=1.5)
        _name(axes, pen, row, driver.parameter, remark(driver))
        charts.beside(axes, (least, row), _end(pen, driver.setting("low"), least), is_left=True)
        charts.beside(axes, (most, row), _end(pen, driver.setting("high"), most))
    line = say(f"{say(words)} {in_unit(base, money)} (line); setting: value")
    pen.caption(pen.name(line, 60), color=SOFT)


def bars(view: SweepView, drivers: Sequence[Driver]) -> list[Bar]:
    """The index of each parameter that the method ranks by."""
    index = {MORRIS: "mu_star", SOBOL: "ST"}.get(view.tables.method, "delta")
    if index not in drivers[0].indices:
        index = "S1"
    form = {"mu_star": AMOUNT, "delta": SHIFT}.get(index, PART)
    return [
        Bar(
            driver.parameter,
            driver.estimate(index),
            form.show(driver.estimate(index)),
            driver.estimate("S1").value if index == "ST" else math.nan,
            remark(driver),
        )
        for driver in drivers
    ]


def axis_words(view: SweepView) -> str:
    """The meaning of the length of a bar."""
    return {
        MORRIS: f"moved by, on average, {unit_words(view.tables.money)}; line: 95 % interval",
        SOBOL: "part of the spread: with others (light), alone (dark); line: 95 % interval",
    }.get(view.tables.method, "shift of the distribution, 0 to 1; line: 95 % interval")


def draw_bars(bars: Sequence[Bar], words: str, pen: Pen) -> None:
    """Bars from 0, each with its interval."""
    axes = _rows_axes(pen, len(bars))
    ends = [max(bar.estimate.upper, bar.estimate.value) for bar in bars]
    most = max([*ends, 1e-300])
    axes.set_xlim(0.0, most * (1.55 if pen.is_narrow else 1.25))
    for row, (bar, end) in enumerate(zip(bars, ends, strict=True)):
        is_double = not math.isnan(bar.second)
        light = 0.4 if is_double or bar.doubt else 1.0
        axes.barh(row, max(bar.estimate.value, 0.0), height=0.36, color=BLUE, alpha=light)
        if is_double:
            axes.barh(row, max(bar.second, 0.0), height=0.16, color=BLUE)
        lower = max(bar.estimate.lower, 0.0)
        axes.plot([lower, max(bar.estimate.upper, 0.0)], [row, row], color=INK, linewidth=1.5)
        _name(axes, pen, row, bar.name, bar.doubt)
        charts.beside(axes, (max(end, 0.0), row), bar.words)
    pen.caption(pen.name(words, 80), color=SOFT)


def _rows_axes(pen: Pen, rows: int) -> Axes:
    axes = pen.axes(left=8, right=8, top=36, bottom=6)
    axes.set_ylim(rows - 0.45, -0.75)
    charts.without_ticks(axes)
    return axes


def _name(axes: Axes, pen: Pen, row: int, parameter: str, doubt: str) -> None:
    """The name of a parameter and its warning, above the bar, where a long name has room."""
    width = (38 if pen.is_narrow else 46) - len(doubt)
    name = pen.name(short_parameter(parameter, width), width) + (
        f" - {say(doubt)}" if doubt else ""
    )
    charts.row_name(axes, row - 0.3, name)


def _end(pen: Pen, setting: str, value: float) -> str:
    """The words at an end of a bar: the setting (of a path, the bare file name) and the value."""
    figure, number = significant(value), as_number(setting)
    name = setting.rpartition("/")[2].removesuffix(".csv").removesuffix(".xlsx")
    name = name if isinstance(number, str) else short(number)
    return f"{pen.name(name, _END_SIGNS - len(figure))}: {figure}"


# Along parameters


def draw_trace(trace: Trace, var: SeriesKey, scale: tuple[Money, float], pen: Pen) -> None:
    """VaR and mean along a parameter; all charts share a scale: a flat line means little effect."""
    money, top = scale
    axes = pen.axes(left=48, right=10, top=10, bottom=26)
    for key, colour in ((var, BLUE), (MEAN, ORANGE)):
        estimates = trace.estimates[key]
        values = [money.of(e.value) for e in estimates]
        if not any(math.isnan(e.lower) or math.isnan(e.upper) for e in estimates):
            lower, upper = zip(*[money.scaled(e)[1:] for e in estimates], strict=True)
            axes.fill_between(trace.xs, lower, upper, color=colour, alpha=0.25, linewidth=0)
        axes.plot(trace.xs, values, color=colour, marker="o", markersize=4)
    axes.set_ylim(0.0, 1.08 * money.of(top) or 1.0)
    axes.locator_params(axis="x", nbins=5)
    axes.locator_params(axis="y", nbins=4)


def draw_heat(heat: Heat, pen: Pen) -> None:
    """Cells in shades of one colour, with their figures: no meaning depends on colour alone."""
    is_narrow = pen.is_narrow
    axes = pen.axes(left=64, right=8, top=8, bottom=46)
    known = [value for row in heat.values for value in row if not math.isnan(value)]
    low, high = min(known, default=0.0), max(known, default=0.0)
    for row, values in enumerate(heat.values):
        for column, value in enumerate(values):
            depth = 0.0 if math.isnan(value) else (value - low) / ((high - low) or 1.0)
            words = "-" if math.isnan(value) else significant(value, 2 if is_narrow else 3)
            size = 9 if is_narrow else 12
            charts.heat_cell(axes, (row, column), ORANGE, depth, words, size=size)
    width = 7 if is_narrow else 12
    columns = [pen.name(w, width) for w in heat.columns]
    charts.heat_edges(axes, columns, [pen.name(w, 8) for w in heat.rows])
    axes.set_xlabel(pen.name(short_parameter(heat.parameters[1], 46), 46), color=SOFT)


# What is not known


def draw_bands(bands: Sequence[Band], money: Money, pen: Pen) -> None:
    """Percentiles over the sweep points as bands, with the base case and its interval on top."""
    axes = pen.axes(left=84, right=14, top=10, bottom=46)
    for place, (_, base, row) in enumerate(bands):
        p05, p25, p50, p75, p95 = (
            money.of(value) for value in (row.p05, row.p25, row.p50, row.p75, row.p95)
        )
        axes.barh(place, p95 - p05, left=p05, height=0.6, color=BLUE, alpha=0.3)
        axes.barh(place, p75 - p25, left=p25, height=0.6, color=BLUE, alpha=0.75)
        axes.plot([p50, p50], [place - 0.3, place + 0.3], color=PAPER, linewidth=2.5)
        if not math.isnan(base.lower) and not math.isnan(base.upper):
            ends = list(money.scaled(base)[1:])
            axes.plot(ends, [place, place], color=INK, linewidth=1.5)
        dot = [money.of(base.value)], [place]
        axes.plot(*dot, marker="o", markersize=7, color=ORANGE, markeredgecolor=INK)
    axes.set_ylim(len(bands) - 0.5, -0.5)
    axes.set_xlim(0.0, None)
    axes.set_yticks(range(len(bands)), [figure_heading(band.key) for band in bands], color=INK)
    axes.locator_params(axis="x", nbins=4 if pen.is_narrow else 8)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel(pen.name(say(f"loss, {money.unit}"), 40))
