"""How often restrictions begin, what comes after them, and small groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from calibrate_worlds import episode, fitted, history, read, right_censored, series
from scipy import stats

from riskengine.fits.calibration import Calibration
from riskengine.fits.episodes import EpisodeTable, Period
from riskengine.fits.families import FAMILIES
from riskengine.fits.figures import fit_rows
from riskengine.fits.fitting import Fit, GroupFit, Pull, described, fit_families
from riskengine.fits.goodness import dispersion
from riskengine.fits.onset import dated_watch, onsets, rate, yearly_counts
from riskengine.fits.shrinking import shrink
from riskengine.fits.steps import steps

HEAD = "id,start_date,end_date,censored,instrument,escalated_from,cluster\n"


def test_a_rate_has_the_exact_bounds_of_a_poisson_count() -> None:
    """4 in 16 years: Garwood's interval, 1.0899 to 10.2416 events (Biometrika 28, 1936)."""
    found = rate(["a", "b", "c", "d"], 16.0)
    assert found.figure.value == 4 / 16
    assert found.figure.lower * 16 == pytest.approx(1.0899, abs=5e-5)
    assert found.figure.upper * 16 == pytest.approx(10.2416, abs=5e-5)
    assert (found.shape, found.scale) == (4.5, 1 / 16)
    nothing = rate([], 10.0)
    assert (nothing.figure.value, nothing.figure.lower) == (0.0, 0.0)
    assert nothing.figure.upper == pytest.approx(-math.log(0.025) / 10.0)


def test_onsets_that_share_events_are_worth_fewer() -> None:
    """Six onsets of which four share one event are worth 36 / 18 = 2, each standing for three."""
    found = rate(["x"] * 4 + ["y", "z"], 10.0)
    assert found.figure.value == 0.6
    assert found.figure.lower == pytest.approx(3 * stats.chi2(4).ppf(0.025) / 2 / 10)
    assert found.figure.upper == pytest.approx(3 * stats.chi2(6).ppf(0.975) / 2 / 10)


DATED = (
    "A,2010-01-01,2010-02-01,0,ban,,x\nB,2010-01-20,2010-02-01,0,quota,,x\n"
    "C,2015-01-01,2015-02-01,0,ban,,\nD,2019-12-29,,1,ban,,\n"
)


def _dated(folder: Path, **request: object) -> Calibration:
    """Rates of onset do not depend on the family of the durations: one is enough."""
    return fitted(read(folder, HEAD + DATED), family="exponential", **request)


def test_the_events_that_open_and_close_the_watch_are_not_counted(tmp_path: Path) -> None:
    """From the onset of x to that of D only C began; x took its second episode with it."""
    whole, ban, quota = _dated(tmp_path, by=("instrument",)).onsets
    years = (date(2019, 12, 29) - date(2010, 1, 1)).days / 365
    assert (whole.episodes, whole.clusters, whole.by_cluster.counted) == (4, 3, 1)
    assert whole.exposure_years == pytest.approx(years)
    assert whole.by_cluster.figure.value == pytest.approx(1 / years)
    assert whole.by_episode.figure.value == pytest.approx(1 / years)
    assert (ban.group, ban.by_cluster.counted, quota.by_cluster.counted) == ("ban", 1, 0)
    assert quota.exposure_years == whole.exposure_years


def test_the_table_of_figures_has_every_figure_of_a_rate_once(tmp_path: Path) -> None:
    """One event counted in years of watching; how unevenly events come is told of them alone."""
    found = _dated(tmp_path, by=("instrument",))
    years = (date(2019, 12, 29) - date(2010, 1, 1)).days / 365
    rows = [row for row in fit_rows(found) if row.group == "all"]
    of = {
        quantity: {row.parameter: row.value for row in rows if row.quantity == quantity}
        for quantity in ("onset_clusters", "onset_episodes")
    }
    common = {
        "rate_per_year": 1 / years, "shape": 1.5, "scale": 1 / years, "counted": 1.0,
        "exposure_years": years,
    }  # fmt: skip
    assert of["onset_episodes"] == pytest.approx(common)
    uneven = {"dispersion", "dispersion_p"}
    assert set(of["onset_clusters"]) == {*common, *uneven}
    told = {name: value for name, value in of["onset_clusters"].items() if name not in uneven}
    assert told == pytest.approx(common)
    assert {(row.n, row.censored) for row in rows if "onset" in row.quantity} == {(4, 0.25)}


