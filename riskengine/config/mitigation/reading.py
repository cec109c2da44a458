"""Reads the typed table `[mitigation]` as a `Mitigation`, and reports what is wrong with it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypedDict

from riskengine.config.layers.layers import Layer
from riskengine.config.mitigation.changes import Change, placed, read_changes
from riskengine.config.mitigation.limits import is_level, read_limits
from riskengine.config.mitigation.ranges import (
    MOST_STEPS,
    count_steps,
    read_steps,
    shortest,
)
from riskengine.config.mitigation.rules import OPTIONS, Drafted, check_rules
from riskengine.config.schema.scalars import Findings, Path, quoted
from riskengine.config.sweeps.points import Added
from riskengine.model.confidence import DECIMALS
from riskengine.model.faults.tree import look_alikes, members, names_of
from riskengine.model.mitigation import (
    JOINED,
    NOTHING,
    Cost,
    Mitigation,
    Option,
    Rules,
    cheapest_portfolio,
    is_affordable,
)

MITIGATION = ("mitigation",)
RANGES = ("mitigation", "ranges")
MOST_OPTIONS = 100  #: without the steps of ranges
EXAMPLE = (
    'a table such as\n      [mitigation]\n      measure = "tvar"\n      budgets = [50, 100]\n'
    "      [mitigation.options.gallium-90-days]\n"
    '      set = { "materials.gallium.stocks.public.days" = 90 }\n      cost = 20'
)
_DAYS_PER_YEAR = 365.0
_ROUNDING = 1e-12  #: relative: a present value so little below 0 is 0


class Draft(NamedTuple):
    """A mitigation as far as it is valid, and where the config writes each of its parts."""

    mitigation: Mitigation
    drafted: tuple[Drafted, ...]  #: options, and ranges with their steps


class Pricing(NamedTuple):
    """How costs become present values."""

    years: int
    discount_rate: float


def read_mitigation(
    tree: Mapping[str, Any],
    document: Mapping[str, Any],
    layers: Sequence[Layer],
    findings: Findings,
) -> Draft | None:
    """The mitigation of a config, as far as it is valid; faults go to `findings`.

    This does not look for values that the model would refuse.

    Parameters
    ----------
    tree : mapping
        The typed tree of the whole config.
    document : mapping
        The config, all files merged and read.
    layers : sequence
        What the document was merged from, to find the files that options name.
    findings : Findings
        Faults of the schema are not added again.

    Returns
    -------
    Draft or None
        None when there is no usable `[mitigation]`.
    """
    given = tree.get("mitigation")
    if given is None:
        found = "is missing: the config does not say what to choose from"
        findings.add(MITIGATION, found, EXAMPLE)
    if not isinstance(given, Mapping):
        return None
    money = Pricing(_years(given, tree), _number(given, "discount_rate", 0.0))
    drafted = [
        *_options(given, document, layers, money, findings),
        *_ranges(given, document, money, findings),
    ]
    _check_names(given, drafted, findings)
    check_rules(drafted, names_of(given, "options"), findings)
    level = _number(given, "level", 0.99)
    if not is_level(level):
        allowed = f"a level above 0 and below 1, of at most {DECIMALS} decimals"
        findings.add((*MITIGATION, "level"), f"is {level!r}", allowed)
    limits = read_limits(
        members(given, "limits"), names_of(tree, "industries"), (*MITIGATION, "limits"), findings
    )
    budgets = given.get("budgets")
    mitigation = Mitigation(
        measure=given["measure"] if isinstance(given["measure"], str) else "mean",
        level=level,
        budgets=budgets if isinstance(budgets, tuple) else None,
        years=money.years,
        discount_rate=money.discount_rate,
        limits=limits,
        options=tuple(option for draft in drafted for option in draft.options),
        worlds=given["worlds"] if isinstance(given.get("worlds"), str) else None,
    )
    return Draft(mitigation, tuple(drafted))


def check_budgets(mitigation: Mitigation, findings: Findings) -> None:
    """Report that nothing can be bought: no option is left, or every budget is too small.

    The options must be free of other faults.
    """
    rules = Rules(mitigation)
    if not rules.standing:
        what = "are all fixed, or ruled out by one that is" if mitigation.options else "are missing"
        findings.add(OPTIONS, f"{what}: there is nothing to choose", "at least one to choose")
        return
    cheapest = cheapest_portfolio(rules, mitigation.costs)
    budgets = mitigation.budgets
    if budgets is None or is_affordable(cheapest, budgets[-1]):
        return
    found = f"are all below the cheapest option, which costs {cheapest:.12g}"
    findings.add((*MITIGATION, "budgets"), found, f"a budget of at least {cheapest:.12g}")


def _years(given: Mapping[str, Any], tree: Mapping[str, Any]) -> int:
    years = given.get("years")
    if isinstance(years, int):
        return years
    horizon = members(tree, "run").get("horizon_days")
    return max(1, math.ceil(horizon / _DAYS_PER_YEAR)) if isinstance(horizon, float) else 1


def _number(given: Mapping[str, Any], key: str, default: float) -> float:
    value = given.get(key)
    return value if isinstance(value, float) else default


def _options(
    given: Mapping[str, Any],
    document: Mapping[str, Any],
    layers: Sequence[Layer],
    money: Pricing,
    findings: Findings,
) -> list[Drafted]:
    names = names_of(given, "options")
    if len(names) > MOST_OPTIONS:
        allowed = f"at most {MOST_OPTIONS} options"
        findings.add(OPTIONS, f"are {len(names):,} options", allowed, "leave out or join some")
        return []
    written = document["mitigation"]["options"] if names else {}
    drafted = []
    for name, option in members(given, "options").items():
        where = (*OPTIONS, name)
        changes = [
            placed(change, layers) for change in read_changes(option, document, where, findings)
        ]
        is_fixed = option["fixed"] is True
        if "cost" not in written[name] and not is_fixed:
            found, allowed = "is missing", "what it costs (money); 0 where it costs nothing"
            findings.add((*where, "cost"), found, allowed)
        cost = _cost(option["cost"])
        made = Option(
            name=name,
            cost=cost,
            present_value=_present_value(cost, money, (*where, "cost"), findings),
            sets=tuple((c.path, c.value) for c in changes if not isinstance(c.value, Added)),
            adds=tuple((c.path, c.value.amount) for c in changes if isinstance(c.value, Added)),
            group=_text(option.get("group")) or None,
            excludes=_names(option.get("excludes")),
            requires=_names(option.get("requires")),
            fixed=is_fixed,
            kind=_text(option["kind"]),
            **_notes(written[name]),
        )
        drafted.append(Drafted(name, where, (made,), (tuple(changes),)))
    return drafted


def _ranges(
    given: Mapping[str, Any], document: Mapping[str, Any], money: Pricing, findings: Findings
) -> list[Drafted]:
    ranges = members(given, "ranges")
    counts = {name: count_steps(each) for name, each in ranges.items()}
    if sum(counts.values()) > MOST_STEPS:
        allowed = f"at most {MOST_STEPS:,} steps of all ranges together"
        for name, count in counts.items():
            if count > MOST_STEPS:
                hint = "take a larger step"
                findings.add((*RANGES, name, "step"), f"makes {count:,} steps", allowed, hint)
        if max(counts.values()) <= MOST_STEPS:
            findings.add(RANGES, f"make {sum(counts.values()):,} steps", allowed)
        return []
    drafted = []
    for name, each in ranges.items():
        where = (*RANGES, name)
        steps = read_steps(each, document, where, findings)
        written = document["mitigation"]["ranges"][name]
        if "cost_per_unit" not in written:
            found, allowed = "is missing", "what one unit more costs (money); 0 for nothing"
            findings.add((*where, "cost_per_unit"), found, allowed)
        if steps is None:
            continue
        unit = _cost(each["cost_per_unit"])
        priced = [unit.scaled(value - steps.base) for value in steps.values]
        dearest = priced[-1]
        _present_value(dearest, money, (*where, "cost_per_unit"), findings)
        options = tuple(
            Option(
                name=f"{name}={shortest(value)}",
                cost=cost,
                present_value=max(0.0, price(cost, money)),
                sets=((steps.path, value),),
                group=name,
                **_notes(written),
            )
            for value, cost in zip(steps.values, priced, strict=True)
        )
        changes = tuple((Change((*where, "path"), steps.path, v),) for v in steps.values)
        drafted.append(Drafted(name, where, options, changes))
    return drafted


def _cost(given: Any) -> Cost:
    found = members(given)
    return Cost(**{key: found.get(key, 0.0) for key in ("upfront", "yearly", "recovered")})


def price(cost: Cost, money: Pricing) -> float:
    """The present value of a cost; infinite if it is too large for a number."""
    try:
        value = cost.present_value(*money)
    except OverflowError:
        return math.inf
    if value >= 0.0:
        return value
    paid = replace(cost, recovered=0.0).present_value(*money)
    return 0.0 if value >= -_ROUNDING * paid else value


def _present_value(cost: Cost, money: Pricing, where: Path, findings: Findings) -> float:
    """The present value of a cost; 0, after a fault is reported, if it is no price."""
    value = price(cost, money)
    over = f"over {money.years:,} year{'' if money.years == 1 else 's'}"
    if value < 0.0:
        found = f"has a present value of {value:.12g} {over}"
        hint = "no more can be recovered than what was paid, in present values"
        findings.add(where, found, "a present value of at least 0 (money)", hint)
    elif not math.isfinite(value):
        findings.add(where, f"has no finite present value {over}", "smaller costs")
    else:
        return value
    return 0.0


def _check_names(given: Mapping[str, Any], drafted: Sequence[Drafted], findings: Findings) -> None:
    """Check the names of options: results join them, and people must tell them apart."""
    named = [((*OPTIONS, name), name) for name in names_of(given, "options")]
    named += [((*RANGES, name), name) for name in names_of(given, "ranges")]
    for where, name in named:
        if name == NOTHING or JOINED in name:
            found = f"{quoted(name)} cannot be the name of an option"
            allowed = f"not {quoted(NOTHING)}, and without {quoted(JOINED)}"
            findings.add(where, found, f"{allowed}: results name portfolios so")
    for collection in (OPTIONS, RANGES):
        findings.faults += look_alikes(pair for pair in named if pair[0][:2] == collection)
    steps = {
        option.name for draft in drafted if draft.where[:2] == RANGES for option in draft.options
    }
    for where, name in named:
        if where[:2] == OPTIONS and name in steps:
            found = f"{quoted(name)} is also a step of a range"
            findings.add(where, found, "another name")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _names(value: Any) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


class _Notes(TypedDict):
    """The notes of an option."""

    note: str
    source: str
    status: str


def _notes(written: Mapping[str, Any]) -> _Notes:
    return _Notes(
        note=_text(written.get("note")),
        source=_text(written.get("source")),
        status=_text(written.get("status")),
    )
