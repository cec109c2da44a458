"""Tables of figures as CSV that a spreadsheet opens safely and a program reads back exactly.

Numbers are written as the shortest text that gives the same double, text cells as
`riskengine.figures.cells` makes them safe.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from riskengine.figures.cells import csv_text, unguarded
from riskengine.figures.curves import CurveRow
from riskengine.figures.fan import FAN_NUMBERS, FanRow
from riskengine.figures.metrics import Figure

METRICS = "metrics.csv"
CURVES = "curves.csv"
TIMELINE = "timeline.csv"

_BYTE_ORDER_MARK = "\ufeff"


def to_csv(row_type: type[Any], rows: Iterable[Any], *, excel: bool = False) -> bytes:
    """Rows of a dataclass as CSV (RFC 4180), its fields as columns.

    Parameters
    ----------
    row_type : type
        The dataclass; fields are text, numbers or None.
    rows : iterable
        Its instances.
    excel : bool
        With byte-order mark and CRLF, for a double click in Excel.
    """
    end = "\r\n" if excel else "\n"
    names = [field.name for field in fields(row_type)]
    lines = [",".join(names)]
    lines += [",".join(_cell(getattr(row, name)) for name in names) for row in rows]
    text = end.join(lines) + end
    return ((_BYTE_ORDER_MARK if excel else "") + text).encode()


def read_fan(data: bytes) -> list[FanRow]:
    """The rows of a `timeline.csv`, as they were before writing."""
    return [
        FanRow(
            material=unguarded(row["material"]),
            quantity=row["quantity"],
            **{field: float(row[field]) for field in FAN_NUMBERS},
        )
        for row in _records(data)
    ]


def read_figures(data: bytes) -> list[Figure]:
    """The rows of a `metrics.csv`, as they were before writing."""
    return [
        Figure(
            scope=row["scope"],
            name=unguarded(row["name"]),
            component=row["component"],
            measure=row["measure"],
            level=float(row["level"]) if row["level"] else None,
            value=_number(row["value"]),
            lower=_number(row["lower"]),
            upper=_number(row["upper"]),
            unit=unguarded(row["unit"]),
        )
        for row in _records(data)
    ]


def read_curves(data: bytes) -> list[CurveRow]:
    """The rows of a `curves.csv`, as they were before writing."""
    return [
        CurveRow(
            scope=row["scope"],
            name=unguarded(row["name"]),
            type=row["type"],
            return_period=_number(row["return_period"]),
            probability=_number(row["probability"]),
            loss=_number(row["loss"]),
            lower=_number(row["lower"]),
            upper=_number(row["upper"]),
        )
        for row in _records(data)
    ]


def _cell(value: str | bool | int | float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()  # as spreadsheets write it in any language
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else ""
    return csv_text(value)


def _records(data: bytes) -> Sequence[dict[str, str]]:
    text = data.decode().removeprefix(_BYTE_ORDER_MARK)
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def _number(text: str) -> float:
    return float(text) if text else math.nan
