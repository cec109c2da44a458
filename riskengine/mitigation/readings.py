"""What reports read out of the tables of a mitigation study: rows that belong together."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.mitigation.tables import (
    LIMIT_MISSED,
    BeneficiaryRow,
    FinalistRow,
    FrontierRow,
    InformationRow,
    InteractionRow,
    MitigationTables,
    OptionRow,
    PortfolioRow,
)
from riskengine.model.mitigation import NOTHING, is_affordable

MOST_TOLD = 8  #: budgets in sentences
#: How an option stands
FIXED, RULED_OUT = "already decided, its cost not counted", "ruled out by what is decided"
IDLE, HELPER = "does nothing", "does nothing alone"
ACTIVE = ""  #: it changes some trial alone
_SHOWN = 0.005  #: the smallest share by which two amounts differ that are told to three figures
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


def limits_missed(tables: MitigationTables) -> list[str]:
    """Which limits no affordable portfolio keeps, and by how much, in sentences."""
    return [notice.message for notice in tables.notices if notice.code == LIMIT_MISSED]


def options_of(tables: MitigationTables, portfolio: str) -> list[str]:
    """The options of a portfolio by its name; the name itself where it has other parts."""
    parts, known = portfolio.split(" + "), {option.option for option in tables.options}
    return parts if known.issuperset(parts) else [portfolio]


def told_rows(tables: MitigationTables) -> list[FrontierRow]:
    """The budgets that have a sentence."""
    return evenly(tables.frontier, MOST_TOLD)


def steps(tables: MitigationTables) -> list[tuple[float, FrontierRow]]:
    """The choices by their cost, where their change from nothing is known; each once."""
    known = (row for row in tables.frontier if not math.isnan(row.difference))
    return sorted({row.cost: row for row in known}.items())


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


def standing(option: OptionRow) -> str:
    """`FIXED`, `RULED_OUT`, `IDLE`, `HELPER` or `ACTIVE`."""
    if option.fixed:
        return FIXED
    if math.isnan(option.first_in):
        return RULED_OUT
    if option.changes:
        return ACTIVE
    beside_others = (option.last_in, option.last_in_lower, option.last_in_upper, option.shapley)
    return HELPER if any(beside_others) else IDLE


def remarks(option: OptionRow) -> list[str]:
    """What to know of an option; usually nothing."""
    rise = "raises the loss of some trials" if option.largest_rise > 0.0 else ""
    return [words for words in (standing(option), rise) if words]


def can_be_bought(option: OptionRow) -> bool:
    """Whether an option is neither decided already nor ruled out by what is decided."""
    return standing(option) not in (FIXED, RULED_OUT)


def that_are(tables: MitigationTables, how: str) -> list[str]:
    """The options that stand so."""
    return [option.option for option in tables.options if standing(option) == how]


def rises(tables: MitigationTables) -> dict[str, float]:
    """The options that raise the loss of some trial, with the largest rise of each."""
    found = {option.option: option.largest_rise for option in tables.options}
    return {name: rise for name, rise in found.items() if rise > 0.0}


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


def least_regret(tables: MitigationTables, choice: FinalistRow) -> FinalistRow | None:
    """The finalist whose largest regret is smaller than that of a choice, by what three figures
    show; None if there is none."""
    least = (each for each in finalists_at(tables, choice.budget) if each.is_minimax)
    found = next(least, choice)
    return found if found.regret_largest < (1.0 - _SHOWN) * choice.regret_largest else None


def marks(tables: MitigationTables, row: FinalistRow) -> list[str]:
    """What sets a finalist apart at its budget."""
    found = {
        "chosen": (row.budget, row.portfolio) in chosen_at_budgets(tables),
        "least regret": row.is_minimax,
        "best on average": row.is_best_on_average,
    }
    return [words for words, holds in found.items() if holds]


def firmness(
    tables: MitigationTables, rows: Iterable[FrontierRow]
) -> list[tuple[float, FrontierRow]]:
    """The share of worlds in which a choice is best, with it; only where anything is bought."""
    found = [(row, finalist(tables, row)) for row in rows if row.portfolio != NOTHING]
    return [(each.best, row) for row, each in found if each and not math.isnan(each.best)]


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


def switch(tables: MitigationTables, budget: float) -> InformationRow | None:
    """The assumption that is worth most of those that could change the choice at a budget."""
    here = information_at(tables, budget)
    return next((e for e in here if e.switch and e.assumption != EVERY_WORLD), None)


def usual(tables: MitigationTables, row: FrontierRow, known: InformationRow) -> str:
    """The best portfolio on average over worlds, where what is known makes the choice of a budget
    better than it; empty if it makes another one better."""
    best = (each for each in finalists_at(tables, row.budget) if each.is_best_on_average)
    found = next(best, None)
    return found.portfolio if found and known.switch == row.portfolio else ""


def worth_knowing(
    tables: MitigationTables,
) -> list[tuple[InformationRow, InformationRow | None]]:
    """What knowledge is worth, for each budget that the reports have a sentence on.

    Each pair has the worth of knowing the whole world, and that of the single assumption that is
    worth most: None if no single one is worth anything.
    """
    found: list[tuple[InformationRow, InformationRow | None]] = []
    for row in told_rows(tables):
        here = information_at(tables, row.budget)
        if here and here[0].assumption == EVERY_WORLD:
            best = next((each for each in here[1:2] if each.value > 0.0), None)
            found.append((here[0], best))
    return found


def benefit(tables: MitigationTables, row: FrontierRow) -> tuple[float, float] | None:
    """By how much the choice at a budget lowers the measure: 5th and 95th percentile of worlds."""
    found = reductions(tables, row)
    low, high = np.quantile(found, (0.05, 0.95)) if found.size else (0.0, 0.0)
    return (float(low), float(high)) if found.size else None


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


def kind_of_pair(row: InteractionRow) -> str:
    """How two options go together, as far as chance lets us tell."""
    if row.lower <= 0.0 <= row.upper:
        return "neither, within chance" if row.upper > row.lower else "independent"
    return "complements" if row.synergy > 0.0 else "substitutes"


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
