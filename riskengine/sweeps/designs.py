"""From parameters to sweep points: the settings of each point, by method.

The sampled designs are SciPy's and SALib's. Each of their columns holds shares in [0, 1], which
become settings by inversion. In a list all settings are equally likely, and in a range all numbers.
For a distribution the setting is the quantile, from the engine's own quantile functions.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.model.settings import Setting, count_settings, settings_at, taken_settings
from riskengine.model.sweep import (
    GRID,
    LATIN_HYPERCUBE,
    MORRIS,
    ONE_AT_A_TIME,
    SAMPLED,
    SOBOL,
    Listed,
    Parameter,
    ParameterRange,
    Path,
    Sweep,
)

FEWEST_LEVELS = 4  #: of a Morris design: the usual number, with steps of two thirds of the range

_Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Design:
    """The points of a sweep without the base case: `points[i]` is point number i + 1."""

    method: str
    samples: int | None
    seed: int
    parameters: tuple[Parameter, ...]
    points: tuple[tuple[Any, ...], ...]  #: a value for each of `paths`; None: that of the base case
    #: (points, parameters): shares in [0, 1] for the sampled methods; otherwise the index of the
    #: setting among those of the parameter, nan where it stays as in the base case
    matrix: _Matrix
    levels: int = FEWEST_LEVELS  #: of a Morris design

    @property
    def paths(self) -> tuple[Path, ...]:
        """All paths, in order of the parameters."""
        return tuple(path for parameter in self.parameters for path in parameter.paths)

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters as the config writes them."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def problem(self) -> dict[str, Any]:
        """The problem definition for SALib; a new one each time, because SALib writes into it."""
        return _problem(self.parameters)

    @property
    def is_sampled(self) -> bool:
        """Whether the columns of `matrix` are shares in [0, 1]."""
        return self.method in SAMPLED

    @property
    def independent(self) -> NDArray[np.int64]:
        """Positions of the points that are an independent sample of all parameters.

        In a Latin hypercube these are all points. In a Saltelli design they are the points of its
        two base samples: the first and the last of each group of `len(parameters) + 2`. Any other
        design has none.
        """
        if self.method == LATIN_HYPERCUBE:
            return np.arange(len(self.points))
        if self.method != SOBOL:
            return np.arange(0)
        position = np.arange(len(self.points)) % (len(self.parameters) + 2)
        return np.flatnonzero((position == 0) | (position == len(self.parameters) + 1))

    def is_listed(self, parameter: int) -> bool:
        """Whether a parameter takes settings of a list, which may have no order."""
        return isinstance(self.parameters[parameter].over, Listed)

    def setting(self, point: int, parameter: int) -> Setting:
        """The setting of a parameter at a point, given by its position in `points`."""
        start = sum(len(each.paths) for each in self.parameters[:parameter])
        return self.points[point][start : start + len(self.parameters[parameter].paths)]

    @property
    def places(self) -> _Matrix:
        """The position of each point of a sampled design in each parameter's own range.

        Returns
        -------
        ndarray, shape (points, parameters)
            In a range, 0 is the low end and 1 the high end. In a distribution, the place is the
            probability below the value. In a list, 0 is the first setting and 1 the last; between
            them, ordered numbers are placed by distance, and anything else in equal steps.
        """
        columns = [self._places(position) for position in range(len(self.parameters))]
        return np.array(columns).T

    def _places(self, position: int) -> _Matrix:
        over = self.parameters[position].over
        settings = [self.setting(point, position) for point in range(len(self.points))]
        if isinstance(over, ParameterRange):
            return (np.array([setting[0] for setting in settings]) - over.low) / (
                (over.high - over.low) or 1.0
            )
        if isinstance(over, Listed):
            place = dict(zip(over.settings, list_places(over.settings), strict=True))
            return np.array([place[setting] for setting in settings])
        column = self.matrix[:, position]
        return _middles(column, self.levels) if self.method == MORRIS else column

    @property
    def is_uncertain(self) -> bool:
        """Whether the points are draws from an uncertain value: a range or distribution."""
        varied = any(not isinstance(parameter.over, Listed) for parameter in self.parameters)
        return varied and len(self.independent) > 0


def design(sweep: Sweep) -> Design:
    """The points of a sweep; the same sweep always has the same points."""
    makers: dict[str, Callable[[Sweep], _Matrix]] = {
        GRID: _grid,
        ONE_AT_A_TIME: _one_at_a_time,
        LATIN_HYPERCUBE: _latin_hypercube,
        SOBOL: _saltelli,
        MORRIS: _trajectories,
    }
    matrix = np.ascontiguousarray(makers[sweep.method](sweep), dtype=np.float64)
    matrix.setflags(write=False)
    columns = [_settings(sweep, position, matrix) for position in range(len(sweep.parameters))]
    return Design(
        method=sweep.method,
        samples=sweep.samples,
        seed=sweep.seed,
        parameters=sweep.parameters,
        points=tuple(tuple(itertools.chain(*row)) for row in zip(*columns, strict=True)),
        matrix=matrix,
        levels=_levels(sweep.parameters),
    )


def _grid(sweep: Sweep) -> _Matrix:
    sizes = [range(count_settings(parameter)) for parameter in sweep.parameters]
    return np.array(list(itertools.product(*sizes)), dtype=np.float64)


def _one_at_a_time(sweep: Sweep) -> _Matrix:
    sizes = [count_settings(parameter) for parameter in sweep.parameters]
    matrix = np.full((sum(sizes), len(sizes)), math.nan)
    row = 0
    for position, size in enumerate(sizes):
        matrix[row : row + size, position] = np.arange(size)
        row += size
    return matrix


def _latin_hypercube(sweep: Sweep) -> _Matrix:
    from scipy.stats import qmc

    sampler = qmc.LatinHypercube(len(sweep.parameters), rng=sweep.seed)
    return np.asarray(sampler.random(sweep.samples))


def _saltelli(sweep: Sweep) -> _Matrix:
    from SALib.sample import sobol

    drawn = sobol.sample(
        _problem(sweep.parameters), sweep.samples, calc_second_order=False, seed=sweep.seed
    )
    return np.asarray(drawn)


def _trajectories(sweep: Sweep) -> _Matrix:
    from SALib.sample import morris

    drawn = morris.sample(
        _problem(sweep.parameters),
        sweep.samples,
        num_levels=_levels(sweep.parameters),
        seed=sweep.seed,
    )
    return np.asarray(drawn)


def _problem(parameters: Sequence[Parameter]) -> dict[str, Any]:
    return {
        "num_vars": len(parameters),
        "names": [parameter.name for parameter in parameters],
        "bounds": [[0.0, 1.0] for _ in parameters],
    }


def _levels(parameters: Sequence[Parameter]) -> int:
    """The number of levels of a Morris design: even, and enough to reach every list setting."""
    listed = [count_settings(p) for p in parameters if isinstance(p.over, Listed)]
    most = max([FEWEST_LEVELS, *listed])
    return most + most % 2


def _middles(column: _Matrix, levels: int) -> _Matrix:
    """The middles of equal parts of the range, in place of evenly spaced levels from 0 to 1."""
    return (np.rint(column * (levels - 1)) + 0.5) / levels


def list_places(settings: Sequence[Setting]) -> list[float]:
    """The position of each setting of a list, between 0 for the first and 1 for the last.

    Numbers in ascending or descending order are placed by distance, so that a linear dependence
    stays linear; numbers on several paths only if the paths agree. Anything else is placed in equal
    steps, with equal settings at the same place.

    >>> list_places([(100,), (150,), (300,)]), list_places([("a",), ("b",), ("c",)])
    ([0.0, 0.25, 1.0], [0.0, 0.5, 1.0])
    """
    columns = [_distances(column) for column in zip(*settings, strict=True)]
    known = [column for column in columns if column is not None]
    if len(known) == len(columns) and all(np.allclose(each, known[0], rtol=1e-9) for each in known):
        return known[0]
    place = {setting: number for number, setting in enumerate(dict.fromkeys(settings))}
    return [place[setting] / max(1, len(place) - 1) for setting in settings]


def _distances(column: Sequence[Any]) -> list[float] | None:
    """How far each number of one path is on the way from the first to the last; None unless
    all values are numbers in order."""
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in column):
        return None
    steps = np.diff(np.array(column, dtype=np.float64))
    if not steps.any() or (steps.min() < 0.0 < steps.max()):
        return None
    return [(value - column[0]) / (column[-1] - column[0]) for value in column]


def _settings(sweep: Sweep, position: int, matrix: _Matrix) -> list[Setting]:
    """The settings of one parameter at each point."""
    parameter, column = sweep.parameters[position], matrix[:, position]
    if sweep.method not in SAMPLED:
        taken = taken_settings(parameter)
        as_in_base = (None,) * len(parameter.paths)
        return [as_in_base if math.isnan(index) else taken[int(index)] for index in column]
    if sweep.method == MORRIS and not isinstance(parameter.over, ParameterRange):
        # The levels include 0 and 1, where a distribution may have no quantile. So the range is
        # cut into as many equal parts, and the middles of the parts are taken instead.
        column = _middles(column, _levels(sweep.parameters))
    return settings_at(parameter, column)
