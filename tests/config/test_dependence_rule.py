"""Every shipped dependence follows from the other tables, by the rule of docs/data.md."""

from __future__ import annotations

import csv
import math
import re
import tomllib
from pathlib import Path
from statistics import NormalDist

import pytest

TABLES = Path(__file__).parents[2] / "configs" / "tables"
CLASSES = 5
FLOOR = 0.25  #: a shortage is never taken to be smaller
NOTE = re.compile(
    r"dependence ([\d.]+) = at-risk share ([\d.]+)(?: \([^)]*\))? / shortage ([\d.]+)"
    r"(?: of ([\w-]+))?(?: \(floor; by the tables (-?[\d.]+)\))?, technical exposure ([\d.]+); "
    r"range ([\d.]+) to ([\d.]*\d)"
)
countries = pytest.mark.parametrize("country", ["korea", "japan"])


def rows(name: str) -> list[dict[str, str]]:
    with (TABLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def mean_days(cell: str) -> float:
    """The mean of a number or of a PERT distribution."""
    if not cell.startswith("{"):
        return float(cell)
    pert = tomllib.loads(f"x = {cell}")["x"]["pert"]
    return float(pert["low"] + 4 * pert["mode"] + pert["high"]) / 6


def mean_inventory(row: dict[str, str]) -> float:
    """The mean over five classes of firms of a lognormal distribution of days."""
    start = "inventory_days.across.lognormal"
    median, p90 = float(row[f"{start}.median"]), float(row[f"{start}.p90"])
    sigma = math.log(p90 / median) / NormalDist().inv_cdf(0.9)
    middles = [(j - 0.5) / CLASSES for j in range(1, CLASSES + 1)]
    return sum(median * math.exp(sigma * NormalDist().inv_cdf(u)) for u in middles) / CLASSES


def shortage(country: str, material: str) -> float:
    """What is missing in a year without China, in shares of demand, before what firms hold."""
    lost = 0.0
    for row in rows(f"{country}-sources.csv"):
        if (row["material"], row["country"]) == (material, "China"):
            lost += float(row["share"])
    for row in rows(f"{country}-alternatives.csv"):
        if row["material"] == material:
            begins = float(row["lead_time.lognormal.median"]) + float(row["ramp_days"]) / 2
            flows = max(0.0, 1 - begins / 365)
            lost -= float(row["capacity"]) * float(row["probability"]) * flows
    held = [row for row in rows(f"{country}-stocks.csv") if row["material"] == material]
    return lost - sum(mean_days(row["days"]) for row in held) / 365


def two_digits(value: float) -> float:
    return float(f"{value:.2g}")


@countries
def test_each_dependence_is_the_output_at_risk_over_the_shortage(country: str) -> None:
    uses = {(row["industry"], row["material"]): row for row in rows(f"{country}-uses.csv")}
    for (industry, material), row in uses.items():
        found = NOTE.search(row["note"])
        assert found is not None, row
        dependence, at_risk, shown, link, floored, exposure, low, high = found.groups()
        link = link or material
        links = {material, link}
        short = shortage(country, link) - mean_inventory(uses[industry, link]) / 365
        whole = max(FLOOR, short)
        limits = [float(NOTE.search(uses[industry, each]["note"])[6]) for each in links]  # type: ignore[index]
        assert float(shown) == pytest.approx(whole, abs=0.005001), (industry, material)
        assert (floored is not None) == (short < FLOOR)
        assert floored is None or float(floored) == pytest.approx(short, abs=0.005001)
        assert float(row["dependence"]) == float(dependence)
        assert float(dependence) == two_digits(min(float(exposure), float(at_risk) / whole))
        assert float(low) == two_digits(min(float(exposure), 0.4 * float(at_risk) / whole))
        twice = 2 * float(at_risk) / whole
        assert float(high) in {two_digits(min(limit, twice)) for limit in (*limits, max(limits))}


@countries
def test_the_shortages_of_the_page_are_those_of_the_tables(country: str) -> None:
    page = (TABLES.parents[1] / "docs" / "data.md").read_text(encoding="utf-8")
    order = ["light-rare-earths", "heavy-rare-earths", "yttrium", "ndfeb-magnets", "gallium"]
    order += ["germanium", "anode-graphite", "antimony", "tungsten", "indium", "magnesium"]
    cells = []
    for material in order:
        short = shortage(country, material)
        cells.append("< 0" if short < -0.005 else f"{abs(short):.2f}")
    assert f"| {country.capitalize()} | {' | '.join(cells)} |" in page


@countries
def test_what_firms_hold_is_as_the_note_and_the_page_say(country: str) -> None:
    page = (TABLES.parents[1] / "docs" / "data.md").read_text(encoding="utf-8")
    for row in rows(f"{country}-uses.csv"):
        start = "inventory_days.across.lognormal"
        median, p90 = row[f"{start}.median"], row[f"{start}.p90"]
        assert f"Half of the firms hold at least {median} days, a tenth {p90}" in row["note"]
        sigma = math.log(float(p90) / float(median)) / NormalDist().inv_cdf(0.9)
        middles = [NormalDist().inv_cdf((j - 0.5) / CLASSES) for j in range(1, CLASSES + 1)]
        shown = re.search(rf"\| {median} \| {p90} \| ([\d, ]+) \| (\d+) \|", page)
        assert shown is not None, row
        classes = [float(days) for days in shown[1].split(", ")]
        exact = [float(median) * math.exp(sigma * z) for z in middles]
        assert classes == pytest.approx(exact, abs=0.501)
        assert float(shown[2]) == pytest.approx(mean_inventory(row), abs=0.501)


@countries
def test_propagation_goes_to_suppliers_from_every_industry(country: str) -> None:
    found = rows(f"propagation-{country}.csv")
    assert [row["from"] for row in found] == [
        row["industry"] for row in rows(f"{country}-industries.csv")
    ]
    for row in found:
        shown = re.search(r"first round ([\d.]+), all rounds ([\d.]+)\.", row["note"])
        assert row["to"] == "suppliers"  # none of them is struck itself
        assert shown is not None
        assert 0 < float(shown[1]) < float(shown[2]) == float(row["coefficient"]) < 1


@pytest.mark.parametrize(
    ("country", "cars", "chips"),
    [
        ("korea", "automobile", "semiconductors"),
        ("japan", "transport-equipment", "electronic-parts"),
    ],
)
def test_gallium_matters_most_to_chip_makers_and_germanium_less_than_gallium(
    country: str, cars: str, chips: str
) -> None:
    industries = {row["industry"]: row for row in rows(f"{country}-industries.csv")}

    def at_stake(industry: str, material: str) -> float:
        """A year's output lost for each share of the material that is missing."""
        for row in rows(f"{country}-uses.csv"):
            if (row["industry"], row["material"]) == (industry, material):
                made = industries[industry]
                kept = 1 - float(made["recapture"])
                return float(row["dependence"]) * float(made["value_added_per_year"]) * kept
        raise AssertionError(material)

    assert at_stake(chips, "gallium") > at_stake(cars, "gallium") > 0
    assert at_stake(chips, "gallium") > 3 * at_stake(chips, "germanium") > 0
