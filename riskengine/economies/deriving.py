"""Trade tables from flows: the formulas of docs/data.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from riskengine.economies.codes import UNION_MEMBERS
from riskengine.economies.tables import UNION

LEAST_LISTED = 0.005  #: of weight or value: exporters below it are in the totals alone
MOST_YEARS = 3  #: the latest years of the files
TINY = 0.1  #: USD million a year
MOST_WITHOUT_QUANTITY = 0.05
MOST_STEADY = 0.3  #: by which the largest exporter's share moves between years

_PAIR = ["importer", "commodity"]
_TRIPLE = [*_PAIR, "exporter"]


class DerivedTables(NamedTuple):
    """The trade tables of some years."""

    years: tuple[int, ...]
    shares: pd.DataFrame
    totals: pd.DataFrame
    yearly: pd.DataFrame


def derive(flows: pd.DataFrame, commodities: Mapping[str, str]) -> DerivedTables:
    """Shares, totals and yearly shares of flows.

    Parameters
    ----------
    flows : DataFrame
        Columns `year`, `exporter`, `importer` (codes of the tables), `hs_code`, `usd_thousand` and
        `tonnes`, missing where not known.
    commodities : mapping
        Commodities of each customs code, joined by `|`.

    Notes
    -----
    Of importer j, commodity c with codes K, exporter i and n years: tonnes_per_year = sum of q over
    K and years / n; usd_million_per_year = sum of v / (1000 n); a share is the exporter's sum over
    the sum of all. Lowest and highest year: the same share in each year with any quantity.
    Concentration = sum of squared shares over all exporters. The European Union is its members
    together, exporters inside left out.
    """
    years = tuple(sorted(int(year) for year in flows["year"].unique())[-MOST_YEARS:])
    grouped = _grouped(flows[flows["year"].isin(years)], commodities)
    by_year = grouped.groupby([*_TRIPLE, "year"], as_index=False, sort=True)[
        ["value", "weight", "unweighed"]
    ].sum()
    by_year = _with_shares(by_year, [*_PAIR, "year"])
    summed = by_year.groupby(_TRIPLE, as_index=False, sort=True)[
        ["value", "weight", "unweighed"]
    ].sum()
    summed = _with_shares(summed, _PAIR)
    summed = summed.merge(_range(by_year), on=_TRIPLE, how="left")
    ends = ["share_of_tonnes_lowest_year", "share_of_tonnes_highest_year"]
    is_weighed = summed["share_of_tonnes"].notna()
    summed[ends] = summed[ends].mask(summed[ends].isna().mul(is_weighed, axis=0), 0.0)
    totals = _totals(by_year, summed, len(years))
    listed = summed[
        (summed["share_of_tonnes"].fillna(0) >= LEAST_LISTED)
        | (summed["share_of_value"] >= LEAST_LISTED)
    ]
    return DerivedTables(
        years=years,
        shares=_shares(listed, len(years)),
        totals=totals,
        yearly=_yearly(by_year.merge(listed[_TRIPLE], on=_TRIPLE)),
    )


def _grouped(flows: pd.DataFrame, commodities: Mapping[str, str]) -> pd.DataFrame:
    """Flows by commodity, those of the Union beside those of its members."""
    named = flows.assign(commodity=flows["hs_code"].map(commodities).str.split("|"))
    named = named.explode("commodity", ignore_index=True)
    from_outside = named["importer"].isin(UNION_MEMBERS) & ~named["exporter"].isin(UNION_MEMBERS)
    both = pd.concat([named, named[from_outside].assign(importer=UNION)], ignore_index=True)
    return both.assign(
        value=both["usd_thousand"],
        weight=both["tonnes"].fillna(0.0),
        unweighed=both["usd_thousand"].where(both["tonnes"].isna(), 0.0),
    )


def _with_shares(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    sums = frame.groupby(keys)[["value", "weight"]].transform("sum")
    return frame.assign(
        share_of_tonnes=frame["weight"] / sums["weight"].where(sums["weight"] > 0),
        share_of_value=frame["value"] / sums["value"].where(sums["value"] > 0),
    )


def _range(by_year: pd.DataFrame) -> pd.DataFrame:
    """Lowest and highest share by weight; a year with quantities of others alone counts as 0."""
    weighed = by_year[by_year["share_of_tonnes"].notna()]
    years = weighed.groupby(_PAIR)["year"].nunique().rename("weighed_years")
    ends = weighed.groupby(_TRIPLE)["share_of_tonnes"].agg(["min", "max", "count"]).reset_index()
    ends = ends.merge(years, on=_PAIR, how="left")
    return pd.DataFrame(
        {
            **{key: ends[key] for key in _TRIPLE},
            "share_of_tonnes_lowest_year": ends["min"].where(
                ends["count"] == ends["weighed_years"], 0.0
            ),
            "share_of_tonnes_highest_year": ends["max"],
        }
    )


def _shares(listed: pd.DataFrame, years: int) -> pd.DataFrame:
    is_weighed = listed["weight"] > 0
    frame = pd.DataFrame(
        {
            **{key: listed[key] for key in _TRIPLE},
            "tonnes_per_year": (listed["weight"] / years).where(is_weighed),
            "usd_million_per_year": listed["value"] / (1000 * years),
            "share_of_tonnes": listed["share_of_tonnes"],
            "share_of_value": listed["share_of_value"],
            "share_of_tonnes_lowest_year": listed["share_of_tonnes_lowest_year"],
            "share_of_tonnes_highest_year": listed["share_of_tonnes_highest_year"],
        }
    )
    order = ["importer", "commodity", "share_of_value", "exporter"]
    return frame.sort_values(order, ascending=[True, True, False, True], ignore_index=True)


def _totals(by_year: pd.DataFrame, summed: pd.DataFrame, years: int) -> pd.DataFrame:
    squares = summed.assign(
        by_tonnes=summed["share_of_tonnes"] ** 2, by_value=summed["share_of_value"] ** 2
    )
    found = squares.groupby(_PAIR, as_index=False, sort=True)[
        ["value", "weight", "unweighed", "by_tonnes", "by_value"]
    ].sum()
    traded = by_year[by_year["value"] > 0].groupby(_PAIR)["year"].nunique()
    counts = found[_PAIR].merge(traded.rename("n").reset_index(), on=_PAIR, how="left")["n"]
    is_weighed = found["weight"] > 0
    frame = pd.DataFrame(
        {
            **{key: found[key] for key in _PAIR},
            "tonnes_per_year": (found["weight"] / years).where(is_weighed),
            "usd_million_per_year": found["value"] / (1000 * years),
            "usd_thousand_per_tonne": found["value"] / found["weight"].where(is_weighed),
            "years_with_data": counts.fillna(0).astype("int64"),
            "share_of_value_without_quantity": found["unweighed"]
            / found["value"].where(found["value"] > 0),
            "concentration_hhi_by_tonnes": found["by_tonnes"].where(is_weighed),
            "concentration_hhi_by_value": found["by_value"],
        }
    )
    return frame.assign(quality=_quality(frame, summed, years))


def _quality(totals: pd.DataFrame, summed: pd.DataFrame, years: int) -> list[str]:
    """What is wrong with each row, joined by `|`, or `ok`."""
    largest = summed.sort_values("weight", ascending=False, kind="stable").drop_duplicates(_PAIR)
    moved = largest["share_of_tonnes_highest_year"] - largest["share_of_tonnes_lowest_year"]
    unstable = totals[_PAIR].merge(
        largest.assign(moved=moved)[[*_PAIR, "moved"]], on=_PAIR, how="left"
    )["moved"]
    without = totals["share_of_value_without_quantity"].fillna(0)
    no_quantity = totals["tonnes_per_year"].isna()
    flags = {
        "few-years": totals["years_with_data"] < years,
        "no-quantity": no_quantity,
        "quantity-missing": (without > MOST_WITHOUT_QUANTITY) & ~no_quantity,
        "tiny": totals["usd_million_per_year"] < TINY,
        "unstable": unstable.fillna(0) > MOST_STEADY,
    }
    held = np.column_stack([np.asarray(flag, bool) for flag in flags.values()])
    names = np.array(list(flags))
    return ["|".join(names[row]) or "ok" for row in held]


def _yearly(by_year: pd.DataFrame) -> pd.DataFrame:
    columns = [*_TRIPLE, "year", "share_of_tonnes", "share_of_value"]
    return by_year[columns].reset_index(drop=True)
