"""A scenario for any importer: what it takes from the trade tables, and what it borrows."""

from __future__ import annotations

import csv
import math
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest
from scipy import stats

import riskengine
from riskengine.config.sources.shipped import by_name
from riskengine.economies import tables
from riskengine.economies.drafting.cases import CASES
from riskengine.economies.drafting.moving import CLASSES, MovingShare, moving_cut, pert_classes
from riskengine.economies.drafting.politics import CALM, FULL, LEVELS
from riskengine.economies.drafting.stand_ins import LIKE_ANY, NO_CODE, STAND_INS
from riskengine.economies.names import known_economies
from riskengine.errors import UsageFault
from riskengine.model.scenario import Scenario
from riskengine.model.statuses import KNOWN
from riskengine.play.simulate import simulate
from riskengine.verbs.new import ImporterResult

CONFIGS = Path(__file__).parents[2] / "configs"
Rows = list[dict[str, str]]


def made(tmp_path: Path, importer: str, **given: object) -> ImporterResult:
    return riskengine.new_for(tmp_path / "mine", importer, **given)  # type: ignore[arg-type]


def rows_of(case: ImporterResult, table: str) -> Rows:
    with open(case.config.parent / "tables" / f"{table}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def scenario(case: ImporterResult) -> Scenario:
    return riskengine.load(case.config)


def shipped_rows(table: str) -> Rows:
    with open(CONFIGS / "tables" / f"{table}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_sources_are_the_shares_by_weight_and_spend_is_by_value(tmp_path: Path) -> None:
    case = made(tmp_path, "Germany")
    shares, totals = tables.import_shares(), tables.import_totals()
    known = {each.code: each.name for each in known_economies()}
    for material, commodity in (
        ("light-rare-earths", "rare-earths-without-cerium"),
        ("anode-graphite", "natural-graphite-flake-powder"),
        ("tungsten", "tungsten-powders"),
    ):
        is_it = (shares["importer"] == "DEU") & (shares["commodity"] == commodity)
        wanted = {
            known[row.exporter]: row.share_of_tonnes
            for row in shares[is_it].itertuples()
            if row.share_of_tonnes >= 0.0001
        }
        rows = [row for row in rows_of(case, "sources") if row["material"] == material]
        assert {row["country"]: float(row["share"]) for row in rows} == pytest.approx(
            wanted, abs=1e-4
        )
        assert {row["status"] for row in rows} <= {"derived", "borrowed"}
        assert all(row["status"] == "borrowed" for row in rows if row["boycott_cut"])
        assert all(str(year) in row["note"] for row in rows for year in (2022, 2024))
        bought = (totals["importer"] == "DEU") & (totals["commodity"] == commodity)
        (spend,) = totals[bought]["usd_million_per_year"]
        assert scenario(case).materials[material].spend_per_year == pytest.approx(spend, rel=5e-4)


def test_what_no_code_tells_is_borrowed_and_named(tmp_path: Path) -> None:
    case = made(tmp_path, "Germany")
    korean = shipped_rows("korea-sources")
    for material in NO_CODE:
        ours, theirs = (
            {row["country"]: row["share"] for row in rows if row["material"] == material}
            for rows in (rows_of(case, "sources"), korean)
        )
        assert ours == theirs
        assert any(material in remark for remark in case.remarks)
    borrowed = [row for row in rows_of(case, "sources") if row["material"] in NO_CODE]
    assert {row["status"] for row in borrowed} == {"borrowed"}
    uses = rows_of(case, "uses")
    assert {row["status"] for row in uses} == {"borrowed"}
    assert all(row["note"].startswith("Borrowed from korea-2026: ") for row in uses)
    assert [(row["dependence"], row["share"]) for row in uses] == [
        (row["dependence"], row["share"]) for row in shipped_rows("korea-uses")
    ]
    # No stock of a state and no contract of Korea becomes one of Germany.
    public = [row for row in rows_of(case, "stocks") if row["tier"] == "public"]
    assert {(row["days"], row["status"]) for row in public} == {("0", "assumption")}
    assert "supplier" not in {row["kind"] for row in rows_of(case, "alternatives")}
    assert any("lynas-ndpr" in remark for remark in case.remarks)


def test_every_row_has_a_source_a_status_and_a_note(tmp_path: Path) -> None:
    case = made(tmp_path, "India")
    counted = dict.fromkeys(KNOWN, 0)
    for table in ("materials", "sources", "alternatives", "stocks", "industries", "uses"):
        for row in rows_of(case, table):
            assert row["status"] in KNOWN
            assert row["note"]
            assert row["source"] or row["status"] == "assumption"
            counted[row["status"]] += 1
    assert {status: count for status, count in counted.items() if count} == case.counts


def test_value_added_is_that_of_the_sectors_divided_as_in_the_case(tmp_path: Path) -> None:
    """Germany, 2011: transport equipment divided 65.2 to 17.4, all of machinery to one industry."""
    industries = scenario(made(tmp_path, "Germany")).industries
    frame = tables.value_added()
    sectors = frame[frame["economy"] == "DEU"].set_index("sector")["value_added_usd_million"]
    added = {name: each.value_added_per_year for name, each in industries.items()}
    whole = sectors["transport-equipment"]
    assert added["automobile"] == pytest.approx(whole * 65.2 / 82.6, rel=1e-3)
    assert added["other-transport"] == pytest.approx(whole * 17.4 / 82.6, rel=1e-3)
    assert added["machinery-and-robots"] == pytest.approx(sectors["machinery"], rel=1e-3)
    # 0.15 of electronics, which is 80.7 / 0.65, is in no industry; electrical equipment is.
    electronics, equipment = 80.7 / 0.65, 35.1
    part = electronics * 0.65 / (electronics + equipment)
    assert added["semiconductors"] == pytest.approx(
        sectors["electrical-and-optical"] * part, rel=2e-3
    )


def test_spend_on_a_borrowed_material_goes_with_the_sectors_that_use_it(tmp_path: Path) -> None:
    """Yttrium in Korea: 5 a year, used by chips and displays, which are in one sector."""
    frame = tables.value_added().set_index(["economy", "sector"])["value_added_usd_million"]
    ratio = frame["DEU", "electrical-and-optical"] / frame["KOR", "electrical-and-optical"]
    spend = scenario(made(tmp_path, "Germany")).materials["yttrium"].spend_per_year
    assert spend == pytest.approx(5 * ratio, rel=5e-4)


def test_where_no_value_added_is_known_losses_are_in_percent(tmp_path: Path) -> None:
    case = made(tmp_path, "Vietnam")
    read = scenario(case)
    assert read.run.money == "% of yearly value added"
    added = sum(each.value_added_per_year for each in read.industries.values())
    assert added == pytest.approx(100, abs=0.1)
    assert {each.spend_per_year for each in read.materials.values()} == {0.0}
    assert any("none is known for Vietnam" in remark for remark in case.remarks)
    assert not (case.config.parent / "tables" / "propagation.csv").exists()
    # The imports stand in the note, to be put there with value added in money.
    notes = {row["material"]: row["note"] for row in rows_of(case, "materials")}
    assert "USD 7" in notes["light-rare-earths"] or "USD" in notes["light-rare-earths"]


@pytest.mark.parametrize(("name", "country"), [("korea", "Korea"), ("japan", "Japan")])
def test_a_country_with_a_case_of_its_own_borrows_nothing(
    tmp_path: Path, name: str, country: str
) -> None:
    case = made(tmp_path, country)
    assert "borrowed" not in case.counts
    for table in ("uses", "stocks", "alternatives", "industries"):
        ours, theirs = rows_of(case, table), shipped_rows(f"{name}-{table}")
        kept = [{k: v for k, v in row.items() if k in ours[0]} for row in theirs]
        assert ours == kept
    sources = rows_of(case, "sources")
    (china,) = (
        row
        for row in sources
        if row["material"] == "light-rare-earths" and row["country"] == "China"
    )
    assert china["status"] == "derived"


def test_a_case_to_borrow_from_can_be_chosen(tmp_path: Path) -> None:
    case = made(tmp_path, "Korea", like="japan")
    assert set(scenario(case).industries) == {
        row["industry"] for row in shipped_rows("japan-industries")
    }
    assert {row["status"] for row in rows_of(case, "uses")} == {"borrowed"}
    # Korea is a source of the Japanese case: it does not cut itself off.
    assert "Korea" not in {row["country"] for row in rows_of(case, "sources")}


def test_members_of_the_union_are_no_sources_of_the_union(tmp_path: Path) -> None:
    case = made(tmp_path, "EU")
    members = {each.name for each in known_economies() if each.in_union}
    assert members.isdisjoint(row["country"] for row in rows_of(case, "sources"))
    assert any("without Croatia" in remark for remark in case.remarks)


@pytest.mark.parametrize(
    ("importer", "coercer", "extends", "dispute"),
    [
        ("Germany", "China", FULL, "china-germany"),
        ("Korea", "China", FULL, "china-korea"),
        ("Japan", "China", FULL, "china-japan"),
        ("United States", "China", FULL, "china-us"),
        ("Germany", "Malaysia", LEVELS, "malaysia-germany"),
        ("Ivory Coast", "China", FULL, "china-ivory-coast"),
    ],
)
def test_one_dispute_is_with_the_importer_and_concerns_its_materials(
    tmp_path: Path, importer: str, coercer: str, extends: str, dispute: str
) -> None:
    case = made(tmp_path, importer, coercer=coercer)
    assert tomllib.loads(case.config.read_text("utf-8"))["extends"] == f"riskengine:{extends}"
    read = scenario(case)
    aimed = {n: d for n, d in read.disputes.items() if d.target == read.run.importer}
    assert list(aimed) == [dispute]
    assert aimed[dispute].coercer == coercer
    calm = tomllib.loads((CONFIGS / "politics" / f"{CALM}.toml").read_text("utf-8"))
    rate = 0.28 if importer == "Japan" else calm["disputes"]["china-korea"]["rate_per_year"]
    assert aimed[dispute].rate_per_year == rate
    starts = {name: each.starts for name, each in read.triggers.items()}
    if coercer == "China" and importer not in ("Japan", "Korea"):
        assert starts["spill-over-halt"] == starts["spill-over-boycott"] == dispute
    for material in read.materials.values():
        assert coercer in material.sources


def test_another_coercer_cuts_only_what_it_sells(tmp_path: Path) -> None:
    case = made(tmp_path, "Germany", coercer="Malaysia")
    assert set(scenario(case).materials) == {"light-rare-earths"}
    assert any("none of it comes from Malaysia" in remark for remark in case.remarks)
    # What is known of Chinese content says nothing of another coercer.
    assert not any(row.get("boycott_cut") for row in rows_of(case, "sources"))


def test_a_commodity_without_a_use_is_asked_for(tmp_path: Path) -> None:
    case = made(tmp_path, "Germany", coercer="Chile", materials=["lithium-carbonate"])
    read = scenario(case)
    assert list(read.materials) == ["lithium-carbonate"]
    assert any("no use is known" in remark for remark in case.remarks)
    assert not (case.config.parent / "tables" / "uses.csv").exists()
    row = rows_of(case, "materials")[0]
    assert (row["status"], f"that of {LIKE_ANY}" in row["note"]) == ("borrowed", True)


def test_a_share_that_moved_is_drawn_with_the_cut(tmp_path: Path) -> None:
    """Taiwan, rare earths: 0.04, 0.85 and 0.98 Chinese; lost at a full cut is one of the three."""
    case = made(tmp_path, "Taiwan", materials=["light-rare-earths"])
    yearly = tables.yearly_shares().set_index(["importer", "commodity", "exporter", "year"])
    years = [
        yearly.loc[("TWN", "rare-earths-without-cerium", "CHN", year), "share_of_tonnes"]
        for year in (2022, 2023, 2024)
    ]
    assert years == pytest.approx([0.04, 0.85, 0.98], abs=0.005)
    material = scenario(case).materials["light-rare-earths"]
    share = material.sources["China"].share
    assert share == pytest.approx(max(years), abs=1e-4)
    cut = material.cut["near-zero"]
    # The mean of what is lost: the mean share of a year times the mean of PERT(0.84, 0.98, 1).
    expected = sum(years) / 3 * (0.84 + 4 * 0.98 + 1) / 6
    # The middles of five classes miss the mean of the distribution by less than 1 %.
    assert share * cut.mean() == pytest.approx(expected, rel=0.01)
    lost = sorted(share * value for value in cut.values)
    assert len(lost) == 3 * CLASSES
    assert lost[0] == pytest.approx(years[0] * 0.9, abs=0.01)
    assert lost[-1] == pytest.approx(years[2] * 0.995, abs=0.01)
    assert sum(source.share for source in material.sources.values()) <= 1
    assert any("2022: 0.04" in remark for remark in case.remarks)


@pytest.mark.parametrize(
    "given", [(0.84, 0.98, 1.0), (0.25, 0.5, 0.85), (0.0, 0.25, 0.5), (0.3, 0.3, 0.9)]
)
def test_classes_of_a_pert_distribution_are_its_quantiles(given: tuple[float, ...]) -> None:
    low, mode, high = given
    width = high - low
    beta = stats.beta(
        1 + 4 * (mode - low) / width, 1 + 4 * (high - mode) / width, loc=low, scale=width
    )
    wanted = beta.ppf([(j + 0.5) / CLASSES for j in range(CLASSES)])
    # The sum has 400 steps: a quantile is found to a small part of one.
    assert pert_classes(*given) == pytest.approx(wanted, abs=width / 4000)
    assert pert_classes(0.5, 0.5, 0.5) == [0.5]


def test_a_cut_that_is_a_number_has_a_value_for_each_year() -> None:
    text = moving_cut("0.4", MovingShare((0.2, 0.5, 1.0), ""))
    assert tomllib.loads(f"cut = {text}")["cut"] == {"empirical": {"values": [0.08, 0.2, 0.4]}}


def test_every_case_to_borrow_from_is_shipped_and_has_a_sector_for_each_industry() -> None:
    known = set(tables.value_added()["sector"])
    for case in CASES:
        assert by_name(case.shipped) is not None
        assert set(case.sectors) == {row["industry"] for row in case.rows("industries")}
        assert set(case.sectors.values()) <= known
        passed = tables.passed_on()
        assert set(case.sectors.values()) == set(passed["sector"][passed["struck"] == case.name])
        parts = case.parts()
        for sector in set(case.sectors.values()):
            whole = sum(parts[name] for name, of in case.sectors.items() if of == sector)
            assert whole <= 1 + 1e-12
        materials = {row["material"] for row in case.rows("materials")}
        assert set(STAND_INS) | set(NO_CODE) == materials
        assert LIKE_ANY in materials
    assert all(by_name(name) for name in (CALM, FULL, LEVELS))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"importer": "Grmany"}, 'no economy "Grmany" .* Did you mean "Germany"'),
        ({"importer": "Palau"}, "Palau imports nothing that the trade tables have"),
        ({"importer": "China"}, "China cannot cut itself off"),
        ({"importer": "EU", "coercer": "France"}, "France is inside the European Union"),
        ({"importer": "Germany", "coercer": "Nauru"}, "Nauru sells Germany nothing"),
        ({"importer": "Germany", "coercer": "Chile"}, "none of these materials.*lithium-carbonate"),
        ({"importer": "Germany", "materials": ["galium"]}, 'Did you mean "gallium"'),
        ({"importer": "Germany", "materials": [" "]}, "--materials names materials"),
        ({"importer": "Germany", "like": "koera"}, 'Did you mean "korea"'),
        (
            {"importer": "Germany", "coercer": "Malaysia",
             "materials": ["light-rare-earths", "tungsten"]},
            "tungsten: none of it comes from Malaysia",
        ),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_a_sentence(
    tmp_path: Path, given: dict, words: str
) -> None:
    with pytest.raises(UsageFault, match=words) as caught:
        made(tmp_path, **given)
    assert str(caught.value).isprintable()
    assert not (tmp_path / "mine").exists()


