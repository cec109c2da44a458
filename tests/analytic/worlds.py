"""The smallest worlds in which the engine has a closed form, and how a mean is held against it.

Every statistic is made a mean (a probability is the mean of an indicator, a variance the mean of
squared deviations from the true mean, a quantile the share of trials below the true quantile), so
that one rule serves all: within 4 standard errors at a fixed seed, and with so many trials that
each wrong formula that is named would be off by 8 of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from riskengine.config import load
from riskengine.model.losses import Losses
from riskengine.play.simulate import simulate

Config = dict[str, Any]

TRIALS = 200_000
FAR = 1e6  # days; a horizon that no path lasts to, and there is no time grid that it could burden
YEAR = 365.0  # days, so that a value added of 365 a year is 1 a day


def one_dispute(sojourn: Any, *, horizon_days: float = FAR, stock_days: Any = 0.0) -> Config:
    """A dispute in progress at time 0 cuts all of one metal; without it a mill loses 1 a day."""
    return {
        "run": {"horizon_days": horizon_days, "importer": "Korea"},
        "ladder": {"ban": {"sojourn": sojourn, "next": {"resolved": 1.0}}},
        "disputes": {
            "quarrel": {
                "coercer": "China",
                "target": "Korea",
                "entry": {"ban": 1.0},
                "active": {"level": "ban"},
            }
        },
        "materials": {"metal": metal(stock_days)},
        "industries": {"mill": mill("metal")},
    }


def warned(config: Config, days: float) -> Config:
    """The same dispute, with a level that cuts nothing for some days before the ban."""
    config["ladder"] = {"warning": {"sojourn": days, "next": {"ban": 1.0}}, **config["ladder"]}
    config["disputes"]["quarrel"] |= {"entry": {"warning": 1.0}, "active": {"level": "warning"}}
    return config


def recurring(sojourn: Any, *, rate_per_year: float, horizon_days: float) -> Config:
    """The same dispute, calm at time 0, with new episodes at a rate."""
    config = one_dispute(sojourn, horizon_days=horizon_days)
    del config["disputes"]["quarrel"]["active"]
    config["disputes"]["quarrel"]["rate_per_year"] = rate_per_year
    return config


def two_metals(*, first: Config, second: Config, correlation: Config | None = None) -> Config:
    """The one dispute cuts two metals, each with a mill of its own."""
    config = one_dispute({"exponential": {"mean": 100.0}})
    config["materials"] = {"first": metal() | first, "second": metal() | second}
    config["industries"] = {"first": mill("first"), "second": mill("second")}
    config["correlation"] = correlation or {}
    return config


def metal(stock_days: Any = 0.0) -> Config:
    return {
        "cut": {"ban": 1.0},
        "sources": {"China": {"share": 1.0}},
        "stocks": {"store": {"days": stock_days}},
    }


def mill(*materials: str) -> Config:
    use = {"share": 1.0, "dependence": 1.0}
    return {"value_added_per_year": YEAR, "uses": {name: dict(use) for name in materials}}


def play(config: Config, *, seed: int, trials: int = TRIALS) -> Losses:
    return simulate(load(config), trials=trials, seed=seed)


def assert_mean(
    values: ArrayLike,
    expected: float,
    *,
    within: float,
    wrong: Mapping[str, float] | None = None,
) -> None:
    """The values have this mean, to 4 standard errors that are small against it.

    Parameters
    ----------
    values : array_like, (n,) of float64
    expected : float
        The closed form.
    within : float
        The share of `expected` that 4 standard errors must stay below.
    wrong : mapping of str to float, optional
        What the closed form would be after an error in the engine; each must be 8 standard errors
        away, so that the error is caught with a probability of 0.9999.
    """
    values = np.asarray(values, dtype=np.float64)
    error = float(values.std(ddof=1)) / math.sqrt(values.size)
    _assert_near(float(values.mean()), expected, error, within, wrong or {})


def assert_chance(
    hits: ArrayLike,
    expected: float,
    *,
    within: float,
    wrong: Mapping[str, float] | None = None,
) -> None:
    """The same for a probability, with the standard error of the true one."""
    hits = np.asarray(hits, dtype=bool)
    error = math.sqrt(expected * (1.0 - expected) / hits.size)
    _assert_near(float(hits.mean()), expected, error, within, wrong or {})


def _assert_near(
    found: float, expected: float, error: float, within: float, wrong: Mapping[str, float]
) -> None:
    z = (found - expected) / error
    assert abs(z) < 4.0, f"found {found:.8g}, expected {expected:.8g}: z = {z:.1f}"
    assert 4.0 * error < within * abs(expected), (
        f"too few trials: 4 standard errors are {4.0 * error / abs(expected):.2%} of the mean"
    )
    for name, value in wrong.items():
        distance = abs(value - expected) / error
        assert distance > 8.0, f"{name}: {value:.8g} is only {distance:.1f} standard errors away"
