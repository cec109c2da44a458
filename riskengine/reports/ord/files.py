"""Files of Open Results Data: written aside first, and put in place only when all are complete."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from riskengine.errors import RunFault
from riskengine.reports.ord.tables import OrdTable

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS_A_CHUNK = 65_536  #: bounds the memory of cells as text, and the row groups of Parquet


class Batch:
    """Files that appear together; the one added last is there only when all others are."""

    def __init__(self, target: Path, stage: Path):
        self._target = target
        self._stage = stage
        self._names: list[str] = []

    @contextmanager
    def file(self, name: str) -> Iterator[BinaryIO]:
        """A new file, on the disk at the end of the block."""
        path = self._stage / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        self._names.append(name)

    def put_in_place(self) -> list[Path]:
        """Move all files to where they belong, over those of an earlier batch."""
        places = [self._target / name for name in self._names]
        places[-1].unlink(missing_ok=True)  # until it is back, the folder is incomplete
        for name, place in zip(self._names, places, strict=True):
            place.parent.mkdir(parents=True, exist_ok=True)
            os.replace(self._stage / name, place)
        return places


@contextmanager
def batch(folder: Path) -> Iterator[Batch]:
    """Files to be written into a folder; what fails before `put_in_place` leaves it as it was.

    Raises
    ------
    RunFault
        In place of any error of the operating system.
    """
    try:
        is_new = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=".ord-", dir=folder))
        try:
            yield Batch(folder, stage)
        finally:
            shutil.rmtree(stage, ignore_errors=True)
            if is_new:
                with suppress(OSError):  # it holds files by now
                    folder.rmdir()
    except OSError as error:
        reason = error.strerror or str(error)
        raise RunFault(f"cannot write Open Results Data to {folder}: {reason}") from error


class Writer(Protocol):
    """Takes the rows of one file, piece by piece."""

    def write(self, rows: pa.Table) -> None: ...


class CsvWriter:
    """Rows as plain CSV: UTF-8 without a mark, comma, dot, numbers that read back the same."""

    def __init__(self, file: BinaryIO, table: OrdTable):
        self._file = file
        self._texts = [column.kind.text for column in table.columns]
        file.write((",".join(table.header) + "\n").encode())

    def write(self, rows: pa.Table) -> None:
        for start in range(0, rows.num_rows, _ROWS_A_CHUNK):
            columns = rows.slice(start, _ROWS_A_CHUNK).columns
            cells = map(_cells, columns, self._texts)
            lines = map(",".join, zip(*cells, strict=True))
            self._file.write(("\n".join(lines) + "\n").encode())


def _cells(column: pa.ChunkedArray, text: Callable[[Any], str]) -> list[str]:
    values = column.to_pylist()
    if column.null_count:
        return ["" if value is None else text(value) for value in values]
    return list(map(text, values))


class ParquetWriter:
    """Rows as Parquet with the most widely read settings."""

    def __init__(self, file: BinaryIO, table: OrdTable):
        import pyarrow.parquet as pq

        self._writer = pq.ParquetWriter(file, table.schema(), compression="snappy")

    def write(self, rows: pa.Table) -> None:
        self._writer.write_table(rows, row_group_size=_ROWS_A_CHUNK)

    def close(self) -> None:
        self._writer.close()


@contextmanager
def writers(batched: Batch, stem: str, table: OrdTable) -> Iterator[list[Writer]]:
    """One file of a table in each format."""
    with batched.file(f"{stem}.csv") as plain, batched.file(f"{stem}.parquet") as columns:
        parquet = ParquetWriter(columns, table)
        try:
            yield [CsvWriter(plain, table), parquet]
        finally:
            parquet.close()
