"""Values given on the command line."""

# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from riskengine.config import load
from riskengine.errors import Fault, format_path
from riskengine.model.distributions import constant

FaultsOf = Callable[..., tuple[Fault, ...]]


@pytest.fixture
def config(small: str, write: Callable[..., Path]) -> Path:
    return write(small)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("run.seed=5", lambda s: s.run.seed == 5),
        (" run . seed = 5 ", lambda s: s.run.seed == 5),
        ("industries.chips.combine=independent", lambda s: s.industries["chips"].combine == "independent"),
        ('industries."chips".combine="independent"', lambda s: s.industries["chips"].combine == "independent"),
        ("run.title=a = b", lambda s: s.run.title == "a = b"),
        ("run.valuation_date=2027-01-01", lambda s: s.run.valuation_date == "2027-01-01"),
        ("materials.gallium.stocks.public.days=0", lambda s: s.materials["gallium"].stocks["public"].days == constant(0)),
        ("materials.gallium.sources={Laos={share=1}}", lambda s: list(s.materials["gallium"].sources) == ["Laos"]),
        ("ladder.licensing.sojourn={exponential={mean=3}}", lambda s: s.ladder["licensing"].sojourn.parameters == (3.0,)),
        ("ladder.licensing.sojourn.lognormal.p90=700", lambda s: s.document["ladder"]["licensing"]["sojourn"] == {"lognormal": {"median": 150, "p90": 700}}),
        ("materials.갈륨={sources={China={share=1}}}", lambda s: list(s.materials) == ["gallium", "갈륨"]),
        ("materials.gallium.ladder.licensing.sojourn=5", lambda s: s.materials["gallium"].ladder["licensing"].sojourn == constant(5)),
        ("correlation.coverage=1", lambda s: s.correlation.coverage == 1.0),
    ],
)  # fmt: skip
def test_a_value_is_set(config: Path, text: str, read: Callable[[Any], bool]) -> None:
    assert read(load(config, [text]))


def test_later_values_win(config: Path) -> None:
    assert load(config, ["run.seed=5", "run.seed=6"]).run.seed == 6


@pytest.mark.parametrize(
    ("text", "path", "word"),
    [
        ("run.sed=5", "run.sed", "seed"),
        ("sed=5", "sed", "known key"),
        ("run.seed", "", "PATH=VALUE"),
        ("=5", "", "PATH=VALUE"),
        ("", "", "PATH=VALUE"),
        ("run.seed 5", "", "PATH=VALUE"),
        ("run.seed=", "run.seed", "whole number"),
        ("run.seed={", "run.seed", "whole number"),
        ("run.seed=1\nrun.trials=2", "run.seed", "whole number"),
        ("materials.galium.coverage=0.5", "materials.galium", "gallium"),
        ("materials.gallium.sources.Chna.share=0.5", "materials.gallium.sources.Chna", "China"),
        ("materials.gallium.coverage=95", "materials.gallium.coverage", "did you mean 0.95?"),
        ("materials.gallium.coverage.x=1", "materials.gallium.coverage", "a number"),
        ("extends=x.toml", "extends", "belongs in a file"),
        ("tables.sources=x.csv", "tables", "belongs in a file"),
        ("run.title=a\x1bb", "run.title", "control character"),
        ("propagation.file=no.csv", "propagation.file", "no file"),
        ("x" + ".x" * 10_000 + "=1", "", "deep"),
        ("run.seed=" + "9" * 6000, "run.seed", "whole number"),
        ("run.title=" + "[" * 4000, "run.title", ""),
    ],
)  # fmt: skip
def test_a_bad_value_is_placed_at_the_command_line(
    config: Path, faults: FaultsOf, text: str, path: str, word: str
) -> None:
    if text.startswith("run.title=["):
        assert load(config, [text]).run.title == "[" * 4000
        return

    found = faults(config, [text])

    assert len(found) == 1
    assert found[0].file.startswith("--set ")
    assert "\x1b" not in found[0].file
    assert format_path(found[0].path).startswith(path)
    assert word in " ".join((found[0].found, found[0].allowed, found[0].hint))


def test_a_path_that_is_too_deep_is_named_by_its_first_keys(config: Path, faults: FaultsOf) -> None:
    keys = [f"key{number}" for number in range(60)]
    (found,) = faults(config, [".".join(keys) + "=1"])
    assert found.path == ("key0", "key1", "key2", "key3", "key4", "key5")
    assert found.allowed == "tables nested at most 40 levels deep"


def test_joined_paths_of_a_sweep_may_be_as_long_as_in_a_file(config: Path) -> None:
    paths = ", ".join(f"materials.metal-{number}.coverage" for number in range(20))
    assert len(paths) > 300  # the limit of a name
    swept = load(config, [f'sweep.parameters={{"{paths}" = [[0.5]]}}']).document["sweep"]
    assert swept == {"parameters": {paths: [[0.5]]}}


def test_a_weight_of_zero_makes_a_value_impossible(config: Path) -> None:
    given = "{ empirical = { values = [1, 2, 3], weights = [0, 1, 3] } }"
    days = load(config, [f"ladder.licensing.sojourn={given}"]).ladder["licensing"].sojourn
    assert days.mean() == (2.0 * 1.0 + 3.0 * 3.0) / 4.0
    assert days.support() == (2.0, 3.0)


@pytest.mark.parametrize(("limits", "kept"), [("max = 2", (1, 2)), ("min = 2", (2, 3))])
def test_a_value_at_min_or_max_is_kept(config: Path, limits: str, kept: tuple[int, int]) -> None:
    given = f"{{ empirical = {{ values = [1, 2, 3] }}, {limits} }}"
    days = load(config, [f"ladder.licensing.sojourn={given}"]).ladder["licensing"].sojourn
    assert days.support() == kept
    assert days.mean() == sum(kept) / 2.0
