"""Sheets of XLSX workbooks: which sheet is read, and the archive that contains it.

A workbook may come from somebody else. Limits bound the memory and time of reading it. Only the
parts that a table needs are unpacked, piece by piece. The size that the archive declares for a
part is checked before the part is opened, and no more than that is unpacked.
"""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from riskengine.config.sources.files import File, UnreadableError
from riskengine.config.sources.grids import CellError, Grid
from riskengine.config.sources.names import normal
from riskengine.config.sources.xlsx.cells import SheetCells, read_strings
from riskengine.config.sources.xlsx.elements import XmlError, walk
from riskengine.config.sources.xlsx.formats import read_formats
from riskengine.model.spelling import Speller

MOST_BYTES = 200_000_000  #: of the parts of one workbook, unpacked
MOST_PARTS = 5_000  #: of one archive
MOST_SHEETS = 5_000  #: of one workbook, and of the links between its parts

_A_WORKBOOK = "an XLSX workbook"
_ENTRY = b"PK\x01\x02"  # the first bytes of each entry of an archive's directory
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # other methods may need unbounded memory
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, NotImplementedError,
    RuntimeError, ValueError, OverflowError,
)  # fmt: skip


def read_sheet(file: File, name: str | None) -> Grid:
    """The grid of one sheet of a workbook; without a name, the first visible sheet with cells.

    Parameters
    ----------
    file : File
    name : str or None
        Name of the sheet, which may be hidden.

    Raises
    ------
    UnreadableError
        When the file is not a workbook, has no such sheet or exceeds the limits.
    CellError
        When the fault can be traced to a cell.
    """
    return open_workbook(file).grid(name)


def open_workbook(file: File) -> Workbook:
    """The sheets of a workbook, none of them read yet.

    Raises
    ------
    UnreadableError
        When the file is not a workbook or exceeds the limits.
    """
    with _explained():
        return Workbook(file)


@contextmanager
def _explained() -> Iterator[None]:
    """Turns damage of whatever kind into the error of a file that cannot be read."""
    try:
        yield
    except XmlError as error:
        raise UnreadableError(str(error), _A_WORKBOOK) from None
    except _DAMAGE:
        raise UnreadableError("is damaged, encrypted or no workbook", _A_WORKBOOK) from None


class _Parts:
    """The parts of an archive by name; case is ignored."""

    def __init__(self, data: bytes) -> None:
        if data.count(_ENTRY) > MOST_PARTS:
            raise XmlError(f"is an archive of more than {MOST_PARTS:,} parts")
        self._archive = zipfile.ZipFile(io.BytesIO(data))
        self._left = MOST_BYTES
        self._infos: dict[str, zipfile.ZipInfo] = {}
        for info in self._archive.infolist():
            name = info.filename.replace("\\", "/").lstrip("/").casefold()
            if name in self._infos:
                raise XmlError(f'holds the part "{info.filename}" twice')
            self._infos[name] = info

    def open(self, name: str, *, counts: bool = True) -> IO[bytes] | None:
        """Open a part for reading; None when there is no part of that name.

        What was opened before need not count again towards the limit on what is unpacked.
        """
        info = self._infos.get(name.casefold())
        if info is None:
            return None
        if info.compress_type not in _METHODS:
            raise XmlError("is packed in a way that no spreadsheet uses")
        self._left -= info.file_size if counts else 0
        if self._left < 0:
            allowed = f"{_A_WORKBOOK} of at most {MOST_BYTES // 1_000_000} MB when unpacked"
            raise UnreadableError("would swell when unpacked: it may be a zip bomb", allowed)
        return self._archive.open(info)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSheet:
    """A sheet, as listed in the workbook."""

    name: str
    part: str  #: empty for a sheet without cells, such as a chart
    is_shown: bool


