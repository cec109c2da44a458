"""The points of a sweep in a table: what each sets, and what came of it."""

from __future__ import annotations

from riskengine.reports.html.parts import (
    Html,
    folded,
    section,
    shown,
    table_html,
)
from riskengine.reports.sweep.sentences import estimated, heading
from riskengine.reports.sweep.view import SweepView, setting_text, short_parameter
from riskengine.reports.tables.table import Table, text

_MOST = 200  #: rows of a page; points.csv and sweep.csv have all


def points_section(view: SweepView) -> Html:
    """The table, open where it is short."""
    rows = [_row(view, point.point) for point in view.tables.points[:_MOST]]
    more = len(view.tables.points) - _MOST
    table = Table(
        key="points",
        title=f"Points, {view.tables.money} (95 % interval)",
        columns=[
            text("point", "Point"),
            *(text(name, short_parameter(name, 60)) for name in view.tables.parameters),
            *(shown(key.measure, heading(key)) for key in view.main),
        ],
        rows=rows,
        remark="points.csv and sweep.csv hold every point with every figure"
        + (f"; {more:,} more points are only there." if more > 0 else "."),
    )
    html = table_html(table)
    return section("points", "Points", [folded("All points", html, mark="keep")])


def _row(view: SweepView, point: int) -> list[str]:
    settings = [setting_text(each[point]) for each in view.settings]
    name = "base case" if point == 0 else f"{point:,}"
    if point in view.failed:
        return [name, *settings, "failed", *[""] * (len(view.main) - 1)]
    return [name, *settings, *(estimated(view.at(key, point)) for key in view.main)]
