"""Configs that a real LibreOffice opened and saved again: the same scenario, to the last bit.

These tests need LibreOffice and run only when asked for: `pytest -m office`.
"""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from random_configs import random_config
from report.workbook_worlds import NASTY

from riskengine import convert, load
from riskengine.config import load_sweep
from riskengine.model.scenario import Scenario
from riskengine.play.simulate import simulate

pytestmark = pytest.mark.office

CONFIGS = Path(__file__).parents[2] / "configs"
SHIPPED = ["minimal", "company", "korea-2026", "japan-2026", "mitigation-korea-2026",
           "mitigation-japan-2026", "sweep-korea-assumptions", "sweep-japan-full-stop"]  # fmt: skip
RANDOM = range(0, 200, 5)
LONGEST = 900  #: seconds for all books on a busy machine; a hang ends the test


def nasty() -> dict[str, Any]:
    """Names, texts and numbers that programs like to change."""
    config = random_config(3)
    material = next(iter(config["materials"].values()))
    material["coverage"] = 0.1 + 0.2
    material["spend_per_year"] = 123456789.12345679
    names = [
        *NASTY,
        " blank",
        "after ",
        '"quoted"',
        "_x0041_",
        "TRUE",
        "1,5",
        "50%",
        "2026-01-08",
        "=1+1",
    ]
    config["materials"] = dict.fromkeys(names, material)
    note = "two\nlines\r\nand a\ttab, \u2028 and \u0410; " + "long " * 500
    config["industries"] = {
        name: {"value_added_per_year": 1e-300 + n, "note": note, "source": name}
        for n, name in enumerate(names)
    }
    config["run"] |= {"seed": 2**63 - 1, "title": " blanks ", "valuation_date": "1899-12-31"}
    for dispute in config["disputes"].values():
        dispute.pop("active", None)
        dispute["known_on"] = "1900-02-28"
    config.pop("propagation", None)
    return config


def essence(scenario: Scenario) -> Any:
    return replace(scenario, stem="", files=(), sheets=(), document={}), scenario.document


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of books as LibreOffice saved them; the books as we wrote them lie above it."""
    folder = tmp_path_factory.mktemp("books")
    sources: dict[str, Any] = {name: CONFIGS / f"{name}.toml" for name in SHIPPED}
    sources |= {f"random-{number}": random_config(number) for number in RANDOM}
    sources["nasty"] = nasty()
    files = [str(convert(source, folder / f"{name}.xlsx").file) for name, source in sources.items()]
    home = f"-env:UserInstallation=file://{folder}/home"
    again = ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder / "again")]
    command = ["soffice", home, "--headless", *again, *files]
    subprocess.run(command, check=True, capture_output=True, timeout=LONGEST)
    return folder / "again"


def same(saved: Path, name: str) -> tuple[Scenario, Scenario]:
    return load(saved.parent / f"{name}.xlsx"), load(saved / f"{name}.xlsx")


@pytest.mark.parametrize("name", [*SHIPPED, "nasty"])
def test_a_config_is_the_same_after_another_program_saved_it(saved: Path, name: str) -> None:
    ours, theirs = same(saved, name)
    assert essence(theirs) == essence(ours)


def test_random_configs_are_the_same_and_have_the_same_losses(saved: Path) -> None:
    for number in RANDOM:
        ours, theirs = same(saved, f"random-{number}")
        assert essence(theirs) == essence(ours)
        assert np.array_equal(simulate(theirs).total, simulate(ours).total)


@pytest.mark.parametrize("name", ["sweep-korea-assumptions", "sweep-japan-full-stop"])
def test_a_sweep_over_sheets_is_the_same(saved: Path, name: str) -> None:
    ours, theirs = (load_sweep(folder / f"{name}.xlsx") for folder in (saved.parent, saved))
    assert theirs.sweep == ours.sweep
