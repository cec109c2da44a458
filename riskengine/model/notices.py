"""What a reader should know before trusting a scenario: remarks as data, not as faults.

A fault stops a run (`riskengine.errors.Fault`); a notice is shown and stored with its results.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from riskengine.model.mitigation import (
    Mitigation,
    Rules,
    cheapest_portfolio,
    is_affordable,
)
from riskengine.model.scenario import Scenario

_RESOLVED = "resolved"
_TOLERANCE = 1e-9  #: of a sum of shares; the same as in the rules of the config
_MOST_NAMES = 20  #: listed in one remark

MANY_TRIALS = 10**9  #: more trials than this get a notice about the time they take
# Trials a second on one processor, measured for a very small scenario and for the Korean case.
_FAST, _SLOW = 3_300_000.0, 110_000.0
_ROW_KILOBYTES = 0.2  #: of one trial in the files, for the Korean case


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One remark; `code` never changes, so that programs can look for it."""

    code: str
    message: str


class _Rule(NamedTuple):
    """A rule that makes one remark about everything that it applies to."""

    code: str
    text: str
    find: Callable[[Scenario], list[str]]


def scenario_notices(scenario: Scenario) -> list[Notice]:
    """Notices of what is allowed in a scenario but may not be intended, in order of the rules."""
    notices = []
    for rule in _RULES:
        subjects = rule.find(scenario)
        if subjects:
            text = rule.text.format(horizon_days=scenario.run.horizon_days)
            notices.append(Notice(code=rule.code, message=f"{text}: {_listed(subjects)}."))
    return notices


def mitigation_notices(mitigation: Mitigation, money: str) -> list[Notice]:
    """Notices of what is allowed in a mitigation but may not be intended.

    Parameters
    ----------
    mitigation : Mitigation
    money : str
        The unit of all money.
    """
    rules = Rules(mitigation)
    notices = []
    cheapest = cheapest_portfolio(rules, mitigation.costs)
    small = [b for b in mitigation.budgets or () if not is_affordable(cheapest, b)]
    if small:
        amounts = _listed([f"{budget:,.6g}" for budget in small])
        message = (
            f"Budgets that buy nothing, because the cheapest option costs {cheapest:,.6g} "
            f"({money}): {amounts}."
        )
        notices.append(Notice(code="budget-below-options", message=message))
    never = [mitigation.options[n].name for n in mitigation.free if n not in rules.standing]
    if never:
        message = f"Options that can never be chosen, because of what is fixed: {_listed(never)}."
        notices.append(Notice(code="option-never-chosen", message=message))
    return notices


def time_notices(trials: int, *, keeps_rows: bool = False) -> list[Notice]:
    """A notice of how long very many trials will take; none for fewer trials.

    Parameters
    ----------
    trials : int
        Of a run, or of all points of a sweep together.
    keeps_rows : bool
        Whether files will hold every trial.
    """
    if trials <= MANY_TRIALS:
        return []
    message = (
        f"{trials:,} trials take about {_duration(trials / _FAST)} of one processor for a very "
        f"small scenario, and {_duration(trials / _SLOW)} for one like the shipped case of Korea; "
        "several processors share the time."
    )
    if keeps_rows:
        size = f"{_ROW_KILOBYTES * trials / 1e6:,.0f} GB"
        message += f" Their rows take some {size} on the disk, unless --keep says tail or none."
    return [Notice(code="many-trials", message=message)]


def _duration(seconds: float) -> str:
    """A time in words, in the largest unit of which there are two.

    >>> _duration(303.0), _duration(9e4), _duration(9.1e7)
    ('5 minutes', '25 hours', '2.9 years')
    """
    sizes = {"years": 365.25 * 86_400.0, "days": 86_400.0, "hours": 3_600.0, "minutes": 60.0}
    unit = next((name for name, size in sizes.items() if seconds >= 2.0 * size), "minutes")
    count = seconds / sizes[unit]
    return f"{count:.2g} {unit}" if count < 99.5 else f"{count:,.0f} {unit}"


def reachable_levels(
    entered: Collection[str], following: Callable[[str], Mapping[str, float]]
) -> set[str]:
    """Levels that a path may reach, including those at which it starts.

    Parameters
    ----------
    entered : collection of str
        Levels at which a path may start.
    following : callable
        Level -> probability of each next level.
    """
    seen: set[str] = set()
    open_levels = list(entered)
    while open_levels:
        level = open_levels.pop()
        if level == _RESOLVED or level in seen:
            continue
        seen.add(level)
        open_levels += [name for name, chance in following(level).items() if chance > 0.0]
    return seen


def next_levels(scenario: Scenario, material: str | None, level: str) -> dict[str, float]:
    """Probabilities of the level after `level`, with the overrides of the material, if any."""
    if material is not None:
        override = scenario.materials[material].ladder.get(level)
        if override is not None and override.next is not None:
            return override.next
    return scenario.ladder[level].next


def starting_levels(scenario: Scenario, dispute: str) -> list[str]:
    """Levels at which a path of the dispute may start: entry levels, and that active at time 0."""
    subject = scenario.disputes[dispute]
    levels = [name for name, chance in subject.entry.items() if chance > 0.0]
    return [*levels, subject.active.level] if subject.active else levels


def _partly_sourced(scenario: Scenario) -> list[str]:
    totals = {
        name: sum(source.share for source in material.sources.values())
        for name, material in scenario.materials.items()
    }
    return [f"{name} ({_percent(total)})" for name, total in totals.items() if _is_part(total)]


def _unused(scenario: Scenario) -> list[str]:
    return [name for name in scenario.materials if not _use_shares(scenario, name)]


