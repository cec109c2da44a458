"""What a range of rows adds up to, so that the rows themselves need not be kept.

Each row is read as numbers in a fixed order of columns: total, largest spell, the components of the
total, the fields of each industry, of each material, the episodes of each dispute, the fields of
each pool. The days of each material on each level follow; many rows have none. Moments belong to
one range and start from 0. Counts and sums of parts accumulate over ranges as integers, so that
their order cannot matter.

A bin holds the positive numbers with the same exponent and the same first ten bits after the
leading one: its middle is within 2**-11 (0.05 %) of any number in it. Bin 0 is for zero, bin 1 for
what is too small to be a loss in any unit.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from riskengine.kernel.arrays import INDUSTRY_ROW, MATERIAL_ROW, POOL_ROW, Floats, Ints, Rows
from riskengine.kernel.compiled import compiled

_BITS = 10  #: bits of the mantissa that distinguish bins
_SHIFT = 52 - _BITS
_LOWEST = 1023 - 32  #: biased exponent of the smallest loss with a bin of its own
_HIGHEST = 1023 + 64
_FIRST = (_LOWEST << _BITS) - 2
BINS = ((_HIGHEST - _LOWEST) << _BITS) + 2
LARGEST_COUNTED = 2.0 ** (_HIGHEST - 1023)  #: losses from here on would share the last bin

#: number, mean, and sums of the second to fourth powers of the distance from the mean; the fourth
#: only for columns that are counted in bins, whose standard deviations are needed
MOMENTS = 5

_INDUSTRY_FIELDS = len(INDUSTRY_ROW.names or ())
_MATERIAL_CELLS = len(MATERIAL_ROW.names or ())
_MATERIAL_FIELDS = _MATERIAL_CELLS - 1  # the last field is a level, which cannot be added up
COMPONENTS = 4  #: of a loss: output, rerouting, price, indirect
_POOL_FIELDS = len(POOL_ROW.names or ())
_FIRST_COMPONENT = 1  # field of an industry's row
OUTPUT_COLUMN = 2  #: lost output of all industries
TOTALS = 2 + COMPONENTS  #: columns before those of the industries


class Cells(NamedTuple):
    """Rows as plain numbers, without copying: axes (trial, entity, field)."""

    trials: Floats
    industries: Floats
    materials: Floats
    episodes: Any  #: (n, disputes) of int32
    pools: Floats  #: (n, pools * fields)
    level_days: Floats  #: (n, materials * levels)
    quiet: Any  #: (n,) of int32


class Sums(NamedTuple):
    """The arrays that rows are added up in."""

    cells: Floats  #: (columns,) the current row, up to the days on levels
    moments: Floats  #: (columns and days on levels, MOMENTS) of the current range
    binned: Ints  #: (series,) columns that are counted in bins
    bins: Ints  #: (series, BINS)
    watched: Ints  #: (watched,) columns whose exceedances of a bound are counted
    bounds: Floats  #: (watched,)
    exceeded: Ints  #: (watched,) number of exceedances
    divided: Ints  #: (parts,) columns that the total is divided into
    parts: Ints  #: (BINS or 0, parts) sums by the bin of the total, in the units of each bin
    units: Floats  #: (BINS,)


def cells_of(rows: Rows) -> Cells:
    """The rows as a kernel can read them without knowing the names of fields."""
    count = len(rows.trials)
    industries, materials = rows.industries.shape[1], rows.materials.shape[1]
    return Cells(
        np.asarray(rows.trials).view(np.float64).reshape(count, 2),
        np.asarray(rows.industries).view(np.float64).reshape(count, industries, _INDUSTRY_FIELDS),
        np.asarray(rows.materials).view(np.float64).reshape(count, materials, _MATERIAL_CELLS),
        rows.episodes,
        np.asarray(rows.pools).view(np.float64).reshape(count, rows.pools.shape[1] * _POOL_FIELDS),
        rows.level_days,
        rows.quiet,
    )


def industry_column(index: int, field: str) -> int:
    """Column of a field of an industry."""
    return TOTALS + index * _INDUSTRY_FIELDS + _position(INDUSTRY_ROW, field)


def material_column(industries: int, index: int, field: str) -> int:
    """Column of a field of a material."""
    start = TOTALS + industries * _INDUSTRY_FIELDS
    return start + index * _MATERIAL_FIELDS + _position(MATERIAL_ROW, field)


def dispute_column(industries: int, materials: int, index: int) -> int:
    """Column of the episodes of a dispute."""
    return TOTALS + industries * _INDUSTRY_FIELDS + materials * _MATERIAL_FIELDS + index


def pool_column(first: int, index: int, field: str = "contested_days") -> int:
    """Column of a field of a pool; `first` is that of the dispute after the last.

    With index = pools, it is the column of the first days on a level, which follow in the order of
    `Rows.level_days`.
    """
    return first + index * _POOL_FIELDS + _position(POOL_ROW, field)


def _position(record: np.dtype[Any], field: str) -> int:
    return (record.names or ()).index(field)


def bin_middles() -> Floats:
    """The number that stands for each bin, (BINS,)."""
    edges = _edges()
    middles = 0.5 * (edges[:-1] + edges[1:])
    middles[0] = 0.0
    return middles


def part_units(trials: int) -> Floats:
    """The unit of money in which parts of the totals in each bin are added up, (BINS,).

    No part exceeds its total, and no total exceeds the upper edge of its bin. So the parts of all
    `trials` add up to less than 2**62 units, however large losses are.
    """
    return _edges()[1:] * (trials / 2.0**61)


def _edges() -> Floats:
    """Where bins begin and end, (BINS + 1,)."""
    return ((np.arange(BINS + 1, dtype=np.int64) + _FIRST) << _SHIFT).view(np.float64)


def bins_of(values: Floats) -> Ints:
    """The bin of each of many losses, as `bin_of`, without the compiler."""
    bits = np.ascontiguousarray(values).view(np.int64)
    found: Ints = np.where(values > 0.0, np.clip((bits >> _SHIFT) - _FIRST, 1, BINS - 1), 0)
    return found


@compiled
def bin_of(x):
    """The bin of a number that is not negative."""
    if not x > 0.0:
        return 0
    return min(max((np.float64(x).view(np.int64) >> _SHIFT) - _FIRST, 1), BINS - 1)


@compiled
def _read_row(cells, row, out):
    """One row in the order of columns."""
    industries, materials = cells.industries.shape[1], cells.materials.shape[1]
    out[0] = cells.trials[row, 0]
    out[1] = cells.trials[row, 1]
    for k in range(COMPONENTS):
        out[2 + k] = 0.0
    at = TOTALS
    for i in range(industries):
        for k in range(COMPONENTS):
            out[2 + k] += cells.industries[row, i, _FIRST_COMPONENT + k]
        for k in range(_INDUSTRY_FIELDS):
            out[at + k] = cells.industries[row, i, k]
        at += _INDUSTRY_FIELDS
    for i in range(materials):
        for k in range(_MATERIAL_FIELDS):
            out[at + k] = cells.materials[row, i, k]
        at += _MATERIAL_FIELDS
    for i in range(cells.episodes.shape[1]):
        out[at + i] = float(cells.episodes[row, i])
    at += cells.episodes.shape[1]
    for i in range(cells.pools.shape[1]):
        out[at + i] = cells.pools[row, i]


@compiled
def _add_means(cells, s, first, count):
    """Number and mean of every column; nan stands for none and is left out."""
    for row in range(first, first + count):
        _read_row(cells, row, s.cells)
        for c in range(s.cells.size):
            x = s.cells[c]
            is_number = x == x
            s.moments[c, 0] += 1.0 if is_number else 0.0
            s.moments[c, 1] += x if is_number else 0.0
    for c in range(s.cells.size):
        s.moments[c, 1] /= max(s.moments[c, 0], 1.0)


@compiled
def _add_powers(s):
    for c in range(s.cells.size):
        x = s.cells[c]
        distance = x - s.moments[c, 1] if x == x else 0.0
        square = distance * distance
        s.moments[c, 2] += square
        s.moments[c, 3] += square * distance


@compiled
def _add_level_days(cells, s, first, count):
    """Moments of the days on levels; quiet rows have none."""
    days, first_column = cells.level_days, s.cells.size
    quiet = 0
    for row in range(first, first + count):
        quiet += cells.quiet[row]
        if cells.quiet[row] == 0:
            for i in range(days.shape[1]):
                s.moments[first_column + i, 1] += days[row, i]
    for i in range(days.shape[1]):
        mean = s.moments[first_column + i, 1] / count
        s.moments[first_column + i, 0] = count
        s.moments[first_column + i, 1] = mean
        s.moments[first_column + i, 2] = quiet * mean * mean
        s.moments[first_column + i, 3] = -quiet * mean * mean * mean
    for row in range(first, first + count):
        if cells.quiet[row] == 0:
            for i in range(days.shape[1]):
                distance = days[row, i] - s.moments[first_column + i, 1]
                square = distance * distance
                s.moments[first_column + i, 2] += square
                s.moments[first_column + i, 3] += square * distance


@compiled
def _count_bins(s):
    """Count the series in bins, and add up the fourth powers for their standard deviations."""
    for k in range(s.binned.size):
        c = s.binned[k]
        x = s.cells[c]
        if x == x:
            square = (x - s.moments[c, 1]) ** 2
            s.moments[c, 4] += square * square
            s.bins[k, bin_of(x)] += 1


@compiled
def _count_exceedances(s):
    for k in range(s.watched.size):
        if s.cells[s.watched[k]] > s.bounds[k]:
            s.exceeded[k] += 1


@compiled
def _divide(s):
    """Add the parts of the total to the sums of its bin."""
    if s.parts.shape[0] == 0 or not s.cells[0] > 0.0:
        return
    at = bin_of(s.cells[0])
    for k in range(s.divided.size):
        s.parts[at, k] += np.int64(math.floor(s.cells[s.divided[k]] / s.units[at] + 0.5))


@compiled
def tally_rows(cells, s, first, count):
    """Add up rows `first` .. `first + count`; return their number."""
    for c in range(s.moments.shape[0]):
        for k in range(s.moments.shape[1]):
            s.moments[c, k] = 0.0
    _add_means(cells, s, first, count)
    _add_level_days(cells, s, first, count)
    for row in range(first, first + count):
        _read_row(cells, row, s.cells)
        _add_powers(s)
        _count_bins(s)
        _count_exceedances(s)
        _divide(s)
    return count
