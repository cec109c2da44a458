"""Known parameters come back from simulated tables, and intervals hold them as often as they say.

The bounds are four standard errors around what 1,000 tables of each kind gave when the interval was
chosen: medians are covered by 96 to 98 %, sigmas by 92 to 95 %, 90 % quantiles by 92 to 96 %.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from calibrate_worlds import right_censored, series

from riskengine.calibrate.families import FAMILIES
from riskengine.calibrate.fitting import first_guess, fit_families
from riskengine.calibrate.likelihood import climb
from riskengine.calibrate.observing import Series

MU, SIGMA = math.log(60.0), 1.1
TABLES = 120


def lognormal_tables(clusters: int, size: int, seed: int, last: float) -> Iterator[Series]:
    """Tables of lognormal durations; half of the variance is that of the cluster if size > 1."""
    random = np.random.default_rng(seed)
    for _ in range(TABLES):
        shared = np.repeat(random.normal(size=clusters), size)
        own = random.normal(size=clusters * size)
        score = (shared + own) / math.sqrt(2.0) if size > 1 else own
        days = np.exp(MU + SIGMA * score)
        watched = random.uniform(50.0, last, len(days))
        bounds = [(d, d) if d < w else (w, math.inf) for d, w in zip(days, watched, strict=True)]
        yield series(bounds, [f"c{k // size}" for k in range(len(days))])


def coverage(tables: Iterator[Series], truth: dict[str, float], family: str) -> dict[str, float]:
    hits = dict.fromkeys(truth, 0)
    for data in tables:
        fit = fit_families(data, [family], seed=1, check=False)[0][0]
        for name, value in truth.items():
            hits[name] += fit.figures[name].lower <= value <= fit.figures[name].upper
    return {name: count / TABLES for name, count in hits.items()}


def margin(share: float) -> float:
    """Four standard errors of a coverage over all tables."""
    return 4.0 * math.sqrt(share * (1.0 - share) / TABLES)


LOGNORMAL = {
    "median": 60.0, "mu": MU, "sigma": SIGMA, "p90": 60.0 * math.exp(SIGMA * 1.2815515655446004),
}  # fmt: skip


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("clusters", "size", "measured"),
    [
        (10, 1, {"median": 0.977, "sigma": 0.940, "p90": 0.916}),
        (40, 1, {"median": 0.961, "sigma": 0.946, "p90": 0.955}),
        (15, 3, {"median": 0.957, "sigma": 0.920, "p90": 0.937}),
    ],
)
def test_intervals_of_right_censored_tables_cover_what_they_say(
    clusters: int, size: int, measured: dict[str, float]
) -> None:
    found = coverage(lognormal_tables(clusters, size, 11, 400.0), LOGNORMAL, "lognormal")
    # Small enough to see intervals that take clustered episodes for independent ones: see below.
    assert margin(0.92) < 0.1
    assert found["mu"] == found["median"]
    for name, share in measured.items():
        assert found[name] == pytest.approx(share, abs=margin(share)), (name, found)


@pytest.mark.statistical
def test_intervals_that_take_clustered_episodes_for_independent_ones_cover_too_little() -> None:
    """The control: three copies of each duration in clusters of their own."""

    def tables() -> Iterator[Series]:
        for data in lognormal_tables(15, 1, 11, 400.0):
            bounds = [(o.lower, o.upper) for o in data.observations]
            yield series(bounds * 3)

    found = coverage(tables(), {"median": 60.0}, "lognormal")
    assert found["median"] < 0.95 - margin(0.95)


@pytest.mark.statistical
def test_intervals_of_interval_censored_tables_cover_what_they_say() -> None:
    """Weibull durations known to the month, a third of them not ended."""
    shape, scale = 0.9, 100.0
    random = np.random.default_rng(12)

    def tables() -> Iterator[Series]:
        for _ in range(TABLES):
            days = scale * random.weibull(shape, 20)
            watched = random.uniform(50.0, 300.0, 20)
            months = np.floor(days / 30.0)
            yield series([
                (30.0 * m, 30.0 * (m + 1)) if d < w else (w, math.inf)
                for d, w, m in zip(days, watched, months, strict=True)
            ])  # fmt: skip

    median = scale * math.log(2.0) ** (1.0 / shape)
    truth = {"shape": shape, "scale": scale, "median": median}
    for name, share in coverage(tables(), truth, "weibull").items():
        assert share > 0.93 - margin(0.93), (name, share)


@pytest.mark.statistical
@pytest.mark.parametrize("name", FAMILIES)
def test_known_parameters_come_back_from_a_large_mixed_table(name: str) -> None:
    """5,000 durations, a third known between bounds, a quarter not ended: four standard errors."""
    family = FAMILIES[name]
    truth = np.array([[math.log(80.0), math.log(1.4)][: family.parameters]])
    second = np.exp(truth[0, 1:2]) if family.second else np.ones(1)
    random = np.random.default_rng(13)
    n = 5_000
    days = 80.0 * family.quantile(random.random(n), second)
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
    # Standard errors from the spread of the estimate over weighted copies of the same table.
    weights = random.exponential(1.0, (40, n))
    spread = climb(family, data, np.repeat(top.theta, 40, axis=0), weights).theta.std(axis=0)
    assert np.all(spread < 0.06)
    assert np.all(np.abs(top.theta[0] - truth[0]) < 4.0 * spread)


@pytest.mark.statistical
def test_ends_taken_for_what_they_are_not_would_be_seen() -> None:
    """The control of the one above: censored durations counted as ended give another scale."""
    random = np.random.default_rng(14)
    days, watched = random.exponential(80.0, 5_000), random.uniform(20.0, 600.0, 5_000)
    family = FAMILIES["exponential"]
    wrong = right_censored(list(np.minimum(days, watched))).durations
    top = climb(family, wrong, first_guess(family, wrong))
    assert abs(math.exp(top.theta[0, 0]) - 80.0) > 4.0 * 80.0 / math.sqrt(5_000)
