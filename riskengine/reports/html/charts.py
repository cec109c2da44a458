"""Charts as inline SVG, and what several have in common: sizes, lanes, axes over time, bars."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from riskengine.drawing.axes import Axes, Drawing
from riskengine.drawing.boxes import Diagram
from riskengine.drawing.lettering import fitted, text_width
from riskengine.drawing.svg import BLUE, FONT, INK, PAPER, SOFT
from riskengine.language.speaking import say
from riskengine.measures.estimate import Estimate
from riskengine.model.spelling import legible
from riskengine.reports.html.parts import Html, element, joined, named
from riskengine.reports.screen import width_of
from riskengine.reports.tables.words import Calendar, time_ticks

_THICKNESS = 0.7  #: of a lane
_DATE = 60.0  #: pixels that a date takes on the time axis of a narrow chart
_FEW = 4  #: ticks on the time axis of a narrow chart
WIDE = 760.0  #: pixels: the widest a chart gets
NARROW = 350.0  #: a chart on a phone
_NARROWER = 500.0  #: than this is a chart for a phone
PANEL = 270.0  #: one of several small charts
_HEADING = 60  #: columns of a name above a small chart; tables have the whole name
_NAME_WIDTH = 24  #: columns of a name in a chart; tables have the whole name
_BESIDE_NAMES = 12.0  #: pixels around names to the left of axes


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in CSS pixels at which text is as large as that of the page."""

    width: float
    height: float


class Pen:
    """Draws one chart: axes with room around them, and names as they fit into it."""

    def __init__(self, size: Size):
        self.size = size
        self.drawing = Drawing(size.width, size.height)

    @property
    def is_narrow(self) -> bool:
        """Whether the chart is for a phone."""
        return self.size.width < _NARROWER

    def axes(self, *, left: float, right: float, top: float, bottom: float) -> Axes:
        """Axes with fixed room for text around them, in CSS pixels, whatever the size."""
        ends = self.size.width - right, self.size.height - bottom
        return self.drawing.add_axes(left, top, *ends)

    def caption(self, words: str, *, color: str = INK, weight: str = "") -> None:
        """Words at the top left of the chart."""
        x, y = 8.0 / self.size.width, 1.0 - 18.0 / self.size.height
        self.drawing.text(x, y, say(words), color=color, weight=weight)

    def name(self, text: str, width: int = _NAME_WIDTH) -> str:
        """A text, which is cut if it is wider than `width` columns."""
        return cut_to(text, width)

    def names(
        self, texts: Sequence[str], most: float, size: float = FONT
    ) -> tuple[float, list[str]]:
        """Names to the left of axes: the room they take, at most `most` pixels, and how they fit.

        >>> Pen(Size(350.0, 100.0)).names(["gallium", "japan-heavy-rare-earths"], 120.0)[1]
        ['gallium', 'japan-heavy-ra…']
        """
        room = most - _BESIDE_NAMES
        shown = [fitted(text, room, size) for text in texts]
        widest = max((text_width(name, size) for name in shown), default=0.0)
        return math.ceil(widest + _BESIDE_NAMES), shown


Draw = Callable[[Pen], None]


def chart(key: str, label: str, size: Size, draw: Draw) -> Html:
    """Draw a chart.

    Parameters
    ----------
    key : str
        Letters that are unique within the page. They start the ids inside the chart.
    label : str
        What the chart shows, for readers who cannot see it.
    size : Size
    draw : callable
        Draws with a pen, from which it takes all names.

    Returns
    -------
    Html
        An `svg` element; the same chart gives the same bytes.
    """
    pen = Pen(size)
    draw(pen)
    return _drawn(label, size, pen.drawing.svg(key))


def _drawn(label: str, size: Size, shapes: str) -> Html:
    """The element with shapes of `drawing`, which escapes all words that it is given."""
    box = f"0 0 {size.width:g} {size.height:g}"
    given = f'viewBox="{box}" role="img" aria-label="{escape(legible(say(label)))}"'
    style = f'style="max-width:{size.width:g}px"'
    return Html(f"<svg {given} {style}>{shapes}</svg>")


def both_sizes(key: str, label: str, height: float | tuple[float, float], draw: Draw) -> Html:
    """A chart drawn twice, for a desk and for a phone, where shrunk text could not be read."""
    tall, small = height if isinstance(height, tuple) else (height, height)
    wide = chart(f"{key}w-", label, Size(WIDE, tall), draw)
    narrow = chart(f"{key}n-", label, Size(NARROW, small), draw)
    return _for_both(wide, narrow)


def diagram_pair(key: str, label: str, wide: Diagram, narrow: Diagram) -> Html:
    """A diagram laid out for a desk and for a phone."""
    drawn = (
        _drawn(label, Size(each.width, each.height), each.svg(f"{key}{mark}-"))
        for each, mark in ((wide, "w"), (narrow, "n"))
    )
    return _for_both(*drawn)


def _for_both(wide: Html, narrow: Html) -> Html:
    return joined([element("div", wide, class_="wide"), element("div", narrow, class_="narrow")])


def panel(key: str, label: str, heading: str, draw: Draw, height: float = 160.0) -> Html:
    """One of several small charts side by side, with a heading of its own."""
    drawn = chart(f"{key}-", label, Size(PANEL, height), draw)
    title = element("h3", named(cut_to(heading, _HEADING)))
    return element("div", title, drawn, class_="panel")


def chart_pair(charts: Sequence[tuple[str, str, Draw]], width: float, height: float) -> Html:
    """Charts (key, label, how to draw) side by side; on a phone, one below the other."""
    drawn = (chart(key, label, Size(width, height), draw) for key, label, draw in charts)
    return element("div", *drawn, class_="pair")


