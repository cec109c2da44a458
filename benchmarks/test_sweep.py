"""What a further point of a sweep costs, and what common draws are worth.

Not part of the test suite. CPU times are taken in turns on one thread, so that another load on the
machine falls on both; the table goes to `results/benchmarks/sweep.txt`.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from benchmarks.speed_table import ROOT, SpeedTable
from riskengine.config import load, load_sweep
from riskengine.play.simulate import simulate
from riskengine.sweeps.designs import design
from riskengine.sweeps.playing import Game, Player, base_series, play_points

CONFIG = ROOT / "configs" / "korea-2026.toml"
TABLE = ROOT / "results" / "benchmarks" / "sweep.txt"

ASSUMPTIONS = ROOT / "configs" / "sweep-korea-assumptions.toml"

TRIALS = 200_000
TURNS = 3
SEED = 20260108

LEAST_GAIN = 20.0
REPEATS, REPEATED_TRIALS = 40, 20_000
GALLIUM = "materials.gallium.stocks.public.days"
MAGNETS = "materials.ndfeb-magnets.stocks.public.days"
DEPENDENCE = "industries.automobile.uses.ndfeb-magnets.dependence"
RATE = "disputes.china-korea.rate_per_year"


@pytest.fixture(scope="module")
def table() -> Iterator[SpeedTable]:
    """The table; printed and written at the end, whatever the assertions say."""
    collected = SpeedTable()
    yield collected
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    TABLE.write_text(collected.text(), encoding="utf-8")
    print(f"\n\n{collected.text()}")


def cpu_seconds(*command: str) -> float:
    """CPU time of a command in a process of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = [sys.executable, "-m", "riskengine", *command, "--quiet", "--threads", "1"]
    subprocess.run(run, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def run_seconds(folder: Path) -> float:
    """CPU time of a run that keeps no rows, without its start."""
    given = ("run", str(CONFIG), "--keep", "none", "--out", str(folder / "run"), "--trials")
    return cpu_seconds(*given, str(TRIALS)) - cpu_seconds(*given, "1")


def sweep_seconds(folder: Path, path: str, values: Iterable[float]) -> float:
    """CPU time of a sweep over one value."""
    listed = [round(float(value), 3) for value in values]
    sweep = f'sweep={{method = "grid", parameters = {{"{path}" = {listed}}}}}'
    given = ("sweep", str(CONFIG), "--set", sweep, "--trials", str(TRIALS))
    return cpu_seconds(*given, "--restart", "--out", str(folder / "sweep"))


#: what a sweep varies, over 42 values, and the most that a further point may cost
FURTHER = {
    "days of gallium in stock": (GALLIUM, np.linspace(2.0, 125.0, 42), 0.12),
    "days of magnets in stock": (MAGNETS, np.linspace(2.0, 125.0, 42), 0.16),
    "an industry's dependence": (DEPENDENCE, np.linspace(0.1, 0.9, 42), 0.08),
    "the rate of a dispute": (RATE, np.linspace(0.05, 0.3, 42), 1.0),
}


@pytest.mark.parametrize("what", FURTHER)
def test_a_further_point_costs_what_it_changes(
    what: str, table: SpeedTable, tmp_path: Path
) -> None:
    """(CPU of 42 points less that of 2) / 40, over the CPU of a run of as many trials."""
    path, values, most = FURTHER[what]
    sweep_seconds(tmp_path, path, values[:2])
    ratios = []
    for _ in range(TURNS):
        few, many = (sweep_seconds(tmp_path, path, values[:points]) for points in (2, 42))
        ratios.append((many - few) / 40 / run_seconds(tmp_path))
    table.add(f"a further point, {what}", ratios, "of a run", f"at most {most:g}")
    assert statistics.median(ratios) <= most


def test_points_that_share_nothing_cost_what_they_did(table: SpeedTable) -> None:
    """Points of a Latin hypercube over all assumptions, to each of them played alone."""
    config = load_sweep(ASSUMPTIONS)
    points = design(config.sweep).points
    run = config.scenario.run
    base = base_series(config.scenario, run.seed, run.trials)
    game = Game(seed=run.seed, trials=run.trials, money=run.money, levels=run.levels, base=base)
    numbers, ratios = range(1, 31), []
    for turn in range(1 + TURNS):  # the first touches the memory
        player = Player()
        start = time.process_time()
        for number in numbers:
            player.play(game, number, config.at(points[number - 1]), Event())
        alone = time.process_time()
        played = play_points(game, lambda number: config.at(points[number - 1]), numbers, players=1)
        assert len(list(played)) == len(numbers)
        if turn:
            ratios.append((time.process_time() - alone) / (alone - start))
    table.add("30 points of a Latin hypercube, to each alone", ratios, "ratio", "at most 1.05")
    assert statistics.median(ratios) <= 1.05


def test_common_draws_make_the_effect_of_stock_sharp(table: SpeedTable) -> None:
    more = load(CONFIG, [f"{MAGNETS}=30"])
    scenario = load(CONFIG)
    means = {
        name: np.array(
            [
                float(np.mean(simulate(each, trials=REPEATED_TRIALS, seed=SEED + repeat).total))
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
        f"(standard deviation over {REPEATS} seeds at {REPEATED_TRIALS:,} trials: common draws "
        f"{common.std(ddof=1):.2f}, independent {independent.std(ddof=1):.2f})"
    )
    assert gain >= LEAST_GAIN
