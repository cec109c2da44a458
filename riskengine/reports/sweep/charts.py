"""Native Excel charts of a sweep, drawn from table columns: drivers, lines and bands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from riskengine.reports.tables.looks import PALETTE
from riskengine.reports.xlsx.book import Book
from riskengine.reports.xlsx.charts import FONT, GRID, axis_fonts, chart_words, dress
from riskengine.reports.xlsx.table import Placed

_WHITE = {"color": "#FFFFFF", "width": 0.5}


def tornado_chart(book: Book, placed: Placed, keys: tuple[str, str], words: str) -> Any:
    """Bars to both sides of 0, the longest on top, from two columns of changes."""
    chart = _bars(book, placed, keys, overlap=100)
    dress(chart, words)
    _sideways(chart, _number_format(placed, keys[0]))
    return chart


def bar_chart(book: Book, placed: Placed, keys: Sequence[str], words: str, form: str = "") -> Any:
    """Bars side by side, the longest on top, one for each of the columns `keys`.

    The axis has the number format of the first column, or the one given.
    """
    chart = _bars(book, placed, keys)
    dress(chart, words)
    _sideways(chart, form or _number_format(placed, keys[0]))
    return chart


def trace_chart(book: Book, placed: Placed, keys: Sequence[str], axes: tuple[str, str]) -> Any:
    """Lines along the parameter in the first column, one line for each key."""
    chart = book.chart("scatter", "straight_with_markers")
    for key, colour in zip(keys, PALETTE, strict=False):
        column = placed.position(key)
        chart.add_series(
            {
                "name": placed.reference(-1, column),
                "categories": placed.elsewhere(0),
                "values": placed.elsewhere(column),
                "line": {"color": colour, "width": 2},
                "marker": {"type": "circle", "size": 6, "fill": {"color": colour},
                           "border": {"color": colour}},
            }
        )  # fmt: skip
    dress(chart, f"Along {axes[0]}")
    chart.set_x_axis({"name": chart_words(axes[0]), **axis_fonts(), "major_gridlines": GRID})
    number_format = _number_format(placed, keys[0])
    axis = {"name": chart_words(axes[1]), "num_format": number_format, "major_gridlines": GRID}
    chart.set_y_axis({**axis, **axis_fonts(), "min": 0})
    chart.set_legend({"position": "bottom", "font": FONT})
    return chart


def band_chart(book: Book, placed: Placed, keys: Sequence[str], axes: tuple[str, str]) -> Any:
    """Bands of percentiles, stacked from columns with the lowest percentile and the steps above it.

    There is no legend, because programs order the legend of a reversed stack in different ways.
    """
    chart = book.chart("bar", "stacked")
    fills: tuple[dict[str, Any], ...] = (
        {"none": True},
        {"color": PALETTE[5], "transparency": 50},
        {"color": PALETTE[0]},
        {"color": PALETTE[0], "transparency": 25},
        {"color": PALETTE[5], "transparency": 50},
    )
    for key, fill in zip(keys, fills, strict=True):
        column = placed.position(key)
        chart.add_series(
            {
                "name": placed.reference(-1, column),
                "categories": placed.elsewhere(0),
                "values": placed.elsewhere(column),
                "fill": fill,
                "border": {"none": True} if "none" in fill else _WHITE,
                "gap": 60,
            }
        )
    dress(chart, axes[0])
    _sideways(chart, "#,##0", axes[1])
    chart.set_legend({"none": True})
    return chart


def _bars(book: Book, placed: Placed, keys: Sequence[str], **series: int) -> Any:
    """A bar for each row of the columns `keys`; `series` sets how the bars of a row are placed."""
    chart = book.chart("bar")
    for key, colour in zip(keys, PALETTE, strict=False):
        column = placed.position(key)
        chart.add_series(
            {
                "name": placed.reference(-1, column),
                "categories": placed.elsewhere(0),
                "values": placed.elsewhere(column),
                "fill": {"color": colour},
                "border": _WHITE,
                "gap": 45,
                **series,
            }
        )
    return chart


def _number_format(placed: Placed, key: str) -> str:
    return placed.table.columns[placed.position(key)].look.number_format


def _sideways(chart: Any, number_format: str, name: str = "") -> None:
    """Names on the left, the first one on top, whichever side of 0 a bar is on."""
    chart.set_y_axis({"reverse": True, "label_position": "low", **axis_fonts()})
    # Without "high", the reversed axis of names would put the figures on top.
    axis: dict[str, Any] = {"num_format": number_format, "major_gridlines": GRID}
    axis |= {"label_position": "high", "major_tick_mark": "none", "line": {"none": True}}
    chart.set_x_axis({**axis, **axis_fonts(), **({"name": chart_words(name)} if name else {})})
    chart.set_legend({"position": "bottom", "font": FONT})
