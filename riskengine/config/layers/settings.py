"""The sheet `Run` of a workbook: one setting a row, by its dotted path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from riskengine.config.layers.columns import read_titles
from riskengine.config.layers.layers import Path, Report, TableLayer
from riskengine.config.layers.tables import bad_cell, cell_value, put, stray_cell
from riskengine.config.schema.keys import SCHEMA, node_at
from riskengine.config.schema.kinds import (
    ANNOTATIONS,
    KNOWN_ON,
    Day,
    KeyedTable,
    Map,
    Node,
    Text,
    node_below,
)
from riskengine.config.schema.scalars import quoted, show
from riskengine.config.schema.sheets import RUN_COLUMNS
from riskengine.config.sources.grids import (
    BadValueError,
    CellError,
    Grid,
    cell_of,
    is_filled,
)
from riskengine.config.toml.positions import read_key
from riskengine.errors import format_path
from riskengine.model.faults.scenario import MALFORMED
from riskengine.model.spelling import Speller

_KNOWN_COLUMNS = (*RUN_COLUMNS, "unit", *ANNOTATIONS)
_NOTE = Text(free=True, lines=True)
_KNOWN_ON = Day()
_ALLOWED = "a key of [run], or the dotted path of another setting, such as sweep.method"


def setting_path(key: Path) -> Path:
    """The path in a document of a key of the sheet; keys of `[run]` stand there alone.

    >>> setting_path(("trials",)), setting_path(("sweep", "method")), setting_path(("extends",))
    (('run', 'trials'), ('sweep', 'method'), ('extends',))
    """
    return ("run", *key) if len(key) == 1 and _stands_alone(key[0]) else key


def setting_key(path: Path) -> str:
    """The key of the sheet for a path of a document.

    >>> setting_key(("run", "trials")), setting_key(("run", "note")), setting_key(("note",))
    ('trials', 'run.note', 'note')
    """
    is_alone = len(path) == 2 and path[0] == "run" and _stands_alone(path[1])
    return format_path(path[1:] if is_alone else path)


def _stands_alone(key: str) -> bool:
    """Whether a key of `[run]` is not also one of the top of a config."""
    return key not in SCHEMA.keys and key not in SCHEMA.annotations


@dataclass(slots=True)
class SettingsReader:
    """Reads the sheet into `data`, a part of a document; its faults go to the report."""

    grid: Grid
    layer: TableLayer
    report: Report
    data: dict[str, Any] = field(default_factory=dict)

    def read(self) -> dict[str, Any]:
        """The part of a document that consists of the rows."""
        titles, faults = read_titles(self.grid.rows[0])
        for title, number in titles.items():
            shown = ".".join(title)
            if shown not in _KNOWN_COLUMNS:
                hint = Speller().suggest(shown, _KNOWN_COLUMNS)
                found = f"the column {quoted(shown)} is not known"
                faults.append(CellError(1, number, found, ", ".join(_KNOWN_COLUMNS), hint))
        missing = [name for name in RUN_COLUMNS if (name,) not in titles]
        for name in missing:
            found = f"there is no column {quoted(name)}"
            faults.append(CellError(1, 0, found, "a header row in row 1"))
        for fault in faults:
            self._bad(fault)
        if not missing:
            columns = titles["key",], titles["value",]
            for row, cells in enumerate(self.grid.rows[1:], start=2):
                if any(map(is_filled, cells)) or any(at[0] == row for at in self.grid.bad):
                    self._read_row(row, cells, *columns)
        return self.data

    def _bad(self, fault: CellError, path: Path = ()) -> None:
        self.report.at(self.layer.cell(fault.row, fault.column), bad_cell(fault, path))

    def _read_row(self, row: int, cells: Sequence[Any], key: int, value: int) -> None:
        is_bad = False
        for column in (key, value):
            if (row, column) in self.grid.bad:
                self._bad(self.grid.bad[row, column])
                is_bad = True
        stray = stray_cell(self.grid.rows[0], row, cells)
        if stray:
            self._bad(stray)
        if is_bad and not is_filled(cell_of(cells, key)):
            return
        path = self._path(row, key, cell_of(cells, key), is_filled(cell_of(cells, value)))
        if path and (is_bad or is_filled(cell_of(cells, value))):
            self._put(path, row, (key, value), MALFORMED if is_bad else cell_of(cells, value))

    def _path(self, row: int, column: int, cell: Any, has_value: bool) -> Path:
        """The path of a row; empty, after a fault is reported, if its key is none."""
        text = cell.strip() if isinstance(cell, str) else ""
        key, end = read_key(text)
        if key and end == len(text):
            return setting_path(key)
        if is_filled(cell):
            found = f"{quoted(text)} is no dotted path" if text else f"is {show(cell)}"
            self._bad(CellError(row, column, found, _ALLOWED))
        elif has_value:
            self._bad(CellError(row, column, "the key is missing", _ALLOWED))
        return ()

    def _put(self, path: Path, row: int, columns: tuple[int, int], raw: Any) -> None:
        at = row, columns[1] if _is_known(path) else columns[0]
        if path in self.layer.exact and self.layer.exact[path][0] != row:
            first = self.layer.exact[path][0]
            found = f"row {first} has the same key, or one below it"
            self._bad(CellError(row, columns[0], found, "one row for each key"), path)
            return
        value = raw
        if value is not MALFORMED:
            try:
                value = cell_value(_node(path, raw), raw, path)
            except BadValueError as error:
                self._bad(CellError.at(row, columns[1], error), path)
                value = MALFORMED
        if not put(self.data, path, value):
            found = "lies in a value that another row gives as a whole"
            self._bad(CellError(row, columns[0], found, "one of them"), path)
            return
        self.layer.exact[path] = at
        for length in range(1, len(path)):
            self.layer.exact.setdefault(path[:length], (row, columns[0]))


def _node(path: Path, raw: Any) -> Node | None:
    """What the schema says about a setting; None if it is checked elsewhere."""
    if path[-1] == KNOWN_ON:
        return _KNOWN_ON
    if path[-1] in ANNOTATIONS and isinstance(raw, str):
        return _NOTE
    return node_at(path)


def _is_known(path: Path) -> bool:
    """Whether the schema has a key, as far as it describes what is below its path."""
    node: Node | None = SCHEMA
    for key in path:
        if not isinstance(node, KeyedTable | Map):
            return True
        node, above = node_below(node, key), node
        if node is None:
            return isinstance(above, KeyedTable) and key in above.annotations
    return True
