"""A back-test as one self-contained page: no script, nothing from the network, fit for print."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from riskengine.backtests.playing import Backtest
from riskengine.backtests.quantities import GDP
from riskengine.backtests.scoring import ONE_SIDED, Score
from riskengine.drawing.axes import Axes
from riskengine.drawing.svg import BLUE, INK, LINE, ORANGE, PAPER, SKY, SOFT
from riskengine.language.speaking import say, spoken
from riskengine.reports.backtest import sentences as said
from riskengine.reports.backtest import tables as shown
from riskengine.reports.html.charts import Pen, both_sizes
from riskengine.reports.html.parts import (
    Html,
    Section,
    document,
    element,
    figure,
    folded,
    legend,
    named,
    paragraph,
    strong,
    subheading,
    table_html,
    text,
    told,
)
from riskengine.reports.html.style import STYLE
from riskengine.reports.tables.words import all_said

_OWN_STYLE = """
.sky { background: var(--sky); }
.diamond { width: 0.75rem; background: var(--orange); transform: rotate(45deg) scale(0.8); }
.ring { width: 0.75rem; border-radius: 50%; background: none; border: 2px solid var(--blue); }
.dot { width: 0.75rem; border-radius: 50%; }
.miss { border-left: 4px solid var(--orange); background: var(--card); padding: 0.4rem 0.9rem;
  margin: 0.6rem 0; break-inside: avoid; }
