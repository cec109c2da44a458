"""The common task of `peers.py` is one task: what is compared there computes the same thing.

Not part of the test suite; the comparison itself is `python -m benchmarks.peers`.
"""

from __future__ import annotations

import math

import pytest

from benchmarks.compound import EVENTS, config, exact, measured, standard_errors
from benchmarks.peers import PEERS, play_here
from riskengine.config import load
from riskengine.play.simulate import simulate

TRIALS = 400_000
SEED = 20260108


def test_half_the_step_leaves_the_exact_answer_as_it_is() -> None:
    for one, finer in zip(exact(), exact(2.0**-12), strict=True):
        assert one == pytest.approx(finer, rel=1e-7)


@pytest.mark.parametrize("peer", ["riskengine", "numpy"])
def test_a_simulated_answer_is_the_exact_one_but_for_chance(peer: str) -> None:
    chance = standard_errors(TRIALS)
    assert chance.mean < 0.002 * exact().mean
    assert chance.var < 0.01 * exact().var
    found = measured(PEERS[peer].play(TRIALS, SEED))
    for value, right, error in zip(found, exact(), chance, strict=True):
        assert abs(value - right) < 4.0 * error


def test_episodes_of_the_engine_are_as_many_as_a_poisson_process_has() -> None:
    episodes = simulate(load(config()), trials=TRIALS, seed=SEED).episodes[:, 0]
    none = math.exp(-EVENTS)
    assert abs(episodes.mean() - EVENTS) < 4.0 * math.sqrt(EVENTS / TRIALS)
    share = float((episodes == 0).mean())
    assert abs(share - none) < 4.0 * math.sqrt(none * (1.0 - none) / TRIALS)


@pytest.mark.parametrize("peer", list(PEERS))
def test_each_peer_answers_or_says_in_one_word_why_not(peer: str) -> None:
    found = play_here(peer, 2000, SEED)
    if "why" in found:
        assert found["why"].isalpha()
    else:
        assert found["mean"] == pytest.approx(exact().mean, rel=0.1)
