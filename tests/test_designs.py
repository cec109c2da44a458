"""Runs that are no plain sample: their figures have no bias, and their intervals hold the truth."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from analytic.worlds import YEAR, Config, recurring, two_metals

from riskengine.config import load
from riskengine.figures.designed import design_of
from riskengine.measures.estimate import Estimate
from riskengine.measures.weighted import WeightedSample
from riskengine.model.losses import Losses
from riskengine.model.scenario import Scenario
from riskengine.play.simulate import simulate

SEEDS = 48
TRIALS = 1024
DESIGNS: dict[str, dict[str, Any]] = {
    "sobol": {"sampling": "sobol"},
    "given_onset": {"given_onset": True},
    "tilt": {"tilt": 0.7},
    "all": {"sampling": "sobol", "given_onset": True, "tilt": 0.7},
}


def two_importers() -> Config:
    """China may cut off Korea and Japan; materials of an episode have much in common."""
    config: Config = {
        "run": {"horizon_days": 500.0, "importer": "Korea"},
        "ladder": {
            "slow": {
                "sojourn": {"lognormal": {"median": 60, "p90": 200}},
                "next": {"ban": 0.4, "resolved": 0.6},
            },
            "ban": {
                "sojourn": {"weibull": {"shape": 0.9, "scale": 90}},
                "next": {"slow": 0.5, "resolved": 0.5},
            },
        },
        "disputes": {},
        "triggers": {
            "spillover": {
                "when": "Japan",
                "reaches": "ban",
                "starts": "Korea",
                "probability": 0.4,
                "lag": {"exponential": {"mean": 45}},
            }
        },
        "materials": {},
        "industries": {},
        "correlation": {
            "coverage": 0.3,
            "duration": 0.6,
            "escalation": 0.7,
            "severity": 0.5,
            "rerouting": 1,
        },
    }
    for importer, rate in (("Korea", 0.1), ("Japan", 0.2)):
        config["disputes"][importer] = {
            "coercer": "China",
            "target": importer,
            "rate_per_year": rate,
            "entry": {"slow": 0.7, "ban": 0.3},
        }
        for metal in ("gallium", "tungsten", "magnets"):
            config["materials"][f"{metal} {importer}"] = {
                "importer": importer,
                "coverage": 0.7,
                "cut": {"slow": 0.3, "ban": {"beta": {"mean": 0.8, "sd": 0.1}}},
                "sources": {"China": {"share": 0.8}},
                "stocks": {"own": {"days": {"uniform": {"low": 10, "high": 40}}}},
                "alternatives": {
                    "other": {
                        "capacity": 0.3,
                        "probability": 0.6,
                        "lead_time": {"exponential": {"mean": 100}},
                    }
                },
            }
            config["industries"][f"{metal} users {importer}"] = {
                "value_added_per_year": 1000.0,
                "uses": {f"{metal} {importer}": {"share": 0.9, "dependence": 0.8}},
            }
    return config


def one_importer() -> Config:
    """The same with one material, as in configs/minimal.toml: shared scores are all there is."""
    config = two_importers()
    del config["disputes"]["Japan"], config["triggers"]
    for kind in ("materials", "industries"):
        first = next(iter(config[kind]))
        config[kind] = {first: config[kind][first]}
    return config


WORLDS = {"one importer": one_importer, "two importers": two_importers}


def figures(losses: Losses, far: float) -> np.ndarray:
    """Means that are without bias in every design: loss, any loss, a loss beyond, the excess."""
    weight = np.ones(losses.trials) if losses.weight is None else losses.weight
    total = losses.total
    series = (total, total > 0.0, total > far, np.maximum(total - far, 0.0))
    return np.array([np.mean(weight * values) for values in series])


@cache
def plain(world: str) -> tuple[float, np.ndarray, np.ndarray]:
    """A loss far out, and the figures of many plain trials with their standard errors."""
    scenario = load(WORLDS[world]())
    runs = [simulate(scenario, trials=16 * TRIALS, seed=seed) for seed in range(32)]
    far = float(np.quantile(runs[0].total, 0.97))
    found = np.array([figures(losses, far) for losses in runs[1:]])
    return far, found.mean(axis=0), found.std(axis=0, ddof=1) / math.sqrt(len(found))


@pytest.mark.statistical
@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("design", DESIGNS)
def test_figures_agree_with_those_of_plain_runs(world: str, design: str) -> None:
    far, expected, expected_error = plain(world)
    config = WORLDS[world]()
    config["run"] |= DESIGNS[design]
    scenario = load(config)
    found = np.array(
        [figures(simulate(scenario, trials=TRIALS, seed=1000 + seed), far) for seed in range(SEEDS)]
    )
    error = np.hypot(found.std(axis=0, ddof=1) / math.sqrt(SEEDS), expected_error)
    z = (found.mean(axis=0) - expected) / error
    assert np.abs(z).max() < 4.0, z
    assert (4.0 * error < [0.2, 0.2, 0.4, 0.6] * expected).all(), error / expected


# --- Intervals ---

REPEATS = 600
BAND = 3.5 * math.sqrt(0.95 * 0.05 / REPEATS)  #: standard errors of a share of repeats: 0.031
MEAN = 60.0
COVERED = 0.3
RATE = 0.3 / YEAR
HORIZON = 365.0
LEVELS = (0.9, 0.95)


def struck() -> tuple[Config, dict[str, float]]:
    """A ban in progress covers a metal or not, for an exponential time; and the truths."""
    config = two_metals(first={"coverage": COVERED}, second={}, correlation={"duration": 0.5})
    config["ladder"]["ban"]["sojourn"] = {"exponential": {"mean": MEAN}}
    truth = {"mean": COVERED * MEAN, "P": COVERED}
    for level in LEVELS:
        truth[f"VaR {level}"] = quantile = MEAN * math.log(COVERED / (1.0 - level))
        truth[f"TVaR {level}"] = quantile + MEAN
    return config, truth


def awaited() -> tuple[Config, dict[str, float]]:
    """A ban to the horizon breaks out at a rate; and the truths."""
    config = recurring(2.0 * HORIZON, rate_per_year=RATE * YEAR, horizon_days=HORIZON)
    any_loss = -math.expm1(-RATE * HORIZON)
    truth = {"mean": HORIZON - any_loss / RATE}
    for level in LEVELS:
        latest = -math.log(level) / RATE  # of the onsets whose loss is as large
        truth[f"VaR {level}"] = HORIZON - latest
        inside = latest - (1.0 - level) / RATE  # integral of P(onset before t) up to there
        truth[f"TVaR {level}"] = HORIZON - latest + inside / (1.0 - level)
    return config, truth


RUNS = {
    "sobol": (struck, {"sampling": "sobol"}),
    "tilt": (struck, {"tilt": 0.5}),
    "sobol, tilt": (struck, {"sampling": "sobol", "tilt": 0.5}),
    "given_onset": (awaited, {"given_onset": True}),
    "given_onset, sobol": (awaited, {"given_onset": True, "sampling": "sobol"}),
}


def estimates(losses: Losses) -> dict[str, Estimate]:
    design = design_of(losses)
    assert design is not None
    days = np.ascontiguousarray(losses.cut_days[:, 0])
    sample = WeightedSample(days, design)
    found = {"mean": design.mean(days), "P": sample.chance()}
    for level in LEVELS:
        found |= {f"VaR {level}": sample.var(level), f"TVaR {level}": sample.tvar(level)}
    return found


def held(name: str) -> dict[str, float]:
    """Share of repeats in which each interval holds the truth."""
    world, settings = RUNS[name]
    config, truths = world()
    config["run"] |= settings
    scenario = load(config)
    counts = dict.fromkeys(truths, 0)
    for seed in range(REPEATS):
        found = estimates(simulate(scenario, trials=TRIALS, seed=seed, threads=1))
        for measure, truth in truths.items():
            counts[measure] += found[measure].lower <= truth <= found[measure].upper
    return {measure: count / REPEATS for measure, count in counts.items()}


@pytest.mark.statistical
@pytest.mark.parametrize("name", RUNS)
def test_intervals_hold_the_truth_as_often_as_they_say(name: str) -> None:
    shares = held(name)
    off = {measure: share - 0.95 for measure, share in shares.items()}
    assert min(off.values()) > -BAND, shares
    # The ends for VaR are losses of trials, and the margin of P allows for counting whole points:
    # both are rounded outwards, which is seen where points leave little error.
    wide = {m for m in off if m.startswith(("VaR", "P")) and "sobol" in name}
    assert max(off[measure] for measure in off if measure not in wide) < BAND, shares


def test_the_chance_of_an_onset_is_known_exactly_where_one_is_given() -> None:
    config, _ = awaited()
    config["run"] |= {"given_onset": True}
    chance = estimates(simulate(load(config), trials=TRIALS, seed=1))["P"]
    assert chance.value == pytest.approx(-math.expm1(-RATE * HORIZON), rel=1e-12)
    assert chance.lower <= chance.value <= chance.upper


def test_the_band_would_catch_intervals_of_other_levels() -> None:
    assert BAND < 0.035  # 0.90 and 0.985 lie outside


def test_replicates_taken_for_independent_trials_would_have_intervals_too_wide() -> None:
    """The intervals of a sobol run rest on the spread of its replicates, not of its trials."""
    config, truths = struck()
    scenario: Scenario = load(config | {"run": config["run"] | {"sampling": "sobol"}})
    losses = simulate(scenario, trials=16 * TRIALS, seed=3)
    design = design_of(losses)
    assert design is not None
    days = np.ascontiguousarray(losses.cut_days[:, 0])
    by_replicates = design.mean(days)
    alone = replace(design, replicates=None).mean(days)
    widths = [each.upper - each.lower for each in (by_replicates, alone)]
    assert widths[0] < 0.5 * widths[1]
    assert by_replicates.lower <= truths["mean"] <= by_replicates.upper
