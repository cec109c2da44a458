"""The tables of a back-test: outcomes, calibration, skill, scores, misses, copies, cases.

Screen, page and workbook show different columns of the same table. `IN_CELLS` are for the workbook
alone, which shows the ends of intervals as figures. `IN_WORDS` are for screen and page.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from operator import attrgetter
from typing import Any

from riskengine.backtests.cases import Case
from riskengine.backtests.copies import Copy
from riskengine.backtests.naive import FORECASTERS
from riskengine.backtests.playing import Backtest
from riskengine.backtests.quantities import DAYS, GDP
from riskengine.backtests.scoring import Coverage, Score
from riskengine.backtests.skill import ALL, MODEL, Rating, Skill
from riskengine.language.speaking import say, spoken
from riskengine.measures.estimate import Estimate
from riskengine.model.confidence import level_name
from riskengine.reports.backtest import sentences as said
from riskengine.reports.backtest.events import events_text
from riskengine.reports.tables import looks
from riskengine.reports.tables.formats import AFTER, AMOUNT, COUNT, DATE, SHARE, Format
from riskengine.reports.tables.looks import Look
from riskengine.reports.tables.numbers import short, short_percent
from riskengine.reports.tables.table import (
    Column,
    Table,
    Value,
    estimate,
    number,
    origin_table,
    text,
    words,
)
from riskengine.reports.tables.table import said as told
from riskengine.reports.tables.words import all_said, long_date

IN_CELLS = ("unit", "seen_low", "seen_high", "low_50", "high_50", "low_90", "high_90", "known",
            "percentile", "miss", "source")  # fmt: skip
IN_WORDS = ("interval_50", "interval_90", "percentiles")

_LOOKS = {GDP: looks.SHARE, DAYS: looks.DAYS}  #: by unit
_SCORE = replace(AMOUNT, text=short)
_SKILL = replace(SHARE, text=said.skill_text)
_count = partial(number, form=COUNT)
_LEVEL = replace(SHARE, text=short_percent, look=Look(number_format="0%"))
_CHANCE = replace(SHARE, text=lambda share: short_percent(round(share, 3)))
_WHOLE_PERCENT = replace(
    SHARE,
    text=lambda share: said.percentiles_text(share, share),
    ends=lambda found: said.percentiles_text(found.lower, found.upper),
)


def backtest_tables(backtest: Backtest) -> list[Table]:
    """The printed tables: outcomes, published estimates, calibration, skill, misses, copies."""
    parts = [
        outcomes_table(said.observed(backtest.scores)).without(*IN_CELLS),
        published_table(said.published(backtest.scores)).without(*IN_CELLS),
        calibration_table(backtest.calibration),
        skill_table(main_skills(backtest.skills)),
        scores_table(backtest.ratings),
        misses_table(backtest.misses),
        copies_table(backtest.suite.copies),
    ]
    return [table for table in parts if table.rows]


def _unit(row: Score | Rating) -> Format:
    """The format of figures in the unit of a row."""
    look = _LOOKS.get(row.unit, looks.ANY_NUMBER)._replace(align="right")
    return replace(AMOUNT, text=partial(said.figure_text, unit=row.unit), look=look)


def _predicted(key: str, heading: str) -> Column:
    """A predicted figure; it may also be a day that does not come within the horizon."""

    def value(row: Score | Rating) -> float | str:
        found: float = getattr(row, key)
        return say(said.NEVER) if math.isinf(found) else found

    return number(key, heading, value).by_row(_unit)


def _interval(level: str) -> Column:
    """Both ends of an interval in words."""

    def value(score: Score) -> str:
        low, high = (getattr(score, f"{end}_{level}") for end in ("low", "high"))
        return said.ends_text(low, high, score.unit)

    return words(f"interval_{level}", f"{level} % interval", value)


_CASE = text("case", "Case")
_KNOWN = told("known", "Known")
_SEEN = text("outcome", "Seen", said.outcome_said)
_UNIT = text("unit", "Unit", lambda row: said.unit_text(row.unit))


def _seen_end(key: str, heading: str) -> Column:
    """One end of what was seen; the day that did not come while it was watched is unknown."""
    return number(key, heading, attrgetter(f"outcome_{key[5:]}")).by_row(_unit)


_ENDS_SEEN = (_seen_end("seen_low", "Seen, at least"), _seen_end("seen_high", "Seen, at most"))
_QUANTITY = (
    text("quantity", "Figure", lambda row: said.meaning_of(row.quantity)),
    text("subject", "Of", lambda row: said.subject_of(row.quantity)),
)
_PREDICTIONS = (
    _UNIT,
    _predicted("median", "Median"),
    _interval("50"),
    _predicted("low_50", "50 %, low"),
    _predicted("high_50", "50 %, high"),
    _interval("90"),
    _predicted("low_90", "90 %, low"),
    _predicted("high_90", "90 %, high"),
    number("chance_none", "Chance of none", form=_CHANCE),
    replace(_SEEN, format=AFTER),
    *_ENDS_SEEN,
    replace(_KNOWN, format=AFTER),
    words("percentiles", "Percentile", said.percentile_text),
    estimate(
        "percentile",
        "Percentile",
        lambda score: Estimate(score.percentile, score.percentile_low, score.percentile_high),
        SHARE,
    ),
    text("verdict", "Verdict", said.verdict, AFTER),
    text("miss", "Why it is missed", form=AFTER),
    text("source", "Source"),
)


def outcomes_table(scores: Sequence[Score]) -> Table:
    """What was predicted and what was seen."""
    return Table(
        key="Outcomes",
        title="What was seen, beside what the model predicted on the day",
        columns=[_CASE, *_QUANTITY, *_PREDICTIONS],
        rows=scores,
        remark="none: not within the time played. Percentile: share of trials below the outcome.",
    )


def published_table(scores: Sequence[Score]) -> Table:
    """Estimates that others published, next to ours."""
    title = "Estimates that others published, beside ours (no test: nobody has seen them happen)"
    return replace(outcomes_table(scores), key="Published", title=title, remark="")


def figure_table(meaning: str, scores: Sequence[Score]) -> Table:
    """Outcomes of one kind of figure."""

    def whose(score: Score) -> str:
        """What tells an outcome from the others of its case."""
        return f"{score.case}, {said.subject_of(score.quantity) or score.name}"

    columns = [text("whose", "Case", whose), *_PREDICTIONS]
    found = Table(key="figure", title=meaning, columns=columns, rows=scores)
    return found.without(*IN_CELLS)


def calibration_table(rows: Sequence[Coverage]) -> Table:
    """How many outcomes were inside the intervals."""
    return Table(
        key="Calibration",
        title="Share of outcomes inside the intervals (95 % interval of the share)",
        columns=[
            told("group", "Outcomes"),
            _KNOWN,
            number("interval", "Interval", form=_LEVEL),
            _count("inside", "Inside"),
            _count("outcomes", "Of"),
            estimate(
                "share",
                "Share",
                lambda row: Estimate(row.share, row.lower, row.upper),
                SHARE,
                name="Inside",
            ),
            number("expected", "Expected by the model", form=SHARE),
        ],
        rows=rows,
        remark=all_said(said.TOGETHER, said.EXPECTED, said.SIDES),
        called=lambda row: f"{row.group}_{row.known}_{level_name(row.interval)}",
    )


def main_skills(rows: Iterable[Skill]) -> list[Skill]:
    """The skills over all outcomes, by subject, or by how outcomes are known, but not by both."""
    return [row for row in rows if ALL in (row.group, row.known)]


def skill_table(rows: Sequence[Skill]) -> Table:
    """The model against naive forecasters."""

    def better(row: Skill) -> Estimate | None:
        return Estimate(row.share, row.lower, row.upper) if row.decided else None

    return Table(
        key="Skill",
        title="The model beside naive forecasts (smaller scores are better)",
        columns=[
            told("group", "Outcomes"),
            _KNOWN,
            told("forecaster", "Naive forecast"),
            _UNIT,
            _count("outcomes", "Of"),
            number("crps", "CRPS, model", form=_SCORE),
            number("crps_naive", "CRPS, naive", form=_SCORE),
            number("crps_skill", "Skill", form=_SKILL),
            number("interval_score", "Interval score, model", form=_SCORE),
            number(
                "interval_naive",
                "Interval score, naive",
                lambda row: row.interval_score_naive,
                _SCORE,
            ),
            number("interval_skill", "Interval skill", form=_SKILL),
            _count("better", "Cases better"),
            _count("decided", "Cases decided"),
            estimate("share", "Share better", better, _WHOLE_PERCENT),
        ],
        rows=rows,
        remark=all_said(said.NAIVE, said.SCORES, said.CAUTION),
    )


def ratings_table(ratings: Sequence[Rating], scores: Sequence[Score]) -> Table:
    """The forecast of each forecaster for each outcome, one row each, beside what was seen."""
    outcomes = {(score.case, score.name): score for score in scores}

    def seen(column: Column) -> Column:
        take = column.value or attrgetter(column.key)
        return replace(column, value=lambda rating: take(outcomes[rating.case, rating.name]))

    return Table(
        key="Scores",
        columns=[
            _CASE,
            _KNOWN,
            *_QUANTITY,
            _UNIT,
            *map(seen, _ENDS_SEEN),
            told("forecaster", "Forecast by", form=AFTER),
            _predicted("forecast", "Median"),
            _predicted("low_90", "90 %, low"),
            _predicted("high_90", "90 %, high"),
            number("crps", "CRPS", _crps),
            number("interval_score", "Interval score"),
        ],
        rows=ratings,
    )


def scores_table(ratings: Sequence[Rating]) -> Table:
    """The CRPS of the forecasters side by side, one row per outcome."""
    rated = {(each.case, each.name, each.forecaster): each for each in ratings}

    def by(forecaster: str, value: Value) -> Value:
        """Takes a cell from a forecaster's rating of the same outcome."""

        def cell(model: Rating) -> Any:
            found = rated.get((model.case, model.name, forecaster))
            return value(found) if found else None

        return cell

    columns = [_CASE, *_QUANTITY, _SEEN, _KNOWN, number("model", "CRPS, model", _crps, _SCORE)]
    for name in FORECASTERS:
        median = by(name, lambda rating: said.figure_text(rating.forecast, rating.unit))
        columns += [
            words(f"{name} median", name.capitalize(), median),
            number(name, "CRPS", by(name, _crps), _SCORE),
        ]
    return Table(
        key="scores",
        title="Scores of every outcome",
        columns=columns,
        rows=[each for each in ratings if each.forecaster == MODEL],
    )


