"""A story as text for a terminal, a file or a pipe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from riskengine.reports.screen import width_of
from riskengine.reports.tables.table import printable

if TYPE_CHECKING:
    from riskengine.reports.story.story import Story

LEAST_WIDTH = 60  #: below it a timeline would be one word a line


def timeline_text(story: Story, width: int) -> str:
    """The events, one moment after another, wrapped to a width; the moment stands in front."""
    if not story.events:
        return "  Nothing happened: no dispute broke out."
    labels = [story.calendar.label(event.day) for event in story.events]
    margin = 2 + max(map(len, labels)) + 2
    lines = []
    before = ""
    for label, event in zip(labels, story.events, strict=True):
        head = "" if label == before else label
        before = label
        for piece in wrapped(printable(event.text), max(width, LEAST_WIDTH) - margin):
            lines.append(f"  {head.ljust(margin - 2)}{piece}".rstrip())
            head = ""
    return "\n".join(lines)


def wrapped(text: str, width: int) -> Iterator[str]:
    """Lines of at most so many columns, but for words that are longer; all but the first hang.

    >>> list(wrapped("batteries lose 54 % of it", 19))
    ['batteries lose 54 %', '  of it']
    """
    line, used = "", 0
    for word in re.split(" (?!%)", text):
        taken = width_of(word)
        if line and used + 1 + taken > width:
            yield line
            line, used = f"  {word}", 2 + taken
            continue
        line = f"{line} {word}" if line else word
        used += taken + (1 if used else 0)
    yield line
