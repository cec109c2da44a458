"""Charts taken out of pages and made into pictures of their own: nothing is drawn twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape, unescape

from riskengine.drawing.lettering import text_width
from riskengine.drawing.svg import INK, SOFT, text
from riskengine.reports.html.style import LIGHT

_CHART = re.compile(
    r'<div class="(?:wide|panel)">(?:<h3><bdi>(?P<name>.*?)</bdi></h3>)?'
    r'<svg viewBox="0 0 (?P<width>[\d.]+) (?P<height>[\d.]+)" role="img" '
    r'aria-label="(?P<label>[^"]*)"[^>]*>(?P<inner>.*?)</svg></div>',
    re.DOTALL,
)
_ROOM, _HEADING, _LINE = 14.0, 24.0, 17.0  #: around charts, over each, of a line of the caption
_TITLE, _SMALL = 16.0, 13.0  #: height of letters
_FONTS = "system-ui, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', sans-serif"


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of a page: what is inside of its element, and the name over it."""

    width: float
    height: float
    label: str  #: what it shows, for readers who cannot see it
    inner: str
    name: str = ""


def charts(page: str, section: str) -> list[Chart]:
    """The charts of a section, as they are for a desk."""
    found = page.split(f'<section id="{section}"')[1].split("</section>")[0]
    return [
        Chart(
            float(match["width"]), float(match["height"]), unescape(match["label"]),
            match["inner"], unescape(match["name"] or "").replace("\xa0", " "),
        )
        for match in _CHART.finditer(found)
    ]  # fmt: skip


def picture(
    title: str,
    found: Sequence[Chart],
    made_from: str,
    *,
    caption: str = "",
    across: int = 1,
) -> str:
    """Charts in rows under a title, as a file: light, whatever shows it, so that it prints.

    Parameters
    ----------
    title : str
    found : sequence of Chart
    made_from : str
        What the picture was made from, kept in the file.
    caption : str
        Stands under the charts.
    across : int
        How many charts stand side by side.
    """
    rows = [found[first : first + across] for first in range(0, len(found), across)]
    y = _ROOM + _TITLE + 8.0
    parts = [text((_ROOM, _ROOM + _TITLE - 3.0), title, INK, size=_TITLE, weight="bold")]
    for row in rows:
        over = _HEADING if any(chart.name for chart in row) else 0.0
        x = _ROOM
        for chart in row:
            if chart.name:
                parts.append(text((x + 4.0, y + 17.0), chart.name, INK, size=14.0, weight="bold"))
            parts.append(f'<g transform="translate({x:g} {y + over:g})">{chart.inner}</g>')
            x += chart.width + _ROOM
        y += over + max(chart.height for chart in row) + _ROOM
    width = max(sum(chart.width + _ROOM for chart in row) for row in rows) + _ROOM
    for line in _lines(caption, width - 2.0 * _ROOM):
        parts.append(text((_ROOM, y + 6.0), line, SOFT, size=_SMALL))
        y += _LINE
    label = f"{title}. {' '.join(chart.label for chart in found)}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {y + _ROOM:g}" '
        f'width="{width:g}" height="{y + _ROOM:g}" role="img" aria-label="{escape(label)}" '
        f'font-family="{_FONTS}">\n<desc>{escape(made_from)}</desc>\n'
        f"<style>svg {{ {LIGHT} }}</style>\n"
        f'<rect width="100%" height="100%" style="fill: var(--paper)"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _lines(words: str, room: float) -> Iterator[str]:
    """The words in lines that have room."""
    line = ""
    for word in words.replace(" %", "\xa0%").split(" "):
        longer = f"{line} {word}".lstrip()
        if text_width(longer, _SMALL) > room:
            yield line.replace("\xa0", " ")
            longer = word
        line = longer
    if line:
        yield line.replace("\xa0", " ")
