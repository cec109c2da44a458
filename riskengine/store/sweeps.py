"""The files of a sweep: finished sweep points while it runs, then the folder with its tables."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.config.schema.sweep import MOST_POINTS
from riskengine.store import disk
from riskengine.store.faults import explained
from riskengine.store.parquet import write_rows
from riskengine.store.results import bytes_writer
from riskengine.store.shapes import (
    LARGEST_AMOUNT,
    TEXT,
    Shape,
    number,
    one_of,
    or_null,
    whole,
)
from riskengine.store.sheets import cells_csv, to_csv
from riskengine.store.streams import Writer
from riskengine.store.work import SEAL_BYTES, WorkFolder
from riskengine.sweeps.figures import Head, head
from riskengine.sweeps.played import DONE, FAILED, Played
from riskengine.sweeps.tables import (
    NoiseRow,
    SensitivityRow,
    SweepRow,
    SweepTables,
    UncertaintyRow,
)

POINTS, FIGURES, FIGURES_PARQUET = "points.csv", "sweep.csv", "sweep.parquet"
SENSITIVITY, UNCERTAINTY, NOISE = "sensitivity.csv", "uncertainty.csv", "noise.csv"
SWEEP_WORKBOOK, SWEEP_PAGE = "sweep.xlsx", "sweep.html"

AreOf = Callable[[int, Sequence[Head]], bool]

_BASE = "base-losses"
_NUMBERS = [field.name for field in fields(SweepRow) if str(field.type) == "float"]
_POINT: Shape = {
    "point": whole(0, MOST_POINTS),
    "status": one_of(DONE, FAILED),
    "message": TEXT,
    "figures": [
        dict.fromkeys(("scope", "name", "measure", "unit"), TEXT)
        | {"level": or_null(number(0.0, 1.0))}
        | dict.fromkeys(_NUMBERS, or_null(number(-LARGEST_AMOUNT, LARGEST_AMOUNT)))
    ],
    "errors": [[or_null(number(-LARGEST_AMOUNT, LARGEST_AMOUNT))]],
}


class SweepWork(WorkFolder):
    """The finished sweep points of one sweep."""

    job, part = "sweep", "point"
    _identity_name, _prefix = "sweep.json", "point-"

    def finished(self, points: int, parts: int, are_of: AreOf) -> dict[int, Played]:
        """The sweep points that are kept, by number.

        Parameters
        ----------
        points : int
            Number of sweep points without the base case.
        parts : int
            Number of parts into which the trials of a point are split. Each figure has one error
            per part.
        are_of : callable
            Given the number of a point and the heads of its figures, whether the point can have
            these figures.

        Returns
        -------
        dict
            Points without damaged or impossible contents; the others are played again.
        """
        with explained(self._target):
            names = set(disk.names(self._folder))
            found = [
                self._read_point(number)
                for number in range(points + 1)
                if _point_name(number) in names
            ]
        return {
            played.point: played
            for played in found
            if played is not None and _is_sound(played, parts, are_of)
        }

    def keep(self, played: Played) -> None:
        """Keep one sweep point.

        Raises
        ------
        RunFault
            If it cannot be written; earlier points stay.
        """
        record = {
            "point": played.point,
            "status": played.status,
            "message": played.message,
            "figures": [_without_nan(row) for row in played.figures],
            "errors": [[None if math.isnan(x) else x for x in row] for row in played.errors],
        }
        with explained(self._target):
            self._write(_point_name(played.point), json.dumps(record).encode(), self._own)

    def keep_base(self, losses: NDArray[np.float64]) -> None:
        """Keep the base case's losses, (series, n), to which all sweep points are compared."""
        with explained(self._target):
            self._write(_BASE, losses.tobytes(), self._own)

    def base_losses(self, series: int, trials: int) -> NDArray[np.float64] | None:
        """The losses of the base case, (series, trials); None if they are not kept, or damaged.

        Damage raises no error: the base case is then played again.
        """
        size = series * trials * 8
        content = self._read(_BASE, self._own, most=size + SEAL_BYTES)
        if content is None or len(content) != size:
            return None
        losses = np.frombuffer(content).reshape(series, trials)
        return losses if bool((np.abs(losses) <= LARGEST_AMOUNT).all()) else None  # false for nan

    def _read_point(self, number: int) -> Played | None:
        record = self._document(_point_name(number), self._own, _POINT)
        if record is None or record["point"] != number:
            return None
        return Played(
            point=number,
            status=record["status"],
            message=record["message"],
            figures=tuple(_with_nan(number, row) for row in record["figures"]),
            errors=tuple(
                tuple(math.nan if x is None else float(x) for x in row) for row in record["errors"]
            ),
        )


def _is_sound(played: Played, parts: int, are_of: AreOf) -> bool:
    """Whether a sweep point can have this result: all of its figures, or why it has none."""
    if [len(row) for row in played.errors] != [parts] * len(played.figures):
        return False
    if played.status == FAILED:
        return played.point > 0 and bool(played.message) and not played.figures
    return not played.message and are_of(played.point, [head(row) for row in played.figures])


def table_files(tables: SweepTables, *, excel_csv: bool) -> dict[str, Writer]:
    """The writers of all tables, by file name."""
    csv: dict[str, bytes] = {
        POINTS: cells_csv(
            ["point", "status", "message", *tables.paths],
            ([row.point, row.status, row.message, *row.settings] for row in tables.points),
            excel=excel_csv,
        ),
        FIGURES: to_csv(SweepRow, tables.figures, excel=excel_csv),
        SENSITIVITY: to_csv(SensitivityRow, tables.sensitivity, excel=excel_csv),
    }
    if tables.uncertainty:
        csv[UNCERTAINTY] = to_csv(UncertaintyRow, tables.uncertainty, excel=excel_csv)
    if tables.noise:
        csv[NOISE] = to_csv(NoiseRow, tables.noise, excel=excel_csv)
    writers = {name: bytes_writer(data) for name, data in csv.items()}
    return writers | {FIGURES_PARQUET: lambda file: write_rows(file, SweepRow, tables.figures)}


def notice_records(tables: SweepTables) -> list[dict[str, Any]]:
    """The notices of a sweep as plain data."""
    return [asdict(notice) for notice in tables.notices]


def _without_nan(row: SweepRow) -> dict[str, Any]:
    """A row as JSON, in which nan is null."""
    found = asdict(row)
    return found | {name: None for name in _NUMBERS if math.isnan(found[name])}


def _with_nan(point: int, row: Mapping[str, Any]) -> SweepRow:
    """The row of a point that `_without_nan` wrote."""
    known = {field.name: row[field.name] for field in fields(SweepRow) if field.name != "point"}
    numbers = {name: math.nan if row[name] is None else float(row[name]) for name in _NUMBERS}
    return SweepRow(point=point, **(known | numbers))


def _point_name(number: int) -> str:
    return f"point-{number:06}"
