"""Branch and bound: the best portfolio at each budget, with proof or with what is left to gain.

A node is all portfolios that hold some options and may hold some others. No portfolio of a node
loses less than the one that holds everything still possible (see `relaxing`), provided that no
option raises a loss: the value of that one is the bound of the node. A limit is kept by no
portfolio of a node if that one misses it, because a limit is a measure that further options reduce
as well. Nodes with the smallest bound are split first, many at a time, so that many portfolios can
be played together.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.mitigation.search.choosing import BudgetChoice, Order
from riskengine.mitigation.search.guessing import guess
from riskengine.mitigation.search.market import Market, bits, canonical
from riskengine.mitigation.search.measured import Portfolio, Values
from riskengine.mitigation.search.relaxing import Branch, Relaxed, Relaxing, least_cost, narrowed
from riskengine.mitigation.search.remembering import Keeps, PlayedValues
from riskengine.mitigation.search.together import Ranking, ranking

BATCH = 256  #: about as many portfolios are played together
_LEAST_HALVED = 3  #: members of a group, below which the cut is at one of them
LEAST_LOSS = 0.0  #: no measure of a loss is below it: the bound of what has no other

_Word = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What a search found at one budget."""

    budget: float
    #: the best that was played; its rival is the second best that was played. None if no
    #: affordable portfolio keeps the limits, or none that does was found in time
    choice: BudgetChoice | None
    bound: float  #: no affordable portfolio that keeps the limits is below it; inf if there is none
    #: whether none is better than the choice, or none exists, unless an unplayed one raises a loss
    is_proven: bool

    @property
    def gap(self) -> float:
        """(value - bound) / value; 0 where proven, nan without a choice."""
        if self.choice is None:
            return float("nan")
        value = self.choice.value
        return 0.0 if self.is_proven else (value - self.bound) / value


def search(
    market: Market,
    values: Values,
    budgets: Sequence[float],
    *,
    keeps: Keeps | None = None,
    is_time_up: Callable[[], bool] = lambda: False,
    batch: int = BATCH,
) -> list[Searched]:
    """The best portfolio at each budget.

    Parameters
    ----------
    market : Market
    values : Values
        The measure that is to be reduced, not negative. It is asked for sets of options without
        conflicts, some of which lack what they require or cost more than a budget.
    budgets : sequence of float
    keeps : callable, optional
        Which of some portfolios keep the limits, each a measure that further options reduce.
    is_time_up : callable, optional
        Asked before portfolios are played. Once it says yes, every budget has the best portfolio
        that was played until then, and the bound that was reached.
    batch : int
        About how many portfolios are played together. Without a time limit it changes no result.

    Returns
    -------
    list of Searched
        In the order of the budgets.

    Notes
    -----
    A portfolio is best by value, then cost, number of options and order, as in `choosing`. Bounds
    are compared as floating-point numbers: among portfolios whose values differ by rounding alone,
    the choice may be another than that of an enumeration.
    """
    played = PlayedValues(market, values, keeps)
    tree = _Tree(played, ranking(market, values), is_time_up, batch)
    found = {budget: tree.searched(budget) for budget in sorted(set(budgets))}
    # A larger budget may have been searched in vain for the time: what a smaller one found
    # is affordable there too, and its choice was taken from all that was played.
    return [found[budget] for budget in budgets]


