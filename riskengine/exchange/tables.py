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
    meaning: str = ""  #: one line for people
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class OrdTable:
    """One table: its columns in file order."""

    name: str
    columns: tuple[OrdColumn, ...]
    says: str = ""  #: what one row is, in a sentence

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


def _coded(words: Mapping[int, str]) -> str:
    return ", ".join(f"{code} {word}" for code, word in words.items())


def _date(part: str, words: str) -> OrdColumn:
    return OrdColumn(part, INTEGER, f"{words} which output is first lost", nullable=True)


def _clock(part: str) -> OrdColumn:
    return OrdColumn(part, INTEGER, "0; empty where the day is empty", nullable=True)


SUMMARY_ID = OrdColumn("SummaryId", INTEGER, "what the row is about: a row of summary-info")
SAMPLE_TYPE = OrdColumn("SampleType", INTEGER, f"{_coded(LOSS_METHODS)}: always 2")
MEANS = (
    OrdColumn("MeanLoss", REAL, "mean loss of a period"),
    OrdColumn("SDLoss", REAL, "its standard deviation, n - 1 in the denominator", nullable=True),
)

_SPLT = OrdTable(
    "splt",
    (
        OrdColumn("Period", INTEGER, "number of the trial, plus 1"),
        OrdColumn("PeriodWeight", REAL, "1 / trials of the run"),
        OrdColumn("EventId", INTEGER, "number within the period, 1 the largest; 0 all together"),
        _date("Year", "year in"),
        _date("Month", "month in"),
        _date("Day", "day of the month on"),
        *map(_clock, ("Hour", "Minute")),
        SUMMARY_ID,
        OrdColumn("SampleId", INTEGER, "1: a trial has one sample"),
        OrdColumn("Loss", REAL, "in the money of the config"),
        OrdColumn(
            "ImpactedExposure",
            REAL,
            "value added per year of the industries that lost output",
            nullable=True,
        ),
    ),
    says="Sample period loss table: a loss above zero of one occurrence in one period.",
)
_POINT = (
    OrdColumn("ReturnPeriod", REAL, "in periods, not in years"),
    OrdColumn("Loss", REAL, "loss at the return period; for a TVAR the tail mean"),
)
_EPT_V1 = (
    SUMMARY_ID,
    OrdColumn("EPCalc", INTEGER, f"{_coded(EP_METHODS)}: always 2"),
    OrdColumn("EPType", INTEGER, _coded(EP_TYPES)),
    *_POINT,
)
_EPT_V2 = (
    SUMMARY_ID,
    OrdColumn("EPMethod", TEXT, "always S_FULL"),
    OrdColumn("EPType", TEXT, ", ".join(EP_TYPES.values())),
    *_POINT,
)
_METHOD = OrdColumn("LossMethod", TEXT, "always STOC")
_EPT_ROW = "Exceedance probability table: the loss at a return period."
_PALT_ROW = "Period average loss table: mean and standard deviation of the loss of a period."

#: The strict tables, by name and version.
TABLES = {
    ("ept", 1): OrdTable("ept", _EPT_V1, _EPT_ROW),
    ("ept", 2): OrdTable("ept", _EPT_V2, _EPT_ROW),
    ("palt", 1): OrdTable("palt", (SUMMARY_ID, SAMPLE_TYPE, *MEANS), _PALT_ROW),
    ("palt", 2): OrdTable("palt", (SUMMARY_ID, _METHOD, SAMPLE_TYPE, *MEANS), _PALT_ROW),
    ("splt", 1): _SPLT,
    ("splt", 2): _SPLT,
}

SUMMARY_INFO = OrdTable(
    "summary-info",
    (
        OrdColumn("SummaryId", INTEGER, "1 the total, then industries, then materials"),
        OrdColumn("Material", TEXT, "its name, where the summary is of a material"),
        OrdColumn("Exporter", TEXT, "empty: no results are stored by exporter"),
        OrdColumn("Industry", TEXT, "its name, where the summary is of an industry"),
        OrdColumn("Tier", TEXT, "empty"),
        OrdColumn("Currency", TEXT, "money of the config"),
        OrdColumn(
            "BaselineValue",
            REAL,
            "value added per year; of a material its yearly spend",
            nullable=True,
        ),
    ),
    says="What a SummaryId stands for.",
)

_END = "end of the 95 % interval of the loss"
#: Our own table, kept outside the strict files: the intervals of the points of an EPT.
EPT_CI = OrdTable(
    "ept_ci",
    (
        *_EPT_V2,
        OrdColumn("LowerCI", REAL, f"lower {_END}", nullable=True),
        OrdColumn("UpperCI", REAL, f"upper {_END}", nullable=True),
        OrdColumn("StandardError", REAL, "of a tail mean; empty for others", nullable=True),
        OrdColumn("CIMethod", TEXT, "how the interval was found"),
        OrdColumn("NPeriods", INTEGER, "how many periods there are"),
        OrdColumn("NTail", INTEGER, "how many of them have a greater loss"),
        OrdColumn("QuantileMethod", TEXT, "how losses are read at a return period"),
        OrdColumn("Flag", TEXT, "cliff, thin-tail or empty"),
        OrdColumn("ChanceOfLoss", REAL, "share of periods with a loss"),
    ),
    says="Ours: a point of an exceedance table with its 95 % interval.",
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
