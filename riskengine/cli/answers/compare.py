"""What `riskengine compare` prints."""

from __future__ import annotations

from dataclasses import asdict

from riskengine.cli.answers.document import document, record, records
from riskengine.cli.answers.text import whole_text
from riskengine.cli.streams import tables_text
from riskengine.verbs.compare import ComparisonResult


def comparison_answer(result: ComparisonResult, *, as_json: bool) -> str:
    """Tables for people, or one JSON document."""
    if as_json:
        return _document(result)
    comparison = result.comparison
    head = (comparison.title, *comparison.lines())
    written = "\n".join(f"Written: {path}" for path in result.written)
    return whole_text(head, tables_text(comparison.tables()), comparison.notices, written)


def _document(result: ComparisonResult) -> str:
    comparison = result.comparison
    sides = zip("ab", comparison.sources, comparison.facts, strict=True)
    return document(
        **{name: {"source": source, **asdict(facts)} for name, source, facts in sides},
        pairing=record(comparison.pairing),
        differences=records(comparison.differences),
        inputs=records(comparison.inputs),
        notices=records(comparison.notices),
        files=[str(path) for path in result.written],
    )
