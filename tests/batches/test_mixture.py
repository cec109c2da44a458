"""The figures of a weighted batch against its trials, put in one list by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import riskengine
from riskengine.batches.mixture import mixture_of
from riskengine.batches.outcome import MixtureOutcome, MixturePart
from riskengine.figures.metrics import Figure
from riskengine.model.scenario import Scenario
from riskengine.result import Result
from riskengine.store.columns import loss_columns, material_columns

CONFIGS = Path(__file__).parents[2] / "configs"
TRIALS = 3000


def played(*overrides: str, trials: int = TRIALS) -> Result:
    scenario = riskengine.load(CONFIGS / "minimal.toml", overrides=overrides)
    return riskengine.simulate(scenario, trials=trials)


def part(name: str, weight: float, result: Result, scenario: Scenario | None = None) -> MixturePart:
    columns = [*loss_columns(result.arrays), *material_columns(result.arrays)]
    series = {each.name: np.ascontiguousarray(each.values, dtype=np.float64) for each in columns}
    return MixturePart(
        name=name, weight=weight, scenario=scenario or result.scenario, series=series
    )


def value(found: MixtureOutcome, measure: str, level: float | None = None, **where: str) -> Figure:
    scope, name = where.get("scope", "total"), where.get("name", "")
    return next(
        row
        for row in found.figures
        if (row.scope, row.name, row.measure, row.level) == (scope, name, measure, level)
    )


@pytest.fixture(scope="module")
def pair() -> tuple[list[MixturePart], MixtureOutcome]:
    """The minimal config, and a worse one with an industry of another name."""
    name = next(iter(played(trials=10).scenario.industries))
    material = next(iter(played(trials=10).scenario.materials))
    worse = played(f"industries.{name}.value_added_per_year=90000", trials=2000)
    renamed = part("worse", 0.25, worse)
    scenario = renamed.scenario
    other = dict(renamed.series)
    other["industry:ships"] = other.pop(f"industry:{name}")
    ships = replace(scenario, industries={"ships": scenario.industries[name]})
    worse_part = MixturePart(name="worse", weight=0.25, scenario=ships, series=other)
    parts = [part("base", 0.75, played()), worse_part]
    assert f"loss:{material}" in worse_part.series
    return parts, mixture_of(parts)


def pooled(parts: list[MixturePart], column: str) -> list[tuple[float, float]]:
    """All trials as (loss, weight); 0 where a scenario has no such column."""
    found = []
    for each in parts:
        n = len(each.series["total"])
        losses = each.series.get(column, np.zeros(n))
        found += [(float(loss), each.weight / n) for loss in losses]
    return sorted(found)


def slow_var(trials: list[tuple[float, float]], level: float) -> float:
    reached = np.cumsum([weight for _, weight in trials])
    return trials[int(np.argmax(reached >= level - 1e-9))][0]


@pytest.mark.parametrize(
    ("scope", "column"), [("total", "total"), ("industry", "industry:"), ("material", "loss:")]
)
def test_figures_are_those_of_all_trials_in_one_list(
    pair: tuple[list[MixturePart], MixtureOutcome], scope: str, column: str
) -> None:
    parts, found = pair
    names = list(dict.fromkeys(row.name for row in found.figures if row.scope == scope))
    if scope == "industry":
        assert names[-1] == "ships"
        assert len(names) == 2  # each industry loses only in the scenario that has it
    for name in names:
        trials = pooled(parts, f"{column}{name}")
        where = {"scope": scope, "name": name}
        mean = math.fsum(loss * weight for loss, weight in trials)
        assert value(found, "mean", **where).value == pytest.approx(mean, rel=1e-12)
        above = math.fsum(weight for loss, weight in trials if loss > 0.0)
        assert value(found, "prob_loss", **where).value == pytest.approx(above, rel=1e-12)
        assert value(found, "max", **where).value == max(loss for loss, _ in trials)
        for level in (0.9, 0.95, 0.99, 0.995):
            quantile = slow_var(trials, level)
            assert value(found, "var", level, **where).value == quantile
            excess = math.fsum((x - quantile) * w for x, w in trials if x > quantile)
            tail = quantile + excess / (1.0 - level)
            assert value(found, "tvar", level, **where).value == pytest.approx(tail, rel=1e-9)


def test_parts_of_the_tail_and_of_the_mean_add_up_to_the_total(
    pair: tuple[list[MixturePart], MixtureOutcome],
) -> None:
    _, found = pair
    for scope in ("industry", "material"):
        for measure, whole, level in (
            ("contribution_mean", "mean", None),
            ("contribution_tvar", "tvar", 0.99),
        ):
            parts = [
                row.value
                for row in found.figures
                if (row.scope, row.measure, row.level) == (scope, measure, level)
            ]
            total = value(found, whole, level).value
            assert math.fsum(parts) == pytest.approx(total, rel=1e-9)


def test_curves_are_of_the_total_and_of_the_largest_spell(
    pair: tuple[list[MixturePart], MixtureOutcome],
) -> None:
    parts, found = pair
    assert {row.type for row in found.curves} == {"AEP", "OEP"}
    years = parts[0].scenario.run.horizon_days / 365.0
    for row in found.curves:
        trials = pooled(parts, "total" if row.type == "AEP" else "largest_spell")
        assert row.loss == slow_var(trials, 1.0 - years / row.return_period)


def test_a_mixture_of_one_scenario_has_its_figures() -> None:
    result = played()
    found = mixture_of([part("base", 1.0, result)])
    own = {(f.scope, f.name, f.component, f.measure, f.level): f for f in result._figures}
    assert len(found.figures) > 20
    for row in found.figures:
        expected = own[row.scope, row.name, row.component, row.measure, row.level]
        assert row.value == pytest.approx(expected.value, rel=1e-12)
        assert row.unit == expected.unit


@pytest.mark.costly
@pytest.mark.parametrize(
    "changes",
    [
        ("run.given_onset=true",),
        ("run.tilt=0.5", "correlation.duration=0.5"),
        ('run.sampling="sobol"',),
    ],
)
def test_a_designed_run_has_its_own_figures_as_a_mixture(changes: tuple[str, ...]) -> None:
    result = played(*changes)
    found = mixture_of([part("base", 1.0, result)])
    own = {(f.scope, f.name, f.component, f.measure, f.level): f for f in result._figures}
    for row in found.figures:
        expected = own[row.scope, row.name, row.component, row.measure, row.level]
        rel = 1e-3 if row.measure == "sd" else 1e-9  # n - 1 in the denominator
        assert row.value == pytest.approx(expected.value, rel=rel)
        if row.measure in ("mean", "tvar") and not math.isnan(expected.upper):
            width = expected.upper - expected.lower
            assert row.upper == pytest.approx(expected.upper, abs=0.1 * width)


def test_a_designed_run_and_a_plain_one_of_a_scenario_agree() -> None:
    """The mixture of a scenario with itself is the scenario, however its trials are drawn."""
    plain, given = played(), played("run.given_onset=true", "run.seed=7")
    found = mixture_of([part("plain", 0.5, plain), part("given", 0.5, given)])
    both = [each.mean() for each in (plain, given)]
    assert value(found, "mean").value == pytest.approx(sum(both) / 2, rel=1e-9)
    ends = value(found, "mean")
    assert ends.lower < min(both) < max(both) < ends.upper


def test_figures_are_at_the_levels_that_all_scenarios_have() -> None:
    first = part("a", 0.5, played("run.levels=[0.9, 0.95, 0.99]", trials=200))
    second = part("b", 0.5, played("run.levels=[0.8, 0.95]", trials=200))
    found = mixture_of([first, second])
    assert {row.level for row in found.figures if row.measure == "var"} == {0.95}
    assert {notice.code for notice in found.notices} == {"mixture-levels", "mixture-thin-tail"}
