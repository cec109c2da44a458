"""Native Excel charts in one style; each takes its figures from cells of its sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from riskengine.language.speaking import say
from riskengine.reports.tables.looks import GREY, NAVY, PALETTE
from riskengine.reports.xlsx.book import Book
from riskengine.reports.xlsx.table import Placed

_GRID = {"visible": True, "line": {"color": "#D9D9D9", "width": 0.5}}
_FONT = {"size": 9, "color": GREY}
_FONTS = {"name_font": {**_FONT, "bold": False}, "num_font": _FONT}  #: of an axis
_WHITE = {"color": "#FFFFFF", "width": 0.5}
_NO_MARKER = {"type": "none"}

MOST_SERIES = len(PALETTE)  #: in a chart: more could not be told apart


class LossCurve(NamedTuple):
    """An exceedance curve with its interval, in columns of a table."""

    name: str
    column: int  #: of the loss; the two ends of its interval are to its right
    colour: str
    is_dots: bool = False  #: drawn as dots, which show even where another curve is the same
    has_ends: bool = True

    def look(self) -> dict[str, Any]:
        if not self.is_dots:
            return {"line": {"color": self.colour, "width": 2.25}, "marker": _NO_MARKER}
        border = {"color": self.colour, "width": 1.75}
        marker = {"type": "circle", "size": 9, "border": border, "fill": {"none": True}}
        return {"line": {"none": True}, "marker": marker}


def exceedance_chart(book: Book, placed: Placed, curves: Iterable[LossCurve], money: str) -> Any:
    """Loss against return period on a log scale, with the ends of the intervals as thin lines."""
    chart = book.chart("scatter", "straight_with_markers")
    ends = ("", ", ends of the 95 % interval", ", upper end")
    unnamed, drawn = [], 0
    for curve in curves:
        for offset, words in enumerate(ends if curve.has_ends else ends[:1]):
            look = _dotted(curve.colour) if offset else curve.look()
            _column(chart, placed, curve.column + offset, name=f"{curve.name}{say(words)}", **look)
            unnamed += [drawn] if offset == 2 else []
            drawn += 1
    _title(chart, "Loss that is exceeded once in so many years")
    axis = {"name": "Return period (years, log scale)", "log_base": 10, "num_format": "#,##0"}
    lines = {"major_gridlines": _GRID, "minor_gridlines": _GRID}
    chart.set_x_axis({**axis, **lines, **_FONTS, "min": 1})
    _values(chart, f"Loss ({money})", "#,##0")
    _legend(chart, delete_series=unnamed)
    return chart


def survival_chart(book: Book, placed: Placed, families: Sequence[str], title: str) -> Any:
    """The curve in the column `seen`, thick between dotted ends, and a line for each family."""
    chart = book.chart("scatter", "straight")
    seen = placed.position("seen")
    thick = {"line": {"color": "#000000", "width": 2.0}, "marker": _NO_MARKER}
    _column(chart, placed, seen, name=say("Seen (Kaplan-Meier)"), **thick)
    _column(chart, placed, seen + 1, name=say("Ends of its 95 % band"), **_dotted(GREY))
    _column(chart, placed, seen + 2, name=say("upper end"), **_dotted(GREY))
    for rank, (family, colour) in enumerate(zip(families, PALETTE, strict=False)):
        style = {"width": 1.5, "dash_type": "dash"} if rank else {"width": 2.25}
        look = {"line": {"color": colour, **style}, "marker": _NO_MARKER}
        _column(chart, placed, placed.position(family), name=family, **look)
    _title(chart, title)
    chart.set_x_axis({"name": say("Days"), "min": 0, "num_format": "#,##0", **_FONTS})
    _values(chart, "Share that lasts longer", "0%", max=1)
    _legend(chart, "right", delete_series=[2])
    return chart


def line_chart(
    book: Book, placed: Placed, rows: Sequence[int], columns: tuple[int, int], title: str
) -> Any:
    """One line for each of the given rows of a table, over a range of its columns."""
    chart = book.chart("line")
    for row, colour in zip(rows, PALETTE, strict=False):
        marker = {"type": "circle", "size": 5, "fill": {"color": colour}}
        _row(chart, placed, row, columns, line={"color": colour, "width": 2}, marker=marker)
    _title(chart, title)
    chart.set_x_axis(_FONTS)
    _values(chart, "Chance", "0%")
    _legend(chart, "right")
    return chart


def trace_chart(book: Book, placed: Placed, keys: Sequence[str], axes: tuple[str, str]) -> Any:
    """Lines along the parameter in the first column, one line for each key."""
    chart = book.chart("scatter", "straight_with_markers")
    for key, colour in zip(keys, PALETTE, strict=False):
        marker = {"type": "circle", "size": 6, "fill": {"color": colour},
                  "border": {"color": colour}}  # fmt: skip
        line = {"color": colour, "width": 2}
        _column(chart, placed, placed.position(key), line=line, marker=marker)
    _title(chart, f"Along {axes[0]}")
    chart.set_x_axis({"name": _words(axes[0]), **_FONTS, "major_gridlines": _GRID})
    _values(chart, axes[1], placed.number_format(keys[0]))
    _legend(chart)
    return chart


def change_chart(
    book: Book, placed: Placed, keys: tuple[str, str], words: tuple[str, str, str]
) -> Any:
    """One column along another, on both sides of 0, with the ends of its interval.

    `keys`: the column across and the one upright; `words`: title and the names of both axes.
    """
    chart = book.chart("scatter", "straight_with_markers")
    along = placed.elsewhere(placed.position(keys[0]))
    first, colour = placed.position(keys[1]), {"color": PALETTE[0]}
    marker = {"type": "diamond", "size": 8, "fill": colour, "border": colour}
    line = {**colour, "width": 1.5}
    _column(chart, placed, first, name=say("Change"), categories=along, line=line, marker=marker)
    for offset, name in ((1, "Ends of its 95 % interval"), (2, "upper end")):
        look = _dotted(GREY)
        _column(chart, placed, first + offset, name=say(name), categories=along, **look)
    title, across, upright = words
    _title(chart, title)
    axis = {"num_format": "#,##0", "min": 0, "label_position": "low"}
    chart.set_x_axis({"name": _words(across), **axis, **_FONTS})
    axis = {"num_format": placed.number_format(keys[1]), "major_gridlines": _GRID}
    chart.set_y_axis({"name": _words(upright), **axis, **_FONTS})
    _legend(chart, delete_series=[2])
    return chart


def stacked_chart(book: Book, placed: Placed, colours: Sequence[str], title: str) -> Any:
    """One bar for each numeric column, split by the rows of the table."""
    chart = book.chart("column", "stacked")
    last = len(placed.table.columns) - 1
    for offset, colour in enumerate(colours):
        _row(chart, placed, offset, (1, last), **_filled(colour, 60))
    _title(chart, title)
    chart.set_x_axis(_FONTS)
    _values(chart, "Share", "0%", max=1.0)
    _legend(chart, "right")
    return chart


def histogram(
    book: Book,
    placed: Placed,
    title: str,
    axes: tuple[str, str],
    *,
    column: int | None = None,
    skipped: int = 0,
) -> Any:
    """One column of a table, by default the last, as bars labelled by the first column.

    The first rows may be skipped.
    """
    chart = book.chart("column")
    shown = len(placed.table.columns) - 1 if column is None else column
    cells = {
        "categories": placed.elsewhere(0, skipped),
        "values": placed.elsewhere(shown, skipped),
    }
    chart.add_series({**cells, "name": say(axes[1]), **_filled(PALETTE[0], 4)})
    _title(chart, title)
    chart.set_x_axis({"name": _words(axes[0]), **_FONTS, "interval_unit": 2})
    _values(chart, axes[1], "0%")
    chart.set_legend({"none": True})
    return chart


def columns_chart(
    book: Book, placed: Placed, columns: tuple[int, int], words: tuple[str, str]
) -> Any:
    """Two columns of a table as bars side by side for each row; `words`: title and unit."""
    chart = book.chart("column")
    for column, colour in zip(columns, PALETTE, strict=False):
        _column(chart, placed, column, **_filled(colour, 60))
    _title(chart, words[0])
    chart.set_x_axis(_FONTS)
    _values(chart, words[1], "#,##0")
    _legend(chart, "right")
    return chart


def bar_chart(
    book: Book, placed: Placed, keys: Sequence[str], words: str, form: str = "", *, overlap: int = 0
) -> Any:
    """A bar for each row and each of the columns `keys`, the first row on top.

    The axis has the number format of the first column, or the one given. An overlap of 100 puts
    the bars of a row on one line, such as changes to both sides of 0.
    """
    chart = book.chart("bar")
    for key, colour in zip(keys, PALETTE, strict=False):
        look = _filled(colour, 45) | ({"overlap": overlap} if overlap else {})
        _column(chart, placed, placed.position(key), **look)
    _title(chart, words)
    _sideways(chart, form or placed.number_format(keys[0]))
    _legend(chart)
    return chart


def band_chart(book: Book, placed: Placed, keys: Sequence[str], axes: tuple[str, str]) -> Any:
    """Bands of percentiles, stacked from columns with the lowest percentile and the steps above it.

    There is no legend, because programs order the legend of a reversed stack in different ways.
    """
    chart = book.chart("bar", "stacked")
    nothing = {"none": True}
    light = {"color": PALETTE[5], "transparency": 50}
    fills = (nothing, light, {"color": PALETTE[0]}, {"color": PALETTE[0], "transparency": 25},
             light)  # fmt: skip
    for key, fill in zip(keys, fills, strict=True):
        border = nothing if fill is nothing else _WHITE
        _column(chart, placed, placed.position(key), fill=fill, border=border, gap=60)
    _title(chart, axes[0])
    _sideways(chart, "#,##0", axes[1])
    chart.set_legend({"none": True})
    return chart


def _sideways(chart: Any, number_format: str, name: str = "") -> None:
    """Names on the left, the first one on top, whichever side of 0 a bar is on."""
    chart.set_y_axis({"reverse": True, "label_position": "low", **_FONTS})
    # Without "high", the reversed axis of names would put the figures on top.
    axis: dict[str, Any] = {"num_format": number_format, "major_gridlines": _GRID}
    axis |= {"label_position": "high", "major_tick_mark": "none", "line": {"none": True}}
    chart.set_x_axis({**axis, **_FONTS, **({"name": _words(name)} if name else {})})


def _column(chart: Any, placed: Placed, column: int, **look: Any) -> None:
    """A series from a column of a table, over the first column; named by its heading."""
    named = {"name": placed.reference(-1, column), **look}
    cells = {"categories": placed.elsewhere(0), "values": placed.elsewhere(column)}
    chart.add_series({**cells, **named})


def _row(chart: Any, placed: Placed, row: int, columns: tuple[int, int], **look: Any) -> None:
    """A series from some columns of a row, over their headings; named by the first cell."""
    cells = {"categories": placed.header(*columns), "values": placed.across(row, *columns)}
    chart.add_series({"name": placed.reference(row, 0), **cells, **look})


def _filled(colour: str, gap: int) -> dict[str, Any]:
    """The look of bars with this much room between them, in per cent of a bar."""
    return {"fill": {"color": colour}, "border": _WHITE, "gap": gap}


def _dotted(colour: str) -> dict[str, Any]:
    return {"line": {"color": colour, "width": 1.0, "dash_type": "round_dot"}, "marker": _NO_MARKER}


def _words(text: str) -> str:
    """Text for a chart, changed so that XlsxWriter does not take `!A1` in it for a reference."""
    return say(text).replace("!", "!\u200b")


def _title(chart: Any, title: str) -> None:
    """Give a chart its title and its frame."""
    font = {"size": 12, "bold": True, "color": NAVY}
    chart.set_title({"name": _words(title), "name_font": font})
    chart.set_chartarea({"border": {"color": "#D9D9D9"}})
    chart.show_blanks_as("gap")


def _values(chart: Any, name: str, number_format: str, **limits: float) -> None:
    """The upright axis, from 0 on."""
    axis = {"name": _words(name), "num_format": number_format, "min": 0}
    chart.set_y_axis({**axis, "major_gridlines": _GRID, **_FONTS, **limits})


def _legend(chart: Any, position: str = "bottom", **options: Any) -> None:
    chart.set_legend({"position": position, "font": _FONT, **options})
