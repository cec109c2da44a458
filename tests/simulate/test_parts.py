"""Trials of a config of parts: those of one config with its names; each importer for itself."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from random_configs import random_config
from simulate.bits import Config, as_bytes, changed

from riskengine import load
from riskengine.config.toml.writing import document_lines
from riskengine.model.losses import Losses
from riskengine.play.simulate import simulate

BROUGHT = ("materials", "industries", "propagation")
PAIRS = [(8, 9), (12, 16), (22, 34), (34, 38), (64, 9)]
KOREA, JAPAN = "Korea", "Japan"


def play(source: Any) -> Losses:
    return simulate(load(source), trials=300, seed=7, threads=1)


def write(path: Path, config: Config) -> Path:
    path.write_text("\n".join(document_lines(config)), encoding="utf-8")
    return path


def part(number: int, importer: str) -> Config:
    """What a random config brings, all of it imported by one country."""
    config = random_config(number)
    for collection in ("materials", "industries"):
        for member in config[collection].values():
            member.pop("importer", None)
    brought = {key: config[key] for key in BROUGHT if key in config}
    return {"run": {"importer": importer}, **brought}


def politics(number: int) -> Config:
    """The rest of a random config; no episode is limited to some materials."""
    config = random_config(number)
    for dispute in config["disputes"].values():
        dispute.get("active", {}).pop("materials", None)
    return {key: value for key, value in config.items() if key not in BROUGHT}


def in_no_pool(config: Config) -> Config:
    """A config whose materials have their alternatives to themselves."""
    for material in config.get("materials", {}).values():
        for alternative in material.get("alternatives", {}).values():
            if alternative.pop("pool", None):
                alternative.setdefault("capacity", 1)
    return {key: value for key, value in config.items() if key != "pools"}


def at_home(config: Config) -> Config:
    """A config whose quarrels with one importer start none with another."""
    target = {name: dispute["target"] for name, dispute in config["disputes"].items()}
    triggers = {
        name: trigger
        for name, trigger in config["triggers"].items()
        if target[trigger["when"]] == target[trigger["starts"]]
    }
    return {**config, "triggers": triggers}


def renamed(config: Config, name: str) -> Config:
    """A config with another name before those of its materials (m0, twin) and industries (i0)."""
    text = re.sub(r'"([mi][0-9]|twin)"', rf'"{name}-\1"', json.dumps(config))
    found: Config = json.loads(text)
    return found


@pytest.mark.parametrize("number", [8, 12, 16, 38, 64])
def test_a_part_has_the_trials_of_a_config_with_its_names_written_out(
    number: int, tmp_path: Path
) -> None:
    config = random_config(number)
    brought = {key: config[key] for key in BROUGHT if key in config}
    write(tmp_path / "part.toml", {"run": {"importer": KOREA}, **brought})
    whole = renamed(config, "part")
    rest = {key: value for key, value in whole.items() if key not in BROUGHT}
    joint = write(tmp_path / "joint.toml", {"parts": {"part": {"config": "part.toml"}}, **rest})

    losses = play(joint)

    assert as_bytes(losses) == as_bytes(play(whole))
    assert losses.total.any()


@pytest.mark.parametrize(("one", "two"), PAIRS)
def test_each_importer_loses_what_it_loses_without_the_part_of_the_other(
    one: int, two: int, tmp_path: Path
) -> None:
    write(tmp_path / "a.toml", in_no_pool(part(one, KOREA)))
    write(tmp_path / "b.toml", in_no_pool(part(two, JAPAN)))
    rest = at_home(in_no_pool(politics(one)))
    target = {name: dispute["target"] for name, dispute in rest["disputes"].items()}
    parts = {"a": {"config": "a.toml"}, "b": {"config": "b.toml"}}
    joint = play(write(tmp_path / "joint.toml", {"parts": parts, **rest}))

    for name, other in (("a", JAPAN), ("b", KOREA)):
        left = {name: parts[name]}
        alone = play(write(tmp_path / "alone.toml", {"parts": left, **rest}))
        names = [*alone.scenario.materials, *alone.scenario.industries]
        assert {each.partition("-")[0] for each in names} == {name}
        theirs = {("episodes", each) for each, country in target.items() if country == other}
        assert changed(joint, alone) <= {("total", ""), ("largest_spell", ""), *theirs}
        assert alone.total.any()


@pytest.mark.parametrize(("one", "two"), PAIRS)
def test_each_importer_loses_what_it_loses_without_the_industries_of_the_other(
    one: int, two: int, tmp_path: Path
) -> None:
    write(tmp_path / "a.toml", part(one, KOREA))
    write(tmp_path / "b.toml", part(two, JAPAN))
    parts = {"a": {"config": "a.toml"}, "b": {"config": "b.toml"}}
    joint = play(write(tmp_path / "joint.toml", {"parts": parts, **politics(one)}))
    document = joint.scenario.document
    kept = {name: each for name, each in document["industries"].items() if name.startswith("a-")}
    matrix = document["propagation"].get("coefficients", {})
    matrix = {name: row for name, row in matrix.items() if name in kept}

    alone = play({**document, "industries": kept, "propagation": {"coefficients": matrix}})

    theirs = {("material_loss", name) for name in joint.scenario.materials if name[:2] == "b-"}
    assert changed(joint, alone) <= {("total", ""), ("largest_spell", ""), *theirs}
