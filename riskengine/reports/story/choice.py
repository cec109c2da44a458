"""Which trial to tell: the one that stands at a level of the losses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from riskengine.measures.tail import quantile_rank
from riskengine.measures.weighted import Design, WeightedSample
from riskengine.model.confidence import LEVELS

_Losses = NDArray[np.float64]
_Amount = Callable[[_Losses, Design | None], float]


def chosen_row(losses: _Losses, at: str, design: Design | None = None) -> int:
    """Row of the trial that stands at a level; the first one where several do.

    Parameters
    ----------
    losses : ndarray, (n,) of float64
        One a trial: the total, or one industry's.
    at : str
        A key of `CHOICES`.
    design : Design, optional
        How the trials were drawn, where they are no plain sample.

    Notes
    -----
    VaR is the loss of some trial (an order statistic), so that this trial is the figure's own. The
    mean is nobody's loss: the trial nearest to it is taken.
    """
    _, amount = CHOICES[at]
    return int(np.argmin(np.abs(losses - amount(losses, design))))


def _at_level(level: float) -> _Amount:
    def amount(losses: _Losses, design: Design | None) -> float:
        if design is not None:
            return float(losses[WeightedSample(losses, design).row_at(level)])
        rank = quantile_rank(len(losses), level) - 1
        return float(np.partition(losses, rank)[rank])

    return amount


def _mean(losses: _Losses, design: Design | None) -> float:
    return float(np.mean(losses)) if design is None else design.mean(losses).value


def _choices() -> dict[str, tuple[str, _Amount]]:
    found: dict[str, tuple[str, _Amount]] = {}
    for level in LEVELS:
        percent = f"{100.0 * level:g}"
        found[f"var{percent}"] = (f"VaR {percent} %", _at_level(level))
        found[f"var{percent.replace('.', '')}"] = found[f"var{percent}"]
    found["median"] = ("median", _at_level(0.5))
    found["mean"] = ("nearest to the mean", _mean)
    found["max"] = ("largest", lambda losses, _: float(np.max(losses)))
    return found


CHOICES = _choices()  #: by the word of the command line: what it is called, and its loss
