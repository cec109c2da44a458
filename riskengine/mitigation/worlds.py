"""Finalists in many worlds: how much a choice would be regretted, and what knowing more is worth.

A world is a draw of what nobody knows: the assumptions of a sampled sweep. All finalists play the
same trials in each world, and each world is as likely as any other. A portfolio is affordable in a
world by its costs there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.kernel.arrays import Floats
from riskengine.kernel.draws import seeded_keys, uniforms
from riskengine.mitigation.search.market import AFFORDED
from riskengine.mitigation.search.measured import Portfolio
from riskengine.model.streams import stream

BINS, SHUFFLES = 10, 100
#: of a value: sums of equal parts in a different order differ in the last bits, and what is worth
#: less than this share of it is worth nothing
ROUNDING = 1e-9
_NONE = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlayedWorlds:
    """The finalists in all worlds.

    Finalists are in order of preference among equals: nothing first.
    """

    portfolios: tuple[Portfolio, ...]  #: (finalists,)
    numbers: tuple[int, ...]  #: (worlds,) of the points of the sweep
    values: Floats  #: (worlds, finalists) the measure to be reduced
    costs: Floats  #: (worlds, finalists) present values


class AtBudget:
    """The finalists of all worlds at one budget."""

    def __init__(self, worlds: PlayedWorlds, budget: float) -> None:
        self.worlds, self.budget = worlds, budget
        self.affordable: NDArray[np.bool_] = worlds.costs <= budget * AFFORDED
        self._values = np.where(self.affordable, worlds.values, math.inf)
        least = self._values.min(axis=1)[:, np.newaxis]
        apart = worlds.values - least
        apart[apart <= ROUNDING * np.abs(least)] = 0.0
        #: (worlds, finalists); 0 within rounding, nan where it is not affordable
        self.regret = np.where(self.affordable, apart, math.nan)
        #: (worlds,) the best finalist of each world; of equal ones the cheapest
        self.best = np.array(
            [_cheapest_best(*row) for row in zip(self.regret, worlds.costs, strict=True)]
        )
        #: finalists that are affordable in every world; nothing always is
        self.always: NDArray[np.intp] = np.flatnonzero(self.affordable.all(axis=0))

    @property
    def minimax(self) -> int:
        """The finalist whose largest regret is smallest."""
        largest = self.regret[:, self.always].max(axis=0)
        return int(self.always[int(np.argmin(largest))])

    @property
    def best_on_average(self) -> int:
        """The finalist whose value is smallest on average."""
        return int(self.always[int(np.argmin(self.worlds.values[:, self.always].mean(axis=0)))])

    def share_best(self, finalist: int) -> float:
        """The share of worlds in which a finalist is the best."""
        return float(np.mean(self.best == finalist))

    def perfect_information(self) -> float:
        """The expected value of knowing the world before choosing.

        Notes
        -----
        The mean of the choice that is best on average, less the mean of the best in each world.
        """
        chosen = self.worlds.values[:, self.best_on_average]
        worth = float(np.mean(chosen - self._values.min(axis=1)))
        return worth if worth > ROUNDING * abs(float(np.mean(chosen))) else 0.0

    def information(self, assumption: Floats, seed: int) -> Information:
        """What knowing one assumption before choosing is worth.

        Parameters
        ----------
        assumption : ndarray, (worlds,)
            Its place in its own range: only the order counts.
        seed : int
            Of the shuffles.

        Notes
        -----
        With the worlds in ten quantile bins of the assumption: the mean of the choice that is best
        on average, less the mean of the choices that are best in each bin. Chance makes that
        positive where the assumption tells nothing, so the average of the same for shuffled
        assumptions is taken off.
        """
        values = self.worlds.values[:, self.always]
        bins = _bins(assumption)
        overall = float(values.mean(axis=0).min())
        found = overall - _mean_of_best(values, bins)
        by_chance = np.mean(
            [overall - _mean_of_best(values, bins[order]) for order in _shuffles(len(bins), seed)]
        )
        worth = found - float(by_chance)
        worth = worth if worth > ROUNDING * abs(overall) else 0.0
        chosen = [
            int(np.argmin(values[bins == each].mean(axis=0))) for each in range(bins.max() + 1)
        ]
        return Information(worth, *self._switch(chosen, bins))

    def _switch(self, chosen: Sequence[int], bins: NDArray[np.intp]) -> tuple[int, int, int]:
        """Another choice at an end of the range: which, up to which bin, or from which bin on."""
        usual = int(np.flatnonzero(self.always == self.best_on_average)[0])
        low = next((k for k, each in enumerate(chosen) if each != chosen[0]), len(chosen))
        if chosen[0] != usual:
            return int(self.always[chosen[0]]), low, _NONE
        high = next((k for k, each in enumerate(chosen[::-1]) if each != chosen[-1]), len(chosen))
        if chosen[-1] != usual:
            return int(self.always[chosen[-1]]), _NONE, len(chosen) - high
        return _NONE, _NONE, _NONE


class Information(NamedTuple):
    """What knowing an assumption is worth, and where it would change the choice."""

    value: float
    switch: int  #: the finalist that would be chosen instead; -1: none
    below: int  #: in the bins below this one; -1 if not
    above: int  #: in the bins from this one on; -1 if not


def bin_edges(assumption: Floats, values: Floats) -> Floats:
    """The values of an assumption at which its bins begin, from the second bin on.

    Parameters
    ----------
    assumption : ndarray, (worlds,)
        Its place in its range.
    values : ndarray, (worlds,)
        Its value there.
    """
    bins = _bins(assumption)
    order = np.argsort(assumption, kind="stable")
    starts = np.flatnonzero(np.diff(bins[order])) + 1
    return np.array([(values[order[k - 1]] + values[order[k]]) / 2.0 for k in starts])


def _shuffles(count: int, seed: int) -> NDArray[np.intp]:
    """(SHUFFLES, count) random orders."""
    (key,) = seeded_keys(np.array([stream("mitigation", "shuffle")], dtype=np.uint64), seed)
    drawn = uniforms(key, np.arange(SHUFFLES * count, dtype=np.uint64))
    return np.argsort(drawn.reshape(SHUFFLES, count), axis=1)


def _bins(assumption: Floats) -> NDArray[np.intp]:
    """The quantile bin of each world; equal places are in one bin."""
    ranks = np.searchsorted(np.sort(assumption), assumption, side="left")
    _, bins = np.unique(ranks * BINS // len(ranks), return_inverse=True)
    return bins


def _mean_of_best(values: Floats, bins: NDArray[np.intp]) -> float:
    """The mean over worlds if the best on average is chosen in each bin."""
    count = int(bins.max()) + 1
    sums = np.zeros((count, values.shape[1]))
    np.add.at(sums, bins, values)
    return float(sums.min(axis=1).sum()) / len(values)


def _cheapest_best(regret: Floats, costs: Floats) -> int:
    best = np.flatnonzero(regret == 0.0)
    return int(best[int(np.argmin(costs[best]))])
