"""The last sheet of a workbook: whether its tables agree, as verdicts that are formulas."""

from __future__ import annotations

from collections.abc import Sequence

from riskengine.reports.tables.formats import AFTER, COUNT
from riskengine.reports.tables.looks import STRONG
from riskengine.reports.tables.table import Table, number, text
from riskengine.reports.xlsx.book import Book, Page
from riskengine.reports.xlsx.table import Verdict, write_summary
from riskengine.sweeps.agreement import FINE, WRONG, Agreement

SHEET = "Checks"
HOLDS = "whether the tables agree with each other"


def write_checks(book: Book, summary: Page, rows: Sequence[Agreement]) -> None:
    """Write the sheet of checks, and whether all are fine into the next row of the first sheet."""
    says = ("all fine", "SEE THE SHEET CHECKS")
    found = _checks(book, rows)
    write_summary(summary, summary.row, "Checks of the tables:", found, FINE, says)
    summary.row += 1


def _checks(book: Book, rows: Sequence[Agreement]) -> list[Verdict]:
    page = book.page(SHEET, (70, 14, 14, 16))
    page.title(SHEET, "Each counts the cases that cannot be. None is fine.")
    page.gap()
    table = Table(
        key=SHEET,
        columns=[
            text("question", "What must hold"),
            number("looked_at", "Cases looked at", form=COUNT),
            number("wrong", "Cases wrong", form=COUNT),
            text("verdict", "Verdict", form=AFTER),
        ],
        rows=rows,
    )
    placed = page.table(table)
    column, verdicts = placed.position("verdict"), []
    for offset, row in enumerate(table.rows):
        at = placed.first_row + offset
        wrong = page.cell_at(at, placed.position("wrong"))
        formula = f'=IF({wrong}=0,"{FINE}","{WRONG}")'
        page.formula(at, column, formula, row.verdict, STRONG._replace(indent=1))
        verdicts.append(Verdict(placed.cell(offset, column), row.verdict))
    return verdicts
