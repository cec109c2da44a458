"""What `riskengine sweep` prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from riskengine.cli.answers.document import document, records
from riskengine.cli.answers.text import whole_text, written
from riskengine.cli.options import Printed
from riskengine.cli.streams import tables_text
from riskengine.errors import escaped
from riskengine.reports.sweep.tables import sweep_lines, sweep_sentences, sweep_tables
from riskengine.store.sweeps import SWEEP_PAGE, SWEEP_WORKBOOK
from riskengine.verbs.sweep import SweepResult


def sweep_answer(result: SweepResult, printed: Printed) -> str:
    """The answer of a sweep, in the form that was asked for."""
    if printed.quiet:
        return str(result.folder)
    if printed.as_json:
        return _document(result)
    tables = result.tables
    body = [tables_text(sweep_tables(tables)), "\n".join(map(escaped, sweep_sentences(tables)))]
    text = "\n\n".join(filter(None, body))
    last = written("Tables", result.folder, SWEEP_WORKBOOK, SWEEP_PAGE)
    return whole_text(sweep_lines(tables), text, tables.notices, last)


def _document(result: SweepResult) -> str:
    """Everything but the figures of all points, which may be millions: those are in the folder."""
    tables = result.tables
    rows: dict[str, Sequence[Any]] = {
        "points": tables.points,
        "base": [row for row in tables.figures if row.point == 0],
        "sensitivity": tables.sensitivity,
        "uncertainty": tables.uncertainty,
        "noise": tables.noise,
        "notices": tables.notices,
    }
    return document(
        title=tables.title,
        method=tables.method,
        trials=tables.trials,
        seed=tables.seed,
        money=tables.money,
        folder=str(result.folder),
        parameters=tables.parameters,
        paths=tables.paths,
        **{name: records(listed) for name, listed in rows.items()},
    )
