"""Two runs beside each other as a workbook; the same comparison gives the same bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from riskengine.figures.comparison import Difference
from riskengine.reports.compare.inputs import InputDifference
from riskengine.reports.compare.tables import Comparison
from riskengine.reports.tables.looks import (
    ANY_NUMBER,
    DAYS,
    GIVEN,
    LINE,
    SHARE,
    Look,
    money_look,
)
from riskengine.reports.xlsx.book import Book, Page
from riskengine.reports.xlsx.charts import columns_chart
from riskengine.reports.xlsx.table import Cell, Column, Table, number, text

_CREATED = "2000-01-01T00:00:00+00:00"  #: of every comparison: its bytes do not tell the clock
_ABOUT = (
    "Differences are B minus A: where one is negative, B loses less. Low and high are the ends of "
    "the 95 % interval of the simulation: more trials would narrow it.",
    "Paired: the same trial has the same draws in A and B, and the interval is that of the "
    "differences by trial. Variance ratio: how many times the trials would be needed for the same "
    "interval without pairing.",
)
_EMPTY = "Empty cells: there is no such figure, or no interval."
_CHANGE = Look(number_format='+0.0%;-0.0%;"-"')
_LEVEL = Look(number_format="0.0#####")
_CHART_LINES = 18
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")


def comparison_workbook(comparison: Comparison) -> bytes:
    """The bytes of an XLSX file with the sheets Summary, Figures and Inputs.

    Raises
    ------
    WorkbookFault
        If a sheet would need more rows than Excel has.
    """
    book = Book(comparison.title, "riskengine", _CREATED)
    _summary(book, comparison)
    _figures(book, comparison)
    _inputs(book, comparison)
    return book.close()


class _Row(NamedTuple):
    """A figure of the summary under its label."""

    label: str
    figure: Difference


def _summary(book: Book, comparison: Comparison) -> None:
    page = book.page("Summary", (30, *[15.0] * 7))
    first, *more = comparison.lines()
    page.title(comparison.title, first)
    for line in (*more, *_ABOUT):
        page.paragraph(line)
    if comparison.notices:
        page.heading("Please note")
        for notice in comparison.notices:
            page.paragraph(notice.message)
    _total(book, page, comparison)
    for scope in ("industry", "material"):
        rows = [_Row(name, figure) for name, figure in comparison.means(scope)]
        if rows:
            page.heading(f"Mean loss by {scope} ({comparison.money})")
            key = f"Mean_by_{scope}"
            page.table(Table(key=key, columns=_columns(rows, scope.capitalize()), rows=rows,
                             called=lambda row: row.label), empty=_EMPTY)  # fmt: skip


def _total(book: Book, page: Page, comparison: Comparison) -> None:
    """The figures of the total, and their losses as columns beside each other."""
    rows = [_Row(label, figure) for label, figure in comparison.headline()]
    losses = [row for row in rows if row.figure.unit == comparison.money]
    chances = [row for row in rows if row.figure.unit != comparison.money]
    page.heading(f"Total loss ({comparison.money})")
    columns = _columns(losses, "Figure", "Difference")
    table = Table(key="Total", columns=columns, rows=losses, called=lambda row: row.label)
    placed = page.table(table, empty=_EMPTY)
    if chances:
        page.heading("Chances")
        page.table(Table(key="Chances", columns=_columns(chances, "Figure"), rows=chances),
                   empty=_EMPTY)  # fmt: skip
    page.gap()
    page.chart(columns_chart(book, placed, (1, 2), ("Total loss", comparison.money)), _CHART_LINES)
    page.skip(_CHART_LINES)


def _columns(rows: Sequence[_Row], heading: str, name: str = "") -> list[Column]:
    """A figure of both runs, their difference with its interval, and what pairing gains."""
    largest = max((max(abs(r.figure.a), abs(r.figure.b)) for r in rows), default=1.0)
    is_share = bool(rows) and rows[0].figure.unit == "probability"
    look = SHARE if is_share else money_look(largest)
    change = Look(number_format="+0.00%;-0.00%;0%") if is_share else look

    def of(field: str) -> Callable[[_Row], float]:
        return lambda row: float(getattr(row.figure, field))

    return [
        text(heading, lambda row: row.label),
        number("A", of("a"), look),
        number("B", of("b"), look),
        number("B - A", of("difference"), change, name),
        number("B - A, low", of("lower"), change),
        number("B - A, high", of("upper"), change),
        number("Change of A", lambda row: _relative(row.figure), _CHANGE),
        number("Variance ratio", of("variance_ratio"), ANY_NUMBER),
    ]


def _relative(figure: Difference) -> float | None:
    return figure.difference / figure.a if figure.a else None


def _figures(book: Book, comparison: Comparison) -> None:
    """Every figure with full precision, as `compare.csv` has it."""
    page = book.page("Figures", (10, 24, 11, 22, 8, 14, *[14.0] * 5, 10, 14, 11))
    page.title("Figures", "Every figure of both runs, and the difference with its interval.")
    header = page.row
    columns = [
        *(Column(heading=field.capitalize(), value=_field(field), look=LINE)
          for field in ("scope", "name", "component", "measure")),
        number("Level", _field("level"), _LEVEL),
        Column(heading="Unit", value=_field("unit"), look=LINE),
        *(Column(heading=heading, value=_field(field), look=ANY_NUMBER, look_of=_look)
          for heading, field in (("A", "a"), ("B", "b"), ("B - A", "difference"),
                                 ("B - A, low", "lower"), ("B - A, high", "upper"))),
        number("Change of A", _relative, _CHANGE),
        number("Variance ratio", _field("variance_ratio"), ANY_NUMBER),
        Column(heading="Pairing", value=_field("pairing"), look=LINE),
    ]  # fmt: skip
    page.table(Table(key="Figures", columns=columns, rows=comparison.differences), empty=_EMPTY)
    page.keep_in_sight(header)


def _field(name: str) -> Callable[[Difference], Cell]:
    return lambda figure: getattr(figure, name)


def _look(figure: Difference) -> Look:
    return {"probability": SHARE, "days": DAYS, "episodes": _LEVEL}.get(figure.unit, ANY_NUMBER)


def _inputs(book: Book, comparison: Comparison) -> None:
    page = book.page("Inputs", (48, 12, 50, 50))
    page.title("Inputs", "What differs between the two configs, as the configs write it.")
    if not comparison.inputs:
        page.paragraph("Nothing differs.")
        return
    columns = [
        text("Input", lambda each: each.path),
        text("Change", lambda each: each.change),
        *(Column(heading=side.upper(), value=_given(side), look=GIVEN) for side in "ab"),
    ]
    page.table(Table(key="Inputs", columns=columns, rows=comparison.inputs), empty="")


def _given(side: str) -> Callable[[InputDifference], Cell]:
    return lambda each: _number_or_text(getattr(each, side))


def _number_or_text(written: str) -> Cell:
    """A number of a config as a number; any other value as its TOML.

    >>> _number_or_text("0.5"), _number_or_text('"0.5"')
    (0.5, '"0.5"')
    """
    return json.loads(written) if _NUMBER.fullmatch(written) else written
