"""Sums of rows, compiled and plain, beside numpy's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from machine_code import machine_code
from random_configs import random_config

from riskengine.config import load
from riskengine.kernel import tally, workspace
from riskengine.kernel.arrays import Rows
from riskengine.kernel.tally import (
    BINS,
    MOMENTS,
    Sums,
    bin_of,
    bins_of,
    cells_of,
    part_units,
)
from riskengine.machine import native
from riskengine.play.simulate import FIRST_CAPACITY, play_range, prepare

TRIALS = 150 if native.is_interpreted() else 600  #: Python plays one in 20 ms
FIRST, COUNT = TRIALS // 6, 3 * TRIALS // 4
BOUND = 30.0  #: that some trials of each config exceed
POOL_FIELDS = ("contested_days", "pool_used")
HOW = ["plain"] if native.is_interpreted() else ["native", "plain"]  # one and the same otherwise


def played(number: int) -> tuple[Any, Rows]:
    plan = prepare(load(random_config(number)), trials=TRIALS, seed=number)
    rows = workspace.rows(plan.model, TRIALS)
    play_range(plan.model, workspace.scratch(plan.model, FIRST_CAPACITY), rows, 0, 0, TRIALS)
    return plan.model, rows


def table(rows: Rows) -> np.ndarray:
    """(columns, n) all columns in the order of the kernel."""
    fields = rows.industries.dtype.names or ()
    parts = [rows.trials["total"], rows.trials["largest_spell"]]
    parts += [rows.industries[field].sum(axis=1) for field in fields[1:5]]
    for matrix, names in (
        (rows.industries, fields),
        (rows.materials, ("loss", "cut_days", "cut_weighted_days", "shortage_days")),
    ):
        parts += [matrix[name][:, k] for k in range(matrix.shape[1]) for name in names]
    pools = [rows.pools[name][:, k] for k in range(rows.pools.shape[1]) for name in POOL_FIELDS]
    return np.array([*parts, *rows.episodes.T, *pools, *rows.level_days.T], dtype=np.float64)


def new_sums(columns: int, level_days: int, binned: list[int], divided: list[int]) -> Sums:
    return Sums(
        cells=np.zeros(columns),
        moments=np.full((columns + level_days, MOMENTS), 7.0),  # what an earlier range left
        binned=np.array(binned, dtype=np.int64),
        bins=np.zeros((len(binned), BINS), dtype=np.int64),
        watched=np.array([tally.OUTPUT_COLUMN, 0, 0], dtype=np.int64),
        bounds=np.array([0.0, 0.0, BOUND]),
        exceeded=np.full(3, 5, dtype=np.int64),  # of an earlier range
        divided=np.array(divided, dtype=np.int64),
        parts=np.zeros((BINS, len(divided)), dtype=np.int64),
        units=part_units(TRIALS),
    )


@pytest.mark.parametrize("number", [0, 3, 11])
@pytest.mark.parametrize("how", HOW)
def test_sums_are_those_of_numpy(number: int, how: str) -> None:
    model, rows = played(number)
    values = table(rows)[:, FIRST : FIRST + COUNT]
    industries, materials = model.industries.size, model.materials.size
    binned = [0, 1, *(tally.industry_column(i, "first_loss_day") for i in range(industries))]
    divided = [
        *(tally.industry_column(i, "loss") for i in range(industries)),
        *(tally.material_column(industries, m, "loss") for m in range(materials)),
    ]
    first_pool = tally.dispute_column(industries, materials, model.disputes.size)
    columns = tally.pool_column(first_pool, model.pools.size)
    sums = new_sums(columns, rows.level_days.shape[1], binned, divided)
    assert len(values) == columns + materials * model.boycott.size
    if how == "native":
        assert native.tally_rows(cells_of(rows), sums, FIRST, COUNT) == COUNT
    else:
        assert tally.tally_rows(cells_of(rows), sums, FIRST, COUNT) == COUNT
    for column, series in enumerate(values):
        known = series[~np.isnan(series)]
        distance = known - (known.mean() if len(known) else 0.0)
        expected = [len(known), known.mean() if len(known) else 0.0]
        powers = (2, 3, 4) if column in binned else (2, 3)
        expected += [np.sum(distance**k) for k in powers]
        size = max(1.0, np.abs(distance).max(initial=0.0))
        for power, (found, wanted) in enumerate(zip(sums.moments[column], expected, strict=False)):
            # An odd power may cancel: its error is measured by what was added up.
            scale = len(known) * size ** max(power, 1)
            assert found == pytest.approx(wanted, rel=1e-12, abs=1e-12 * scale)
    for k, column in enumerate(binned):
        known = values[column][~np.isnan(values[column])]
        assert np.array_equal(sums.bins[k], np.bincount(bins_of(known), minlength=BINS))
    total = values[0]
    output = rows.industries["output"][FIRST : FIRST + COUNT].sum(axis=1)
    exceedances = [np.sum(output > 0.0), np.sum(total > 0.0), np.sum(total > BOUND)]
    assert (sums.exceeded - 5).tolist() == exceedances
    for k, column in enumerate(divided):
        wanted = np.bincount(bins_of(total), values[column], minlength=BINS)
        found = sums.parts[:, k] * part_units(TRIALS)
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12 * total.max())


@pytest.mark.parametrize("trials", [1, 1_000, 10**9, 2**50])
def test_parts_do_not_run_over_however_large_losses_are(trials: int) -> None:
    """A part may be the whole of its total, and all trials may lie in one bin."""
    losses = np.random.default_rng(trials).lognormal(10.0, 8.0, 2_000).clip(2.0**-31, 2.0**63)
    units = losses / part_units(trials)[bins_of(losses)]
    assert np.all(units * trials < 2.0**62)
    assert np.all(units * trials > 2.0**60)  # and nothing is lost to rounding that need not be


def test_the_bin_of_one_is_the_bin_of_many() -> None:
    values = np.concatenate(
        [[0.0, 1e-300, 2.0**-32, 1.0, 1e300], np.random.default_rng(1).lognormal(0.0, 9.0, 500)]
    )
    one = machine_code(bin_of)
    assert [one(float(x)) for x in values] == bins_of(values).tolist()
    assert [bin_of(float(x)) for x in values] == bins_of(values).tolist()
    assert bin_of(float("nan")) == 0
