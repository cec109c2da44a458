"""The sheet Materials: attributed loss, days under restriction, shortage."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from riskengine.measures.estimate import Estimate
from riskengine.measures.moments import chance_above
from riskengine.measures.sample import Sample
from riskengine.measures.tail import var
from riskengine.model.confidence import level_text
from riskengine.reports.run.sheets.durations import bins
from riskengine.reports.run.sheets.run import Run
from riskengine.reports.run.sheets.scope import Scope
from riskengine.reports.run.stored import NO_ROWS
from riskengine.reports.tables.looks import COUNT, DAYS, SHARE
from riskengine.reports.xlsx.book import Book, Page
from riskengine.reports.xlsx.charts import histogram
from riskengine.reports.xlsx.table import Column, Table, estimated, number, text
from riskengine.reports.xlsx.text import label

_ATTRIBUTED = (
    "The loss of each future is attributed to the materials that held production up, so that "
    "materials add up to the total for means and contributions, and not for VaR and TVaR. Low and "
    "high are the ends of the 95 % interval."
)
_CHART_LINES = 19
_CHART_COLUMN = 6


def materials_sheet(book: Book, run: Run) -> None:
    """Write the sheet."""
    page = book.page("Materials", (28, *[13.5] * (8 + len(run.figures.confidence))))
    page.title("Materials", f"{run.facts.line}. {_ATTRIBUTED}")
    names = run.names("material")
    if not names:
        page.paragraph("The scenario has no material.")
        return
    of, name = Scope(run, "material"), text("Material", str)
    page.heading("Loss attributed to each material")
    page.table(Table(key="Materials", columns=[name, *_attribution(of)], rows=names))
    page.heading("Days under restriction and shortage")
    page.table(Table(key="MaterialDays", columns=[name, *_days(of)], rows=names))
    page.paragraph(
        "Restricted: days on which any supply is lost, however little. Cut: the supply lost, in "
        "days of normal demand. Shortage: what neither other suppliers nor stocks of the material "
        "covered of it."
    )
    _levels(page, run, name)
    if run.has_rows:
        _duration(book, page, run)
    else:
        page.paragraph(f"How long a restriction lasts, and how likely it is. {NO_ROWS}")


def _attribution(of: Scope) -> list[Column]:
    tail = [
        of.money(f"Part of TVaR {level_text(level)}", "contribution_tvar", level)
        for level in of.run.figures.confidence
    ]
    return [
        *of.money_estimate("Mean attributed loss", "mean", name="MaterialMean"),
        of.share("Share of the total's mean", "mean"),
        *tail,
        of.share_of_tail(),
        of.estimate("Chance of any loss", "", "prob_loss", SHARE)[0],
        of.money("Standard deviation", "sd"),
        of.money("Largest loss", "max"),
    ]


def _days(of: Scope) -> list[Column]:
    restricted_days = of.estimate(
        "Days restricted, mean", "days", "cut_days", DAYS, "DaysRestricted"
    )
    weighted = of.estimate(
        "Cut, mean", "days of demand", "cut_weighted_days", DAYS, "CutWeightedDays"
    )
    shortage = of.estimate(
        "Shortage, mean", "days of demand", "shortage_days", DAYS, "ShortageDays"
    )
    if not of.run.has_rows:
        return [*restricted_days, *weighted, *shortage]
    cut = of.run.cut_days

    @cache
    def chance(name: str) -> Estimate:
        return chance_above(Sample.of(cut[name]))

    @cache
    def restricted(name: str) -> Sample | None:
        """Days among the trials with any."""
        some = cut[name][cut[name] > 0.0]
        return Sample.of(some) if len(some) else None

    def exceeded(level: float) -> Callable[[str], float | None]:
        def value(name: str) -> float | None:
            sample = restricted(name)
            return var(sample, level).value if sample else None

        return value

    return [
        *estimated("Chance of a restriction", "", chance, SHARE, "RestrictedChance"),
        *restricted_days,
        number("If restricted: median (days)", exceeded(0.5), DAYS),
        number("If restricted: 90 % (days)", exceeded(0.9), DAYS),
        number("If restricted: 99 % (days)", exceeded(0.99), DAYS),
        *weighted,
        *shortage,
    ]


def _levels(book_page: Page, run: Run, name: Column) -> None:
    """Mean days on each level of the ladder."""
    days = {material: run.figures.level_days(material) for material in run.names("material")}
    levels = list(next(iter(days.values()), {}))
    if not levels:
        return
    book_page.heading("Days on each level")

    def on(level: str) -> Callable[[str], Estimate]:
        return lambda material: days[material][level]

    columns = [c for level in levels for c in estimated(level, "days", on(level), DAYS)]
    book_page.table(Table(key="LevelDays", columns=[name, *columns], rows=list(days)))
    book_page.paragraph(
        "Mean days within a future, mildest level first. A day counts for the deepest level on "
        "which the material stands, so that the days of all levels add up to the days on any."
    )


def _duration(book: Book, page: Page, run: Run) -> None:
    """How long the material restricts that costs most, as a chart and its figures."""
    lead = max(run.names("material"), key=lambda n: run.figures.get("material", n, "mean").value)
    days = run.cut_days[lead]
    some = days[days > 0.0]
    page.heading("How long a restriction lasts: the material with the largest attributed loss")
    if not len(some):
        page.paragraph(f"{lead}: none of the futures has a restriction.")
        return
    share = len(some) / len(days)
    page.paragraph(
        f"{lead}: the {share:.1%} of the futures that restrict it, by the days under restriction "
        f"within the {run.facts.horizon_days:,g} days of a future; several episodes count "
        "together, and one that still stands at the end counts up to there."
    )
    table = Table(
        key="RestrictionDays", columns=_BIN_COLUMNS, rows=bins(some, run.facts.horizon_days)
    )
    chart_row = page.row
    placed = page.table(table)
    end = page.row
    page.row = chart_row
    chart = histogram(
        book, placed, f"Days under restriction: {label(lead)}", ("Days", "Share of these futures")
    )
    page.chart(chart, max(_CHART_LINES, end - chart_row), _CHART_COLUMN)
    page.row = max(end, chart_row + _CHART_LINES)


_BIN_COLUMNS = [
    text("Days under restriction", lambda row: row.label),
    number("More than (days)", lambda row: row.low, COUNT),
    number("Up to (days)", lambda row: row.high, COUNT),
    number("Futures", lambda row: row.trials, COUNT),
    number("Share of these futures", lambda row: row.share, SHARE),
]
