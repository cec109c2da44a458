"""How often the runner-up would be the better one: a bootstrap of the trials, in pairs."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from riskengine.kernel.arrays import Floats
from riskengine.measures.tail import quantile_rank, tail_size
from riskengine.model.mitigation import AT_LEVEL, MEAN, VAR

_MOST_DRAWN = 2_000_000  #: trials at a time
_SPREADS = 8.0  #: standard deviations by which the tail of a sample may be longer than expected
_SEEDS = 2**32  #: of SciPy's generators


def share_better(
    first: Floats, second: Floats, measure: str, level: float, *, samples: int, seed: int
) -> float:
    """The share of bootstrap samples of the trials in which the second series has less.

    Parameters
    ----------
    first, second : ndarray, (n,) of float64
        Losses of the same trials.
    measure : str
        mean, var, tvar or prob_loss.
    level : float
        Of var and tvar.
    samples, seed : int

    Returns
    -------
    float
        From 0 to 1; equal values do not count.

    Notes
    -----
    A sample takes n of the n trials with replacement (Efron 1979), each with both of its losses.
    Only trials that can matter are drawn: those in which the losses differ, or those at the upper
    end of either series. How many of the n fall among them has a binomial distribution.
    """
    n = len(first)
    if measure in AT_LEVEL:
        rows = _upper_end(first, second, n - quantile_rank(n, level) + 1)
    else:
        rows = np.flatnonzero(first != second)
    if not len(rows) or np.array_equal(first[rows], second[rows]):
        return 0.0
    smaller = 0
    for counts in _samples(len(rows), n, samples, seed):
        if measure in AT_LEVEL:
            values = [_tails(each[rows], counts, n, level, measure) for each in (first, second)]
            smaller += int(np.count_nonzero(values[1] < values[0]))
        else:
            pair = (first, second) if measure == MEAN else (first > 0.0, second > 0.0)
            change = pair[1][rows].astype(np.float64) - pair[0][rows]
            smaller += int(np.count_nonzero(counts @ change < 0.0))
    return smaller / samples


def _upper_end(first: Floats, second: Floats, beyond: int) -> NDArray[np.intp]:
    """The trials that can be among so many of the largest losses of a sample, in either series."""
    reach = min(len(first), math.ceil(beyond + _SPREADS * math.sqrt(beyond) + _SPREADS**2))
    ends = [np.partition(each, len(each) - reach)[len(each) - reach] for each in (first, second)]
    return np.flatnonzero((first >= ends[0]) | (second >= ends[1]))


def _samples(rows: int, n: int, samples: int, seed: int) -> Iterator[Floats]:
    """(some samples, rows): how often each row is in each sample of n trials."""
    from scipy.stats import binom, randint

    sizes = binom.rvs(n, rows / n, size=samples, random_state=seed % _SEEDS)
    together = max(1, _MOST_DRAWN // rows)
    for start in range(0, samples, together):
        some = sizes[start : start + together]
        drawn = randint.rvs(0, rows, size=int(some.sum()), random_state=(seed + start + 1) % _SEEDS)
        drawn += np.repeat(np.arange(len(some)) * rows, some)
        counts = np.bincount(drawn, minlength=len(some) * rows)
        yield counts.reshape(len(some), rows).astype(np.float64)


def _tails(values: Floats, counts: Floats, n: int, level: float, measure: str) -> Floats:
    """(samples,) value at risk, or tail value at risk, of samples of the largest losses."""
    order = np.argsort(-values, kind="stable")
    ranked, counts = values[order], counts[:, order]
    upto = np.cumsum(counts, axis=1)
    beyond = n - quantile_rank(n, level) + 1
    place = np.minimum((upto < beyond).sum(axis=1), len(ranked) - 1)
    var: Floats = ranked[place]
    if measure == VAR:
        return var
    samples = np.arange(len(counts))
    excess = np.cumsum(counts * ranked, axis=1)[samples, place] - var * upto[samples, place]
    tvar: Floats = var + excess / tail_size(n, level)
    return tvar
