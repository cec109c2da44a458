"""What is best to buy, where a formula says it: one ban of exponential duration.

A ban begins at time 0 with probability p (else the flow goes on), and lasts an exponential time of
mean m. A stock of S days costs c a day; what is short after it loses b a day. The mean loss
b p m exp(-S / m) and the cost c S together are least at S* = m ln(p b / c). TVaR at a level a is
the mean over the worst 1 - a of the trials, so that p becomes p / (1 - a) there.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from analytic.worlds import YEAR, Config, metal, mill

import riskengine
from riskengine.mitigation.tables import MitigationTables

MEAN_DAYS = 80.0  #: m
CHANCE = 0.4  #: p
TRIALS, SEED = 10_000, 11
LEVEL = 0.9
STORE = "materials.metal.stocks.store.days"
EMPTY = {"days": 0.0}


def banned(*metals: str, chances: tuple[float, ...] = (), losses: tuple[float, ...] = ()) -> Config:
    """A ban of each metal with its own dispute; a mill loses by the day what it lacks.

    A dispute is in progress at time 0 on a level that cuts nothing, which ends at once: with
    probability p in a ban.
    """
    chances = chances or (CHANCE,) * len(metals)
    losses = losses or (1.0,) * len(metals)
    config: Config = {
        "run": {"horizon_days": 1e6, "importer": "Korea", "trials": TRIALS, "seed": SEED},
        "ladder": {"ban": {"sojourn": {"exponential": {"mean": MEAN_DAYS}}, "next": ENDS}},
        "disputes": {},
        "materials": {},
        "industries": {},
    }
    for number, name in enumerate(metals):
        warning = f"warning {name}"
        chance = chances[number]
        config["ladder"][warning] = {
            "sojourn": 1e-3,
            "next": {"ban": chance, "resolved": 1.0 - chance},
        }
        config["disputes"][name] = {
            "coercer": f"coercer of {name}",
            "target": "Korea",
            "entry": {warning: 1.0},
            "active": {"level": warning},
        }
        own = metal()
        own["sources"] = {f"coercer of {name}": {"share": 1.0}}
        config["materials"][name] = own | {"alternatives": {}}
        value = {"value_added_per_year": YEAR * losses[number]}
        config["industries"][f"mill of {name}"] = mill(name) | value
    for own in config["materials"].values():
        own["cut"] = {each: float(each == "ban") for each in config["ladder"]}
    return config


ENDS = {"resolved": 1.0}


def bought(config: Config, **mitigation: Any) -> MitigationTables:
    found = riskengine.mitigate({**config, "mitigation": mitigation}, threads=1)
    return found.tables


def steps_of(price: float, high: float, step: float = 10.0, **given: Any) -> Config:
    return {
        "path": STORE, "low": 0.0, "high": high, "step": step, "cost_per_unit": price, **given
    }  # fmt: skip


def stock_of(name: str) -> float:
    """The days in the name of a portfolio of one range."""
    return 0.0 if name == "nothing" else float(name.partition("=")[2])


@pytest.mark.parametrize("measure", ["mean", pytest.param("tvar", marks=pytest.mark.exhaustive)])
def test_the_whole_frontier_of_a_stock_is_the_curve(measure: str) -> None:
    """b p m exp(-S / m), and at a level b m (p / (1 - a)) exp(-S / m) once the tail holds all."""
    ranges = {"metal": steps_of(0.1, 240.0, 20.0)}
    tables = bought(banned("metal"), measure=measure, level=LEVEL, ranges=ranges)
    assert [stock_of(row.portfolio) for row in tables.frontier] == list(np.arange(0, 241, 20))
    for row in tables.frontier:
        stock = stock_of(row.portfolio)
        assert row.cost == pytest.approx(0.1 * stock)
        reach = CHANCE * math.exp(-stock / MEAN_DAYS)  #: of any loss
        if measure == "mean":
            expected = MEAN_DAYS * reach
            spread = math.sqrt(2 * reach * MEAN_DAYS**2 - expected**2)
        elif reach <= 1.0 - LEVEL:
            expected = MEAN_DAYS * reach / (1.0 - LEVEL)
            spread = math.sqrt(2 * reach * MEAN_DAYS**2 - (MEAN_DAYS * reach) ** 2) / (1.0 - LEVEL)
        else:  # the value at risk, and m beyond it
            expected = MEAN_DAYS * (1.0 + math.log(reach / (1.0 - LEVEL)))
            beyond = 1.0 - LEVEL  # X = VaR + (loss - VaR)+ / (1 - a) has the mean TVaR
            spread = math.sqrt(2 * beyond * MEAN_DAYS**2 - (MEAN_DAYS * beyond) ** 2) / beyond
        assert abs(row.value - expected) < 4 * spread / math.sqrt(TRIALS)


@pytest.mark.parametrize(
    ("measure", "price"), [("mean", 0.1), pytest.param("tvar", 0.2, marks=pytest.mark.exhaustive)]
)
def test_the_stock_with_the_least_loss_and_cost_is_that_of_the_formula(
    measure: str, price: float
) -> None:
    """The step at which loss and cost are least neighbours S*, within its standard error.

    The next step is bought as long as it saves more than it costs. At S the saving by a day is
    (reach / (1 - a) or) reach x b, a share of trials, whose standard error is known; it moves the
    best stock by m times its relative size.
    """
    share = 1.0 if measure == "mean" else 1.0 - LEVEL
    best = MEAN_DAYS * math.log(CHANCE / (price * share))
    reach = price * share  #: of a loss beyond S*
    error = MEAN_DAYS * math.sqrt((1.0 - reach) / reach / TRIALS)
    step = 10.0
    around = step * round(best / step)
    ranges = {"metal": steps_of(price, around + 60.0, step, low=around - 50.0)}
    tables = bought(banned("metal"), measure=measure, level=LEVEL, ranges=ranges)
    least = min(tables.frontier, key=lambda row: row.in_sample + row.cost)
    assert abs(stock_of(least.portfolio) - best) < step + 4 * error
    # With the chance of a ban left out of the formula it would be far off.
    assert abs(best - MEAN_DAYS * math.log(1.0 / (price * share))) > 1.5 * (step + 4 * error)


@pytest.mark.exhaustive
def test_a_budget_is_poured_into_independent_stocks_like_water() -> None:
    """S_i = m [ln(p_i b_i / (lambda c_i))]+: the last cent saves as much in each, or buys none."""
    names = ("first", "second", "third")
    chances, losses, prices = (0.5, 0.3, 0.1), (1.0, 2.0, 0.5), (0.1, 0.1, 0.4)
    step = 20.0
    ranges = {
        name: steps_of(price, 240.0, step, path=f"materials.{name}.stocks.store.days")
        for name, price in zip(names, prices, strict=True)
    }
    rate = 0.6  #: lambda: what the last cent saves
    levels = [p * b / (rate * c) for p, b, c in zip(chances, losses, prices, strict=True)]
    expected = [MEAN_DAYS * max(0.0, math.log(each)) for each in levels]
    assert expected[2] == 0.0 < min(expected[:2])
    budget = sum(c * s for c, s in zip(prices, expected, strict=True))
    config = banned(*names, chances=chances, losses=losses)
    tables = bought(config, measure="mean", budgets=[budget], ranges=ranges)
    found = dict.fromkeys(names, 0.0)
    for each in tables.frontier[0].portfolio.split(" + "):
        found[each.partition("=")[0]] = stock_of(each)
    for p, name, stock in zip(chances, names, expected, strict=True):
        reach = p * math.exp(-stock / MEAN_DAYS)
        error = MEAN_DAYS * math.sqrt((1.0 - reach) / reach / TRIALS) if stock else 0.0
        assert abs(found[name] - stock) < step + 4 * error, name


def complements(duration: float) -> Config:
    """Two metals of one mill that stops without either, under one ban."""
    config = banned("metal")
    config["materials"]["other"] = metal() | {
        "sources": config["materials"]["metal"]["sources"],
        "cut": config["materials"]["metal"]["cut"],
    }
    config["industries"] = {"mill": mill("metal", "other") | {"combine": "bottleneck"}}
    config["correlation"] = {"duration": duration, "escalation": 1.0}
    return config


def test_either_of_two_complements_alone_is_worth_nothing() -> None:
    days = 60.0
    options = {
        name: {"set": {f"materials.{name}.stocks.store.days": days}, "cost": 1.0}
        for name in ("metal", "other")
    }
    tables = bought(complements(1.0), measure="mean", budgets=[1, 2], options=options)
    ends = [(row.first_in_lower, row.first_in, row.first_in_upper) for row in tables.options]
    # Sums of as much in a different order differ in the last bits.
    assert np.abs(ends).max() < 1e-12
    assert not any(row.changes for row in tables.options)
    assert [row.portfolio for row in tables.frontier] == ["nothing", "metal + other"]
    saved = CHANCE * MEAN_DAYS * (1.0 - math.exp(-days / MEAN_DAYS))
    # What is saved in a trial is the smaller of the ban and the stock: at most `days`.
    margin = 4 * days * math.sqrt(CHANCE / TRIALS)
    (pair,) = tables.interactions
    assert abs(pair.synergy - saved) < margin
    assert [row.last_in for row in tables.options] == pytest.approx([-pair.synergy] * 2, rel=1e-12)


def test_a_break_even_cost_is_the_mean_of_a_year_once_for_each_year_discounted() -> None:
    """Half of the mean over 730 days belongs to a year: 0.5 (1 / 1.25 + 1 / 1.25^2)."""
    config = banned("metal")
    config["run"] |= {"horizon_days": 730.0, "trials": 200}
    options = {"stock": {"set": {STORE: 30.0}, "cost": 1.0}}
    tables = bought(config, measure="mean", years=2, discount_rate=0.25, options=options)
    (row,) = tables.options
    assert row.first_in_mean < 0.0
    assert row.break_even == pytest.approx(-0.5 * (0.8 + 0.64) * row.first_in_mean, rel=1e-12)


@pytest.mark.parametrize("days", [0.0, 40.0])
def test_a_plant_lets_a_stock_last_longer(days: float) -> None:
    """With a plant of share q, a stock S lasts S / (1 - q): b (1 - q) p m exp(-S / ((1 - q) m))."""
    share = 0.6
    plant = {"capacity": share, "lead_time": 0, "probability": 1.0}
    options = {
        "plant": {"set": {"materials.metal.alternatives.plant": plant}, "cost": 1.0},
        "stock": {"set": {STORE: days}, "cost": 1.0},
    }
    tables = bought(banned("metal"), measure="mean", budgets=[1, 2], options=options)
    known = {row.portfolio: row.mean for row in tables.portfolios}
    for name, left, held in (
        ("nothing", 1.0, 0.0),
        ("plant", 1.0 - share, 0.0),
        ("stock", 1.0, days),
        ("plant + stock", 1.0 - share, days),
    ):
        reach = CHANCE * math.exp(-held / (left * MEAN_DAYS))
        expected = left * MEAN_DAYS * reach
        spread = math.sqrt(2 * reach * (left * MEAN_DAYS) ** 2 - expected**2)
        assert abs(known[name] - expected) < 4 * spread / math.sqrt(TRIALS), name
