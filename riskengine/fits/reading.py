"""Reads episodes from a file: checks every cell and reports all faults with row and column."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from riskengine.config.layers.layers import Report, TableLayer
from riskengine.config.layers.tables import cell_value, stray_cell
from riskengine.config.schema.scalars import Findings, finite_number, is_number, says_nothing, show
from riskengine.config.sources.files import File, Folder, UnreadableError
from riskengine.config.sources.grids import (
    BadValueError,
    CellError,
    Grid,
    cell_of,
    is_filled,
    read_grid,
    split_reference,
)
from riskengine.config.sources.names import fault_of_text, normal
from riskengine.errors import ConfigFault, Fault
from riskengine.fits.columns import (
    CENSORED,
    CLUSTER,
    DAYS,
    DURATION,
    END,
    END_PRECISION,
    EPISODE,
    EXPOSURE,
    ID,
    NEAR_ZERO,
    OPTIONAL,
    PARENT,
    PRECISION,
    RECOVERED,
    START,
    START_PRECISION,
    ColumnPlaces,
    read_header,
)
from riskengine.fits.dates import PRECISIONS, period, read_day
from riskengine.fits.episodes import EpisodeTable, PastEpisode, Period, latest_date
from riskengine.fits.faults import episode_faults, table_faults
from riskengine.model.spelling import Speller

MOST_EPISODES = 10_000  #: a bootstrap holds a thousand weights for each


def read_episodes(reference: str, today: date) -> EpisodeTable:
    """Read a table of past restrictions and check all of it.

    Parameters
    ----------
    reference : str
        Path of a CSV file or workbook; `book.xlsx#Sheet` names a sheet.
    today : date
        Dates after it are refused.

    Returns
    -------
    EpisodeTable

    Raises
    ------
    ConfigFault
        With every fault at once, each with file, row and column.
    """
    path, sheet = split_reference(reference)
    folder, name = os.path.split(path)
    try:
        if not name or "\0" in path:
            raise UnreadableError("has no file name", "the path of a CSV or XLSX table")
        file = Folder(root=os.path.realpath(folder or "."), shown=folder).open_config(name)
        grid = read_grid(file, sheet)
    except CellError as error:
        place = TableLayer(rank=0, folder="", shown=path).cell(error.row, error.column)
        raise ConfigFault([_fault(error, file=place.file, cell=place.cell)]) from None
    except UnreadableError as error:
        raise ConfigFault([_fault(error, file=path)]) from None
    return _Reader(file, grid, today).read()


def _fault(error: CellError | UnreadableError, file: str, cell: str = "") -> Fault:
    return Fault(
        path=(), found=error.found, allowed=error.allowed, hint=error.hint, file=file, cell=cell
    )


@dataclass(slots=True)
class _Reader:
    """Reads one grid; faults go to the report."""

    file: File
    grid: Grid
    today: date
    report: Report = field(default_factory=Report)
    speller: Speller = field(default_factory=Speller)

    def read(self) -> EpisodeTable:
        header = read_header(self.grid.rows[0])
        for fault in header.faults:
            self._met(fault)
        if len(self.grid.rows) - 1 > MOST_EPISODES:
            found = f"has {len(self.grid.rows) - 1:,} rows below the header"
            raise ConfigFault(
                [_fault(CellError(1, 0, found, f"at most {MOST_EPISODES:,}"), self.grid.shown)]
            )
        for _, fault in sorted(self.grid.bad.items()):
            self._met(fault)
        episodes = [] if header.faults else self._episodes(header)
        if not header.faults and not episodes and not self.report.found:
            self._bad(CellError(1, 0, "there is no row below the header", "one row an episode"))
        for fault in table_faults(episodes, header, every_id=not self._lacks_an_id(header)):
            self._bad(fault)
        faults = self.report.sorted()
        if faults:
            raise ConfigFault(faults)
        known = tuple(episodes)
        return EpisodeTable(
            name=os.path.basename(self.file.shown) + self.grid.shown[len(self.file.shown) :],
            sha256=hashlib.sha256(self.file.data).hexdigest(),
            headings=tuple(header.places),
            episodes=known,
            cut_off=latest_date(known),
        )

    def _bad(self, fault: CellError, column: str = "") -> None:
        """Report a fault, unless its cell has no value at all, which has been reported already."""
        if (fault.row, fault.column) not in self.grid.bad:
            self._met(fault, column)

    def _met(self, fault: CellError, column: str = "") -> None:
        layer = TableLayer(rank=0, folder="", shown=self.grid.shown, cells=self.grid.rows)
        self.report.at(
            layer.cell(fault.row, fault.column),
            Fault(
                path=(column,) if column else (),
                found=fault.found,
                allowed=fault.allowed,
                hint=fault.hint,
            ),
        )

    def _lacks_an_id(self, header: ColumnPlaces) -> bool:
        """Whether a row has an unreadable id: a link may then lead to it unnoticed."""
        is_bad = any(column == header.places.get(ID) for _, column in self.grid.bad)
        return is_bad or any(fault.path == (ID,) for _, fault in self.report.found)

    def _episodes(self, header: ColumnPlaces) -> list[PastEpisode]:
        """Every row as an episode, including those with faults: others may be linked to them."""
        bad = {row for row, _ in self.grid.bad}
        return [
            self._episode(_Row(self, header, row, cells), is_bad=row in bad)
            for row, cells in enumerate(self.grid.rows[1:], start=2)
            if row in bad or any(map(is_filled, cells))
        ]

    def _episode(self, row: _Row, *, is_bad: bool) -> PastEpisode:
        """One row; a start that may be wrong is left out: others are not compared with it."""
        before = len(self.report.found)
        stray = stray_cell(self.grid.rows[0], row.row, row.cells)
        if stray:
            self._bad(stray)
        strays = len(self.report.found)
        episode = row.episode()
        if len(self.report.found) == strays and not is_bad:
            for fault in episode_faults(episode, row.header, self.today):
                self._bad(fault)
        is_sound = len(self.report.found) == before and not is_bad
        return episode if is_sound else replace(episode, start=None)


@dataclass(slots=True)
class _Row:
    """Reads the cells of one row."""

    reader: _Reader
    header: ColumnPlaces
    row: int
    cells: Sequence[Any]
    texts: dict[str, str] = field(default_factory=dict)  #: every cell as text, by heading

    def episode(self) -> PastEpisode:
        self.texts = {name: self._text(name) for name in self.header.places}
        identity = self._known(ID) or f"row {self.row}"
        days = {name: self._days(name) for name in DAYS}
        return PastEpisode(
            row=self.row,
            id=identity,
            cluster=self._known(CLUSTER) or f"only {identity}",
            censored=self._flag(),
            start=self._period(START, START_PRECISION),
            end=self._period(END, END_PRECISION),
            duration_days=days[DURATION],
            near_zero_days=days[NEAR_ZERO],
            recovered_days=days[RECOVERED],
            parent=self._known(PARENT),
            exposure_years=days[EXPOSURE],
            cells=self.texts,
        )

    def _known(self, name: str) -> str:
        """The text of a column; empty where there is none."""
        return self.texts.get(name, "")

    def _raw(self, name: str) -> Any:
        raw = cell_of(self.cells, self.header.places.get(name, len(self.cells)))
        says_none = name in OPTIONAL and isinstance(raw, str) and says_nothing(raw)
        return raw if is_filled(raw) and not says_none else None

    def _bad(self, name: str, found: str, allowed: str, hint: str = "") -> None:
        column = self.header.places.get(name, 0)
        self.reader._bad(CellError(self.row, column, found, allowed, hint), name)

    def _read(self, name: str, read: Callable[[Any], Any]) -> Any:
        raw = self._raw(name)
        if raw is None:
            return None
        try:
            return read(raw)
        except BadValueError as error:
            self._bad(name, error.found, error.allowed, error.hint)
            return None

    def _text(self, name: str) -> str:
        raw = self._raw(name)
        if raw is None:
            return ""
        text = normal(raw.strip()) if isinstance(raw, str) else _written(raw)
        reason = fault_of_text(text, lines=True)
        if reason:
            self._bad(name, reason, "a text")
            return ""
        return text

    def _flag(self) -> bool:
        raw = self._raw(CENSORED)
        value = self._read(CENSORED, lambda raw: cell_value(EPISODE.keys[CENSORED], raw))
        if is_number(value) and value in (0, 1):
            return bool(value)
        found = "is missing" if raw is None else f"is {show(raw)}"
        self._bad(CENSORED, found, "0 where the episode has ended, 1 where it is still in force")
        return False

    def _days(self, name: str) -> float | None:
        node = DAYS[name]
        value = self._read(name, lambda raw: cell_value(node, raw))
        if value is None:
            return None
        findings = Findings()
        number = finite_number(node, value, (), findings)
        for fault in findings.faults:
            self._bad(name, fault.found, f"a number of {node.unit} above 0", fault.hint)
        if number is not None and number <= 0.0:
            self._bad(
                name, f"is {show(value)}", f"a number of {node.unit} above 0; empty where unknown"
            )
        return number

    def _period(self, name: str, precise: str) -> Period | None:
        read = self._read(name, read_day)
        column = precise if self.header.has(precise) else PRECISION
        precision = self._known(column)
        if read is None:
            return None
        given, implied = read
        if not precision:
            return period(given, implied)
        if precision not in PRECISIONS:
            allowed = ", ".join(PRECISIONS)
            hint = self.reader.speller.suggest(precision, PRECISIONS)
            self._bad(column, f"is {show(precision)}", allowed, hint)
            return None
        coarser = max(implied, precision, key=PRECISIONS.index)
        return period(given, coarser)


def _written(raw: Any) -> str:
    """A typed workbook cell as text."""
    if isinstance(raw, date):
        return raw.isoformat()
    if isinstance(raw, float):
        return f"{raw:.15g}"
    return str(raw)
