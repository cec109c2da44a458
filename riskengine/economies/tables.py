"""The tables of economies that come with riskengine, one function each.

Economies stand in them as ISO 3166 alpha-3 codes, and `EU27` for the European Union, whose trade
is that with the outside. An empty value means that the source does not say; it is never zero.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

UNION = "EU27"  #: the code of the European Union
YEARS = (2022, 2023, 2024)  #: of the shipped trade tables

#: How the trade database is cited wherever a figure of it stands
TRADE_SOURCE = "http://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=37"
WORLD_TABLES_SOURCE = "https://www.rug.nl/ggdc/valuechain/wiod/wiod-2013-release"
PRODUCTION_SOURCE = "https://pubs.usgs.gov/periodicals/mcs2026/"

_FOLDER = os.path.join(os.path.dirname(os.path.realpath(__file__)), "data")


def import_shares() -> pd.DataFrame:
    """Who imports what from whom, exporters with at least 0.5 % of weight or value.

    Returns
    -------
    DataFrame
        Columns `importer`, `commodity`, `exporter`, `tonnes_per_year`, `usd_million_per_year`,
        `share_of_tonnes`, `share_of_value`, and the lowest and highest `share_of_tonnes` of a
        single year (`share_of_tonnes_lowest_year`, `share_of_tonnes_highest_year`). A mean of
        2022 to 2024. Shares are of all imports, so those listed sum to 0.96 to 1.

    Notes
    -----
    Sums over all codes of the commodity and the three years: tonnes = sum q / 3, usd_million = sum
    v / 3000, share = the sum of the exporter over the sum of all exporters. Source: BACI of CEPII
    (Gaulier and Zignago 2010), HS 1992 edition, licence Etalab 2.0.
    """
    return _read("import_shares")


def import_totals() -> pd.DataFrame:
    """What each importer buys of each commodity from all exporters together.

    Returns
    -------
    DataFrame
        Columns `importer`, `commodity`, `tonnes_per_year`, `usd_million_per_year`,
        `usd_thousand_per_tonne`, `years_with_data`, `share_of_value_without_quantity`,
        `concentration_hhi_by_tonnes`, `concentration_hhi_by_value` (sums of squared shares) and
        `quality`: `ok`, or what is wrong, joined by `|` (docs/data.md).
    """
    return _read("import_totals")


def yearly_shares() -> pd.DataFrame:
    """The shares of `import_shares` in each single year.

    Returns
    -------
    DataFrame
        Columns `importer`, `commodity`, `exporter`, `year`, `share_of_tonnes` (missing in a year
        without weights) and `share_of_value`. A year in which the exporter sold nothing has no row.
    """
    return _read("yearly_shares")


def customs_codes() -> pd.DataFrame:
    """Customs codes, six digits: the commodities they belong to, and what they cannot tell.

    Returns
    -------
    DataFrame
        Columns `hs_code`, `description`, `commodities` (joined by `|`), `is_shipped` (whether the
        shipped trade tables have the code), `stands_for` and `caveat`.
    """
    return _read("customs_codes")


def value_added() -> pd.DataFrame:
    """Value added of the industries that the shipped cases have, in 40 economies and the EU, 2011.

    Returns
    -------
    DataFrame
        Columns `economy`, `year`, `sector` and `value_added_usd_million`: gross output less all
        intermediate purchases. The EU is the sum over its members without Croatia, which the
        source does not have. Source: world input-output tables, release of 2013 (Timmer et al.
        2015).
    """
    return _read("value_added")


def passed_on() -> pd.DataFrame:
    """What a stopped industry costs its suppliers at home, per dollar of its own value added.

    Returns
    -------
    DataFrame
        Columns `economy`, `struck` (the case whose industries are struck directly: `korea` or
        `japan`), `sector`, `first_round` and `all_rounds`, summed over all sectors in which the
        case has no industry.

    Notes
    -----
    With C the matrix of docs/data.md, S the struck sectors and N the others, the loss that sector
    j of S passes on is the sum of c[j, N] (I - C[N, N])^-1. Source: that of `value_added`.
    """
    return _read("passed_on")


def world_production() -> pd.DataFrame:
    """Production and capacity of the world by stage and country.

    Returns
    -------
    DataFrame
        Columns `edition`, `material`, `stage`, `measure` (`production`, `capacity` or `spare
        capacity (derived)`), `form`, `economy`, `country`, `year`, `tonnes_per_year`, `basis`
        (content or gross weight), `estimate`, `value_note`, `share_of_listed_countries`. `WLD` is
        the world total of the source, `OTH` all countries that it does not name. Source: US
        Geological Survey, Mineral Commodity Summaries 2025 and 2026, public domain.
    """
    return _read("world_production")


def economies() -> pd.DataFrame:
    """The economies of all tables, by code and by name.

    Returns
    -------
    DataFrame
        Columns `economy`, `name` (English), `aliases` (names in other languages and other codes,
        joined by `|`), `trade_codes` (numeric codes of the trade database, joined by `|`),
        `is_importer` (whether the trade tables have it) and `in_union` (a member of the EU).
        Names in other languages: CLDR, Unicode licence.
    """
    return _read("economies")


def _read(name: str) -> pd.DataFrame:
    return read_table(shipped_table(name))


def shipped_table(name: str) -> str:
    """The path of the file of a shipped table."""
    return os.path.join(_FOLDER, f"{name}.parquet")


def read_table(path: str) -> pd.DataFrame:
    """A Parquet file as a frame.

    Raises
    ------
    OSError
        If there is no such file.
    """
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        frame: pd.DataFrame = file.read(use_threads=False).to_pandas(use_threads=False)
    return frame


def parquet_bytes(frame: pd.DataFrame) -> bytes:
    """A frame as a Parquet file, the same bytes for the same frame."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", compression_level=19)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def read_rows(path: str, column: str = "", value: str = "") -> list[dict[str, Any]]:
    """Rows of a Parquet file, or those with a value in a column; what is missing is None.

    A frame would load pandas, which takes as long as all else that a small command does.

    Raises
    ------
    OSError
        If there is no such file.
    """
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        table = file.read(use_threads=False)
    if column:
        table = table.filter(pc.equal(table[column], value))
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows
