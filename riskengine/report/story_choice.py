"""Which trial to tell: the one that stands at a level of the losses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from riskengine.measures.tail import LEVELS, quantile_rank

_Losses = NDArray[np.float64]


def chosen_row(losses: _Losses, at: str) -> int:
    """Row of the trial that stands at a level; the first one where several do.

    Parameters
    ----------
    losses : ndarray, (n,) of float64
        One a trial: the total, or one industry's.
    at : str
        A key of `CHOICES`.

    Notes
    -----
    VaR is the loss of some trial (an order statistic), so that this trial is the figure's own. The
    mean is nobody's loss: the trial nearest to it is taken.
    """
    _, distance = CHOICES[at]
    return int(np.argmin(distance(losses)))


def _at_level(level: float) -> Callable[[_Losses], _Losses]:
    def distance(losses: _Losses) -> _Losses:
        rank = quantile_rank(len(losses), level) - 1
        return _from(losses, float(np.partition(losses, rank)[rank]))

    return distance


def _from(losses: _Losses, amount: float) -> _Losses:
    return np.abs(losses - amount)


def _choices() -> dict[str, tuple[str, Callable[[_Losses], _Losses]]]:
    found: dict[str, tuple[str, Callable[[_Losses], _Losses]]] = {}
    for level in LEVELS:
        percent = f"{100.0 * level:g}"
        found[f"var{percent}"] = (f"VaR {percent} %", _at_level(level))
        found[f"var{percent.replace('.', '')}"] = found[f"var{percent}"]
    found["median"] = ("median", _at_level(0.5))
    found["mean"] = ("nearest to the mean", lambda x: _from(x, float(np.mean(x))))
    found["max"] = ("largest", lambda x: _from(x, float(np.max(x))))
    return found


CHOICES = _choices()  #: by the word of the command line: what it is called, and how far each is off
