"""Sheets about single trials: Time to stop, and Worst trials as short dated stories."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from riskengine.figures.evidence import Series, median_first_day
from riskengine.language.speaking import say, spoken
from riskengine.measures.estimate import Estimate
from riskengine.measures.sample import NORMAL_975
from riskengine.reports.run.stored import NO_ROWS, SURVIVAL, StoredRun
from riskengine.reports.run.tables import parts
from riskengine.reports.story.sentences import kind_of, retold
from riskengine.reports.tables.formats import AFTER, DATE, DAYS, SHARE
from riskengine.reports.tables.looks import STRONG
from riskengine.reports.tables.numbers import in_unit, significant
from riskengine.reports.tables.table import Column, Table, estimate, number, text
from riskengine.reports.tables.words import Calendar, listing, stands_at
from riskengine.reports.xlsx.book import Book, Page
from riskengine.reports.xlsx.charts import MOST_SERIES, line_chart

WITHIN = (30, 60, 90, 180, 365)  #: days
_CHART_LINES = 17
#: Half-width of the 95 % interval of a chance of 1/2 in one trial, in percentage points
_WIDEST = 100.0 * NORMAL_975 * 0.5
_DAYS_OF_COVER = (
    "Days of cover used up: from the start of the spell of trouble to the first loss of output, "
    "the time that other supply, stocks and the industry's own inventory bought. The median is "
    "taken among the trials in which output is hit."
)
_SINCE = "From the start of trouble: "
_NO_SURVIVAL = (
    f"These results have no {SURVIVAL}: they were made by an older riskengine, and the days "
    "between the start of trouble and the first loss are not known. Run the scenario again."
)
MOST_EVENTS = 24  #: of a story: short enough to read
_MOST_NAMED = 3
_LEAST_SHARE = 0.005  #: of the loss: less would be shown as 0 %
_STORIES = (
    "VaR is the loss of one of the trials. These are those trials, each told as a story: what "
    "broke out, how far it went, when stocks ran out and which industries were hit."
)
_NO_STORIES = (
    "These results hold no stories: they were made by an older riskengine. The command riskengine "
    "explain tells them from the results folder."
)


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """The days until output is hit, in each trial."""

    days: Mapping[str, Series]  #: by industry; nan if output is never hit
    among: int  #: the number of trials that shares refer to
    horizon_days: float

    def within(self, days: float) -> Callable[[str], float | None]:
        """Share of the trials in which output is hit within `days` days."""

        def value(name: str) -> float | None:
            if days > self.horizon_days or not self.among:
                return None
            return int(np.count_nonzero(self.days[name] <= days)) / self.among

        return value

    def columns(self, prefix: str) -> Iterator[Column]:
        for days in WITHIN:
            heading, name = f"Hit within {days} days", f"{prefix}{days}d"
            yield number(heading, heading, self.within(days), SHARE, name=name)


def time_sheet(book: Book, run: StoredRun) -> None:
    """Write how soon each industry's output is hit, and for how long."""
    page = book.page("Time to stop", (28, *[13.0] * 9))
    page.title("Time to stop", f"{run.facts.line}. {say(_DAYS_OF_COVER)}")
    names = run.names("industry")
    if not names:
        page.paragraph("The scenario has no industry.")
        return
    if not run.has_rows:
        page.paragraph(NO_ROWS)
        return
    _from_start(page, run, names)
    _in_trouble(book, page, run, names)


def _from_start(page: Page, run: StoredRun, names: list[str]) -> None:
    """The chances that output is hit, counted from day 0, and the days lost."""
    trials = run.facts.trials
    hits = Hits(run.first_days, trials, run.facts.horizon_days)
    name, loss_days = parts(run, "industry").only("name", "loss_days").unnamed("loss_days").columns
    page.heading("From day 0: chance that output is hit, and days lost")
    columns = [
        name,
        *hits.columns("HitWithin"),
        loss_days,
        number("if_hit", "Days lost if hit, mean", _days_if_hit(run), DAYS, name="DaysLostIfHit"),
    ]
    page.table(
        Table(key="TimeFromStart", columns=columns, rows=names, about="From day 0: "),
        empty=_beyond(run),
    )
    page.paragraph(
        f"Of all {trials:,} trials. The 95 % interval of a chance reaches at most "
        f"{significant(_WIDEST / trials**0.5)} percentage points to either side."
    )


