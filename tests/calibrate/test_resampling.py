"""The bootstrap by clusters: the same bits whatever the order, and intervals that know clusters."""

from __future__ import annotations

import dataclasses
import math
import random
from pathlib import Path

import numpy as np
import pytest
from calibrate_worlds import HISTORY, fitted, history, read, right_censored, series

from riskengine.calibrate.families import FAMILIES
from riskengine.calibrate.figures import fit_rows
from riskengine.calibrate.fitting import fit_families
from riskengine.calibrate.goodness import _drawn, goodness
from riskengine.calibrate.likelihood import climb
from riskengine.calibrate.resampling import (
    cluster_weights,
    effective_clusters,
    interval,
    uniform_draws,
)
from riskengine.kernel.draws import block, seeded_keys, uniforms


def test_plain_uniforms_are_those_of_the_compiled_generator() -> None:
    key = seeded_keys(np.array([123456789], dtype=np.uint64), 7)[0]
    trials = np.array([0, 1, 5, 2**40], dtype=np.uint64)
    expected = [block(key, int(trial), 0, 0)[0] for trial in trials]
    assert uniforms(key, trials).tolist() == expected


def test_the_same_seed_gives_the_same_bits_and_another_seed_others() -> None:
    one, again, other = (
        fit_rows(fitted(history(), quantity="flow", seed=seed)) for seed in (1, 1, 2)
    )
    assert repr(one) == repr(again)
    values = [[row.value for row in rows if row.parameter == "median"] for rows in (one, other)]
    lowers = [[row.lower for row in rows if row.parameter == "median"] for rows in (one, other)]
    assert values[0] == values[1]
    assert lowers[0] != lowers[1]


def test_the_order_of_the_rows_does_not_matter(tmp_path: Path) -> None:
    header, *rows = HISTORY.read_text(encoding="utf-8").splitlines(keepends=True)
    random.Random(5).shuffle(rows)
    shuffled = read(tmp_path, header + "".join(rows))
    a, b = (fitted(table, quantity="flow") for table in (history(), shuffled))
    for one, other in zip(a.groups, b.groups, strict=True):
        assert [fit.family for fit in one.fits] == [fit.family for fit in other.fits]
        for first, second in zip(one.fits, other.fits, strict=True):
            for name, figure in first.figures.items():
                assert tuple(figure) == pytest.approx(tuple(second.figures[name]), rel=1e-6)


def test_a_cluster_has_one_weight_whatever_else_is_in_the_table() -> None:
    both = cluster_weights(["a", "b", "a", "c"], seed=3)
    assert both[:, 0].tolist() == both[:, 2].tolist()
    assert both.mean(axis=1) == pytest.approx(1.0)
    pair = cluster_weights(["c", "b"], seed=3)
    assert pair[:, 0] / pair[:, 1] == pytest.approx(both[:, 3] / both[:, 1])


def test_weights_are_exponential_before_they_are_scaled() -> None:
    drawn = -np.log(uniform_draws(1, 20_000, "cluster", "a"))
    assert drawn.mean() == pytest.approx(1.0, abs=4 / math.sqrt(20_000))
    assert np.mean(drawn > 1.0) == pytest.approx(math.exp(-1.0), abs=4 * 0.49 / math.sqrt(20_000))


def test_episodes_copied_within_their_clusters_are_worth_nothing_more() -> None:
    days = [5.0, 9.0, 14.0, 30.0, 33.0, 60.0, 75.0, 120.0, 200.0, 350.0]
    alone = fit_families(right_censored(days), ["lognormal"], seed=1, check=False)[0][0]
    names = [f"c{k % 10}" for k in range(40)]
    copied = series([(d, d) for d in days * 4], names)
    clustered = fit_families(copied, ["lognormal"], seed=1, check=False)[0][0]
    independent = fit_families(
        series([(d, d) for d in days * 4]), ["lognormal"], seed=1, check=False
    )[0][0]

    def width(fit: object) -> float:
        figure = fit.figures["median"]  # type: ignore[attr-defined]
        return math.log(figure.upper / figure.lower)

    assert clustered.figures["median"].value == pytest.approx(alone.figures["median"].value)
    # The standard deviation of 1000 replicates is known to about 1 in sqrt(2000).
    assert width(clustered) == pytest.approx(width(alone), rel=4 * 2 / math.sqrt(2000))
    assert width(independent) < 0.6 * width(clustered)


def test_effective_clusters_count_equal_ones_fully_and_unequal_ones_less() -> None:
    assert effective_clusters(["a", "b", "c"]) == pytest.approx(3.0)
    assert effective_clusters(["a"] * 9 + ["b"]) == pytest.approx(100 / 82)


