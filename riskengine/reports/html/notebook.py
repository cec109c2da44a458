"""Tables as an HTML fragment for a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from riskengine.model.notices import Notice
from riskengine.reports.html.parts import (
    Html,
    bullets,
    element,
    joined,
    paragraph,
    subheading,
    table_html,
    text,
)
from riskengine.reports.tables.table import Table

# A notebook lacks the style of our pages, which aligns figures to the right.
_STYLE = element(
    "style",
    text(".riskengine .right { text-align: right; } .riskengine .left { text-align: left; }"),
)


def html_page_part(title: str, tables: Iterable[Table], notices: Sequence[Notice]) -> Html:
    """A heading, the tables and the notices."""
    parts = [_STYLE, subheading(title), *map(table_html, tables)]
    if notices:
        noted = bullets(text(notice.message) for notice in notices)
        parts += [paragraph(text("Please note:")), noted]
    return element("div", joined(parts, "\n"), class_="riskengine")
