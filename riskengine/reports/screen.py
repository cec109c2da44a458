"""Tables as text: drawn by rich on a terminal, plain and aligned everywhere else."""

from __future__ import annotations

import io
import textwrap
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from riskengine.errors import escaped
from riskengine.model.notices import Notice
from riskengine.reports.tables.table import Column, Table

if TYPE_CHECKING:
    from rich.table import Table as RichTable

_GAP = "  "
_WRAP = 96
_BORDER = 3  #: columns that rich puts around a cell


def plain_text(tables: Iterable[Table]) -> str:
    """Tables with aligned columns, for a file, a pipe or a terminal that cannot draw."""
    return "\n\n".join(_plain_table(table) for table in tables)


def drawn_text(tables: Iterable[Table], *, width: int, colour: bool) -> str:
    """Tables as rich draws them, with lines and bold headings, for a terminal of this width."""
    from rich.console import Console

    # Drawn into a string, so that a single place writes to stdout and handles its errors. Markup
    # and emoji are off, because a name may be "[red]" or ":bomb:".
    console = Console(
        file=io.StringIO(),
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        markup=False,
        highlight=False,
        emoji=False,
    )
    with console.capture() as capture:
        for table in tables:
            if sum(_least_widths(table)) > width - _BORDER:
                # Too wide to draw: rich would cut figures off, whereas plain lines run on.
                console.print(_plain_table(table) + "\n", soft_wrap=True)
                continue
            # Not as the table's own title, which rich would wrap to the width of the table.
            console.print(escaped(table.title), style="bold")
            console.print(_rich_table(table, width - _BORDER))
            if table.remark:
                console.print(f" {table.remark}\n")
    return "\n".join(line.rstrip() for line in capture.get().splitlines()).rstrip("\n")


def can_draw(is_terminal: bool, environment: Mapping[str, str]) -> bool:
    """Whether tables are drawn at all, which takes a terminal that is not dumb."""
    return is_terminal and environment.get("TERM", "") not in ("dumb", "unknown")


def wants_colour(environment: Mapping[str, str]) -> bool:
    """Whether to use colour: NO_COLOR, if set and not empty, turns it off (no-color.org)."""
    return not environment.get("NO_COLOR")


def notice_text(notices: Sequence[Notice]) -> str:
    """Notices as a list, wrapped; empty when there are none."""
    if not notices:
        return ""
    lines = [
        textwrap.fill(
            escaped(notice.message),
            _WRAP,
            initial_indent="- ",
            subsequent_indent="  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for notice in notices
    ]
    return "\n".join(["Please note:", *lines])


def width_of(line: str) -> int:
    """Columns that a text takes on a terminal: East Asian characters take two, accents none.

    >>> width_of("gallium"), width_of(chr(0xAC08) + chr(0xB968))
    (7, 4)
    """
    if line.isascii():
        return len(line)  # a shortcut for most texts: workbooks measure hundreds of thousands
    return sum(_character_width(character) for character in line)


def _character_width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _plain_table(table: Table) -> str:
    headings = [column.heading for column in table.columns]
    rows = ([headings] if any(headings) else []) + table.texts()
    widths = [max(map(width_of, cells)) for cells in zip(*rows, strict=True)] if rows else []
    lines = [escaped(table.title)]
    for row in rows:
        cells = [
            _pad(cell, width, is_left=column.is_text)
            for cell, width, column in zip(row, widths, table.columns, strict=True)
        ]
        lines.append((_GAP + _GAP.join(cells)).rstrip())
    if table.remark:
        lines.append(f"{_GAP}{table.remark}")
    return "\n".join(lines)


def _pad(cell: str, width: int, *, is_left: bool) -> str:
    space = " " * (width - width_of(cell))
    return cell + space if is_left else space + cell


def _least_widths(table: Table) -> list[int]:
    """The least width of each column: words of names and headings may wrap, figures must not."""
    widths = []
    for column, cells in _cells_by_column(table):
        pieces = column.heading.split()
        pieces += [word for cell in cells for word in cell.split()] if column.is_text else cells
        widths.append(max(map(width_of, pieces), default=0) + _BORDER)
    return widths


def _fitted_widths(table: Table, width: int) -> list[int]:
    """The width of each column: its whole text, or less, taken from columns with most to spare.

    Not left to rich, which may shrink a column below its figures and cut them off.
    """
    least = _least_widths(table)
    widths = [
        max(map(width_of, [column.heading, *cells])) + _BORDER
        for column, cells in _cells_by_column(table)
    ]
    while sum(widths) > width:
        spare = [wide - narrow for wide, narrow in zip(widths, least, strict=True)]
        widths[spare.index(max(spare))] -= 1
    return widths


def _cells_by_column(table: Table) -> list[tuple[Column, list[str]]]:
    texts = table.texts()
    return [(column, [row[k] for row in texts]) for k, column in enumerate(table.columns)]


def _rich_table(table: Table, width: int) -> RichTable:
    from rich import box
    from rich.table import Table as RichTable

    headings = any(column.heading for column in table.columns)
    drawn = RichTable(box=box.SIMPLE_HEAD if headings else box.SIMPLE, show_header=headings)
    for column, room in zip(table.columns, _fitted_widths(table, width), strict=True):
        drawn.add_column(
            column.heading,
            justify="left" if column.is_text else "right",
            overflow="fold",
            width=room - _BORDER,
        )
    for row in table.texts():
        drawn.add_row(*row)
    return drawn
