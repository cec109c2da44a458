"""A story as one self-contained page: no script, nothing from the network, fit for print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from riskengine.reports.html.parts import document, paragraph, section, table_html, text
from riskengine.reports.story.tables import story_tables, sum_line

if TYPE_CHECKING:
    from riskengine.reports.story.story import Event, Story
    from riskengine.reports.tables.calendar import Calendar

# The side of a sentence is told by its border; its words say the same without colour.
_BAD = frozenset(
    {"outbreak", "entry", "escalation", "cut", "failed", "too-late", "emptied", "short", "shorter",
     "inventory", "hit", "worse", "stopped", "still-short", "still-hit"}
)  # fmt: skip
_GOOD = frozenset(
    {"easing", "resolved", "whole", "arrival", "less-short", "supplied", "substitution",
     "restarted", "better", "recovered"}
)  # fmt: skip


def story_page(story: Story, facts: Sequence[str], closing: str) -> str:
    """The page, as HTML.

    Parameters
    ----------
    story : Story
    facts : sequence of str
        Lines under the title: which trial this is, and of which run.
    closing : str
        A sentence under the tables.
    """
    return document(
        story.title or f"Trial {story.trial}",
        facts=map(text, facts),
        sections=_sections(story, closing),
    )


def _sections(story: Story, closing: str) -> Iterator[str]:
    happened = "".join(moments(story.events, story.calendar))
    yield section("events", "What happened", [f'<ol class="moments">{happened}</ol>'])
    tables = map(table_html, story_tables(story))
    words = (paragraph(text(sum_line(story))), paragraph(text(closing)))
    yield section("cost", "What it cost", [*tables, *words])


def moments(events: Sequence[Event], calendar: Calendar) -> Iterator[str]:
    """List items, one a moment, with the sentences of all that happened in it."""
    if not events:
        yield "<li>Nothing happened: no dispute broke out.</li>"
    for label, together in groupby(events, key=lambda event: calendar.label(event.day)):
        sentences = "".join(map(_sentence, together))
        yield f'<li><span class="day">{label}</span><ul>{sentences}</ul></li>'


def _sentence(event: Event) -> str:
    side = "bad" if event.kind in _BAD else "good" if event.kind in _GOOD else ""
    mark = f' class="{side}"' if side else ""
    return f"<li{mark}>{text(event.text)}</li>"
