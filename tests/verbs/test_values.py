"""A scenario with other values is the one that `--set` would make, from the same bytes."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import riskengine
from riskengine.config.layers.origin import overrides_of, path_of
from riskengine.errors import ConfigFault, UsageFault
from riskengine.model.scenario import Scenario

MINIMAL = Path(__file__).parents[2] / "configs" / "minimal.toml"
STOCK = "materials.ndfeb-magnets.stocks.private.days"
TABLES = """extends = "minimal.toml"
[tables]
stocks = "stocks.csv"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A config that reads three files."""
    (tmp_path / "minimal.toml").write_bytes(MINIMAL.read_bytes())
    (tmp_path / "stocks.csv").write_text("material,tier,days\nndfeb-magnets,public,10\n")
    path = tmp_path / "tables.toml"
    path.write_text(TABLES)
    return path


def days(scenario: Scenario, tier: str) -> float:
    return scenario.materials["ndfeb-magnets"].stocks[tier].days.parameters[0]


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ({STOCK: 90}, [f"{STOCK}=90"]),
        ({STOCK: np.float64(12.5), "run.trials": np.int64(7)}, [f"{STOCK}=12.5", "run.trials=7"]),
        ({STOCK: {"uniform": {"low": 1, "high": 3}}},
         [f"{STOCK}={{ uniform = {{ low = 1, high = 3 }} }}"]),
        ({"run.title": 'A "short" run = 1'}, ['run.title="A \\"short\\" run = 1"']),
        ({"run.thresholds": [1, 2.5], "run.given_onset": True},
         ["run.thresholds=[1, 2.5]", "run.given_onset=true"]),
        ({'materials."ndfeb-magnets".coverage': 0.5}, ["materials.ndfeb-magnets.coverage=0.5"]),
    ],
)  # fmt: skip
def test_values_make_the_scenario_that_set_makes(
    config: Path, values: dict[str, Any], texts: list[str]
) -> None:
    scenario = riskengine.load(config)
    changed = scenario.with_values(values)
    expected = riskengine.load(config, texts)
    assert changed == expected
    assert changed.document == expected.document
    assert changed.files == expected.files
    assert scenario == riskengine.load(config)
    assert scenario != changed


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("run.trails", 5),
        ("run.trials", "many"),
        ("materials.galium.coverage", 1),
        ("materials.ndfeb-magnets.coverage", 95),
        ("materials.ndfeb-magnets.stocks.private.days", -1),
        ("tables.stocks", "other.csv"),
        ("a b", 1),
        ("", 1),
    ],
)
def test_faults_are_those_of_set(config: Path, path: str, value: Any) -> None:
    text = f"{path}={value}" if not isinstance(value, str) else f'{path}="{value}"'
    with pytest.raises(ConfigFault) as expected:
        riskengine.load(config, [text])
    with pytest.raises(ConfigFault) as found:
        riskengine.load(config).with_values({path: value})
    assert found.value.faults == expected.value.faults


def test_every_fault_is_reported_at_once(config: Path) -> None:
    with pytest.raises(ConfigFault) as found:
        riskengine.load(config).with_values({"run.trails": 1, STOCK: None, "run.seed=4": 1})
    assert [fault.found for fault in found.value.faults] == [
        "is no known key",
        "is None",
        "is not of the form PATH=VALUE",
    ]


def test_a_scenario_is_read_again_from_the_bytes_of_then(config: Path) -> None:
    scenario = riskengine.load(config)
    (config.parent / "stocks.csv").write_text("material,tier,days\nndfeb-magnets,public,99\n")
    (config.parent / "minimal.toml").unlink()
    config.write_text("no TOML at all")
    changed = scenario.with_values({STOCK: 90})
    assert (days(changed, "public"), days(changed, "private")) == (10.0, 90.0)
    assert changed.files == scenario.files


def test_values_add_up_and_later_ones_count(config: Path) -> None:
    first = riskengine.load(config, [f"{STOCK}=1"])
    second = first.with_values({STOCK: 2, "run.trials": 50}).with_values({STOCK: 3})
    assert (days(second, "private"), second.run.trials) == (3.0, 50)
    assert overrides_of(second) == (f"{STOCK}=1", f"{STOCK}=2", "run.trials=50", f"{STOCK}=3")
    assert path_of(second) == str(config)
    assert days(first, "private") == 1.0


def test_only_files_that_count_are_listed(config: Path) -> None:
    scenario = riskengine.load(config)
    propagation = config.parent / "io.csv"
    propagation.write_text("from,to,coefficient\nautomobile,automobile,0\n")
    changed = scenario.with_values({"propagation.file": "io.csv"})
    assert [name for name, _ in changed.files] == [
        *(name for name, _ in scenario.files), "io.csv",
    ]  # fmt: skip
    assert scenario.with_values({STOCK: 4}).files == scenario.files


def test_a_document_is_read_again_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(MINIMAL.parent)
    document: dict[str, Any] = {"extends": "minimal.toml", "run": {"trials": 10}}
    scenario = riskengine.load(document)
    document["run"]["trials"] = 20
    monkeypatch.chdir(Path("/"))
    changed = scenario.with_values({STOCK: 5})
    assert (changed.run.trials, days(changed, "private")) == (10, 5.0)
    assert path_of(changed) is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (copy.deepcopy, "was copied"),
        (lambda scenario: pickle.loads(pickle.dumps(scenario)), "was copied"),  # noqa: S301
        (lambda scenario: replace(scenario, stem="other"), "not as riskengine.load returned it"),
        (lambda scenario: replace(scenario, origin=None), "does not come from riskengine.load"),
    ],
)
def test_a_scenario_whose_config_says_something_else_is_refused(change: Any, words: str) -> None:
    scenario = change(riskengine.load(MINIMAL))
    with pytest.raises(UsageFault, match=words):
        scenario.with_values({STOCK: 5})
    assert overrides_of(scenario) == ()
    assert len(riskengine.simulate(scenario, trials=5, threads=1).losses) == 5


def test_a_scenario_does_not_take_its_files_to_other_processes() -> None:
    scenario = riskengine.load(MINIMAL)
    assert len(pickle.dumps(scenario)) < len(pickle.dumps(replace(scenario, origin=None))) + 100
