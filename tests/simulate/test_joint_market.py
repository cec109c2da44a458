"""The shipped scenario of two importers: what their common market changes, and what it does not."""

from __future__ import annotations

import copy
import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from riskengine.config import load
from riskengine.model.losses import Losses
from riskengine.play.simulate import simulate

CONFIGS = Path(__file__).parents[2] / "configs"
TRIALS = 20_000
KOREA, JAPAN = "korea-", "japan-"
BY_INDUSTRY = (
    *("industry_loss", "output", "rerouting", "price"),
    *("loss_days", "stopped_days", "first_loss_day"),
)
BY_MATERIAL = ("material_loss", "cut_days", "cut_weighted_days", "shortage_days", "deepest_level")


def document() -> dict[str, Any]:
    return copy.deepcopy(load(CONFIGS / "korea-japan-2026.toml").document)


def play(source: Any) -> Losses:
    return simulate(load(source), trials=TRIALS, threads=1)


def without_pools(config: dict[str, Any], importers: tuple[str, ...]) -> dict[str, Any]:
    """A config in which the alternatives of some importers come from no pool."""
    for name, material in config["materials"].items():
        if name.startswith(importers):
            material.pop("demand_per_year", None)
            for alternative in material["alternatives"].values():
                alternative.pop("pool", None)
                alternative.pop("precedence", None)
    if importers == (KOREA, JAPAN):
        del config["pools"]
    return config


def of_one(losses: Losses, importer: str) -> dict[str, np.ndarray]:
    """All that the trials say of one importer."""
    scenario = losses.scenario
    return {
        f"{field}:{name}": getattr(losses, field)[:, i]
        for names, fields in (
            (scenario.industries, BY_INDUSTRY),
            (scenario.materials, BY_MATERIAL),
        )
        for field in fields
        for i, name in enumerate(names)
        if name.startswith(importer)
    }


def same_bits(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    return list(one) == list(other) and all(
        one[key].tobytes() == other[key].tobytes() for key in one
    )


@pytest.fixture(scope="module")
def joint() -> Losses:
    return play(CONFIGS / "korea-japan-2026.toml")


@pytest.mark.costly
def test_with_pools_too_large_to_be_contested_each_importer_is_as_if_it_were_alone() -> None:
    config = document()
    for pool in config["pools"].values():
        pool["capacity_per_year"] *= 1e6
    large = play(config)
    assert not large.contested_days.any()
    assert (large.pool_used.sum(axis=0) > 0).all()

    for importer, other in ((KOREA, JAPAN), (JAPAN, KOREA)):
        config = without_pools(document(), (KOREA, JAPAN))
        config["industries"] = {
            name: each for name, each in config["industries"].items() if not name.startswith(other)
        }
        apart = play(config)
        assert same_bits(of_one(apart, importer), of_one(large, importer))
        # With one importer's industries alone, its losses are all there are.
        total = sum(
            of_one(large, importer)[f"industry_loss:{i}"] for i in apart.scenario.industries
        )
        np.testing.assert_allclose(total, apart.total, rtol=1e-12)


@pytest.mark.costly
def test_no_pool_is_contested_by_one_buyer_alone(joint: Losses) -> None:
    for other in (KOREA, JAPAN):
        alone = play(without_pools(document(), (other,)))
        assert not alone.contested_days.any()
    # Both together contest all but the two that hold more than both may take.
    never = {"gallium-spare", "lynas-heavy"}
    contested = joint.contested_days.sum(axis=0) > 0
    assert {
        name for name, is_so in zip(joint.scenario.pools, contested, strict=True) if not is_so
    } == never


@pytest.mark.costly
def test_the_sweep_of_the_rival_says_of_korea_what_the_joint_scenario_says(joint: Losses) -> None:
    base = play(CONFIGS / "sweep-korea-rival.toml")
    assert same_bits(of_one(base, KOREA), of_one(joint, KOREA))
    assert not any(of_one(base, JAPAN)[key].any() for key in of_one(base, JAPAN) if "loss:" in key)
    assert base.contested_days.tobytes() == joint.contested_days.tobytes()


def test_korea_alone_in_the_pools_has_the_rows_that_it_has_beside_japan() -> None:
    def rows(name: str) -> list[dict[str, str]]:
        with open(CONFIGS / "tables" / name, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    both = rows("korea-japan-alternatives.csv")
    korea = [row for row in both if row["material"].startswith(KOREA)]
    assert rows("korea-alone-in-pools.csv") == korea
    assert len(both) == 2 * len(korea)
