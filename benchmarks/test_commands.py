"""What people wait for: whole commands, files and all, and the phases of a run.

`python -m pytest benchmarks/test_commands.py -s` prints the table of `docs/speed.md`. Commands and
a simulation of the same trials take turns, so that another load on the machine falls on all.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.phases import PHASES, REST
from benchmarks.speed_table import ROOT, children_seconds
from riskengine.config import load
from riskengine.play.simulate import simulate

CONFIG = ROOT / "configs" / "korea-2026.toml"
TABLE = ROOT / "results" / "benchmarks" / "commands.md"
TURNS = 5

MOST_RUN = 2.4  #: CPU time of the command, to that of simulating its trials
LONGEST_REPORT, LONGEST_CHECK = 1.5, 0.5  #: seconds, of CPU time: another load lengthens it less
SIMULATE = "`riskengine.simulate` alone, in a warm process"
RUN = "`riskengine run configs/korea-2026.toml`"
REPORT = "`riskengine report RESULTS --html`"
CHECK = "`riskengine check configs/korea-2026.toml`"
HELP = "`riskengine --help`"


class Spent(NamedTuple):
    """Seconds that something took."""

    cpu: float
    clock: float


def test_whole_commands_take_little_more_than_their_simulation(tmp_path: Path) -> None:
    scenario = load(CONFIG)
    simulate(scenario)
    results = str(tmp_path / "results")
    commands = {
        RUN: ("run", str(CONFIG), "--out", results, "--quiet"),
        REPORT: ("report", results, "--html"),
        CHECK: ("check", str(CONFIG)),
        HELP: ("--help",),
    }
    spent: dict[str, list[Spent]] = {name: [] for name in (SIMULATE, *commands)}
    phases: list[dict[str, float]] = []
    for turn in range(TURNS + 1):  # the first turn compiles the modules, and is not counted
        start = Spent(time.process_time(), time.perf_counter())
        simulate(scenario)
        end = Spent(time.process_time(), time.perf_counter())
        found = {SIMULATE: Spent(end.cpu - start.cpu, end.clock - start.clock)}
        for name, arguments in commands.items():
            found[name], _ = _command("riskengine", arguments, tmp_path)
        _, said = _command("benchmarks.phases", commands[RUN], tmp_path)
        if turn:
            phases.append(json.loads(said.splitlines()[-1]))
            for name, taken in found.items():
                spent[name].append(taken)
    text = _table(spent, phases)
    TABLE.write_text(text, encoding="utf-8")
    print(f"\n\n{text}")
    assert _ratio(spent[RUN], spent[SIMULATE]) <= MOST_RUN
    assert min(taken.cpu for taken in spent[REPORT]) <= LONGEST_REPORT
    assert min(taken.cpu for taken in spent[CHECK]) <= LONGEST_CHECK


def _command(module: str, arguments: Sequence[str], folder: Path) -> tuple[Spent, str]:
    """A command in a fresh process, whose modules are compiled as in an installation."""
    used, start = children_seconds(), time.perf_counter()
    env = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder / "compiled"), "PYTHONPATH": str(ROOT)}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder, env=env, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return Spent(children_seconds() - used, time.perf_counter() - start), done.stdout


def _ratio(taken: Sequence[Spent], simulating: Sequence[Spent]) -> float:
    """The median over turns of a CPU time, to that of simulating in the same turn."""
    return statistics.median(a.cpu / b.cpu for a, b in zip(taken, simulating, strict=True))


def _table(spent: dict[str, list[Spent]], phases: Sequence[dict[str, float]]) -> str:
    """Least times of the turns, and the medians of ratios."""
    lines = ["| | CPU s | clock s | CPU to simulating |", "| --- | --- | --- | --- |"]
    simulating = spent[SIMULATE]
    for name, taken in spent.items():
        cpu, clock = min(each.cpu for each in taken), min(each.clock for each in taken)
        lines.append(f"| {name} | {cpu:.2f} | {clock:.2f} | {_ratio(taken, simulating):.2f} |")
        for phase in (*PHASES, REST) if name == RUN else ():
            times = [each[phase] for each in phases]
            ratio = statistics.median(
                each / whole.cpu for each, whole in zip(times, simulating, strict=True)
            )
            lines.append(f"| - {phase} | {min(times):.2f} | | {ratio:.2f} |")
    return "\n".join(lines) + "\n"
