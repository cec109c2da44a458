"""The result as people use it in Python."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import riskengine.verbs.simulate  # noqa: F401  (replaced in sys.modules below)
from riskengine.errors import UsageFault
from riskengine.figures.metrics import Figure
from riskengine.model.losses import Losses
from riskengine.model.scenario import Dispute, Scenario
from riskengine.play.replay import replay
from riskengine.result import Result
from riskengine.store.provenance import Provenance
from riskengine.store.results import load_results
from riskengine.verbs.simulate import simulate

PROVENANCE = Provenance(started="2026-01-08T00:00:00+00:00", seconds=1.0)


@pytest.fixture
def result(make_losses: Callable[..., Losses]) -> Result:
    return Result(make_losses(trials=2000, first_trial=100), PROVENANCE)


def test_the_frames_are_those_of_the_results_folder(result: Result, tmp_path: Path) -> None:
    stored = load_results(result.save(tmp_path / "run"))
    for name in ("losses", "materials", "industries"):
        kept = stored.table(f"{name}.parquet").to_pandas()
        pd.testing.assert_frame_equal(getattr(result, name), kept)


def test_episodes_have_one_column_a_dispute(result: Result) -> None:
    frame = result.episodes
    assert list(frame.columns) == ["trial", "china-korea", "china-japan"]
    assert frame["trial"].tolist() == list(range(100, 2100))
    assert np.array_equal(frame["china-japan"], result.arrays.episodes[:, 1])


def test_a_dispute_called_trial_does_not_overwrite_the_trial_numbers(
    make_scenario: Callable[..., Scenario], make_losses: Callable[..., Losses]
) -> None:
    disputes = {"trial": Dispute(coercer="China", target="Korea", entry={"licensing": 1.0})}
    losses = make_losses(make_scenario(disputes=disputes, triggers={}), trials=3)
    frame = Result(losses, PROVENANCE).episodes
    assert frame.shape == (3, 2)
    assert frame.iloc[:, 0].tolist() == [0, 1, 2]


def test_metrics_is_the_table_of_metrics_csv(result: Result) -> None:
    frame = result.metrics
    assert list(frame.columns) == list(Figure.__dataclass_fields__)
    assert frame["level"].isna().any()


def test_curves_is_the_table_of_curves_csv(result: Result) -> None:
    assert {"AEP", "OEP"} == set(result.curves["type"])


def test_single_figures_are_those_of_the_table(result: Result) -> None:
    frame = result.metrics
    keys = {"industry": "chips", "material": "gallium"}
    for scope, name in keys.items():
        named = (frame["scope"] == scope) & (frame["name"] == name)
        rows = frame[named & (frame["component"] == "all")]
        at_99 = rows[rows["level"] == 0.99].set_index("measure")["value"]
        assert result.var(0.99, **{scope: name}) == at_99["var"]
        assert result.tvar(0.99, **{scope: name}) == at_99["tvar"]
        means = rows[rows["measure"] == "mean"]["value"]
        assert [result.mean(**{scope: name})] == means.tolist()


def test_var_of_the_total_may_be_at_any_level(result: Result) -> None:
    assert result.var(0.975) == np.sort(result.arrays.total)[1950 - 1]
    assert result.var(0.0) == result.arrays.total.min()


@pytest.mark.parametrize(("level", "hint"), [(99.0, "0.99"), (1.0, ""), (-0.1, "")])
def test_a_level_out_of_range_is_refused_with_the_likely_one(
    result: Result, level: float, hint: str
) -> None:
    with pytest.raises(UsageFault, match=f"did you mean {hint}" if hint else "below 1"):
        result.var(level)


def test_an_unknown_name_is_met_with_the_nearest(result: Result) -> None:
    with pytest.raises(UsageFault, match='there is no industry "chip"; did you mean "chips"'):
        result.tvar(0.99, industry="chip")
    with pytest.raises(UsageFault, match='no material "galium"; did you mean "gallium"'):
        result.mean(material="galium")


def test_an_industry_and_a_material_at_once_are_refused(result: Result) -> None:
    with pytest.raises(UsageFault, match="not both"):
        result.var(0.99, industry="chips", material="gallium")


def test_a_result_is_short_as_text_and_frozen(result: Result) -> None:
    assert repr(result).startswith("<Result of 'Korea, by hand': 2,000 trials, mean loss ")
    with pytest.raises(FrozenInstanceError):
        result.provenance = PROVENANCE  # type: ignore[misc]


def test_a_notebook_shows_the_headline_with_names_escaped(
    renamed: Callable[[str], Losses],
) -> None:
    page = Result(renamed("<img src=x onerror=alert(1)>"), PROVENANCE)._repr_html_()
    assert "Standard deviation" in page
    assert "<img" not in page


def test_simulate_passes_its_options_on_and_times_the_run(
    monkeypatch: pytest.MonkeyPatch,
    make_scenario: Callable[..., Scenario],
    make_losses: Callable[..., Losses],
) -> None:
    asked: dict[str, Any] = {}

    class FakePlan:
        trials = 10

        def play(self, progress: object) -> Losses:
            asked["progress"] = progress
            return make_losses(trials=10)

    def fake(scenario: Scenario, **options: Any) -> FakePlan:
        asked.update(options)
        return FakePlan()

    monkeypatch.setattr(sys.modules["riskengine.verbs.simulate"], "prepare", fake)
    result = simulate(make_scenario(), trials=10, seed=3, threads=2)
    assert asked == {"trials": 10, "seed": 3, "first_trial": 0, "threads": 2, "progress": None}
    assert result.provenance.seconds >= 0.0
    assert result.arrays.trials == 10


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("some/path.toml", ["the path 'some/path.toml'", "riskengine.load('some/path.toml')"]),
        (Path("path.toml"), ["the path 'path.toml'", "riskengine.load('path.toml')"]),
        ({"run": {}}, ["of the type dict", "riskengine.load(...)"]),
        (None, ["of the type NoneType", "riskengine.load(...)"]),
    ],
    ids=repr,
)
@pytest.mark.parametrize("play", [simulate, partial(replay, trial=0)], ids=["simulate", "replay"])
def test_what_is_no_scenario_is_met_with_what_to_give(
    play: Callable[[Any], object], given: object, words: list[str]
) -> None:
    with pytest.raises(TypeError) as caught:
        play(given)
    for each in words:
        assert each in str(caught.value)
