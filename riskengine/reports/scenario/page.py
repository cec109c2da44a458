"""A config as a page: what `check` says of it, with the ladder as a diagram."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from riskengine.model.notices import Notice
from riskengine.model.scenario import Scenario
from riskengine.reports.html.parts import (
    Html,
    Section,
    document,
    paragraphs,
    remarks,
    table_html,
    text,
)
from riskengine.reports.scenario.ladder import HEADING, LADDER_TABLES, ladder_parts
from riskengine.reports.tables.table import Table


def checked_page(
    scenario: Scenario,
    line: str,
    sentences: Sequence[str],
    tables: Sequence[Table],
    notices: Sequence[Notice],
) -> Html:
    """The page of a config; the same config gives the same page to the byte.

    Parameters
    ----------
    scenario : Scenario
    line : str
        Trials, seed, horizon and money.
    sentences, tables, notices : sequence
        What the command says of the config.
    """
    others = (table for table in tables if table.key not in LADDER_TABLES)
    return document(
        scenario.run.title or "A scenario without a title",
        facts=[text(line)],
        sections=[
            Section("ladder", HEADING, ladder_parts(scenario), "Escalation"),
            Section("scenario", "The scenario", map(table_html, others)),
            Section("notes", "Please note", _notes(sentences, notices)),
        ],
    )


def _notes(sentences: Sequence[str], notices: Sequence[Notice]) -> Iterator[Html]:
    yield from paragraphs(sentences)
    if notices:
        yield remarks(notice.message for notice in notices)
