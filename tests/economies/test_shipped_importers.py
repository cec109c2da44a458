"""The importers that come with riskengine: what the generator writes, checked and run."""

from __future__ import annotations

from pathlib import Path

import pytest

import riskengine
from riskengine.config import load_whole
from riskengine.config.sources.shipped import SHIPPED, by_name
from riskengine.model.statuses import UNMARKED, input_tables, tally
from tests.economies.regenerate import FOLDER, IMPORTERS, written

each_importer = pytest.mark.parametrize("name", IMPORTERS)


@pytest.mark.costly
@each_importer
def test_a_shipped_importer_is_what_the_generator_writes(name: str, tmp_path: Path) -> None:
    shipped = {
        path.relative_to(FOLDER / name).as_posix(): path.read_bytes()
        for path in (FOLDER / name).rglob("*")
        if path.is_file()
    }
    assert shipped == written(name, tmp_path), "make importers"
    (case,) = (each for each in SHIPPED if each.folder == f"importers/{name}")
    assert by_name(case.name) is case
    assert {case.own_name, *case.beside} == set(shipped)


@each_importer
def test_a_shipped_importer_is_checked_and_runs(name: str) -> None:
    config = FOLDER / name / f"{name}.toml"
    scenario = load_whole(config).scenario
    counts = tally([row for row in input_tables(scenario.document) if row.kind != "ladder"])
    assert counts[UNMARKED] == 0
    assert counts["derived"] > 10
    assert (counts["borrowed"] > counts["derived"]) == (name not in ("korea", "japan"))
    result = riskengine.simulate(scenario, trials=2_000)
    assert 0.0 < result.mean() < result.tvar(0.99)


def test_the_european_union_has_a_short_name_too() -> None:
    assert by_name("eu") is by_name("european-union")
    assert by_name("") is None
