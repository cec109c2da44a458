"""Intervals against exact ones, clusters, the check of fit; the same whatever the order."""

from __future__ import annotations

import dataclasses
import math
import random
from pathlib import Path

import numpy as np
import pytest
from calibrate_worlds import HISTORY, fitted, history, read, right_censored, series
from scipy import integrate, stats

from riskengine.fits.calibration import Request, calibrate
from riskengine.fits.families import FAMILIES
from riskengine.fits.figures import fit_rows
from riskengine.fits.fitting import fit_families
from riskengine.fits.goodness import _drawn, goodness
from riskengine.fits.intervals import Hill, effective_clusters, intervals, powers
from riskengine.fits.likelihood import Durations, climb, first_guess
from riskengine.kernel.draws import block, seeded_keys, uniforms


def test_plain_uniforms_are_those_of_the_compiled_generator() -> None:
    key = seeded_keys(np.array([123456789], dtype=np.uint64), 7)[0]
    trials = np.array([0, 1, 5, 2**40], dtype=np.uint64)
    expected = [block(key, int(trial), 0, 0)[0] for trial in trials]
    assert uniforms(key, trials).tolist() == expected


@pytest.mark.costly
def test_the_same_table_gives_the_same_bits_and_the_seed_moves_the_checks_alone() -> None:
    again = calibrate(history(), Request(quantity="flow"))  # `fitted` would not fit it again
    one, again, other = map(
        fit_rows,
        (fitted(history(), quantity="flow"), again, fitted(history(), quantity="flow", seed=2)),
    )
    assert repr(one) == repr(again)
    moved = {a.parameter for a, b in zip(one, other, strict=True) if repr(a) != repr(b)}
    assert moved <= {"goodness_p", "dispersion_p"}
    assert moved


@pytest.mark.costly
def test_the_order_of_the_rows_does_not_matter(tmp_path: Path) -> None:
    header, *rows = HISTORY.read_text(encoding="utf-8").splitlines(keepends=True)
    random.Random(5).shuffle(rows)
    shuffled = read(tmp_path, header + "".join(rows))
    a, b = (fitted(table, quantity="flow") for table in (history(), shuffled))
    for one, other in zip(a.groups, b.groups, strict=True):
        assert [fit.family for fit in one.fits] == [fit.family for fit in other.fits]
        for first, second in zip(one.fits, other.fits, strict=True):
            for name, figure in first.figures.items():
                assert tuple(figure) == pytest.approx(
                    tuple(second.figures[name]), rel=1e-6, nan_ok=True
                )


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
    assert width(clustered) == pytest.approx(width(alone), rel=1e-3)
    assert width(independent) < 0.6 * width(clustered)


def test_effective_clusters_count_equal_ones_fully_and_unequal_ones_less() -> None:
    assert effective_clusters(["a", "b", "c"]) == pytest.approx(3.0)
    assert effective_clusters(["a"] * 9 + ["b"]) == pytest.approx(100 / 82)


def exact(name: str, days: list[float]) -> dict[str, tuple[float, float]]:
    """Textbook intervals of durations that all ended."""
    n, ends = len(days), np.array([0.025, 0.975])
    if name == "exponential":
        mean = 2.0 * sum(days) / stats.chi2.ppf(1.0 - ends, 2 * n)
        return {"mean": mean, "median": mean * math.log(2.0), "rate": 1.0 / mean[::-1]}
    logs = np.log(days)
    centre, spread = logs.mean(), logs.std(ddof=1)
    shift = stats.nct.ppf(ends, n - 1, stats.norm.ppf(0.9) * math.sqrt(n)) / math.sqrt(n)
    mu = centre + spread * stats.t.ppf(ends, n - 1) / math.sqrt(n)
    return {
        "mu": mu,
        "median": np.exp(mu),
        "sigma": spread * np.sqrt((n - 1) / stats.chi2.ppf(1.0 - ends, n - 1)),
        "p90": np.exp(centre + spread * shift),
    }


@pytest.mark.parametrize("unit", [1.0, 1e-7])
@pytest.mark.parametrize("n", [3, 5, 10, 40])
@pytest.mark.parametrize("name", ["exponential", "lognormal"])
def test_intervals_of_ended_durations_are_the_exact_ones(name: str, n: int, unit: float) -> None:
    """Chi-square, Student's t and the noncentral t; an end is right to a thousandth of a width."""
    days = list(unit * np.random.default_rng(n).lognormal(4.0, 1.1, n))
    fit = fit_families(right_censored(days), [name], seed=1, check=False)[0][0]
    for figure, (lower, upper) in exact(name, days).items():
        found = fit.figures[figure]
        width = (upper - lower) if figure == "mu" else math.log(upper / lower)
        ends = (lower, upper), (found.lower, found.upper)
        (a, b), (c, d) = ends if figure == "mu" else np.log(ends)
        assert abs(c - a) < 1e-3 * width, figure
        assert abs(d - b) < 1e-3 * width, figure


