"""The shipped tables of economies: consistent in themselves, near to published figures, small."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import riskengine
from riskengine.economies import tables
from riskengine.economies.codes import UNION_MEMBERS

CONFIGS = Path(__file__).parents[2] / "configs"
DATA = Path(riskengine.__file__).parent / "economies" / "data"
KEYS = ["importer", "commodity"]


def _share(importer: str, commodity: str, exporter: str) -> pd.Series:
    keyed = tables.import_shares().set_index([*KEYS, "exporter"])
    return keyed.loc[(importer, commodity, exporter)]


def test_the_tables_are_small_enough_to_ship() -> None:
    assert sum(path.stat().st_size for path in DATA.glob("*.parquet")) < 3_000_000


def test_they_have_211_economies_and_the_union_and_39_commodities() -> None:
    totals = tables.import_totals()
    assert totals["importer"].nunique() == 212
    assert totals["commodity"].nunique() == 39
    assert not totals.duplicated(KEYS).any()
    known = tables.economies()
    assert set(totals["importer"]) == set(known["economy"][known["is_importer"]])
    assert set(tables.import_shares()["exporter"]) <= set(known["economy"])


def test_shares_are_the_exporters_part_of_the_total() -> None:
    joined = tables.import_shares().merge(
        tables.import_totals(), on=KEYS, suffixes=("", "_in_all"), validate="many_to_one"
    )
    value = joined["usd_million_per_year"] / joined["usd_million_per_year_in_all"]
    # Four significant digits in each of three figures: 3 x 0.0005 at most, and 1e-4 in a share.
    assert ((value - joined["share_of_value"]).abs() < 0.0015 * value + 1e-4).all()
    weight = (joined["tonnes_per_year"] / joined["tonnes_per_year_in_all"]).fillna(0)
    is_weighed = joined["tonnes_per_year"].notna()
    apart = (weight - joined["share_of_tonnes"]).abs()
    assert (apart[is_weighed] < 0.0015 * weight[is_weighed] + 1e-4).all()


def test_the_mean_lies_between_the_lowest_and_the_highest_year() -> None:
    shares = tables.import_shares().dropna(subset=["share_of_tonnes"])
    low, high = (shares[f"share_of_tonnes_{which}_year"] for which in ("lowest", "highest"))
    digits = 1e-4
    assert (low <= shares["share_of_tonnes"] + digits).all()
    assert (shares["share_of_tonnes"] <= high + digits).all()


def test_listed_shares_sum_to_nearly_one() -> None:
    sums = tables.import_shares().groupby(KEYS)["share_of_value"].sum()
    assert sums.between(0.9, 1.0025).all()
    # Half a per cent is the least that is listed: only very many small exporters are missing.
    assert (sums > 0.96).mean() > 0.99


def test_no_member_of_the_union_is_outside_it() -> None:
    shares = tables.import_shares()
    from_members = shares["exporter"].isin(UNION_MEMBERS)
    assert not (from_members & (shares["importer"] == tables.UNION)).any()
    assert len(UNION_MEMBERS) == 27


# Published shares of one year lie within the years of the table, widened by 0.04; shares over
# several years are near to its mean. What disagrees is named in docs/data.md and left out here.
@pytest.mark.parametrize(
    ("importer", "commodity", "exporter", "published"),
    [
        ("USA", "rare-earths-all-forms", "CHN", 0.71),
        ("USA", "natural-graphite", "CHN", 0.46),
        ("USA", "bismuth", "CHN", 0.56),
        ("USA", "chromium-ores", "ZAF", 0.96),
        ("USA", "arsenic", "CHN", 0.95),
        ("USA", "barytes", "IND", 0.39),
        ("EU27", "rare-earths-all-forms", "CHN", 0.463),
        ("EU27", "rare-earths-all-forms", "RUS", 0.284),
        ("EU27", "rare-earths-all-forms", "MYS", 0.199),
        ("KOR", "natural-graphite", "CHN", 0.976),
        ("JPN", "rare-earths-without-cerium", "CHN", 0.719),
    ],
)
def test_a_published_share_is_within_the_years_of_the_table(
    importer: str, commodity: str, exporter: str, published: float
) -> None:
    row = _share(importer, commodity, exporter)
    assert row["share_of_tonnes_lowest_year"] - 0.04 <= published
    assert published <= row["share_of_tonnes_highest_year"] + 0.04


def test_published_tonnes_are_near_the_table() -> None:
    """US natural graphite, USGS, 2022 to 2024: the database is 3 % low."""
    totals = tables.import_totals().set_index(KEYS)
    found = totals.loc[("USA", "natural-graphite"), "tonnes_per_year"]
    assert found == pytest.approx((89_200 + 73_500 + 73_900) / 3, rel=0.04)


def test_cerium_hides_dependence_and_a_mean_can_describe_no_year() -> None:
    """The two examples of docs/data.md."""
    row = _share("TWN", "rare-earths-without-cerium", "CHN")
    assert (row["share_of_tonnes_lowest_year"], row["share_of_tonnes_highest_year"]) == (
        pytest.approx(0.04, abs=0.005),
        pytest.approx(0.98, abs=0.005),
    )
    assert _share("KOR", "rare-earths-without-cerium", "CHN")["share_of_tonnes"] == pytest.approx(
        0.93, abs=0.005
    )
    assert _share("KOR", "rare-earths-all-forms", "CHN")["share_of_tonnes"] == pytest.approx(
        0.63, abs=0.005
    )


@pytest.mark.parametrize(("country", "code"), [("korea", "KOR"), ("japan", "JPN")])
def test_what_is_passed_on_is_what_the_shipped_cases_say(country: str, code: str) -> None:
    """The propagation tables of the cases were computed apart, from the whole matrix."""
    ours = tables.passed_on()
    is_ours = (ours["economy"] == code) & (ours["struck"] == country)
    by_sector = ours[is_ours].set_index("sector")
    shipped = pd.read_csv(CONFIGS / "tables" / f"propagation-{country}.csv")
    for row in shipped.itertuples():
        found = by_sector.loc[row.note.split()[1]]
        assert found["all_rounds"] == pytest.approx(row.coefficient, abs=1e-4)
        assert f"first round {found['first_round']:.4f}" in row.note


def test_value_added_of_the_union_is_the_sum_of_its_members() -> None:
    frame = tables.value_added()
    of_union = frame[frame["economy"] == tables.UNION].set_index("sector")
    members = frame[frame["economy"].isin(UNION_MEMBERS)]
    assert members["economy"].nunique() == 26  # without Croatia
    for sector, row in of_union.iterrows():
        added = sum(members[members["sector"] == sector]["value_added_usd_million"])
        assert row["value_added_usd_million"] == pytest.approx(added, rel=1e-12)


def test_production_shares_are_of_the_listed_countries() -> None:
    frame = tables.world_production()
    one = frame[frame["edition"] == "MCS 2026"].query(
        "material == 'gallium' and measure == 'production' and year == 2025"
    )
    assert len(one) >= 5
    listed = one[one["economy"] != "WLD"]
    tonnes = listed["tonnes_per_year"] / listed["tonnes_per_year"].sum()
    assert (tonnes - listed["share_of_listed_countries"]).abs().max() < 1e-3


def test_every_commodity_of_the_trade_tables_has_its_codes() -> None:
    codes = tables.customs_codes()
    shipped = {
        each for names in codes[codes["is_shipped"]]["commodities"] for each in names.split("|")
    }
    assert shipped == set(tables.import_totals()["commodity"])
    assert codes["hs_code"].str.fullmatch(r"\d{6}").all()
    assert codes["commodities"].notna().all()
