"""A confidence level of the config works in every verb: 99.9 % by `run.levels`."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from click.testing import CliRunner, Result

from riskengine.cli import root
from riskengine.cli.exits import exit_code
from riskengine.measures.binned import BIN_ERROR
from riskengine.store.folder import WORKBOOK
from riskengine.store.results import load_results

CONFIG = str(Path(__file__).parents[2] / "configs" / "minimal.toml")
TRIALS = 9_000
LEVELS = "run.levels=[0.9, 0.96, 0.999]"
RANK = 8_991  # ceil(9,000 x 0.999)


def run(*args: str) -> Result:
    return CliRunner().invoke(root, [*args])


def played(out: Path, *args: str) -> Path:
    done = run("run", CONFIG, "--out", str(out), "--trials", str(TRIALS), "--set", LEVELS, *args)
    assert done.exit_code == 0, done.output
    return out


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return played(tmp_path_factory.mktemp("levels") / "run")


@pytest.fixture(scope="module")
def ordered(folder: Path) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.sort(load_results(folder).table("losses.parquet")["total"].to_numpy())


def metrics(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / "metrics.csv").read_text("utf-8"))))


def var_in(folder: Path, level: str) -> float:
    (row,) = (
        r for r in metrics(folder)
        if (r["scope"], r["measure"], r["level"]) == ("total", "var", level)
    )  # fmt: skip
    return float(row["value"])


def test_files_terminal_and_workbook_have_it(
    folder: Path, ordered: np.ndarray[Any, np.dtype[np.float64]]
) -> None:
    exact = ordered[RANK - 1]
    assert var_in(folder, "0.999") == exact
    assert {r["level"] for r in metrics(folder) if r["measure"] == "tvar"} == {
        "0.9", "0.96", "0.999"
    }  # fmt: skip
    assert json.loads((folder / "manifest.json").read_text("utf-8"))["config"]["run"]["levels"] == [
        0.9, 0.96, 0.999
    ]  # fmt: skip
    book = openpyxl.load_workbook(folder / WORKBOOK)
    names = book.defined_names
    for name in (
        "VaR999_total",
        "TVaR999_total",
        "OEP999_total",
        "IndustryPartOfTVaR999_automobile",
    ):
        assert name in names
    # The percentiles have 99.5 % whatever the levels; no other figure does.
    assert [name for name in names if "995" in name] == ["P995_total"]
    sheet, cell = names["VaR999_total"].attr_text.rsplit("!", 1)
    assert book[sheet.strip("'")][cell.replace("$", "")].value == pytest.approx(exact, rel=1e-14)
    summary = " ".join(str(c.value) for row in book["Summary"].iter_rows() for c in row if c.value)
    assert "With a chance of 96 % the loss stays at or below" in summary
    assert "In the worst 4 % the loss is borne by" in summary


def test_the_stories_are_those_of_its_levels(folder: Path) -> None:
    stories = load_results(folder).stories()
    assert [story["at"] for story in stories] == ["var96", "var99.9"]
    assert stories[1]["losses"]["total"] == var_in(folder, "0.999")


@pytest.mark.whole
def test_the_page_is_about_the_level_at_which_names_are_compared(
    folder: Path, tmp_path: Path
) -> None:
    done = run("report", str(folder), "--out", str(tmp_path))
    assert done.exit_code == 0, done.output
    (page,) = tmp_path.glob("*.html")
    found = page.read_text("utf-8").replace("&nbsp;", " ")
    assert "Bad: VaR 96 %" in found
    assert "mean loss in the worst 4 %" in found
    assert "One bad trial: the one at VaR 96 %" in found
    assert "not exceeded with a chance of 99 %" not in found


@pytest.mark.parametrize("at", ["var99.9", "VAR999", "var96"])
def test_its_trial_is_explained(folder: Path, at: str) -> None:
    done = run("explain", str(folder), "--at", at, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    level = "0.96" if "96" in at else "0.999"
    assert told["losses"]["total"] == var_in(folder, level)


def test_another_level_is_refused_with_those_there_are(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(root, ["explain", str(folder), "--at", "var99"]) == 2
    said = capsys.readouterr().err
    assert "--at var99" in said
    assert "var90, var96, var99.9, median, mean or max" in said


def test_rows_that_are_not_kept_give_the_same_figures(folder: Path, tmp_path: Path) -> None:
    streamed = played(tmp_path / "out", "--keep", "tail")
    pairs = list(zip(metrics(folder), metrics(streamed), strict=True))
    for ours, theirs in pairs:
        assert [ours[k] for k in ("scope", "name", "measure", "level")] == [
            theirs[k] for k in ("scope", "name", "measure", "level")
        ]
        bound = BIN_ERROR if ours["measure"] == "first_loss_day_median" else 1e-9
        np.testing.assert_allclose(float(ours["value"]), float(theirs["value"]), rtol=bound)
    done = run("explain", str(streamed), "--at", "var99.9", "--json")
    assert json.loads(done.stdout)["losses"]["total"] == var_in(folder, "0.999")


@pytest.mark.costly
def test_a_target_error_may_be_about_it(tmp_path: Path) -> None:
    wanted = ("--target-error", "50%", "--measure", "var99.9")
    manifest = json.loads((played(tmp_path / "a", *wanted) / "manifest.json").read_text("utf-8"))
    assert manifest["options"]["target_error"] == "50% of var99.9"
    usual = played(tmp_path / "b", "--target-error", "50%")
    manifest = json.loads((usual / "manifest.json").read_text("utf-8"))
    assert manifest["options"]["target_error"] == "50% of tvar96"


def test_a_target_error_at_a_level_that_is_not_asked_for_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["run", CONFIG, "--out", str(tmp_path / "out"), "--set", LEVELS]
    arguments += ["--target-error", "1%", "--measure", "tvar99"]
    assert exit_code(root, arguments) == 2
    assert "var, tvar, oep_var at 90, 96 or 99.9" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_folder_from_before_there_were_levels_is_read_and_compared(
    folder: Path, tmp_path: Path
) -> None:
    usual = tmp_path / "old"
    done = run("run", CONFIG, "--out", str(usual), "--trials", str(TRIALS))
    assert done.exit_code == 0, done.output
    manifest = json.loads((usual / "manifest.json").read_text("utf-8"))
    del manifest["config"]["run"]["levels"]
    (usual / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert load_results(usual).scenario.run.levels == (0.9, 0.95, 0.99, 0.995)
    assert run("explain", str(usual), "--at", "var99.5").exit_code == 0
    done = run("compare", str(folder), str(usual), "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert {row["level"] for row in found["differences"] if row["measure"] == "var"} == {0.9}
    assert "levels-differ" in [notice["code"] for notice in found["notices"]]
    inputs = {each["path"]: each for each in found["inputs"]}
    assert list(inputs) == ["run.levels"]
    assert inputs["run.levels"]["change"] == "changed"