@pytest.mark.exhaustive
def test_every_importer_has_a_scenario_that_checks_clean_and_runs(tmp_path: Path) -> None:
    """Against China, and China against Australia, which sells it most of what it buys."""
    importers = [each for each in known_economies() if each.is_importer]
    assert len(importers) == 212
    for each in importers:
        coercer = "Australia" if each.code == "CHN" else "China"
        materials = ["titanium-ores"] if each.code == "CHN" else None
        folder = tmp_path / each.code
        case = riskengine.new_for(folder, each.code, coercer=coercer, materials=materials)
        read = scenario(case)
        assert read.run.importer == each.name
        losses = simulate(read, trials=1_000).total
        assert all(math.isfinite(loss) and loss >= 0 for loss in losses)
        assert (losses.max() > 0) == (each.code != "CHN")  # nothing of China's uses is known


def _countries(rows: Sequence[dict[str, str]]) -> set[str]:
    return {row["country"] for row in rows}


@pytest.mark.exhaustive
def test_every_exporter_of_an_importer_can_be_the_coercer(tmp_path: Path) -> None:
    shares = tables.import_shares()
    bought = shares[(shares["importer"] == "KOR") & (shares["share_of_tonnes"] > 0.001)]
    assert bought["exporter"].nunique() > 50
    for code, rows in bought.groupby("exporter"):
        commodity = rows.sort_values("share_of_tonnes")["commodity"].iloc[-1]
        case = riskengine.new_for(tmp_path / code, "Korea", coercer=code, materials=[commodity])
        coercers = {dispute.coercer for dispute in scenario(case).disputes.values()}
        assert coercers & _countries(rows_of(case, "sources"))
