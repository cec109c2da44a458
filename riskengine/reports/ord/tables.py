"""The tables of Open Results Data: one definition per column, from which all else follows.

Header, types, CSV cells and the key of a table come from here. Tables are made in version 1 form,
with integer codes; version 2 says the same in words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from riskengine.errors import RunFault
from riskengine.figures.cells import csv_text

if TYPE_CHECKING:
    import pyarrow as pa

VERSIONS = (1, 2)

EP_METHODS = {1: "A_MEAN", 2: "S_FULL", 3: "S_PSMN", 4: "S_MEAN"}  #: EPCalc -> EPMethod
EP_TYPES = {1: "OEP", 2: "TVAR_OEP", 3: "AEP", 4: "TVAR_AEP"}
LOSS_METHODS = {1: "MEAN", 2: "STOC"}  #: SampleType -> LossMethod


class OrdFault(RunFault):
    """A table breaks a rule of Open Results Data, or has no form in the version asked for."""


class Kind(NamedTuple):
    """What a column holds: its type in Parquet, and its cells in CSV."""

    arrow: str
    text: Callable[[Any], str]


INTEGER = Kind("int32", str)
REAL = Kind("float64", repr)  #: the shortest text that gives the same double
TEXT = Kind("string", csv_text)


class OrdColumn(NamedTuple):
    """One column of a table."""

    name: str
    kind: Kind
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class OrdTable:
    """One table: its columns in file order, and the key columns that identify a row."""

    name: str
    columns: tuple[OrdColumn, ...]
    key: tuple[str, ...]

    @property
    def header(self) -> list[str]:
        return [column.name for column in self.columns]

    def schema(self) -> pa.Schema:
        """The Arrow schema, for Parquet."""
        import pyarrow as pa

        return pa.schema(
            [
                pa.field(column.name, pa.type_for_alias(column.kind.arrow), column.nullable)
                for column in self.columns
            ]
        )

    def rows(self, values: Mapping[str, Any]) -> pa.Table:
        """Rows of this table from one series per column, in any order of columns.

        Parameters
        ----------
        values : mapping
            Series of equal length by name of column; nan means missing.
        """
        import pyarrow as pa

        schema = self.schema()
        arrays = [pa.array(values[field.name], field.type, from_pandas=True) for field in schema]
        return pa.Table.from_arrays(arrays, schema=schema)


SUMMARY_ID = OrdColumn("SummaryId", INTEGER)
EP_METHOD = OrdColumn("EPMethod", TEXT)
EP_TYPE = OrdColumn("EPType", TEXT)
RETURN_PERIOD = OrdColumn("ReturnPeriod", REAL)
LOSS = OrdColumn("Loss", REAL)
SAMPLE_TYPE = OrdColumn("SampleType", INTEGER)
MEANS = (OrdColumn("MeanLoss", REAL), OrdColumn("SDLoss", REAL, nullable=True))
STANDARD_ERROR = OrdColumn("StandardError", REAL, nullable=True)

_SPLT = OrdTable(
    "splt",
    (
        OrdColumn("Period", INTEGER),
        OrdColumn("PeriodWeight", REAL),
        OrdColumn("EventId", INTEGER),
        OrdColumn("Year", INTEGER, nullable=True),
        OrdColumn("Month", INTEGER, nullable=True),
        OrdColumn("Day", INTEGER, nullable=True),
        OrdColumn("Hour", INTEGER, nullable=True),
        OrdColumn("Minute", INTEGER, nullable=True),
        SUMMARY_ID,
        OrdColumn("SampleId", INTEGER),
        LOSS,
        OrdColumn("ImpactedExposure", REAL, nullable=True),
    ),
    ("Period", "EventId", "SummaryId", "SampleId"),
)
_EPT_V1 = (
    SUMMARY_ID,
    OrdColumn("EPCalc", INTEGER),
    OrdColumn("EPType", INTEGER),
    RETURN_PERIOD,
    LOSS,
)
_EPT_V2 = (SUMMARY_ID, EP_METHOD, EP_TYPE, RETURN_PERIOD, LOSS)

#: The strict tables, by name and version.
TABLES = {
    ("ept", 1): OrdTable("ept", _EPT_V1, ("SummaryId", "EPCalc", "EPType", "ReturnPeriod")),
    ("ept", 2): OrdTable("ept", _EPT_V2, ("SummaryId", "EPMethod", "EPType", "ReturnPeriod")),
    ("palt", 1): OrdTable("palt", (SUMMARY_ID, SAMPLE_TYPE, *MEANS), ("SummaryId", "SampleType")),
    ("palt", 2): OrdTable(
        "palt",
        (SUMMARY_ID, OrdColumn("LossMethod", TEXT), SAMPLE_TYPE, *MEANS),
        ("SummaryId", "LossMethod", "SampleType"),
    ),
    ("splt", 1): _SPLT,
    ("splt", 2): _SPLT,
}

SUMMARY_INFO = OrdTable(
    "summary-info",
    (
        SUMMARY_ID,
        OrdColumn("Material", TEXT),
        OrdColumn("Exporter", TEXT),
        OrdColumn("Industry", TEXT),
        OrdColumn("Tier", TEXT),
        OrdColumn("Currency", TEXT),
        OrdColumn("BaselineValue", REAL, nullable=True),
    ),
    ("SummaryId",),
)

#: Our own table, kept outside the strict files: the intervals of the points of an EPT.
EPT_CI = OrdTable(
    "ept_ci",
    (
        *_EPT_V2,
        OrdColumn("LowerCI", REAL, nullable=True),
        OrdColumn("UpperCI", REAL, nullable=True),
        STANDARD_ERROR,
        OrdColumn("CIMethod", TEXT),
        OrdColumn("NPeriods", INTEGER),
        OrdColumn("NTail", INTEGER),
        OrdColumn("QuantileMethod", TEXT),
        OrdColumn("Flag", TEXT),
        OrdColumn("ChanceOfLoss", REAL),
    ),
    TABLES["ept", 2].key,
)

_Rule = tuple[str, Mapping[Any, Any]]


def _inverse(codes: Mapping[int, str]) -> dict[str, int]:
    return {word: code for code, word in codes.items()}


# The column of the other version from which a column comes. Only codes of version 1: the lookup
# table of the version 2 database gives AEP the legacy integer 2, which version 1 files use for
# TVAR_OEP.
_RULES: dict[int, dict[str, _Rule]] = {
    1: {"EPCalc": ("EPMethod", _inverse(EP_METHODS)), "EPType": ("EPType", _inverse(EP_TYPES))},
    2: {
        "EPMethod": ("EPCalc", EP_METHODS),
        "EPType": ("EPType", EP_TYPES),
        "LossMethod": ("SampleType", LOSS_METHODS),
    },
}


def convert(name: str, rows: pa.Table, version: int) -> pa.Table:
    """Rows of a table in the form of the other version.

    Raises
    ------
    OrdFault
        If that version has no code for something.
    """
    target = TABLES[name, version]
    if rows.column_names == target.header:
        return rows
    if version == 1 and "LossMethod" in rows.column_names:
        _refuse_convolution(rows)
    values = {}
    for column in target.header:
        source, codes = _RULES[version].get(column, (column, {}))
        series = rows[source]
        values[column] = _recoded(series.to_pylist(), codes, version) if codes else series
    return target.rows(values)


def _recoded(codes: Sequence[Any], meanings: Mapping[Any, Any], version: int) -> list[Any]:
    unknown = sorted({str(code) for code in codes if code not in meanings})
    if unknown:
        raise OrdFault(f"version {version} of Open Results Data has no code for {unknown[0]}")
    return [meanings[code] for code in codes]


def _refuse_convolution(rows: pa.Table) -> None:
    types, methods = rows["SampleType"].to_pylist(), rows["LossMethod"].to_pylist()
    for kind, method in zip(types, methods, strict=True):
        if LOSS_METHODS.get(kind) != method:
            raise OrdFault(f"version 1 of Open Results Data has no LossMethod {method}")
