"""What reports read out of the tables of a mitigation study: rows that belong together."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.mitigation.tables import (
    FinalistRow,
    FrontierRow,
    InformationRow,
    MitigationTables,
    OptionRow,
    PortfolioRow,
)
from riskengine.model.mitigation import NOTHING

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


def finalists_at(tables: MitigationTables, budget: float) -> list[FinalistRow]:
    return [row for row in tables.finalists if row.budget == budget]


def finalist(tables: MitigationTables, row: FrontierRow) -> FinalistRow | None:
    """The choice at a budget over all worlds; None without worlds."""
    found = (each for each in finalists_at(tables, row.budget) if each.portfolio == row.portfolio)
    return next(found, None)


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
