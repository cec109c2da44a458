"""The shipped scenario of two importers says of each what its own case says, spill-over too."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from riskengine.config import load
from riskengine.play.simulate import simulate

CONFIGS = Path(__file__).parents[2] / "configs"
TRIALS = 100_000
SPILL_OVER = ("spill-over-halt", "spill-over-boycott")


def case(name: str) -> Any:
    return load(CONFIGS / f"{name}.toml")


def test_each_importer_has_the_materials_and_industries_of_its_own_case() -> None:
    joint = case("korea-japan-2026")

    for name in ("korea", "japan"):
        alone = case(f"{name}-2026")
        assert {f"{name}-{m}": each for m, each in alone.materials.items()} == {
            m: each for m, each in joint.materials.items() if m.startswith(f"{name}-")
        }
        ours = {i: each for i, each in joint.industries.items() if i.startswith(f"{name}-")}
        assert list(ours) == [f"{name}-{i}" for i in alone.industries]
        for industry, theirs in alone.industries.items():
            uses = ours[f"{name}-{industry}"].uses
            assert uses == {f"{name}-{m}": use for m, use in theirs.uses.items()}


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
