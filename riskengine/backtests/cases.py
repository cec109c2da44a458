"""A suite of cases as values: inputs as of a day, what then occurred, and the outcomes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from riskengine.model.scenario import Scenario

if TYPE_CHECKING:
    from riskengine.backtests.copies import Copy
    from riskengine.backtests.naive import PastFlow

OBSERVED, PUBLISHED = "observed", "published"
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """What is known about an outcome: it lies in [low, high], or in (low, high] if `is_after`."""

    low: float
    high: float  #: inf if it has no upper bound
    is_after: bool = False  #: none seen by the day `low`

    @property
    def is_point(self) -> bool:
        return self.low == self.high and not self.is_after

    @property
    def is_one_sided(self) -> bool:
        """Whether only "at least" or "at most" is known: no quantity is below 0."""
        return math.isinf(self.high) or self.low <= 0.0 < self.high


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One thing that was observed, or published as an estimate."""

    name: str
    quantity: str  #: a figure of a trial, as `riskengine.backtests.quantities` reads it
    seen: Range  #: in the unit of the quantity; yes is 1, no is 0
    kind: str  #: observed or published
    seen_on: str  #: ISO date from which it was known
    source: str
    if_missed: str  #: why the model misses it, in one sentence
    note: str = ""

    @property
    def is_observed(self) -> bool:
        return self.kind == OBSERVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One moment of history, ready to be simulated."""

    name: str
    title: str
    as_of: str  #: ISO date; nothing that became known later is an input
    scenario: Scenario  #: the config as of that day, with what then happened set in it
    what_happened: tuple[str, ...]  #: events, as `path=value` texts
    supposed: tuple[str, ...]  #: what a published estimate assumes, likewise
    happened_source: str
    outcomes: Mapping[str, Outcome]
    gdp: float | None  #: for a year, in the scenario's money
    past: PastFlow | None  #: past episodes as known on the day, for a naive forecaster
    undated: int  #: inputs without a date of knowledge
    dated: int
    note: str = ""

    @property
    def is_comparison(self) -> bool:
        """Whether none of its outcomes was observed, so that it does not test the model."""
        return not any(outcome.is_observed for outcome in self.outcomes.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """All cases to simulate."""

    title: str
    stem: str  #: from the name of the suite's file, usable as the name of a folder
    cases: Mapping[str, Case]
    copies: tuple[Copy, ...]  #: assumptions that equal an outcome, for people to judge
    history: tuple[str, str] | None  #: name and SHA-256 of the table of past episodes
    file: tuple[str, str]  #: name and SHA-256 of the suite
    note: str = ""


def outcome_text(seen: Range, unit: str) -> str:
    """What was seen, in words.

    >>> outcome_text(Range(low=59.0, high=59.0), "days")
    '59 days'
    >>> outcome_text(Range(low=730.0, high=math.inf, is_after=True), "days")
    'none seen in 730 days'
    >>> outcome_text(Range(low=7.0, high=math.inf), "days")
    'at least 7 days'
    >>> outcome_text(Range(low=0.0043, high=0.0043), "share of GDP")
    '0.43 % of GDP'
    """
    if unit == "yes or no":
        return YES if seen.low else NO
    if seen.is_after:
        return f"none seen in {seen.low:g} {unit}"
    factor, last = (100.0, "% of GDP") if unit == "share of GDP" else (1.0, unit)
    low, high = (f"{factor * end:.6g}" for end in (seen.low, seen.high))
    if seen.is_point:
        return f"{low} {last}".rstrip()
    if math.isinf(seen.high):
        return f"at least {low} {last}".rstrip()
    if seen.low == 0.0:
        return f"at most {high} {last}".rstrip()
    return f"{low} to {high} {last}".rstrip()


def later(one: str, other: str) -> bool:
    """Whether an ISO date is later than another."""
    return date.fromisoformat(one) > date.fromisoformat(other)
