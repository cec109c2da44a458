"""Present values against hand tables; portfolios against trying every subset."""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction
from typing import Any

import pytest

from riskengine.mitigation.search.enumeration import count_feasible, feasible_portfolios
from riskengine.mitigation.search.market import bits, build_market
from riskengine.model.mitigation import (
    Cost,
    Mitigation,
    Option,
    Rules,
    cheapest_portfolio,
    cost_of,
    is_affordable,
)
from riskengine.model.notices import mitigation_notices

# upfront, yearly, recovered, years, rate; year by year on paper
PRESENT_VALUES = [
    (100.0, 0.0, 0.0, 1, 0.0, 100.0),
    (0.0, 10.0, 0.0, 3, 0.0, 30.0),
    (0.0, 10.0, 0.0, 1, 0.25, 8.0),
    (0.0, 10.0, 0.0, 2, 0.25, 8.0 + 6.4),
    (100.0, 0.0, 50.0, 2, 0.25, 100.0 - 32.0),
    (100.0, 10.0, 50.0, 2, 0.25, 100.0 + 14.4 - 32.0),
    (1.0, 1.0, 1.0, 1, 1.0, 1.0 + 0.5 - 0.5),
    (81.9, 5.4, 70.0, 2, 0.0, 22.7),
    (5.0, 2.0, 5.0, 3, 1.0, 5.0 + 1.0 + 0.5 + 0.25 - 0.625),
]


@pytest.mark.parametrize(
    ("upfront", "yearly", "recovered", "years", "rate", "value"), PRESENT_VALUES
)
def test_a_present_value_is_that_of_the_table_on_paper(
    upfront: float, yearly: float, recovered: float, years: int, rate: float, value: float
) -> None:
    cost = Cost(upfront=upfront, yearly=yearly, recovered=recovered)
    assert cost.present_value(years, rate) == pytest.approx(value, rel=1e-14)


def test_a_present_value_is_the_exact_sum() -> None:
    """Ten years at 3 %, added up in fractions."""
    growth = 1 + Fraction(3, 100)
    exact = 819 / Fraction(10) - 70 / growth**10
    exact += sum(Fraction(54, 10) / growth**year for year in range(1, 11))
    found = Cost(upfront=81.9, yearly=5.4, recovered=70.0).present_value(10, 0.03)
    assert found == pytest.approx(float(exact), rel=1e-14)


def test_very_many_years_at_the_highest_rate_are_counted() -> None:
    found = Cost(upfront=1.0, yearly=1.0, recovered=1.0).present_value(10_000, 1.0)
    assert found == 2.0  # 1 + 1/2 + 1/4 + ... and nothing of what is recovered


def test_what_is_left_out_of_a_cost_is_nothing() -> None:
    assert Cost().present_value(3, 0.1) == 0.0
    assert Cost(yearly=2.0).present_value(2, 0.0) == 4.0


def test_so_many_units_cost_so_many_times_as_much() -> None:
    assert Cost(upfront=2.0, yearly=3.0, recovered=1.0).scaled(1.5) == Cost(
        upfront=3.0, yearly=4.5, recovered=1.5
    )


def option(name: str, cost: float = 1.0, **more: Any) -> Option:
    return Option(name=name, cost=Cost(upfront=cost), present_value=cost, **more)


def mitigation(*options: Option, budgets: tuple[float, ...] | None = None) -> Mitigation:
    return Mitigation(
        measure="tvar",
        level=0.99,
        budgets=budgets,
        years=10,
        discount_rate=0.0,
        limits=(),
        options=options,
    )


def drawn(seed: int) -> Mitigation:
    """Options with groups, excludes and requires that have no circle, some of them fixed."""
    rng = random.Random(seed)
    names = [f"o{n}" for n in range(rng.randint(1, 8))]
    options = []
    for number, name in enumerate(names):
        before, others = names[:number], [other for other in names if other != name]
        options.append(
            option(
                name,
                float(rng.randint(0, 5)),
                group=rng.choice([None, None, "a", "b"]),
                excludes=tuple(other for other in others if rng.random() < 0.1),
                requires=tuple(other for other in before if rng.random() < 0.2),
                fixed=rng.random() < 0.15,
            )
        )
    rng.shuffle(options)
    config = mitigation(*options)
    fixed = {n for n, each in enumerate(options) if each.fixed}
    return config if keeps_all(fixed, config) else drawn(seed + 1_000)


def keeps_all(held: set[int], config: Mitigation) -> bool:
    """Whether options may stand together, said again in plain words."""
    options = config.options
    names = {options[n].name for n in held}
    for first, second in itertools.permutations(held, 2):
        if options[first].group is not None and options[first].group == options[second].group:
            return False
        if options[second].name in options[first].excludes:
            return False
    return all(set(options[n].requires) <= names for n in held)


