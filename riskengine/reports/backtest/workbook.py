"""A back-test as a workbook: the answer, every outcome, the cases, how to read it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from riskengine.backtests.cases import Case
from riskengine.backtests.copies import Copy
from riskengine.backtests.playing import Backtest
from riskengine.backtests.quantities import DAYS, GDP
from riskengine.backtests.scoring import TWO_SIDED, Calibration, Score
from riskengine.backtests.skill import Rating, Skill
from riskengine.reports.backtest.events import events_text
from riskengine.reports.backtest.sentences import (
    CAUTION,
    COPIES,
    EXPECTED,
    HOW_TO_READ,
    NAIVE,
    PERCENTILE,
    SCORES,
    SIDES,
    TOGETHER,
    figure_text,
    headline,
    meaning_of,
    observed,
    percentile_text,
    published,
    skill_line,
    subject_of,
    verdict,
)
from riskengine.reports.tables.looks import ANY_NUMBER, COUNT, SHARE, STRONG, TEXT, Look
from riskengine.reports.tables.looks import DAYS as IN_DAYS
from riskengine.reports.xlsx.book import Book, Page
from riskengine.reports.xlsx.charts import histogram
from riskengine.reports.xlsx.table import Column, Table, after, number, text

_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)
_CHART_LINES = 16
_NONE_REMARK = (
    "Where a figure is a day, none means: not within the time played. Percentile: share of futures "
    "below the outcome, low and high where it is a range."
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
    _outcomes(book, "Outcomes", "Outcomes", observed(backtest.scores))
    _outcomes(book, "Published", "Published", published(backtest.scores))
    _scores(book, backtest)
    _cases(book, list(backtest.suite.cases.values()))
    _copies(book, backtest.suite.copies)
    _about(book, backtest, facts)
    return book.close()


def _summary(book: Book, backtest: Backtest) -> None:
    page = book.page("Summary", (26, 13, 13, 13, 13, 13, 13, 15, 13))
    page.title(
        backtest.suite.title,
        f"{len(backtest.suite.cases)} cases, {len(backtest.scores)} outcomes; "
        f"{backtest.trials:,} futures of each case, seed {backtest.seed}.",
    )
    page.heading("The answer")
    page.paragraph(headline(backtest.calibration), STRONG)
    page.paragraph(HOW_TO_READ)
    if backtest.calibration:
        page.gap()
        page.table(Table(key="Calibration", columns=_CALIBRATION, rows=backtest.calibration))
        page.paragraph(f"{TOGETHER} {EXPECTED} {SIDES}")
        page.paragraph(f"{skill_line(backtest.skills)} {CAUTION}")
    _misses(page, observed(backtest.misses))
    _percentiles(book, page, observed(backtest.scores))


def _misses(page: Page, misses: Sequence[Score]) -> None:
    page.heading("Where the model misses, and why")
    if not misses:
        page.paragraph("No outcome lies outside its 90 % interval.")
    for score in misses:
        page.paragraph(
            f"{score.case}. {_figure(score)}. Outcome: {score.outcome_text}, percentile "
            f"{percentile_text(score)}. {score.miss}"
        )


def _percentiles(book: Book, page: Page, scores: Sequence[Score]) -> None:
    """The share of outcomes in each quarter of the percentiles: even if predictions are right."""
    if not scores:
        return
    page.heading("Where outcomes stand among the predictions")
    page.paragraph(
        "If predictions are right, each quarter of the percentiles holds about a quarter of the "
        "outcomes (the histogram of the probability integral transform, PIT). An outcome of which "
        "only a range is known is shared out evenly over its range of percentiles."
    )
    row = page.row
    columns = [
        text("Percentiles", lambda quarter: quarter[0]),
        number("Outcomes", lambda quarter: quarter[1], ANY_NUMBER),
        number("Share of outcomes", lambda quarter: quarter[1] / len(scores), SHARE),
        number("Two-sided", lambda quarter: quarter[2], ANY_NUMBER),
    ]
    placed = page.table(Table(key="Percentiles", columns=columns, rows=quarters(scores)))
    end = page.row
    page.row = row
    axes = ("Percentile of the outcome", "Share of outcomes")
    page.chart(histogram(book, placed, "Even, if predictions are right", axes), _CHART_LINES, 3)
    page.row = max(end, row + _CHART_LINES)


def quarters(scores: Sequence[Score]) -> list[tuple[str, float, float]]:
    """How many outcomes each quarter of the percentiles holds, and how many two-sided ones.

    Ranges are shared out evenly. The counts add up to the number of outcomes.
    """
    two_sided = [score for score in scores if score.known == TWO_SIDED]
    found = []
    for low, high in pairwise(_QUARTERS):
        both, two = (sum(_part(score, low, high) for score in kind) for kind in (scores, two_sided))
        found.append((f"{100 * low:.0f} to {100 * high:.0f} %", both, two))
    return found


def _part(score: Score, low: float, high: float) -> float:
    """The part of an outcome's percentiles that lies in [low, high)."""
    first, last = score.percentile_low, score.percentile_high
    if last == first:
        return float(low <= first < high or first == high == 1.0)
    return max(0.0, min(last, high) - max(first, low)) / (last - first)


