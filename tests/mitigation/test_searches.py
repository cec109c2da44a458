"""Enumeration, choice, and branch and bound against looking at every subset."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest
from mitigation.made_markets import (
    made_market,
    made_values,
    mask,
    obvious_best,
    obvious_cost,
    obvious_feasible,
)

from riskengine.mitigation.search import branching
from riskengine.mitigation.search.branching import search
from riskengine.mitigation.search.choosing import Choices
from riskengine.mitigation.search.enumeration import count_feasible, feasible_portfolios
from riskengine.mitigation.search.limits import Limit
from riskengine.mitigation.search.market import bits

BUDGETS = [0.0, 0.5, 1.1, 2.0, 4.0]
SEEDS = range(220)


@pytest.mark.exhaustive
@pytest.mark.parametrize("part", range(4))
def test_branch_and_bound_enumeration_and_looking_at_every_subset_agree(part: int) -> None:
    for seed in SEEDS[part::4]:
        options = 4 + seed % 5
        market = made_market(seed, options, tangled=seed % 5 > 0)
        values = made_values(seed, options, measure=("mean", "tvar", "var")[seed % 3])
        feasible = feasible_portfolios(market)
        assert feasible == [mask(subset) for subset in obvious_feasible(market)]
        assert count_feasible(market) == len(feasible)
        assert feasible_portfolios(market, most=len(feasible) - 1) is None
        choices = Choices(market, feasible, values.of(feasible))
        searched = search(market, values, BUDGETS, batch=(1, 7, 256)[seed % 3])
        last = float("inf")
        for budget, found in zip(BUDGETS, searched, strict=True):
            ranked = obvious_best(market, values, budget)
            chosen = choices.at(budget)
            assert chosen is not None
            assert found.choice is not None
            assert tuple(bits(chosen.portfolio)) == ranked[0][3]
            assert found.choice.portfolio == chosen.portfolio
            assert (chosen.value, chosen.cost) == ranked[0][:2]
            assert found.is_proven
            assert (found.gap, found.bound) == (0.0, chosen.value)
            assert chosen.value <= last
            last = chosen.value


@pytest.mark.costly
def test_the_tree_alone_finds_the_best_without_a_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    """A good guess hides what a tree leaves out by mistake."""
    monkeypatch.setattr(branching, "guess", lambda *_: None)
    for seed in range(60):
        options = 4 + seed % 4
        market = made_market(seed, options, tangled=seed % 3 > 0)
        values = made_values(seed, options, measure=("mean", "tvar", "var")[seed % 3])
        found = search(market, values, BUDGETS, batch=(1, 7, 256)[seed % 3])
        for budget, each in zip(BUDGETS, found, strict=True):
            best = obvious_best(market, values, budget)[0]
            assert each.choice is not None
            assert (each.choice.value, tuple(bits(each.choice.portfolio))) == (best[0], best[3])
            assert each.is_proven


def _time_of(questions: int) -> Callable[[], bool]:
    """A clock that says yes after so many questions."""
    asked = count()
    return lambda: next(asked) >= questions


@pytest.mark.costly
def test_a_time_limit_leaves_a_bound_below_the_best() -> None:
    for seed in range(30):
        market, values = made_market(seed, 9), made_values(seed, 9)
        for patience in (0, 3, 12):
            (found,) = search(market, values, [1.5], is_time_up=_time_of(patience), batch=4)
            best = obvious_best(market, values, 1.5)[0][0]
            assert found.choice is not None
            assert found.bound <= best <= found.choice.value
            assert obvious_cost(market, tuple(bits(found.choice.portfolio))) <= 1.5 * (1 + 1e-12)
            assert found.is_proven == (found.gap == 0.0)


def test_twenty_options_are_proven_with_few_thousand_values() -> None:
    market, values = made_market(1, 20, tangled=False), made_values(1, 20, measure="tvar")
    (found,) = search(market, values, [0.4 * sum(market.costs)])
    assert found.is_proven
    assert values.played < 4_000


def test_with_a_limit_the_best_that_keeps_it_is_found_or_that_none_does() -> None:
    budgets = [0.5, 1.5, 3.0]
    for seed in range(20):
        options = 5 + seed % 3
        market, values = made_market(seed, options), made_values(seed, options)
        other = made_values(seed + 500, options)
        limit = Limit(words="mean", most=other.value(0) * 0.5, measured=other.of)
        for budget, found in zip(
            budgets, search(market, values, budgets, keeps=limit.keeps), strict=True
        ):
            keeping = [
                each[3]
                for each in obvious_best(
                    market,
                    values,
                    budget,
                    lambda held: other.value(held) <= limit.most,  # noqa: B023
                )
            ]
            chosen = [] if found.choice is None else [tuple(bits(found.choice.portfolio))]
            assert chosen == keeping[:1]
            assert found.is_proven
