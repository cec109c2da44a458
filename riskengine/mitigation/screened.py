"""Effects of options in sample, with intervals.

All portfolios play the same trials, and chance that affects them equally cancels in an effect. So
each portfolio keeps how far each part of the trials shifts its figures (the jackknife of
`riskengine.sweeps.noise`), and the error of any sum of figures follows from the sum of the shifts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from riskengine.kernel.arrays import Floats
from riskengine.measures.estimate import Estimate
from riskengine.measures.paired import Trials
from riskengine.mitigation.blocks import largest_rise
from riskengine.mitigation.objective import Objective
from riskengine.mitigation.playing import PortfolioPlayer
from riskengine.mitigation.search.measured import Portfolio
from riskengine.model.mitigation import MEAN
from riskengine.sweeps.noise import part_errors

_UPPER = 0.975  #: probability below the upper end of an interval
VALUE, AVERAGE = 0, 1  #: rows of the figures: the measure to be reduced, and the mean


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """The figures of one portfolio."""

    values: Floats  #: (2,)
    shifts: Floats  #: (2, parts) how far each part of the trials shifts them
    rise: float  #: the largest rise of the loss of a trial from that without options
    changes: bool  #: whether any trial loses more or less than without options, beyond rounding


class Screened:
    """The figures of some portfolios.

    Parameters
    ----------
    player : PortfolioPlayer
    objective : Objective
    nothing : ndarray, (trials,)
        The losses without options.
    portfolios : iterable of int
    """

    def __init__(
        self,
        player: PortfolioPlayer,
        objective: Objective,
        nothing: Floats,
        portfolios: Iterable[Portfolio],
    ) -> None:
        self._objectives = objective, Objective(MEAN, math.nan)
        self._nothing = nothing
        wanted = sorted(set(portfolios))
        self._known: dict[Portfolio, Figures] = {}
        with ThreadPoolExecutor(player.threads) as pool:
            for block in player.play(wanted):
                figures = pool.map(self._figures, block.totals)
                self._known.update(zip(block.portfolios, figures, strict=True))

    def __getitem__(self, portfolio: Portfolio) -> Figures:
        return self._known[portfolio]

    def effect(self, weights: Mapping[Portfolio, int], figure: int = VALUE) -> Estimate:
        """A sum of a figure over portfolios, each times its weight, with its 95 % interval.

        Parameters
        ----------
        weights : mapping
            Of portfolios; a difference is {one: 1, other: -1}.
        figure : int
            `VALUE` or `AVERAGE`.

        Notes
        -----
        The interval is that of Student's t with one degree of freedom less than there are parts.
        If no part shifts the sum, as for portfolios that are the same in every trial, it has no
        width.
        """
        terms = [(weight, self._known[portfolio]) for portfolio, weight in weights.items()]
        value = math.fsum(weight * each.values[figure] for weight, each in terms)
        shifts = sum(weight * each.shifts[figure] for weight, each in terms)
        parts = np.size(shifts)
        if parts < 2:
            return Estimate.alone(value)
        error = math.sqrt(float(np.sum(np.square(shifts))) / (parts * (parts - 1)))
        margin = float(stdtrit(parts - 1, _UPPER)) * error
        return Estimate(value, value - margin, value + margin)

    def _figures(self, losses: Floats) -> Figures:
        trials = Trials(losses)
        rise = largest_rise(self._nothing, losses)
        shifts = part_errors(trials, [each.without_parts for each in self._objectives])
        return Figures(
            values=np.array([each.value(trials).value for each in self._objectives]),
            shifts=shifts,
            rise=rise,
            changes=rise > 0.0 or largest_rise(losses, self._nothing) > 0.0,
        )