def _outcomes(book: Book, name: str, key: str, scores: Sequence[Score]) -> None:
    page = book.page(name, (24, 26, 24, 13, 11, 11, 11, 11, 11, 11, 22, 12, 11, 11, 11, 15, 44, 44))
    what = "What was seen" if name == "Outcomes" else "What others published"
    page.title(name, f"{what}, beside what the model predicted. {_NONE_REMARK}")
    if not scores:
        page.paragraph("None.")
        return
    row = page.row
    page.table(Table(key=key, columns=_SCORES, rows=scores), empty="")
    page.keep_in_sight(row)


def _scores(book: Book, backtest: Backtest) -> None:
    page = book.page("Scores", (24, 13, 26, 16, 20, 13, 13, 13, 15, 15, 13, 13, 13, 13, 13, 13))
    page.title("Scores", f"{NAIVE} {SCORES} {CAUTION}")
    if not backtest.ratings:
        page.paragraph("None: nothing was observed.")
        return
    page.table(Table(key="Skill", columns=_SKILLS, rows=backtest.skills), empty="")
    page.gap()
    page.table(Table(key="Scores", columns=_RATINGS, rows=backtest.ratings), empty="")


def _copies(book: Book, copies: Sequence[Copy]) -> None:
    page = book.page("Copies", (26, 44, 12, 11, 16, 44, 13, 30, 13, 16, 13))
    page.title("Assumptions that equal an outcome", COPIES)
    if not copies:
        page.paragraph("None.")
        return
    page.table(Table(key="Copies", columns=_COPIES, rows=copies), empty="")


def _cases(book: Book, cases: Sequence[Case]) -> None:
    page = book.page("Cases", (26, 12, 42, 60, 11, 13, 50))
    page.title(
        "Cases",
        "Every input carries the day from which it was known, and none is later than the case's "
        "own. Inputs without a date are assumptions, or belong to a mere comparison.",
    )
    page.table(Table(key="Cases", columns=_CASES, rows=cases), empty="")


def _about(book: Book, backtest: Backtest, facts: Mapping[str, Any]) -> None:
    page = book.page("About", (34, 80))
    page.title("About", PERCENTILE)
    name, digest = backtest.suite.file
    rows = [
        ("Suite", name),
        ("SHA-256 of the suite", digest),
        ("Started (UTC)", str(facts["started"])),
        *((f"Version of {key}", str(value)) for key, value in facts.get("versions", {}).items()),
        ("To run it again", "The same suite, trials and seed give the same figures, bit for bit."),
    ]
    columns = [text("What", lambda fact: fact[0]), text("Value", lambda fact: fact[1])]
    page.table(Table(key="About", columns=columns, rows=rows), empty="")


def _figure(score: Score) -> str:
    subject = subject_of(score.quantity)
    return f"{meaning_of(score.quantity)}: {subject}" if subject else meaning_of(score.quantity)


_LOOKS = {GDP: SHARE, DAYS: IN_DAYS}


def _finite(heading: str, field: str, look: Look) -> Column:
    """A figure that may not exist: an empty cell then."""

    def value(row: Skill | Calibration) -> float | None:
        found: float = getattr(row, field)
        return None if math.isnan(found) else found

    return number(heading, value, look)


def _predicted(heading: str, field: str) -> Column:
    """A predicted figure; text where it is no number, for no day within the time is one too."""

    def value(score: Score | Rating) -> str | float:
        found: float = getattr(score, field)
        return found if found != float("inf") else figure_text(found, score.unit)

    def look(score: Score | Rating) -> Look:
        return _LOOKS.get(score.unit, ANY_NUMBER)._replace(align="right")

    return Column(heading=heading, value=value, look=ANY_NUMBER, look_of=look)


