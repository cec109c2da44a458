"""What `riskengine batch` prints."""

from __future__ import annotations

from riskengine.batches.tables import change_rows, comparison_rows, previous_rows, scenario_rows
from riskengine.cli.answers.document import document, records
from riskengine.cli.answers.text import whole_text
from riskengine.cli.options import Printed
from riskengine.errors import escaped
from riskengine.verbs.batch import BatchResult


def batch_answer(found: BatchResult, printed: Printed) -> str:
    """The answer of a batch, in the form that was asked for."""
    if printed.quiet:
        return str(found.folder)
    if printed.as_json:
        return _document(found)
    outcome = found.outcome
    told = [f"{each.name}: {each.status}" for each in outcome.scenarios]
    failed = [f"{each.name} failed: {each.message}" for each in outcome.failed]
    body = "\n".join(escaped(line, kept="\n") for line in [*told, *failed])
    return whole_text((outcome.title,), body, outcome.notices, f"Results: {found.folder}")


def _document(found: BatchResult) -> str:
    outcome, previous = found.outcome, found.outcome.previous
    return document(
        title=outcome.title,
        money=outcome.money,
        folder=None if found.folder is None else str(found.folder),
        scenarios=records(scenario_rows(outcome)),
        batch=records(outcome.rows),
        reference=records(comparison_rows(outcome.against_reference)),
        previous=records(previous_rows(previous) if previous else []),
        changes=records(change_rows(previous) if previous else []),
        notices=records(outcome.notices),
    )
