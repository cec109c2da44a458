"""What differs, as tables show it: with a sign, as a share, or value by value of two configs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from riskengine.figures.comparison import Difference
from riskengine.language.speaking import spoken
from riskengine.reports.tables.formats import SHARE, WRITTEN, Format
from riskengine.reports.tables.looks import Look
from riskengine.reports.tables.numbers import as_written, significant
from riskengine.reports.tables.table import Column, Table, said, text


def signed(value: float) -> str:
    """A number with three significant figures and a sign; 0 has no sign.

    >>> signed(12.345), signed(-0.5), signed(0.0)
    ('+12.3', '-0.500', '0')
    """
    return f"+{significant(value)}" if value > 0.0 else significant(value)


def relative(found: Difference | None) -> float | None:
    """The difference as a share of A; None if A is 0 or a figure is missing."""
    share = found.difference / found.a if found and found.a else math.nan
    return None if math.isnan(share) else share


#: A difference as a share of the figure before
RELATIVE = Format(
    text=lambda share: f"{signed(100.0 * share)}{spoken().percent}",
    look=Look(number_format='+0.0%;-0.0%;"-"'),
)
POINTS = SHARE.looking(Look(number_format="+0.00%;-0.00%;0%"))  #: a difference of chances


def inputs_table(
    key: str,
    title: str,
    rows: Sequence[Any],
    headings: tuple[str, str] = ("A", "B"),
    *,
    change: Column | None = None,
    before: Sequence[Column] = (),
) -> Table:
    """Values of two configs that differ: numbers as numbers, any other value as its TOML.

    Parameters
    ----------
    key, title : str
    rows : sequence
        With the fields of `InputDifference`.
    headings : (str, str)
        Of the values `a` and `b`.
    change : Column, optional
        In place of the column that says what kind of change it is.
    before : sequence of Column
        Columns to the left.
    """
    columns = [
        *before,
        text("path", "Input"),
        change or said("change", "Change"),
        text("a", headings[0], lambda each: as_written(each.a), WRITTEN),
        text("b", headings[1], lambda each: as_written(each.b), WRITTEN),
    ]
    return Table(key=key, title=title, columns=columns, rows=rows)
