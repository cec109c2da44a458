"""A table as data: cells keep their values, columns know how to show them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from riskengine.measures.estimate import Estimate
from riskengine.reports.tables.numbers import (
    MISSING,
    interval,
    percent,
    plain,
    short,
    short_percent,
    significant,
)

Cell = str | float | Estimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its key in JSON, its heading for people, and how a cell is shown."""

    key: str
    heading: str
    show: Callable[[Any], str]
    numeric: bool = True

    def text(self, cell: Cell) -> str:
        return MISSING if cell is None else self.show(cell)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under columns, with a title and a remark that belongs under it."""

    key: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    remark: str = ""

    def texts(self) -> list[list[str]]:
        """All cells as they are shown, safe for a terminal."""
        return [
            [printable(c.text(cell)) for c, cell in zip(self.columns, row, strict=True)]
            for row in self.rows
        ]

    def records(self) -> list[dict[str, Any]]:
        """All rows as plain data; what does not exist is None, for JSON has no NaN."""
        return [
            {c.key: _plain(cell) for c, cell in zip(self.columns, row, strict=True)}
            for row in self.rows
        ]


def text(key: str, heading: str) -> Column:
    return Column(key=key, heading=heading, show=str, numeric=False)


def given(key: str, heading: str) -> Column:
    """Figures of a config, shown as they were given."""
    return Column(key=key, heading=heading, show=plain)


def given_share(key: str, heading: str) -> Column:
    """Shares of a config, or the means of their distributions, without padding."""
    return Column(key=key, heading=heading, show=short_percent)


def given_mean(key: str, heading: str) -> Column:
    """Means of distributions of a config, without padding."""
    return Column(key=key, heading=heading, show=short)


def amount(key: str, heading: str) -> Column:
    """Computed figures: three significant ones."""
    return Column(key=key, heading=heading, show=significant)


def share(key: str, heading: str) -> Column:
    return Column(key=key, heading=heading, show=percent)


def printable(line: str) -> str:
    """The text without characters that steer a terminal: a name may hold any.

    >>> printable("a" + chr(27) + "[2J")
    'a\\\\x1b[2J'
    """
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


def estimate_text(estimate: Estimate) -> str:
    ends = interval(estimate)
    return f"{significant(estimate.value)} ({ends})" if ends else significant(estimate.value)


def share_text(estimate: Estimate) -> str:
    ends = interval(estimate, share=True)
    return f"{percent(estimate.value)} ({ends})" if ends else percent(estimate.value)


def _plain(cell: Cell) -> Any:
    if isinstance(cell, Estimate):
        return {name: _plain(end) for name, end in cell._asdict().items()}
    if isinstance(cell, float) and not math.isfinite(cell):
        return None
    return cell
