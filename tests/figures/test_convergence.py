"""Notices about the trials of a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from riskengine.figures.convergence import is_carried_by_few, run_notices
from riskengine.figures.designed import evidence_of
from riskengine.figures.evidence import RowEvidence
from riskengine.measures.shape import Shape
from riskengine.model.losses import Losses
from riskengine.model.scenario import Scenario


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
    # A horizon of 730 days: 1000 years are exceeded in 1 of 500 trials, and twenty take 10,000.
    message = messages(make_losses(trials=4000))["curve-truncated"]
    assert "before 500 years" in message
    assert "fewer than 20 trials. 10,000 trials carry them to 1,000 years." in message
    assert "curve-truncated" not in messages(make_losses(trials=10_000))


def test_no_loss_at_all_is_said_with_the_exact_bound_of_its_chance(
    make_losses: Callable[..., Losses],
) -> None:
    losses = make_losses(trials=5000)
    assert "no-loss" not in messages(losses)
    found = messages(replace(losses, total=np.zeros(5000)))
    bound = 100.0 * (1.0 - 0.025 ** (1.0 / 5000))
    assert f"up to {bound:.2g} % (exact bound, 95 %)" in found["no-loss"]
    assert found.keys().isdisjoint({"part-without-loss", "few-losses", "dominant-trial"})


def test_parts_without_any_loss_are_named_with_the_bound_of_their_chance(
    make_losses: Callable[..., Losses],
) -> None:
    losses = make_losses(trials=5000)
    assert "part-without-loss" not in messages(losses)
    parts = losses.industry_loss.copy(), losses.material_loss.copy()
    parts[0][:, 1] = parts[1][:, 0] = 0.0
    found = messages(replace(losses, industry_loss=parts[0], material_loss=parts[1]))
    message = found["part-without-loss"]
    assert "industry motors, material gallium. Those" in message
    assert "up to 0.074 %" in message


def with_losses(losses: Losses, amounts: list[float]) -> Losses:
    total = np.zeros(losses.trials)
    total[100 : 100 + len(amounts)] = amounts
    return replace(losses, total=total)


@pytest.mark.parametrize(("count", "few"), [(1, True), (4, True), (5, False), (300, False)])
def test_too_few_losses_for_an_interval_of_the_mean_are_said(
    make_losses: Callable[..., Losses], count: int, few: bool
) -> None:
    found = messages(with_losses(make_losses(trials=5000), [7.0] * count))
    assert ("few-losses" in found) is few
    assert not few or "of all together has no interval" in found["few-losses"]
    assert ("dominant-trial" in found) is (count == 5)


def test_a_part_with_few_losses_is_named(make_losses: Callable[..., Losses]) -> None:
    losses = make_losses(trials=5000)
    parts = losses.industry_loss.copy()
    parts[3:, 1] = 0.0
    parts[:3, 1] = 1.0
    found = messages(replace(losses, industry_loss=parts))
    assert "The mean loss of industry motors has no interval" in found["few-losses"]


@pytest.mark.parametrize(("count", "carries"), [(9, False), (10, True), (4800, True)])
def test_a_mean_that_rests_on_fewer_than_ten_trials_is_said(
    make_losses: Callable[..., Losses], count: int, carries: bool
) -> None:
    losses = with_losses(make_losses(trials=5000), [7.0] * count)
    assert ("dominant-trial" not in messages(losses)) is carries


@pytest.mark.parametrize(
    ("large", "many", "small", "said"),
    [
        (21.0, 12, 100, False),  # as 12.7 trials, and as 23 equal losses: 1.8 times as many
        (10.0, 13, 140, False),  # as 17.2 and 50.6: 2.94 times
        (10.0, 13, 150, True),  # as 17.5 and 54.1: 3.09 times
        (10.0, 13, 400, False),  # as 26.4: more than twenty
    ],
)
def test_a_mean_that_fewer_than_twenty_carry_is_said_where_losses_are_unequal(
    make_losses: Callable[..., Losses], large: float, many: int, small: int, said: bool
) -> None:
    losses = with_losses(make_losses(trials=5000), [large] * many + [1.0] * small)
    assert ("dominant-trial" in messages(losses)) is said


@pytest.mark.parametrize(
    ("name", "trials", "least", "most"),
    [
        ("exponential", 1000, 0.0, 0.01),
        ("lognormal 1", 2000, 0.0, 0.1),
        ("lognormal 2", 200, 0.9, 1.0),  # intervals hold the truth in 86 % of runs
        ("lognormal 2", 2000, 0.75, 1.0),  # in 90 %
        ("Pareto 1.5", 2000, 0.65, 1.0),  # in 83 %
    ],
)
def test_a_notice_comes_where_intervals_hold_the_truth_too_seldom(
    name: str, trials: int, least: float, most: float
) -> None:
    random = np.random.default_rng(12)
    draws: dict[str, Callable[[], np.ndarray]] = {
        "exponential": lambda: random.exponential(1.0, trials),
        "lognormal 1": lambda: random.lognormal(0.0, 1.0, trials),
        "lognormal 2": lambda: random.lognormal(0.0, 2.0, trials),
        "Pareto 1.5": lambda: 1.0 + random.pareto(1.5, trials),
    }
    silent = np.zeros(9 * trials)  # a loss in one trial of ten
    fired = [
        is_carried_by_few(Shape.of(np.concatenate([silent, draws[name]()]))) for _ in range(400)
    ]
    assert least <= np.mean(fired) <= most


def test_a_mean_that_few_trials_carry_says_how_few_and_how_much_is_of_one(
    make_losses: Callable[..., Losses],
) -> None:
    losses = make_losses(trials=5000)
    assert "dominant-trial" not in messages(losses)
    message = messages(with_losses(losses, [1.0] * 60 + [10.0] * 6 + [30.0]))["dominant-trial"]
    assert "one alone makes up 20 % of it" in message
    # Cubes over squares, as for a rare loss: (60 + 600 + 900)^3 / (60 + 6000 + 27000)^2 = 3.5.
    assert "as if it rested on 3.5 of them" in message


def test_one_trial_says_that_it_has_no_intervals(make_losses: Callable[..., Losses]) -> None:
    assert "one-trial" in messages(make_losses(trials=1))


def test_remarks_on_the_scenario_are_stored_with_the_run(
    make_losses: Callable[..., Losses],
) -> None:
    assert "dispute-without-material" in messages(make_losses())


@pytest.mark.parametrize(("counting", "is_said"), [(9, True), (11, False)])
def test_weights_that_leave_less_than_a_tenth_of_the_trials_are_said(
    make_losses: Callable[..., Losses], counting: int, is_said: bool
) -> None:
    """Of 100 trials so many have all the weight, which is then carried by just so many."""
    made = make_losses(trials=100)
    run = replace(made.scenario.run, tilt=1.0)
    weight = np.where(np.arange(100) < counting, 99.0 / counting, 1e-9)
    losses = replace(made, scenario=replace(made.scenario, run=run), weight=weight)
    found = {notice.code: notice.message for notice in run_notices(evidence_of(losses))}
    assert ("too-tilted" in found) == is_said
    assert not is_said or "all 100 trials tell as much as 9 of equal" in found["too-tilted"]
    assert "tilted" in found


def test_a_given_onset_says_how_likely_an_outbreak_is(
    make_losses: Callable[..., Losses], make_scenario: Callable[..., Scenario]
) -> None:
    """Outbreaks 0.12 and 0.2 times a year, over two years: 1 - exp(-0.64) = 47.3 %."""
    made = make_scenario()
    korea = made.disputes["china-korea"]
    japan = replace(made.disputes["china-japan"], active=None, rate_per_year=0.2)
    scenario = make_scenario(
        run=replace(made.run, given_onset=True),
        disputes={"china-korea": korea, "china-japan": japan},
    )
    losses = replace(make_losses(scenario, trials=50), weight=np.full(50, 0.473))
    found = {notice.code: notice.message for notice in run_notices(evidence_of(losses))}
    assert "In all of the 50 trials a dispute breaks out" in found["given-onset"]
    assert "for which the chance is 47.3 %." in found["given-onset"]


def test_a_tilt_says_how_many_trials_of_equal_weight_the_tail_rests_on(
    make_losses: Callable[..., Losses],
) -> None:
    """The worst 1 % of 1,000 trials are five of weight 1.5 and five of 0.5: 10^2 / 12.5 = 8."""
    made = make_losses(trials=1000)
    losses = replace(
        made,
        scenario=replace(made.scenario, run=replace(made.scenario.run, tilt=0.7)),
        total=np.arange(1000.0),
        weight=np.tile([1.5, 0.5], 500),
    )
    found = {notice.code: notice.message for notice in run_notices(evidence_of(losses))}
    assert "worse than it is by 0.7 standard deviations" in found["tilted"]
    assert "VaR and TVaR 99 % rest on as much as 8 trials of equal weight" in found["tilted"]
