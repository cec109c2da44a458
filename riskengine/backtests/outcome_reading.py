"""Reads outcomes from the tables of a suite, and checks their form, ranges and dates."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

from riskengine.backtests.cases import PUBLISHED, YES, Outcome, Range
from riskengine.backtests.quantities import (
    GDP,
    YES_OR_NO,
    Quantity,
    UnknownQuantityError,
    read_quantity,
)
from riskengine.config.layers.layers import Path
from riskengine.config.schema.scalars import Findings, quoted
from riskengine.model.scenario import Scenario

_FORMS = ("value", "none_seen_until_day", "answer")
_ALLOWED_FORMS = "one of: value; low, high or both; none_seen_until_day; answer"


def seen_of(outcome: Mapping[str, Any], path: Path, findings: Findings) -> Range | None:
    """The range that an outcome gives, for any quantity; None and a fault if it is not clear."""
    given = [form for form in _FORMS if form in outcome]
    given += ["low or high"] if "low" in outcome or "high" in outcome else []
    if len(given) != 1:
        found = f"says {' and '.join(given)}" if given else "does not say what was seen"
        findings.add(path, found, _ALLOWED_FORMS)
        return None
    if "value" in outcome:
        return Range(low=outcome["value"], high=outcome["value"])
    if "none_seen_until_day" in outcome:
        return Range(low=outcome["none_seen_until_day"], high=math.inf, is_after=True)
    if "answer" in outcome:
        yes = float(outcome["answer"] == YES)
        return Range(low=yes, high=yes)
    low, high = outcome.get("low", 0.0), outcome.get("high", math.inf)
    if low > high:
        findings.add((*path, "low"), f"is {low:g}, above high = {high:g}", "low <= high")
        return None
    return Range(low=low, high=high)


def read_outcome(name: str, outcome: Mapping[str, Any], seen: Range) -> Outcome:
    """The outcome, from a table whose form was checked."""
    return Outcome(
        name=name,
        quantity=outcome["quantity"],
        seen=seen,
        kind=outcome["kind"],
        seen_on=outcome["seen_on"],
        source=outcome["source"],
        if_missed=outcome["if_missed"],
        note=str(outcome.get("note", "")),
    )


def check_dates(outcome: Outcome, as_of: str, path: Path, findings: Findings) -> None:
    """Check that an outcome was known after its case's day; a published estimate may be older."""
    if outcome.kind == PUBLISHED:
        return
    days = (date.fromisoformat(outcome.seen_on) - date.fromisoformat(as_of)).days
    if days <= 0:
        found = f"is {outcome.seen_on}, not after the case's as_of {as_of}"
        findings.add((*path, "seen_on"), found, f"a date after {as_of}")
    elif outcome.seen.is_after and outcome.seen.low > days:
        found = f"is {outcome.seen.low:g}, but seen_on is {days} days after as_of"
        findings.add((*path, "none_seen_until_day"), found, f"at most {days}")


def check_quantity(
    outcome: Outcome, unit: str, scenario: Scenario, has_gdp: bool, findings: Findings
) -> Quantity | None:
    """The quantity of an outcome, with faults if it does not fit what was seen.

    Faults have paths relative to the outcome.
    """
    try:
        quantity = read_quantity(outcome.quantity, scenario)
    except UnknownQuantityError as error:
        found = f"is {quoted(outcome.quantity)}: {error.found}"
        findings.add(("quantity",), found, error.allowed, error.hint)
        return None
    figure, seen = quantity.figure, outcome.seen
    wanted = quantity.unit(scenario.run.money)
    if unit != wanted:
        findings.add(("unit",), f"is {quoted(unit)}", f"{quoted(wanted)}, as the quantity has it")
    if seen.is_after and not figure.is_day:
        findings.add(
            ("none_seen_until_day",),
            "is given for a quantity that is no day",
            "value = 0 where nothing was seen",
        )
    if (figure.unit == YES_OR_NO) != (unit == YES_OR_NO and seen.high in (0.0, 1.0)):
        findings.add(("answer",), "is missing", 'answer = "yes" or "no"')
    if figure.unit == GDP and not has_gdp:
        findings.add(("quantity",), "needs a gdp", "a table gdp with value in the case")
    horizon = scenario.run.horizon_days
    latest = seen.low if seen.is_after or math.isinf(seen.high) else seen.high
    if figure.is_day and not seen.is_after and latest > horizon:
        found = f"lies on day {latest:g}, beyond the horizon of {horizon:g} days"
        findings.add((), found, "an outcome within the horizon", "raise run.horizon_days")
    return quantity