def feasible(config: Mitigation, budget: float | None = None) -> list[tuple[int, ...]]:
    """All that the search lists, as positions of options."""
    found = feasible_portfolios(build_market(config), budget)
    assert found is not None
    return [tuple(config.free[bit] for bit in bits(each)) for each in found]


@pytest.mark.parametrize("seed", range(200))
def test_the_feasible_portfolios_are_those_of_all_subsets(seed: int) -> None:
    config = drawn(seed)
    fixed = {n for n, each in enumerate(config.options) if each.fixed}
    budget = 7.0
    expected = {
        subset
        for size in range(len(config.free) + 1)
        for subset in itertools.combinations(config.free, size)
        if keeps_all({*subset, *fixed}, config)
        and sum(config.options[n].present_value for n in subset) <= budget
    }
    found = feasible(config, budget)
    assert len(found) == len(set(found))
    assert set(found) == expected
    assert found[0] == ()


def test_portfolios_are_counted_up_to_a_limit() -> None:
    market = build_market(mitigation(*(option(f"o{n}") for n in range(5))))
    assert count_feasible(market, most=32) == 32
    assert count_feasible(market, most=31) is None
    assert count_feasible(market, most=9) is None
    assert count_feasible(market, 1.0) == 6


def test_very_many_options_are_counted_without_trying_all_subsets() -> None:
    steps = [option(f"a={n}", group="a") for n in range(500)]
    steps += [option(f"b={n}", group="b") for n in range(100)]
    assert count_feasible(build_market(mitigation(*steps))) == 501 * 101


def test_a_portfolio_costs_the_sum_in_the_order_of_the_config() -> None:
    costs = (0.1, 0.2, 0.3)
    assert cost_of((2, 1, 0), costs) == (0.1 + 0.2) + 0.3
    assert cost_of((2, 1, 0), costs) != 0.1 + (0.2 + 0.3)
    assert cost_of((), costs) == 0.0


def test_a_rounding_error_above_the_budget_is_affordable() -> None:
    assert is_affordable(0.1 + 0.2, 0.3)
    assert is_affordable(100.0, 100.0)
    assert is_affordable(100.0 * (1.0 + 0.9e-12), 100.0)
    assert not is_affordable(100.0 * (1.0 + 1.1e-12), 100.0)
    assert is_affordable(0.0, 0.0)
    assert not is_affordable(1e-300, 0.0)


def test_what_is_fixed_costs_nothing_and_rules_out_its_group() -> None:
    config = mitigation(
        option("a", 5.0, fixed=True, group="g"),
        option("b", 2.0, group="g"),
        option("c", 3.0, requires=("a",)),
        option("d", 4.0, requires=("b",)),
    )
    assert config.costs == (0.0, 2.0, 3.0, 4.0)
    assert feasible(config) == [(), (2,)]
    (notice,) = mitigation_notices(config, "EUR")
    assert notice.code == "option-never-chosen"
    assert "b, d" in notice.message


def test_the_cheapest_portfolio_has_what_its_option_requires() -> None:
    config = mitigation(
        option("a", 1.0, requires=("b",)), option("b", 6.0, requires=("c",)), option("c", 5.0)
    )
    assert Rules(config).needs[0] == {1, 2}
    assert cheapest_portfolio(Rules(config), config.costs) == 5.0
    alone = mitigation(option("a", 1.0, requires=("b",)), option("b", 6.0))
    assert cheapest_portfolio(Rules(alone), alone.costs) == 6.0
    assert cheapest_portfolio(Rules(mitigation()), ()) == math.inf


def test_budgets_that_buy_nothing_are_noticed() -> None:
    config = mitigation(option("a", 4.0), option("b", 3.0), budgets=(1.0, 2.5, 3.0, 8.0))
    (notice,) = mitigation_notices(config, "EUR million")
    assert notice.code == "budget-below-options"
    assert "costs 3 (EUR million): 1, 2.5." in notice.message
    assert mitigation_notices(mitigation(option("a", 4.0), budgets=(4.0,)), "EUR") == []


def test_a_portfolio_is_named_after_its_options() -> None:
    config = mitigation(option("a"), option("b"), option("c", fixed=True))
    assert config.name_of(()) == "nothing"
    assert config.name_of((0, 1)) == "a + b"
    assert config.free == (0, 1)
    assert config.places == {"a": 0, "b": 1, "c": 2}


def test_one_exclusion_or_a_common_group_keeps_two_options_apart() -> None:
    plain = option("a")
    assert not plain.rules_out(option("b"))
    assert plain.rules_out(option("b", excludes=("a",)))
    assert option("b", excludes=("a",)).rules_out(plain)
    assert option("a", group="g").rules_out(option("b", group="g"))
    assert not option("a", group="g").rules_out(option("b", group="h"))


def test_the_paths_of_an_option_are_those_that_it_sets_and_adds_to() -> None:
    changed = option("a", sets=((("x", "y"), 1),), adds=((("z",), 2.0),))
    assert changed.paths == (("x", "y"), ("z",))
