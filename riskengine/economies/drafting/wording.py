"""Rows of tables and remarks: numbers, notes and the list at the top of a draft."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

Row = dict[str, str]  #: a row of a table as it is written: key -> text

ANNOTATIONS = ("status", "source", "note")


class Remark(NamedTuple):
    """Something that is assumed, borrowed or missing, and what it takes to replace it."""

    what: str
    instead: str  #: where better figures are found, and where they go

    @property
    def text(self) -> str:
        """Both, as sentences."""
        return f"{self.what.rstrip('.')}. To replace: {self.instead.rstrip('.')}."


def short(value: float) -> str:
    """A number with four significant digits.

    >>> short(123456.0), short(0.62619), short(7.0), short(0.00012346)
    ('123500', '0.6262', '7', '0.0001235')
    """
    rounded = float(f"{value:.4g}")
    return str(int(rounded)) if rounded.is_integer() else f"{rounded:.12f}".rstrip("0")


def table_bytes(rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> bytes:
    """Rows as a CSV file, with the columns that some row fills, and those that name rows."""
    kept = [c for c in columns if c in columns[:2] or any(row.get(c) for row in rows)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(kept)
    writer.writerows([[row.get(column, "") for column in kept] for row in rows])
    return text.getvalue().encode()


def listed(names: Iterable[str], most: int = 12) -> str:
    """Names with commas between them, and how many more there are.

    >>> listed("abc"), listed("abcd", most=2)
    ('a, b, c', 'a, b and 2 more')
    """
    many = list(names)
    return ", ".join(many[:most]) + (f" and {len(many) - most} more" if len(many) > most else "")
