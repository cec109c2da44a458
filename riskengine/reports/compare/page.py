"""Two runs side by side as one self-contained page: no script, nothing from the network."""

from __future__ import annotations

from collections.abc import Iterator

from riskengine.reports.compare.tables import Comparison
from riskengine.reports.html.parts import Html, bullets, document, section, table_html, text


def comparison_page(comparison: Comparison) -> Html:
    """The page, as HTML; the same comparison gives the same page to the byte."""
    return document(
        comparison.title,
        facts=map(text, comparison.lines()),
        sections=_sections(comparison),
    )


def _sections(comparison: Comparison) -> Iterator[Html]:
    yield section("answer", "B against A", map(table_html, comparison.tables()))
    if comparison.notices:
        notes = bullets(text(notice.message) for notice in comparison.notices)
        yield section("notes", "Please note", [notes])
