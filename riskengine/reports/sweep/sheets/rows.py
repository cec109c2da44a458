"""The sheets Sweep and Points: every figure at every point, and what each point is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from riskengine.reports.sweep.sentences import heading
from riskengine.reports.sweep.sheets.columns import (
    SETTING,
    distinct,
    in_unit,
    money,
    money_look_of,
    setting_cell,
    unit_look,
    widths,
)
from riskengine.reports.sweep.view import SweepView
from riskengine.reports.tables.looks import COUNT, LEVEL_FORMAT, REMARK
from riskengine.reports.xlsx.book import Book
from riskengine.reports.xlsx.table import Cell, Column, Table, after, line, line_after, number
from riskengine.sweeps.tables import PointRow, SweepRow

_MOST_ROWS = 50_000  #: of the sheet Sweep: more take long to write, and to open in Excel
_ABOUT = (
    "One row for each point and figure; point 0 is the base case. Differences are from the base "
    "case, paired by trial: all points have the same draws."
)
_LEVEL = SETTING._replace(number_format=LEVEL_FORMAT)


def sweep_sheet(book: Book, view: SweepView) -> None:
    """Write the tidy table: one row for each point and figure."""
    page = book.page("Sweep", (8, 10, 24, 12, 9, *[14.0] * 6, 16))
    rows = view.tables.figures
    page.title("Sweep", _ABOUT)
    if len(rows) > _MOST_ROWS:
        last = rows[_MOST_ROWS].point - 1
        rows = tuple(row for row in rows if row.point <= last)
        page.paragraph(
            f"Only points 0 to {last:,} are shown here: sweep.csv and sweep.parquet hold all "
            f"{len(view.tables.figures):,} rows.",
            REMARK,
        )
    page.gap()
    look = unit_look(view, lambda row: str(row.measure))
    columns = [
        number("Point", lambda row: row.point, COUNT),
        line_after("Scope", lambda row: row.scope),
        line("Name", lambda row: row.name),
        line("Measure", lambda row: row.measure),
        number("Level", lambda row: row.level, _LEVEL),
        *(
            in_unit(words, _field(field), look)
            for words, field in (
                ("Value", "value"),
                ("95 % low", "lower"),
                ("95 % high", "upper"),
                ("Difference from base", "difference"),
                ("Difference, 95 % low", "difference_lower"),
                ("Difference, 95 % high", "difference_upper"),
            )
        ),
        line_after("Unit", lambda row: row.unit),
    ]
    table: Table = Table(key="Sweep", columns=columns, rows=rows)
    header = page.row
    page.table(table, empty="")
    page.keep_in_sight(header)


def _field(name: str) -> Callable[[SweepRow], Cell]:
    return lambda row: getattr(row, name)


def points_sheet(book: Book, view: SweepView) -> None:
    """Write what each point sets each path to, and its main figures."""
    paths = view.tables.paths
    page = book.page("Points", (8, 9, *[18.0] * len(paths), *widths(0, len(view.main)), 40))
    page.title("Points", "Point 0 is the base case: the config as it stands.")
    page.gap()
    unit, look = money(view), money_look_of(view)
    columns = [
        number("Point", lambda row: row.point, COUNT),
        after("Status", lambda row: row.status),
        *(_path(path, position) for position, path in enumerate(distinct(paths))),
        *(number(f"{heading(key)} ({unit})", _value(view, key), look) for key in view.main),
        after("Why it failed", lambda row: row.message),
    ]
    header = page.row
    page.table(Table(key="Points", columns=columns, rows=view.tables.points), empty="")
    page.keep_in_sight(header)


def _path(path: str, position: int) -> Column:
    return Column(
        heading=path, value=lambda row: setting_cell(row.settings[position]), look=SETTING
    )


def _value(view: SweepView, key: Any) -> Callable[[PointRow], Cell]:
    return lambda row: view.at(key, row.point).value
