"""docs/reference/files.md has the files and columns that the commands write."""

from __future__ import annotations

import importlib.util
import io
import re
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pyarrow.parquet as pq
import pytest
from calibrate_worlds import fitted, history
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


@pytest.fixture(scope="module")
def made() -> ModuleType:
    """The extension of the site that makes the page."""
    place = ROOT / "docs" / "extensions" / "result_files.py"
    spec = importlib.util.spec_from_file_location("result_files", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def listed(made: ModuleType, kind: str) -> dict[str, list[str]]:
    return {file: [name for name, _, _ in columns] for file, _, columns in made.tables(kind)}


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


def test_every_column_has_a_meaning(made: ModuleType) -> None:
    for kind in (*made.KINDS, made.TRIALS):
        for file, first, columns in made.tables(kind):
            assert first
            for name, words, means in columns:
                assert words, (file, name)
                assert means, (file, name)


def test_a_run_with_pools_and_weights_has_the_files_and_columns_of_the_page(
    made: ModuleType, tmp_path: Path
) -> None:
    scenario = load({"extends": made.WITH_POOLS, "run": {"tilt": 1.0}})
    riskengine.simulate(scenario, trials=50, out=tmp_path / "run")
    files = {path.name: path.read_bytes() for path in (tmp_path / "run").glob("*.csv")}
    assert headers(files) == listed(made, "run")
    for name, columns in listed(made, made.TRIALS).items():
        stored = pq.read_schema(tmp_path / "run" / name).names
        assert {re.sub(":.*", ":NAME", column) for column in stored} == set(columns), name


def test_a_sweep_has_the_columns_of_the_page(made: ModuleType) -> None:
    tables = sweep("sobol")
    found = headers(written(table_files(tables, excel_csv=False)))
    shown = listed(made, "sweep")
    shown["points.csv"] = [*shown["points.csv"][:-1], *tables.paths]
    assert found == shown


def test_a_mitigation_study_has_the_columns_of_the_page(made: ModuleType) -> None:
    found = headers(written(mitigation_files(study(), excel_csv=False)))
    assert found == listed(made, "mitigation")


def test_a_batch_has_the_columns_of_the_page(made: ModuleType) -> None:
    found = headers(written(batch_tables(batch(), excel_csv=False)))
    assert found == listed(made, "batch")


def test_a_comparison_and_a_calibration_have_the_columns_of_the_page(made: ModuleType) -> None:
    losses = simulate(load(config()))
    found = comparison_files(compared(losses, scaled(losses, 0.75)), excel_csv=False)
    assert headers(found) == listed(made, "compare")
    fit = fitted(history(), quantity="flow")
    found = fit_files(fit, cautions(fit), excel_csv=False)
    assert headers(found) == listed(made, "calibration")


def test_a_back_test_has_the_columns_of_the_page(made: ModuleType, tmp_path: Path) -> None:
    done = tmp_path / "tested"
    riskengine.backtest(ROOT / "configs/backtests", cases=["japan-2010"], trials=50, out=done)
    found = headers({path.name: path.read_bytes() for path in done.glob("*.csv")})
    assert found == listed(made, "back-test")
