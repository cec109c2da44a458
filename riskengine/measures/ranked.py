"""Losses as measures need them, whether all of them are kept or only the largest and counts."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray


class Excess(NamedTuple):
    """The amounts by which the losses beyond a threshold exceed it."""

    amounts: NDArray[np.float64]  #: (k,)
    counts: NDArray[np.int64] | None  #: (k,) losses that each amount stands for; None for one each

    def number(self) -> int:
        """How many losses lie beyond the threshold."""
        return len(self.amounts) if self.counts is None else int(self.counts.sum())

    def total(self) -> float:
        """Sum of the amounts."""
        return self._sum(self.amounts)

    def squares_about(self, centre: float) -> float:
        """Sum of the squared distances of the amounts from a centre."""
        return self._sum(np.square(self.amounts - centre))

    def cubes_about(self, centre: float, scale: float) -> float:
        """Sum of the third powers of the distances from a centre, each divided by a scale."""
        distances = (self.amounts - centre) / scale
        return self._sum(distances * np.square(distances))

    def _sum(self, values: NDArray[np.float64]) -> float:
        return float(np.sum(values if self.counts is None else values * self.counts))


class Ranked(Protocol):
    """Losses in ascending order, by their rank."""

    def __len__(self) -> int:
        """How many trials there are."""

    def at(self, rank: int) -> float:
        """The loss of a rank, 1 .. n."""

    def count_upto(self, bound: float) -> int:
        """How many losses are no larger than a bound."""

    def excess(self, threshold: float) -> Excess:
        """The losses greater than a threshold, less the threshold."""
