"""The portfolio that a name stands for: options joined by " + ", or "nothing"."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from riskengine.config.schema.scalars import quoted
from riskengine.config.sources.names import normal
from riskengine.errors import UsageFault
from riskengine.model.mitigation import JOINED, NOTHING, Mitigation, Option, Portfolio, Rules
from riskengine.model.spelling import Speller

_MOST_LISTED = 20  #: names in a message


def read_portfolio(mitigation: Mitigation, name: str) -> Portfolio:
    """The portfolio of a name, whichever order its options are in.

    Parameters
    ----------
    mitigation : Mitigation
    name : str
        Options joined by " + ", or "nothing". Options that are fixed may be named or not.

    Raises
    ------
    UsageFault
        If there is no such option, or the options cannot stand together.
    """
    name = normal(name.strip())
    if name == NOTHING:
        return ()
    places = mitigation.places
    found: list[int] = []
    for each in (part.strip() for part in name.split(JOINED)):
        if each not in places:
            raise UsageFault(_unknown(each, list(places)))
        if places[each] in found:
            raise UsageFault(f"the portfolio {quoted(name)} names {quoted(each)} twice.")
        found.append(places[each])
    portfolio = tuple(sorted(each for each in found if not mitigation.options[each].fixed))
    for reason in _contradictions(mitigation, portfolio):
        raise UsageFault(reason)
    return portfolio


def _unknown(name: str, known: list[str]) -> str:
    listed = ", ".join(known[:_MOST_LISTED]) + (", ..." if len(known) > _MOST_LISTED else "")
    hint = Speller().suggest(name, known) or f"known are: {listed}."
    return (
        f"there is no option {quoted(name)}; {hint} A portfolio is written as options joined by "
        f"{quoted(JOINED)}, or as {NOTHING}."
    )


def _contradictions(mitigation: Mitigation, portfolio: Portfolio) -> Iterator[str]:
    """Why the options of a portfolio cannot stand together, one sentence for each reason."""
    rules, options = Rules(mitigation), mitigation.options
    for place in portfolio:
        for other in options:
            if other.fixed and options[place].rules_out(other):
                yield (
                    f"{quoted(options[place].name)} cannot be bought: {quoted(other.name)} is "
                    f"decided already (fixed), and {_why(options[place], other)}."
                )
    for first, second in combinations(portfolio, 2):
        if second in rules.ruled_out[first]:
            one, other = options[first], options[second]
            yield (
                f"{quoted(one.name)} and {quoted(other.name)} cannot stand together: "
                f"{_why(one, other)}."
            )
    for place in portfolio:
        missing = sorted(rules.needs[place] - set(portfolio))
        if missing:
            whole = mitigation.name_of(sorted({*portfolio, *missing}))
            needed = " and ".join(quoted(options[each].name) for each in missing)
            yield f"{quoted(options[place].name)} requires {needed}: name {quoted(whole)}."


def _why(one: Option, other: Option) -> str:
    """Why no portfolio may have both of two options."""
    if one.group is not None and one.group == other.group:
        return f"at most one option of the group {quoted(one.group)} can be bought"
    first, second = (one, other) if other.name in one.excludes else (other, one)
    return f"{quoted(first.name)} excludes {quoted(second.name)}"
