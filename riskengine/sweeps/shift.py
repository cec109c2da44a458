"""How far knowing a parameter shifts the whole distribution of a figure: delta (Borgonovo 2007).

Delta is half the area between the density of the figure and that of the figure given the parameter,
on average over the parameter: 0 if they are the same, 1 if they never overlap. No increasing
transform of the figure changes delta, so only ranks are used.

Delta is counted in cells (classes of the parameter times classes of ranks). The count is too large
if the two densities are close, because counts scatter. It is too small if they are far apart,
because a class is wide. Both errors are much the same for any sample of that size with that many
cells. So the count is compared with the counts of samples whose delta is known: a normal variable
plus noise, from noise alone (0) to no noise (1). The comparison gives the delta, and the range of
deltas that could have given the same count; all of these lie in [0, 1]. The noise is once normal
and once uniform: the softest and the sharpest ends that a density commonly has. The delta is the
average of the two results, and the interval covers both of their intervals.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.measures.estimate import Estimate
from riskengine.measures.sample import NORMAL_975
from riskengine.sweeps.given import Ordered
from riskengine.sweeps.series import Floats

_CORRELATIONS = (*np.linspace(0.0, 0.9, 10).tolist(), 0.95, 0.98, 0.99, 0.995, 0.999, 1.0)
_SEED = 1  #: of the reference samples: the same figures give the same delta
_SAMPLES, _DRAWS = 100, 400_000  #: reference samples, and draws in all of them, at most
_NODES, _EDGES = 200, 2_000  #: points at which a delta is integrated
_DIGITS = 12  #: significant digits: smaller differences are rounding of sums

_Whole = NDArray[np.int64]


class _Cells(NamedTuple):
    """How a sample is cut into classes, from the lowest to the highest."""

    classes: tuple[int, ...]  #: points in each class of the parameter
    ranks: tuple[int, ...]  #: points in each class of the figure
    is_listed: bool  #: whether a class is one setting, within which nothing varies
    atoms: tuple[bool, ...]  #: whether a class of the figure is one value


def delta(ordered: Ordered, values: Floats) -> Estimate:
    """Delta of one parameter, with its 95 % interval; both lie in [0, 1].

    Parameters
    ----------
    ordered : Ordered
        The n points in the order of the parameter.
    values : ndarray, shape (n,)
        The figure; it must not be the same at all points.

    Notes
    -----
    The lower end is 0 if a parameter without any effect could have given the same sample. Atoms and
    ties of the figure are classes of their own. If a figure rises and falls several times over the
    range of a parameter (waves), this is seen only as far as a class of the parameter resolves it.
    """
    n = len(values)
    bins, atoms = _bins(values, max(3, round(1.2 * math.sqrt(n))))
    classes = ordered.classes
    is_listed = classes is not None
    if classes is None:
        classes = ordered.ranks * max(3, round(0.7 * math.sqrt(n))) // n
    table = np.zeros((int(classes.max()) + 1, int(bins.max()) + 1))
    np.add.at(table, (classes, bins), 1.0)
    rows, columns = (tuple(map(int, table.sum(axis=axis))) for axis in (1, 0))
    cells = _Cells(rows, columns, is_listed, atoms)
    counted = float(_distance(table[None])[0])
    read = [_read_off(counted, cells, kind) for kind in _NOISES]
    return Estimate(
        sum(each.value for each in read) / len(read),
        min(each.lower for each in read),
        max(each.upper for each in read),
    )


def _read_off(counted: float, cells: _Cells, kind: str) -> Estimate:
    """The delta that gives a count, and the range of deltas that could have given it too."""
    centres, spreads, deltas = _scale(cells, kind)
    value, lower, upper = (
        float(np.interp(counted, np.maximum.accumulate(centres + sign * spreads), deltas))
        for sign in (0.0, NORMAL_975, -NORMAL_975)
    )
    return Estimate(value, lower, upper)


def _bins(values: Floats, count: int) -> tuple[_Whole, tuple[bool, ...]]:
    """The class of each value by rank (equal values share one), and which classes are atoms."""
    from scipy.stats import rankdata

    rounded = np.array([float(f"{value:.{_DIGITS}g}") for value in values])
    ranks = rankdata(rounded)  # equal values get their middle rank
    places = np.ceil(ranks * count / len(values)).astype(np.int64)
    atom_of = {rank: np.sum(ranks == rank) * count >= len(values) for rank in np.unique(ranks)}
    is_atom = np.array([atom_of[rank] for rank in ranks])
    keys = np.where(is_atom, ranks, -1.0)
    _, first, bins = np.unique(
        np.column_stack([places, keys]), axis=0, return_index=True, return_inverse=True
    )
    return bins.reshape(-1), tuple(bool(is_atom[at]) for at in first)


def _distance(tables: Floats) -> Floats:
    """Half the sum of distances from the counts under independence: (..., rows, columns)."""
    n = tables.sum(axis=(-1, -2), keepdims=True)
    shares = tables / n
    apart = np.abs(shares - shares.sum(-1, keepdims=True) * shares.sum(-2, keepdims=True))
    return np.asarray(0.5 * apart.sum(axis=(-1, -2)))


@lru_cache(maxsize=64)
def _scale(cells: _Cells, kind: str) -> tuple[Floats, Floats, Floats]:
    """For each correlation: the mean count of samples, its deviation, and the true delta."""
    from scipy.special import ndtri
    from scipy.stats import uniform

    n = sum(cells.classes)
    samples = max(20, min(_SAMPLES, _DRAWS // n))
    scores = ndtri(_middles(n))
    noise = _NOISES[kind][0](uniform.rvs(size=(samples, n), random_state=_SEED))
    classes = np.repeat(np.arange(len(cells.classes)), cells.classes)
    bins = np.repeat(np.arange(len(cells.ranks)), cells.ranks)
    found = []
    for correlation in _CORRELATIONS:
        drawn = correlation * scores + math.sqrt(1.0 - correlation**2) * noise
        tables = np.zeros((samples, len(cells.classes), len(cells.ranks)))
        order = np.argsort(drawn, axis=1)
        np.add.at(tables, (np.arange(samples)[:, None], classes[order], bins[None, :]), 1.0)
        counted = _distance(tables)
        delta_ = _true_delta(cells, correlation, _NOISES[kind][1])
        found.append((np.mean(counted), np.std(counted, ddof=1), delta_))
    centres, spreads, deltas = np.array(found).T
    return centres, spreads, deltas


def _true_delta(cells: _Cells, correlation: float, below: Callable[[Any], Any]) -> float:
    """Delta of a normal variable and its sum with noise, cut where a list or an atom cuts them.

    Parameters
    ----------
    below : callable
        The distribution function of the noise, which has mean 0 and variance 1. It may write into
        the array that it is given: these are large, and new ones take longer than the sums.
    """
    from scipy.special import ndtri

    shares = np.array(cells.ranks) / sum(cells.ranks)
    if correlation == 1.0 and not cells.is_listed:
        return float(1.0 - np.sum(np.square(shares[list(cells.atoms)])))
    scores = correlation * ndtri(_middles(_NODES))[:, None]
    size = max(math.sqrt(1.0 - correlation**2), 1e-12)
    places = np.linspace(-6.0, 6.0, 2 * _EDGES + 1)
    moved = places - scores
    moved /= size
    marginal = np.mean(below(moved), axis=0)
    ends = np.concatenate([[0.0], np.cumsum(shares)])
    fine = np.linspace(0.0, 1.0, _EDGES + 1)
    for (low, high), is_atom in zip(pairwise(ends), cells.atoms, strict=True):
        fine = fine[(fine <= low) | (fine >= high)] if is_atom else fine
    edges = np.interp(np.union1d(fine, ends), marginal, places)
    moved = edges - scores
    moved /= size
    given = np.diff(below(moved), axis=1)
    whole = np.mean(given, axis=0)
    if cells.is_listed:
        share = np.cumsum(cells.classes)[:-1] / sum(cells.classes)
        which = np.searchsorted(share, _middles(_NODES))
        given = np.array([given[which == k].mean(axis=0) for k in which])
    given -= whole
    return float(0.5 * np.mean(np.abs(given, out=given).sum(axis=1)))


def _middles(count: int) -> Floats:
    """The middles of equal parts of [0, 1]."""
    return (np.arange(count) + 0.5) / count


def _normal(shares: Floats) -> Any:
    from scipy.special import ndtri

    return ndtri(shares)


def _normal_below(places: Floats) -> Any:
    from scipy.special import ndtr

    return ndtr(places, out=places)


def _uniform(shares: Floats) -> Any:
    return _WIDTH * (shares - 0.5)


def _uniform_below(places: Floats) -> Any:
    places /= _WIDTH
    places += 0.5
    return np.clip(places, 0.0, 1.0, out=places)


_WIDTH = math.sqrt(12.0)  #: of a uniform distribution with variance 1
_NOISES = {"normal": (_normal, _normal_below), "uniform": (_uniform, _uniform_below)}
