"""Noise of the trials told apart from effects: figures against closed forms, rates of alarms."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from sweep.sweep_worlds import Floats, designed, listed, played, ranged

from riskengine.measures.jackknife import Jackknife
from riskengine.measures.paired import Trials
from riskengine.model.confidence import LEVELS
from riskengine.model.sweep import Parameter
from riskengine.sweeps.designs import Design
from riskengine.sweeps.figures import point_errors
from riskengine.sweeps.indices import Sensitivity, sensitivity
from riskengine.sweeps.noise import (
    LEVEL,
    PARTS,
    chance_of,
    chance_of_range,
    crossed,
    freed,
    part_errors,
    plain,
)
from riskengine.sweeps.noisy import noise_notices, noise_rows
from riskengine.sweeps.series import Series
from riskengine.sweeps.tables import PointRow
from riskengine.sweeps.uncertainty import uncertainty

AB = (ranged("a"), ranged("b"))


def share_below(count: int, repeats: int) -> float:
    """The most false alarms of a test at 5 %: four standard errors above as many as it may have."""
    return LEVEL + 4.0 * math.sqrt(LEVEL * (1.0 - LEVEL) / repeats) if count else 0.0


# Parts of the trials


def test_the_part_errors_of_a_mean_are_the_means_of_the_parts_less_that_of_all() -> None:
    values = np.arange(36.0) ** 2
    (errors,) = part_errors(Trials(values), [lambda left: left.mean])
    assert errors == pytest.approx(values.reshape(PARTS, 3).mean(axis=1) - values.mean())


def test_the_part_errors_of_one_trial_are_not_known() -> None:
    assert part_errors(Trials(np.ones(1)), [lambda left: left.mean]).tolist() == [[0.0]]


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("figure", "exact"),
    [
        (lambda left: left.mean, 1.0),  # an exponential has sd 1
        (lambda left: left.var(0.9), math.sqrt(0.9 * 0.1) / 0.1),  # p (1 - p) / f^2
        # v + (x - v)+ / (1 - p), the excess exponential with chance 1 - p:
        (lambda left: left.tvar(0.9), math.sqrt(2.0 / 0.1 - 1.0)),
    ],
)
def test_part_errors_give_the_standard_error_of_a_figure(
    figure: Callable[[Jackknife], Floats], exact: float
) -> None:
    n, repeats = 2_400, 300
    rng = np.random.default_rng(5)
    series = (Trials(rng.exponential(size=n)) for _ in range(repeats))
    squares = [float(np.sum(part_errors(trials, [figure]) ** 2)) for trials in series]
    found = np.mean(squares) / (PARTS * (PARTS - 1)) * n
    error = float(np.std(squares)) / math.sqrt(repeats) / np.mean(squares) * found
    bias = 0.1 * exact**2  # of quantiles, whose rank is a whole number
    assert found == pytest.approx(exact**2, abs=4.0 * error + bias)
    assert 4.0 * error < 0.2 * exact**2


def test_the_errors_of_a_point_are_those_of_its_difference_from_the_base_case() -> None:
    rng = np.random.default_rng(1)
    base, more = Trials(rng.exponential(size=480)), Trials(rng.exponential(size=480))
    same = point_errors({("total", ""): base}, {("total", ""): base}, LEVELS)
    assert same.shape == (11, PARTS)
    assert not same.any()
    mean = point_errors({("total", ""): more}, {("total", ""): base}, LEVELS)[0]
    parts = (more.values - base.values).reshape(PARTS, 40).mean(axis=1)
    assert mean == pytest.approx(parts - parts.mean())


# Products without noise


@pytest.mark.statistical
def test_a_variance_is_freed_of_noise_however_closely_points_share_it() -> None:
    """Points 0, 1, ..., 9 with a slope that each part sees otherwise: variance 8.25."""
    rng = np.random.default_rng(2)
    places = np.arange(10.0)
    found, raw = [], []
    for _ in range(5_000):
        rows = places[:, None] * (1.0 + 2.0 * rng.normal(size=PARTS))
        centred = rows - rows.mean(axis=0)
        products = crossed(centred, centred) / 10
        found.append(float(freed(products)))
        raw.append(float(plain(products)))
    error = float(np.std(found)) / math.sqrt(len(found))
    assert np.mean(found) == pytest.approx(8.25, abs=4.0 * error)
    # A slope of 1 with a standard error of 2 / sqrt(12) has a square of 1 + 4 / 12.
    assert np.mean(raw) == pytest.approx(8.25 * (1.0 + 4.0 / PARTS), abs=4.0 * error)
    assert 4.0 * error < 8.25 / PARTS


@pytest.mark.statistical
@pytest.mark.parametrize("shape", ["smooth", "rough"])
def test_noise_alone_raises_as_few_alarms_as_it_may(shape: str) -> None:
    rng = np.random.default_rng(3)
    repeats, alarms, ranges = 1_000, 0, 0
    places = np.linspace(0.0, 1.0, 5)[:, None]
    for _ in range(repeats):
        rows = rng.normal(size=(5, PARTS))
        rows = places * rows[:1] if shape == "smooth" else rows
        centred = rows - rows.mean(axis=0)
        alarms += bool(chance_of(crossed(centred, centred)) <= LEVEL)
        ranges += chance_of_range(rows) <= LEVEL
    for count in (alarms, ranges):
        assert LEVEL / 2 < count / repeats < share_below(count, repeats)


@pytest.mark.statistical
def test_an_effect_of_five_standard_errors_is_seen_nearly_always() -> None:
    rng = np.random.default_rng(4)
    effect = np.linspace(0.0, 5.0 * math.sqrt(2.0 / PARTS), 3)[:, None]
    seen = [chance_of_range(effect + rng.normal(size=(3, PARTS))) <= LEVEL for _ in range(300)]
    assert np.mean(seen) > 0.9


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_what_all_parts_say_is_certain_in_any_unit(unit: float) -> None:
    rows = unit * np.array([[0.0, 0.0], [1.0, 1.0]])
    assert chance_of_range(rows) == 0.0
    assert chance_of(crossed(rows, rows)) == 0.0


def test_what_all_parts_say_is_certain_with_any_number_of_them() -> None:
    assert chance_of_range(np.zeros((3, 2))) == 1.0
    assert math.isnan(chance_of_range(np.ones((3, 1))))


# Figures of a sweep


def world(
    method: str,
    samples: int | None,
    effect: float,
    seed: int,
    parameters: tuple[Parameter, ...] = AB,
) -> tuple[Design, list[PointRow], list[Series]]:
    """Parameter a moves a figure by `effect`; b by a slope that is nothing but noise of size 1."""
    made = designed(method, samples, *parameters, seed=seed)
    settings = [(0.5, 0.5), *made.points]
    along = np.array([0.5 if s[1] is None else float(s[1]) for s in settings]) - 0.5
    slopes = np.random.default_rng(seed).normal(size=PARTS) * math.sqrt(PARTS)
    noise: Floats = along[:, None] * slopes
    return (made, *played(made, lambda x: effect * float(x[0]), (0.5, 0.5), noise=noise))


def indices_of(
    method: str, samples: int | None, effect: float, seed: int, **of: tuple[Parameter, ...]
) -> Sensitivity:
    return sensitivity(*world(method, samples, effect, seed, **of))


LISTS = tuple(listed(name, 0.0, 0.5, 1.0) for name in "ab")
DESIGNS = [
    ("one-at-a-time", None, AB),
    ("grid", None, LISTS),
    ("morris", 4, AB),
    ("sobol", 16, AB),
    ("latin-hypercube", 30, AB),
]


@pytest.mark.statistical
@pytest.mark.parametrize(("method", "samples", "parameters"), DESIGNS)
def test_a_parameter_without_any_effect_is_no_driver(
    method: str, samples: int | None, parameters: tuple[Parameter, ...]
) -> None:
    """However far noise moves the figure along it, which no other parameter moves at all."""
    repeats = 100
    alarms = sum(
        any(row.clear for row in indices_of(method, samples, 0.0, seed, parameters=parameters).rows)
        for seed in range(repeats)
    )
    assert alarms / repeats < LEVEL + 4.0 * math.sqrt(LEVEL * (1.0 - LEVEL) / repeats)


@pytest.mark.statistical
@pytest.mark.parametrize(("method", "samples", "parameters"), DESIGNS)
def test_a_true_effect_is_seen_beside_noise_and_comes_first(
    method: str, samples: int | None, parameters: tuple[Parameter, ...]
) -> None:
    first = 0
    for seed in range(20):
        rows = indices_of(method, samples, 12.0, seed, parameters=parameters).rows
        first += {row.parameter for row in rows if row.rank == 1 and row.clear} == {"a"}
    assert first >= 19


@pytest.mark.statistical
@pytest.mark.parametrize(("method", "samples"), [("sobol", 64), ("latin-hypercube", 100)])
def test_shares_of_variance_are_those_without_noise(method: str, samples: int) -> None:
    """The whole spread is a's; noise along b takes 1 / (1 + 9) of it on average."""
    values: dict[str, list[float]] = {"a": [], "b": []}
    for seed in range(30):
        for row in indices_of(method, samples, 3.0, seed).rows:
            if row.index == "S1":
                values[row.parameter].append(row.value)
    for name, exact in (("a", 1.0), ("b", 0.0)):
        error = float(np.std(values[name])) / math.sqrt(len(values[name]))
        assert np.mean(values[name]) == pytest.approx(exact, abs=4.0 * error + 0.01)
        assert 4.0 * error < 0.1


