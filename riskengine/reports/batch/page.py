"""A batch as one page, `batch.html`: no script, nothing fetched, fit for print."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from riskengine.batches.outcome import BatchOutcome
from riskengine.batches.view import IN_TAIL, BatchView
from riskengine.drawing.svg import BLUE, GREEN, INK, ORANGE, PURPLE, RED, SKY, SOFT
from riskengine.model.confidence import level_text
from riskengine.reports.batch.beside import (
    beside_table,
    changed_rows,
    input_rows,
    inputs_table,
)
from riskengine.reports.batch.sentences import ADDS_UP, BESIDE, INTERVALS, MIXED, answer, facts
from riskengine.reports.batch.tables import (
    SCOPES,
    amounts,
    curves_table,
    failed_table,
    headline_table,
    in_one_line,
    mixture_table,
    parts_table,
    unit_of,
    weights_table,
)
from riskengine.reports.html.charts import Pen, both_sizes
from riskengine.reports.html.parts import (
    Html,
    Section,
    bullets,
    document,
    figure,
    folded,
    paragraph,
    table_html,
    text,
)
from riskengine.reports.tables.table import Table, origin_table

_MOST_BARS = 20  #: scenarios in a chart
_MOST_ROWS = 60  #: of a table on the page; the workbook has all rows
_MOST_PARTS = 7  #: industries or materials in a table on the page
_ROW = 54.0  #: pixels of a scenario: its name, and a bar each for VaR and TVaR
_CURVES = {BLUE: "solid", ORANGE: "dashed", GREEN: "dotted", RED: "solid", PURPLE: "dashed",
           SKY: "dotted"}  # fmt: skip
_BESIDE = ("scenario", "mean_a", "mean_b", "mean_change", "tvar_a", "tvar_b", "tvar_change")


def batch_page(outcome: BatchOutcome, made: Sequence[Sequence[str]] = ()) -> Html:
    """The page; the same outcome gives the same page to the byte.

    Parameters
    ----------
    outcome : BatchOutcome
    made : sequence of (name, fact)
        How the batch was made, such as versions and its folder.
    """
    view = BatchView(outcome)
    return document(
        outcome.title,
        facts=[text(f"{', '.join(facts(view))}.")],
        sections=[
            Section("answer", "The answer", _answer(view)),
            Section("losses", "VaR and TVaR of the scenarios", _bars(view)),
            Section("curves", "Exceedance curves", _curves(view)),
            Section("mixture", "The mixture", _mixture(view)),
            *(Section(scope, f"By {scope}", _parts(view, scope)) for scope in SCOPES),
            Section("reference", "Against the reference", _reference(view)),
            Section("previous", "Since last time", _previous(view)),
            Section("inputs", "Inputs that differ", _inputs(view)),
            Section("failed", "Scenarios that failed", _failed(view)),
            Section("notes", "Please note", _notes(view)),
            Section("batch", "This batch", _origin(made)),
        ],
    )  # fmt: skip


def _origin(made: Sequence[Sequence[str]]) -> Iterator[Html]:
    if made:
        yield table_html(origin_table("batch", made, ""))


def _answer(view: BatchView) -> Iterator[Html]:
    yield from (paragraph(text(sentence)) for sentence in answer(view))
    if view.names:
        yield from _shown(headline_table(view))
    yield paragraph(text(INTERVALS), "remark")


def _shown(table: Table) -> Iterator[Html]:
    """A table, cut where it is long."""
    more = len(table.rows) - _MOST_ROWS
    if more > 0:
        said = f"{more:,} more rows are in the workbook."
        remark = f"{table.remark} {said}".strip()
        table = replace(table, rows=table.rows[:_MOST_ROWS], remark=remark)
    yield table_html(table)


def _bars(view: BatchView) -> Iterator[Html]:
    names = view.ranked()[:_MOST_BARS]
    if not names or not view.levels:
        return
    level = level_text(view.detail)
    height = _ROW * len(names) + 16.0
    few = (
        f"The {_MOST_BARS} scenarios with the largest TVaR. " if len(view.done) > len(names) else ""
    )
    caption = f"{few}VaR {level} (upper bar) and TVaR {level} (lower bar), {unit_of(view)}; line: "
    caption += "95 % interval."
    yield figure(both_sizes("bars", caption, (height, height), partial(_draw_bars, view, names)),
                 text(caption))  # fmt: skip


def _draw_bars(view: BatchView, names: Sequence[str], pen: Pen) -> None:
    axes = pen.axes(left=8, right=8, top=8, bottom=6)
    pairs = [(view.total(name, "var", view.detail), view.tail(name)) for name in names]
    known = [end for pair in pairs for each in pair for end in each if not math.isnan(end)]
    most = max([*known, 0.0]) or 1.0
    axes.set_xlim(0.0, most * (1.4 if pen.is_narrow else 1.16))
    axes.set_ylim(len(names) - 0.4, -0.7)
    axes.set_xticks([], [])
    axes.set_yticks([], [])
    axes.without_frame()
    axes.grid(visible=False)
    for row, (name, pair) in enumerate(zip(names, pairs, strict=True)):
        axes.text(0.0, row - 0.36, pen.name(name, 40), transform="row", color=INK, weight="bold")
        for offset, colour, found in zip((-0.06, 0.22), (BLUE, ORANGE), pair, strict=True):
            if math.isnan(found.value):
                continue
            axes.barh(row + offset, found.value, height=0.24, color=colour)
            if not math.isnan(found.lower + found.upper):
                axes.plot(found[1:], [row + offset] * 2, color=INK, linewidth=1.2)
            end = max(x for x in found if not math.isnan(x))
            axes.annotate(amounts(view).text(found.value), (end, row + offset), xytext=(5, -4),
                          textcoords="offset points", color=SOFT)  # fmt: skip


def _curves(view: BatchView) -> Iterator[Html]:
    names = view.drawn[: len(_CURVES)]
    table = curves_table(view, names)
    if len(table.rows) < 2:
        return
    words = f"Loss of the horizon (AEP) that is exceeded once in so many years, {unit_of(view)}"
    labels = "Each line is named at its end; the workbook has the intervals."
    yield figure(
        both_sizes("curves", words, (400.0, 340.0), partial(_draw_curves, view, names)),
        text(f"{words}. {labels}"),
        [table],
    )


def _draw_curves(view: BatchView, names: Sequence[str], pen: Pen) -> None:
    axes = pen.axes(left=62, right=96 if pen.is_narrow else 190, top=14, bottom=44)
    axes.set_xscale("log")
    ends: list[tuple[float, float, str, str]] = []
    for name, (colour, style) in zip(names, _CURVES.items(), strict=False):
        rows = [row for row in view.curves(name) if row.type == "AEP"]
        if rows:
            xs, ys = [row.return_period for row in rows], [row.loss for row in rows]
            axes.plot(xs, ys, color=colour, linewidth=2.0, linestyle=style)
            ends.append((ys[-1], xs[-1], name, colour))
    largest = max([end[0] for end in ends] or [0.0]) or 1.0
    periods = sorted({end[1] for end in ends} | {2.0}) or [2.0]
    axes.set_xlim(1.0, periods[-1])
    ticks = [period for period in (2.0, 10.0, 50.0, 200.0, 1000.0) if period <= periods[-1]]
    axes.set_xticks(ticks, [f"{period:,.0f}" for period in ticks])
    axes.set_ylim(0.0, 1.05 * largest)
    step, place = largest * (0.07 if pen.is_narrow else 0.055), -math.inf
    for loss, period, name, colour in sorted(ends):
        place = max(loss, place + step)  # names of lines that end close together stay apart
        axes.annotate(pen.name(name, 11 if pen.is_narrow else 24), (period, place),
                      xytext=(8, -4), textcoords="offset points", color=colour)  # fmt: skip
    axes.set_xlabel("return period, years")


def _mixture(view: BatchView) -> Iterator[Html]:
    if view.outcome.mixture is not None:
        yield from (paragraph(text(sentence)) for sentence in MIXED)
        yield table_html(mixture_table(view))
        yield from _shown(weights_table(view))


def _parts(view: BatchView, scope: str) -> Iterator[Html]:
    if view.parts(scope):
        for measure in (IN_TAIL, "mean"):
            yield from _shown(parts_table(view, scope, measure, _MOST_PARTS))
        yield paragraph(text(ADDS_UP), "remark")


def _reference(view: BatchView) -> Iterator[Html]:
    compared = view.outcome.against_reference
    if compared:
        words = f"Against {view.outcome.reference}", "reference", "scenario"
        yield from _shown(beside_table(view, "Reference", words, compared).only(*_BESIDE))
        yield paragraph(text(f"A change above 0 is more loss. {BESIDE}"), "remark")


def _previous(view: BatchView) -> Iterator[Html]:
    previous = view.outcome.previous
    if previous is None:
        return
    when = f"{previous.title}, made on {previous.started[:10]} with riskengine {previous.version}."
    yield paragraph(text(f"The earlier batch: {when}"))
    words = "Beside the earlier batch", "last time", "now"
    table = beside_table(view, "LastTime", words, previous.comparisons, previous.mixture)
    yield from _shown(table.only(*_BESIDE, "pairing"))
    yield paragraph(text(f"A change above 0 is more loss. {BESIDE}"), "remark")
    if previous.notices:
        yield bullets(text(notice.message) for notice in previous.notices)


def _inputs(view: BatchView) -> Iterator[Html]:
    previous, against = view.outcome.previous, input_rows(view.outcome.against_reference)
    if previous is not None and (rows := changed_rows(previous)):
        headings = "Last time", "Now"
        yield from _shown(inputs_table("ChangedInputs", "Since last time", rows, headings))
    if against:
        title, headings = f"From {view.outcome.reference}", ("In the reference", "In the scenario")
        found = list(_shown(inputs_table("ReferenceInputs", title, against, headings)))
        yield folded(title, found[0])


def _failed(view: BatchView) -> Iterator[Html]:
    if view.outcome.failed:
        yield from _shown(in_one_line(failed_table(view)))


def _notes(view: BatchView) -> Iterator[Html]:
    if view.outcome.notices:
        yield bullets(text(notice.message) for notice in view.outcome.notices)
