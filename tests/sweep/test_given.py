"""What a figure may depend on a parameter by: classes of settings, or straight lines by rank."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import make_lsq_spline
from sweep.sweep_worlds import Floats, designed, listed, ranged

from riskengine.model.sweep import Parameter
from riskengine.sweeps.given import Ordered


def along(points: int, parameter: Parameter) -> Ordered:
    made = designed("latin-hypercube", points, parameter, ranged("other"))
    return Ordered(made, 0, np.arange(points))


def basis(ordered: Ordered, values: Floats) -> Floats:
    return ordered.basis_for(values)(np.arange(len(values)))


def left_over(columns: Floats, values: Floats) -> Floats:
    return np.asarray(values - columns @ (columns.T @ values))


@pytest.mark.parametrize("points", [60, 100])
@pytest.mark.parametrize("noise", [0.2, 1.0, 3.0])
def test_the_number_of_knots_has_the_least_generalised_cross_validation(
    points: int, noise: float
) -> None:
    """Craven and Wahba: n RSS / (n - p)^2, with the least squares of SciPy's own splines."""
    ordered = along(points, ranged("a"))
    places = (ordered.ranks + 0.5) / points
    order = np.argsort(places)
    chosen = set()
    for seed in range(40):
        rng = np.random.default_rng(seed)
        values = np.sin(seed / 2.0 * places) + noise * rng.normal(size=points)
        scores = {}
        for segments in (1, 2, 4, 8, 16):
            if 5 * segments > points:
                continue
            knots = np.concatenate([[0.0], np.linspace(0.0, 1.0, segments + 1), [1.0]])
            fitted = make_lsq_spline(places[order], values[order], knots, k=1)
            residual = float(np.sum((fitted(places) - values) ** 2))
            scores[segments + 1] = points * residual / (points - segments - 1) ** 2
        best = min(scores, key=scores.__getitem__)
        assert basis(ordered, values).shape == (points, best)
        chosen.add(best)
    assert len(chosen) > 1


@pytest.mark.parametrize("segments", [1, 2, 4, 8, 16, 32])
def test_five_points_are_enough_for_a_straight_line_between_two_knots(segments: int) -> None:
    """A saw of so many straight lines by rank is found whole; with a point less it cannot be."""
    for points in (max(5 * segments, 30), 5 * segments - 1):
        if points < 30:
            continue
        ordered = along(points, ranged("a"))
        saw = segments * (ordered.ranks + 0.5) / points
        values = np.abs(saw - 2.0 * np.round(saw / 2.0))
        columns = basis(ordered, values)
        assert columns.T @ columns == pytest.approx(np.eye(columns.shape[1]), abs=1e-12)
        left = np.abs(left_over(columns, values)).max()
        assert left < 1e-9 if points >= 5 * segments else left > 0.1


@pytest.mark.parametrize(("points", "is_told"), [(60, True), (59, False)])
def test_two_points_for_each_setting_tell_what_each_does(points: int, is_told: bool) -> None:
    """Below that a list is taken by its order, along which thirty random steps are no line."""
    ordered = along(points, listed("a", *range(30)))
    assert (ordered.classes is not None) == is_told
    if ordered.classes is not None:
        heights = np.random.default_rng(1).normal(size=30)
        values = heights[ordered.classes]
        columns = basis(ordered, values)
        assert columns.shape == (60, 30)
        assert columns.T @ columns == pytest.approx(np.eye(30), abs=1e-12)
        assert left_over(columns, values) == pytest.approx(np.zeros(60), abs=1e-12)


def test_a_range_of_few_whole_numbers_is_taken_as_classes() -> None:
    """Five points for each of its numbers are enough; a range of more is taken by its order."""
    whole = Parameter(name="a", paths=(("a",),), over=ranged("a", 1.0, 6.0).over, is_whole=True)
    assert along(30, whole).classes is not None
    assert along(29, whole).classes is None
