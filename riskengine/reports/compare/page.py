"""Two runs beside each other as one self-contained page: no script, nothing from the network."""

from __future__ import annotations

from collections.abc import Iterator

from riskengine.reports.compare.tables import Comparison
from riskengine.reports.html.parts import document, section, table_html, text


def comparison_page(comparison: Comparison) -> str:
    """The page, as HTML; the same comparison gives the same page to the byte."""
    return document(
        comparison.title,
        facts=map(text, comparison.lines()),
        sections=_sections(comparison),
    )


def _sections(comparison: Comparison) -> Iterator[str]:
    yield section("answer", "B against A", map(table_html, comparison.tables()))
    if comparison.notices:
        items = "".join(f"<li>{text(notice.message)}</li>" for notice in comparison.notices)
        yield section("notes", "Please note", [f'<ul class="notes">{items}</ul>'])
