"""Compares predictions with outcomes: a row per outcome, and how many were inside intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskengine.backtests.cases import Case, Outcome, outcome_text
from riskengine.backtests.quantities import Quantity
from riskengine.measures.percentiles import (
    Interval,
    binomial_share,
    central,
    held,
    in_order,
    meets,
    quantile,
    standing,
)

SHARES = (0.5, 0.9)  #: coverage of the intervals; an outcome outside the wider one is a miss
TWO_SIDED, ONE_SIDED = "two-sided", "one-sided"
KINDS = (TWO_SIDED, ONE_SIDED)  #: whether an outcome is bounded on both sides, or on one


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One outcome of one case: a row of `backtest.csv`.

    A day that does not come within the horizon is `inf` here and empty in the file.
    """

    case: str
    as_of: str  #: the day of the case: what became known later is not used
    name: str  #: of the outcome
    kind: str  #: observed or published
    quantity: str  #: what the outcome is about
    unit: str
    median: float  #: of the prediction; like the next four empty if not within the time played
    low_50: float  #: lower end of the 50 % interval of the prediction
    high_50: float  #: its upper end
    low_90: float  #: lower end of the 90 % interval of the prediction
    high_90: float  #: its upper end
    chance_none: float  #: share of trials without it: the day never comes, or the amount is 0
    known: str  #: two-sided or one-sided
    outcome: float | None  #: empty if only a range is known
    outcome_low: float  #: lower end of what is known about the outcome
    outcome_high: float  #: upper end; empty if there is none
    outcome_text: str  #: the outcome in words
    percentile: float  #: in [0, 1]
    percentile_low: float  #: the same, of the lower end of a range
    percentile_high: float  #: of the upper end
    inside_50: str  #: yes or no
    inside_90: str  #: yes or no
    held_50: float  #: share of the model's own trials inside the 50 % interval
    held_90: float  #: the same for the 90 % interval
    seen_on: str  #: the day on which the outcome was known
    source: str  #: of the outcome
    miss: str  #: why, in one sentence; empty unless the outcome is outside the 90 % interval

    @property
    def is_none_seen(self) -> bool:
        """Whether the day had not come by the end of the watch."""
        return self.outcome_text.startswith("none seen")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How many outcomes were inside an interval: a row of `summary.csv`."""

    #: all; or flow of materials, industries and losses, outbreaks, nothing happened
    group: str
    known: str  #: two-sided or one-sided (an easier test): never added up
    interval: float  #: 0.5 or 0.9
    outcomes: int  #: how many
    cases: int  #: how many
    inside: int  #: for one-sided outcomes, those that may lie inside
    share: float  #: inside / outcomes
    lower: float  #: 95 % interval of the share, as if outcomes were independent; nan if one-sided
    upper: float
    #: share that the model expects inside, above `interval` if there are ties; nan if one-sided
    expected: float


def score(case: Case, outcome: Outcome, quantity: Quantity, values: NDArray[np.float64]) -> Score:
    """Compare the predictions of a quantity with what was seen.

    Parameters
    ----------
    case : Case
    outcome : Outcome
    quantity : Quantity
        The quantity that the outcome is about.
    values : ndarray, (n,)
        One value per trial; `inf` for a day that does not come.
    """
    ordered = in_order(values)
    half, most = (central(ordered, share) for share in SHARES)
    seen = outcome.seen
    stands = standing(ordered, seen.low, seen.high, is_after=seen.is_after)
    in_half, in_most = (
        meets(each, seen.low, seen.high, is_after=seen.is_after) for each in (half, most)
    )
    never = np.inf if quantity.figure.is_day else 0.0
    unit = quantity.unit(case.scenario.run.money)
    return Score(
        case=case.name,
        as_of=case.as_of,
        name=outcome.name,
        kind=outcome.kind,
        quantity=quantity.text,
        unit=unit,
        median=quantile(ordered, 0.5),
        low_50=half.low,
        high_50=half.high,
        low_90=most.low,
        high_90=most.high,
        chance_none=held(ordered, Interval(never, never)),
        known=ONE_SIDED if seen.is_one_sided else TWO_SIDED,
        outcome=seen.low if seen.is_point else None,
        outcome_low=seen.low,
        outcome_high=seen.high,
        outcome_text=outcome_text(seen, unit),
        percentile=stands.middle,
        percentile_low=stands.low,
        percentile_high=stands.high,
        inside_50=_word(in_half),
        inside_90=_word(in_most),
        held_50=held(ordered, half),
        held_90=held(ordered, most),
        seen_on=outcome.seen_on,
        source=outcome.source,
        miss="" if in_most else outcome.if_missed,
    )


def calibration(scores: Sequence[Score]) -> list[Coverage]:
    """Shares of observed outcomes inside each interval: of all, and by subject.

    Two-sided and one-sided outcomes are counted separately. Published estimates do not count,
    because they were not observed.
    """
    observed = [each for each in scores if each.kind == "observed"]
    groups = {"all": observed}
    for words, belongs in BY_SUBJECT.items():
        groups[words] = [each for each in observed if belongs(each.quantity)]
    groups[NOTHING] = [each for each in observed if _is_null(each)]
    parts = [
        (words, known, [each for each in members if each.known == known])
        for words, members in groups.items()
        for known in KINDS
    ]
    return [
        _calibration(words, known, share, members)
        for words, known, members in parts
        if members
        for share in SHARES
    ]


def _calibration(group: str, known: str, share: float, members: Sequence[Score]) -> Coverage:
    """One row.

    Notes
    -----
    A one-sided outcome such as "later than day c" may lie inside every interval that reaches
    beyond c. Given that it was not seen by c, this is either certain or impossible, whatever the
    model predicts. So such outcomes have no expected share, and their share has no interval.
    """
    is_half = share == SHARES[0]
    inside = [each.inside_50 if is_half else each.inside_90 for each in members].count("yes")
    found = binomial_share(inside, len(members))
    is_tested = known == TWO_SIDED
    expected = _mean(each.held_50 if is_half else each.held_90 for each in members)
    return Coverage(
        group=group,
        known=known,
        interval=share,
        outcomes=len(members),
        cases=len({each.case for each in members}),
        inside=inside,
        share=found.value,
        lower=found.lower if is_tested else math.nan,
        upper=found.upper if is_tested else math.nan,
        expected=expected if is_tested else math.nan,
    )


def _is_flow(quantity: str) -> bool:
    return quantity.startswith("material:")


def _is_outbreak(quantity: str) -> bool:
    return quantity.startswith("dispute:")


def _is_loss(quantity: str) -> bool:
    return not (_is_flow(quantity) or _is_outbreak(quantity))


def _is_null(each: Score) -> bool:
    """Whether the outcome is that nothing happened: no event by a day, or an amount of 0."""
    return each.is_none_seen or each.outcome_high == 0.0


NOTHING = "nothing happened"
BY_SUBJECT: dict[str, Callable[[str], bool]] = {
    "flow of materials": _is_flow,
    "industries and losses": _is_loss,
    "outbreaks": _is_outbreak,
}  #: whether a quantity belongs to a group


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return math.fsum(listed) / len(listed)


def _word(is_so: bool) -> str:
    return "yes" if is_so else "no"
