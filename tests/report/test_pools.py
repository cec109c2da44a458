"""What people see of pools, against arithmetic by hand (`contested_config`)."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openpyxl.workbook import Workbook
from report.pool_worlds import contested_config
from report.workbook_worlds import made, table, texts

import riskengine
from riskengine.cli.answers.check import check_answer, checked
from riskengine.cli.answers.compare import comparison_answer
from riskengine.config import load, load_whole
from riskengine.figures.buyers import BuyerRow
from riskengine.figures.evidence import RowEvidence
from riskengine.figures.metrics import figures
from riskengine.play.buyers import buyer_rows
from riskengine.play.replay import replay
from riskengine.play.simulate import simulate
from riskengine.reports.run.page import report_page
from riskengine.reports.run.stored import RunFacts, RunFigures
from riskengine.reports.run.tables import headline
from riskengine.reports.screen import plain_text
from riskengine.reports.story.story import story, story_document
from riskengine.store.results import StoredResults, load_results
from riskengine.store.sheets import buyer_fault

Config = dict[str, Any]
POOL = "spare metal"
ASKED = 60 * 90 / 365  # t: Korea's, from day 10 until day 100
GRANTED = (30 * 50 + 60 * 40) / 365
RIVAL = 60 * 50 / 365  # t: Japan's, from day 10 until day 60


def of_pools(config: Config) -> list[tuple[float, str, str]]:
    """The sentences about pools in the story of the first trial."""
    kinds = ("contested", "shared-anew", "uncontested", "still-contested")
    events = story(replay(load(config), 0)).events
    return [(event.day, event.kind, event.text) for event in events if event.kind in kinds]


def test_a_story_says_when_a_pool_is_contested_who_gets_what_and_at_what_price() -> None:
    assert of_pools(contested_config()) == [
        (
            10.0,
            "contested",
            "More is asked of spare metal than it has: 120 t a year, and it has 60, at 2 times the "
            "usual price; granted: metal-korea (50 % of what it asks for), metal-japan (50 %)",
        ),
        (60.0, "uncontested", "spare metal is enough again for all who ask"),
    ]


def test_a_story_says_who_is_served_anew_and_what_is_contested_to_the_end() -> None:
    config = contested_config(capacity_per_year=45, allocation="precedence", unit="")
    config["materials"]["metal-japan"]["alternatives"]["market"]["precedence"] = 1
    config["run"]["horizon_days"] = 90
    del config["pools"][POOL]["scarcity_elasticity"]
    assert of_pools(config) == [
        (
            10.0,
            "contested",
            "More is asked of spare metal than it has: 120 units a year, and it has 45; granted: "
            "metal-korea (0 % of what it asks for), metal-japan (75 %)",
        ),
        (
            60.0,
            "shared-anew",
            "spare metal is shared out anew: 60 units a year, and it has 45; granted: metal-korea "
            "(75 % of what it asks for)",
        ),
        (90.0, "still-contested", "At the end more is still asked of spare metal than it has"),
    ]


def test_an_empty_pool_has_no_price_and_is_asked_until_nobody_wants_it() -> None:
    first, again, last = of_pools(contested_config(capacity_per_year=0))
    assert "120 t a year, and it has 0; granted" in first[2]
    assert again[1] == "shared-anew"
    assert last == (100.0, "uncontested", "Nothing is asked of spare metal any more")


def test_a_pool_that_is_large_enough_is_not_worth_a_sentence() -> None:
    assert of_pools(contested_config(capacity_per_year=120)) == []


def test_a_story_document_has_the_steps_of_pools_where_there_are_any() -> None:
    steps = story_document(story(replay(load(contested_config()), 0)))["steps"]
    assert [(s["day"], s["asked"], s["granted"], s["contested"]) for s in steps["pools"]] == [
        (10.0, 120.0, 60.0, True),
        (60.0, 60.0, 60.0, False),
        (100.0, 0.0, 0.0, False),
    ]
    korea = [s for s in steps["grants"] if s["material"] == "metal-korea"]
    assert [(s["day"], s["asked"], s["granted"]) for s in korea] == [
        (10.0, 60.0, 30.0),
        (60.0, 60.0, 60.0),
        (100.0, 0.0, 0.0),
    ]
    assert not {"pools", "grants"} & set(story_document(story(replay(load(without()), 0)))["steps"])


def without() -> Config:
    """The same without pools: each buyer has the world's spare supply to itself."""
    config = contested_config()
    del config["pools"]
    for material in config["materials"].values():
        del material["alternatives"]["market"]["pool"]
    return config


