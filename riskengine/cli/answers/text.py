"""An answer for people: the parts of it that there are, with an empty line between them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from riskengine.errors import escaped
from riskengine.model.notices import Notice
from riskengine.reports.screen import notice_text


def written(what: str, folder: Path | None, workbook: str, page: str = "") -> str:
    """Where the files are, and which of them to open."""
    if folder is None:
        return ""
    other = f" (or {page} in a browser)" if page else ""
    places = escaped(str(folder)), escaped(str(folder / workbook))
    return "{}: {}\nOpen first: {}{}".format(what, *places, other)


def whole_text(head: Sequence[str], body: str, notices: Sequence[Notice], *last: str) -> str:
    """Lines of a heading, tables, notices, and what is said at the end."""
    lines = "\n".join(map(escaped, filter(None, head)))
    return "\n\n".join(part for part in (lines, body, notice_text(notices), *last) if part)