def test_an_interval_is_symmetric_in_logs_and_its_width_is_student_s() -> None:
    logs = np.array([-0.5, 0.5] * 500)
    found = interval("median", 60.0, 60.0 * np.exp(logs), freedom=8, clusters=10)
    margin = 2.306004135 * math.sqrt(10 / 8) * 0.5
    assert found.lower == pytest.approx(60.0 * math.exp(-margin))
    assert found.upper == pytest.approx(60.0 * math.exp(margin))
    mu = interval("mu", math.log(60.0), math.log(60.0) + logs, freedom=8, clusters=10)
    assert mu.upper == pytest.approx(math.log(found.upper))
    endless = interval("mean", math.inf, np.full(9, math.inf), freedom=8, clusters=10)
    assert math.isnan(endless.upper)


def test_one_political_event_alone_has_no_interval() -> None:
    """It is in every replicate, and a spread of nothing would claim certainty."""
    found = interval("median", 60.0, np.full(9, 60.0), freedom=0, clusters=1)
    assert found.value == 60.0
    assert math.isnan(found.lower)
    assert math.isnan(found.upper)
    two = interval("median", 60.0, 60.0 * np.exp(np.linspace(-1.0, 1.0, 9)), freedom=1, clusters=2)
    assert two.lower < 60.0 < two.upper


def test_a_right_family_passes_the_check_of_fit_and_a_wrong_one_does_not() -> None:
    family = FAMILIES["exponential"]
    shares = (np.arange(60) + 0.5) / 60
    right = right_censored(list(-np.log1p(-shares) * 50.0))
    wrong = right_censored([50.0 + k / 10 for k in range(60)])
    p = {}
    for name, data in (("right", right), ("wrong", wrong)):
        top = climb(family, data.durations, np.array([[4.0]]))
        p[name] = goodness(family, top.theta, data.observations, seed=1)
    assert p["right"] > 0.5
    assert p["wrong"] < 0.01


def test_the_check_of_fit_knows_censoring() -> None:
    """Half of the tables that fit are cut at 30 days: taken for ends, the cuts would look wrong."""
    family = FAMILIES["exponential"]
    shares = (np.arange(60) + 0.5) / 60
    days = -np.log1p(-shares) * 50.0
    data = right_censored([d for d in days if d < 30], [30.0 for d in days if d >= 30])
    limited = tuple(dataclasses.replace(o, limit=30.0) for o in data.observations)
    top = climb(family, data.durations, np.array([[4.0]]))
    assert goodness(family, top.theta, limited, seed=1) > 0.5
    taken = right_censored([min(d, 30.0 + k / 1e4) for k, d in enumerate(days)])
    as_ends = climb(family, taken.durations, np.array([[4.0]]))
    assert goodness(family, as_ends.theta, taken.observations, seed=1) < 0.01


def test_simulated_tables_are_censored_where_the_real_ones_would_be() -> None:
    family = FAMILIES["lognormal"]
    data = right_censored([10.0, 80.0, 40.0], [25.0])
    limits = (100.0, 90.0, 60.0, 25.0)
    limited = tuple(
        dataclasses.replace(o, limit=limit)
        for o, limit in zip(data.observations, limits, strict=True)
    )
    drawn = _drawn(family, np.log(np.array([[40.0, 1.2]])), limited, seed=1)
    everything_open = np.all(drawn.lower == np.array(limits), axis=1)
    for column, limit in enumerate(limits):
        lower, upper = drawn.lower[:, column], drawn.upper[:, column]
        assert np.all(lower <= limit)
        assert np.all((lower == limit) == np.isinf(upper) | everything_open)
        assert np.all(upper[np.isfinite(upper)] == lower[np.isfinite(upper)])
        expected = family.log_survival(np.log([limit / 40.0]), np.array([1.2]))
        share = float(np.mean(lower == limit))
        assert share == pytest.approx(math.exp(expected[0]), abs=4 * 0.5 / math.sqrt(len(lower)))


def test_a_table_without_dates_is_censored_at_later_times_of_others() -> None:
    data = right_censored([10.0], [5.0, 30.0, 70.0])
    drawn = _drawn(FAMILIES["exponential"], np.log(np.array([[500.0]])), data.observations, 1)
    first = drawn.lower[np.isinf(drawn.upper[:, 0]), 0]
    assert set(first.tolist()) == {30.0, 70.0}
    assert np.any(np.isfinite(drawn.upper[:, 0]))
