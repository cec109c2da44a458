"""Trade tables from published files equal a second computation, by loops in plain Python."""

from __future__ import annotations

import math
import zipfile
from pathlib import Path

import pandas as pd
import pytest

import riskengine
from riskengine.economies.deriving import derive
from riskengine.economies.tables import read_table
from tests.economies.flows import (
    ECONOMIES,
    GROUPS,
    YEARS,
    csv_text,
    flows,
    plain_tables,
    write_years,
)

KEYS = ["importer", "commodity", "exporter"]


def _same(found: object, wanted: float | None) -> bool:
    if wanted is None:
        return bool(pd.isna(found))
    return isinstance(found, float | int) and math.isclose(found, wanted, rel_tol=1e-12)


@pytest.fixture(scope="module")
def updated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trade")
    files = write_years(folder, flows())
    riskengine.update_trade(folder / "mine", files)
    return folder / "mine"


def test_shares_equal_a_second_computation(updated: Path) -> None:
    frame = read_table(str(updated / "import_shares.parquet")).set_index(KEYS)
    wanted = plain_tables(flows())["shares"]
    assert set(frame.index) == set(wanted)
    assert len(wanted) > 100
    for key, figures in wanted.items():
        assert all(map(_same, frame.loc[key].tolist(), figures)), key


def test_totals_equal_a_second_computation(updated: Path) -> None:
    frame = read_table(str(updated / "import_totals.parquet")).set_index(KEYS[:2])
    wanted = plain_tables(flows())["totals"]
    assert set(frame.index) == set(wanted)
    columns = [
        "tonnes_per_year", "usd_million_per_year", "years_with_data",
        "share_of_value_without_quantity", "concentration_hhi_by_tonnes",
        "concentration_hhi_by_value",
    ]  # fmt: skip
    for key, figures in wanted.items():
        assert all(map(_same, frame.loc[key, columns].tolist(), figures)), key


def test_shares_of_single_years_are_kept(updated: Path) -> None:
    frame = read_table(str(updated / "yearly_shares.parquet")).set_index([*KEYS, "year"])
    wanted = plain_tables(flows())["yearly"]
    assert set(frame.index) == set(wanted)
    for key, figures in wanted.items():
        assert all(map(_same, frame.loc[key].tolist(), figures)), key


def test_a_code_that_the_shipped_tables_lack_makes_a_commodity(updated: Path) -> None:
    frame = read_table(str(updated / "import_totals.parquet"))
    assert "permanent-magnets" in set(frame["commodity"])
    codes = read_table(str(updated / "customs_codes.parquet")).set_index("hs_code")
    assert codes.loc["850511", "is_shipped"]
    assert not codes.loc["810411", "is_shipped"]


@pytest.mark.parametrize("missing", ["", "NA", "           NA"])
def test_a_zipped_file_with_all_years_gives_the_same_tables(
    updated: Path, tmp_path: Path, missing: str
) -> None:
    rows = flows()
    with zipfile.ZipFile(tmp_path / "BACI.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for year in YEARS:
            text = csv_text([row for row in rows if row[0] == year], missing)
            archive.writestr(f"BACI_HS92_Y{year}_V202601.csv", text)
        archive.writestr("country_codes_V202601.csv", "country_code,country_name\n4,Afghanistan\n")
        archive.writestr("Readme.txt", "t,i,j,k,v,q")
    riskengine.update_trade(tmp_path / "mine", [tmp_path / "BACI.zip"])
    for name in ("import_shares", "import_totals", "yearly_shares", "customs_codes"):
        ours, theirs = (each / f"{name}.parquet" for each in (tmp_path / "mine", updated))
        assert ours.read_bytes() == theirs.read_bytes()


def test_of_more_years_the_latest_three_are_used(tmp_path: Path) -> None:
    rows = flows()
    older = [(year - 3, *row[1:]) for row in rows for year in (row[0],)]
    (tmp_path / "all.csv").write_text(csv_text([*older, *rows]), "utf-8")
    made = riskengine.update_trade(tmp_path / "mine", [tmp_path / "all.csv"])
    assert made.years == YEARS
    assert any("latest three" in remark for remark in made.remarks)
    frame = read_table(str(tmp_path / "mine" / "import_shares.parquet"))
    assert len(frame) == len(plain_tables(rows)["shares"])


@pytest.mark.parametrize(
    ("rows", "quality"),
    [
        # One exporter every year; half of the value has no weight; under 0.1 million.
        ([(2022, 9e3, 5.0), (2023, 9e3, 5.0), (2024, 9e3, 5.0)], "ok"),
        ([(2022, 9e3, 5.0), (2023, 9e3, 5.0)], "few-years"),
        ([(2022, 9e3, None), (2023, 9e3, None), (2024, 9e3, None)], "no-quantity"),
        ([(2022, 9e3, 5.0), (2023, 9e3, 5.0), (2024, 1e3, None)], "quantity-missing"),
        ([(2022, 99.0, 5.0), (2023, 99.0, 5.0), (2024, 99.0, 5.0)], "tiny"),
    ],
)
def test_each_flag_says_what_is_wrong(rows: list, quality: str) -> None:
    frame = pd.DataFrame(
        [
            {"year": t, "exporter": "CHN", "importer": "KOR", "hs_code": "284610",
             "usd_thousand": v, "tonnes": q}
            for t, v, q in rows
        ]
        # Another importer, so that the tables are of three years
        + [{"year": t, "exporter": "CHN", "importer": "JPN", "hs_code": "284610",
            "usd_thousand": 1.0, "tonnes": 1.0} for t in YEARS]
    )  # fmt: skip
    frame["tonnes"] = frame["tonnes"].astype("float64")
    totals = derive(frame, {"284610": "cerium-compounds"}).totals.set_index("importer")
    assert totals.loc["KOR", "quality"] == quality


def test_a_largest_exporter_that_moves_is_unstable() -> None:
    rows = [(2022, "CHN", 70.0), (2022, "VNM", 30.0), (2023, "CHN", 36.0), (2023, "VNM", 64.0)]
    frame = pd.DataFrame(
        [
            {"year": t, "exporter": i, "importer": "KOR", "hs_code": "284610",
             "usd_thousand": 1e4, "tonnes": q}
            for t, i, q in rows
        ]
    )  # fmt: skip
    derived = derive(frame, {"284610": "cerium-compounds"})
    assert derived.years == (2022, 2023)
    assert derived.totals["quality"].tolist() == ["unstable"]  # 0.70 -> 0.36
    frame.loc[2:, "tonnes"] = [41.0, 59.0]
    assert derive(frame, {"284610": "cerium-compounds"}).totals["quality"].tolist() == ["ok"]


def test_the_groups_of_this_twin_are_those_of_the_shipped_codes() -> None:
    from riskengine.economies.tables import customs_codes

    codes = customs_codes()
    for commodity, wanted in GROUPS.items():
        has = codes["commodities"].str.split("|").map(lambda names, name=commodity: name in names)
        assert tuple(sorted(codes["hs_code"][has])) == wanted
    assert len(ECONOMIES) == 7
