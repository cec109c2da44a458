"""Where every value comes from: the files and texts that make up a config.

A scenario is merged from layers. Each layer knows where its own values were written. Layers are
searched from the top down, so that a fault is reported where the value that counts was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

from riskengine.config.sources.grids import cell_of, is_filled
from riskengine.config.toml.positions import DepthError, positions
from riskengine.errors import Fault, escaped

Path = tuple[str, ...]
Naming = Callable[[Path], Path]  #: from a path to another; empty for one that goes nowhere

_Held = TypeVar("_Held")

MOST_SHOWN = 160  #: characters of a line that a message shows


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something was written; `order` sorts places: layer, row, column."""

    file: str = ""
    line: int = 0
    cell: str = ""
    text: str = ""
    order: tuple[int, int, int] = (0, 0, 0)

    @property
    def shown(self) -> str:
        """The place as messages name it: `file:line`, `file!cell`, or the file."""
        at = Fault(path=(), found="", allowed="", file=self.file, line=self.line, cell=self.cell)
        return at.place


class Layer(Protocol):
    """A source of values that knows the places of its own."""

    rank: int  #: messages are sorted by the rank of their layers
    folder: str  #: paths of files in this layer are relative to this folder

    def place(self, path: Path, rest: Path) -> Place | None:
        """Place of a path in this layer; `rest` is the remainder of the path that was asked for."""


def clean(line: str) -> str:
    """A line that is safe to show on a terminal: escaped and cut to a readable length."""
    line = line.strip()
    line = line if len(line) <= MOST_SHOWN else line[:MOST_SHOWN] + "..."
    return escaped(line, kept="\t")


def _is_in(data: Any, path: Path) -> bool:
    for part in path:
        if not isinstance(data, Mapping) or part not in data:
            return False
        data = data[part]
    return True


@dataclass(slots=True, kw_only=True)
class TextLayer:
    """A TOML file, or a dict (which has no lines)."""

    rank: int = 0
    folder: str = ""
    shown: str = ""
    text: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)  #: its own values, nothing merged in
    _lines: list[str] = field(default_factory=list)
    _numbers: dict[Path, int] = field(default_factory=dict)  #: the first line of each path
    _named: Naming | None = None

    def place(self, path: Path, rest: Path) -> Place | None:
        if not self.text:
            return Place(order=(self.rank, 0, 0)) if _is_in(self.data, path) else None
        if not self._numbers:
            self._index()
        line = self._numbers.get(path)
        if line is None:
            return None
        text = clean(self._lines[line - 1])
        return Place(file=self.shown, line=line, text=text, order=(self.rank, line, 0))

    def rename(self, named: Naming) -> None:
        """Give the places to other paths; `data` is not changed."""
        self._named = named
        self._numbers = {}

    def _index(self) -> None:
        # Computed on demand: only a config with faults needs line numbers.
        self._lines = self.text.split("\n")
        try:
            found = positions(self.text)
        except DepthError as error:
            found = error.found
        for path, line in found:
            self._numbers.setdefault(self._named(path) if self._named else path, line)


@dataclass(slots=True, kw_only=True)
class SetLayer:
    """One value given on the command line; it holds everything at and below its path."""

    rank: int
    path: Path
    text: str
    folder: str = ""

    def place(self, path: Path, rest: Path) -> Place | None:
        return self.own_place if path[: len(self.path)] == self.path else None

    @property
    def own_place(self) -> Place:
        """Place of the text itself."""
        return Place(file=f"--set {clean(self.text)}", order=(self.rank, 0, 0))


