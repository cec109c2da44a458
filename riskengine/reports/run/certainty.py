"""How sure we are of the figures, and what would make us surer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from riskengine.measures.estimate import Estimate
from riskengine.measures.moments import mean
from riskengine.measures.sample import Sample
from riskengine.measures.tail import tvar, var
from riskengine.model.confidence import level_text
from riskengine.reports.html.axes import Drawing
from riskengine.reports.html.charts import Margins, Pen, add_axes, panel
from riskengine.reports.html.parts import (
    Html,
    figure,
    link,
    panels,
    paragraph,
    section,
    strong,
    table_html,
    text,
)
from riskengine.reports.html.svg import BLUE, LINE
from riskengine.reports.run.inputs import carrying_table, input_tables, status_words, tally
from riskengine.reports.run.stored import NO_ROWS, StoredRun
from riskengine.reports.tables.formats import AMOUNT, COUNT
from riskengine.reports.tables.numbers import Money, amount, short_percent
from riskengine.reports.tables.table import Table, estimate, number

_HALVINGS = 6  #: the first point is n / 64


def _measures(level: float) -> dict[str, Callable[[Sample], Estimate]]:
    """The functions that compute the figures shown, by heading."""
    return {
        "Mean": lambda sample: mean(sample.values),
        f"VaR {level_text(level)}": lambda sample: var(sample, level),
        f"TVaR {level_text(level)}": lambda sample: tvar(sample, level),
    }


class _Step(NamedTuple):
    trials: int
    estimates: tuple[Estimate, ...]  #: one per measure


def sure_section(run: StoredRun) -> Html:
    """Convergence by number of trials, and what the interval does not cover."""
    return section("sure", "How sure are we, and what would make us surer", _parts(run))


def _parts(run: StoredRun) -> Iterator[Html]:
    steps = list(_steps(run))
    yield paragraph(_more_trials(run))
    yield paragraph(_more_knowledge(run))
    whole = steps[-1].estimates if steps else [run.total("mean")]
    money = Money.fitting(max(e.value for e in whole), run.facts.money)
    if run.losses is None:
        yield paragraph(text(f"How the figures settle as trials are added. {NO_ROWS}"))
    elif len(steps) > 1 and steps[-1].estimates[0].value > 0.0:
        drawn = panels(
            panel(f"sure{k}", _label(name, steps, k, money), f"{name}, {money.unit}",
                  partial(_draw, steps, k, money))
            for k, name in enumerate(_measures(run.detail))
        )  # fmt: skip
        caption = text(
            "Each figure from the first trials of the run only: a 64th of them, a 32nd, and so on "
            "to all. The bars are 95 % intervals; they should narrow, and go on meeting the line, "
            "which is the answer of the whole run."
        )
        yield figure(drawn, caption, [_table(_measures(run.detail), steps, money)])
    else:
        yield paragraph(text("There are too few trials with a loss to show how figures settle."))
    yield table_html(carrying_table(run))


def _steps(run: StoredRun) -> Iterator[_Step]:
    if run.losses is None:
        return
    n, measures = len(run.losses), _measures(run.detail).values()
    for trials in sorted({max(1, n >> k) for k in range(_HALVINGS + 1)}):
        sample = Sample.of(run.losses[:trials])
        yield _Step(trials, tuple(measure(sample) for measure in measures))


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


def _draw(steps: Sequence[_Step], measure: int, money: Money, figure: Drawing, pen: Pen) -> None:
    axes = add_axes(figure, pen.size, Margins(left=52, right=16, top=10, bottom=42))
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


def _label(name: str, steps: Sequence[_Step], measure: int, money: Money) -> str:
    first, last = (AMOUNT.show(money.scaled(steps[k].estimates[measure])) for k in (0, -1))
    return (
        f"{name} by number of trials: {first} with {steps[0].trials:,}, "
        f"{last} with {steps[-1].trials:,} {money.unit}"
    )


def _table(names: Iterable[str], steps: Sequence[_Step], money: Money) -> Table:
    return Table(
        key="convergence",
        title=f"Figures by number of trials, {money.unit} (95 % interval)",
        columns=[
            number("trials", "Trials", form=COUNT),
            *(estimate(name, name) for name in names),
        ],
        rows=[[step.trials, *map(money.scaled, step.estimates)] for step in steps],
    )
