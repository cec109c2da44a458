"""Of options that conflict, the ones that stand: one order of preference decides everywhere."""

from __future__ import annotations

from dataclasses import dataclass

from riskengine.mitigation.search.market import Market, bits
from riskengine.mitigation.search.measured import Portfolio, Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Options in order of preference, for sets that hold more than can stand together.

    Notes
    -----
    A set of options that conflict has several largest parts that can stand together. The one meant
    here takes the options by preference, each with what it requires, and leaves out what conflicts
    with those taken. A set without conflicts keeps all that has what it requires, whatever the
    order.
    """

    market: Market
    order: tuple[int, ...]

    def part(self, options: Portfolio, taken: Portfolio = 0) -> Portfolio:
        """The feasible part of some options, beside others that are already taken.

        Parameters
        ----------
        options : int
            The set.
        taken : int
            A feasible portfolio, which stays.
        """
        market = self.market
        free = market.kept_part((options | taken) & market.possible) & ~market.rivals(taken)
        if not any(market.conflicts[option] & free for option in bits(free & market.contested)):
            return taken | market.kept_part(taken | free) & free
        for option in self.order:
            whole = market.closure(option)
            if free >> option & 1 and not (whole & ~(free | taken)):
                taken |= whole
                free &= ~(whole | market.rivals(whole))
                if not free:
                    break
        return taken

    @property
    def everything(self) -> Portfolio:
        """All that can stand together."""
        return self.part(self.market.possible)

    def everything_with(self, option: int) -> Portfolio:
        """All that can stand together with an option; nothing if it can never be bought."""
        if self.market.barred >> option & 1:
            return 0
        return self.part(self.market.possible, self.market.closure(option))

    def everything_but(self, option: int) -> Portfolio:
        """`everything_with` an option without it and what requires it."""
        return self.market.kept_part(self.everything_with(option) & ~(1 << option))


def ranking(market: Market, values: Values) -> Ranking:
    """The order of preference of a market: what loses least beside everything else comes first.

    Notes
    -----
    Options are compared where they stand with everything else, not alone: of complements, each
    alone may be worth nothing. What else stands there is chosen by cost, the costliest first,
    because of options of a range the costlier is the larger; equal values are told apart likewise.
    """
    options = list(bits(market.possible))
    costliest = sorted(options, key=lambda option: (-market.costs[option], option))
    first = Ranking(market=market, order=tuple(costliest))
    if not any(market.conflicts[option] for option in options):
        return first
    found = values.of([first.everything_with(option) for option in costliest]).tolist()
    ranked = sorted(zip(found, range(len(costliest)), costliest, strict=True))
    return Ranking(market=market, order=tuple(option for _, _, option in ranked))
