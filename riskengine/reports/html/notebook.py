"""Tables as a piece of HTML, for a notebook; every text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from riskengine.model.notices import Notice
from riskengine.reports.tables.table import Table


def html_page_part(title: str, tables: Iterable[Table], notices: Sequence[Notice]) -> str:
    """A heading, the tables and the notices."""
    parts = [f"<h3>{escape(title)}</h3>", *(_table(table) for table in tables)]
    if notices:
        items = "".join(f"<li>{escape(notice.message)}</li>" for notice in notices)
        parts.append(f"<p>Please note:</p><ul>{items}</ul>")
    return "\n".join(parts)


def _table(table: Table) -> str:
    sides = ["left" if column.is_text else "right" for column in table.columns]
    headings = [column.heading for column in table.columns]
    head = _row("th", headings, sides) if any(headings) else ""
    body = "".join(_row("td", cells, sides) for cells in table.texts())
    remark = f"<p>{escape(table.remark)}</p>" if table.remark else ""
    caption = f"<caption>{escape(table.title)}</caption>"
    return f"<table>{caption}<thead>{head}</thead><tbody>{body}</tbody></table>{remark}"


def _row(tag: str, cells: Sequence[str], sides: Sequence[str]) -> str:
    inner = "".join(
        f'<{tag} style="text-align:{side}">{escape(cell)}</{tag}>'
        for cell, side in zip(cells, sides, strict=True)
    )
    return f"<tr>{inner}</tr>"
