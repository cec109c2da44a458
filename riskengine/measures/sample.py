"""A sample sorted once, from which all its measures are read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskengine.measures.ranked import Excess

NORMAL_975 = 1.959963984540054  #: standard normal quantile of a two-sided 95 % interval


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A series of trial losses in ascending order, from which all its measures are read.

    Summing in this order makes every figure independent of the order of the trials, and small
    terms are added before large ones.
    """

    values: NDArray[np.float64]  #: (n,) ascending, finite, n >= 1

    @classmethod
    def of(cls, values: ArrayLike) -> Sample:
        """Sort a series of losses.

        Parameters
        ----------
        values : array_like, (n,) of float64
            Losses, one per trial, in any order.

        Raises
        ------
        ValueError
            If there is no value, or one is not finite: a nan sorts last and would otherwise pass
            for the largest loss.
        """
        ordered = np.sort(np.asarray(values, dtype=np.float64))
        if ordered.ndim != 1 or not len(ordered):
            raise ValueError("a sample is a series of at least one loss")
        if not (np.isfinite(ordered[0]) and np.isfinite(ordered[-1])):
            raise ValueError("a loss is not a finite number")
        ordered.setflags(write=False)
        return cls(ordered)

    def __len__(self) -> int:
        return len(self.values)

    def at(self, rank: int) -> float:
        """The loss of a rank, 1 .. n."""
        return float(self.values[rank - 1])

    def count_upto(self, bound: float) -> int:
        """How many losses are no larger than a bound."""
        return int(self.values.searchsorted(bound, side="right"))

    def excess(self, threshold: float) -> Excess:
        """The losses greater than a threshold, less the threshold."""
        return Excess(self.above(threshold) - threshold, None)

    def above(self, threshold: float) -> NDArray[np.float64]:
        """The losses greater than a threshold, ascending."""
        return self.values[self.values.searchsorted(threshold, side="right") :]
