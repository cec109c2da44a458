"""Evidence of a run whose trials are weighted or are quasi-random points in replicates."""

from __future__ import annotations

from functools import cached_property
from typing import cast

import numpy as np
from numpy.typing import NDArray

from riskengine.figures.evidence import TOTAL, Evidence, Measured, RowEvidence, column
from riskengine.measures.contributions import Tail
from riskengine.measures.estimate import UNKNOWN, Estimate
from riskengine.measures.quantiles import Quantiles
from riskengine.measures.shape import Shape
from riskengine.measures.weighted import ConditionalSample, TrialDesign, WeightedSample
from riskengine.model.losses import Losses
from riskengine.model.sampling import REPLICATES


def evidence_of(losses: Losses) -> Evidence:
    """The rows of a run as evidence that fits the way its trials were drawn."""
    design = design_of(losses)
    return RowEvidence(losses) if design is None else DesignedEvidence(losses, design)


def design_of(losses: Losses) -> TrialDesign | None:
    """How the trials of a run were drawn; None if all are independent and count equally."""
    even = losses.scenario.run.sampling == "sobol"
    if losses.weight is None and not even:
        return None
    weights = np.ones(losses.trials) if losses.weight is None else np.asarray(losses.weight)
    if not even:
        return TrialDesign(weights, None)
    first = losses.first_trial % REPLICATES
    return TrialDesign(weights, np.arange(first, first + losses.trials) % REPLICATES)


class DesignedEvidence(RowEvidence):
    """All rows of a run with weighted or replicated trials."""

    def __init__(self, losses: Losses, design: TrialDesign) -> None:
        """
        Raises
        ------
        RunFault
            If a loss is not finite or is negative: names the trial.
        """
        super().__init__(losses)
        self.design = design

    @cached_property
    def _largest_spell(self) -> WeightedSample:
        return WeightedSample(self.losses.largest_spell, self.design)

    def largest_spell(self) -> Quantiles:
        return self._largest_spell

    def first_day(self, index: int) -> Estimate:
        days = column(self.losses.first_loss_day, index)
        reached = ~np.isnan(days)
        if not reached.any():
            return UNKNOWN
        sample = ConditionalSample(np.where(reached, days, 0.0), self.design.given(reached))
        return sample.var(0.5)

    def _measured(self, series: NDArray[np.float64]) -> Measured:
        sample = WeightedSample(series, self.design)
        influence = self.design.weights * series
        mean, heaviest = self.design.mean(series), float(np.max(influence))
        shape = Shape.of(influence)
        return Measured(sample, mean, sample.sd(), sample.chance(), heaviest, shape)

    def _chance(self, series: NDArray[np.float64], bound: float) -> Estimate:
        return WeightedSample(series, self.design).chance(bound)

    def _mean(self, series: NDArray[np.float64]) -> Estimate:
        return self.design.mean(series)

    def _tail(self, level: float) -> Tail:
        total = cast(WeightedSample, self.loss(TOTAL).quantiles)
        return Tail(*total.tail(level))
