"""A fan for each material: supply lost over time, and the part that nothing replaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from riskengine.figures.fan import FanRow
from riskengine.reports.html.axes import Drawing
from riskengine.reports.html.charts import Margins, Pen, add_axes, panel, time_axis
from riskengine.reports.html.parts import (
    Html,
    figure,
    legend,
    named,
    panels,
    paragraph,
    section,
    text,
)
from riskengine.reports.html.svg import BLUE, INK, ORANGE
from riskengine.reports.run.stored import StoredRun
from riskengine.reports.tables.formats import GIVEN_SHARE
from riskengine.reports.tables.numbers import short_percent
from riskengine.reports.tables.table import Table, number
from riskengine.reports.tables.table import text as text_column

_MOST = 12  #: materials with a panel
_DATES = 9  #: rows of a material in the table
_SCALES = (0.04, 0.08, 0.2, 0.4, 0.6, 0.8)  #: possible tops of the axis below 1
_BANDS = (("p50", "p75", 0.75), ("p75", "p90", 0.5), ("p90", "p95", 0.3), ("p95", "p99", 0.16))
_HEADING = "Supply lost and regained over time"

Fans = Mapping[str, Mapping[str, Sequence[FanRow]]]  #: material -> quantity -> rows by day


def fan_section(run: StoredRun) -> Html:
    """Panels of the materials that matter most, on one scale."""
    fans = _fans(run.stored.fan())
    if not fans:
        missing = "These results hold no timeline (timeline.csv): they are from an earlier version."
        return section("supply", _HEADING, [paragraph(text(missing))])
    names = [name for name in run.ranked("material") if name in fans][:_MOST]
    top = _scale(fans, names)
    drawn = panels(_panel(run, name, fans[name], top, k) for k, name in enumerate(names))
    return section("supply", _HEADING, [
        paragraph(text(_INTRODUCTION)),
        legend({
            "s75": "50th to 75th percentile of the shortage",
            "s90": "to 90th", "s95": "to 95th", "s99": "to 99th",
            "line-ink": "shortage, average", "line-orange": "supply lost, average",
        }),
        figure(drawn, _caption(fans, names), [_table(run, fans, names)]),
    ])  # fmt: skip


_INTRODUCTION = (
    "The blue fan is the shortage: the part of normal demand that neither other suppliers nor "
    "stocks of the material cover. On each day its lower edge is the median of the trials and its "
    "upper edge the 99th percentile. The orange line is what is cut before anything replaces it, "
    "on average."
)


def _fans(rows: Sequence[FanRow]) -> dict[str, dict[str, list[FanRow]]]:
    fans: dict[str, dict[str, list[FanRow]]] = {}
    for row in rows:
        fans.setdefault(row.material, {}).setdefault(row.quantity, []).append(row)
    return {name: fan for name, fan in fans.items() if fan.keys() >= {"lost", "short"}}


def _scale(fans: Fans, names: Sequence[str]) -> float:
    """One scale for all panels, with round marks at its quarters."""
    highest = max(
        max([*(r.p99 for r in fans[n]["short"]), *(r.mean for r in fans[n]["lost"])]) for n in names
    )
    return next((top for top in _SCALES if top >= highest), 1.0)


def _peak(rows: Sequence[FanRow], field: str) -> FanRow:
    return max(rows, key=lambda row: float(getattr(row, field)))


def _panel(
    run: StoredRun, name: str, fan: Mapping[str, Sequence[FanRow]], top: float, number: int
) -> Html:
    worst = _peak(fan["short"], "p95")
    label = (
        f"Shortage of {name} over time: the 95th percentile is highest on "
        f"{run.calendar.label(worst.day)}, at {short_percent(worst.p95)} of demand"
    )
    return panel(f"fan{number}", label, name, partial(_draw, run, fan, top))


def _draw(
    run: StoredRun, fan: Mapping[str, Sequence[FanRow]], top: float, figure: Drawing, pen: Pen
) -> None:
    axes = add_axes(figure, pen.size, Margins(left=44, right=12, top=8, bottom=26))
    rows = fan["short"]
    days = [row.day for row in rows]
    for lower, upper, alpha in _BANDS:
        axes.fill_between(
            days,
            [getattr(row, lower) for row in rows],
            [getattr(row, upper) for row in rows],
            color=BLUE,
            alpha=alpha,
            linewidth=0,
        )
    axes.plot(days, [row.mean for row in rows], color=INK, linewidth=1.6)
    lost = fan["lost"]
    axes.plot([r.day for r in lost], [r.mean for r in lost], color=ORANGE, linestyle="--")
    horizon = run.facts.horizon_days
    time_axis(axes, run.calendar, horizon, 4)
    axes.set_ylim(0.0, top)
    shares = [top * k / 4.0 for k in range(5)]
    axes.set_yticks(shares, [f"{100.0 * share:.3g} %" for share in shares])


def _caption(fans: Fans, names: Sequence[str]) -> Html:
    worst = max(names, key=lambda name: _peak(fans[name]["short"], "p95").p95)
    peak = _peak(fans[worst]["short"], "p95").p95
    return text(
        "Share of normal demand, all panels on one scale. With a chance of 5 % ",
        named(worst),
        f" is short of {short_percent(peak)} of demand or more at its worst date. Taken from the "
        f"first trials of the run (at most 2,000).{_left_out(len(fans) - len(names))}",
    )


def _left_out(count: int) -> str:
    return f" {count} materials with less loss are left out." if count else ""


def _table(run: StoredRun, fans: Fans, names: Sequence[str]) -> Table:
    rows: list[list[str | float]] = []
    for name in names:
        short, lost = fans[name]["short"], fans[name]["lost"]
        step = max(1, len(short) // _DATES)
        for row, cut in list(zip(short, lost, strict=True))[::step]:
            label = run.calendar.date(row.day) or f"day {row.day:,g}"
            shares = (cut.mean, row.mean, row.p50, row.p75, row.p90, row.p95, row.p99)
            rows.append([name, label, *shares])
    return Table(
        key="fan",
        title="Shortage by material and date, share of normal demand",
        columns=[
            text_column("material", "Material"),
            text_column("date", "Date"),
            number("lost", "Supply lost, mean", form=GIVEN_SHARE),
            number("mean", "Shortage, mean", form=GIVEN_SHARE),
            *(number(f"p{p}", f"{p}th", form=GIVEN_SHARE) for p in (50, 75, 90, 95, 99)),
        ],
        rows=rows,
    )
