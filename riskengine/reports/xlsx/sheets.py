"""A workbook as a list of sheets, each a list of parts, and the parts that several workbooks share.

The first sheet gives the answer, and says what is on the others. The last one says whether the
tables agree, as verdicts that are formulas.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple

from riskengine.language.speaking import say
from riskengine.model.agreement import FINE, WRONG, Agreement
from riskengine.reports.tables.formats import AFTER, COUNT
from riskengine.reports.tables.looks import STRONG, Look
from riskengine.reports.tables.table import Table, number, said
from riskengine.reports.xlsx.book import Book, Page
from riskengine.reports.xlsx.table import Verdict, write_summary

#: A moment for workbooks of results without one, so that the bytes do not depend on the clock
FIXED = "2000-01-01T00:00:00"

_CHECKS = "Checks"
_HOLDS = "whether the tables agree with each other"

Write = Callable[[Page], object]
#: A sentence, or one with a look; a table whose header stays in view, or one under a heading; or
#: what writes itself
Part = str | tuple[str, Look] | Table | tuple[str, Table] | Write


class Sheet(NamedTuple):
    """One sheet of a workbook."""

    name: str
    holds: str  #: what the first sheet says about it
    widths: Sequence[float]  #: of its columns, in characters
    facts: str  #: under its title
    parts: Sequence[Part]  #: from top to bottom
    title: str = ""  #: if it is not the name


def written(
    sheets: Sequence[Sheet],
    agreements: Sequence[Agreement] | None = None,
    *,
    title: str = "",
    author: str = "riskengine",
    created: str = FIXED,
) -> bytes:
    """The bytes of a workbook; the same sheets give the same bytes.

    Parameters
    ----------
    sheets : sequence of Sheet
    agreements : sequence of Agreement, optional
        They get a sheet at the end, and a verdict in the next row of the first sheet.
    title, author, created : str
        Properties of the file: its title, if it is not that of the first sheet; who made it, when.

    Raises
    ------
    WorkbookFault
        If a sheet would need more rows than Excel has, or a cell more text.
    """
    book = Book(title or sheets[0].title, author, created)
    first, *_ = [write_sheet(book, sheet) for sheet in sheets]
    if agreements is not None:
        write_checks(book, first, agreements)
    return book.close()


def write_sheet(book: Book, sheet: Sheet) -> Page:
    """Add a sheet to a workbook."""
    page = book.page(sheet.name, sheet.widths)
    page.title(sheet.title or sheet.name, sheet.facts)
    for part in sheet.parts:
        match part:
            case str():
                page.paragraph(part)
            case Table():
                page.gap()
                page.long_table(part)
            case (words, Look() as look):
                page.paragraph(words, look)
            case (words, Table() as table):
                page.heading(words)
                page.table(table)
            case _:
                part(page)
    return page


def heading(words: str) -> Write:
    return lambda page: page.heading(words)


def contents(others: Iterable[Sheet], *, has_checks: bool = True) -> Write:
    """Links to the other sheets, each with a line on what is there."""
    holds = {sheet.name: sheet.holds for sheet in others}
    found = holds | ({_CHECKS: _HOLDS} if has_checks else {})
    return lambda page: page.contents(found)


def bullets(heading: str, sentences: Iterable[str], nothing: str = "") -> Part:
    """Sentences under a heading, each with a bullet; `nothing` where there are none."""
    return partial(write_bullets, heading=heading, sentences=sentences, nothing=nothing)


def write_bullets(page: Page, heading: str, sentences: Iterable[str], nothing: str = "") -> None:
    """The same, written at once."""
    page.heading(heading)
    lines = [f"•  {say(sentence)}" for sentence in sentences]
    for line in lines or [nothing]:
        page.paragraph(line)


def table_or(nothing: str, table: Table, *, empty: str = "") -> Part:
    """A table with a remark on its empty cells; a sentence where it has no rows."""
    return partial(Page.table, table=table, empty=empty) if table.rows else nothing


def shaded(table: Table, first: int = 1) -> Part:
    """A table under its title, whose figures from column `first` on are coloured by their size."""

    def write(page: Page) -> None:
        page.heading(table.title)
        page.colour_scale(page.table(table), first)

    return write


def write_checks(book: Book, summary: Page, rows: Sequence[Agreement]) -> None:
    """Write the sheet of checks, and whether all are fine into the next row of the first sheet."""
    says = ("all fine", "SEE THE SHEET CHECKS")
    found = _checks(book, rows)
    write_summary(summary, summary.row, "Checks of the tables:", found, FINE, says)
    summary.row += 1


def _checks(book: Book, rows: Sequence[Agreement]) -> list[Verdict]:
    page = book.page(_CHECKS, (70, 14, 14, 16))
    page.title(_CHECKS, "Each counts the cases that cannot be. None is fine.")
    page.gap()
    table = Table(
        key=_CHECKS,
        columns=[
            said("question", "What must hold"),
            number("looked_at", "Cases looked at", form=COUNT),
            number("wrong", "Cases wrong", form=COUNT),
            said("verdict", "Verdict", form=AFTER),
        ],
        rows=rows,
    )
    placed = page.table(table)
    column, verdicts = placed.position("verdict"), []
    for offset, row in enumerate(table.rows):
        at = placed.first_row + offset
        wrong = page.cell_at(at, placed.position("wrong"))
        formula = f'=IF({wrong}=0,"{say(FINE)}","{say(WRONG)}")'
        page.formula(at, column, formula, say(row.verdict), STRONG._replace(indent=1))
        verdicts.append(Verdict(placed.cell(offset, column), say(row.verdict)))
    return verdicts
