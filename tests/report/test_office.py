"""Every workbook in a real LibreOffice, which opens it, computes its formulas and saves it again.

These tests need LibreOffice and run only when asked for: `pytest -m office`.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from calibrate_worlds import fitted, history
from figures.test_comparison import scaled
from openpyxl.workbook import Workbook
from report.batch_worlds import batch
from report.batch_worlds import hostile as hostile_batch
from report.comparison_worlds import compared
from report.mitigation_worlds import hostile, study
from report.sweep_worlds import FORMULA, RATE, SCRIPT, over, sweep, usual
from report.workbook_worlds import NASTY, config, opened, stored

from riskengine.backtests.playing import plans, play
from riskengine.backtests.suites import load_suite
from riskengine.config import load
from riskengine.fits.cautions import cautions
from riskengine.play.simulate import simulate
from riskengine.reports.backtest.workbook import backtest_workbook
from riskengine.reports.batch.workbook import batch_workbook
from riskengine.reports.compare.files import comparison_workbook
from riskengine.reports.fit.workbook import fit_workbook
from riskengine.reports.mitigation.workbook import mitigation_workbook
from riskengine.reports.run.workbook import workbook
from riskengine.reports.sweep.workbook import sweep_workbook

pytestmark = pytest.mark.office

BOOKS = (
    "run",
    "nasty-run",
    "sweep",
    "nasty-sweep",
    "fit",
    "backtest",
    "compare",
    "mitigation",
    "nasty-mitigation",
    "batch",
    "nasty-batch",
)
HISTORY = Path(__file__).parents[2] / "configs" / "backtests"
LONGEST = 900  #: seconds for all books on a busy machine; a hang ends the test


def made(folder: Path) -> dict[str, bytes]:
    words = over(("industries", FORMULA, "combine"), FORMULA, SCRIPT, name=f'"{FORMULA}".combine')
    nasty = sweep("grid", parameters=(words, over(RATE, 0.1, 0.2)), industries=NASTY)
    suite = load_suite(HISTORY, overrides=["run.trials=300"])
    facts = {"started": "2026-01-08T00:00:00+00:00", "versions": {}}
    found = fitted(history(), quantity="flow", by=("coercer",))
    losses = simulate(load(config()))
    return {
        "run": workbook(stored(folder / "plain", config())),
        "nasty-run": workbook(stored(folder / "nasty", config(NASTY))),
        "sweep": sweep_workbook(usual("one-at-a-time")),
        "nasty-sweep": sweep_workbook(nasty),
        "fit": fit_workbook(found, cautions(found), ["A limit."]),
        "backtest": backtest_workbook(play(suite, plans(suite)), facts),
        "compare": comparison_workbook(compared(losses, scaled(losses, 0.75))),
        "mitigation": mitigation_workbook(study()),
        "nasty-mitigation": mitigation_workbook(hostile(NASTY)),
        "batch": batch_workbook(batch()),
        "nasty-batch": batch_workbook(hostile_batch(NASTY)),
    }


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Workbook, Workbook]]:
    """Each workbook as we wrote it and as LibreOffice saved it, with the values of formulas."""
    folder = tmp_path_factory.mktemp("office")
    books = made(folder)
    for name, data in books.items():
        (folder / f"{name}.xlsx").write_bytes(data)
    home = f"-env:UserInstallation=file://{folder}/home"
    again = ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder / "again")]
    files = [str(folder / f"{name}.xlsx") for name in books]
    command = ["soffice", home, "--headless", *again, *files]
    subprocess.run(command, check=True, capture_output=True, timeout=LONGEST)
    return {
        name: (
            opened(data, values=True),
            opened((folder / "again" / f"{name}.xlsx").read_bytes(), values=True),
        )
        for name, data in books.items()
    }


@pytest.mark.parametrize("name", BOOKS)
def test_another_program_shows_the_same_cells_and_computes_the_same_figures(
    pairs: dict[str, tuple[Workbook, Workbook]], name: str
) -> None:
    ours, theirs = pairs[name]
    assert theirs.sheetnames == ours.sheetnames
    for sheet in ours:
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            other = theirs[sheet.title][cell.coordinate].value
            if isinstance(cell.value, float):
                assert other == pytest.approx(cell.value, rel=1e-12, abs=1e-300)
            else:
                assert (other or None) == (cell.value or None), (sheet.title, cell.coordinate)


@pytest.mark.parametrize("name", BOOKS)
def test_another_program_keeps_every_chart(
    pairs: dict[str, tuple[Workbook, Workbook]], name: str
) -> None:
    ours, theirs = pairs[name]
    charts = {sheet.title: len(sheet._charts) for sheet in ours}
    assert sum(charts.values()) > 0
    assert {sheet.title: len(sheet._charts) for sheet in theirs} == charts
