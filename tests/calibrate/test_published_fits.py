"""Censored fits that others have published, to the digits that they give.

The data sets and the figures beside them are cited where they stand; several are collected, with
the R and SAS output, in SciPy's test_continuous_fit_censored.py.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from calibrate_worlds import right_censored, series
from scipy import optimize, special, stats

from riskengine.fits.families import FAMILIES
from riskengine.fits.fitting import aicc, fit_families
from riskengine.fits.fragment import sojourn
from riskengine.fits.likelihood import climb, first_guess, log_likelihood
from riskengine.fits.observing import DurationSeries

TEN = [1, 2.5, 3, 6, 7.5, 10, 12, 12, 14.5, 15]
SIX = [16, 16, 20, 20, 21, 22]

#: Diesel fans, thousand hours (Nelson, Applied Life Data Analysis, 1982; SAS/QC, PROC RELIABILITY)
FANS_FAILED = [0.45, 1.15, 1.15, 1.6, 2.07, 2.07, 2.08, 3.1, 3.45, 4.6, 6.1, 8.75]
FANS_RUNNING = [
    0.46, 1.56, 1.66, *[1.85] * 5, *[2.03] * 3, 2.2, *[3.0] * 4, 3.2, *[3.75] * 2, *[4.15] * 4,
    *[4.3] * 4, *[4.85] * 4, *[5.0] * 3, *[6.1] * 3, 6.3, *[6.45] * 2, 6.7, 7.45, *[7.8] * 2,
    *[8.1] * 2, 8.2, *[8.5] * 3, *[8.75] * 2, *[9.4], 9.9, *[10.1] * 3, 11.5,
]  # fmt: skip

#: Locomotive controls, thousand miles; 59 still ran at 135 (Nelson, 1982; SAS output in
#: https://math.montana.edu/jobo/st528/documents/relc.pdf, page 279)
CONTROLS = [
    22.5, 37.5, 46.0, 48.5, 51.5, 53.0, 54.5, 57.5, 66.5, 68.0, 69.5, 76.5, 77.0, 78.5, 80.0, 81.5,
    82.0, 83.0, 84.0, 91.5, 93.5, 102.5, 107.0, 108.5, 112.5, 113.5, 116.0, 117.0, 118.5, 119.0,
    120.0, 122.5, 123.0, 127.5, 131.0, 132.5, 134.0,
]  # fmt: skip

#: Bearing cages, hours (Meeker and Escobar, Statistical Methods for Reliability Data, 1998, table
#: C.5; example 8.16 has the shape 2.035, R's survreg the log-likelihood -76.436896:
#: https://rdrr.io/github/lxy009/weibullpp/src/R/test.R)
CAGES_FAILED = [230, 334, 423, 990, 1009, 1510]
CAGES_RUNNING = {
    50: 288, 150: 148, 250: 124, 350: 111, 450: 106, 550: 99, 650: 110, 750: 114, 850: 119,
    950: 127, 1050: 123, 1150: 93, 1250: 47, 1350: 41, 1450: 27, 1550: 11, 1650: 6, 1850: 1,
    2050: 2,
}  # fmt: skip


def best(name: str, data: DurationSeries) -> dict[str, float]:
    """The maximum likelihood figures of one family, without a bootstrap."""
    family = FAMILIES[name]
    top = climb(family, data.durations, first_guess(family, data.durations))
    assert top.is_top[0]
    return {"loglik": float(top.value[0])} | {
        figure: float(values[0]) for figure, values in family.all_figures(top.theta).items()
    }


def test_the_exponential_mean_is_the_time_watched_over_the_ends() -> None:
    found = best("exponential", right_censored(TEN, SIX))
    assert found["mean"] == pytest.approx((sum(TEN) + sum(SIX)) / 10, rel=1e-7)
    assert found["mean"] == pytest.approx(19.85, rel=1e-7)
    assert found["rate"] == pytest.approx(1 / 19.85, rel=1e-7)


@pytest.mark.parametrize(
    ("ended", "going_on", "mean"), [([30], [50, 20], 100), ([30, 10], [50], 45), ([], [50, 20], 70)]
)
def test_the_climb_to_an_exponential_mean_starts_where_it_ends(
    ended: list[float], going_on: list[float], mean: float
) -> None:
    """At the time watched over the ends; over one end where nothing has ended."""
    data = right_censored(ended, going_on).durations
    assert first_guess(FAMILIES["exponential"], data)[0, 0] == pytest.approx(math.log(mean))


@pytest.mark.parametrize("name", ["weibull", "gamma", "lognormal", "loglogistic"])
def test_a_climb_starts_at_the_centre_and_spread_of_what_was_seen(name: str) -> None:
    """Logs of 0, 1 and 2, the last one going on; equal durations are taken to spread by 1."""
    family = FAMILIES[name]
    start = first_guess(family, right_censored([1.0, math.e], [math.e**2]).durations)
    assert start[0, 0] == pytest.approx(1.0)
    assert start[0, 1] == pytest.approx(math.log(family.with_spread(math.sqrt(2.0 / 3.0))))
    equal = first_guess(family, right_censored([5.0, 5.0]).durations)
    assert equal[0, 1] == pytest.approx(math.log(family.with_spread(1.0)))


@pytest.mark.parametrize("spread", [0.02, 0.1, 0.5, 2.0, 10.0])
@pytest.mark.parametrize("name", ["weibull", "gamma", "lognormal", "loglogistic"])
def test_the_second_parameter_of_a_guess_has_nearly_the_spread_that_was_seen(
    name: str, spread: float
) -> None:
    """The logs of a gamma variable spread by the root of the trigamma function of its shape."""
    family = FAMILIES[name]
    second = family.with_spread(spread)
    found = math.sqrt(special.polygamma(1, second)) if name == "gamma" else family.spread(second)
    assert found == pytest.approx(spread, rel=0.25)


def test_remission_times_of_leukaemia_have_the_rate_of_9_in_359_weeks() -> None:
    """6-MP group of Freireich and others, Blood 21, 1963 (mn.uio.no, Borgan's leukemia data)."""
    ended = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    still = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    assert best("exponential", right_censored(ended, still))["rate"] == pytest.approx(9 / 359)


def test_gamma_agrees_with_r_on_one_censored_value() -> None:
    """fitdistcens of the R package fitdistrplus."""
    found = best("gamma", right_censored([2.5, 2.9, 3.8, 9.1, 9.3, 12.0, 23.0], [25.0]))
    assert found["shape"] == pytest.approx(1.447623, rel=1e-6)
    assert found["scale"] == pytest.approx(8.360197, rel=1e-6)


def test_weibull_agrees_with_sas_on_nelson_s_diesel_fans() -> None:
    assert (len(FANS_FAILED), len(FANS_RUNNING)) == (12, 58)
    found = best("weibull", right_censored(FANS_FAILED, FANS_RUNNING))
    assert found["shape"] == pytest.approx(1.0584, abs=5e-5)
    assert found["scale"] == pytest.approx(26.2968, abs=5e-4)


def test_lognormal_agrees_with_sas_on_nelson_s_locomotive_controls() -> None:
    found = best("lognormal", right_censored(CONTROLS, [135.0] * 59))
    assert found["mu"] == pytest.approx(5.1169, abs=5e-5)
    assert found["sigma"] == pytest.approx(0.7055, abs=5e-5)
    assert found["median"] == pytest.approx(math.exp(found["mu"]))


def test_weibull_agrees_with_meeker_and_escobar_on_bearing_cages() -> None:
    running = [float(hours) for hours, count in CAGES_RUNNING.items() for _ in range(count)]
    assert len(running) + len(CAGES_FAILED) == 1703
    found = best("weibull", right_censored(CAGES_FAILED, running))
    assert found["shape"] == pytest.approx(2.035, abs=5e-4)
    assert found["scale"] == pytest.approx(11792.18, rel=1e-4)
    assert found["loglik"] == pytest.approx(-76.436896, abs=1e-5)


def test_interval_censored_lognormal_agrees_with_r_s_normal_of_the_logs() -> None:
    """fitdistcens: mean 0.5919990 and sd 0.2868042 for the logs between these bounds."""
    logs = [(0.10, 0.20), (0.50, 0.55), (0.75, 0.90), (0.80, 0.95)]
    found = best("lognormal", series([(math.exp(a), math.exp(b)) for a, b in logs]))
    assert found["mu"] == pytest.approx(0.5919990, rel=1e-6)
    assert found["sigma"] == pytest.approx(0.2868042, rel=1e-6)


def test_loglogistic_agrees_with_r_s_logistic_of_the_logs() -> None:
    """fitdistcens: location 14.633459, scale 9.232736; turned round, left becomes right."""
    seen = [
        13.5401, 37.4235, 11.906, 13.998, 0.4023, 10.9044, 21.0629, 9.6985, 12.9016, 39.164,
        34.6396, 20.3665, 16.5889, 18.0952, 45.3818, 35.3306, 8.4949, 3.4041, 7.2828, 37.1265,
        6.5969, 17.6868, 17.4977, 16.3391, 36.0541,
    ]  # fmt: skip
    # Divided by ten, so that times stay within the range of sensible durations.
    found = best("loglogistic", right_censored([math.exp(-x / 10) for x in seen], [1.0] * 5))
    assert math.log(found["median"]) == pytest.approx(-1.4633459, rel=1e-6)
    assert 1.0 / found["shape"] == pytest.approx(0.9232736, rel=1e-6)


def _independent(name: str, parameters: Sequence[float]) -> Any:
    """The family as SciPy has it."""
    first, second = math.exp(parameters[0]), math.exp(parameters[-1])
    made: dict[str, Callable[[], Any]] = {
        "exponential": lambda: stats.expon(scale=first),
        "weibull": lambda: stats.weibull_min(second, scale=first),
        "lognormal": lambda: stats.lognorm(second, scale=first),
        "gamma": lambda: stats.gamma(second, scale=first / second),
        "loglogistic": lambda: stats.fisk(second, scale=first),
    }
    return made[name]()


MIXED = [(5, 5), (12, 12), (20, 45), (0, 10), (31, 31), (60, 91), (80, math.inf), (150, math.inf),
         (33, 33), (200, 200), (9, 40)]  # fmt: skip


def _loglik(name: str, parameters: Sequence[float]) -> float:
    law = _independent(name, parameters)
    low, high = np.array(MIXED, dtype=float).T
    is_known, goes_on = low == high, np.isinf(high)
    within = ~is_known & ~goes_on
    parts = (
        law.logpdf(low[is_known]),
        law.logsf(low[goes_on]),
        np.log(law.cdf(high[within]) - law.cdf(low[within])),
    )
    return float(np.concatenate(parts).sum())


@pytest.mark.costly
@pytest.mark.parametrize("name", FAMILIES)
def test_a_mixed_table_has_the_likelihood_and_the_maximum_of_scipy_s_distributions(
    name: str,
) -> None:
    size = FAMILIES[name].parameters
    data = series(MIXED)
    for theta in ([3.0, 0.3], [4.5, -0.4]):
        ours = log_likelihood(FAMILIES[name], np.array([theta[:size]]), data.durations)[0]
        assert ours == pytest.approx(_loglik(name, theta[:size]), rel=1e-10)
    found = optimize.minimize(
        lambda x: -_loglik(name, x), [4.0, 0.0][:size], method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000},
    )  # fmt: skip
    top = climb(FAMILIES[name], data.durations, first_guess(FAMILIES[name], data.durations))
    assert top.value[0] == pytest.approx(-found.fun, rel=1e-9)
    assert top.theta[0] == pytest.approx(found.x, abs=1e-5)


