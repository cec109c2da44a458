"""Steps of a search that its result seldom shows, each against arithmetic by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from mitigation.made_markets import market_of

from riskengine.mitigation.blocks import _parts
from riskengine.mitigation.search.limits import Limit, missed
from riskengine.mitigation.search.market import AFFORDED
from riskengine.mitigation.search.relaxing import Branch, Relaxed, Relaxing, narrowed
from riskengine.mitigation.search.remembering import PlayedValues
from riskengine.mitigation.search.together import Ranking

A, B, C = 1, 2, 4


class Losses:
    """Made-up losses of the portfolios of three options, of one trial."""

    def __init__(self, *losses: float) -> None:
        self._losses = losses

    def of(self, portfolios: list[int]) -> np.ndarray:
        return np.array([self._losses[each] for each in portfolios])

    def raises_loss(self) -> bool:
        return False

    def is_never_worse(self, one: int, other: int) -> bool:
        return self._losses[one] <= self._losses[other]


def relaxed(losses: Losses, **rules: dict[str, tuple[str, ...]]) -> Relaxed:
    market = market_of({"a": 1.0, "b": 1.0, "c": 1.0}, **rules)
    ranked = Ranking(market=market, order=(0, 1, 2))
    return Relaxing(PlayedValues(market, losses), ranked).relaxed(Branch(0, A | B | C))


def test_an_option_stands_for_others_only_if_no_two_of_these_can_stand_together() -> None:
    """a is better than b and better than c, and b with c is better than a."""
    losses = Losses(10.0, 3.0, 6.0, math.nan, 7.0, math.nan, 1.0, math.nan)
    assert relaxed(losses, a={"excludes": ("b", "c")}) == (A | B | C, A | B | C, False)


def test_an_option_stands_for_others_only_if_it_is_never_worse() -> None:
    all_apart = {"a": {"group": "g"}, "b": {"group": "g"}, "c": {"group": "g"}}
    better, worse = Losses(10, 3, 6, 0, 7, 0, 0, 0), Losses(10, 6.5, 6, 0, 7, 0, 0, 0)
    assert relaxed(better, **all_apart) == (A, 0, True)  # type: ignore[arg-type]
    assert relaxed(worse, **all_apart) == (A | B | C, A | B | C, False)  # type: ignore[arg-type]


def test_a_budget_is_compared_with_the_sum_of_costs_in_the_order_of_the_config() -> None:
    """0.3 + 0.2 + 0.1 is 0.6; 0.2 + 0.1 + 0.3 is more by rounding, which is no cost."""
    costs = {"a": 0.3, "b": 0.2, "c": 0.1}
    budget = 0.6 / AFFORDED
    assert (0.2 + 0.1) + 0.3 > budget * AFFORDED >= (0.3 + 0.2) + 0.1
    assert narrowed(market_of(costs), Branch(B | C, A), budget) == (B | C, A, ())


@pytest.mark.parametrize("limits", [0, 1])
def test_nothing_is_missed_where_nothing_is_affordable_or_nothing_is_asked(limits: int) -> None:
    market = market_of({"a": 1.0})
    asked = [Limit(words="mean", most=0.0, measured=lambda held: np.ones(len(held)))] * limits
    assert missed(market, asked, [1], 0.5) is None
    assert (missed(market, asked, [1], 1.0) is None) == (not asked)


def test_a_due_option_without_an_alternative_is_chosen_and_one_with_an_alternative_is_not() -> None:
    market = market_of({"a": 0.3, "b": 0.2, "c": 0.1}, a={"excludes": ("b",)})
    assert narrowed(market, Branch(0, A | B | C, (A | B,)), 1.0) == (0, A | B | C, (A | B,))
    assert narrowed(market, Branch(0, A | C, (A | B,)), 1.0) == (A, C, ())
    assert narrowed(market, Branch(0, B | C, (A, B)), 1.0) is None


def test_only_what_is_feasible_and_affordable_is_preferred() -> None:
    """a with b conflicts, and a with c costs more than the budget."""
    market = market_of({"a": 0.3, "b": 0.2, "c": 0.1}, a={"excludes": ("b",)})
    played = PlayedValues(market, Losses(9.0, 5.0, 6.0, 1.0, 7.0, 2.0, 3.0, 0.0))
    found = played.orders([0, A, A | B, A | C, B | C], 0.35)
    assert found == [(9.0, 0.0, (0,)), (5.0, 0.3, (1, 0)), None, None,
                     (3.0, pytest.approx(0.3), (2, 1, 2))]  # fmt: skip


def test_options_that_the_budget_does_not_pay_for_are_left_out() -> None:
    """0.3 + 0.2 is beyond 0.45, and 0.3 + 0.1 is not."""
    market = market_of({"a": 0.3, "b": 0.2, "c": 0.1})
    assert narrowed(market, Branch(A, B | C), 0.45) == (A, C, ())
    assert narrowed(market, Branch(A, B | C), 0.3) == (A, 0, ())
    assert narrowed(market, Branch(A, B | C), 0.2) is None


def test_a_portfolio_is_compared_with_its_largest_parts_among_those_played() -> None:
    assert _parts(0b111, [0b011, 0b110, 0b001, 0b1000]) == [0b110, 0b011]
    assert _parts(0b111, [0, 0b001, 0b100, 0b1000, 0b111]) == [0b001, 0b100]
    assert _parts(0, [0, 0b001]) == []