def test_a_date_asked_for_closes_the_watch_and_leaves_the_last_event_counted(
    tmp_path: Path,
) -> None:
    asked = _dated(tmp_path, as_of=date(2021, 12, 29)).onsets[0]
    assert asked.by_cluster.counted == 2
    assert asked.exposure_years == (date(2021, 12, 29) - date(2010, 1, 1)).days / 365


def test_an_episode_in_force_that_was_followed_closes_the_watch(tmp_path: Path) -> None:
    """Its start and its days so far say until when the table was kept."""
    head = "start_date,end_date,censored,duration_days\n"
    rows = "2010-01-01,2010-02-01,0,\n2012-01-01,2012-02-01,0,\n2014-01-01,,1,365\n"
    watch = dated_watch(read(tmp_path, head + rows))
    assert watch is not None
    assert watch.closes == date(2015, 1, 1)
    assert len(watch.clock) == 1


@pytest.mark.statistical
@pytest.mark.parametrize("is_asked", [True, False])
def test_onset_rates_of_a_poisson_process_have_no_bias(*, is_asked: bool) -> None:
    """2,000 tables of about 8 onsets in 20 years: within four standard errors of the truth."""
    true, years, tables = 0.4, 20, 2_000
    random = np.random.default_rng(17)
    values = []
    for _ in range(tables):
        days = np.sort(random.integers(0, 365 * years, random.poisson(true * years)))
        starts = [date(2000, 1, 1) + timedelta(days=int(day)) for day in days]
        if len(starts) < 4:
            continue  # a closed watch needs both ends; given n the mean is n / years
        members = [
            replace(episode(k), start=Period.day(start), end=Period.day(start + timedelta(days=9)))
            for k, start in enumerate(starts)
        ]
        last = date(2000, 1, 1) + timedelta(days=365 * years)
        table = EpisodeTable(
            name="x", sha256="", headings=(), episodes=tuple(members),
            cut_off=last if is_asked else starts[-1] + timedelta(days=9),
            as_of=last if is_asked else None,
        )  # fmt: skip
        found = onsets(table, {"all": members}, seed=1)[0]
        values.append(found.by_cluster.figure.value - len(starts) / years)
    error = np.std(values) / math.sqrt(len(values))
    assert error < 0.02 * true  # an event too many is one in eight
    # Dates are whole days: a rate differs by a few in 365 * 20 for that.
    assert abs(np.mean(values)) < 4.0 * error + true * 2.0 / (365 * years)


def test_a_column_may_say_how_long_was_watched(tmp_path: Path) -> None:
    table = read(tmp_path, "duration_days,censored,exposure_years\n30,0,8\n50,0,8\n")
    (onset,) = fitted(table, family="exponential").onsets
    assert onset.by_episode.figure.value == pytest.approx(2 / 8)
    assert math.isnan(onset.dispersion)
    unwatched = read(tmp_path, "duration_days,censored\n30,0\n50,0\n")
    assert fitted(unwatched, family="exponential").onsets == []


def test_years_are_counted_back_from_the_cut_off() -> None:
    starts = [date(2020, 1, 2), date(2020, 12, 30), date(2018, 6, 1)]
    assert yearly_counts(starts, 3, date(2020, 12, 31)) == [1, 0, 2]


def test_bunched_onsets_are_told_from_scattered_ones() -> None:
    bunched, scattered = [0] * 8 + [9, 11], [2, 1, 3, 2, 2, 1, 3, 2, 2, 2]
    index, p = dispersion(bunched, seed=1)
    assert index == pytest.approx(np.var(bunched, ddof=1) / 2.0)
    assert p < 0.001
    index, p = dispersion(scattered, seed=1)
    assert index < 1.0
    assert p > 0.5


def test_the_chance_of_bunching_is_that_of_the_chi_square_where_that_holds() -> None:
    """30 years of about 20 onsets: within four standard errors of the simulation."""
    counts = np.random.default_rng(3).poisson(20.0, 30)
    index, p = dispersion(counts.tolist(), seed=1)
    expected = stats.chi2(29).sf(29 * index)
    assert 0.05 < expected < 0.95
    assert p == pytest.approx(expected, abs=4 * math.sqrt(expected * (1 - expected) / 2000) + 0.01)


