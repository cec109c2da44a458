"""The distribution of a loss as figures need it: its quantiles, its tails, and their trials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from riskengine.measures.estimate import Estimate
from riskengine.measures.ranked import Ranked
from riskengine.measures.tail import tvar, var


class Quantiles(Protocol):
    """The distribution of a loss over trials, weighted or not."""

    @property
    def largest(self) -> float: ...

    def var(self, level: float) -> Estimate:
        """Value at risk, with its 95 % interval."""

    def tvar(self, level: float) -> Estimate:
        """Tail value at risk, with its 95 % interval."""

    def carried(self, probability: float) -> float:
        """How many trials the tail of this probability rests on."""


class CountedQuantiles(Quantiles, Protocol):
    """Quantiles, and the number of trials below any bound."""

    def upto(self, bound: float) -> tuple[int, float]:
        """How many trials lose no more than a bound, and their share of all trials."""


@dataclass(frozen=True, slots=True)
class Plain:
    """The quantiles of trials without weights."""

    ranked: Ranked

    @property
    def largest(self) -> float:
        return self.ranked.at(len(self.ranked))

    def var(self, level: float) -> Estimate:
        return var(self.ranked, level)

    def tvar(self, level: float) -> Estimate:
        return tvar(self.ranked, level)

    def carried(self, probability: float) -> float:
        return len(self.ranked) * probability

    def upto(self, bound: float) -> tuple[int, float]:
        trials = self.ranked.count_upto(bound)
        return trials, trials / len(self.ranked)
