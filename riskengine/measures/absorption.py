"""How long a path on the escalation ladder lasts: the mean time to absorption of a chain."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


def mean_time_to_end(
    start: NDArray[np.float64], moves: NDArray[np.float64], stays: NDArray[np.float64]
) -> float:
    """Mean time from the start of a path until it ends.

    Parameters
    ----------
    start : ndarray, (levels,) of float64
        Probability of each level at the start.
    moves : ndarray, (levels, levels) of float64
        moves[i, j] is the probability that level j follows level i. The path ends with the
        probability that a row lacks to sum to 1.
    stays : ndarray, (levels,) of float64
        Mean time spent on each level at a visit, in days.

    Returns
    -------
    float
        Days; `inf` if the path may never end.

    Notes
    -----
    a (I - P)^-1 m, the mean absorption time of a semi-Markov chain (Cinlar, Introduction to
    Stochastic Processes, 10.4), on the levels that the start leads to.
    """
    reached = _closure(start > 0.0, moves > 0.0)
    ends = _closure(moves.sum(axis=1) < 1.0 - 1e-12, (moves > 0.0).T)
    if np.any(reached & ~ends):
        return math.inf
    inside = np.flatnonzero(reached)
    within = moves[np.ix_(inside, inside)]
    visits = np.linalg.solve((np.eye(len(inside)) - within).T, start[inside])
    return float(np.sum(visits * stays[inside]))


def _closure(seen: NDArray[np.bool_], leads: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Everything that the levels in `seen` lead to, themselves included."""
    for _ in range(len(seen)):
        seen = seen | leads[seen].any(axis=0)
    return seen
