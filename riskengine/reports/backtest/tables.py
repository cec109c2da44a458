"""The tables of a back-test: outcomes, calibration, misses, cases."""

from __future__ import annotations

from collections.abc import Sequence

from riskengine.backtests.cases import Case
from riskengine.backtests.copies import Copy
from riskengine.backtests.naive import FORECASTERS
from riskengine.backtests.playing import Backtest
from riskengine.backtests.scoring import Calibration, Score
from riskengine.backtests.skill import ALL, MODEL, Rating, Skill
from riskengine.measures.estimate import Estimate
from riskengine.reports.backtest.events import events_text
from riskengine.reports.backtest.sentences import (
    CAUTION,
    COPIES,
    EXPECTED,
    NAIVE,
    SCORES,
    SIDES,
    TOGETHER,
    ends_text,
    figure_text,
    meaning_of,
    observed,
    percentile_text,
    percentiles_text,
    published,
    side,
    skill_text,
    subject_of,
    verdict,
)
from riskengine.reports.tables.formats import SHARE
from riskengine.reports.tables.numbers import short, short_percent
from riskengine.reports.tables.table import Column, Table, estimate, number, text, words


def backtest_tables(backtest: Backtest) -> list[Table]:
    """What is printed: outcomes, estimates of others, calibration, skill, misses, copies."""
    parts = [
        outcomes_table(observed(backtest.scores)),
        published_table(published(backtest.scores)),
        calibration_table(backtest.calibration),
        skill_table(backtest.skills),
        ratings_table(backtest.ratings),
        misses_table(backtest.misses),
        copies_table(backtest.suite.copies),
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
            text("known", "Known"),
            _words("interval", "Interval"),
            _words("inside", "Inside"),
            estimate("share", "Share", form=SHARE),
            number("expected", "Expected by the model", form=SHARE),
        ],
        rows=[
            [
                row.group,
                row.known,
                short_percent(row.interval),
                f"{row.inside} of {row.outcomes}",
                Estimate(row.share, row.lower, row.upper),
                row.expected,
            ]
            for row in rows
        ],
        remark=f"{TOGETHER} {EXPECTED} {SIDES}",
    )


def skill_table(rows: Sequence[Skill]) -> Table:
    """The model against naive forecasters: all outcomes, by what they are about, by how known."""
    return Table(
        key="skill",
        title="The model beside naive forecasts (smaller scores are better)",
        columns=[
            text("group", "Outcomes"),
            text("known", "Known"),
            text("forecaster", "Naive forecast"),
            _words("outcomes", "Of"),
            _words("crps", "CRPS, model"),
            _words("crps_naive", "CRPS, naive"),
            _words("crps_skill", "Skill"),
            _words("interval_score", "Interval score, model"),
            _words("interval_score_naive", "Interval score, naive"),
            _words("interval_skill", "Skill"),
            _words("better", "Model better in cases"),
        ],
        rows=[
            [
                row.group,
                row.known,
                row.forecaster,
                f"{row.outcomes} ({row.unit})",
                short(row.crps),
                short(row.crps_naive),
                skill_text(row.crps_skill),
                short(row.interval_score),
                short(row.interval_score_naive),
                skill_text(row.interval_skill),
                _better(row),
            ]
            for row in rows
            if ALL in (row.group, row.known)
        ],
        remark=f"{NAIVE} {SCORES} {CAUTION}",
    )


def _better(row: Skill) -> str:
    ends = f" ({percentiles_text(row.lower, row.upper)})" if row.decided else ""
    return f"{row.better} of {row.decided}{ends}"


def ratings_table(ratings: Sequence[Rating]) -> Table:
    """The CRPS of every forecaster, an outcome a row."""
    by_outcome: dict[tuple[str, str], dict[str, Rating]] = {}
    for each in ratings:
        by_outcome.setdefault((each.case, each.name), {})[each.forecaster] = each
    columns = [text("case", "Case"), text("quantity", "Figure"), text("outcome", "Seen")]
    columns += [text("known", "Known"), _words("model", "CRPS, model")]
    for name in FORECASTERS:
        columns += [_words(f"{name} median", name.capitalize()), _words(name, "CRPS")]
    return Table(
        key="scores",
        title="Scores of every outcome",
        columns=columns,
        rows=[
            [
                said[MODEL].case,
                quantity_text(said[MODEL]),
                said[MODEL].outcome_text,
                said[MODEL].known,
                short(said[MODEL].crps),
                *(cell for name in FORECASTERS for cell in _naive_cells(said.get(name))),
            ]
            for said in by_outcome.values()
        ],
    )


def _naive_cells(said: Rating | None) -> list[str | None]:
    return [figure_text(said.forecast, said.unit), short(said.crps)] if said else [None, None]


def copies_table(copies: Sequence[Copy]) -> Table:
    """Assumptions that equal an outcome."""
    return Table(
        key="copies",
        title="These assumptions equal an outcome of the suite",
        columns=[
            text("case", "Case"),
            text("assumption", "Assumption"),
            text("value", "Its value"),
            text("place", "Where"),
            text("known_on", "Known on"),
            text("outcome", "Outcome"),
            text("seen", "What was seen"),
            text("seen_on", "Seen on"),
        ],
        rows=[
            [
                each.case,
                each.assumption,
                f"{each.figure} {short(each.value)} {each.unit}",
                each.place,
                each.known_on,
                f"{each.outcome_case}, {each.outcome}",
                f"{figure_text(each.outcome_value, each.outcome_unit)} {each.outcome_unit}",
                each.seen_on,
            ]
            for each in copies
        ],
        remark=COPIES,
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
            words("dated", "Inputs with a date"),
            words("undated", "Assumptions without"),
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


def quantity_text(score: Score | Rating) -> str:
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
    return words(key, heading)


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
