"""Indices of sensitivity against functions whose indices are known exactly."""

from __future__ import annotations

import math
import warnings
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from scipy.signal import fftconvolve
from scipy.stats import f_oneway, norm
from scipy.stats import t as student
from sweep.sweep_worlds import (
    Floats,
    Function,
    designed,
    ishigami,
    ishigami_indices,
    listed,
    played,
    ranged,
    sobol_g,
    sobol_g_indices,
)

from riskengine.model.distributions import distribution
from riskengine.model.sweep import Listed, Parameter, ParameterRange
from riskengine.sweeps import shift
from riskengine.sweeps.designs import list_places
from riskengine.sweeps.indices import Sensitivity, sensitivity
from riskengine.sweeps.tables import SensitivityRow

UNIT = tuple(ranged(name) for name in "abcd")
ISHIGAMI = tuple(ranged(name, -math.pi, math.pi) for name in "abc")


def linear(x: Floats) -> float:
    """Variances of the parts 16/12, 4/12, 1/12 and 0: shares 16/21, 4/21, 1/21 and 0."""
    return float(4.0 * x[0] + 2.0 * x[1] - x[2] + 10.0)


SHARES = (16 / 21, 4 / 21, 1 / 21, 0.0)

#: A figure of which shares of variance are taken and no delta, which costs far more
OF_SHARES_ALONE = {"scope": "industry", "name": "chips"}


def found(
    method: str,
    samples: int | None,
    parameters: tuple[Parameter, ...],
    function: Function,
    **how: Any,
) -> Sensitivity:
    made = designed(method, samples, *parameters)
    return sensitivity(made, *played(made, function, (0.0,) * len(parameters), **how))


def at(result: Sensitivity, parameter: str, index: str) -> SensitivityRow:
    (row,) = (r for r in result.rows if (r.parameter, r.index) == (parameter, index))
    return row


def codes(result: Sensitivity) -> list[str]:
    return [notice.code for notice in result.notices]


def standard_error(row: SensitivityRow) -> float:
    return (row.upper - row.lower) / (2.0 * 1.96)


# Sobol


@pytest.mark.parametrize(
    ("function", "parameters", "exact"),
    [(ishigami, ISHIGAMI, ishigami_indices()), (sobol_g, UNIT, sobol_g_indices())],
)
def test_sobol_indices_are_the_exact_ones_within_their_intervals(
    function: Function, parameters: tuple[Parameter, ...], exact: dict[str, list[float]]
) -> None:
    result = found("sobol", 1024, parameters, function)
    for index, values in exact.items():
        for parameter, value in zip(parameters, values, strict=True):
            row = at(result, parameter.name, index)
            assert row.lower <= value <= row.upper
            assert row.upper - row.lower < 0.25  # or the line above says nothing


def test_sobol_indices_of_a_linear_function_are_its_shares_of_variance() -> None:
    result = found("sobol", 512, UNIT, linear)
    for parameter, share in zip("abcd", SHARES, strict=True):
        for index in ("S1", "ST"):
            row = at(result, parameter, index)
            assert row.value == pytest.approx(share, abs=4.0 * standard_error(row) + 1e-12)


def test_an_input_that_nothing_depends_on_has_a_total_index_of_nothing_at_all() -> None:
    row = at(found("sobol", 64, UNIT, linear), "d", "ST")
    assert (row.value, row.lower, row.upper, row.rank) == (0.0, 0.0, 0.0, 4)


def test_a_variance_far_below_the_range_of_a_figure_still_has_its_shares() -> None:
    """One input decides alone: 1 / 201 - 1 / 101^2 of its squared range, less than a hundredth."""
    row = at(found("sobol", 512, UNIT, lambda x: float(x[0] ** 100)), "a", "ST")
    assert row.lower <= 1.0 <= row.upper
    assert row.upper - row.lower < 0.8


def test_sobol_ranks_by_the_total_index() -> None:
    def together(x: Floats) -> float:
        return float((x[0] - 0.5) * (x[1] - 0.5) * 30.0 + x[2])

    result = found("sobol", 256, UNIT, together)
    assert at(result, "a", "S1").value < at(result, "c", "S1").value
    assert at(result, "c", "ST").rank == 3


# Morris