_CALIBRATION: list[Column] = [
    text("Outcomes", lambda row: row.group),
    text("Known", lambda row: row.known),
    number("Interval", lambda row: row.interval, Look(number_format="0%")),
    number("Inside", lambda row: row.inside, COUNT),
    number("Of", lambda row: row.outcomes, COUNT),
    number("Share", lambda row: row.share, SHARE),
    _finite("Share, low", "lower", SHARE),
    _finite("Share, high", "upper", SHARE),
    _finite("Expected by the model", "expected", SHARE),
]
_SKILLS: list[Column] = [
    text("Outcomes", lambda row: row.group),
    text("Known", lambda row: row.known),
    text("Naive forecast", lambda row: row.forecaster),
    text("Unit", lambda row: row.unit),
    number("Of", lambda row: row.outcomes, COUNT),
    number("CRPS, model", lambda row: row.crps, ANY_NUMBER),
    number("CRPS, naive", lambda row: row.crps_naive, ANY_NUMBER),
    _finite("Skill", "crps_skill", SHARE),
    number("Interval score, model", lambda row: row.interval_score, ANY_NUMBER),
    number("Interval score, naive", lambda row: row.interval_score_naive, ANY_NUMBER),
    _finite("Interval skill", "interval_skill", SHARE),
    number("Cases, better", lambda row: row.better, COUNT),
    number("Cases decided", lambda row: row.decided, COUNT),
    _finite("Share better", "share", SHARE),
    _finite("Better, low", "lower", SHARE),
    _finite("Better, high", "upper", SHARE),
]
_RATINGS: list[Column] = [
    text("Case", lambda rating: rating.case),
    text("Known", lambda rating: rating.known),
    text("Figure", lambda rating: meaning_of(rating.quantity)),
    text("Of", lambda rating: subject_of(rating.quantity)),
    text("Seen", lambda rating: rating.outcome_text),
    text("Forecast by", lambda rating: rating.forecaster),
    text("Unit", lambda rating: rating.unit),
    _predicted("Median", "forecast"),
    _predicted("90 %, low", "low_90"),
    _predicted("90 %, high", "high_90"),
    number("CRPS", lambda rating: rating.crps, ANY_NUMBER),
    number("Interval score", lambda rating: rating.interval_score, ANY_NUMBER),
]
_COPIES: list[Column] = [
    text("Case", lambda copy: copy.case),
    text("Assumption", lambda copy: copy.assumption),
    text("Figure", lambda copy: copy.figure),
    number("Value", lambda copy: copy.value, ANY_NUMBER),
    after("Unit", lambda copy: copy.unit),
    text("Where", lambda copy: copy.place),
    text("Known on", lambda copy: copy.known_on),
    text("Outcome", lambda copy: f"{copy.outcome_case}, {copy.outcome}"),
    number("Seen", lambda copy: copy.outcome_value, ANY_NUMBER),
    after("Unit seen", lambda copy: copy.outcome_unit),
    text("Seen on", lambda copy: copy.seen_on),
]
_SCORES: list[Column] = [
    text("Case", lambda score: score.case),
    text("Figure", lambda score: meaning_of(score.quantity)),
    text("Of", lambda score: subject_of(score.quantity)),
    text("Unit", lambda score: score.unit),
    _predicted("Median", "median"),
    _predicted("50 %, low", "low_50"),
    _predicted("50 %, high", "high_50"),
    _predicted("90 %, low", "low_90"),
    _predicted("90 %, high", "high_90"),
    number("Chance of none", lambda score: score.chance_none, SHARE),
    after("Seen", lambda score: score.outcome_text),
    text("Known", lambda score: score.known),
    number("Percentile", lambda score: score.percentile, SHARE),
    number("Percentile, low", lambda score: score.percentile_low, SHARE),
    number("Percentile, high", lambda score: score.percentile_high, SHARE),
    after("Verdict", verdict),
    text("Why it is missed", lambda score: score.miss),
    text("Source", lambda score: score.source),
]
_CASES: list[Column] = [
    text("Case", lambda case: case.name),
    text("As of", lambda case: case.as_of),
    text("What it is about", lambda case: case.title),
    text("What then set in, or is supposed", events_text),
    number("Inputs with a date", lambda case: case.dated, COUNT),
    number("Assumptions without", lambda case: case.undated, COUNT),
    Column(heading="Source", value=lambda case: case.happened_source, look=TEXT._replace(indent=1)),
]
