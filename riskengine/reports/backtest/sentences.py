"""The figures of a back-test in words: days, shares, intervals, percentiles, verdicts."""

from __future__ import annotations

import math
from collections.abc import Iterable

from riskengine.backtests.playing import Backtest
from riskengine.backtests.quantities import GDP, PARTS, WHOLE, QuantityKind
from riskengine.backtests.scoring import ONE_SIDED, TWO_SIDED, Coverage, Score
from riskengine.backtests.skill import ALL, Rating, Skill
from riskengine.language.money import is_counted, unit_words
from riskengine.language.speaking import say, spoken
from riskengine.reports.tables.numbers import MISSING, short, short_percent
from riskengine.reports.tables.words import all_said

NEVER = "none"  #: a day that does not come within the horizon
_JOINT = "\u00a0"

HOW_TO_READ = (
    "Each case is a moment of history: what was known on its day, and what then set in. The model "
    "simulates many trials from there without knowing more. Half of its trials lie in the 50 % "
    "interval, nine tenths in the 90 % interval; the median is the one in the middle. If the model "
    "is neither too sure nor too unsure, about half of all outcomes lie inside the 50 % intervals "
    "and nine in ten inside the 90 % intervals."
)
PERCENTILE = (
    "The percentile of an outcome is the share of trials that lie below it: 50 % is the middle "
    "of the prediction, 2 % is far below, 98 % far above. It is a range where only a range of the "
    "outcome is known (none seen so far), or where many trials give the very same figure (often "
    "0, or none); its middle is then marked."
)
TOGETHER = (
    "Low and high, or in brackets: the 95 % interval of a share from so few outcomes, as if each "
    "were a case of its own. Outcomes of one case depend on each other, so the true intervals are "
    "wider."
)
EXPECTED = (
    "Expected is what the model itself would put inside: more than the name of the interval where "
    "many of its trials give the very same figure."
)
SIDES = (
    "A one-sided outcome is known only as at least, at most or none seen so far. It counts as "
    "inside unless all that it may have been lies outside, which is an easier test: the two kinds "
    "are counted apart, and no share is expected of one-sided outcomes."
)
NAIVE = (
    "Two naive forecasts stand beside the model. Constant duration: the flow stays near zero, then "
    "slow, for the median of past episodes known on the day; it says nothing of industries. "
    "Today's level: everything stays as it is on the day, so that no output is ever lost."
)
SCORES = (
    "CRPS (continuous ranked probability score) is the distance between a forecast and what was "
    "seen: 0 is perfect, and a forecast of one value scores its absolute error. The interval score "
    "is the width of the 90 % interval plus 20 times the distance of an outcome outside it. Of a "
    "one-sided outcome only the side that is known counts. Skill is 1 - model / naive: 100 % is "
    "perfect, 0 no better than the naive forecast, below 0 worse."
)
CAUTION = (
    "So few outcomes say little. Share better: in how many of the decided cases the model is "
    "better, with the 95 % interval of that chance (sign test); where it holds 50 %, either may be "
    "better. Only the rows of all outcomes are a fair comparison: an outcome is one-sided where "
    "nothing had happened yet, and that is what today's level always says."
)
COPIES = (
    "These values equal an outcome of the suite, within 1 %, that was not known on the day of "
    "their case. No program can tell a copy from a coincidence: please judge. Round figures and "
    "rules that hold for every case meet some outcome by chance."
)
CASES = (
    "Every input of a case carries the day from which it was known, and none is later than the "
    "case's own day: the run would have been refused. Inputs without a date are assumptions that "
    "rest on no later fact, or belong to a mere comparison."
)


def meaning_of(quantity: str) -> str:
    """The meaning of a quantity, without the name of its subject.

    >>> meaning_of("material:gallium:normal_day")
    'Day on which the flow is near normal again'
    """
    return say(_figure_of(quantity).meaning)


def subject_of(quantity: str) -> str:
    """The name of the subject of a quantity; empty for the total.

    >>> subject_of("material:gallium:normal_day"), subject_of("total")
    ('gallium', '')
    """
    return quantity.partition(":")[2].rpartition(":")[0]


def quantity_text(quantity: str) -> str:
    """A quantity and the name of its subject.

    >>> quantity_text("material:gallium:normal_day")
    'Day on which the flow is near normal again: gallium'
    """
    meaning, subject = meaning_of(quantity), subject_of(quantity)
    return say(f"{meaning}: {subject}", "figure of") if subject else meaning


def is_day(quantity: str) -> bool:
    """Whether a quantity is a day that may never come."""
    return _figure_of(quantity).is_day


def _figure_of(quantity: str) -> QuantityKind:
    scope, _, rest = quantity.partition(":")
    return WHOLE[quantity] if quantity in WHOLE else PARTS[scope][rest.rpartition(":")[2]]


def figure_text(value: float, unit: str) -> str:
    """A figure without its unit; shares keep their per cent sign.

    >>> [figure_text(59.0, "days"), figure_text(0.0043, GDP), figure_text(math.inf, "days")]
    ['59', '0.43 %', 'none']
    """
    if math.isinf(value):
        return say(NEVER)
    return short_percent(value) if unit == GDP else short(value)


