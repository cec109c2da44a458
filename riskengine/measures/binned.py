"""Losses of which only the largest are kept; the others are counted in bins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskengine.measures.ranked import Excess

#: Largest relative error of a figure that is read from the bins instead of the losses themselves.
BIN_ERROR = 2.0**-11


@dataclass(frozen=True, slots=True, eq=False)
class BinnedSample:
    """A series of losses by rank: exact among the largest, within 0.05 % below them."""

    n: int
    largest: NDArray[np.float64]  #: (k,) the k largest losses above 0, ascending
    middles: NDArray[np.float64]  #: (bins,) the loss that stands for each bin
    beneath: NDArray[np.int64]  #: (bins,) how many of the n - k others lie in each
    upto: NDArray[np.int64]  #: (bins,) how many of them lie in the bin or below

    @classmethod
    def of(
        cls,
        largest: NDArray[np.float64],
        bins: NDArray[np.int64],
        middles: NDArray[np.float64],
        bins_of_largest: NDArray[np.int64],
    ) -> BinnedSample:
        """Build the sample from the largest losses and the counts by bin.

        Parameters
        ----------
        largest : ndarray, (k,)
            The k largest losses that are not 0, in any order.
        bins : ndarray, (bins,)
            How many of all losses lie in each bin.
        middles : ndarray, (bins,)
        bins_of_largest : ndarray, (k,)
            The bin of each of the largest.
        """
        beneath = bins - np.bincount(bins_of_largest, minlength=len(bins))
        return cls(int(bins.sum()), np.sort(largest), middles, beneath, np.cumsum(beneath))

    def __len__(self) -> int:
        return self.n

    def is_exact(self, rank: int) -> bool:
        """Whether the loss of a rank is known exactly: it is kept, or it is 0."""
        return rank > self.n - len(self.largest) or rank <= self.upto[0]

    def at(self, rank: int) -> float:
        """The loss of a rank, 1 .. n."""
        others = self.n - len(self.largest)
        if rank > others:
            return float(self.largest[rank - others - 1])
        return float(self.middles[np.searchsorted(self.upto, rank)])

    def count_above_zero(self) -> int:
        return self.n - int(self.beneath[0])

    def count_upto(self, bound: float) -> int:
        """How many losses are no larger than a bound.

        Exact if the bound is 0 or no smaller than the smallest loss that is kept. Otherwise a bin
        counts as a whole, by the loss that stands for it.
        """
        kept = np.searchsorted(self.largest, bound, side="right")
        bins = np.searchsorted(self.middles, bound, side="right")
        return int(kept) + (int(self.upto[bins - 1]) if bins else 0)

    def excess(self, threshold: float) -> Excess:
        """The losses greater than a threshold, less the threshold."""
        kept = self.largest[np.searchsorted(self.largest, threshold, side="right") :]
        if len(kept) < len(self.largest):
            return Excess(kept - threshold, None)
        hit = np.flatnonzero((self.beneath > 0) & (self.middles > threshold))
        amounts = np.concatenate([self.middles[hit], kept]) - threshold
        ones = np.ones(len(kept), dtype=np.int64)
        return Excess(amounts, np.concatenate([self.beneath[hit], ones]))
