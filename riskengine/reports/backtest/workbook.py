"""A back-test as a workbook: the answer, every outcome, the cases, how to read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from riskengine.backtests.playing import Backtest
from riskengine.backtests.scoring import TWO_SIDED, Score
from riskengine.reports.backtest.sentences import (
    CAUTION,
    COPIES,
    HOW_TO_READ,
    NAIVE,
    PERCENTILE,
    SCORES,
    facts_line,
    headline,
    observed,
    percentile_text,
    published,
    quantity_text,
    skill_line,
)
from riskengine.reports.backtest.tables import (
    calibration_table,
    cases_table,
    copies_table,
    outcomes_table,
    provenance_table,
    published_table,
    ratings_table,
    skill_table,
)
from riskengine.reports.tables.formats import SHARE
from riskengine.reports.tables.looks import STRONG
from riskengine.reports.tables.table import Table, number, text
from riskengine.reports.xlsx.book import Book, Page
from riskengine.reports.xlsx.charts import histogram

_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)
_CHART_LINES = 16
_CASES = (
    "Every input carries the day from which it was known, and none is later than the case's own. "
    "Inputs without a date are assumptions, or belong to a mere comparison."
)
_HOLDS = {
    "Outcomes": "what was seen, beside what the model predicted on the day",
    "Published": "what others published, beside the model",
    "Scores": "the model beside naive forecasts, by outcome and over all of them",
    "Cases": "the moments of history, and how their inputs are dated",
    "Copies": "assumptions that equal an outcome: please judge",
    "About": "the suite, trials, seed and versions behind the figures",
}
_ORDER = (
    "case", "quantity", "subject", "unit", "seen_low", "seen_high", "median", "low_90", "high_90",
    "verdict", "percentile", "known", "low_50", "high_50", "chance_none", "miss", "source",
)  # fmt: skip
_NONE_REMARK = (
    "Where a figure is a day, none means: not within the time played. Percentile: share of trials "
    "below the outcome, low and high where it is a range. An empty end of what was seen is not "
    "known: no such day came while the case was watched."
)


def backtest_workbook(backtest: Backtest, facts: Mapping[str, Any]) -> bytes:
    """The bytes of an XLSX file: Summary, Outcomes, Published, Scores, Cases, Copies and About.

    Raises
    ------
    WorkbookFault
        If a sheet cannot hold what belongs on it.
    """
    author = f"riskengine {facts.get('versions', {}).get('riskengine', '')}".strip()
    book = Book(backtest.suite.title, author, str(facts["started"]))
    _summary(book, backtest)
    _outcomes(book, "What was seen", outcomes_table(observed(backtest.scores)))
    _outcomes(book, "What others published", published_table(published(backtest.scores)))
    page = book.page("Scores", (24, 13, 26, 16, 20, 13, 13, 13, 15, 15, 13, 13, 13, 13, 13, 13))
    ratings = ratings_table(backtest.ratings, backtest.scores)
    scores = [skill_table(backtest.skills), ratings]
    _sheet(page, f"{NAIVE} {SCORES} {CAUTION}", scores if backtest.ratings else [])
    if not backtest.ratings:
        page.paragraph("None: nothing was observed.")
    page = book.page("Cases", (26, 12, 42, 60, 11, 13, 50))
    _sheet(page, _CASES, [cases_table(list(backtest.suite.cases.values()))])
    page = book.page("Copies", (26, 44, 12, 11, 16, 44, 13, 30, 13, 16, 13))
    copies = copies_table(backtest.suite.copies)
    _sheet(page, COPIES, [copies] if copies.rows else [], title="Assumptions that equal an outcome")
    if not copies.rows:
        page.paragraph("None.")
    page = book.page("About", (34, 80))
    about = provenance_table(backtest, facts)
    _sheet(page, PERCENTILE, [about])
    page.paragraph(about.remark)
    return book.close()


def _summary(book: Book, backtest: Backtest) -> None:
    page = book.page("Summary", (26, 13, 13, 13, 13, 13, 13, 15, 26, 26))
    page.title(backtest.suite.title, facts_line(backtest))
    page.heading("The answer")
    page.paragraph(headline(backtest.calibration), STRONG)
    page.paragraph(HOW_TO_READ)
    if backtest.calibration:
        table = calibration_table(backtest.calibration)
        page.gap()
        page.table(table)
        page.paragraph(table.remark)
        page.paragraph(f"{skill_line(backtest.skills)} {CAUTION}")
    page.contents(_HOLDS)
    _misses(page, observed(backtest.misses))
    _percentiles(book, page, observed(backtest.scores))


def _misses(page: Page, misses: Sequence[Score]) -> None:
    page.heading("Where the model misses, and why")
    if not misses:
        page.paragraph("No outcome lies outside its 90 % interval.")
    for score in misses:
        page.paragraph(
            f"{score.case}. {quantity_text(score.quantity)}. Outcome: {score.outcome_text}, "
            f"percentile {percentile_text(score)}. {score.miss}"
        )


def _percentiles(book: Book, page: Page, scores: Sequence[Score]) -> None:
    """The share of outcomes in each quarter of the percentiles; equal if predictions are right."""
    if not scores:
        return
    page.heading("Where outcomes stand among the predictions")
    page.paragraph(
        "If predictions are right, each quarter of the percentiles holds about a quarter of the "
        "outcomes (the histogram of the probability integral transform, PIT). An outcome of which "
        "only a range is known is shared out evenly over its range of percentiles."
    )
    top = page.row
    placed = page.table(quarters_table(scores))
    axes = ("Percentile of the outcome", "Share of outcomes")
    chart = histogram(
        book, placed, "Even, if predictions are right", axes, column=placed.position("share")
    )
    page.chart_beside(chart, top, lines=_CHART_LINES, column=6)


def quarters_table(scores: Sequence[Score]) -> Table:
    """The number of outcomes in each quarter of the percentiles, and of two-sided ones.

    An outcome with a range of percentiles is spread evenly over the range, so that the counts add
    up to the number of outcomes.
    """
    two_sided = [score for score in scores if score.known == TWO_SIDED]

    def held(kind: Sequence[Score], quarter: tuple[float, float]) -> float:
        return sum(_part(score, *quarter) for score in kind)

    return Table(
        key="Percentiles",
        columns=[
            text("quarter", "Percentiles", lambda q: f"{100 * q[0]:.0f} to {100 * q[1]:.0f} %"),
            number("low", "From", lambda q: q[0], SHARE),
            number("high", "To", lambda q: q[1], SHARE),
            number("outcomes", "Outcomes", lambda q: held(scores, q)),
            number("share", "Share of outcomes", lambda q: held(scores, q) / len(scores), SHARE),
            number("two_sided", "Two-sided", lambda q: held(two_sided, q)),
        ],
        rows=list(pairwise(_QUARTERS)),
    )


def _part(score: Score, low: float, high: float) -> float:
    """The fraction of an outcome's range of percentiles that lies in [low, high)."""
    first, last = score.percentile_low, score.percentile_high
    if last == first:
        return float(low <= first < high or first == high == 1.0)
    return max(0.0, min(last, high) - max(first, low)) / (last - first)


def _outcomes(book: Book, what: str, table: Table) -> None:
    widths = (24, 26, 24, 13, 11, 11, 11, 11, 11, 15, 11, 11, 11, 12, 11, 11, 11, 44, 44)
    page = book.page(table.key, widths)
    page.title(table.key, f"{what}, beside what the model predicted. {_NONE_REMARK}")
    if table.rows:
        page.long_table(table.only(*_ORDER))
    else:
        page.paragraph("None.")


def _sheet(page: Page, facts: str, tables: Sequence[Table], *, title: str = "") -> None:
    """A sheet with tables one below the other."""
    page.title(title or page.name, facts)
    for position, table in enumerate(tables):
        if position:
            page.gap()
        page.table(table, empty="")
