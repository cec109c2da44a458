"""Losses by industry and by material, as bars."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from riskengine.drawing.svg import BLUE, INK, ORANGE
from riskengine.language.speaking import say, spoken
from riskengine.measures.estimate import Estimate
from riskengine.model.confidence import level_name, level_text, worst_text
from riskengine.reports.html.charts import NARROW, Pen, bar, chart_pair, without_ticks
from riskengine.reports.html.parts import Html, figure, named, paragraph, subheading, text
from riskengine.reports.run.stored import StoredRun
from riskengine.reports.run.tables import parts
from riskengine.reports.tables.numbers import Money, amount, percent, significant
from riskengine.reports.tables.table import Table
from riskengine.reports.tables.words import with_rest

_MOST = 12  #: bars; where there are more parts, the last bar holds all others
_BAR = 26.0  #: pixels
_SCOPES = ("industry", "material")
_SENTENCES = {
    "industry": "bears the largest part: {share} of the loss in the worst trials.",
    "material": "costs most: {share} of the loss in the worst trials is due to it.",
}


class _Bar(NamedTuple):
    name: str
    mean: Estimate
    tail: float  #: part of the mean loss in the worst trials
    share: float


def loss_parts(run: StoredRun) -> list[Html]:
    """Bars of the average and of the bad case; within each case they add up."""
    return [_scope(run, scope) for scope in _SCOPES if run.names(scope)]


def _scope(run: StoredRun, scope: str) -> Html:
    heading = subheading(f"By {scope}")
    bars = _bars(run, scope)
    if not any(bar.mean.value > 0.0 for bar in bars):
        return text(heading, paragraph(text(f"No {scope} has a loss in any trial.")))
    first = bars[0]
    money = run.facts.money
    mean = Money.fitting(max(bar.mean.value for bar in bars), money)
    tail = Money.fitting(max(bar.tail for bar in bars), money)
    shown = with_rest(bars, _MOST, _together)
    drawn = chart_pair(
        [
            (
                f"{scope}mean-",
                f"Mean loss by {scope}, {mean.unit}",
                partial(_draw_means, shown, mean),
            ),
            (
                f"{scope}tail-",
                f"Loss in the worst {worst_text(run.detail)} by {scope}, {tail.unit}",
                partial(_draw_tails, shown, tail, worst_text(run.detail)),
            ),
        ],
        NARROW + 20.0,
        56.0 + _BAR * len(shown),
    )
    sentence = _SENTENCES[scope].format(share=percent(first.share))
    caption = text(
        named(first.name),
        f" {sentence} On average it is {amount(first.mean.value, money)} a trial. Both sides are "
        "sorted by the bad case.",
    )
    return text(heading, figure(drawn, caption, [_table(run, scope)]))


def _bars(run: StoredRun, scope: str) -> list[_Bar]:
    return [
        _Bar(
            name,
            run.get(scope, name, "mean"),
            run.tail_part(scope, name),
            run.tail_share(scope, name),
        )
        for name in run.ranked(scope)
    ]


def _together(rest: Sequence[_Bar]) -> _Bar:
    """Several bars as one: means and parts add up, intervals do not."""
    return _Bar(
        say(f"{len(rest)} others"),
        Estimate.alone(sum(bar.mean.value for bar in rest)),
        sum(bar.tail for bar in rest),
        sum(bar.share for bar in rest),
    )


def _draw_means(bars: Sequence[_Bar], money: Money, pen: Pen) -> None:
    estimates = [money.scaled(bar.mean) for bar in bars]
    texts = [significant(estimate.value) for estimate in estimates]
    title = f"on average, {pen.name(money.unit, 40)}"
    _draw_bars(pen, bars, estimates, texts, (title, BLUE))


def _draw_tails(bars: Sequence[_Bar], money: Money, worst: str, pen: Pen) -> None:
    values = [money.of(bar.tail) for bar in bars]
    texts = [f"{significant(v)} · {_rounded(b.share)}" for v, b in zip(values, bars, strict=True)]
    title = f"in the worst {worst}, {pen.name(money.unit, 40)} · share"
    _draw_bars(pen, bars, [Estimate.alone(value) for value in values], texts, (title, ORANGE))


def _rounded(share: float) -> str:
    per_cent = spoken().percent
    is_shown = share >= 0.01 or share == 0.0
    return f"{100.0 * share:.0f}{per_cent}" if is_shown else f"< 1{per_cent}"


def _draw_bars(
    pen: Pen,
    bars: Sequence[_Bar],
    values: Sequence[Estimate],
    texts: Sequence[str],
    look: tuple[str, str],
) -> None:
    """Bars with their names to the left, and their figures to the right of their intervals."""
    title, colour = look
    left, names = pen.names([bar.name for bar in bars], 182.0)
    axes = pen.axes(left=left, right=86, top=34, bottom=10)
    axes.set_ylim(len(values) - 0.4, -0.6)
    ends = [max(end for end in (0.0, *value) if not math.isnan(end)) for value in values]
    axes.set_xlim(0.0, max([*ends, 1e-300]))
    without_ticks(axes)
    axes.set_yticks(range(len(bars)), names, color=INK)
    for row, (value, words) in enumerate(zip(values, texts, strict=True)):
        bar(axes, row, value, words, height=0.62, colour=colour)
    pen.caption(title, weight="bold")


def _table(run: StoredRun, scope: str) -> Table:
    level = level_name(run.detail)
    shown = parts(run, scope, run.ranked(scope)).only(
        "name", "mean", f"var_{level}", f"tvar_{level}", f"part_of_TVaR{level}",
        f"share_of_tvar_{level}",
    )  # fmt: skip
    name = level_text(run.detail)
    return replace(
        shown.headed({f"var_{level}": f"Own VaR {name}", f"tvar_{level}": f"Own TVaR {name}"}),
        remark="Means and parts add up to the total. Own VaR and TVaR do not: not all have their "
        "worst trials together.",
    )
