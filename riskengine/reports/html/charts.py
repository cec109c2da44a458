"""Charts as inline SVG: drawn by matplotlib, with the colours and fonts of the page around them.

matplotlib never sees a name. It draws a placeholder mark instead, and the mark is then replaced by
the name as XML text. A name is therefore never read as mathematics or markup, no glyph can be
missing, and the reader's own fonts show it in any script. Colours are placeholders as well: they
become custom properties of the page, so that one chart serves a light page, a dark page and paper.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree import ElementTree

from riskengine.reports.html.parts import Html, element, joined, named
from riskengine.reports.screen import width_of
from riskengine.reports.tables.calendar import Calendar
from riskengine.reports.tables.words import legible, time_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Colours that nothing else uses. Each is replaced by a custom property of the page.
INK, SOFT, LINE, PAPER = "#0a0b01", "#0a0b02", "#0a0b03", "#0a0b04"
BLUE, ORANGE, GREEN, RED, PURPLE, SKY = (f"#0a0b1{k}" for k in range(6))
_PROPERTIES = {
    INK: "ink", SOFT: "soft", LINE: "line", PAPER: "paper", BLUE: "blue", ORANGE: "orange",
    GREEN: "green", RED: "red", PURPLE: "purple", SKY: "sky",
}  # fmt: skip

_MARK = re.compile("@([0-9]+)@")
_NOT_PLAIN = re.compile("[^ -#%-~]+")  #: what a font may lack, and `$`, which starts mathematics
_THICKNESS = 0.7  #: of a lane
_FEW = 4  #: ticks on the time axis of a narrow chart
_COLOUR = re.compile("#[0-9a-f]{6}")
_LINK = "{http://www.w3.org/1999/xlink}href"
WIDE = 760.0  #: pixels: the widest a chart gets
NARROW = 350.0  #: a chart on a phone
PANEL = 270.0  #: one of several small charts
_HEADING = 60  #: columns of a name above a small chart; tables have the whole name
_NAME_WIDTH = 24  #: columns of a name in a chart; tables have the whole name
_SETTINGS: Any = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "riskengine",  # names of clips and markers are the same every time
    "font.size": 12.0,
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.labelcolor": SOFT,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "grid.color": LINE,
    "grid.linewidth": 0.7,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": SOFT,
    "ytick.labelcolor": SOFT,
    "ytick.left": False,
    "lines.linewidth": 2.0,
}


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in CSS pixels at which text is as large as that of the page."""

    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Margins:
    """Room around the axes for text, in CSS pixels."""

    left: float = 56.0
    right: float = 16.0
    top: float = 14.0
    bottom: float = 44.0


class Pen:
    """Hands out placeholder marks for names, and keeps the names."""

    def __init__(self, key: str, size: Size):
        self.key = key  #: unique within the page
        self.size = size
        self.names: list[str] = []

    def name(self, text: str, width: int = _NAME_WIDTH) -> str:
        """The placeholder of a text, which is cut if it is wider than `width` columns."""
        self.names.append(cut_to(text, width))
        return f"@{len(self.names) - 1}@"


