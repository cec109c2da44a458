"""Parts that sheets of several workbooks share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from riskengine.reports.tables.table import Table
from riskengine.reports.xlsx.book import Book, Page


def write_bullets(page: Page, heading: str, sentences: Iterable[str], nothing: str = "") -> None:
    """Sentences under a heading, each with a bullet; `nothing` where there are none."""
    page.heading(heading)
    said = [f"•  {sentence}" for sentence in sentences]
    for line in said or [nothing]:
        page.paragraph(line)


def write_table_sheet(
    book: Book, name: str, widths: Sequence[float], table: Table, *says: str
) -> None:
    """A sheet with one table, under its remark and further sentences."""
    page = book.page(name, widths)
    page.title(name, table.remark)
    for sentence in says:
        page.paragraph(sentence)
    page.gap()
    page.long_table(table)
