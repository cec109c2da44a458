"""A sample of points in the order of one parameter: how a figure may depend on it.

Settings of a list are classes; equal settings are the same class. Numbers of a range or
distribution have an order, and a figure may follow it along straight lines between knots, with as
few knots as possible.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from riskengine.sweeps.attribution import Rows
from riskengine.sweeps.designs import Design
from riskengine.sweeps.series import Floats

_SEGMENTS = (1, 2, 4, 8, 16, 32)  #: numbers of segments between knots to try
_POINTS_A_SEGMENT = 5
_POINTS_A_SETTING = 2.0  #: a list with fewer points per setting gives only an order


class Ordered:
    """The points of a sample along one parameter.

    Parameters
    ----------
    design : Design
    parameter : int
        The position of the parameter.
    points : ndarray of int, shape (n,)
        The points of the design to use.
    """

    def __init__(self, design: Design, parameter: int, points: Rows):
        self._shares = design.matrix[points, parameter]
        settings = [design.setting(point, parameter) for point in points.tolist()]
        numbers = {setting: number for number, setting in enumerate(dict.fromkeys(settings))}
        classes = np.array([numbers[setting] for setting in settings])
        self._is_listed = design.is_listed(parameter)
        few = len(points) / (_POINTS_A_SETTING if self._is_listed else _POINTS_A_SEGMENT)
        #: (n,) the class of each point; None: there are nearly as many settings as points
        self.classes: NDArray[np.int64] | None = classes if len(numbers) <= few else None
        self._kept: dict[tuple[int, bytes], Floats] = {}

    @cached_property
    def ranks(self) -> Rows:
        """The place of each point in the order of the parameter, from 0."""
        return np.argsort(np.argsort(self._shares, kind="stable"), kind="stable")

    def basis_for(self, values: Floats) -> Callable[[Rows], Floats]:
        """A function from rows to the orthonormal columns that describe a figure best.

        The number of knots is the one with the lowest generalised cross-validation score (Craven
        and Wahba 1979), which penalises further columns.
        """
        classes = self.classes
        if classes is not None:
            return lambda rows: _indicators(classes[rows])
        n = len(values)
        everything = np.arange(n)

        def score(segments: int) -> float:
            basis = self._columns(segments, everything)
            left = values - basis @ (basis.T @ values)
            return float(np.sum(left * left) / (1.0 - basis.shape[1] / n) ** 2)

        fitting = [count for count in _SEGMENTS if count * _POINTS_A_SEGMENT <= n]
        best = min(fitting, key=score)
        return lambda rows: self._columns(best, rows)

    def _columns(self, segments: int, rows: Rows) -> Floats:
        """The columns of a number of segments; the same for every figure, and so kept."""
        key = segments, rows.tobytes()
        if key not in self._kept:
            self._kept[key] = self._lines(segments, rows)
        return self._kept[key]

    def _lines(self, segments: int, rows: Rows) -> Floats:
        from scipy.interpolate import BSpline
        from scipy.linalg import orth

        # By rank, so that every segment contains points.
        places = (np.argsort(np.argsort(self.ranks[rows])) + 0.5) / len(rows)
        knots = np.concatenate([[0.0], np.linspace(0.0, 1.0, segments + 1), [1.0]])
        return np.asarray(orth(BSpline.design_matrix(places, knots, 1).toarray()))


def _indicators(classes: NDArray[np.int64]) -> Floats:
    """A column for each class, 0 outside the class."""
    _, which, counts = np.unique(classes, return_inverse=True, return_counts=True)
    columns: Floats = np.eye(len(counts))[which] / np.sqrt(counts)
    return columns
