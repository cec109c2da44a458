"""Shapley values against a market worked out by hand, and what they sum to."""

from __future__ import annotations

import numpy as np
import pytest
from mitigation.made_markets import made_market, made_values, market_of

from riskengine.mitigation.effects import _from_orders, first_in, last_in, screen, shapley
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
        drawn = _from_orders(ranked, values, 1, 2_000)
        assert drawn.values.sum() == pytest.approx(whole, rel=1e-12)
        assert np.all(np.abs(drawn.values - exact.values) <= 4.0 * drawn.errors + 1e-9)
