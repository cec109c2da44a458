"""Reads files of Open Results Data back, as strictly as the standard allows."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from riskengine.exchange.tables import EP_TYPES, OrdTable
from riskengine.figures.cells import unguarded

#: Columns that tell the rows of a table apart, where the table has them
_IDENTIFYING = {
    "SummaryId", "EPCalc", "EPMethod", "EPType", "ReturnPeriod", "LossMethod", "SampleType",
    "Period", "EventId", "SampleId",
}  # fmt: skip


def _blank_or(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda cell: parse(cell) if cell else None


_CELLS = {"int32": _blank_or(int), "float64": _blank_or(float), "string": unguarded}


def read_table(data: bytes, table: OrdTable) -> pa.Table:
    """The rows of a CSV or Parquet file; its header has to be that of the table.

    Raises
    ------
    ValueError
        If two rows share a key, as happens when quantiles or return periods are written with too
        few decimals, or if an EPType of version 2 is a number: 2 means TVAR_OEP in version 1 and
        AEP in the database of version 2.
    """
    if data.startswith(b"PAR1"):
        rows = pq.ParquetFile(pa.BufferReader(data), pre_buffer=False).read(use_threads=False)
    else:
        rows = table.rows(_csv_columns(data, table))
    if rows.column_names != table.header:
        raise ValueError(f"the header is {rows.column_names} in place of {table.header}")
    if "EPMethod" in table.header:
        for kind in rows["EPType"].to_pylist():
            if kind not in EP_TYPES.values():
                raise ValueError(f"EPType {kind} in a version 2 file")
    key = [name for name in table.header if name in _IDENTIFYING]
    keys = list(zip(*(rows[name].to_pylist() for name in key), strict=True))
    if len(set(keys)) < len(keys):
        raise ValueError("two rows have the same key")
    return rows


def _csv_columns(data: bytes, table: OrdTable) -> dict[str, list[Any]]:
    header, *records = csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True)
    if header != table.header:
        raise ValueError(f"the header is {header} in place of {table.header}")
    cells = list(zip(*records, strict=True)) if records else [()] * len(header)
    return {
        column.name: [_CELLS[column.kind.arrow](cell) for cell in series]
        for column, series in zip(table.columns, cells, strict=True)
    }
