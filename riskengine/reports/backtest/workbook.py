"""A back-test as a workbook: the answer, every outcome, the cases, how to read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from riskengine.backtests.playing import Backtest
from riskengine.backtests.scoring import TWO_SIDED, Score
from riskengine.language.speaking import say, spoken
from riskengine.reports.backtest import sentences as said
from riskengine.reports.backtest import tables as shown
from riskengine.reports.tables.formats import SHARE
from riskengine.reports.tables.looks import STRONG
from riskengine.reports.tables.table import Table, number, text
from riskengine.reports.tables.words import all_said
from riskengine.reports.xlsx.book import Page
from riskengine.reports.xlsx.charts import histogram
from riskengine.reports.xlsx.sheets import Part, Sheet, contents, heading, written

_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)
_CHART_LINES = 16
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
    others = list(_sheets(backtest, facts))
    return written([_summary(backtest, others), *others], author=author, created=facts["started"])


def _sheets(backtest: Backtest, facts: Mapping[str, Any]) -> Iterator[Sheet]:
    holds, scores = "what was seen, beside what the model predicted on the day", backtest.scores
    yield _outcomes("What was seen", holds, shown.outcomes_table(said.observed(scores)))
    holds, found = "what others published, beside the model", said.published(scores)
    yield _outcomes("What others published", holds, shown.published_table(found))
    holds = "the model beside naive forecasts, by outcome and over all of them"
    widths: Sequence[float] = (24, 13, 26, 16, 20, 13, 13, 13, 15, 15, 13, 13, 13, 13, 13, 13)
    tables = [shown.skill_table(backtest.skills), shown.ratings_table(backtest.ratings, scores)]
    parts = _one_below_another(tables) if backtest.ratings else ["None: nothing was observed."]
    yield Sheet("Scores", holds, widths, all_said(said.NAIVE, said.SCORES, said.CAUTION), parts)
    holds, widths = (
        "the moments of history, and how their inputs are dated",
        (26, 12, 42, 60, 11, 13, 50),
    )
    cases = shown.cases_table(list(backtest.suite.cases.values()))
    yield Sheet("Cases", holds, widths, said.CASES, _one_below_another([cases]))
    copies, title = shown.copies_table(backtest.suite.copies), "Assumptions that equal an outcome"
    holds = "assumptions that equal an outcome: please judge"
    widths = (26, 44, 12, 11, 16, 44, 13, 30, 13, 16, 13)
    parts = _one_below_another([copies]) if copies.rows else ["None."]
    yield Sheet("Copies", holds, widths, said.COPIES, parts, title)
    about = shown.provenance_table(backtest, facts)
    holds = "the suite, trials, seed and versions behind the figures"
    parts = [*_one_below_another([about]), about.remark]
    yield Sheet("About", holds, (34, 80), said.PERCENTILE, parts)


def _one_below_another(tables: Sequence[Table]) -> list[Part]:
    """Tables whose empty cells explain themselves."""
    found: list[Part] = []
    for table in tables:
        found += [Page.gap] if found else []
        found += [partial(Page.table, table=table, empty="")]
    return found


def _outcomes(what: str, holds: str, table: Table) -> Sheet:
    widths = (24, 26, 24, 13, 11, 11, 11, 11, 11, 15, 11, 11, 11, 12, 11, 11, 11, 44, 44)
    facts = all_said(f"{what}, beside what the model predicted.", _NONE_REMARK)
    rows: Part = partial(Page.long_table, table=table.only(*_ORDER)) if table.rows else "None."
    return Sheet(table.key, holds, widths, facts, [rows])


def _summary(backtest: Backtest, others: Sequence[Sheet]) -> Sheet:
    parts: list[Part] = [
        heading("The answer"),
        (said.headline(backtest.calibration), STRONG),
        said.HOW_TO_READ,
    ]
    if backtest.calibration:
        table = shown.calibration_table(backtest.calibration)
        parts += [Page.gap, lambda page: page.table(table), table.remark]
        parts += [f"{said.skill_line(backtest.skills)}{spoken().gap}{say(said.CAUTION)}"]
    parts += [contents(others, has_checks=False), partial(_misses, said.observed(backtest.misses))]
    parts += [partial(_percentiles, said.observed(backtest.scores))]
    widths = (26, 13, 13, 13, 13, 13, 13, 15, 26, 26)
    return Sheet("Summary", "", widths, said.facts_line(backtest), parts, backtest.suite.title)


def _misses(misses: Sequence[Score], page: Page) -> None:
    page.heading("Where the model misses, and why")
    if not misses:
        page.paragraph("No outcome lies outside its 90 % interval.")
    for score in misses:
        what = said.quantity_text(score.quantity)
        words = say(
            f"{score.case}. {what}. Outcome: {said.outcome_said(score)}, percentile "
            f"{said.percentile_text(score)}."
        )
        page.paragraph(f"{words}{spoken().gap}{score.miss}")


def _percentiles(scores: Sequence[Score], page: Page) -> None:
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
        page.book, placed, "Even, if predictions are right", axes, column=placed.position("share")
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
            text("quarter", "Percentiles", lambda q: said.percentiles_text(*q)),
            number("low", "From percentile", lambda q: q[0], SHARE),
            number("high", "To percentile", lambda q: q[1], SHARE),
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
