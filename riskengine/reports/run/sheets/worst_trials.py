"""The sheet Worst trials: bad futures told as short dated stories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from riskengine.reports.run.sheets.run import Run
from riskengine.reports.tables.calendar import Calendar
from riskengine.reports.tables.looks import DAYS, STRONG
from riskengine.reports.tables.numbers import significant
from riskengine.reports.tables.words import listing
from riskengine.reports.xlsx.book import Book, Page
from riskengine.reports.xlsx.table import Table, after, line, number

MOST_EVENTS = 24  #: of a story: a page to read, not a log
_MOST_NAMED = 3
_LEAST_SHARE = 0.005  #: of the loss: less would be shown as 0 %
_WORDS = (
    "VaR is the loss of one of the futures that were played. These are those futures, told: what "
    "broke out, how far it went, when stocks ran out and which industries were hit."
)
_OLD = (
    "These results hold no stories: they were made by an older riskengine. The command riskengine "
    "explain tells them from the results folder."
)

#: Kinds of events by weight: as many as there is room for are told, the weightiest first
_WEIGHTS = (
    ("active", "outbreak", "stopped", "still-hit"),
    ("escalation", "hit", "recovered", "resolved"),
    ("entry", "emptied", "unresolved"),
    ("short", "cut", "arrival", "whole"),
    ("worse", "restarted", "easing", "drawn", "inventory", "failed"),
)


def trials_sheet(book: Book, run: Run) -> None:
    """Write the sheet."""
    page = book.page("Worst trials", (13, 9, 122))
    page.title("Worst trials", f"{run.facts.line}. {_WORDS}")
    stories = run.stored.stories()
    if not stories:
        page.paragraph(_OLD)
    for story in stories:
        _story(page, story)


def _story(page: Page, story: Mapping[str, Any]) -> None:
    at = story.get("at", "")
    called = f"VaR {at.removeprefix('var')} %" if at.startswith("var") else at
    page.heading(f"{called}: trial {story['trial']:,}")
    page.paragraph(_cost(story), STRONG)
    events = told(story["events"])
    if not events:
        page.paragraph("Nothing happened: no dispute broke out.")
        return
    calendar = Calendar.starting(story.get("valuation_date"))
    columns = [
        line("Date", lambda event: calendar.date(event["day"])),
        number("Day", lambda event: event["day"], DAYS),
        after("What happened", lambda event: event["text"]),
    ]
    page.table(Table(key=f"Story_{at}", columns=columns, rows=events), empty="")
    left_out = len(story["events"]) - len(events)
    more = f" {left_out} smaller events are left out." if left_out else ""
    command = f"riskengine explain FOLDER --trial {story['trial']}"
    page.paragraph(f"The whole story, with every step: {command}.{more}")


def _cost(story: Mapping[str, Any]) -> str:
    losses, money = story["losses"], story["money"]
    total = losses["total"]
    if not total > 0.0:
        return "No loss."
    found = f"Loss {significant(total)} {money}"
    for kind, words in (("industries", "borne by"), ("materials", "due to")):
        singular = {"industries": "industry", "materials": "material"}[kind]
        rows = sorted(losses[kind], key=lambda row: -row["loss"])[:_MOST_NAMED]
        largest = [
            f"{r[singular]} ({r['loss'] / total:.0%})"
            for r in rows
            if r["loss"] >= _LEAST_SHARE * total
        ]
        if largest:
            found += f"; mostly {words} {listing(largest)}"
    return f"{found}."


def told(events: Sequence[Mapping[str, Any]], most: int = MOST_EVENTS) -> list[Mapping[str, Any]]:
    """The weightiest events, in their order; all of them where there is room."""
    weights = {kind: weight for weight, kinds in enumerate(_WEIGHTS) for kind in kinds}
    last = len(_WEIGHTS)
    ranking = sorted(range(len(events)), key=lambda i: (weights.get(events[i]["kind"], last), i))
    return [events[i] for i in sorted(ranking[:most])]
