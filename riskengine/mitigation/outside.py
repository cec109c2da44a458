"""Portfolios out of sample: on further trials, which had no part in the choice.

The portfolio that is best in sample is so partly by luck, and its value in sample is too low. A
fair value comes from trials that had no part in the choice.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from riskengine.kernel.arrays import LOSSES
from riskengine.measures.estimate import Estimate
from riskengine.measures.paired import Trials
from riskengine.mitigation.bootstrap import shares_better
from riskengine.mitigation.objective import Objective
from riskengine.mitigation.playing import PlayedBlock, PortfolioPlayer
from riskengine.mitigation.search.measured import Portfolio
from riskengine.model.mitigation import MEAN, TVAR

SAMPLES = 2000  #: of the bootstrap


class Benefit(NamedTuple):
    """By how much the loss of one industry changes."""

    industry: str
    mean: Estimate
    tvar: Estimate


class Outside:
    """Portfolios on further trials.

    Parameters
    ----------
    player : PortfolioPlayer
        Of the further trials.
    objective : Objective
    portfolios : iterable of int
        Not too many: the total loss of each is kept.
    seed : int
        Of the bootstrap samples.
    """

    def __init__(
        self,
        player: PortfolioPlayer,
        objective: Objective,
        portfolios: Iterable[Portfolio],
        seed: int,
    ) -> None:
        self._objective, self._seed = objective, seed
        self._mean = Objective(MEAN, math.nan)
        self._tvar = Objective(TVAR, objective.level)
        industries = list(player.variants.base.industries)
        self._totals: dict[Portfolio, Trials] = {}
        self.benefits: dict[Portfolio, list[Benefit]] = {}
        (base,) = player.play([0], detail=LOSSES)
        nothing = [Trials(base.industry(0, place)) for place in range(len(industries))]
        self._totals[0] = Trials(base.totals[0])
        for block in player.play(sorted(set(portfolios) - {0}), detail=LOSSES):
            for place, portfolio in enumerate(block.portfolios):
                self._totals[portfolio] = Trials(block.totals[place].copy())
                self.benefits[portfolio] = self._benefits(block, place, industries, nothing)

    def value(self, portfolio: Portfolio) -> Estimate:
        """The measure to be reduced."""
        return self._objective.value(self._totals[portfolio])

    def mean(self, portfolio: Portfolio) -> float:
        """The mean loss."""
        return self._mean.value(self._totals[portfolio]).value

    def tvar(self, portfolio: Portfolio) -> float:
        """The tail value at risk."""
        return self._tvar.value(self._totals[portfolio]).value

    def difference(self, first: Portfolio, second: Portfolio) -> Estimate:
        """The measure of the second less that of the first, paired."""
        return self._objective.difference(self._totals[first], self._totals[second])

    def shares_better(
        self, pairs: Iterable[tuple[Portfolio, Portfolio]]
    ) -> dict[tuple[Portfolio, Portfolio], float]:
        """For pairs of a choice and its rival, the share of bootstrap samples of the trials in
        which the rival loses less."""
        wanted = list(dict.fromkeys(pairs))
        places = {portfolio: place for place, portfolio in enumerate(self._totals)}
        objective = self._objective
        shares = shares_better(
            [each.values for each in self._totals.values()],
            [(places[chosen], places[rival]) for chosen, rival in wanted],
            objective.measure,
            objective.level,
            samples=SAMPLES,
            seed=self._seed,
        )
        return dict(zip(wanted, shares, strict=True))

    def _benefits(
        self, block: PlayedBlock, place: int, industries: list[str], nothing: list[Trials]
    ) -> list[Benefit]:
        found = []
        for number, (name, before) in enumerate(zip(industries, nothing, strict=True)):
            after = Trials(block.industry(place, number))
            mean, tvar = (each.difference(before, after) for each in (self._mean, self._tvar))
            found.append(Benefit(name, mean, tvar))
        return found
