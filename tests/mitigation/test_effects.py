"""Shapley values against a market worked out by hand, and what they sum to."""

from __future__ import annotations

import numpy as np
import pytest
from mitigation.made_markets import made_market, made_values, market_of

from riskengine.mitigation.effects import (
    FEWEST_ORDERS,
    MOST_WITH_ALL_SUBSETS,
    ORDERS,
    _from_orders,
    _orders,
    first_in,
    last_in,
    screen,
    shapley,
)
from riskengine.mitigation.search.market import bits
from riskengine.mitigation.search.together import Ranking, ranking


class _Table:
    """Values of three options: a and b are complements, c stands alone."""

    def of(self, portfolios: list[int]) -> np.ndarray:
        return np.array([12.0 - 6.0 * (each & 3 == 3) - 2.0 * (each >> 2) for each in portfolios])


def test_the_shapley_values_of_three_options_are_those_worked_out_by_hand() -> None:
    market = market_of({"a": 1.0, "b": 1.0, "c": 1.0})
    found = shapley(Ranking(market=market, order=(0, 1, 2)), _Table(), seed=1)  # type: ignore[arg-type]
    assert found.values.tolist() == pytest.approx([-3.0, -3.0, -2.0], rel=1e-12)
    assert found.errors.tolist() == [0.0, 0.0, 0.0]


def test_an_option_that_is_ruled_out_has_no_effects() -> None:
    """a is decided, and of its group b can never be bought; c stands alone."""
    rules = {"a": {"fixed": True, "group": "g"}, "b": {"group": "g"}}
    market = market_of({"a": 1.0, "b": 1.0, "c": 1.0}, **rules)
    ranked = Ranking(market=market, order=(0, 1))
    assert (first_in(market, 0), first_in(market, 1)) == (None, (0, 2))
    assert (last_in(ranked, 0), last_in(ranked, 1)) == (None, (0, 2))
    assert screen(ranked) == [0, 2]


def test_shapley_values_sum_to_what_everything_does_and_drawn_orders_agree() -> None:
    for seed in range(5):
        market, values = made_market(seed, 7), made_values(seed, 7)
        ranked = ranking(market, values)
        exact = shapley(ranked, values, seed=1)
        whole = values.value(ranked.everything) - values.value(0)
        assert exact.values.sum() == pytest.approx(whole, rel=1e-12)
        drawn = _from_orders(ranked, values, _orders(7, 1))
        assert drawn.values.sum() == pytest.approx(whole, rel=1e-12)
        assert np.all(np.abs(drawn.values - exact.values) <= 4.0 * drawn.errors + 1e-9)


class _Counted:
    """Values of independent options, the k-th of which is worth k + 1; counts what is asked for."""

    def __init__(self) -> None:
        self.asked: set[int] = set()

    def of(self, portfolios: list[int]) -> np.ndarray:
        self.asked.update(portfolios)
        return np.array([-sum(bit + 1.0 for bit in bits(each)) for each in portfolios])


def test_fewer_orders_are_used_where_they_would_take_too_many_portfolios() -> None:
    options = MOST_WITH_ALL_SUBSETS + 1
    market = market_of({f"o{k}": 1.0 for k in range(options)})
    ranked = Ranking(market=market, order=tuple(range(options)))
    drawn = _orders(options, 3)
    assert drawn.shape == (ORDERS, options)
    asked = []
    for most in (10, 2_000, 65_536):
        values = _Counted()
        found = shapley(ranked, values, 3, most)  # type: ignore[arg-type]
        assert found.values.tolist() == [-(k + 1.0) for k in range(options)]
        assert found.errors.tolist() == [0.0] * options  # every order says the same of each option
        asked.append(len(values.asked))
    fewest = {0} | {sum(1 << k for k in row[:j]) for row in drawn[:FEWEST_ORDERS].tolist()
                    for j in range(1, options + 1)}  # fmt: skip
    assert asked[0] == len(fewest)
    assert 2_000 - options < asked[1] <= 2_000 < asked[2] <= 2**options
