"""Firms that differ: classes of equal size, each with its own inventory."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from analytic.worlds import Config, assert_mean, one_dispute, play
from conftest import made_use

from riskengine.config import load
from riskengine.errors import ConfigFault
from riskengine.model.distributions import Distribution
from riskengine.model.flat.demand import inventories
from riskengine.model.scenario import SpreadInventory
from riskengine.play.simulate import simulate

MEAN = 100.0
LONGEST = 150.0
EXPONENTIAL = {"exponential": {"mean": MEAN}}
UNIFORM = {"uniform": {"low": 0, "high": LONGEST}}


def _spread(inventory: Any) -> Config:
    """Nothing is left for a time with the mean `MEAN`, and firms have but their own inventories."""
    config = one_dispute(EXPONENTIAL, stock_days=0.0)
    config["industries"]["mill"]["uses"]["metal"]["inventory_days"] = inventory
    return config


def _middles(classes: int) -> list[float]:
    return [LONGEST * (2 * j + 1) / (2 * classes) for j in range(classes)]


def test_each_class_of_firms_stops_when_its_own_inventory_is_empty() -> None:
    losses = play(_spread({"across": UNIFORM, "classes": 4}), seed=551)
    lasts = _middles(4)
    expected = np.mean([MEAN * math.exp(-days / MEAN) for days in lasts])
    wrong = {"all have the mean": MEAN * math.exp(-0.5 * LONGEST / MEAN)}
    assert_mean(losses.output[:, 0], float(expected), within=0.03, wrong=wrong)
    first, last = MEAN * math.exp(-lasts[0] / MEAN), MEAN * math.exp(-lasts[-1] / MEAN)
    assert_mean(losses.loss_days[:, 0], first, within=0.03, wrong={"the last": last})
    assert_mean(losses.stopped_days[:, 0], last, within=0.05, wrong={"the first": first})


@pytest.mark.costly
def test_many_classes_of_a_uniform_spread_integrate_to_the_known_area() -> None:
    losses = play(_spread({"across": UNIFORM, "classes": 100}), seed=552)
    area = MEAN**2 / LONGEST * (1.0 - math.exp(-LONGEST / MEAN))
    assert_mean(losses.output[:, 0], area, within=0.03)


def test_the_line_that_stops_is_that_of_a_firm() -> None:
    config = _spread({"across": UNIFORM, "classes": 4})
    config["industries"]["mill"]["uses"]["metal"]["dependence"] = 0.5
    config["industries"]["mill"]["min_operating_rate"] = 0.6
    losses = play(config, seed=553)
    expected = float(np.mean([MEAN * math.exp(-days / MEAN) for days in _middles(4)]))
    assert_mean(losses.output[:, 0], expected, within=0.03, wrong={"no line stops": expected / 2})


@pytest.mark.costly
def test_the_same_firms_are_short_of_all_that_they_use() -> None:
    config = _spread({"across": UNIFORM, "classes": 4})
    config["correlation"] = {"coverage": 1, "duration": 1, "escalation": 1}
    config["materials"]["wire"] = config["materials"]["metal"]
    uses = config["industries"]["mill"]["uses"]
    uses["wire"] = {**uses["metal"], "inventory_days": {"across": UNIFORM, "classes": 4}}
    config["industries"]["mill"]["combine"] = "independent"
    uses["metal"]["dependence"] = uses["wire"]["dependence"] = 0.5
    expected = float(np.mean([0.75 * MEAN * math.exp(-days / MEAN) for days in _middles(4)]))
    losses = play(config, seed=554)
    assert_mean(losses.output[:, 0], expected, within=0.03)
    assert losses.material_loss.sum(axis=1) == pytest.approx(losses.total, rel=1e-12)


def test_one_class_is_a_plain_number_to_the_bit() -> None:
    plain, spread = _spread(40.0), _spread({"across": 40, "classes": 1})
    own = simulate(load(plain), trials=500, threads=1).total
    assert (simulate(load(spread), trials=500, threads=1).total == own).all()
    several = simulate(load(_spread({"across": 40})), trials=500, threads=1).total
    assert several == pytest.approx(own, rel=1e-13)
    assert own.max() > 0.0


def test_a_middle_on_a_step_of_the_spread_belongs_to_the_value_below() -> None:
    across = Distribution(family="empirical", values=(0.0, 30.0, 90.0), weights=(0.3, 0.4, 0.3))
    use = made_use(inventory_days=SpreadInventory(across=across, classes=5))
    # F is 0.3, 0.7 and 1 there; the middles are 0.1, 0.3, 0.5, 0.7 and 0.9.
    assert inventories(use, 5) == [0.0, 0.0, 30.0, 30.0, 90.0]
    thirds = Distribution(family="empirical", values=(1.0, 2.0, 3.0), weights=(1 / 3,) * 3)
    use = made_use(inventory_days=SpreadInventory(across=thirds, classes=3))
    assert inventories(use, 3) == [1.0, 2.0, 3.0]


def test_an_industry_has_one_number_of_classes() -> None:
    config = _spread({"across": UNIFORM, "classes": 4})
    config["materials"]["wire"] = config["materials"]["metal"]
    uses = config["industries"]["mill"]["uses"]
    uses["wire"] = {**uses["metal"], "inventory_days": {"across": UNIFORM}}
    with pytest.raises(ConfigFault) as error:
        load(config)
    (fault,) = error.value.faults
    assert fault.path == ("industries", "mill", "uses", "wire", "inventory_days", "classes")
    assert fault.found == 'is 5, and that of "metal" is 4'
    uses["wire"]["inventory_days"] = 20
    assert load(config).industries["mill"].classes == 4
