"""A workbook as a config: its sheets are the tables, and the sheet `Run` has the settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from riskengine.config.layers.assembly import Assembly, unreadable, workbook_of
from riskengine.config.layers.layers import Path, Place, TableLayer, cell_name
from riskengine.config.layers.references import place_references
from riskengine.config.layers.settings import SettingsReader
from riskengine.config.schema.sheets import OWN_SHEETS, ROW_KINDS, RUN_SHEET, VARIANT
from riskengine.config.sources.files import File, UnreadableError
from riskengine.config.sources.grids import CellError, Grid
from riskengine.config.sources.names import normalise
from riskengine.errors import Fault
from riskengine.model.spelling import Speller

SHEETS = (RUN_SHEET, *(kind.sheet for kind in ROW_KINDS.values()))  #: that a config may have
_FIRST = cell_name(1, 0)


@dataclass(slots=True, kw_only=True)
class BookLayer(TableLayer):
    """The settings of a workbook, and which of its sheets are tables."""

    name: str  #: of the file
    book: str  #: the file as messages name it
    sheets: dict[str, str] = field(default_factory=dict)  #: by key of `[tables]`
    unknown: tuple[str, ...] = ()  #: sheets that are no part of a config by their names

    def place(self, path: Path, rest: Path) -> Place | None:
        if path in self.exact:
            return self.cell(*self.exact[path])
        if len(path) == 2 and path[0] == "tables" and path[1] in self.sheets:
            return self.first_cell(self.sheets[path[1]])
        return None

    def first_cell(self, sheet: str) -> Place:
        """Place of a whole sheet: its first cell."""
        return Place(file=f"{self.book}#{sheet}", cell=_FIRST, order=(self.rank, 0, 0))


def read_book(assembly: Assembly, file: File, rank: int) -> BookLayer | None:
    """The layer of a workbook, with its settings and references to its tables as `data`.

    None, after a fault is reported, if the file is no workbook. The tables are read later, like
    the tables of any config. Their sheets are unpacked here, all at once.
    """
    layer = BookLayer(
        rank=rank,
        folder=file.folder,
        shown=file.shown,
        declares=True,
        name=file.name,
        book=file.shown,
    )
    try:
        book = workbook_of(assembly.folder, file)
        names = [sheet.name for sheet in book.sheets if sheet.part]
        grids = book.grids([name for name in SHEETS if name in names])
    except UnreadableError as error:
        assembly.report.at(Place(file=file.shown, order=(rank, 0, 0)), unreadable(error))
        return None
    layer.unknown = tuple(name for name in names if not _is_expected(name))
    for name, grid in grids.items():
        assembly.folder.parsed[file.name, name] = grid
    for table, kind in ROW_KINDS.items():
        if grids.get(kind.sheet) is not None:
            layer.sheets[table] = kind.sheet
    _read_settings(assembly, layer, grids.get(RUN_SHEET))
    return layer


def report_unknown_sheets(assembly: Assembly, layer: BookLayer) -> None:
    """Report sheets that nothing of a config names, unless they are empty."""
    for name in layer.unknown:
        if (layer.name, name) in assembly.referred:
            continue
        book = assembly.folder.parsed[layer.name, ""]
        if book.grids([name])[name] is None:
            continue
        fault = Fault(
            path=(),
            found=f'the sheet "{name}" is not known',
            allowed=f"{', '.join(SHEETS)}; names that begin with {' or '.join(OWN_SHEETS)} are "
            "your own",
            hint=Speller().suggest(name, SHEETS),
        )
        assembly.report.at(layer.first_cell(name), fault)


def _is_expected(name: str) -> bool:
    variant = name.partition(VARIANT)[0]
    return name.startswith(OWN_SHEETS) or name in SHEETS or variant in SHEETS[1:]


def _read_settings(
    assembly: Assembly, layer: BookLayer, grid: Grid | UnreadableError | CellError | None
) -> None:
    """Read the sheet `Run` into the data of a layer, beside references to the other sheets."""
    data: dict[str, Any] = {}
    layer.data = data
    if isinstance(grid, Grid):
        layer.shown, layer.cells = grid.shown, grid.rows
        read = SettingsReader(grid=grid, layer=layer, report=assembly.report).read()
        data.update(normalise(read, lambda fault: assembly.report.add(fault, [layer])))
        named = place_references(data, layer.name)
        assembly.referred.update((layer.name, sheet) for sheet in named)
    elif grid is not None:
        assembly.is_complete = False
        place = layer.first_cell(RUN_SHEET)
        if isinstance(grid, CellError):
            layer.shown = place.file
            place = layer.cell(grid.row, grid.column)
        assembly.report.at(place, unreadable(grid))
    _add_tables(assembly, layer, data)


def _add_tables(assembly: Assembly, layer: BookLayer, data: dict[str, Any]) -> None:
    """Name the sheets of a workbook as its tables."""
    given = data.get("tables", {})
    own = {
        table: f"{layer.name.rpartition('/')[2]}#{sheet}" for table, sheet in layer.sheets.items()
    }
    if not isinstance(given, dict):
        return
    for table in own.keys() & given.keys():
        found = f"is given, and so is the sheet {layer.sheets[table]}"
        fault = Fault(path=("tables", table), found=found, allowed="one of them")
        assembly.report.add(fault, [layer])
    if own or given:
        data["tables"] = {**own, **given}
