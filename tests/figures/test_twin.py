"""Every figure of `metrics.csv` and `curves.csv`, beside a slow twin that goes by the rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import figures_twin as twin
import numpy as np
import pytest
from random_configs import random_config

from riskengine.config import load
from riskengine.figures.convergence import run_notices
from riskengine.figures.curves import curves
from riskengine.figures.designed import evidence_of
from riskengine.figures.evidence import Evidence
from riskengine.figures.metrics import figures
from riskengine.model.losses import Losses
from riskengine.play import totals
from riskengine.play.simulate import prepare, simulate
from riskengine.play.stream import Stream

TRIALS = 600  #: 3 in the furthest tail, 60 in the nearest: with an interval and without
THRESHOLDS = [0, 20, 60]
DESIGNS = {
    "plain": {},
    "weighted": {"tilt": 0.5},
    "given": {"given_onset": True},
    "even": {"sampling": "sobol"},
    "all": {"sampling": "sobol", "given_onset": True, "tilt": 0.5},
}
SAID = {"sampling": "even-points", "given_onset": "given-onset", "tilt": "tilted"}


def check(evidence: Evidence, losses: Losses, bound: float = 1e-9) -> int:
    """Compare all tables; returns how many intervals there are."""
    found = {
        (f.scope, f.name, f.component, f.measure, f.level): (f.value, f.lower, f.upper)
        for f in figures(evidence)
    }
    points = {
        (c.scope, c.name, c.type, c.return_period): (c.probability, c.loss, c.lower, c.upper)
        for c in curves(evidence)
    }
    expected, expected_points = twin.metrics(losses), twin.curves(losses)
    assert found.keys() == expected.keys()
    assert points.keys() == expected_points.keys()
    for ours, theirs in ((found, expected), (points, expected_points)):
        for key, figure in ours.items():
            scale = max(1e-300, abs(figure[0]))
            np.testing.assert_allclose(
                figure, theirs[key], rtol=bound, atol=1e-9 * scale, err_msg=str(key)
            )
    return sum(not math.isnan(figure[2]) for figure in found.values())


def designed(made: Losses, name: str) -> Losses:
    """Losses as if their trials had been drawn in some way; weights are not near each other."""
    settings = DESIGNS[name]
    scenario = replace(made.scenario, run=replace(made.scenario.run, **settings))
    weight = np.random.default_rng(5).uniform(0.1, 1.2, made.trials)
    if name in ("plain", "even"):
        return replace(made, scenario=scenario)
    return replace(
        made, scenario=scenario, weight=np.full(made.trials, 0.4) if name == "given" else weight
    )


@pytest.mark.parametrize("design", DESIGNS)
def test_every_figure_is_that_of_the_twin(make_losses: Callable[..., Losses], design: str) -> None:
    losses = designed(make_losses(trials=TRIALS, first_trial=3), design)
    assert check(evidence_of(losses), losses) > 60


@pytest.mark.parametrize("design", DESIGNS)
def test_figures_of_rare_and_tied_and_missing_losses_are_those_of_the_twin(
    make_losses: Callable[..., Losses], design: str
) -> None:
    losses = designed(make_losses(trials=TRIALS), design)
    parts = np.minimum(np.round(losses.industry_loss, -2), 300.0)  # many ties, at VaR too
    parts[9:, 1] = 0.0  # rare
    material = parts.sum(axis=1)[:, np.newaxis] * np.array([1.0, 0.0])
    days = losses.first_loss_day.copy()
    days[:, 0] = math.nan
    losses = replace(
        losses,
        industry_loss=parts,
        total=parts.sum(axis=1),
        material_loss=material,
        price=np.zeros_like(parts),
        indirect=np.where(np.arange(TRIALS)[:, np.newaxis] < 4, 5.0, 0.0) * np.ones(2),
        stopped_days=np.full_like(parts, 30.0),
        first_loss_day=days,
    )
    check(evidence_of(losses), losses)


@pytest.mark.parametrize("design", DESIGNS)
def test_figures_of_simulated_trials_are_those_of_the_twin(design: str) -> None:
    config = random_config(11)
    for dispute in config["disputes"].values():
        dispute.pop("active", None)
        dispute["rate_per_year"] = 0.4
    config["correlation"] = dict.fromkeys(config["correlation"], 0.5)
    config["run"] |= {"thresholds": THRESHOLDS, **DESIGNS[design]}
    losses = simulate(load(config), trials=TRIALS, seed=4, threads=1)
    assert losses.total.max() > 0.0
    evidence = evidence_of(losses)
    check(evidence, losses)
    said = {notice.code for notice in run_notices(evidence)}
    assert said & set(SAID.values()) == {SAID[key] for key in DESIGNS[design]}


@pytest.mark.parametrize("number", [11, 21])  # one industry, and four with other first days
def test_figures_of_a_run_that_is_added_up_are_those_of_the_twin(number: int) -> None:
    config = random_config(number)
    config["run"]["thresholds"] = THRESHOLDS
    plan = prepare(load(config), trials=TRIALS, seed=4, threads=1)
    losses = plan.play()
    stream = Stream(plan)
    stream.play(TRIALS)
    days = "first_loss_day_median"
    evidence = stream.evidence()
    found = {(f.scope, f.name, f.component, f.measure, f.level): f for f in figures(evidence)}
    expected = twin.metrics(losses)
    assert found.keys() == expected.keys()
    for key, figure in found.items():
        bound = 2.0**-11 if figure.measure == days else 1e-9
        ours = (figure.value, figure.lower, figure.upper)
        np.testing.assert_allclose(ours, expected[key], rtol=bound, atol=1e-9, err_msg=str(key))
    points = twin.curves(losses)
    assert len(points) == len(curves(evidence))
    for row in curves(evidence):
        theirs = points[row.scope, row.name, row.type, row.return_period]
        ours = (row.probability, row.loss, row.lower, row.upper)
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, err_msg=str(row))


@pytest.fixture
def few_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(totals, "KEPT_LOSSES", 40)
    monkeypatch.setattr(totals, "KEPT_TRIALS", 10)


@pytest.mark.usefixtures("few_kept")
def test_a_run_of_which_few_losses_are_kept_is_within_a_bin_of_the_twin() -> None:
    """Most of the tail, and what it is made of, comes from bins that hold one loss each."""
    plan = prepare(load(random_config(11)), trials=TRIALS, seed=4, threads=1)
    losses = plan.play()
    stream = Stream(plan)
    stream.play(TRIALS)
    evidence = stream.evidence()
    expected = twin.metrics(losses)
    whole = expected["total", "", "all", "tvar", 0.9][0]
    for figure in figures(evidence):
        key = (figure.scope, figure.name, figure.component, figure.measure, figure.level)
        bound = 1e-9 if figure.measure in ("mean", "sd", "prob_loss", "max") else 2.0**-10
        ours = (figure.value, figure.lower, figure.upper)
        np.testing.assert_allclose(
            ours, expected[key], rtol=bound, atol=1e-6 * whole, err_msg=str(key)
        )
    ordered = sorted(losses.total.tolist())
    for level in (0.99, 0.995):
        number = evidence.trial_at(level)
        assert number is not None
        assert losses.total[number] == ordered[math.ceil(TRIALS * level - 1e-9) - 1]
    assert evidence.trial_at(0.9) is None
    # Rank 591 of 600 is the tenth of the ten kept trials; rank 590 is the first that is not kept.
    last = evidence.trial_at(0.984)
    assert last is not None
    assert losses.total[last] == ordered[590]
    assert evidence.trial_at(0.983) is None