class Workbook:
    """The sheets of a workbook, and the parts to which its cells refer."""

    def __init__(self, file: File) -> None:
        self._file = file
        self._parts = parts = _Parts(file.data)
        self._sheets: dict[str, ListedSheet] = {}
        self._counts_from_1904 = False
        self._formats: list[str] | None = None  #: of cells; None until they are read
        self._texts: dict[int, str] = {}  #: shared texts that were read
        roots = self._links("").values()
        self._main = next((part for kind, part in roots if kind == "officeDocument"), "")
        if self._main.endswith(".bin"):
            raise XmlError("is a binary workbook (.xlsb): save it as .xlsx")
        self._targets = self._links(self._main)
        book = parts.open(self._main)
        if book is not None:
            walk(book, {"workbookPr": self._settings, "sheet": self._add_sheet}, {})

    def _links(self, part: str) -> dict[str, tuple[str, str]]:
        """The links of a part, by id: last word of the link's kind, and name of the linked part."""
        folder, name = posixpath.split(part)
        stream = self._parts.open(posixpath.join(folder, "_rels", f"{name}.rels"))
        found: dict[str, tuple[str, str]] = {}

        def add(attributes: Mapping[str, str]) -> None:
            target = attributes.get("Target", "").replace("\\", "/")
            path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            kind = attributes.get("Type", "").rpartition("/")[2]
            found[attributes.get("Id", "")] = (kind, path)
            _check_count(found)

        if stream is not None:
            walk(stream, {"Relationship": add}, {})
        return found

    def _settings(self, attributes: Mapping[str, str]) -> None:
        self._counts_from_1904 = attributes.get("date1904", "") in ("1", "true")

    def _add_sheet(self, attributes: Mapping[str, str]) -> None:
        link = next((v for k, v in attributes.items() if k.rpartition(":")[::2] == ("r", "id")), "")
        link = link or next((v for k, v in attributes.items() if k.endswith(":id")), "")
        kind, part = self._targets.get(link, ("", ""))
        name = normal(attributes.get("name", ""))
        if name in self._sheets:
            raise XmlError(f'has two sheets named "{name}"')
        self._sheets[name] = ListedSheet(
            name=name,
            part=part if kind == "worksheet" else "",
            is_shown=attributes.get("state", "visible") == "visible",
        )
        _check_count(self._sheets)

    @property
    def sheets(self) -> tuple[ListedSheet, ...]:
        """All sheets, in the order of their tabs."""
        return tuple(self._sheets.values())

    def grids(self, names: Sequence[str]) -> dict[str, Grid | UnreadableError | CellError | None]:
        """The cells of several sheets, or why one cannot be read; None for an empty sheet.

        Raises
        ------
        UnreadableError
            When there are no sheets at all, or their texts cannot be read.
        """
        self._check_any()
        found: dict[str, Grid | UnreadableError | CellError | None] = {}
        read: dict[str, SheetCells] = {}
        for name in names:
            try:
                with _explained():
                    read[name] = self._cells(self._named(name))
            except (UnreadableError, CellError) as error:
                found[name] = error
        with _explained():
            self._read_texts({number for cells in read.values() for number in cells.shared})
        for name, cells in read.items():
            found[name] = self._grid(self._sheets[name], cells) if cells.has_any else None
        return {name: found[name] for name in names}

    @_explained()
    def grid(self, name: str | None) -> Grid:
        """The cells of the named sheet, or of the first visible sheet that has cells.

        Raises
        ------
        UnreadableError, CellError
            As for `read_sheet`.
        """
        self._check_any()
        if name is not None:
            sheet = self._named(normal(name))
            cells = self._cells(sheet)
            if not cells.has_any:
                raise UnreadableError(
                    f'the sheet "{sheet.name}" is empty', "a header row and rows below it"
                )
        else:
            sheet, cells = self._first()
        self._read_texts(cells.shared)
        return self._grid(sheet, cells, is_chosen=name is None and len(self._sheets) > 1)

    def _check_any(self) -> None:
        if not self._sheets:
            raise UnreadableError("is no workbook with sheets", _A_WORKBOOK)

    def _grid(self, sheet: ListedSheet, cells: SheetCells, *, is_chosen: bool = False) -> Grid:
        return Grid(
            shown=f"{self._file.shown}#{sheet.name}",
            folder=self._file.folder,
            rows=cells.rows(self._texts),
            bad=cells.bad,
            chosen=sheet.name if is_chosen else "",
            book=self._file.name,
        )

    def _named(self, name: str) -> ListedSheet:
        if name not in self._sheets:
            hint = Speller().suggest(name, self._sheets)
            raise UnreadableError(f'there is no sheet "{name}"', self._listed(), hint)
        return self._sheets[name]

    def _listed(self) -> str:
        return ", ".join(f'"{sheet}"' for sheet in list(self._sheets)[:12])

    def _first(self) -> tuple[ListedSheet, SheetCells]:
        for sheet in self._sheets.values():
            if sheet.is_shown and sheet.part:
                cells = self._cells(sheet)
                if cells.has_any:
                    return sheet, cells
        raise UnreadableError(
            "no sheet that is shown has cells", "a header row and rows below it",
            f"name a hidden sheet after #: {self._listed()}" if self._hides_any() else "",
        )  # fmt: skip

    def _hides_any(self) -> bool:
        return any(sheet.part and not sheet.is_shown for sheet in self._sheets.values())

    def _cells(self, sheet: ListedSheet) -> SheetCells:
        stream = self._parts.open(sheet.part) if sheet.part else None
        if stream is None:
            raise UnreadableError(f'the sheet "{sheet.name}" has no cells', "a sheet with cells")
        if self._formats is None:
            styles = self._part_of_kind("styles")
            self._formats = read_formats(styles) if styles is not None else []
        return SheetCells.read(stream, self._formats, counts_from_1904=self._counts_from_1904)

    def _read_texts(self, sought: Collection[int]) -> None:
        missing = set(sought) - self._texts.keys()
        stream = self._part_of_kind("sharedStrings", counts=not self._texts) if missing else None
        if stream is not None:
            self._texts |= read_strings(stream, missing)

    def _part_of_kind(self, sought: str, *, counts: bool = True) -> IO[bytes] | None:
        part = next((part for kind, part in self._targets.values() if kind == sought), "")
        return self._parts.open(part, counts=counts) if part else None


def _check_count(found: Mapping[str, Any]) -> None:
    if len(found) > MOST_SHEETS:
        raise XmlError(f"lists more than {MOST_SHEETS:,} sheets or parts")