def _idle(scenario: Scenario) -> list[str]:
    hit = {name for row in scenario.propagation.values() for name, share in row.items() if share}
    return [
        name
        for name, industry in scenario.industries.items()
        if not industry.uses and name not in hit
    ]


def _partly_used(scenario: Scenario) -> list[str]:
    totals = {name: sum(_use_shares(scenario, name)) for name in scenario.materials}
    unused = _unused(scenario)
    return [
        f"{name} ({_percent(total)})"
        for name, total in totals.items()
        if _is_part(total) and name not in unused
    ]


def _unreached(scenario: Scenario) -> list[str]:
    reached: set[str] = set()
    for dispute in scenario.disputes:
        entered = starting_levels(scenario, dispute)
        walkers: list[str | None] = [*scenario.concerned(dispute)]
        # A dispute that concerns no material walks the plain ladder by itself.
        for walker in walkers or [None]:
            reached |= reachable_levels(entered, partial(next_levels, scenario, walker))
    return [level for level in scenario.ladder if level not in reached]


def _never_starting(scenario: Scenario) -> list[str]:
    triggered = {t.starts for t in scenario.triggers.values() if t.probability > 0.0}
    return [
        name
        for name, dispute in scenario.disputes.items()
        if dispute.rate_per_year == 0.0 and dispute.active is None and name not in triggered
    ]


def _without_material(scenario: Scenario) -> list[str]:
    return [name for name in scenario.disputes if not scenario.concerned(name)]


def _without_dispute(scenario: Scenario) -> list[str]:
    concerned = {name for dispute in scenario.disputes for name in scenario.concerned(dispute)}
    return [name for name in scenario.materials if name not in concerned]


def _never_cut(scenario: Scenario) -> list[str]:
    return [
        name
        for name, material in scenario.materials.items()
        if all(cut.support()[1] <= 0.0 for cut in material.cut.values())
    ]


def _late(scenario: Scenario) -> list[str]:
    # The median of a lead time lies beyond the horizon when more than half of its mass does.
    return [
        f"{label} of {name}"
        for name, material in scenario.materials.items()
        for label, alternative in material.alternatives.items()
        if alternative.lead_time.survival(scenario.run.horizon_days) > 0.5
    ]


def _unwanted(scenario: Scenario) -> list[str]:
    return [name for name in scenario.pools if not scenario.buyers(name)]


def _elsewhere(scenario: Scenario) -> list[str]:
    return [
        f"{name} of {industry.importer} ({label} of {scenario.materials[label].importer})"
        for name, industry in scenario.industries.items()
        for label in industry.uses
        if scenario.materials[label].importer != industry.importer
    ]


_RULES = (
    _Rule(
        "sheet-chosen",
        "Workbooks that the config names without a sheet, and the first sheet shown that has "
        "cells, which was read",
        lambda scenario: list(scenario.sheets),
    ),
    _Rule(
        "part-left-out",
        "Settings and tables of parts that are left out, because they stand once, in the config "
        "that names the parts",
        lambda scenario: list(scenario.left_out),
    ),
    _Rule(
        "source-shares",
        "Materials whose sources add up to less than demand, the rest being safe",
        _partly_sourced,
    ),
    _Rule(
        "unused-material",
        "Materials that no industry uses, so that cutting them costs nothing",
        _unused,
    ),
    _Rule(
        "use-shares",
        "Materials whose uses add up to less than demand, the rest being outside the model",
        _partly_used,
    ),
    _Rule(
        "industry-without-use",
        "Industries that use no material and take no losses from others, so that they never lose "
        "anything",
        _idle,
    ),
    _Rule(
        "unreachable-level",
        "Levels that are never reached, because no entry or next level leads to them",
        _unreached,
    ),
    _Rule(
        "dispute-never-starts",
        "Disputes that never start (rate 0, not active, no trigger starts them)",
        _never_starting,
    ),
    _Rule(
        "dispute-without-material",
        "Disputes that cut no material, because the target imports none from the coercer; "
        "only their triggers matter",
        _without_material,
    ),
    _Rule(
        "material-without-dispute",
        "Materials that no dispute concerns, so that they are never cut",
        _without_dispute,
    ),
    _Rule(
        "unused-pool",
        "Pools that no alternative names, so that nothing is taken from them",
        _unwanted,
    ),
    _Rule(
        "material-never-cut",
        "Materials with a cut of 0 at every level, so that no dispute takes anything from them",
        _never_cut,
    ),
    _Rule(
        "late-alternative",
        "Alternatives more likely than not to come after the horizon of {horizon_days:g} days",
        _late,
    ),
    _Rule(
        "other-importer",
        "Industries that use a material imported by another country",
        _elsewhere,
    ),
)


def _use_shares(scenario: Scenario, material: str) -> list[float]:
    users = [industry.uses for industry in scenario.industries.values()]
    return [uses[material].share for uses in users if material in uses]


def _countries(scenario: Scenario) -> list[str]:
    names: list[str] = []
    for dispute in scenario.disputes.values():
        names += [dispute.coercer, dispute.target]
    for material in scenario.materials.values():
        names += [material.importer, *material.sources]
    names += [industry.importer for industry in scenario.industries.values()]
    return list(dict.fromkeys(names))


def _is_part(total: float) -> bool:
    return total < 1.0 - _TOLERANCE


def _percent(share: float) -> str:
    return f"{100.0 * share:.3g} %"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    shown = ", ".join(names[:_MOST_NAMES])
    return f"{shown} and {more} more" if more > 0 else shown
