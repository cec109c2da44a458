"""Memory for passing results, kept by each thread.

Fresh memory comes from the system page by page, which takes several times as long as the arithmetic
on a series of some hundred thousand losses.
"""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

MOST_KEPT = 2**20  #: numbers in an array that is kept; larger ones come fresh

_own = threading.local()


def two_arrays(n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two arrays of n numbers, which are used again by the next call in this thread.

    They are for functions that call nothing else in between and return no part of them.
    """
    if n > MOST_KEPT:
        return np.empty(n), np.empty(n)
    kept = getattr(_own, "arrays", None)
    if kept is None or kept.shape[1] < n:
        kept = _own.arrays = np.empty((2, n))
    return kept[0, :n], kept[1, :n]