STEPS = (
    "A,2020-01-01,2020-06-01,0,licensing,,\n"
    "B,2020-03-01,2020-08-01,0,ban,A,\n"  # while A was in force: a step
    "C,2020-08-20,,1,quota,B,\n"  # within a month of B's end: it replaced B
    "D,2021-01-01,2021-02-01,0,licensing,A,\n"  # long after: a return
    "F,2020-05-01,2020-07-01,0,ban,A,\n"  # A has its first step already
    "G,2020-01-01,,1,licensing,,\n"  # in force, not followed: undecided
)


def test_the_first_successor_within_a_month_of_the_end_is_the_step(tmp_path: Path) -> None:
    found = steps(read(tmp_path, HEAD + STEPS))
    assert found.returned == ("D",)
    counts = {(s.group, s.outcome): s.count for s in found.rows}
    assert counts["all", "escalated"] == 2
    assert counts["all", "resolved"] == 2
    assert counts["licensing", "ban"] == 1
    assert counts["licensing", "resolved"] == 1
    assert counts["ban", "quota"] == 1
    licensing = next(s for s in found.rows if s.group == "licensing")
    assert (licensing.episodes, licensing.decided) == (3, 2)
    assert licensing.undecided == pytest.approx(1 / 3)


def test_chances_have_the_jeffreys_prior_and_add_up(tmp_path: Path) -> None:
    rows = [s for s in steps(read(tmp_path, HEAD + STEPS)).rows if s.group == "all"]
    law = stats.beta(2.5, 2.5)
    for step in rows:
        assert step.chance.value == pytest.approx(0.5)
        ends = (step.chance.lower, step.chance.upper)
        assert ends == pytest.approx(tuple(law.ppf([0.025, 0.975])))
    for group in {s.group for s in steps(history()).rows}:
        chances = [s.chance.value for s in steps(history()).rows if s.group == group]
        assert sum(chances) == pytest.approx(1.0)


def test_a_political_event_counts_once_however_many_episodes_it_has(tmp_path: Path) -> None:
    rows = "A,2020-01-01,2020-06-01,0,ban,,x\nB,2020-03-01,,1,ban,A,y\n"
    more = "".join(f"C{k},2020-01-01,2020-06-01,0,ban,,z\n" for k in range(9))
    found = [s for s in steps(read(tmp_path, HEAD + rows + more)).rows if s.group == "all"]
    assert {s.outcome: s.count for s in found} == {"resolved": 9, "escalated": 1}
    assert all(s.chance.value == pytest.approx(0.5) for s in found)


def test_without_links_there_are_no_steps(tmp_path: Path) -> None:
    assert steps(read(tmp_path, HEAD + "A,2020-01-01,2020-06-01,0,ban,,\n")).rows == ()


def _shrunk(small: list[float], others: list[list[float]], going_on: Sequence[float] = ()):  # type: ignore[no-untyped-def]
    names = ["lognormal"]
    everything = [day for group in (small, *others) for day in group]
    whole = described("all", right_censored(everything, going_on))
    fits, _ = fit_families(whole.series, names, seed=1, check=False)
    object.__setattr__(whole, "fits", fits)
    groups = [described(f"g{k}", right_censored(days)) for k, days in enumerate(others)]
    return whole, shrink([described("small", right_censored(small))], groups, whole)[0]


def test_a_small_group_stands_between_its_own_median_and_that_of_all() -> None:
    spread = [0.4, 0.7, 1.0, 1.5, 2.6, 0.9]
    whole, found = _shrunk([900.0, 1500.0], [[k * s for s in spread] for k in (20, 60, 150, 400)])
    pull = found.pull
    assert pull is not None
    assert pull.whole == pytest.approx(whole.fits[0].figures["median"].value)
    assert pull.alone == pytest.approx(math.sqrt(900.0 * 1500.0), rel=1e-6)
    expected = pull.whole * (pull.alone / pull.whole) ** pull.weight
    assert found.fits[0].figures["median"].value == pytest.approx(expected)
    assert 0.3 < pull.weight < 1.0
    assert found.fits[0].figures["sigma"] == whole.fits[0].figures["sigma"]


