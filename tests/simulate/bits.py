"""Losses as raw bytes under the names of what they belong to, so that equality means every bit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np

from riskengine.config import load
from riskengine.model.losses import Losses
from riskengine.play.simulate import simulate

Config = dict[str, Any]
Column = tuple[str, str]

BY_TRIAL = ("total", "largest_spell")
BY_INDUSTRY = (
    "industry_loss",
    "output",
    "rerouting",
    "price",
    "indirect",
    "loss_days",
    "stopped_days",
    "first_loss_day",
)
BY_MATERIAL = (
    "material_loss",
    "cut_days",
    "cut_weighted_days",
    "shortage_days",
    "deepest_level",
)
BY_DISPUTE = ("episodes",)
BY_POOL = ("contested_days", "pool_used")


def play(config: Config, *, trials: int = 200, seed: int = 7, **options: Any) -> Losses:
    return simulate(load(config), trials=trials, seed=seed, **{"threads": 1, **options})


def columns(losses: Losses) -> dict[Column, np.ndarray]:
    """Every column of the losses under (what, whose)."""
    scenario = losses.scenario
    found = {(field, ""): getattr(losses, field) for field in BY_TRIAL}
    groups: tuple[tuple[Iterable[str], tuple[str, ...]], ...] = (
        (scenario.industries, BY_INDUSTRY),
        (scenario.materials, BY_MATERIAL),
        (scenario.disputes, BY_DISPUTE),
        (scenario.pools, BY_POOL),
    )
    for names, fields in groups:
        for k, name in enumerate(names):
            for field in fields:
                found[field, name] = getattr(losses, field)[:, k]
    names = [(level, name) for name in scenario.materials for level in scenario.ladder]
    for k, (level, name) in enumerate(names):
        found[f"level_days on {level}", name] = losses.level_days[:, k]
    return found


def changed(one: Losses, other: Losses) -> set[Column]:
    """The columns of both losses in which any bit differs."""
    ours, theirs = columns(one), columns(other)
    shared = ours.keys() & theirs.keys()
    return {key for key in shared if ours[key].tobytes() != theirs[key].tobytes()}


def joined(parts: list[Losses]) -> dict[Column, bytes]:
    """The columns of adjoining runs, one after another, as bytes."""
    split = [columns(part) for part in parts]
    return {key: b"".join(part[key].tobytes() for part in split) for key in split[0]}


def as_bytes(losses: Losses) -> dict[Column, bytes]:
    return joined([losses])


def digest(configs: Iterable[Config], *, trials: int) -> str:
    """A digest of every bit that the configs yield."""
    sha = hashlib.sha256()
    for number, config in enumerate(configs):
        for key, data in as_bytes(play(config, trials=trials, seed=number)).items():
            sha.update(repr(key).encode())
            sha.update(data)
    return sha.hexdigest()
