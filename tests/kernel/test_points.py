"""Points of Sobol': SciPy's own, evenness after randomisation, bits that depend on nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from random_configs import random_config
from scipy.stats import qmc
from simulate.bits import as_bytes, changed, joined, play

from riskengine.config import load
from riskengine.errors import UsageFault
from riskengine.kernel.arrays import Points
from riskengine.kernel.points import coordinate
from riskengine.model import sampling
from riskengine.model.sampling import REPLICATES, lay_out, most_trials
from riskengine.play import simulate as engine
from riskengine.play.replay import replay

BITS = 10  #: points of a replicate here: 2**BITS
COORDINATES = 20
BUSY = 12  #: a random config with a loss in every trial, see `simulate.bits`
DESIGNS: dict[str, dict[str, Any]] = {
    "sobol": {"sampling": "sobol"},
    "given_onset": {"given_onset": True},
    "tilt": {"tilt": 0.7},
    "all": {"sampling": "sobol", "given_onset": True, "tilt": 0.7},
}


def points_of(seed: int = 5, bits: int = BITS) -> Points:
    """Randomised points as a run lays them out."""
    last = 2**bits - 1
    return Points(
        sampling._directions(COORDINATES, last, seed), sampling._shifts(COORDINATES, seed)
    )


def cube(points: Points, replicate: int, numbers: range) -> np.ndarray:
    """(numbers, coordinates) of the points of a replicate."""
    count, coordinates = points.shifts.shape
    return np.array(
        [
            [
                coordinate(points, np.uint64(number * count + replicate), np.uint64(at))
                for at in range(coordinates)
            ]
            for number in numbers
        ]
    )


def gray_rank(number: int) -> int:
    """The place of a number in a Gray code, in which neighbours differ in one bit."""
    rank = 0
    while number:
        rank ^= number
        number >>= 1
    return rank


def undone(monkeypatch: pytest.MonkeyPatch) -> Points:
    """Directions that are not scrambled, and no shifts: one replicate."""
    monkeypatch.setattr(sampling, "_scrambled", lambda directions, random: directions)
    directions = sampling._directions(COORDINATES, 2**BITS - 1, 0)
    return Points(directions, np.zeros((1, COORDINATES), dtype=np.uint64))


def test_without_randomisation_the_points_are_those_of_scipy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = cube(undone(monkeypatch), 0, range(256))
    expected = qmc.Sobol(COORDINATES, scramble=False, bits=32).random(256)
    order = [gray_rank(number) for number in range(256)]
    np.testing.assert_array_equal(found - 0.5 / 2.0**32, expected[order])


@pytest.mark.parametrize("replicate", [0, 7, REPLICATES - 1])
def test_each_cell_of_each_coordinate_holds_one_point_of_a_replicate(replicate: int) -> None:
    found = cube(points_of(), replicate, range(2**BITS))
    cells = np.sort((found * 2**BITS).astype(int), axis=0)
    assert (cells == np.arange(2**BITS)[:, np.newaxis]).all()


def test_the_first_two_coordinates_fill_every_shape_of_cell_alike() -> None:
    # A (0, k, 2)-net: the dimension in which Sobol' has no defect.
    found = cube(points_of(), 3, range(2**BITS))[:, :2]
    for wide in range(BITS + 1):
        cells = (found * [2**wide, 2 ** (BITS - wide)]).astype(int)
        assert len(np.unique(cells, axis=0)) == 2**BITS


def test_replicates_and_seeds_have_points_of_their_own() -> None:
    cubes = [cube(points_of(), replicate, range(64)) for replicate in range(REPLICATES)]
    cubes.append(cube(points_of(seed=6), 0, range(64)))
    for place, one in enumerate(cubes):
        for other in cubes[:place]:
            assert (one != other).all()


@pytest.mark.costly
def test_a_point_is_uniform_by_itself() -> None:
    # Over seeds, for the randomisation alone makes it so; a chi-square test at 4 standard errors.
    found = np.array([cube(points_of(seed, 3), 1, range(5, 6))[0] for seed in range(400)])
    counts = np.array([np.bincount((column * 8).astype(int), minlength=8) for column in found.T])
    statistic = (np.square(counts - 50.0) / 50.0).sum()
    freedom = 7 * COORDINATES
    assert abs(statistic - freedom) < 4.0 * np.sqrt(2.0 * freedom)


def test_directions_for_more_points_begin_with_those_for_fewer() -> None:
    few, many = points_of(bits=4), points_of(bits=12)
    np.testing.assert_array_equal(few.directions, many.directions[:, :4])
    np.testing.assert_array_equal(few.shifts, many.shifts)


def test_the_middle_of_the_outermost_cells_is_within_the_interval() -> None:
    for cell in (0, 2**32 - 1):
        ends = Points(np.zeros((1, 1), np.uint64), np.full((1, 1), cell, np.uint64))
        assert 0.0 < coordinate(ends, np.uint64(0), np.uint64(0)) < 1.0


# --- Runs ---


def config_of(design: str, number: int = BUSY) -> dict[str, Any]:
    config = random_config(number)
    for dispute in config["disputes"].values():
        dispute.pop("active", None)
        dispute["rate_per_year"] = 1.5
    config["correlation"]["duration"] = 0.5
    config["run"] |= DESIGNS[design]
    return config


@pytest.fixture(params=DESIGNS)
def design(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_neither_threads_nor_slices_nor_the_number_of_trials_show(
    monkeypatch: pytest.MonkeyPatch, design: str
) -> None:
    config = config_of(design)
    usual = play(config, trials=50)
    monkeypatch.setattr(engine, "SLICE_TRIALS", 8)
    threaded = play(config, trials=50, threads=3)
    parts = [play(config, trials=n, first_trial=at) for at, n in ((0, 17), (17, 24), (41, 9))]
    assert changed(usual, threaded) == set()
    assert joined(parts) == as_bytes(usual)
    if usual.weight is not None:
        for weights in (threaded.weight, np.concatenate([part.weight for part in parts])):
            np.testing.assert_array_equal(weights, usual.weight)


def test_a_replay_is_the_row_of_the_run_to_the_bit(design: str) -> None:
    config = config_of(design)
    losses = play(config, trials=100)
    assert len(np.unique(losses.total)) > 50
    for trial in (0, 1, 16, 77, 99):
        row = replay(load(config), trial, 7).row
        assert as_bytes(row) == as_bytes(play(config, trials=1, first_trial=trial))
        assert row.total[0] == losses.total[trial]
        if losses.weight is not None:
            assert row.weight is not None
            assert row.weight[0] == losses.weight[trial]


def test_a_design_moves_the_losses_of_a_run(design: str) -> None:
    plain = config_of(design)
    for key in DESIGNS[design]:
        del plain["run"][key]
    designed = play(config_of(design), trials=50)
    assert not np.array_equal(play(plain, trials=50).total, designed.total)


@pytest.mark.costly
def test_trials_beyond_the_last_point_are_refused() -> None:
    config = config_of("sobol")
    end = most_trials(load(config))
    assert play(config, trials=1, first_trial=end - 1).trials == 1
    with pytest.raises(UsageFault, match=r"has points for the trials 0 to 268,435,455"):
        play(config, trials=2, first_trial=end - 1)
    with pytest.raises(UsageFault, match="has points for the trials 0 to 268,435,455"):
        replay(load(config), 10**12)


def test_coordinates_end_before_there_are_too_many() -> None:
    scenario = load(config_of("sobol"))
    model = lay_out(scenario, 1, 1000)
    assert 1 < model.points.directions.shape[0] <= 64
    plain = replace(scenario, run=replace(scenario.run, sampling="random"))
    assert lay_out(plain, 1, 1000).points.directions.shape == (1, 1)
