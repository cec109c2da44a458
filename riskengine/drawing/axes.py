"""Axes that draw SVG: the calls of matplotlib's axes that pages need, without loading matplotlib.

A page has some forty small charts, and matplotlib takes a tenth of a second for each. Here a call
only notes a shape in the units of the data. All shapes are placed at the end, when the limits of
the axes are known. Colours are custom properties of the page, so that one chart serves a light
page, a dark page and paper. Words are XML text in the fonts of the page: a name in any script is
never read as markup and is always shown.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict, Unpack

from riskengine.drawing.svg import (
    BREAK,
    FONT,
    INK,
    LINE,
    MARKS,
    SOFT,
    Point,
    path,
    style,
    text,
)
from riskengine.language.speaking import say

Numbers = Iterable[float]
Place = Literal["data", "axes", "row"]  #: of words: data, shares of the axes, or share and row

_THIN = 0.7  #: width of a grid line, pixels
_RISE = 0.38  #: from the middle of words down to their baseline, as a share of their height
_TICK, _GAP = 3.5, 7.0  #: length of a tick; from the axis to its labels
_DASHES = {"--": "7.4 3.2", "dashed": "7.4 3.2", ":": "2 3.3", "dotted": "2 3.3", "-.": "12 3 2 3"}
_ROOM = 0.05  #: beyond the data, where a limit is not given
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_MOST_TICKS = 9
_GRID, _SHAPES, _LINES, _FRAME, _WORDS = 0.5, 1.0, 2.0, 2.5, 3.0  #: what is drawn over what


@dataclass(slots=True)
class _Axis:
    """One direction: its limits in data, where they are in pixels, and its ticks."""

    start: float  #: pixels
    end: float
    font_share: float  #: of an automatic tick, in heights of its label
    low: float | None = None
    high: float | None = None
    is_log: bool = False
    ticks: list[float] | None = None
    labels: Sequence[str] | None = None
    colour: str = SOFT
    size: float = FONT
    most: int | None = None
    has_grid: bool = True
    least_seen: float = math.inf
    most_seen: float = -math.inf

    def see(self, values: Iterable[float]) -> None:
        known = [value for value in values if not math.isnan(value)]
        self.least_seen = min([self.least_seen, *known])
        self.most_seen = max([self.most_seen, *known])

    def settle(self) -> None:
        """Set the limits that were not given: the data with some room around them."""
        least, most = (
            (self.least_seen, self.most_seen) if self.least_seen <= self.most_seen else (0.0, 0.0)
        )
        room = _ROOM * ((most - least) or abs(most) or 1.0)
        self.low = least - room if self.low is None else self.low
        self.high = most + room if self.high is None else self.high

    def at(self, value: float) -> float:
        """The pixel of a value."""
        low, high = self.low or 0.0, self.high or 0.0
        if self.is_log:
            low, high, value = math.log(low), math.log(high), math.log(value)
        return self.start + (self.end - self.start) * (value - low) / ((high - low) or 1.0)

    def marked(self) -> Iterator[tuple[float, str]]:
        """Pixel and label of every tick inside the limits."""
        low, high = sorted((self.low or 0.0, self.high or 0.0))
        ticks = _round_ticks(low, high, self._fitting()) if self.ticks is None else self.ticks
        labels = _labels(ticks) if self.labels is None else self.labels
        reach = 1e-10 * (high - low)
        for tick, label in zip(ticks, labels, strict=True):
            if low - reach <= tick <= high + reach:
                yield self.at(tick), label

    def _fitting(self) -> int:
        length = abs(self.end - self.start)
        return self.most or max(1, min(_MOST_TICKS, int(length / (FONT * self.font_share))))


def _round_ticks(low: float, high: float, most: int) -> list[float]:
    """Multiples of the smallest round step of which at most `most` fit, or smaller for two."""
    raw = (high - low) / most
    if not raw > 0.0:
        return [low]
    scale = 10.0 ** math.floor(math.log10(raw))
    steps = [step * size for size in (scale / 10.0, scale) for step in _STEPS]
    first = next(k for k, step in enumerate(steps) if step >= raw * (1.0 - 1e-12))
    for step in reversed(steps[: first + 1]):
        ends = math.ceil(low / step - 1e-10), math.floor(high / step + 1e-10)
        if ends[1] > ends[0]:
            break
    return [k * step for k in range(ends[0], ends[1] + 1)]


def _labels(ticks: Sequence[float]) -> list[str]:
    """Ticks as numbers with equally many decimals, as few as tell them exactly."""
    decimals = next(
        (d for d in range(12) if all(abs(round(t, d) - t) <= 1e-9 * abs(t) for t in ticks)), 12
    )
    return [f"{tick + 0.0:,.{decimals}f}".replace("-", "\u2212") for tick in ticks]


class Drawing:
    """A chart in the making: axes, and words beside them."""

    def __init__(self, width: float, height: float) -> None:
        self.width = width
        self.height = height
        self.axes: list[Axes] = []
        self._words: list[str] = []

    def add_axes(self, left: float, top: float, right: float, bottom: float) -> Axes:
        """Axes between these pixels of the chart."""
        self.axes.append(Axes(left, top, right, bottom))
        return self.axes[-1]

    def text(self, x: float, y: float, words: str, *, color: str = INK, weight: str = "") -> None:
        """Words at a place in shares of the chart, from its lower left corner."""
        at = x * self.width, (1.0 - y) * self.height
        self._words.append(text(at, words, color, weight=weight))

    def svg(self, key: str) -> str:
        """What is inside of the `svg` element; ids start with `key`."""
        drawn = (axes.svg(f"{key}{number}") for number, axes in enumerate(self.axes))
        return "".join([*drawn, *self._words])


Shape = Callable[[], str]


class LineLook(TypedDict, total=False):
    """How a line and its marks look."""

    color: str
    linewidth: float
    linestyle: str
    marker: str
    markersize: float
    markeredgecolor: str  #: empty: `color`
    markeredgewidth: float
    solid_capstyle: str
    clip_on: bool
    zorder: float


class WordsLook(TypedDict, total=False):
    """How words look and stand at their place."""

    color: str
    weight: str
    fontsize: float
    ha: str
    va: str


_LINE: LineLook = {
    "color": INK, "linewidth": 2.0, "linestyle": "-", "marker": "", "markersize": 6.0,
    "markeredgecolor": "", "markeredgewidth": 1.0, "solid_capstyle": "square", "clip_on": True,
    "zorder": _LINES,
}  # fmt: skip
_WORDS_LOOK: WordsLook = {
    "color": INK, "weight": "", "fontsize": FONT, "ha": "left", "va": "baseline"
}  # fmt: skip


class Axes:
    """Room for shapes in units of the data; calls and their defaults are those of matplotlib."""

    def __init__(self, left: float, top: float, right: float, bottom: float) -> None:
        self._box = left, top, right, bottom
        self._x = _Axis(left, right, 3.0)
        self._y = _Axis(bottom, top, 2.0)
        self._shapes: list[tuple[float, Shape]] = []
        self._title = ("", SOFT)
        self._clip = ""
        self._has_frame = True

    # What is drawn

    def plot(self, xs: Numbers, ys: Numbers, **given: Unpack[LineLook]) -> None:
        """A line through points, and a mark at each of them; nan interrupts the line."""
        look: LineLook = {**_LINE, **given}
        points = list(zip(map(float, xs), map(float, ys), strict=True))
        self._see(points)
        color, is_clipped = look["color"], look["clip_on"]
        if look["linestyle"] != "none" and len(points) > 1:
            dashes = _DASHES.get(look["linestyle"], "")
            line = style(
                fill="none",
                stroke=color,
                stroke_width=look["linewidth"],
                stroke_dasharray=dashes,
                stroke_linecap="" if dashes else look["solid_capstyle"],
            )
            self._add(
                look["zorder"],
                lambda: self._drawn(self._placed(points), line, is_clipped=is_clipped),
            )
        if look["marker"]:
            edge = look["markeredgecolor"] or color
            mark = style(fill=color, stroke=edge, stroke_width=look["markeredgewidth"])
            form, half = MARKS[look["marker"]], look["markersize"] / 2.0
            self._add(
                look["zorder"],
                lambda: "".join(
                    self._clipped(form(x, y, half), mark, is_clipped=is_clipped)
                    for x, y in self._placed(points)
                ),
            )

    def step(
        self, xs: Numbers, ys: Numbers, *, where: Literal["post"], color: str, linewidth: float
    ) -> None:
        """A line that keeps each value until the next."""
        self.plot(*_stepped(xs, ys), color=color, linewidth=linewidth)

    def fill_between(
        self, xs: Numbers, lower: Numbers | float, upper: Numbers, *, color: str,
        alpha: float = 1.0, step: Literal["post", ""] = "", linewidth: float = 0.0,
    ) -> None:  # fmt: skip
        """The area between two lines."""
        xs, upper = list(xs), list(upper)
        lower = [lower] * len(xs) if isinstance(lower, float) else list(lower)
        if step:
            (_, lower), (xs, upper) = _stepped(xs, lower), _stepped(xs, upper)
        self._area([*zip(xs, upper, strict=True), *reversed(list(zip(xs, lower, strict=True)))],
                   color, alpha)  # fmt: skip

    def barh(
        self, rows: Numbers | float, widths: Numbers | float, *, height: float = 0.8,
        left: float = 0.0, color: str, alpha: float = 1.0, snap: bool = False,
    ) -> None:  # fmt: skip
        """Bars to the right of `left`, each around its row; with `snap`, on the edges of pixels."""
        rows, widths = (
            [float(v)] if isinstance(v, int | float) else list(v) for v in (rows, widths)
        )
        for row, width in zip(rows, widths, strict=True):
            low, high, end = row - height / 2.0, row + height / 2.0, left + width
            self._area([(left, low), (end, low), (end, high), (left, high)],
                       color, alpha, "crispEdges" if snap else "")  # fmt: skip

    def axhline(self, y: float, *, color: str, linewidth: float) -> None:
        left, _, right, _ = self._box
        self._y.see([y])
        look = style(fill="none", stroke=color, stroke_width=linewidth)
        self._add(
            _LINES, lambda: self._drawn([(left, self._y.at(y)), (right, self._y.at(y))], look)
        )

    def axvline(self, x: float, *, color: str, linewidth: float, linestyle: str) -> None:
        _, top, _, bottom = self._box
        dashes = _DASHES[linestyle]
        look = style(fill="none", stroke=color, stroke_width=linewidth, stroke_dasharray=dashes)
        self._add(
            _LINES, lambda: self._drawn([(self._x.at(x), bottom), (self._x.at(x), top)], look)
        )

    def axvspan(self, low: float, high: float, *, color: str, alpha: float, linewidth: int) -> None:
        """A band over the whole height."""
        _, top, _, bottom = self._box
        look = style(fill=color, opacity=alpha)

        def band() -> str:
            left, right = self._x.at(low), self._x.at(high)
            return self._drawn([(left, bottom), (right, bottom), (right, top), (left, top)], look)

        self._add(_SHAPES, band)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        transform: Place = "data",
        **given: Unpack[WordsLook],
    ) -> None:
        """Words at a place, which is in data or in shares of the axes (`transform`)."""
        left, top, right, bottom = self._box
        look: WordsLook = {**_WORDS_LOOK, **given}
        down = _RISE * look["fontsize"] if look["va"] == "center" else 0.0

        def lettered() -> str:
            across = self._x.at(x) if transform == "data" else left + x * (right - left)
            height = bottom + y * (top - bottom) if transform == "axes" else self._y.at(y)
            at = across, height + down
            return text(at, words, look["color"], look["ha"], look["fontsize"], look["weight"])

        self._add(_WORDS, lettered)

    def annotate(
        self, words: str, place: tuple[float, float], offset: tuple[float, float], *,
        color: str, ha: str = "left",
    ) -> None:  # fmt: skip
        """Words beside a point, at a distance in pixels: to the right, and up."""

        def lettered() -> str:
            at = self._x.at(place[0]) + offset[0], self._y.at(place[1]) - offset[1]
            return text(at, words, color, ha)

        self._add(_WORDS, lettered)

    # The axes

    def set_xlim(self, low: float, high: float | None) -> None:
        self._x.low, self._x.high = low, high

    def set_ylim(self, low: float, high: float | None) -> None:
        self._y.low, self._y.high = low, high

    def set_xscale(self, scale: Literal["log"]) -> None:
        self._x.is_log = scale == "log"

    def set_xticks(self, ticks: Numbers, labels: Sequence[str]) -> None:
        self._x.ticks, self._x.labels = list(ticks), labels

    def set_yticks(self, ticks: Numbers, labels: Sequence[str], color: str = SOFT) -> None:
        self._y.ticks, self._y.labels, self._y.colour = list(ticks), labels, color

    def set_xlabel(self, words: str, color: str = SOFT) -> None:
        self._title = say(words), color

    def locator_params(self, *, axis: Literal["x", "y"], nbins: int) -> None:
        """At most so many automatic ticks, less one."""
        self._axis(axis).most = nbins

    def tick_params(self, *, axis: Literal["x", "y"], labelsize: float) -> None:
        self._axis(axis).size = labelsize

    def grid(self, *, visible: bool, axis: Literal["x", "y", "both"] = "both") -> None:
        for name in ("x", "y") if axis == "both" else (axis,):
            self._axis(name).has_grid = visible

    def without_frame(self) -> None:
        """No line under the axes."""
        self._has_frame = False

    def svg(self, key: str) -> str:
        """The axes with all shapes; the id of their clip is `key`."""
        left, top, right, bottom = self._box
        self._clip = f' clip-path="url(#{key})"'
        self._x.settle()
        self._y.settle()
        size = f'x="{left:g}" y="{top:g}" width="{right - left:g}" height="{bottom - top:g}"'
        found = [f'<defs><clipPath id="{key}"><rect {size}/></clipPath></defs>']
        shapes = [*self._shapes, (_GRID, self._grid), (_FRAME, self._frame)]
        found += [draw() for _, draw in sorted(shapes, key=lambda shape: shape[0])]
        return "".join(found)

    def _grid(self) -> str:
        left, top, right, bottom = self._box
        look = style(fill="none", stroke=LINE, stroke_width=_THIN)
        xs = [at for at, _ in self._x.marked()] if self._x.has_grid else []
        ys = [at for at, _ in self._y.marked()] if self._y.has_grid else []
        lines = [[(x, bottom), (x, top)] for x in xs] + [[(left, y), (right, y)] for y in ys]
        return self._drawn([point for line in lines for point in (*line, BREAK)], look)

    def _frame(self) -> str:
        left, _, right, bottom = self._box
        marks, words = [], []
        for x, label in self._x.marked():
            marks += [(x, bottom), (x, bottom + _TICK), BREAK]
            at = x, bottom + _GAP + 2.0 * _RISE * self._x.size
            words.append(text(at, label, self._x.colour, "center", self._x.size))
        title, colour = self._title
        if title:
            at = (left + right) / 2.0, bottom + _GAP + 2.0 * _RISE * self._x.size + 16.0
            words.append(text(at, title, colour, "center"))
        for y, label in self._y.marked():
            at = left - _GAP, y + _RISE * self._y.size
            words.append(text(at, label, self._y.colour, "right", self._y.size))
        if self._has_frame:
            marks += [(left, bottom), (right, bottom)]
        look = style(fill="none", stroke=LINE, stroke_width=0.8)
        return (f'<path d="{path(marks)}"{look}/>' if marks else "") + "".join(words)

    def _axis(self, name: str) -> _Axis:
        return self._x if name == "x" else self._y

    def _add(self, zorder: float, shape: Shape) -> None:
        self._shapes.append((zorder, shape))

    def _see(self, points: Sequence[Point]) -> None:
        self._x.see(x for x, _ in points)
        self._y.see(y for _, y in points)

    def _placed(self, points: Iterable[Point]) -> list[Point]:
        return [(self._x.at(x), self._y.at(y)) for x, y in points]

    def _area(self, points: list[Point], colour: str, alpha: float, rendering: str = "") -> None:
        self._see(points)
        shown = "" if alpha == 1.0 else alpha
        look = style(fill=colour, opacity=shown, shape_rendering=rendering)
        self._add(_SHAPES, lambda: self._drawn(self._placed(points), look))

    def _drawn(self, points: Iterable[Point], look: str, *, is_clipped: bool = True) -> str:
        """A line or an area through points in pixels."""
        return self._clipped(path(points), look, is_clipped=is_clipped)

    def _clipped(self, path: str, look: str, *, is_clipped: bool) -> str:
        """A path, which may end at the edge of the axes."""
        return f'<path{self._clip if is_clipped else ""} d="{path}"{look}/>' if path else ""


def _stepped(xs: Numbers, ys: Numbers) -> tuple[list[float], list[float]]:
    """Points of a line that keeps each value until the next."""
    xs, ys = list(xs), list(ys)
    across = [x for pair in zip(xs, xs, strict=True) for x in pair][1:]
    return across, [y for pair in zip(ys, ys, strict=True) for y in pair][:-1]
