"""Percentiles and histogram of the total loss, beside counting trial by trial."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import figures_twin as twin
import numpy as np
import pytest
from figures.test_twin import DESIGNS, designed

from riskengine.config import load
from riskengine.figures.designed import evidence_of
from riskengine.figures.distribution import MOST_BINS, bin_edges, histogram, percentiles
from riskengine.figures.evidence import RowEvidence
from riskengine.figures.metrics import figures
from riskengine.model.losses import Losses
from riskengine.play import totals
from riskengine.play.simulate import prepare
from riskengine.play.stream import Stream

EVERY = [0.0, *(k / 100 for k in range(5, 100, 5)), 0.99, 0.995, 1.0]


def with_losses(losses: Losses, total: list[float]) -> Losses:
    """The same trials with other total losses."""
    return replace(losses, total=np.array(total))


def shares_by_hand(losses: Losses) -> list[float]:
    """The share of each trial; what weights leave open belongs to no loss."""
    weights = [1.0] * losses.trials if losses.weight is None else losses.weight.tolist()
    return [weight / losses.trials for weight in weights]


@pytest.mark.parametrize("design", DESIGNS)
def test_percentiles_are_those_of_the_twin(make_losses: Callable[..., Losses], design: str) -> None:
    losses = designed(make_losses(trials=600, first_trial=3), design)
    rows = percentiles(evidence_of(losses))
    assert [row.probability for row in rows] == pytest.approx(
        sorted({*EVERY, *losses.scenario.run.levels}), abs=1e-15
    )
    kind, values = twin.kind_of(losses), losses.total.tolist()
    for row in rows[1:-1]:
        found, wanted = (row.loss, row.lower, row.upper), kind.var(values, row.probability)
        np.testing.assert_allclose(found, wanted, rtol=1e-9, err_msg=str(row.probability))
    assert rows[-1].loss == max(values)
    assert math.isnan(rows[0].lower)
    assert math.isnan(rows[-1].upper)


def test_percentiles_of_a_hundred_losses_are_read_off(make_losses: Callable[..., Losses]) -> None:
    """The loss that 35 % of 1, 2 ... 100 do not exceed is 35: the 35th in ascending order."""
    losses = with_losses(make_losses(trials=100), [float(k) for k in range(100, 0, -1)])
    found = {row.probability: row.loss for row in percentiles(RowEvidence(losses))}
    wanted = {p: max(1.0, math.ceil(round(100 * p, 6))) for p in EVERY}
    assert {p: found[p] for p in EVERY} == wanted


def test_a_percentile_is_var_at_its_level(make_losses: Callable[..., Losses]) -> None:
    evidence = RowEvidence(make_losses(trials=2_000))
    found = {row.probability: (row.loss, row.lower, row.upper) for row in percentiles(evidence)}
    levels = 0
    for figure in figures(evidence):
        if (figure.scope, figure.measure) == ("total", "var"):
            assert found[figure.level] == (figure.value, figure.lower, figure.upper)
            levels += 1
    assert levels == 4


@pytest.mark.parametrize("design", DESIGNS)
def test_every_trial_is_in_one_bin(make_losses: Callable[..., Losses], design: str) -> None:
    losses = designed(make_losses(trials=600, first_trial=3), design)
    rows, shares = histogram(evidence_of(losses)), shares_by_hand(losses)
    assert sum(row.trials for row in rows) == losses.trials
    assert math.fsum(row.share for row in rows) == pytest.approx(1.0, abs=1e-12)
    for row in rows[1:]:
        high = math.inf if math.isnan(row.high) else row.high
        held = [k for k, loss in enumerate(losses.total.tolist()) if row.low < loss <= high]
        assert row.trials == len(held)
        assert row.share == pytest.approx(math.fsum(shares[k] for k in held), abs=1e-12)
    assert [row.is_no_loss for row in rows] == [True, *[False] * (len(rows) - 1)]
    assert rows[0].trials == losses.total.tolist().count(0.0)


def test_bins_meet_and_have_one_round_width(make_losses: Callable[..., Losses]) -> None:
    rows = histogram(RowEvidence(make_losses(trials=2_000)))[1:]
    assert 10 <= len(rows) <= MOST_BINS + 1
    assert all(row.high == after.low for row, after in pairwise(rows))
    assert rows[0].low == 0.0
    width = rows[0].high
    assert f"{width:e}"[0] in "125"
    assert f"{width:e}"[1:9] == ".000000e"
    for row in rows[:-1]:
        assert row.high - row.low == pytest.approx(width, rel=1e-9)


def test_a_loss_at_an_edge_is_in_the_bin_below_it(make_losses: Callable[..., Losses]) -> None:
    """As VaR counts: the loss that is not exceeded. Bins of width 1 up to 20."""
    values = [0.0, 1.0, 1.0, math.nextafter(1.0, 2.0), 20.0] * 40
    rows = histogram(RowEvidence(with_losses(make_losses(trials=200), values)))
    assert [(row.low, row.high, row.trials) for row in rows[:3]] == [
        (0.0, 0.0, 40),
        (0.0, 1.0, 80),
        (1.0, 2.0, 40),
    ]
    assert (rows[-1].low, rows[-1].high, rows[-1].trials) == (19.0, 20.0, 40)


@pytest.mark.parametrize(
    ("values", "bins"),
    [([0.0] * 300, 1), ([0.0] * 299 + [7.0], 15), ([3.0] * 300, 16), ([5e-324] * 300, 2)],
)
def test_few_losses_or_equal_ones_have_bins(
    make_losses: Callable[..., Losses], values: list[float], bins: int
) -> None:
    rows = histogram(RowEvidence(with_losses(make_losses(trials=300), values)))
    assert len(rows) == bins
    assert sum(row.trials for row in rows) == 300
    assert rows[-1].trials == sum(value > 0.0 for value in values) or bins == 1


@pytest.mark.parametrize("reach", [1e-298, 0.003, 1.0, 24.9, 25.0, 25.1, 99.0, 21_034.5, 1e15])
def test_bins_reach_far_enough_and_no_further(reach: float) -> None:
    edges = bin_edges(reach)
    assert edges[-1] >= reach * (1 - 1e-12)
    assert len(edges) == 1 or edges[-2] < reach
    assert 10 <= len(edges) <= MOST_BINS


@pytest.mark.costly
def test_trials_that_are_not_kept_give_the_same_bins_and_percentiles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Above the smallest loss that is kept exactly; below it within a bin of 0.05 %."""
    monkeypatch.setattr(totals, "KEPT_LOSSES", 1_500)
    scenario = load("configs/minimal.toml", overrides=["disputes.china-korea.rate_per_year=2"])
    plan = prepare(scenario, trials=40_000, threads=1)
    stream = Stream(plan)
    stream.play(plan.trials)
    sums, rows = stream.evidence(), RowEvidence(plan.play())
    assert np.count_nonzero(rows.losses.total) > 5_000  # most of the losses are not kept
    for ours, theirs in zip(percentiles(sums), percentiles(rows), strict=True):
        exact = ours.probability > 1.0 - 1_000 / 40_000
        bound = 0.0 if exact else 2.0**-11
        for name in ("loss", "lower", "upper"):
            assert getattr(ours, name) == pytest.approx(
                getattr(theirs, name), rel=bound, abs=0.0, nan_ok=True
            )
    bins, wanted = histogram(sums), histogram(rows)
    assert [row.low for row in bins] == [row.low for row in wanted]
    losses = np.sort(rows.losses.total)
    for ours, theirs in zip(bins, wanted, strict=True):
        # Only losses within 0.1 % of an edge can be counted on its other side.
        edges = [edge for edge in (theirs.low, theirs.high) if edge > 0.0]
        near = sum(int(np.sum(np.abs(losses - edge) <= 2.0**-10 * edge)) for edge in edges)
        assert abs(ours.trials - theirs.trials) <= near
    assert bins[0] == wanted[0]
    assert bins[-1] == wanted[-1]
    assert sum(row.trials for row in bins) == 40_000