def test_morris_of_a_linear_function_is_its_coefficient_times_the_range() -> None:
    parameters = (ranged("a", 0.0, 10.0), ranged("b", -1.0, 1.0), ranged("c"), ranged("d"))
    result = found("morris", 20, parameters, linear)
    for name, size, sign in (("a", 40.0, 1), ("b", 4.0, 1), ("c", 1.0, -1), ("d", 0.0, 1)):
        assert at(result, name, "mu_star").value == pytest.approx(size, abs=1e-12)
        assert at(result, name, "mu").value == pytest.approx(sign * size, abs=1e-12)
        assert at(result, name, "sigma").value == pytest.approx(0.0, abs=1e-12)
    assert [at(result, name, "mu").rank for name in "abcd"] == [1, 2, 3, 4]


NOTATIONS = [
    listed("a", 100, 300),
    listed("a", 300, 100),
    listed("a", 100, 150, 300),
    listed("a", 100, 110, 120, 130, 250, 260, 300),
    listed("a", 100, 100, 300),
    ranged("a", 100, 300),
    Parameter(
        name="a", paths=(("a",),), over=distribution("uniform", {"low": 100.0, "high": 300.0})
    ),
    Parameter(
        name="a", paths=(("a",),), over=ParameterRange(low=100, high=300, count=None), is_whole=True
    ),
]


@pytest.mark.parametrize("over", NOTATIONS)
def test_morris_does_not_depend_on_how_a_range_is_written(over: Parameter) -> None:
    made = designed("morris", 20, over, ranged("b"))
    result = sensitivity(made, *played(made, lambda x: 0.5 * x[0] + 7.0 * x[1], (200.0, 0.5)))
    falls = -1.0 if over is NOTATIONS[1] else 1.0  # from the first setting to the last
    assert at(result, "a", "mu_star").value == pytest.approx(100.0, rel=1e-9)
    assert at(result, "a", "mu").value == pytest.approx(falls * 100.0, rel=1e-9)
    assert at(result, "a", "sigma").value == pytest.approx(0.0, abs=1e-9)


def test_settings_without_an_order_of_numbers_stand_in_equal_steps() -> None:
    assert list_places([("min",), ("sum",)]) == [0.0, 1.0]
    assert list_places([(False,), (True,)]) == [0.0, 1.0]
    assert list_places([(0,), (100,), (50,)]) == [0.0, 0.5, 1.0]
    assert list_places([(0, 1), (5, 2), (10, 9)]) == [0.0, 0.5, 1.0]  # the paths do not agree
    assert list_places([(0, 10), (1, 12), (4, 18)]) == [0.0, 0.25, 1.0]
    assert list_places([("a",), ("b",), ("a",)]) == [0.0, 1.0, 0.0]
    assert list_places([(7,)]) == [0.0]


def test_morris_is_what_salib_finds_where_both_count_alike() -> None:
    from SALib.analyze import morris

    made = designed("morris", 12, *UNIT)
    points, series = played(made, lambda x: float(x[0] * x[1] + x[2] ** 2), (0.5,) * 4)
    result = sensitivity(made, points, series)
    theirs = morris.analyze(made.problem, made.matrix, series[0].values[1:], num_levels=4, seed=1)
    for k, name in enumerate("abcd"):
        for index in ("mu", "mu_star", "sigma"):
            assert at(result, name, index).value == pytest.approx(
                float(theirs[index][k]), abs=1e-12
            )


def test_sobol_is_what_salib_finds_where_there_is_no_noise() -> None:
    from SALib.analyze import sobol

    made = designed("sobol", 64, *UNIT)
    points, series = played(made, sobol_g, (0.5,) * 4)
    result = sensitivity(made, points, series)
    theirs = sobol.analyze(made.problem, series[0].values[1:], calc_second_order=False, seed=1)
    for k, name in enumerate("abcd"):
        for index in ("S1", "ST"):
            assert at(result, name, index).value == pytest.approx(float(theirs[index][k]), rel=1e-9)


def jackknife(left: list[float]) -> float:
    """Half the width of a 95 % interval from a figure without one group after the other."""
    count = len(left)
    error = math.sqrt((count - 1) / count * float(np.sum((np.array(left) - np.mean(left)) ** 2)))
    return float(student.ppf(0.975, count - 1)) * error


