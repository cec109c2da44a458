"""A mitigation study as one page, `mitigation.html`: no script, nothing fetched, fit for print."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from riskengine.drawing.svg import BLUE, GREEN, INK, ORANGE, SOFT
from riskengine.language.money import unit_words
from riskengine.language.speaking import say
from riskengine.measures.estimate import estimate_of
from riskengine.mitigation.readings import changes_by_cost, leading_beneficiaries, steps, strongest
from riskengine.mitigation.tables import MEANING, MitigationTables, OptionRow
from riskengine.reports.html import charts
from riskengine.reports.html.charts import Pen, both_sizes
from riskengine.reports.html.parts import (
    Html,
    Section,
    document,
    figure,
    folded,
    legend,
    paragraphs,
    remark,
    remarks,
    table_html,
    text,
)
from riskengine.reports.html.style import STYLE
from riskengine.reports.mitigation import sentences
from riskengine.reports.mitigation import tables as shown
from riskengine.reports.tables.numbers import exact, significant
from riskengine.reports.tables.table import Table
from riskengine.reports.tables.words import all_said, ended, figure_heading, the

_MOST_DRAWN = 15  #: options in a chart; the table has all of them
_MOST_LINES = 60  #: of a table on the page; the files have all rows
_MOST_LABELS = 8
_ROW = 72.0  #: pixels of an option: its name and its bars
_MOST_DOTS = 600  #: portfolios in a chart
COLOURS = dict(zip(shown.BARS, (BLUE, ORANGE, GREEN), strict=True))
_OWN_STYLE = ".green { background: var(--green); } .orange { background: var(--orange); }"


def mitigation_page(tables: MitigationTables) -> Html:
    """The page; the same tables give the same page to the byte."""
    return document(
        tables.title or tables.config,
        facts=[text(ended(line)) for line in sentences.facts(tables)],
        sections=[
            Section("answer", "What to buy", _answer(tables)),
            Section("frontier", "What more money buys", _frontier(tables)),
            Section("options", "What each option does", _options(tables)),
            Section("synergy", "Options together", _synergies(tables)),
            Section("regret", "How sure the choice is", _regret(tables)),
            Section("information", "What knowledge would be worth", _information(tables)),
            Section("beneficiaries", "Who benefits", _beneficiaries(tables)),
            Section("unsaid", "What this study does not say", [remarks(sentences.UNSAID)]),
            Section("notes", "Please note", [remarks(each.message for each in tables.notices)]),
            Section("study", "This study", [table_html(shown.mitigation_origin(tables))]),
        ],
        style=f"{STYLE}{_OWN_STYLE}",
    )


def _answer(tables: MitigationTables) -> Iterator[Html]:
    yield from paragraphs(sentences.answer(tables))
    yield table_html(shown.frontier_table(tables, shown.MOST_ROWS).only(*shown.CHOICES))
    yield remark(MEANING["choice"])


def _frontier(tables: MitigationTables) -> Iterator[Html]:
    figure_of = the(tables.figure)
    caption = (
        f"Diamonds: the change of {figure_of} from nothing by each choice, at its cost, with its "
        "95 % interval, in trials that had no part in the choice; the figures beside them are "
        "budgets. Dots: portfolios that were played, in the trials that choose. Further down is "
        "less loss."
    )
    label = all_said(f"Change of {figure_of} against cost.", *sentences.answer(tables))
    draw = partial(draw_frontier, tables)
    yield figure(both_sizes("frontier", label, (360.0, 320.0), draw), text(caption))


def _options(tables: MitigationTables) -> Iterator[Html]:
    drawn = strongest(tables, _MOST_DRAWN)
    if drawn:
        height = _ROW * len(drawn) + 20.0
        words = say(f"Change of {the(tables.figure)} by each option")
        draw = partial(draw_options, tables, drawn)
        yield legend({"": "first in", "orange": "last in", "green": "Shapley"})
        yield figure(both_sizes("options", words, height, draw),
                     text(f"{words}; line: 95 % interval. To the left: less loss."))  # fmt: skip
    table = shown.options_table(tables, shown.MOST_ROWS)
    yield table_html(table.only(*shown.EFFECTS))
    title, words = "Cost, and effect on the mean", shown.break_even_words(tables)
    costs = replace(table.only(*shown.ON_THE_MEAN), title=title, remark=words)
    yield folded(title, table_html(costs), mark="numbers")


def _synergies(tables: MitigationTables) -> Iterator[Html]:
    grid = shown.synergy_grid(tables)
    if not grid.rows:
        return
    few = say(f"The {shown.MOST_CELLS} options with the strongest synergies. ")
    caption = few if len(grid.rows) < len(tables.options) else ""
    caption += say(f"{figure_heading(tables.figure)}. Above 0: complements; below 0: substitutes. ")
    caption += say("Columns have the numbers of the rows.")
    height, draw = 34.0 * len(grid.rows) + 50.0, partial(draw_synergies, grid)
    drawn = both_sizes("synergy", caption, height, draw)
    yield legend({"orange": "worth more together", "": "worth less together"})
    yield figure(drawn, text(caption), [shown.synergies_table(tables, _MOST_LINES)])


def _regret(tables: MitigationTables) -> Iterator[Html]:
    table = shown.frontier_table(tables, shown.MOST_ROWS).only(*shown.RIVALS)
    title = f"The second best, {unit_words(tables.money)}"
    yield table_html(replace(table, title=title, remark=MEANING["second"]))
    if tables.finalists:
        finalists = shown.finalists_table(tables, shown.MOST_SHOWN)
        everywhere = all(row.affordable == 1.0 for row in finalists.rows)
        yield table_html(finalists.without("value", *(["affordable"] if everywhere else [])))


def _information(tables: MitigationTables) -> Iterator[Html]:
    if tables.information:
        yield from paragraphs(sentences.information_sentences(tables))
        yield table_html(shown.information_table(tables, shown.MOST_SHOWN).without(*shown.NUMBERS))


def _beneficiaries(tables: MitigationTables) -> Iterator[Html]:
    table = shown.beneficiaries_table(tables, leading_beneficiaries(tables))
    if table.rows:
        is_short, html = len(table.rows) <= _MOST_LINES, table_html(table)
        yield html if is_short else folded("All portfolios and industries", html)


# Charts


def draw_frontier(tables: MitigationTables, pen: Pen) -> None:
    """The change from nothing against cost: choices with intervals over all that was played."""
    axes = pen.axes(left=66, right=24, top=12, bottom=46)
    last = max((row.budget for row in tables.frontier), default=0.0)
    for cost, change in changes_by_cost(tables, last, _MOST_DOTS):
        axes.plot([cost], [change], linestyle="none", marker="o", markersize=4, color=SOFT,
                  markeredgewidth=0.0, zorder=1.5)  # fmt: skip
    found = steps(tables)
    xs, ys = [0.0, *(cost for cost, _ in found)], [0.0, *(row.difference for _, row in found)]
    axes.step([*xs, last], [*ys, ys[-1]], where="post", color=BLUE, linewidth=1.2)
    for _, row in found:
        ends = [row.difference_lower, row.difference_upper]
        axes.plot([row.cost] * 2, ends, color=INK, linewidth=1.5, solid_capstyle="butt")
    axes.plot(xs[1:], ys[1:], linestyle="none", marker="D", markersize=8, color=BLUE)
    if tables.has_budgets and len(found) <= _MOST_LABELS:
        for cost, row in found:
            budgets = ", ".join(exact(each.budget) for each in tables.frontier if each.cost == cost)
            axes.annotate(budgets, (cost, row.difference), (9, 6), color=INK)
    axes.set_xlim(-0.02 * last, 1.06 * last or 1.0)
    axes.locator_params(axis="x", nbins=5 if pen.is_narrow else 9)
    axes.set_xlabel(pen.name(say(f"cost, {shown.unit_of(tables)}"), 46))


def draw_options(tables: MitigationTables, options: Sequence[OptionRow], pen: Pen) -> None:
    """Three bars for each option from 0, to the left where it lowers the loss."""
    axes = charts.row_axes(pen, len(options), top=10)
    found = [[estimate_of(option, key) for key in COLOURS] for option in options]
    ends = [end for row in found for each in row for end in each if not math.isnan(end)]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    room = (0.3 if pen.is_narrow else 0.16) * ((high - low) or 1.0)
    axes.set_xlim(low - room, high + room)
    for row, (option, estimates) in enumerate(zip(options, found, strict=True)):
        charts.row_name(axes, row - 0.36, pen.name(option.option, 40))
        for k, (each, colour) in enumerate(zip(estimates, COLOURS.values(), strict=True)):
            words, place = sentences.amounts(tables).text(each.value), row - 0.14 + 0.2 * k
            charts.bar(axes, place, each, words, height=0.17, colour=colour)
        axes.plot([0.0, 0.0], [row - 0.28, row + 0.4], color=INK, linewidth=1.2)


def draw_synergies(grid: Table, pen: Pen) -> None:
    """Cells in orange for complements and blue for substitutes, deeper where stronger."""
    names = [f"{k} {column.heading}" for k, column in enumerate(grid.columns[1:], 1)]
    left, names = pen.names(names, 128.0 if pen.is_narrow else 190.0)
    axes = pen.axes(left=left, right=8, top=8, bottom=30)
    rows = enumerate(row[1:] for row in grid.cells())
    cells = {(row, column): cell for row, values in rows for column, cell in enumerate(values)}
    known = {place: cell for place, cell in cells.items() if isinstance(cell, float)}
    largest = max(map(abs, known.values()), default=0.0) or 1.0
    size, digits = (8, 2) if pen.is_narrow else (11, 2 if len(grid.rows) > 8 else 3)
    for place, value in known.items():
        depth, colour = abs(value) / largest, ORANGE if value > 0.0 else BLUE
        words = significant(value if depth >= 0.0005 else 0.0, digits)
        charts.heat_cell(axes, place, colour, depth, words, size=size)
    charts.heat_edges(axes, [str(k) for k in range(1, len(names) + 1)], names)
