"""Sums of rows, compiled and plain, beside numpy's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from machine_code import machine_code
from random_configs import random_config

from riskengine.config import load
from riskengine.kernel import native, tally, workspace
from riskengine.kernel.arrays import Rows
from riskengine.kernel.tally import BINS, MOMENTS, Sums, bin_of, bins_of, cells_of
from riskengine.simulation import FIRST_CAPACITY, play_range, prepare

TRIALS = 600
FIRST, COUNT = 100, 450
UNIT = 1e-6


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
        (rows.materials, ("loss", "cut_days", "shortage_days")),
    ):
        parts += [matrix[name][:, k] for k in range(matrix.shape[1]) for name in names]
    return np.array([*parts, *rows.episodes.T], dtype=np.float64)


def new_sums(columns: int, binned: list[int], divided: list[int]) -> Sums:
    return Sums(
        unit=UNIT,
        cells=np.zeros(columns),
        moments=np.full((columns, MOMENTS), 7.0),  # what an earlier range left
        binned=np.array(binned, dtype=np.int64),
        bins=np.zeros((len(binned), BINS), dtype=np.int64),
        divided=np.array(divided, dtype=np.int64),
        parts=np.zeros((BINS, len(divided)), dtype=np.int64),
    )


@pytest.mark.parametrize("number", [0, 3, 11])
@pytest.mark.parametrize("how", ["native", "plain"])
def test_sums_are_those_of_numpy(number: int, how: str) -> None:
    model, rows = played(number)
    values = table(rows)[:, FIRST : FIRST + COUNT]
    industries, materials = model.industries.size, model.materials.size
    binned = [0, 1, *(tally.industry_column(i, "first_loss_day") for i in range(industries))]
    divided = [
        *(tally.industry_column(i, "loss") for i in range(industries)),
        *(tally.material_column(industries, m, "loss") for m in range(materials)),
    ]
    sums = new_sums(len(values), binned, divided)
    assert len(values) == tally.dispute_column(industries, materials, model.disputes.size)
    if how == "native":
        assert native.tally_rows(cells_of(rows), sums, FIRST, COUNT) == COUNT
    else:
        assert tally.tally_rows(cells_of(rows), sums, FIRST, COUNT) == COUNT
    for column, series in enumerate(values):
        known = series[~np.isnan(series)]
        distance = known - (known.mean() if len(known) else 0.0)
        expected = [len(known), known.mean() if len(known) else 0.0]
        expected += [np.sum(distance**k) for k in (2, 3, 4)]
        size = max(1.0, np.abs(distance).max(initial=0.0))
        for power, (found, wanted) in enumerate(zip(sums.moments[column], expected, strict=True)):
            # An odd power may cancel: its error is measured by what was added up.
            scale = len(known) * size ** max(power, 1)
            assert found == pytest.approx(wanted, rel=1e-12, abs=1e-12 * scale)
    for k, column in enumerate(binned):
        known = values[column][~np.isnan(values[column])]
        assert np.array_equal(sums.bins[k], np.bincount(bins_of(known), minlength=BINS))
    total = values[0]
    for k, column in enumerate(divided):
        units = np.floor(values[column] / UNIT + 0.5)
        wanted = np.bincount(bins_of(total)[total > 0.0], units[total > 0.0], minlength=BINS)
        np.testing.assert_allclose(sums.parts[:, k], wanted, atol=1.0 + 1e-9 * np.abs(wanted).max())


def test_the_bin_of_one_is_the_bin_of_many() -> None:
    values = np.concatenate(
        [[0.0, 1e-300, 2.0**-32, 1.0, 1e300], np.random.default_rng(1).lognormal(0.0, 9.0, 500)]
    )
    one = machine_code(bin_of)
    assert [one(float(x)) for x in values] == bins_of(values).tolist()
    assert [bin_of(float(x)) for x in values] == bins_of(values).tolist()
    assert bin_of(float("nan")) == 0
