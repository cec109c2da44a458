"""What happens over time: supply lost and regained, and how long industries hold out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from riskengine.drawing.axes import Axes
from riskengine.drawing.svg import BLUE, INK, LINE, ORANGE
from riskengine.figures.evidence import Series
from riskengine.figures.fan import FanRow
from riskengine.language.speaking import say, spoken
from riskengine.measures.tail import quantile_rank
from riskengine.reports.html.charts import Pen, panel, time_axis
from riskengine.reports.html.parts import Html, figure, legend, named, panels, paragraph, text
from riskengine.reports.run.stored import NO_ROWS, SURVIVAL, StoredRun
from riskengine.reports.tables.formats import COUNT, GIVEN_MEAN, GIVEN_SHARE, SHARE
from riskengine.reports.tables.numbers import percent, short_percent
from riskengine.reports.tables.table import Table, number
from riskengine.reports.tables.table import text as text_column

_MOST_PANELS = 12  #: materials, or industries, with a panel
_DATES = 9  #: rows of a material in the table
_SCALES = (0.04, 0.08, 0.2, 0.4, 0.6, 0.8)  #: possible tops of the axis below 1
_BANDS = (("p50", "p75", 0.75), ("p75", "p90", 0.5), ("p90", "p95", 0.3), ("p95", "p99", 0.16))
_POINTS = 90
_MARKS = (30.0, 90.0, 180.0)  #: days in the table
_FAN_WORDS = (
    "The blue fan is the shortage: the part of normal demand that neither other suppliers nor "
    "stocks of the material cover. On each day its lower edge is the median of the trials and its "
    "upper edge the 99th percentile. The orange line is what is cut before anything replaces it, "
    "on average."
)
_SURVIVAL_WORDS = (
    "Other suppliers, stocks and plant inventories carry production for a while. Each curve "
    "falls as industries run out of them: it shows the share of trials in which output is still "
    "whole so many days after the trouble began, among the trials in which any material of the "
    "industry is cut. Where it levels out, the trouble ends before the stocks do."
)

Fans = Mapping[str, Mapping[str, Sequence[FanRow]]]  #: material -> quantity -> rows by day


def fan_parts(run: StoredRun) -> Iterator[Html]:
    """Panels of the materials that matter most, on one scale."""
    fans = _fans(run.stored.fan())
    if not fans:
        missing = "These results hold no timeline (timeline.csv): they are from an earlier version."
        yield paragraph(text(missing))
        return
    names = [name for name in run.ranked("material") if name in fans][:_MOST_PANELS]
    top = _scale(fans, names)
    drawn = panels(_fan_panel(run, name, fans[name], top, k) for k, name in enumerate(names))
    yield paragraph(text(_FAN_WORDS))
    yield legend({
        "s75": "50th to 75th percentile of the shortage",
        "s90": "to 90th", "s95": "to 95th", "s99": "to 99th",
        "line-ink": "shortage, average", "line-orange": "supply lost, average",
    })  # fmt: skip
    yield figure(drawn, _fan_caption(fans, names), [_fan_table(run, fans, names)])


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


def _fan_panel(
    run: StoredRun, name: str, fan: Mapping[str, Sequence[FanRow]], top: float, number: int
) -> Html:
    worst = _peak(fan["short"], "p95")
    label = (
        f"Shortage of {name} over time: the 95th percentile is highest on "
        f"{run.calendar.label(worst.day)}, at {short_percent(worst.p95)} of demand"
    )
    return panel(f"fan{number}", label, name, partial(_draw_fan, run, fan, top))


def _draw_fan(run: StoredRun, fan: Mapping[str, Sequence[FanRow]], top: float, pen: Pen) -> None:
    axes = pen.axes(left=44, right=12, top=8, bottom=26)
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
    axes.set_yticks(shares, [f"{100.0 * share:.3g}{spoken().percent}" for share in shares])


def _fan_caption(fans: Fans, names: Sequence[str]) -> Html:
    worst = max(names, key=lambda name: _peak(fans[name]["short"], "p95").p95)
    peak = _peak(fans[worst]["short"], "p95").p95
    left_out = len(fans) - len(names)
    more = f" {left_out} materials with less loss are left out." if left_out else ""
    return text(
        "Share of normal demand, all panels on one scale. With a chance of 5 % ",
        named(worst),
        f" is short of {short_percent(peak)} of demand or more at its worst date. Taken from the "
        f"first trials of the run (at most 2,000).{more}",
    )


def _fan_table(run: StoredRun, fans: Fans, names: Sequence[str]) -> Table:
    rows: list[list[str | float]] = []
    for name in names:
        short, lost = fans[name]["short"], fans[name]["lost"]
        step = max(1, len(short) // _DATES)
        for row, cut in list(zip(short, lost, strict=True))[::step]:
            label = run.calendar.date(row.day) or say(f"day {row.day:,g}")
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


@dataclass(frozen=True, slots=True, eq=False)
class _Curve:
    """Days to the first lost output, over the trials in which a material of an industry is cut."""

    name: str
    days: Series  #: ascending, from the start of trouble to the first lost output
    cut: int  #: trials in which any of its materials is cut

    def whole_after(self, day: float) -> float:
        """Share of those trials in which no output is lost within `day` days."""
        return 1.0 - float(np.searchsorted(self.days, day, side="right")) / self.cut

    def lost_within(self, day: float) -> float:
        """Share of those trials in which output is lost within `day` days."""
        return 1.0 - self.whole_after(day)

    def by_rank(self, level: float) -> float | None:
        """A quantile of the days, over the trials that lose output."""
        if not len(self.days):
            return None
        return float(self.days[quantile_rank(len(self.days), level) - 1])


def survival_parts(run: StoredRun) -> Iterator[Html]:
    """One panel per industry, with the other industries in grey behind it."""
    found = [] if run.losses is None else [curve for curve in _curves(run) if curve.cut]
    curves = found[:_MOST_PANELS]
    if not curves:
        yield paragraph(text(_no_curve(run)))
        return
    longest = max([30.0, *(float(c.days[quantile_rank(len(c.days), 0.99) - 1])
                           for c in curves if len(c.days))])  # fmt: skip
    drawn = panels(
        panel(
            f"stop{k}",
            _survival_label(curve),
            curve.name,
            partial(_draw_survival, curve, curves, longest),
            height=165.0,
        )
        for k, curve in enumerate(curves)
    )
    yield paragraph(text(_SURVIVAL_WORDS))
    yield figure(drawn, _survival_caption(curves, len(found)), [_survival_table(found)])


def _no_curve(run: StoredRun) -> str:
    """Why there is nothing to draw."""
    if run.losses is None:
        return NO_ROWS
    if not run.has_survival:
        return (
            f"These results hold no times to stop ({SURVIVAL}): they are from an earlier version."
        )
    return "No industry has a material cut in any trial."


def _curves(run: StoredRun) -> Iterable[_Curve]:
    for name in run.ranked("industry"):
        if name in run.survival_days:
            days = run.survival_days[name]
            uses = run.config.get("industries", {}).get(name, {}).get("uses", {})
            cut = np.zeros(len(days), dtype=bool)
            for material in uses:
                cut |= run.cut_days[material] > 0.0
            reached = np.sort(days[~np.isnan(days)])
            yield _Curve(name, reached, max(int(cut.sum()), len(reached)))


def _draw_survival(curve: _Curve, others: Sequence[_Curve], longest: float, pen: Pen) -> None:
    axes = pen.axes(left=46, right=14, top=8, bottom=42)
    for other in others:
        _line(axes, other, longest, LINE, 1.2)
    _line(axes, curve, longest, BLUE, 2.6)
    axes.set_xlim(0.0, longest)
    axes.set_ylim(0.0, 1.04)
    axes.set_yticks([0.0, 0.5, 1.0], [f"{n}{spoken().percent}" for n in (0, 50, 100)])
    axes.set_xlabel("days since the trouble began")
    axes.locator_params(axis="x", nbins=5)


def _line(axes: Axes, curve: _Curve, longest: float, colour: str, width: float) -> None:
    days = np.linspace(0.0, longest, _POINTS)
    whole = [curve.whole_after(day) for day in days]
    axes.plot(days, whole, color=colour, linewidth=width)


def _survival_label(curve: _Curve) -> str:
    shares = ", ".join(
        say(f"{percent(curve.whole_after(day))} after {day:g} days") for day in _MARKS
    )
    return f"{curve.name}: share of trials with whole output: {shares}"


def _survival_caption(curves: Sequence[_Curve], found: int) -> Html:
    first = min(curves, key=lambda curve: curve.whole_after(_MARKS[1]))
    more = f" {found - len(curves)} more stand in the table." if found > len(curves) else ""
    lost = first.lost_within(_MARKS[1])
    return text(
        named(first.name),
        f" runs out soonest: within {_MARKS[1]:g} days it has lost output in {percent(lost)} of "
        f"the trials in which its materials are cut. Grey: the other industries.{more}",
    )


def _survival_table(curves: Sequence[_Curve]) -> Table:
    def within(day: float) -> Callable[[_Curve], float]:
        return lambda curve: curve.lost_within(day)

    def at_rank(level: float) -> Callable[[_Curve], float | None]:
        return lambda curve: curve.by_rank(level)

    return Table(
        key="survival",
        title="Output lost, share of the trials in which a material of the industry is cut",
        columns=[
            text_column("industry", "Industry", lambda curve: curve.name),
            number("cut", "Trials with a cut", form=COUNT),
            *(number(f"d{d:g}", f"Within {d:g} days", within(d), SHARE) for d in _MARKS),
            number("ever", "Ever", lambda curve: len(curve.days) / curve.cut, SHARE),
            number("p10", "Days, quickest tenth", at_rank(0.1), GIVEN_MEAN),
            number("p50", "Days, median of those hit", at_rank(0.5), GIVEN_MEAN),
        ],
        rows=curves,
    )
