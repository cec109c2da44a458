"""What an economy imports from whom: in the shipped tables, or in those of a newer edition."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from riskengine.economies import tables
from riskengine.economies.tables import read_rows, shipped_table
from riskengine.errors import UsageFault
from riskengine.model.spelling import legible

ABOUT = "trade.json"  #: says what the tables of a folder are
FORMAT = "riskengine-trade-1"
MOST_ABOUT = 100_000  #: bytes of that file
MOST_ROWS = 5_000_000  #: of a table

_COMMODITY = re.compile("[a-z0-9-]{1,80}")
_CODE = re.compile("[0-9]{6}")
_ECONOMY = re.compile("[A-Z0-9]{3,4}|code [0-9]{1,9}")
_TEXTS = {
    "importer": _ECONOMY, "exporter": _ECONOMY, "quality": re.compile("[a-z|-]{1,80}"),
}  # fmt: skip
_MOST_SHARE = 1 + 1e-9
_MAY_MISS = frozenset(
    {"tonnes_per_year", "share_of_tonnes", "share_of_tonnes_lowest_year",
     "share_of_tonnes_highest_year", "usd_thousand_per_tonne", "concentration_hhi_by_tonnes"}
)  # fmt: skip

_TEXT, _NUMBER, _WHOLE, _TRUTH = "text", "number", "whole", "truth"
_KINDS = {
    "string": _TEXT, "large_string": _TEXT, "double": _NUMBER, "int64": _WHOLE, "bool": _TRUTH,
}  # fmt: skip
_SHARES = {
    "importer": _TEXT, "commodity": _TEXT, "exporter": _TEXT, "tonnes_per_year": _NUMBER,
    "usd_million_per_year": _NUMBER, "share_of_tonnes": _NUMBER, "share_of_value": _NUMBER,
    "share_of_tonnes_lowest_year": _NUMBER, "share_of_tonnes_highest_year": _NUMBER,
}  # fmt: skip
#: Tables of a folder and their columns, in order
TABLES: Mapping[str, Mapping[str, str]] = {
    "import_shares": _SHARES,
    "import_totals": {
        "importer": _TEXT, "commodity": _TEXT, "tonnes_per_year": _NUMBER,
        "usd_million_per_year": _NUMBER, "usd_thousand_per_tonne": _NUMBER,
        "years_with_data": _WHOLE, "share_of_value_without_quantity": _NUMBER,
        "concentration_hhi_by_tonnes": _NUMBER, "concentration_hhi_by_value": _NUMBER,
        "quality": _TEXT,
    },
    "yearly_shares": {
        "importer": _TEXT, "commodity": _TEXT, "exporter": _TEXT, "year": _WHOLE,
        "share_of_tonnes": _NUMBER, "share_of_value": _NUMBER,
    },
    "customs_codes": {
        "hs_code": _TEXT, "description": _TEXT, "commodities": _TEXT, "is_shipped": _TRUTH,
        "stands_for": _TEXT, "caveat": _TEXT,
    },
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Trade:
    """Trade tables: who imports what from whom."""

    years: tuple[int, ...]
    edition: str  #: how rows name the tables
    folder: str = ""  #: of tables made by `riskengine new --update-trade`; empty: the shipped ones

    def shares(self, importer: str) -> dict[str, list[dict[str, Any]]]:
        """The exporters of each commodity that an economy imports, the largest value first."""
        found: dict[str, list[dict[str, Any]]] = {}
        for row in self._rows("import_shares", importer):
            found.setdefault(row["commodity"], []).append(row)
        return found

    def totals(self, importer: str) -> dict[str, dict[str, Any]]:
        """What an economy imports of each commodity."""
        return {row["commodity"]: row for row in self._rows("import_totals", importer)}

    def yearly(self, importer: str) -> dict[tuple[str, str], dict[int, float]]:
        """Shares by weight of single years, by commodity and exporter.

        A year without weights has no share; a year in which an exporter sold nothing is missing.
        """
        found: dict[tuple[str, str], dict[int, float]] = {}
        for row in self._rows("yearly_shares", importer):
            if row["share_of_tonnes"] is not None:
                years = found.setdefault((row["commodity"], row["exporter"]), {})
                years[row["year"]] = row["share_of_tonnes"]
        return found

    @cached_property
    def codes(self) -> Mapping[str, tuple[str, ...]]:
        """Customs codes of each commodity that the tables have."""
        found: dict[str, list[str]] = {}
        path = self._file("customs_codes")
        for row in read_rows(path):
            names = (row["commodities"] or "").split("|") if row["is_shipped"] else []
            if not all(map(_COMMODITY.fullmatch, names)) or not _CODE.fullmatch(
                row["hs_code"] or ""
            ):
                raise _no_such_table(path)
            for commodity in names:
                found.setdefault(commodity, []).append(row["hs_code"])
        return {commodity: tuple(codes) for commodity, codes in found.items()}

    def _rows(self, name: str, importer: str) -> list[dict[str, Any]]:
        """The rows of an importer; those of a user's folder could hold anything."""
        path = self._file(name)
        rows = read_rows(path, "importer", importer)
        if self.folder and not all(map(_is_sound, rows)):
            raise _no_such_table(path)
        return rows

    @property
    def span(self) -> str:
        """The years as people write them: `2022 to 2024`."""
        first, last = min(self.years), max(self.years)
        return f"{first} to {last}" if last > first else f"{first}"

    def _file(self, name: str) -> str:
        return os.path.join(self.folder, f"{name}.parquet") if self.folder else shipped_table(name)


