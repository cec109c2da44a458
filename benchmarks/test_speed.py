"""Speed of the engine on `configs/korea-2026.toml`; `python -m pytest benchmarks -s` runs it.

Not part of the test suite. What two figures are compared by is measured in turns, as CPU time, so
that another load on the machine falls on both; the table goes to `results/benchmarks/speed.txt`.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from multiprocessing import get_context
from typing import Any

import pytest

from benchmarks import weekly_grid
from benchmarks.speed_table import ROOT, SpeedTable, cpu_seconds, fresh_process
from riskengine.config import load
from riskengine.model.losses import Losses
from riskengine.model.scenario import Scenario
from riskengine.play.simulate import simulate

CONFIG = ROOT / "configs" / "korea-2026.toml"
TABLE = ROOT / "results" / "benchmarks" / "speed.txt"

TRIALS = 200_000
PEER_TRIALS = 20_480  # five chunks of the peer
COMPARED_TRIALS = 200_000
SEED = 20260108

LEAST_RATIO = 20.0
LEAST_GAIN = 1.9  #: of two threads, where nothing else runs
LONGEST_WARM_START = 1.0
LONGEST_COLD_START = 15.0  #: in CPU time, which another load lengthens less
LONGEST_HELP = 0.2

FIRST_TRIAL = (
    f"import riskengine; riskengine.simulate(riskengine.load({str(CONFIG)!r}), trials=1, threads=1)"
)


@pytest.fixture(scope="module")
def table() -> Iterator[SpeedTable]:
    """The table; printed and written at the end, whatever the assertions say."""
    collected = SpeedTable()
    yield collected
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    TABLE.write_text(collected.text(), encoding="utf-8")
    print(f"\n\n{collected.text()}")


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """The scenario, with kernels loaded and compiled."""
    loaded = load(CONFIG)
    simulate(loaded, trials=100)
    return loaded


def test_the_engine_needs_a_twentieth_of_the_cpu_time_of_the_peer(
    scenario: Scenario, table: SpeedTable
) -> None:
    weekly_grid.play(scenario, 1000, SEED)
    engine, peer, tuned = [], [], []
    for repeat in range(5):
        seconds = cpu_seconds(partial(simulate, scenario, trials=COMPARED_TRIALS, threads=1))
        engine.append(seconds / COMPARED_TRIALS * 1e6)
        seconds = cpu_seconds(partial(weekly_grid.play, scenario, PEER_TRIALS, repeat))
        peer.append(seconds / PEER_TRIALS * 1e6)
        seconds = cpu_seconds(partial(weekly_grid.play_busy, scenario, PEER_TRIALS, repeat))
        tuned.append(seconds / PEER_TRIALS * 1e6)
    table.add("peer: numpy, weekly grid", peer, "CPU us/trial")
    table.add("  the same, without trials that have no cut", tuned, "CPU us/trial")
    table.add("engine, one thread", engine, "CPU us/trial")
    ratios = [p / e for p, e in zip(peer, engine, strict=True)]
    ratio = table.add("peer to engine", ratios, "ratio", f"at least {LEAST_RATIO:g}")
    table.add(
        "  the same, without trials that have no cut",
        [p / e for p, e in zip(tuned, engine, strict=True)],
        "ratio",
    )
    assert ratio.median >= LEAST_RATIO


def test_the_peer_computes_the_same_thing(scenario: Scenario, table: SpeedTable) -> None:
    found = weekly_grid.compare(scenario, trials=TRIALS, seed=SEED)
    table.remarks.append(
        f"Mean loss: peer {found.peer_mean:,.0f}, engine {found.engine_mean:,.0f} "
        f"({found.bias:+.1%}, standard error {found.standard_error / found.engine_mean:.1%}); "
        f"probability of a loss: {found.peer_prob_loss:.4f}, {found.engine_prob_loss:.4f}"
    )
    grid_bias = 0.03 * found.engine_mean
    assert abs(found.peer_mean - found.engine_mean) < grid_bias + 4.0 * found.standard_error
    assert abs(found.peer_prob_loss - found.engine_prob_loss) < 0.02


def test_two_threads_play_the_same_trials_sooner(scenario: Scenario, table: SpeedTable) -> None:
    """Held against two processes that share nothing, which is what the machine allows.

    By the least times of many turns: another load takes the second processor from both ways.
    """
    seconds: dict[str, list[float]] = {"one thread": [], "two threads": [], "two processes": []}
    means = set()
    halves = [range(TRIALS // 2), range(TRIALS // 2, TRIALS)]
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        ways: dict[str, Callable[[], Iterable[Any]]] = {
            "one thread": lambda: [_mean(simulate(scenario, trials=TRIALS, threads=1))],
            "two threads": lambda: [_mean(simulate(scenario, trials=TRIALS, threads=2))],
            "two processes": lambda: pool.map(_play_part, halves),
        }
        for turn in range(1 + 25):  # the first turn loads the processes, and is not counted
            for name, play in ways.items():
                start = time.perf_counter()
                found = list(play())
                if turn:
                    seconds[name].append(time.perf_counter() - start)
                if name != "two processes":
                    means |= set(found)
    assert len(means) == 1
    for name, taken in seconds.items():
        table.add(f"trials a second, {name}", [TRIALS / each for each in taken], "1/s")
    one, threads, processes = (min(taken) for taken in seconds.values())
    gains = [a / b for a, b in zip(seconds["one thread"], seconds["two threads"], strict=True)]
    table.add("  two threads to one, turn by turn", gains, "ratio")
    table.add("  two processes to one, by their least times", [one / processes], "ratio")
    bound = f"at least {LEAST_GAIN:g}"
    line = table.add("  two threads to one, by their least times", [one / threads], "ratio", bound)
    assert line.median >= LEAST_GAIN


def _mean(losses: Losses) -> float:
    return float(losses.total.mean())


def _play_part(trials: range) -> None:
    """Play a range of trials on one thread, in a process that does nothing else."""
    simulate(_loaded(), trials=len(trials), first_trial=trials.start, threads=1)


@cache
def _loaded() -> Scenario:
    return load(CONFIG)


def test_a_warm_start_reaches_its_first_trial_soon(scenario: Scenario, table: SpeedTable) -> None:
    fresh_process(["-c", FIRST_TRIAL])
    seconds, cpu = zip(*(fresh_process(["-c", FIRST_TRIAL]) for _ in range(7)), strict=True)
    line = table.add(
        "start to first trial, warm cache", seconds, "s", f"below {LONGEST_WARM_START:g}"
    )
    table.add("  the same in CPU time", cpu, "CPU s")
    assert line.median < LONGEST_WARM_START


def test_help_appears_at_once(table: SpeedTable) -> None:
    runs = [fresh_process(["-m", "riskengine", "--help"]) for _ in range(10)]
    seconds, cpu = zip(*runs, strict=True)
    line = table.add("riskengine --help", seconds, "s", f"below {LONGEST_HELP:g}")
    table.add("  the same in CPU time", cpu, "CPU s")
    assert line.median < LONGEST_HELP


def test_a_cold_start_compiles_in_bearable_time(table: SpeedTable) -> None:
    runs = []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as empty:
            runs.append(fresh_process(["-c", FIRST_TRIAL], {"NUMBA_CACHE_DIR": empty}))
    seconds, cpu = zip(*runs, strict=True)
    table.add("start to first trial, empty cache", seconds, "s")
    line = table.add("  the same in CPU time", cpu, "CPU s", f"below {LONGEST_COLD_START:g}")
    assert line.median < LONGEST_COLD_START