def test_an_exponential_cut_at_one_time_has_the_interval_of_jeffreys_prior() -> None:
    """Seven ends in 20 watched for 50 days: the posterior by quadrature of SciPy."""
    ended = [4.0, 9.0, 15.0, 22.0, 31.0, 38.0, 47.0]
    data = right_censored(ended, [50.0] * 13)
    found = fit_families(data, ["exponential"], seed=1, check=False)[0][0].figures["rate"]
    total = sum(ended) + 13 * 50.0

    def density(rate: float) -> float:
        return float(rate**6 * math.exp(-rate * total) * math.sqrt(-math.expm1(-50.0 * rate)))

    whole = integrate.quad(density, 0.0, 0.1, epsabs=0.0)[0]
    for end, share in ((found.lower, 0.025), (found.upper, 0.975)):
        assert integrate.quad(density, 0.0, end, epsabs=0.0)[0] / whole == pytest.approx(
            share, abs=2e-4
        )


def test_a_mean_that_may_not_exist_has_no_upper_end() -> None:
    """A loglogistic distribution of shape below 1 has no mean, and these days leave that open."""
    days = [1.0, 3.0, 5.0, 8.0, 13.0, 30.0, 90.0]
    fit = fit_families(right_censored(days), ["loglogistic"], seed=1, check=False)[0][0]
    assert fit.figures["shape"].lower < 1.0 < fit.figures["shape"].value
    assert fit.figures["mean"].lower < fit.figures["mean"].value
    assert math.isnan(fit.figures["mean"].upper)


def test_one_political_event_alone_has_no_interval() -> None:
    """Nothing shows how much another would differ."""
    days = [20.0, 60.0, 90.0]
    fit = fit_families(series([(d, d) for d in days], ["x"] * 3), ["lognormal"], 1, check=False)[0]
    assert math.isnan(fit[0].figures["median"].lower)
    two = series([(d, d) for d in [*days, 40.0, 75.0]], ["x", "x", "y", "y", "z"])
    figure = fit_families(two, ["lognormal"], 1, check=False)[0][0].figures["median"]
    assert figure.lower < figure.value < figure.upper


@pytest.mark.parametrize(
    ("days", "seen"),
    [
        ([10.0, 20.0, 60.0, 90.0, 45.0, 15.0], "as of equal ones"),
        ([10.0, 45.0, 60.0, 90.0, 20.0, 15.0], "between"),
        ([10.0, 90.0, 60.0, 20.0, 45.0, 15.0], "as of unrelated ones"),
    ],
)
def test_clusters_weigh_between_unrelated_episodes_and_equal_ones(
    days: list[float], seen: str
) -> None:
    """By hand for the exponential mean: what a duration adds to its error is t/mean - 1."""
    names = ["a", "a", "b", "b", "c", "d"]
    family = FAMILIES["exponential"]
    data = right_censored(days).durations
    theta = climb(family, data, first_guess(family, data)).theta
    errors = np.array(days) / 40.0 - 1.0
    by_cluster = [errors[0] + errors[1], errors[2] + errors[3], errors[4], errors[5]]
    effective, most = 36.0 / 10.0, 10.0 / 6.0
    ratio = np.square(by_cluster).sum() / np.square(errors).sum()
    enlarged = ratio * effective / (effective - 1.0) * 5.0 / 6.0
    assert (enlarged > most, enlarged < 1.0) == ("equal" in seen, "unrelated" in seen)
    taken = min(max(enlarged, 1.0), most)
    expected = 1.0 / (taken + (most - taken) / effective)
    assert powers(family, theta, data, names)["mean"] == pytest.approx(expected, rel=1e-5)
    assert powers(family, theta, data, list("abcdef"))["mean"] == 1.0


@pytest.mark.parametrize("spread", [0.01, 1.0, 5.0])
@pytest.mark.parametrize("power", [1.0, 0.4])
def test_the_error_of_a_scale_is_the_textbook_one(spread: float, power: float) -> None:
    """Of n durations sigma / sqrt(n) for the lognormal, 1 / (k sqrt(n)) for the Weibull at its top.

    A likelihood to a power holds as much as so many times fewer durations.
    """
    logs = 3.0 + spread * np.array([-1.0, -0.2, 0.1, 1.1])
    data = right_censored(list(np.exp(logs))).durations
    scale = np.log(np.mean(np.exp(logs / spread))) * spread
    for name, theta in (("lognormal", (3.0, spread)), ("weibull", (scale, 1.0 / spread))):
        hill = Hill(FAMILIES[name], data, power)
        found = hill.errors(np.array([[theta[0], np.log(theta[1])]]))
        assert found[0] == pytest.approx(spread / math.sqrt(4 * power), rel=1e-5), name


def test_durations_that_bound_nothing_have_no_interval() -> None:
    """Upper bounds alone: the likelihood of ever shorter ones never falls."""
    family = FAMILIES["lognormal"]
    data = Durations(np.zeros(3), np.array([10.0, 20.0, 30.0]))
    found = intervals(family, np.log([[5.0, 1.0]]), data, ["a", "b", "c"])
    assert math.isnan(found["median"].lower)


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
