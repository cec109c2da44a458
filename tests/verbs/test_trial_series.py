"""Columns by trial that are read from a results folder a few at a time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

import riskengine
from riskengine.batches.mixture import mixture_of
from riskengine.batches.outcome import MixturePart
from riskengine.store.columns import loss_columns, material_columns
from riskengine.store.results import StoredResults, load_results
from riskengine.verbs.jobs.trial_series import TrialSeries

CONFIG = Path(__file__).parents[2] / "configs" / "minimal.toml"
TRIALS = 400


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[StoredResults, Mapping]]:
    found = []
    for number, changes in enumerate(([], ["run.given_onset=true"])):
        result = riskengine.simulate(riskengine.load(CONFIG, overrides=changes), trials=TRIALS)
        folder = result.save(tmp_path_factory.mktemp("runs") / str(number))
        columns = [*loss_columns(result.arrays), *material_columns(result.arrays)]
        found.append((load_results(folder), {each.name: each.values for each in columns}))
    return found


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("most_bytes", [0, 2 * 8 * TRIALS, 1 << 30])
def test_columns_are_those_of_the_run_however_few_are_kept(
    runs: list[tuple[StoredResults, Mapping]], number: int, most_bytes: int
) -> None:
    stored, columns = runs[number]
    series = TrialSeries(stored, most_bytes)
    wanted = [name for name in columns if name.split(":")[0] in
              ("total", "largest_spell", "weight", "industry", "loss")]  # fmt: skip
    assert sorted(series) == sorted(wanted)
    assert len(series) == len(wanted)
    assert ("weight" in series) == (number == 1)
    for name in (*wanted, *reversed(wanted)):
        assert np.array_equal(series[name], columns[name])
        assert len(series._held) <= max(1, most_bytes // (8 * TRIALS))
    with pytest.raises(KeyError):
        series["industry:ships"]


def test_a_mixture_of_stored_runs_is_that_of_the_runs_in_memory(
    runs: list[tuple[StoredResults, Mapping]],
) -> None:
    def parts(is_stored: bool) -> list[MixturePart]:
        return [
            MixturePart(
                name=str(number),
                weight=0.5,
                scenario=stored.scenario,
                series=TrialSeries(stored, 0) if is_stored else columns,
            )
            for number, (stored, columns) in enumerate(runs)
        ]

    assert str(mixture_of(parts(True))) == str(mixture_of(parts(False)))
