"""Chances of a loss above a threshold, and of lost output, against closed forms."""

from __future__ import annotations

import math
from typing import Any

import pytest
from analytic.worlds import YEAR, Config, one_dispute, recurring

from riskengine.config import load
from riskengine.figures.designed import evidence_of
from riskengine.figures.evidence import Evidence
from riskengine.figures.metrics import Figure, figures
from riskengine.play.simulate import prepare, simulate
from riskengine.play.stream import Stream

MEAN = 100.0
THRESHOLDS = (30.0, 100.0, 250.0)
TRIALS = 40_000


def _found(evidence: Evidence, measure: str, scope: str = "total") -> list[Figure]:
    return [f for f in figures(evidence) if (f.measure, f.scope) == (measure, scope)]


def _with(config: Config, **run: Any) -> Config:
    config["run"] |= run
    return config


def _assert_chance(figure: Figure, expected: float, errors: float = 4.0) -> None:
    """Within four standard errors, which the interval has 1.96 of on each side."""
    error = (figure.upper - figure.lower) / (2.0 * 1.959964)
    assert abs(figure.value - expected) < errors * error
    assert error < 0.03 * expected  # a wrong formula would be seen


def test_an_exponential_loss_exceeds_a_threshold_with_its_survival() -> None:
    config = _with(one_dispute({"exponential": {"mean": MEAN}}), thresholds=list(THRESHOLDS))
    found = _found(evidence_of(simulate(load(config), trials=TRIALS, seed=1)), "prob_above")
    assert [f.level for f in found] == list(THRESHOLDS)
    assert {f.unit for f in found} == {"probability"}
    for figure, threshold in zip(found, THRESHOLDS, strict=True):
        _assert_chance(figure, math.exp(-threshold / MEAN))


def test_a_loss_at_the_threshold_is_not_above_it() -> None:
    """All futures lose 90 to the bit."""
    config = _with(one_dispute(90.0, horizon_days=YEAR), thresholds=[89.999, 90.0, 90.001])
    below, at, above = _found(evidence_of(simulate(load(config), trials=100)), "prob_above")
    exact = 0.025 ** (1 / 100)  # Clopper and Pearson, none or all of 100
    assert (below.value, below.upper) == (1.0, 1.0)
    assert below.lower == pytest.approx(exact, rel=1e-12)
    assert [at.value, above.value] == [0.0, 0.0]
    assert at.upper == pytest.approx(1.0 - exact, rel=1e-12)


@pytest.mark.costly
@pytest.mark.parametrize("lots", [0, 1])
def test_a_run_that_is_counted_block_by_block_counts_exactly(
    lots: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thresholds lie inside bins and beside losses that are not kept."""
    from riskengine.play import totals

    monkeypatch.setattr(totals, "KEPT_LOSSES", 2**18 if lots else 64)
    near = [99.9999, 100.0, 100.0001, 100.01]  # in one bin or two
    config = _with(one_dispute({"exponential": {"mean": MEAN}}), thresholds=near)
    plan = prepare(load(config), trials=70_000, seed=1)
    stream = Stream(plan)
    stream.play(plan.trials)
    rows = plan.play()
    for measure in ("prob_above", "prob_output_loss"):
        ours = _found(stream.evidence(), measure)
        assert repr(ours) == repr(_found(evidence_of(rows), measure))
    counts = [(rows.total > threshold).sum() / plan.trials for threshold in near]
    assert [f.value for f in _found(stream.evidence(), "prob_above")] == counts
    assert len(set(counts)) > 1


@pytest.mark.parametrize(
    "drawn",
    [{"given_onset": True}, {"sampling": "sobol"}, {"sampling": "sobol", "given_onset": True}],
)
def test_designed_trials_estimate_the_same_chances(drawn: Config) -> None:
    """One long ban: it breaks out by day t with 1 - exp(-r t), and lasts to the horizon."""
    rate = 0.1
    config = recurring(1e5, rate_per_year=rate, horizon_days=YEAR)
    config = _with(config, thresholds=[100.0, 300.0], **drawn)
    evidence = evidence_of(simulate(load(config), trials=TRIALS, seed=2))
    for figure, threshold in zip(_found(evidence, "prob_above"), (100.0, 300.0), strict=True):
        _assert_chance(figure, -math.expm1(-rate * (YEAR - threshold) / YEAR))
    (output,) = _found(evidence, "prob_output_loss")
    assert output.value == pytest.approx(-math.expm1(-rate), rel=0.03)


def test_tilted_trials_estimate_the_same_chances() -> None:
    config = _with(one_dispute({"exponential": {"mean": MEAN}}), thresholds=[250.0], tilt=0.5)
    config["correlation"] = {"duration": 1.0}
    (figure,) = _found(evidence_of(simulate(load(config), trials=TRIALS, seed=3)), "prob_above")
    _assert_chance(figure, math.exp(-2.5))


def test_dearer_supply_alone_is_a_loss_and_no_lost_output() -> None:
    config = one_dispute(90.0, horizon_days=YEAR)
    config["materials"]["metal"] |= {
        "spend_per_year": 50.0,
        "alternatives": {"other": {"capacity": 1.0, "lead_time": 0.0, "premium": 0.2}},
    }
    evidence = evidence_of(simulate(load(config), trials=100, seed=1))
    assert [f.value for f in _found(evidence, "prob_loss")] == [1.0]
    for scope in ("total", "industry"):
        (figure,) = _found(evidence, "prob_output_loss", scope)
        assert (figure.value, figure.lower) == (0.0, 0.0)
        assert figure.upper == pytest.approx(1.0 - 0.025 ** (1 / 100), rel=1e-12)


def test_output_is_lost_where_the_stock_is_outlasted() -> None:
    """A stock of 60 days, a ban of Exp(100) days: exp(-0.6), in the one mill that needs it."""
    config = one_dispute({"exponential": {"mean": MEAN}}, stock_days=60.0)
    config["industries"]["idle"] = {
        "value_added_per_year": YEAR,
        "uses": {"metal": {"share": 0.0, "dependence": 0.0}},
    }
    evidence = evidence_of(simulate(load(config), trials=TRIALS, seed=4))
    (total,) = _found(evidence, "prob_output_loss")
    _assert_chance(total, math.exp(-0.6))
    mill, idle = _found(evidence, "prob_output_loss", "industry")
    assert mill.value == total.value
    assert idle.value == 0.0
