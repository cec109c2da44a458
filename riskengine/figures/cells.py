"""Text cells that a spreadsheet shows but never runs as formulas.

A text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP ASVS 1.2.10);
reading removes it.
"""

from __future__ import annotations

import re
from functools import lru_cache

# This includes the full-width forms, which spreadsheets in East Asian locales treat like the ASCII
# ones. Leading apostrophes make the guard reversible for a name that already looks guarded.
_FORMULA = re.compile("'*[=+\\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20]")
_GUARDED = re.compile("'+[=+\\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20]")


def guarded(text: str) -> str:
    """The text, made harmless if a spreadsheet would run it.

    >>> guarded("=1+1"), guarded("gallium")
    ("'=1+1", 'gallium')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """The text before `guarded`."""
    return text[1:] if _GUARDED.match(text) else text


@lru_cache(maxsize=1024)
def csv_text(text: str) -> str:
    """The text as a cell of a CSV file: guarded, and quoted where it must be (RFC 4180).

    >>> csv_text('-5, "net"')
    '"\\'-5, ""net\"""'
    """
    cell = guarded(text)
    if any(mark in cell for mark in ',"\r\n'):
        return '"' + cell.replace('"', '""') + '"'
    return cell
