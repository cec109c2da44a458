"""Durations sorted into bins that people can read."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from riskengine.reports.run.sheets.run import Floats

_WIDTHS = (1, 2, 5, 7, 10, 15, 30, 60, 90, 180, 365)  #: days
_MOST_BINS = 26


class Bin(NamedTuple):
    """Durations above `low` and up to `high` days."""

    low: float
    high: float
    trials: int
    share: float  #: of all that are counted

    @property
    def label(self) -> str:
        return f"{self.low:,.10g}–{self.high:,.10g}"


def bins(days: Floats, horizon_days: float) -> list[Bin]:
    """Durations, each above 0 and up to the horizon, in at most 26 bins of equal width.

    >>> [(bin.label, bin.trials) for bin in bins(np.array([0.5, 1.0, 3.0]), 3.0)]
    [('0–1', 2), ('1–2', 0), ('2–3', 1)]
    """
    most = horizon_days / _MOST_BINS
    width = next((w for w in _WIDTHS if w >= most), 365 * math.ceil(most / 365))
    edges = [*np.arange(0.0, horizon_days, width).tolist(), horizon_days]
    # A restriction over the whole horizon may exceed it by rounding.
    position = np.clip(np.searchsorted(edges, days, side="left"), 1, len(edges) - 1)
    counts = np.bincount(position, minlength=len(edges))[1:].tolist()
    return [
        Bin(low, high, count, count / len(days))
        for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
    ]
