"""What `riskengine sweep` prints: tables for people, or one JSON document for programs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from riskengine.cli.answers import SCHEMA_VERSION
from riskengine.cli.options import SweepOptions
from riskengine.cli.streams import tables_text
from riskengine.reports.screen import notice_text
from riskengine.reports.sweep.tables import sweep_lines, sweep_sentences, sweep_tables
from riskengine.reports.tables.table import printable
from riskengine.store.results import to_json
from riskengine.sweeps.tables import SweepTables


def sweep_answer(options: SweepOptions, tables: SweepTables, folder: Path) -> str:
    """The answer of a sweep, in the form that was asked for."""
    if options.quiet:
        return str(folder)
    if options.as_json:
        return _document(tables, folder)
    parts = [
        "\n".join(printable(line) for line in sweep_lines(tables)),
        tables_text(sweep_tables(tables)),
        "\n".join(printable(sentence) for sentence in sweep_sentences(tables)),
        notice_text(tables.notices),
        f"Tables: {folder}",
    ]
    return "\n\n".join(part for part in parts if part)


def _document(tables: SweepTables, folder: Path) -> str:
    """Everything but the figures of all points, which may be millions: those are in the folder."""
    rows: dict[str, Sequence[Any]] = {
        "points": tables.points,
        "base": [row for row in tables.figures if row.point == 0],
        "sensitivity": tables.sensitivity,
        "uncertainty": tables.uncertainty,
        "noise": tables.noise,
        "notices": tables.notices,
    }
    content = {
        "schema_version": SCHEMA_VERSION,
        "title": tables.title,
        "method": tables.method,
        "trials": tables.trials,
        "seed": tables.seed,
        "money": tables.money,
        "folder": str(folder),
        "parameters": tables.parameters,
        "paths": tables.paths,
        **{name: [_record(asdict(row)) for row in listed] for name, listed in rows.items()},
    }
    # Escaped to ASCII: a program reads it the same through any encoding of the terminal.
    return to_json(content, ascii_only=True).rstrip("\n")


def _record(row: dict[str, Any]) -> dict[str, Any]:
    """A row for JSON, which has no NaN: what does not exist is null."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in row.items()
    }
