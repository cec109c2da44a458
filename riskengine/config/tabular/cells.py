"""A value of a config as a cell from which the same value is read again.

Spreadsheets keep 15 digits of a number, and programs differ in what they do with blanks and signs
at the ends of a text. So a number that 15 digits do not give back is written as text, and a text
that a program might change is written in quotes, as TOML does.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from riskengine.config.schema.kinds import Day, Node, Text
from riskengine.config.schema.scalars import is_number
from riskengine.config.sources.grids import is_error
from riskengine.config.sources.names import LONGEST_TEXT
from riskengine.config.toml.one_line import toml_text

Cell = str | int | float | bool | date | None

MOST_WHOLE = 10**15  #: a larger whole number is written as text
FIRST_DAY = date(1900, 3, 1)  #: spreadsheets count a day too many before it

_UNSAFE = re.compile(r"[^\x20-\x7e\n\u00a0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
_CODED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  #: XLSX files write characters like this


class CellLimit(Exception):
    """A value is too long for a cell."""


def cell_of_value(node: Node | None, value: Any) -> Cell:
    """The cell of a value.

    Parameters
    ----------
    node : Node or None
        What the schema says about it.
    value : object
        As in a document.

    Raises
    ------
    CellLimit
        When the text of a cell would be longer than Excel allows.
    """
    if isinstance(value, bool) or value is None:
        return value
    if is_number(value):
        return number_cell(value)
    if isinstance(value, date):
        return day_cell(value)
    if isinstance(value, str) and isinstance(node, Day):
        return day_cell(date.fromisoformat(value))
    if isinstance(value, str) and isinstance(node, Text):
        return _checked(text_cell(value))
    return _checked(_coded(toml_text(value)))


def number_cell(value: float) -> str | float:
    """A number, or its text where a spreadsheet would keep another number.

    >>> number_cell(0.95), number_cell(0.1 + 0.2), number_cell(10**15), number_cell(10**15 + 1)
    (0.95, '0.30000000000000004', 1000000000000000, '1000000000000001')
    """
    is_kept = abs(value) <= MOST_WHOLE if isinstance(value, int) else _is_short(value)
    return value if is_kept else repr(value)


def _is_short(value: float) -> bool:
    """Whether 15 significant digits give a number back."""
    return float(f"{value:.15g}") == value


def day_cell(day: date) -> date | str:
    """A day, or its text where spreadsheets have no such day."""
    return day if day >= FIRST_DAY else day.isoformat()


def text_cell(text: str) -> str:
    """A text, in quotes where a spreadsheet or the reading of it would change it.

    >>> text_cell("rare earths"), text_cell(" a"), text_cell('"a"'), text_cell("")
    ('rare earths', '" a"', '"\\\\"a\\\\""', '""')
    """
    is_safe = text and text == text.strip() and text[0] != '"' and not is_error(text)
    if is_safe and not _UNSAFE.search(text) and not _CODED.search(text):
        return text
    return _coded(toml_text(text))


def _coded(text: str) -> str:
    """A text as TOML with escapes for what no cell keeps."""
    plain = _CODED.sub("\\\\u005f", text) if "_x" in text else text
    return _UNSAFE.sub(lambda found: _escape(ord(found[0])), plain)


def _escape(code: int) -> str:
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _checked(text: str) -> str:
    if len(text.encode("utf-16-le")) > 2 * LONGEST_TEXT:
        raise CellLimit(f"{len(text):,} characters, and a cell holds {LONGEST_TEXT:,}")
    return text
