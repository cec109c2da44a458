"""The portfolio that stands for all that may still follow from a node of a search.

It holds every option that is still possible. Of options that conflict only one can be played, so
one stands for the others that is in no trial worse than any of them: of the steps of a stock the
largest. It may lack what some of its options require, which matters to no loss.
"""

from __future__ import annotations

from typing import NamedTuple

from riskengine.mitigation.search.market import AFFORDED, Market, bits
from riskengine.mitigation.search.measured import Portfolio
from riskengine.mitigation.search.remembering import PlayedValues
from riskengine.mitigation.search.together import Ranking

_ROUNDED_DOWN = 1.0 - 1e-12  #: a sum in another order is not larger than the true one by more
_NEAR = 1e-9


class Branch(NamedTuple):
    """The portfolios that hold all of `chosen`, and of the others only options in `open_`."""

    chosen: Portfolio  #: feasible
    open_: Portfolio
    #: sets of open options that conflict with each other, of each of which one must be bought
    due: tuple[Portfolio, ...] = ()


class Relaxed(NamedTuple):
    """What is played in the place of all portfolios of a node."""

    portfolio: Portfolio
    #: a conflict in which no option stands for the others: 0 or at least two options, and then
    #: nothing that can be played is a bound
    undecided: Portfolio
    stands_for_others: bool  #: whether open options are left out because another is never worse


def least_cost(market: Market, node: Branch) -> float:
    """What no portfolio of a node costs less than."""
    cost = market.cost(node.chosen)
    if node.due:
        cost += sum(min(market.costs[option] for option in bits(each)) for each in node.due)
        cost *= _ROUNDED_DOWN
    return cost


def narrowed(market: Market, node: Branch, budget: float) -> Branch | None:
    """A node without the options that no affordable and feasible portfolio of it can hold.

    Returns
    -------
    Branch or None
        None if no portfolio is left. A due option without an alternative is chosen.
    """
    chosen, open_, due = node
    while True:
        open_ &= ~chosen & ~market.rivals(chosen)
        due = tuple(dict.fromkeys(each & open_ for each in due if not each & chosen))
        if not all(due) or not market.is_feasible(chosen):
            return None
        if least_cost(market, Branch(chosen, open_, due)) > budget * AFFORDED:
            return None
        left = _payable(market, Branch(chosen, open_, due), budget)
        alone = [each for each in due if not each & (each - 1) and each & left]
        if alone:
            chosen |= market.closure(alone[0].bit_length() - 1)
        elif left == open_:
            return Branch(chosen, open_, due)
        open_ = left


def _payable(market: Market, node: Branch, budget: float) -> Portfolio:
    """The open options that can be paid for, with what they require, beside what is due."""
    least = least_cost(market, node)
    most = budget * AFFORDED
    left = 0
    for option in bits(node.open_):
        needs = market.needs[option]
        if needs & ~(node.chosen | node.open_):
            continue
        # Costs are added in the order of the config where a sum in another order may round apart.
        rough = least + market.costs[option]
        if node.due or needs or abs(rough - most) <= _NEAR * most:
            whole = 1 << option | needs
            others = tuple(each for each in node.due if not each & whole)
            rough = least_cost(market, Branch(node.chosen | whole, 0, others))
        if rough <= most:
            left |= 1 << option
    return left


class Relaxing:
    """Relaxes nodes, and remembers which options were never worse than which."""

    def __init__(self, played: PlayedValues, ranking: Ranking) -> None:
        self._played, self._market, self._ranking = played, played.market, ranking
        self._place = {option: place for place, option in enumerate(ranking.order)}
        self._never_worse: dict[tuple[int, int], bool] = {}

    def relaxed(self, node: Branch) -> Relaxed:
        """The portfolio that is in no trial worse than any of the node.

        That one option is never worse than another is seen where either stands alone and where
        either stands with everything else; like the order of losses of larger and smaller
        portfolios it is taken to hold in between.
        """
        left_out = 0
        for conflict in self._entangled(node.open_):
            first, *others = members = self.by_preference(conflict)
            is_clique = all(
                not conflict & ~(self._market.conflicts[each] | 1 << each) for each in members
            )
            if not is_clique or not all(self._stands_for(first, each) for each in others):
                return Relaxed(node.chosen | node.open_, conflict, False)
            left_out |= conflict & ~(1 << first)
        return Relaxed(node.chosen | node.open_ & ~left_out, 0, left_out != 0)

    def by_preference(self, options: Portfolio) -> list[int]:
        """Some options, the preferred one first."""
        return sorted(bits(options), key=self._place.__getitem__)

    def _entangled(self, options: Portfolio) -> list[Portfolio]:
        """The sets of options that are linked by conflicts among them, one after the other."""
        found = []
        while options:
            linked = grown = options & -options
            while grown:
                grown = self._market.rivals(grown) & options & ~linked
                linked |= grown
            options &= ~linked
            if linked & (linked - 1):
                found.append(linked)
        return found

    def _stands_for(self, one: int, other: int) -> bool:
        """Whether one of two conflicting options was in no trial worse than the other."""
        if (one, other) not in self._never_worse:
            market = self._market
            both = 1 << one | 1 << other
            rest = self._ranking.everything & ~both & ~market.rivals(both)
            # What the options require costs money and changes no loss by itself in most markets;
            # where it does, it stands on both sides.
            needs = (market.needs[one] | market.needs[other]) & ~market.rivals(both)
            self._never_worse[one, other] = all(
                self._played.values.is_never_worse(beside | 1 << one, beside | 1 << other)
                for beside in (needs & ~market.rivals(needs), rest)
            )
        return self._never_worse[one, other]
