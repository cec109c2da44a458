"""Regret and the value of information, against tables worked out on paper."""

from __future__ import annotations

import math

import numpy as np
import pytest
from mitigation.made_markets import market_of
from numpy.typing import ArrayLike, NDArray

from riskengine.config import load_sweep
from riskengine.mitigation.regret import _information_rows, failed_worlds
from riskengine.mitigation.worlds import AtBudget, PlayedWorlds
from riskengine.sweeps.designs import design

Floats = NDArray[np.float64]

NOTHING, FIRST, SECOND = range(3)
SEED = 3


def made(values: ArrayLike, costs: ArrayLike) -> PlayedWorlds:
    """Worlds with values by world and finalist; a single row of costs is that of every world."""
    losses = np.array(values, dtype=np.float64)
    prices = np.broadcast_to(np.array(costs, dtype=np.float64), losses.shape)
    return PlayedWorlds(
        portfolios=tuple(range(losses.shape[1])),
        numbers=tuple(range(1, len(losses) + 1)),
        values=losses,
        costs=prices,
    )


#: the first is right in two worlds of four, the second never far off
PAPER = made([[100, 20, 30], [100, 60, 30], [100, 10, 30], [100, 90, 30]], [0, 5, 5])


def test_losses_that_differ_by_rounding_alone_are_equal_and_the_cheapest_is_best() -> None:
    """0.1 + 0.2 is not 0.3; a difference of a millionth is one."""
    at = AtBudget(made([[0.3, 0.1 + 0.2], [1.000001, 1.0], [0.0, 0.0]], [3, 5]), 5.0)
    assert at.best.tolist() == [0, 1, 0]
    assert at.regret[:, 1].tolist() == [0.0, 0.0, 0.0]
    assert at.regret[1, 0] == pytest.approx(1e-6, rel=1e-6)
    other = AtBudget(made([[0.1 + 0.2, 0.3]], [3, 5]), 5.0)
    assert (other.best.tolist(), other.regret.tolist()) == ([0], [[0.0, 0.0]])


def test_worlds_without_figures_are_named_up_to_ten() -> None:
    assert failed_worlds([], 300) == []
    (ten,), (eleven,) = failed_worlds(range(1, 11), 300), failed_worlds(range(1, 12), 300)
    assert ten.message.startswith("10 of 300 worlds have no figures")
    assert ten.message.endswith("the options (1, 2, 3, 4, 5, 6, 7, 8, 9, 10).")
    assert eleven.message.endswith("9, 10 ...).")


def test_regret_is_what_the_best_would_have_saved() -> None:
    at = AtBudget(PAPER, 5.0)
    assert at.best.tolist() == [FIRST, SECOND, FIRST, SECOND]
    assert at.regret.tolist() == [[80, 0, 10], [70, 30, 0], [90, 0, 20], [70, 60, 0]]
    # Largest regrets 90, 60, 20; means 100, 45, 30.
    assert (at.minimax, at.best_on_average) == (SECOND, SECOND)
    assert [at.share_best(each) for each in range(3)] == [0.0, 0.5, 0.5]
    # 30 on average with the second; 20, 30, 10, 30 if one knew.
    assert at.perfect_information() == 7.5


def test_the_smallest_largest_regret_need_not_be_that_of_the_best_on_average() -> None:
    worlds = made([[50, 0, 20], [50, 0, 20], [50, 50, 20]], [0, 1, 1])
    at = AtBudget(worlds, 1.0)
    assert at.regret.tolist() == [[50, 0, 20], [50, 0, 20], [30, 30, 0]]
    assert (at.minimax, at.best_on_average) == (SECOND, FIRST)
    assert at.perfect_information() == pytest.approx(50 / 3 - 20 / 3)


def test_what_a_budget_does_not_pay_for_has_no_regret_and_is_not_chosen() -> None:
    at = AtBudget(PAPER, 4.0)
    assert at.best.tolist() == [NOTHING] * 4
    assert at.regret[:, NOTHING].tolist() == [0.0] * 4
    assert np.isnan(at.regret[:, 1:]).all()
    assert (at.minimax, at.best_on_average) == (NOTHING, NOTHING)
    assert at.perfect_information() == 0.0
    assert at.information(np.arange(4.0), SEED).value == 0.0


def test_a_portfolio_is_affordable_by_the_costs_of_each_world() -> None:
    costs = [[0, 5, 5], [0, 5, 9], [0, 5, 5], [0, 5, 5]]
    at = AtBudget(made(PAPER.values, costs), 5.0)
    assert at.best.tolist() == [FIRST, FIRST, FIRST, SECOND]
    # Bought in every world are only nothing and the first.
    assert at.always.tolist() == [NOTHING, FIRST]
    assert (at.minimax, at.best_on_average) == (FIRST, FIRST)
    assert math.isnan(at.regret[1, SECOND])
    # 45 on average with the first; 20, 60, 10, 30 if one knew.
    assert at.perfect_information() == 15.0


