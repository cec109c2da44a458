"""A config as a workbook that people edit: a sheet for each table, in the order of the story."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from riskengine.config.layers.settings import setting_key
from riskengine.config.schema.keys import SCHEMA, node_at
from riskengine.config.schema.kinds import ANNOTATIONS, Free, KeyedTable, Map, Node, Text
from riskengine.config.schema.scalars import is_number
from riskengine.config.schema.sheets import ROW_KINDS, RUN_SHEET
from riskengine.config.standalone import OtherTable
from riskengine.config.sweeps.reading import SETTINGS
from riskengine.config.tabular.cells import Cell, cell_of_value
from riskengine.config.tabular.layout import EntryTable, entry_table, rest_of
from riskengine.reports.inputs.headings import WORDS, choices_of, heading, setting_words
from riskengine.reports.tables.looks import GREY, TITLE, Look
from riskengine.reports.xlsx.book import Book
from riskengine.reports.xlsx.entries import Dressed, EntryHeading, EntryPage, list_rule
from riskengine.reports.xlsx.text import one_line

NOTES_SHEET = "Notes"  #: a config leaves it alone
LONGEST_SHEET = 31  #: characters of the name of a sheet

_WITH_SETTINGS = ("sweep", "mitigation")
#: tables without a sheet unless they have rows
_USUAL = ("pools", "propagation", "sweep", "mitigation")
_GUIDE = (
    "Each sheet is a table of the scenario. Blue cells on pale yellow are for you to change. Add "
    "rows below, delete rows, leave a cell empty: the default then applies.",
    "Point at a heading to read what its column means, in which unit, and what is allowed. Columns "
    "may come in any order. A column that is not known is reported, with the nearest name.",
    "Percentages are typed as such: 95% is 0.95. Money is in the unit that the sheet Run names. "
    "Durations are days.",
    "A cell in braces holds a distribution as in a TOML file, such as "
    "{ pert = { low = 0, mode = 39, high = 99 } }. A list is in brackets, such as [0, 30, 60].",
    "A number that is written as text has more digits than a spreadsheet keeps. It is read exactly "
    "as it stands.",
    "riskengine check FILE lists every mistake with its cell; --annotate COPY marks them in a "
    "copy. riskengine run FILE plays the scenario.",
    "This sheet is yours, and so is every sheet whose name begins with Notes or an underscore: "
    "nothing reads them.",
)
_NUMBER_AS_TEXT = (
    "Written as text: a spreadsheet keeps 15 digits, and this number has more. It is read exactly "
    "as it stands here; type over it to change it."
)


_NOTE = Text(free=True, lines=True)
_KEY = Look(bold=True, align="left")
_REMARK = Look(colour=GREY, align="left", wrap=True)
_COLUMNS = {
    "key": "The setting: a key of [run], or the path of another setting.",
    "value": "What it is; the default applies where the cell is empty.",
    "unit": "Its unit. Nothing reads this column.",
    "note": "What it means. Nothing reads this column.",
}
_LOOKS = (_KEY, WORDS, _REMARK, _REMARK)
_WIDTHS = (26.0, 44.0, 22.0, 90.0)


class _Setting(NamedTuple):
    """A row of the sheet of settings."""

    path: tuple[str, ...]
    node: Node | None
    value: Any


def config_workbook(
    document: Mapping[str, Any],
    whole: Mapping[str, Any],
    others: Sequence[OtherTable],
    created: str,
    remarks: Sequence[str] = (),
) -> bytes:
    """A document as a workbook from which the same document is read.

    Parameters
    ----------
    document, whole : mapping
        The document, and the same with what it extends.
    others : sequence of OtherTable
        Tables that a sweep or an option reads in place of those of the document.
    created : str
        A moment as ISO text.
    remarks : sequence of str
        What the reader should know of this config; they come first in the sheet of notes.

    Raises
    ------
    CellLimit
        When a value is too long for a cell.
    """
    title = one_line(str(whole.get("run", {}).get("title", ""))) or "A scenario of riskengine"
    book = Book(title, "riskengine", created)
    tables = {name: entry_table(name, document, whole) for name in ROW_KINDS}
    shown = {n: table for n, table in tables.items() if table.rows or n not in _USUAL}
    _settings(book, list(_run_rows(document)))
    for table in shown.values():
        _sheet(book, table, shown)
        for other in others:
            if other.table == table.name and other.version:
                name = other_sheet(other.table, other.version)
                _sheet(book, entry_table(other.table, other.document, whole, name), shown)
    _notes(book, title, remarks)
    return book.close()


def other_sheet(table: str, version: str) -> str:
    """The sheet of a table that stands in for another: a name that Excel allows."""
    usual = ROW_KINDS[table].sheet
    kept = "".join("-" if c in "[]:*?/\\'" or not c.isprintable() else c for c in version)
    return f"{usual}-{kept}"[:LONGEST_SHEET].rstrip() if version else usual


def _run_rows(document: Mapping[str, Any]) -> Iterator[_Setting]:
    """The settings: those of a run whether they are given or not, and what stands in no table."""
    rest = rest_of(document)
    tables = dict.fromkeys(("run", *(path[0] for path in rest if path[0] in _WITH_SETTINGS)))
    known = [path for table in tables for path in _keys(table)]
    first = [path for path in rest if path[0] == "extends"]
    for path in dict.fromkeys((*first, *known, *rest)):
        yield _Setting(path, _node(path), rest.get(path))


def _keys(table: str) -> Iterator[tuple[str, ...]]:
    """The keys of a table whose values stand in one cell each."""
    node = SETTINGS if table == "sweep" else SCHEMA.keys[table]
    for key, child in node.keys.items() if isinstance(node, KeyedTable) else ():
        if not isinstance(child, Map | Free):
            yield table, key


def _node(path: tuple[str, ...]) -> Node | None:
    if path[0] == "sweep" and len(path) > 1:
        return SETTINGS.keys.get(path[1], _NOTE)
    return node_at(path) or (_NOTE if path[-1] in ANNOTATIONS else None)


def _settings(book: Book, settings: Sequence[_Setting]) -> None:
    page = book.sheet(EntryPage, RUN_SHEET, _WIDTHS)
    headings = [
        EntryHeading(title=title, unit="", help=text, look=look, width=width, is_text=True,
                     is_name=title == "key")
        for (title, text), look, width in zip(_COLUMNS.items(), _LOOKS, _WIDTHS, strict=True)
    ]  # fmt: skip
    rows = []
    for row, setting in enumerate(settings, start=1):
        unit, words, look = setting_words(setting.node, setting.value)
        cell = cell_of_value(setting.node, setting.value)
        rows.append([setting_key(setting.path), Dressed(cell, look), unit or None, words or None])
        _mark_text(page, row, 1, setting.value, cell)
        rule = list_rule(choices_of(setting.node))
        if rule:
            page.validate(row, row, 1, rule, setting.path[-1], words)
    page.entries(RUN_SHEET, headings, rows)


def _sheet(book: Book, table: EntryTable, shown: Mapping[str, EntryTable]) -> None:
    headings = [heading(table, column, shown) for column in table.columns]
    page = book.sheet(EntryPage, table.sheet, [each.width for each in headings])
    page.entries(table.sheet, headings, table.rows)
    for row, column, value in table.exact:
        _mark_text(page, row + 1, column, value, table.rows[row][column])


def _mark_text(page: EntryPage, row: int, column: int, value: Any, cell: Cell) -> None:
    """Explain a number that is written as text."""
    if is_number(value) and isinstance(cell, str):
        page.comment(row, column, _NUMBER_AS_TEXT)


def _notes(book: Book, title: str, remarks: Sequence[str]) -> None:
    page = book.page(NOTES_SHEET, (110.0,))
    page.put(0, 0, title, TITLE)
    page.row = 2
    for text in (*remarks, *_GUIDE):
        page.paragraph(text)
