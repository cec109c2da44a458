"""Survival curves against hand-made tables, against SciPy, and against the notes of the history."""

from __future__ import annotations

import math

import numpy as np
import pytest
from calibrate_worlds import fitted, history, right_censored, series
from scipy import stats

from riskengine.fits.fitting import described
from riskengine.fits.kaplan_meier import SurvivalCurve, kaplan_meier, largest_gaps

#: 6-MP group of Freireich and others, Blood 21, 1963, in weeks
ENDED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
STILL = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]


def curve(ended: list[float], still: list[float]) -> SurvivalCurve:
    return kaplan_meier(right_censored(ended, still).durations)


def test_the_curve_of_the_remission_times_is_the_one_by_hand() -> None:
    found = curve(ENDED, STILL)
    assert found.times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert found.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert found.ended.tolist() == [3, 1, 1, 1, 1, 1, 1]
    by_hand = np.cumprod([18 / 21, 16 / 17, 14 / 15, 11 / 12, 10 / 11, 6 / 7, 5 / 6])
    assert found.survival == pytest.approx(by_hand, rel=1e-12)
    assert found.survival.round(3).tolist() == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    # Greenwood by hand at week 6: 3 / (21 * 18), and the band on the log-log scale.
    error = math.sqrt(3 / (21 * 18)) / abs(math.log(18 / 21))
    assert found.lower[0] == pytest.approx((18 / 21) ** math.exp(1.959963984540054 * error))
    assert found.upper[0] == pytest.approx((18 / 21) ** math.exp(-1.959963984540054 * error))


def test_the_median_is_where_half_are_left_and_its_interval_where_the_band_says() -> None:
    median = curve(ENDED, STILL).median()
    assert (median.value, median.lower) == (23, 13)
    assert math.isnan(median.upper)


def test_the_curve_and_its_band_are_those_of_scipy() -> None:
    data = stats.CensoredData.right_censored([*ENDED, *STILL], [*[0] * 9, *[1] * 12])
    theirs = stats.ecdf(data).sf
    ends = theirs.confidence_interval(method="log-log")
    found = curve(ENDED, STILL)
    at = np.searchsorted(theirs.quantiles, found.times)
    assert found.survival == pytest.approx(theirs.probabilities[at])
    assert found.lower == pytest.approx(ends.low.probabilities[at])
    assert found.upper == pytest.approx(ends.high.probabilities[at])


def test_clusters_widen_the_band_and_leave_the_curve() -> None:
    durations = right_censored(ENDED, STILL).durations
    plain, clustered = kaplan_meier(durations), kaplan_meier(durations, 2.0)
    assert clustered.survival.tolist() == plain.survival.tolist()
    assert np.all(clustered.lower < plain.lower)
    assert np.all(clustered.upper > plain.upper)


def test_a_group_has_a_band_as_wide_as_its_political_events_allow() -> None:
    # Four episodes of two events, two each, hold as much as 4^2 / (2^2 + 2^2) = 2 independent ones.
    bounds = [(t, t) for t in (10.0, 20.0, 40.0, 80.0)]
    group = described("g", series(bounds, ["a", "a", "b", "b"]))
    assert (group.clusters, group.effective) == (2, 2.0)
    expected = kaplan_meier(group.series.durations, 2.0)
    np.testing.assert_array_equal(group.curve.lower, expected.lower)
    np.testing.assert_array_equal(group.curve.upper, expected.upper)


def test_where_nothing_has_ended_there_is_no_step_and_no_median() -> None:
    found = curve([], [3, 5])
    assert len(found.times) == 0
    assert found.at(4.0) == 1.0
    assert math.isnan(found.median().value)


def test_gaps_are_measured_on_both_sides_of_each_step() -> None:
    days, ended = np.array([[2.0, 1.0, 3.0]]), np.array([[1.0, 1.0, 0.0]])
    # The curve is 1, then 2/3 from day 1, then 1/3 from day 2; the last has not ended.
    assert largest_gaps(days, ended, np.full((1, 3), 0.5))[0] == pytest.approx(0.5)
    assert largest_gaps(days, ended, np.array([[0.6, 0.8, 0.0]]))[0] == pytest.approx(0.6 - 1 / 3)


def test_the_history_has_the_survival_that_its_collectors_noted() -> None:
    """Export side, durations as given: 50 episodes, 44 % in force, and the curve at four days."""
    export = [e for e in history().episodes if e.cells["side"] == "export"]
    days = [(e.duration_days or 0.0, e.censored) for e in export]
    found = curve([d for d, open_ in days if not open_], [d for d, open_ in days if open_])
    assert (len(days), sum(open_ for _, open_ in days) / len(days)) == (50, 0.44)
    assert found.median().value == 366
    shares = [round(found.at(day), 2) for day in (30, 90, 180, 365)]
    assert shares == [0.85, 0.79, 0.63, 0.51]


def test_bounds_of_rough_dates_move_the_curve_by_no_more_than_two_episodes() -> None:
    whole, export, imports = fitted(history(), by=("side",), family="exponential").groups
    assert (whole.n, export.n, imports.n) == (59, 50, 9)
    assert export.curve.median().value == 366
    assert imports.curve.median().value == pytest.approx(1174, abs=2)
    for day, share in {30: 0.85, 90: 0.79, 180: 0.63, 365: 0.51}.items():
        assert export.curve.at(day) == pytest.approx(share, abs=2 / 50)
