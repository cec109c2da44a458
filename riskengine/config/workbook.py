"""Sheets of XLSX workbooks, read with care: archives that swell, cells without a value.

The archive is unpacked here under a limit, and only what a sheet needs is handed to the reader,
because sizes declared in an archive may lie. The sheet's own text is searched for what the reader
would pass over as empty: error cells, and formulas that were never calculated.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from html import unescape
from typing import Any

from riskengine.config.files import File, UnreadableError
from riskengine.config.grids import MOST_ROWS, CellError, Grid
from riskengine.model.spelling import Speller

MOST_BYTES = 200_000_000  #: of the unpacked archive
MOST_RATIO = 300  #: by which a large part may swell
MOST_CELLS = 10_000_000  #: of the rectangle that a sheet spans
_LARGE = 10_000_000  #: parts below this size may swell as they like

_NEEDED = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/(?:workbook|styles|sharedStrings)\.xml"
    r"|xl/_rels/workbook\.xml\.rels|xl/worksheets/[^/]+\.xml",
    re.IGNORECASE,
)
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_REFERENCE = re.compile(rb"\br\s*=\s*[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")
_ERROR = re.compile(rb"\bt\s*=\s*[\"']e[\"']")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_STORED = re.compile(rb"<(?:\w+:)?(?:v[^>/]*>[^<]|is\b)")
_SHEET = re.compile(r"<(?:\w+:)?sheet\b[^>]*>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\b[^>]*>")


def read_sheet(file: File, name: str | None) -> Grid:
    """The grid of one sheet of a workbook; of its first sheet when none is named.

    Raises
    ------
    UnreadableError
        When the file is no workbook, has no such sheet, or would swell beyond the limits.
    CellError
        When the sheet spans too many cells.
    """
    parts = _unpack(file.data)
    sheets = _sheets(parts)
    if not sheets:
        raise UnreadableError("is no workbook with sheets", "an XLSX workbook")
    chosen = next(iter(sheets)) if name is None else name
    if chosen not in sheets:
        listed = ", ".join(f'"{sheet}"' for sheet in list(sheets)[:12])
        raise UnreadableError(
            f'there is no sheet "{chosen}"', listed, Speller().suggest(chosen, sheets)
        )
    shown = file.shown if name is None else f"{file.shown}#{name}"
    bad = _bad_cells(parts.get(sheets[chosen], b""))
    rows = _typed_rows(parts, chosen)
    if not rows:
        raise UnreadableError("is an empty sheet", "a header row and rows below it")
    return Grid(shown=shown, folder=file.folder, rows=rows, bad=bad)


def _unpack(data: bytes) -> dict[str, bytes]:
    """The parts of the archive that sheets need, by name, never more than `MOST_BYTES`."""
    allowed = f"an XLSX workbook of at most {MOST_BYTES // 1_000_000} MB when unpacked"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            needed = [part for part in archive.infolist() if _NEEDED.fullmatch(part.filename)]
            if sum(part.file_size for part in needed) > MOST_BYTES or any(map(_swells, needed)):
                raise UnreadableError("would swell when unpacked: it may be a zip bomb", allowed)
            parts = {part.filename: _content(archive, part) for part in needed}
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
        ValueError,
    ):
        raise UnreadableError("is damaged, encrypted or no workbook", "an XLSX workbook") from None
    if any(b"<!DOCTYPE" in part[:2000] or b"<!ENTITY" in part for part in parts.values()):
        raise UnreadableError(
            "declares XML entities, which no spreadsheet does", "an XLSX workbook"
        )
    return parts


def _swells(part: zipfile.ZipInfo) -> bool:
    return part.file_size > _LARGE and part.file_size > MOST_RATIO * max(part.compress_size, 1)


def _content(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    with archive.open(part) as stream:
        return stream.read(part.file_size)


def _sheets(parts: dict[str, bytes]) -> dict[str, str]:
    """Name of each sheet, and the part it is stored in."""
    relations = parts.get("xl/_rels/workbook.xml.rels", b"").decode("utf-8", "replace")
    targets = {
        _attribute(tag, "Id"): _attribute(tag, "Target") for tag in _RELATION.findall(relations)
    }
    book = parts.get("xl/workbook.xml", b"").decode("utf-8", "replace")
    return {
        unescape(_attribute(tag, "name")): _part_name(targets.get(_attribute(tag, r"\w+:id"), ""))
        for tag in _SHEET.findall(book)
    }


def _attribute(tag: str, name: str) -> str:
    match = re.search(rf'\s{name}\s*=\s*"([^"]*)"', tag) or re.search(
        rf"\s{name}\s*=\s*'([^']*)'", tag
    )
    return match[1] if match else ""


def _part_name(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _bad_cells(sheet: bytes) -> dict[tuple[int, int], str]:
    """What is wrong with cells the reader would take for empty; checks the span of the sheet."""
    bad: dict[tuple[int, int], str] = {}
    last_row = last_column = 0
    for match in _CELL.finditer(sheet):
        attributes, content = match[1], match[2] or b""
        reference = _REFERENCE.search(attributes)
        if reference is None or not content:
            continue
        row, column = int(reference[2]), _column(reference[1])
        last_row, last_column = max(last_row, row), max(last_column, column + 1)
        if _ERROR.search(attributes):
            bad[row, column] = "holds a spreadsheet error such as #N/A"
        elif _FORMULA.search(content) and not _STORED.search(content):
            bad[row, column] = "holds a formula without a stored value"
    if last_row > MOST_ROWS or last_row * last_column > MOST_CELLS:
        raise CellError(
            1,
            0,
            f"spans {last_row:,} rows and {last_column:,} columns",
            f"at most {MOST_CELLS:,} cells",
        )
    return bad


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number - 1


def _typed_rows(parts: dict[str, bytes], sheet: str) -> list[list[Any]]:
    import python_calamine

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    packed.seek(0)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(packed)
        rows: list[list[Any]] = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except BaseException as error:
        # The reader is written in Rust; its panics are no ordinary exceptions.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise UnreadableError("cannot be read as a workbook", "an XLSX workbook") from None
        raise
    return rows
