"""Notices about the trials of a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from riskengine.figures.convergence import run_notices
from riskengine.figures.evidence import RowEvidence
from riskengine.model.losses import Losses


def messages(losses: Losses) -> dict[str, str]:
    return {notice.code: notice.message for notice in run_notices(RowEvidence(losses))}


@pytest.mark.parametrize(("trials", "thin"), [(4000, False), (3999, True), (100, True)])
def test_fewer_than_twenty_trials_in_a_tail_are_said(
    make_losses: Callable[..., Losses], trials: int, thin: bool
) -> None:
    assert ("thin-tail" in messages(make_losses(trials=trials))) is thin


def test_a_thin_tail_names_its_levels_and_how_many_trials_it_takes(
    make_losses: Callable[..., Losses],
) -> None:
    message = messages(make_losses(trials=1999))["thin-tail"]
    assert "99 %, 99.5 %" in message
    assert "95 %" not in message
    assert "4,000 trials" in message


def test_a_curve_that_ends_early_says_where(make_losses: Callable[..., Losses]) -> None:
    # A horizon of 730 days: 1000 years are exceeded in 1 of 500 trials.
    assert "before 500 years" in messages(make_losses(trials=4000))["curve-truncated"]
    assert "curve-truncated" not in messages(make_losses(trials=10_000))


def test_no_loss_at_all_is_said(make_losses: Callable[..., Losses]) -> None:
    losses = make_losses(trials=5000)
    assert "no-loss" not in messages(losses)
    assert "no-loss" in messages(replace(losses, total=np.zeros(5000)))


def test_one_trial_that_carries_the_mean_is_said(make_losses: Callable[..., Losses]) -> None:
    losses = make_losses(trials=5000)
    total = losses.total.copy()
    total[3] = total.sum()
    assert "dominant-trial" not in messages(losses)
    assert "50 % of the mean" in messages(replace(losses, total=total))["dominant-trial"]


def test_one_trial_says_that_it_has_no_intervals(make_losses: Callable[..., Losses]) -> None:
    assert "one-trial" in messages(make_losses(trials=1))


def test_remarks_on_the_scenario_are_stored_with_the_run(
    make_losses: Callable[..., Losses],
) -> None:
    assert "dispute-without-material" in messages(make_losses())