@pytest.mark.statistical
def test_the_size_of_moves_is_not_raised_by_noise() -> None:
    sizes = [
        row.value
        for seed in range(200)
        for row in indices_of("morris", 6, 3.0, seed).rows
        if (row.parameter, row.index) == ("b", "mu_star")
    ]
    error = float(np.std(sizes)) / math.sqrt(len(sizes))
    assert np.mean(sizes) == pytest.approx(0.0, abs=4.0 * error)
    assert 4.0 * error < math.sqrt(2.0 / math.pi)  # the average size of what noise makes


@pytest.mark.statistical
def test_percentiles_are_those_without_noise() -> None:
    """A uniform from 0 to 3 whose noise is independent of it and has a third of its variance."""
    spread = []
    made = designed("latin-hypercube", 200, ranged("a"))
    for seed in range(30):
        noise = np.random.default_rng(seed).normal(size=(201, PARTS))
        noise *= math.sqrt(PARTS * 0.25)
        (row,) = uncertainty(
            made, played(made, lambda x: 3.0 * float(x[0]), (0.5,), noise=noise)[1]
        )
        spread.append(row.sd**2)
    error = float(np.std(spread)) / math.sqrt(len(spread))
    assert np.mean(spread) == pytest.approx(0.75, abs=4.0 * error)
    assert 4.0 * error < 0.1


