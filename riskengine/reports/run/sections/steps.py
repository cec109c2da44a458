"""The steps of one future, as its story holds them, turned into what charts draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from riskengine.reports.html.charts import BLUE, GREEN, INK, ORANGE, Margins, Pen, add_axes
from riskengine.reports.html.lanes import Lane, Stretch, time_axis
from riskengine.reports.tables.calendar import Calendar

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Told = Mapping[str, Any]  #: a story as `story_document` gives it
Points = tuple[Sequence[float], Sequence[float]]

_LIGHTEST = 0.15


def level_lanes(told: Told, levels: Sequence[str]) -> list[Lane]:
    """A lane a material, those that cost most first; the shade is the level."""
    visits: dict[str, list[Stretch]] = {}
    for visit in told["steps"]["visits"]:
        if visit["material"] and visit["level"] in levels:
            step = (levels.index(visit["level"]) + 1) / len(levels)
            stretch = Stretch(visit["start_day"], visit["end_day"], step)
            visits.setdefault(visit["material"], []).append(stretch)
    loss = {row["material"]: row["loss"] for row in told["losses"]["materials"]}
    return [Lane(name, visits[name]) for name in sorted(visits, key=lambda n: -loss.get(n, 0.0))]


def output_lanes(told: Told) -> list[Lane]:
    """A lane an industry that lost output, the largest losses first; the shade is the share."""
    rows = sorted(told["losses"]["industries"], key=lambda row: -row["loss"])
    steps = {row["industry"]: output_steps(told, row["industry"]) for row in rows}
    largest = max((s.shade for part in steps.values() for s in part), default=0.0)
    lanes = []
    for name, found in steps.items():
        worst = max((step.shade for step in found), default=0.0)
        if worst > 0.0:
            shaded = [
                step._replace(shade=_LIGHTEST + (1.0 - _LIGHTEST) * step.shade / largest)
                for step in found
                if step.shade > 0.0
            ]
            lanes.append(Lane(name, shaded, f"{100.0 * worst:.0f} %"))
    return lanes


def output_steps(told: Told, industry: str) -> list[Stretch]:
    """Share of an industry's output that is lost, in stretches of time."""
    rows = [row for row in told["steps"]["output"] if row["industry"] == industry]
    ends = [row["day"] for row in rows[1:]] + [told["horizon_days"]] * bool(rows)
    return [Stretch(row["day"], end, row["loss"]) for row, end in zip(rows, ends, strict=True)]


def cumulative_loss(told: Told) -> Points:
    """Value added lost since the start, by day.

    An industry's output loss is spread over its steps in proportion to share times days, which
    is how the model books it.
    """
    changes: dict[float, float] = {0.0: 0.0, told["horizon_days"]: 0.0}  # of money a day
    for row in told["losses"]["industries"]:
        steps = output_steps(told, row["industry"])
        weight = sum(step.shade * (step.end_day - step.start_day) for step in steps)
        for step in steps if weight > 0.0 else []:
            rate = row["output"] * step.shade / weight
            changes[step.start_day] = changes.get(step.start_day, 0.0) + rate
            changes[step.end_day] = changes.get(step.end_day, 0.0) - rate
    days = sorted(changes)
    sums, rate = [0.0], 0.0
    for day, following in pairwise(days):
        rate += changes[day]
        sums.append(sums[-1] + max(0.0, rate) * (following - day))
    return days, sums


def draw_cover(calendar: Calendar, told: Told, material: str, figure: Figure, pen: Pen) -> None:
    """What replaces a material's lost supply over time, and what does not."""
    axes = add_axes(figure, pen.size, Margins(left=46, right=14, top=8, bottom=28))
    rows = [row for row in told["steps"]["supply"] if row["material"] == material]
    days = [row["day"] for row in rows] + [told["horizon_days"]]
    below = [0.0] * len(days)
    for key, colour, alpha in (
        ("rerouted", GREEN, 0.9),
        ("released", BLUE, 0.75),
        ("short", ORANGE, 1.0),
    ):
        values = [row[key] for row in rows]
        above = [b + v for b, v in zip(below, [*values, *values[-1:]], strict=True)]
        axes.fill_between(days, below, above, step="post", color=colour, alpha=alpha, linewidth=0)
        below = above
    axes.step(days, below, where="post", color=INK, linewidth=1.2)
    axes.set_ylim(0.0, 1.02)
    axes.set_yticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    time_axis(axes, calendar, told["horizon_days"], 4)


def draw_loss(calendar: Calendar, points: Points, unit: str, figure: Figure, pen: Pen) -> None:
    """The loss summed since the start."""
    axes = add_axes(figure, pen.size, Margins(left=52, right=16, top=28, bottom=28))
    days, sums = points
    axes.fill_between(days, 0.0, sums, color=ORANGE, alpha=0.3, linewidth=0)
    axes.plot(days, sums, color=ORANGE)
    axes.set_ylim(0.0, None)
    axes.text(0.0, 1.05, pen.name(unit, 40), transform=axes.transAxes, color=INK)
    time_axis(axes, calendar, days[-1], 4 if pen.size.width < 500 else 9)
