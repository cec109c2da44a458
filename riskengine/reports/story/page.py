"""A story as one self-contained page: no script, nothing from the network, fit for print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from riskengine.reports.html.parts import (
    Html,
    document,
    element,
    paragraph,
    section,
    table_html,
    text,
)
from riskengine.reports.story.tables import story_tables, sum_line

if TYPE_CHECKING:
    from riskengine.reports.story.story import Event, Story
    from riskengine.reports.tables.calendar import Calendar

# The border of a sentence shows good or bad news; its words say the same without colour.
_BAD = frozenset(
    {"outbreak", "entry", "escalation", "cut", "failed", "too-late", "emptied", "short", "shorter",
     "inventory", "hit", "worse", "stopped", "still-short", "still-hit"}
)  # fmt: skip
_GOOD = frozenset(
    {"easing", "resolved", "whole", "arrival", "less-short", "supplied", "substitution",
     "restarted", "better", "recovered"}
)  # fmt: skip


def story_page(story: Story, facts: Sequence[str], closing: str) -> Html:
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


def _sections(story: Story, closing: str) -> Iterator[Html]:
    yield section("events", "What happened", [moments(story.events, story.calendar)])
    tables = map(table_html, story_tables(story))
    words = (paragraph(text(sum_line(story))), paragraph(text(closing)))
    yield section("cost", "What it cost", [*tables, *words])


def moments(events: Sequence[Event], calendar: Calendar) -> Html:
    """A list with one item per moment, which holds the sentences of everything that happened."""
    return element("ol", *_moments(events, calendar), class_="moments")


def _moments(events: Sequence[Event], calendar: Calendar) -> Iterator[Html]:
    if not events:
        yield element("li", text("Nothing happened: no dispute broke out."))
    for label, together in groupby(events, key=lambda event: calendar.label(event.day)):
        day = element("span", text(label), class_="day")
        yield element("li", day, element("ul", *map(_sentence, together)))


def _sentence(event: Event) -> Html:
    side = "bad" if event.kind in _BAD else "good" if event.kind in _GOOD else ""
    return element("li", text(event.text), class_=side)
