"""The shipped configs hold what `history/fit.toml` and the notes of their tables say."""

from __future__ import annotations

import csv
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from calibrate_worlds import fitted, history

from riskengine.backtests.suites import find_suite, load_suite
from riskengine.config import load, load_sweep
from riskengine.fits.fragment import fragment
from riskengine.play.simulate import simulate

CONFIGS = Path(__file__).parents[2] / "configs"
FIT = (CONFIGS / "history" / "fit.toml").read_text(encoding="utf-8")
FITTED = tomllib.loads(FIT)
LEVELS = ["slow-licensing", "near-zero"]
based = pytest.mark.parametrize("name", ["korea-baseline", "korea-2026", "japan-2026"])


def given(name: str) -> dict[str, Any]:
    return tomllib.loads((CONFIGS / f"{name}.toml").read_text(encoding="utf-8"))


def parameters(level: str) -> dict[str, float]:
    found: dict[str, float] = FITTED["ladder"][level]["sojourn"]["lognormal"]
    return found


def test_the_shipped_fit_is_what_the_command_writes_to_the_byte() -> None:
    assert fragment(fitted(history(), quantity="flow", family="lognormal")) == FIT


@based
def test_the_ladder_has_the_fitted_durations_mildest_level_first(name: str) -> None:
    scenario = load(CONFIGS / f"{name}.toml")

    assert "history/fit.toml" in {shown for shown, _ in scenario.files}
    assert list(scenario.ladder) == ["normalised-licensing", *LEVELS, "secondary-boycott"]
    for level in LEVELS:
        assert "sojourn" not in given(name).get("ladder", {}).get(level, {})
        held: Any = scenario.document
        for key in ("ladder", level, "sojourn", "lognormal"):
            held = held[key]
        assert held == parameters(level)


@based
def test_the_boycott_borrows_the_duration_of_near_zero_flow(name: str) -> None:
    ladder = load(CONFIGS / f"{name}.toml").ladder
    assert ladder["secondary-boycott"].sojourn == ladder["near-zero"].sojourn


@pytest.mark.parametrize("level", LEVELS)
def test_the_smallest_config_has_the_fitted_durations_rounded(level: str) -> None:
    shown = given("minimal")["ladder"][level]["sojourn"]["lognormal"]
    fit = {key: f"{value:.0f}" for key, value in parameters(level).items()}
    assert {key: f"{value:.0f}" for key, value in shown.items()} == fit


def test_the_sweep_of_assumptions_draws_near_zero_flow_as_fitted() -> None:
    drawn = given("sweep-korea-assumptions")["sweep"]["parameters"]
    paths = {key for key in FITTED["sweep"]["parameters"] if key.startswith("ladder.near-zero")}
    assert {key for key in drawn if key.startswith("ladder.")} == paths
    for path in paths:
        assert drawn[path] == FITTED["sweep"]["parameters"][path]


ENDS = {
    "low": r"range ([\d.]*\d) to",
    "high": r"range [\d.]+ to ([\d.]*\d)",
    "exposure": r"technical exposure ([\d.]*\d)",
}


def rows(name: str) -> list[dict[str, str]]:
    with (CONFIGS / "tables" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("country", "end"),
    [
        ("korea", "low"),
        ("korea", "high"),
        ("japan", "low"),
        ("japan", "high"),
        ("japan", "exposure"),
    ],
)
def test_dependences_for_sweeps_are_those_of_the_notes(country: str, end: str) -> None:
    shipped, varied = rows(f"{country}-uses.csv"), rows(f"{country}-uses-{end}.csv")
    kept = [key for key in varied[0] if key not in ("dependence", "status", "note")]
    assert len([key for key in kept if key.startswith("inventory_days.")]) == 2
    assert len(shipped) == len(varied)
    for row, other in zip(shipped, varied, strict=True):
        found = re.search(ENDS[end], row["note"])
        assert found is not None, row
        assert float(other["dependence"]) == float(found[1]), other
        assert [other[key] for key in kept] == [row[key] for key in kept]


@pytest.mark.costly
def test_the_swept_full_stop_is_the_one_of_the_back_test() -> None:
    swept = load_sweep(CONFIGS / "sweep-japan-full-stop.toml").scenario
    case = (
        load_suite(find_suite(str(CONFIGS / "backtests")))
        .cases["japan-all-minerals-one-year"]
        .scenario
    )
    for part in ("ladder", "disputes", "triggers", "correlation", "materials", "industries"):
        assert getattr(swept, part) == getattr(case, part), part
    assert swept.run.horizon_days == case.run.horizon_days
    assert swept.run.seed == case.run.seed


def test_the_same_dispute_has_the_same_rate_and_entry_in_all_politics() -> None:
    politics, japan = given("politics/china-2026"), given("japan-2026")
    assert politics["disputes"]["china-japan"] == japan["disputes"]["china-japan"]
    assert politics["disputes"]["china-us"] == japan["disputes"]["china-us"]
    lapse = {**politics["triggers"]["truce-lapses"], "starts": "china-japan"}
    assert lapse == japan["triggers"]["truce-lapses"]


def test_the_politics_of_korea_are_the_shipped_ones_alone() -> None:
    assert set(given("korea-2026")) == {"extends", "run", "tables"}
    assert set(given("korea-baseline")) == {"extends", "run", "tables"}


TAKEN = {
    "materials": ("coverage", "price_elasticity", "price_cap", "refill_rate"),
    "sources": ("share", "boycott_cut", "status", "source"),
}


@pytest.mark.parametrize("table", TAKEN)
def test_the_company_has_the_cuts_and_the_chinese_shares_of_korea(table: str) -> None:
    korea = {(row["material"], row.get("country")): row for row in rows(f"korea-{table}.csv")}
    checked = 0
    for row in rows(f"company-{table}.csv"):
        if row.get("country", "China") != "China":
            continue
        other = korea[row["material"], row.get("country")]
        kept = [key for key in row if key.startswith("cut.") or key in TAKEN[table]]
        assert {key: row[key] for key in kept} == {key: other[key] for key in kept}
        checked += 1
    assert checked == 5


@pytest.mark.parametrize("table", ["materials", "alternatives", "stocks", "industries", "uses"])
def test_every_figure_of_the_company_is_an_assumption_to_be_replaced(table: str) -> None:
    for row in rows(f"company-{table}.csv"):
        assert row["status"] == "assumption"
        assert row["note"].startswith("Assumption, to be replaced: ")


def test_the_company_loses_in_some_years_and_less_than_all_its_output() -> None:
    scenario = load(CONFIGS / "company.toml")
    losses = simulate(scenario, trials=20_000)
    output = sum(industry.value_added_per_year for industry in scenario.industries.values())

    assert 0.1 < (losses.total > 0).mean() < 0.6
    assert 0 < losses.total.mean() < losses.total.max() < output
    assert (losses.industry_loss.mean(axis=0) > 0).all()
