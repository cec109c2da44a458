"""`riskengine compare`: folders and configs in, what differs out, in every form."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from report.story_worlds import known_config

from riskengine.cli import root
from riskengine.cli.exits import exit_code
from riskengine.config import load
from riskengine.play.simulate import simulate
from riskengine.store.provenance import Provenance
from riskengine.store.results import save

pytestmark = pytest.mark.whole

PROVENANCE = Provenance(started="2026-01-08T00:00:00+00:00", seconds=1.5)
FILES = ["compare.csv", "compare.html", "compare.xlsx"]


def call(*arguments: str) -> int:
    return exit_code(root, arguments)


def config(stock_days: float = 10, **run: Any) -> dict[str, Any]:
    """A dispute that breaks out by chance, and a stock."""
    made = known_config("gallium")
    made["run"] |= {"trials": 200} | run
    made["disputes"]["gallium"] |= {"rate_per_year": 4, "entry": {"slow": 0.5, "ban": 0.5}}
    made["ladder"]["ban"]["sojourn"] = {"exponential": {"mean": 40}}
    made["materials"]["gallium"]["stocks"] = {"public": {"days": stock_days}}
    return made


def results(name: str, stock_days: float = 10, first_trial: int = 0, **run: Any) -> str:
    scenario = load(config(stock_days, **run))
    losses = simulate(scenario, first_trial=first_trial, threads=1)
    return str(save(losses, Path(name), PROVENANCE).relative_to(Path.cwd()))


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f'"{key}" = {toml(item)}' for key, item in value.items()) + " }"
    return json.dumps(value)


def config_file(name: str, stock_days: float = 10, **run: Any) -> str:
    lines = (f"{key} = {toml(value)}" for key, value in config(stock_days, **run).items())
    Path(name).write_text("\n".join(lines), encoding="utf-8")
    return name


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    shown = capsys.readouterr()
    assert shown.err == ""
    found: dict[str, Any] = json.loads(shown.out, parse_constant=refuse)
    return found


def mean(found: dict[str, Any]) -> dict[str, Any]:
    first: dict[str, Any] = found["differences"][0]
    assert (first["scope"], first["measure"]) == ("total", "mean")
    return first


def test_two_folders_are_compared_by_trial(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("compare", results("a"), results("b", 40)) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert "Paired by trial: both have seed 1 and the 200 trials 0 to 199" in shown.out
    assert "materials.gallium.stocks.public.days  changed  10  40" in shown.out
    assert "VaR 99 %" in shown.out


def test_the_difference_is_b_minus_a_and_sharper_than_either(
    capsys: pytest.CaptureFixture[str],
) -> None:
    a, b = results("a"), results("b", 40)
    assert call("compare", a, b, "--json") == 0
    found = document(capsys)
    assert found["schema_version"] == 1
    assert found["pairing"]["paired"] is True
    assert mean(found)["difference"] == pytest.approx(mean(found)["b"] - mean(found)["a"])
    assert mean(found)["difference"] < 0.0
    assert mean(found)["variance_ratio"] > 1.0
    assert call("compare", b, a, "--json") == 0
    assert mean(document(capsys))["difference"] == -mean(found)["difference"]


def test_configs_are_run_on_the_same_trials_and_give_what_their_folders_give(
    capsys: pytest.CaptureFixture[str],
) -> None:
    a, b = config_file("a.toml", trials=300), config_file("b.toml", 40, seed=5)
    assert call("compare", a, b, "--json", "--threads", "1") == 0
    from_configs = document(capsys)
    assert call("compare", results("a"), results("b", 40), "--json") == 0
    from_folders = document(capsys)
    assert from_configs["differences"] == from_folders["differences"]
    assert from_configs["inputs"] == from_folders["inputs"]
    assert from_configs["pairing"] == from_folders["pairing"]
    assert sorted(path.name for path in Path().iterdir() if path.suffix == ".toml") == [a, b]


def test_trials_and_seed_are_those_of_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    a, b = config_file("a.toml"), config_file("b.toml", 40)
    assert call("compare", a, b, "--json", "--trials", "1_00", "--seed", "9") == 0
    found = document(capsys)
    assert [(found[side]["trials"], found[side]["seed"]) for side in "ab"] == [(100, 9)] * 2


def test_a_config_beside_results_is_run_on_their_trials(capsys: pytest.CaptureFixture[str]) -> None:
    stored = results("b", first_trial=50, trials=80, seed=3)
    assert call("compare", config_file("a.toml"), stored, "--json") == 0
    found = document(capsys)
    assert found["pairing"] | {"reason": ""} == {
        "paired": True,
        "reason": "",
        "first_trial": 50,
        "trials": 80,
        "same": 80,
        "correlation": 1.0,
    }
    assert found["notices"] == []
    assert found["inputs"] == []


def test_different_seeds_are_said_and_not_paired(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("compare", results("a"), results("b", 40, seed=2)) == 0
    assert "Not paired: the seeds differ (1 and 2)" in capsys.readouterr().out


def test_what_does_not_fit_together_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    b = results("b", horizon_days=50, trials=100)
    manifest = json.loads(Path(b, "manifest.json").read_text(encoding="utf-8"))
    manifest["versions"]["riskengine"] = "0.0.1"
    Path(b, "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert call("compare", results("a"), b, "--json") == 0
    codes = [notice["code"] for notice in document(capsys)["notices"]]
    assert codes[:2] == ["horizons-differ", "common-trials-only"]
    assert codes[-1] == "versions-differ"


def test_files_are_written_together_and_hold_the_same_figures(
    capsys: pytest.CaptureFixture[str],
) -> None:
    a, b = results("a"), results("b", 40)
    assert call("compare", a, b, "--out", "deep/er", "--json") == 0
    found = document(capsys)
    assert sorted(path.name for path in Path("deep/er").iterdir()) == FILES
    assert sorted(Path(path).name for path in found["files"]) == FILES
    with Path("deep/er/compare.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    sheet = openpyxl.load_workbook("deep/er/compare.xlsx")["Figures"]
    assert float(rows[0]["difference"]) == mean(found)["difference"] == sheet["I4"].value
    assert len(rows) == len(found["differences"]) == sheet.max_row - 4
    before = {path.name: path.read_bytes() for path in Path("deep/er").iterdir()}
    assert call("compare", a, b, "--out", "deep/er") == 0
    assert {path.name: path.read_bytes() for path in Path("deep/er").iterdir()} == before


def test_excel_csv_has_a_byte_order_mark() -> None:
    assert call("compare", results("a"), results("b"), "--out", "x", "--excel-csv") == 0
    assert Path("x/compare.csv").read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("place", ["a", "a/inside"])
def test_a_comparison_is_not_put_among_results(
    capsys: pytest.CaptureFixture[str], place: str
) -> None:
    a, b = results("a"), results("b")
    assert call("compare", a, b, "--out", place) == 2
    assert "has no place among them" in capsys.readouterr().err
    assert not Path("a/compare.csv").exists()


def test_different_money_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("compare", results("a"), results("b", money="KRW billion")) == 2
    assert "A is in EUR million and B in KRW billion" in capsys.readouterr().err


def test_sizes_are_for_configs(capsys: pytest.CaptureFixture[str]) -> None:
    a, b = results("a"), results("b")
    assert call("compare", a, b, "--trials", "10") == 2
    assert "are for configs" in capsys.readouterr().err
    assert call("compare", config_file("a.toml"), b, "--seed", "10") == 2
    assert "with the seed of the results" in capsys.readouterr().err


def test_an_unsound_config_is_met_before_anything_is_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    a = config_file("a.toml")
    assert call("compare", a, config_file("b.toml", -5)) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "b.toml" in shown.err
    assert "stocks.public.days" in shown.err
    assert call("compare", a, a, "--trials", "abc") == 2


def test_damaged_results_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    a, b = results("a"), results("b")
    with Path(b, "metrics.csv").open("ab") as file:
        file.write(b"x")
    assert call("compare", a, b) == 1
    assert "is damaged" in capsys.readouterr().err


@pytest.mark.parametrize("change", [{"first_trial": 7}, {"trials": 10}, {"trials": "many"}])
def test_a_manifest_that_names_other_trials_is_refused(
    capsys: pytest.CaptureFixture[str], change: dict[str, Any]
) -> None:
    place = Path(results("a"), "manifest.json")
    manifest = json.loads(place.read_text(encoding="utf-8")) | change
    place.write_text(json.dumps(manifest), encoding="utf-8")
    assert call("compare", "a", results("b")) == 1
    said = capsys.readouterr().err
    assert "is damaged" in said
    assert "manifest.json" in said


def test_losses_that_no_input_explains_are_pointed_out(capsys: pytest.CaptureFixture[str]) -> None:
    a, b = results("a"), results("b", 40)
    place = Path(b, "manifest.json")
    manifest = json.loads(place.read_text(encoding="utf-8"))
    manifest["config"] = json.loads(Path(a, "manifest.json").read_text(encoding="utf-8"))["config"]
    place.write_text(json.dumps(manifest), encoding="utf-8")
    assert call("compare", a, b) == 0
    assert "The inputs are the same and some losses are not" in capsys.readouterr().out.replace(
        "\n  ", " "
    )