class _Covers:
    """Portfolios that lose more than the best so far: no part of them need be played.

    Bit sets as words of 64 bits, so that thousands are compared at once.
    """

    def __init__(self, options: int) -> None:
        self._words = max(1, -(-options // 64))
        self._held = np.zeros((16, self._words), dtype=np.uint64)
        self._count = 0

    def add(self, portfolio: Portfolio) -> None:
        if self._count == len(self._held):
            self._held = np.concatenate([self._held, np.zeros_like(self._held)])
        self._held[self._count] = self._row(portfolio)
        self._count += 1

    def hold(self, portfolio: Portfolio) -> bool:
        """Whether any of them holds all of a portfolio."""
        lacking = self._row(portfolio) & ~self._held[: self._count]
        return bool(np.any(~np.any(lacking, axis=1)))

    def forced(self, portfolio: Portfolio) -> Portfolio:
        """The options without any one of which one of them holds the rest of a portfolio."""
        lacking = self._row(portfolio) & ~self._held[: self._count]
        single = lacking[np.bitwise_count(lacking).sum(axis=1) == 1]
        return int.from_bytes(np.bitwise_or.reduce(single, axis=0).tobytes(), "little")

    def _row(self, portfolio: Portfolio) -> _Word:
        return np.frombuffer(portfolio.to_bytes(8 * self._words, "little"), dtype="<u8")


class _Waiting(NamedTuple):
    """A node that may hold something better; the first three are its order."""

    bound: float
    cost: float  #: of what is chosen
    chosen: tuple[int, ...]  #: canonical key of what is chosen
    serial: int
    node: Branch
    relaxed: Relaxed


class _Tree:
    """The search at one budget after the other, which share what was played."""

    def __init__(
        self, played: PlayedValues, ranked: Ranking, is_time_up: Callable[[], bool], batch: int
    ) -> None:
        self._played, self._market, self._ranking = played, played.market, ranked
        self._relaxing = Relaxing(played, ranked)
        self._is_time_up, self._batch = is_time_up, batch
        self._covers = _Covers(len(self._market.names))
        self._weights = self._weighed()
        self._best: Order | None = None
        self._serials = count()

    def _weighed(self) -> list[float]:
        """How much each option matters: what it reduces alone and what it reduces last."""
        market, ranked = self._market, self._ranking
        weights = [0.0] * len(market.names)
        options = list(bits(market.possible))
        alone = self._played.of([0, *(market.closure(option) for option in options)])
        full = self._played.of([ranked.everything_with(option) for option in options])
        less = self._played.of([ranked.everything_but(option) for option in options])
        for place, option in enumerate(options):
            weights[option] = alone[0] - alone[place + 1] + less[place] - full[place]
        return weights

    def searched(self, budget: float) -> Searched:
        """Search at a budget that is not below those searched before."""
        guess(self._played, self._ranking, budget, self._is_time_up)
        self._take_best(budget)
        bound = self._bounded(budget)
        choice = self._played.choice(budget)
        value = float("inf") if choice is None else choice.value
        return Searched(
            budget=budget,
            choice=choice,
            bound=min(bound, value),
            is_proven=bound >= value,
        )

    def _take_best(self, budget: float) -> None:
        """Start from the best of what was played for any budget."""
        choice = self._played.choice(budget)
        if choice is not None:
            self._best = choice.value, choice.cost, canonical(choice.portfolio)

    def _bounded(self, budget: float) -> float:
        """Split nodes until none can hold a better portfolio, or the time is up.

        Returns
        -------
        float
            What no portfolio that the budget affords is below; inf if every node was settled.
        """
        waiting: list[_Waiting] = []
        root = narrowed(self._market, Branch(0, self._market.possible), budget)
        self._enter(waiting, [(LEAST_LOSS, root)] if root else [], budget)
        while waiting and self._is_open(waiting[0]):
            if self._is_time_up():
                return waiting[0].bound
            children: list[tuple[float, Branch]] = []
            while waiting and self._is_open(waiting[0]) and len(children) < self._batch:
                split = heapq.heappop(waiting)
                children += ((split.bound, child) for child in self._children(split, budget))
            self._enter(waiting, children, budget)
        return float("inf")

    def _enter(
        self, waiting: list[_Waiting], nodes: Sequence[tuple[float, Branch]], budget: float
    ) -> None:
        """Play what stands for some nodes, and keep those that may hold something better.

        Each comes with the bound of the node that it is a part of.
        """
        relaxed = [self._relaxing.relaxed(node) for _, node in nodes]
        entered = [
            (bound, node, each)
            for (bound, node), each in zip(nodes, relaxed, strict=True)
            if each.undecided or not self._covers.hold(each.portfolio)
        ]
        sets = [each.portfolio for _, _, each in entered if not each.undecided]
        for order in self._played.orders(sets, budget):
            if order is not None and (self._best is None or order < self._best):
                self._best = order
        for bound, node, each in entered:
            least = bound if each.undecided else max(bound, self._bound(each))
            cost = least_cost(self._market, node)
            place = _Waiting(least, cost, canonical(node.chosen), next(self._serials), node, each)
            if least < float("inf") and self._is_open(place):
                heapq.heappush(waiting, place)

    def _bound(self, relaxed: Relaxed) -> float:
        """What no portfolio of a node is below; inf if none of them keeps the limits."""
        (value,) = self._played.of([relaxed.portfolio])
        (kept,) = self._played.kept([relaxed.portfolio])
        if self._best is not None and value > self._best[0]:
            self._covers.add(relaxed.portfolio)
        return value if kept or relaxed.stands_for_others else float("inf")

    def _is_open(self, waiting: _Waiting) -> bool:
        """Whether a node may hold a portfolio that is preferred to the best so far.

        What it holds costs at least what its chosen options cost, and has no fewer options.
        """
        return self._best is None or waiting[:3] < self._best

    def _children(self, split: _Waiting, budget: float) -> Iterator[Branch]:
        """Parts of a node that together hold all its portfolios but the one that was played.

        One option after the other is excluded from one part and chosen in the rest, until the rest
        has less that is possible than the node.
        """
        node, relaxed = split.node, split.relaxed
        while relaxed.undecided or relaxed.portfolio & node.open_:
            forced = 0 if relaxed.undecided else self._forced(node, relaxed)
            parts = [_choosing(self._market, node, forced)] if forced else self._cut(node, relaxed)
            *others, rest = (narrowed(self._market, part, budget) for part in parts)
            yield from (other for other in others if other is not None)
            if rest is None or not self._may_hold(rest, split.bound):
                return
            node = rest
            if self._relaxing.relaxed(node) != relaxed:
                yield node
                return

    def _cut(self, node: Branch, relaxed: Relaxed) -> list[Branch]:
        """A node cut in two: without the option that matters most, and with it.

        Of options that conflict, and one of which stands for the others, the cut is in the middle:
        none of the preferred half, or one of them.
        """
        options = relaxed.undecided or relaxed.portfolio & node.open_
        option = max(bits(options), key=lambda each: (self._weights[each], -each))
        mates = self._relaxing.by_preference(
            (self._market.conflicts[option] & node.open_) | 1 << option
        )
        if len(mates) < _LEAST_HALVED or relaxed.undecided:
            return [
                node._replace(open_=node.open_ & ~(1 << option)),
                _choosing(self._market, node, 1 << option),
            ]
        upper = sum(1 << mate for mate in mates[: len(mates) // 2])
        lower = sum(1 << mate for mate in mates[len(mates) // 2 :])
        return [
            node._replace(open_=node.open_ & ~upper),
            node._replace(open_=node.open_ & ~lower, due=(*node.due, upper)),
        ]

    def _forced(self, node: Branch, relaxed: Relaxed) -> Portfolio:
        """Options without which nothing of a node is better than the best so far."""
        forced = self._covers.forced(relaxed.portfolio) & node.open_
        return forced & ~self._market.rivals(node.open_)

    def _may_hold(self, node: Branch, bound: float) -> bool:
        """Whether a node may hold a portfolio that is preferred to the best so far."""
        order = (bound, least_cost(self._market, node), canonical(node.chosen))
        return self._best is None or order < self._best


def _choosing(market: Market, node: Branch, options: Portfolio) -> Branch:
    """The part of a node in which all of some options are chosen."""
    chosen = node.chosen
    for option in bits(options):
        chosen |= market.closure(option)
    return node._replace(chosen=chosen)
