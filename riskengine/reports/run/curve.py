"""The exceedance curve of the total: the probability of a loss above any amount."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from riskengine.measures.curves import MIN_EXCEEDANCES
from riskengine.measures.estimate import Estimate
from riskengine.measures.sample import Sample
from riskengine.measures.tail import var
from riskengine.model.confidence import tail_share
from riskengine.reports.html.axes import Axes, Drawing
from riskengine.reports.html.charts import Margins, Pen, add_axes, both_sizes
from riskengine.reports.html.parts import Html, figure, paragraph, section, text
from riskengine.reports.html.svg import BLUE, INK, PAPER
from riskengine.reports.run.stored import StoredRun
from riskengine.reports.run.tables import exceedance_table
from riskengine.reports.tables.formats import AMOUNT
from riskengine.reports.tables.numbers import Money, amount, percent, short, significant
from riskengine.reports.tables.words import one_in

_POINTS = 90
_TICKS = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001)
_HEIGHTS = (380.0, 320.0)

Exceeded = tuple[float, Estimate]  #: probability of exceedance within the horizon, and the loss


def curve_section(run: StoredRun) -> Html:
    """The curve with its band, in words and in numbers."""
    heading = "How likely a loss is"
    points = exceeded_losses(run)
    if not points or points[-1][1].value <= 0.0:
        nothing = "There is no curve to show: too few trials have a loss."
        return section("curve", heading, [paragraph(text(nothing))])
    money = Money.fitting(points[-1][1].value, run.facts.money)
    levels = {1.0 - level for level in run.confidence}
    marked = [point for point in points if point[0] in levels]
    usual = [f"{one_in(p)}: {AMOUNT.show(money.scaled(loss))}." for p, loss in marked[:4]]
    label = f"Exceedance curve of the total loss, {money.unit}. {' '.join(usual)}"
    drawn = both_sizes(
        "curve", label, _HEIGHTS, lambda figure, pen: _draw(figure, pen, points, marked, money)
    )
    caption = _caption(run, points)
    return section(
        "curve", heading, [figure(drawn, caption, [exceedance_table(run, run.curves, money)])]
    )


def exceeded_losses(run: StoredRun) -> list[Exceeded]:
    """Points from probability 0.5 as far into the tail as enough trials have a larger loss."""
    if run.losses is None:
        return _known_points(run)
    sample = Sample.of(run.losses)
    n = len(sample)
    rarest = MIN_EXCEEDANCES / n
    if rarest >= 0.5:
        return []
    grid = set(np.geomspace(0.5, rarest, _POINTS).tolist())
    grid |= {p for p in _TICKS if p > rarest} | {1.0 - level for level in run.confidence}
    return [(p, var(sample, 1.0 - p)) for p in sorted(grid, reverse=True) if p >= rarest]


def _known_points(run: StoredRun) -> list[Exceeded]:
    """The points of the stored curve and the confidence levels, if there are no rows to rank."""
    found = {
        row.probability: Estimate(row.loss, row.lower, row.upper)
        for row in run.curves
        if (row.scope, row.type) == ("total", "AEP")
    }
    found |= {1.0 - level: run.total("var", level) for level in run.confidence}
    return sorted(found.items(), reverse=True)


def _draw(
    figure: Drawing, pen: Pen, points: Sequence[Exceeded], marked: Sequence[Exceeded], money: Money
) -> None:
    axes = add_axes(figure, pen.size, Margins(left=52, right=28, top=26, bottom=52))
    chances = [p for p, _ in points]
    value, lower, upper = zip(*map(money.scaled, _ends(points)), strict=True)
    axes.fill_between(chances, lower, upper, color=BLUE, alpha=0.25, linewidth=0)
    axes.plot(chances, value, color=BLUE)
    axes.set_xscale("log")
    axes.set_xlim(chances[0], chances[-1])
    axes.set_ylim(0.0, None)
    is_narrow = pen.size.width < 500
    ticks = [p for p in _TICKS if p >= chances[-1]]
    ticks = [p for k, p in enumerate(ticks) if not is_narrow or k % 2 == 0]
    axes.set_xticks(ticks, [f"{short(100.0 * p)} %" for p in ticks])
    axes.set_xlabel("chance of losing more, rarer to the right")
    axes.text(0.0, 1.03, pen.name(money.unit, 40), transform="axes", color=INK)
    for p, loss in marked:
        place = math.log(p / chances[0]) / math.log(chances[-1] / chances[0])
        _mark(axes, (p, money.of(loss.value)), is_left=place < 0.4)


def _mark(axes: Axes, point: tuple[float, float], *, is_left: bool) -> None:
    """A point of the curve with its figure, which is put on the side that has room."""
    p, loss = point
    axes.plot([p], [loss], marker="o", markersize=7, color=BLUE, markeredgecolor=PAPER)
    axes.annotate(
        f"{one_in(p)}: {significant(loss)}",
        point,
        xytext=(9, -13) if is_left else (-10, 5),
        textcoords="offset points",
        ha="left" if is_left else "right",
        color=INK,
    )


def _ends(points: Sequence[Exceeded]) -> list[Estimate]:
    """Estimates to draw: an upper end beyond the sample is drawn at the largest known one."""
    top = max(e.upper for _, e in points if not np.isnan(e.upper))
    return [e._replace(upper=top if np.isnan(e.upper) else e.upper) for _, e in points]


def _caption(run: StoredRun, points: Sequence[Exceeded]) -> Html:
    loss = run.total("var", run.detail)
    any_loss = run.total("prob_loss")
    return text(
        f"The chance of any loss is {percent(any_loss.value)}; of more than "
        f"{amount(loss.value, run.facts.money)} it is {one_in(tail_share(run.detail))}. The band "
        "is the 95 % interval of the simulation; the curve ends where fewer than "
        f"{MIN_EXCEEDANCES} trials of equal weight lie beyond. "
        "Losses are those of the whole time played, all spells together (AEP)."
    )
