"""The verb batch: what it prints and writes, and how it ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from riskengine.cli import root
from riskengine.cli.exits import INTERRUPTED, exit_code

pytestmark = pytest.mark.whole

MINIMAL = (Path(__file__).parents[2] / "configs" / "minimal.toml").read_bytes()
SHIPPED = Path(__file__).parents[2] / "configs" / "batch-2026.toml"
FILE = """[batch]
title = "Month-end"
[batch.scenarios.base]
config = "minimal.toml"
[batch.scenarios.more]
config = "minimal.toml"
set = { "materials.ndfeb-magnets.stocks.private.days" = 90 }
"""


def call(*arguments: object) -> int:
    return exit_code(root, [str(argument) for argument in arguments])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "minimal.toml").write_bytes(MINIMAL)
    (tmp_path / "month.toml").write_text(FILE, encoding="utf-8")
    return tmp_path


def test_a_batch_ends_with_its_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("batch", "month.toml", "--trials", 200) == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines()[0] == "Month-end"
    assert "month-batch" in shown.out
    assert shown.err == ""
    there = {path.name for path in Path("results/month-batch").iterdir()}
    assert {"base", "more", "batch.csv", "batch.parquet", "scenarios.csv"} <= there
    assert call("report", "results/month-batch/more", "--html") == 0
    assert call("explain", "results/month-batch/more", "--trial", 7) == 0
    assert call("batch", "month.toml", "--trials", 200) == 0
    assert Path("results/month-batch/more/report.html").exists()


def test_what_is_named_wrongly_on_the_command_line_is_said_there(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert call("batch", "month.toml", "--reference", "mroe") == 2
    said = '--reference mroe: the batch has no such scenario; did you mean "more"? It has: base, '
    assert said in capsys.readouterr().err
    assert call("batch", "month.toml", "--reference", "zzzz") == 2
    assert "the batch has no such scenario. It has: base, more" in capsys.readouterr().err
    assert call("batch", "month.toml", "--previous", "gone") == 2
    shown = capsys.readouterr().err
    assert "--previous gone: " in shown
    assert "no manifest.json. Name the folder of an earlier batch." in shown
    assert "month.toml" not in shown
    assert call("run", "month.toml") == 2
    assert "this is a batch file, which riskengine batch plays" in capsys.readouterr().err


def test_a_terminal_shows_why_a_scenario_failed_and_was_not_compared(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert call("batch", "month.toml", "--trials", 200, "--out", "earlier", "--quiet") == 0
    money = FILE.replace('"minimal.toml"', '"euros.toml"')
    broken = '[batch.scenarios.broken]\nconfig = "minimal.toml"\nset = { "run.trails" = 3 }\n'
    Path("month.toml").write_text(money + broken, encoding="utf-8")
    euros = 'extends = "minimal.toml"\n[run]\nmoney = "EUR million"\n'
    Path("euros.toml").write_text(euros, encoding="utf-8")
    capsys.readouterr()
    assert call("batch", "month.toml", "--trials", 200, "--previous", "earlier") == 1
    shown = capsys.readouterr().out
    said = (
        "Not compared with Month-end: base and more (it was in USD million, and is in EUR million"
    )
    assert said in " ".join(shown.split())
    assert 'did you mean "trials"?' in " ".join(shown.split())
    assert "\\u000a" not in shown


def test_a_scenario_that_fails_makes_the_command_end_with_1(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("month.toml").write_text(FILE.replace("ndfeb-magnets", "ndfeb-magnet"), encoding="utf-8")
    assert call("batch", "month.toml", "--trials", 50) == 1
    shown = capsys.readouterr().out
    assert 'did you mean "ndfeb-magnets"?' in shown
    assert Path("results/month-batch/base").is_dir()


def test_a_wrong_batch_file_ends_with_2_and_writes_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("month.toml").write_text(FILE.replace("title", "titel"), encoding="utf-8")
    assert call("batch", "month.toml") == 2
    assert 'did you mean "title"?' in capsys.readouterr().err
    assert not Path("results").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--reference", "bse"], 'did you mean "base"?'),
        (["--previous", "nowhere"], "not a complete results folder"),
        (["--threads", "1", "--workers", "2"], "--threads is for one process"),
        (["--quiet", "--json"], "choose one"),
    ],
)
def test_wrong_options_end_with_2(
    options: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("batch", "month.toml", *options) == 2
    assert words in capsys.readouterr().err
    assert not Path("results").exists()


def test_json_holds_the_tables(capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--trials", 50, "--json", "--reference", "base")
    assert call("batch", "month.toml", *options) == 0
    found = json.loads(capsys.readouterr().out)
    assert [each["scenario"] for each in found["scenarios"]] == ["base", "more"]
    assert {each["scenario"] for each in found["reference"]} == {"more"}
    assert {each["scenario"] for each in found["batch"]} == {"base", "more"}


def test_another_form_of_csv_is_played_again() -> None:
    assert call("batch", "month.toml", "--trials", 50) == 0
    assert call("batch", "month.toml", "--trials", 50, "--excel-csv") == 0
    table = Path("results/month-batch/scenarios.csv").read_bytes()
    assert table.startswith(b"\xef\xbb\xbfscenario,status")
    assert table.count(b"played") == 2


def test_quiet_prints_the_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("batch", "minimal.toml", "--trials", 50, "--quiet") == 0
    assert capsys.readouterr().out.split() == [str(Path("results/minimal-batch"))]


def test_the_shipped_batch_is_played(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("batch", SHIPPED, "--trials", 100, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert {each["status"] for each in found["scenarios"]} == {"played"}
    assert {each["horizon_days"] for each in found["scenarios"]} == {730.0}


@pytest.mark.processes
def test_ctrl_c_ends_with_130_and_the_same_command_goes_on(folder: Path) -> None:
    sized = FILE.replace('toml"\n[', 'toml"\nset = { "run.trials" = 50 }\n[')
    sized = sized.replace("= 90", '= 90, "run.trials" = 5_000_000')
    Path("month.toml").write_text(sized, encoding="utf-8")
    command = [sys.executable, "-m", "riskengine", "batch", "month.toml", "--threads", "1"]
    started = subprocess.Popen(command, stderr=subprocess.PIPE, cwd=folder)
    finished = folder / "results" / ".month-batch.work" / "base" / "manifest.json"
    while not finished.exists() and started.poll() is None:
        time.sleep(0.01)
    started.send_signal(signal.SIGINT)
    _, told = started.communicate()
    assert started.returncode == INTERRUPTED
    assert b"1 of 2 scenarios are finished and kept" in told
    assert finished.exists()
