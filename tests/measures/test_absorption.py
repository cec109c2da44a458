"""How long a walk on the ladder lasts."""

from __future__ import annotations

import math

import numpy as np
import pytest

from riskengine.measures.absorption import mean_time_to_end


def test_a_level_that_is_left_half_of_the_time_is_visited_twice() -> None:
    assert mean_time_to_end(np.array([1.0]), np.array([[0.5]]), np.array([10.0])) == pytest.approx(
        20.0, rel=1e-14
    )


def test_two_levels_add_their_stays() -> None:
    moves = np.array([[0.0, 1.0], [0.0, 0.0]])
    assert mean_time_to_end(np.array([1.0, 0.0]), moves, np.array([10.0, 5.0])) == 15.0
    assert mean_time_to_end(np.array([0.0, 1.0]), moves, np.array([10.0, 5.0])) == 5.0


def test_a_path_that_may_never_end_has_no_mean() -> None:
    moves = np.array([[0.0, 0.5], [0.0, 1.0]])
    assert mean_time_to_end(np.array([1.0, 0.0]), moves, np.array([1.0, 1.0])) == math.inf


def test_a_trap_that_is_never_reached_does_not_matter() -> None:
    moves = np.array([[0.0, 0.0], [0.0, 1.0]])
    assert mean_time_to_end(np.array([1.0, 0.0]), moves, np.array([3.0, 1.0])) == 3.0


@pytest.mark.costly
def test_it_agrees_with_walks_played_out() -> None:
    random = np.random.default_rng(5)
    moves = np.array([[0.0, 0.6, 0.0], [0.3, 0.0, 0.4], [0.5, 0.2, 0.0]])
    stays = np.array([10.0, 20.0, 40.0])
    lengths = []
    for _ in range(20_000):
        level, days = 0, 0.0
        while level < 3:
            days += stays[level]
            level = int(np.searchsorted(np.cumsum(moves[level]), random.random(), side="right"))
        lengths.append(days)
    error = 4 * np.std(lengths) / np.sqrt(len(lengths))
    expected = mean_time_to_end(np.array([1.0, 0.0, 0.0]), moves, stays)
    assert abs(np.mean(lengths) - expected) < error
    assert error < 0.05 * expected