def _crps(rating: Rating) -> float:
    return rating.crps


def misses_table(scores: Sequence[Score]) -> Table:
    """Outcomes outside the 90 % interval, and why."""
    return Table(
        key="misses",
        title="Misses: outcomes outside the 90 % interval, and why",
        columns=[
            _CASE,
            *_QUANTITY,
            text("side", "The outcome lies", lambda score: f"{said.side(score)} the predictions"),
            text("why", "Why", lambda score: score.miss),
        ],
        rows=scores,
    )


def copies_table(copies: Sequence[Copy]) -> Table:
    """Assumptions whose value equals an outcome."""
    return Table(
        key="Copies",
        title="These assumptions equal an outcome of the suite",
        columns=[
            _CASE,
            text("assumption", "Assumption"),
            text("figure", "Figure", lambda copy: say(copy.figure, "parameter")),
            number("value", "Value", form=_SCORE),
            told("unit", "Unit", form=AFTER),
            text("place", "Where"),
            told("known_on", "Known on", form=DATE),
            text("outcome", "Outcome", lambda copy: f"{copy.outcome_case}, {copy.outcome}"),
            number("seen", "Seen", lambda copy: copy.outcome_value).by_row(_seen),
            text(
                "outcome_unit", "Unit seen", lambda copy: said.unit_text(copy.outcome_unit), AFTER
            ),
            text("seen_on", "Seen on", form=DATE),
        ],
        rows=copies,
        remark=said.COPIES,
    )


