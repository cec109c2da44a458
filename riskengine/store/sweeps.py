"""The files of a sweep: finished sweep points while it runs, then the folder with its tables.

Each finished point is one file in a hidden folder next to the target. The file is written under
another name, synced and renamed; its first line holds a digest of the file and of the sweep. So a
process that dies leaves only complete files. A point whose file is damaged anyway is played again.
The hidden folder is removed once the tables are in place.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.config.sweeps.reading import MOST_POINTS
from riskengine.errors import UsageFault
from riskengine.store import disk
from riskengine.store.faults import explained
from riskengine.store.folder import Claim
from riskengine.store.parquet import write_rows
from riskengine.store.results import Writer, bytes_writer, write_files
from riskengine.store.shapes import (
    LARGEST_AMOUNT,
    TEXT,
    Each,
    Shape,
    number,
    one_of,
    or_null,
    parsed,
    whole,
)
from riskengine.store.sheets import cells_csv, to_csv
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

_IDENTITY = "sweep.json"
_BASE = "base-losses"
_UNFINISHED = ".new"
_SEAL_BYTES = 65  #: 64 hexadecimal digits and a line end
_MOST_BYTES = 1 << 26  #: of a kept point; ours take some kilobytes
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


class WorkFolder:
    """The finished sweep points of one sweep, kept until its tables are written."""

    def __init__(self, claimed: Claim):
        self._target = claimed.target
        self._folder = claimed.work_folder
        self._own = ""

    def begin(self, identity: Mapping[str, str], *, restart: bool) -> None:
        """Continue with the points kept by the same sweep, or start without any.

        Parameters
        ----------
        identity : mapping
            Everything that a sweep point depends on: description -> digest.
        restart : bool
            Discard the points that are kept.

        Raises
        ------
        UsageFault
            If the folder holds points of another sweep (the message names the differences), or if
            its path holds something else. Nothing is changed then.
        RunFault
            If the folder cannot be written.
        """
        text = json.dumps(dict(identity), sort_keys=True)
        self._own = hashlib.sha256(text.encode()).hexdigest()
        with explained(self._target):
            found = disk.kind(self._folder)
            if found not in ("folder", "nothing"):  # a link could lead into a foreign folder
                raise UsageFault(
                    f"{self._folder}, where finished points are kept, is a {found} and no folder; "
                    "remove it, or choose another folder with --out."
                )
            if restart and found == "folder":
                disk.remove(self._folder)
            if restart or found == "nothing":
                disk.make_folder(self._folder)
            self._tidy()
            kept = self._identity()
            if kept is None:  # any points of another sweep there fail their digest
                self._write(_IDENTITY, text.encode(), own="")
            elif kept != dict(identity):
                raise UsageFault(self._refusal(kept, identity))

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

    def count(self) -> int:
        """Number of sweep points that are kept."""
        names = disk.names(self._folder)
        return sum(name.startswith("point-") and _UNFINISHED not in name for name in names)

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
        content = self._read(_BASE, self._own, most=size + _SEAL_BYTES)
        if content is None or len(content) != size:
            return None
        losses = np.frombuffer(content).reshape(series, trials)
        return losses if bool((np.abs(losses) <= LARGEST_AMOUNT).all()) else None  # false for nan

    def remove(self) -> None:
        """Remove the whole folder, once the tables are in place."""
        with suppress(OSError):  # the next sweep removes or uses what is left
            disk.remove(self._folder)

    def _identity(self) -> dict[str, str] | None:
        identity: dict[str, str] | None = self._document(_IDENTITY, "", Each(TEXT))
        return identity

    def _refusal(self, kept: Mapping[str, str], identity: Mapping[str, str]) -> str:
        changed = [name for name, digest in identity.items() if kept.get(name) != digest]
        return (
            f"an unfinished sweep for {self._target} is kept ({self.count():,} points are played), "
            f"and since then {_listed(changed)} changed. Add --restart to throw its points away "
            "and begin again, undo the change to go on with them, or choose another folder with "
            "--out."
        )

    def _tidy(self) -> None:
        """Remove unfinished files, and foreign entries: links, pipes and folders."""
        for name in disk.names(self._folder):
            entry = self._folder / name
            if name.endswith(_UNFINISHED) or disk.kind(entry) != "file":
                disk.remove(entry)

    def _write(self, name: str, content: bytes, own: str) -> None:
        aside = self._folder / f"{name}{_UNFINISHED}"
        try:
            with disk.new_file(aside) as file:
                file.write(_seal(content, own) + b"\n")
                file.write(content)
            disk.replace(aside, self._folder / name)
        except OSError:
            with suppress(OSError):
                disk.remove(aside)
            raise

    def _read(self, name: str, own: str, most: int = _MOST_BYTES) -> bytes | None:
        """The content of a file; None if it is missing, damaged or from another sweep."""
        try:
            seal, _, content = disk.read(self._folder / name, most).partition(b"\n")
        except (OSError, ValueError):
            return None
        return content if seal == _seal(content, own) else None

    def _document(self, name: str, own: str, shape: Shape) -> Any:
        """The contents of a JSON file of a shape; None if it is missing or not valid."""
        content = self._read(name, own)
        with suppress(ValueError):
            return None if content is None else parsed(content, shape)
        return None

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


def write_sweep(claimed: Claim, writers: Mapping[str, Writer], about: Mapping[str, Any]) -> None:
    """Write the folder of a sweep, completely or not at all.

    Parameters
    ----------
    claimed : Claim
        A claim of the kind `SWEEP_FORMAT`.
    writers : mapping
        Writers by file name.
    about : mapping
        The fields of the manifest except the list of files.

    Raises
    ------
    RunFault
        If it cannot be written; the earlier folder is then intact.
    """

    def fill(folder: Path) -> None:
        write_files(
            folder, writers, lambda written: {"format": claimed.kind, **about, "files": written}
        )

    claimed.replace(fill)


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


def _seal(content: bytes, own: str) -> bytes:
    """The first line of a file: a digest of its other lines and of the sweep that it belongs to."""
    return hashlib.sha256(own.encode() + b"\n" + content).hexdigest().encode()


def _point_name(number: int) -> str:
    return f"point-{number:06}"


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def digest_of(values: Iterable[Any]) -> str:
    """SHA-256 of plain values: texts, numbers, lists, tables."""
    digest = hashlib.sha256()
    for value in values:
        digest.update(json.dumps(value, sort_keys=True, default=str).encode() + b"\n")
    return digest.hexdigest()
