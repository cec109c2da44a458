"""Limits: what a portfolio must keep besides its budget, tested in sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskengine.mitigation.search.market import Market, canonical
from riskengine.mitigation.search.measured import Portfolio

Measured = Callable[[Sequence[Portfolio]], NDArray[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A measure that must not exceed a number."""

    words: str  #: such as "var 0.95 industry automobile"
    most: float
    measured: Measured  #: the measure of some portfolios, (len(portfolios),)

    def keeps(self, portfolios: Sequence[Portfolio]) -> NDArray[np.bool_]:
        """Which of some portfolios keep it, (len(portfolios),)."""
        found: NDArray[np.bool_] = self.measured(portfolios) <= self.most
        return found

    def excess(self, portfolios: Sequence[Portfolio]) -> NDArray[np.float64]:
        """By how much some portfolios miss it, as a share of it; an amount where it is 0."""
        beyond = np.maximum(self.measured(portfolios) - self.most, 0.0)
        return beyond / (abs(self.most) or 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """The limit that stands most in the way where no affordable portfolio keeps them all."""

    portfolio: Portfolio  #: the one that misses least; its worst limit is `words`
    words: str
    most: float
    value: float  #: what the measure of the limit is with `portfolio`

    @property
    def by(self) -> float:
        """How much the measure exceeds the limit."""
        return self.value - self.most


def keeps_all(limits: Sequence[Limit], portfolios: Sequence[Portfolio]) -> NDArray[np.bool_]:
    """Which of some portfolios keep every limit, (len(portfolios),)."""
    kept = np.ones(len(portfolios), dtype=np.bool_)
    for limit in limits:
        kept &= limit.keeps(portfolios)
    return kept


def worst_excess(limits: Sequence[Limit], portfolios: Sequence[Portfolio]) -> NDArray[np.float64]:
    """By how much each portfolio misses the limit that it misses most, as a share of that limit.

    It falls with further options, as the measures do. So the portfolio that misses least can be
    searched for like the one that loses least.
    """
    found: NDArray[np.float64] = np.max([limit.excess(portfolios) for limit in limits], axis=0)
    return found


def missed(
    market: Market, limits: Sequence[Limit], portfolios: Sequence[Portfolio], budget: float
) -> Missed | None:
    """What to say where no affordable portfolio keeps the limits.

    Returns
    -------
    Missed or None
        Of the affordable portfolios the one whose largest excess, as a share of its limit, is
        smallest (at equal excess the cheapest, then the first); None if one keeps every limit or
        none is affordable.
    """
    affordable = [each for each in portfolios if market.is_affordable(each, budget)]
    if not affordable or keeps_all(limits, affordable).any():
        return None
    excess = worst_excess(limits, affordable)
    _, _, nearest = min(
        (share, (market.cost(each), *canonical(each)), each)
        for share, each in zip(excess.tolist(), affordable, strict=True)
    )
    worst = max(limits, key=lambda limit: float(limit.excess([nearest])[0]))
    value = float(worst.measured([nearest])[0])
    return Missed(portfolio=nearest, words=worst.words, most=worst.most, value=value)
