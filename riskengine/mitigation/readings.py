"""What reports read out of the tables of a mitigation study: rows that belong together."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.mitigation.tables import (
    BeneficiaryRow,
    FinalistRow,
    FrontierRow,
    InformationRow,
    MitigationTables,
    OptionRow,
    PortfolioRow,
)
from riskengine.model.mitigation import NOTHING, is_affordable

MOST_TOLD = 8  #: budgets in sentences
EVERY_WORLD = "all"  #: in place of an assumption: knowing the world itself
_FACTS = (
    "title", "measure", "level", "trials", "seed", "money", "horizon_days", "years",
    "discount_rate", "feasible", "played", "kept_trials", "is_monotone", "worlds", "world_trials",
    "limits",
)  # fmt: skip


def described(tables: MitigationTables) -> dict[str, Any]:
    """What was studied and how, for programs: the figures that are no rows."""
    return {name: getattr(tables, name) for name in _FACTS}


def cheapest(tables: MitigationTables) -> PortfolioRow | None:
    """The cheapest portfolio with any option; None if there are no options to buy."""
    bought = (row for row in tables.portfolios if row.portfolio != NOTHING)
    return min(bought, key=lambda row: row.cost, default=None)


def evenly(rows: tuple[FrontierRow, ...], most: int) -> list[FrontierRow]:
    """All rows if they are few; else `most` of them at even distances, with both ends."""
    if len(rows) <= most:
        return list(rows)
    return [rows[int(place)] for place in np.linspace(0, len(rows) - 1, most).round()]


def told_rows(tables: MitigationTables) -> list[FrontierRow]:
    """The budgets that have a sentence."""
    return evenly(tables.frontier, MOST_TOLD)


def changes_by_cost(
    tables: MitigationTables, budget: float, most: int
) -> list[tuple[float, float]]:
    """Cost of the portfolios played that a budget affords, and their change from nothing in sample;
    thinned out if there are more than `most`."""
    before: float = getattr(tables.nothing, tables.measure)
    found = [
        (each.cost, getattr(each, tables.measure) - before)
        for each in tables.portfolios
        if each.feasible
        and is_affordable(each.cost, budget)
        and not math.isnan(getattr(each, tables.measure))
    ]
    return sorted(found)[:: max(1, -(-len(found) // most))]


def can_be_bought(option: OptionRow) -> bool:
    """Whether an option is neither decided already nor ruled out by what is decided."""
    return not option.fixed and not math.isnan(option.first_in)


def does_nothing(option: OptionRow) -> bool:
    """Whether an option changes no trial alone, and nothing beside all others."""
    ends = option.last_in, option.last_in_lower, option.last_in_upper, option.shapley
    return not option.changes and not any(ends)


def strongest(tables: MitigationTables, most: int) -> list[OptionRow]:
    """At most `most` of the options that can be bought, the most useful on average first."""
    found = [option for option in tables.options if can_be_bought(option)]
    return sorted(found, key=lambda option: (option.shapley, option.first_in))[:most]


def leading_options(tables: MitigationTables, most: int) -> list[OptionRow]:
    """All options if they are few; else the most useful and those that are decided."""
    kept = {option.option for option in strongest(tables, most)}
    is_few = len(tables.options) <= most
    return [row for row in tables.options if is_few or row.fixed or row.option in kept]


def finalists_at(tables: MitigationTables, budget: float) -> list[FinalistRow]:
    return [row for row in tables.finalists if row.budget == budget]


def finalist(tables: MitigationTables, row: FrontierRow) -> FinalistRow | None:
    """The choice at a budget over all worlds; None without worlds."""
    found = (each for each in finalists_at(tables, row.budget) if each.portfolio == row.portfolio)
    return next(found, None)


def chosen_at_budgets(tables: MitigationTables) -> set[tuple[float, str]]:
    """Each budget with its choice."""
    return {(row.budget, row.portfolio) for row in tables.frontier}


def leading_finalists(tables: MitigationTables, most: int) -> list[FinalistRow]:
    """At the budgets that have a sentence, the choice and the finalists with the least regret."""
    chosen = chosen_at_budgets(tables)

    def rank(row: FinalistRow) -> tuple[bool, bool, bool, float]:
        is_chosen = (row.budget, row.portfolio) in chosen
        return not is_chosen, not row.is_minimax, not row.is_best_on_average, row.regret

    found = [sorted(finalists_at(tables, row.budget), key=rank) for row in told_rows(tables)]
    return [each for here in found for each in here[:most]]


def information_at(tables: MitigationTables, budget: float) -> list[InformationRow]:
    """What knowledge is worth at a budget: of the world, then of assumptions by their value."""
    found = [row for row in tables.information if row.budget == budget]
    return sorted(found, key=lambda row: (row.assumption != EVERY_WORLD, -row.value))


def reductions(tables: MitigationTables, row: FrontierRow) -> NDArray[np.float64]:
    """By how much the choice at a budget lowers the measure in each world, (worlds,)."""
    here = [each for each in tables.regret if each.budget == row.budget]
    before = {each.world: each.value for each in here if each.portfolio == NOTHING}
    after = {each.world: each.value for each in here if each.portfolio == row.portfolio}
    return np.array([before[world] - value for world, value in after.items() if world in before])


def leading_information(tables: MitigationTables, most: int) -> list[InformationRow]:
    """The assumptions that are worth most at each budget that has a sentence."""
    found = [information_at(tables, row.budget)[:most] for row in told_rows(tables)]
    return [each for here in found for each in here]


def leading_beneficiaries(tables: MitigationTables) -> list[BeneficiaryRow]:
    """The industries under the choices that have a sentence."""
    told = {row.portfolio for row in told_rows(tables)}
    return [row for row in tables.beneficiaries if row.portfolio in told]


def strongest_synergies(
    tables: MitigationTables, most: int
) -> tuple[list[str], dict[tuple[str, str], float]]:
    """At most `most` options, those with the strongest synergies, in the order of the config; and
    the synergy of each pair, either way round."""
    found = {(row.first, row.second): row.synergy for row in tables.interactions}
    found |= {(second, first): synergy for (first, second), synergy in found.items()}
    size = {option.option: 0.0 for option in tables.options}
    for (first, _), synergy in found.items():
        size[first] = max(size[first], abs(synergy))
    kept = sorted(size, key=lambda name: -size[name])[:most]
    return [name for name in size if name in kept], found
