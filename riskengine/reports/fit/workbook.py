"""A calibration as `fit.xlsx`; the same table and options give the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from riskengine.fits.calibration import Calibration
from riskengine.fits.fitting import Fit, GroupFit
from riskengine.fits.observing import WORDS
from riskengine.measures.estimate import Estimate
from riskengine.model.notices import Notice
from riskengine.reports.fit.tables import (
    AICC,
    NO_RATES,
    NO_STEPS,
    durations_table,
    facts_line,
    figures_table,
    group_column,
    headline,
    last_seen,
    left_out,
    onset_table,
    seen_after,
    steps_table,
    summary_tables,
)
from riskengine.reports.tables.formats import DAYS, SHARE
from riskengine.reports.tables.looks import STRONG
from riskengine.reports.tables.table import Table, Value, estimate, number
from riskengine.reports.xlsx.book import Book, Page
from riskengine.reports.xlsx.charts import survival_chart

#: A fixed moment for tables without dates, so that the bytes do not depend on the clock
_MOMENT = "2000-01-01T00:00:00+00:00"
_HOLDS = {
    "Fits": "every figure of every family, the best family first",
    "Survival": "the share that lasts longer, as seen and as fitted, with charts",
    "Onset": "how often restrictions begin",
    "Steps": "what came after an episode",
    "Data": "the durations that were fitted, and what was left out",
    "What it cannot tell": "the limits of such a table",
}
_EMPTY = "Empty cells: there is no such figure."
_ONSET = (
    "How often restrictions begin: per political event and per episode, over the years watched. A "
    "year is 365 days."
)
_STEPS = "What came after an episode: another that names it as origin, or its end."
_CHART_LINES = 22
_FAMILIES = 3  #: the best ones, which get a column and a line
_PARTS = 24  #: of the longest duration: curves have a point at the end of each part
_DAYS = (30, 60, 90, 180, 365, 730)  #: days at which groups are compared


def fit_workbook(found: Calibration, notices: Sequence[Notice], limits: Sequence[str]) -> bytes:
    """The bytes of an XLSX file.

    Raises
    ------
    WorkbookFault
        If a sheet would need more rows than Excel has, or a cell more text.
    """
    table = found.table
    created = f"{table.cut_off}T00:00:00+00:00" if table.cut_off else _MOMENT
    book = Book(f"Calibration: {table.name}", "riskengine", created)
    _summary(book, found, notices)
    _fits(book, found)
    _survival_sheet(book, found)
    page = book.page("Onset", (26, 11, 11, 11, 11, 11, *[13.0] * 8))
    _explained(page, _ONSET, onset_table(found), NO_RATES)
    page = book.page("Steps", (26, 11, 11, 11, 11, 24, 10, *[12.0] * 3))
    _explained(page, _STEPS, steps_table(found), NO_STEPS)
    _data(book, found)
    _limits(book, found, limits)
    return book.close()


def _summary(book: Book, found: Calibration, notices: Sequence[Notice]) -> None:
    page = book.page("Summary", (26, 11, 11, 11, 20, *[12.0] * 9, 11))
    page.title("Calibration", facts_line(found))
    page.heading("The answer")
    for what, figure, rests in headline(found):
        page.paragraph(f"{what}: {figure} ({rests}).", STRONG)
    for table in summary_tables(found):
        page.heading(table.title)
        page.table(table, empty=_EMPTY)
    page.contents(_HOLDS)
    page.gap()
    page.paragraph(
        "Low and high are the ends of the 95 % interval, by political event. Kaplan-Meier: the "
        "median without any family. Pulled: too few ended, so the group leans on all episodes. "
        "Fit p: the chance of a gap to the data as large as seen if the family were true."
    )
    if notices:
        page.heading("Please note")
        for notice in notices:
            page.paragraph(notice.message)


def _fits(book: Book, found: Calibration) -> None:
    page = book.page("Fits", (24, 24, 10, 10, 14, 8, 11, 13, 16, *[12.0] * 3))
    page.title("Fits", f"Every figure of every family, the best family of a group first. {AICC}")
    page.long_table(figures_table(found), empty=_EMPTY)


def _survival_sheet(book: Book, found: Calibration) -> None:
    page = book.page("Survival", (24, *[13.0] * 8))
    page.title(
        "Survival",
        "Share of episodes that last longer than so many days: as seen (Kaplan-Meier, steps, with "
        "the ends of its 95 % band), and by the best families.",
    )
    for series in found.series:
        whole, *groups = found.of(series.quantity)
        if whole.n:
            _curves(book, page, whole)
            if groups:
                table = _groups_table([whole, *groups])
                page.heading(table.title)
                page.table(table, empty="Empty cells: beyond what was seen.")


def _curves(book: Book, page: Page, whole: GroupFit) -> None:
    words = WORDS[whole.quantity].capitalize()
    fits = whole.fits[:_FAMILIES]
    page.heading(f"{words}, all episodes")
    chart_at = page.row
    page.gap(_CHART_LINES)
    placed = page.table(
        _curve_table(whole, fits), empty="Empty cells: beyond what was seen, or no band there."
    )
    end = page.row
    page.row = chart_at
    families = [fit.family for fit in fits]
    chart = survival_chart(book, placed, families, f"{words}: share that lasts longer")
    page.chart(chart, _CHART_LINES)
    page.row = end


class SurvivalPoint(NamedTuple):
    """The share that lasts longer than `day` days, with the ends of its band."""

    day: float
    seen: Estimate


def _curve_table(whole: GroupFit, fits: Sequence[Fit]) -> Table:
    """The survival curves of a group and of some families, as points that a chart connects."""
    return Table(
        key=f"Survival_{whole.quantity}",
        columns=[
            number("days", "Days", lambda p: p.day, DAYS),
            estimate("seen", "Seen", form=SHARE),
            *(number(fit.family, fit.family, _survival(fit), SHARE) for fit in fits),
        ],
        rows=list(curve_points(whole)),
    )


def _survival(fit: Fit) -> Value:
    return lambda point: float(fit.survival(np.array([max(point.day, 1e-9)]))[0])


def curve_points(group: GroupFit) -> Iterator[SurvivalPoint]:
    """The corners of the steps, and points between them for the curved lines of families."""
    curve = group.curve
    steps = zip(curve.survival, curve.lower, curve.upper, strict=True)
    levels = [Estimate(1.0, 1.0, 1.0), *(Estimate(*map(float, step)) for step in steps)]
    between: list[float] = np.linspace(0.0, last_seen(group), _PARTS + 1).tolist()
    for day in sorted({*between, *curve.times.tolist()}):
        before, after = (np.searchsorted(curve.times, day, side) for side in ("left", "right"))
        yield SurvivalPoint(day, levels[before])
        if after > before:
            yield SurvivalPoint(day, levels[after])


def _groups_table(groups: Sequence[GroupFit]) -> Table:
    """Groups side by side: the observed share that lasts longer."""

    def seen(day: int) -> Value:
        return lambda group: seen_after(group, float(day))

    return Table(
        key=f"SurvivalGroups_{groups[0].quantity}",
        title=f"{WORDS[groups[0].quantity].capitalize()}: share that lasts longer, by group",
        columns=[
            group_column(lambda g: g.group),
            *(number(f"after_{day}", f"Seen, {day} days", seen(day), SHARE) for day in _DAYS),
        ],
        rows=groups,
    )


def _explained(page: Page, facts: str, table: Table, nothing: str) -> None:
    """A sheet with one table and its remark below, or the reason why there is no table."""
    page.title(page.name, facts)
    if not table.rows:
        page.paragraph(nothing)
        return
    page.table(table, empty=_EMPTY)
    page.gap()
    page.paragraph(table.remark)


def _data(book: Book, found: Calibration) -> None:
    page = book.page("Data", (24, 9, 16, 13, 13, 11, 12, 12, 34))
    page.title(
        "Data",
        f"What was fitted: {found.table.name}, SHA-256 {found.table.sha256}. Where shortest and "
        "longest differ the dates are known only roughly; an empty longest means that it had not "
        "ended.",
    )
    page.table(durations_table(found), empty="")
    dropped = left_out(found)
    if dropped:
        page.heading("Left out")
    for words, left in dropped:
        ids = ", ".join(left.ids)
        page.paragraph(f"{words.capitalize()}: {len(left.ids)} because {left.reason}: {ids}.")


def _limits(book: Book, found: Calibration, limits: Sequence[str]) -> None:
    page = book.page("What it cannot tell", (100,))
    page.title("What it cannot tell", facts_line(found))
    for sentence in limits:
        page.paragraph(sentence)
        page.gap()
