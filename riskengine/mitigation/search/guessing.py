"""A good portfolio at a budget, found quickly: where branch and bound starts from.

Options are complements more often than substitutes: of two materials that are both needed, a stock
of either alone may be worth nothing. So the search adds pairs as well as single options, and also
starts from everything that can stand together and gives up what is missed least for its cost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations

from riskengine.mitigation.search.choosing import Order
from riskengine.mitigation.search.market import Market, bits
from riskengine.mitigation.search.measured import Portfolio
from riskengine.mitigation.search.remembering import PlayedValues
from riskengine.mitigation.search.together import Ranking

_PAIRED = 45  #: most options of which all pairs are looked at: 990 pairs
_EXCHANGES = 2_000  #: most exchanges of one option for another that are looked at in a round

IsTimeUp = Callable[[], bool]


def guess(played: PlayedValues, ranking: Ranking, budget: float, is_time_up: IsTimeUp) -> None:
    """Play portfolios among which there is a good one that the budget affords.

    Parameters
    ----------
    played : PlayedValues
        What is found stays there.
    ranking : Ranking
    budget : float
    is_time_up : callable
        Asked before each round; the search then ends.
    """
    grown = _grow(played, ranking, 0, budget, is_time_up)
    shrunk = _shrink(played, ranking, budget, is_time_up)
    filled = _grow(played, ranking, shrunk, budget, is_time_up)
    for start in dict.fromkeys((grown, filled)):
        _exchange(played, start, budget, is_time_up)


def _grow(
    played: PlayedValues, ranking: Ranking, start: Portfolio, budget: float, is_time_up: IsTimeUp
) -> Portfolio:
    """Add the option or pair that reduces most for its cost, as long as one reduces."""
    market = played.market
    pairs = _pairs(ranking)
    while not is_time_up():
        wholes = [market.closure(option) for option in bits(market.possible & ~start)]
        moves = [
            start | whole
            for whole in dict.fromkeys([*wholes, *pairs])
            if whole & ~start and not market.rivals(start) & whole
        ]
        moves = [each for each in moves if market.is_affordable(each, budget)]
        found = _steepest(played, start, moves)
        if found is None:
            break
        start = found
    return start


def _pairs(ranking: Ranking) -> list[Portfolio]:
    """Two options with what they require, among those that can all stand together."""
    market = ranking.market
    chosen = [option for option in ranking.order if ranking.everything >> option & 1]
    wholes = [market.closure(option) for option in chosen[:_PAIRED]]
    return [one | other for one, other in combinations(wholes, 2)]


def _steepest(
    played: PlayedValues, start: Portfolio, moves: Sequence[Portfolio]
) -> Portfolio | None:
    """The move that reduces most for its cost; None if none reduces."""
    before, *after = played.of([start, *moves])
    spent = played.market.cost(start)
    best, most = None, 0.0
    for move, value in zip(moves, after, strict=True):
        cost = played.market.cost(move) - spent
        if value < before:
            rate = (before - value) / cost if cost > 0.0 else float("inf")
            if rate > most:
                best, most = move, rate
    return best


def _shrink(
    played: PlayedValues, ranking: Ranking, budget: float, is_time_up: IsTimeUp
) -> Portfolio:
    """Give up what is missed least for its cost, from everything until the budget pays for it."""
    market, start = played.market, ranking.everything
    while not market.is_affordable(start, budget):
        if is_time_up():
            return 0
        moves = list(dict.fromkeys(_smaller(market, start)))
        before, *after = played.of([start, *moves])
        spent = market.cost(start)
        rises = [
            ((value - before) / (spent - market.cost(move)), position)
            for position, (move, value) in enumerate(zip(moves, after, strict=True))
        ]
        start = moves[min(rises)[1]]
    return start


def _smaller(market: Market, portfolio: Portfolio) -> Iterator[Portfolio]:
    """The portfolio without one option, or with a cheaper one that conflicts in its place."""
    spent = market.cost(portfolio)
    for option in bits(portfolio):
        moves = [market.kept_part(portfolio & ~(1 << option))]
        cheaper = [
            other
            for other in bits(market.conflicts[option] & market.possible)
            if market.costs[other] < market.costs[option]
        ]
        cheaper.sort(key=lambda other: -market.costs[other])
        # Of the many steps of a range some near and a few far ones are enough to see the way.
        for rank in (2**power - 1 for power in range(len(cheaper).bit_length())):
            moves.append(_with(market, portfolio, cheaper[rank]))
        yield from (move for move in moves if market.cost(move) < spent)


def _with(market: Market, portfolio: Portfolio, option: int) -> Portfolio:
    """A portfolio with an option and what it requires, without what conflicts with these."""
    whole = market.closure(option)
    return market.kept_part(portfolio & ~market.rivals(whole)) | whole


def _exchange(played: PlayedValues, start: Portfolio, budget: float, is_time_up: IsTimeUp) -> None:
    """Give up, add or exchange one option, as long as that makes a preferred portfolio."""
    (order,) = played.orders([start], budget)
    while not is_time_up():
        moves = list(dict.fromkeys(_neighbours(played.market, start, budget)))
        found = [
            (each, move)
            for each, move in zip(played.orders(moves, budget), moves, strict=True)
            if each is not None
        ]
        best = min(found, default=None)
        if best is None or not _is_before(best[0], order):
            return
        order, start = best


def _is_before(one: Order, other: Order | None) -> bool:
    return other is None or one < other


def _neighbours(market: Market, portfolio: Portfolio, budget: float) -> Iterable[Portfolio]:
    held = list(bits(portfolio))
    outside = list(bits(market.possible & ~portfolio))
    smaller = [market.kept_part(portfolio & ~(1 << option)) for option in held]
    starts = [portfolio, *smaller] if len(held) * len(outside) <= _EXCHANGES else [portfolio]
    yield from smaller
    for start in starts:
        for option in outside:
            move = _with(market, start, option)
            if market.is_affordable(move, budget):
                yield move
