"""The choice at each budget, and the whole efficient frontier, from values in sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskengine.mitigation.search.market import AFFORDED, Market, canonical
from riskengine.mitigation.search.measured import Portfolio

Floats = NDArray[np.float64]
Order = tuple[float, float, tuple[int, ...]]


def preference(market: Market, portfolio: Portfolio, value: float) -> Order:
    """The key by which the better portfolio is the smaller one.

    The value decides. Only values that are equal to the bit are told apart by lower cost, then
    fewer options, then the order of the config.
    """
    return value, market.cost(portfolio), canonical(portfolio)


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetChoice:
    """The best portfolio at a budget, in sample."""

    budget: float
    portfolio: Portfolio
    cost: float
    value: float
    rival: Portfolio | None  #: the second best that the budget affords; None if there is none
    rival_value: float  #: nan without a rival


class Choices:
    """Portfolios with their values, from which the best at any budget is taken.

    Parameters
    ----------
    market : Market
    portfolios : sequence of int
        Feasible ones, each once, in any order.
    values : ndarray, (len(portfolios),)
        The measure that is to be reduced.
    kept : ndarray of bool, (len(portfolios),), optional
        Which portfolios keep the limits; without it, all do.
    """

    def __init__(
        self,
        market: Market,
        portfolios: Sequence[Portfolio],
        values: Floats,
        kept: NDArray[np.bool_] | None = None,
    ) -> None:
        chosen = range(len(portfolios)) if kept is None else np.flatnonzero(kept).tolist()
        self._market = market
        self._portfolios = [portfolios[place] for place in chosen]
        self._values = np.asarray(values, dtype=np.float64)[list(chosen)]
        self._costs = np.array([market.cost(each) for each in self._portfolios])

    def at(self, budget: float) -> BudgetChoice | None:
        """The choice at a budget; None if no affordable portfolio keeps the limits."""
        return self._chosen(budget, np.flatnonzero(self._costs <= budget * AFFORDED))

    def frontier(self) -> list[BudgetChoice]:
        """Each cheapest portfolio with a value smaller than that of everything cheaper.

        The budget of a step is its cost, and its rival costs no more.
        """
        order = np.lexsort((self._values, self._costs))
        ranked = self._values[order]
        lowest = np.minimum.accumulate(np.concatenate([[np.inf], ranked]))[:-1]
        steps = []
        for place in order[ranked < lowest].tolist():
            affordable = np.flatnonzero(self._costs <= self._costs[place])
            steps.append(self._chosen(float(self._costs[place]), affordable))
        return [step for step in steps if step is not None]

    def _best(self, places: NDArray[np.intp]) -> int | None:
        """Of some places the one that is preferred."""
        for figures in (self._values, self._costs):
            if len(places):
                places = places[figures[places] == figures[places].min()]
        return min(
            places.tolist(), key=lambda place: canonical(self._portfolios[place]), default=None
        )

    def _chosen(self, budget: float, affordable: NDArray[np.intp]) -> BudgetChoice | None:
        best = self._best(affordable)
        if best is None:
            return None
        rival = self._best(affordable[self._is_other(affordable, best)])
        return BudgetChoice(
            budget=budget,
            portfolio=self._portfolios[best],
            cost=float(self._costs[best]),
            value=float(self._values[best]),
            rival=None if rival is None else self._portfolios[rival],
            rival_value=np.nan if rival is None else float(self._values[rival]),
        )

    def _is_other(self, places: NDArray[np.intp], best: int) -> NDArray[np.bool_]:
        """Whether each is more than the best with options that do nothing there.

        Such a portfolio has the same value to the bit and holds the best: it would be the rival
        wherever the budget affords one useless option, and hide the next best idea.
        """
        winner = self._portfolios[best]
        is_other: NDArray[np.bool_] = self._values[places] != self._values[best]
        for each in np.flatnonzero(~is_other).tolist():
            is_other[each] = winner & ~self._portfolios[places[each]] != 0
        return is_other
