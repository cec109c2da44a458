"""The fan over time, held against reading the replay of every trial step by step."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from riskengine.config import load
from riskengine.model.scenario import Scenario
from riskengine.play.fan import fan_days, supply_fan
from riskengine.play.replay import replay
from riskengine.play.simulate import simulate

CONFIGS = Path(__file__).parents[2] / "configs"
TRIALS = 60
LEVELS = {"p50": 0.5, "p75": 0.75, "p90": 0.9, "p95": 0.95, "p99": 0.99}


def by_hand(scenario: Scenario, first: int) -> dict[tuple[str, str, float], list[float]]:
    """The value of every trial by material, quantity and day: the last step up to the day."""
    days = fan_days(scenario.run.horizon_days).tolist()
    found: dict[tuple[str, str, float], list[float]] = {}
    for trial in range(first, first + TRIALS):
        told = replay(scenario, trial)
        for material in scenario.materials:
            steps = [step for step in told.supply if step.material == material]
            for quantity in ("lost", "short"):
                for day in days:
                    values = [getattr(step, quantity) for step in steps if step.day <= day]
                    key = material, quantity, day
                    found.setdefault(key, []).append(values[-1] if values else 0.0)
    return found


@pytest.mark.costly
@pytest.mark.parametrize("name", ["korea-2026.toml", "minimal.toml"])
def test_the_fan_is_made_of_the_steps_that_a_replay_tells(name: str) -> None:
    scenario = load(CONFIGS / name)
    rows = supply_fan(simulate(scenario, trials=TRIALS, first_trial=40))
    expected = by_hand(scenario, 40)
    assert [(row.material, row.quantity, row.day) for row in rows] == sorted(
        expected, key=list(expected).index
    )
    for row in rows:
        values = sorted(expected[row.material, row.quantity, row.day])
        assert row.mean == pytest.approx(math.fsum(values) / TRIALS, rel=1e-12, abs=1e-15)
        for field, level in LEVELS.items():
            assert getattr(row, field) == values[math.ceil(TRIALS * level) - 1], (row, field)
    assert sum(row.mean > 0.0 for row in rows) > 20


def test_the_fan_of_trials_in_which_nothing_happens_is_nought() -> None:
    scenario = load(CONFIGS / "korea-baseline.toml")
    losses = simulate(scenario, trials=400)
    quiet = np.flatnonzero(losses.cut_days.sum(axis=1) == 0.0)
    rows = supply_fan(simulate(scenario, trials=1, first_trial=int(quiet[0])))
    assert {value for row in rows for value in (row.mean, row.p50, row.p99)} == {0.0}
