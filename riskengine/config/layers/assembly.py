"""A config while it is put together, and the tables that it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from riskengine.config.layers.layers import Layer, Path, Place, Report, TableLayer
from riskengine.config.layers.overrides import Override
from riskengine.config.layers.references import place_references
from riskengine.config.layers.tables import TableReader
from riskengine.config.schema.sheets import RowKind
from riskengine.config.sources.files import File, Folder, UnreadableError
from riskengine.config.sources.grids import (
    CellError,
    Grid,
    is_workbook,
    read_csv,
    split_reference,
)
from riskengine.errors import Fault

if TYPE_CHECKING:
    from riskengine.config.sources.xlsx.book import Workbook

_TABLE_RANK = 1_000
_MISSING = ("is missing", "there is no")  #: how faults about missing values begin


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFile:
    """A reference to a file with rows, such as a config holds it."""

    reference: str  #: such as `inputs.xlsx#Stocks`
    beside: str  #: folder of the referring file, relative to the config's folder


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFile:
    """A config that another one names as a part of itself."""

    reference: str
    beside: str  #: folder of the referring file, relative to the config's folder
    document: Mapping[str, Any]  #: of the referring file, merged with what lies below it
    layers: Sequence[Layer]  #: of that document


@dataclass(slots=True)
class Assembly:
    """The merged document, and everything needed to tell where its values came from."""

    folder: Folder
    report: Report
    stem: str = "scenario"
    document: dict[str, Any] = field(default_factory=dict)
    layers: list[Layer] = field(default_factory=list)  #: bottom layer first
    is_complete: bool = True  #: whether every referenced file could be read
    bases: int = 0
    tables: int = 0
    replaced: dict[str, TableFile] = field(default_factory=dict)  #: by table; dropped once read
    references: dict[str, str] = field(default_factory=dict)  #: by table: the uppermost one
    declared: set[tuple[str, str]] = field(default_factory=set)  #: (collection, name)
    mentioned: list[tuple[str, str]] = field(default_factory=list)  #: in rows about parts
    sheets: dict[str, str] = field(default_factory=dict)  #: by workbook named without a sheet
    referred: set[tuple[str, str]] = field(default_factory=set)  #: (workbook, sheet of its own)
    source: str | Mapping[str, Any] = ""  #: path or document of the config
    overrides: tuple[Override, ...] = ()
    keeps_shipped: bool = False  #: whether what comes with riskengine is left out
    kept: str = ""  #: the name of what was left out
    parts: dict[str, PartFile] = field(default_factory=dict)  #: by name
    left_out: list[str] = field(default_factory=list)  #: of each part, what it does not bring

    @property
    def files(self) -> tuple[tuple[str, str], ...]:
        """Name and SHA-256 of every file read."""
        return self.folder.hashes

    def certain(self, faults: Sequence[Fault]) -> list[Fault]:
        """Faults, except about missing values that an unreadable file may contain."""
        if self.is_complete:
            return list(faults)
        return [fault for fault in faults if not fault.found.startswith(_MISSING)]

    def next_table(self) -> int:
        """The rank of the next table."""
        self.tables += 1
        return _TABLE_RANK + self.tables


def unreadable(error: UnreadableError | CellError, file: str = "", path: Path = ()) -> Fault:
    """The fault of a file or cell that cannot be read."""
    return Fault(path=path, found=error.found, allowed=error.allowed, hint=error.hint, file=file)


def declare(assembly: Assembly, data: Mapping[str, Any], layer: Layer) -> None:
    """Record which materials and industries a layer declares, and which it only has rows for."""
    for collection in ("materials", "industries"):
        members = data.get(collection)
        names = [(collection, name) for name in members] if isinstance(members, Mapping) else []
        if isinstance(layer, TableLayer) and not layer.declares:
            assembly.mentioned.extend(names)
        else:
            assembly.declared.update(names)


def read_table(
    assembly: Assembly, reference: str, kind: RowKind, path: Path, beside: str
) -> dict[str, Any]:
    """The part of a document that a table contains.

    It is empty, and a fault is reported, when the table cannot be read. `path` is where the config
    names the table; `beside` is the folder of the file that names it.
    """
    opened = open_grid(assembly, reference, beside, path)
    if opened is None:
        assembly.is_complete = False
        return {}
    grid, table = opened
    table.declares = kind.declares
    reader = TableReader(grid=grid, kind=kind, layer=table, report=assembly.report)
    data = table.data = reader.read()
    if grid.book and reader.may_refer:
        named = place_references(data, grid.book)
        assembly.referred.update((grid.book, sheet) for sheet in named)
    assembly.is_complete = assembly.is_complete and reader.is_whole
    assembly.layers.append(table)
    declare(assembly, data, table)
    return data


def open_grid(
    assembly: Assembly, reference: str, beside: str, path: Path
) -> tuple[Grid, TableLayer] | None:
    """The cells of a file that a config names, and the layer that knows their places.

    Parameters
    ----------
    assembly : Assembly
        A file that cannot be read is reported in its report.
    reference, beside : str
        The file, with the sheet after `#`; and the folder of the file that names it.
    path : tuple of str
        Where the config names the file.

    Returns
    -------
    (Grid, TableLayer) or None
        None, after a fault is reported, when the file cannot be read.
    """
    name, sheet = split_reference(reference)
    rank = assembly.next_table()
    try:
        file = assembly.folder.open(name, beside)
    except UnreadableError as error:
        assembly.report.add(unreadable(error, path=path), assembly.layers)
        return None
    layer = TableLayer(rank=rank, folder=file.folder, shown=file.shown)
    try:
        grid = _grid(assembly.folder, file, sheet)
    except (UnreadableError, CellError) as error:
        if (file.name, sheet) in assembly.folder.parsed:
            layer.shown = f"{file.shown}#{sheet}"
        place = Place(file=layer.shown, order=(rank, 0, 0))
        if isinstance(error, CellError):
            place = layer.cell(error.row, error.column)
        assembly.report.at(place, unreadable(error))
        return None
    if grid.chosen:
        assembly.sheets[file.name] = grid.chosen
    layer.shown, layer.cells = grid.shown, grid.rows
    return grid, layer


def workbook_of(folder: Folder, file: File) -> Workbook:
    """A workbook, opened once for all of its sheets.

    Raises
    ------
    UnreadableError
        When the file is not a workbook or exceeds the limits.
    """
    from riskengine.config.sources.xlsx.book import open_workbook

    key = (file.name, "")
    if key not in folder.parsed:
        folder.parsed[key] = open_workbook(file)
    book: Workbook = folder.parsed[key]
    return book


def _grid(folder: Folder, file: File, sheet: str | None) -> Grid:
    if not is_workbook(file.name):
        return read_csv(file)
    if sheet and (file.name, sheet) in folder.parsed:  # a config of which it is a sheet
        found = folder.parsed[file.name, sheet]
        if isinstance(found, Exception):
            raise found
        if isinstance(found, Grid):
            return found
    return workbook_of(folder, file).grid(sheet)
