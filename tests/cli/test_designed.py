"""Runs that are no plain sample from the command line, and what refuses them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from backtest.suite_worlds import CONFIG as SUITE_CONFIG
from backtest.suite_worlds import write_suite

from riskengine.cli import root
from riskengine.cli.exits import exit_code
from riskengine.config import load
from riskengine.figures.convergence import run_notices
from riskengine.figures.designed import evidence_of
from riskengine.measures.weighted import TrialDesign, WeightedSample
from riskengine.model.sampling import onset_probability
from riskengine.play.simulate import simulate
from riskengine.result import Result
from riskengine.store.results import load_results

pytestmark = pytest.mark.whole

MINIMAL = str(Path(__file__).parents[2] / "configs" / "minimal.toml")
KOREA = str(Path(__file__).parents[2] / "configs" / "korea-baseline.toml")
SOBOL = ("--set", "run.sampling=sobol")
ONSET = ("--set", "run.given_onset=true")
TILT = ("--set", "run.tilt=0.7")
ALL = (*SOBOL, *ONSET, *TILT)


def call(*arguments: str) -> int:
    return exit_code(root, arguments)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(name: str, *arguments: str, config: str = MINIMAL, trials: str = "2048") -> Path:
    assert call("run", config, "--trials", trials, "--out", name, *arguments) == 0
    return Path(name)


def metrics(folder: Path) -> dict[tuple[str, ...], float]:
    with (folder / "metrics.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["scope"], row["name"], row["component"], row["measure"], row["level"]): float(
                row["value"]
            )
            for row in csv.DictReader(file)
            if row["value"]
        }


def manifest(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return found


# --- What is written ---


def test_a_weighted_run_keeps_its_weights_and_says_how_it_was_drawn(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = run("all", *ALL, config=KOREA)
    table = load_results(out).table("losses.parquet")
    assert table.column_names[:4] == ["trial", "total", "largest_spell", "weight"]
    weights, total = (table[name].to_numpy() for name in ("weight", "total"))
    sampling = manifest(out)["sampling"]
    assert isinstance(sampling, dict)
    assert sampling.keys() == {"points", "tilt", "replicates", "onset_probability"}
    assert sampling["points"] == "sobol"
    assert (sampling["tilt"], sampling["replicates"]) == (0.7, 16)
    found = metrics(out)
    mean = found["total", "", "all", "mean", ""]
    assert mean == pytest.approx(float(np.mean(weights * total)), rel=1e-12)
    sample = WeightedSample(total, TrialDesign(weights, None))
    assert found["total", "", "all", "var", "0.99"] == sample.var(0.99).value
    shown = capsys.readouterr().out
    for words in ("points of Sobol'", "a dispute breaks out", "drawn worse than it is by 0.7"):
        assert words in shown


def test_parts_of_a_weighted_run_add_up_to_its_total() -> None:
    found = metrics(run("all", *ALL, config=KOREA))
    for measure, level in (("contribution_mean", ""), ("contribution_tvar", "0.99")):
        total = found["total", "", "all", measure.removeprefix("contribution_"), level]
        for scope in ("industry", "material"):
            parts = [
                value
                for (of, _, component, name, at), value in found.items()
                if (of, component, name, at) == (scope, "all", measure, level)
            ]
            assert len(parts) > 1
            assert sum(parts) == pytest.approx(total, rel=1e-9)


def test_a_plain_run_has_neither_weights_nor_an_entry() -> None:
    out = run("plain")
    assert "weight" not in load_results(out).table("losses.parquet").column_names
    assert "sampling" not in manifest(out)


def test_a_sobol_run_without_weights_has_an_entry_but_no_column() -> None:
    out = run("sobol", *SOBOL)
    assert "weight" not in load_results(out).table("losses.parquet").column_names
    assert manifest(out)["sampling"] == {"points": "sobol", "tilt": 0.0, "replicates": 16}


def test_a_given_onset_says_its_chance() -> None:
    out = run("given", *ONSET)
    table = load_results(out).table("losses.parquet")
    chance = 1.0 - np.exp(-0.16)
    np.testing.assert_allclose(table["weight"].to_numpy(), chance, rtol=1e-12)
    assert manifest(out)["sampling"] == {
        "points": "random",
        "tilt": 0.0,
        "onset_probability": pytest.approx(chance, rel=1e-12),
    }


def test_check_says_how_trials_will_be_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("check", KOREA, *ALL) == 0
    words = "drawn with even points, a given onset (14.8 % likely), a tilt of 0.7"
    assert words in capsys.readouterr().out.splitlines()[1]
    assert call("check", KOREA, *ALL, "--json") == 0
    sampling = json.loads(capsys.readouterr().out)["sampling"]
    assert sampling == manifest(run("all", *ALL, config=KOREA))["sampling"]


def test_check_of_a_plain_run_says_nothing_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("check", KOREA) == 0
    assert "drawn" not in capsys.readouterr().out.splitlines()[1]
    assert call("check", KOREA, "--json") == 0
    assert "sampling" not in json.loads(capsys.readouterr().out)


# --- What is done with it afterwards ---


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (TILT, "By their weights fewer than 20 trials lie in the tail at"),
        (SOBOL, "Fewer than 20 of the 100 trials lie in the tail at"),
    ],
)
def test_a_thin_tail_is_counted_by_weights(
    capsys: pytest.CaptureFixture[str], options: tuple[str, ...], words: str
) -> None:
    run("few", *options, config=KOREA, trials="100")
    assert words in " ".join(capsys.readouterr().out.split())


def test_a_tilt_that_leaves_too_little_weight_to_most_trials_is_told() -> None:
    found = {}
    for tilt in (0.5, 1.5):
        tilted = load(Path(KOREA).with_name("korea-2026.toml"), overrides=[f"run.tilt={tilt}"])
        notices = run_notices(evidence_of(simulate(tilted, trials=4096, seed=1)))
        found[tilt] = [notice.code for notice in notices]
    assert "tilted" in found[0.5]
    assert "too-tilted" not in found[0.5]
    assert "too-tilted" in found[1.5]


@pytest.mark.parametrize("options", [ALL, SOBOL, ONSET, TILT])
def test_explain_tells_the_trial_that_stands_at_a_level(
    capsys: pytest.CaptureFixture[str], options: tuple[str, ...]
) -> None:
    out = run("run", *options, config=KOREA)
    capsys.readouterr()
    assert call("explain", str(out), "--at", "var99", "--json", "-") in (0, 2)
    capsys.readouterr()
    assert call("explain", str(out), "--at", "var99") == 0
    shown = capsys.readouterr().out
    losses = load_results(out).table("losses.parquet")
    total = losses["total"].to_numpy()
    value = metrics(out)["total", "", "all", "var", "0.99"]
    trial = int(losses["trial"].to_numpy()[np.flatnonzero(total == value)[0]])
    assert f"{trial:,}" in shown.splitlines()[1] + shown.splitlines()[0] + shown.splitlines()[2]


def test_compare_with_a_plain_run_is_not_paired(capsys: pytest.CaptureFixture[str]) -> None:
    plain, weighted = run("plain", config=KOREA), run("weighted", *ONSET, config=KOREA)
    capsys.readouterr()
    assert call("compare", str(plain), str(weighted)) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "Not paired: the trials of a run with run.sampling" in shown
    assert "are no plain sample" in shown


@pytest.mark.parametrize("options", [ALL, SOBOL])
def test_page_and_workbook_leave_out_what_takes_independent_trials(
    options: tuple[str, ...],
) -> None:
    out = run("run", *options, config=KOREA)
    assert call("report", str(out), "--html", "--out", "page") == 0
    page = Path("page/report.html").read_text(encoding="utf-8")
    assert "Not shown: this takes one row a trial, all independent and of the same weight" in page
    book = openpyxl.load_workbook(out / "risk.xlsx")
    cells = [
        str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value
    ]
    assert any("all independent and of the same weight" in cell for cell in cells)


def test_the_markets_tables_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    out = run("run", *ONSET)
    assert call("report", str(out), "--ord", "--out", "ord") != 0
    assert "Open Results Data takes periods for independent and equally likely" in " ".join(
        capsys.readouterr().err.split()
    )
    assert not Path("ord").exists()


# --- Refusals ---


@pytest.mark.parametrize("design", [SOBOL, ONSET, TILT])
@pytest.mark.parametrize(
    ("option", "words"),
    [
        (("--keep", "none"), "--keep: a run with run.sampling"),
        (("--keep", "tail"), "--keep: a run with run.sampling"),
        (("--target-error", "1%"), "--target-error: a run with run.sampling"),
        (("--keep", "none", "--workers", "2"), "--keep: a run with run.sampling"),
    ],
)
def test_runs_in_blocks_are_refused(
    capsys: pytest.CaptureFixture[str],
    design: tuple[str, ...],
    option: tuple[str, ...],
    words: str,
) -> None:
    assert call("run", KOREA, "--trials", "100", "--out", "out", *design, *option) == 2
    assert words in " ".join(capsys.readouterr().err.split())
    assert not Path("out").exists()


@pytest.mark.parametrize("design", [SOBOL, ONSET, TILT, ALL])
def test_the_way_out_that_a_refusal_names_works_as_it_stands(
    capsys: pytest.CaptureFixture[str], design: tuple[str, ...]
) -> None:
    command = ("run", KOREA, "--trials", "100", "--out", "out", "--keep", "none", *design)
    assert call(*command) == 2
    remedy = " ".join(capsys.readouterr().err.split()).partition("play plain trials: ")[2].split()
    for named, given in zip(remedy, design, strict=True):
        assert named.partition("=")[0] == given.partition("=")[0]
    assert call(*command, *remedy) == 0
    assert "sampling" not in manifest(Path("out"))


def sweep_file(*lines: str) -> str:
    text = Path(MINIMAL).read_text(encoding="utf-8").replace("[ladder", "{lines}\n\n[ladder", 1)
    Path("swept.toml").write_text(text.replace("{lines}", "\n".join(lines)), encoding="utf-8")
    return "swept.toml"


GRID = '[sweep.parameters]\n"disputes.china-korea.rate_per_year" = { values = [0.1, 0.2] }'


@pytest.mark.parametrize(
    ("line", "place", "plain"),
    [
        ('sampling = "sobol"', "run.sampling", "random"),
        ("given_onset = true", "run.given_onset", "false"),
    ],
)
def test_a_sweep_of_such_a_config_is_refused(
    capsys: pytest.CaptureFixture[str], line: str, place: str, plain: str
) -> None:
    config = sweep_file(line, "", "[sweep]", 'method = "grid"', GRID)
    assert call("sweep", config) == 2
    shown = " ".join(capsys.readouterr().err.split())
    assert f"{place}: a sweep plays plain trials, all independent and of the same weight" in shown
    assert f"allowed: {plain}, or nothing" in shown


def test_how_trials_are_drawn_cannot_be_swept(capsys: pytest.CaptureFixture[str]) -> None:
    grid = '[sweep.parameters]\n"run.tilt" = { values = [0.1, 0.2] }'
    assert call("sweep", sweep_file("", "[sweep]", 'method = "grid"', grid)) == 2
    assert "a sweep plays plain trials" in " ".join(capsys.readouterr().err.split())


def test_a_back_test_of_such_a_config_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_suite(folder / "suites")
    for path in (folder / "suites").rglob("one.toml"):
        text = path.read_text(encoding="utf-8")
        assert text == SUITE_CONFIG
        path.write_text(text.replace("[run]", '[run]\nsampling = "sobol"'), encoding="utf-8")
    assert call("backtest", "suites") == 2
    shown = " ".join(capsys.readouterr().err.split())
    assert "run.sampling: a back-test plays plain trials, all independent" in shown


def test_a_result_in_python_reads_by_the_weights() -> None:
    from riskengine import load, simulate

    scenario = load(MINIMAL, overrides=["run.given_onset=true"])
    result: Result = simulate(scenario, trials=4096)
    total = result.arrays.total
    assert result.mean() == pytest.approx(onset_probability(scenario) * total.mean(), rel=1e-12)
    expected = WeightedSample(total, TrialDesign(np.asarray(result.arrays.weight), None))
    assert result.var(0.99) == expected.var(0.99).value
    assert result.tvar(0.99) == expected.tvar(0.99).value
