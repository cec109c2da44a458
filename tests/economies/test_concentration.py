"""Who supplies what: beside a second computation, and the European limit by hand."""

from __future__ import annotations

from typing import Any

import pytest

import riskengine
from riskengine.economies import tables
from riskengine.economies.concentration import (
    DEMAND,
    IMPORTS,
    WORLD,
    Concentration,
    SupplyStage,
    concentration,
)
from riskengine.economies.stages import MADE, STRATEGIC
from riskengine.economies.trade import shipped_trade


def found(
    sources: dict[str, float], *, importer: str = "Germany", material: str = "tungsten"
) -> Concentration:
    """That of a config with one material."""
    config: dict[str, Any] = {
        "run": {"importer": importer, "title": "One material"},
        "ladder": {"ban": {"sojourn": 90, "next": {"resolved": 1.0}}},
        "disputes": {"quarrel": {"coercer": "China", "target": importer, "entry": {"ban": 1.0}}},
        "materials": {
            material: {
                "cut": {"ban": 1.0},
                "sources": {
                    country: {"share": share, "status": "derived"}
                    for country, share in sources.items()
                },
            }
        },
        "industries": {
            "tools": {
                "value_added_per_year": 10.0,
                "uses": {material: {"share": 1.0, "dependence": 0.5}},
            }
        },
    }
    return concentration(riskengine.load(config))


def only(found: Concentration, kind: str) -> SupplyStage:
    (stage,) = found.of(kind)
    return stage


def test_imports_are_those_of_the_table() -> None:
    stage = only(found({"China": 0.9}), IMPORTS)
    frame = tables.import_shares()
    rows = frame[(frame["importer"] == "DEU") & (frame["commodity"] == "tungsten-powders")]
    top = rows.sort_values("share_of_tonnes").iloc[-1]
    assert top["exporter"] == "AUT"
    assert stage.largest.country == "Austria"
    ends = (top[f"share_of_tonnes_{which}_year"] for which in ("lowest", "highest"))
    assert (stage.largest.share, stage.lowest, stage.highest) == (top["share_of_tonnes"], *ends)
    assert len(stage.suppliers) == (rows["share_of_tonnes"] > 0).sum()


def test_world_production_prefers_the_later_edition() -> None:
    stage = only(found({"China": 0.9}), WORLD)
    frame = tables.world_production().query(
        "material == 'tungsten' and measure == 'production' and economy == 'CHN'"
    )
    given = frame.set_index(["edition", "year"])["share_of_listed_countries"]
    assert given["MCS 2025", 2024] != given["MCS 2026", 2024]
    assert stage.by_year == {
        2023: given["MCS 2025", 2023],
        2024: given["MCS 2026", 2024],
        2025: given["MCS 2026", 2025],
    }
    assert (stage.largest.country, stage.years) == ("China", "2025")
    assert stage.mean == pytest.approx(sum(stage.by_year.values()) / 3, rel=1e-12)


def test_china_makes_most_of_what_the_geological_survey_says_it_makes() -> None:
    # Mineral Commodity Summaries 2026: 270,000 of 390,000 t of rare earths, 99 % of gallium.
    earths = only(found({"China": 0.9}, material="yttrium"), WORLD)
    assert earths.largest.share == pytest.approx(270_000 / 390_000, abs=0.01)
    gallium = only(found({"China": 0.9}, material="gallium"), WORLD)
    assert gallium.largest.share == pytest.approx(0.99, abs=0.005)


@pytest.mark.parametrize(
    ("importer", "sources", "above"),
    [
        ("Germany", {"China": 0.65, "Japan": 0.3}, False),  # not more than 65 %
        ("Germany", {"China": 0.651, "Japan": 0.3}, True),
        ("Germany", {"Austria": 0.9, "China": 0.05}, False),  # a member of the EU
        ("EU", {"Austria": 0.9, "China": 0.05}, False),
        ("Korea", {"Austria": 0.9, "China": 0.05}, True),
        ("Korea", {"South Korea": 0.9, "China": 0.05}, False),  # production at home
        ("Atlantis", {"Atlantis": 0.9, "China": 0.05}, False),  # in no table
        ("Atlantis", {"Lemuria": 0.7, "China": 0.05}, True),
    ],
)
def test_the_limit_is_on_one_third_country(
    importer: str, sources: dict[str, float], above: bool
) -> None:
    stage = only(found(sources, importer=importer), DEMAND)
    assert stage.is_above is above
    assert stage.quality == "derived"
    assert [each.country for each in stage.suppliers] == list(sources)


def test_what_no_table_knows_is_named() -> None:
    mystery = found({"China": 0.9}, importer="Atlantis", material="unobtainium")
    assert mystery.unseen == ("unobtainium",)
    assert [stage.kind for stage in mystery.stages] == [DEMAND]


def test_a_material_without_sources_has_no_supplier() -> None:
    assert found({"China": 0.0}).of(DEMAND) == []


def test_every_name_of_the_lists_is_one_of_the_tables() -> None:
    frame = tables.world_production()
    made = set(zip(frame["material"], frame["form"].fillna(""), strict=True))
    assert {(each.material, each.form) for each in MADE.values()} <= made
    commodities = {name for names in tables.customs_codes()["commodities"].dropna()
                   for name in names.split("|")}  # fmt: skip
    shipped = {
        name
        for case in ("korea-2026", "japan-2026")
        for name in riskengine.load(f"configs/{case}.toml").materials
    }
    known = commodities | shipped | {"silicon", "titanium", "cadmium"}
    assert set(MADE) | STRATEGIC <= known
    assert shipped_trade().span == "2022 to 2024"


def test_parts_of_a_joint_scenario_are_found_by_their_material() -> None:
    joint = concentration(riskengine.load("configs/korea-japan-2026.toml"))
    stages = {(stage.material, stage.kind): stage for stage in joint.stages}
    korea = stages["korea-tungsten", IMPORTS]
    assert korea.stage == "imports of Korea, tungsten-powders"
    assert stages["japan-tungsten", IMPORTS].stage == "imports of Japan, tungsten-powders"
    assert stages["japan-gallium", WORLD].largest.country == "China"
