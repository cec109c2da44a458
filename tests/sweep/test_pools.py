"""A sweep over a pool: each point is the run with the same settings, to the bit."""

from __future__ import annotations

from typing import Any

from report.pool_worlds import contested_config

from riskengine.config import load, load_sweep
from riskengine.figures.evidence import RowEvidence
from riskengine.figures.metrics import figures
from riskengine.model.confidence import LEVELS
from riskengine.play.simulate import simulate
from riskengine.sweeps.designs import design
from riskengine.sweeps.played import Played
from riskengine.sweeps.playing import Game, base_series, play_points

SEED, TRIALS = 3, 500
CAPACITIES = (15, 60)
ALLOCATIONS = ("proportional", "first-come", "precedence")


def _config() -> dict[str, Any]:
    """Two buyers whose bans last, and whose supply comes, as chance has it; Japan goes first."""
    config = contested_config("spare", scarcity_cap=1.1)  # what it sells costs less than a stop
    for level in config["ladder"].values():
        level["sojourn"] = {"exponential": {"mean": 100}}
    lead_time = {"uniform": {"low": 1, "high": 60}}
    for material in config["materials"].values():
        material["alternatives"]["market"] |= {"lead_time": lead_time, "premium": 0.1}
    config["materials"]["metal-japan"]["alternatives"]["market"]["precedence"] = 1
    return config


def _swept() -> dict[tuple[int, str], Played]:
    parameters = {
        "pools.spare.capacity_per_year": list(CAPACITIES),
        "pools.spare.allocation": list(ALLOCATIONS),
    }
    config = load_sweep(_config() | {"sweep": {"method": "grid", "parameters": parameters}})
    points = design(config.sweep).points
    base = base_series(config.scenario, SEED, TRIALS)
    game = Game(seed=SEED, trials=TRIALS, money="EUR million", levels=LEVELS, base=base)
    numbers = range(1, 1 + len(points))
    found = play_points(game, lambda number: config.at(points[number - 1]), numbers, players=1)
    return {tuple(points[each.point - 1]): each for each in found}


def _mean(point: Played, name: str) -> float:
    (found,) = (r.value for r in point.figures if r.name == name and r.measure == "mean")
    return found


def test_each_point_over_a_pool_has_the_figures_of_a_run_with_its_settings() -> None:
    points = _swept()
    assert set(points) == {(k, rule) for k in CAPACITIES for rule in ALLOCATIONS}
    for (capacity, rule), point in points.items():
        settings = [
            f"pools.spare.capacity_per_year={capacity}",
            f'pools.spare.allocation="{rule}"',
        ]
        run = load(_config(), settings)
        assert (run.pools["spare"].capacity_per_year.mean(), run.pools["spare"].allocation) == (
            capacity,
            rule,
        )
        expected = {
            (row.scope, row.name, row.measure, row.level): (row.value, row.lower, row.upper)
            for row in figures(RowEvidence(simulate(run, trials=TRIALS, seed=SEED)))
            if row.component == "all"
        }
        assert point.figures
        for row in point.figures:
            key = (row.scope, row.name, row.measure, row.level)
            assert repr((row.value, row.lower, row.upper)) == repr(expected[key])


def test_what_a_pool_holds_and_who_goes_first_move_the_losses() -> None:
    points = _swept()
    shared, first = points[60, "proportional"], points[60, "precedence"]
    assert _mean(first, "mills-japan") < _mean(shared, "mills-japan")
    assert _mean(first, "mills-korea") > _mean(shared, "mills-korea")
    assert _mean(points[60, "first-come"], "mills-japan") != _mean(shared, "mills-japan")
    for rule in ALLOCATIONS:
        assert _mean(points[15, rule], "mills-korea") > _mean(points[60, rule], "mills-korea")
