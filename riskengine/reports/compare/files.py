"""Two runs side by side as a page and as a workbook; the same comparison gives the same bytes."""

from __future__ import annotations

from riskengine.reports.compare.sentences import answer
from riskengine.reports.compare.tables import (
    Comparison,
    all_figures_table,
    figures_table,
    inputs_table,
)
from riskengine.reports.html.parts import (
    Html,
    Section,
    bullets,
    document,
    paragraph,
    table_html,
    text,
)
from riskengine.reports.tables.looks import STRONG
from riskengine.reports.tables.numbers import abridged
from riskengine.reports.xlsx.book import Book, Page
from riskengine.reports.xlsx.charts import columns_chart
from riskengine.reports.xlsx.text import one_line

#: A fixed moment for every comparison, so that the bytes do not depend on the clock
_CREATED = "2000-01-01T00:00:00+00:00"
_ABOUT = (
    "Differences are B minus A: where one is negative, B loses less. Low and high are the ends of "
    "the 95 % interval of the simulation: more trials would narrow it.",
    "Paired: the same trial has the same draws in A and B, and the interval is that of the "
    "differences by trial. Variance ratio: how many times the trials would be needed for the same "
    "interval without pairing.",
)
_HOLDS = {
    "Figures": "every figure of both runs, and the difference with its interval",
    "Inputs": "what differs between the two configs",
}
_EMPTY = "Empty cells: there is no such figure, or no interval."
_CHART_LINES = 18
_LONGEST_UNIT = 40


def comparison_page(comparison: Comparison) -> Html:
    """The page, as HTML; the same comparison gives the same page to the byte."""
    told = [paragraph(text(sentence)) for sentence in answer(comparison)]
    tables = map(table_html, comparison.tables())
    sections = [Section("answer", "B against A", [*told, *tables])]
    if comparison.notices:
        notes = bullets(text(notice.message) for notice in comparison.notices)
        sections.append(Section("notes", "Please note", [notes]))
    facts = map(text, comparison.lines())
    return document(comparison.title, facts=facts, sections=sections, has_contents=False)


def comparison_workbook(comparison: Comparison) -> bytes:
    """The bytes of an XLSX file with the sheets Summary, Figures and Inputs.

    Raises
    ------
    WorkbookFault
        If a sheet would need more rows than Excel has.
    """
    book = Book(comparison.title, "riskengine", _CREATED)
    _summary(book, comparison)
    page = book.page("Figures", (10, 24, 11, 22, 8, 14, *[14.0] * 5, 10, 14, 11))
    page.title("Figures", "Every figure of both runs, and the difference with its interval.")
    page.long_table(all_figures_table(comparison.differences), empty=_EMPTY)
    page = book.page("Inputs", (48, 12, 50, 50))
    page.title("Inputs", "What differs between the two configs, as the configs write it.")
    if comparison.inputs:
        page.table(inputs_table(comparison.inputs), empty="")
    else:
        page.paragraph("Nothing differs.")
    return book.close()


def _summary(book: Book, comparison: Comparison) -> None:
    page = book.page("Summary", (30, *[15.0] * 7))
    first, *more = comparison.lines()
    page.title(comparison.title, first)
    page.heading("The answer")
    for sentence in answer(comparison):
        page.paragraph(sentence, STRONG)
    for line in more:
        page.paragraph(line)
    _total(book, page, comparison)
    for scope in ("industry", "material"):
        title = f"Mean loss by {scope}, {comparison.money}"
        rows = comparison.means(scope)
        if rows:
            page.heading(title)
            table = figures_table(
                f"Mean_by_{scope}", title, scope.capitalize(), rows, unit=_unit(comparison)
            )
            page.table(table, empty=_EMPTY)
    rows = comparison.means("pool", "contested_days")
    if rows:
        page.heading("Contested days of each pool, mean")
        table = figures_table("Contested_by_pool", "", "Pool", rows, unit="days")
        page.table(table, empty=_EMPTY)


def _total(book: Book, page: Page, comparison: Comparison) -> None:
    """The figures of the total, and a chart of the losses as columns side by side."""
    rows = comparison.headline()
    losses = [row for row in rows if row.figure.unit == comparison.money]
    chances = [row for row in rows if row.figure.unit != comparison.money]
    title = f"Total loss, {comparison.money}"
    page.heading(title)
    unit = _unit(comparison)
    table = figures_table("Total", title, "Figure", losses, name="Difference", unit=unit)
    placed = page.table(table, empty=_EMPTY)
    if chances:
        page.heading("Chances")
        page.table(figures_table("Chances", "Chances", "Figure", chances), empty=_EMPTY)
    page.gap()
    page.contents(_HOLDS)
    page.heading("How to read it")
    for line in _ABOUT:
        page.paragraph(line)
    if comparison.notices:
        page.heading("Please note")
        for notice in comparison.notices:
            page.paragraph(f"•  {notice.message}")
    page.gap()
    both = (placed.position("a"), placed.position("b"))
    page.chart(columns_chart(book, placed, both, ("Total loss", comparison.money)), _CHART_LINES)
    page.gap(_CHART_LINES)


def _unit(comparison: Comparison) -> str:
    """The unit of money, short enough for a heading."""
    return abridged(one_line(comparison.money), _LONGEST_UNIT)
