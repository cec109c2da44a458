"""A copy of somebody's workbook with messages at some of its cells.

openpyxl rewrites the workbook. It keeps values, formulas, formats, charts that it knows, tables and
names; what it drops is found by comparing the parts of both files, and named.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from riskengine.errors import RunFault, escaped
from riskengine.reports.xlsx.text import fitting, storable

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

MARK = "F8CBAD"  #: fill of a cell with a message: orange, which all kinds of colour vision see
AUTHOR = "riskengine"
MOST_UNPACKED = 200_000_000  #: bytes of all parts: openpyxl holds some fifty times as much

_LETTERS_A_LINE = 44
_WIDTH, _LINE_HEIGHT = 320, 17  #: pixels of a comment
_ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_HEAD = 4096  #: bytes of a part in which a document type would stand
_SHAPE = re.compile(rb"<(?:xdr:)?(?:sp|grpSp|cxnSp)[ >]")
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError,
    ValueError,
)  # fmt: skip
_FORMULA = re.compile(rb"<(?:x:)?f[ />]")
_DROPPED = {
    "xl/media/": "pictures",
    "xl/ctrlProps/": "form controls",
    "xl/activeX/": "form controls",
    "xl/slicers/": "slicers",
    "xl/slicerCaches/": "slicers",
    "xl/timelines/": "timelines",
    "xl/threadedComments/": "threaded comments",
    "xl/queryTables/": "queries",
    "xl/connections.xml": "connections to data",
    "xl/model/": "a data model",
    "xl/embeddings/": "embedded files",
    "xl/diagrams/": "diagrams",
    "xl/vbaProject.bin": "macros",
    "customXml/": "custom XML",
    "docProps/custom.xml": "custom properties",
    "xl/printerSettings/": "settings of printers",
}  #: how names of parts begin, and what is in them


class Message(NamedTuple):
    """What to say at a cell."""

    sheet: str
    cell: str  #: such as C7
    text: str


class MarkedCopy(NamedTuple):
    """A workbook with messages."""

    data: bytes
    marked: int  #: cells
    lost: tuple[str, ...]  #: what the copy does not have, in words


def marked_copy(data: bytes, messages: Sequence[Message], *, has_macros: bool) -> MarkedCopy:
    """A copy of a workbook in which cells are marked and carry messages as comments.

    Parameters
    ----------
    data : bytes
    messages : sequence of Message
        A message for a sheet that does not exist goes to the first cell of the first sheet.
    has_macros : bool
        Whether the file may have macros (.xlsm), which are kept.

    Raises
    ------
    RunFault
        When the workbook is too large or too strange to be copied.
    """
    before = _parts(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is dropped, which is named in our words
        found = _written(data, messages, has_macros)
    after = _parts(found.data)
    return found._replace(lost=tuple(dict.fromkeys(_lost(before, after))))


def _written(data: bytes, messages: Sequence[Message], has_macros: bool) -> MarkedCopy:
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(data), keep_vba=has_macros, rich_text=True)
        cells = _by_cell(messages, book)
        for (sheet, cell), texts in cells.items():
            _mark(book[sheet], cell, "\n\n".join(texts))
        for sheet in book.worksheets:
            _size_comments(sheet)
        stream = io.BytesIO()
        book.save(stream)
    except MemoryError:
        raise
    except Exception as error:  # openpyxl raises errors of all kinds for files that it cannot read
        raise RunFault(f"the workbook cannot be copied: {type(error).__name__}: {error}") from error
    return MarkedCopy(stream.getvalue(), len(cells), ())


def _by_cell(messages: Sequence[Message], book: Any) -> dict[tuple[str, str], list[str]]:
    """The texts of each cell that shows them: of a merged area, its first cell."""
    found: dict[tuple[str, str], list[str]] = {}
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    for sheet, cell, text in messages:
        if sheet in sheets:
            place = (sheet, _shown_cell(sheets[sheet], cell or "A1"))
        else:
            place = (book.worksheets[0].title, "A1")
        found.setdefault(place, []).append(text)
    return found


def _shown_cell(sheet: Worksheet, cell: str) -> str:
    for area in sheet.merged_cells.ranges:
        if cell in area:
            return str(area.start_cell.coordinate)
    return cell


def _mark(sheet: Worksheet, cell: str, text: str) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    place = sheet[cell]
    place.fill = PatternFill("solid", start_color=MARK, end_color=MARK)
    earlier = f"\n\n{place.comment.text}" if place.comment else ""
    words = storable(escaped(text, kept="\n") + earlier)
    place.comment = Comment(fitting(words), AUTHOR)


def _size_comments(sheet: Worksheet) -> None:
    """Make every comment as large as its text: openpyxl does not know how large they were."""
    for row in sheet.iter_rows():
        for cell in row:
            if cell.comment:
                lines = sum(-(-len(line) // _LETTERS_A_LINE) or 1
                            for line in cell.comment.text.split("\n"))  # fmt: skip
                cell.comment.width = _WIDTH
                cell.comment.height = _LINE_HEIGHT * lines + 12


def _parts(data: bytes) -> dict[str, bytes]:
    """The parts of a workbook by name.

    Raises
    ------
    RunFault
        When they are too large, or one could make a reader of XML swell.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            if sum(info.file_size for info in infos) > MOST_UNPACKED:
                raise RunFault(
                    f"the workbook has more than {MOST_UNPACKED // 1_000_000} MB when unpacked, "
                    "too much to copy; the messages above name every cell."
                )
            parts = {info.filename: archive.read(info) for info in infos}
    except _DAMAGE as error:
        raise RunFault("the workbook cannot be copied: it is damaged or encrypted") from error
    for name, part in parts.items():
        if name.endswith((".xml", ".rels", ".vml")) and _ENTITIES.search(part[:_HEAD]):
            raise RunFault(f"the workbook cannot be copied: {name} declares a document type")
    return parts


def _lost(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Iterator[str]:
    for start, words in _DROPPED.items():
        if _count(before, start) > _count(after, start):
            yield words
    if _shapes(before) > _shapes(after):
        yield "shapes and text boxes"
    if _extensions(before) > _extensions(after):
        yield "sparklines, and formats and drop-down lists of newer kinds"
    if any(_FORMULA.search(part) for name, part in before.items() if _is_sheet(name)):
        yield "stored values of formulas, which are computed when the copy is opened and saved"
    if any(name.startswith("xl/comments") for name in before):
        yield "sizes of comments"


def _count(parts: Mapping[str, bytes], start: str) -> int:
    return sum(name.startswith(start) for name in parts)


def _shapes(parts: Mapping[str, bytes]) -> int:
    return sum(
        len(_SHAPE.findall(part))
        for name, part in parts.items()
        if name.startswith("xl/drawings/") and name.endswith(".xml")
    )


def _extensions(parts: Mapping[str, bytes]) -> int:
    return sum(part.count(b"<ext ") for name, part in parts.items() if _is_sheet(name))


def _is_sheet(name: str) -> bool:
    return name.startswith("xl/worksheets/") and name.endswith(".xml")
