"""A concentration report as a page and as a workbook; the same scenario gives the same bytes."""

from __future__ import annotations

from riskengine.economies.concentration import Concentration
from riskengine.language.speaking import say, spoken
from riskengine.reports.concentration import tables as shown
from riskengine.reports.html.parts import (
    Html,
    Section,
    bullets,
    document,
    paragraph,
    paragraphs,
    table_html,
    text,
)
from riskengine.reports.tables.looks import STRONG
from riskengine.reports.tables.table import Table
from riskengine.reports.xlsx.sheets import Part, Sheet, contents, heading, table_or, written

PAGE, BOOK = "concentration.html", "concentration.xlsx"

_TITLE = "Who supplies what"
_EMPTY = "Empty cells: no such supplier, or not known."
_WIDE, _NARROW = (30, 58, 12), (30, 14, 14)  #: first columns of tables with a stage, and others


def concentration_files(found: Concentration) -> dict[str, bytes]:
    """The page and the workbook, by file name."""
    page = concentration_page(found).encode(errors="backslashreplace")
    return {PAGE: page, BOOK: concentration_workbook(found)}


def concentration_page(found: Concentration) -> Html:
    """The page, as HTML."""
    made = shown.tables(found, is_narrow=True)
    told = [*paragraphs(shown.sentences(found)), *map(table_html, made)]
    about = [paragraph(text(shown.RULE)), bullets(map(text, shown.ABOUT))]
    return document(
        f"{_TITLE}: {found.title}" if found.title else _TITLE,
        facts=[],
        sections=[
            Section("answer", "The answer", told),
            Section("about", "Where the figures come from", about),
        ],
        has_contents=False,
    )


def concentration_workbook(found: Concentration) -> bytes:
    """The bytes of an XLSX file.

    Raises
    ------
    WorkbookFault
        If a sheet would need more rows than Excel has.
    """
    others = [
        _sheet("Largest suppliers", "who is largest, in the world, in imports and in the scenario",
               shown.largest_table(found), _WIDE),
        _sheet("Supplier map", "shares of demand, materials by countries", shown.map_table(found),
               _NARROW),
        _sheet("Trend", "how the share of the largest supplier moved", shown.trend_table(found),
               _WIDE),
    ]  # fmt: skip
    parts: list[Part] = [heading("The answer")]
    parts += [(sentence, STRONG) for sentence in shown.sentences(found)]
    parts += [contents(others, has_checks=False)]
    parts += [heading("Where the figures come from"), shown.RULE, *shown.ABOUT]
    title = found.title or "A scenario without a title"
    return written([Sheet("Summary", "", (24, *[16.0] * 7), title, parts, _TITLE), *others])


def _sheet(name: str, holds: str, table: Table, first: tuple[float, ...]) -> Sheet:
    widths = (*first, *[16.0] * max(len(table.columns) - len(first), 0))
    facts = f"{say(f'{table.title}.')}{spoken().gap}{say(table.remark)}".strip()
    return Sheet(name, holds, widths, facts, [table_or("Nothing is known.", table, empty=_EMPTY)])