@pytest.mark.costly
def test_families_are_ranked_by_aicc_and_its_formula_is_hurvich_and_tsai_s() -> None:
    fits, failed = fit_families(right_censored(TEN, SIX), list(FAMILIES), seed=1)
    assert failed == []
    assert [fit.aicc for fit in fits] == sorted(fit.aicc for fit in fits)
    assert fits[0].family == "exponential"
    assert fits[0].aicc == pytest.approx(2 - 2 * fits[0].loglik + 4 / 14)
    assert aicc(-10.0, 3, 2) == math.inf


@pytest.mark.costly
def test_a_likelihood_without_a_maximum_is_no_fit() -> None:
    """One end and nothing else: two parameters run away."""
    fits, failed = fit_families(right_censored([30.0]), list(FAMILIES), seed=1)
    assert [fit.family for fit in fits] == ["exponential"]
    assert set(failed) == set(FAMILIES) - {"exponential"}


def test_a_fit_does_not_depend_on_the_unit_of_time() -> None:
    days, years = (right_censored([k * t for t in TEN], [k * t for t in SIX]) for k in (1, 1 / 365))
    for name in FAMILIES:
        assert best(name, days)["p90"] / 365 == pytest.approx(best(name, years)["p90"], rel=1e-6)


SPREADS = [1e-9, 1e-4, 0.02, 0.15, 1.0, 8.0, 60.0]


