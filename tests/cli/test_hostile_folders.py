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

from riskengine.config import SweptConfig
from riskengine.store.folder import SWEEP_FORMAT, claim
from riskengine.sweeping import open_course

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "configs" / "minimal.toml"
EPISODES = "duration_days,censored\n" + "".join(f"{days},0\n" for days in (10, 20, 35, 60, 90))
SWEEP = f"""
method = "one-at-a-time"
[sweep.parameters]
"{STOCK}" = [0, 120]
"""

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="bounds the memory of a process as Linux does"
)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of each kind, and beside them what each verb needs to write another."""
    work = tmp_path_factory.mktemp("hostile")
    shutil.copy(CONFIG, work / "small.toml")
    (work / "small.csv").write_text(EPISODES, encoding="utf-8")
    write_suite(work / "suites")
    config = loaded(work, SWEEP, trials=60)
    swept(config, work / "swept")
    cut_off(config, work / "swept")
    for verb in (
        ("run", "small.toml", "--trials", "300", "--first-trial", "500", "--out", "sound"),
        ("calibrate", "small.csv", "--out", "fit"),
        ("backtest", "suites", "--out", "backtest"),
    ):
        done = python(work, "-m", "riskengine", *verb, "--quiet")
        assert done.returncode == 0, done.stderr
    return work


def cut_off(config: SweptConfig, target: Path) -> None:
    """Play two points of a sweep and stop."""

    def stop(done: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with claim(target, SWEEP_FORMAT) as claimed, pytest.raises(KeyboardInterrupt):
        open_course(config, claimed, threads=1).play(stop)


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


def wrong_answers(work: Path, kind: str, name: str, *arguments: object) -> list[dict[str, str]]:
    """What `hostile_verbs.py` reports; it ends well even where answers are wrong."""
    script = Path(__file__).with_name("hostile_verbs.py")
    done = python(work, script, kind, work / name, *arguments)
    shutil.rmtree(work / "case", ignore_errors=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("kind", "name", "count"),
    [
        ("run", "sound", 30),
        ("tables", "swept", 9),
        ("tables", "fit", 9),
        ("tables", "backtest", 9),
        ("kept", "swept", 10),
    ],
)
def test_no_edit_of_a_folder_gets_more_than_a_sentence(
    work: Path, kind: str, name: str, count: int
) -> None:
    assert wrong_answers(work, kind, name, 0, count) == []


def test_a_small_file_of_many_rows_takes_no_memory(work: Path) -> None:
    """Fifty million rows in less than a megabyte, of which the manifest knows nothing."""
    assert wrong_answers(work, "run", "sound", 0, 2, "--edit", "many_rows") == []
