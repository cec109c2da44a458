"""The folder of a back-test: its files and a manifest, written completely or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from riskengine.backtests.cases import Case
from riskengine.backtests.copies import Copy
from riskengine.backtests.playing import Backtest
from riskengine.backtests.scoring import Coverage, Score
from riskengine.backtests.skill import Rating, Skill
from riskengine.store.folder import BACKTEST_FORMAT, Claim
from riskengine.store.provenance import Provenance, machine, versions
from riskengine.store.results import bytes_writer, write_files
from riskengine.store.sheets import to_csv

SCORES = "backtest.csv"
CALIBRATION = "summary.csv"
RATINGS = "scores.csv"
SKILLS = "skill.csv"
COPIES = "copies.csv"
BACKTEST_WORKBOOK, BACKTEST_PAGE = "backtest.xlsx", "backtest.html"
FORMAT_VERSION = 1


def backtest_sheets(backtest: Backtest, *, excel: bool) -> dict[str, bytes]:
    """All figures as CSV, by file name."""
    return {
        SCORES: to_csv(Score, backtest.scores, excel=excel),
        CALIBRATION: to_csv(Coverage, backtest.calibration, excel=excel),
        RATINGS: to_csv(Rating, backtest.ratings, excel=excel),
        SKILLS: to_csv(Skill, backtest.skills, excel=excel),
        COPIES: to_csv(Copy, backtest.suite.copies, excel=excel),
    }


def backtest_facts(backtest: Backtest, provenance: Provenance) -> dict[str, Any]:
    """The manifest without the list of files."""
    suite = backtest.suite
    return {
        "format": BACKTEST_FORMAT,
        "format_version": FORMAT_VERSION,
        "title": suite.title,
        "started": provenance.started,
        "seconds": provenance.seconds,
        "versions": versions(),
        "platform": machine(),
        "seed": backtest.seed,
        "trials": backtest.trials,
        "suite": _file(suite.file),
        "history": _file(suite.history) if suite.history else None,
        "overrides": list(provenance.overrides),
        "options": dict(provenance.options),
        "cases": {name: _case(case) for name, case in suite.cases.items()},
    }


def write_backtest(claimed: Claim, files: Mapping[str, bytes], facts: Mapping[str, Any]) -> None:
    """Write the folder that was claimed before the cases were played.

    Raises
    ------
    RunFault
        If it cannot be written; the earlier folder is then intact.
    """

    def fill(folder: Path) -> None:
        writers = {name: bytes_writer(data) for name, data in files.items()}
        write_files(folder, writers, lambda written: {**facts, "files": written})

    claimed.replace(fill)


def _case(case: Case) -> dict[str, Any]:
    return {
        "title": case.title,
        "as_of": case.as_of,
        "what_happened": list(case.what_happened),
        "supposed": list(case.supposed),
        "horizon_days": case.scenario.run.horizon_days,
        "dated_inputs": case.dated,
        "undated_inputs": case.undated,
        "gdp": case.gdp,
        "config_files": [_file(file) for file in case.scenario.files],
        "config": case.scenario.document,
    }


def _file(file: tuple[str, str]) -> dict[str, str]:
    return dict(zip(("name", "sha256"), file, strict=True))
