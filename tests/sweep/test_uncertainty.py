"""Percentiles over points: what is not known, beside what is chance."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sweep.sweep_worlds import MARGIN, designed, listed, played, ranged

from riskengine.sweeps.uncertainty import uncertainty, uncertainty_notices


def test_percentiles_of_a_uniform_input_are_those_of_the_uniform() -> None:
    made = designed("latin-hypercube", 1000, ranged("a", 0.0, 100.0))
    (row,) = uncertainty(made, played(made, lambda x: float(x[0]), (7.0,))[1])
    # A Latin hypercube has one point in each thousandth: no percentile is off by more than two.
    for found, exact in ((row.p05, 5), (row.p25, 25), (row.p50, 50), (row.p75, 75), (row.p95, 95)):
        assert found == pytest.approx(exact, abs=0.2)
    assert (row.base, row.chance) == (7.0, pytest.approx(MARGIN))
    assert (row.mean, row.sd) == pytest.approx((50.0, 100.0 / math.sqrt(12.0)), abs=0.2)


def test_the_base_case_is_no_draw() -> None:
    made = designed("latin-hypercube", 50, ranged("a"))
    (row,) = uncertainty(made, played(made, lambda x: float(x[0]), (1e9,))[1])
    assert row.p95 < 1.0


def test_failed_points_are_left_out_and_counted() -> None:
    made = designed("latin-hypercube", 50, ranged("a"))
    points, rows = played(made, lambda x: float(x[0]), (0.5,), failed={1, 2})
    (row,) = uncertainty(made, rows)
    assert math.isfinite(row.p05)
    assert [notice.code for notice in uncertainty_notices(made, points)] == ["uncertainty-gaps"]


def test_of_a_sobol_design_its_base_samples_are_taken() -> None:
    made = designed("sobol", 32, ranged("a"), ranged("b"))
    points, rows = played(made, lambda x: float(x[0]), (0.5, 0.5))
    (row,) = uncertainty(made, rows)
    drawn = [points[k + 1].settings[0] for k in made.independent]
    assert row.p50 == pytest.approx(float(np.median(drawn)))


def test_few_points_are_said_to_be_few() -> None:
    for count, codes in ((39, ["few-points"]), (40, [])):
        made = designed("latin-hypercube", count, ranged("a"))
        points, _ = played(made, lambda x: float(x[0]), (0.5,))
        assert [notice.code for notice in uncertainty_notices(made, points)] == codes


def test_one_point_has_no_spread() -> None:
    made = designed("latin-hypercube", 1, ranged("a"))
    (row,) = uncertainty(made, played(made, lambda x: float(x[0]), (0.5,))[1])
    assert row.p05 == row.p95
    assert math.isnan(row.sd)


@pytest.mark.parametrize(
    ("method", "samples", "parameter"),
    [
        ("grid", None, ranged("a", count=3)),
        ("one-at-a-time", None, ranged("a")),
        ("morris", 4, ranged("a")),
        ("latin-hypercube", 40, listed("a", 1, 2)),
    ],
)
def test_settings_that_are_chosen_are_no_uncertainty(
    method: str, samples: int | None, parameter: object
) -> None:
    made = designed(method, samples, parameter)  # type: ignore[arg-type]
    points, rows = played(made, lambda x: float(x[0]), (0.5,))
    assert uncertainty(made, rows) == []
    assert list(uncertainty_notices(made, points)) == []
