"""The engine against the plain-Python simulator, on the same uniforms.

The two share no code but the uniforms. 240 random configs, four trials each, use every mechanism
of the model; each figure of each trial agrees to 1e-9.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import NamedTuple

import pytest
import reference
from kernel_draws import uniforms
from random_configs import random_config

from riskengine.config import load
from riskengine.model.losses import Losses
from riskengine.simulation import simulate

CONFIGS = 240
TRIALS = 4

BY_INDUSTRY = (
    "industry_loss",
    "output",
    "rerouting",
    "price",
    "indirect",
    "loss_days",
    "stopped_days",
    "first_loss_day",
)
BY_MATERIAL = ("material_loss", "cut_days", "shortage_days", "deepest_level")

FAMILIES = (
    "exponential lognormal weibull gamma loglogistic pareto uniform triangular pert beta empirical"
)
MECHANISMS = {
    "active",
    "alternative-failed",
    "alternative-used",
    "bottleneck-tie",
    "boycott-alternative",
    "boycott-source",
    "coverage-missed",
    "elapsed",
    "forced-coverage",
    "horizon-cut",
    "independent",
    "indirect",
    "inventory-depleted",
    "inventory-used",
    "ladder-override",
    "price",
    "price-cap",
    "priority",
    "priority-tie",
    "ramp",
    "recapture",
    "refill-inventory",
    "refill-stock",
    "release-cap",
    "renewal",
    "rerouting-cost",
    "severity-drawn",
    "solo-dispute",
    "stock-depleted",
    "stock-lag",
    "stock-used",
    "stopped",
    "substitution",
    "trigger-fired",
    "trigger-loop",
    "trigger-while-busy",
    "truncated",
    "two-disputes-one-material",
    "two-spells",
    "unused-demand-first",
    *(f"correlation:{d}" for d in ("coverage", "duration", "escalation", "severity", "rerouting")),
    *(f"family:{family}" for family in FAMILIES.split()),
}


class Comparison(NamedTuple):
    differences: list[str]
    mechanisms: Counter[str]


def _figures(trial: reference.Trial, losses: Losses, row: int) -> list[tuple[str, float, float]]:
    """(what, reference, engine) of everything a trial yields."""
    scenario = losses.scenario
    found = [
        ("total", trial.total, losses.total[row]),
        ("largest spell", trial.largest_spell, losses.largest_spell[row]),
    ]
    for names, fields in ((scenario.industries, BY_INDUSTRY), (scenario.materials, BY_MATERIAL)):
        for field in fields:
            engine = getattr(losses, field)[row]
            expected = getattr(trial, field)
            found += [(f"{field} of {n}", expected[n], engine[j]) for j, n in enumerate(names)]
    found += [
        (f"episodes of {name}", trial.episodes[name], losses.episodes[row, j])
        for j, name in enumerate(scenario.disputes)
    ]
    return [(what, math.nan if a is None else a, b) for what, a, b in found]


def _agree(expected: float, engine: float) -> bool:
    if math.isnan(expected) or math.isnan(engine):
        return math.isnan(expected) and math.isnan(engine)
    return math.isclose(expected, engine, rel_tol=1e-9, abs_tol=1e-9)


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    differences = []
    mechanisms: Counter[str] = Counter()
    for number in range(CONFIGS):
        config = random_config(number)
        losses = simulate(load(config), trials=TRIALS, seed=number, threads=1)
        for row in range(TRIALS):
            trial = reference.simulate_trial(config, uniforms(number, row))
            mechanisms.update(trial.mechanisms)
            differences += [
                f"config {number}, trial {row}: {what}: reference {expected!r}, engine {engine!r}"
                for what, expected, engine in _figures(trial, losses, row)
                if not _agree(expected, engine)
            ]
    return Comparison(differences, mechanisms)


def test_every_figure_of_every_trial_agrees_with_the_reference(comparison: Comparison) -> None:
    assert not comparison.differences, "\n".join(comparison.differences[:20])


def test_the_random_configs_use_every_mechanism_many_times(comparison: Comparison) -> None:
    times = {name: comparison.mechanisms[name] for name in MECHANISMS}
    rare = {name: count for name, count in times.items() if count < 10}
    assert rare == {}
