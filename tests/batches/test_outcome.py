"""What a batch comes to, as rows of its table."""

import pytest

from riskengine.batches.outcome import (
    KEPT,
    MIXTURE,
    PLAYED,
    BatchOutcome,
    MixtureOutcome,
    ScenarioOutcome,
)
from riskengine.figures.metrics import Figure


def _figure(measure: str, value: float, unit: str = "USD million") -> Figure:
    return Figure(
        scope="total",
        name="",
        component="all",
        measure=measure,
        level=0.99 if measure == "var" else None,
        value=value,
        lower=value - 1.0,
        upper=value + 1.0,
        unit=unit,
    )


def _played(name: str, days: float, *figures: Figure, status: str = PLAYED) -> ScenarioOutcome:
    return ScenarioOutcome(
        name=name, status=status, config="a.toml", horizon_days=days, figures=figures
    )


def _outcome(*scenarios: ScenarioOutcome, mixture: MixtureOutcome | None = None) -> BatchOutcome:
    return BatchOutcome(title="t", money="USD million", scenarios=scenarios, mixture=mixture)


def test_a_mean_over_two_years_is_followed_by_half_of_it_per_year():
    rows = _outcome(_played("a", 730.0, _figure("mean", 10.0))).rows
    assert [(row.measure, row.value, row.lower, row.upper) for row in rows] == [
        ("mean", 10.0, 9.0, 11.0),
        ("mean_per_year", 5.0, 4.5, 5.5),
    ]
    assert rows[1].unit == "USD million per year"


@pytest.mark.parametrize("measure", ["var", "prob_loss", "first_loss_day_median"])
def test_what_is_no_mean_of_an_amount_that_adds_up_is_not_annualised(measure):
    rows = _outcome(_played("a", 730.0, _figure(measure, 10.0))).rows
    assert [row.measure for row in rows] == [measure]


def test_rows_name_their_scenario_and_the_mixture_comes_last():
    both = (
        _played("a", 365.0, _figure("var", 1.0)),
        _played("b", 365.0, _figure("var", 2.0), status=KEPT),
    )
    rows = _outcome(*both, mixture=MixtureOutcome(figures=(_figure("var", 3.0),))).rows
    assert [(row.scenario, row.value) for row in rows] == [("a", 1.0), ("b", 2.0), (MIXTURE, 3.0)]
