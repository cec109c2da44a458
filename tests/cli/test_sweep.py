"""The verb sweep: what it prints and writes, how it ends, how it goes on."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from swept import SHARE, STOCK, contents, swept, write_config

from riskengine.cli import root
from riskengine.cli.exits import INTERRUPTED, exit_code
from riskengine.config import load_sweep
from riskengine.store.folder import SWEEP_FORMAT, claim
from riskengine.sweeps import playing
from riskengine.sweeps.figures import Kept
from riskengine.sweeps.played import Played
from riskengine.sweeps.playing import Game

pytestmark = pytest.mark.whole

LONG = f"""
method = "one-at-a-time"
[sweep.parameters]
"{STOCK}" = {{ low = 0, high = 120, count = 80 }}
"""
LONG_TRIALS = 40_000


def call(*arguments: object) -> int:
    return exit_code(root, [str(argument) for argument in arguments])


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write_config(tmp_path)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_sweep_ends_with_the_folder_it_wrote(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("sweep", config) == 0
    shown = capsys.readouterr()
    folder = Path("results/swept-sweep")
    assert shown.out.splitlines()[0] == "Magnets for Korean cars, one year"
    tables, opened = shown.out.splitlines()[-2:]
    assert tables == f"Tables: {folder}"
    assert opened.startswith(f"Open first: {folder}/sweep.xlsx")
    assert shown.err == ""
    assert sorted(path.name for path in folder.iterdir()) == [
        "manifest.json",
        "points.csv",
        "sensitivity.csv",
        "sweep.csv",
        "sweep.html",
        "sweep.parquet",
        "sweep.xlsx",
    ]
    assert [path.name for path in Path("results").iterdir() if path.is_dir()] == ["swept-sweep"]


def test_the_tables_have_every_point_with_its_values_and_figures(config: Path) -> None:
    assert call("sweep", config, "--quiet", "--trials", "500", "--seed", "3") == 0
    folder = Path("results/swept-sweep")
    points = rows_of(folder / "points.csv")
    share = "materials.ndfeb-magnets.alternatives.asean.probability"
    assert [(row["point"], row[STOCK], row[share]) for row in points[:3]] == [
        ("0", "39", "0.5"),
        ("1", "0", "0.25"),
        ("2", "0", "1"),
    ]
    figures = rows_of(folder / "sweep.csv")
    assert len(figures) == 7 * 23
    assert {row["difference"] for row in figures if row["point"] == "0"} == {"0.0"}
    stored = pq.ParquetFile(folder / "sweep.parquet").read(use_threads=False).to_pylist()
    assert [row["value"] for row in stored] == [float(row["value"]) for row in figures]
    assert {row["level"] for row in stored} == {None, 0.9, 0.95, 0.99, 0.995}
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert (manifest["trials"], manifest["seed"], manifest["points"]) == (500, 3, 6)
    assert "salib" in manifest["versions"]
    assert set(manifest["files"]) == set(contents(folder))


def test_quiet_prints_the_folder_and_nothing_else(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("sweep", config, "--quiet", "--out", "here") == 0
    assert capsys.readouterr() == ("here\n", "")


def test_json_is_one_document_without_nan(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    assert call("sweep", config, "--json") == 0
    document = json.loads(capsys.readouterr().out, parse_constant=refuse)
    assert document["method"] == "grid"
    assert len(document["points"]) == 7
    assert {row["point"] for row in document["base"]} == {0}
    assert document["sensitivity"][0]["parameter"] in document["parameters"]


def test_tables_for_excel_begin_with_a_byte_order_mark(config: Path) -> None:
    assert call("sweep", config, "--quiet", "--excel-csv", "--out", "here") == 0
    for name in ("points.csv", "sweep.csv", "sensitivity.csv"):
        data = Path("here", name).read_bytes()
        assert data.startswith(b"\xef\xbb\xbf")
        assert data.endswith(b"\r\n")


def test_a_sampled_sweep_says_how_far_the_figures_spread_over_what_is_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = f"""
    method = "latin-hypercube"
    samples = 40
    [sweep.parameters]
    "{STOCK}" = {{ uniform = {{ low = 0, high = 120 }} }}
    """
    assert call("sweep", write_config(tmp_path, text), "--quiet") == 0
    rows = rows_of(tmp_path / "results" / "swept-sweep" / "uncertainty.csv")
    mean = next(row for row in rows if (row["scope"], row["measure"]) == ("total", "mean"))
    ends = [float(mean[name]) for name in ("p05", "p50", "p95")]
    assert ends == sorted(ends)
    assert ends[0] < float(mean["base"]) < ends[2]


def test_a_config_without_a_sweep_is_told_what_to_add(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_config(tmp_path)
    assert call("sweep", tmp_path / "minimal.toml", "--out", tmp_path / "out") == 2
    shown = capsys.readouterr()
    assert "[sweep.parameters]" in shown.err
    assert "nothing was run" in shown.err
    assert not (tmp_path / "out").exists()


def test_a_point_that_fails_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = """
    method = "grid"
    [sweep.parameters]
    "ladder.near-zero.sojourn.lognormal.median" = [60, 200]
    "ladder.near-zero.sojourn.lognormal.p90" = [245, 100]
    """
    assert call("sweep", write_config(tmp_path, text)) == 0
    shown = capsys.readouterr().out
    assert "1 of 4 points failed (point 4: ladder.near-zero.sojourn.lognormal" in shown
    points = rows_of(tmp_path / "results" / "swept-sweep" / "points.csv")
    assert [row["status"] for row in points] == ["done"] * 4 + ["failed"]
    assert "median = 200 above p90 = 100" in points[4]["message"]


def test_run_takes_a_config_with_a_sweep(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("run", config, "--quiet", "--trials", "50") == 0
    assert capsys.readouterr().out == f"{Path('results/swept')}\n"


def test_a_second_sweep_is_told_that_the_folder_is_in_use(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with claim("here", SWEEP_FORMAT):
        assert call("sweep", config, "--out", "here") == 2
    assert "is in use" in capsys.readouterr().err


def kept_points(work: Path) -> int:
    return len([path for path in work.glob("point-*") if path.suffix != ".new"])


def started(config: Path, target: Path) -> tuple[subprocess.Popen[str], Path]:
    """A sweep in a process of its own, some points of which are finished; and where they are."""
    command = [sys.executable, "-m", "riskengine", "sweep", str(config), "--out", str(target)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    work = target.parent / f".{target.name}.work"
    deadline = time.monotonic() + 900
    while kept_points(work) < 3:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return process, work


@pytest.mark.processes
def test_after_kill_9_the_same_command_plays_the_rest_and_ends_with_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = write_config(tmp_path, LONG, LONG_TRIALS)
    process, work = started(config, tmp_path / "killed")
    process.kill()
    process.communicate()
    kept = kept_points(work)
    assert 3 <= kept < 81
    played = []
    succeeded = playing.succeeded

    def counted(point: int, game: Game, series: Kept) -> Played:
        played.append(point)
        return succeeded(point, game, series)

    monkeypatch.setattr(playing, "succeeded", counted)
    assert call("sweep", config, "--quiet", "--out", tmp_path / "killed") == 0
    assert len(played) == 81 - kept
    swept(load_sweep(config), tmp_path / "whole")
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")
    assert not work.exists()


@pytest.mark.processes
def test_ctrl_c_keeps_what_is_finished_and_says_how_to_go_on(tmp_path: Path) -> None:
    config = write_config(tmp_path, LONG, LONG_TRIALS)
    process, work = started(config, tmp_path / "stopped")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=900)
    kept = kept_points(work)
    assert process.returncode == INTERRUPTED
    assert out == ""
    said = f"Interrupted. {kept} of 81 points are finished and kept; the same command goes on"
    assert err.strip() == f"{said} from there."
    assert 3 <= kept < 81
    assert not (tmp_path / "stopped").exists()


def test_the_shipped_sweeps_make_sense() -> None:
    configs = Path(__file__).parents[2] / "configs"
    stocks = load_sweep(configs / "sweep-korea-stockpiles.toml")
    assert stocks.base == (0, 0)
    assumptions = load_sweep(configs / "sweep-korea-assumptions.toml")
    assert len(assumptions.sweep.parameters) == 9
    assert assumptions.base[0] == "tables/korea-uses.csv"


def test_the_tables_of_the_range_of_dependence_differ_from_the_shipped_one_in_nothing_else() -> (
    None
):
    tables = Path(__file__).parents[2] / "configs" / "tables"
    shipped = rows_of(tables / "korea-uses.csv")
    for end in ("low", "high"):
        for base, row in zip(shipped, rows_of(tables / f"korea-uses-{end}.csv"), strict=True):
            is_less = float(row["dependence"]) < float(base["dependence"])
            assert is_less == (end == "low")
            assert f"{float(row['dependence']):g}" in base["note"]
            kept = set(row) - {"dependence", "status", "note"}
            assert len(kept) == 7
            for name in kept:
                assert row[name] == base[name]


def test_check_counts_the_points_of_a_sweep_and_writes_nothing(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("check", config) == 0
    line = "Sweep: grid of 6 points over 2 parameters; riskengine sweep plays it."
    assert line in capsys.readouterr().out.splitlines()
    assert call("check", config, "--json") == 0
    assert json.loads(capsys.readouterr().out)["sweep"] == {
        "method": "grid",
        "points": 6,
        "parameters": [STOCK, SHARE],
    }
    assert call("sweep", config) == 0
    assert len(rows_of(Path("results/swept-sweep/points.csv"))) == 1 + 6


def test_check_finds_what_is_wrong_with_a_sweep_and_its_base_case_at_once(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = config.read_text(encoding="utf-8").replace("trials = 300", "trials = -3")
    config.write_text(text.replace("[0, 39, 120]", "[0, -39, 120]"), encoding="utf-8")
    told = []
    for verb in ("check", "sweep"):
        assert call(verb, config) == 2
        told.append(capsys.readouterr().err)
    assert told[0] == told[1]
    assert "2 problems found" in told[0]
    assert "swept.toml:3: run.trials: is -3" in told[0]
    assert "takes -39" in told[0]


def test_values_without_a_method_are_not_yet_a_sweep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a fitted fragment hands them to every config that extends it."""
    monkeypatch.chdir(tmp_path)
    config = write_config(tmp_path, f'\n[sweep.parameters]\n"{STOCK}" = [0, 39]\n')
    assert call("check", config) == 0
    assert "Sweep:" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("[sweep]\n", ["swept.toml:2: sweep.method: is missing",
                       "swept.toml:2: sweep.parameters: is missing"]),
        ("sweep = 3\n", ["swept.toml:2: sweep: is 3"]),
        ("[[sweep]]\n", ["swept.toml:2: sweep: is a list"]),
        ("[sweep]\nparameters = 3\n", ["swept.toml:2: sweep.method: is missing",
                                       "swept.toml:3: sweep.parameters: is 3"]),
        ("[sweep]\nparameters = []\n", ["swept.toml:2: sweep.method: is missing",
                                        "swept.toml:3: sweep.parameters: is a list"]),
        ("[sweep]\nmethod = 'grid'\nparameters = 'x'\n",
         ["swept.toml:4: sweep.parameters: is the text \"x\""]),
    ],
    ids=lambda value: value.strip() if isinstance(value, str) else "",
)  # fmt: skip
@pytest.mark.parametrize("verb", ["check", "sweep"])
def test_a_sweep_that_says_nothing_sound_is_met_at_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, faults: list[str], verb: str
) -> None:
    write_config(tmp_path)
    (tmp_path / "swept.toml").write_text(f'extends = "minimal.toml"\n{text}', encoding="utf-8")
    assert call(verb, tmp_path / "swept.toml") == 2
    shown = capsys.readouterr()
    for fault in faults:
        assert fault in shown.err
    noun = "problem" if len(faults) == 1 else "problems"
    assert f"{len(faults)} {noun} found; nothing was run." in shown.err
    assert shown.out == ""


def test_parameters_without_a_method_are_a_fragment_that_check_accepts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_config(tmp_path)
    path = tmp_path / "fragment.toml"
    path.write_text(
        f'extends = "minimal.toml"\n[sweep.parameters]\n"{STOCK}" = [1, 2]\n', encoding="utf-8"
    )
    assert call("check", path) == 0
    assert "Sweep:" not in capsys.readouterr().out


def test_what_a_sweep_lacks_is_not_told_where_it_may_stand_in_a_missing_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "swept.toml"
    for text in ("[sweep]\n", f'[sweep]\nmethod = "grid"\n[sweep.parameters]\n"{STOCK}" = [1]\n'):
        path.write_text(f'extends = "gone.toml"\n{text}', encoding="utf-8")
        assert call("check", path) == 2
        error = capsys.readouterr().err
        assert 'there is no file "gone.toml"' in error
        assert "1 problem found" in error
