"""Points of a sweep: how many, which, and always the same."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from sweep.sweep_worlds import listed

from riskengine.model.distributions import Distribution, distribution
from riskengine.model.settings import count_points, end_settings, settings_at, taken_settings
from riskengine.model.sweep import METHODS, Listed, Parameter, ParameterRange, Sweep
from riskengine.sweeps import designs
from riskengine.sweeps.designs import design

LIST = Parameter(name="a", paths=(("a",),), over=Listed(settings=((1,), ("x",), (7,))))
RANGE = Parameter(
    name="b, c", paths=(("b",), ("c",)), over=ParameterRange(low=2.0, high=4.0, count=5)
)
SPREAD = Parameter(
    name="d", paths=(("d",),), over=distribution("lognormal", {"median": 60.0, "p90": 245.0})
)


def sweep(method: str, *parameters: Parameter, samples: int | None = None, seed: int = 1) -> Sweep:
    return Sweep(method=method, samples=samples, seed=seed, parameters=parameters)


def test_a_grid_has_each_setting_with_each_other_the_last_parameter_fastest() -> None:
    made = design(sweep("grid", LIST, RANGE))
    assert len(made.points) == 15
    assert made.points[:2] == ((1, 2.0, 2.0), (1, 2.5, 2.5))
    assert len(set(made.points)) == 15
    assert made.matrix[7].tolist() == [1.0, 2.0]


def test_one_at_a_time_leaves_all_but_one_parameter_as_in_the_base_case() -> None:
    made = design(sweep("one-at-a-time", LIST, RANGE, SPREAD))
    assert len(made.points) == 3 + 5 + 3
    assert made.points[0] == (1, None, None, None)
    assert made.points[3] == (None, 2.0, 2.0, None)
    assert [math.isnan(index) for index in made.matrix[3]] == [True, False, True]
    low, median, high = (point[3] for point in made.points[-3:])
    assert median == pytest.approx(60.0, rel=1e-12)
    assert low * high == pytest.approx(3600.0, rel=1e-9)  # symmetric on the scale of logs


def test_a_range_without_a_count_is_taken_at_its_two_ends() -> None:
    ends = Parameter(name="b", paths=(("b",),), over=ParameterRange(low=2.0, high=4.0, count=None))
    assert taken_settings(ends) == [(2.0,), (4.0,)]


@pytest.mark.parametrize(
    ("method", "size"), [("latin-hypercube", 8), ("sobol", 40), ("morris", 32)]
)
def test_a_sampled_design_has_the_points_that_its_method_needs(method: str, size: int) -> None:
    made = design(sweep(method, LIST, RANGE, SPREAD, samples=8))
    assert len(made.points) == size
    assert made.matrix.shape == (size, 3)
    assert made.matrix.min() >= 0.0
    assert made.matrix.max() <= 1.0


@pytest.mark.parametrize("method", METHODS)
def test_points_are_counted_without_making_them(method: str) -> None:
    samples = 4 if method in ("latin-hypercube", "sobol", "morris") else None
    asked = sweep(method, LIST, RANGE, samples=samples)
    assert count_points(asked) == len(design(asked).points)


@pytest.mark.parametrize("method", ["latin-hypercube", "sobol", "morris"])
def test_the_seed_decides_the_points_to_the_bit(method: str) -> None:
    first, again, other = (
        design(sweep(method, LIST, RANGE, SPREAD, samples=16, seed=seed)) for seed in (5, 5, 6)
    )
    assert first.points == again.points
    assert first.matrix.tobytes() == again.matrix.tobytes()
    assert first.points != other.points


def test_a_latin_hypercube_has_one_point_in_each_slice_of_every_parameter() -> None:
    made = design(sweep("latin-hypercube", LIST, RANGE, SPREAD, samples=50))
    for column in made.matrix.T:
        assert sorted((column * 50).astype(int)) == list(range(50))


def test_a_sobol_design_changes_one_parameter_between_its_base_samples() -> None:
    made = design(sweep("sobol", LIST, RANGE, SPREAD, samples=4))
    first, mixed, last = made.matrix[0], made.matrix[1:4], made.matrix[4]
    for position, row in enumerate(mixed):
        expected = first.copy()
        expected[position] = last[position]
        assert row.tolist() == expected.tolist()
    assert made.independent.tolist() == [0, 4, 5, 9, 10, 14, 15, 19]


def test_a_morris_design_moves_one_parameter_at_each_step() -> None:
    made = design(sweep("morris", LIST, RANGE, SPREAD, samples=6))
    for start in range(0, len(made.points), 4):
        steps = made.matrix[start : start + 4]
        assert [np.count_nonzero(a != b) for a, b in pairwise(steps)] == [1, 1, 1]


def test_a_morris_design_reaches_every_setting_of_a_long_list() -> None:
    five = Parameter(name="a", paths=(("a",),), over=Listed(settings=tuple((i,) for i in range(5))))
    made = design(sweep("morris", five, RANGE, samples=40))
    assert made.levels == 6
    assert {point[0] for point in made.points} == {0, 1, 2, 3, 4}


def test_a_morris_design_takes_no_infinite_value_of_a_distribution() -> None:
    made = design(sweep("morris", SPREAD, samples=20))
    assert {0.0, 1.0} <= set(made.matrix[:, 0])
    assert all(0.0 < point[0] < math.inf for point in made.points)


def test_a_morris_design_takes_the_middles_of_equal_parts_of_a_distribution() -> None:
    """Four levels of a uniform from 0 to 8: its eighths at 1, 3, 5 and 7."""
    over = distribution("uniform", {"low": 0.0, "high": 8.0})
    made = design(sweep("morris", Parameter(name="a", paths=(("a",),), over=over), samples=20))
    assert made.levels == 4
    assert sorted({round(point[0], 9) for point in made.points}) == [1.0, 3.0, 5.0, 7.0]
    values = np.array([point[0] for point in made.points])
    assert made.places[:, 0] == pytest.approx(values / 8.0)


def test_each_point_has_a_place_in_each_range() -> None:
    made = design(sweep("latin-hypercube", LIST, RANGE, SPREAD, samples=12))
    order = {1: 0.0, "x": 0.5, 7: 1.0}
    for point, places, shares in zip(made.points, made.places, made.matrix, strict=True):
        assert places[0] == order[point[0]]
        assert places[1] == pytest.approx((point[1] - 2.0) / 2.0, abs=1e-12)
        assert places[2] == shares[2]
    point = Parameter(name="b", paths=(("b",),), over=ParameterRange(low=2.0, high=2.0, count=None))
    assert not design(sweep("morris", point, samples=4)).places.any()


def test_an_even_number_of_levels_reaches_each_setting_of_the_longest_list() -> None:
    def levels(*lengths: int) -> int:
        lists = [listed(f"p{k}", *range(n)) for k, n in enumerate(lengths)]
        return design(sweep("morris", *lists, samples=2)).levels

    assert [levels(2), levels(4), levels(2, 5), levels(6), levels(7, 3)] == [4, 4, 6, 6, 8]


def test_settings_of_a_list_are_equally_likely() -> None:
    shares = (np.arange(300) + 0.5) / 300
    found = [setting[0] for setting in settings_at(LIST, shares)]
    assert [found.count(value) for value in (1, "x", 7)] == [100, 100, 100]
    assert settings_at(LIST, np.array([0.0, 1.0])) == [(1,), (7,)]


def test_a_distribution_is_drawn_by_inversion_of_its_distribution_function() -> None:
    over = SPREAD.over
    assert isinstance(over, Distribution)
    for share in (0.01, 0.3, 0.5, 0.77, 0.999):
        ((value,),) = settings_at(SPREAD, np.array([share]))
        assert over.below(value) == pytest.approx(share, rel=1e-9)


def test_drawn_numbers_are_rounded_where_only_whole_ones_may_stand() -> None:
    whole = Parameter(
        name="n", paths=(("n",),), over=ParameterRange(low=1.0, high=4.0, count=None), is_whole=True
    )
    found = settings_at(whole, np.array([0.0, 0.4, 1.0]))
    assert found == [(1,), (2,), (4,)]
    assert all(isinstance(setting[0], int) for setting in found)


def test_the_ends_of_a_distribution_are_as_far_out_as_any_point() -> None:
    low, high = end_settings(SPREAD)
    drawn = [setting[0] for setting in settings_at(SPREAD, np.array([0.0, 1.0]))]
    assert [low[0], high[0]] == drawn


def test_only_draws_of_ranges_and_distributions_tell_what_is_not_known() -> None:
    assert design(sweep("latin-hypercube", LIST, SPREAD, samples=4)).is_uncertain
    assert not design(sweep("latin-hypercube", LIST, samples=4)).is_uncertain
    assert not design(sweep("morris", SPREAD, samples=4)).is_uncertain
    assert not design(sweep("one-at-a-time", SPREAD)).is_uncertain


@pytest.mark.parametrize(
    ("column", "places"),
    [
        ([0, 30, 120], [0.0, 0.25, 1.0]),
        ([180, 180, 0], [0.0, 0.0, 1.0]),
        ([0, 0, 9], [0.0, 0.0, 1.0]),
        ([0, 30, 10], None),
        ([5, 5], None),
        ([True, False], None),
        ([3, True], None),
        ([0, "x"], None),
    ],
)
def test_numbers_in_order_stand_by_their_distance(
    column: list[float], places: list[float] | None
) -> None:
    assert designs._distances(column) == places