@dataclass(slots=True, kw_only=True)
class TableLayer:
    """Rows of a CSV or XLSX table."""

    rank: int
    folder: str
    shown: str
    declares: bool = False  #: whether rows are whole materials or industries
    data: Mapping[str, Any] = field(default_factory=dict)  #: its own values, nothing merged in
    columns: dict[Path, int] = field(default_factory=dict)  #: number, from 0, by path below a row
    rows: dict[Path, int] = field(default_factory=dict)  #: number of each row, from 1, by path
    names: dict[Path, int] = field(default_factory=dict)  #: column of the last name of each row
    parts: dict[Path, int] = field(default_factory=dict)  #: first row below paths above the rows
    exact: dict[Path, tuple[int, int]] = field(default_factory=dict)  #: cells of whole values
    cells: Sequence[Sequence[Any]] = ()  #: of all rows, the header included

    def place(self, path: Path, rest: Path) -> Place | None:
        if path in self.exact:
            return self.cell(*self.exact[path])
        if path in self.rows:
            return self.cell(self.rows[path], self._column(path, rest))
        if path in self.parts:
            return self.cell(self.parts[path], 0)
        for length in range(1, len(path)):
            row, column = self.rows.get(path[:-length]), self.columns.get(path[-length:])
            if row and column is not None and self._is_filled(row, column):
                return self.cell(row, column)
        return None

    def rename(self, named: Naming) -> None:
        """Give the rows to other paths of the same lengths; `data` is not changed."""
        self.rows = _renamed(self.rows, named)
        self.names = _renamed(self.names, named)
        self.parts = _renamed(self.parts, named)
        self.exact = _renamed(self.exact, named)

    def _column(self, row: Path, key: Path) -> int:
        """The column of a key, or of the first key below it; of the row's name without a key."""
        if key in self.columns or not key:
            return self.columns.get(key, self.names.get(row, 0))
        below = (number for other, number in self.columns.items() if other[: len(key)] == key)
        return next(below, 0)

    def _is_filled(self, row: int, column: int) -> bool:
        return is_filled(cell_of(self.cells[row - 1], column))

    def cell(self, row: int, column: int) -> Place:
        """Place of one cell."""
        cells = self.cells[row - 1] if row <= len(self.cells) else ()
        texts = ["" if cell is None else str(cell) for cell in cells]
        if row == 1:
            texts = [text.partition("\n")[0] for text in texts]  # a heading ends there
        return Place(
            file=self.shown,
            cell=cell_name(row, column),
            text=clean(",".join(texts)),
            order=(self.rank, row, column),
        )


def _renamed(held: Mapping[Path, _Held], named: Naming) -> dict[Path, _Held]:
    return {other: value for path, value in held.items() if (other := named(path))}


def cell_name(row: int, column: int) -> str:
    """The name of a cell, such as C7 for row 7 and the third column (numbered 2).

    >>> cell_name(7, 2), cell_name(1, 26)
    ('C7', 'AA1')
    """
    letters = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row}"


Order = tuple[int, int, int]


@dataclass(slots=True)
class Report:
    """The faults of a config, collected with their places."""

    main: str = ""  #: the main file, as messages name it
    found: list[tuple[Order, Fault]] = field(default_factory=list)

    def at(self, place: Place, fault: Fault) -> None:
        """Add a fault whose place is known."""
        located = replace(fault, file=place.file, line=place.line, cell=place.cell, text=place.text)
        self.found.append((place.order, located))

    def add(self, fault: Fault, layers: Sequence[Layer]) -> None:
        """Add a fault at the place of its path, or of the nearest path above it."""
        self.at(find_place(fault.path, layers) or Place(file=self.main), fault)

    def sorted(self) -> list[Fault]:
        """All faults in order: the main file by line, its bases, its tables, the command line."""
        return [fault for _, fault in sorted(self.found, key=lambda entry: entry[0])]


def find_place(path: Path, layers: Sequence[Layer]) -> Place | None:
    """Place of a path in the uppermost layer that holds it, or of the nearest path above it."""
    return next((place for _, place in _found(path, layers)), None)


def find_holder(path: Path, layers: Sequence[Layer]) -> Layer | None:
    """The uppermost layer that holds a path, or else the nearest path above it."""
    return next((layer for layer, _ in _found(path, layers)), None)


def _found(path: Path, layers: Sequence[Layer]) -> Iterator[tuple[Layer, Place]]:
    for length in range(len(path), 0, -1):
        parts: list[tuple[Layer, Place]] = []
        for layer in reversed(layers):
            place = layer.place(path[:length], path[length:])
            if place and isinstance(layer, TableLayer) and path[:length] in layer.parts:
                parts.append((layer, place))  # a row about a part says less than one of its own
            elif place:
                yield layer, place
        yield from parts