def _is_sound(row: Mapping[str, Any]) -> bool:
    """Whether texts are names of the tables, shares are shares, and amounts are amounts."""
    for key, value in row.items():
        if isinstance(value, str):
            if not _TEXTS.get(key, _COMMODITY).fullmatch(value):
                return False
        elif value is None:
            if key not in _MAY_MISS:
                return False
        elif not 0 <= value <= (_MOST_SHARE if key.startswith("share_") else 1e15):
            return False
    return True


def _no_such_table(path: str) -> UsageFault:
    return UsageFault(f"{path} is not a table that --update-trade writes: make it again.")


def shipped_trade() -> Trade:
    """The trade tables that come with riskengine."""
    return Trade(years=tables.YEARS, edition="BACI, HS 1992 edition, 2022 to 2024")


def read_trade(folder: str) -> Trade:
    """Trade tables that `riskengine new --update-trade` made.

    Raises
    ------
    UsageFault
        If the folder holds none, or its files are not those that were written.
    """
    about = _about(folder)
    for name, columns in TABLES.items():
        _check(os.path.join(folder, f"{name}.parquet"), columns)
    return Trade(years=tuple(about["years"]), edition=legible(about["edition"]), folder=folder)


def _about(folder: str) -> dict[str, Any]:
    path = os.path.join(folder, ABOUT)
    try:
        with open(path, "rb") as file:
            about = json.loads(file.read(MOST_ABOUT))
    except FileNotFoundError:
        raise UsageFault(
            f"{folder} holds no trade tables: make them by "
            "riskengine new FOLDER --update-trade FILE..."
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise UsageFault(f"{path} cannot be read as the file of trade tables: {error}") from None
    wanted = isinstance(about, dict) and about.get("format") == FORMAT
    years = about.get("years") if wanted else None
    if not (
        isinstance(years, list)
        and years
        and all(type(year) is int and 1000 <= year <= 9999 for year in years)
        and isinstance(about.get("edition"), str)
        and len(about["edition"]) <= 200
    ):
        raise UsageFault(f"{path} is not the file that --update-trade writes ({FORMAT}).")
    found: dict[str, Any] = about
    return found


def _check(path: str, columns: Mapping[str, str]) -> None:
    """Refuse a table with other columns, or too large to be one of these."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
    except (OSError, pa.ArrowException) as error:
        raise UsageFault(f"{path} cannot be read as a trade table: {error}") from None
    found = {field.name: _KINDS.get(str(field.type), str(field.type)) for field in schema}
    if found != columns or rows > MOST_ROWS:
        raise _no_such_table(path)
