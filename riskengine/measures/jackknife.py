"""Figures of a series with one part of its trials left out, for each of several parts.

The jackknife of Quenouille and Tukey needs each figure once for every part. The figures of all
parts together cost little more than those of the whole series: moments are put together from those
of the other parts, and only the tail is sorted, because VaR and TVaR depend on nothing below it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.measures.estimate import Estimate
from riskengine.measures.paired import Trials
from riskengine.measures.tail import quantile_rank, tail_size

Floats = NDArray[np.float64]


class _Tail(NamedTuple):
    """The largest losses, ascending, without those of each part."""

    reach: int  #: number of losses from `floor` on
    floor: float
    left: list[Floats]  #: losses above `floor`, for each part left out


class Jackknife:
    """A series of which one part at a time is left out.

    Parameters
    ----------
    trials : Trials
        Losses by trial.
    parts : int
        From 2 to n: consecutive parts of equal size.
    """

    def __init__(self, trials: Trials, parts: int) -> None:
        self._trials, self._values = trials, trials.values
        self._ends = np.linspace(0, len(trials.values), parts + 1).round().astype(np.int64)
        self._sizes = np.diff(self._ends)
        self._tail: _Tail | None = None
        self._tails: dict[float, list[Floats]] = {}

    @property
    def _left(self) -> NDArray[np.int64]:
        """(parts,) trials that are left."""
        return len(self._values) - self._sizes

    @cached_property
    def mean(self) -> Floats:
        """(parts,) means."""
        return self._without(np.add.reduceat(self._values, self._ends[:-1])) / self._left

    @cached_property
    def sd(self) -> Floats:
        """(parts,) standard deviations with n - 1 in the denominator; nan for one trial."""
        sums = np.add.reduceat(self._values, self._ends[:-1])
        own = sums / self._sizes
        distances = self._values - np.repeat(own, self._sizes)
        squares = np.add.reduceat(np.square(distances), self._ends[:-1])
        apart = np.square(own[:, np.newaxis] - self.mean) * self._sizes[:, np.newaxis]
        np.fill_diagonal(apart, 0.0)
        total = self._without(squares) + apart.sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            found: Floats = np.sqrt(total / (self._left - 1.0))
        return found

    @cached_property
    def chance(self) -> Floats:
        """(parts,) shares of trials with a loss."""
        lost = np.add.reduceat((self._values > 0.0).astype(np.int64), self._ends[:-1])
        found: Floats = (lost.sum() - lost) / self._left
        return found

    def var(self, level: float) -> Floats:
        """(parts,) values at risk."""
        return np.array([tail[0] for tail in self._tails_from(level)])

    def tvar(self, level: float) -> Floats:
        """(parts,) tail values at risk."""
        found = [
            tail[0] + float(np.sum(tail - tail[0])) / tail_size(int(left), level)
            for tail, left in zip(self._tails_from(level), self._left, strict=True)
        ]
        return np.array(found)

    def each(self, figure: Callable[[Trials], Estimate]) -> Floats:
        """(parts,) any figure, of one series after the other."""
        bounds = zip(self._ends[:-1].tolist(), self._ends[1:].tolist(), strict=True)
        left = (Trials(np.delete(self._values, slice(*part))) for part in bounds)
        return np.array([figure(trials).value for trials in left])

    def _without(self, parts: Floats) -> Floats:
        """For each part, the sum of the others; a difference would lose digits."""
        others = np.broadcast_to(parts, (len(parts), len(parts))).copy()
        np.fill_diagonal(others, 0.0)
        found: Floats = others.sum(axis=1)
        return found

    def _tails_from(self, level: float) -> list[Floats]:
        """For each part left out: the losses from VaR on, ascending."""
        if level not in self._tails:
            counts = [int(left) - quantile_rank(int(left), level) + 1 for left in self._left]
            self._tails[level] = list(self._cut(counts))
        return self._tails[level]

    def _cut(self, counts: Sequence[int]) -> Iterator[Floats]:
        """For each part left out: as many of the largest losses as asked for, ascending."""
        # Whatever is left out, enough of so many of the largest losses are left.
        reach = min(len(self._values), max(counts) + int(self._sizes.max()))
        if self._tail is None or self._tail.reach < reach:
            self._tail = self._tail_of(reach)
        for count, left in zip(counts, self._tail.left, strict=True):
            largest = left[-count:]
            tied = np.full(count - len(largest), self._tail.floor)
            yield np.concatenate([tied, largest])

    def _tail_of(self, reach: int) -> _Tail:
        """The losses above the one that has so many from itself on."""
        floor = self._trials.sample.at(len(self._values) - reach + 1)
        places = np.flatnonzero(self._values > floor)
        tail = self._values[places]
        order = np.argsort(tail)
        part = np.searchsorted(self._ends[1:], places[order], side="right")
        tail = tail[order]
        return _Tail(reach, floor, [tail[part != each] for each in range(len(self._sizes))])