def test_the_intervals_of_sobol_are_those_of_salib_without_one_twentieth_after_the_other() -> None:
    from SALib.analyze import sobol

    made = designed("sobol", 128, *UNIT)
    points, series = played(made, sobol_g, (0.5,) * 4)
    result = sensitivity(made, points, series)
    rows = series[0].values[1:].reshape(128, 6)
    fewer = [
        sobol.analyze(made.problem, np.delete(rows, group, axis=0).ravel(),
                      calc_second_order=False, seed=1)
        for group in np.array_split(np.arange(128), 20)
    ]  # fmt: skip
    for k, name in enumerate("abcd"):
        for index in ("S1", "ST"):
            row, margin = at(result, name, index), jackknife([each[index][k] for each in fewer])
            assert row.upper - row.value == pytest.approx(margin, rel=1e-6)
            assert row.value - row.lower == pytest.approx(margin, rel=1e-6)


@pytest.mark.parametrize("samples", [3, 12, 50])
def test_the_intervals_of_morris_are_those_of_salib_without_some_trajectories(samples: int) -> None:
    """One at a time, or where there are more than twenty one twentieth at a time."""
    from SALib.analyze import morris

    made = designed("morris", samples, *UNIT)
    points, series = played(made, lambda x: float(x[0] * x[1] + x[2] ** 2), (0.5,) * 4)
    result = sensitivity(made, points, series)
    inputs, figures = made.matrix.reshape(samples, 5, 4), series[0].values[1:].reshape(samples, 5)
    fewer = [
        morris.analyze(made.problem, np.delete(inputs, group, axis=0).reshape(-1, 4),
                       np.delete(figures, group, axis=0).ravel(), num_levels=4, seed=1)
        for group in np.array_split(np.arange(samples), min(20, samples))
    ]  # fmt: skip
    for k, name in enumerate("abcd"):
        for index in ("mu", "mu_star"):
            row, margin = at(result, name, index), jackknife([float(e[index][k]) for e in fewer])
            assert (row.upper - row.lower) / 2.0 == pytest.approx(margin, rel=1e-6, abs=1e-12)


def test_the_share_of_a_list_is_omega_squared_of_its_classes() -> None:
    """Hays: (p - 1)(F - 1) over itself plus n, with the F of SciPy's analysis of variance; what
    leaving out a twentieth does not show near 0 is the spread of a chi-squared with p - 1 degrees
    of freedom."""
    made = designed("latin-hypercube", 60, listed("a", 1.0, 2.0, 6.0), ranged("b", 0.0, 4.0))
    points, series = played(made, lambda x: float(x[0] * x[1]), (1.0, 1.0), **OF_SHARES_ALONE)
    values = series[0].values[1:]
    settings = np.array([point.settings[0] for point in points[1:]])

    def omega(rows: Floats) -> float:
        classes = [values[rows][settings[rows] == setting] for setting in (1.0, 2.0, 6.0)]
        excess = 2.0 * (float(f_oneway(*classes).statistic) - 1.0)
        return excess / (excess + len(rows))

    every = np.arange(60)
    row = at(sensitivity(made, points, series), "a", "S1")
    assert row.value == pytest.approx(omega(every), rel=1e-9)
    groups = np.array_split(every, 20)
    margin = jackknife([omega(np.setdiff1d(every, group)) for group in groups])
    flat = 1.959964 * math.sqrt(2.0 * 2.0) / 60 * (1.0 - row.value)
    assert row.upper - row.value == pytest.approx(math.hypot(margin, flat), rel=1e-6)


@pytest.mark.costly
def test_the_fewest_samples_that_a_method_takes_give_indices() -> None:
    for method, least in (("sobol", 8), ("morris", 2), ("latin-hypercube", 30)):
        assert found(method, least, UNIT, linear).rows
        (notice,) = found(method, least - 1 if method != "sobol" else 4, UNIT, linear).notices
        assert notice.message.endswith(f"need at least {least}.")
    kept = found("latin-hypercube", 40, UNIT, linear, failed=set(range(1, 11)))
    assert (codes(kept), bool(kept.rows)) == ([], True)  # thirty are left


def test_morris_tells_an_effect_that_depends_on_others_by_its_sigma() -> None:
    result = found("morris", 50, UNIT, lambda x: float(x[0] * x[1] + x[2]))
    assert at(result, "a", "sigma").value > 0.2
    assert at(result, "c", "sigma").value == pytest.approx(0.0, abs=1e-12)


# Given data


@pytest.fixture(scope="module")
def given() -> Sensitivity:
    return found("latin-hypercube", 512, UNIT, linear)


