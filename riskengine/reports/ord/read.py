"""Tables of Open Results Data, ours or somebody else's, read with the care that they need."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from riskengine.reports.ord.tables import EP_TYPES, Column, OrdFault, OrdTable

if TYPE_CHECKING:
    import pyarrow as pa

_PARQUET = b"PAR1"  #: how every Parquet file begins


def read_table(data: bytes, table: OrdTable) -> pa.Table:
    """The rows of a file, CSV or Parquet, as those of a table.

    Headers are compared without case and blanks, because files in use have `loss`, `SampleID` and
    `MaxImpacted NumLocs`; columns that the table does not have are left out.

    Raises
    ------
    OrdFault
        If a column is missing, a cell is no value of its column, an EPType in words is a number
        (2 is TVAR_OEP in version 1 and AEP in the database of version 2), or two rows share a key,
        as they do when quantiles or return periods were written with too few decimals.
    """
    try:
        found = _parquet_columns(data) if data.startswith(_PARQUET) else _csv_columns(data, table)
        rows = table.rows({each.name: _found(found, each, table) for each in table.columns})
    except ValueError as error:
        raise OrdFault(f"{table.name}: {error}") from error
    _check_words(rows, table)
    _check_keys(rows, table)
    return rows


def _parquet_columns(data: bytes) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    read = pq.ParquetFile(pa.BufferReader(data), pre_buffer=False).read(use_threads=False)
    return {_plain(name): read[name].to_pylist() for name in read.column_names}


def _csv_columns(data: bytes, table: OrdTable) -> dict[str, Any]:
    text = io.StringIO(data.decode("utf-8-sig"), newline="")
    header, *records = csv.reader(text, strict=True)
    parsers = {_plain(each.name): each.kind.parse for each in table.columns}
    columns = zip(*records, strict=True) if records else iter([()] * len(header))
    return {
        name: list(map(parsers[name], cells))
        for name, cells in zip(map(_plain, header), columns, strict=True)
        if name in parsers
    }


def _found(columns: Mapping[str, Any], column: Column, table: OrdTable) -> Any:
    if _plain(column.name) not in columns:
        raise OrdFault(f"{table.name}: there is no column {column.name}")
    return columns[_plain(column.name)]


def _plain(header: str) -> str:
    return header.replace(" ", "").lower()


def _check_words(rows: pa.Table, table: OrdTable) -> None:
    if "EPMethod" not in table.header:
        return
    for kind in rows["EPType"].to_pylist():
        if kind not in EP_TYPES.values():
            raise OrdFault(
                f"{table.name}: EPType {kind} in a version 2 file; it must be one of "
                f"{', '.join(EP_TYPES.values())}, for numbers do not mean the same everywhere"
            )


def _check_keys(rows: pa.Table, table: OrdTable) -> None:
    seen = set()
    for key in _keys(rows, table):
        if key in seen:
            named = ", ".join(f"{n} {v}" for n, v in zip(table.key, key, strict=True))
            raise OrdFault(f"{table.name}: two rows have the same key: {named}")
        seen.add(key)


def _keys(rows: pa.Table, table: OrdTable) -> Iterator[tuple[Any, ...]]:
    return zip(*(rows[name].to_pylist() for name in table.key), strict=True)
