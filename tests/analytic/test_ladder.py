"""Escalation: paths on the ladder as phase-type distributions (a, S = diag(1/m)(P - I))."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from analytic.worlds import TRIALS, Config, assert_chance, assert_mean, one_dispute, play
from scipy.linalg import expm, solve

MEANS = np.array([20.0, 80.0, 120.0])
NEXT = np.array([[0.0, 0.4, 0.1], [0.2, 0.0, 0.5], [0.0, 0.7, 0.0]])
ENTRY = np.array([0.6, 0.3, 0.1])
CUTS = np.array([0.25, 0.5, 1.0])
LEVELS = ("licensing", "quota", "ban")
GENERATOR = (NEXT - np.eye(3)) / MEANS[:, None]
TIMES = np.linalg.inv(-GENERATOR)  # expected days on each level, from each level


def _ladder(*, stock_days: float = 0.0, sojourns: list[Any] | None = None) -> Config:
    """A dispute that enters the ladder at time 0, on a drawn level.

    Entry is at a vestibule that cuts nothing and lasts a day, because an active dispute has one
    level; it leads on with the probabilities of entry.
    """
    config = one_dispute(1.0, stock_days=stock_days)
    sojourns = sojourns or [{"exponential": {"mean": mean}} for mean in MEANS]
    config["ladder"] = {"vestibule": _rung(1.0, ENTRY)}
    config["ladder"] |= {
        level: _rung(sojourn, row)
        for level, sojourn, row in zip(LEVELS, sojourns, NEXT, strict=True)
    }
    config["disputes"]["quarrel"]["active"]["level"] = "vestibule"
    config["disputes"]["quarrel"]["entry"] = {"vestibule": 1.0}
    config["materials"]["metal"]["cut"] = dict(zip(LEVELS, CUTS.tolist(), strict=True))
    return config


def _rung(sojourn: Any, chances: np.ndarray) -> Config:
    following = dict(zip(LEVELS, chances.tolist(), strict=True))
    return {"sojourn": sojourn, "next": {**following, "resolved": 1.0 - float(chances.sum())}}


def test_a_path_lasts_as_long_as_the_fundamental_matrix_says() -> None:
    days = play(_ladder(), seed=301).cut_days[:, 0]
    wrong = {"one level only": float(ENTRY @ MEANS), "entry at the mildest": float(TIMES[0].sum())}
    assert_mean(days, float(ENTRY @ TIMES.sum(axis=1)), within=0.02, wrong=wrong)


def test_the_length_of_a_path_has_the_second_moment_of_its_phase_type() -> None:
    days = play(_ladder(), seed=302).cut_days[:, 0]
    expected = 2.0 * float(ENTRY @ TIMES @ TIMES.sum(axis=1))
    mean = float(ENTRY @ TIMES.sum(axis=1))
    assert_mean(days**2, expected, within=0.04, wrong={"an exponential": 2.0 * mean**2})


@pytest.mark.parametrize("day", [50.0, 150.0, 400.0])
def test_a_path_outlasts_a_day_with_the_survival_of_its_phase_type(day: float) -> None:
    days = play(_ladder(), seed=303).cut_days[:, 0]
    expected = float(ENTRY @ expm(GENERATOR * day) @ np.ones(3))
    exponential = math.exp(-day / float(ENTRY @ TIMES.sum(axis=1)))
    assert_chance(days > day, expected, within=0.03, wrong={"an exponential": exponential})


def test_what_is_lost_on_a_path_is_the_time_on_each_level_times_its_cut() -> None:
    lost = play(_ladder(), seed=304).shortage_days[:, 0]
    expected = float(ENTRY @ TIMES @ CUTS)
    mildest_first = float(ENTRY @ TIMES @ CUTS[::-1])
    wrong = {"the deepest cut throughout": float(ENTRY @ TIMES.sum(axis=1)), "order": mildest_first}
    assert_mean(lost, expected, within=0.02, wrong=wrong)


def test_what_is_lost_on_a_path_has_its_second_moment() -> None:
    lost = play(_ladder(), seed=305).shortage_days[:, 0]
    expected = 2.0 * float(ENTRY @ TIMES @ np.diag(CUTS) @ TIMES @ CUTS)
    independent = float(ENTRY @ TIMES @ CUTS) ** 2
    assert_mean(lost**2, expected, within=0.04, wrong={"no variance": independent})


def test_only_the_means_of_sojourns_matter_for_the_mean_of_what_is_lost() -> None:
    sojourns: list[Any] = [
        {"gamma": {"mean": 20.0, "cv": 0.5}},
        {"uniform": {"low": 0.0, "high": 160.0}},
        {"lognormal": {"mean": 120.0, "cv": 1.2}},
    ]
    losses = play(_ladder(sojourns=sojourns), seed=306)
    assert_mean(losses.shortage_days[:, 0], float(ENTRY @ TIMES @ CUTS), within=0.02)
    assert_mean(losses.cut_days[:, 0], float(ENTRY @ TIMES.sum(axis=1)), within=0.02)


def test_a_stock_is_outlasted_by_the_excess_of_a_phase_type() -> None:
    stock = 150.0
    config = _ladder(stock_days=stock)
    config["materials"]["metal"]["cut"] = dict.fromkeys(LEVELS, 1.0)
    loss = play(config, seed=310).total
    after = ENTRY @ expm(GENERATOR * stock)  # on which level the path is when the stock is empty
    mean = float(ENTRY @ TIMES.sum(axis=1))
    wrong = {"an exponential": mean * math.exp(-stock / mean), "no stock": mean}
    assert_mean(loss, float(after @ TIMES.sum(axis=1)), within=0.03, wrong=wrong)


def test_the_deepest_level_is_the_worst_with_the_hitting_probability() -> None:
    deepest = play(_ladder(), seed=307).deepest_level[:, 0]
    hit = solve(np.eye(2) - NEXT[:2, :2], NEXT[:2, 2])  # of the ban, from the two milder levels
    expected = float(ENTRY[:2] @ hit + ENTRY[2])
    wrong = {"where it enters": float(ENTRY[2]), "one step": float(ENTRY[2] + ENTRY @ NEXT[:, 2])}
    assert_chance(deepest == 3, expected, within=0.02, wrong=wrong)


def test_a_stock_is_outlasted_by_what_is_left_of_a_path_in_sequence() -> None:
    first, second, climbs, stock = 100.0, 40.0, 0.7, 60.0
    config = one_dispute(1.0, stock_days=stock)
    config["ladder"] = {
        "quota": {
            "sojourn": {"exponential": {"mean": first}},
            "next": {"ban": climbs, "resolved": 1.0 - climbs},
        },
        "ban": {"sojourn": {"exponential": {"mean": second}}, "next": {"resolved": 1.0}},
    }
    config["disputes"]["quarrel"] |= {"entry": {"quota": 1.0}, "active": {"level": "quota"}}
    config["materials"]["metal"]["cut"] = {"quota": 1.0, "ban": 1.0}
    loss = play(config, seed=308).total
    q1, q2 = math.exp(-stock / first), math.exp(-stock / second)
    both = (first**2 * q1 - second**2 * q2) / (first - second)
    expected = climbs * both + (1.0 - climbs) * first * q1
    wrong = {"it always climbs": both, "it never climbs": first * q1}
    assert_mean(loss, expected, within=0.02, wrong=wrong)
    chance = climbs * (first * q1 - second * q2) / (first - second) + (1.0 - climbs) * q1
    assert_chance(loss > 0.0, chance, within=0.01)


def test_levels_of_entry_mix_their_losses() -> None:
    entry = np.array([0.5, 0.3, 0.2])
    means, cuts, calm_days = np.array([150.0, 90.0, 30.0]), np.array([0.2, 0.6, 1.0]), 20.0
    config = one_dispute(1.0)
    config["ladder"] = {
        level: {"sojourn": {"exponential": {"mean": mean}}, "next": {"resolved": 1.0}}
        for level, mean in zip(LEVELS, means.tolist(), strict=True)
    }
    config["disputes"]["quarrel"] = {
        "coercer": "China",
        "target": "Korea",
        "rate_per_year": 365.0 / calm_days,
        "entry": dict(zip(LEVELS, entry.tolist(), strict=True)),
    }
    config["run"]["horizon_days"] = 4000.0
    config["materials"]["metal"]["cut"] = dict(zip(LEVELS, cuts.tolist(), strict=True))
    lost = play(config, seed=309, trials=TRIALS // 10).shortage_days[:, 0]
    days = _days_by_level(entry, means, calm_days, 4000.0)
    wrong = {"levels are entered alike": float(days.mean() * cuts.sum())}
    assert_mean(lost, float(days @ cuts), within=0.01, wrong=wrong)


def _days_by_level(
    entry: np.ndarray, means: np.ndarray, calm_days: float, horizon: float
) -> np.ndarray:
    """Expected days on each level of a calm - level - calm chain in (0, horizon)."""
    size = 1 + entry.size
    generator = np.zeros((size, size))
    generator[0, 0] = -1.0 / calm_days
    generator[0, 1:] = entry / calm_days
    generator[1:, 0] = 1.0 / means
    generator[1:, 1:] = -np.diag(1.0 / means)
    # The integral of expm(Q t) over (0, H) is a block of the exponential of a larger matrix.
    blocks = np.zeros((2 * size, 2 * size))
    blocks[:size, :size] = generator
    blocks[:size, size:] = np.eye(size)
    return expm(blocks * horizon)[0, size + 1 :]
