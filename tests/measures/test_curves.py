"""Exceedance curves: return periods, and where the trials stop carrying them."""

from __future__ import annotations

import numpy as np
import pytest

from riskengine.measures.curves import exceedance_curve
from riskengine.measures.quantiles import Plain
from riskengine.measures.sample import Sample
from riskengine.measures.tail import var


def curve_of(trials: int, horizon_days: float) -> dict[float, float]:
    points = exceedance_curve(Plain(Sample.of(np.arange(1.0, trials + 1.0))), horizon_days)
    return {point.return_period: point.loss.value for point in points}


def test_a_curve_of_one_year_is_read_at_one_minus_one_over_the_return_period() -> None:
    curve = curve_of(20_000, 365.0)
    assert curve[2.0] == 10_000.0
    assert curve[100.0] == 19_800.0
    assert curve[1000.0] == 19_980.0


def test_a_horizon_of_two_years_halves_the_trials_a_return_period_needs() -> None:
    assert max(curve_of(10_000, 730.0)) == 1000.0
    assert max(curve_of(10_000, 365.0)) == 500.0


def test_no_point_rests_on_fewer_than_twenty_trials() -> None:
    assert max(curve_of(20_000, 365.0)) == 1000.0
    assert max(curve_of(19_999, 365.0)) == 500.0
    assert curve_of(10, 365.0) == {}


def test_a_return_period_within_the_horizon_has_no_point() -> None:
    assert min(curve_of(20_000, 3650.0)) == 20.0


def test_a_point_is_the_var_at_its_probability_with_the_same_interval() -> None:
    sample = Sample.of(np.random.default_rng(3).gamma(1.0, 10.0, 20_000))
    for point in exceedance_curve(Plain(sample), 730.0):
        assert point.probability == pytest.approx(2.0 / point.return_period, rel=1e-15)
        assert point.loss == var(sample, 1.0 - point.probability)
