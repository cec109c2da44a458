"""The tables of a back-test: outcomes, calibration, misses, cases."""

from __future__ import annotations

from collections.abc import Sequence

from riskengine.backtest.cases import Case
from riskengine.backtest.playing import Backtest
from riskengine.backtest.scoring import Calibration, Score
from riskengine.measures.estimate import Estimate
from riskengine.report.backtest_events import events_text
from riskengine.report.backtest_words import (
    EXPECTED,
    TOGETHER,
    ends_text,
    figure_text,
    meaning_of,
    observed,
    percentile_text,
    published,
    side,
    subject_of,
    verdict,
)
from riskengine.report.numbers import percent, short_percent
from riskengine.report.tables import Column, Table, share_text, text


def backtest_tables(backtest: Backtest) -> list[Table]:
    """What is printed: outcomes, estimates of others, the calibration, the misses."""
    parts = [
        outcomes_table(observed(backtest.scores)),
        published_table(published(backtest.scores)),
        calibration_table(backtest.calibration),
        misses_table(backtest.misses),
    ]
    return [table for table in parts if table.rows]


def outcomes_table(scores: Sequence[Score]) -> Table:
    """What was predicted and what was seen."""
    return Table(
        key="outcomes",
        title="What was seen, beside what the model predicted on the day",
        columns=_COLUMNS,
        rows=[_row(score) for score in scores],
        remark="none: not within the time played. Percentile: share of futures below the outcome.",
    )


def published_table(scores: Sequence[Score]) -> Table:
    """Estimates that others published, beside ours."""
    return Table(
        key="published",
        title="Estimates that others published, beside ours (no test: nobody has seen them happen)",
        columns=_COLUMNS,
        rows=[_row(score) for score in scores],
    )


def figure_table(meaning: str, scores: Sequence[Score]) -> Table:
    """Outcomes of one kind of figure."""
    return Table(
        key="figure",
        title=meaning,
        columns=[text("whose", "Case"), *_COLUMNS[2:]],
        rows=[
            [f"{each.case}, {subject_of(each.quantity) or each.name}", *_row(each)[2:]]
            for each in scores
        ],
    )


def calibration_table(rows: Sequence[Calibration]) -> Table:
    """How many outcomes were inside the intervals."""
    return Table(
        key="calibration",
        title="Share of outcomes inside the intervals (95 % interval of the share)",
        columns=[
            text("group", "Outcomes"),
            _words("interval", "Interval"),
            _words("inside", "Inside"),
            Column(key="share", heading="Share", show=share_text),
            Column(key="expected", heading="Expected by the model", show=percent),
        ],
        rows=[
            [
                row.group,
                short_percent(row.interval),
                f"{row.inside} of {row.outcomes}",
                Estimate(row.share, row.lower, row.upper),
                row.expected,
            ]
            for row in rows
        ],
        remark=f"{TOGETHER} {EXPECTED}",
    )


def misses_table(scores: Sequence[Score]) -> Table:
    """Outcomes outside the 90 % interval, and why."""
    return Table(
        key="misses",
        title="Misses: outcomes outside the 90 % interval, and why",
        columns=[
            text("case", "Case"),
            text("quantity", "Figure"),
            text("side", "The outcome lies"),
            text("why", "Why"),
        ],
        rows=[
            [each.case, quantity_text(each), f"{side(each)} the predictions", each.miss]
            for each in scores
        ],
    )


def cases_table(cases: Sequence[Case]) -> Table:
    """The cases: their day, what set in, how their inputs are dated."""
    return Table(
        key="cases",
        title="The cases and their inputs",
        columns=[
            text("case", "Case"),
            text("as_of", "As of"),
            text("title", "What it is about"),
            text("happened", "What then set in, or is supposed"),
            Column(key="dated", heading="Inputs with a date", show=str),
            Column(key="undated", heading="Assumptions without", show=str),
        ],
        rows=[
            [
                case.name,
                case.as_of,
                case.title,
                events_text(case),
                str(case.dated),
                str(case.undated),
            ]
            for case in cases
        ],
    )


def quantity_text(score: Score) -> str:
    """A figure and whose it is."""
    subject = subject_of(score.quantity)
    return f"{meaning_of(score.quantity)}: {subject}" if subject else meaning_of(score.quantity)


def _row(score: Score) -> list[str]:
    return [
        score.case,
        quantity_text(score),
        figure_text(score.median, score.unit),
        ends_text(score.low_50, score.high_50, score.unit),
        ends_text(score.low_90, score.high_90, score.unit),
        short_percent(round(score.chance_none, 3)),
        score.outcome_text,
        percentile_text(score),
        verdict(score),
    ]


def _words(key: str, heading: str) -> Column:
    return Column(key=key, heading=heading, show=str)


_COLUMNS = [
    text("case", "Case"),
    text("quantity", "Figure"),
    _words("median", "Median"),
    _words("interval_50", "50 % interval"),
    _words("interval_90", "90 % interval"),
    _words("chance_none", "Chance of none"),
    text("outcome", "Seen"),
    _words("percentile", "Percentile"),
    text("verdict", "Verdict"),
]
