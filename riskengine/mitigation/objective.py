"""What is to be reduced: one measure of the total loss, as the list of all measures defines it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from riskengine.figures.catalog import find
from riskengine.figures.measure import ByTrial, Swept
from riskengine.measures.estimate import Estimate
from riskengine.measures.jackknife import Jackknife
from riskengine.measures.paired import Pair, Trials
from riskengine.model.mitigation import AT_LEVEL, MEAN
from riskengine.sweeps.series import Floats


@dataclass(frozen=True, slots=True)
class Objective:
    """A measure of a loss."""

    measure: str  #: mean, var, tvar or prob_loss
    level: float  #: of var and tvar

    @property
    def shown_level(self) -> float | None:
        """The level; None for a measure without one."""
        return self.level if self.measure in AT_LEVEL else None

    def value(self, trials: Trials) -> Estimate:
        """The measure of a series, with its 95 % interval and the bits that a run gives it."""
        if self.measure == MEAN:
            return trials.mean  # of the sorted losses, while a comparison sums them by trial
        return self._by_trial.alone(trials, self._at)

    def difference(self, first: Trials, second: Trials) -> Estimate:
        """Second less first, of the same trials, with its 95 % interval."""
        return self._by_trial.paired(Pair.of(first, second), self._at)

    def without_parts(self, parts: Jackknife) -> Floats:
        """(parts,) the measure without each part of the trials."""
        return self._swept.without_parts(parts, self._at)

    @property
    def _at(self) -> float:
        return self.level if self.measure in AT_LEVEL else math.nan

    @property
    def _by_trial(self) -> ByTrial:
        return _measures(self.measure)[0]

    @property
    def _swept(self) -> Swept:
        return _measures(self.measure)[1]


def _measures(name: str) -> tuple[ByTrial, Swept]:
    """How the measure of a name is computed, for two series and without parts of one."""
    measure = find(name)
    if measure is None or measure.by_trial is None or measure.swept is None:
        raise KeyError(name)
    return measure.by_trial, measure.swept
