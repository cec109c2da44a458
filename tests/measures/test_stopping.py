"""When to stop, and what looking costs an interval."""

from __future__ import annotations

import math

import numpy as np
import pytest

from riskengine.measures.estimate import Estimate
from riskengine.measures.moments import mean
from riskengine.measures.sample import Sample
from riskengine.measures.stopping import doublings, relative_error
from riskengine.measures.tail import tvar

REPEATS = 1500
FIRST, MOST = 1024, 2**15


def test_looks_double_and_end_at_the_most() -> None:
    assert list(doublings(100, 1000)) == [100, 200, 400, 800, 1000]
    assert list(doublings(100, 800)) == [100, 200, 400, 800]
    assert list(doublings(100, 30)) == [30]


def test_the_error_is_half_the_interval_as_a_share() -> None:
    assert relative_error(Estimate(10.0, 9.0, 12.0)) == 0.15
    assert relative_error(Estimate(10.0, 9.0, math.nan)) == math.inf
    assert relative_error(Estimate(0.0, 0.0, 0.0)) == math.inf


@pytest.mark.statistical
@pytest.mark.parametrize("measure", ["mean", "tvar"])
def test_stopping_early_costs_little_coverage(measure: str) -> None:
    """At least 93 % less 3 standard errors of the count, where an interval made without looking
    covers 95 %. The wanted error lies where most runs stop at the third or fourth look of six."""
    truth = {"mean": 0.5, "tvar": 1.0 + math.log(0.5 / 0.05)}[measure]
    wanted = {"mean": 0.04, "tvar": 0.06}[measure]
    random = np.random.default_rng(12)
    covered, stopped = 0, []
    for _ in range(REPEATS):
        values = random.exponential(size=MOST) * (random.random(MOST) < 0.5)
        for trials in doublings(FIRST, MOST):
            seen = Sample.of(values[:trials])
            found = mean(seen.values) if measure == "mean" else tvar(seen, 0.95)
            if relative_error(found) <= wanted:
                break
        stopped.append(trials)
        covered += found.lower <= truth <= found.upper
    assert FIRST < np.mean(stopped) < MOST  # else nothing was decided by looking
    least = 0.93 - 3.0 * math.sqrt(0.93 * 0.07 / REPEATS)
    assert covered / REPEATS >= least
