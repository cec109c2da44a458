"""Survival curves of a calibration: what was seen as steps with its band, families as lines."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from riskengine.fits.calibration import Calibration
from riskengine.fits.families import Floats
from riskengine.fits.fitting import Fit, GroupFit
from riskengine.fits.observing import WORDS
from riskengine.reports.fit.tables import fit_name, group_name
from riskengine.reports.html.charts import (
    BLUE,
    GREEN,
    INK,
    LINE,
    ORANGE,
    Margins,
    Pen,
    add_axes,
    both_sizes,
    panel,
)
from riskengine.reports.html.parts import (
    Html,
    figure,
    folded,
    joined,
    legend,
    panels,
    paragraph,
    shown,
    subheading,
    table_html,
    text,
)
from riskengine.reports.tables.numbers import percent, short
from riskengine.reports.tables.table import Table
from riskengine.reports.tables.table import text as text_column

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_HEIGHTS = (380.0, 320.0)
_PANEL_HEIGHT = 175.0
_MOST_PANELS = 12
#: Rivals drawn beside the best family: the class of the swatch, colour and dashes of the line
_RIVALS = (("line-orange", ORANGE, "dashed"), ("line-green", GREEN, "dotted"))
_POINTS = 160
_MARKS = (30.0, 90.0, 180.0, 365.0, 730.0)  #: days in the table


def curves_part(found: Calibration) -> Html:
    """A large chart for each whole series, and a small one for each group."""
    parts = []
    for number, series in enumerate(found.series):
        whole, *groups = found.of(series.quantity)
        parts.append(_whole(f"km{number}", whole))
        drawn = [group for group in groups if group.n][:_MOST_PANELS]
        if drawn:
            small = (_panel(f"g{number}p{k}", group) for k, group in enumerate(drawn))
            parts.append(figure(panels(small), _groups_caption(groups, drawn)))
        parts.append(_numbers(found.of(series.quantity)))
    return joined(parts, "\n")


def _whole(key: str, group: GroupFit) -> Html:
    words = WORDS[group.quantity]
    heading = subheading(f"{words.capitalize()}, all episodes")
    if not group.n:
        return text(heading, paragraph(text(f"{group.refused.capitalize()}.")))
    label = f"{words}: share of episodes that last longer: " + ", ".join(
        f"{percent(group.curve.at(day))} after {day:g} days" for day in _MARKS
    )
    drawn = both_sizes(key, label, _HEIGHTS, partial(_draw, group, is_small=False))
    return text(heading, _legend(group), figure(drawn, text(_caption(group))))


def _legend(group: GroupFit) -> Html:
    entries = {"line-ink": "seen (Kaplan-Meier), with its 95 % band"}
    if group.best:
        role = "the best family" if len(group.fits) > 1 else "fitted"
        entries["line-blue"] = f"{group.best.family}, {role}"
    for fit, (mark, _, _) in zip(group.fits[1:], _RIVALS, strict=False):
        entries[mark] = f"{fit.family}, a rival"
    return legend(entries)


def _caption(group: GroupFit) -> str:
    open_ones = group.n - group.completed
    ticks = f" Ticks: {open_ones} that had not ended when last seen." if open_ones else ""
    return (
        f"Share of the {group.n} episodes that last longer than so many days. {group.completed} "
        f"ended.{ticks} Right of the last step only the family speaks."
    )


def _panel(key: str, group: GroupFit) -> Html:
    label = f"{group_name(group.group)}: {percent(group.curve.at(90.0))} last longer than 90 days"
    heading = f"{group_name(group.group)} ({group.n})"
    draw = partial(_draw, group, is_small=True)
    return panel(key, label, heading, draw, height=_PANEL_HEIGHT)


def _groups_caption(groups: list[GroupFit], drawn: list[GroupFit]) -> Html:
    more = f" {len(groups) - len(drawn)} more groups stand in the table." if (
        len(groups) > len(drawn)) else ""  # fmt: skip
    pulled = " Groups with few ends are pulled towards all." if any(
        group.pull for group in drawn) else ""  # fmt: skip
    return text(
        "Black: seen, with its band. Blue: the fitted family. In brackets the number of episodes."
        f"{pulled}{more}"
    )


def _draw(group: GroupFit, drawing: Figure, pen: Pen, *, is_small: bool) -> None:
    margins = Margins(left=46, right=14, top=10, bottom=42 if is_small else 46)
    axes = add_axes(drawing, pen.size, margins)
    longest = _longest(group)
    if not is_small:
        for fit, (_, colour, style) in zip(group.fits[1:], _RIVALS, strict=False):
            _family(axes, fit, longest, colour, style)
    if group.best:
        _family(axes, group.best, longest, BLUE, "solid")
    _steps(axes, group, longest)
    axes.set_xlim(0.0, longest)
    axes.set_ylim(0.0, 1.04)
    axes.set_yticks([0.0, 0.5, 1.0] if is_small else [0.0, 0.25, 0.5, 0.75, 1.0])
    axes.set_yticklabels([f"{short(100.0 * t)} %" for t in axes.get_yticks()])
    axes.set_xlabel("days" if is_small else "days since the start")
    axes.locator_params(axis="x", nbins=4 if is_small else 7)


def _longest(group: GroupFit) -> float:
    """How far the axis goes: a little beyond what was seen."""
    return max(10.0, 1.12 * float(group.series.durations.middle.max()))


def _family(axes: Axes, fit: Fit, longest: float, colour: str, style: str) -> None:
    days: Floats = np.linspace(longest / 1000.0, longest, _POINTS)
    axes.plot(days, fit.survival(days), color=colour, linewidth=2.2, linestyle=style)


def _steps(axes: Axes, group: GroupFit, longest: float) -> None:
    curve = group.curve
    last = float(group.series.durations.middle.max())
    days = np.concatenate([[0.0], curve.times, [max(last, 0.0)]])
    share = np.concatenate(
        [[1.0], curve.survival, curve.survival[-1:] if len(curve.times) else [1.0]]
    )
    if len(curve.times):
        # Where the band does not exist (all ended, or none yet) it is as wide as can be.
        lower = np.concatenate([[1.0], np.nan_to_num(curve.lower, nan=0.0)])
        upper = np.concatenate([[1.0], curve.upper])
        upper = np.where(
            np.isnan(upper), np.minimum.accumulate(np.nan_to_num(upper, nan=1.0)), upper
        )
        band = np.concatenate([[0.0], curve.times])
        axes.fill_between(
            np.append(band, last), np.append(lower, lower[-1]), np.append(upper, upper[-1]),
            step="post", color=LINE, alpha=0.45, linewidth=0,
        )  # fmt: skip
    axes.step(days, share, where="post", color=INK, linewidth=1.8)
    durations = group.series.durations
    still = durations.lower[~durations.ended]
    axes.plot(
        still, [curve.at(day) for day in still], linestyle="none", marker="|", markersize=9,
        color=INK, markeredgewidth=1.4,
    )  # fmt: skip


def _numbers(groups: list[GroupFit]) -> Html:
    table = survival_table(groups)
    return folded("In numbers", table_html(table), mark="numbers")


def survival_table(groups: list[GroupFit]) -> Table:
    """Share that lasts longer, seen and fitted, after some days."""
    rows = []
    for group in groups:
        if not group.n:
            continue
        for day in _MARKS:
            fit = group.best
            fitted = percent(float(fit.survival(np.array([day]))[0])) if fit else "-"
            seen = percent(group.curve.at(day)) if day <= _last_seen(group) else "-"
            rows.append([group_name(group.group), f"{day:g}", seen, fitted, fit_name(group)])
    return Table(
        key="survival",
        title=f"{WORDS[groups[0].quantity].capitalize()}: share that lasts longer",
        columns=[
            text_column("group", "Group"),
            shown("days", "Days"),
            shown("seen", "Seen (Kaplan-Meier)"),
            shown("fitted", "Fitted"),
            text_column("family", "Family"),
        ],
        rows=rows,
        remark="-: beyond what was seen.",
    )


def _last_seen(group: GroupFit) -> float:
    return float(group.series.durations.middle.max())
