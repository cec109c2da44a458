"""A mitigation study as `mitigation.xlsx`, for people who work in Excel."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from riskengine.mitigation.agreement import study_agreements
from riskengine.mitigation.readings import strongest
from riskengine.mitigation.tables import MitigationTables
from riskengine.reports.mitigation import sentences
from riskengine.reports.mitigation import tables as shown
from riskengine.reports.tables.looks import REMARK, STRONG
from riskengine.reports.tables.words import NOTHING_TO_NOTE
from riskengine.reports.xlsx.book import Book, Page
from riskengine.reports.xlsx.charts import bar_chart, change_chart
from riskengine.reports.xlsx.checks import HOLDS, SHEET, write_checks
from riskengine.reports.xlsx.sheets import write_bullets, write_table_sheet
from riskengine.reports.xlsx.text import heading_unit

#: A fixed moment for every study, so that the bytes do not depend on the clock
_CREATED = "2000-01-01T00:00:00"
_MOST_ROWS = 50_000  #: of a sheet: more would take long to write and to open
_FRONTIER_LINES = 22
_MOST_BARS = 20  #: for which a chart has room
_ENDS = "Low and high are the ends of the 95 % interval."
_NAMES = {"cost": "Cost", "value": "Left", "difference": "Change"}  #: such as Change_400
_HOLDS = {
    "Frontier": "the choice at each budget, its effect, and the second best",
    "Options": "what each option costs and does, first, last and on average",
    "Synergy": "which options are worth more together, and which less",
    "Regret": "the finalists in all worlds",
    "Information": "what it would be worth to know each assumption",
    "Beneficiaries": "which industries gain",
    "About": "where the figures come from",
    SHEET: HOLDS,
}


def mitigation_workbook(tables: MitigationTables) -> bytes:
    """The bytes of the workbook of a mitigation study; the same tables give the same bytes.

    Raises
    ------
    WorkbookFault
        If a sheet would need more rows than Excel has, or a cell more text.
    """
    book = Book(tables.title or tables.config, "riskengine", _CREATED)
    sheets = _sheets(tables)
    summary = _summary(book, tables, [*sheets, SHEET])
    for write in sheets.values():
        write(book, tables)
    write_checks(book, summary, study_agreements(tables))
    return book.close()


def _sheets(tables: MitigationTables) -> dict[str, Callable[[Book, MitigationTables], None]]:
    """The sheets of this study after the first, and the functions that write them."""
    found = {
        "Frontier": (_frontier, tables.frontier),
        "Options": (_options, tables.options),
        "Synergy": (_synergy, tables.interactions),
        "Regret": (_regret, tables.finalists),
        "Information": (_information, tables.information),
        "Beneficiaries": (_beneficiaries, tables.beneficiaries),
        "About": (_about, [tables]),
    }
    return {name: write for name, (write, rows) in found.items() if rows}


def _summary(book: Book, tables: MitigationTables, others: Iterable[str]) -> Page:
    """The first sheet, with a free row at the end for the verdict on the checks."""
    page = book.page("Summary", (16, 46, *[14.0] * 7, 16))
    page.title(tables.title or tables.config, ". ".join(sentences.facts(tables)) + ".")
    page.heading("What to buy")
    for sentence in sentences.answer(tables):
        page.paragraph(sentence, STRONG)
    page.paragraph(sentences.CHOSEN, REMARK)
    page.gap()
    choices = shown.frontier_table(tables).only(*shown.CHOICES, key="Choices")
    page.table(choices.named(_NAMES))
    page.paragraph(f"{sentences.SIGNS} {_ENDS}", REMARK)
    page.contents({name: _HOLDS[name] for name in others})
    write_bullets(page, "What this study does not say", sentences.UNSAID)
    messages = [notice.message for notice in tables.notices]
    write_bullets(page, "Please note", messages, NOTHING_TO_NOTE)
    page.gap()
    return page


def _frontier(book: Book, tables: MitigationTables) -> None:
    page = book.page("Frontier", (12, 46, 40, *[14.0] * 8))
    table = shown.frontier_table(tables)
    page.title("Frontier", f"{sentences.SIGNS} {_ENDS} {table.remark}")
    page.gap()
    order = ("budget", "portfolio", "proven", "cost", "value", "difference")
    placed = page.table(table.only(*order, key="Frontier"))
    page.gap()
    measure, unit = sentences.measure_words(tables), heading_unit(tables.money)
    words = (f"Change of {measure} from nothing", f"Cost ({unit})", f"Change ({unit})")
    page.chart(change_chart(book, placed, ("cost", "difference"), words), _FRONTIER_LINES)
    page.gap(_FRONTIER_LINES)
    page.heading("The second best")
    page.paragraph(shown.SECOND)
    page.table(table.only(*shown.RIVALS, key="Rivals"))


def _options(book: Book, tables: MitigationTables) -> None:
    page = book.page("Options", (34, *[14.0] * 12, 18, 18, 34))
    table = shown.options_table(tables)
    page.title("Options", f"{sentences.SIGNS} {shown.ABOUT_EFFECTS} {_ENDS}")
    page.gap()
    placed = page.table(table.only(*shown.EFFECTS[:5], "shapley_error", *shown.EFFECTS[5:]))
    page.gap()
    if len(table.rows) > _MOST_BARS:
        page.heading("The options that are most useful on average")
        drawn = replace(table, rows=strongest(tables, _MOST_BARS))
        placed = page.table(drawn.only("option", "cost", *shown.BARS, key="Strongest"))
        page.gap()
    figure = f"{sentences.measure_words(tables)} ({heading_unit(tables.money)})"
    lines = 6 + 3 * len(placed.table.rows)
    page.chart(
        bar_chart(book, placed, shown.BARS, f"Change of {figure}: to the left is less loss"), lines
    )
    page.gap(lines)
    page.heading("Cost, and effect on the mean")
    page.paragraph(shown.break_even_words(tables))
    page.table(table.only(*shown.ON_THE_MEAN, key="Costs"))


def _synergy(book: Book, tables: MitigationTables) -> None:
    grid, pairs = shown.synergy_grid(tables), shown.synergies_table(tables, _MOST_ROWS)
    page = book.page("Synergy", (30, 30, *[15.0] * max(6, len(grid.columns) - 2)))
    page.title("Synergy", f"{pairs.remark} {_ENDS}")
    page.heading(f"Synergy in {sentences.measure_words(tables)} ({heading_unit(tables.money)})")
    empty = "Empty cells: an option with itself, or two that cannot stand together."
    page.sign_scale(page.table(grid, empty=empty), 1)
    page.heading("All pairs, the strongest first")
    page.table(pairs)


def _regret(book: Book, tables: MitigationTables) -> None:
    table = shown.finalists_table(tables)
    write_table_sheet(
        book, "Regret", (12, 60, *[16.0] * 6, 40), table, "regret.csv has every world."
    )


def _information(book: Book, tables: MitigationTables) -> None:
    table = shown.information_table(tables)
    widths = (12, 60, 16, 40, 24, 12, 12)
    write_table_sheet(book, "Information", widths, table, *sentences.information_sentences(tables))


def _beneficiaries(book: Book, tables: MitigationTables) -> None:
    table = shown.beneficiaries_table(tables, tables.beneficiaries)
    write_table_sheet(book, "Beneficiaries", (46, 30, *[14.0] * 7), table, _ENDS)


def _about(book: Book, tables: MitigationTables) -> None:
    write_table_sheet(book, "About", (20, 90), shown.mitigation_origin(tables))