def cut_to(text: str, width: int) -> str:
    """The text in at most `width` columns, with dots where it was cut.

    >>> cut_to("ndfeb-magnets", 24), cut_to("ndfeb-magnets", 6)
    ('ndfeb-magnets', 'ndfeb…')
    """
    text = legible(text)
    if width_of(text) <= width:
        return text
    while width_of(text) > width - 1:
        text = text[:-1]
    return f"{text}…"


class Stretch(NamedTuple):
    """A time in which a lane has one shade."""

    start_day: float
    end_day: float
    shade: float  #: in [0, 1]


class Lane(NamedTuple):
    """One row of a chart over time: a material or industry, darker where it is worse."""

    name: str
    stretches: Sequence[Stretch]
    remark: str = ""  #: shown to the right of the lane

    @property
    def length(self) -> float:
        """Days with any shade; days in overlapping stretches count once."""
        days, seen = 0.0, 0.0
        for start, end, shade in sorted(self.stretches):
            if shade > 0.0:
                days += max(0.0, end - max(start, seen))
                seen = max(seen, end)
        return days


def time_axis(axes: Axes, calendar: Calendar, horizon_days: float, most: int) -> None:
    """Dates or days along the bottom: at most `most`, in smaller text on a narrow chart."""
    axes.set_xlim(0.0, horizon_days)
    ticks = time_ticks(calendar, horizon_days, most)
    axes.set_xticks([day for day, _ in ticks], [label for _, label in ticks])
    axes.tick_params(axis="x", labelsize=12 if most > _FEW else 10)


def draw_lanes(calendar: Calendar, horizon_days: float, lanes: Sequence[Lane], pen: Pen) -> None:
    """Draw lanes from top to bottom; where stretches overlap, the darkest is seen."""
    is_narrow = pen.is_narrow
    right = 48 if any(lane.remark for lane in lanes) else 16
    left, names = pen.names([lane.name for lane in lanes], 150.0 if is_narrow else 190.0)
    axes = pen.axes(left=left, right=right, top=6, bottom=30)
    for row, lane in enumerate(lanes):
        for start, end, shade in sorted(lane.stretches, key=lambda stretch: stretch.shade):
            if shade > 0.0:
                # Paper below the shade, or the grid would show through.
                for colour, alpha in ((PAPER, 1.0), (BLUE, shade)):
                    axes.barh(
                        row, end - start, height=_THICKNESS, left=start, color=colour, alpha=alpha,
                        snap=True,
                    )  # fmt: skip
        if lane.remark:
            beside(axes, (horizon_days, row), lane.remark)
    axes.set_ylim(len(lanes) - 0.4, -0.6)
    axes.set_yticks(range(len(lanes)), names, color=INK)
    dates = int((pen.size.width - left - right) / _DATE)
    time_axis(axes, calendar, horizon_days, min(dates, 3) if is_narrow else 9)


# Bars in rows, and heat maps


def without_ticks(axes: Axes) -> None:
    """Leave out ticks, frame and grid, where all figures stand beside their bars."""
    axes.set_xticks([], [])
    axes.set_yticks([], [])
    axes.without_frame()
    axes.grid(visible=False)


def row_name(axes: Axes, row: float, name: str) -> None:
    """A name above the bars of a row, at the left edge."""
    axes.text(0.0, row, name, transform="row", color=INK, weight="bold")


def beside(axes: Axes, place: tuple[float, float], words: str, *, is_left: bool = False) -> None:
    """Words to the right of a place, or to the left of it."""
    offset, end = ((-6, -4), "right") if is_left else ((6, -4), "left")
    axes.annotate(words, place, offset, ha=end, color=SOFT)


def row_axes(pen: Pen, rows: int, *, top: int) -> Axes:
    """Axes for bars in rows from top to bottom, each with its name above and its figure beside."""
    axes = pen.axes(left=8, right=8, top=top, bottom=6)
    axes.set_ylim(rows - 0.4, -0.7)
    without_ticks(axes)
    return axes


def bar(
    axes: Axes, row: float, estimate: Estimate, words: str, *, height: float, colour: str
) -> None:
    """A bar from 0 with its interval, and words beyond both; nothing for an unknown figure."""
    if math.isnan(estimate.value):
        return
    axes.barh(row, estimate.value, height=height, color=colour)
    if not math.isnan(estimate.lower + estimate.upper):
        axes.plot(estimate[1:], [row, row], color=INK, linewidth=1.2)
    ends = [end for end in (0.0, *estimate) if not math.isnan(end)]
    is_left = estimate.value < 0.0
    beside(axes, (min(ends) if is_left else max(ends), row), words, is_left=is_left)


def heat_cell(
    axes: Axes, place: tuple[int, int], colour: str, depth: float, words: str, *, size: float
) -> None:
    """One cell of a heat map, at a row and a column, deeper the closer `depth` is to 1."""
    row, column = place
    axes.barh(row, 0.96, left=column - 0.48, height=0.92, color=colour,
              alpha=0.06 + 0.74 * depth)  # fmt: skip
    axes.text(column, row, words, ha="center", va="center", color=INK, fontsize=size)


def heat_edges(axes: Axes, columns: Sequence[str], rows: Sequence[str]) -> None:
    """The names of a heat map's columns and rows, along its edges."""
    axes.set_xlim(-0.5, len(columns) - 0.5)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xticks(range(len(columns)), list(columns))
    axes.set_yticks(range(len(rows)), list(rows))
    axes.grid(visible=False)
