"""Leaves out the rows and cells that a sheet only formats, of which there may be millions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import IO

_BLOCK = 1 << 20
_ROW = b"<row "
_PLACED = b'r="'  #: how the attributes of a row or cell begin that says its own place
_CELL = b'<c r="'
_EMPTY_CELLS = re.compile(rb'<c r="[A-Z]{1,3}[1-9][0-9]{0,6}"(?: s="[0-9]+")?/>(?=<c r="|</row>)')


class ThinnedSheet:
    """A stream of a sheet's XML without rows that have no content, and most empty cells.

    Rows are left out only while every row says its own number, so nothing else moves. `take` is
    given each row, without `<row `; a row is left out as well if it says that it has read it.
    """

    def __init__(self, stream: IO[bytes], take: Callable[[bytes], bool]) -> None:
        self._stream, self._take = stream, take
        self._left = b""  #: read already, but not handed on
        self._last = b""  #: the last byte that was read
        self._is_plain = True
        self._ended = False

    def read(self, size: int = -1) -> bytes:
        """The next piece, of whatever size; empty at the end."""
        while not self._ended:
            block = self._stream.read(_BLOCK)
            self._ended = not block
            data = self._left + block
            # In a comment, and in CDATA, anything may look like a row.
            self._is_plain = self._is_plain and b"<!" not in self._last + data
            self._last = data[-1:]
            thinned = self._thinned(data) if self._is_plain else None
            kept, self._left = thinned or (data, b"")
            if kept:
                return kept
        return b""

    def _thinned(self, data: bytes) -> tuple[bytes, bytes] | None:
        """The data up to the last row, and that row; None if a row does not say its number."""
        before, *rows = data.split(_ROW)
        if not rows:
            return None
        if len(rows[-1]) < len(_PLACED) and not self._ended:
            return b"", data  # the number of the last row has not been read yet
        if not all(row.startswith(_PLACED) for row in rows):
            self._is_plain = False
            return None
        last = _ROW + rows.pop()
        if self._ended:
            before, rows, last = data, [], b""
        kept = [
            _without_empty_cells(row) for row in rows if not (_is_empty(row) or self._take(row))
        ]
        return b"".join([before, *(_ROW + row for row in kept)]), last


def _without_empty_cells(row: bytes) -> bytes:
    """A row without cells that are only formatted, up to the first that says its own place."""
    return _EMPTY_CELLS.sub(b"", row) if b'"/>' in row else row


def _is_empty(row: bytes) -> bool:
    """Whether all cells of a row are empty, whatever their format."""
    tags = row.count(b"<")
    if tags == 0:
        return True
    if b"<v" in row or b" t=" in row:
        return False
    tags -= row.count(_CELL) + 1  # the end of the row
    return tags == 0 or (tags > 0 and tags == row.count(b"</c>"))
