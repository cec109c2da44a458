"""A sweep as one page, `sweep.html`: no script, nothing from the network, fit for print."""

from __future__ import annotations

from collections.abc import Iterator

from riskengine.reports.html.parts import (
    Html,
    document,
    section,
    table_html,
    text,
)
from riskengine.reports.sweep.sections.answer import answer_section, notes_section
from riskengine.reports.sweep.sections.drivers import drivers_section
from riskengine.reports.sweep.sections.lines import heat_section, lines_section
from riskengine.reports.sweep.sections.points import points_section
from riskengine.reports.sweep.sections.uncertainty import uncertainty_section
from riskengine.reports.sweep.sentences import facts
from riskengine.reports.sweep.view import SweepView
from riskengine.reports.tables.table import Table
from riskengine.reports.tables.table import text as text_column
from riskengine.sweeps.tables import SweepTables

_CONTENTS = {
    "answer": "The answer",
    "drivers": "What moves it",
    "lines": "Along a parameter",
    "heat": "Over two parameters",
    "uncertainty": "What we do not know",
    "points": "Points",
    "notes": "Please note",
    "sweep": "This sweep",
}


def sweep_page(tables: SweepTables) -> Html:
    """The page, as HTML; the same tables give the same page to the byte."""
    view = SweepView(tables)
    title = tables.title or tables.config
    sections = {key: html for key, html in _sections(view) if html}
    lines = [text(f"{line[0].upper()}{line[1:]}.") for line in facts(view)]
    contents = {key: _CONTENTS[key] for key in sections}
    return document(title, facts=lines, sections=sections.values(), contents=contents)


def _sections(view: SweepView) -> Iterator[tuple[str, Html]]:
    """Each section that has something to show, and an empty text for the others."""
    yield "answer", answer_section(view)
    yield "drivers", drivers_section(view)
    yield "lines", lines_section(view)
    yield "heat", heat_section(view)
    yield "uncertainty", uncertainty_section(view)
    yield "points", points_section(view)
    yield "notes", notes_section(view)
    yield "sweep", _provenance(view)


def _provenance(view: SweepView) -> Html:
    tables = view.tables
    rows = [
        ["Config", tables.config],
        ["Method", tables.method],
        ["Points", f"{len(tables.points) - 1:,} and the base case"],
        ["Trials at each point", f"{tables.trials:,}"],
        ["Seed of the draws", str(tables.seed)],
        *(["Varied", parameter] for parameter in tables.parameters),
    ]
    table = Table(
        key="sweep",
        title="Where these figures come from",
        columns=[text_column("what", "What"), text_column("value", "Value")],
        rows=rows,
        remark="The same config, seed and trials give the same figures to the bit.",
    )
    return section("sweep", "This sweep", [table_html(table)])
