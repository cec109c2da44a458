"""Euler contributions: how much each part of the loss adds to the tail."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.measures.tail import tail_size


class Tail(NamedTuple):
    """The trials that make up a TVaR, with the weight of each."""

    trials: NDArray[np.intp]  #: (k,) positions of the trials at or beyond VaR
    weights: NDArray[np.float64]  #: (k,) weight of each trial in the tail; they sum to 1


def tail_of(total: NDArray[np.float64], level: float, value_at_risk: float) -> Tail:
    """Find the trials whose weighted mean is a TVaR.

    Parameters
    ----------
    total : ndarray, (n,) of float64
        Loss of each trial, in the order of the trials.
    level : float
        Confidence level in [0, 1).
    value_at_risk : float
        VaR of `total` at the level, one of its values.

    Notes
    -----
    A trial beyond VaR has weight 1 before scaling; the trials tied at VaR share what is left of
    n (1 - p) equally. So the weights sum to n (1 - p), the weighted mean of `total` is its TVaR,
    and the contributions of parts that sum to `total` sum to it.
    """
    size = tail_size(len(total), level)
    trials = np.flatnonzero(total >= value_at_risk)
    tied = total[trials] == value_at_risk
    ties = int(np.count_nonzero(tied))
    left = max(0.0, size - (len(trials) - ties))
    return Tail(trials, np.where(tied, left / ties, 1.0) / size)


def tail_of_worst(worst: NDArray[np.float64], size: float) -> Tail:
    """As `tail_of`, from the largest losses alone.

    Parameters
    ----------
    worst : ndarray, (k,) of float64
        The k largest losses of a sample, descending.
    size : float
        Size of the tail, from `tail_size`. If there are fewer losses than that, the others are 0.

    Notes
    -----
    Some trials tied at VaR may not be among the k; the tied trials that are share the rest.
    """
    rank = min(len(worst), max(1, math.ceil(size)))
    if not len(worst):
        return Tail(np.empty(0, dtype=np.intp), np.empty(0))
    value_at_risk = worst[rank - 1] if size <= len(worst) else -math.inf
    trials = np.flatnonzero(worst >= value_at_risk)
    tied = worst[trials] == value_at_risk
    ties = max(1, int(np.count_nonzero(tied)))
    left = max(0.0, size - (len(trials) - int(np.count_nonzero(tied))))
    return Tail(trials, np.where(tied, left / ties, 1.0) / size)


def contribution(part: NDArray[np.float64], tail: Tail) -> float:
    """What one part of the total adds to its TVaR: its mean in the tail.

    Parameters
    ----------
    part : ndarray, (n,) of float64
        Loss of an industry, a material or a component, in the order of the trials.
    tail : Tail
        From `tail_of` the total.
    """
    return float(np.sum(part.take(tail.trials) * tail.weights))
