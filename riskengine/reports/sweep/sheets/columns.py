"""Columns that the sheets of a sweep share: figures in their units, intervals, settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from riskengine.measures.estimate import Estimate
from riskengine.reports.sweep.view import MEAN, SweepView
from riskengine.reports.tables.looks import SHARE, Look, money_look
from riskengine.reports.tables.numbers import abridged
from riskengine.reports.xlsx.table import Cell, Column, estimated
from riskengine.reports.xlsx.text import one_line

INDEX = Look(number_format="0.00")
SETTING = Look(number_format="General", align="right")
_LONGEST_HEADING = 200  #: of a table; Excel allows 255 characters
_NAME = 26.0
_FIGURE = 13.0


def widths(names: int, figures: int) -> tuple[float, ...]:
    """Widths of so many columns of names and then of figures."""
    return (*[_NAME] * names, *[_FIGURE] * figures)


def money(view: SweepView) -> str:
    """The unit of money, as a header can hold it."""
    return abridged(one_line(view.tables.money), 40)


def money_look_of(view: SweepView) -> Look:
    """One number of decimals for all amounts of a workbook."""
    return money_look(abs(view.base(MEAN).value))


def unit_look(view: SweepView, of: Callable[[Any], str]) -> Callable[[Any], Look]:
    """The look of a row by its measure: chances are shares, all else is money."""
    amounts = money_look_of(view)
    return lambda row: SHARE if of(row) == "prob_loss" else amounts


def in_unit(heading: str, value: Callable[[Any], Cell], look: Callable[[Any], Look]) -> Column:
    """Figures whose rows have units of their own."""
    return Column(heading=heading, value=value, look=INDEX, look_of=look)


def amounts(view: SweepView, heading: str, value: Callable[[Any], Estimate]) -> list[Column]:
    """An amount of money with the ends of its interval."""
    return estimated(heading, money(view), value, money_look_of(view))


def distinct(words: Sequence[str]) -> list[str]:
    """Any words as headings of a table, which Excel tells apart: it ignores case, and cuts."""
    seen: dict[str, int] = {}
    found = []
    for each in words:
        heading = one_line(each)[:_LONGEST_HEADING] or "(empty)"
        count = seen[heading.casefold()] = seen.get(heading.casefold(), 0) + 1
        found.append(heading if count == 1 else f"{heading} ({count})")
    return found


def setting_cell(value: Any) -> Cell:
    """A setting as a cell: numbers stay numbers."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, int | float) or value is None else str(value)
