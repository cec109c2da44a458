"""What a point of a sweep costs beside its trials, and what common draws are worth.

Not part of the test suite. CPU times are taken in turns on one thread, so that another load on the
machine falls on both; the table goes to `results/benchmarks/sweep.txt`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from benchmarks.speed_table import ROOT, SpeedTable
from riskengine.config import SweptConfig, load, load_sweep
from riskengine.measures.paired import Trials
from riskengine.play.simulate import simulate
from riskengine.sweeps.designs import design
from riskengine.sweeps.figures import point_rows, series_of
from riskengine.sweeps.playing import Game, ScenarioOf, base_series, play_points

CONFIG = ROOT / "configs" / "korea-2026.toml"
TABLE = ROOT / "results" / "benchmarks" / "sweep.txt"

POINTS, TRIALS = 200, 20_000
TURNS = 5
RANGE = 200_000  #: trials of a part of the one large run
SEED = 20260108

MOST_RATIO = 1.25
LEAST_GAIN = 20.0
REPEATS = 40
STOCK = "materials.ndfeb-magnets.stocks.public.days"


@pytest.fixture(scope="module")
def table() -> Iterator[SpeedTable]:
    """The table; printed and written at the end, whatever the assertions say."""
    collected = SpeedTable()
    yield collected
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    TABLE.write_text(collected.text(), encoding="utf-8")
    print(f"\n\n{collected.text()}")


def swept(first: list[float], second: list[float]) -> SweptConfig:
    """`korea-2026` with a grid over two public stocks, which changes losses at every point."""
    parameters = f'"{STOCK}" = {first}, "materials.yttrium.stocks.public.days" = {second}'
    grid = f'sweep={{method = "grid", parameters = {{{parameters}}}}}'
    return load_sweep(CONFIG, [grid, f"run.trials={TRIALS}"])


def game_of(config: SweptConfig) -> tuple[Game, ScenarioOf]:
    """The points of a grid, ready to be played."""
    points = design(config.sweep).points
    base = base_series(config.scenario, SEED, TRIALS)
    game = Game(seed=SEED, trials=TRIALS, money="USD million", base=base)
    return game, lambda number: config.at(points[number - 1])


def test_a_point_costs_its_trials_and_little_else(table: SpeedTable) -> None:
    scenario = load(CONFIG)
    simulate(scenario, trials=100)
    start = time.process_time()
    game = game_of(swept([30.0 * i for i in range(20)], [20.0 * i for i in range(10)]))
    sweeping, running = time.process_time() - start, 0.0
    parts = []
    each, ranges = POINTS // TURNS, POINTS * TRIALS // RANGE // TURNS
    for turn in range(TURNS):
        start = time.process_time()
        numbers = range(1 + turn * each, 1 + (turn + 1) * each)
        assert all(played.status == "done" for played in play_points(*game, numbers, players=1))
        sweeping += time.process_time() - start
        start = time.process_time()
        for part in range(turn * ranges, (turn + 1) * ranges):
            losses = simulate(
                scenario, trials=RANGE, seed=SEED, first_trial=part * RANGE, threads=1
            )
            parts.append(series_of(losses))
        running += time.process_time() - start
    start = time.process_time()
    load(CONFIG)
    whole = {key: Trials(np.concatenate([part[key].values for part in parts])) for key in parts[0]}
    assert len(point_rows(0, whole, whole, "USD million")) > 100
    running += time.process_time() - start
    table.add(f"grid of {POINTS} points x {TRIALS:,} trials", [sweeping], "CPU s")
    table.add(f"one run of {POINTS * TRIALS:,} trials, with measures", [running], "CPU s")
    ratio = sweeping / running
    table.add("  sweep to run", [ratio], "ratio", f"at most {MOST_RATIO:g}")
    assert ratio <= MOST_RATIO


def test_points_side_by_side_beside_threads_within_a_point(table: SpeedTable) -> None:
    game, scenario = game_of(swept([30.0 * i for i in range(8)], [20.0 * i for i in range(5)]))
    seconds: dict[str, list[float]] = {"side by side": [], "one after another": []}
    figures: dict[str, list[object]] = {}
    for _ in range(3):
        start = time.perf_counter()
        played = play_points(game, scenario, range(1, 41), players=2)
        ended = sorted(played, key=lambda each: each.point)
        seconds["side by side"].append(time.perf_counter() - start)
        figures["side by side"] = [each.figures for each in ended]
        start = time.perf_counter()
        figures["one after another"] = [
            tuple(point_rows(number, series_of(losses, game.base), game.base, game.money))
            for number in range(1, 41)
            for losses in [simulate(scenario(number), threads=2)]
        ]
        seconds["one after another"].append(time.perf_counter() - start)
    for name, found in seconds.items():
        table.add(f"40 points on two processors, {name}", found, "s")
    # No bound on the gain: another load on the machine takes it away.
    assert str(figures["side by side"]) == str(figures["one after another"])


def test_common_draws_make_the_effect_of_stock_sharp(table: SpeedTable) -> None:
    more = load(CONFIG, [f"{STOCK}=30"])
    scenario = load(CONFIG)
    means = {
        name: np.array(
            [
                float(np.mean(simulate(each, trials=TRIALS, seed=SEED + repeat).total))
                for repeat in range(REPEATS)
            ]
        )
        for name, each in {"as it is": scenario, "30 days more": more}.items()
    }
    common = means["30 days more"] - means["as it is"]
    # Each against the other's next seed: two runs that have no draw in common.
    independent = means["30 days more"] - np.roll(means["as it is"], 1)
    gain = float(np.var(independent, ddof=1) / np.var(common, ddof=1))
    bound = f"at least {LEAST_GAIN:g}"
    table.add("variance of an effect, independent seeds to common draws", [gain], "ratio", bound)
    table.remarks.append(
        f"30 more days of public magnet stock change the mean loss by {common.mean():,.1f} "
        f"(standard deviation over {REPEATS} seeds at {TRIALS:,} trials: common draws "
        f"{common.std(ddof=1):.2f}, independent {independent.std(ddof=1):.2f})"
    )
    assert gain >= LEAST_GAIN
