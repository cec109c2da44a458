"""What moves a figure: a tornado, or bars of indices, with the same in numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from riskengine.measures.estimate import Estimate
from riskengine.model.sweep import MORRIS, SOBOL
from riskengine.reports.html.charts import (
    BLUE,
    INK,
    ORANGE,
    SOFT,
    Margins,
    Pen,
    add_axes,
    both_sizes,
)
from riskengine.reports.html.parts import (
    Html,
    figure,
    paragraph,
    section,
    subheading,
    text,
)
from riskengine.reports.sweep.sentences import (
    EXPLAINED,
    all_noise,
    estimated,
    remark,
    share_words,
    shift_words,
    the,
    told,
)
from riskengine.reports.sweep.tables import drivers_table
from riskengine.reports.sweep.view import Driver, SweepView, short_parameter
from riskengine.reports.tables.numbers import significant, with_unit
from riskengine.sweeps.series import SeriesKey

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST = 15  #: parameters drawn; the table has all
_ROW = 46.0  #: pixels of one parameter: its name and its bar
_END_SIGNS = 20  #: beside a bar
_ROOM = {True: 0.34, False: 0.2}  #: of the axis, on each side, for words beside bars; True: narrow


class Bar(NamedTuple):
    """One bar with a name above and words behind it."""

    name: str
    estimate: Estimate
    words: str
    second: float  #: a thin bar under it; nan: none
    doubt: str  #: what is said beside the name; empty: nothing


def drivers_section(view: SweepView) -> Html:
    """Charts of the main figures; empty without indices."""
    parts = [part for key in view.main for part in _of_figure(view, key)]
    if not parts:
        return Html()
    opening = paragraph(text(f"The strongest parameter first. {EXPLAINED[view.tables.method]}"))
    return section("drivers", "What moves it", [opening, *parts])


def _of_figure(view: SweepView, key: SeriesKey) -> Iterator[Html]:
    drivers = view.drivers(key)[:_MOST]
    if view.is_noise(key):
        yield subheading(f"What moves {the(key)}")
        yield paragraph(text(all_noise(view, key)))
    if not drivers:
        return
    draw: Callable[[Figure, Pen], None]
    if view.is_tornado:
        draw = partial(_tornado, drivers, view.centre(key), view.tables.money)
    else:
        draw = partial(_bars, _as_bars(view, drivers), _axis_words(view))
    height = _ROW * len(drivers) + 56.0
    label = f"What moves {the(key)}. {told(view, key, drivers[0])}"
    drawn = both_sizes(f"drivers{key.measure}", label, (height, height), draw)
    caption = text(told(view, key, drivers[0]))
    tables = list(drivers_table(view, key, len(view.drivers(key))))
    yield subheading(f"What moves {the(key)}")
    yield figure(drawn, caption, tables)


def _tornado(
    drivers: Sequence[Driver], centre: tuple[float, str], money: str, figure: Figure, pen: Pen
) -> None:
    """Bars from the least to the most, around the base case, with the settings at their ends."""
    ends = [(d.estimate("low").value, d.estimate("high").value) for d in drivers]
    axes = _rows_axes(figure, pen, len(drivers))
    base, words = centre
    low, high = min([base, *(e[0] for e in ends)]), max([base, *(e[1] for e in ends)])
    room = _ROOM[pen.size.width < 500] * ((high - low) or 1.0) / (1.0 - 2.0 * _ROOM[False])
    axes.set_xlim(low - room, high + room)
    for row, (driver, (least, most)) in enumerate(zip(drivers, ends, strict=True)):
        depth = 0.4 if remark(driver) else 1.0
        axes.barh(row, base - least, left=least, height=0.36, color=BLUE, alpha=depth)
        axes.barh(row, most - base, left=base, height=0.36, color=ORANGE, alpha=depth)
        # From bar to bar it would strike through the names.
        axes.plot([base, base], [row - 0.24, row + 0.24], color=INK, linewidth=1.5)
        _name(axes, pen, row, driver.parameter, remark(driver))
        _beside(axes, (least, row), _end(pen, driver.setting("low"), least), is_left=True)
        _beside(axes, (most, row), _end(pen, driver.setting("high"), most))
    figure.text(
        8.0 / pen.size.width,
        1.0 - 18.0 / pen.size.height,
        pen.name(f"{words} {with_unit(significant(base), money)} (line); setting: value", 60),
        color=SOFT,
    )


def _as_bars(view: SweepView, drivers: Sequence[Driver]) -> list[Bar]:
    index = {MORRIS: "mu_star", SOBOL: "ST"}.get(view.tables.method, "delta")
    if index not in drivers[0].indices:
        index = "S1"
    words = {"mu_star": estimated, "delta": shift_words}.get(index, share_words)
    return [
        Bar(
            driver.parameter,
            driver.estimate(index),
            words(driver.estimate(index)),
            driver.estimate("S1").value if index == "ST" else math.nan,
            remark(driver),
        )
        for driver in drivers
    ]


def _axis_words(view: SweepView) -> str:
    return {
        MORRIS: f"moved by, on average, {view.tables.money}; line: 95 % interval",
        SOBOL: "part of the spread: with others (light), alone (dark); line: 95 % interval",
    }.get(view.tables.method, "shift of the distribution, 0 to 1; line: 95 % interval")


def _bars(bars: Sequence[Bar], words: str, figure: Figure, pen: Pen) -> None:
    axes = _rows_axes(figure, pen, len(bars))
    ends = [max(bar.estimate.upper, bar.estimate.value) for bar in bars]
    most = max([*ends, 1e-300])
    axes.set_xlim(0.0, most * (1.55 if pen.size.width < 500 else 1.25))
    for row, (bar, end) in enumerate(zip(bars, ends, strict=True)):
        is_double = not math.isnan(bar.second)
        light = 0.4 if is_double or bar.doubt else 1.0
        axes.barh(row, max(bar.estimate.value, 0.0), height=0.36, color=BLUE, alpha=light)
        if is_double:
            axes.barh(row, max(bar.second, 0.0), height=0.16, color=BLUE)
        lower = max(bar.estimate.lower, 0.0)
        axes.plot([lower, max(bar.estimate.upper, 0.0)], [row, row], color=INK, linewidth=1.5)
        _name(axes, pen, row, bar.name, bar.doubt)
        _beside(axes, (max(end, 0.0), row), bar.words)
    figure.text(8.0 / pen.size.width, 1.0 - 18.0 / pen.size.height, pen.name(words, 80), color=SOFT)


def _rows_axes(figure: Figure, pen: Pen, rows: int) -> Axes:
    axes = add_axes(figure, pen.size, Margins(left=8, right=8, top=36, bottom=6))
    axes.set_ylim(rows - 0.45, -0.75)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines["bottom"].set_visible(False)
    axes.grid(visible=False)
    return axes


def _name(axes: Axes, pen: Pen, row: int, parameter: str, doubt: str) -> None:
    """The name of a parameter above its bar, where any length has room; and what is in doubt."""
    width = 46 - len(doubt)
    name = pen.name(short_parameter(parameter, width), width) + (f" - {doubt}" if doubt else "")
    axes.text(0.0, row - 0.3, name, transform=axes.get_yaxis_transform(), color=INK, weight="bold")


def _end(pen: Pen, setting: str, value: float) -> str:
    """What stands at an end of a bar: the value whole, of a table's path its name alone."""
    figure = significant(value)
    name = setting.rpartition("/")[2].removesuffix(".csv").removesuffix(".xlsx")
    return f"{pen.name(name, _END_SIGNS - len(figure))}: {figure}"


def _beside(axes: Axes, place: tuple[float, int], words: str, *, is_left: bool = False) -> None:
    axes.annotate(
        words,
        place,
        xytext=(-6 if is_left else 6, -4),
        textcoords="offset points",
        ha="right" if is_left else "left",
        color=SOFT,
    )