def test_given_data_shares_are_those_of_a_linear_function(given: Sensitivity) -> None:
    for parameter, share in zip("abcd", SHARES, strict=True):
        row = at(given, parameter, "S1")
        # Within a class of ranks the parameter still moves: so much of its share is not seen.
        unseen = share / 22**2
        assert row.value == pytest.approx(share, abs=4.0 * standard_error(row) + unseen)


def test_delta_of_an_ignored_input_could_be_nothing(given: Sensitivity) -> None:
    row = at(given, "d", "delta")
    assert row.lower == 0.0
    assert not row.clear


def test_delta_of_a_figure_that_is_one_input_is_all() -> None:
    row = at(found("latin-hypercube", 512, UNIT, lambda x: float(x[1])), "b", "delta")
    assert (row.value, row.upper, row.rank) == (1.0, 1.0, 1)


def test_delta_ranks_as_the_coefficients_do(given: Sensitivity) -> None:
    assert [at(given, name, "delta").rank for name in "ab"] == [1, 2]


@pytest.mark.costly
def test_failed_points_are_left_out_of_delta(given: Sensitivity) -> None:
    result = found("latin-hypercube", 512, UNIT, linear, failed={3, 100, 512})
    assert codes(result) == []
    row, whole = at(result, "a", "delta"), at(given, "a", "delta")
    assert row.value != whole.value
    assert row.value == pytest.approx(whole.value, abs=3.0 * standard_error(whole))


@pytest.mark.costly
def test_delta_of_a_figure_with_an_atom_counts_the_atom_whole() -> None:
    """0 below 0.7, the input itself above: the two densities share 0.7 of the points at the atom
    below (apart by 0.3 there), and nothing above: 0.7 x 0.3 + 0.3 x 1."""
    row = at(
        found("latin-hypercube", 300, UNIT, lambda x: max(0.0, float(x[0]) - 0.7)), "a", "delta"
    )
    assert row.value == pytest.approx(0.51, abs=0.03)
    assert row.lower <= 0.51 <= row.upper


@pytest.mark.costly
def test_delta_is_taken_of_what_is_shown_for_it_is_costly() -> None:
    assert _indices("var", 0.99, "total") == {"delta", "S1"}
    assert _indices("var", 0.9, "total") == {"S1"}
    assert _indices("mean", None) == _indices("tvar", 0.99) == {"S1"}
    assert _indices("var", 0.99) == _indices("tvar", 0.9) == set()


@pytest.mark.parametrize(
    ("scope", "measure", "is_explained"),
    [
        ("total", "mean", True),
        ("industry", "prob_loss", True),
        ("total", "sd", False),
        ("industry", "sd", False),
        ("material", "mean", False),
    ],
)
def test_means_and_chances_have_indices_but_neither_the_spread_nor_materials(
    scope: str, measure: str, is_explained: bool
) -> None:
    made = designed("sobol", 16, *UNIT)
    points, series = played(made, linear, (0.5,) * len(UNIT), scope=scope, measure=measure)
    assert bool(sensitivity(made, points, series).rows) is is_explained


@pytest.mark.costly
def test_where_99_is_no_level_delta_is_taken_at_the_next_one_below() -> None:
    levels = (0.9, 0.975, 0.999)
    assert _indices("var", 0.975, "total", levels) == {"delta", "S1"}
    assert _indices("var", 0.999, "total", levels) == {"S1"}
    assert _indices("tvar", 0.975, levels=levels) == {"S1"}
    assert _indices("tvar", 0.999, levels=levels) == set()


def _indices(
    measure: str,
    level: float | None,
    scope: str = "industry",
    levels: tuple[float, ...] = (0.9, 0.99),
) -> set[str]:
    """Which indices one figure of a sweep has that has figures at these levels."""
    made = designed("latin-hypercube", 30, *UNIT)
    points, wanted = played(
        made, linear, (0.5,) * len(UNIT), scope=scope, name="chips", measure=measure, level=level
    )
    others = [
        series
        for each in levels
        for series in played(made, linear, (0.5,) * len(UNIT), measure="var", level=each)[1]
    ]
    rows = sensitivity(made, points, [*wanted, *others]).rows
    return {row.index for row in rows if (row.scope, row.name) == (scope, "chips")}


