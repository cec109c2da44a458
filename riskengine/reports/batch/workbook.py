"""A batch as `batch.xlsx`, for people who work in Excel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
from riskengine.reports.xlsx.sheets import Part, Sheet, bullets, contents, heading, shaded, written

_MOST_BARS = 20  #: scenarios for which a chart has room
_CURVE_LINES = 24
_MOST_ROWS = 50_000  #: of a sheet: more would take long to write and to open
_WRITTEN = "Values are as the configs write them."
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
    parts: list[Part] = [*((sentence, STRONG) for sentence in said.answer(view)), Page.gap]
    parts += [partial(Page.table, table=table)] if view.names else []
    parts += [(all_said(table.remark, said.INTERVALS), REMARK)]
    parts += [bullets("Please note", [each.message for each in notices])] if notices else []
    parts += [contents(others), Page.gap]
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
        holds, table = "means and chances of every scenario", shown.figures_table(view)
        yield Sheet("Figures", holds, (first, *[13.0] * 16), facts, [table])
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
    names, unit, losses = view.ranked()[:_MOST_BARS], shown.unit_of(view), ("var", "tvar", "mean")
    page.gap()
    bars = shown.headline_table(view).only("scenario", *losses, key="Bars")
    placed = page.table(replace(bars, rows=names).alone(*losses).unnamed(*losses))
    page.gap()
    lines, words = 6 + 2 * len(names), f"VaR and TVaR of each scenario ({unit})"
    page.chart_across(bar_chart(page.book, placed, losses[:2], words), lines)
    names = view.drawn[:MOST_SERIES]
    curves = shown.curves_table(view, names)
    if curves.rows:
        page.heading(curves.title)
        placed = page.table(curves)
        words = "The sheet Curves has those of all scenarios, with their intervals."
        page.paragraph(all_said("AEP: loss of the whole horizon.", words), REMARK)
        page.gap()
        lined = [
            LossCurve(shown.called(name), placed.position(str(k)), PALETTE[k], has_ends=False)
            for k, name in enumerate(names)
        ]
        page.chart_across(exceedance_chart(page.book, placed, lined, unit), _CURVE_LINES)


def _of_parts(view: BatchView) -> Iterator[Sheet]:
    for scope in filter(view.parts, shown.SCOPES):
        every = shown.all_parts_table(view, scope, _MOST_ROWS)
        tables = (shown.parts_table(view, scope, m, _MOST_PARTS) for m in (IN_TAIL, "mean"))
        parts: list[Part] = [*map(shaded, tables), heading(every.title)]
        parts += [(all_said(every.remark, said.INTERVALS), REMARK)]
        parts += [partial(Page.table, table=every)]
        holds, widths = f"mean loss and part of TVaR by scenario and {scope}", (28, *[13.0] * 10)
        facts = all_said("Columns are in order of the largest part of TVaR.", said.ADDS_UP)
        yield Sheet(f"By {scope}", holds, (_room(view), *widths), facts, parts)


def _of_comparisons(view: BatchView) -> Iterator[Sheet]:
    outcome, previous, first = view.outcome, view.outcome.previous, _room(view)
    beside, inputs = (first, *[13.0] * 10, 24), (first, 48, 18, 36, 36)  # widths
    if outcome.against_reference:
        holds, parts = "every scenario against the reference", _halves(shown.reference_table(view))
        facts = all_said(f"The reference is {outcome.reference}.", said.CHANGES)
        yield Sheet("Reference", holds, beside, facts, parts)
    if previous:
        notes: list[Part] = [f"•  {say(notice.message)}" for notice in previous.notices]
        parts, what = _halves(shown.previous_table(view)), f"{previous.title} ({previous.folder})"
        facts = all_said(f"The earlier batch is {what}, {said.made_on(previous)}", said.CHANGES)
        holds = "every scenario beside the earlier batch"
        yield Sheet("Last time", holds, beside, facts, [*notes, *parts])
        holds = "scenarios that came and went, and inputs that changed since last time"
        facts = all_said(f"What changed since {previous.title}.", _WRITTEN)
        yield Sheet("Changed", holds, inputs, facts, _differing(shown.changed_table(view)))
    against = shown.against_table(view)
    if against.rows:
        holds = "which inputs differ from the reference"
        facts = all_said(f"What differs from the reference, {outcome.reference}.", _WRITTEN)
        yield Sheet("Inputs", holds, inputs, facts, _differing(against))


def _halves(table: Table) -> list[Part]:
    """Two tables under each other, so that either fits a screen and a page."""

    def half(measures: tuple[str, str], *more: str) -> Table:
        keys = (f"{each}_{end}" for each in measures for end in ("a", "b", "change"))
        return table.only("scenario", *keys, *more, key=f"{table.key}{measures[1].upper()}")

    first, second = half(("mean", "tvar"), "pairing"), half(("var", "prob_loss"))
    return [("Mean and TVaR", first), ("VaR and the chance of any loss", second)]


def _differing(table: Table) -> list[Part]:
    if not table.rows:
        return [Page.gap, "Nothing changed."]
    some = replace(table, rows=table.rows[:_MOST_ROWS])
    first = f"The first {_MOST_ROWS:,} of {len(table.rows):,} rows."
    return [some] if len(some.rows) == len(table.rows) else [(first, REMARK), some]


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
    holds = "what the figures mean, and where they come from"
    facts = "What the figures mean, and where they come from."
    yield Sheet("About", holds, (28, 100), facts, [origin_table("About", rows, "")])


def _room(view: BatchView) -> float:
    """The width of a column of names: that of the longest, within reason."""
    longest = max(map(width_of, view.every_name), default=0)
    return float(min(max(longest + 2, _NARROW), _WIDE))
