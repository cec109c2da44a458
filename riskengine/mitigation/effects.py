"""What single options and pairs do: which portfolios tell it, and Shapley values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.kernel.draws import seeded_keys, uniforms
from riskengine.mitigation.search.market import Market, bits
from riskengine.mitigation.search.measured import Portfolio, Values
from riskengine.mitigation.search.together import Ranking
from riskengine.model.streams import stream

MOST_WITH_ALL_SUBSETS = 12  #: options; of more, orders are drawn
#: orders that are drawn, and the least of them that are used however many portfolios they take
ORDERS, FEWEST_ORDERS = 2_000, 50
_TOGETHER = 64  #: orders whose portfolios are played together


class AddedOption(NamedTuple):
    """An option is added to a portfolio."""

    without: Portfolio
    with_: Portfolio


class Synergy(NamedTuple):
    """Four portfolios: joint reduction less single ones is value(first) + value(second) -
    value(neither) - value(both)."""

    neither: Portfolio
    first: Portfolio
    second: Portfolio
    both: Portfolio


def first_in(market: Market, option: int) -> AddedOption | None:
    """The option alone, with what it requires; None if it can never be bought."""
    return None if market.barred >> option & 1 else AddedOption(0, market.closure(option))


def last_in(ranking: Ranking, option: int) -> AddedOption | None:
    """The option added to all that can stand with it, less what requires it; None if it can
    never be bought."""
    if ranking.market.barred >> option & 1:
        return None
    return AddedOption(ranking.everything_but(option), ranking.everything_with(option))


def synergy(market: Market, first: int, second: int) -> Synergy | None:
    """The four portfolios of a pair; None if the two cannot stand together.

    What either requires is in its portfolio, and what both require counts in each.
    """
    one, other = market.closure(first), market.closure(second)
    if not market.is_feasible(one | other):
        return None
    return Synergy(0, one, other, one | other)


def screen(ranking: Ranking) -> list[Portfolio]:
    """Nothing, each option alone, all that can stand together, and all but one, each once."""
    market, options = ranking.market, list(bits(ranking.market.possible))
    found = [0, *(market.closure(option) for option in options), ranking.everything]
    found += [ranking.everything_with(option) for option in options]
    found += [ranking.everything_but(option) for option in options]
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shapley:
    """The average change of the measure by each option; negative where it reduces a loss."""

    values: NDArray[np.float64]  #: (options,)
    errors: NDArray[np.float64]  #: (options,) standard errors; 0 where all subsets were used


def shapley(ranking: Ranking, values: Values, seed: int, most: int = 65_536) -> Shapley:
    """Shapley values of all options, over all orders in which they can be bought.

    Parameters
    ----------
    ranking : Ranking
    values : Values
    seed : int
        Of the study: it draws the orders where there are more than 12 options.
    most : int
        How many different portfolios are asked for then: as many of `ORDERS` orders are used, one
        after the other, but at least `FEWEST_ORDERS`.

    Notes
    -----
    The value of a set of options is that of its part that can stand together, `Ranking.part`: the
    largest that keeps what options require and, of options that conflict, the preferred one. So
    the values of all options sum to that of everything together less that of nothing (Shapley
    1953). No budget counts. Orders are drawn by sorting independent uniforms (Castro, Gomez and
    Tejada 2009); the mean over orders is without bias.
    """
    if len(ranking.market.names) <= MOST_WITH_ALL_SUBSETS:
        return _from_all_subsets(ranking, values)
    drawn = _orders(len(ranking.market.names), seed)
    return _from_orders(ranking, values, drawn[: _orders_within(ranking, drawn, most)])


def _from_all_subsets(ranking: Ranking, values: Values) -> Shapley:
    n = len(ranking.market.names)
    sets = np.arange(1 << n)
    parts = [ranking.part(each) for each in sets.tolist()]
    distinct = list(dict.fromkeys(parts))
    known = dict(zip(distinct, values.of(distinct).tolist(), strict=True))
    worth = np.array([known[part] for part in parts])
    sizes = np.bitwise_count(sets)
    weights = np.array([1.0 / (n * math.comb(n - 1, size)) for size in range(n)])
    found = np.zeros(n)
    for option in range(n):
        without = sets[(sets >> option & 1) == 0]
        added = worth[without | 1 << option] - worth[without]
        found[option] = np.sum(weights[sizes[without]] * added)
    return Shapley(values=found, errors=np.zeros(n))


def _from_orders(ranking: Ranking, values: Values, drawn: NDArray[np.intp]) -> Shapley:
    """Shapley values from some orders, (orders, options), at least two."""
    orders = len(drawn)
    changes = np.zeros(drawn.shape)
    for start in range(0, orders, _TOGETHER):
        some = drawn[start : start + _TOGETHER]
        parts = [_parts(ranking, row) for row in some.tolist()]
        distinct = list(dict.fromkeys(part for row in parts for part in row))
        known = dict(zip(distinct, values.of(distinct).tolist(), strict=True))
        worth = np.array([[known[part] for part in row] for row in parts])
        rows = np.arange(start, start + len(some))[:, np.newaxis]
        changes[rows, some] = np.diff(worth, axis=1)
    errors = np.std(changes, axis=0, ddof=1) / math.sqrt(orders)
    return Shapley(values=np.mean(changes, axis=0), errors=errors)


def _orders_within(ranking: Ranking, drawn: NDArray[np.intp], most: int) -> int:
    """How many of the orders, from the first on, take at most so many different portfolios."""
    found: set[Portfolio] = set()
    for number, row in enumerate(drawn.tolist()):
        found.update(_parts(ranking, row))
        if len(found) > most:
            return max(FEWEST_ORDERS, number)
    return len(drawn)


def _orders(options: int, seed: int) -> NDArray[np.intp]:
    """(ORDERS, options) random orders, each row one; those of some options do not depend on
    how many others there are."""
    streams = [stream("mitigation", "order", str(option)) for option in range(options)]
    keys = seeded_keys(np.array(streams, dtype=np.uint64), seed)
    numbers = np.arange(ORDERS, dtype=np.uint64)
    return np.argsort(np.stack([uniforms(key, numbers) for key in keys], axis=1), axis=1)


def _parts(ranking: Ranking, order: list[int]) -> list[Portfolio]:
    """What can stand together of nothing, of the first option of an order, of the first two..."""
    masks = [0]
    for option in order:
        masks.append(masks[-1] | 1 << option)
    return [ranking.part(mask) for mask in masks]