def heavy(x: Floats) -> float:
    """exp(5 + 3 z) times two factors near 1, z the normal quantile of a share."""
    first, second, third = np.maximum(x, 1e-9)
    return math.exp(5.0 + 3.0 * NormalDist().inv_cdf(first)) * float(second * third)


HEAVY = (ranged("a", 1e-9, 1.0 - 1e-9), ranged("b", 0.2, 0.8), ranged("c", 0.9, 1.0))


@pytest.mark.costly
def test_delta_of_a_heavy_tail_is_the_exact_one_and_does_not_depend_on_the_scale() -> None:
    """By quadrature of the densities of 3 z + log U(0.2, 0.8) + log U(0.9, 1): 0.863, 0.0436 and
    0.0035."""
    results = [
        found("latin-hypercube", 300, HEAVY, function)
        for function in (heavy, lambda x: math.log(heavy(x)), lambda x: -1.0 / (1.0 + heavy(x)))
    ]
    for name, exact in (("a", 0.863), ("b", 0.0436), ("c", 0.0035)):
        rows = [at(result, name, "delta") for result in results]
        assert len({(row.value, row.lower, row.upper) for row in rows}) == 1
        assert 0.0 <= rows[0].lower <= exact <= rows[0].upper <= 1.0
        assert rows[0].clear == (name == "a")
    assert at(results[0], "a", "delta").value == pytest.approx(0.863, abs=0.03)


