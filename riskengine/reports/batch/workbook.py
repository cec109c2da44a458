"""A batch as `batch.xlsx`, for people who work in Excel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from riskengine.batches.agreement import batch_agreements
from riskengine.batches.outcome import BatchOutcome
from riskengine.batches.view import IN_TAIL, BatchView
from riskengine.figures.catalog import of_total
from riskengine.language.speaking import say
from riskengine.reports.batch import sentences as said
from riskengine.reports.batch import tables as shown
from riskengine.reports.screen import width_of
from riskengine.reports.tables.looks import PALETTE, REMARK, STRONG
from riskengine.reports.tables.table import Table, origin_table
from riskengine.reports.tables.words import all_said, ended
from riskengine.reports.xlsx.book import Page
from riskengine.reports.xlsx.charts import MOST_SERIES, LossCurve, bar_chart, exceedance_chart
from riskengine.reports.xlsx.sheets import Part, Sheet, contents, shaded, write_bullets, written

_MOST_BARS = 20  #: scenarios for which a chart has room
_CURVE_LINES = 24
_MOST_ROWS = 50_000  #: of a sheet: more would take long to write and to open
_NARROW, _WIDE = 28, 50  #: characters of a column of names
_MOST_PARTS = 11  #: columns of industries or materials
#: Measures by their sheets, and what these hold
_LEVELS = {
    "VaR": ("var", "VaR of every scenario at every level"),
    "TVaR": ("tvar", "TVaR of every scenario at every level"),
    "OEP": ("oep_var", "VaR of the largest spell of every scenario at every level"),
}


def batch_workbook(outcome: BatchOutcome, made: Sequence[Sequence[str]] = ()) -> bytes:
    """The bytes of the workbook of a batch; the same outcome gives the same bytes.

    Parameters
    ----------
    outcome : BatchOutcome
    made : sequence of (name, fact)
        How the batch was made, such as versions and its folder.

    Raises
    ------
    WorkbookFault
        If a sheet would need more rows or columns than Excel has.
    """
    view = BatchView(outcome)
    others = [*_of_figures(view), *_of_parts(view), *_of_comparisons(view), *_of_facts(view, made)]
    return written([_summary(view, others), *others], batch_agreements(view))


def _summary(view: BatchView, others: Sequence[Sheet]) -> Sheet:
    """The first sheet, with a free row at the end for the verdict on the checks."""
    table, notices = shown.headline_table(view), view.outcome.notices

    def write(page: Page) -> None:
        page.gap()
        if view.names:
            page.table(table)
        page.paragraph(all_said(table.remark, said.INTERVALS), REMARK)
        if notices:
            write_bullets(page, "Please note", (notice.message for notice in notices))

    parts: list[Part] = [(sentence, STRONG) for sentence in said.answer(view)]
    parts += [write, contents(others), Page.gap]
    widths, facts = (_room(view), *[13.0] * 11), said.facts_line(view)
    return Sheet("Summary", "", widths, facts, parts, view.outcome.title)


def _of_figures(view: BatchView) -> Iterator[Sheet]:
    first, ends = _room(view), said.INTERVALS
    if view.names and view.levels:
        holds = "VaR and TVaR of the scenarios as bars, and their exceedance curves"
        facts = "The sheet Figures has all scenarios, with their intervals."
        facts = f"{said.largest(view, _MOST_BARS)}{say(facts)}"
        yield Sheet("Charts", holds, (first, *[15.0] * 7), facts, [partial(_charts, view)])
    if view.outcome.mixture:
        holds = "the scenarios drawn by their weights: what is mixed, and every figure"
        parts: list[Part] = [(sentence, REMARK) for sentence in said.MIXED[1:]]
        parts += [("Every figure of the mixture", shown.mixture_table(view))]
        parts += [("What is mixed", shown.weights_table(view))]
        yield Sheet("Mixture", holds, (first, *[14.0] * 10), said.MIXED[0], parts)
    if view.names:
        facts = all_said("Figures of the total, one row a scenario.", ends)
        parts = [shown.figures_table(view)]
        holds = "means and chances of every scenario"
        yield Sheet("Figures", holds, (first, *[13.0] * 16), facts, parts)
    for name, (called, holds) in _LEVELS.items() if view.levels else ():
        measure = next(each for each in of_total() if each.name == called)
        widths = (first, *[13.0] * (3 * len(view.levels)))
        facts = all_said(ended(say(measure.shown.heading)), ends)
        yield Sheet(name, holds, widths, facts, [shown.levels_table(view, measure)])
    points = shown.points_table(view)
    if points.rows:
        facts = "AEP: loss of the whole horizon. OEP: loss of the largest spell of a trial."
        widths = (first, 10, 14, 14, *[16.0] * 3)
        holds = "every point of the exceedance curves"
        yield Sheet("Curves", holds, widths, all_said(facts, ends), [points])


def _charts(view: BatchView, page: Page) -> None:
    names, unit = view.ranked()[:_MOST_BARS], shown.unit_of(view)
    page.gap()
    bars = shown.headline_table(view).only("scenario", "var", "tvar", "mean", key="Bars")
    bars = replace(bars, rows=names).alone("var", "tvar", "mean").unnamed("var", "tvar", "mean")
    placed = page.table(bars)
    page.gap()
    lines, words = 6 + 2 * len(names), f"VaR and TVaR of each scenario ({unit})"
    page.chart_across(bar_chart(page.book, placed, ("var", "tvar"), words), lines)
    names = view.drawn[:MOST_SERIES]
    curves = shown.curves_table(view, names)
    if curves.rows:
        page.heading(curves.title)
        placed = page.table(curves)
        words = "The sheet Curves has those of all scenarios, with their intervals."
        page.paragraph(all_said("AEP: loss of the whole horizon.", words), REMARK)
        page.gap()
        lined = [
            LossCurve(
                shown.called(name),
                placed.position(str(place)),
                PALETTE[place],
                False,
                has_ends=False,
            )
            for place, name in enumerate(names)
        ]
        page.chart_across(exceedance_chart(page.book, placed, lined, unit), _CURVE_LINES)


def _of_parts(view: BatchView) -> Iterator[Sheet]:
    for scope in filter(view.parts, shown.SCOPES):
        every = shown.all_parts_table(view, scope, _MOST_ROWS)
        tables = (shown.parts_table(view, scope, m, _MOST_PARTS) for m in (IN_TAIL, "mean"))
        yield Sheet(
            f"By {scope}",
            f"mean loss and part of TVaR by scenario and {scope}",
            (_room(view), 28, *[13.0] * 10),
            all_said("Columns are in order of the largest part of TVaR.", said.ADDS_UP),
            [*map(shaded, tables), partial(_every_part, every)],
        )


def _every_part(every: Table, page: Page) -> None:
    page.heading(every.title)
    page.paragraph(all_said(every.remark, said.INTERVALS), REMARK)
    page.table(every)


def _of_comparisons(view: BatchView) -> Iterator[Sheet]:
    outcome, previous = view.outcome, view.outcome.previous
    if outcome.against_reference:
        facts, table = f"The reference is {outcome.reference}.", shown.reference_table(view)
        yield _beside("Reference", "every scenario against the reference", facts, table)
    if previous:
        table, what = shown.previous_table(view), f"{previous.title} ({previous.folder})"
        facts = f"The earlier batch is {what}, {said.made_on(previous)}"
        holds, notices = "every scenario beside the earlier batch", previous.notices
        yield _beside("Last time", holds, facts, table, *(each.message for each in notices))
        holds = "scenarios that came and went, and inputs that changed since last time"
        facts = f"What changed since {previous.title}."
        yield _differing("Changed", holds, facts, shown.changed_table(view))
    against = shown.against_table(view)
    if against.rows:
        facts = f"What differs from the reference, {outcome.reference}."
        yield _differing("Inputs", "which inputs differ from the reference", facts, against)


def _beside(name: str, holds: str, facts: str, table: Table, *noted: str) -> Sheet:
    """Two tables under each other, so that either fits a screen and a page."""

    def half(measures: tuple[str, str], *more: str) -> Table:
        keys = (f"{each}_{end}" for each in measures for end in ("a", "b", "change"))
        return table.only("scenario", *keys, *more, key=f"{table.key}{measures[1].upper()}")

    parts: list[Part] = [f"•  {say(sentence)}" for sentence in noted]
    parts += [("Mean and TVaR", half(("mean", "tvar"), "pairing"))]
    parts += [("VaR and the chance of any loss", half(("var", "prob_loss")))]
    widths = (_wide_enough(table.rows), *[13.0] * 10, 24)
    return Sheet(name, holds, widths, all_said(facts, said.CHANGES), parts)


def _differing(name: str, holds: str, facts: str, table: Table) -> Sheet:
    some = replace(table, rows=table.rows[:_MOST_ROWS])
    first = f"The first {_MOST_ROWS:,} of {len(table.rows):,} rows."
    parts: list[Part] = [(first, REMARK)] if len(some.rows) < len(table.rows) else []
    parts += [some] if some.rows else [Page.gap, "Nothing changed."]
    widths = (_wide_enough(row.scenario for row in table.rows), 48, 18, 36, 36)
    return Sheet(
        name, holds, widths, all_said(facts, "Values are as the configs write them."), parts
    )


def _of_facts(view: BatchView, made: Sequence[Sequence[str]]) -> Iterator[Sheet]:
    first, failed = _room(view), shown.failed_table(view)
    if failed.rows:
        facts = "Their figures are missing everywhere else. Run the batch again when they are "
        holds = "the scenarios that failed, and why"
        yield Sheet("Failed", holds, (first, 40, 100), f"{facts}mended.", [failed])
    holds = "how each scenario was played: config, changed values, trials, seed"
    widths, played = (first, 12, 10, 10, 12, 14, 30, 40, 30, 30), shown.played_table(view)
    yield Sheet("Played", holds, widths, "How each scenario was played.", [played])
    meanings = [
        ("Intervals", said.INTERVALS),
        ("Mean loss", "the mean of the loss of a trial, over its whole horizon"),
        ("VaR", "the loss that is not exceeded with the chance in the heading"),
        ("TVaR", "the mean of the worst trials: those beyond VaR"),
        ("By industry, by material", said.ADDS_UP),
        *(("Mixture", sentence) for sentence in said.MIXED if view.outcome.mixture is not None),
        ("Comparisons", said.BESIDE),
    ]
    rows = [*((name, say(sentence)) for name, sentence in meanings), *made]
    holds, facts = "what the figures mean, and where they come from", "What the figures mean, and "
    about = origin_table("About", rows, "")
    yield Sheet("About", holds, (28, 100), f"{facts}where they come from.", [about])


def _room(view: BatchView) -> float:
    return _wide_enough(each.name for each in view.outcome.scenarios)


def _wide_enough(names: Iterable[str]) -> float:
    """The width of a column of names: that of the longest, within reason."""
    longest = max(map(width_of, names), default=0)
    return float(min(max(longest + 2, _NARROW), _WIDE))
