"""Sums that a reader can follow: formulas beside the figure they must give."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from riskengine.reports.tables.looks import STRONG, summed
from riskengine.reports.xlsx.book import Page
from riskengine.reports.xlsx.table import Placed

ADDS_UP = "adds up"
DIFFERS = "DOES NOT ADD UP"
_TOLERANCE = 1e-9  #: of the total: its parts are summed in another order


class Check(NamedTuple):
    """A cell that says whether a sum is right, and what it says."""

    place: str
    verdict: str


class Total(NamedTuple):
    """A figure of the total and its cell."""

    value: float
    place: str


Totals = Mapping[str, Total]  #: by the first part of the defined name


def checked_sums(
    page: Page, placed: Placed, columns: Sequence[tuple[str, Sequence[float]]], totals: Totals
) -> list[Check]:
    """Under a table the sums of its columns, the totals, and whether they are the same.

    Parameters
    ----------
    page : Page
    placed : Placed
        The table; its second column is the first that is summed.
    columns : sequence of (str, sequence of float)
        Key of the total in `totals`, and the values of the column.
    totals : Totals

    Returns
    -------
    list of Check
        One for each column.
    """
    rows = (page.row, page.row + 1, page.row + 2)
    for row, words in zip(rows, ("Sum of the rows", "Total, from Summary", "Check"), strict=True):
        page.put(row, 0, words, summed(STRONG) if row == rows[0] else STRONG)
    checks = []
    for position, (key, values) in enumerate(columns, 1):
        look = summed(placed.table.columns[position].look)
        here = [page.cell_at(row, position) for row in rows]
        total = totals[key]
        found = math.fsum(values)
        page.formula(rows[0], position, f"=SUM({placed.cells(position)})", found, look)
        page.formula(rows[1], position, f"={total.place}", total.value, look._replace(border=False))
        allowed = f"{_TOLERANCE}*MAX(1,ABS({here[1]}))"
        formula = f'=IF(ABS({here[0]}-{here[1]})<={allowed},"{ADDS_UP}","{DIFFERS}")'
        says = verdict(found, total.value)
        page.formula(rows[2], position, formula, says, STRONG._replace(align="right"))
        checks.append(Check(f"'{page.name}'!{here[2]}", says))
    page.row = rows[2] + 1
    return checks


def verdict(found: float, total: float) -> str:
    """What the check says of a sum."""
    is_same = abs(found - total) <= _TOLERANCE * max(1.0, abs(total))
    return ADDS_UP if is_same else DIFFERS
