"""The tables in `results/cases/`, which `make figures` keeps of the shipped cases."""

from __future__ import annotations

import csv
from functools import cache
from typing import NamedTuple

from docs.pages import ROOT

from riskengine.reports.tables.numbers import significant, whole_percent

CASES = ROOT / "results" / "cases"
Row = dict[str, str]


class Figure(NamedTuple):
    """A figure and the ends of its 95 % interval."""

    value: float
    lower: float
    upper: float

    @property
    def text(self) -> str:
        return significant(self.value)

    @property
    def ends(self) -> str:
        return f"{significant(self.lower)} to {significant(self.upper)}"

    @property
    def chance(self) -> str:
        return whole_percent(self.value)

    @property
    def signed(self) -> str:
        """With the sign of a difference, and the ends in brackets."""
        texts = [f"{'+' if each > 0 else ''}{significant(each)}" for each in self]
        return f"{texts[0]} ({texts[1]} to {texts[2]})"


@cache
def rows(name: str) -> list[Row]:
    """The rows of a kept table, such as `korea-metrics`."""
    with (CASES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def metric(case: str, measure: str, scope: str = "total", name: str = "") -> Figure:
    """A row of the metrics of a case; VaR and TVaR as `var 0.99`.

    Parameters
    ----------
    case : str
        Its name in `results/cases/`.
    measure : str
        Measure and level as in `metrics.csv`, with a blank between.
    scope : str
        Total, industry or material.
    name : str
        Of the industry or material.
    """
    key = (scope, name, "all", *[*measure.split(), ""][:2])
    columns = ("scope", "name", "component", "measure", "level")
    (row,) = (r for r in rows(f"{case}-metrics") if tuple(r[c] for c in columns) == key)
    return figure_of(row, "value", "lower", "upper")


def point(case: str, number: int, measure: str = "mean", level: str = "") -> Row:
    """The row of the total at a point of a kept sweep."""
    key = (str(number), "total", measure, level)
    columns = ("point", "scope", "measure", "level")
    (row,) = (r for r in rows(f"{case}-sweep") if tuple(r[c] for c in columns) == key)
    return row


def difference(row: Row) -> Figure:
    """How a point of a sweep differs from the base case."""
    return figure_of(row, "difference", "difference_lower", "difference_upper")


def figure_of(row: Row, *columns: str) -> Figure:
    """The figure in three columns of a row."""
    return Figure(*(float(row[column] or "nan") for column in columns))