def ends_text(low: float, high: float, unit: str) -> str:
    """The two ends of an interval.

    >>> ends_text(42.8, math.inf, "days"), ends_text(math.inf, math.inf, "days")
    ('42.8 to none', 'none')
    """
    first, last = figure_text(low, unit), figure_text(high, unit)
    return first if first == last else f"{first}{spoken().to}{last}"


def unit_text(unit: str) -> str:
    """A unit in words.

    >>> unit_text("days of demand")
    'days of demand'
    """
    return unit_words(say(unit))


def outcome_said(row: Score | Rating) -> str:
    """What was seen, in words."""
    seen = row.outcome_text.removesuffix(f" {row.unit}")
    if spoken().code == "en" or seen == row.outcome_text:
        return say(row.outcome_text)
    # A unit of several words is one word while the text is looked up.
    unit = _after_figure(row.unit).replace(" ", _JOINT)
    return say(f"{seen} {unit}", "outcome").replace(_JOINT, " ")


def _after_figure(unit: str) -> str:
    """A unit as it follows a figure, with a space before it where there has to be one."""
    counted = say(unit, "outcome")
    if counted != unit:
        return counted
    found = unit_words(unit)
    return found if is_counted(found) else f" {found}"


def percentile_text(score: Score) -> str:
    """The percentile of an outcome, or the range of percentiles in which it lies."""
    return percentiles_text(score.percentile_low, score.percentile_high)


def percentiles_text(low: float, high: float) -> str:
    """A percentile, or a range of percentiles, in whole per cent.

    >>> percentiles_text(0.56, 1.0), percentiles_text(0.12, 0.121), percentiles_text(0.0, 0.0004)
    ('56 to 100 %', '12 %', '<1 %')
    """
    first, last = _whole(low), _whole(high)
    if last == "<1" or first == ">99":
        first = last = last if last == "<1" else first
    ends = first if first == last else f"{first}{spoken().to}{last}"
    return f"{ends}{spoken().percent}"


def _whole(share: float) -> str:
    """Whole per cent; values near 0 or 100 are never rounded to them.

    >>> _whole(0.0), _whole(0.0004), _whole(0.9996)
    ('0', '<1', '>99')
    """
    figure = f"{100.0 * share:.0f}"
    if figure == "0" and share > 0.0:
        return "<1"
    return ">99" if figure == "100" and share < 1.0 else figure


def verdict(score: Score) -> str:
    """Where an outcome lies, short enough for a cell."""
    if score.inside_50 == "yes":
        return say("inside 50 %")
    if score.inside_90 == "yes":
        return say("inside 90 %")
    return say(f"outside, {side(score)}")


def side(score: Score) -> str:
    """The direction of a miss: the outcome lies below or above the predictions."""
    return "below" if score.percentile < 0.5 else "above"


def observed(scores: Iterable[Score]) -> list[Score]:
    return [score for score in scores if score.kind == "observed"]


def published(scores: Iterable[Score]) -> list[Score]:
    return [score for score in scores if score.kind != "observed"]


def facts_line(backtest: Backtest) -> str:
    """What was simulated, in one line."""
    return say(
        f"{len(backtest.suite.cases)} cases, {len(backtest.scores)} outcomes; "
        f"{backtest.trials:,} trials of each case, seed {backtest.seed}"
    )


def headline(rows: Iterable[Coverage]) -> str:
    """The calibration of all outcomes, in one or two sentences."""
    whole = {(row.known, row.interval): row for row in rows if row.group == ALL}
    if not whole:
        return say("Nothing in this suite was observed: there is no calibration to speak of.")
    said = []
    if (TWO_SIDED, 0.9) in whole:
        half, most = whole[TWO_SIDED, 0.5], whole[TWO_SIDED, 0.9]
        said.append(
            f"{most.inside} of {most.outcomes} two-sided outcomes lie inside the 90 % intervals "
            f"and {half.inside} inside the 50 % intervals, where the model itself expects "
            f"{most.expected * most.outcomes:.0f} and {half.expected * half.outcomes:.0f}."
        )
    if (ONE_SIDED, 0.9) in whole:
        half, most = whole[ONE_SIDED, 0.5], whole[ONE_SIDED, 0.9]
        said.append(
            f"Of {most.outcomes} one-sided outcomes (at least, at most, none seen) {most.inside} "
            f"may lie inside the 90 % intervals and {half.inside} inside the 50 % intervals."
        )
    return all_said(*said)


def skill_line(rows: Iterable[Skill]) -> str:
    """The model against each naive forecaster over all outcomes, one sentence each."""
    return all_said(*(_skill_words(row) for row in rows if row.group == row.known == ALL))


def _skill_words(row: Skill) -> str:
    naive = f"{short(row.crps_naive)}{_after_figure(row.unit)}"
    return (
        f"Against {row.forecaster} (CRPS {naive}) the model has {short(row.crps)}: a skill of "
        f"{skill_text(row.crps_skill)} over {row.outcomes} outcomes, better in {row.better} of "
        f"{row.decided} cases."
    )


def skill_text(skill: float) -> str:
    """A skill in whole per cent.

    >>> skill_text(0.406), skill_text(-0.016), skill_text(math.nan)
    ('41 %', '-2 %', '-')
    """
    return MISSING if math.isnan(skill) else f"{100.0 * skill:.0f}{spoken().percent}"
