"""Streams that are closed or full: no traceback, a sensible code, results intact."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from backtest.suite_worlds import write_suite
from swept import STOCK, write_config

from riskengine.cli import root
from riskengine.cli.exits import exit_code
from riskengine.machine import cache as kept
from riskengine.store.results import load_results

pytestmark = pytest.mark.processes

CONFIG = Path(__file__).parents[2] / "configs" / "minimal.toml"
SMALL = "duration_days,censored\n" + "".join(f"{days},0\n" for days in (10, 20, 35, 60, 90, 200))
SWEEP = f"""
method = "one-at-a-time"
[sweep.parameters]
"{STOCK}" = [0]
"""
VERBS = {
    "check": ("check", CONFIG),
    "run": ("run", CONFIG, "--trials", "300", "--out", "run-made"),
    "run --json": ("run", CONFIG, "--trials", "300", "--out", "run-made", "--json"),
    "sweep": ("sweep", "swept.toml", "--out", "sweep-made"),
    "calibrate": ("calibrate", "small.csv", "--family", "exponential", "--out", "calibrate-made"),
    "backtest": ("backtest", "suites", "--trials", "20", "--out", "backtest-made"),
    "report": ("report", "results", "--ord", "--out", "report-made"),
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

Answers = dict[str, dict[str, list[Any]]]  # by stdout and verb: exit code and stderr
forks = pytest.mark.skipif(
    not (hasattr(os, "fork") and Path("/dev/full").exists()),
    reason="needs forks, and a device that is always full",
)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Something for each verb to work on."""
    folder = tmp_path_factory.mktemp("sources")
    (folder / "small.csv").write_text(SMALL, encoding="utf-8")
    write_suite(folder / "suites")
    write_config(folder, SWEEP, trials=20)
    done = ended(folder, "", "run", CONFIG, "--trials", "300", "--out", "results", "--quiet")
    assert done.returncode == 0, done.stderr
    return folder


def ended(folder: Path, closed: str, *verb: object) -> subprocess.CompletedProcess[str]:
    """A command that has ended, started in a folder with some of its streams closed."""
    return python(folder, "-c", _LAUNCH, closed, *verb)


def python(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


@pytest.fixture(scope="module")
def answers(sources: Path) -> Answers:
    """Exit code and stderr of each verb, where stdout is closed and where it is full."""
    verbs = [list(map(str, verb)) for verb in VERBS.values()]
    script = Path(__file__).with_name("stream_verbs.py")
    done = python(sources, script, json.dumps(verbs))
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    return {stdout: dict(zip(VERBS, ended, strict=True)) for stdout, ended in found.items()}


@forks
@pytest.mark.parametrize("verb", VERBS)
def test_an_answer_that_goes_nowhere_is_no_fault(answers: Answers, verb: str) -> None:
    assert answers["closed"][verb] == [0, ""]


@pytest.mark.parametrize("closed", ["0", "2", "0 1 2"])
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


@forks
@pytest.mark.parametrize("verb", VERBS)
def test_an_answer_that_does_not_fit_is_a_sentence(answers: Answers, verb: str) -> None:
    code, said = answers["full"][verb]
    assert code == 1
    (line,) = said.splitlines()
    assert line.startswith("Error: ")
    assert "No space left on device" in line


@pytest.mark.parametrize(
    ("verb", "notes"),
    [
        (VERBS["check"], 0),
        (VERBS["run"], 1),
        ((*VERBS["run"], "--quiet"), 0),
        (VERBS["run --json"], 0),
        (VERBS["sweep"], 1),
        ((*VERBS["sweep"], "--quiet"), 0),
        ((*VERBS["sweep"], "--json"), 0),
        (VERBS["backtest"], 1),
        ((*VERBS["backtest"], "--quiet"), 0),
        ((*VERBS["backtest"], "--json"), 0),
        (VERBS["report"], 0),
        (VERBS["explain"], 1),
        ((*VERBS["explain"], "--json"), 0),
        (VERBS["compare"], 0),
        (("compare", "results", "minimal.toml"), 1),
        (("compare", "minimal.toml", "minimal.toml", "--trials", "20"), 1),
        (("compare", "results", "minimal.toml", "--json"), 0),
    ],
)
def test_a_verb_that_plays_says_once_that_compiled_code_is_not_kept(
    sources: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    verb: tuple[object, ...],
    notes: int,
) -> None:
    monkeypatch.chdir(sources)
    monkeypatch.setattr(kept, "refused", lambda: Path("/home/me/my cache"))
    assert exit_code(root, list(map(str, verb))) == 0
    said = capsys.readouterr().err
    assert said.count("Please note: another user could change /home/me/my cache, ") == notes
    assert said.count("chmod go-w '/home/me/my cache'") == notes
    assert said.count("\n") == notes


def test_nothing_is_said_of_a_cache_that_is_sound(
    sources: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(sources)
    monkeypatch.setattr(kept, "refused", lambda: None)
    assert exit_code(root, list(map(str, VERBS["run"]))) == 0
    assert capsys.readouterr().err == ""
