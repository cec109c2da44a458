"""Two runs figure by figure: paired where they share draws, and nothing left out."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from riskengine.figures.comparison import PAIRED, UNPAIRED, Difference, compare
from riskengine.figures.evidence import RowEvidence
from riskengine.figures.metrics import figures
from riskengine.figures.pairing import Side, pairing, pairing_notices
from riskengine.model.losses import Losses
from riskengine.store.columns import trial_files

NO_INTERVAL = {"max", "contribution_tvar"}
NOT_BY_TRIAL = {"episodes", "level_days"}


def side_of(losses: Losses, **changes: Any) -> Side:
    series = {
        column.name: np.ascontiguousarray(column.values, dtype=np.float64)
        for columns in trial_files(losses.scenario).values()
        for column in columns(losses)
    }
    made = Side(
        seed=losses.seed,
        first_trial=losses.first_trial,
        trials=losses.trials,
        horizon_days=losses.horizon_days,
        money=losses.scenario.run.money,
        figures=figures(RowEvidence(losses)),
        series=series,
    )
    return replace(made, **changes)


def scaled(losses: Losses, share: float) -> Losses:
    """The same futures, each with a share of its losses."""
    money = ("total", "largest_spell", "industry_loss", "output", "rerouting", "price", "indirect")
    names = (*money, "material_loss")
    return replace(losses, **{name: getattr(losses, name) * share for name in names})


@pytest.fixture
def losses(make_losses: Callable[..., Losses]) -> Losses:
    return make_losses(trials=5000)


@pytest.fixture
def rows(losses: Losses) -> list[Difference]:
    return compare(side_of(losses), side_of(scaled(losses, 0.75)))[1]


def named(rows: list[Difference], *key: Any) -> Difference:
    (found,) = (r for r in rows if (r.scope, r.name, r.component, r.measure, r.level) == key)
    return found


def test_every_figure_of_a_run_is_there_in_its_order(losses: Losses) -> None:
    side = side_of(losses)
    found = compare(side, side_of(scaled(losses, 0.5)))[1]
    assert [(r.scope, r.name, r.component, r.measure, r.level, r.unit) for r in found] == [
        (f.scope, f.name, f.component, f.measure, f.level, f.unit) for f in side.figures
    ]


@pytest.mark.parametrize("seed", [7, 8])
def test_both_values_are_those_of_the_runs_alone(losses: Losses, seed: int) -> None:
    a, b = side_of(losses), side_of(scaled(losses, 0.75), seed=seed)
    found = compare(a, b)[1]
    for row, first, second in zip(found, a.figures, b.figures, strict=True):
        assert row.a == pytest.approx(first.value, rel=1e-12), row
        assert row.b == pytest.approx(second.value, rel=1e-12), row
        assert row.difference == pytest.approx(row.b - row.a, rel=1e-9, abs=1e-9), row


def test_figures_of_shared_draws_are_paired_and_sharper(rows: list[Difference]) -> None:
    for row in rows:
        if row.measure in NO_INTERVAL:
            assert (row.pairing, math.isnan(row.lower)) == ("", True)
        elif row.measure in NOT_BY_TRIAL:
            assert row.pairing == UNPAIRED
        else:
            assert row.pairing == PAIRED
            assert row.lower <= row.difference <= row.upper
    mean = named(rows, "total", "", "all", "mean", None)
    # A quarter off every loss: the error is a quarter of one run's, not the root of two squares.
    assert mean.variance_ratio == pytest.approx((1.0 + 0.75**2) / 0.25**2)


def test_figures_of_different_seeds_are_not_paired(losses: Losses) -> None:
    found, rows = compare(side_of(losses), side_of(scaled(losses, 0.75), seed=8))
    assert not found.paired
    assert (found.trials, found.same, found.first_trial) == (0, 0, 0)
    assert "the seeds differ (7 and 8)" in found.reason
    mean = named(rows, "total", "", "all", "mean", None)
    margin = 1.959964 * float(np.std(losses.total, ddof=1)) / math.sqrt(5000)
    assert mean.upper - mean.difference == pytest.approx(math.hypot(1.0, 0.75) * margin, rel=1e-5)
    assert {row.pairing for row in rows} == {UNPAIRED, ""}


def test_runs_without_a_common_trial_are_not_paired(losses: Losses) -> None:
    found = pairing(side_of(losses), side_of(losses, first_trial=5000))
    assert not found.paired
    assert "no trial in common (0 to 4,999 and 5,000 to 9,999)" in found.reason


def test_only_common_trials_are_compared(make_losses: Callable[..., Losses]) -> None:
    whole = make_losses(trials=3000)
    part = side_of(whole).within(500, 1000)
    longer = side_of(whole)
    found, rows = compare(replace(part, figures=longer.figures), longer)
    assert (found.paired, found.first_trial, found.trials, found.same) == (True, 500, 1000, 1000)
    mean = named(rows, "total", "", "all", "mean", None)
    assert mean.a == mean.b == pytest.approx(float(np.mean(whole.total[500:1500])))
    codes = [notice.code for notice in pairing_notices(part, longer, found)]
    assert codes == ["common-trials-only"]


def test_different_horizons_are_said_and_paired_all_the_same(losses: Losses) -> None:
    a, b = side_of(losses), side_of(losses, horizon_days=365.0)
    found = pairing(a, b)
    assert found.paired
    (notice,) = pairing_notices(a, b, found)
    assert "A covers 730 days and B 365" in notice.message


def test_a_handful_of_differing_trials_in_the_tail_is_said(losses: Losses) -> None:
    total = losses.total.copy()
    total[np.argsort(total)[-3:]] *= 1.1
    a, b = side_of(losses), side_of(replace(losses, total=total))
    (notice,) = pairing_notices(a, b, pairing(a, b))
    assert notice.code == "few-differences"
    assert "90 %, 95 %, 99 %, 99.5 %" in notice.message


def test_a_loss_at_a_threshold_is_not_above_it_in_either_run(
    make_losses: Callable[..., Losses],
) -> None:
    """Above 10 are one trial of four in A and two in B, and one trial makes the difference."""
    made = make_losses(trials=4)
    run = replace(made.scenario.run, thresholds=(10.0,))
    made = replace(made, scenario=replace(made.scenario, run=run))
    a, b = (
        side_of(replace(made, total=np.array(total)))
        for total in ([0.0, 10.0, 10.0, 20.0], [0.0, 10.0, 30.0, 20.0])
    )
    _, rows = compare(a, b)
    found = named(rows, "total", "", "all", "prob_above", 10.0)
    assert (found.a, found.b, found.difference) == (0.25, 0.5, 0.25)
    assert found.pairing == PAIRED


def test_a_name_that_one_run_alone_has_is_kept_without_a_difference(losses: Losses) -> None:
    a = side_of(losses)
    b = replace(a, figures=[f for f in a.figures if f.name != "chips"])
    first = named(compare(a, b)[1], "industry", "chips", "all", "mean", None)
    assert first.a > 0.0
    assert math.isnan(first.b)
    assert math.isnan(first.difference)
    second = named(compare(b, a)[1], "industry", "chips", "all", "mean", None)
    assert math.isnan(second.a)
    assert second.b == first.a


def test_the_same_run_twice_differs_in_nothing(losses: Losses) -> None:
    found, rows = compare(side_of(losses), side_of(losses))
    assert found.same == found.trials
    assert found.correlation == 1.0
    for row in rows:
        assert row.difference == 0.0
        if row.pairing == PAIRED and not row.measure.startswith("prob_"):
            assert row.lower == row.upper == 0.0


def test_rounding_is_no_difference(losses: Losses) -> None:
    nudged = replace(losses, total=np.nextafter(losses.total, np.inf))
    row = named(compare(side_of(losses), side_of(nudged))[1], "total", "", "all", "mean", None)
    assert (row.difference, row.lower, row.upper) == (0.0, 0.0, 0.0)
    assert row.variance_ratio == math.inf


def test_a_measure_without_values_by_trial_is_compared_by_its_intervals(losses: Losses) -> None:
    a, b = side_of(losses), side_of(losses, first_trial=0)
    row = named(compare(a, b)[1], "dispute", "china-korea", "all", "episodes", None)
    figure = next(f for f in a.figures if f.measure == "episodes")
    assert row.pairing == UNPAIRED
    assert row.upper == pytest.approx(math.sqrt(2.0) * (figure.upper - figure.value))


def test_a_run_without_some_file_is_compared_by_its_figures(losses: Losses) -> None:
    a = side_of(losses)
    b = replace(a, series={n: s for n, s in a.series.items() if not n.startswith("loss_days")})
    row = named(compare(a, b)[1], "industry", "chips", "all", "loss_days", None)
    assert row.pairing == UNPAIRED
    assert row.difference == 0.0


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_the_correlation_does_not_depend_on_the_unit_of_money(losses: Losses, unit: float) -> None:
    found = pairing(side_of(scaled(losses, unit)), side_of(scaled(losses, 0.5 * unit)))
    assert found.correlation == pytest.approx(1.0)
