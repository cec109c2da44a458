"""Elements of SVG as text: paths, marks, words, looks; places are in pixels."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from html import escape

from riskengine.model.spelling import legible

# Colours are custom properties of the page: one chart serves a light page, a dark page and paper.
INK, SOFT, LINE, PAPER, CARD = (
    f"var(--{name})" for name in ("ink", "soft", "line", "paper", "card")
)
BLUE, ORANGE, GREEN, RED, PURPLE, SKY = (
    f"var(--{name})" for name in ("blue", "orange", "green", "red", "purple", "sky")
)

Point = tuple[float, float]

FONT = 12.0  #: pixels
BREAK = (math.nan, math.nan)  #: lifts the pen
_CORNER = math.sqrt(2.0)  #: of a square that stands on a corner, in halves of its side


def path(points: Iterable[Point]) -> str:
    """A line through points in pixels; nan lifts the pen."""
    parts, pen = [], "M"
    for x, y in points:
        if math.isnan(x) or math.isnan(y):
            pen = "M"
            continue
        parts.append(f"{pen}{x:.2f} {y:.2f}")
        pen = "L"
    return "".join(parts)


def _disc(x: float, y: float, r: float) -> str:
    turn = f"A{r:g} {r:g} 0 1 0"
    return f"M{x - r:.2f} {y:.2f}{turn} {x + r:.2f} {y:.2f}{turn} {x - r:.2f} {y:.2f}z"


def _closed(*corners: Point) -> Callable[[float, float, float], str]:
    """A mark with these corners, in halves of its size."""
    return lambda x, y, r: path([(x + r * dx, y + r * dy) for dx, dy in corners]) + "z"


MARKS: dict[str, Callable[[float, float, float], str]] = {
    "o": _disc,
    "|": _closed((0.0, -1.0), (0.0, 1.0)),
    "s": _closed((-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)),
    "D": _closed((-_CORNER, 0.0), (0.0, -_CORNER), (_CORNER, 0.0), (0.0, _CORNER)),
    ">": _closed((-1.0, -1.0), (1.0, 0.0), (-1.0, 1.0)),
}


def style(**parts: str | float) -> str:
    """The attribute with these properties; empty ones are left out."""
    given = (
        f"{name.replace('_', '-')}: {value:g}" if isinstance(value, float | int) else
        f"{name.replace('_', '-')}: {value}"
        for name, value in parts.items()
        if value != ""
    )  # fmt: skip
    return f' style="{"; ".join(given)}"'


def text(
    at: Point, words: str, color: str, ha: str = "left", size: float = FONT, weight: str = ""
) -> str:
    """Words that begin, end (`right`) or are centred at a place."""
    anchor = {"left": "start", "center": "middle", "right": "end"}[ha]
    look = style(font_size=f"{size:g}px", font_weight=weight, text_anchor=anchor, fill=color)
    return f'<text x="{at[0]:.2f}" y="{at[1]:.2f}"{look}>{escape(legible(words))}</text>'
