"""Pooled z-scores: many seeds times independent statistics, whose z are standard normal together.

A mean off by a little in every run shows here long before one run shows it. A spread below 1 means
draws that are used twice with opposite effect; one above 1, draws shared by trials or by seeds.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from analytic.worlds import Config, mill, play

pytestmark = pytest.mark.statistical

SEEDS = range(40)
TRIALS = 2000
MEAN = 100.0
FAR = 1e6


def _metal(number: int, **changes: Any) -> Config:
    given = {"cut": {"ban": 1.0}, "sources": {f"country {number}": {"share": 1.0}}}
    return {**given, **changes}


UNIT = {"uniform": {"low": 0.0, "high": 1.0}}
OTHER = {"capacity": 1.0, "lead_time": 0.0}
# What each metal is there for, with the mean and the variance of its statistic. All are different
# metals in different disputes, so that their z are independent.
COVERED = {"coverage": 0.4}
LATE = {"alternatives": {"other": {**OTHER, "lead_time": {"exponential": {"mean": 30.0}}}}}
FAILED = {"alternatives": {"other": {**OTHER, "probability": 0.3}}}
SMALL = {"alternatives": {"other": {**OTHER, "capacity": UNIT}}}
CUT = {"cut": {"ban": UNIT}}
STORED = {"stocks": {"store": {"days": {"exponential": {"mean": 50.0}}}}}
KINDS = [{}, COVERED, LATE, FAILED, SMALL, CUT, STORED]
COPIES = 4


def _world() -> Config:
    metals = {f"metal {k}": _metal(k, **KINDS[k % len(KINDS)]) for k in range(COPIES * len(KINDS))}
    return {
        "run": {"horizon_days": FAR, "importer": "Korea"},
        "ladder": {"ban": {"sojourn": {"exponential": {"mean": MEAN}}, "next": {"resolved": 1.0}}},
        "disputes": {
            f"dispute {k}": {
                "coercer": f"country {k}",
                "target": "Korea",
                "entry": {"ban": 1.0},
                "active": {"level": "ban"},
            }
            for k in range(len(metals))
        },
        "materials": metals,
        "industries": {"mill": mill(*metals)},
    }


def _statistic(kind: int, cut: np.ndarray, short: np.ndarray) -> tuple[np.ndarray, float, float]:
    """(one value a trial, its true mean, its true variance) of a kind of metal."""
    h = 1.0 / (1.0 / MEAN + 1.0 / 30.0)
    return [
        lambda: (np.minimum(cut, 3.0 * MEAN), *_capped_exponential(3.0)),
        lambda: (cut > 0.0, 0.4, 0.24),
        lambda: (np.minimum(short, 3.0 * h), *(_capped_exponential(3.0, h))),
        lambda: (short > 0.0, 0.7, 0.21),
        lambda: (short / cut, 0.5, 1.0 / 12.0),
        lambda: (short / cut, 0.5, 1.0 / 12.0),
        lambda: (short > 0.0, 2.0 / 3.0, 2.0 / 9.0),
    ][kind]()


def _capped_exponential(cap: float, mean: float = MEAN) -> tuple[float, float]:
    """Mean and variance of min(X, cap times the mean)."""
    first = 1.0 - math.exp(-cap)
    second = 2.0 * (1.0 - math.exp(-cap) * (1.0 + cap))
    return mean * first, mean * mean * (second - first * first)


@pytest.fixture(scope="module")
def scores() -> np.ndarray:
    """z of each statistic (second axis) under each seed (first axis)."""
    world = _world()
    rows = []
    for seed in SEEDS:
        losses = play(world, seed=seed, trials=TRIALS)
        row = []
        for k in range(len(world["materials"])):
            values, mean, variance = _statistic(
                k % len(KINDS), losses.cut_days[:, k], losses.shortage_days[:, k]
            )
            row.append((values.mean() - mean) / math.sqrt(variance / TRIALS))
        rows.append(row)
    return np.array(rows)


def test_pooled_scores_have_the_mean_zero(scores: np.ndarray) -> None:
    assert abs(scores.mean()) * math.sqrt(scores.size) < 4.0


def test_pooled_scores_have_the_spread_one(scores: np.ndarray) -> None:
    band = 4.0 / math.sqrt(2.0 * scores.size)  # of a standard deviation of that many normals
    assert abs(scores.std() - 1.0) < band
    assert band < 0.1


@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_each_kind_of_draw_has_pooled_scores_with_the_mean_zero(
    scores: np.ndarray, kind: int
) -> None:
    own = scores[:, kind :: len(KINDS)]
    assert abs(own.mean()) * math.sqrt(own.size) < 4.0


def test_scores_of_different_statistics_are_uncorrelated(scores: np.ndarray) -> None:
    columns = (scores - scores.mean(axis=0)) / scores.std(axis=0)
    products = columns.T @ columns / len(scores)
    pairs = products[np.triu_indices(len(products), k=1)]
    assert abs(pairs.mean()) * math.sqrt(pairs.size * len(scores)) < 4.0
    # The largest of 378 correlations over 40 seeds: Bonferroni at the level of one 4-sigma test.
    assert np.abs(pairs).max() * math.sqrt(len(scores)) < 5.5


def test_neighbouring_seeds_have_uncorrelated_scores(scores: np.ndarray) -> None:
    products = scores[1:] * scores[:-1]
    assert abs(products.mean()) * math.sqrt(products.size) < 4.0
