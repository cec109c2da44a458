"""A batch as one page, `batch.html`: no script, nothing fetched, fit for print."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from riskengine.batches.outcome import BatchOutcome
from riskengine.batches.view import IN_TAIL, BatchView
from riskengine.drawing.svg import BLUE, GREEN, ORANGE, PURPLE, RED, SKY
from riskengine.language.speaking import say
from riskengine.model.confidence import level_text
from riskengine.reports.batch import sentences as said
from riskengine.reports.batch import tables as shown
from riskengine.reports.html import charts
from riskengine.reports.html.charts import Pen, both_sizes
from riskengine.reports.html.parts import (
    Html,
    Section,
    document,
    figure,
    folded,
    noted,
    paragraphs,
    remark,
    table_html,
    text,
)
from riskengine.reports.tables.table import Table, origin_table
from riskengine.reports.tables.words import all_said, ended

_MOST_BARS = 20  #: scenarios in a chart
_MOST_ROWS = 60  #: of a table on the page; the workbook has all rows
_MOST_PARTS = 7  #: industries or materials in a table on the page
_ROW = 54.0  #: pixels of a scenario: its name, and a bar each for VaR and TVaR
_CURVES = {BLUE: "solid", ORANGE: "dashed", GREEN: "dotted", RED: "solid", PURPLE: "dashed",
           SKY: "dotted"}  # fmt: skip
_NAMED = "Each line is named at its end; the workbook has the intervals."


def batch_page(outcome: BatchOutcome, made: Sequence[Sequence[str]] = ()) -> Html:
    """The page; the same outcome gives the same page to the byte.

    Parameters
    ----------
    outcome : BatchOutcome
    made : sequence of (name, fact)
        How the batch was made, such as versions and its folder.
    """
    view = BatchView(outcome)
    against = shown.reference_table(view).only(*shown.BESIDE)
    failed = shown.in_one_line(shown.failed_table(view))
    return document(
        outcome.title,
        facts=[text(said.facts_line(view))],
        sections=[
            Section("answer", "The answer", _answer(view)),
            Section("losses", "VaR and TVaR of the scenarios", _bars(view)),
            Section("curves", "Exceedance curves", _curves(view)),
            Section("mixture", "The mixture", _mixture(view)),
            *(Section(scope, f"By {scope}", _parts(view, scope)) for scope in shown.SCOPES),
            Section("reference", "Against the reference", _beside(against)),
            Section("previous", "Since last time", _previous(view)),
            Section("inputs", "Inputs that differ", _inputs(view)),
            Section("failed", "Scenarios that failed", _rows(failed)),
            Section("notes", "Please note", noted(outcome.notices)),
            Section("batch", "This batch", _rows(origin_table("batch", made, ""))),
        ],
    )


def _rows(table: Table) -> Iterator[Html]:
    """A table, cut where it is long; nothing if it has no rows."""
    more = len(table.rows) - _MOST_ROWS
    if more > 0:
        remark = all_said(table.remark, f"{more:,} more rows are in the workbook.")
        table = replace(table, rows=table.rows[:_MOST_ROWS], remark=remark)
    if table.rows:
        yield table_html(table)


def _answer(view: BatchView) -> Iterator[Html]:
    yield from paragraphs(said.answer(view))
    yield from _rows(shown.headline_table(view))
    yield remark(said.INTERVALS)


def _bars(view: BatchView) -> Iterator[Html]:
    names = view.ranked()[:_MOST_BARS]
    if not names or not view.levels:
        return
    level, height = level_text(view.detail), _ROW * len(names) + 16.0
    bars = f"VaR {level} (upper bar) and TVaR {level} (lower bar), {shown.unit_of(view)}"
    caption = said.largest(view, _MOST_BARS) + say(f"{bars}; line: 95 % interval.")
    draw = partial(_draw_bars, view, names)
    yield figure(both_sizes("bars", caption, height, draw), text(caption))


def _draw_bars(view: BatchView, names: Sequence[str], pen: Pen) -> None:
    axes = charts.row_axes(pen, len(names), top=8)
    pairs = [(view.total(name, "var", view.detail), view.tail(name)) for name in names]
    known = [end for pair in pairs for each in pair for end in each if not math.isnan(end)]
    axes.set_xlim(0.0, (max([*known, 0.0]) or 1.0) * (1.4 if pen.is_narrow else 1.16))
    for row, (name, pair) in enumerate(zip(names, pairs, strict=True)):
        charts.row_name(axes, row - 0.36, pen.name(shown.called(name), 40))
        for offset, colour, found in zip((-0.06, 0.22), (BLUE, ORANGE), pair, strict=True):
            words = shown.amounts(view).text(found.value)
            charts.bar(axes, row + offset, found, words, height=0.24, colour=colour)


def _curves(view: BatchView) -> Iterator[Html]:
    names = view.drawn[: len(_CURVES)]
    table = shown.curves_table(view, names)
    if len(table.rows) > 1:
        unit = shown.unit_of(view)
        words = say(f"Loss of the horizon (AEP) that is exceeded once in so many years, {unit}")
        drawn = both_sizes("curves", words, (400.0, 340.0), partial(_draw_curves, view, names))
        yield figure(drawn, text(all_said(ended(words), _NAMED)), [table])


def _draw_curves(view: BatchView, names: Sequence[str], pen: Pen) -> None:
    axes = pen.axes(left=62, right=96 if pen.is_narrow else 190, top=14, bottom=44)
    axes.set_xscale("log")
    ends: list[tuple[float, float, str, str]] = []
    for name, (colour, style) in zip(names, _CURVES.items(), strict=False):
        points = view.by_period(name)
        if points:
            axes.plot([*points], [*points.values()], color=colour, linewidth=2.0, linestyle=style)
            period, loss = [*points.items()][-1]
            ends.append((loss, period, name, colour))
    largest = max([end[0] for end in ends] or [0.0]) or 1.0
    longest = max([2.0, *(end[1] for end in ends)])
    axes.set_xlim(1.0, longest)
    ticks = [period for period in (2.0, 10.0, 50.0, 200.0, 1000.0) if period <= longest]
    axes.set_xticks(ticks, [f"{period:,.0f}" for period in ticks])
    axes.set_ylim(0.0, 1.05 * largest)
    step, place = largest * (0.07 if pen.is_narrow else 0.055), -math.inf
    for loss, period, name, colour in sorted(ends):
        place = max(loss, place + step)  # names of lines that end close together stay apart
        words = pen.name(shown.called(name), 11 if pen.is_narrow else 24)
        axes.annotate(words, (period, place), (8, -4), color=colour)
    axes.set_xlabel(say("return period, years"))


def _mixture(view: BatchView) -> Iterator[Html]:
    if view.outcome.mixture is not None:
        yield from paragraphs(said.MIXED)
        yield table_html(shown.mixture_table(view))
        yield from _rows(shown.weights_table(view))


def _parts(view: BatchView, scope: str) -> Iterator[Html]:
    if view.parts(scope):
        for measure in (IN_TAIL, "mean"):
            yield from _rows(shown.parts_table(view, scope, measure, _MOST_PARTS))
        yield remark(said.ADDS_UP)


def _beside(table: Table) -> Iterator[Html]:
    yield from _rows(table)
    if table.rows:
        yield remark(said.CHANGES)


def _previous(view: BatchView) -> Iterator[Html]:
    previous = view.outcome.previous
    if previous is not None:
        yield from paragraphs([f"The earlier batch: {previous.title}, {said.made_on(previous)}"])
        yield from _beside(shown.previous_table(view).only(*shown.BESIDE, "pairing"))
        yield from noted(previous.notices)


def _inputs(view: BatchView) -> Iterator[Html]:
    yield from _rows(shown.changed_table(view))
    against = shown.against_table(view)
    for table in _rows(against):
        yield folded(against.title, table)