# check


def described(config: Config) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(check_answer(checked(load_whole(config)), as_json=True))
    return found


def test_check_sets_what_buyers_could_take_beside_what_a_pool_has() -> None:
    found = described(contested_config())
    assert found["pools"] == [
        {
            "pool": POOL,
            "capacity_per_year": 60.0,
            "unit": "t",
            "allocation": "proportional",
            "scarcity_elasticity": 1.0,
            "scarcity_cap": 10.0,
            "could_take": 120.0,
            "share": 2.0,
        }
    ]
    buyer = {
        "pool": POOL,
        "alternative": "market",
        "demand_per_year": 100.0,
        "share": 0.6,
        "could_take": 60.0,
        "unit": "t",
    }
    assert found["buyers"] == [
        buyer | {"material": "metal-korea", "importer": "Korea"},
        buyer | {"material": "metal-japan", "importer": "Japan"},
    ]
    assert [row["pool"] for row in found["alternatives"]] == [POOL, POOL]
    config = contested_config()
    config["materials"]["metal-korea"]["alternatives"]["market"]["lead_from"] = "start"
    rows = [(row["pool"], row["lead_from"]) for row in described(config)["alternatives"]]
    assert rows == [(POOL, "day 0"), (POOL, "the first cut")]


def test_check_shows_ranks_where_they_count_and_prices_where_they_move() -> None:
    config = contested_config(allocation="precedence", capacity_per_year=0)
    del config["pools"][POOL]["scarcity_elasticity"]
    found = described(config)
    assert [row["precedence"] for row in found["buyers"]] == [0.0, 0.0]
    assert "scarcity_cap" not in found["pools"][0]
    assert found["pools"][0]["could_take"] == 120.0
    assert found["pools"][0]["share"] is None


def test_check_says_nothing_of_pools_where_there_are_none() -> None:
    found = described(without())
    assert not {"pools", "buyers"} & set(found)
    assert "pool" not in found["alternatives"][0]
    assert "ool" not in check_answer(checked(load_whole(without())), as_json=False).replace(
        "One pool", ""
    )


# run


@cache
def shown() -> RunFigures:
    losses = simulate(load(contested_config()), trials=4, threads=1)
    rows = figures(RowEvidence(losses))
    return RunFigures(RunFacts.of(losses), rows, losses.scenario.pools)


def test_a_run_shows_contested_days_and_what_is_used_of_the_capacity() -> None:
    pools = headline(shown())[-1]
    (row,) = pools.records()
    assert row["contested_days"]["value"] == pytest.approx(50.0, rel=1e-12)
    assert row["used"]["value"] == pytest.approx(ASKED, rel=1e-12)
    assert row["capacity"] == pytest.approx(60 * 200 / 365, rel=1e-12)
    assert row["share"]["value"] == pytest.approx(90 / 200, rel=1e-12)
    assert row["unit"] == "t"
    assert "Contested days, mean" in plain_text([pools])


def test_buyers_are_the_means_of_what_replays_tell() -> None:
    config = contested_config()
    config["disputes"]["on-japan"] = {
        "coercer": "China",
        "target": "Japan",
        "rate_per_year": 3.0,
        "entry": {"brief": 1.0},
    }
    scenario = load(config)
    losses = simulate(scenario, trials=40, first_trial=7, threads=1)
    told = [replay(scenario, trial) for trial in range(7, 47)]
    for row in buyer_rows(losses):
        assert row.trials == 40
        for field in ("asked", "granted"):
            amounts = []
            for found in told:
                steps = [s for s in found.grants if s.material == row.material]
                ends = [*(step.day for step in steps), 200.0][1:]
                parts = zip(steps, ends, strict=True)
                amounts.append(sum(getattr(s, field) * (end - s.day) for s, end in parts) / 365)
            assert getattr(row, field) == pytest.approx(np.mean(amounts), rel=1e-12)
            assert len(set(amounts)) > 1 or field == "asked"
    granted = sum(row.granted for row in buyer_rows(losses))
    assert granted == pytest.approx(losses.pool_used.mean(), rel=1e-12)