Draw = Callable[["Figure", Pen], None]


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
        Draws into a figure. It takes all names from the pen.

    Returns
    -------
    Html
        An `svg` element; the same chart gives the same bytes.
    """
    from matplotlib.figure import Figure

    pen = Pen(key, size)
    buffer = io.StringIO()
    with _settings():
        # 72 dots an inch: one dot is one pixel of the page.
        figure = Figure(figsize=(size.width / 72.0, size.height / 72.0), dpi=72)
        draw(figure, pen)
        _mark_the_rest(figure, pen)
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(buffer, format="svg", transparent=True, metadata=nothing)
    return _inline(buffer.getvalue(), label, pen)


def both_sizes(key: str, label: str, heights: tuple[float, float], draw: Draw) -> Html:
    """A chart drawn twice, for a desk and for a phone, where shrunk text could not be read."""
    wide = chart(f"{key}w-", label, Size(WIDE, heights[0]), draw)
    narrow = chart(f"{key}n-", label, Size(NARROW, heights[1]), draw)
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


def add_axes(figure: Figure, size: Size, margins: Margins) -> Axes:
    """Axes with fixed room for text around them, whatever the size of the chart."""
    width = size.width - margins.left - margins.right
    height = size.height - margins.top - margins.bottom
    return figure.add_axes(
        (
            margins.left / size.width,
            margins.bottom / size.height,
            width / size.width,
            height / size.height,
        )
    )


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


def draw_lanes(
    calendar: Calendar, horizon_days: float, lanes: Sequence[Lane], figure: Figure, pen: Pen
) -> None:
    """Draw lanes from top to bottom."""
    is_narrow = pen.size.width < 500
    right = 48 if any(lane.remark for lane in lanes) else 16
    left = 122 if is_narrow else 178
    axes = add_axes(figure, pen.size, Margins(left=left, right=right, top=6, bottom=30))
    for row, lane in enumerate(lanes):
        axes.axhline(row, color=LINE, linewidth=0.7)
        for start, end, shade in lane.stretches:
            if shade > 0.0:
                # Paper below the shade, or the grid would show through.
                for colour, alpha in ((PAPER, 1.0), (BLUE, shade)):
                    axes.barh(row, end - start, _THICKNESS, left=start, color=colour, alpha=alpha)
        if lane.remark:
            axes.annotate(
                lane.remark,
                (horizon_days, row),
                xytext=(6, -4),
                textcoords="offset points",
                color=SOFT,
                annotation_clip=False,
            )
    axes.set_ylim(len(lanes) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")
    width = 15 if is_narrow else 24
    names = [pen.name(lane.name, width) for lane in lanes]
    axes.set_yticks(range(len(lanes)), names, color=INK)
    time_axis(axes, calendar, horizon_days, 3 if is_narrow else 9)


def _mark_the_rest(figure: Figure, pen: Pen) -> None:
    """Replace by marks what matplotlib may be unable to draw, in texts without a mark so far.

    A unit of money, for instance, may be in any script.
    """
    from matplotlib.text import Text

    def mark(found: re.Match[str]) -> str:
        return pen.name(found[0], 2 * len(found[0]))  # wide enough for any text: nothing is cut

    for drawn in figure.findobj(Text):
        drawn.set_text(_NOT_PLAIN.sub(mark, drawn.get_text()))


@contextmanager
def _settings() -> Iterator[None]:
    """Our settings alone: the user's matplotlibrc must not change a chart."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


def _inline(drawn: str, label: str, pen: Pen) -> Html:
    # This XML was written by matplotlib just now, and contains no text of a user.
    root = ElementTree.fromstring(drawn)  # noqa: S314
    for node in list(root.iter()):
        for child in list(node):
            if child.tag.endswith(("}style", "}metadata")):
                node.remove(child)
        node.tag = node.tag.rpartition("}")[2]
        _rewrite(node, pen)
    root.attrib = {"viewBox": root.attrib["viewBox"], "role": "img", "aria-label": legible(label)}
    root.set("style", f"max-width:{pen.size.width:g}px")
    # `_rewrite` put the names into the tree as text, and writing the tree escapes them.
    return Html(ElementTree.tostring(root, encoding="unicode").replace("\n", " "))


def _rewrite(node: ElementTree.Element, pen: Pen) -> None:
    if node.tag == "g":
        node.attrib.pop("id", None)
    if node.text and node.tag == "text":
        node.text = _MARK.sub(lambda mark: pen.names[int(mark[1])], node.text)
    link = node.attrib.pop(_LINK, None)
    if link is not None:
        node.set("href", f"#{pen.key}{link[1:]}")
    if "id" in node.attrib:
        node.set("id", f"{pen.key}{node.attrib['id']}")
    if "clip-path" in node.attrib:
        node.set("clip-path", node.attrib["clip-path"].replace("#", f"#{pen.key}"))
    if node.attrib.get("transform", "").startswith("rotate(-0 "):
        del node.attrib["transform"]
    if "style" in node.attrib:
        node.set("style", _COLOUR.sub(_property, _without_font(node.attrib["style"])))


def _without_font(style: str) -> str:
    return "; ".join(part for part in style.split("; ") if not part.startswith("font-family"))


def _property(colour: re.Match[str]) -> str:
    name = _PROPERTIES.get(colour[0])
    return f"var(--{name})" if name else colour[0]
