"""The assumptions of a run with their status, notes and sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from riskengine.reports.html.parts import (
    Html,
    folded,
    paragraph,
    section,
    shown,
    table_html,
    text,
)
from riskengine.reports.run.sections.statuses import (
    KINDS,
    KNOWN,
    UNMARKED,
    Input,
    counts,
    inputs,
    totals,
    totals_in_words,
)
from riskengine.reports.run.sections.subject import Subject
from riskengine.reports.tables.table import Table
from riskengine.reports.tables.table import text as text_column

_MOST = 2_000  #: inputs listed one by one; a page has to stay small


def assumptions_section(subject: Subject) -> Html:
    """Counts by kind, then every input with what its author says about it."""
    return section("assumptions", "The assumptions and their status", _parts(subject))


def _parts(subject: Subject) -> Iterator[Html]:
    found = counts(subject.config)
    yield paragraph(text(totals_in_words(found)))
    yield table_html(_summary(found))
    listed = inputs(subject.config)
    for kind, words in KINDS.items():
        of_kind = [item for item in listed[:_MOST] if item.kind == kind]
        if of_kind:
            yield folded(f"{words} ({len(of_kind)})", table_html(_listing(words, of_kind)))
    if len(listed) > _MOST:
        yield paragraph(text(f"{len(listed) - _MOST:,} more are in manifest.json."))


def _summary(found: dict[str, dict[str, int]]) -> Table:
    statuses = (*KNOWN, UNMARKED)
    rows = [
        [KINDS[kind], *(str(by_status[status]) for status in statuses)]
        for kind, by_status in found.items()
    ]
    total = totals(found)
    rows.append(["All", *(str(total[status]) for status in statuses)])
    return Table(
        key="statuses",
        title="Tables of inputs by status",
        columns=[text_column("kind", "Inputs"), *(shown(s, s.capitalize()) for s in statuses)],
        rows=rows,
        remark="Sourced: as published. Derived: computed from published figures. Assumption: at "
        "least one figure is ours, with the reason in its note.",
    )


def _listing(words: str, items: Sequence[Input]) -> Table:
    return Table(
        key="inputs",
        title=words,
        columns=[
            text_column("name", "Name"),
            text_column("status", "Status"),
            text_column("note", "Note"),
            text_column("source", "Source"),
        ],
        rows=[[item.name, item.status, item.note, item.source] for item in items],
    )
