"""Streams that are closed or full: no traceback, a sensible code, results intact."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from backtest.suite_worlds import write_suite
from swept import write_config

from riskengine.store.results import load_results

CONFIG = Path(__file__).parents[2] / "configs" / "minimal.toml"
SMALL = "duration_days,censored\n" + "".join(f"{days},0\n" for days in (10, 20, 35, 60, 90, 200))
VERBS = {
    "check": ("check", CONFIG),
    "run": ("run", CONFIG, "--trials", "300", "--out", "run-made"),
    "run --json": ("run", CONFIG, "--trials", "300", "--out", "run-made", "--json"),
    "sweep": ("sweep", "swept.toml", "--out", "sweep-made"),
    "calibrate": ("calibrate", "small.csv", "--out", "calibrate-made"),
    "backtest": ("backtest", "suites", "--out", "backtest-made"),
    "report": ("report", "results", "--html", "--out", "report-made"),
    "explain": ("explain", "results", "--at", "max"),
    "compare": ("compare", "results", "results", "--out", "compare-made"),
    "--help": ("--help",),
    "--version": ("--version",),
}
_LAUNCH = (  # closes streams before Python starts, as `>&-` does
    "import os, sys\n"
    "for number in map(int, sys.argv[1].split()): os.close(number)\n"
    "os.execv(sys.executable, [sys.executable, '-m', 'riskengine', *sys.argv[2:]])"
)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Something for each verb to work on."""
    folder = tmp_path_factory.mktemp("sources")
    (folder / "small.csv").write_text(SMALL, encoding="utf-8")
    write_suite(folder / "suites")
    write_config(folder)
    done = ended(folder, "", "run", CONFIG, "--trials", "300", "--out", "results", "--quiet")
    assert done.returncode == 0, done.stderr
    return folder


def ended(
    folder: Path, closed: str, *verb: object, out: int = subprocess.PIPE
) -> subprocess.CompletedProcess[str]:
    """A command that has ended, started in a folder with some of its streams closed."""
    root = Path(__file__).parents[2]
    return subprocess.run(
        [sys.executable, "-c", _LAUNCH, closed, *map(str, verb)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.PIPE,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("verb", VERBS)
def test_an_answer_that_goes_nowhere_is_no_fault(sources: Path, verb: str) -> None:
    done = ended(sources, "1", *VERBS[verb])
    assert done.stderr == ""
    assert done.returncode == 0


@pytest.mark.parametrize("closed", ["0", "2", "0 1", "0 1 2"])
def test_results_are_whole_whatever_streams_are_closed(sources: Path, closed: str) -> None:
    """The first files that a process opens get the numbers of its closed streams."""
    done = ended(sources, closed, *VERBS["run"])
    assert done.returncode == 0
    stored = load_results(sources / "run-made")
    assert stored.table("losses.parquet").num_rows == 300
    assert ("Results: run-made" in done.stdout) == ("1" not in closed)


@pytest.mark.parametrize("closed", ["1", "2", "0 1 2"])
def test_a_fault_keeps_its_code_when_nobody_can_hear_it(sources: Path, closed: str) -> None:
    done = ended(sources, closed, "run", "nothing.toml")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("verb", VERBS)
def test_an_answer_that_does_not_fit_is_a_sentence(sources: Path, verb: str) -> None:
    with open("/dev/full", "w") as full:
        done = ended(sources, "", *VERBS[verb], out=full.fileno())
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: ")
    assert "No space left on device" in line
