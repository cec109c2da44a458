"""What `riskengine batch` prints."""

from __future__ import annotations

from riskengine.batches.names import BATCH_PAGE, BATCH_WORKBOOK
from riskengine.batches.outcome import KEPT
from riskengine.batches.tables import change_rows, comparison_rows, previous_rows, scenario_rows
from riskengine.batches.view import BatchView
from riskengine.cli.answers.document import document, records
from riskengine.cli.answers.text import whole_text, written
from riskengine.cli.options import Printed
from riskengine.cli.streams import tables_text
from riskengine.errors import escaped
from riskengine.reports.batch.sentences import answer, facts, named
from riskengine.reports.batch.tables import screen_tables
from riskengine.verbs.batch import BatchResult


def batch_answer(found: BatchResult, printed: Printed) -> str:
    """The answer of a batch, in the form that was asked for."""
    if printed.quiet:
        return str(found.folder)
    if printed.as_json:
        return _document(found)
    outcome, folder, view = found.outcome, found.folder, BatchView(found.outcome)
    told = list(answer(view))
    kept = [each.name for each in outcome.scenarios if each.status == KEPT]
    if kept:
        told.append(f"Not played again, because nothing in them changed: {named(kept)}.")
    said = "\n".join(map(escaped, told))
    body = "\n\n".join(filter(None, [said, tables_text(screen_tables(view))]))
    places = written("Results", folder, BATCH_WORKBOOK, BATCH_PAGE)
    return whole_text((outcome.title, ", ".join(facts(view))), body, found.notices, places)


def _document(found: BatchResult) -> str:
    outcome, previous = found.outcome, found.outcome.previous
    return document(
        title=outcome.title,
        answer=answer(BatchView(outcome)),
        money=outcome.money,
        folder=None if found.folder is None else str(found.folder),
        scenarios=records(scenario_rows(outcome)),
        batch=records(outcome.rows),
        reference=records(comparison_rows(outcome.against_reference)),
        previous=records(previous_rows(previous) if previous else []),
        changes=records(change_rows(previous) if previous else []),
        notices=records(found.notices),
    )
