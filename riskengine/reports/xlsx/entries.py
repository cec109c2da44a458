"""A sheet that people fill in: a table from the first row on, with help at its headings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from riskengine.reports.tables.looks import HEADER, TEXT_HEADER, Look
from riskengine.reports.xlsx.book import Page, WorkbookFault
from riskengine.reports.xlsx.text import one_line

Entry = str | float | int | bool | date | None

SPARE_ROWS = 200  #: below a table, with its drop-down lists: rows to add
_LONGEST_LIST = 255  #: characters of a drop-down list that is no range of cells
_LONGEST_TITLE, _LONGEST_MESSAGE = 32, 255  #: characters, in Excel
_LETTERS_A_LINE = 42  #: of a comment as wide as ours
_COMMENT_WIDTH = 300
_LINE_HEIGHT = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryHeading:
    """A column to fill in."""

    title: str
    unit: str  #: below the title
    help: str  #: the comment of the heading
    look: Look
    width: float
    is_text: bool = False
    is_name: bool = False  #: it stays in view
    choices: Sequence[str] | str = ()  #: of the drop-down list; or a range of cells
    least: float | None = None  #: of its numbers
    most: float | None = None

    @property
    def text(self) -> str:
        """Title and unit, as the cell holds them."""
        return f"{self.title}\n{self.unit}" if self.unit else self.title


class Dressed(NamedTuple):
    """A cell that looks otherwise than its column."""

    entry: Entry
    look: Look


class EntryPage(Page):
    """A sheet that people fill in."""

    def entries(
        self,
        key: str,
        headings: Sequence[EntryHeading],
        rows: Sequence[Sequence[Entry | Dressed]],
    ) -> None:
        """Write the table of the sheet, with comments at its headings and drop-down lists.

        Parameters
        ----------
        key : str
            Name of the table in the workbook.
        headings : sequence of EntryHeading
        rows : sequence of sequence
            An empty cell is None.
        """
        last = max(len(rows), 1)
        for column, heading in enumerate(headings):
            self.comment(0, column, heading.help)
            self._validate(1, last + SPARE_ROWS, column, heading)
            for row, cells in enumerate(rows or [[None] * len(headings)], start=1):
                self.enter(row, column, cells[column], heading.look)
        self._heading_row(key, headings, last)
        self._sheet.hide_gridlines(0)
        self._sheet.freeze_panes(1, sum(heading.is_name for heading in headings))
        self._sheet.repeat_rows(0)
        self._sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{last + SPARE_ROWS}"})
        self.row = last

    def _heading_row(self, key: str, headings: Sequence[EntryHeading], last: int) -> None:
        looks = [TEXT_HEADER if heading.is_text else HEADER for heading in headings]
        columns = [
            {"header": heading.text, "header_format": self.book.format(look)}
            for heading, look in zip(headings, looks, strict=True)
        ]
        options = {
            "name": self.book.names.new(key),
            "style": "Table Style Light 1",
            "banded_rows": False,
            "columns": columns,
        }
        if self._sheet.add_table(0, 0, last, len(headings) - 1, options):
            raise WorkbookFault(
                f"the sheet {self.name} cannot hold its table. Nothing was written."
            )
        for column, heading in enumerate(headings):
            self.grow(0, column, heading.text)

    def enter(self, row: int, column: int, entry: Entry | Dressed, look: Look) -> None:
        """Write one cell as it is meant: a number, a text, a date, true or false."""
        if isinstance(entry, Dressed):
            entry, look = entry
        form = self.book.format(look)
        if isinstance(entry, str) and look.wrap:
            self.grow(row, column, entry)
        if isinstance(entry, bool):
            self._sheet.write_boolean(row, column, entry, form)
        elif isinstance(entry, date):
            self._sheet.write_datetime(row, column, entry, form)
        else:
            self.put(row, column, entry, look)

    def comment(self, row: int, column: int, text: str) -> None:
        """Explain a cell; the text shows when the pointer is over it."""
        if not text:
            return
        lines = sum(-(-len(line) // _LETTERS_A_LINE) for line in text.split("\n"))
        size = {"width": _COMMENT_WIDTH, "height": _LINE_HEIGHT * lines + 14}
        self._sheet.write_comment(row, column, text, {"author": "riskengine", **size})

    def _validate(self, first: int, last: int, column: int, heading: EntryHeading) -> None:
        options = list_rule(heading.choices) or limits_rule(heading.least, heading.most)
        if options:
            self.validate(first, last, column, options, heading.title, heading.help)

    def validate(
        self, first: int, last: int, column: int, options: dict[str, object], title: str, text: str
    ) -> None:
        """Guide what is typed into some cells; what does not fit is questioned, never refused."""
        rule = {
            **options,
            "ignore_blank": True,
            "input_title": one_line(title)[:_LONGEST_TITLE],
            "input_message": text[:_LONGEST_MESSAGE],
            "error_type": "warning",
        }
        if self._sheet.data_validation(first, column, last, column, rule):
            raise WorkbookFault(f"the sheet {self.name} cannot hold a drop-down list.")


def list_rule(choices: Sequence[str] | str) -> dict[str, object]:
    """A drop-down list of words, or of the cells of a range; nothing if the list is too long."""
    if isinstance(choices, str):
        return {"validate": "list", "source": choices} if choices else {}
    fits = len(",".join(choices)) <= _LONGEST_LIST and not any("," in word for word in choices)
    return {"validate": "list", "source": list(choices)} if choices and fits else {}


def limits_rule(least: float | None, most: float | None) -> dict[str, object]:
    """The range of numbers."""
    if least is not None and most is not None:
        between = {"criteria": "between", "minimum": least, "maximum": most}
        return {"validate": "decimal", **between}
    if least is not None:
        return {"validate": "decimal", "criteria": ">=", "value": least}
    return {}
