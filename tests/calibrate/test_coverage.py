"""Known parameters come back from simulated tables, and intervals hold them as often as they say.

docs/calibrate.md has what 2,000 tables of each size and family gave.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from calibrate_worlds import right_censored, series

from riskengine.fits.families import FAMILIES
from riskengine.fits.fitting import fit_families
from riskengine.fits.intervals import intervals
from riskengine.fits.likelihood import climb, first_guess
from riskengine.fits.observing import DurationSeries

MU, SIGMA = math.log(60.0), 1.1
P90 = 60.0 * math.exp(SIGMA * 1.2815515655446004)


def lognormal_tables(
    clusters: int, size: int, tables: int, watched: float
) -> Iterator[DurationSeries]:
    """Tables of lognormal durations; half of the variance is that of the cluster if size > 1.

    Each is watched for an exponential time; 230 days on average leave 30 % going on.
    """
    random = np.random.default_rng(11)
    for _ in range(tables):
        shared = np.repeat(random.normal(size=clusters), size)
        own = random.normal(size=clusters * size)
        score = (shared + own) / math.sqrt(2.0) if size > 1 else own
        days = np.exp(MU + SIGMA * score)
        limits = random.exponential(watched, len(days)) if watched else np.full(len(days), np.inf)
        bounds = [(d, d) if d < w else (w, math.inf) for d, w in zip(days, limits, strict=True)]
        yield series(bounds, [f"c{k // size}" for k in range(len(days))])


def misses(tables: Iterator[DurationSeries], truth: float, name: str) -> tuple[float, float]:
    """Shares of tables whose interval of a figure lies above the truth, and below it."""
    above = below = count = 0
    for data in tables:
        fits = fit_families(data, ["lognormal"], seed=1, check=False)[0]
        if fits:
            figure = fits[0].figures[name]
            count += 1
            above += figure.lower > truth
            below += figure.upper < truth
    assert count > 0
    return above / count, below / count


def margin(share: float, tables: int) -> float:
    """Four standard errors of a share over so many tables."""
    return 4.0 * math.sqrt(share * (1.0 - share) / tables)


@pytest.mark.statistical
def test_intervals_of_the_90_percent_quantile_miss_on_both_sides_as_often_as_they_say() -> None:
    """Seven durations, 30 % of them going on."""
    tables = 850
    above, below = misses(lognormal_tables(7, 1, tables, 230.0), P90, "p90")
    assert margin(0.05, tables) < 0.03  # three in a hundred too few would be seen
    assert 1.0 - above - below == pytest.approx(0.95, abs=margin(0.05, tables))
    assert max(above, below) < 0.025 + margin(0.025, tables)
    assert min(above, below) > 0.0


@pytest.mark.statistical
def test_intervals_know_that_episodes_of_one_event_are_related() -> None:
    """Ten events of three episodes; taken for independent, 83 % of intervals hold the median."""
    tables = 250
    above, below = misses(lognormal_tables(10, 3, tables, 0.0), 60.0, "median")
    assert 0.95 - margin(0.05, tables) > 0.83
    assert 1.0 - above - below == pytest.approx(0.95, abs=margin(0.05, tables))


@pytest.mark.statistical
@pytest.mark.parametrize("name", FAMILIES)
def test_known_parameters_come_back_from_a_large_mixed_table(name: str) -> None:
    """5,000 durations, a third known between bounds, a quarter not ended: four standard errors."""
    family = FAMILIES[name]
    truth = np.array([[math.log(80.0), math.log(1.4)][: family.parameters]])
    second = np.exp(truth[0, 1:2]) if family.second else np.ones(1)
    random = np.random.default_rng(13)
    n = 5_000
    days = 80.0 * np.exp(family.log_quantile(random.random(n), second))
    watched = random.uniform(20.0, 600.0, n)
    kind = random.random(n)
    bounds = []
    for d, w, k in zip(days, watched, kind, strict=True):
        if d >= w:
            bounds.append((w, math.inf))
        else:
            bounds.append((30.0 * (d // 30.0), 30.0 * (d // 30.0 + 1)) if k < 1 / 3 else (d, d))
    data = series(bounds).durations
    top = climb(family, data, first_guess(family, data))
    assert top.is_top[0]
    intervals_ = intervals(family, top.theta, data, [str(k) for k in range(n)])
    exact = family.all_figures(truth)
    for figure, found in intervals_.items():
        low, value, high = found.lower, float(exact[figure][0]), found.upper
        error = (high - low) / (2.0 * 1.96)
        assert error < 0.1 * value
        assert abs(found.value - value) < 4.0 * error, figure


@pytest.mark.statistical
def test_ends_taken_for_what_they_are_not_would_be_seen() -> None:
    """The control of the one above: censored durations counted as ended give another scale."""
    random = np.random.default_rng(14)
    days, watched = random.exponential(80.0, 5_000), random.uniform(20.0, 600.0, 5_000)
    family = FAMILIES["exponential"]
    wrong = right_censored(list(np.minimum(days, watched))).durations
    top = climb(family, wrong, first_guess(family, wrong))
    assert abs(math.exp(top.theta[0, 0]) - 80.0) > 4.0 * 80.0 / math.sqrt(5_000)