def _in_trouble(book: Book, page: Page, run: StoredRun, names: list[str]) -> None:
    """The chances that output is hit, counted from the start of trouble, and the days of cover."""
    page.heading("From the start of trouble: how long industries hold out")
    survival = run.survival_days
    if not survival:
        page.paragraph(_NO_SURVIVAL)
        return
    among = int(np.count_nonzero(run.is_restricted))
    hits = Hits(survival, among, run.facts.horizon_days)

    @cache
    def cover(name: str) -> Estimate:
        return median_first_day(survival[name])

    columns = [
        text("name", "Industry", str),
        *hits.columns("HitAfter"),
        estimate(
            "cover", "Days of cover used up, median", cover, DAYS, unit="days", name="DaysOfCover"
        ),
        number("ever", "Hit at all", hits.within(hits.horizon_days), SHARE),
    ]
    placed = page.table(
        Table(key="TimeInTrouble", columns=columns, rows=names, about=_SINCE), empty=_beyond(run)
    )
    page.paragraph(
        f"Of the {among:,} trials in which any material is restricted. Days count from the start "
        "of the spell in which output is first hit."
    )
    page.gap()
    largest = [names.index(name) for name in run.ranked("industry")[:MOST_SERIES]]
    title = "Chance that output is hit after the start of trouble"
    if len(largest) < len(names):
        title += f": the {len(largest)} largest drivers"
    chart = line_chart(book, placed, sorted(largest), (1, len(WITHIN)), title)
    page.chart(chart, _CHART_LINES)
    page.gap(_CHART_LINES)


def _days_if_hit(run: StoredRun) -> Callable[[str], float | None]:
    def value(name: str) -> float | None:
        days = run.loss_days[name]
        some = days[days > 0.0]
        return float(np.mean(some)) if len(some) else None

    return value


def _beyond(run: StoredRun) -> str:
    return (
        f"Empty cells: beyond the horizon of {run.facts.horizon_days:,g} days, or output is never "
        "hit."
    )


def trials_sheet(book: Book, run: StoredRun) -> None:
    """Write the stories of the bad trials that the run keeps."""
    page = book.page("Worst trials", (13, 9, 122))
    page.title("Worst trials", f"{run.facts.line}. {say(_STORIES)}")
    stories = run.stored.stories()
    if not stories:
        page.paragraph(_NO_STORIES)
    for story in stories:
        _story(page, story)


def _story(page: Page, story: Mapping[str, Any]) -> None:
    at = story.get("at", "")
    page.heading(f"{stands_at(at)}: trial {story['trial']:,}")
    page.paragraph(_cost(story), STRONG)
    events = told(story["events"])
    if not events:
        page.paragraph("Nothing happened: no dispute broke out.")
        return
    calendar = Calendar.starting(story.get("valuation_date"))
    columns = [
        text("date", "Date", lambda event: calendar.date(event["day"]), DATE),
        number("day", "Day", form=DAYS),
        text("event", "What happened", retold, AFTER),
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
    amounts = in_unit(total, money) if spoken().myriads else f"{significant(total)} {money}"
    found = f"Loss {amounts}"
    for kind, singular, words in (
        ("industries", "industry", "borne by"),
        ("materials", "material", "due to"),
    ):
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
    """The most important events, in order of time; all of them if there are at most `most`."""
    weights = [kind_of(event["kind"]).weight for event in events]
    ranking = sorted(range(len(events)), key=lambda i: (weights[i], i))
    return [events[i] for i in sorted(ranking[:most])]
