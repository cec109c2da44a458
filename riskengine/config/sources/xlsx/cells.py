"""The typed cells of a sheet, which may be stored in any order.

Only cells with content are kept. Content that is not a valid value (an error, a formula that was
never calculated, a malformed number) is kept as a fault.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from riskengine.config.layers.layers import cell_name
from riskengine.config.sources.grids import (
    MOST_BAD,
    MOST_CELLS,
    MOST_ROWS,
    BadValueError,
    CellError,
    error_value,
    is_error,
)
from riskengine.config.sources.xlsx.elements import Begin, End, XmlError, walk
from riskengine.config.sources.xlsx.formats import read_iso, read_moment
from riskengine.config.sources.xlsx.thinning import ThinnedSheet

MOST_MERGED = 100_000  #: areas of merged cells
MOST_CHARACTERS = 50_000_000  #: of all texts of a sheet
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384  #: of any spreadsheet: XFD1048576

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_COLUMNS = {
    "".join(letters): number
    for number, letters in enumerate((*_LETTERS, *itertools.product(_LETTERS, repeat=2)))
}  #: numbers of the first columns, A to ZZ
_PLAIN = (  # a cell, @ for a group: its value has no references and no tags
    r'<c r="@[A-Z]{1,2})@[1-9][0-9]{0,6})"(?: s="@[0-9]{1,5})")?(?: t="@[bns]|str)")?'
    r"(?:/>|><v>@[\x20-\x25\x27-\x3b=\x3f-\x7e]{0,300})</v></c>)"
)
_PLAIN_CELL = re.compile(_PLAIN.replace("@", "("))
_PLAIN_ROW = re.compile(
    rb'r="([1-9][0-9]{0,6})"(?: [A-Za-z0-9:]+="[^"<>&]*")*>((?:%b)*)</row>\s*'
    % _PLAIN.replace("@", "(?:").encode()
)
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_SAVE = "open the workbook in a spreadsheet and save it"
_LOST = ("refers to a text that is not stored", "a value", _SAVE)


class _Shared(int):
    """The number of a shared text; a placeholder until the text is read."""


@dataclass(slots=True, kw_only=True)
class SheetCells:
    """The non-empty cells of one sheet."""

    formats: Sequence[str]
    counts_from_1904: bool
    bad: dict[tuple[int, int], CellError] = field(default_factory=dict)
    shared: dict[int, _Shared] = field(default_factory=dict)  #: texts that cells refer to
    _rows: dict[int, list[Any]] = field(default_factory=dict)
    _slots: int = 0  #: of all rows, each up to its last cell
    _characters: int = 0
    _merged: list[str] = field(default_factory=list)
    _kinds: dict[str, str] = field(default_factory=dict)  #: what numbers mean, by style
    _row: int = 0  #: of the row or cell read last
    _begun: int = 0  #: the row that was begun
    _row_text: str = ""  #: its number as it is written there; empty if it is not
    _column: int = -1
    _reference: str | None = None  #: of that cell, until it is located
    _cell: Mapping[str, str] | None = None  #: attributes of the open cell
    _value: str | None = None  #: of the open cell; None until there is one
    _texts: list[str] | None = None  #: of the open cell; None unless it holds a text of its own
    _is_formula: bool = False
    _is_phonetic: bool = False

    @classmethod
    def read(
        cls, stream: IO[bytes], formats: Sequence[str], *, counts_from_1904: bool
    ) -> SheetCells:
        """The cells of a part.

        Parameters
        ----------
        stream : binary stream
        formats : sequence of str
            By style: what its numbers show, as `read_formats` returns it.
        counts_from_1904 : bool
            Whether days are counted from 1904 rather than from 1900.

        Raises
        ------
        XmlError
            When the part is damaged or exceeds a limit.
        CellError
            When a cell has no valid place or appears twice, or there are too many cells.
        """
        cells = cls(formats=formats, counts_from_1904=counts_from_1904)
        begins: dict[str, Begin] = {
            "row": cells._begin_row,
            "c": cells._begin_cell,
            "f": cells._begin_formula,
            "is": cells._begin_texts,
            "rPh": cells._begin_phonetic,
            "mergeCell": cells._merge,
        }
        ends: dict[str, End] = {
            "v": cells._end_value,
            "t": cells._end_text,
            "rPh": cells._end_phonetic,
            "c": cells._end_cell,
        }
        walk(ThinnedSheet(stream, cells._take), begins, ends)
        cells._mark_merged()
        return cells

    def _take(self, row: bytes) -> bool:
        """Read a row in the notation that nearly all rows have; return whether it has it."""
        match = _PLAIN_ROW.fullmatch(row)
        if match is None:
            return False
        found = _PLAIN_CELL.findall(match[2].decode("ascii"))
        name = match[1].decode("ascii")
        if int(name) > LAST_ROW or any(own != name or c not in _COLUMNS for c, own, *_ in found):
            return False
        self._texts, self._is_formula = None, False
        for letters, _, style, kind, self._value in found:
            if self._value:
                self._row, self._column = int(name), _COLUMNS[letters]
                self._finish({"s": style or "0", "t": kind or "n"})
        return True

    @property
    def has_any(self) -> bool:
        """Whether any cell has content; errors count."""
        return bool(self._rows or self.bad)

    def rows(self, strings: Mapping[int, str]) -> list[Sequence[Any]]:
        """All rows up to the last one with content, with the shared texts filled in."""
        rows: list[Sequence[Any]] = [()] * max(self._rows, default=1)
        for number, cells in self._rows.items():
            for column, value in enumerate(cells):
                if isinstance(value, _Shared):
                    text = cells[column] = strings.get(value)
                    if text is None or is_error(text):
                        bad = BadValueError(*_LOST) if text is None else error_value(text)
                        self._mark(number, column, bad)
                        cells[column] = None
            rows[number - 1] = cells
        return rows

    def _begin_row(self, attributes: Mapping[str, str]) -> None:
        given = attributes.get("r")
        if given is None:
            self._row += 1
        elif given.isascii() and given.isdigit() and 0 < int(given[:8]) <= LAST_ROW:
            self._row = int(given)
        else:
            raise XmlError(f"holds a row numbered {given[:20]!r}")
        self._row_text = given if given and given[0] != "0" else ""
        self._begun = self._row
        self._column, self._reference = -1, None

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        self._cell, self._value, self._texts = attributes, None, None
        self._is_formula = self._is_phonetic = False
        given = attributes.get("r")
        if given is None:
            self._locate()
            self._row, self._column = max(self._row, 1), self._column + 1
        self._reference = given

    def _locate(self) -> None:
        """Find row and column of the last cell read; on demand, as most empty cells need none."""
        given, self._reference = self._reference, None
        if given is not None:
            column = _COLUMNS.get(given.removesuffix(self._row_text)) if self._row_text else None
            if column is not None:  # in the row that was begun
                self._row, self._column = self._begun, column
                return
            match = _REFERENCE.fullmatch(given)
            if match is None:
                raise XmlError(f"holds a cell named {given[:20]!r} in or near row {self._row:,}")
            self._row, self._column = int(match[2]), _column(match[1])
        if self._row > LAST_ROW or self._column >= LAST_COLUMN:
            where = cell_name(self._row, self._column)
            raise XmlError(f"holds the cell {where}, beyond XFD1048576, the last of any sheet")

    def _begin_formula(self, _: Mapping[str, str]) -> None:
        self._is_formula = True

    def _begin_texts(self, _: Mapping[str, str]) -> None:
        self._texts = []

    def _begin_phonetic(self, _: Mapping[str, str]) -> None:
        self._is_phonetic = True

    def _end_phonetic(self, _: str) -> None:
        self._is_phonetic = False

    def _end_value(self, text: str) -> None:
        self._value = text

    def _end_text(self, text: str) -> None:
        if self._texts is not None and not self._is_phonetic:
            self._texts.append(text)

    def _merge(self, attributes: Mapping[str, str]) -> None:
        self._merged.append(attributes.get("ref", ""))
        if len(self._merged) > MOST_MERGED:
            raise XmlError(f"has more than {MOST_MERGED:,} merged areas")

    def _end_cell(self, _: str) -> None:
        if self._cell is None:
            return
        cell, self._cell = self._cell, None
        is_empty = self._value is None and self._texts is None and not self._is_formula
        if is_empty and cell.get("t") != "e":
            return  # formatted, but empty
        self._locate()
        self._finish(cell)

    def _finish(self, cell: Mapping[str, str]) -> None:
        """Keep the value of a cell whose place is known, or its fault."""
        try:
            value = self._read(cell)
        except BadValueError as bad:
            self._mark(self._row, self._column, bad)
            return
        if value is not None and value != "":
            self._put(value)

    def _put(self, value: Any) -> None:
        row, column = self._row, self._column
        if row > MOST_ROWS:
            raise CellError(row, column, "stands too far down", f"at most {MOST_ROWS:,} rows")
        cells = self._rows.get(row)
        if cells is None:
            cells = self._rows[row] = []
        missing = column + 1 - len(cells)
        if missing > 0:
            self._slots += missing
            if self._slots > MOST_CELLS:
                found = f"{self._slots:,} cells are spanned up to here"
                raise CellError(row, column, found, f"at most {MOST_CELLS:,}")
            if missing == 1:
                cells.append(value)
                return
            cells.extend([None] * missing)
        elif cells[column] is not None or (row, column) in self.bad:
            raise CellError(row, column, "is given twice", "each cell once", _SAVE)
        cells[column] = value

    def _mark(self, row: int, column: int, bad: BadValueError) -> None:
        if len(self.bad) >= MOST_BAD:
            raise XmlError(f"holds more than {MOST_BAD:,} cells without a value")
        self.bad[row, column] = CellError(row, column, bad.found, bad.allowed, bad.hint)

    def _read(self, cell: Mapping[str, str]) -> Any:
        """The value of the open cell; None when it is empty."""
        kind = cell.get("t", "n")
        if self._texts is not None:
            return self._text("".join(self._texts))
        if self._value and not self._value.isspace():
            if kind == "s":
                return self._shared_text(self._value.strip())
            if kind == "n":
                return self._number(cell, self._value.strip())
        if kind == "e":
            raise error_value(self._value or "")
        if self._is_formula and not self._value and not (kind == "str" and self._value == ""):
            raise BadValueError("holds a formula without a stored value", "a value", _SAVE)
        text = self._value
        if kind in ("str", "inlineStr"):
            return self._text(text or "")
        if not text or text.isspace():
            return None
        if kind == "b":
            return _flag(text.strip())
        if kind == "d":
            return read_iso(text.strip())
        raise BadValueError(f"is of the unknown kind {kind[:20]!r}", "a value", _SAVE)

    def _text(self, text: str) -> str:
        self._characters += len(text)
        if self._characters > MOST_CHARACTERS:
            raise XmlError(f"holds texts of more than {MOST_CHARACTERS:,} characters")
        if is_error(text):
            raise error_value(text)
        return _unescaped(text)

    def _shared_text(self, text: str) -> _Shared:
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise BadValueError(*_LOST)
        number = int(text)
        found = self.shared.get(number)
        if found is None:
            found = self.shared[number] = _Shared(number)
        return found

    def _number(self, cell: Mapping[str, str], text: str) -> Any:
        try:  # Python accepts more spellings of a number than spreadsheets do
            number = float(text) if text.isascii() and "_" not in text else math.nan
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise BadValueError(f"holds {text[:20]!r}, which is no number", "a number")
        style = cell.get("s", "0")
        kind = self._kinds.get(style)
        if kind is None:
            kind = self._kinds[style] = self._kind(style)
        if kind == "number":
            return number or 0.0
        return read_moment(number, kind, counts_from_1904=self.counts_from_1904)

    def _kind(self, style: str) -> str:
        known = style.isascii() and style.isdigit() and int(style[:8]) < len(self.formats)
        return self.formats[int(style)] if known else "number"

    def _mark_merged(self) -> None:
        """Report cells that a merged area covers: they look filled, but are empty."""
        areas = [area for ref in self._merged if (area := _area(ref)) is not None]
        left = MOST_CELLS
        width = max(map(len, self._rows.values()), default=0)
        for top, first, bottom, last in areas:
            anchor = self._rows.get(top, ())
            if first >= len(anchor) or anchor[first] is None:
                continue
            last, bottom = min(last, width - 1), min(bottom, max(self._rows))
            left -= len(range(top, bottom + 1)) * len(range(first, last + 1))
            if left < 0:
                raise XmlError("merges too many cells")
            self._mark_area(top, first, bottom, last)

    def _mark_area(self, top: int, first: int, bottom: int, last: int) -> None:
        found = f"is empty: it is merged with {cell_name(top, first)}"
        bad = BadValueError(found, "a value in each cell", "unmerge the cells and fill each one")
        for row in range(max(top, 2), bottom + 1):
            cells = self._rows.get(row, ())
            for column in range(first, last + 1) if cells else ():
                if column >= len(cells) or cells[column] is None:
                    self._mark(row, column, bad)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1


def _area(reference: str) -> tuple[int, int, int, int] | None:
    """Top row, first column, bottom row and last column; None if the text is not an area."""
    start, _, stop = reference.partition(":")
    corners = _REFERENCE.fullmatch(start), _REFERENCE.fullmatch(stop)
    if corners[0] is None or corners[1] is None:
        return None
    return int(corners[0][2]), _column(corners[0][1]), int(corners[1][2]), _column(corners[1][1])


def _unescaped(text: str) -> str:
    """A text with escapes such as `_x000D_` replaced by the characters that XML cannot hold."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _flag(text: str) -> bool:
    if text not in ("0", "1", "false", "true"):
        raise BadValueError(
            f"holds {text[:20]!r}, which is neither true nor false", "true or false"
        )
    return text in ("1", "true")


def read_strings(stream: IO[bytes], sought: Container[int]) -> dict[int, str]:
    """The requested shared texts of a workbook, by number.

    Raises
    ------
    XmlError
        When the part is damaged or exceeds a limit.
    """
    found: dict[int, str] = {}
    texts: list[str] = []
    number, characters, phonetic = -1, 0, False

    def begin(_: Mapping[str, str]) -> None:
        nonlocal number
        number += 1
        texts.clear()

    def set_phonetic(begins: bool) -> Callable[[object], None]:
        def act(_: object) -> None:
            nonlocal phonetic
            phonetic = begins

        return act

    def end_text(text: str) -> None:
        nonlocal characters
        if number in sought and not phonetic:
            texts.append(text)
            characters += len(text)
            if characters > MOST_CHARACTERS:
                raise XmlError(f"holds texts of more than {MOST_CHARACTERS:,} characters")

    def end(_: str) -> None:
        if number in sought:
            found[number] = _unescaped("".join(texts))

    begins: dict[str, Begin] = {"si": begin, "rPh": set_phonetic(True)}
    walk(stream, begins, {"t": end_text, "rPh": set_phonetic(False), "si": end})
    return found
