"""How long each industry keeps its output once supply is cut: time-to-stop curves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from riskengine.measures.tail import quantile_rank
from riskengine.reports.html.axes import Axes, Drawing
from riskengine.reports.html.charts import Margins, Pen, add_axes, panel
from riskengine.reports.html.parts import Html, figure, named, panels, paragraph, section, text
from riskengine.reports.html.svg import BLUE, LINE
from riskengine.reports.run.stored import NO_ROWS, SURVIVAL, Series, StoredRun
from riskengine.reports.tables.formats import COUNT, GIVEN_MEAN, SHARE
from riskengine.reports.tables.numbers import percent
from riskengine.reports.tables.table import Table, number
from riskengine.reports.tables.table import text as text_column

_MOST = 12  #: industries with a panel
_POINTS = 90
_MARKS = (30.0, 90.0, 180.0)  #: days in the table
_HEADING = "How long industries hold out"


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


def survival_section(run: StoredRun) -> Html:
    """One panel per industry, with the other industries in grey behind it."""
    if run.losses is None:
        return section("time", _HEADING, [paragraph(text(NO_ROWS))])
    if not run.has_survival:
        missing = (
            f"These results hold no times to stop ({SURVIVAL}): they are from an earlier version."
        )
        return section("time", _HEADING, [paragraph(text(missing))])
    found = [curve for curve in _curves(run) if curve.cut]
    curves = found[:_MOST]
    if not curves:
        return section(
            "time", _HEADING, [paragraph(text("No industry has a material cut in any trial."))]
        )
    longest = max([30.0, *(float(c.days[quantile_rank(len(c.days), 0.99) - 1])
                           for c in curves if len(c.days))])  # fmt: skip
    drawn = panels(
        panel(
            f"stop{k}",
            _label(curve),
            curve.name,
            partial(_draw, curve, curves, longest),
            height=165.0,
        )
        for k, curve in enumerate(curves)
    )
    return section("time", _HEADING, [
        paragraph(text(_INTRODUCTION)),
        figure(drawn, _caption(curves, len(found)), [_table(found)]),
    ])  # fmt: skip


_INTRODUCTION = (
    "Other suppliers, stocks and plant inventories carry production for a while. Each curve "
    "falls as industries run out of them: it shows the share of trials in which output is still "
    "whole so many days after the trouble began, among the trials in which any material of the "
    "industry is cut. Where it levels out, the trouble ends before the stocks do."
)


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


def _draw(
    curve: _Curve, others: Sequence[_Curve], longest: float, figure: Drawing, pen: Pen
) -> None:
    axes = add_axes(figure, pen.size, Margins(left=46, right=14, top=8, bottom=42))
    for other in others:
        _line(axes, other, longest, LINE, 1.2)
    _line(axes, curve, longest, BLUE, 2.6)
    axes.set_xlim(0.0, longest)
    axes.set_ylim(0.0, 1.04)
    axes.set_yticks([0.0, 0.5, 1.0], ["0 %", "50 %", "100 %"])
    axes.set_xlabel("days since the trouble began")
    axes.locator_params(axis="x", nbins=5)


def _line(axes: Axes, curve: _Curve, longest: float, colour: str, width: float) -> None:
    days = np.linspace(0.0, longest, _POINTS)
    whole = [curve.whole_after(day) for day in days]
    axes.plot(days, whole, color=colour, linewidth=width)


def _label(curve: _Curve) -> str:
    shares = ", ".join(f"{percent(curve.whole_after(day))} after {day:g} days" for day in _MARKS)
    return f"{curve.name}: share of trials with whole output: {shares}"


def _caption(curves: Sequence[_Curve], found: int) -> Html:
    first = min(curves, key=lambda curve: curve.whole_after(_MARKS[1]))
    more = f" {found - len(curves)} more stand in the table." if found > len(curves) else ""
    lost = first.lost_within(_MARKS[1])
    return text(
        named(first.name),
        f" runs out soonest: within {_MARKS[1]:g} days it has lost output in {percent(lost)} of "
        f"the trials in which its materials are cut. Grey: the other industries.{more}",
    )


def _table(curves: Sequence[_Curve]) -> Table:
    def within(day: float) -> Callable[[_Curve], float]:
        return lambda curve: curve.lost_within(day)

    def at_rank(level: float) -> Callable[[_Curve], float | None]:
        return lambda curve: curve.by_rank(level)

    return Table(
        key="survival",
        title="Output lost, share of the trials in which a material of the industry is cut",
        columns=[
            text_column("industry", "Industry", lambda curve: curve.name),
            number("cut", "Trials with a cut", lambda curve: curve.cut, COUNT),
            *(number(f"d{d:g}", f"Within {d:g} days", within(d), SHARE) for d in _MARKS),
            number("ever", "Ever", lambda curve: len(curve.days) / curve.cut, SHARE),
            number("p10", "Days, quickest tenth", at_rank(0.1), GIVEN_MEAN),
            number("p50", "Days, median of those hit", at_rank(0.5), GIVEN_MEAN),
        ],
        rows=curves,
    )