def test_without_pools_nobody_buys_from_one() -> None:
    assert buyer_rows(simulate(load(without()), trials=2, threads=1)) == []


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> StoredResults:
    played = riskengine.simulate(load(contested_config()), trials=4)
    return load_results(played.save(tmp_path_factory.mktemp("pools") / "run"))


@pytest.mark.whole
def test_the_folder_says_who_asks_how_much_and_is_granted_how_much(results: StoredResults) -> None:
    korea, japan = results.buyers()
    assert isinstance(korea, BuyerRow)
    assert (korea.pool, korea.material, korea.unit, korea.trials) == (POOL, "metal-korea", "t", 4)
    assert [korea.asked, korea.granted] == pytest.approx([ASKED, GRANTED], rel=1e-12)
    assert [japan.asked, japan.granted] == pytest.approx([RIVAL, RIVAL / 2], rel=1e-12)


def test_a_buyer_that_no_run_has_is_refused() -> None:
    scenario = load(contested_config())
    row = buyer_rows(simulate(scenario, trials=4, threads=1))[0]
    assert buyer_fault(row, scenario) == ""
    for field, value, fault in (
        ("pool", "other", 'there is no pool "other"'),
        ("material", "other", 'there is no material "other"'),
        ("asked", float("nan"), "missing"),
        ("granted", -1.0, "below 0"),
        ("asked", 1e300, "no figure of a run"),
    ):
        changed: Any = {field: value}
        assert fault in buyer_fault(replace(row, **changed), scenario)


@pytest.mark.whole
def test_the_workbook_has_a_sheet_of_pools(results: StoredResults) -> None:
    book: Workbook = made(results)
    (row,) = table(book["Pools"], "Pools")
    assert row["Contested, mean (days)"].value == pytest.approx(50.0)
    assert row["Used, mean"].value == pytest.approx(ASKED)
    assert row["Unit"].value == "t"
    assert row["Used of capacity"].value == pytest.approx(0.45)
    assert "ContestedDays_spare_metal" in book.defined_names
    shares = [row["Granted of what is asked"].value for row in table(book["Pools"], "Buyers")]
    assert shares == pytest.approx([GRANTED / ASKED, 0.5])
    bad = table(book["Pools"], "BuyersInTrials")
    assert [r["Granted"].value for r in bad] == pytest.approx([GRANTED, RIVAL / 2] * 3)
    assert [r["Trial at"].value for r in bad[::2]] == ["VaR 95 %", "VaR 99 %", "VaR 99.5 %"]
    assert "Pools" in texts(book["Summary"])


@pytest.mark.whole
def test_the_page_has_a_section_of_pools(results: StoredResults) -> None:
    page = str(report_page(results))
    assert 'id="pools"' in page
    assert "is contested most: more is asked of it than it has on 50.0 " in page
    assert "It grants 14.8 " in page
    assert "Who gets what" in page


@pytest.mark.whole
def test_without_pools_neither_sheet_nor_section_nor_file(tmp_path: Path) -> None:
    played = riskengine.simulate(load(without()), trials=4)
    found = load_results(played.save(tmp_path / "run"))
    assert "Pools" not in made(found).sheetnames
    assert 'id="pools"' not in str(report_page(found))
    assert not {"buyers.csv", "pools.parquet"} & set(found.manifest["files"])
    assert found.buyers() == []


# compare


def test_a_comparison_says_what_a_rival_costs() -> None:
    """Without Japan, Korea is granted 30 t a year more for 50 days, and lacks 0.3 of demand less.

    Its mill loses 365 a year and depends on the metal by a half: 0.5 * 0.3 * 50 = 7.5 less.
    """
    alone = contested_config()
    for kind, name in (("materials", "metal-japan"), ("industries", "mills-japan")):
        del alone[kind][name]
    found = riskengine.compare(load(alone), load(contested_config()), trials=4)
    by_place = {(d.scope, d.name, d.component, d.measure, d.level): d
                for d in found.comparison.differences}  # fmt: skip
    output = by_place["industry", "mills-korea", "output", "mean", None]
    assert output.difference == pytest.approx(7.5, rel=1e-12)
    contested = by_place["pool", POOL, "all", "contested_days", None]
    assert (contested.a, contested.b) == pytest.approx((0.0, 50.0))
    used = by_place["pool", POOL, "all", "used", None]
    assert used.difference == pytest.approx(0.0, abs=1e-12)
    answer = comparison_answer(found, as_json=False)
    assert "By pool: B - A" in answer
    assert "Contested days, mean" in answer
