"""Boxes in columns, and lines between them along lanes: a diagram of states as SVG.

A line leaves a box beside the words that belong to it, so it needs no label on its way. It runs
along a lane in the gutter beside the column, and all lines of one colour to one box share a lane.
Hence nothing overlaps, however many boxes and lines there are: words stand in boxes, lines beside
them. Lines of two columns stand at heights that differ by half a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal, NamedTuple

from riskengine.drawing.lettering import fitted, text_width
from riskengine.drawing.svg import CARD, INK, PAPER, SOFT, Point, path, style, text
from riskengine.model.spelling import legible

Side = Literal["left", "right"]

ROW = 16.0  #: pixels from one line of words to the next
SIZE = 11.5  #: of words
_PADDING, _INSET = 13.0, 8.0  #: from a box to its words: above and below, beside
_BETWEEN = 3 * ROW  #: from the last line of a box to the first of the next one
_NEAR, _PITCH = 15.0, 9.0  #: from a box to its first lane, and from lane to lane
_EDGE = 4.0  #: outside of the outermost lanes
_LEAST_BOX, _MOST_BOX = 144.0, 280.0  #: widths
_APART = 10.0  #: between two lines that follow each other in one lane
_TIP, _TURN, _STROKE = 6.0, 4.0, 1.6  #: length of the tip of an arrow, radius of a turn, width
_RISE = 0.36  #: from the middle of words down to their baseline


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Words at one side of a box, from which a line leads to another box."""

    figure: str  #: is never cut
    name: str  #: is cut where it has no room
    target: str  #: key of a box
    side: Side  #: at which it leaves
    colour: str
    hint: str  #: the whole of it, shown on hovering


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxRow:
    """A line of a box: plain words, or links at its sides."""

    words: str = ""
    is_bold: bool = False
    links: tuple[Link, ...] = ()  #: at most one a side


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A box: where lines arrive is beside its first rows, which are therefore words."""

    key: str
    rows: Sequence[BoxRow]
    colour: str  #: of its bar on the left
    column: int = 0


class PlacedBox(NamedTuple):
    """A box with its place in pixels."""

    box: Box
    x: float
    y: float
    width: float
    height: float

    def row(self, number: int) -> float:
        """The height at which a row stands, or a line leaves it."""
        return self.y + _PADDING + number * ROW

    def edge(self, side: Side) -> float:
        return self.x if side == "left" else self.x + self.width


class _Lane(NamedTuple):
    """What all lines of one colour to one box share."""

    gutter: int
    is_near_left: bool  #: of the gutter: lines from the column on its left come first
    target: str
    side: Side  #: of the target
    colour: str


class _Stop(NamedTuple):
    """A link and the box it leaves."""

    source: str
    row: int
    link: Link


class Diagram:
    """Boxes placed in columns within a width, with the lines between them.

    Parameters
    ----------
    boxes : sequence of Box
        Keys are unique; each column is in order from top to bottom.
    width : float
        Of the diagram, in pixels.
    """

    def __init__(self, boxes: Sequence[Box], width: float) -> None:
        self.width = width
        self._columns = 1 + max(box.column for box in boxes)
        heights = _heights(boxes, self._columns)
        self.height = max(y + height for y, height in heights.values()) + _EDGE
        self._placed = {
            box.key: PlacedBox(box, 0.0, heights[box.key][0], 0.0, heights[box.key][1])
            for box in boxes
        }
        self._lanes = self._gathered(boxes)
        self._ports = self._arrivals()
        tracks = self._tracks()
        self._place(tracks)

    @property
    def placed(self) -> list[PlacedBox]:
        """The boxes with their places."""
        return list(self._placed.values())

    def routes(self) -> Iterator[tuple[Link, list[Point]]]:
        """Every line as the corners it runs through, from its box to that which it leads to."""
        for lane, stops in self._lanes.items():
            for stop in stops:
                yield stop.link, self._route(lane, stop)

    def svg(self, key: str) -> str:
        """What is inside of the `svg` element; ids start with `key`."""
        found = [self._clips(key)]
        for lane, stops in self._lanes.items():
            lines = [_rounded(self._route(lane, stop)) for stop in stops]
            both = "".join(lines)
            under = style(fill="none", stroke=PAPER, stroke_width=3.0 * _STROKE)
            over = style(fill="none", stroke=lane.colour, stroke_width=_STROKE)
            found.append(f'<path d="{both}"{under}/><path d="{both}"{over}/>')
        found += [self._tip(lane) for lane in self._lanes]
        found += [_box(placed, f"{key}c{placed.box.column}") for placed in self.placed]
        return "".join(found)

    # Where lines run

    def _gathered(self, boxes: Sequence[Box]) -> dict[_Lane, list[_Stop]]:
        found: dict[_Lane, list[_Stop]] = {}
        for box in boxes:
            for number, row in enumerate(box.rows):
                for link in row.links:
                    stop = _Stop(box.key, number, link)
                    found.setdefault(self._lane(box, link), []).append(stop)
        return found

    def _lane(self, box: Box, link: Link) -> _Lane:
        """The gutter on the side on which the line leaves; it arrives on the side it comes from."""
        target = self._placed[link.target].box
        gutter = box.column + (link.side == "right")
        side: Side = "left" if target.column >= gutter else "right"
        return _Lane(gutter, link.side == "right", link.target, side, link.colour)

    def _arrivals(self) -> dict[_Lane, float]:
        """The height at which each lane arrives: the first row of its box that is still free."""
        taken: dict[tuple[str, Side], int] = {}
        found = {}
        for lane in self._lanes:
            number = taken.get((lane.target, lane.side), 0)
            taken[lane.target, lane.side] = number + 1
            found[lane] = self._placed[lane.target].row(number)
        return found

    def _tracks(self) -> dict[_Lane, int]:
        """The number of each lane in its half of the gutter: lanes that overlap differ."""
        ends: dict[tuple[int, bool], list[list[tuple[float, float]]]] = {}
        found = {}
        for lane in sorted(self._lanes, key=self._length):
            spans = ends.setdefault((lane.gutter, lane.is_near_left), [])
            low, high = self._span(lane)
            fits = (
                number
                for number, used in enumerate(spans)
                if all(high + _APART < start or end + _APART < low for start, end in used)
            )
            number = next(fits, len(spans))
            if number == len(spans):
                spans.append([])
            spans[number].append((low, high))
            found[lane] = number
        return found

    def _span(self, lane: _Lane) -> tuple[float, float]:
        heights = [self._placed[stop.source].row(stop.row) for stop in self._lanes[lane]]
        return min(*heights, self._ports[lane]), max(*heights, self._ports[lane])

    def _length(self, lane: _Lane) -> float:
        low, high = self._span(lane)
        return high - low

    def _place(self, tracks: dict[_Lane, int]) -> None:
        """Give boxes and lanes their places across, once the number of lanes is known."""
        count = {
            (gutter, half): 1 + max(
                (n for lane, n in tracks.items() if lane[:2] == (gutter, half)), default=-1
            )
            for gutter in range(self._columns + 1)
            for half in (True, False)
        }  # fmt: skip
        lanes = [count[gutter, True] + count[gutter, False] for gutter in range(self._columns + 1)]
        fixed = [
            (2.0 * _NEAR if 0 < gutter < self._columns else _EDGE + (_NEAR if n else 0.0))
            for gutter, n in enumerate(lanes)
        ]
        spaces = sum(max(n - 1, 0) for n in lanes)
        free = self.width - sum(fixed) - self._columns * _LEAST_BOX
        pitch = min(_PITCH, max(free, 0.0) / spaces) if spaces else _PITCH
        wide = [each + pitch * max(n - 1, 0) for each, n in zip(fixed, lanes, strict=True)]
        box_width = min(_MOST_BOX, (self.width - sum(wide)) / self._columns)
        x = (self.width - sum(wide) - self._columns * box_width) / 2.0
        lefts = []
        for gutter in range(self._columns + 1):
            lefts.append(x)
            x += wide[gutter] + box_width
        for name, placed in self._placed.items():
            at = lefts[placed.box.column] + wide[placed.box.column]
            self._placed[name] = placed._replace(x=at, width=box_width)
        self._across = {}
        for lane, number in tracks.items():
            left, right = lefts[lane.gutter], lefts[lane.gutter] + wide[lane.gutter]
            near = left + _NEAR if lane.gutter else left + _EDGE
            far = right - _NEAR if lane.gutter < self._columns else right - _EDGE
            self._across[lane] = near + pitch * number if lane[1] else far - pitch * number

    def _route(self, lane: _Lane, stop: _Stop) -> list[Point]:
        source, target = self._placed[stop.source], self._placed[lane.target]
        start, end = source.row(stop.row), self._ports[lane]
        x = self._across[lane]
        begin, arrive = source.edge(stop.link.side), target.edge(lane.side)
        return [(begin, start), (x, start), (x, end), (arrive, end)]

    # How it is drawn

    def _clips(self, key: str) -> str:
        """A clip for each column: a sign of any width stays in its box."""
        found = {placed.box.column: placed for placed in self.placed}
        clips = (
            f'<clipPath id="{key}c{column}"><rect x="{placed.x:.2f}" y="0" '
            f'width="{placed.width:.2f}" height="{self.height:g}"/></clipPath>'
            for column, placed in sorted(found.items())
        )
        return f"<defs>{''.join(clips)}</defs>"

    def _tip(self, lane: _Lane) -> str:
        """The head of the arrow, in front of the box."""
        x, y = self._placed[lane.target].edge(lane.side), self._ports[lane]
        back = x + (-_TIP if lane.side == "left" else _TIP)
        half = 0.6 * _TIP
        shape = path([(x, y), (back, y - half), (back, y + half)])
        return f'<path d="{shape}z"{style(fill=lane.colour)}/>'


def _heights(boxes: Sequence[Box], columns: int) -> dict[str, tuple[float, float]]:
    """Top and height of each box; a shorter column stands in the middle."""
    found: dict[str, tuple[float, float]] = {}
    ends = []
    for column in range(columns):
        y = _EDGE + column % 2 * ROW / 2.0
        for box in boxes:
            if box.column == column:
                height = 2.0 * _PADDING + (len(box.rows) - 1) * ROW
                found[box.key] = y, height
                y += height - 2.0 * _PADDING + _BETWEEN
        ends.append(y)
    down = [(max(ends) - end) / 2.0 // ROW * ROW for end in ends]
    return {box.key: (found[box.key][0] + down[box.column], found[box.key][1]) for box in boxes}


def _rounded(corners: Sequence[Point]) -> str:
    """A line through corners with round turns."""
    (begin, start), (x, _), (_, end), (arrive, _) = corners
    turn = min(_TURN, abs(end - start) / 2.0)
    down = turn if end > start else -turn
    into, out = (_towards(x, each, turn) for each in (begin, arrive))
    return (
        f"M{begin:.2f} {start:.2f}L{into:.2f} {start:.2f}Q{x:.2f} {start:.2f} {x:.2f} "
        f"{start + down:.2f}L{x:.2f} {end - down:.2f}Q{x:.2f} {end:.2f} {out:.2f} {end:.2f}"
        f"L{_towards(arrive, x, _TIP):.2f} {end:.2f}"
    )


def _towards(x: float, other: float, distance: float) -> float:
    return x + distance if other > x else x - distance


def _box(placed: PlacedBox, clip: str) -> str:
    """The box with its words."""
    box, x, y, width, height = placed
    look = style(fill=CARD, stroke=SOFT, stroke_width=1.0)
    found = [
        f'<rect x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}" rx="3"{look}/>'
        f'<path d="{path([(x, y + 3.0), (x, y + height - 3.0)])}"'
        f"{style(fill='none', stroke=box.colour, stroke_width=4.0)}/>"
    ]
    for number, row in enumerate(box.rows):
        baseline = placed.row(number) + _RISE * SIZE
        found += _words(row, placed, baseline) if row.words else _links(row, placed, baseline)
    return f'{found[0]}<g clip-path="url(#{clip})">{"".join(found[1:])}</g>'


def _words(row: BoxRow, placed: PlacedBox, baseline: float) -> Iterator[str]:
    room = placed.width - 2.0 * _INSET
    shown = fitted(row.words, room, SIZE, is_bold=row.is_bold)
    weight, colour = ("bold", INK) if row.is_bold else ("", SOFT)
    drawn = text((placed.x + _INSET, baseline), shown, colour, size=SIZE, weight=weight)
    yield _hinted(drawn, row.words if shown != legible(row.words) else "")


def _links(row: BoxRow, placed: PlacedBox, baseline: float) -> Iterator[str]:
    """The words of the links: one takes what the other leaves of the row, but at least a half."""
    free = placed.width - (len(row.links) + 1) * _INSET
    needs = [text_width(legible(f"{link.figure} {link.name}"), SIZE) for link in row.links]
    for link, need in zip(row.links, needs, strict=True):
        room = max(free / len(row.links), free - (sum(needs) - need))
        # Apart from its figure, so that a name in any script leaves it where it is.
        taken = text_width(f"{link.figure} ", SIZE)
        x, inwards = placed.edge(link.side), 1.0 if link.side == "left" else -1.0
        for words, distance, colour in (
            (link.figure, _INSET, INK),
            (fitted(link.name, room - taken, SIZE), _INSET + taken, SOFT),
        ):
            if words:
                at = x + inwards * distance, baseline
                yield _hinted(text(at, words, colour, link.side, SIZE), link.hint)


def _hinted(drawn: str, hint: str) -> str:
    """A text of which the whole is shown on hovering."""
    if not hint:
        return drawn
    return f"{drawn.removesuffix('</text>')}<title>{escape(legible(hint))}</title></text>"