def test_of_equal_values_the_cheapest_is_best_and_no_budget_is_missed_by_rounding() -> None:
    at = AtBudget(made([[9, 7, 7]], [0, 3, 0.1 + 0.2]), 0.3)
    assert at.best.tolist() == [SECOND]
    assert AtBudget(made([[9, 7, 7]], [0, 3, 2]), 3.0).best.tolist() == [SECOND]


WORLDS = 400


def halves() -> tuple[PlayedWorlds, Floats, Floats]:
    """The first is best where an assumption is below 0.5, else the second; then noise."""
    draws = np.random.default_rng(SEED)
    decides, noise = draws.permutation((np.arange(WORLDS) + 0.5) / WORLDS), draws.random(WORLDS)
    below = decides < 0.5
    values = [np.full(WORLDS, 100.0), np.where(below, 0.0, 50.0), np.where(below, 60.0, 10.0)]
    return made(np.transpose(values), [0, 1, 1]), decides, noise


def test_an_assumption_that_decides_everything_is_worth_what_the_world_is_worth() -> None:
    worlds, decides, _ = halves()
    at = AtBudget(worlds, 1.0)
    # 25 on average with the first, 35 with the second; 0 and 10 if one knew.
    assert at.best_on_average == FIRST
    assert at.perfect_information() == 20.0
    found = at.information(decides, SEED)
    # A shuffled assumption is worth little: with 40 worlds in a bin, the mean of a bin has a
    # standard error of 55 / sqrt(40) / 2 = 8.7 around a difference of 10, so chance alone
    # gains E[(Z 8.7 x 2 / 2 - 10)+] in each bin, about 1 of 20.
    assert 17.5 < found.value < 20.0
    assert (found.switch, found.below, found.above) == (SECOND, -1, 5)


def test_noise_is_worth_nothing_but_what_chance_makes_of_it() -> None:
    worlds, _, _ = halves()
    at = AtBudget(worlds, 1.0)
    draws = np.random.default_rng(SEED)
    found = [at.information(draws.random(WORLDS), seed).value for seed in range(40)]
    # Without the shuffles taken off, every one would be about 1.
    assert sum(value == 0.0 for value in found) >= 14
    assert float(np.mean(found)) < 0.4
    assert max(found) < 2.5


def test_knowing_an_assumption_is_worth_no_more_than_knowing_the_world() -> None:
    for seed in range(20):
        draws = np.random.default_rng(seed)
        at = AtBudget(made(draws.gamma(1.0, 10.0, (60, 5)), [0, 1, 2, 3, 4]), 3.0)
        perfect = at.perfect_information()
        for _ in range(3):
            found = at.information(draws.random(60), seed)
            assert 0.0 <= found.value <= perfect


def test_only_the_order_of_an_assumption_counts() -> None:
    worlds, decides, _ = halves()
    at = AtBudget(worlds, 1.0)
    assert at.information(decides, SEED) == at.information(np.exp(9 * decides), SEED)
    constant = at.information(np.zeros(WORLDS), SEED)
    assert (constant.value, constant.switch) == (0.0, -1)


def test_an_assumption_is_worth_what_it_tells_about_its_own_worlds() -> None:
    """The loss is 20 with nothing and 100 p with the option, and p is uniform from 0.1 to 0.3.

    Both are 20 on average. In tenths of p the option loses 11, 13, 15, 17 and 19 below 0.2, so that
    knowing p saves 2.5, less what chance seems to save. World 7 has no figures.
    """
    path = "industries.automobile.uses.ndfeb-magnets.dependence"
    uniform = {"uniform": {"low": 0.1, "high": 0.3}}
    sweep = {"method": "latin-hypercube", "samples": 200, "parameters": {path: uniform}}
    drawn = design(load_sweep({"extends": "configs/minimal.toml", "sweep": sweep}).sweep)
    numbers = [number for number in range(1, 201) if number != 7]
    values = np.array([[20.0, 100.0 * drawn.setting(n - 1, 0)[0]] for n in numbers])
    played = PlayedWorlds(
        portfolios=(0, 1), numbers=tuple(numbers), values=values,
        costs=np.broadcast_to([0.0, 5.0], values.shape),
    )  # fmt: skip
    market = market_of({"option": 5.0})
    world, own = _information_rows(market, AtBudget(played, 5.0), drawn, numbers, SEED)
    # Without the 199 worlds in bins: the mean of (20 - 100 p)+ is 2.5.
    assert world.value == pytest.approx(2.5, abs=0.1)
    assert 2.0 < own.value < 2.5
    ends = [end for end in (own.switch_below, own.switch_above) if not math.isnan(end)]
    assert ends == [pytest.approx(0.2, abs=0.005)]
