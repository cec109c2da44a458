"""A story as people see it: its events as a timeline, its loss as tables, and both as a page."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from riskengine.errors import escaped
from riskengine.language.money import unit_words
from riskengine.language.speaking import say
from riskengine.reports.html.parts import (
    Html,
    Section,
    document,
    element,
    paragraph,
    table_html,
    text,
)
from riskengine.reports.screen import width_of
from riskengine.reports.story.sentences import kind_of, retold
from riskengine.reports.story.story import COMPONENTS, IndustryLoss
from riskengine.reports.tables.formats import AMOUNT, DAYS, Format
from riskengine.reports.tables.numbers import MISSING, short, with_unit
from riskengine.reports.tables.table import Table, number
from riskengine.reports.tables.table import text as text_column

if TYPE_CHECKING:
    from riskengine.reports.story.story import Event, Story
    from riskengine.reports.tables.words import Calendar

LEAST_WIDTH = 60  #: below it a timeline would have one word per line
_FIGURES = 6  #: significant figures of the total; its parts have the same decimals
_MOST_DECIMALS = 12
_DAYS = replace(DAYS, text=lambda days: short(days) if days else MISSING)


def timeline_text(story: Story, width: int) -> str:
    """The events, moment by moment, wrapped to a width; each moment starts with its date."""
    if not story.events:
        return "  Nothing happened: no dispute broke out."
    labels = [story.calendar.label(event.day) for event in story.events]
    margin = 2 + max(map(len, labels)) + 2
    lines = []
    before = ""
    for label, event in zip(labels, story.events, strict=True):
        head = "" if label == before else label
        before = label
        for piece in wrapped(escaped(event.text), max(width, LEAST_WIDTH) - margin):
            lines.append(f"  {head.ljust(margin - 2)}{piece}".rstrip())
            head = ""
    return "\n".join(lines)


def wrapped(text: str, width: int) -> Iterator[str]:
    """Lines of at most `width` columns, unless a word is longer; all but the first are indented.

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


def sum_line(story: Story) -> str:
    """The sum of the parts of the loss, compared with the loss in the row of the trial."""
    losses = story.losses
    parts, total = (
        with_unit(f"{value:,}", story.money) for value in (losses.sum_of_parts, losses.total)
    )
    if not losses.adds_up:
        return f"The parts add up to {parts} and not to the loss of the trial, {total}."
    return (
        f"The components of all industries add up to {parts}, which is the loss of the trial to "
        "the last bit; materials and spells add up to it but for rounding."
    )


def story_tables(story: Story) -> list[Table]:
    """The losses by industry and component, by material and by spell, and days by industry."""
    tables = [_by_industry(story), _days(story), _by_material(story), _by_spell(story)]
    return [table for table in tables if table.rows]


def _by_industry(story: Story) -> Table:
    money, rows = money_format(story), [row for row in story.losses.industries if row.loss > 0.0]
    unhurt = [row.industry for row in story.losses.industries if row.loss == 0.0]
    return Table(
        key="industries",
        title=f"Loss by industry and component, {unit_words(story.money)}",
        columns=[
            text_column("industry", "Industry"),
            *(number(name, name.capitalize(), form=money) for name in COMPONENTS),
            number("loss", "Total", form=money),
        ],
        rows=[*rows, _total(story)] if rows else [],
        remark=f"No loss: {', '.join(unhurt)}." if unhurt else "",
    )


def _total(story: Story) -> IndustryLoss:
    """The sum over all industries, as the last row."""
    losses = story.losses
    components = {name: losses.component(name) for name in COMPONENTS}
    return IndustryLoss(
        industry=say("Total"),
        **components,
        loss=losses.total,
        loss_days=math.nan,
        stopped_days=math.nan,
        first_loss_day=None,
    )


def _days(story: Story) -> Table:
    label = story.calendar.label
    return Table(
        key="days",
        title="When output was lost",
        columns=[
            text_column("industry", "Industry"),
            text_column("first_loss_day", "First", lambda row: label(row.first_loss_day)),
            number("loss_days", "Days with a loss", form=_DAYS),
            number("stopped_days", "Days stopped", form=_DAYS),
        ],
        rows=[row for row in story.losses.industries if row.first_loss_day is not None],
    )


def _by_material(story: Story) -> Table:
    return Table(
        key="materials",
        title=f"Loss attributed to each material, {unit_words(story.money)}",
        columns=[
            text_column("material", "Material"),
            number("loss", "Loss", form=money_format(story)),
            number("cut_days", "Days with any cut", form=_DAYS),
            number("cut_weighted_days", "Days of demand cut", form=_DAYS),
            number("shortage_days", "Days of demand short", form=_DAYS),
            text_column("deepest_level", "Worst level"),
        ],
        rows=[row for row in story.losses.materials if row.deepest_level],
    )


def _by_spell(story: Story) -> Table:
    label, spells = story.calendar.label, story.losses.spells
    return Table(
        key="spells",
        title=f"Loss by spell, {unit_words(story.money)}",
        columns=[
            text_column("start", "From", lambda row: label(row.start_day)),
            text_column("end", "To", lambda row: label(row.end_day)),
            number("loss", "Loss", form=money_format(story)),
        ],
        rows=spells if len(spells) > 1 else [],
    )


def money_format(story: Story) -> Format:
    """Amounts with the decimals of the total, so that a reader can add them up."""
    total, decimals = story.losses.total, 0
    if total > 0.0:
        decimals = _FIGURES - 1 - math.floor(math.log10(total))
    decimals = min(max(decimals, 0), _MOST_DECIMALS)
    return replace(AMOUNT, text=lambda value: f"{value:,.{decimals}f}" if value else MISSING)


def story_page(story: Story, facts: Sequence[str], closing: str) -> Html:
    """The page, with lines of facts under the title and a closing sentence under the tables."""
    return document(
        story.title or f"Trial {story.trial}",
        facts=map(text, facts),
        sections=_page_sections(story, closing),
        has_contents=False,
    )


def _page_sections(story: Story, closing: str) -> Iterator[Section]:
    yield Section("events", "What happened", [moments(story.events, story.calendar)])
    tables = map(table_html, story_tables(story))
    words = (paragraph(text(sum_line(story))), paragraph(text(closing)))
    yield Section("cost", "What it cost", [*tables, *words])


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
    # The border of a sentence shows good or bad news; its words say the same without colour.
    return element("li", text(retold(event._asdict())), class_=kind_of(event.kind).news)