def _seen(copy: Copy) -> Format:
    return replace(AMOUNT, text=partial(said.figure_text, unit=copy.outcome_unit))


def cases_table(cases: Sequence[Case]) -> Table:
    """The cases: their day, what began, how their inputs are dated, and the source."""
    return Table(
        key="Cases",
        title="The cases and their inputs",
        columns=[
            text("case", "Case", lambda case: case.name),
            text("as_of", "As of", form=DATE),
            text("title", "What it is about"),
            text("happened", "What then set in, or is supposed", events_text),
            _count("dated", "Inputs with a date"),
            _count("undated", "Assumptions without"),
            text("source", "Source", lambda case: case.happened_source, AFTER),
        ],
        rows=cases,
    )


def sources_table(cases: Sequence[Case]) -> Table:
    """Where the outcomes of the cases come from."""
    return Table(
        key="sources",
        title="Where outcomes come from",
        columns=[
            text("case", "Case", lambda row: row[0].name),
            text("outcome", "Outcome", lambda row: row[1].name),
            text("seen_on", "Known on", lambda row: row[1].seen_on),
            text("source", "Source", lambda row: row[1].source),
            text("note", "Note", lambda row: row[1].note),
        ],
        rows=[(case, outcome) for case in cases for outcome in case.outcomes.values()],
    )


def provenance_table(backtest: Backtest, facts: Mapping[str, Any]) -> Table:
    """The suite, trials, seed and versions behind the figures."""
    name, digest = backtest.suite.file
    days = [case.as_of for case in backtest.suite.cases.values()]
    versions = facts.get("versions") or {}
    rows = [
        ("Suite", name),
        ("SHA-256 of the suite", digest),
        ("Days of the cases", f"{long_date(min(days))}{spoken().to}{long_date(max(days))}"),
        ("Trials of each case", f"{backtest.trials:,}"),
        ("Seed", str(backtest.seed)),
        ("Started (UTC)", str(facts.get("started", ""))),
        *((f"Version of {key}", str(value)) for key, value in versions.items()),
    ]
    remark = (
        "The same suite, seed and trials give the same figures to the bit. manifest.json holds the "
        "whole config of every case."
    )
    return origin_table("About", rows, remark)
