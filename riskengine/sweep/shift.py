"""How far knowing a parameter shifts the whole distribution of a figure: delta (Borgonovo 2007).

Delta is half the area between the density of the figure and that of the figure given the parameter,
on average over the parameter: 0 if they are the same, 1 if they never overlap. It does not change
under any growing transform of the figure, and so only ranks are used.

Counted in cells (classes of the parameter times classes of ranks) it comes out too large where the
two densities are close, because counts scatter, and too small where they are far apart, because a
class is wide. Both are the same for any sample of that size with that many cells. So the count is
held against what samples with a known delta give: those of two correlated normal variables, from
independent (0) to the same (1). Where its own delta lies, and which deltas could as well have given
it, is read off there; all of that lies in [0, 1].
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.measures.estimate import Estimate
from riskengine.measures.sample import NORMAL_975
from riskengine.sweep.given import Ordered
from riskengine.sweep.series import Floats

_CORRELATIONS = (*np.linspace(0.0, 0.9, 10).tolist(), 0.95, 0.98, 0.99, 0.995, 0.999, 1.0)
_SEED = 1  #: of the samples that a count is held against: the same figures give the same delta
_SAMPLES, _DRAWS = 100, 400_000  #: of them, at most
_NODES, _EDGES = 200, 2_000  #: places at which a delta is integrated
_DIGITS = 12  #: of a figure: what differs less is the rounding of its sums

_Whole = NDArray[np.int64]


class _Cells(NamedTuple):
    """How a sample is cut, from the lowest class to the highest."""

    classes: tuple[int, ...]  #: points in each class of the parameter
    ranks: tuple[int, ...]  #: points in each class of the figure
    is_listed: bool  #: whether a class is one setting, in which nothing moves any more
    atoms: tuple[bool, ...]  #: whether a class of the figure is one value


def delta(ordered: Ordered, values: Floats) -> Estimate:
    """Delta of one parameter, with its 95 % interval; both lie in [0, 1].

    Parameters
    ----------
    ordered : Ordered
        The n points along the parameter.
    values : ndarray, shape (n,)
        The figure, not the same at all points.

    Notes
    -----
    The lower end is 0 where the sample could as well be one in which the parameter does nothing.
    Atoms and ties of the figure are classes of their own. What a figure does several times over
    the range of a parameter (waves) is seen only as far as a class of the parameter resolves it.
    """
    n = len(values)
    bins, atoms = _bins(values, max(3, round(0.85 * math.sqrt(n))))
    classes = ordered.classes
    is_listed = classes is not None
    if classes is None:
        classes = ordered.ranks * max(3, round(0.55 * math.sqrt(n))) // n
    table = np.zeros((int(classes.max()) + 1, int(bins.max()) + 1))
    np.add.at(table, (classes, bins), 1.0)
    rows, columns = (tuple(table.sum(axis=axis).astype(int).tolist()) for axis in (1, 0))
    centres, spreads, deltas = _scale(_Cells(rows, columns, is_listed, atoms))
    counted = float(_distance(table[None])[0])
    value, lower, upper = (
        float(np.interp(counted, np.maximum.accumulate(centres + sign * spreads), deltas))
        for sign in (0.0, NORMAL_975, -NORMAL_975)
    )
    return Estimate(value, lower, upper)


def _bins(values: Floats, count: int) -> tuple[_Whole, tuple[bool, ...]]:
    """The class of each value by its rank, equal values together, and which classes are atoms."""
    from scipy.stats import rankdata

    rounded = np.array([float(f"{value:.{_DIGITS}g}") for value in values])
    ranks = rankdata(rounded)  # of equal values the middle
    places = np.ceil(ranks * count / len(values)).astype(np.int64)
    atom_of = {rank: np.sum(ranks == rank) * count >= len(values) for rank in np.unique(ranks)}
    is_atom = np.array([atom_of[rank] for rank in ranks])
    keys = np.where(is_atom, ranks, -1.0)
    _, first, bins = np.unique(
        np.column_stack([places, keys]), axis=0, return_index=True, return_inverse=True
    )
    return bins.reshape(-1), tuple(bool(is_atom[at]) for at in first)


def _distance(tables: Floats) -> Floats:
    """Half the sum of distances between counts and those of independence: (..., rows, columns)."""
    n = tables.sum(axis=(-1, -2), keepdims=True)
    shares = tables / n
    apart = np.abs(shares - shares.sum(-1, keepdims=True) * shares.sum(-2, keepdims=True))
    return np.asarray(0.5 * apart.sum(axis=(-1, -2)))


@lru_cache(maxsize=64)
def _scale(cells: _Cells) -> tuple[Floats, Floats, Floats]:
    """For each correlation: the count that samples have, its deviation, and the true delta."""
    from scipy.special import ndtri
    from scipy.stats import norm

    n = sum(cells.classes)
    samples = max(20, min(_SAMPLES, _DRAWS // n))
    scores = ndtri((np.arange(n) + 0.5) / n)
    noise = norm.rvs(size=(samples, n), random_state=_SEED)
    classes = np.repeat(np.arange(len(cells.classes)), cells.classes)
    bins = np.repeat(np.arange(len(cells.ranks)), cells.ranks)
    found = []
    for correlation in _CORRELATIONS:
        drawn = correlation * scores + math.sqrt(1.0 - correlation**2) * noise
        tables = np.zeros((samples, len(cells.classes), len(cells.ranks)))
        order = np.argsort(drawn, axis=1)
        np.add.at(tables, (np.arange(samples)[:, None], classes[order], bins[None, :]), 1.0)
        counted = _distance(tables)
        found.append((np.mean(counted), np.std(counted, ddof=1), _true_delta(cells, correlation)))
    centres, spreads, deltas = np.array(found).T
    return centres, spreads, deltas


def _true_delta(cells: _Cells, correlation: float) -> float:
    """Delta of two normal variables, one of them cut where a list or an atom cuts it."""
    from scipy.special import ndtr, ndtri

    ends = np.cumsum([0, *cells.ranks]) / sum(cells.ranks)
    fine = np.linspace(0.0, 1.0, _EDGES + 1)
    for low, high, is_atom in zip(ends[:-1], ends[1:], cells.atoms, strict=True):
        fine = fine[(fine <= low) | (fine >= high)] if is_atom else fine
    edges = ndtri(np.union1d(fine, ends))
    scores = ndtri((np.arange(_NODES) + 0.5) / _NODES)
    left = max(math.sqrt(1.0 - correlation**2), 1e-12)
    given = np.diff(ndtr((edges - correlation * scores[:, None]) / left), axis=1)
    sizes = np.ones(_NODES) / _NODES
    if cells.is_listed:
        share = np.cumsum(cells.classes)[:-1] / sum(cells.classes)
        which = np.searchsorted(share, (np.arange(_NODES) + 0.5) / _NODES)
        given = np.array([given[which == k].mean(axis=0) for k in np.unique(which)])
        sizes = np.bincount(which)[np.unique(which)] / _NODES
    apart = 0.5 * np.abs(given - np.diff(ndtr(edges))).sum(axis=1)
    return float(apart @ sizes)
