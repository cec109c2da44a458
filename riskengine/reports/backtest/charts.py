"""Charts of a back-test: intervals with what was seen, and the percentiles of all outcomes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from riskengine.backtests.quantities import GDP
from riskengine.backtests.scoring import ONE_SIDED, Score
from riskengine.reports.backtest.sentences import is_day, subject_of
from riskengine.reports.html.charts import (
    BLUE,
    INK,
    LINE,
    ORANGE,
    PAPER,
    SKY,
    SOFT,
    Margins,
    Pen,
    add_axes,
    both_sizes,
)
from riskengine.reports.html.parts import (
    Html,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW = 36.0  #: pixels
_BELOW = 0.33  #: of a row: a range is drawn below its intervals, which it would hide
_DOT_ROW = 25.0
_NONE_PLACE = 1.12  #: where "none" stands, in lengths of the axis
_LEFT, _LEFT_NARROW = 252.0, 138.0


def interval_chart(key: str, label: str, scores: Sequence[Score]) -> Html:
    """Intervals of one kind of figure, a row an outcome, with what was seen."""
    height = _ROW * len(scores) + 64.0
    return both_sizes(key, label, (height, height), partial(_draw_intervals, scores))


def percentile_chart(key: str, label: str, scores: Sequence[Score]) -> Html:
    """Percentiles of all outcomes, lowest first: a row an outcome."""
    ordered = sorted(scores, key=lambda score: (score.percentile, score.case))
    height = _DOT_ROW * len(ordered) + 66.0
    return both_sizes(key, label, (height, height), partial(_draw_percentiles, ordered))


def _draw_intervals(scores: Sequence[Score], figure: Figure, pen: Pen) -> None:
    axes = _rows_of(scores, figure, pen)
    has_none = any(is_day(score.quantity) for score in scores)
    is_open = has_none or any(math.isinf(score.outcome_high) for score in scores)
    top = _top(scores)
    place = partial(_place, top=top)
    for row, score in enumerate(scores):
        for low, high, width, colour in (
            (score.low_90, score.high_90, 7.0, SKY),
            (score.low_50, score.high_50, 13.0, BLUE),
        ):
            _bar(axes, row, (place(low), place(high)), width, colour)
        axes.plot([place(score.median)], [row], marker="|", markersize=17, color=PAPER,
                  markeredgewidth=2.0)  # fmt: skip
        _seen(axes, row, score, place)
    axes.set_xlim(0.0, top * (_NONE_PLACE + 0.04 if is_open else 1.04))
    _ticks(axes, top, has_none, scores[0].unit, pen.size.width < 500)


def _bar(axes: Axes, row: int, ends: tuple[float, float], width: float, colour: str) -> None:
    """A bar; a square where its two ends are one."""
    if ends[0] == ends[1]:
        axes.plot([ends[0]], [row], marker="s", markersize=width, color=colour,
                  markeredgewidth=0, clip_on=False)  # fmt: skip
    else:
        axes.plot(ends, [row, row], color=colour, linewidth=width, solid_capstyle="butt",
                  clip_on=False)  # fmt: skip


def _seen(axes: Axes, row: int, score: Score, place: partial[float]) -> None:
    """What was seen: a diamond, or a thin line over its range with an arrow where it is open."""
    low, high = place(score.outcome_low), place(score.outcome_high)
    if low == high:
        _mark(axes, (low, row), "D", 8.0)
        return
    below = row + _BELOW
    axes.plot([low, high], [below, below], color=INK, linewidth=1.3, zorder=4, clip_on=False)
    _mark(axes, (low, below), "D", 6.0)
    _mark(axes, (high, below), ">" if math.isinf(score.outcome_high) else "D", 6.0)


def _mark(axes: Axes, at: tuple[float, float], marker: str, size: float) -> None:
    axes.plot([at[0]], [at[1]], marker=marker, markersize=size, color=ORANGE, markeredgecolor=INK,
              markeredgewidth=1.2, clip_on=False, zorder=6)  # fmt: skip


def _place(value: float, top: float) -> float:
    return top * _NONE_PLACE if math.isinf(value) else value


def _top(scores: Sequence[Score]) -> float:
    ends = [end for s in scores for end in (s.high_90, s.outcome_low, s.outcome_high, s.high_50)]
    ends += [end for s in scores for end in (s.low_90, s.median)]
    return max([end for end in ends if math.isfinite(end)] + [1e-9])


def _ticks(axes: Axes, top: float, has_none: bool, unit: str, is_narrow: bool) -> None:
    step = _step(top, 3 if is_narrow else 6)
    marks = [k * step for k in range(int(top / step) + 1)]
    is_share = unit == GDP
    labels = [f"{100 * mark:.3g} %" if is_share else f"{mark:g}" for mark in marks]
    if has_none:
        marks, labels = [*marks, top * _NONE_PLACE], [*labels, "none"]
        axes.axvline(top * (_NONE_PLACE + 1.0) / 2.0, color=LINE, linewidth=0.9, linestyle=":")
    axes.set_xticks(marks, labels)
    axes.set_xlabel("share of a year's GDP" if is_share else unit)


def _step(top: float, most: int) -> float:
    """A round step that puts at most so many marks on an axis."""
    scale = 10.0 ** math.floor(math.log10(top / most))
    return next(scale * factor for factor in (1, 2, 5, 10) if scale * factor * most >= top)


def _draw_percentiles(scores: Sequence[Score], figure: Figure, pen: Pen) -> None:
    axes = _rows_of(scores, figure, pen, with_figure=True)
    axes.axvspan(5.0, 95.0, color=SKY, alpha=0.18, linewidth=0)
    axes.axvspan(25.0, 75.0, color=SKY, alpha=0.28, linewidth=0)
    for row, score in enumerate(scores):
        low, high = 100.0 * score.percentile_low, 100.0 * score.percentile_high
        if high - low > 0.5:
            axes.plot([low, high], [row, row], color=SOFT, linewidth=2.0, solid_capstyle="butt")
        is_miss = score.inside_90 == "no"
        is_one_sided = score.known == ONE_SIDED
        colour, edge = (ORANGE, INK) if is_miss else (BLUE, BLUE if is_one_sided else PAPER)
        axes.plot([100.0 * score.percentile], [row], marker="D" if is_miss else "o",
                  markersize=9 if is_miss else 8,
                  color=PAPER if is_one_sided and not is_miss else colour,
                  markeredgecolor=edge, clip_on=False, zorder=5)  # fmt: skip
    axes.set_xlim(0.0, 100.0)
    axes.set_xticks([0, 25, 50, 75, 100], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    axes.set_xlabel("percentile of the outcome among the futures")


def _rows_of(
    scores: Sequence[Score], figure: Figure, pen: Pen, *, with_figure: bool = False
) -> Axes:
    """Axes with a named row for each outcome."""
    is_narrow = pen.size.width < 500
    left = _LEFT_NARROW if is_narrow else _LEFT
    axes = add_axes(figure, pen.size, Margins(left=left, right=22, top=8, bottom=46))
    axes.set_ylim(len(scores) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")
    width = 19 if is_narrow else 36
    names = [pen.name(_row_name(score, with_figure), width) for score in scores]
    axes.set_yticks(range(len(scores)), names, color=INK)
    axes.tick_params(axis="y", labelsize=10 if is_narrow else 12)
    return axes


def _row_name(score: Score, with_figure: bool) -> str:
    """The case and what tells its outcome from others of the chart."""
    if with_figure:
        return f"{score.case}, {score.name}"
    subject = subject_of(score.quantity)
    return f"{score.case}, {subject}" if subject else f"{score.name}, {score.case}"