def test_where_groups_differ_no_more_than_chance_the_small_one_is_the_whole() -> None:
    spread = [0.4, 0.7, 1.0, 1.5, 2.6, 0.9]
    whole, found = _shrunk([30.0, 80.0], [[50 * s for s in spread] for _ in range(4)])
    assert found.pull is not None
    assert found.pull.weight == 0.0
    assert found.fits[0].figures["median"].value == pytest.approx(
        whole.fits[0].figures["median"].value
    )


def _pulled_exponential(small: list[float], others: list[list[float]]) -> tuple[GroupFit, GroupFit]:
    whole = described("all", right_censored([day for group in (small, *others) for day in group]))
    fits, _ = fit_families(whole.series, ["exponential"], seed=1, check=False)
    groups = [described(f"g{k}", right_censored(days)) for k, days in enumerate(others)]
    whole = replace(whole, fits=fits)
    return whole, shrink([described("small", right_censored(small))], groups, whole)[0]


def _pulls_of_exponentials(small: list[float], others: list[list[float]]) -> Pull:
    pull = _pulled_exponential(small, others)[1].pull
    assert pull is not None
    return pull


def test_how_much_groups_differ_is_the_estimate_of_dersimonian_and_laird() -> None:
    """By hand: the log of the mean of n exponential durations has the variance 1/n.

    For two groups of n and m, whose logs are d apart, the variance between them is therefore
    d^2/2 - (1/n + 1/m)/2. For three of 2 each whose logs are 0, d and 2d, whose sum of squares
    about their centre is 2 d^2, it is (4 d^2 - 2) / (6 - 2).
    """
    d = math.log(30.0)
    two = _pulls_of_exponentials([20.0, 40.0], [[600.0, 900.0, 1200.0]])
    assert two.between**2 == pytest.approx(d**2 / 2 - (1 / 2 + 1 / 3) / 2, rel=1e-5)
    assert two.weight == pytest.approx(two.between**2 / (two.between**2 + 1 / 2), rel=1e-5)

    three = _pulls_of_exponentials([1.0, 3.0], [[30.0, 90.0], [900.0, 2700.0]])
    assert three.between**2 == pytest.approx((4 * d**2 - 2) / 4, rel=1e-5)


def _reaches(fit: Fit, name: str) -> list[float]:
    """How far both ends of an interval lie from the figure, on the scale of logs."""
    figure = fit.figures[name]
    ends = tuple(figure) if name == "mu" else tuple(map(math.log, figure))
    return [ends[0] - ends[1], ends[2] - ends[0]]


def test_a_pulled_figure_is_as_unsure_as_its_factor_the_whole_and_the_shape_together() -> None:
    """Variances add up: w v of the group, (1 - w)^2 u of the whole's median, the shape's own.

    The weight gives v = tau^2 (1 - w) / w. Of an end, a variance is the square of its distance
    over 1.96; what a quantile has beyond the median is the shape's.
    """
    whole, found = _shrunk(
        [900.0, 1500.0, 700.0],
        [[k * s for s in (0.4, 0.7, 1.0, 1.5, 2.6, 0.9)] for k in (20, 60, 150, 400)],
        going_on=[300.0, 800.0, 90.0],
    )
    w, between = found.pull.weight, found.pull.between
    own = 1.959963984540054**2 * between**2 * (1.0 - w)
    median = _reaches(whole.fits[0], "median")
    for name in ("median", "mu", "mean", "p90"):
        shape = [
            max(s**2 - m**2, 0.0)
            for s, m in zip(_reaches(whole.fits[0], name), median, strict=True)
        ]
        assert _reaches(found.fits[0], name) == pytest.approx(
            [
                math.sqrt(own + (1.0 - w) ** 2 * m**2 + more)
                for m, more in zip(median, shape, strict=True)
            ]
        ), name
    assert shape[1] > 0.1 * own
    assert not math.isclose(*median, rel_tol=1e-3)


def test_a_pulled_rate_is_as_unsure_as_the_time_it_is_the_inverse_of() -> None:
    whole, found = _pulled_exponential([20.0, 40.0], [[600.0, 900.0, 1200.0]])
    assert _reaches(found.fits[0], "rate") == pytest.approx(_reaches(found.fits[0], "median")[::-1])
    assert found.fits[0].figures["rate"].value == pytest.approx(
        1.0 / found.fits[0].figures["mean"].value
    )
    assert not math.isclose(*_reaches(whole.fits[0], "rate"), rel_tol=1e-3)


