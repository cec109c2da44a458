"""Sheets of figures: Industries, Materials, Exceedance and Drivers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np

from riskengine.figures.evidence import COMPONENTS, Series
from riskengine.language.speaking import say
from riskengine.measures.estimate import UNKNOWN, Estimate
from riskengine.measures.moments import chance_above
from riskengine.measures.sample import Sample
from riskengine.measures.tail import var
from riskengine.model.confidence import level_name, level_text
from riskengine.reports.run.inputs import resting_table, resting_words
from riskengine.reports.run.stored import NO_ROWS, StoredRun
from riskengine.reports.run.tables import (
    CURVES,
    addends,
    component_table,
    exceedance_table,
    level_table,
    parts,
)
from riskengine.reports.tables.formats import COUNT, DAYS, LINE, SHARE
from riskengine.reports.tables.looks import PALETTE, REST
from riskengine.reports.tables.numbers import Money
from riskengine.reports.tables.table import Column, Table, estimate, number, said, text
from riskengine.reports.tables.words import with_rest
from riskengine.reports.xlsx.book import Book, Page, is_empty
from riskengine.reports.xlsx.charts import (
    MOST_SERIES,
    LossCurve,
    exceedance_chart,
    histogram,
    stacked_chart,
)
from riskengine.reports.xlsx.table import Placed, Totals, Verdict, checked_sums
from riskengine.reports.xlsx.text import label

_INDUSTRIES = (
    "Industries add up to the total for means and contributions only: their VaR, TVaR and standard "
    "deviations do not, because industries do not have their worst trials together. "
    "Low and high are the ends of the 95 % interval."
)
_MATERIALS = (
    "The loss of each trial is attributed to the materials that limited production, so that "
    "materials add up to the total for means and contributions, and not for VaR and TVaR. Low and "
    "high are the ends of the 95 % interval."
)
_EXCEEDANCE = (
    "AEP: the loss of a whole trial. OEP: the largest loss of a single spell of trouble, never "
    "above AEP. The return period is the horizon in years divided by the probability that the loss "
    "is exceeded within it: a 100-year loss has a chance of 1 % in any one year. A curve ends "
    "where fewer than 20 trials of equal weight lie beyond. Low and high are the ends of the 95 % "
    "interval."
)
_DRIVERS = (
    "Contributions to the TVaR of the total are means over its worst trials (Euler's principle), "
    "so that they add up; the TVaR of a name by itself does not. Largest part of TVaR {level} "
    "first."
)
_SWEEP = (
    "Which input moves the loss most is the question of a sweep: riskengine sweep writes "
    "sweep.xlsx, whose sheet Drivers has a tornado of the inputs."
)
_ENDS = (
    ("ExceedanceByName", "", 0),
    ("ExceedanceByNameLow", ": low end of the 95 % interval", 1),
    ("ExceedanceByNameHigh", ": high end of the 95 % interval", 2),
)
_BIN_WIDTHS = (1, 2, 5, 7, 10, 15, 30, 60, 90, 180, 365)  #: days
_MOST_BINS = 26


def industries_sheet(book: Book, run: StoredRun) -> None:
    """Write every figure of each industry."""
    page = book.page("Industries", (28, *[12.4] * max(13, 1 + 3 * len(run.confidence))))
    page.title("Industries", f"{run.facts.line}. {say(_INDUSTRIES)}")
    if not run.names("industry"):
        page.paragraph("The scenario has no industry.")
        return
    found = parts(run, "industry")
    page.heading("What each industry can lose")
    page.table(
        found.only(
            "name", "mean", "sd", "prob_loss", "prob_output_loss", "max", "share_of_mean",
            _tail_share(run), "loss_days", "stopped_days", "first_loss_day_median",
            key="Industries",
        )
    )  # fmt: skip
    page.heading("VaR: the loss that is not exceeded with a given probability")
    page.table(found.only("name", *_at_levels(run, "var"), key="IndustryVaR"))
    page.heading("TVaR: the mean loss in the worst trials of the industry itself")
    page.table(found.only("name", *_at_levels(run, "tvar"), key="IndustryTVaR"))
    page.heading("What the mean loss consists of")
    components = (f"mean_{component}" for component in COMPONENTS)
    page.table(found.only("name", *components, key="IndustryComponents"))
    page.paragraph(
        "Output: value added not produced, less what is made up later. Rerouting: premiums paid "
        "for other supply. Price: higher prices paid. Indirect: passed on from other industries."
    )


def _at_levels(run: StoredRun, measure: str) -> list[str]:
    return [f"{measure}_{level_name(level)}" for level in run.confidence]


def _tail_share(run: StoredRun) -> str:
    return f"share_of_tvar_{level_name(run.detail)}"


def _parts_of(run: StoredRun) -> list[str]:
    return [f"part_of_{addend.key}" for addend in addends(run)]


def materials_sheet(book: Book, run: StoredRun) -> None:
    """Write the loss attributed to each material, days under restriction, and shortage."""
    page = book.page("Materials", (28, *[13.5] * (8 + len(run.confidence))))
    page.title("Materials", f"{run.facts.line}. {say(_MATERIALS)}")
    if not run.names("material"):
        page.paragraph("The scenario has no material.")
        return
    found = parts(run, "material")
    page.heading("Loss attributed to each material")
    attributed = found.only(
        "name", "mean", "share_of_mean", *_parts_of(run)[1:], _tail_share(run), "prob_loss", "sd",
        "max", key="Materials",
    )  # fmt: skip
    page.table(attributed.unnamed(*_parts_of(run)))  # the sheet Drivers names them
    page.heading("Days under restriction and shortage")
    days = found.only("name", "cut_days", "cut_weighted_days", "shortage_days", key="MaterialDays")
    page.table(_with_durations(run, days) if run.has_rows else days)
    page.paragraph(
        "Restricted: days on which any supply is lost, however little. Cut: the supply lost, in "
        "days of normal demand. Shortage: what neither other suppliers nor stocks of the material "
        "covered of it."
    )
    levels = level_table(run)
    if levels:
        page.heading("Days on each level")
        page.table(levels)
        page.paragraph(
            "Mean days within a trial, mildest level first. A day counts for the deepest level on "
            "which the material stands, so that the days of all levels add up to the days on any."
        )
    if run.has_rows:
        _durations(book, page, run)
    else:
        page.paragraph(f"How long a restriction lasts, and how likely it is. {NO_ROWS}")


def _with_durations(run: StoredRun, table: Table) -> Table:
    """The table of materials with the chance of a restriction, and how long it lasts."""

    @cache
    def chance(name: str) -> Estimate:
        return chance_above(Sample.of(run.cut_days[name]))

    @cache
    def restricted(name: str) -> Sample | None:
        """Days of restriction in the trials that have any."""
        some = run.cut_days[name][run.cut_days[name] > 0.0]
        return Sample.of(some) if len(some) else None

    def exceeded(level: float) -> Callable[[str], float | None]:
        def value(name: str) -> float | None:
            sample = restricted(name)
            return var(sample, level).value if sample else None

        return value

    name, cut_days, *others = table.columns
    lasting = (("median", 0.5), ("90 %", 0.9), ("99 %", 0.99))
    columns = [
        name,
        estimate("chance", "Chance of a restriction", chance, SHARE, name="RestrictedChance"),
        cut_days,
        *(
            number(words, f"If restricted: {words}", exceeded(level), DAYS, unit="days")
            for words, level in lasting
        ),
        *others,
    ]
    return replace(table, columns=columns)


class DurationBin(NamedTuple):
    """Durations above `low` and up to `high` days."""

    low: float
    high: float
    trials: int
    share: float  #: of all counted trials

    @property
    def label(self) -> str:
        return f"{self.low:,.10g}–{self.high:,.10g}"


def duration_bins(days: Series, horizon_days: float) -> list[DurationBin]:
    """Durations, each above 0 and up to the horizon, in at most 26 bins of equal width.

    >>> [(bin.label, bin.trials) for bin in duration_bins(np.array([0.5, 1.0, 3.0]), 3.0)]
    [('0–1', 2), ('1–2', 0), ('2–3', 1)]
    """
    most = horizon_days / _MOST_BINS
    width = next((w for w in _BIN_WIDTHS if w >= most), 365 * math.ceil(most / 365))
    edges = [*np.arange(0.0, horizon_days, width).tolist(), horizon_days]
    # A restriction over the whole horizon may exceed it by rounding.
    position = np.clip(np.searchsorted(edges, days, side="left"), 1, len(edges) - 1)
    counts = np.bincount(position, minlength=len(edges))[1:].tolist()
    return [
        DurationBin(low, high, count, count / len(days))
        for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
    ]


def _durations(book: Book, page: Page, run: StoredRun) -> None:
    """The durations of restriction of the material that costs most, as a chart and a table."""
    lead = max(run.names("material"), key=lambda name: run.get("material", name, "mean").value)
    days = run.cut_days[lead]
    some = days[days > 0.0]
    page.heading("How long a restriction lasts: the material with the largest attributed loss")
    if not len(some):
        page.paragraph(f"{lead}: no trial has a restriction.")
        return
    share = len(some) / len(days)
    page.paragraph(
        f"{lead}: the {share:.1%} of the trials that restrict it, by the days under restriction "
        f"within the {run.facts.horizon_days:,g} days of a trial; several episodes count "
        "together, and one that still stands at the end counts up to there."
    )
    bins = Table(
        key="RestrictionDays",
        columns=[
            text("days", "Days under restriction", lambda row: row.label),
            number("low", "More than (days)", form=COUNT),
            number("high", "Up to (days)", form=COUNT),
            number("trials", "Trials", form=COUNT),
            number("share", "Share of these trials", form=SHARE),
        ],
        rows=duration_bins(some, run.facts.horizon_days),
    )
    top = page.row
    placed = page.table(bins)
    words = ("Days", "Share of these trials")
    chart = histogram(book, placed, f"Days under restriction: {label(lead)}", words)
    page.chart_beside(chart, top, lines=19, column=6)


def exceedance_sheet(book: Book, run: StoredRun) -> None:
    """Write the losses by return period."""
    page = book.page("Exceedance", (28, *[13.0] * 11))
    page.title("Exceedance", f"{run.facts.line}. {say(_EXCEEDANCE)}")
    table = exceedance_table(run, run.curves, Money(run.money, 1.0))
    if not table.rows:
        page.paragraph(
            "There are too few trials for any point of the curves: each has to rest on 20 trials "
            "that lose more. Run more trials."
        )
        return
    page.heading("All losses together")
    placed = page.table(table)
    _define_curves(book, placed)
    page.gap()
    # OEP is often equal to AEP: as dots it can be seen on the line of AEP.
    curves = [
        LossCurve(curve, placed.position(curve), colour, is_dots=curve == "OEP")
        for curve, colour in zip(CURVES, PALETTE, strict=False)
    ]
    page.chart(exceedance_chart(book, placed, curves, run.money), 24)
    page.gap(24)
    _curves_by_name(page, run)


def _define_curves(book: Book, placed: Placed) -> None:
    for offset, row in enumerate(placed.table.rows):
        for curve in CURVES:
            if not is_empty(row.loss(curve).value):
                meaning = f"{curve} loss of the total, once in {row.years:g} years"
                place = placed.cell(offset, placed.position(curve))
                book.define(f"{curve}_{row.years:g}_years_total", meaning, place)


def _curves_by_name(page: Page, run: StoredRun) -> None:
    """The curves of industries and materials: one row per name, one column per return period."""
    curves: dict[tuple[str, str], dict[float, Estimate]] = {}
    for row in run.curves:
        if row.scope != "total":
            losses = curves.setdefault((row.scope, row.name), {})
            losses[row.return_period] = Estimate(row.loss, row.lower, row.upper)
    periods = sorted({period for curve in curves.values() for period in curve})
    if not periods:
        return

    def at(period: float, end: int) -> Column:
        def value(row: tuple[tuple[str, str], dict[float, Estimate]]) -> float:
            return row[1].get(period, UNKNOWN)[end]

        heading = f"Once in {period:,g} years"
        return number(f"{period:g}", heading, value, run.amount, unit=run.money)

    for key, words, end in _ENDS:
        page.heading(f"By industry, and by the material it is attributed to (AEP){words}")
        columns = [
            text("name", "Name", lambda row: row[0][1]),
            said("scope", "Industry or material", lambda row: row[0][0]),
            *(at(period, end) for period in periods),
        ]
        page.table(Table(key=key, columns=columns, rows=list(curves.items())))


class DriverShares(NamedTuple):
    """A part of a chart: its share of the mean and of every TVaR of the total."""

    label: str
    shares: tuple[float, ...]


def drivers_sheet(book: Book, run: StoredRun, totals: Totals) -> list[Verdict]:
    """Write the contributions to the mean and the tail; gives the verdicts on all their sums."""
    page = book.page("Drivers", (30, *[15.0] * len(addends(run)), 12, *[18.0] * 5))
    words = _DRIVERS.format(level=level_text(run.detail))
    page.title("Drivers", f"{run.facts.line}. {say(words)}")
    checks: list[Verdict] = []
    for scope, heading in (("industry", "Industries"), ("material", "Materials")):
        if run.names(scope):
            page.heading(f"{heading}: contributions to the mean and to the TVaR of the total")
            top = page.row
            table = parts(run, scope, run.ranked(scope))
            table = table.only("name", *_parts_of(run), key=f"DriversBy{scope.capitalize()}")
            keys = [addend.key for addend in addends(run)]
            checks += checked_sums(page, page.table(table), keys, totals)
            _shares(book, page, run, scope, top)
    page.paragraph(_SWEEP)
    page.heading("Components of the mean loss")
    checks += checked_sums(page, page.table(component_table(run)), ["Mean"], totals)
    page.heading("What the loss rests on")
    resting = resting_table(run, run.config)
    page.paragraph(f"{resting_words(resting)} {say(resting.remark)}")
    page.table(replace(resting, key="Resting"), empty="")
    return checks


def _shares(book: Book, page: Page, run: StoredRun, scope: str, top: int) -> None:
    """A table of the largest parts as shares, and their chart on the right, from row `top` on."""
    if not run.total("mean").value > 0.0:
        page.paragraph("No trial has a loss, so that there are no shares to show.")
        return
    rows = driver_shares(run, scope)
    page.gap()
    columns = [text("label", "Share", form=LINE), *_share_columns(run)]
    placed = page.table(Table(key=f"SharesBy{scope.capitalize()}", columns=columns, rows=rows))
    colours = [*PALETTE[: len(rows)]]
    if len(run.names(scope)) > len(rows):
        colours[-1] = REST
    chart = stacked_chart(book, placed, colours, f"What drives the loss, by {scope}")
    page.chart_beside(chart, top, lines=16, column=len(addends(run)) + 2)


def _share_columns(run: StoredRun) -> Iterator[Column]:
    def at(position: int) -> Callable[[DriverShares], float]:
        return lambda row: row.shares[position]

    for position, addend in enumerate(addends(run)):
        yield number(addend.key, f"of {addend.heading}", at(position), SHARE)


def driver_shares(run: StoredRun, scope: str) -> Sequence[DriverShares]:
    """The parts as shares of the total, largest first; if too many, the last sums the others."""
    found = [
        DriverShares(
            label(name), tuple(run.share(scope, name, a.measure, a.level) for a in addends(run))
        )
        for name in run.ranked(scope)
    ]

    def together(rest: Sequence[DriverShares]) -> DriverShares:
        sums = map(math.fsum, zip(*(part.shares for part in rest), strict=True))
        return DriverShares(say(f"{len(rest)} others"), tuple(sums))

    return with_rest(found, MOST_SERIES, together)
