"""How often the runner-up would be the better one: a bootstrap of the trials."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from riskengine.kernel.arrays import Floats
from riskengine.measures.tail import quantile_rank, tail_size
from riskengine.model.mitigation import AT_LEVEL, MEAN, VAR

_MOST_DRAWN = 2_000_000  #: trials at a time
_SPREADS = 8.0  #: standard deviations by which the tail of a sample may be longer than expected
_SEEDS = 2**32  #: of SciPy's generators

_Rows = NDArray[np.intp]
_Counts = NDArray[np.int32]  #: (rows, samples): how often each trial is in each sample


def shares_better(
    series: Sequence[Floats],
    pairs: Sequence[tuple[int, int]],
    measure: str,
    level: float,
    *,
    samples: int,
    seed: int,
) -> list[float]:
    """The shares of bootstrap samples of the trials in which one series has less than another.

    Parameters
    ----------
    series : sequence of ndarray, (n,) of float64
        Losses of the same trials.
    pairs : sequence of tuple of int
        Which series are compared, by their place.
    measure : str
        mean, var, tvar or prob_loss.
    level : float
        Of var and tvar.
    samples, seed : int

    Returns
    -------
    list of float
        For each pair, how often the second has less: from 0 to 1; equal values do not count.

    Notes
    -----
    A sample takes n of the n trials with replacement (Efron 1979), each with all of its losses, so
    that all pairs share the samples. Only trials that can matter are drawn: those in which losses
    differ, or those at the upper end of any series. How many of the n fall among them has a
    binomial distribution.
    """
    if not pairs:
        return []
    n = len(series[0])
    compared: _Tails | _Changes = (
        _Tails(series, pairs, measure, level)
        if measure in AT_LEVEL
        else _Changes(series, pairs, measure)
    )
    smaller = np.zeros(len(pairs), dtype=np.int64)
    if len(compared.rows):
        for counts in _samples(len(compared.rows), n, samples, seed):
            smaller += compared.smaller(counts)
    found: list[float] = (smaller / samples).tolist()
    return found


class _Changes:
    """Pairs whose difference is a sum over trials."""

    def __init__(
        self, series: Sequence[Floats], pairs: Sequence[tuple[int, int]], measure: str
    ) -> None:
        told = [each if measure == MEAN else (each > 0.0).astype(np.float64) for each in series]
        self._series, self._pairs = told, pairs
        differ = np.zeros(len(series[0]), dtype=np.bool_)
        for one, other in pairs:
            differ |= told[one] != told[other]
        self.rows: _Rows = np.flatnonzero(differ)

    def smaller(self, counts: _Counts) -> list[int]:
        """In how many samples the second of each pair has less."""
        weights, found = counts.astype(np.float64), []
        for one, other in self._pairs:
            change = self._series[other][self.rows] - self._series[one][self.rows]
            found.append(int(np.count_nonzero(change @ weights < 0.0)))
        return found


class _Tails:
    """Pairs whose figures lie in the largest losses of either series."""

    def __init__(
        self,
        series: Sequence[Floats],
        pairs: Sequence[tuple[int, int]],
        measure: str,
        level: float,
    ) -> None:
        n = len(series[0])
        self._pairs, self._measure = pairs, measure
        self._beyond, self._size = n - quantile_rank(n, level) + 1, tail_size(n, level)
        reach = math.ceil(self._beyond + _SPREADS * math.sqrt(self._beyond) + _SPREADS**2)
        used = sorted({place for pair in pairs for place in pair})
        ends = {place: _largest(series[place], min(n, reach)) for place in used}
        self.rows: _Rows = np.unique(np.concatenate(list(ends.values())))
        #: of each series, the places of its largest losses among the rows, and these losses
        self._ends = {
            place: (np.searchsorted(self.rows, end), series[place][end])
            for place, end in ends.items()
        }

    def smaller(self, counts: _Counts) -> list[int]:
        """In how many samples the second of each pair has less."""
        values = {
            place: self._values(losses, counts[rows])
            for place, (rows, losses) in self._ends.items()
        }
        return [int(np.count_nonzero(values[b] < values[a])) for a, b in self._pairs]

    def _values(self, losses: Floats, counts: _Counts) -> Floats:
        """(samples,) value at risk, or tail value at risk, of falling losses."""
        upto = np.cumsum(counts, axis=0, dtype=np.int32)
        place = np.minimum(np.count_nonzero(upto < self._beyond, axis=0), len(losses) - 1)
        var: Floats = losses[place]
        if self._measure == VAR:
            return var
        is_in = np.arange(len(losses))[:, np.newaxis] <= place
        # Not by a product of matrices, whose last bits depend on the machine's threads.
        total = np.einsum("i,ij,ij->j", losses, counts, is_in)
        tvar: Floats = var + (total - var * upto[place, np.arange(len(place))]) / self._size
        return tvar


def _largest(losses: Floats, count: int) -> _Rows:
    """The trials of so many of the largest losses, the largest first."""
    found: _Rows = np.argsort(-losses, kind="stable")[:count]
    return found


def _samples(rows: int, n: int, samples: int, seed: int) -> Iterator[_Counts]:
    """(rows, some samples): how often each row is in each sample of n trials."""
    from scipy.stats import binom, randint

    sizes = binom.rvs(n, rows / n, size=samples, random_state=seed % _SEEDS)
    together = max(1, _MOST_DRAWN // rows)
    for start in range(0, samples, together):
        some = sizes[start : start + together]
        drawn = randint.rvs(0, rows, size=int(some.sum()), random_state=(seed + start + 1) % _SEEDS)
        drawn += np.repeat(np.arange(len(some)) * rows, some)
        counts = np.bincount(drawn, minlength=len(some) * rows).reshape(len(some), rows)
        yield np.ascontiguousarray(counts.T, dtype=np.int32)
