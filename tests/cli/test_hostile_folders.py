"""Every verb that reads a results folder answers in a sentence, whatever somebody put into it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from backtest.suite_worlds import write_suite
from swept import STOCK, loaded, swept

from riskengine.cli import root
from riskengine.cli.exits import exit_code
from riskengine.config import SweptConfig
from riskengine.store.folder import SWEEP_FORMAT, claim
from riskengine.verbs.jobs.sweep_job import open_job

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "configs" / "minimal.toml"
EPISODES = "duration_days,censored\n" + "".join(f"{days},0\n" for days in (10, 20, 35, 60, 90))
SOUND = {"run": ["sound"], "tables": ["swept", "fit", "backtest"], "kept": ["swept"]}
SWEEP = f"""
method = "one-at-a-time"
[sweep.parameters]
"{STOCK}" = [0, 120]
"""
# A run of it has every file that a run can write.
POOLED = f"""
extends = "{CONFIG.name}"
pools.spare = {{ capacity_per_year = 3 }}
[materials.ndfeb-magnets]
demand_per_year = 100
alternatives.asean.pool = "spare"
"""

pytestmark = [
    pytest.mark.exhaustive,
    pytest.mark.skipif(
        not Path("/proc/self/statm").exists(), reason="bounds the memory of a process as Linux does"
    ),
]


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of each kind, and beside them what each verb needs to write another."""
    work = tmp_path_factory.mktemp("hostile")
    shutil.copy(CONFIG, work)
    (work / "small.toml").write_text(POOLED, encoding="utf-8")
    (work / "small.csv").write_text(EPISODES, encoding="utf-8")
    write_suite(work / "suites")
    config = loaded(work, SWEEP, trials=60)
    swept(config, work / "swept")
    cut_off(config, work / "swept")
    for verb, source, name, *options in (
        ("run", "small.toml", "sound", "--trials", "300", "--first-trial", "500"),
        ("calibrate", "small.csv", "fit"),
        ("backtest", "suites", "backtest"),
    ):
        places = (str(work / source), "--out", str(work / name))
        assert exit_code(root, [verb, *places, *options, "--quiet"]) == 0
    return work


def cut_off(config: SweptConfig, target: Path) -> None:
    """Play two points of a sweep and stop."""

    def stop(done: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with claim(target, SWEEP_FORMAT) as claimed, pytest.raises(KeyboardInterrupt):
        open_job(config, claimed, threads=1).play(stop)


def python(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(map(str, (ROOT, ROOT / "tests")))
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


def wrong_answers(work: Path, kind: str, count: int, *arguments: str) -> list[dict[str, str]]:
    """What `hostile_verbs.py` reports; it ends well even where answers are wrong."""
    script = Path(__file__).with_name("hostile_verbs.py")
    sound = [work / name for name in SOUND[kind]]
    done = python(work, script, kind, count, *sound, *arguments)
    shutil.rmtree(work / "case", ignore_errors=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(("kind", "count"), [("run", 25), ("tables", 27), ("kept", 8)])
def test_no_edit_of_a_folder_gets_more_than_a_sentence(work: Path, kind: str, count: int) -> None:
    """Every kind of edit is among them."""
    assert wrong_answers(work, kind, count) == []


def test_a_small_file_of_many_rows_takes_no_memory(work: Path) -> None:
    """Fifty million rows in less than a megabyte, of which the manifest knows nothing."""
    assert wrong_answers(work, "run", 1, "--edit", "many_rows") == []
