"""How much room a cell or a block of code needs, as a class that the style of the site reads.

A cell is `long` or `medium`, a block of code `wide`, `wider` or `tall`; what needs no special room
has no class.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

_LONG, _MEDIUM = 30, 12  #: characters of a cell from which it gets more room on a phone
_WIDE, _WIDER = 86, 110  #: columns of text from which paper needs smaller type
_TALL = 40  #: lines from which a block may go on to another page
_COLUMNS = re.compile(r"\S {2,}\S")  #: in a line that must not be wrapped: words under words


def measured(_app: Sphinx, document: nodes.document) -> None:
    """Give cells and blocks of code the classes of their size.

    Parameters
    ----------
    document : nodes.document
        A page that was just read.
    """
    for cell in document.findall(nodes.entry):
        size = len(cell.astext())
        if size > _MEDIUM:
            cell["classes"].append("long" if size > _LONG else "medium")
    for block in document.findall(nodes.literal_block):
        if block.get("language") == "console":  # whose lexer takes comments of files for commands
            block["language"] = "text"
        lines = block.astext().splitlines()
        rows = list(filter(_COLUMNS.search, lines))
        width = max(map(len, rows), default=0)
        if width > _WIDE and len(rows) > 1:
            block["classes"].append("wider" if width > _WIDER else "wide")
        if len(lines) > _TALL:
            block["classes"].append("tall")


def setup(app: Sphinx) -> dict[str, Any]:
    """Measure every page that is read."""
    app.connect("doctree-read", measured)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
