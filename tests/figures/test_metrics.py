"""The rows of metrics.csv: which there are, in which unit, and that they agree with each other."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from riskengine.errors import RunFault
from riskengine.figures.evidence import RowEvidence, median_first_day
from riskengine.figures.metrics import Figure, figures
from riskengine.model.confidence import LEVELS
from riskengine.model.losses import Losses, put, room_for
from riskengine.model.scenario import Industry, Scenario, Use

Key = tuple[str, str, str, str, float | None]


@pytest.fixture
def losses(make_losses: Callable[..., Losses]) -> Losses:
    return make_losses(trials=2000)


@pytest.fixture
def found(losses: Losses) -> dict[Key, Figure]:
    return {
        (f.scope, f.name, f.component, f.measure, f.level): f for f in figures(RowEvidence(losses))
    }


def test_every_figure_of_the_contract_is_there_once(losses: Losses) -> None:
    counts = Counter((f.scope, f.measure) for f in figures(RowEvidence(losses)))
    distribution = {"mean": 1, "sd": 1, "prob_loss": 1, "var": 4, "tvar": 4, "max": 1}
    parts = {"contribution_mean": 1, "contribution_tvar": 4}
    industry = distribution | parts | {"loss_days": 1, "stopped_days": 1}
    days = {"cut_days": 1, "cut_weighted_days": 1, "shortage_days": 1, "level_days": 2}
    expected = {
        "total": distribution | {"oep_var": 4, "mean": 5, "prob_output_loss": 1},
        "industry": industry | {"prob_output_loss": 1} | {"first_loss_day_median": 1, "mean": 5},
        "material": distribution | parts | days,
        "dispute": {"episodes": 1},
    }
    entities = {"total": 1, "industry": 2, "material": 2, "dispute": 2}
    assert counts == {
        (scope, measure): count * entities[scope]
        for scope, measures in expected.items()
        for measure, count in measures.items()
    }


def test_no_figure_is_there_twice(losses: Losses, found: dict[Key, Figure]) -> None:
    assert len(found) == len(figures(RowEvidence(losses)))


def test_money_days_probabilities_and_counts_have_their_units(found: dict[Key, Figure]) -> None:
    units = {"prob_loss": "probability", "prob_output_loss": "probability", "episodes": "episodes"}
    for figure in found.values():
        expected = "days" if "day" in figure.measure else units.get(figure.measure, "USD million")
        assert figure.unit == expected


def test_only_measures_of_the_tail_have_a_level(found: dict[Key, Figure]) -> None:
    tail = {"var", "tvar", "oep_var", "contribution_tvar"}
    assert {figure.measure for figure in found.values() if figure.level is not None} == tail
    assert {figure.level for figure in found.values()} == {None, *LEVELS}


def test_figures_lie_within_their_intervals(found: dict[Key, Figure]) -> None:
    for figure in found.values():
        if not math.isnan(figure.lower):
            assert figure.lower <= figure.value
        if not math.isnan(figure.upper):
            assert figure.value <= figure.upper


@pytest.mark.parametrize("scope", ["industry", "material"])
@pytest.mark.parametrize("level", LEVELS)
def test_contributions_to_tvar_add_up(found: dict[Key, Figure], scope: str, level: float) -> None:
    parts = [
        f.value
        for f in found.values()
        if (f.scope, f.measure, f.level) == (scope, "contribution_tvar", level)
    ]
    whole = found["total", "", "all", "tvar", level].value
    assert sum(parts) == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize("scope", ["industry", "material"])
def test_contributions_to_the_mean_add_up(found: dict[Key, Figure], scope: str) -> None:
    parts = [
        f.value for f in found.values() if (f.scope, f.measure) == (scope, "contribution_mean")
    ]
    assert sum(parts) == pytest.approx(found["total", "", "all", "mean", None].value, rel=1e-12)


def test_the_mean_of_the_total_is_the_sum_of_its_components(found: dict[Key, Figure]) -> None:
    parts = [found["total", "", c, "mean", None].value for c in
             ("output", "rerouting", "price", "indirect")]  # fmt: skip
    assert sum(parts) == pytest.approx(found["total", "", "all", "mean", None].value, rel=1e-12)


def test_the_largest_spell_gives_the_oep_var(found: dict[Key, Figure], losses: Losses) -> None:
    expected = np.sort(losses.largest_spell)[1980 - 1]
    assert found["total", "", "all", "oep_var", 0.99].value == expected


def test_the_median_first_day_counts_only_trials_with_a_loss() -> None:
    assert median_first_day(np.array([np.nan, 5.0, np.nan, 1.0, 9.0])).value == 5.0


def test_without_any_loss_there_is_no_first_day() -> None:
    assert all(math.isnan(end) for end in median_first_day(np.array([np.nan, np.nan])))


def test_the_order_of_the_trials_does_not_change_the_distribution(losses: Losses) -> None:
    order = np.random.default_rng(1).permutation(losses.trials)
    shuffled = replace(
        losses,
        **{
            name: getattr(losses, name)[order]
            for name in (
                "total",
                "largest_spell",
                "industry_loss",
                "output",
                "rerouting",
                "price",
                "indirect",
                "loss_days",
                "stopped_days",
                "first_loss_day",
                "material_loss",
                "cut_days",
                "cut_weighted_days",
                "shortage_days",
                "level_days",
                "deepest_level",
                "episodes",
            )
        },
    )
    for before, after in zip(
        figures(RowEvidence(losses)), figures(RowEvidence(shuffled)), strict=True
    ):
        if before.measure in {"sd", "prob_loss", "var", "tvar", "max", "oep_var"}:
            assert repr(after) == repr(before)
        else:
            assert after.value == pytest.approx(before.value, rel=1e-12, nan_ok=True)


def test_a_negative_zero_is_a_zero(losses: Losses) -> None:
    nothing = replace(losses, industry_loss=np.full_like(losses.industry_loss, -0.0))
    values = [
        f.value
        for f in figures(RowEvidence(nothing))
        if (f.scope, f.measure) == ("industry", "var")
    ]
    assert [math.copysign(1.0, value) for value in values] == [1.0] * 8


@pytest.mark.parametrize(
    ("total", "part", "is_rounding"),
    [(0.0, -0.99e-9, True), (0.0, -1.01e-9, False), (5e4, -4.9e-5, True), (5e4, -5.1e-5, False)],
)
def test_a_billionth_of_a_loss_below_zero_is_rounding_and_more_is_a_fault(
    losses: Losses, total: float, part: float, *, is_rounding: bool
) -> None:
    parts, totals = losses.material_loss.copy(), losses.total.copy()
    parts[3, 0], totals[3] = part, total
    made = replace(losses, material_loss=parts, total=totals)
    if is_rounding:
        assert figures(RowEvidence(made))
    else:
        with pytest.raises(RunFault, match=r"trial 3 .*material 1"):
            figures(RowEvidence(made))


@pytest.mark.parametrize("bad", [math.nan, math.inf, -0.5])
@pytest.mark.parametrize("array", ["total", "industry_loss", "material_loss"])
def test_a_loss_that_cannot_be_names_its_trial(losses: Losses, array: str, bad: float) -> None:
    values = getattr(losses, array).copy()
    values[17] = bad
    with pytest.raises(RunFault, match="trial 17 "):
        figures(RowEvidence(replace(losses, **{array: values})))


def test_one_trial_has_figures_too(make_losses: Callable[..., Losses]) -> None:
    rows = {f.measure: f for f in figures(RowEvidence(make_losses(trials=1))) if f.scope == "total"}
    assert math.isnan(rows["sd"].value)
    assert math.isnan(rows["mean"].lower) or rows["mean"].component != "all"


def test_how_losses_lie_in_memory_does_not_show(
    make_scenario: Callable[..., Scenario],
    make_industry: Callable[..., Industry],
    make_use: Callable[..., Use],
    make_losses: Callable[..., Losses],
) -> None:
    """With 12 industries: numpy adds fewer than 8 numbers in the same order however they lie."""
    industries = {f"industry {k}": make_industry({"gallium": make_use()}) for k in range(12)}
    rows = make_losses(make_scenario(industries=industries), trials=7)
    columns = room_for(rows.trials, rows)
    put(rows, columns, 0)
    assert repr(figures(RowEvidence(columns))) == repr(figures(RowEvidence(rows)))
