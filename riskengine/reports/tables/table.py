"""A table as data, defined once for the screen, the page, the workbook and JSON.

A column defines where a cell comes from and how it is shown. The modules that show it (`screen`,
`html.parts`, `xlsx.book`) know nothing about figures. In a workbook, the ends of an interval have
columns of their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter, itemgetter
from typing import Any

from riskengine.errors import escaped
from riskengine.language.speaking import say
from riskengine.measures.estimate import Estimate, estimate_of
from riskengine.reports.tables import formats
from riskengine.reports.tables.formats import Format

Cell = str | float | Estimate | None
Value = Callable[[Any], Any]  #: takes a cell from a row


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table."""

    key: str  #: the key in JSON and for charts of a workbook
    heading: str
    format: Format
    value: Value | None = None  #: None: the field `key` of a row; of a list, the cell in its place
    long: str = ""  #: the heading in a workbook, if it has to say more there
    unit: str = ""  #: shown in parentheses after the heading in a workbook
    name: str = ""  #: first part of the defined names of its cells, as in VaR99_total
    has_interval: bool = False  #: its cells are estimates
    is_said: bool = False  #: its cells are words of ours, not names or words of the config
    format_of: Callable[[Any], Format] | None = None  #: if each row has its own format

    @property
    def is_text(self) -> bool:
        return self.format.is_text

    def format_at(self, row: Any) -> Format:
        return self.format_of(row) if self.format_of else self.format

    def by_row(self, format_of: Callable[[Any], Format]) -> Column:
        """The column with a format of its own for each row."""
        return replace(self, format_of=format_of)

    def alone(self) -> Column:
        """The figures without their intervals."""
        take = self.value or attrgetter(self.key)
        return replace(self, has_interval=False, value=lambda row: take(row).value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows and columns, with a title and a remark that is shown below."""

    key: str  #: the key in JSON, and the table's name in a workbook
    title: str = ""
    columns: Sequence[Column]
    rows: Sequence[Any]
    remark: str = ""
    called: Callable[[Any], str] = str  #: second part of the defined names of a row's cells
    about: str = ""  #: put before a heading that is used outside the table

    def values(self) -> list[Value]:
        """For each column the function that takes its cell from a row."""
        first = self.rows[0] if self.rows else ()
        if type(first) in (list, tuple):  # not a row with named fields
            found: list[Value] = [
                c.value or itemgetter(position) for position, c in enumerate(self.columns)
            ]
        else:
            field = itemgetter if isinstance(first, Mapping) else attrgetter
            found = [c.value or field(c.key) for c in self.columns]
        pairs = zip(self.columns, found, strict=True)
        return [partial(_said, value) if column.is_said else value for column, value in pairs]

    def cells(self) -> list[list[Cell]]:
        """The cells of all rows."""
        values = self.values()
        return [[value(row) for value in values] for row in self.rows]

    def shown(self) -> list[list[str]]:
        """All cells as text, names as they are."""
        return [
            [c.format_at(row).show(cell) for c, cell in zip(self.columns, cells, strict=True)]
            for row, cells in zip(self.rows, self.cells(), strict=True)
        ]

    def texts(self) -> list[list[str]]:
        """All cells as text that is safe for a terminal."""
        return [[escaped(cell) for cell in row] for row in self.shown()]

    def records(self) -> list[dict[str, Any]]:
        """All rows as plain data; missing values are None, because JSON has no NaN."""
        keys = [column.key for column in self.columns]
        return [dict(zip(keys, map(_plain, cells), strict=True)) for cells in self.cells()]

    def without(self, *keys: str) -> Table:
        """The table without some of its columns."""
        return replace(self, columns=[c for c in self.columns if c.key not in keys])

    def only(self, *keys: str, key: str = "") -> Table:
        """Some of the columns in this order, under the table's own key or another one."""
        columns = {column.key: column for column in self.columns}
        return replace(self, columns=[columns[each] for each in keys], key=key or self.key)

    def alone(self, *keys: str) -> Table:
        """The table with the figures of some columns without their intervals."""
        columns = [column.alone() if column.key in keys else column for column in self.columns]
        return replace(self, columns=columns)

    def headed(self, headings: Mapping[str, str]) -> Table:
        """The table with other headings for some columns, by key, where a place has to say more."""
        columns = [replace(c, heading=headings.get(c.key, c.heading)) for c in self.columns]
        return replace(self, columns=columns)

    def named(self, names: Mapping[str, str]) -> Table:
        """The table with defined names for the cells of some columns, by key."""
        columns = [replace(c, name=names.get(c.key, c.name)) for c in self.columns]
        return replace(self, columns=columns)

    def unnamed(self, *keys: str) -> Table:
        """The table without the defined names of some columns, as another place defines them."""
        columns = [replace(c, name="") if c.key in keys else c for c in self.columns]
        return replace(self, columns=columns)


def number(
    key: str,
    heading: str,
    value: Value | None = None,
    form: Format = formats.AMOUNT,
    *,
    long: str = "",
    unit: str = "",
    name: str = "",
    has_interval: bool = False,
) -> Column:
    """A column of figures."""
    return Column(
        key=key, heading=heading, format=form, value=value, long=long, unit=unit, name=name,
        has_interval=has_interval,
    )  # fmt: skip


estimate = partial(number, has_interval=True)  #: a column of figures with their intervals


def with_ends(field: str, prefix: str | None = None) -> Value:
    """Takes a figure with its interval from the fields of a row, as `estimate_of` finds them."""
    return partial(estimate_of, key=field, prefix=prefix)


def text(key: str, heading: str, value: Value | None = None, form: Format = formats.TEXT) -> Column:
    """A column of names, or of words of a config."""
    return Column(key=key, heading=heading, format=form, value=value)


def said(key: str, heading: str, value: Value | None = None, form: Format = formats.TEXT) -> Column:
    """A column of our own words, in the language of the report."""
    return Column(key=key, heading=heading, format=form, value=value, is_said=True)


def words(key: str, heading: str, value: Value | None = None) -> Column:
    """A column of figures that are text already, aligned to the right like figures."""
    return Column(key=key, heading=heading, format=formats.WORDS, value=value)


def origin_table(key: str, rows: Sequence[Sequence[str]], remark: str) -> Table:
    """What figures were made from: in each row the name of a fact, and the fact."""
    columns = [said("what", "What"), text("value", "Value", form=formats.FACT)]
    title = "Where these figures come from"
    return Table(key=key, title=title, columns=columns, rows=rows, remark=remark)


def _said(value: Value, row: Any) -> Any:
    cell = value(row)
    return say(cell) if isinstance(cell, str) else cell


def _plain(cell: Cell) -> Any:
    if isinstance(cell, Estimate):
        return {name: _plain(end) for name, end in cell._asdict().items()}
    if isinstance(cell, float) and not math.isfinite(cell):
        return None
    return cell
