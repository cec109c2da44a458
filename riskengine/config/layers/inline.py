"""Values that a document keeps in separate files: empirical samples, the propagation matrix.

They are read after all layers are merged, so that overridden references are never read. Each path
is relative to the file or table that names it. Afterwards the document is self-contained.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from riskengine.config.layers.assembly import Assembly, open_grid, read_table, unreadable
from riskengine.config.layers.layers import Path, Report, SetLayer, find_holder
from riskengine.config.layers.overrides import put_value
from riskengine.config.layers.tables import cell_value, stray_cell
from riskengine.config.schema.distributions import EMPIRICAL
from riskengine.config.schema.kinds import Number
from riskengine.config.schema.resolve import plain
from riskengine.config.schema.scalars import is_number, quoted, show
from riskengine.config.schema.sheets import ROW_KINDS
from riskengine.config.sources.files import Folder
from riskengine.config.sources.grids import BadValueError, CellError, Grid, cell_of, is_filled
from riskengine.errors import Fault
from riskengine.model.faults.scenario import MALFORMED

_MATRIX_FILE = ("propagation", "file")


def inline_files(assembly: Assembly) -> None:
    """Replace references to files in a document by the contents of the files, in place."""
    inline_propagation(assembly)
    for path, table in list(_samples(assembly.document, ())):
        holder = find_holder((*path, "file"), assembly.layers)
        beside = holder.folder if holder else ""
        table[EMPIRICAL] = _sample(assembly, table[EMPIRICAL], path, beside)


def inline_propagation(assembly: Assembly) -> None:
    """Replace the reference to the file of propagation by what stands there, in place."""
    propagation = assembly.document.get("propagation")
    if isinstance(propagation, Mapping) and isinstance(propagation.get("file"), str):
        assembly.document["propagation"] = _propagation(assembly, propagation)


def inlined(folder: Folder, path: Path, value: Any, beside: str) -> tuple[Any, tuple[Fault, ...]]:
    """A value with the contents of the files that it names.

    Parameters
    ----------
    folder : Folder
        The only place files are read from.
    path : tuple of str
        Of the value; for that of `propagation.file`, the result is the whole table.
    value : object
    beside : str
        Names of files are relative to this folder.

    Returns
    -------
    (object, tuple of Fault)
        The faults of those files come without places.
    """
    assembly = Assembly(folder=folder, report=Report())
    assembly.layers.append(SetLayer(rank=0, path=path, text="", folder=beside))
    put_value(assembly.document, path, plain(value))
    inline_files(assembly)
    held: Any = assembly.document
    for part in path[:1] if path == _MATRIX_FILE else path:
        held = held[part]
    return held, tuple(fault for _, fault in assembly.report.found)


def _propagation(assembly: Assembly, given: Mapping[str, Any]) -> dict[str, Any]:
    path = _MATRIX_FILE
    rest = {key: value for key, value in given.items() if key != "file"}
    if "coefficients" in given:
        found = "is given, and so are coefficients"
        assembly.report.add(Fault(path=path, found=found, allowed="one of them"), assembly.layers)
        return rest
    holder = find_holder(path, assembly.layers)
    beside = holder.folder if holder else ""
    data = read_table(assembly, given["file"], ROW_KINDS["propagation"], path, beside)
    return {**rest, **data.get("propagation", {})}


def _samples(table: dict[str, Any], path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every table with an empirical distribution that is read from a file, and its path."""
    given = table.get(EMPIRICAL)
    if isinstance(given, Mapping) and {"file", "column"} == set(given):
        yield (*path, EMPIRICAL), table
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _samples(value, (*path, key))


def _sample(assembly: Assembly, given: Mapping[str, Any], path: Path, beside: str) -> Any:
    """An empirical distribution whose values come from a column of a file."""
    reference, title = given["file"], given["column"]
    if not isinstance(reference, str) or not isinstance(title, str):
        found = f"has file = {show(reference)} and column = {show(title)}"
        assembly.report.add(Fault(path=path, found=found, allowed="two texts"), assembly.layers)
        return MALFORMED
    opened = open_grid(assembly, reference, beside, (*path, "file"))
    if opened is None:
        return MALFORMED
    grid, layer = opened
    try:
        return {"values": _column_values(grid, title)}
    except CellError as error:
        assembly.report.at(layer.cell(error.row, error.column), unreadable(error, path=path))
    return MALFORMED


def _column_values(grid: Grid, title: str) -> list[float]:
    """The numbers of a column, empty cells left out."""
    titles = [str(cell).strip() if cell is not None else "" for cell in grid.rows[0]]
    if titles.count(title.strip()) != 1:
        several = "there are several columns" if title.strip() in titles else "there is no column"
        listed = ", ".join(quoted(known) for known in titles[:12])
        raise CellError(1, 0, f"{several} {quoted(title)}", f"one of: {listed}")
    column = titles.index(title.strip())
    values: list[float] = []
    for row, cells in enumerate(grid.rows[1:], start=2):
        if (row, column) in grid.bad:
            raise grid.bad[row, column]
        stray = stray_cell(grid.rows[0], row, cells)
        if stray is not None:
            raise stray
        raw = cell_of(cells, column)
        if not is_filled(raw):
            continue
        try:
            value = cell_value(Number(), raw)
        except BadValueError as error:
            raise CellError.at(row, column, error) from None
        if not is_number(value):
            raise CellError(row, column, f"is {show(value)}", "a number")
        values.append(value)
    return values
