"""Runs of any size from the command line: what is kept, when they stop, what can be done after."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from riskengine.cli import root
from riskengine.cli.exits import exit_code
from riskengine.store.columns import POOLS, TRIAL_FILES
from riskengine.store.results import load_results
from riskengine.verbs.jobs import streamed_run

pytestmark = pytest.mark.whole

CONFIG = str(Path(__file__).parents[2] / "configs" / "minimal.toml")


def run(*args: str) -> Result:
    return CliRunner().invoke(root, [*args])


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def played(out: Path, *args: str) -> Result:
    done = run("run", CONFIG, "--out", str(out), *args)
    assert done.exit_code == 0, done.output
    return done


FILES = [name for name in TRIAL_FILES if name != POOLS]  #: the scenario has no pools


def shown(done: Result) -> str:
    """The figures, without the line that names the folder."""
    return done.output.split("Results:")[0]


def test_the_tail_holds_the_worst_trials_and_the_figures_are_those_of_all(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streamed_run, "TAIL_ROWS", 150)
    tail = played(out, "--trials", "9000", "--keep", "tail")
    whole = played(tmp_path / "whole", "--trials", "9000")
    assert shown(tail) == shown(whole)
    kept = {name: load_results(out).rows(name) for name in FILES}
    every = {name: load_results(tmp_path / "whole").table(name) for name in FILES}
    total = every["losses.parquet"]["total"].to_numpy()
    worst = np.sort(np.lexsort((np.arange(9000), -total))[:150])
    for name, table in kept.items():
        assert table.equals(every[name].take(worst)), name


def test_nothing_is_kept_where_nothing_is_wanted(out: Path) -> None:
    played(out, "--trials", "9000", "--keep", "none")
    assert not list(out.glob("*.parquet"))
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["keep"] == manifest["options"]["keep"] == "none"
    assert {"metrics.csv", "curves.csv", "timeline.csv", "stories.json"} <= set(manifest["files"])
    assert (out / "risk.xlsx").exists()


def test_rows_written_block_by_block_are_those_written_at_once(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trials = "70000"
    whole = played(tmp_path / "whole", "--trials", trials)
    monkeypatch.setattr(streamed_run, "MOST_ROWS", 10_000)
    blocks = played(out, "--trials", trials)
    assert shown(blocks) == shown(whole)
    for name in FILES:
        ours, theirs = (pq.read_table(folder / name) for folder in (out, tmp_path / "whole"))
        assert ours.equals(theirs)
        assert ours.schema.equals(theirs.schema, check_metadata=True)
    load_results(out).verify()


def test_a_run_stops_when_the_error_is_reached(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamed_run, "BLOCK_TRIALS", 65_536)
    done = played(out, "--target-error", "10%", "--measure", "mean", "--trials", "4_000_000")
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["trials"] == 65_536
    assert manifest["options"]["target_error"] == "10% of mean"
    assert "Wanted ±10 % for the mean: ±" in done.output
    assert "after 65,536 trials." in done.output


def test_a_run_that_may_not_go_on_says_what_it_reached(out: Path) -> None:
    done = played(out, "--target-error", "0.1%", "--trials", "9000", "--keep", "none")
    assert "Wanted ±0.1 % for TVaR 99 %, which 9,000 trials cannot reach: ±" in done.output
    assert "Allow more with --trials." in done.output
    answer = json.loads(
        played(out, "--target-error", "0.1%", "--trials", "9000", "--json", "--keep", "none").output
    )
    assert answer["target"].startswith("Wanted ±0.1 %")


def test_no_error_is_a_share_of_nothing(out: Path) -> None:
    """More trials would not help, so none are asked for."""
    never = ("--set", "disputes.china-korea.rate_per_year=0")
    done = played(out, "--target-error", "1%", "--trials", "1", "--keep", "none", *never)
    assert "for TVaR 99 %, which is 0 after 1 trial: no error is a share of that." in done.output
    assert "Allow more" not in done.output


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("2", "Did you mean 2%?"),
        ("0", "not above 0"),
        ("100%", "not above 0 and below 100 %"),
        ("nan", "not above 0"),
        ("little", "write 1% or 0.01"),
    ],
)
def test_an_error_that_cannot_be_wanted_is_refused(out: Path, given: str, said: str) -> None:
    done = run("run", CONFIG, "--out", str(out), "--target-error", given)
    assert done.exit_code == 2
    assert said in done.output
    assert not out.exists()


def test_a_measure_that_is_not_known_is_refused(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--out", str(out), "--target-error", "1%", "--measure", "var98"]
    assert exit_code(root, ["run", CONFIG, *arguments]) == 2
    assert "var, tvar, oep_var at 90, 95, 99 or 99.5, such as var90" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize("measure", ["mean", "tvar99"])
def test_a_measure_without_an_error_to_aim_at_is_refused(
    out: Path, capsys: pytest.CaptureFixture[str], measure: str
) -> None:
    assert exit_code(root, ["run", CONFIG, "--out", str(out), "--measure", measure]) == 2
    assert "--measure belongs to --target-error" in capsys.readouterr().err
    assert list(out.parent.iterdir()) == []


@pytest.fixture
def tail(out: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(streamed_run, "TAIL_ROWS", 150)
    played(out, "--trials", "9000", "--keep", "tail")
    return str(out)


@pytest.mark.parametrize("at", ["max", "var99", "var995"])
def test_a_trial_of_the_tail_is_told_as_in_a_run_that_kept_all(
    tail: str, at: str, tmp_path: Path
) -> None:
    played(tmp_path / "whole", "--trials", "9000")
    ours, theirs = (run("explain", folder, "--at", at) for folder in (tail, f"{tmp_path}/whole"))
    assert ours.exit_code == theirs.exit_code == 0, ours.output
    assert ours.output.replace(tail, "") == theirs.output.replace(f"{tmp_path}/whole", "")


@pytest.mark.parametrize(("kept", "is_told"), [(45, False), (46, True)])
def test_the_trial_at_a_level_is_told_if_it_is_among_those_kept(
    out: Path, monkeypatch: pytest.MonkeyPatch, kept: int, is_told: bool
) -> None:
    """Of 9,000 losses in ascending order that at 99.5 % is the 8,955th: 45 come after it."""
    monkeypatch.setattr(streamed_run, "TAIL_ROWS", kept)
    played(out, "--trials", "9000", "--keep", "tail")
    done = run("explain", str(out), "--at", "var995")
    assert (done.exit_code == 0) == is_told
    assert is_told or "45 worst trials row by row" in str(done.exception)


def test_what_needs_every_trial_says_that_they_were_not_kept(tail: str) -> None:
    from riskengine.store.faults import ResultsFault

    for args in (("explain", tail, "--at", "median"), ("explain", tail, "--at", "var90")):
        done = run(*args)
        assert isinstance(done.exception, ResultsFault)
        assert "150 worst trials" in str(done.exception)
    for args in (("compare", tail, tail), ("report", tail, "--ord")):
        done = run(*args)
        assert isinstance(done.exception, ResultsFault)
        assert "run with --keep tail" in str(done.exception)


def test_another_seed_than_that_of_the_tail_is_noticed(tail: str) -> None:
    from riskengine.store.faults import ResultsFault

    manifest = Path(tail) / "manifest.json"
    document = json.loads(manifest.read_text())
    document["seed"] += 1
    manifest.write_text(json.dumps(document))
    worst = int(load_results(tail).rows("losses.parquet")["trial"][0].as_py())
    done = run("explain", tail, "--trial", str(worst))
    assert isinstance(done.exception, ResultsFault)
    assert "is not the trial stored" in str(done.exception)


def test_page_and_workbook_of_a_run_without_rows(out: Path) -> None:
    played(out, "--trials", "9000", "--keep", "none")
    assert run("report", str(out)).exit_code == 0
    page = (out / "report.html").read_text()
    assert page.count("Not shown: this takes one row a trial") == 2
    assert "TVaR" in page