@pytest.mark.parametrize("unit", [1e-12, 1.0, 1e12])
@pytest.mark.parametrize("spread", SPREADS)
def test_a_maximum_is_found_however_narrow_or_wide_it_is(spread: float, unit: float) -> None:
    """A lognormal that ended: mean and standard deviation of the logs, whatever they are."""
    scores = np.array([-1.9, -1.1, -0.6, -0.2, 0.1, 0.4, 0.9, 1.2, 2.3])
    found = best("lognormal", right_censored(list(unit * np.exp(spread * scores))))
    assert found["sigma"] == pytest.approx(spread * float(np.std(scores)), rel=1e-5)
    assert (found["mu"] - math.log(unit)) / spread == pytest.approx(
        float(np.mean(scores)), abs=1e-4
    )


@pytest.mark.parametrize("spread", SPREADS[1:])
@pytest.mark.parametrize("name", ["weibull", "loglogistic"])
def test_a_fit_of_logs_moves_and_grows_with_them(name: str, spread: float) -> None:
    """Location and scale of the logs: t^c has the shape over c, censored or not."""
    scores = np.array([-1.9, -1.1, -0.6, -0.2, 0.1, 0.4, 0.9, 1.2, 2.3])
    made = [np.exp(scale * scores) for scale in (1.0, spread)]
    one, other = (best(name, right_censored(list(t[:6]), list(t[4:]))) for t in made)
    assert other["shape"] * spread == pytest.approx(one["shape"], rel=1e-5)


