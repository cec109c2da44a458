"""The sheet Time to stop: how soon each industry's output is hit, and for how long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from riskengine.figures.evidence import median_first_day
from riskengine.measures.estimate import Estimate
from riskengine.measures.sample import NORMAL_975
from riskengine.reports.run.sheets.drivers import ranked
from riskengine.reports.run.sheets.run import SURVIVAL, Floats, Run
from riskengine.reports.run.sheets.scope import Scope
from riskengine.reports.run.stored import NO_ROWS
from riskengine.reports.tables.looks import DAYS, SHARE
from riskengine.reports.tables.numbers import significant
from riskengine.reports.xlsx.book import Book, Page
from riskengine.reports.xlsx.charts import MOST_SERIES, line_chart
from riskengine.reports.xlsx.table import Column, Table, estimated, number, text

WITHIN = (30, 60, 90, 180, 365)  #: days
_CHART_LINES = 17
_WIDEST = 100.0 * NORMAL_975 * 0.5  #: margin of a chance of one half in one trial, in points
_DAYS_OF_COVER = (
    "Days of cover used up: from the start of the spell of trouble to the first loss of output, "
    "the time that other supply, stocks and the industry's own inventory bought. The median is "
    "taken among the futures in which output is hit."
)
_SINCE = "From the start of trouble: "
_OLD = (
    f"These results have no {SURVIVAL}: they were made by an older riskengine, and the days "
    "between the start of trouble and the first loss are not known. Run the scenario again."
)


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """How many days pass until output is hit, in each trial."""

    days: Mapping[str, Floats]  #: by industry; nan where output is never hit
    among: int  #: number of trials of which a share is taken
    horizon_days: float

    def within(self, days: float) -> Callable[[str], float | None]:
        """Share of the trials in which output is hit within so many days."""

        def value(name: str) -> float | None:
            if days > self.horizon_days or not self.among:
                return None
            return int(np.count_nonzero(self.days[name] <= days)) / self.among

        return value

    def columns(self, prefix: str) -> list[Column]:
        return [
            number(f"Hit within {days} days", self.within(days), SHARE, f"{prefix}{days}d")
            for days in WITHIN
        ]


def time_sheet(book: Book, run: Run) -> None:
    """Write the sheet."""
    page = book.page("Time to stop", (28, *[13.0] * 9))
    page.title("Time to stop", f"{run.facts.line}. {_DAYS_OF_COVER}")
    names = run.names("industry")
    if not names:
        page.paragraph("The scenario has no industry.")
        return
    if not run.has_rows:
        page.paragraph(NO_ROWS)
        return
    _from_start(page, run, names)
    _in_trouble(book, page, run, names)


def _from_start(page: Page, run: Run, names: list[str]) -> None:
    """The chances from day 0, and the days lost."""
    trials = run.facts.trials
    hits = Hits(run.first_days, trials, run.facts.horizon_days)
    of = Scope(run, "industry")
    page.heading("From day 0: chance that output is hit, and days lost")
    columns = [
        text("Industry", str),
        *hits.columns("HitWithin"),
        *of.estimate("Days lost, mean", "days", "loss_days", DAYS),
        number("Days lost if hit, mean", _days_if_hit(run), DAYS, "DaysLostIfHit"),
    ]
    page.table(
        Table(key="TimeFromStart", columns=columns, rows=names, about="From day 0: "),
        empty=_beyond(run),
    )
    page.paragraph(
        f"Of all {trials:,} futures. The 95 % interval of a chance reaches at most "
        f"{significant(_WIDEST / trials**0.5)} percentage points to either side."
    )


def _in_trouble(book: Book, page: Page, run: Run, names: list[str]) -> None:
    """The chances from the start of trouble, and the days of cover."""
    page.heading("From the start of trouble: how long industries hold out")
    survival = run.survival_days
    if not survival:
        page.paragraph(_OLD)
        return
    among = int(np.count_nonzero(run.is_restricted))
    hits = Hits(survival, among, run.facts.horizon_days)

    @cache
    def cover(name: str) -> Estimate:
        return median_first_day(survival[name])

    columns = [
        text("Industry", str),
        *hits.columns("HitAfter"),
        *estimated("Days of cover used up, median", "days", cover, DAYS, "DaysOfCover"),
        number("Hit at all", hits.within(hits.horizon_days), SHARE),
    ]
    placed = page.table(
        Table(key="TimeInTrouble", columns=columns, rows=names, about=_SINCE), empty=_beyond(run)
    )
    page.paragraph(
        f"Of the {among:,} futures in which any material is restricted. Days count from the start "
        "of the spell in which output is first hit."
    )
    page.gap()
    largest = [names.index(name) for name in ranked(run, "industry")[:MOST_SERIES]]
    title = "Chance that output is hit after the start of trouble"
    if len(largest) < len(names):
        title += f": the {len(largest)} largest drivers"
    chart = line_chart(book, placed, sorted(largest), (1, len(WITHIN)), title)
    page.chart(chart, _CHART_LINES)
    page.skip(_CHART_LINES)


def _days_if_hit(run: Run) -> Callable[[str], float | None]:
    def value(name: str) -> float | None:
        days = run.loss_days[name]
        some = days[days > 0.0]
        return float(np.mean(some)) if len(some) else None

    return value


def _beyond(run: Run) -> str:
    return (
        f"Empty cells: beyond the horizon of {run.facts.horizon_days:,g} days, or output is never "
        "hit."
    )
