"""Moments of parts of a sample, and how the moments of adjoining parts combine.

A moment is a row of five numbers: how many values, their mean, and the sums of the second, third
and fourth powers of their distance from it. Two rows combine by the formulas of Pébay, "Formulas
for robust, one-pass parallel computation of covariances and arbitrary-order statistical moments",
Sandia report SAND2008-6212, which avoid the cancellation of sums of raw powers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from riskengine.measures.estimate import UNKNOWN, Estimate
from riskengine.measures.moments import spread_around
from riskengine.measures.shape import Shape

Moments = NDArray[np.float64]  #: (..., 5)


def combined(a: Moments, b: Moments) -> Moments:
    """Moments of two parts together, row by row; an empty part changes nothing.

    Parameters
    ----------
    a, b : ndarray, (..., 5)
    """
    na, mean_a, a2, a3, a4 = np.moveaxis(a, -1, 0)
    nb, mean_b, b2, b3, b4 = np.moveaxis(b, -1, 0)
    n = na + nb
    whole = np.maximum(n, 1.0)
    delta = mean_b - mean_a
    step = delta / whole
    cross = delta * step * na * nb
    m2 = a2 + b2 + cross
    m3 = a3 + b3 + cross * step * (na - nb) + 3.0 * step * (na * b2 - nb * a2)
    m4 = (
        a4
        + b4
        + cross * step * step * (na * na - na * nb + nb * nb)
        + 6.0 * step * step * (na * na * b2 + nb * nb * a2)
        + 4.0 * step * (na * b3 - nb * a3)
    )
    found: Moments = np.stack([n, mean_a + step * nb, m2, m3, m4], axis=-1)
    return found


class MomentTree:
    """Moments of parts that arrive in any order but are always combined in the same order.

    Parts are numbered from 0. Two blocks are combined when they are the halves of a block whose
    length is a power of two and which begins at a multiple of that length. Blocks left at the end
    are combined from the left. So the result depends on the parts alone, not on where or when they
    were computed.
    """

    def __init__(self) -> None:
        self._blocks: dict[tuple[int, int], Moments] = {}  # by height and place

    def add(self, part: int, moments: Moments, height: int = 0) -> None:
        """Add part number `part`, or block number `part` of the blocks of 2**height parts."""
        place = part
        while (other := self._blocks.pop((height, place ^ 1), None)) is not None:
            first, second = (other, moments) if place & 1 else (moments, other)
            moments = combined(first, second)
            height, place = height + 1, place >> 1
        self._blocks[height, place] = moments

    def blocks(self) -> Iterator[tuple[int, int, Moments]]:
        """(height, place, moments) of each block, to be added to another tree."""
        for (height, place), moments in self._blocks.items():
            yield height, place, moments

    def result(self) -> Moments:
        """Moments of all parts together.

        Raises
        ------
        ValueError
            If no part has been added.
        """
        blocks = sorted((place << height, m) for (height, place), m in self._blocks.items())
        if not blocks:
            raise ValueError("no part has been taken in")
        found = blocks[0][1]
        for _, moments in blocks[1:]:
            found = combined(found, moments)
        return found


def shape_of(moments: Moments) -> Shape:
    """As `riskengine.measures.shape.Shape.of`, from one row of moments."""
    n, mean, squares, cubes = (float(x) for x in moments[:4])
    return Shape.from_sums(int(n), mean, squares, cubes)


def sd_of(moments: Moments) -> Estimate:
    """As `riskengine.measures.moments.sd`, from one row of moments."""
    shape, fourths = shape_of(moments), float(moments[4])
    if shape.n < 2:
        return UNKNOWN
    variance = shape.squares / (shape.n - 1.0)
    kurtosis = fourths / variance / variance / shape.n if variance > 0.0 else 0.0
    return spread_around(math.sqrt(variance), kurtosis, shape)