@pytest.mark.parametrize("cv", [1e-7, 1e-4, 0.02, 0.15, 1.0, 4.0])
def test_a_gamma_fit_solves_its_own_equation(cv: float) -> None:
    """log a - digamma(a) = log of the mean less the mean of the logs: no range of shapes."""
    scores = np.array([-1.9, -1.1, -0.6, -0.2, 0.1, 0.4, 0.9, 1.2, 2.3])
    logs = cv * scores
    found = best("gamma", right_censored(list(100.0 * np.exp(logs))))
    means = np.mean(np.expm1(logs)), np.mean(logs)
    gap = float(np.mean(np.expm1(logs) - logs) - (means[0] - math.log1p(means[0])))
    if cv < 1e-3:  # log a - digamma(a) is 1/(2a) there, and what is left of the gap is a variance
        expected = 1.0 / float(np.var(logs))
    else:
        expected = optimize.brentq(lambda a: math.log(a) - special.digamma(a) - gap, 1e-3, 1e6)
    assert found["shape"] == pytest.approx(expected, rel=1e-3 if cv < 1e-3 else 1e-5)
    assert found["mean"] == pytest.approx(100.0 * (1.0 + float(means[0])), rel=1e-6)


@pytest.mark.parametrize(
    ("shape", "deviations", "expected"),
    [
        (1e6, -8.0, -6.801113286812396e-16),
        (1e6, -2.0, -0.023068204772054998),
        (1e6, 0.0, -0.6934131774557283),
        (1e6, 3.0, -6.613748988445983),
        (1e6, 30.0, -458.8702350095025),
        (1e7, -8.0, -6.399099174140615e-16),
        (1e7, 10.0, -53.28561331704421),
    ],
)
def test_tails_of_a_narrow_gamma_distribution_are_those_of_forty_digits(
    shape: float, deviations: float, expected: float
) -> None:
    """log Q(a, a exp(u / sqrt(a))) by mpmath's gammainc at 40 digits, on both sides of 1e6."""
    for a in (shape, shape * (1.0 - 1e-9)):
        z = np.array([deviations / math.sqrt(shape)])
        ours = FAMILIES["gamma"].log_survival(z, np.array([a]))
        assert ours[0] == pytest.approx(expected, rel=1e-6)


def test_a_narrow_table_is_fitted_by_every_family_and_the_fragment_keeps_it() -> None:
    """A ten-millionth apart: a median and a 90 % quantile of six digits would be equal."""
    days = [148.0 * (1.0 + k * 1e-7) for k in range(12)]
    fits, failed = fit_families(right_censored(days), list(FAMILIES), seed=1, check=False)
    assert failed == []
    fit = next(fit for fit in fits if fit.family == "lognormal")
    written = tomllib.loads(f"x = {sojourn(fit)}")["x"]["lognormal"]
    sigma = math.log(written["p90"] / written["median"]) / 1.2815515655446004
    assert sigma == pytest.approx(fit.figures["sigma"].value, rel=1e-4)


@pytest.mark.costly
@pytest.mark.parametrize(
    "bounds",
    [
        [(30.0, 30.0)] * 4,  # no spread at all
        [(30.0, 30.0), (20.0, math.inf)],  # one end, and nothing beyond it
        [(20.0, 40.0), (25.0, 50.0), (10.0, 35.0)],  # one duration could be all of them
    ],
)
def test_what_has_no_maximum_is_refused(bounds: list[tuple[float, float]]) -> None:
    fits, failed = fit_families(series(bounds), list(FAMILIES), seed=1, check=False)
    assert [fit.family for fit in fits] == ["exponential"]
    assert set(failed) == set(FAMILIES) - {"exponential"}


@pytest.mark.parametrize("u", [-6.0, -1.0, 0.5, 3.0, 10.0, 25.0, 30.0])
@pytest.mark.parametrize("shape", [1.5e6, 1e7])
def test_tails_of_nearly_normal_gammas_have_nine_decimals(shape: float, u: float) -> None:
    """SciPy's gammaincc sums many more terms of the same series; its double ends at exp(-745)."""
    z = u / math.sqrt(shape)
    found = FAMILIES["gamma"].log_survival(np.array([z]), np.array([shape]))
    expected = math.log(special.gammaincc(shape, shape * math.exp(z)))
    assert found[0] == pytest.approx(expected, rel=0.0, abs=1e-9)
