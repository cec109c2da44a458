"""A calibration as `fit.xlsx`; the same table and options give the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from riskengine.fits.calibration import Calibration
from riskengine.fits.fitting import Fit, GroupFit
from riskengine.fits.observing import WORDS
from riskengine.language.speaking import say
from riskengine.measures.estimate import Estimate
from riskengine.model.notices import Notice
from riskengine.reports.fit import tables as shown
from riskengine.reports.tables.formats import DAYS, SHARE
from riskengine.reports.tables.looks import STRONG
from riskengine.reports.tables.table import Table, Value, estimate, number
from riskengine.reports.xlsx.book import Page
from riskengine.reports.xlsx.charts import survival_chart
from riskengine.reports.xlsx.sheets import Part, Sheet, contents, heading, table_or, written

_MOMENT = "2000-01-01T00:00:00+00:00"  #: for tables without dates
_EMPTY = "Empty cells: there is no such figure."
_ONSET = (
    "How often restrictions begin: per political event and per episode, over the years watched. A "
    "year is 365 days."
)
_STEPS = "What came after an episode: another that names it as origin, or its end."
_INTERVALS = (
    "Low and high are the ends of the 95 % interval, by political event. Kaplan-Meier: the median "
    "without any family. Pulled: too few ended, so the group leans on all episodes. Fit p: the "
    "chance of a gap to the data as large as seen if the family were true."
)
_SURVIVAL = (
    "Share of episodes that last longer than so many days: as seen (Kaplan-Meier, steps, with the "
    "ends of its 95 % band), and by the best families."
)
_LIMITS = "What it cannot tell"
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
    table, others = found.table, list(_sheets(found, limits))
    created = f"{table.cut_off}T00:00:00+00:00" if table.cut_off else _MOMENT
    summary = _summary(found, notices, others)
    return written([summary, *others], title=f"Calibration: {table.name}", created=created)


def _summary(found: Calibration, notices: Sequence[Notice], others: Sequence[Sheet]) -> Sheet:
    answers = (
        f"{say(what)}: {say(figure)} ({say(rests)})."
        for what, figure, rests in shown.headline(found)
    )
    parts: list[Part] = [heading("The answer")]
    parts += [(answer, STRONG) for answer in answers]
    for table in shown.summary_tables(found):
        parts += [heading(table.title), partial(Page.table, table=table, empty=_EMPTY)]
    parts += [contents(others, has_checks=False), Page.gap, _INTERVALS]
    if notices:
        parts += [heading("Please note"), *(notice.message for notice in notices)]
    widths = (26, 11, 11, 11, 20, *[12.0] * 9, 11)
    return Sheet("Summary", "", widths, shown.facts_line(found), parts, "Calibration")


def _sheets(found: Calibration, limits: Sequence[str]) -> Iterator[Sheet]:
    holds = "every figure of every family, the best family first"
    facts = f"Every figure of every family, the best family of a group first. {shown.AICC}"
    figures = partial(Page.long_table, table=shown.figures_table(found), empty=_EMPTY)
    widths: Sequence[float] = (24, 24, 10, 10, 14, 8, 11, 13, 16, *[12.0] * 3)
    yield Sheet("Fits", holds, widths, facts, [figures])
    holds = "the share that lasts longer, as seen and as fitted, with charts"
    yield Sheet("Survival", holds, (24, *[13.0] * 8), _SURVIVAL, [partial(_survivals, found)])
    widths, parts = (
        (26, *[11.0] * 5, *[13.0] * 8),
        _explained(shown.onset_table(found), shown.NO_RATES),
    )
    yield Sheet("Onset", "how often restrictions begin", widths, _ONSET, parts)
    widths, parts = (
        (26, *[11.0] * 4, 24, 10, *[12.0] * 3),
        _explained(shown.steps_table(found), shown.NO_STEPS),
    )
    yield Sheet("Steps", "what came after an episode", widths, _STEPS, parts)
    yield _data(found)
    parts = [part for sentence in limits for part in (sentence, Page.gap)]
    yield Sheet(_LIMITS, "the limits of such a table", (100,), shown.facts_line(found), parts)


def _explained(table: Table, nothing: str) -> list[Part]:
    """A table and its remark below, or the reason why there is no table."""
    below: list[Part] = [Page.gap, table.remark] if table.rows else []
    return [table_or(nothing, table, empty=_EMPTY), *below]


def _data(found: Calibration) -> Sheet:
    facts = (
        f"What was fitted: {found.table.name}, SHA-256 {found.table.sha256}. Where shortest and "
        "longest differ the dates are known only roughly; an empty longest means that it had not "
        "ended."
    )
    dropped = shown.left_out(found)
    parts: list[Part] = [partial(Page.table, table=shown.durations_table(found), empty="")]
    parts += [heading("Left out")] if dropped else []
    for words, left in dropped:
        ids = ", ".join(left.ids)
        parts += [f"{words.capitalize()}: {len(left.ids)} because {left.reason}: {ids}."]
    holds = "the durations that were fitted, and what was left out"
    return Sheet("Data", holds, (24, 9, 16, 13, 13, 11, 12, 12, 34), facts, parts)


def _survivals(found: Calibration, page: Page) -> None:
    for series in found.series:
        whole, *groups = found.of(series.quantity)
        if whole.n:
            _curves(page, whole)
            if groups:
                table = _groups_table([whole, *groups])
                page.heading(table.title)
                page.table(table, empty="Empty cells: beyond what was seen.")


def _curves(page: Page, whole: GroupFit) -> None:
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
    chart = survival_chart(page.book, placed, families, f"{words}: share that lasts longer")
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
    between: list[float] = np.linspace(0.0, shown.last_seen(group), _PARTS + 1).tolist()
    for day in sorted({*between, *curve.times.tolist()}):
        before, after = (np.searchsorted(curve.times, day, side) for side in ("left", "right"))
        yield SurvivalPoint(day, levels[before])
        if after > before:
            yield SurvivalPoint(day, levels[after])


def _groups_table(groups: Sequence[GroupFit]) -> Table:
    """Groups side by side: the observed share that lasts longer."""

    def seen(day: int) -> Value:
        return lambda group: shown.seen_after(group, float(day))

    return Table(
        key=f"SurvivalGroups_{groups[0].quantity}",
        title=f"{WORDS[groups[0].quantity].capitalize()}: share that lasts longer, by group",
        columns=[
            shown.group_column(lambda g: g.group),
            *(number(f"after_{day}", f"Seen, {day} days", seen(day), SHARE) for day in _DAYS),
        ],
        rows=groups,
    )