.miss p { margin: 0.3rem 0; }
"""
_ROW = 36.0  #: pixels
_BELOW = 0.33  #: of a row: an observed range is drawn below the intervals, or it would hide them
_DOT_ROW = 25.0
_NONE_PLACE = 1.12  #: position of "none", in lengths of the axis
_LEFT, _LEFT_NARROW = 252.0, 176.0  #: pixels for names, at most

_SPREAD = (
    "If predictions are right, the marks spread evenly from 0 to 100 %. A heap on the left: "
    "outcomes came out smaller or earlier than predicted; on the right: larger or later; in the "
    "middle: the predictions are too wide; at both ends: too narrow. This is the probability "
    "integral transform (PIT), drawn outcome by outcome. Shaded: the 50 % and 90 % intervals."
)
_PUBLISHED = (
    "Others have estimated what such a restriction would cost. Nobody has seen it happen, so these "
    "are no test of the model and do not count in the shares above; an estimate outside our "
    "interval says that the two suppose different things."
)
_NO_COPIES = "No assumption equals an outcome that was not known on its day."


def backtest_page(backtest: Backtest, facts: Mapping[str, Any]) -> Html:
    """The page; `facts` from the manifest say when it was made and with which versions."""
    return document(
        backtest.suite.title,
        facts=[text(said.facts_line(backtest))],
        sections=_sections(backtest, facts),
        style=f"{STYLE}{_OWN_STYLE}",
    )


def _sections(backtest: Backtest, facts: Mapping[str, Any]) -> Iterator[Section]:
    scores, cases = said.observed(backtest.scores), list(backtest.suite.cases.values())
    provenance = replace(shown.provenance_table(backtest, facts), key="run")
    copies = replace(shown.copies_table(backtest.suite.copies), remark="")
    inputs = (shown.cases_table(cases).without("source"), shown.sources_table(cases))
    where = "Where outcomes stand among the predictions"
    yield Section("answer", "The answer", _answer(backtest))
    yield Section("misses", "Where the model misses, and why", _misses(backtest), "Misses")
    yield Section("percentiles", where, _percentiles(scores), "Percentiles")
    yield Section("naive", "Beside naive forecasts", _naive(backtest), "Naive forecasts")
    yield Section("figures", "Figure by figure", _figures(scores, "seen"))
    yield Section("published", "Estimates of others", _published(said.published(backtest.scores)))
    yield Section("cases", "The cases", told(said.CASES, *inputs))
    noted = told(said.COPIES, copies, nothing=_NO_COPIES)
    yield Section("copies", "Assumptions that equal an outcome", noted, "Copied outcomes")
    yield Section("run", "This run", [table_html(provenance)])


def _answer(backtest: Backtest) -> Iterator[Html]:
    yield paragraph(strong(said.headline(backtest.calibration)))
    yield paragraph(text(said.HOW_TO_READ))
    if backtest.calibration:
        yield table_html(shown.calibration_table(backtest.calibration))


def _misses(backtest: Backtest) -> Iterator[Html]:
    misses = said.observed(backtest.misses)
    if not misses:
        yield paragraph(text("No outcome lies outside its 90 % interval."))
    yield from map(_miss, misses)


def _miss(score: Score) -> Html:
    """One outcome outside its interval, and why."""
    what = {"observed": "Outcome", "published": "Published"}[score.kind]
    words = text(
        named(score.case),
        f". {said.quantity_text(score.quantity)}. ",
        strong(f"{what}: {said.outcome_said(score)}"),
        f", {said.side(score)} the predictions (percentile {said.percentile_text(score)}).",
    )
    return element("div", paragraph(words), paragraph(text(score.miss)), class_="miss")


def _percentiles(scores: Sequence[Score]) -> Iterator[Html]:
    yield paragraph(text(said.PERCENTILE))
    if not scores:
        return
    ordered = sorted(scores, key=lambda score: (score.percentile, score.case))
    label = say("Percentiles of outcomes, lowest first. ") + " ".join(
        f"{score.case}, {score.name}: {said.percentile_text(score)}." for score in ordered
    )
    yield legend(
        {
            "dot": "percentile",
            "ring": "one-sided: anywhere along the line",
            "diamond": "outside the 90 % interval",
        }
    )
    height = _DOT_ROW * len(ordered) + 66.0
    drawn = both_sizes("pit", label, height, partial(_draw_percentiles, ordered))
    yield figure(drawn, text(_SPREAD))


def _naive(backtest: Backtest) -> Iterator[Html]:
    if not backtest.ratings:
        yield paragraph(text("Nothing in this suite was observed: there is nothing to score."))
        return
    yield paragraph(strong(said.skill_line(backtest.skills)))
    yield paragraph(text(all_said(said.NAIVE, said.SCORES)))
    yield table_html(
        replace(shown.skill_table(shown.main_skills(backtest.skills)), remark=said.CAUTION)
    )
    yield folded("Scores of every outcome", table_html(shown.scores_table(backtest.ratings)))


def _figures(scores: Sequence[Score], seen: str) -> Iterator[Html]:
    """A chart for each kind of figure, in the order of first appearance."""
    yield legend(
        {
            "": "50 % interval, the median in it",
            "sky": "90 % interval",
            "diamond": f"what was {seen}: a line where only a range is known",
        }
    )
    groups: dict[tuple[str, str], list[Score]] = {}
    for score in scores:
        groups.setdefault((said.meaning_of(score.quantity), score.unit), []).append(score)
    for number, ((meaning, unit), members) in enumerate(groups.items()):
        label = f"{meaning}{spoken().comma}{said.unit_text(unit)}. " + " ".join(
            say(f"{s.case}: {said.outcome_said(s)}, percentile {said.percentile_text(s)}.")
            for s in members
        )
        height = _ROW * len(members) + 64.0
        draw = partial(_draw_intervals, members)
        drawn = both_sizes(f"{seen}{number}", label, height, draw)
        caption = text(_figure_caption(members))
        yield subheading(meaning)
        yield figure(drawn, caption, [shown.figure_table(meaning, members)])


def _figure_caption(scores: Sequence[Score]) -> str:
    inside = sum(score.inside_90 == "yes" for score in scores)
    has_none = any(score.is_none_seen or math.isinf(score.high_90) for score in scores)
    none = say(" “none”: not within the time played.") if has_none else ""
    return say(f"{inside} of {len(scores)} inside the 90 % interval.") + none


def _published(scores: Sequence[Score]) -> Iterator[Html]:
    if not scores:
        yield paragraph(text("This suite has none."))
        return
    yield paragraph(text(_PUBLISHED))
    yield from _figures(scores, "published")
    yield from map(_miss, (score for score in scores if score.miss))


def _draw_intervals(scores: Sequence[Score], pen: Pen) -> None:
    axes = _rows_of(scores, pen)
    has_none = any(said.is_day(score.quantity) for score in scores)
    is_open = has_none or any(math.isinf(score.outcome_high) for score in scores)
    top = _top(scores)

    def place(value: float) -> float:
        return top * _NONE_PLACE if math.isinf(value) else value

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
    _ticks(axes, top, has_none, scores[0].unit, pen.is_narrow)


def _bar(axes: Axes, row: int, ends: tuple[float, float], width: float, colour: str) -> None:
    """A bar, or a square if both ends are equal."""
    if ends[0] == ends[1]:
        axes.plot([ends[0]], [row], marker="s", markersize=width, color=colour,
                  markeredgewidth=0, clip_on=False)  # fmt: skip
    else:
        axes.plot(ends, [row, row], color=colour, linewidth=width, solid_capstyle="butt",
                  clip_on=False)  # fmt: skip


def _seen(axes: Axes, row: int, score: Score, place: Callable[[float], float]) -> None:
    """The outcome: a diamond, or a thin line over its range, with an arrow at an open end."""
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


def _top(scores: Sequence[Score]) -> float:
    ends = [end for s in scores for end in (s.high_90, s.outcome_low, s.outcome_high, s.high_50)]
    ends += [end for s in scores for end in (s.low_90, s.median)]
    return max([end for end in ends if math.isfinite(end)] + [1e-9])


def _ticks(axes: Axes, top: float, has_none: bool, unit: str, is_narrow: bool) -> None:
    step = _step(top, 3 if is_narrow else 6)
    marks = [k * step for k in range(int(top / step) + 1)]
    is_share = unit == GDP
    labels = [f"{100 * mark:.3g}{spoken().percent}" if is_share else f"{mark:g}" for mark in marks]
    if has_none:
        marks, labels = [*marks, top * _NONE_PLACE], [*labels, say("none")]
        axes.axvline(top * (_NONE_PLACE + 1.0) / 2.0, color=LINE, linewidth=0.9, linestyle=":")
    axes.set_xticks(marks, labels)
    axes.set_xlabel("share of a year's GDP" if is_share else said.unit_text(unit))


def _step(top: float, most: int) -> float:
    """A round step that fits at most `most` times into an axis up to `top`."""
    scale = 10.0 ** math.floor(math.log10(top / most))
    return next(scale * factor for factor in (1, 2, 5, 10) if scale * factor * most >= top)


def _draw_percentiles(scores: Sequence[Score], pen: Pen) -> None:
    axes = _rows_of(scores, pen, with_figure=True)
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
    marks = [0, 25, 50, 75, 100]
    axes.set_xticks(marks, [f"{mark}{spoken().percent}" for mark in marks])
    whole = "percentile of the outcome among the trials"
    axes.set_xlabel("percentile" if pen.is_narrow else whole)


def _rows_of(scores: Sequence[Score], pen: Pen, *, with_figure: bool = False) -> Axes:
    """Axes with a named row for each outcome."""
    most, size = (_LEFT_NARROW, 10.0) if pen.is_narrow else (_LEFT, 12.0)
    left, names = pen.names([_row_name(score, with_figure) for score in scores], most, size)
    axes = pen.axes(left=left, right=22, top=8, bottom=46)
    axes.set_ylim(len(scores) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")
    axes.set_yticks(range(len(scores)), names, color=INK)
    axes.tick_params(axis="y", labelsize=size)
    return axes


def _row_name(score: Score, with_figure: bool) -> str:
    """The case, and what distinguishes its outcome from the others in the chart."""
    if with_figure:
        return f"{score.case}, {score.name}"
    subject = said.subject_of(score.quantity)
    return f"{score.case}, {subject}" if subject else f"{score.name}, {score.case}"
