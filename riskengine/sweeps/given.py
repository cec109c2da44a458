"""A sample of points as one parameter orders them: what a figure may depend on it by.

Settings of a list are classes, equal ones the same class. Numbers of a range or distribution have
an order, and a figure may follow it along straight lines between knots, as few as it can do with.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from riskengine.sweeps.attribution import Rows
from riskengine.sweeps.designs import Design
from riskengine.sweeps.series import Floats

_SEGMENTS = (1, 2, 4, 8, 16, 32)  #: between knots
_POINTS_A_SEGMENT = 5
_POINTS_A_SETTING = 2.0  #: of a list with fewer points for each setting, only the order can be told


class Ordered:
    """The points of a sample along one parameter.

    Parameters
    ----------
    design : Design
    parameter : int
        Its position.
    points : ndarray of int, shape (n,)
        Which points of the design.
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
        """Of which rows -> the orthonormal columns that describe a figure best.

        Among numbers of knots the one with the least generalised cross-validation (Craven and
        Wahba 1979), for which more columns must pay for themselves.
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
        """The same for every figure, and so kept."""
        key = segments, rows.tobytes()
        if key not in self._kept:
            self._kept[key] = self._lines(segments, rows)
        return self._kept[key]

    def _lines(self, segments: int, rows: Rows) -> Floats:
        from scipy.interpolate import BSpline
        from scipy.linalg import orth

        # By rank, so that each segment has its points.
        places = (np.argsort(np.argsort(self.ranks[rows])) + 0.5) / len(rows)
        knots = np.concatenate([[0.0], np.linspace(0.0, 1.0, segments + 1), [1.0]])
        return np.asarray(orth(BSpline.design_matrix(places, knots, 1).toarray()))


def _indicators(classes: NDArray[np.int64]) -> Floats:
    """A column for each class, 0 outside of it."""
    _, which, counts = np.unique(classes, return_inverse=True, return_counts=True)
    columns: Floats = np.eye(len(counts))[which] / np.sqrt(counts)
    return columns