def test_a_figure_of_noise_has_no_indices_no_percentiles_and_a_notice() -> None:
    made, points, series = world("latin-hypercube", 40, 0.0, seed=8)
    assert sensitivity(made, points, series) == Sensitivity([], [])
    (row,) = uncertainty(made, series)
    assert math.isnan(row.p05)
    assert math.isnan(row.sd)
    (noise,) = noise_rows(made, series)
    assert noise.verdict == "noise"
    (notice,) = noise_notices([noise], trials=500)
    assert notice.code == "noise-only"
    assert "the noise of 500 trials" in notice.message


def test_noise_that_is_not_small_is_said_and_delta_left_out() -> None:
    made, points, series = world("latin-hypercube", 60, 4.0, seed=3)
    (noise,) = noise_rows(made, series)
    assert noise.verdict == "corrected"
    assert 0.1 < noise.share < 0.5
    assert {row.index for row in sensitivity(made, points, series).rows} == {"S1"}
    assert [notice.code for notice in noise_notices([noise], 500)] == ["noisy-figure"]


@pytest.mark.parametrize(
    ("share", "verdict"),
    [(0.099, "clear"), (0.101, "corrected"), (0.499, "corrected"), (0.501, "noise")],
)
def test_the_verdict_goes_by_the_share_of_the_variance_that_is_noise(
    share: float, verdict: str
) -> None:
    """Two hundred points whose noise is independent: far beyond chance, and of a known share.

    The squared standard error of a mean of K parts is the sum of their squares over K (K - 1).
    """
    made = designed("latin-hypercube", 200, ranged("a"))
    rng = np.random.default_rng(9)
    parts = rng.normal(size=(201, PARTS))
    parts -= parts.mean(axis=1, keepdims=True)  # the figure itself stays as it is
    apart = parts[1:] - parts[1:].mean(axis=0)
    noise = float(np.sum(apart**2)) / (PARTS * (PARTS - 1)) / 199
    whole = float(np.var([point[0] for point in made.points], ddof=1))
    parts *= math.sqrt(share * whole / noise)
    _, series = played(made, lambda x: float(x[0]), (0.5,), noise=parts)
    (row,) = noise_rows(made, series)
    assert row.share == pytest.approx(share, rel=1e-9)
    assert row.spread == pytest.approx(math.sqrt(whole), rel=1e-9)
    assert row.noise == pytest.approx(math.sqrt(share * whole), rel=1e-9)
    assert row.verdict == verdict
    messages = [notice.message for notice in noise_notices([row], 2_000)]
    if verdict == "corrected":
        (message,) = messages
        assert "more than 10 % is noise of 2,000 trials" in message
        assert f"({100.0 * share:.0f} %)" in message


