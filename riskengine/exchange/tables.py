"""The tables of Open Results Data: one definition per column, from which all else follows.

Header, types and CSV cells come from here. Tables are made in version 1 form, with integer codes;
version 2 says the same in words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
    """Results that Open Results Data has no form for."""


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
    """One table: its columns in file order."""

    name: str
    columns: tuple[OrdColumn, ...]

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
RETURN_PERIOD = OrdColumn("ReturnPeriod", REAL)
LOSS = OrdColumn("Loss", REAL)
SAMPLE_TYPE = OrdColumn("SampleType", INTEGER)
MEANS = (OrdColumn("MeanLoss", REAL), OrdColumn("SDLoss", REAL, nullable=True))

_DATE = ("Year", "Month", "Day", "Hour", "Minute")
_SPLT = OrdTable(
    "splt",
    (
        OrdColumn("Period", INTEGER),
        OrdColumn("PeriodWeight", REAL),
        OrdColumn("EventId", INTEGER),
        *(OrdColumn(part, INTEGER, nullable=True) for part in _DATE),
        SUMMARY_ID,
        OrdColumn("SampleId", INTEGER),
        LOSS,
        OrdColumn("ImpactedExposure", REAL, nullable=True),
    ),
)
_CODED = (OrdColumn("EPCalc", INTEGER), OrdColumn("EPType", INTEGER))
_EPT_V1 = (SUMMARY_ID, *_CODED, RETURN_PERIOD, LOSS)
_WORDED = (OrdColumn("EPMethod", TEXT), OrdColumn("EPType", TEXT))
_EPT_V2 = (SUMMARY_ID, *_WORDED, RETURN_PERIOD, LOSS)

#: The strict tables, by name and version.
TABLES = {
    ("ept", 1): OrdTable("ept", _EPT_V1),
    ("ept", 2): OrdTable("ept", _EPT_V2),
    ("palt", 1): OrdTable("palt", (SUMMARY_ID, SAMPLE_TYPE, *MEANS)),
    ("palt", 2): OrdTable("palt", (SUMMARY_ID, OrdColumn("LossMethod", TEXT), SAMPLE_TYPE, *MEANS)),
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
)

#: Our own table, kept outside the strict files: the intervals of the points of an EPT.
EPT_CI = OrdTable(
    "ept_ci",
    (
        *_EPT_V2,
        OrdColumn("LowerCI", REAL, nullable=True),
        OrdColumn("UpperCI", REAL, nullable=True),
        OrdColumn("StandardError", REAL, nullable=True),
        OrdColumn("CIMethod", TEXT),
        OrdColumn("NPeriods", INTEGER),
        OrdColumn("NTail", INTEGER),
        OrdColumn("QuantileMethod", TEXT),
        OrdColumn("Flag", TEXT),
        OrdColumn("ChanceOfLoss", REAL),
    ),
)

#: Columns of version 2 with words, the column of version 1 that has their codes, and the codes.
#: The lookup table of the version 2 database gives AEP the legacy integer 2, which version 1 files
#: use for TVAR_OEP: codes are therefore always those of version 1.
_WORDS: Mapping[str, tuple[str, Mapping[int, str]]] = {
    "EPMethod": ("EPCalc", EP_METHODS),
    "EPType": ("EPType", EP_TYPES),
    "LossMethod": ("SampleType", LOSS_METHODS),
}


def in_form(table: OrdTable, rows: pa.Table) -> pa.Table:
    """Rows of version 1 in the form of a table: version 2 has words in place of codes."""
    if rows.column_names == table.header:
        return rows
    values: dict[str, Any] = {}
    for column in table.header:
        source, words = _WORDS.get(column, (column, {}))
        codes = rows[source]
        values[column] = [words[code] for code in codes.to_pylist()] if words else codes
    return table.rows(values)
