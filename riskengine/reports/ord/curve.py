"""Exceedance curves by the rank convention of the catastrophe market."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class CurvePoint(NamedTuple):
    """One return period of a curve, with the mean of the tail from there on."""

    return_period: float  #: in periods
    loss: float
    tail_mean: float


def curve_points(losses: NDArray[np.float64], return_periods: Iterable[float]) -> list[CurvePoint]:
    """Losses and tail means at return periods, longest first.

    Parameters
    ----------
    losses : ndarray, (n,) of float64
        Loss of every period, those without loss included.
    return_periods : iterable of float
        In periods, at least 1. One beyond the n periods has no point: nothing is extrapolated.

    Notes
    -----
    The i-th largest loss has return period n / i, ties ranked one after the other. In between, the
    loss is linear in the return period; but from a loss to the first rank without one there is
    nothing to interpolate to, and the loss is 0. The tail mean at T is the mean of all losses
    ranked above T and of the loss at T. Each point depends on the losses alone, whatever else was
    asked for; OasisLMF 2.5.5 folds every requested return period between two ranks into the tail
    means that follow it.
    """
    ordered = np.sort(losses)[::-1]
    above = np.concatenate(([0.0], np.cumsum(ordered)))
    n = len(ordered)
    points = []
    for period in sorted(set(return_periods), reverse=True):
        if period <= n:
            rank = _first_rank(n, period)
            loss = _interpolated(ordered, rank, period)
            points.append(CurvePoint(float(period), loss, (float(above[rank - 1]) + loss) / rank))
    return points


def _first_rank(n: int, period: float) -> int:
    """The first rank whose return period n / i is not longer than `period`."""
    rank = math.ceil(n / period)
    was_rounded_up = rank > 1 and n / (rank - 1) <= period
    return rank - 1 if was_rounded_up else rank


def _interpolated(ordered: NDArray[np.float64], rank: int, period: float) -> float:
    n, loss = len(ordered), float(ordered[rank - 1])
    here = n / rank
    if loss == 0.0 or here == period:
        return loss
    before, higher = n / (rank - 1), float(ordered[rank - 2])
    return (period - here) * (higher - loss) / (before - here) + loss
