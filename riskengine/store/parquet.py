"""Trial-level columns to and from Parquet; the same columns always give the same bytes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import fields
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.play.simulate import memory_bytes
from riskengine.store.columns import TrialColumn
from riskengine.store.disk import NewFile
from riskengine.store.shapes import LARGEST_AMOUNT

if TYPE_CHECKING:
    import pyarrow as pa

_BUFFER_BYTES = 1 << 20
_ROWS_A_GROUP = 131_072  #: bounds memory; affects the bytes, so the same on all machines
_FAST_ZSTD = -4  #: on losses a third less time than level 1, but an eighth more bytes


class ColumnFile:
    """A Parquet file to which columns are appended; complete at the end of a `with` block."""

    def __init__(self, file: NewFile, columns: Sequence[TrialColumn]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._schema = pa.schema([_field(column) for column in columns])
        # Buffered, because a Parquet file is written in very many small pieces.
        self._sink = pa.BufferedOutputStream(pa.PythonFile(file, mode="w"), _BUFFER_BYTES)
        self._writer = pq.ParquetWriter(self._sink, self._schema, **_packing(columns))

    def add(self, columns: Sequence[TrialColumn]) -> None:
        """Append values as one or more row groups."""
        for group in _row_groups(columns, self._schema):
            self._writer.write_table(group, row_group_size=_ROWS_A_GROUP)

    def __enter__(self) -> ColumnFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()
        self._sink.close()


def write_columns(file: NewFile, columns: Sequence[TrialColumn]) -> None:
    """Write columns of equal length as one Parquet file.

    Parameters
    ----------
    file : NewFile
        An open file, which the caller must finish.
    columns : sequence of TrialColumn
        The unit of each column goes into its metadata.
    """
    with ColumnFile(file, columns) as parquet:
        parquet.add(columns)


def write_rows(file: NewFile, row_type: type[Any], rows: Sequence[Any]) -> None:
    """Write rows of a dataclass as one Parquet file: texts, whole numbers, floats; nan is null."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {"str": pa.string(), "int": pa.int64(), "float": pa.float64()}
    described = fields(row_type)
    types = [kinds[str(field.type).split(" ")[0]] for field in described]
    schema = pa.schema(
        [pa.field(field.name, kind) for field, kind in zip(described, types, strict=True)]
    )
    sink = pa.BufferedOutputStream(pa.PythonFile(file, mode="w"), _BUFFER_BYTES)
    options = {"compression": "zstd", "write_page_checksum": True}
    with sink, pq.ParquetWriter(sink, schema, **options) as writer:
        for start in range(0, len(rows), _ROWS_A_GROUP):
            part = rows[start : start + _ROWS_A_GROUP]
            arrays = [
                pa.array([getattr(row, field.name) for row in part], kind, from_pandas=True)
                for field, kind in zip(described, types, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


class TrialRange(NamedTuple):
    """Which trials a file may hold."""

    first: int
    trials: int
    is_whole: bool  #: whether the file holds all of them; always in order

    @property
    def words(self) -> str:
        return f"trials {self.first} to {self.first + self.trials - 1}"


def read_trials(
    data: bytes, columns: Sequence[TrialColumn], held: TrialRange, kinds: Collection[str] = ()
) -> pa.Table:
    """The table of a trial-level file, which may come from somebody else.

    The metadata of the file is checked before memory is allocated for its rows. The file is read in
    this thread only: a process that ends while the library's own threads start sometimes aborts
    with code 134 after a right answer.

    Parameters
    ----------
    data : bytes
        The file.
    columns : sequence of TrialColumn
        The columns that a run writes.
    held : TrialRange
    kinds : collection of str
        What to read besides the trial numbers: columns that are called so, or so before a colon.
        Empty: all. The other columns are not decoded.

    Raises
    ------
    ValueError
        If the file differs from what a run writes, or does not fit into memory; says how.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(data), pre_buffer=False)
        _check_columns(file.schema_arrow, pa.schema([_field(column) for column in columns]))
        _check_size(file.metadata, held, len(columns))
        asked = [c for c in columns[1:] if not kinds or {c.name, kind_of(c.name)} & set(kinds)]
        read = [columns[0], *asked]
        table = file.read([column.name for column in read], use_threads=False)
        table.validate()
    except (pa.ArrowException, OSError) as error:
        reason = str(error).partition("\n")[0] or "it is no Parquet file"
        raise ValueError(reason) from error
    _check_values(table, read, held)
    return table


def kind_of(column: str) -> str:
    """What a column holds: its name up to a colon, after which its industry or material follows."""
    return column.partition(":")[0]


def _check_columns(found: pa.Schema, expected: pa.Schema) -> None:
    for mine, own in zip_longest(found, expected):
        if mine is None or own is None or not mine.equals(own):
            raise ValueError(
                f"it has {_shown(mine)}, and a run of the config in manifest.json {_shown(own)}"
            )


def _shown(field: pa.Field | None) -> str:
    if field is None:
        return "no more columns"
    return f'a column "{field.name}" of {field.type}{"" if field.nullable else ", never null"}'


def _check_size(about: Any, held: TrialRange, columns: int) -> None:
    rows = about.num_rows
    in_groups = sum(about.row_group(index).num_rows for index in range(about.num_row_groups))
    if rows != in_groups or not (
        rows == held.trials if held.is_whole else 0 <= rows <= held.trials
    ):
        raise ValueError(f"it has {rows:,} rows, and manifest.json speaks of {held.words}")
    needed, there = rows * columns * 8 * 2, memory_bytes()  # twice, to leave working memory
    if needed > there:
        raise ValueError(
            f"its {rows:,} rows take {needed / 2**30:,.1f} GiB of memory, and this machine has "
            f"{there / 2**30:,.1f} GiB"
        )


def _check_values(table: pa.Table, columns: Sequence[TrialColumn], held: TrialRange) -> None:
    trials = series_of(table["trial"])
    rise = np.diff(trials)
    is_inside = not len(trials) or (
        trials[0] >= held.first and trials[-1] < held.first + held.trials and bool(np.all(rise > 0))
    )
    if len(trials) != table.num_rows or not is_inside:
        raise ValueError(f"it has other trials than manifest.json, which speaks of {held.words}")
    for column in columns[1:]:
        found = series_of(table[column.name])
        held_ones = np.count_nonzero(np.abs(found) <= LARGEST_AMOUNT)  # neither nan nor infinite
        if held_ones + table[column.name].null_count != len(found):
            raise ValueError(f'column "{column.name}" has a value that no run can write')


def _packing(columns: Sequence[TrialColumn]) -> dict[str, Any]:
    """How each column is stored; depends on its kind, never on values, machine or clock.

    Only plain values, dictionaries and zstd are used, which every reader of Parquet supports.
    """
    # A loss is zero in most trials and has unique digits in all others. So a dictionary saves
    # nothing, but zstd compresses the runs of zeros. A nullable column has no zeros to compress.
    stored = {column.name: "none" if column.nullable else "zstd" for column in columns}
    amounts = [c for c in columns if c.values.dtype.kind == "f" and not c.nullable]
    return {
        "compression": stored,
        "compression_level": {column.name: _FAST_ZSTD for column in amounts},
        "use_dictionary": [column.name for column in columns if column.few],
        # Only for trial numbers, so that a reader can skip row groups. Every group has losses of
        # any size, so their statistics would not help.
        "write_statistics": [columns[0].name],
        "write_page_checksum": True,
        "write_batch_size": _ROWS_A_GROUP,  # the same bytes as in batches of 1,024, a tenth sooner
    }


def _field(column: TrialColumn) -> pa.Field:
    import pyarrow as pa

    about = {"unit": column.unit, "note": column.note}
    return pa.field(
        column.name,
        pa.from_numpy_dtype(column.values.dtype),
        nullable=column.nullable,
        metadata={key: text for key, text in about.items() if text},
    )


def series_of(column: pa.ChunkedArray) -> NDArray[Any]:
    """The values of a column of numbers, (n,); nan where it is null.

    They are read from the buffers, because Arrow's `to_numpy` would import pandas.
    """
    parts = [_values(chunk) for chunk in column.chunks]
    return np.concatenate(parts) if parts else np.zeros(0, np.dtype(str(column.type)))


def _values(chunk: pa.Array) -> NDArray[Any]:
    is_there, data = chunk.buffers()
    if data is None:
        return np.zeros(0, np.dtype(str(chunk.type)))
    first, end = chunk.offset, chunk.offset + len(chunk)
    values = np.frombuffer(data, np.dtype(str(chunk.type)))[first:end]
    if not chunk.null_count:
        return values
    bits = np.unpackbits(np.frombuffer(is_there, np.uint8), bitorder="little")
    return np.where(bits[first:end], values, np.nan)


def _row_groups(columns: Sequence[TrialColumn], schema: pa.Schema) -> Iterator[pa.Table]:
    import pyarrow as pa

    for start in range(0, len(columns[0].values), _ROWS_A_GROUP):
        arrays = [_array(c, c.values[start : start + _ROWS_A_GROUP]) for c in columns]
        yield pa.Table.from_arrays(arrays, schema=schema)


def _array(column: TrialColumn, values: NDArray[np.generic]) -> pa.Array:
    """Values as an Arrow array; nan becomes null if the column is nullable.

    The array is made from buffers, because `pyarrow.array` would import pandas to check whether
    its argument is a series.
    """
    import pyarrow as pa

    values = np.ascontiguousarray(values)
    is_there = None
    if column.nullable:
        is_there = pa.py_buffer(np.packbits(~np.isnan(values), bitorder="little"))
    kind = pa.from_numpy_dtype(values.dtype)
    return pa.Array.from_buffers(kind, len(values), [is_there, pa.py_buffer(values)])
