"""The catalogue of measures is the only list of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from riskengine.figures import catalog
from riskengine.figures.catalog import CATALOG
from riskengine.figures.comparison import PAIRED, Difference, compare
from riskengine.figures.evidence import TOTAL, Evidence, RowEvidence
from riskengine.figures.measure import ByTrial, FigureAddress, Measure, Swept
from riskengine.figures.metrics import Figure, figures
from riskengine.figures.wording import (
    called_figures,
    documented,
    figure_called,
    in_sentence,
    meaning,
    sheet_row,
)
from riskengine.measures.estimate import Estimate
from riskengine.measures.paired import Trials, mean_difference
from riskengine.model.confidence import LEVELS
from riskengine.model.distributions import constant
from riskengine.model.losses import Losses
from riskengine.model.scenario import Pool, Scenario
from riskengine.reports.run.stored import RunFacts, RunFigures
from riskengine.reports.run.tables import headline
from riskengine.sweeps.figures import heads_of, point_rows, series_of
from tests.figures.test_comparison import side_of

Key = tuple[str, str, str, str, float | None]


@pytest.fixture
def losses(make_losses: Callable[..., Losses], make_scenario: Callable[..., Scenario]) -> Losses:
    pool = Pool(capacity_per_year=constant(90.0), unit="t")
    made = make_losses(make_scenario(pools={"spare gallium": pool}), trials=400)
    run = replace(made.scenario.run, thresholds=(10.0, 50.0))
    return replace(made, scenario=replace(made.scenario, run=run))


def _wanted(scenario: Scenario) -> list[Key]:
    """What the catalogue says a run has, written out scope by scope."""
    named = {
        "total": [""],
        "industry": list(scenario.industries),
        "material": list(scenario.materials),
        "dispute": list(scenario.disputes),
        "pool": list(scenario.pools),
    }
    return [
        (scope, name, place.component, measure.name, place.level)
        for scope, names in named.items()
        for position, name in enumerate(names)
        for measure in CATALOG
        if scope in measure.scopes
        for place in measure.places(scenario, scope, position)
    ]


def _key(row: Figure | Difference) -> Key:
    return row.scope, row.name, row.component, row.measure, row.level


def test_every_measure_reaches_metrics_in_every_scope_it_has(losses: Losses) -> None:
    assert [_key(row) for row in figures(RowEvidence(losses))] == _wanted(losses.scenario)


def test_every_measure_reaches_a_comparison(losses: Losses) -> None:
    _, rows = compare(side_of(losses), side_of(losses))
    assert [_key(row) for row in rows] == _wanted(losses.scenario)


def test_a_measure_that_files_by_trial_hold_is_compared_trial_by_trial(losses: Losses) -> None:
    other = replace(losses, **{name: getattr(losses, name) * 0.5 for name in _AMOUNTS})
    _, rows = compare(side_of(losses), side_of(other))
    paired = {row.measure for row in rows if row.pairing == PAIRED}
    by_trial = {m.name for m in CATALOG if m.by_trial and m.is_estimate}
    days = {m.name for m in CATALOG if m.unit == "days"}
    assert paired - days == by_trial - days


_AMOUNTS = ("total", "largest_spell", "industry_loss", "output", "rerouting", "price", "indirect",
            "material_loss", "pool_used")  # fmt: skip


def test_every_measure_that_a_sweep_takes_reaches_it_where_its_scopes_say(losses: Losses) -> None:
    found = {(scope, measure) for scope, _, measure, _, _ in heads_of(losses.scenario)}
    assert found == {
        (scope, measure.name)
        for measure in CATALOG
        if measure.swept
        for scope in measure.swept.scopes
    }


def test_a_sweep_says_of_its_base_case_what_the_run_says(losses: Losses) -> None:
    series = series_of(losses)
    rows = point_rows(0, series, series, losses.scenario.run.money, LEVELS)
    stored = {_key(row): (row.value, row.lower, row.upper, row.unit)
              for row in figures(RowEvidence(losses))}  # fmt: skip
    assert len(rows) > 20
    for row in rows:
        known = stored[row.scope, row.name, "all", row.measure, row.level]
        np.testing.assert_allclose((row.value, row.lower, row.upper), known[:3], rtol=1e-12)
        assert row.unit == known[3]


def test_every_measure_of_the_total_is_shown_in_the_headline(losses: Losses) -> None:
    tables = headline(RunFigures(RunFacts.of(losses), figures(RowEvidence(losses))))
    shown = {row[0] for table in tables[:2] for row in table.texts()}
    shown |= {column.heading for column in tables[1].columns}
    for measure in catalog.of_total():
        words = measure.shown.heading or measure.words
        assert any(words in text for text in shown), measure.name


def _share_above_mean(evidence: Evidence, place: FigureAddress) -> Estimate:
    assert isinstance(evidence, RowEvidence)
    total = evidence.losses.total
    return Estimate.alone(float(np.mean(total > total.mean())))


def test_a_measure_that_is_added_to_the_catalogue_reaches_files_comparisons_sweeps_and_tables(
    losses: Losses, monkeypatch: pytest.MonkeyPatch
) -> None:
    def alone(trials: Trials, _: float) -> Estimate:
        values = trials.values
        return Estimate.alone(float(np.mean(values > values.mean())))

    added = Measure(
        name="prob_above_mean",
        words="Chance of more than the mean",
        definition="share of trials with a loss above the mean",
        interval="not given yet",
        scopes=(TOTAL,),
        of=_share_above_mean,
        unit="probability",
        by_trial=ByTrial(alone, lambda pair, _: mean_difference(pair)),
        swept=Swept(alone, (TOTAL,)),
    )
    monkeypatch.setattr(catalog, "CATALOG", (*CATALOG, added))
    catalog._by_name.cache_clear()
    try:
        rows = figures(RowEvidence(losses))
        (row,) = (row for row in rows if row.measure == added.name)
        expected = float(np.mean(losses.total > losses.total.mean()))
        assert (row.value, row.unit) == (expected, "probability")
        _, differences = compare(side_of(losses), side_of(losses))
        (difference,) = (each for each in differences if each.measure == added.name)
        assert (difference.a, difference.pairing) == (expected, PAIRED)
        series = series_of(losses)
        swept = point_rows(0, series, series, losses.scenario.run.money, LEVELS)
        assert [each.value for each in swept if each.measure == added.name] == [expected]
        run = RunFigures(RunFacts.of(losses), rows)
        assert run.get("total", "", added.name).value == expected
        first = headline(run)[0].texts()
        assert [line[0] for line in first].count("Chance of more than the mean") == 1
        assert documented()[-1][0] == "`prob_above_mean`"
        assert in_sentence(added.name) == "chance of more than the mean"
        assert sheet_row(added, None, 1, str)[:2] == (
            "Chance of more than the mean",
            "ProbAboveMean",
        )
    finally:
        monkeypatch.undo()
        catalog._by_name.cache_clear()


def test_names_and_parts_tell_measures_apart() -> None:
    keys = [(measure.name, measure.parts is None) for measure in CATALOG]
    assert len(set(keys)) == len(keys)
    component, whole = catalog.find("mean", "output"), catalog.find("mean")
    assert component is CATALOG[7]
    assert whole is CATALOG[0]
    assert catalog.find("median") is None


@pytest.mark.parametrize(
    ("of", "column"),
    [
        (("mean", "total", "", "all"), "total"),
        (("tvar", "industry", "chips", "all"), "industry:chips"),
        (("mean", "material", "gallium", "all"), "loss:gallium"),
        (("mean", "industry", "chips", "price"), "price:chips"),
        (("mean", "total", "", "price"), "price:"),
        (("oep_var", "total", "", "all"), "largest_spell"),
        (("prob_output_loss", "industry", "chips", "all"), "output:chips"),
        (("first_loss_day_median", "industry", "chips", "all"), "first_loss_day:chips"),
        (("cut_days", "material", "gallium", "all"), "cut_days:gallium"),
    ],
)
def test_a_measure_knows_the_column_by_trial_that_it_is_taken_of(
    of: tuple[str, str, str, str], column: str
) -> None:
    name, scope, whose, component = of
    measure = catalog.find(name, component)
    assert measure is not None
    assert measure.column(scope, whose, component) == column


@pytest.mark.parametrize(
    ("word", "name", "level"),
    [
        ("mean", "mean", None),
        ("sd", "sd", None),
        ("prob_output_loss", "prob_output_loss", None),
        ("var90", "var", 0.9),
        ("tvar99.9", "tvar", 0.999),
        ("oep_var999", "oep_var", 0.999),
    ],
)
def test_the_command_line_names_a_figure_by_measure_and_level(
    word: str, name: str, level: float | None
) -> None:
    assert figure_called(word, (0.9, 0.999)) == (catalog.find(name), level)


@pytest.mark.parametrize("word", ["", "var", "var99", "mean90", "max", "prob_above", "tvar9"])
def test_what_is_no_figure_of_the_total_is_not_taken_for_one(word: str) -> None:
    assert figure_called(word, (0.9, 0.999)) is None


def test_the_figures_that_can_be_named_are_listed() -> None:
    words = "mean, sd, prob_loss, prob_output_loss; or var, tvar, oep_var at "
    assert called_figures((0.9,)) == f"{words}90, such as var90"
    assert called_figures((0.9, 0.95, 0.999)) == f"{words}90, 95 or 99.9, such as var90"


def test_what_a_figure_of_the_total_means_is_true_of_weighted_trials_too() -> None:
    """A share of weighted trials is no count of them: a tail of 1 % may hold a tenth of all."""
    said = {m.name: meaning(m.name, 0.99 if m.levels else None) for m in catalog.of_total()}
    assert all(said.values())
    counts = re.compile(r"(share|number|%|[0-9]) (of|in) (the )?([0-9,]+ )?trials")
    assert [name for name, words in said.items() if counts.search(words)] == []
    assert said["var"] == "not exceeded with a chance of 99 %"