def test_the_exact_deltas_of_the_heavy_tail_by_quadrature() -> None:
    """Half the area between the density of the log of the product and that given one factor."""
    step = 0.002
    places = np.arange(-16.0, 16.0, step)
    normal = np.exp(-0.5 * (places / 3.0) ** 2) / (3.0 * math.sqrt(2.0 * math.pi))

    def of_log_uniform(low: float, high: float) -> Floats:
        inside = (places > math.log(low)) & (places < math.log(high))
        density = np.where(inside, np.exp(places), 0.0)
        return np.asarray(density / (density.sum() * step))

    def both(first: Floats, second: Floats) -> Floats:
        return np.asarray(fftconvolve(first, second, mode="same") * step)

    b, c = of_log_uniform(0.2, 0.8), of_log_uniform(0.9, 1.0)
    rest = {"a": both(b, c), "b": both(normal, c), "c": both(normal, b)}
    whole = both(normal, rest["a"])
    own = {"a": normal, "b": b, "c": c}
    for name, exact in (("a", 0.863), ("b", 0.0436), ("c", 0.0035)):
        weights = own[name] * step
        moved = np.flatnonzero(weights > 1e-9)[:: 40 if name == "a" else 1]
        apart = [
            0.5 * step * np.abs(np.roll(rest[name], k - len(places) // 2) - whole).sum()
            for k in moved
        ]
        delta = np.average(apart, weights=weights[moved])
        assert delta == pytest.approx(exact, abs=0.002)


def between_normals(mean: float, sd: float) -> float:
    """Half the area between a normal density and the standard one, which cross twice (sd < 1)."""
    a, b, c = 1.0 / sd**2 - 1.0, -2.0 * mean / sd**2, (mean / sd) ** 2 + 2.0 * math.log(sd)
    root = math.sqrt(b * b - 4.0 * a * c)
    low, high = (-b - root) / (2.0 * a), (-b + root) / (2.0 * a)
    inside = norm.cdf(high, mean, sd) - norm.cdf(low, mean, sd)
    return float(inside - (norm.cdf(high) - norm.cdf(low)))


@pytest.mark.parametrize("correlation", [0.3, 0.7, 0.95, 0.99])
def test_the_scale_of_delta_has_the_exact_deltas_of_normals_with_noise(correlation: float) -> None:
    """A score x plus noise: given x a normal, or a uniform whose half width is h. There the whole
    has a density below that of the uniform, so that delta is the chance to lie beyond it."""
    x, weights = np.polynomial.hermite_e.hermegauss(60)
    weights = weights / weights.sum()
    sd = math.sqrt(1.0 - correlation**2)
    cells = shift._Cells((20,) * 50, (20,) * 50, is_listed=False, atoms=(False,) * 50)
    exact = float(weights @ [between_normals(correlation * each, sd) for each in x])
    found = shift._true_delta(cells, correlation, shift._normal_below)
    assert found == pytest.approx(exact, abs=1e-3)
    half = math.sqrt(3.0) * sd
    noise = np.linspace(-half, half, 2_001)

    def below(place: float) -> float:
        return float(np.trapezoid(norm.cdf((place - noise) / correlation), noise)) / (2.0 * half)

    inside = [below(correlation * each + half) - below(correlation * each - half) for each in x]
    found = shift._true_delta(cells, correlation, shift._uniform_below)
    assert found == pytest.approx(1.0 - float(weights @ inside), abs=1e-3)


def test_noise_alone_has_no_delta_and_none_of_it_leaves_what_is_no_atom() -> None:
    atoms = (True, *(False,) * 4)
    cells = shift._Cells((20,) * 50, (500, 125, 125, 125, 125), is_listed=False, atoms=atoms)
    for below in (shift._normal_below, shift._uniform_below):
        assert shift._true_delta(cells, 0.0, below) == pytest.approx(0.0, abs=1e-9)
        assert shift._true_delta(cells, 1.0, below) == pytest.approx(1.0 - 0.5**2)


# Given data: lists, and functions with closed forms

TWO = listed("two", 1.0, 2.0)


@pytest.mark.costly
@pytest.mark.parametrize("samples", [30, 64, 101])
def test_a_list_that_alone_decides_explains_all(samples: int) -> None:
    both = (TWO, ranged("b"))
    result = found("latin-hypercube", samples, both, lambda x: 5.0 * x[0], **OF_SHARES_ALONE)
    row, other = at(result, "two", "S1"), at(result, "b", "S1")
    assert (row.value, row.lower, row.upper) == pytest.approx((1.0, 1.0, 1.0), abs=1e-12)
    assert (row.rank, row.clear) == (1, True)
    assert other.lower <= 0.0 <= other.upper
    # Half of the points have each value: given it, half of the distribution is gone.
    alone = found("latin-hypercube", samples, (TWO,), lambda x: 5.0 * x[0])
    assert at(alone, "two", "delta").value == pytest.approx(0.5, abs=0.01)


def test_equal_settings_of_a_list_are_one_class() -> None:
    many = listed("many", 1, 1, 1, 2, 2, 2)
    few = listed("many", 1, 2)
    first, second = (
        at(
            found("latin-hypercube", 60, (over, ranged("b")), np.sum, **OF_SHARES_ALONE),
            "many",
            "S1",
        )
        for over in (many, few)
    )
    assert (first.value, first.lower) == pytest.approx((second.value, second.lower), rel=1e-12)


@pytest.mark.statistical
def test_shares_of_lists_are_those_of_their_variances() -> None:
    """1, 2 and 6 equally likely have variance 14/3, two values 4 apart 4, a range of 3 3/4."""
    parameters = (listed("a", 1, 2, 6), listed("b", 0, 4), ranged("c", 0.0, 3.0))
    whole = 14 / 3 + 4 + 0.75
    hits = []
    for seed in range(1, 13):
        made = designed("latin-hypercube", 120, *parameters, seed=seed)
        result = sensitivity(made, *played(made, lambda x: float(np.sum(x)), (1.0, 0.0, 0.0)))
        for name, variance in (("a", 14 / 3), ("b", 4.0), ("c", 0.75)):
            row = at(result, name, "S1")
            hits.append(row.lower <= variance / whole <= row.upper)
            assert row.upper - row.lower < 0.5
    assert np.mean(hits) > 0.95 - 4.0 * math.sqrt(0.95 * 0.05 / len(hits))


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("function", "parameters", "exact"),
    [(ishigami, ISHIGAMI, ishigami_indices()), (sobol_g, UNIT, sobol_g_indices())],
)
def test_given_data_shares_are_the_exact_ones_within_their_intervals(
    function: Function, parameters: tuple[Parameter, ...], exact: dict[str, list[float]]
) -> None:
    hits = []
    for seed in range(1, 9):
        made = designed("latin-hypercube", 300, *parameters, seed=seed)
        result = sensitivity(made, *played(made, function, (0.0,) * len(parameters)))
        for parameter, value in zip(parameters, exact["S1"], strict=True):
            row = at(result, parameter.name, "S1")
            hits.append(row.lower <= value <= row.upper)
            assert row.upper - row.lower < 0.4
    assert np.mean(hits) > 0.95 - 4.0 * math.sqrt(0.95 * 0.05 / len(hits))


def test_a_step_is_explained_whole() -> None:
    step = found("latin-hypercube", 300, UNIT, lambda x: float(x[0] > 0.37), **OF_SHARES_ALONE)
    row = at(step, "a", "S1")
    assert row.value == pytest.approx(1.0, abs=0.02)


def test_sobol_shares_of_a_list_that_alone_decides() -> None:
    result = found("sobol", 64, (TWO, ranged("b")), lambda x: 5.0 * x[0])
    for index in ("S1", "ST"):
        row = at(result, "two", index)
        assert row.lower <= 1.0 <= row.upper


@pytest.mark.statistical
def test_the_share_of_an_ignored_input_holds_nothing_nearly_always() -> None:
    """Also in repeats in which nearly none is seen, of which leaving out points knows little."""
    hits, widths = [], []
    for seed in range(60):
        made = designed("latin-hypercube", 64, ranged("a"), ranged("b"), seed=seed)
        result = sensitivity(made, *played(made, lambda x: float(x[0]), (0.5, 0.5)))
        row = at(result, "b", "S1")
        hits.append(row.lower <= 0.0 <= row.upper)
        widths.append(row.upper - row.lower)
    assert np.mean(hits) > 0.95 - 4.0 * math.sqrt(0.95 * 0.05 / len(hits))
    assert np.mean(widths) < 0.3


# One at a time, and grids

DAYS = listed("stock.days", 0, 30, 60)
RATE = ranged("rate", 1.0, 3.0)


def days_and_rate(x: Floats) -> float:
    return float(100.0 - x[0] + 5.0 * x[1])


def one_at_a_time(base: tuple[float, float], **how: Any) -> Sensitivity:
    made = designed("one-at-a-time", None, DAYS, RATE)
    return sensitivity(made, *played(made, days_and_rate, base, **how))


def test_a_swing_goes_from_the_smallest_value_to_the_largest() -> None:
    result = one_at_a_time((30, 2.0))
    low, high, swing = (at(result, "stock.days", index) for index in ("low", "high", "swing"))
    assert (low.setting, low.value) == ("60", 50.0)
    assert (high.setting, high.value) == ("0", 110.0)
    assert (low.lower, low.upper) == (49.75, 50.25)
    assert (swing.value, swing.setting, swing.rank) == (60.0, "", 1)
    assert at(result, "rate", "swing").value == 10.0


def test_a_swing_from_the_base_has_the_interval_of_the_paired_difference() -> None:
    swing = at(one_at_a_time((0, 1.0)), "stock.days", "swing")
    assert (swing.lower, swing.upper) == pytest.approx((59.9, 60.1))


def test_a_swing_around_the_base_has_both_margins() -> None:
    swing = at(one_at_a_time((30, 2.0)), "stock.days", "swing")
    assert (swing.lower, swing.upper) == pytest.approx((59.8, 60.2))


def test_a_failed_setting_is_named_and_the_swing_taken_over_the_rest() -> None:
    result = one_at_a_time((30, 2.0), failed={3})
    assert at(result, "stock.days", "swing").value == 30.0
    (notice,) = result.notices
    assert notice.message.endswith("leave out stock.days = 60.")


def test_a_parameter_whose_points_all_failed_has_no_swing() -> None:
    result = one_at_a_time((30, 2.0), failed={1, 2, 3})
    assert {row.parameter for row in result.rows} == {"rate"}
    assert codes(result) == ["settings-left-out"]


def test_a_figure_that_nothing_moves_has_swings_of_nothing() -> None:
    made = designed("one-at-a-time", None, DAYS, RATE)
    result = sensitivity(made, *played(made, lambda _: 7.0, (30, 2.0)))
    assert [row.value for row in result.rows if row.index == "swing"] == [0.0, 0.0]


def test_a_grid_has_swings_of_averages_over_the_other_parameters() -> None:
    made = designed("grid", None, DAYS, listed("rate", 1, 2, 6))
    result = sensitivity(made, *played(made, lambda x: float(x[0] * x[1]), (30, 2.0)))
    swing = at(result, "stock.days", "swing")
    assert swing.value == pytest.approx(60.0 * 3.0)
    assert (at(result, "stock.days", "high").setting, swing.method) == ("60", "grid")
    assert at(result, "rate", "swing").value == pytest.approx(30.0 * 5.0)
    assert (swing.lower, swing.upper) == (180.0, 180.0)


def test_parameters_that_move_together_are_one() -> None:
    over = Listed(settings=((0.0, 3.0), (5.0, 4.0)))
    joint = Parameter(name="a, b", paths=(("a",), ("b",)), over=over)
    made = designed("one-at-a-time", None, joint)
    result = sensitivity(made, *played(made, lambda x: float(x[0] * x[1]), (1.0, 1.0)))
    assert at(result, "a, b", "high").setting == "5, 4"
    assert at(result, "a, b", "swing").value == 20.0


def test_a_list_of_one_setting_has_a_swing_and_a_list_of_equal_ones_no_effect() -> None:
    made = designed("one-at-a-time", None, listed("rate", 5.0))
    result = sensitivity(made, *played(made, lambda x: 2.0 * float(x[0]), (3.0,)))
    assert at(result, "rate", "swing").value == pytest.approx(4.0)
    made = designed("morris", 6, listed("a", 5.0, 5.0), ranged("b"))
    result = sensitivity(made, *played(made, lambda x: float(x[0] + x[1]), (5.0, 0.5)))
    for index in ("mu", "mu_star", "sigma"):
        row = at(result, "a", index)
        assert (row.value, row.lower, row.upper, row.clear) == (0.0, 0.0, 0.0, False)
    assert at(result, "b", "mu_star").clear


# What cannot be had


@pytest.mark.parametrize(("method", "samples"), [("sobol", 16), ("morris", 4)])
def test_a_failed_point_ends_methods_that_need_all(method: str, samples: int) -> None:
    result = found(method, samples, UNIT, linear, failed={5})
    assert result.rows == []
    (notice,) = result.notices
    assert notice.message.endswith(
        f"{method} needs every point of its design, and these failed: 5."
    )


def test_a_grid_with_a_gap_has_no_averages() -> None:
    made = designed("grid", None, DAYS, listed("rate", 1, 2))
    result = sensitivity(made, *played(made, days_and_rate, (30, 2.0), failed={2}))
    assert (result.rows, codes(result)) == ([], ["indices-refused"])


@pytest.mark.parametrize(
    ("method", "samples"), [("sobol", 4), ("morris", 1), ("latin-hypercube", 20)]
)
def test_a_design_too_small_for_its_method_is_said(method: str, samples: int) -> None:
    result = found(method, samples, UNIT, linear)
    assert (result.rows, codes(result)) == ([], ["design-too-small"])


def test_too_many_failed_points_end_delta_as_well() -> None:
    result = found("latin-hypercube", 40, UNIT, linear, failed=set(range(1, 15)))
    assert (result.rows, codes(result)) == ([], ["indices-refused"])


@pytest.mark.parametrize(
    ("method", "samples"), [("sobol", 16), ("morris", 4), ("latin-hypercube", 40)]
)
def test_a_figure_that_nothing_moves_has_no_indices_and_a_notice(method: str, samples: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = found(method, samples, UNIT, lambda _: 0.1 + 0.2)
    assert (result.rows, codes(result)) == ([], ["constant-figure"])


@pytest.mark.costly
@pytest.mark.parametrize(
    "function",
    [
        lambda x: float(x[0] > 0.99),
        lambda x: 1e-300 * float(x[0]),
        lambda x: 1e9 + float(x[0]),
        lambda x: round(float(x[0])) * 1.0,
    ],
)
@pytest.mark.parametrize(
    ("method", "samples"), [("sobol", 8), ("sobol", 64), ("morris", 4), ("latin-hypercube", 64)]
)
def test_no_index_is_ever_nan_or_a_warning(method: str, samples: int, function: Function) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = found(method, samples, UNIT, function)
    assert all(math.isfinite(row.value) for row in result.rows)


@pytest.mark.costly
def test_the_same_sweep_gives_the_same_bits_and_leaves_numpys_generator_alone() -> None:
    for method, samples in (("sobol", 32), ("morris", 5), ("latin-hypercube", 40)):
        np.random.seed(3)
        before = np.random.get_state()[1]
        first = found(method, samples, UNIT, linear)
        assert np.array_equal(np.random.get_state()[1], before)
        np.random.seed(4)
        assert repr(found(method, samples, UNIT, linear)) == repr(first)


def test_figures_by_spells_materials_and_deviations_have_no_indices() -> None:
    for of in ({"scope": "material", "name": "gallium"}, {"measure": "sd"}):
        assert found("sobol", 16, UNIT, linear, **of) == Sensitivity([], [])
