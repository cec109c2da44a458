"""What figures ask of a series of losses: its quantiles, its tails, and how far they carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from riskengine.measures.estimate import Estimate
from riskengine.measures.ranked import Ranked
from riskengine.measures.tail import tvar, var


class Quantiles(Protocol):
    """The distribution of a loss, whether its trials count alike or by their weights."""

    @property
    def largest(self) -> float: ...

    def var(self, level: float) -> Estimate:
        """Value at risk, with its 95 % interval."""

    def tvar(self, level: float) -> Estimate:
        """Tail value at risk, with its 95 % interval."""

    def carried(self, probability: float) -> float:
        """On how many trials the tail of this probability rests."""


@dataclass(frozen=True, slots=True)
class Plain:
    """The quantiles of trials that count alike."""

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
