"""A mitigation study as one page, `mitigation.html`: no script, nothing fetched, fit for print."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from riskengine.mitigation.readings import leading_beneficiaries, strongest
from riskengine.mitigation.tables import MitigationTables
from riskengine.reports.html.charts import both_sizes
from riskengine.reports.html.parts import (
    Html,
    Section,
    document,
    figure,
    folded,
    legend,
    paragraph,
    remarks,
    table_html,
    text,
)
from riskengine.reports.html.style import STYLE
from riskengine.reports.mitigation import drawings, sentences
from riskengine.reports.mitigation import tables as shown

_MOST_DRAWN = 15  #: options in a chart; the table has all of them
_MOST_LINES = 60  #: of a table on the page; the files have all rows
_ROW = 72.0  #: pixels of an option: its name and its bars
_OWN_STYLE = ".green { background: var(--green); } .orange { background: var(--orange); }"


def mitigation_page(tables: MitigationTables) -> Html:
    """The page; the same tables give the same page to the byte."""
    return document(
        tables.title or tables.config,
        facts=[text(f"{line}.") for line in sentences.facts(tables)],
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
    yield from (paragraph(text(sentence)) for sentence in sentences.answer(tables))
    yield table_html(shown.frontier_table(tables, shown.MOST_ROWS).only(*shown.CHOICES))
    yield paragraph(text(sentences.CHOSEN), "remark")


def _frontier(tables: MitigationTables) -> Iterator[Html]:
    figure_of = sentences.the_measure(tables)
    caption = (
        f"Diamonds: the change of {figure_of} from nothing by each choice, at its cost, with its "
        "95 % interval, in trials that had no part in the choice; the figures beside them are "
        "budgets. Dots: portfolios that were played, in the trials that choose. Further down is "
        "less loss."
    )
    label = f"Change of {figure_of} against cost. {' '.join(sentences.answer(tables))}"
    draw = partial(drawings.draw_frontier, tables)
    yield figure(both_sizes("frontier", label, (360.0, 320.0), draw), text(caption))


def _options(tables: MitigationTables) -> Iterator[Html]:
    drawn = strongest(tables, _MOST_DRAWN)
    if drawn:
        height = _ROW * len(drawn) + 20.0
        words = f"Change of {sentences.the_measure(tables)} by each option"
        draw = partial(drawings.draw_options, tables, drawn)
        yield legend({"": "first in", "orange": "last in", "green": "Shapley"})
        yield figure(both_sizes("options", words, (height, height), draw),
                     text(f"{words}; line: 95 % interval. To the left: less loss."))  # fmt: skip
    table = shown.options_table(tables, shown.MOST_ROWS)
    yield table_html(table.only(*shown.EFFECTS))
    costs = table.only(*shown.ON_THE_MEAN)
    costs = replace(
        costs, title="Cost, and effect on the mean", remark=shown.break_even_words(tables)
    )
    yield folded("Cost, and effect on the mean", table_html(costs), mark="numbers")


def _synergies(tables: MitigationTables) -> Iterator[Html]:
    grid = shown.synergy_grid(tables)
    if not grid.rows:
        return
    height = 34.0 * len(grid.rows) + 50.0
    few = f"The {shown.MOST_CELLS} options with the strongest synergies. "
    caption = few if len(grid.rows) < len(tables.options) else ""
    caption += f"{sentences.measure_words(tables)}. Above 0: complements; below 0: substitutes."
    yield legend({"orange": "worth more together", "": "worth less together"})
    yield figure(
        both_sizes("synergy", caption, (height, height), partial(drawings.draw_synergies, grid)),
        text(caption),
        [shown.synergies_table(tables, _MOST_LINES)],
    )


def _regret(tables: MitigationTables) -> Iterator[Html]:
    table = shown.frontier_table(tables, shown.MOST_ROWS).only(*shown.RIVALS)
    yield table_html(replace(table, title=f"The second best, {tables.money}", remark=shown.SECOND))
    if tables.finalists:
        finalists = shown.finalists_table(tables, shown.MOST_SHOWN)
        everywhere = all(row.affordable == 1.0 for row in finalists.rows)
        unused = ("value", *(["affordable"] if everywhere else []))
        yield table_html(finalists.without(*unused))


def _information(tables: MitigationTables) -> Iterator[Html]:
    if tables.information:
        yield from (paragraph(text(each)) for each in sentences.information_sentences(tables))
        yield table_html(shown.information_table(tables, shown.MOST_SHOWN).without(*shown.NUMBERS))


def _beneficiaries(tables: MitigationTables) -> Iterator[Html]:
    table = shown.beneficiaries_table(tables, leading_beneficiaries(tables))
    if table.rows:
        html = table_html(table)
        is_short = len(table.rows) <= _MOST_LINES
        yield html if is_short else folded("All portfolios and industries", html)
