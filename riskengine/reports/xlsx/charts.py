"""Native Excel charts in one style; each takes its figures from cells of its sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from riskengine.reports.tables.looks import GREY, NAVY, PALETTE
from riskengine.reports.xlsx.book import Book
from riskengine.reports.xlsx.table import Placed

GRID = {"visible": True, "line": {"color": "#D9D9D9", "width": 0.5}}
FONT = {"size": 9, "color": GREY}

MOST_SERIES = len(PALETTE)  #: in a chart: more could not be told apart


class LossCurve(NamedTuple):
    """An exceedance curve with its interval, in columns of a table."""

    name: str
    column: int  #: of the loss; the two ends of its interval are to its right
    colour: str
    is_dots: bool  #: drawn as dots, which show even where another curve is the same

    def line(self) -> dict[str, Any]:
        return {"none": True} if self.is_dots else {"color": self.colour, "width": 2.25}

    def marker(self) -> dict[str, Any]:
        if not self.is_dots:
            return {"type": "none"}
        border = {"color": self.colour, "width": 1.75}
        return {"type": "circle", "size": 9, "border": border, "fill": {"none": True}}


def exceedance_chart(book: Book, placed: Placed, curves: Iterable[LossCurve], money: str) -> Any:
    """Loss against return period on a log scale, with the ends of the intervals as thin lines."""
    chart = book.chart("scatter", "straight_with_markers")
    ends = ("", ", ends of the 95 % interval", ", upper end")
    unnamed = []
    for number, curve in enumerate(curves):
        for offset, words in enumerate(ends):
            is_end = offset > 0
            chart.add_series(
                {
                    "name": f"{curve.name}{words}",
                    "categories": placed.elsewhere(0),
                    "values": placed.elsewhere(curve.column + offset),
                    "line": dotted(curve.colour) if is_end else curve.line(),
                    "marker": {"type": "none"} if is_end else curve.marker(),
                }
            )
        unnamed.append(len(ends) * number + 2)
    dress(chart, "Loss that is exceeded once in so many years")
    axis = {"name": "Return period (years, log scale)", "log_base": 10, "num_format": "#,##0"}
    lines = {"major_gridlines": GRID, "minor_gridlines": GRID}
    chart.set_x_axis({**axis, **lines, **axis_fonts(), "min": 1})
    _set_values(chart, f"Loss ({money})", "#,##0")
    chart.set_legend({"position": "bottom", "delete_series": unnamed, "font": FONT})
    return chart


def stacked_chart(book: Book, placed: Placed, colours: Sequence[str], title: str) -> Any:
    """One bar for each numeric column, split by the rows of the table."""
    chart = book.chart("column", "stacked")
    last = len(placed.table.columns) - 1
    for offset, colour in enumerate(colours):
        chart.add_series(
            {
                "name": placed.reference(offset, 0),
                "categories": placed.header(1, last),
                "values": placed.across(offset, 1, last),
                "fill": {"color": colour},
                "border": {"color": "#FFFFFF", "width": 0.5},
                "gap": 60,
            }
        )
    dress(chart, title)
    chart.set_x_axis(axis_fonts())
    _set_values(chart, "Share", "0%", 1.0)
    chart.set_legend({"position": "right", "font": FONT})
    return chart


def histogram(
    book: Book, placed: Placed, title: str, axes: tuple[str, str], *, column: int | None = None
) -> Any:
    """One column of a table, by default the last, as bars labelled by the first column."""
    chart = book.chart("column")
    chart.add_series(
        {
            "name": axes[1],
            "categories": placed.elsewhere(0),
            "values": placed.elsewhere(len(placed.table.columns) - 1 if column is None else column),
            "fill": {"color": PALETTE[0]},
            "border": {"color": "#FFFFFF", "width": 0.5},
            "gap": 4,
        }
    )
    dress(chart, title)
    chart.set_x_axis({"name": axes[0], **axis_fonts(), "interval_unit": 2})
    _set_values(chart, axes[1], "0%")
    chart.set_legend({"none": True})
    return chart


def columns_chart(
    book: Book, placed: Placed, columns: tuple[int, int], words: tuple[str, str]
) -> Any:
    """Two columns of a table as bars side by side for each row; `words`: title and unit."""
    chart = book.chart("column")
    for column, colour in zip(columns, PALETTE, strict=False):
        chart.add_series(
            {
                "name": placed.reference(-1, column),
                "categories": placed.elsewhere(0),
                "values": placed.elsewhere(column),
                "fill": {"color": colour},
                "border": {"color": "#FFFFFF", "width": 0.5},
                "gap": 60,
            }
        )
    dress(chart, words[0])
    chart.set_x_axis(axis_fonts())
    _set_values(chart, words[1], "#,##0")
    chart.set_legend({"position": "right", "font": FONT})
    return chart


def line_chart(
    book: Book, placed: Placed, rows: Sequence[int], columns: tuple[int, int], title: str
) -> Any:
    """One line for each of the given rows of a table, over a range of its columns."""
    chart = book.chart("line")
    for row, colour in zip(rows, PALETTE, strict=False):
        chart.add_series(
            {
                "name": placed.reference(row, 0),
                "categories": placed.header(*columns),
                "values": placed.across(row, *columns),
                "line": {"color": colour, "width": 2},
                "marker": {"type": "circle", "size": 5, "fill": {"color": colour}},
            }
        )
    dress(chart, title)
    chart.set_x_axis(axis_fonts())
    _set_values(chart, "Chance", "0%")
    chart.set_legend({"position": "right", "font": FONT})
    return chart


def dotted(colour: str) -> dict[str, Any]:
    return {"color": colour, "width": 1.0, "dash_type": "round_dot"}


def chart_words(text: str) -> str:
    """Text for a chart, changed so that XlsxWriter does not take `!A1` in it for a reference."""
    return text.replace("!", "!\u200b")


def dress(chart: Any, title: str) -> None:
    """Give a chart its title and its frame."""
    chart.set_title(
        {"name": chart_words(title), "name_font": {"size": 12, "bold": True, "color": NAVY}}
    )
    chart.set_chartarea({"border": {"color": "#D9D9D9"}})
    chart.show_blanks_as("gap")


def _set_values(chart: Any, name: str, number_format: str, most: float | None = None) -> None:
    axis = {
        "name": chart_words(name),
        "num_format": number_format,
        "min": 0,
        "major_gridlines": GRID,
    }
    chart.set_y_axis({**axis, **axis_fonts(), **({} if most is None else {"max": most})})


def axis_fonts() -> dict[str, Any]:
    return {"name_font": {**FONT, "bold": False}, "num_font": FONT}
