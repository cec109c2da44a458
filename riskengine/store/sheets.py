"""Tables of figures as CSV that a spreadsheet opens safely and a program reads back exactly.

Numbers are written as the shortest text that gives the same double. `riskengine.figures.cells`
makes text cells safe.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from riskengine.figures.buyers import BUYER_NUMBERS, BuyerRow
from riskengine.figures.catalog import find
from riskengine.figures.cells import csv_text, unguarded
from riskengine.figures.curves import CurveRow
from riskengine.figures.distribution import BinRow, PercentileRow
from riskengine.figures.fan import FAN_NUMBERS, FanRow
from riskengine.figures.measure import Measure
from riskengine.figures.metrics import Figure
from riskengine.model.scenario import Scenario
from riskengine.store.shapes import LARGEST_AMOUNT

if TYPE_CHECKING:
    from riskengine.batches.outcome import BatchRow
    from riskengine.mitigation.tables import PortfolioRow

METRICS = "metrics.csv"
CURVES = "curves.csv"
PERCENTILES = "percentiles.csv"
HISTOGRAM = "histogram.csv"
TIMELINE = "timeline.csv"
BUYERS = "buyers.csv"  #: of scenarios that have pools

_Value = str | bool | int | float | None
_Row = TypeVar(
    "_Row", Figure, CurveRow, PercentileRow, BinRow, FanRow, BuyerRow, "PortfolioRow", "BatchRow"
)
_BYTE_ORDER_MARK = "\ufeff"
_FLAGS = {"TRUE": True, "FALSE": False}
_MOST_ROWS = 500_000  #: of a table of figures


def to_csv(row_type: type[Any], rows: Iterable[Any], *, excel: bool = False) -> bytes:
    """Instances of a dataclass as CSV (RFC 4180), with its fields as columns.

    Parameters
    ----------
    row_type : type
        The dataclass; fields are text, floats, whole numbers or None.
    rows : iterable
        Its instances.
    excel : bool
        Whether to write a byte-order mark and CRLF, so that a double click opens it in Excel.
    """
    names = [field.name for field in fields(row_type)]
    return cells_csv(names, ([getattr(row, name) for name in names] for row in rows), excel=excel)


def cells_csv(
    header: Sequence[str], rows: Iterable[Sequence[_Value]], *, excel: bool = False
) -> bytes:
    """A table as CSV, in the form of `to_csv`."""
    end = "\r\n" if excel else "\n"
    lines = [",".join(map(csv_text, header))]
    lines += [",".join(map(_cell, row)) for row in rows]
    text = end.join(lines) + end
    return ((_BYTE_ORDER_MARK if excel else "") + text).encode()


def read_rows(row_type: type[_Row], data: bytes) -> list[_Row]:
    """Read back the rows of a table that `to_csv` wrote.

    Parameters
    ----------
    row_type : type
        The dataclass. An empty cell is nan in a field of numbers, and None in an optional field.
    data : bytes
        The file, which may come from somebody else.

    Raises
    ------
    ValueError
        If a line is not a row of this table; names the line.
    """
    types = {field.name: str(field.type) for field in fields(row_type)}
    reader = csv.reader(
        io.StringIO(data.decode().removeprefix(_BYTE_ORDER_MARK), newline=""), strict=True
    )
    found: list[_Row] = []
    try:
        if (header := next(reader, [])) != list(types):
            raise ValueError(f"its columns are {header[:20]} in place of {list(types)}")
        for cells in reader:
            if len(cells) != len(types) or len(found) >= _MOST_ROWS:
                raise ValueError(f"it is not the table that was written: {len(cells)} cells")
            values: Any = map(_value, types.values(), cells)
            found.append(row_type(**dict(zip(types, values, strict=True))))
    except (csv.Error, ValueError) as error:
        raise ValueError(f"line {reader.line_num}: {error}") from error
    return found


def _value(kind: str, cell: str) -> _Value:
    if kind == "str":
        return unguarded(cell)
    if kind == "bool":
        if cell not in _FLAGS:
            raise ValueError(f"{cell} is not TRUE or FALSE")
        return _FLAGS[cell]
    if kind == "int":
        return int(cell)
    if not cell:
        return None if kind.endswith("None") else math.nan
    number = float(cell)
    if not math.isfinite(number):
        raise ValueError(f"{cell} is no figure of a run")
    return number


def figure_fault(row: Figure, scenario: Scenario) -> str:
    """Why no run of this scenario can write this row of `metrics.csv`; empty for a valid row."""
    return (
        _too_large(row)
        or _unknown(row.scope, row.name, scenario)
        or _no_measure(row, find(row.measure, row.component), scenario)
    )


def _no_measure(row: Figure, measure: Measure | None, scenario: Scenario) -> str:
    if measure is None or row.scope not in measure.scopes:
        return f'there is no measure "{row.measure}" of {row.scope}'
    if row.component not in measure.components(scenario):
        return f'there is no component "{row.component}" of {row.measure}'
    if row.level in measure.levels_in(scenario):
        return ""
    if row.level is None or measure.levels is None:
        has = "has no level" if measure.levels is None else "has a level"
        return f"{row.measure} {has}, and {row.level} stands there"
    kind = "confidence level" if measure.has_confidence else "threshold"
    return f"{row.level:g} is no {kind} of the config of the manifest"


def curve_fault(row: CurveRow, scenario: Scenario) -> str:
    """The same for `curves.csv`."""
    if not (row.return_period > 0.0 and row.probability > 0.0):
        return "its return period or probability is not above 0"
    return _too_large(row) or _unknown(row.scope, row.name, scenario)


def percentile_fault(row: PercentileRow, scenario: Scenario) -> str:
    """The same for `percentiles.csv`."""
    if not 0.0 <= row.probability <= 1.0 or math.isnan(row.loss):
        return "its probability or loss is not that of a percentile"
    return _too_large(row)


def bin_fault(row: BinRow, scenario: Scenario) -> str:
    """The same for `histogram.csv`."""
    if not (row.low >= 0.0 and 0.0 <= row.share <= 1.0 and row.trials >= 0):
        return "no bin holds such a number or share of the trials"
    if row.high < row.low:
        return f"its upper end {row.high:g} is below its lower end {row.low:g}"
    return _too_large(row)


def fan_fault(row: FanRow, scenario: Scenario) -> str:
    """The same for `timeline.csv`."""
    if any(math.isnan(getattr(row, name)) for name in FAN_NUMBERS):
        return "a number is missing"
    if not 0.0 <= row.day <= scenario.run.horizon_days:
        return f"day {row.day:g} is not within the horizon"
    return _too_large(row) or _unknown("material", row.material, scenario)


def buyer_fault(row: BuyerRow, scenario: Scenario) -> str:
    """The same for `buyers.csv`."""
    if any(not getattr(row, name) >= 0.0 for name in BUYER_NUMBERS):
        return "a number is missing or below 0"
    unknown = _unknown("pool", row.pool, scenario) or _unknown("material", row.material, scenario)
    return _too_large(row) or unknown


def _too_large(row: Figure | CurveRow | PercentileRow | BinRow | FanRow | BuyerRow) -> str:
    values = (getattr(row, field.name) for field in fields(row))
    largest = max(abs(value) for value in values if isinstance(value, float))
    return f"{largest:g} is no figure of a run" if largest > LARGEST_AMOUNT else ""


def _unknown(scope: str, name: str, scenario: Scenario) -> str:
    known: Collection[str] = {
        "total": ("",),
        "industry": scenario.industries,
        "material": scenario.materials,
        "dispute": scenario.disputes,
        "pool": scenario.pools,
    }.get(scope, ())
    return "" if name in known else f'there is no {scope} "{name}" in the config of the manifest'


def _cell(value: _Value) -> str:
    if type(value) is float:  # most cells
        return repr(value) if -math.inf < value < math.inf else ""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()  # as spreadsheets write it in any language
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else ""
    return csv_text(value)
