"""Quantiles of the losses of all strata together, without a sorted copy of them.

The bits of a float that is not negative rise with its value. Their upper part numbers 32 bins in
each power of two. The weight of every bin is summed once; a quantile then needs only the losses of
the bin that it falls into.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.measures.mixture.strata import Series, Some, Strata

_SHIFT = 47  #: bits of a float below the five of its mantissa that number a bin
_FEW = 1 << 20  #: losses of all strata that are copied into one array
_TOLERANCE = 1e-9  #: of a cumulative weight


_WeightsAt = Callable[[NDArray[np.intp]], Series]


class _Inside(NamedTuple):
    """The losses of one bin, the largest first."""

    losses: Series
    upto: Series  #: weight of each loss and of all larger ones, in every bin


class LossOrder:
    """The losses of a series in all strata, as if sorted with their weights.

    Parameters
    ----------
    series : sequence of ndarray or None
        The losses of each stratum, not negative. None: it never loses anything.
    strata : Strata
    """

    def __init__(self, series: Sequence[Series | None], strata: Strata) -> None:
        self._series = series
        self._strata = strata
        weights = np.zeros(1, dtype=np.float64)
        for k, values in enumerate(series):
            absent = np.array([strata.strata[k].weight])
            weights = _added(weights, absent if values is None else self._bins(k, values))
        self._filled = np.flatnonzero(weights)[::-1]  # largest losses first
        self._upto = np.cumsum(weights[self._filled])
        self._inside = lru_cache(maxsize=8)(self._losses_of_bin)

    def _bins(self, k: int, values: Series) -> Series:
        """The weight of a stratum in each bin."""
        own, each = self._strata.strata[k].trial_weights, self._strata.strata[k].each
        found: Series = np.bincount(_bin_of(values), weights=own).astype(np.float64)
        return found * each

    def at(self, beyond: float) -> float:
        """The smallest loss beyond which there is no more than this weight."""
        place = self._place(beyond)
        if place >= len(self._filled):
            return 0.0  # some of the weight belongs to trials that were not drawn
        inside = self._inside(place)
        rank = int(np.searchsorted(inside.upto, beyond + _TOLERANCE, side="right"))
        return float(inside.losses[min(rank, len(inside.losses) - 1)])

    def above(self, beyond: float) -> float:
        """The last loss, from the largest down, up to which there is no more than this weight.

        It is nan if the largest loss alone weighs more.
        """
        place = self._place(beyond)
        if place < len(self._filled):
            inside = self._inside(place)
            rank = int(np.searchsorted(inside.upto, beyond + _TOLERANCE, side="right"))
            if rank > 0:
                return float(inside.losses[rank - 1])
        return float(self._inside(place - 1).losses[-1]) if place > 0 else math.nan

    def _place(self, beyond: float) -> int:
        """The place of the bin in which the weight from the largest loss down exceeds a weight."""
        return int(np.searchsorted(self._upto, beyond + _TOLERANCE, side="right"))

    def _losses_of_bin(self, place: int) -> _Inside:
        number = self._filled[place]
        least, most = (np.array([number, number + 1]) << _SHIFT).view(np.float64)
        before = float(self._upto[place - 1]) if place else 0.0
        if number == 0:  # no loss at all: mostly very many trials, which need not be sorted
            first = before + max(stratum.each for stratum in self._strata.strata)
            return _Inside(np.zeros(2), np.array([first, float(self._upto[place])]))
        losses, weights = [np.zeros(0)], [np.zeros(0)]
        for values, weights_at in self._groups:
            found = np.flatnonzero(values >= least)
            found = found[values[found] < most]  # of few: quantiles are asked for in the tail
            losses.append(values[found])
            weights.append(weights_at(found))
        together, weight = np.concatenate(losses), np.concatenate(weights)
        order = np.argsort(-together, kind="stable")
        return _Inside(together[order], before + np.cumsum(weight[order]))

    @cached_property
    def _groups(self) -> list[tuple[Series, _WeightsAt]]:
        """The losses, and the weights at some places: in one array for many small scenarios."""
        there = [(k, values) for k, values in enumerate(self._series) if values is not None]
        if sum(len(values) for _, values in there) > _FEW:
            return [(values, partial(self._weights_at, k)) for k, values in there]
        weights = [self._weights_at(k, np.arange(len(values))) for k, values in there]
        joined = np.concatenate([np.zeros(0), *(values for _, values in there)])
        return [(joined, np.concatenate([np.zeros(0), *weights]).take)]

    def _weights_at(self, k: int, places: NDArray[np.intp]) -> Series:
        return self._strata.weighted(k, Some(places, np.ones(len(places))))


def _bin_of(values: Series) -> NDArray[np.int64]:
    """The number of the bin of each loss; adding 0 turns a negative zero into a zero."""
    found: NDArray[np.int64] = (values + 0.0).view(np.int64) >> _SHIFT
    return found


def _added(first: Series, second: Series) -> Series:
    """The weights of two sets of bins together, in the place of the longer."""
    longer, shorter = (first, second) if len(first) >= len(second) else (second, first)
    longer[: len(shorter)] += shorter
    return longer
