"""What portfolios of a mitigation study cost.

Not part of the test suite. The table goes to `results/benchmarks/mitigation.txt`.
"""

from __future__ import annotations

import csv
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks.speed_table import ROOT, SpeedTable
from riskengine.config import load
from riskengine.measures.tail import quantile_rank
from riskengine.mitigation.blocks import LossTail
from riskengine.mitigation.playing import PortfolioPlayer
from riskengine.mitigation.variants import Touched, Variants
from riskengine.model.scenario import Scenario
from riskengine.play.simulate import available_processors, simulate

CONFIG = ROOT / "configs" / "korea-2026.toml"
TABLE = ROOT / "results" / "benchmarks" / "mitigation.txt"
TRIALS, LEVEL = 200_000, 0.99

MOST_RUNS = 11.0  #: 8 seconds for 256 portfolios where simulating takes 0.75
MOST_RUNS_OF_20 = 400.0  #: 5 minutes for a whole study of twenty options
MOST_GAP = 0.01
MOST_MEGABYTES = 1_000


@pytest.fixture(scope="module")
def table() -> Iterator[SpeedTable]:
    """The table; printed and written at the end, whatever the assertions say."""
    collected = SpeedTable()
    yield collected
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    TABLE.write_text(collected.text(), encoding="utf-8")
    print(f"\n\n{collected.text()}")


@pytest.fixture(scope="module")
def base() -> Scenario:
    return load(CONFIG)


def player(
    base: Scenario, changes: list[tuple[str, float]], touched: list[Touched]
) -> PortfolioPlayer:
    """Plays portfolios of options that each change one value."""

    def scenario(portfolio: int) -> Scenario:
        values = {path: to for bit, (path, to) in enumerate(changes) if portfolio >> bit & 1}
        return base.with_values(values) if values else base

    variants = Variants(scenario, touched, base.run.seed, TRIALS - 1)
    return PortfolioPlayer(
        variants=variants, first_trial=0, trials=TRIALS, threads=available_processors()
    )


def test_portfolios_of_eight_stocks(table: SpeedTable, base: Scenario) -> None:
    stocked = [name for name, material in base.materials.items() if material.stocks][:8]
    changes = [(f"materials.{name}.stocks.private.days", 120.0) for name in stocked]
    played = player(base, changes, [Touched(materials=frozenset([name])) for name in stocked])
    simulate(base, trials=TRIALS)  # compiled, and its memory is warm
    start = time.perf_counter()
    simulate(base, trials=TRIALS)
    once = time.perf_counter() - start
    start = time.perf_counter()
    for block in played.play(range(256)):
        np.sort(block.totals, axis=1)
    took = time.perf_counter() - start
    table.add("simulating once", [once], "s")
    table.add("256 portfolios of eight stocks, all trials", [took], "s")
    table.add("the same in runs", [took / once], "", f"at most {MOST_RUNS:g}")
    assert took / once < MOST_RUNS


def test_portfolios_of_sixteen_dependences_in_the_tail(table: SpeedTable, base: Scenario) -> None:
    uses = [
        (industry, material, use.dependence)
        for industry, found in base.industries.items()
        for material, use in found.uses.items()
        if use.dependence > 0.0
    ][:16]
    changes = [(f"industries.{i}.uses.{m}.dependence", 0.7 * to) for i, m, to in uses]
    played = player(base, changes, [Touched(industries=frozenset([i])) for i, _, _ in uses])
    (block,) = played.play([0, 2**16 - 1])
    floor = float(np.sort(block.totals[1])[quantile_rank(TRIALS, LEVEL) - 1])
    tail = LossTail(np.flatnonzero(block.totals[0] > floor), floor)
    start = time.perf_counter()
    some = range(4_096)
    for block in played.play(some, tail.rows):
        for losses in block.totals:
            tail.measured(losses, TRIALS, LEVEL)
    took = time.perf_counter() - start
    table.add("trials kept of a tail", [len(tail.rows)], "")
    table.add("4,096 portfolios of sixteen dependences in the tail", [took], "s")
    table.add("65,536 of them at that rate", [took * 16], "s", "at most 300")


def test_twenty_options_to_a_proven_gap(table: SpeedTable, base: Scenario, tmp_path: Path) -> None:
    """A whole study: a stock and a surer supplier for each of ten materials, three budgets."""
    riskengine("convert", str(CONFIG), str(tmp_path / "korea.toml"))
    study, answers = tmp_path / "study.toml", tmp_path / "answers"
    study.write_text(twenty_options(base), encoding="utf-8")
    simulate(base, trials=TRIALS)
    start = time.perf_counter()
    simulate(base, trials=TRIALS)
    once = time.perf_counter() - start
    start = time.perf_counter()
    riskengine("mitigate", str(study), "--out", str(answers), "--quiet")
    took = time.perf_counter() - start
    megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    with (answers / "frontier.csv").open(encoding="utf-8") as file:
        frontier = list(csv.DictReader(file))
    gap = max(float(row["gap"]) for row in frontier)
    table.add("a study of twenty options, 200,000 trials", [took], "s")
    table.add("the same in runs", [took / once], "", f"at most {MOST_RUNS_OF_20:g}")
    table.add("largest gap of its choices", [gap], "", f"at most {MOST_GAP:g}")
    table.add("its memory", [megabytes], "MB", f"at most {MOST_MEGABYTES:,}")
    assert len(frontier) == len(BUDGETS)
    assert took / once < MOST_RUNS_OF_20
    assert gap <= MOST_GAP
    assert megabytes < MOST_MEGABYTES


BUDGETS = [40, 80, 160]


def twenty_options(base: Scenario) -> str:
    """A study beside `korea.toml`. Its costs are made up: only their number and spread matter."""
    lines = ['extends = "korea.toml"', "[mitigation]", f"budgets = {BUDGETS}"]
    lines += ['measure = "tvar"', f"level = {LEVEL}"]
    for name, material in list(base.materials.items())[:10]:
        spend = material.spend_per_year
        first = next(iter(material.alternatives))
        for option, path, value, cost in (
            ("stock", "stocks.reserve", "{ days = 60 }", 60.0 / 365.0 * spend),
            ("supplier", f"alternatives.{first}.probability", "0.95", 0.1 * spend),
        ):
            lines.append(f"[mitigation.options.{name}-{option}]")
            lines.append(f"set = {{ {json.dumps(f'materials.{name}.{path}')} = {value} }}")
            lines.append(f"cost = {{ upfront = {cost:.3f} }}")
    return "\n".join(lines) + "\n"


def riskengine(*given: str) -> None:
    """Run a command in a process of its own."""
    subprocess.run([sys.executable, "-m", "riskengine", *given], check=True)
