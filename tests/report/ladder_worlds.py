"""Scenarios with random ladders, disputes and triggers, and a diagram read back from its SVG."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import matplotlib as mpl
from PIL import ImageFont

from riskengine.config import load
from riskengine.drawing.boxes import Diagram
from riskengine.model.scenario import Scenario
from riskengine.reports.html.charts import NARROW, WIDE
from riskengine.reports.scenario.ladder import ladder_boxes

_FONTS = Path(mpl.get_data_path()) / "fonts" / "ttf"
_LARGE = 200.0  #: at which widths are measured: rounding to whole pixels does not count there
_FACES = {
    is_bold: ImageFont.truetype(str(_FONTS / name), int(_LARGE))
    for is_bold, name in ((False, "DejaVuSans.ttf"), (True, "DejaVuSans-Bold.ttf"))
}
_PIECES = re.compile(r"[MLQz][^MLQz]*")
_LINE = 1.6  #: width of a line; what is wider lies under it


def measured(words: str, size: float, *, is_bold: bool = False) -> float:
    """The width of words in DejaVu Sans, by another program."""
    return _FACES[is_bold].getlength(words) * size / _LARGE


def random_ladder(seed: int, levels: Sequence[str], disputes: Sequence[str]) -> Scenario:
    """A scenario whose levels lead to any others, to themselves as well."""
    dice = random.Random(seed)

    def chances(names: Sequence[str]) -> dict[str, float]:
        chosen = dice.sample(names, dice.randint(1, len(names)))
        weights = [dice.random() + 0.01 for _ in chosen]
        return {name: w / sum(weights) for name, w in zip(chosen, weights, strict=True)}

    ladder: dict[str, Any] = {
        level: {"sojourn": dice.uniform(1.0, 400.0), "next": chances(["resolved", *levels])}
        for level in levels
    }
    for level in levels:  # a way out for each
        ladder[level]["next"] = {k: 0.9 * p for k, p in ladder[level]["next"].items()}
        ladder[level]["next"]["resolved"] = ladder[level]["next"].get("resolved", 0.0) + 0.1
        ladder[level]["boycott"] = dice.random() < 0.3
    found: dict[str, Any] = {}
    for number, name in enumerate(disputes):
        rate = dice.choice([0.0, 0.3])
        found[name] = {"coercer": f"Country {number}", "target": "Korea", "rate_per_year": rate}
        found[name]["entry"] = chances(levels)
        if dice.random() < 0.3:
            found[name]["active"] = {"level": dice.choice(levels), "elapsed_days": 4}
    triggers = {
        f"trigger {number}": {
            "when": dice.choice(disputes),
            "reaches": dice.choice(levels),
            "starts": dice.choice(disputes),
            "probability": round(dice.random(), 3),
            "lag": dice.uniform(1.0, 90.0),
        }
        for number in range(dice.randint(0, len(disputes)))
    }
    material: dict[str, Any] = {
        "spend_per_year": 1.0,
        "coverage": 1.0,
        "cut": {levels[-1]: 0.5},
        "sources": {"Country 0": {"share": 0.9}},
    }
    own = {"ladder": {levels[0]: {"sojourn": 5}}} if dice.random() < 0.5 else {}
    use = {"share": 1.0, "dependence": 1.0}
    return load(
        {
            "run": {"horizon_days": 365, "trials": 10, "importer": "Korea", "money": "USD"},
            "ladder": ladder,
            "disputes": found,
            "triggers": triggers,
            "materials": {"gallium": {**material, **own}},
            "industries": {"chips": {"value_added_per_year": 1.0, "uses": {"gallium": use}}},
        }
    )


class Words(NamedTuple):
    """Words of the picture, where they stand and how wide they are."""

    shown: str
    left: float
    right: float
    y: float  #: of the baseline
    is_bold: bool
    hint: str  #: empty: none


class Rectangle(NamedTuple):
    x: float
    y: float
    width: float
    height: float

    def has(self, x: float, y: float) -> bool:
        is_across = self.x - 0.02 <= x <= self.x + self.width + 0.02
        return is_across and self.y - 0.02 <= y <= self.y + self.height + 0.02


class Line(NamedTuple):
    """A line between boxes: its colour and its corners, turns taken as corners."""

    colour: str
    corners: list[tuple[float, float]]


class Picture:
    """A diagram as its SVG says it."""

    def __init__(self, scenario: Scenario, *, is_wide: bool) -> None:
        boxes = ladder_boxes(scenario, is_wide=is_wide)
        diagram = Diagram(boxes, WIDE if is_wide else NARROW)
        self.width, self.height = diagram.width, diagram.height
        root = ElementTree.fromstring(f"<svg>{diagram.svg('k')}</svg>")  # noqa: S314 our own
        clips = {id(rect) for clip in root.iter("clipPath") for rect in clip}
        self.boxes = [
            Rectangle(*(float(rect.get(key, "")) for key in ("x", "y", "width", "height")))
            for rect in root.iter("rect")
            if id(rect) not in clips
        ]
        self.words = [_words(text) for text in root.iter("text")]
        self.lines: list[Line] = []
        self.tips: list[tuple[str, tuple[float, float]]] = []
        for each in root.iter("path"):
            look = _look(each)
            if float(look.get("stroke-width", 0.0)) == _LINE:
                self.lines += _lines(look["stroke"], each.get("d", ""))
            elif look.get("fill") != "none":
                self.tips.append((look["fill"], _points(each.get("d", ""))[0]))

    def words_in(self, box: Rectangle) -> list[Words]:
        """The words of a box, from top to bottom."""
        inside = [w for w in self.words if box.has((w.left + w.right) / 2.0, w.y)]
        return sorted(inside, key=lambda words: (words.y, words.left))

    def at_edge(self, x: float, y: float, reach: float = 0.0) -> Rectangle:
        """The only box on whose left or right edge a place is, up to `reach` outside of it."""
        found = [
            box
            for box in self.boxes
            if box.y < y < box.y + box.height
            and min(abs(x + reach - box.x), abs(x - reach - box.x - box.width)) < 0.02
        ]
        assert len(found) == 1
        return found[0]


def _look(element: ElementTree.Element) -> dict[str, str]:
    parts = (part.split(": ") for part in element.get("style", "").split("; "))
    return {part[0]: part[1] for part in parts if len(part) == 2}


def _words(element: ElementTree.Element) -> Words:
    look, shown = _look(element), element.text or ""
    x, is_bold = float(element.get("x", "")), look.get("font-weight") == "bold"
    wide = measured(shown, float(look["font-size"].removesuffix("px")), is_bold=is_bold)
    left = x - wide if look["text-anchor"] == "end" else x
    hint = next((title.text or "" for title in element.iter("title")), "")
    return Words(shown, left, left + wide, float(element.get("y", "")), is_bold, hint)


def _points(path: str) -> list[tuple[float, float]]:
    """The corners of a path: of a turn, the place that it turns around."""
    points = []
    for piece in _PIECES.findall(path):
        if piece != "z":
            x, y = piece[1:].split()[:2]
            points.append((float(x), float(y)))
    return points


def _lines(colour: str, path: str) -> list[Line]:
    return [Line(colour, _points(f"M{part}")) for part in path.split("M")[1:]]
