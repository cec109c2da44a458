"""Lanes along a line of time: one a material or industry, darker where it is worse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from riskengine.reports.html.charts import BLUE, INK, LINE, PAPER, SOFT, Margins, Pen, add_axes
from riskengine.reports.tables.calendar import Calendar
from riskengine.reports.tables.words import time_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_THICKNESS = 0.7
_FEW = 4  #: marks of a narrow chart


class Stretch(NamedTuple):
    """A time in which a lane has one shade."""

    start_day: float
    end_day: float
    shade: float  #: in [0, 1]


class Lane(NamedTuple):
    """One row of the chart."""

    name: str
    stretches: Sequence[Stretch]
    remark: str = ""  #: stands behind the lane

    @property
    def length(self) -> float:
        """Days with any shade, those of overlapping stretches counted once."""
        days, seen = 0.0, 0.0
        for start, end, shade in sorted(self.stretches):
            if shade > 0.0:
                days += max(0.0, end - max(start, seen))
                seen = max(seen, end)
        return days


def time_axis(axes: Axes, calendar: Calendar, horizon_days: float, most: int) -> None:
    """Dates, or days, along the bottom: at most so many, smaller where there is little room."""
    axes.set_xlim(0.0, horizon_days)
    ticks = time_ticks(calendar, horizon_days, most)
    axes.set_xticks([day for day, _ in ticks], [label for _, label in ticks])
    axes.tick_params(axis="x", labelsize=12 if most > _FEW else 10)


def draw_lanes(
    calendar: Calendar, horizon_days: float, lanes: Sequence[Lane], figure: Figure, pen: Pen
) -> None:
    """Draw lanes from top to bottom."""
    is_narrow = pen.size.width < 500
    right = 48 if any(lane.remark for lane in lanes) else 16
    left = 122 if is_narrow else 178
    axes = add_axes(figure, pen.size, Margins(left=left, right=right, top=6, bottom=30))
    for row, lane in enumerate(lanes):
        axes.axhline(row, color=LINE, linewidth=0.7)
        for start, end, shade in lane.stretches:
            if shade > 0.0:
                # On paper, or the grid would show through.
                for colour, alpha in ((PAPER, 1.0), (BLUE, shade)):
                    axes.barh(row, end - start, _THICKNESS, left=start, color=colour, alpha=alpha)
        if lane.remark:
            axes.annotate(
                lane.remark,
                (horizon_days, row),
                xytext=(6, -4),
                textcoords="offset points",
                color=SOFT,
                annotation_clip=False,
            )
    axes.set_ylim(len(lanes) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")
    width = 15 if is_narrow else 24
    names = [pen.name(lane.name, width) for lane in lanes]
    axes.set_yticks(range(len(lanes)), names, color=INK)
    time_axis(axes, calendar, horizon_days, 3 if is_narrow else 9)
