"""Finds the trial at a level of the losses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.measures.tail import quantile_rank
from riskengine.measures.weighted import TrialDesign, WeightedSample
from riskengine.model.confidence import detail_level, level_name, level_number, level_text

_Losses = NDArray[np.float64]
_Amount = Callable[[_Losses, TrialDesign | None], float]


_LEAST_TOLD = 0.95  #: a trial at a lower level is not a bad one


class Choice(NamedTuple):
    """A place in the distribution of losses, at which a trial can be found."""

    label: str
    amount: _Amount  #: the loss there


def choices(levels: Iterable[float]) -> dict[str, Choice]:
    """The places at which a trial can be requested, by the word of the command line.

    >>> [(at, choice.label) for at, choice in choices([0.995]).items()][:3]
    [('var99.5', 'VaR 99.5 %'), ('var995', 'VaR 99.5 %'), ('median', 'median')]
    """
    found: dict[str, Choice] = {}
    for level in levels:
        choice = Choice(f"VaR {level_text(level)}", _at_level(level))
        found |= {f"var{level_number(level)}": choice, f"var{level_name(level)}": choice}
    found["median"] = Choice("median", _at_level(0.5))
    found["mean"] = Choice("nearest to the mean", _mean)
    found["max"] = Choice("largest", lambda losses, _: float(np.max(losses)))
    return found


def told_levels(levels: Iterable[float]) -> dict[str, float]:
    """The levels whose trials the files of a run tell as stories, by the word of the command line.

    These are the levels of at least 95 %, and the one that the page of a run shows in detail.

    >>> told_levels([0.9, 0.95, 0.999]), told_levels([0.8, 0.9])
    ({'var95': 0.95, 'var99.9': 0.999}, {'var90': 0.9})
    """
    known = list(levels)
    detail = detail_level(known)
    told = [level for level in known if level >= _LEAST_TOLD or level == detail]
    return {f"var{level_number(level)}": level for level in told}


def chosen_row(losses: _Losses, choice: Choice, design: TrialDesign | None = None) -> int:
    """Row of the trial at a level; the first one if there are several.

    Parameters
    ----------
    losses : ndarray, (n,) of float64
        One per trial: the total loss, or that of one industry.
    choice : Choice
        The place of the trial.
    design : TrialDesign, optional
        How the trials were drawn, if they are not a plain sample.

    Notes
    -----
    VaR is the loss of some trial (an order statistic), so a trial with exactly that loss exists. No
    trial has the mean as its loss, so the trial nearest to the mean is taken.
    """
    return int(np.argmin(np.abs(losses - choice.amount(losses, design))))


def _at_level(level: float) -> _Amount:
    def amount(losses: _Losses, design: TrialDesign | None) -> float:
        if design is not None:
            return float(losses[WeightedSample(losses, design).row_at(level)])
        rank = quantile_rank(len(losses), level) - 1
        return float(np.partition(losses, rank)[rank])

    return amount


def _mean(losses: _Losses, design: TrialDesign | None) -> float:
    return float(np.mean(losses)) if design is None else design.mean(losses).value
