"""A back-test in the forms in which the command line gives it: text, JSON, files."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from riskengine.backtests.playing import Backtest
from riskengine.cli.answers import SCHEMA_VERSION
from riskengine.cli.streams import tables_text
from riskengine.reports.backtest.page import backtest_page
from riskengine.reports.backtest.sentences import headline, skill_line
from riskengine.reports.backtest.tables import backtest_tables
from riskengine.reports.backtest.workbook import backtest_workbook
from riskengine.reports.tables.table import printable
from riskengine.store.backtests import backtest_sheets
from riskengine.store.results import to_json


def backtest_files(
    backtest: Backtest, facts: Mapping[str, Any], *, excel_csv: bool
) -> dict[str, bytes]:
    """Tables, workbook and page, by the name of the file."""
    return {
        **backtest_sheets(backtest, excel=excel_csv),
        "backtest.xlsx": backtest_workbook(backtest, facts),
        "backtest.html": backtest_page(backtest, facts).encode(errors="backslashreplace"),
    }


def backtest_text(backtest: Backtest, folder: Path) -> str:
    """What is printed for people."""
    line = (
        f"{len(backtest.suite.cases)} cases, {len(backtest.scores)} outcomes; "
        f"{backtest.trials:,} trials of each case, seed {backtest.seed}"
    )
    said = (headline(backtest.calibration), skill_line(backtest.skills))
    head = "\n".join(map(printable, filter(None, (backtest.suite.title, line, *said))))
    return f"{head}\n\n{tables_text(backtest_tables(backtest))}\n\nResults: {folder}"


def backtest_document(backtest: Backtest, folder: Path) -> str:
    """What is printed for programs: one JSON document."""
    content = {
        "schema_version": SCHEMA_VERSION,
        "title": backtest.suite.title,
        "trials": backtest.trials,
        "seed": backtest.seed,
        "folder": str(folder),
        "outcomes": [_plain(asdict(each)) for each in backtest.scores],
        "calibration": [_plain(asdict(each)) for each in backtest.calibration],
        "scores": [_plain(asdict(each)) for each in backtest.ratings],
        "skill": [_plain(asdict(each)) for each in backtest.skills],
        "copies": [_plain(asdict(each)) for each in backtest.suite.copies],
    }
    return to_json(content, ascii_only=True).rstrip("\n")


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    """A record for JSON, which has no infinity and no NaN: such figures are null."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in record.items()
    }