def test_two_points_have_a_spread_and_one_has_none() -> None:
    for failed, count in ((set(), 1), ({2}, 0)):
        made = designed("latin-hypercube", 2, ranged("a"))
        _, series = played(made, lambda x: float(x[0]), (0.5,), failed=failed)
        rows = noise_rows(made, series)
        assert len(rows) == count
        assert all(row.spread > 0.0 for row in rows)


def test_no_noise_is_no_remark() -> None:
    made, _, series = world(
        "sobol", 16, 1.0, seed=1, parameters=(ranged("a"), ranged("b", 0.5, 0.5))
    )
    (noise,) = noise_rows(made, series)
    assert (noise.verdict, noise.share, noise.noise) == ("clear", 0.0, 0.0)
    assert list(noise_notices([noise], 500)) == []


def test_one_trial_leaves_the_noise_unknown_and_says_so() -> None:
    made = designed("latin-hypercube", 40, ranged("a"))
    points, series = played(made, lambda x: float(x[0]), (0.5,), noise=np.zeros((41, 1)))
    (noise,) = noise_rows(made, series)
    assert noise.verdict == "unknown"
    assert sensitivity(made, points, series).rows[0].clear
    assert [notice.code for notice in noise_notices([noise], 1)] == ["noise-unknown"]


def test_the_swing_of_a_grid_has_the_interval_of_its_parts() -> None:
    """Twelve parts of a difference with standard deviation s: t(11) s / sqrt(12)."""
    made = designed("grid", None, listed("a", 0, 1))
    parts = np.arange(12.0) - 5.5
    noise = np.array([parts * 0.0, parts * 0.0, parts])
    result = sensitivity(made, *played(made, lambda x: 10.0 * float(x[0]), (0.0,), noise=noise))
    (swing,) = (row for row in result.rows if row.index == "swing")
    assert (swing.value, swing.clear) == (pytest.approx(10.0), True)
    assert swing.upper - 10.0 == pytest.approx(2.200985 * math.sqrt(13.0) / math.sqrt(12.0))


def test_an_effect_on_which_all_parts_agree_is_as_unlikely_as_the_signs_allow() -> None:
    # Turned signs of 12 parts, up to turning all: 2^11 ways, and only one of them is as far apart.
    parts = np.array([np.zeros(12), 1.0 + 0.01 * np.arange(12)])
    assert chance_of_range(parts) == 1.0 / 2048.0
