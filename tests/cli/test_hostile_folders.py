"""Every verb that reads a results folder answers in a sentence, whatever somebody put into it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "configs" / "minimal.toml"

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="bounds the memory of a process as Linux does"
)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real run, stories and rows included, and a config beside it."""
    work = tmp_path_factory.mktemp("hostile")
    shutil.copy(CONFIG, work / "small.toml")
    verb = ("run", "small.toml", "--trials", "300", "--first-trial", "500", "--out", "sound")
    done = python(work, "-m", "riskengine", *verb, "--quiet")
    assert done.returncode == 0, done.stderr
    return work / "sound"


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


def wrong_answers(sound: Path, *arguments: object) -> list[dict[str, str]]:
    """What `hostile_verbs.py` reports; it ends well even where answers are wrong."""
    script = Path(__file__).with_name("hostile_verbs.py")
    done = python(sound.parent, script, sound, sound.parent, *arguments)
    shutil.rmtree(sound.parent / "case", ignore_errors=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_no_edit_of_a_folder_gets_more_than_a_sentence(sound: Path) -> None:
    assert wrong_answers(sound, 0, 40) == []


def test_a_small_file_of_many_rows_takes_no_memory(sound: Path) -> None:
    """Fifty million rows in less than a megabyte, of which the manifest knows nothing."""
    assert wrong_answers(sound, 0, 2, "many_rows") == []
