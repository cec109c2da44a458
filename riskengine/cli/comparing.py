"""A comparison in the forms in which the command line gives it: text, JSON, files."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from riskengine.cli.answers import SCHEMA_VERSION
from riskengine.cli.sides import Compared
from riskengine.cli.streams import tables_text
from riskengine.figures.comparison import Difference, compare
from riskengine.figures.pairing import pairing_notices
from riskengine.model.notices import Notice
from riskengine.reports.compare.inputs import input_differences
from riskengine.reports.compare.page import comparison_page
from riskengine.reports.compare.tables import Comparison
from riskengine.reports.compare.workbook import comparison_workbook
from riskengine.reports.screen import notice_text
from riskengine.reports.tables.table import printable
from riskengine.store.results import to_json
from riskengine.store.sheets import to_csv


def made_comparison(a: Compared, b: Compared) -> Comparison:
    """Compare two sides in everything."""
    found, differences = compare(a.side, b.side)
    inputs = input_differences(a.config, b.config)
    return Comparison(
        sources=(a.source, b.source),
        facts=(a.facts, b.facts),
        pairing=found,
        differences=differences,
        inputs=inputs,
        notices=[
            *pairing_notices(a.side, b.side, found),
            *_engines(a, b, is_unexplained=not inputs and found.same < found.trials),
        ],
    )


def comparison_files(comparison: Comparison, *, excel_csv: bool) -> dict[str, bytes]:
    """All figures as CSV, workbook and page, by the name of the file."""
    page = comparison_page(comparison)
    return {
        "compare.csv": to_csv(Difference, comparison.differences, excel=excel_csv),
        "compare.xlsx": comparison_workbook(comparison),
        "compare.html": page.encode(errors="backslashreplace"),
    }


def comparison_text(comparison: Comparison, written: Sequence[Path], *, as_json: bool) -> str:
    """What is printed: tables for people, or one JSON document."""
    if as_json:
        return _document(comparison, written)
    head = [printable(line) for line in (comparison.title, *comparison.lines())]
    parts = [
        "\n".join(head),
        tables_text(comparison.tables()),
        notice_text(comparison.notices),
        "\n".join(f"Written: {path}" for path in written),
    ]
    return "\n\n".join(part for part in parts if part)


def _engines(a: Compared, b: Compared, *, is_unexplained: bool) -> Iterator[Notice]:
    if a.version != b.version:
        yield Notice(
            code="versions-differ",
            message=f"A was made by riskengine {a.version} and B by {b.version}: part of a "
            "difference may be the engine's, and draws may not be shared. The intervals hold.",
        )
    elif is_unexplained:
        yield Notice(
            code="engines-differ",
            message="The inputs are the same and some losses are not: A and B were made by "
            "different states of the engine, or a manifest was edited.",
        )


def _document(comparison: Comparison, written: Sequence[Path]) -> str:
    sides = zip("ab", comparison.sources, comparison.facts, strict=True)
    content = {
        "schema_version": SCHEMA_VERSION,
        **{name: {"source": source, **asdict(facts)} for name, source, facts in sides},
        "pairing": _plain(asdict(comparison.pairing)),
        "differences": [_plain(asdict(each)) for each in comparison.differences],
        "inputs": [asdict(each) for each in comparison.inputs],
        "notices": [asdict(notice) for notice in comparison.notices],
        "files": [str(path) for path in written],
    }
    # Escaped to ASCII: a program reads it the same through any encoding of the terminal.
    return to_json(content, ascii_only=True).rstrip("\n")


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    """A record for JSON, which has no NaN: what does not exist is null."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in record.items()
    }
