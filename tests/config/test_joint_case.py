"""The shipped scenario of two importers says of each what its own case says, spill-over too."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from riskengine.config import load
from riskengine.model.scenario import Material
from riskengine.play.simulate import simulate

CONFIGS = Path(__file__).parents[2] / "configs"
TRIALS = 100_000
SPILL_OVER = ("spill-over-halt", "spill-over-boycott")


def case(name: str) -> Any:
    return load(CONFIGS / f"{name}.toml")


def alone_in_the_market(material: Material) -> Material:
    """A material with all its alternatives to itself."""
    apart = {
        name: replace(each, pool=None, precedence=0.0)
        for name, each in material.alternatives.items()
    }
    return replace(material, alternatives=apart, demand_per_year=None)


def test_each_importer_has_the_materials_and_industries_of_its_own_case() -> None:
    joint = case("korea-japan-2026")
    # The one capacity that is replaced: it was a guess at Japan's part of what the pool shares.
    lynas = joint.materials["japan-light-rare-earths"].alternatives["lynas-ndpr"]
    assert lynas.capacity.mean() == 0.23

    for name in ("korea", "japan"):
        alone = case(f"{name}-2026")
        wanted = dict(alone.materials)
        if name == "japan":
            light = wanted["light-rare-earths"]
            assert light.alternatives["lynas-ndpr"].capacity.mean() == 0.2
            own = replace(light.alternatives["lynas-ndpr"], capacity=lynas.capacity)
            alternatives = {**light.alternatives, "lynas-ndpr": own}
            wanted["light-rare-earths"] = replace(light, alternatives=alternatives)
        assert {f"{name}-{m}": each for m, each in wanted.items()} == {
            m: alone_in_the_market(each)
            for m, each in joint.materials.items()
            if m.startswith(f"{name}-")
        }
        ours = {i: each for i, each in joint.industries.items() if i.startswith(f"{name}-")}
        assert list(ours) == [f"{name}-{i}" for i in alone.industries]
        for industry, theirs in alone.industries.items():
            uses = ours[f"{name}-{industry}"].uses
            assert uses == {f"{name}-{m}": use for m, use in theirs.uses.items()}


def test_each_pool_holds_what_its_note_derives() -> None:
    joint = case("korea-japan-2026")
    claims: dict[str, list[float]] = {pool: [] for pool in joint.pools}
    for material in joint.materials.values():
        for each in material.alternatives.values():
            if each.pool:
                claims[each.pool].append(each.capacity.mean() * (material.demand_per_year or 0.0))
    derived = {
        "lynas-light": 10_500 - 6_142,
        "lynas-heavy": round(1_500 * 0.06 - 0.03 * 195),
        "gallium-spare": (10 - 3) + (100 - 0),
        "antimony-korea-zinc": round(3_604 - 900 - 0.19 * 3_828),
    }
    for name, pool in joint.pools.items():
        assert len(claims[name]) == 2  # one buyer from either country
        holds = pool.capacity_per_year.mean()
        assert holds == pytest.approx(derived.get(name, max(claims[name])), rel=1e-12)
        row = joint.document["pools"][name]
        assert row["status"] == ("derived" if name in derived else "assumption")
        assert row["source"].startswith("https://")
        assert row["note"]
    # None of the buyers alone asks for more than there is: days are contested by both.
    assert all(
        max(claims[name]) <= pool.capacity_per_year.mean() * (1 + 1e-12)
        for name, pool in joint.pools.items()
    )


def test_japan_comes_first_only_where_a_contract_says_so() -> None:
    joint = case("korea-japan-2026")
    first = {
        (name, each.pool)
        for name, material in joint.materials.items()
        for each in material.alternatives.values()
        if each.precedence
    }
    assert first == {
        ("japan-light-rare-earths", "lynas-light"),
        ("japan-heavy-rare-earths", "lynas-heavy"),
    }
    by_precedence = {n for n, pool in joint.pools.items() if pool.allocation == "precedence"}
    assert by_precedence == {"lynas-light", "lynas-heavy"}


def test_the_politics_are_those_of_both_cases_but_for_the_spill_over() -> None:
    joint, korea, japan = map(case, ("korea-japan-2026", "korea-2026", "japan-2026"))

    for part in ("ladder", "correlation"):
        assert getattr(joint, part) == getattr(korea, part) == getattr(japan, part)
    assert joint.disputes == korea.disputes
    assert joint.disputes["china-japan"] == japan.disputes["china-japan"]
    assert joint.run.horizon_days == korea.run.horizon_days == japan.run.horizon_days
    added = joint.triggers.pop("truce-lapses-japan")
    assert added == japan.triggers["truce-lapses"]
    assert list(joint.triggers) == list(korea.triggers)
    assert joint.triggers["truce-lapses"] == korea.triggers["truce-lapses"]
    for name in SPILL_OVER:
        assert joint.triggers[name].lag == korea.triggers[name].lag
        assert joint.triggers[name].reaches == korea.triggers[name].reaches


def chance_of_an_episode(name: str, route: str, probability: float | None = None) -> float:
    """The chance that one trigger alone starts an episode of Korea; materials carry paths only."""
    document = case(name).document
    for material in document["materials"].values():
        material["alternatives"], material["stocks"] = {}, {}
    document["industries"] = {"none": {"importer": "Korea", "value_added_per_year": 0}}
    document["disputes"]["china-korea"]["rate_per_year"] = 0
    for trigger, given in document["triggers"].items():
        if given["starts"] == "china-korea" and trigger != route:
            given["probability"] = 0
        elif trigger == route and probability is not None:
            given["probability"] = probability
    scenario = load(document)
    losses = simulate(scenario, trials=TRIALS, threads=1)
    episodes = losses.episodes[:, list(scenario.disputes).index("china-korea")]
    return float((episodes > 0).mean())


@pytest.mark.statistical
@pytest.mark.parametrize("route", SPILL_OVER)
def test_a_spill_over_starts_an_episode_as_often_as_was_argued_for_korea_alone(route: str) -> None:
    argued = chance_of_an_episode("korea-2026", route)
    restated = chance_of_an_episode("korea-japan-2026", route)
    as_before = chance_of_an_episode(
        "korea-japan-2026", route, case("korea-2026").triggers[route].probability
    )

    tolerance = 4.0 * math.sqrt(2.0 * argued * (1.0 - argued) / TRIALS)
    assert abs(restated - argued) < tolerance
    assert abs(as_before - argued) > tolerance
