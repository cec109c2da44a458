"""The best portfolio at each budget in sample: by enumeration, or by branch and bound."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from riskengine.kernel.arrays import Floats
from riskengine.mitigation.sampled import Sampled
from riskengine.mitigation.search.branching import search
from riskengine.mitigation.search.choosing import BudgetChoice, Choices
from riskengine.mitigation.search.enumeration import MOST_ENUMERATED, feasible_portfolios
from riskengine.mitigation.search.limits import Limit, Missed, keeps_all, missed
from riskengine.mitigation.search.market import Market, bits
from riskengine.mitigation.search.measured import Portfolio
from riskengine.model.mitigation import Requirement

MOST_WHOLE = 4_096  #: beyond so many portfolios, only the trials of tails are played
_MOST_LARGEST = 256  #: beyond so many largest portfolios, all trials are played
_STEPS = 20  #: budgets that are searched where there are none, and too many portfolios to list


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetStep:
    """The choice at one budget."""

    budget: float
    choice: BudgetChoice | None  #: None if no affordable portfolio keeps the limits
    is_proven: bool
    gap: float
    missed: Missed | None  #: what stands in the way without a choice


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """What the search found."""

    steps: tuple[BudgetStep, ...]  #: by budget
    feasible: int | None  #: number of portfolios that the largest budget affords; None: too many


def find_best(
    market: Market,
    sampled: Sampled,
    budgets: Sequence[float] | None,
    requirements: Sequence[Requirement],
    is_time_up: Callable[[], bool],
) -> SearchResult:
    """The best portfolio at each budget.

    Parameters
    ----------
    market : Market
    sampled : Sampled
    budgets : sequence of float or None
        None: every step of the efficient frontier.
    requirements : sequence of Requirement
        The limits that `sampled` measures.
    is_time_up : callable
        Asked by a search that is too large for an enumeration.
    """
    limits = [
        Limit(words=each.name, most=each.at_most, measured=partial(sampled.limit, number))
        for number, each in enumerate(requirements)
    ]
    largest = None if budgets is None else max(budgets)
    listed = feasible_portfolios(market, largest, MOST_ENUMERATED)
    if listed is None or len(listed) > MOST_WHOLE:
        best = largest_portfolios(market)
        if best is not None:
            sampled.cut_to_tail(best)
    if listed is None:
        steps = _searched(market, sampled, _budgets(market, budgets), limits, is_time_up)
        return SearchResult(steps=tuple(steps), feasible=None)
    choices = Choices(market, listed, sampled.of(listed), keeps_all(limits, listed))
    found = (
        [(choice.budget, choice) for choice in choices.frontier()]
        if budgets is None
        else [(budget, choices.at(budget)) for budget in budgets]
    )
    return SearchResult(
        steps=tuple(
            BudgetStep(
                budget=budget,
                choice=choice,
                is_proven=choice is not None,
                gap=math.nan if choice is None else 0.0,
                missed=None if choice else missed(market, limits, listed, budget),
            )
            for budget, choice in found
        ),
        feasible=len(listed),
    )


def largest_portfolios(market: Market) -> list[Portfolio] | None:
    """Feasible portfolios such that each feasible portfolio is part of one; None if too many."""
    found: list[Portfolio] = []
    waiting = [(0, market.possible)]
    while waiting:
        taken, free = waiting.pop()
        torn = next((one for one in bits(free) if market.conflicts[one] & (free | taken)), None)
        if torn is None:
            found.append(market.kept_part(taken | free))
        else:
            whole = market.closure(torn)
            waiting.append((taken, free & ~(1 << torn)))
            if not whole & ~(taken | free):
                waiting.append((taken | whole, free & ~whole & ~market.rivals(whole)))
        if len(found) + len(waiting) > _MOST_LARGEST:
            return None
    return found


def _searched(
    market: Market,
    sampled: Sampled,
    budgets: Sequence[float],
    limits: Sequence[Limit],
    is_time_up: Callable[[], bool],
) -> Iterator[BudgetStep]:
    """Branch and bound at each budget."""
    keeps = partial(keeps_all, limits) if limits else None
    for each in search(
        market, _Whole(market, sampled), budgets, keeps=keeps, is_time_up=is_time_up
    ):
        yield BudgetStep(
            budget=each.budget,
            choice=each.choice,
            is_proven=each.is_proven and not sampled.raises_loss(),
            gap=each.gap,
            missed=None
            if each.choice
            else missed(market, limits, list(sampled.known), each.budget),
        )


class _Whole:
    """Values of sets of options: of what is left of each where something required is missing."""

    def __init__(self, market: Market, sampled: Sampled) -> None:
        self._market, self._sampled = market, sampled

    def of(self, portfolios: Sequence[Portfolio]) -> Floats:
        return self._sampled.of([self._market.kept_part(each) for each in portfolios])

    def raises_loss(self) -> bool:
        return self._sampled.raises_loss()

    def is_never_worse(self, one: Portfolio, other: Portfolio) -> bool:
        part = self._market.kept_part
        return self._sampled.is_never_worse(part(one), part(other))


def _budgets(market: Market, budgets: Sequence[float] | None) -> list[float]:
    """The budgets; without any, even steps up to the cost of all options."""
    if budgets is not None:
        return list(budgets)
    found: list[float] = np.linspace(0.0, sum(market.costs), _STEPS + 1).tolist()
    return found
