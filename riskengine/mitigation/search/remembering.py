"""What a search has played so far, and the best of it at a budget."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from riskengine.mitigation.search.choosing import BudgetChoice, Choices, Order, preference
from riskengine.mitigation.search.market import Market
from riskengine.mitigation.search.measured import Portfolio, Values

Keeps = Callable[[Sequence[Portfolio]], NDArray[np.bool_]]


class PlayedValues:
    """The values of a market with all portfolios that were asked for.

    Parameters
    ----------
    market : Market
    values : Values
    keeps : callable, optional
        Which of some portfolios keep the limits; without it, all do.
    """

    def __init__(self, market: Market, values: Values, keeps: Keeps | None = None) -> None:
        self.market, self.values, self.has_limits = market, values, keeps is not None
        self._keeps = keeps
        self._known: dict[Portfolio, float] = {}
        self._kept: dict[Portfolio, bool] = {}

    def of(self, portfolios: Sequence[Portfolio]) -> list[float]:
        """The values of some portfolios, asked for together and each only once."""
        new = [each for each in dict.fromkeys(portfolios) if each not in self._known]
        if new:
            self._known.update(zip(new, self.values.of(new).tolist(), strict=True))
        return [self._known[each] for each in portfolios]

    def kept(self, portfolios: Sequence[Portfolio]) -> list[bool]:
        """Whether each portfolio keeps the limits."""
        if self._keeps is None:
            return [True] * len(portfolios)
        new = [each for each in dict.fromkeys(portfolios) if each not in self._kept]
        if new:
            self._kept.update(zip(new, self._keeps(new).tolist(), strict=True))
        return [self._kept[each] for each in portfolios]

    def orders(self, portfolios: Sequence[Portfolio], budget: float) -> list[Order | None]:
        """The keys of preference of some portfolios; None for what cannot be chosen."""
        market = self.market
        possible = [
            market.is_affordable(each, budget) and market.is_feasible(each) for each in portfolios
        ]
        kept = iter(
            self.kept([each for each, is_in in zip(portfolios, possible, strict=True) if is_in])
        )
        return [
            preference(market, each, value) if is_in and next(kept) else None
            for each, value, is_in in zip(portfolios, self.of(portfolios), possible, strict=True)
        ]

    def choice(self, budget: float) -> BudgetChoice | None:
        """The best of what was played at a budget, with the best of the others as its rival."""
        market = self.market
        found = [
            each
            for each in self._known
            if market.is_affordable(each, budget) and market.is_feasible(each)
        ]
        kept = np.array(self.kept(found), dtype=np.bool_)
        values = np.array([self._known[each] for each in found])
        return Choices(market, found, values, kept).at(budget)

    def __len__(self) -> int:
        return len(self._known)
