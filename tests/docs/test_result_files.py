"""docs/reference/files.md has the files and columns that the commands write."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from calibrate_worlds import fitted, history
from docs.generated import FILES, files_page
from docs.result_files import KINDS, ORD, TRIALS, WITH_POOLS, tables
from figures.test_comparison import scaled
from report.batch_worlds import batch
from report.comparison_worlds import compared
from report.mitigation_worlds import study
from report.page_worlds import config
from report.sweep_worlds import sweep

import riskengine
from riskengine.config import load
from riskengine.fits.cautions import cautions
from riskengine.play.simulate import simulate
from riskengine.store.batches import batch_tables
from riskengine.store.mitigation import mitigation_files
from riskengine.store.streams import Writer
from riskengine.store.sweeps import table_files
from riskengine.verbs.calibrate import fit_files
from riskengine.verbs.compare import comparison_files

pytestmark = pytest.mark.whole

ROOT = Path(__file__).parents[2]


def listed(kind: str) -> dict[str, list[str]]:
    return {file: [name for name, _, _ in columns] for file, _, columns in tables(kind)}


def header(data: bytes) -> list[str]:
    return data.decode().splitlines()[0].split(",")


def headers(files: Mapping[str, bytes]) -> dict[str, list[str]]:
    return {name: header(data) for name, data in files.items() if name.endswith(".csv")}


def written(writers: Mapping[str, Writer]) -> dict[str, bytes]:
    files = {}
    for name, write in writers.items():
        if name.endswith(".csv"):
            write(file := io.BytesIO())
            files[name] = file.getvalue()
    return files


def test_the_page_is_current() -> None:
    assert FILES.read_text("utf-8") == files_page(), "run `make reference`"


def test_every_column_has_a_meaning() -> None:
    for kind in (*KINDS, TRIALS, ORD):
        for file, first, columns in tables(kind):
            assert first
            for name, words, means in columns:
                assert words, (file, name)
                assert means, (file, name)


def test_a_run_with_pools_and_weights_has_the_files_and_columns_of_the_page(tmp_path: Path) -> None:
    scenario = load({"extends": WITH_POOLS, "run": {"tilt": 1.0}})
    riskengine.simulate(scenario, trials=50, out=tmp_path / "run")
    files = {path.name: path.read_bytes() for path in (tmp_path / "run").glob("*.csv")}
    assert headers(files) == listed("run")
    for name, columns in listed(TRIALS).items():
        stored = pq.read_schema(tmp_path / "run" / name).names
        assert {re.sub(":.*", ":NAME", column) for column in stored} == set(columns), name


def test_a_sweep_has_the_columns_of_the_page() -> None:
    swept = sweep("sobol")
    found = headers(written(table_files(swept, excel_csv=False)))
    shown = listed("sweep")
    shown["points.csv"] = [*shown["points.csv"][:-1], *swept.paths]
    assert found == shown


def test_a_mitigation_study_has_the_columns_of_the_page() -> None:
    found = headers(written(mitigation_files(study(), excel_csv=False)))
    assert found == listed("mitigation")


def test_a_batch_has_the_columns_of_the_page() -> None:
    found = headers(written(batch_tables(batch(), excel_csv=False)))
    assert found == listed("batch")


def test_a_comparison_and_a_calibration_have_the_columns_of_the_page() -> None:
    losses = simulate(load(config()))
    found = comparison_files(compared(losses, scaled(losses, 0.75)), excel_csv=False)
    assert headers(found) == listed("compare")
    fit = fitted(history(), quantity="flow")
    found = fit_files(fit, cautions(fit), excel_csv=False)
    assert headers(found) == listed("calibration")


def test_a_back_test_has_the_columns_of_the_page(tmp_path: Path) -> None:
    done = tmp_path / "tested"
    riskengine.backtest(ROOT / "configs/backtests", cases=["japan-2010"], trials=50, out=done)
    found = headers({path.name: path.read_bytes() for path in done.glob("*.csv")})
    assert found == listed("back-test")


def test_open_results_data_has_the_tables_and_columns_of_the_page(tmp_path: Path) -> None:
    riskengine.simulate(load(config()), trials=200, out=tmp_path / "run")
    riskengine.report(tmp_path / "run", ["ord"], out=tmp_path / "tables")
    found: dict[str, dict[str, list[str]]] = {}  # by table, then by version
    for path in (tmp_path / "tables").rglob("*.csv"):
        name = re.sub(r"^il_S\d+_", "il_S{set}_", path.stem)
        found.setdefault(name, {})[path.parent.name] = header(path.read_bytes())
    shown: dict[str, dict[str, list[str]]] = {}
    versions = {"version 1": ["v1"], "version 2": ["v2"], "both versions": ["v1", "v2"]}
    versions["among the extensions"] = ["extensions"]
    for title, columns in listed(ORD).items():
        name, words = title.split(", ")
        shown.setdefault(name.strip("`"), {}).update(dict.fromkeys(versions[words], columns))
    assert found == shown
