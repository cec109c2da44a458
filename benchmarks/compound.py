"""One task that every simulator of losses knows: compound Poisson-lognormal, and the exact answer.

A year has a Poisson number of events, three on average, and each costs a lognormal amount with
mu = 0 and sigma = 1; the loss is their sum. Here are the engine's config of it, the measures of a
sample, and the distribution itself, by Fourier transform and so without any error of sampling.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

EVENTS = 3.0
SIGMA = 1.0  # of the logarithm of what an event costs; its mean is 0
VAR_LEVEL, TVAR_LEVEL = 0.995, 0.99

_STEP = 2.0**-11  # half of it moves the answers by less than 1e-7
_CELLS = 2**21  # up to a loss of 1,024: one event in 1e11 costs more
_HORIZON_DAYS = 3_650_000.0  # the longest that a config may have


class Answer(NamedTuple):
    """What is asked for."""

    mean: float
    var: float  #: VaR at 99.5 %
    tvar: float  #: TVaR at 99 %


def config() -> dict[str, Any]:
    """The task as a config of the engine.

    An episode is an event, and the days it lasts are what it costs: the whole flow is cut, nothing
    stands in for it, and a lost day costs 1. Episodes of one dispute do not overlap, so the year of
    the task is stretched over 10,000 years of the model: of its 3,650,000 days a trial spends five
    in episodes. Rate and losses are those of the Poisson process but for 1.4 parts in a million.
    """
    return {
        "run": {"horizon_days": _HORIZON_DAYS, "importer": "Here"},
        "ladder": {
            "ban": {
                "sojourn": {"lognormal": {"mu": 0.0, "sigma": SIGMA}},
                "next": {"resolved": 1.0},
            }
        },
        "disputes": {
            "event": {
                "coercer": "There",
                "target": "Here",
                "rate_per_year": EVENTS * 365.0 / _HORIZON_DAYS,
                "entry": {"ban": 1.0},
            }
        },
        "materials": {"supply": {"cut": {"ban": 1.0}, "sources": {"There": {"share": 1.0}}}},
        "industries": {
            "all": {
                "value_added_per_year": 365.0,
                "uses": {"supply": {"share": 1.0, "dependence": 1.0}},
            }
        },
    }


def measured(losses: NDArray[np.float64]) -> Answer:
    """Mean, VaR and TVaR of a sample, as section 8 of the model defines them."""
    ordered = np.sort(losses)
    n = len(ordered)
    least = ordered[math.ceil(n * TVAR_LEVEL - 1e-9) - 1]
    beyond = ordered[ordered > least]
    share = n * (1.0 - TVAR_LEVEL)
    return Answer(
        mean=float(ordered.mean()),
        var=float(ordered[math.ceil(n * VAR_LEVEL - 1e-9) - 1]),
        tvar=float((beyond.sum() + least * (share - len(beyond))) / share),
    )


def exact(step: float = _STEP) -> Answer:
    """The same of the distribution itself; within 1e-6, relative."""
    sizes, chances = _distribution(step)
    tail = _quantile(chances, TVAR_LEVEL, step)
    excess = float(np.maximum(sizes - tail, 0.0) @ chances)
    return Answer(
        mean=EVENTS * math.exp(SIGMA**2 / 2.0),
        var=_quantile(chances, VAR_LEVEL, step),
        tvar=tail + excess / (1.0 - TVAR_LEVEL),
    )


def standard_errors(trials: int) -> Answer:
    """Of the measures of that many independent trials: what chance alone does to a right answer.

    VaR has the error of an order statistic, sqrt(p (1 - p)) / density, and TVaR that of the mean
    excess over it.
    """
    sizes, chances = _distribution(_STEP)
    at = round(_quantile(chances, VAR_LEVEL, _STEP) / _STEP)
    density = float(chances[at - 50 : at + 51].mean()) / _STEP
    excess = np.maximum(sizes - _quantile(chances, TVAR_LEVEL, _STEP), 0.0)
    variance = float(excess**2 @ chances) - float(excess @ chances) ** 2
    root = math.sqrt(trials)
    return Answer(
        mean=math.sqrt(EVENTS * math.exp(2.0 * SIGMA**2)) / root,
        var=math.sqrt(VAR_LEVEL * (1.0 - VAR_LEVEL)) / density / root,
        tvar=math.sqrt(variance) / (1.0 - TVAR_LEVEL) / root,
    )


def _distribution(step: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Losses on a grid and their probabilities: each cost is rounded to the nearest grid point."""
    from scipy.special import ndtr

    cells = int(_CELLS * _STEP / step)
    edges = np.maximum((np.arange(cells + 1) - 0.5) * step, 1e-300)
    severity = np.diff(ndtr(np.log(edges) / SIGMA))
    transform = np.exp(EVENTS * (np.fft.rfft(severity) - 1.0))
    return np.arange(cells) * step, np.fft.irfft(transform, cells)


def _quantile(chances: NDArray[np.float64], level: float, step: float) -> float:
    """Where the distribution function, linear between the middles of grid points, takes a level."""
    at_most = np.cumsum(chances)
    after = int(np.searchsorted(at_most, level))
    part = (level - at_most[after - 1]) / chances[after]
    return float((after - 0.5 + part) * step)
