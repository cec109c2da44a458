"""A mitigation study as `mitigation.xlsx`, for people who work in Excel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from riskengine.language.speaking import say, spoken
from riskengine.mitigation.agreement import study_agreements
from riskengine.mitigation.readings import strongest
from riskengine.mitigation.tables import MEANING, MitigationTables
from riskengine.reports.mitigation import sentences as said
from riskengine.reports.mitigation import tables as shown
from riskengine.reports.tables.looks import REMARK, STRONG
from riskengine.reports.tables.table import Table
from riskengine.reports.tables.words import NOTHING_TO_NOTE, all_said, ended, figure_heading
from riskengine.reports.xlsx.book import Page
from riskengine.reports.xlsx.charts import bar_chart, change_chart
from riskengine.reports.xlsx.sheets import Part, Sheet, bullets, contents, heading, written

_MOST_ROWS = 50_000  #: of a sheet: more would take long to write and to open
_FRONTIER_LINES = 22
_MOST_BARS = 20  #: for which a chart has room
_ENDS = "Low and high are the ends of the 95 % interval."
_NAMES = {"cost": "Cost", "value": "Left", "difference": "Change"}  #: such as Change_400


def mitigation_workbook(tables: MitigationTables) -> bytes:
    """The bytes of the workbook of a mitigation study; the same tables give the same bytes.

    Raises
    ------
    WorkbookFault
        If a sheet would need more rows than Excel has, or a cell more text.
    """
    others = list(_sheets(tables))
    return written([_summary(tables, others), *others], study_agreements(tables))


def _summary(tables: MitigationTables, others: Sequence[Sheet]) -> Sheet:
    """The first sheet, with a free row at the end for the verdict on the checks."""
    choices = shown.frontier_table(tables).only(*shown.CHOICES, key="Choices").named(_NAMES)
    parts: list[Part] = [
        heading("What to buy"),
        *((sentence, STRONG) for sentence in said.answer(tables)),
        (MEANING["choice"], REMARK),
        Page.gap,
        lambda page: page.table(choices),
        (all_said(MEANING["signs"], _ENDS), REMARK),
        contents(others),
        bullets("What this study does not say", said.UNSAID),
        bullets("Please note", [each.message for each in tables.notices], NOTHING_TO_NOTE),
        Page.gap,
    ]
    widths, title = (16, 46, *[14.0] * 7, 16), tables.title or tables.config
    facts = spoken().gap.join(map(ended, said.facts(tables)))
    return Sheet("Summary", "", widths, facts, parts, title)


def _sheets(tables: MitigationTables) -> Iterator[Sheet]:
    """The sheets of this study after the first."""
    if tables.frontier:
        facts = all_said(MEANING["signs"], _ENDS, shown.frontier_table(tables).remark)
        holds = "the choice at each budget, its effect, and the second best"
        widths = (12, 46, 40, *[14.0] * 8)
        yield Sheet("Frontier", holds, widths, facts, [partial(_frontier, tables)])
    if tables.options:
        holds = "what each option costs and does, first, last and on average"
        facts = all_said(MEANING["signs"], MEANING["effects"], _ENDS)
        widths = (34, *[14.0] * 12, 18, 18, 34)
        yield Sheet("Options", holds, widths, facts, [partial(_options, tables)])
    if tables.interactions:
        holds = "which options are worth more together, and which less"
        grid, pairs = shown.synergy_grid(tables), shown.synergies_table(tables, _MOST_ROWS)
        widths = (30, 30, *[15.0] * max(6, len(grid.columns) - 2))
        every, facts = ("All pairs, the strongest first", pairs), all_said(pairs.remark, _ENDS)
        yield Sheet("Synergy", holds, widths, facts, [partial(_synergy, tables, grid), every])
    if tables.finalists:
        table, widths = shown.finalists_table(tables), (12, 60, *[16.0] * 6, 40)
        words = "regret.csv has every world."
        yield _of_table("Regret", "the finalists in all worlds", widths, table, words)
    if tables.information:
        table, widths = shown.information_table(tables), (12, 60, 16, 40, 24, 12, 12)
        holds = "what it would be worth to know each assumption"
        yield _of_table("Information", holds, widths, table, *said.information_sentences(tables))
    if tables.beneficiaries:
        table = shown.beneficiaries_table(tables, tables.beneficiaries)
        widths = (46, 30, *[14.0] * 7)
        yield _of_table("Beneficiaries", "which industries gain", widths, table, _ENDS)
    about = shown.mitigation_origin(tables)
    yield _of_table("About", "where the figures come from", (20, 90), about)


def _of_table(name: str, holds: str, widths: Sequence[float], table: Table, *says: str) -> Sheet:
    """A sheet with one table, under its remark and further sentences."""
    return Sheet(name, holds, widths, table.remark, [*says, table])


def _frontier(tables: MitigationTables, page: Page) -> None:
    table, unit = shown.frontier_table(tables), shown.unit_of(tables)
    page.gap()
    order = ("budget", "portfolio", "proven", "cost", "value", "difference")
    placed = page.table(table.only(*order, key="Frontier"))
    page.gap()
    title = f"Change of {figure_heading(tables.figure)} from nothing"
    words = (title, f"Cost ({unit})", f"Change ({unit})")
    chart = change_chart(page.book, placed, ("cost", "difference"), words)
    page.chart_across(chart, _FRONTIER_LINES)
    page.heading("The second best")
    page.paragraph(MEANING["second"])
    page.table(table.only(*shown.RIVALS, key="Rivals"))


def _options(tables: MitigationTables, page: Page) -> None:
    table = shown.options_table(tables)
    page.gap()
    placed = page.table(table.only(*shown.EFFECTS[:5], "shapley_error", *shown.EFFECTS[5:]))
    page.gap()
    if len(table.rows) > _MOST_BARS:
        page.heading("The options that are most useful on average")
        drawn = replace(table, rows=strongest(tables, _MOST_BARS))
        placed = page.table(drawn.only("option", "cost", *shown.BARS, key="Strongest"))
        page.gap()
    figure = f"{figure_heading(tables.figure)} ({shown.unit_of(tables)})"
    words = say(f"Change of {figure}: to the left is less loss")
    chart = bar_chart(page.book, placed, shown.BARS, words)
    page.chart_across(chart, 6 + 3 * len(placed.table.rows))
    page.heading("Cost, and effect on the mean")
    page.paragraph(shown.break_even_words(tables))
    page.table(table.only(*shown.ON_THE_MEAN, key="Costs"))


def _synergy(tables: MitigationTables, grid: Table, page: Page) -> None:
    page.heading(f"Synergy in {figure_heading(tables.figure)} ({shown.unit_of(tables)})")
    empty = "Empty cells: an option with itself, or two that cannot stand together."
    page.sign_scale(page.table(grid, empty=empty), 1)
