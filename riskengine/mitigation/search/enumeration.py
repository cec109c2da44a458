"""All feasible portfolios that a budget pays for, as long as there are not too many."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice

from riskengine.mitigation.search.market import Market, bits, canonical
from riskengine.mitigation.search.measured import Portfolio

MOST_ENUMERATED = 65_536  #: beyond so many feasible portfolios, branch and bound takes over


def feasible_portfolios(
    market: Market, budget: float | None = None, most: int = MOST_ENUMERATED
) -> list[Portfolio] | None:
    """Every feasible portfolio, fewest options first, then in the order of the config.

    Parameters
    ----------
    market : Market
    budget : float, optional
        The largest; without it, portfolios cost what they cost.
    most : int

    Returns
    -------
    list of int, or None
        None if there are more than `most`, which is found without listing the others.
    """
    found = list(islice(_grown(market, budget), most + 1))
    return sorted(found, key=canonical) if len(found) <= most else None


def count_feasible(
    market: Market, budget: float | None = None, most: int = MOST_ENUMERATED
) -> int | None:
    """How many portfolios are feasible; None if more than `most`."""
    counted = sum(1 for _ in islice(_grown(market, budget), most + 1))
    return counted if counted <= most else None


def _grown(market: Market, budget: float | None) -> Iterator[Portfolio]:
    """Every feasible portfolio once.

    Notes
    -----
    Options are put into an order in which each stands after what it requires. Then whatever a
    feasible portfolio holds of the first options is feasible and affordable itself, because costs
    are not negative. So each portfolio grows from a smaller one by an option that stands later, and
    no step leads nowhere: the work is in proportion to the number of portfolios that are taken.
    """
    order = sorted(bits(market.possible), key=lambda option: market.needs[option].bit_count())
    later: dict[int, int] = {}
    after = 0
    for option in reversed(order):
        later[option] = after
        after |= 1 << option
    yield 0
    waiting: deque[tuple[Portfolio, int]] = deque([(0, after)])
    while waiting:
        portfolio, addable = waiting.popleft()
        added = []
        for option in bits(addable):
            grown = portfolio | 1 << option
            if budget is not None and not market.is_affordable(grown, budget):
                addable ^= 1 << option  # too dear here, and so in every larger portfolio
            elif not market.needs[option] & ~portfolio:
                added.append(option)
                yield grown
        for option in added:
            left = addable & later[option] & ~market.conflicts[option]
            waiting.append((portfolio | 1 << option, left))
