"""The total: how likely a loss is, how sure its figures are, and what would make them surer."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from riskengine.drawing.axes import Axes
from riskengine.drawing.svg import BLUE, INK, LINE, PAPER
from riskengine.language.speaking import say, spoken
from riskengine.measures.curves import MIN_EXCEEDANCES
from riskengine.measures.estimate import Estimate
from riskengine.measures.moments import mean
from riskengine.measures.sample import Sample
from riskengine.measures.tail import tvar, var
from riskengine.model.confidence import level_text, tail_share
from riskengine.model.statuses import input_tables, tally
from riskengine.reports.html.charts import Pen, both_sizes, panel
from riskengine.reports.html.parts import (
    Html,
    figure,
    link,
    panels,
    paragraph,
    strong,
    table_html,
    text,
)
from riskengine.reports.run.inputs import carrying_table, status_words
from riskengine.reports.run.stored import NO_ROWS, StoredRun
from riskengine.reports.run.tables import exceedance_table
from riskengine.reports.tables.formats import AMOUNT, COUNT
from riskengine.reports.tables.numbers import (
    Money,
    amount,
    percent,
    short,
    short_percent,
    significant,
)
from riskengine.reports.tables.table import Table, estimate, number
from riskengine.reports.tables.words import one_in

_POINTS = 90
_TICKS = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001)
_HEIGHTS = (380.0, 320.0)
_HALVINGS = 6  #: the first point is n / 64

Exceeded = tuple[float, Estimate]  #: probability of exceedance within the horizon, and the loss


def curve_parts(run: StoredRun) -> Iterator[Html]:
    """The curve with its band, in words and in numbers."""
    points = exceeded_losses(run)
    if not points or points[-1][1].value <= 0.0:
        yield paragraph(text("There is no curve to show: too few trials have a loss."))
        return
    money = Money.fitting(points[-1][1].value, run.facts.money)
    levels = {1.0 - level for level in run.confidence}
    marked = [point for point in points if point[0] in levels]
    usual = [f"{one_in(p)}: {AMOUNT.show(money.scaled(loss))}." for p, loss in marked[:4]]
    label = f"Exceedance curve of the total loss, {money.unit}. {' '.join(usual)}"
    drawn = both_sizes("curve", label, _HEIGHTS, partial(_draw_curve, points, marked, money))
    table = exceedance_table(run, run.curves, money)
    yield figure(drawn, _curve_caption(run), [table])


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


def _draw_curve(
    points: Sequence[Exceeded], marked: Sequence[Exceeded], money: Money, pen: Pen
) -> None:
    axes = pen.axes(left=52, right=28, top=26, bottom=52)
    chances = [p for p, _ in points]
    value, lower, upper = zip(*map(money.scaled, _ends(points)), strict=True)
    axes.fill_between(chances, lower, upper, color=BLUE, alpha=0.25, linewidth=0)
    axes.plot(chances, value, color=BLUE)
    axes.set_xscale("log")
    axes.set_xlim(chances[0], chances[-1])
    axes.set_ylim(0.0, None)
    is_narrow = pen.is_narrow
    ticks = [p for p in _TICKS if p >= chances[-1]]
    ticks = [p for k, p in enumerate(ticks) if not is_narrow or k % 2 == 0]
    axes.set_xticks(ticks, [f"{short(100.0 * p)}{spoken().percent}" for p in ticks])
    axes.set_xlabel("chance of losing more, rarer to the right")
    axes.text(0.0, 1.03, pen.name(money.unit, 40), transform="axes", color=INK)
    for p, loss in marked:
        place = math.log(p / chances[0]) / math.log(chances[-1] / chances[0])
        _mark(axes, (p, money.of(loss.value)), is_left=place < 0.4)


def _mark(axes: Axes, point: tuple[float, float], *, is_left: bool) -> None:
    """A point of the curve with its figure, which is put on the side that has room."""
    p, loss = point
    axes.plot([p], [loss], marker="o", markersize=7, color=BLUE, markeredgecolor=PAPER)
    offset, end = ((9, -13), "left") if is_left else ((-10, 5), "right")
    axes.annotate(f"{one_in(p)}: {significant(loss)}", point, offset, ha=end, color=INK)


def _ends(points: Sequence[Exceeded]) -> list[Estimate]:
    """Estimates to draw: an upper end beyond the sample is drawn at the largest known one."""
    top = max(e.upper for _, e in points if not np.isnan(e.upper))
    return [e._replace(upper=top if np.isnan(e.upper) else e.upper) for _, e in points]


def _curve_caption(run: StoredRun) -> Html:
    loss, any_loss = run.total("var", run.detail), run.total("prob_loss")
    return text(
        f"The chance of any loss is {percent(any_loss.value)}; of more than "
        f"{amount(loss.value, run.facts.money)} it is {one_in(tail_share(run.detail))}. The band "
        "is the 95 % interval of the simulation; the curve ends where fewer than "
        f"{MIN_EXCEEDANCES} trials of equal weight lie beyond. "
        "Losses are those of the whole time played, all spells together (AEP)."
    )


def _measures(level: float) -> dict[str, Callable[[Sample], Estimate]]:
    """The functions that compute the figures shown, by heading."""
    return {
        say("Mean"): lambda sample: mean(sample.values),
        f"VaR {level_text(level)}": lambda sample: var(sample, level),
        f"TVaR {level_text(level)}": lambda sample: tvar(sample, level),
    }


class _Settled(NamedTuple):
    trials: int
    estimates: tuple[Estimate, ...]  #: one per measure


def sure_parts(run: StoredRun) -> Iterator[Html]:
    """Convergence by number of trials, and what the interval does not cover."""
    steps = list(_settling(run))
    yield paragraph(_more_trials(run))
    yield paragraph(_more_knowledge(run))
    whole = steps[-1].estimates if steps else [run.total("mean")]
    money = Money.fitting(max(e.value for e in whole), run.facts.money)
    if run.losses is None:
        yield paragraph(text(f"How the figures settle as trials are added. {NO_ROWS}"))
    elif len(steps) > 1 and steps[-1].estimates[0].value > 0.0:
        drawn = panels(
            panel(f"sure{k}", _settling_label(name, steps, k, money), f"{name}, {money.unit}",
                  partial(_draw_settling, steps, k, money))
            for k, name in enumerate(_measures(run.detail))
        )  # fmt: skip
        caption = text(
            "Each figure from the first trials of the run only: a 64th of them, a 32nd, and so on "
            "to all. The bars are 95 % intervals; they should narrow, and go on meeting the line, "
            "which is the answer of the whole run."
        )
        yield figure(drawn, caption, [_settling_table(_measures(run.detail), steps, money)])
    else:
        yield paragraph(text("There are too few trials with a loss to show how figures settle."))
    yield table_html(carrying_table(run))


def _settling(run: StoredRun) -> Iterator[_Settled]:
    if run.losses is None:
        return
    n, measures = len(run.losses), _measures(run.detail).values()
    for trials in sorted({max(1, n >> k) for k in range(_HALVINGS + 1)}):
        sample = Sample.of(run.losses[:trials])
        yield _Settled(trials, tuple(measure(sample) for measure in measures))


def _more_trials(run: StoredRun) -> Html:
    trials, tail = run.facts.trials, run.total("tvar", run.detail)
    name = f"TVaR {level_text(run.detail)}"
    half = (tail.upper - tail.lower) / 2.0
    if not half > 0.0:
        return text(
            f"{trials:,} trials do not show how wide the interval of the {name} is: "
            "run more of them."
        )
    return text(
        strong("More trials narrow the simulation."),
        f" With {trials:,} trials the {name} is known to "
        f"±{amount(half, run.facts.money)} (±{short_percent(half / tail.value)}); it "
        f"would take four times as many, {4 * trials:,}, to halve that.",
    )


def _more_knowledge(run: StoredRun) -> Html:
    return text(
        strong("Only knowledge narrows the assumptions."),
        " The interval says nothing about whether the inputs are right. "
        f"{status_words(tally(input_tables(run.config)))} Better figures for the materials in the "
        "last table of this section would make us surer than any number of trials; ",
        link("assumptions", "all assumptions"),
        " stand below.",
    )


def _draw_settling(steps: Sequence[_Settled], measure: int, money: Money, pen: Pen) -> None:
    axes = pen.axes(left=52, right=16, top=10, bottom=42)
    estimates = [np.array(money.scaled(step.estimates[measure])) for step in steps]
    axes.axhline(float(estimates[-1][0]), color=LINE, linewidth=1.5)
    top = np.nanmax(estimates)
    for place, (value, lower, upper) in enumerate(estimates):
        if not np.isnan(lower):  # without ends there is no bar to draw
            end = top * 1.05 if np.isnan(upper) else upper
            axes.plot([place, place], [lower, end], color=BLUE, linewidth=2)
        axes.plot([place], [value], marker="o", markersize=7, color=BLUE)
    axes.set_xlim(-0.5, len(steps) - 0.5)
    shown_places = range(len(steps) - 1, -1, -2)
    axes.set_xticks(list(shown_places), [f"{steps[k].trials:,}" for k in shown_places])
    axes.set_xlabel("trials")
    axes.locator_params(axis="y", nbins=5)


def _settling_label(name: str, steps: Sequence[_Settled], measure: int, money: Money) -> str:
    first, last = (AMOUNT.show(money.scaled(steps[k].estimates[measure])) for k in (0, -1))
    return (
        f"{name} by number of trials: {first} with {steps[0].trials:,}, "
        f"{last} with {steps[-1].trials:,} {money.unit}"
    )


def _settling_table(names: Iterable[str], steps: Sequence[_Settled], money: Money) -> Table:
    return Table(
        key="convergence",
        title=f"Figures by number of trials, {money.unit} (95 % interval)",
        columns=[
            number("trials", "Trials", form=COUNT),
            *(estimate(name, name) for name in names),
        ],
        rows=[[step.trials, *map(money.scaled, step.estimates)] for step in steps],
    )
