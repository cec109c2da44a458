"""`riskengine explain`: the right trial, checked against what is stored, in every form."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from report.story_worlds import HOSTILE, known_config

from riskengine.cli import root
from riskengine.cli.exits import exit_code
from riskengine.config import load
from riskengine.model.losses import Losses
from riskengine.play.simulate import simulate
from riskengine.store.provenance import Provenance
from riskengine.store.results import save

pytestmark = pytest.mark.whole

PROVENANCE = Provenance(started="2026-01-08T00:00:00+00:00", seconds=1.5, overrides=(), options={})
FIRST = 500


def call(*arguments: str) -> int:
    return exit_code(root, arguments)


def random_case(name: str = "gallium") -> Losses:
    """Trials that differ: the dispute breaks out by chance."""
    config = known_config(name)
    config["disputes"][name] |= {"active": {"level": "slow", "elapsed_days": 3}, "rate_per_year": 9}
    config["disputes"][name]["entry"] = {"slow": 0.5, "ban": 0.5}
    config["ladder"]["ban"]["sojourn"] = {"exponential": {"mean": 40}}
    config["ladder"]["slow"]["sojourn"] = {"exponential": {"mean": 20}}
    config["industries"]["cars"] = {
        "value_added_per_year": 900.0,
        "uses": {name: {"share": 0.0, "dependence": 0.1, "inventory_days": 20}},
    }
    return simulate(load(config), trials=60, first_trial=FIRST, threads=1)


@pytest.fixture(scope="module")
def losses() -> Losses:
    return random_case()


@pytest.fixture
def folder(tmp_path: Path, losses: Losses, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return save(losses, tmp_path / "run", PROVENANCE)


def edit(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    change(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    found: dict[str, Any] = json.loads(capsys.readouterr().out, parse_constant=refuse)
    return found


def test_a_trial_is_told_by_its_number(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("explain", "run", "--trial", "507") == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    lines = shown.out.splitlines()
    assert lines[0] == "Known"
    assert lines[1] == "Trial 507"
    assert "in progress at the start" in shown.out
    assert "to the last bit" in " ".join(shown.out.split())
    assert lines[-1].endswith("those stored in the results, to the bit.")


@pytest.mark.parametrize("trial", range(FIRST, FIRST + 60))
def test_every_trial_of_a_run_can_be_told(
    folder: Path, losses: Losses, capsys: pytest.CaptureFixture[str], trial: int
) -> None:
    assert call("explain", "run", "--trial", str(trial), "--json") == 0
    assert document(capsys)["losses"]["total"] == losses.total[trial - FIRST]


@pytest.mark.parametrize(
    ("at", "wanted"),
    [
        ("var90", lambda x: np.sort(x)[53]),
        ("VaR95", lambda x: np.sort(x)[56]),
        ("median", lambda x: np.sort(x)[29]),
        ("max", np.max),
    ],
)
def test_the_trial_at_a_level_is_told(
    folder: Path,
    losses: Losses,
    capsys: pytest.CaptureFixture[str],
    at: str,
    wanted: Callable[[Any], float],
) -> None:
    assert call("explain", "run", "--at", at, "--json") == 0
    found = document(capsys)
    assert found["losses"]["total"] == wanted(losses.total)
    assert found["trial"] == FIRST + np.flatnonzero(losses.total == wanted(losses.total))[0]
    assert found["reason"].endswith("of the total loss")
    assert found["schema_version"] == 1


def test_the_level_may_be_that_of_one_industry(
    folder: Path, losses: Losses, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("explain", "run", "--at", "max", "--industry", "cars", "--json") == 0
    found = document(capsys)
    assert found["trial"] == FIRST + np.argmax(losses.industry_loss[:, 1])
    assert found["reason"] == "largest of the loss of cars"


def test_json_is_ascii_and_the_only_thing_on_stdout(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("explain", "run", "--at", "mean", "--json", "--html", "page.html") == 0
    shown = capsys.readouterr()
    assert shown.out.isascii()
    assert json.loads(shown.out)["folder"] == str(folder)
    assert shown.err == ""


def test_a_page_replaces_an_older_one_and_leaves_nothing_else(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "page.html").write_text("old")
    assert call("explain", "run", "--at", "var99", "--html", "page.html") == 0
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "VaR 99&nbsp;% of the total loss" in page
    assert capsys.readouterr().out.splitlines()[-1] == "Page: page.html"
    assert {path.name for path in tmp_path.iterdir()} <= {"run", ".run.lock", "page.html"}


@pytest.mark.parametrize("place", ["run", "nowhere/page.html"])
def test_a_page_that_cannot_be_written_exits_1_and_leaves_nothing(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    before = sorted(tmp_path.rglob("*"))
    assert call("explain", "run", "--at", "var99", "--html", place) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "could not be written" in shown.err
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "say which trial"),
        (["--trial", "501", "--at", "max"], "say which trial"),
        (["--trial", "501", "--industry", "chips"], "use them together"),
        (["--trial", "499"], "hold trials 500 to 559"),
        (["--trial", "560"], "hold trials 500 to 559"),
        (["--trial", "-1"], "-1"),
        (["--at", "var42"], "var42"),
        (["--at", "max", "--industry", "chip"], 'did you mean "chips"?'),
        (["--at", "max", "--industry", "zzzzzzzz"], "known are: chips, cars"),
    ],
)
def test_a_wrong_question_exits_2(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert call("explain", "run", *arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert message in shown.err
    assert "Traceback" not in shown.err


def test_a_folder_without_results_exits_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("explain", str(tmp_path), "--at", "max") == 1
    assert "not a complete results folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest.update(seed=manifest["seed"] + 1),
        lambda manifest: manifest["config"]["industries"]["chips"].update(recapture=1e-15),
    ],
)
def test_a_row_that_differs_in_one_bit_is_refused(
    folder: Path,
    losses: Losses,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[dict[str, Any]], None],
) -> None:
    edit(folder, change)
    trial = FIRST + int(np.argmax(losses.output[:, 0]))
    assert call("explain", "run", "--trial", str(trial)) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "is not the trial stored in" in shown.err
    assert "Run the scenario again" in shown.err


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest.pop("seed"),
        lambda manifest: manifest.update(trials="many"),
        lambda manifest: manifest.update(horizon_days=99.0),
        lambda manifest: manifest.pop("config"),
        lambda manifest: manifest.update(config="/etc/hosts"),
        lambda manifest: manifest["config"]["industries"].clear(),
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], change: Callable[[dict[str, Any]], None]
) -> None:
    edit(folder, change)
    assert call("explain", "run", "--trial", "507") == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "manifest.json" in shown.err
    assert "Traceback" not in shown.err


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda manifest: manifest.update(trials=10**6), "it has 60 rows"),
        (lambda manifest: manifest.update(first_trial=FIRST + 1), "it has other trials"),
        (lambda manifest: manifest["config"]["industries"].pop("cars"), '"industry:cars"'),
    ],
)
def test_rows_that_the_manifest_does_not_know_are_refused(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[dict[str, Any]], None],
    words: str,
) -> None:
    edit(folder, change)
    assert call("explain", "run", "--trial", str(FIRST + 30)) == 1
    said = capsys.readouterr().err
    assert "losses.parquet is damaged" in said
    assert words in said


def test_a_damaged_file_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "materials.parquet").write_bytes(b"PAR1")
    assert call("explain", "run", "--trial", "507") == 1
    assert "is damaged" in capsys.readouterr().err


def test_names_come_back_as_text_in_every_form(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    save(random_case(HOSTILE), "run", PROVENANCE)
    arguments = ("explain", "run", "--at", "max", "--industry", HOSTILE)
    assert call(*arguments, "--html", "page.html") == 0
    shown = capsys.readouterr().out
    assert all(line.isprintable() for line in shown.splitlines())
    assert "갈륨" in shown
    page = Path("page.html").read_text(encoding="utf-8")
    assert "<script>" not in page
    assert call(*arguments, "--json") == 0
    assert HOSTILE in document(capsys)["events"][0]["names"]