def test_a_group_of_which_only_upper_bounds_are_known_is_the_whole() -> None:
    """Ever shorter durations would fit it ever better: it says nothing by itself."""
    whole = described("all", right_censored([10.0, 30.0, 90.0, 50.0]))
    whole = replace(whole, fits=fit_families(whole.series, ["lognormal"], 1, check=False)[0])
    small = described("small", series([(0.0, 10.0), (0.0, 20.0)]))
    (found,) = shrink([small], [described("g", right_censored([10.0, 30.0]))], whole)
    assert found.pull is not None
    assert (found.pull.weight, found.pull.alone) == (0.0, found.pull.whole)
    assert found.fits[0].figures["median"].value == whole.fits[0].figures["median"].value


def test_one_group_alone_does_not_show_how_much_groups_differ() -> None:
    assert _pulls_of_exponentials([20.0, 40.0], []).between == 0.0


def test_more_ends_pull_less() -> None:
    spread = [0.4, 0.7, 1.0, 1.5, 2.6, 0.9]
    others = [[k * s for s in spread] for k in (20, 60, 150, 400)]
    few, more = (_shrunk(days, others)[1].pull for days in ([900.0], [900.0] * 4))
    assert few.weight < more.weight


@pytest.mark.costly
def test_groups_of_the_history_are_fitted_pulled_or_refused() -> None:
    found = fitted(history(), by=("instrument",), family="lognormal")
    by_name = {group.group: group for group in found.groups}
    assert by_name["full_ban"].pull is None
    assert by_name["full_ban"].fits
    assert by_name["quota"].pull is not None
    assert by_name["secondary_boycott"].fits == []
    assert "none of its 2 episodes has ended" in by_name["secondary_boycott"].refused
    assert set(by_name["licensing"].fits[0].figures) == {
        "mu", "sigma", "median", "mean", "p90",
    }  # fmt: skip
    assert sum(group.n for name, group in by_name.items() if name != "all") == 59


def test_an_episode_of_several_materials_counts_in_each_group_and_once_in_all() -> None:
    found = fitted(history(), by=("material",), family="exponential")
    by_name = {group.group: group for group in found.groups}
    assert by_name["all"].n == 59
    assert by_name["gallium"].n == by_name["germanium"].n == 2


def test_two_columns_make_a_group_of_each_pair() -> None:
    found = fitted(history(), by=("side", "trigger"), family="exponential")
    names = {group.group for group in found.groups}
    assert "export / sanctions" in names
    assert "import / diplomatic_dispute" in names


def test_the_figures_of_each_family_are_those_of_its_parameters() -> None:
    """Quantiles and means against SciPy's distributions."""
    laws = {
        "exponential": stats.expon(scale=80.0),
        "weibull": stats.weibull_min(1.4, scale=80.0),
        "lognormal": stats.lognorm(1.4, scale=80.0),
        "gamma": stats.gamma(1.4, scale=80.0 / 1.4),
        "loglogistic": stats.fisk(1.4, scale=80.0),
    }
    for name, family in FAMILIES.items():
        theta = np.log(np.array([[80.0, 1.4][: family.parameters]]))
        figures = family.all_figures(theta)
        assert figures["median"][0] == pytest.approx(laws[name].median())
        assert figures["p90"][0] == pytest.approx(laws[name].ppf(0.9))
        assert figures["mean"][0] == pytest.approx(laws[name].mean())
    heavy = FAMILIES["loglogistic"].all_figures(np.log(np.array([[80.0, 0.9]])))
    assert math.isinf(heavy["mean"][0])


def test_five_ends_are_fitted_alone_and_four_are_pulled(tmp_path: Path) -> None:
    rows = [(k * 9 + 4, 0, "five") for k in range(5)] + [(k * 11 + 3, 0, "four") for k in range(4)]
    text = "".join(f"{days},{open_},{kind}\n" for days, open_, kind in rows)
    table = read(tmp_path, f"duration_days,censored,kind\n{text}")
    by_name = {g.group: g for g in fitted(table, by=("kind",), family="lognormal").groups}
    assert (by_name["five"].completed, by_name["five"].pull) == (5, None)
    assert by_name["four"].completed == 4
    assert by_name["four"].pull is not None
