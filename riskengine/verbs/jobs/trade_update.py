"""Trade tables from files of the public trade database, in a folder of the user."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskengine.errors import UsageFault
from riskengine.store import disk

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeUpdate:
    """Trade tables that were made, not yet written."""

    years: tuple[int, ...]
    tables: dict[str, pd.DataFrame]
    about: dict[str, Any]
    remarks: tuple[str, ...]


def updated_trade(files: Sequence[str]) -> TradeUpdate:
    """Trade tables of the latest three years of some files.

    Raises
    ------
    UsageFault
        If a file is not of the trade database, or has no trade under the customs codes.
    """
    from riskengine.economies import tables
    from riskengine.economies.deriving import MOST_YEARS, derive
    from riskengine.economies.published import published_flows
    from riskengine.economies.trade import FORMAT

    codes = tables.customs_codes()
    flows = published_flows(files, set(codes["hs_code"]))
    if flows.empty:
        raise UsageFault("the files have no trade under the customs codes of docs/data.md.")
    named, unknown = _named(flows)
    if named.empty:
        raise UsageFault("the files have no trade of an economy that is known.")
    given = sorted(int(year) for year in named["year"].unique())
    derived = derive(named, dict(zip(codes["hs_code"], codes["commodities"], strict=True)))
    found = codes["hs_code"].isin(named["hs_code"][named["year"].isin(derived.years)])
    span = ", ".join(map(str, derived.years))
    about = {
        "format": FORMAT,
        "edition": f"BACI, {span}, your files",
        "years": list(derived.years),
        "files": [os.path.basename(file) for file in files],
        "source": tables.TRADE_SOURCE,
        "licence": "Etalab 2.0; cite Gaulier and Zignago (2010)",
    }
    remarks = []
    if len(given) > MOST_YEARS:
        remarks.append(f"Of the years {given[0]} to {given[-1]} the latest three are used.")
    if len(derived.years) < MOST_YEARS:
        remarks.append(
            f"{len(derived.years)} of {MOST_YEARS} years are given: a mean of fewer moves more."
        )
    if not found.all():
        lacking = ", ".join(codes["hs_code"][~found])
        remarks.append(
            f"No trade under {lacking}: codes of another edition of the Harmonized System, or none."
        )
    if unknown:
        remarks.append(
            "Numbers of no known economy, kept as sources alone: " + ", ".join(map(str, unknown))
        )
    return TradeUpdate(
        years=derived.years,
        tables={
            "import_shares": derived.shares,
            "import_totals": derived.totals,
            "yearly_shares": derived.yearly,
            "customs_codes": codes.assign(is_shipped=found),
        },
        about=about,
        remarks=tuple(remarks),
    )


def write_trade(folder: Path, update: TradeUpdate) -> None:
    """Write the tables into an empty folder."""
    from riskengine.economies.tables import parquet_bytes
    from riskengine.economies.trade import ABOUT

    for name, frame in update.tables.items():
        with disk.new_file(folder / f"{name}.parquet") as file:
            file.write(parquet_bytes(frame))
    with disk.new_file(folder / ABOUT) as file:
        file.write((json.dumps(update.about, indent=2, ensure_ascii=False) + "\n").encode())


def _named(flows: pd.DataFrame) -> tuple[pd.DataFrame, list[int]]:
    """Flows with codes of the tables in place of numbers, and numbers of exporters not known.

    Imports of economies that are not known are left out: nobody can ask for them.
    """
    from riskengine.economies.names import known_economies

    known = {number: each.code for each in known_economies() for number in each.trade_codes}
    exporters = flows["exporter"].map(known)
    unknown = sorted(set(flows["exporter"][exporters.isna()].tolist()))
    named = flows.assign(
        importer=flows["importer"].map(known),
        exporter=exporters.fillna("code " + flows["exporter"].astype(str)),
    )
    kept = named["importer"].notna() & (named["importer"] != named["exporter"])
    return named[kept], unknown
