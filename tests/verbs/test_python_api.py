"""The functions of the package: what they return, what they write, how they fail."""

from __future__ import annotations

import csv
import dataclasses
import importlib
import io
import json
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from backtest.suite_worlds import write_suite

import riskengine
from riskengine.cli import root
from riskengine.cli.exits import exit_code
from riskengine.errors import RiskengineError
from riskengine.store.provenance import Provenance, Stopwatch

pytestmark = pytest.mark.whole

ROOT = Path(__file__).parents[2]
FUNCTIONS = (
    "load", "simulate", "versions", "replay", "sweep", "compare", "calibrate", "backtest", "report",
    "new", "convert",
)  # fmt: skip
STOCK = "materials.ndfeb-magnets.stocks.private.days"
SHARE = "materials.ndfeb-magnets.alternatives.asean.probability"
SWEPT = f"""extends = "minimal.toml"
[sweep]
method = "latin-hypercube"
samples = 8
[sweep.parameters]
"{STOCK}" = {{ low = 10, high = 90 }}
"{SHARE}" = {{ low = 0.1, high = 0.9 }}
"""
EPISODES = "start_date,end_date,censored,instrument\n" + "".join(
    f"20{10 + k}-01-01,20{10 + k}-0{2 + k % 5}-1{k % 9},0,{'ban' if k % 2 else 'licence'}\n"
    for k in range(12)
)


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a config, a sweep, a table of episodes and a suite; the clock stands."""
    for name in ("minimal.toml",):
        (tmp_path / name).write_bytes((ROOT / "configs" / name).read_bytes())
    (tmp_path / "swept.toml").write_text(SWEPT)
    (tmp_path / "episodes.csv").write_text(EPISODES)
    write_suite(tmp_path / "suites")
    monkeypatch.chdir(tmp_path)

    def stop(self: Stopwatch, overrides: Any = (), options: Any = None) -> Provenance:
        return Provenance(
            started="2026-01-08T00:00:00+00:00", seconds=1.0, overrides=tuple(overrides),
            options=dict(options or {}),
        )  # fmt: skip

    monkeypatch.setattr(Stopwatch, "stop", stop)
    return tmp_path


@pytest.fixture
def stored(project: Path) -> Path:
    """A results folder outside the project."""
    folder = project.parent / f"{project.name}-stored"
    riskengine.simulate(riskengine.load("minimal.toml"), trials=300, out=folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name[0] != ".")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def command(*arguments: object) -> None:
    assert exit_code(root, list(map(str, arguments))) == 0


def imported_all() -> None:
    for module in pkgutil.walk_packages(riskengine.__path__, "riskengine."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def test_no_module_takes_the_place_of_a_function(stored: Path) -> None:
    imported_all()
    scenario = riskengine.load("minimal.toml")
    result = riskengine.simulate(scenario, trials=50)
    assert riskengine.replay(scenario, 3).row.total[0] == result.arrays.total[3]
    assert len(riskengine.sweep("swept.toml", trials=20).points) == 9
    assert riskengine.compare(result, result).notices is not None
    assert riskengine.calibrate("episodes.csv", family="weibull").fit.shape[0] > 0
    assert riskengine.backtest("suites", trials=20).backtest.shape[0] > 0
    assert list(riskengine.report(stored, ["html"])) == ["report.html"]
    for name in FUNCTIONS:
        assert callable(getattr(riskengine, name)), name
        assert not hasattr(getattr(riskengine, name), "__path__"), name


def test_every_public_name_is_there_and_told_once() -> None:
    assert sorted(riskengine.__all__) == sorted(set(riskengine.__all__))
    assert set(FUNCTIONS) <= set(riskengine.__all__)
    for name in riskengine.__all__:
        assert getattr(riskengine, name).__doc__, name


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_told_with_parameters_errors_and_an_example(name: str) -> None:
    text = getattr(riskengine, name).__doc__
    for heading in ("Parameters", "Returns", "Raises", "Examples"):
        assert f"    {heading}\n    {'-' * len(heading)}\n" in text, heading


CALLS: dict[str, Callable[[Path], object]] = {
    "simulate": lambda _: riskengine.simulate(riskengine.load("minimal.toml"), trials=50),
    "sweep": lambda _: riskengine.sweep("swept.toml", trials=20),
    "compare": lambda stored: riskengine.compare(stored, "minimal.toml", trials=50),
    "calibrate": lambda _: riskengine.calibrate("episodes.csv", family="weibull"),
    "backtest": lambda _: riskengine.backtest("suites", trials=20),
    "report": lambda stored: riskengine.report(stored),
}


@pytest.mark.parametrize("name", CALLS)
def test_nothing_is_written_without_a_folder_for_it(project: Path, stored: Path, name: str) -> None:
    before = [contents(project), contents(stored)]
    CALLS[name](stored)
    assert [contents(project), contents(stored)] == before
    assert list(project.rglob(".*")) == []


def test_a_run_writes_what_the_command_writes() -> None:
    command("run", "minimal.toml", "--trials", 300, "--set", f"{STOCK}=50", "--out", "ours")
    scenario = riskengine.load("minimal.toml").with_values({STOCK: 50, "run.trials": 300})
    riskengine.simulate(scenario, out="theirs")
    manifests = [json.loads(Path(folder, "manifest.json").read_text()) for folder in
                 ("ours", "theirs")]  # fmt: skip
    assert sorted(manifests[0].pop("overrides")) == sorted(manifests[1].pop("overrides"))
    assert manifests[0] == manifests[1]
    ours, theirs = contents(Path("ours")), contents(Path("theirs"))
    named = {"manifest.json", "risk.xlsx"}  # these tell the order of the values
    assert {k: v for k, v in ours.items() if k not in named} == {
        k: v for k, v in theirs.items() if k not in named
    }


def test_a_scenario_that_was_loaded_with_changes_writes_what_the_command_writes() -> None:
    changes = [f"{STOCK}=50", "run.trials=300"]
    command("run", "minimal.toml", "--trials", 300, "--set", changes[0], "--out", "ours")
    riskengine.simulate(riskengine.load("minimal.toml", changes)).save("theirs")
    assert contents(Path("ours")) == contents(Path("theirs"))


WRITERS: dict[str, tuple[str, Callable[[str], object]]] = {
    "sweep": (
        "sweep swept.toml --trials 30 --seed 4 --excel-csv --out ours",
        lambda out: riskengine.sweep("swept.toml", trials=30, seed=4, excel_csv=True, out=out),
    ),
    "compare": (
        "compare minimal.toml swept.toml --trials 200 --seed 3 --out ours",
        lambda out: riskengine.compare("minimal.toml", "swept.toml", trials=200, seed=3, out=out),
    ),
    "calibrate": (
        "calibrate episodes.csv --by instrument --family weibull --as-of 2021-01-01 --out ours",
        lambda out: riskengine.calibrate(
            "episodes.csv", by=["instrument"], family="weibull", as_of="2021-01-01", out=out
        ),
    ),
    "backtest": (
        "backtest suites --trials 30 --case stop --out ours",
        lambda out: riskengine.backtest("suites", trials=30, cases=["stop"], out=out),
    ),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_function_writes_what_the_command_writes(name: str) -> None:
    line, function = WRITERS[name]
    command(*line.split())
    function("theirs")
    ours, theirs = contents(Path("ours")), contents(Path("theirs"))
    assert ours
    assert ours == theirs


def test_a_sweep_of_a_changed_scenario_is_that_of_set() -> None:
    command("sweep", "swept.toml", "--set", "industries.automobile.recapture=0.5",
            "--trials", 20, "--out", "ours")  # fmt: skip
    scenario = riskengine.load("swept.toml").with_values({"industries.automobile.recapture": 0.5})
    riskengine.sweep(scenario, trials=20, out="theirs")
    assert contents(Path("ours")) == contents(Path("theirs"))


def test_a_report_is_that_of_the_command(stored: Path) -> None:
    command("report", stored, "--out", "ours")
    assert riskengine.report(stored, out="theirs") == contents(Path("ours"))
    assert contents(Path("theirs")) == contents(Path("ours")) == riskengine.report(stored)
    command("report", stored, "--ord", "--out", "ours-ord")
    assert riskengine.report(stored, "ord", out="theirs-ord") == {}
    assert contents(Path("theirs-ord")) == contents(Path("ours-ord"))


def same_rows(frame: pd.DataFrame, path: Path) -> None:
    """Every cell of a frame is the cell of the file, as text or as number."""
    cells = list(csv.reader(io.StringIO(path.read_text("utf-8"))))
    assert list(frame.columns) == cells[0]
    assert len(frame) == len(cells) - 1
    for row, line in zip(frame.itertuples(index=False), cells[1:], strict=True):
        for value, cell in zip(row, line, strict=True):
            if isinstance(value, bool | np.bool_):
                assert cell == str(bool(value)).upper()
            elif isinstance(value, float | int | np.number):
                assert (cell == "" and not np.isfinite(value)) or float(cell) == value
            else:
                assert cell == ("" if value is None else value)


def test_frames_of_a_run_are_its_files() -> None:
    result = riskengine.simulate(riskengine.load("minimal.toml"), trials=500, out="run")
    for name in ("metrics", "curves", "timeline"):
        same_rows(getattr(result, name), Path("run", f"{name}.csv"))
    for name in ("losses", "materials", "industries", "survival"):
        kept = pd.read_parquet(Path("run", f"{name}.parquet"))
        pd.testing.assert_frame_equal(getattr(result, name), kept)


def test_frames_of_a_sweep_are_its_files() -> None:
    result = riskengine.sweep("swept.toml", trials=50, out="swept")
    assert result.folder == Path("swept")
    for name in ("points", "sweep", "sensitivity", "uncertainty", "noise"):
        same_rows(getattr(result, name), Path("swept", f"{name}.csv"))


def test_frames_of_the_other_verbs_are_their_files() -> None:
    compared = riskengine.compare("minimal.toml", "swept.toml", trials=100, out="compared")
    same_rows(compared.differences, Path("compared/compare.csv"))
    fitted = riskengine.calibrate("episodes.csv", family="weibull", out="fitted")
    same_rows(fitted.fit, Path("fitted/fit.csv"))
    assert fitted.fragment == Path("fitted/fit.toml").read_text("utf-8")
    tested = riskengine.backtest("suites", trials=30, out="tested")
    for name in ("backtest", "summary", "scores", "skill", "copies"):
        same_rows(getattr(tested, name), Path("tested", f"{name}.csv"))


def test_a_comparison_takes_results_scenarios_and_folders(stored: Path) -> None:
    """The mean of each side is the mean of its losses, whatever it is given as."""
    base = riskengine.load("minimal.toml")
    more = base.with_values({STOCK: 90})
    results = [riskengine.simulate(each, trials=300) for each in (base, more)]
    means = [each.losses["total"].mean() for each in results]
    found = [
        riskengine.compare(results[0], results[1]),
        riskengine.compare(base, more, trials=300),
        riskengine.compare(stored, more),
        riskengine.compare(results[0], more),
    ]
    for each in found:
        table = each.differences
        row = table[(table["scope"] == "total") & (table["measure"] == "mean")].iloc[0]
        np.testing.assert_allclose([row["a"], row["b"]], means, rtol=1e-12)
        assert row["pairing"] == "paired"
    assert found[0].comparison.sources == ("minimal.toml", f"minimal.toml with {STOCK}=90")
    assert found[0].inputs["path"].tolist() == [STOCK]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: riskengine.load("none.toml"), "no file"),
        (lambda: riskengine.load(5), "of the type int"),
        (lambda: riskengine.compare("minimal.toml", None), "of the type NoneType"),
        (lambda: riskengine.simulate("minimal.toml"), "read the config first"),
        (lambda: riskengine.replay("minimal.toml", 1), "read the config first"),
        (lambda: riskengine.simulate(riskengine.load("minimal.toml"), out="suites"), "left alone"),
        (lambda: riskengine.sweep("minimal.toml"), "sweep"),
        (lambda: riskengine.sweep("swept.toml", trials=0), "run.trials"),
        (lambda: riskengine.sweep("swept.toml", out="suites"), "left alone"),
        (lambda: riskengine.compare("minimal.toml", "none.toml"), "no file"),
        (lambda: riskengine.compare("minimal.toml", "suites"), "manifest"),
        (lambda: riskengine.calibrate("none.csv"), "no file"),
        (lambda: riskengine.calibrate("episodes.csv", quantity="sojurn"), 'mean "sojourn"'),
        (lambda: riskengine.calibrate("episodes.csv", family="normal"), 'no family "normal"'),
        (lambda: riskengine.calibrate("episodes.csv", seed=-1), "seed = -1"),
        (lambda: riskengine.calibrate("episodes.csv", seed=2**63), "seed = 9223372036854775808"),
        (lambda: riskengine.calibrate("episodes.csv", as_of="soon"), "write a date"),
        (lambda: riskengine.backtest("suites", cases=["stopp"]), 'mean "stop"'),
        (lambda: riskengine.report("suites"), "manifest"),
        (lambda: riskengine.report("suites", ["pdf"]), 'no form "pdf"'),
        (lambda: riskengine.report("suites", ["ord"]), "name a folder"),
    ],
)
def test_what_is_wrong_is_told_in_the_family_of_errors(
    call: Callable[[], object], words: str
) -> None:
    with pytest.raises(RiskengineError, match=words):
        call()


@pytest.mark.parametrize(
    ("call", "total", "unit", "trials"),
    [
        (lambda tell: riskengine.simulate(
            riskengine.load("minimal.toml"), trials=20_000, progress=tell
        ), 20_000, "trials", 20_000),
        (lambda tell: riskengine.sweep("swept.toml", trials=20, progress=tell), 9, "points", 180),
        (lambda tell: riskengine.backtest("suites", trials=20, progress=tell), 60, "trials", 60),
    ],
)  # fmt: skip
def test_progress_begins_at_nothing_and_ends_at_all(
    call: Callable[[Callable[[riskengine.ProgressCount], None]], object],
    total: int,
    unit: str,
    trials: int,
) -> None:
    heard: list[riskengine.ProgressCount] = []
    call(heard.append)
    assert [heard[0].done, heard[-1].done] == [0, total]
    assert [each.done for each in heard] == sorted(each.done for each in heard)
    assert {each[1:] for each in heard} == {(total, unit, trials, "")}


def test_both_runs_of_a_comparison_are_told_of_as_one_task() -> None:
    heard: list[riskengine.ProgressCount] = []
    riskengine.compare("minimal.toml", "swept.toml", trials=50, progress=heard.append)
    assert [each[:2] for each in heard] == [(0, 100), (100, 100)]


def test_a_version_is_the_result_of_the_scenario_with_its_values() -> None:
    scenario = riskengine.load("minimal.toml")
    rate = "disputes.china-korea.rate_per_year"
    changes = [{STOCK: 0}, {rate: 0.7}, {}, {STOCK: 80, SHARE: 1}]
    heard: list[riskengine.ProgressCount] = []
    found = list(riskengine.versions(scenario, changes, trials=400, seed=3, progress=heard.append))
    assert heard[-1] == (1_600, 1_600, "trials", 1_600, "")
    for result, values in zip(found, changes, strict=True):
        alone = riskengine.simulate(scenario.with_values(values), trials=400, seed=3)
        pd.testing.assert_frame_equal(result.losses, alone.losses, check_exact=True)
        pd.testing.assert_frame_equal(result.metrics, alone.metrics, check_exact=True)
        assert result.scenario.document == alone.scenario.document
    assert len({result.mean() for result in found}) == 4


def test_a_version_that_makes_no_sense_is_refused_before_any_is_played() -> None:
    heard: list[riskengine.ProgressCount] = []
    scenario = riskengine.load("minimal.toml")
    with pytest.raises(riskengine.ConfigFault, match="stock"):
        riskengine.versions(scenario, [{}, {STOCK: -1}], progress=heard.append)
    assert heard == []


def test_a_frame_is_the_users_own() -> None:
    result = riskengine.simulate(riskengine.load("minimal.toml"), trials=50)
    frame = result.metrics
    frame["value"] = 0.0
    assert result.metrics["value"].max() > 0.0


def test_results_are_short_as_text_and_tables_in_a_notebook() -> None:
    found: list[Any] = [
        riskengine.sweep("swept.toml", trials=20),
        riskengine.compare("minimal.toml", "swept.toml", trials=20),
        riskengine.calibrate("episodes.csv", family="weibull"),
        riskengine.backtest("suites", trials=20),
    ]
    for each in found:
        assert repr(each).startswith(f"<{type(each).__name__}")
        assert len(repr(each)) < 600
        assert "<table>" in each._repr_html_()
        assert dataclasses.is_dataclass(each)


def test_an_interrupted_sweep_goes_on_unless_it_is_begun_again() -> None:
    heard: list[riskengine.ProgressCount] = []

    def stop(count: riskengine.ProgressCount) -> None:
        heard.append(count)
        if count.done == 3:
            raise KeyboardInterrupt

    for restart, left in ((False, 9), (False, 6), (True, 9)):
        with pytest.raises(KeyboardInterrupt, match="points are finished and kept"):
            riskengine.sweep("swept.toml", trials=20, out="s", restart=restart, progress=stop)
        assert heard[-1].total == left
    riskengine.sweep("swept.toml", trials=20, out="s", progress=heard.append)
    assert heard[-1] == (6, 6, "points", 120, "")
