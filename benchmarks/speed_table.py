"""The table of measured figures, and what it was measured on."""

from __future__ import annotations

import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from riskengine.store.provenance import machine, versions

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Line:
    """One figure: its repeats, and the bound that it is held to."""

    name: str
    values: Sequence[float]
    unit: str
    bound: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def text(self) -> str:
        ends = (min(self.values), self.median, max(self.values))
        figures = "".join(f"{_short(value):>11}" for value in ends)
        return f"{self.name:<52}{figures}  {self.unit:<13}{self.bound}".rstrip()


@dataclass(slots=True)
class SpeedTable:
    """Collects the lines of a session."""

    lines: list[Line] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def add(self, name: str, values: Sequence[float], unit: str, bound: str = "") -> Line:
        line = Line(name, values, unit, bound)
        self.lines.append(line)
        return line

    def text(self) -> str:
        head = f"{'':<52}{'min':>11}{'median':>11}{'max':>11}"
        body = [line.text() for line in self.lines]
        used = ", ".join(f"{name} {version}" for name, version in versions().items())
        place = f"{processor()}, {os.cpu_count()} processors; {machine()}"
        return "\n".join([head, *body, "", *self.remarks, place, used]) + "\n"


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000.0 else f"{value:.3g}"


def processor() -> str:
    """Model of the processor, as the system names it."""
    try:
        described = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    models = [line.partition(":")[2].strip() for line in described if line.startswith("model name")]
    return models[0] if models else platform.processor() or "unknown processor"


def cpu_seconds(action: Callable[[], object]) -> float:
    """Processor time that an action takes, over all threads of this process."""
    before = time.process_time()
    action()
    return time.process_time() - before


def fresh_process(
    arguments: Sequence[str], extra: Mapping[str, str] | None = None
) -> tuple[float, float]:
    """Run Python anew with these arguments; (seconds, CPU seconds) from its start to its end."""
    used = children_seconds()
    before = time.perf_counter()
    subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, **(extra or {})},
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - before, children_seconds() - used


def children_seconds() -> float:
    """CPU time of all finished child processes."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
