"""Parameters -> points: which settings each point of a sweep plays, by method.

The sampled designs are SciPy's and SALib's; each of their columns is a share in [0, 1] that turns
into a setting by inversion: of a list all settings are equally likely, of a range all numbers, and
of a distribution it is the quantile, by the engine's own quantile functions.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.model.distributions import Distribution
from riskengine.model.sweep import (
    GRID,
    LATIN_HYPERCUBE,
    MORRIS,
    ONE_AT_A_TIME,
    SAMPLED,
    SOBOL,
    Interval,
    Listed,
    Parameter,
    Path,
    Sweep,
)

FEWEST_LEVELS = 4  #: of a Morris design: the usual number, with steps of two thirds of the range
TORNADO = (0.05, 0.5, 0.95)  #: quantiles of a distribution that one-at-a-time takes
_CLOSEST = 2.0**-31  #: to 0 or 1 that a share may come: half a step of a Sobol sequence

_Matrix = NDArray[np.float64]
_Setting = tuple[Any, ...]  #: one value for each path of a parameter


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Design:
    """The points of a sweep without the base case: `points[i]` is point number i + 1."""

    method: str
    samples: int | None
    seed: int
    parameters: tuple[Parameter, ...]
    points: tuple[tuple[Any, ...], ...]  #: a value for each of `paths`; None: as in the base case
    #: (points, parameters): shares in [0, 1] of the sampled methods; else the index of the setting
    #: among those the parameter takes, nan where it stays as in the base case
    matrix: _Matrix
    levels: int = FEWEST_LEVELS  #: of a Morris design

    @property
    def paths(self) -> tuple[Path, ...]:
        """All paths, in order of the parameters."""
        return tuple(path for parameter in self.parameters for path in parameter.paths)

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters, as the config spells them."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def problem(self) -> dict[str, Any]:
        """What SALib asks for; a new one each time, because SALib writes into it."""
        return _problem(self.parameters)

    @property
    def is_sampled(self) -> bool:
        """Whether the columns of `matrix` are shares in [0, 1]."""
        return self.method in SAMPLED

    @property
    def independent(self) -> NDArray[np.int64]:
        """Positions of the points that are an independent sample of all parameters.

        All of a Latin hypercube; of a Saltelli design those of its two base samples, the first and
        the last of each group of `len(parameters) + 2`; none of any other design.
        """
        if self.method == LATIN_HYPERCUBE:
            return np.arange(len(self.points))
        if self.method != SOBOL:
            return np.arange(0)
        position = np.arange(len(self.points)) % (len(self.parameters) + 2)
        return np.flatnonzero((position == 0) | (position == len(self.parameters) + 1))

    @property
    def is_uncertain(self) -> bool:
        """Whether the points are draws of something that is not known: a range or distribution."""
        varied = any(not isinstance(parameter.over, Listed) for parameter in self.parameters)
        return varied and len(self.independent) > 0


def count_points(sweep: Sweep) -> int:
    """How many points a sweep has beside the base case, without making them."""
    if sweep.method in SAMPLED:
        samples = sweep.samples or 0
        extra = len(sweep.parameters) + {SOBOL: 2, MORRIS: 1}.get(sweep.method, 0)
        return samples if sweep.method == LATIN_HYPERCUBE else samples * extra
    sizes = [_size(parameter) for parameter in sweep.parameters]
    return math.prod(sizes) if sweep.method == GRID else sum(sizes)


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


def taken_settings(parameter: Parameter) -> list[_Setting]:
    """The settings that a parameter takes where a method needs a list of them.

    Of a range its `count` evenly spaced values, or its two ends; of a distribution its 5 %, 50 %
    and 95 % quantiles.
    """
    over = parameter.over
    if isinstance(over, Listed):
        return list(over.settings)
    if isinstance(over, Distribution):
        return _spread(parameter, _quantiles(over, np.array(TORNADO)))
    return _spread(parameter, np.linspace(over.low, over.high, over.count or 2))


def end_settings(parameter: Parameter) -> list[_Setting]:
    """The settings to try before anything runs: all of a list, else the ends that points reach."""
    over = parameter.over
    if isinstance(over, Listed):
        return list(over.settings)
    if isinstance(over, Distribution):
        return _spread(parameter, _quantiles(over, np.array([_CLOSEST, 1.0 - _CLOSEST])))
    return _spread(parameter, np.array([over.low, over.high]))


def _size(parameter: Parameter) -> int:
    over = parameter.over
    if isinstance(over, Listed):
        return len(over.settings)
    return len(TORNADO) if isinstance(over, Distribution) else over.count or 2


def _grid(sweep: Sweep) -> _Matrix:
    sizes = [range(_size(parameter)) for parameter in sweep.parameters]
    return np.array(list(itertools.product(*sizes)), dtype=np.float64)


def _one_at_a_time(sweep: Sweep) -> _Matrix:
    sizes = [_size(parameter) for parameter in sweep.parameters]
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
    """Levels of a Morris design, an even number: enough to reach each setting of each list."""
    longest = max((_size(p) for p in parameters if isinstance(p.over, Listed)), default=0)
    return max(FEWEST_LEVELS, longest + longest % 2)


def _settings(sweep: Sweep, position: int, matrix: _Matrix) -> list[_Setting]:
    """What one parameter is set to at each point."""
    parameter, column = sweep.parameters[position], matrix[:, position]
    if sweep.method not in SAMPLED:
        taken = taken_settings(parameter)
        as_in_base = (None,) * len(parameter.paths)
        return [as_in_base if math.isnan(index) else taken[int(index)] for index in column]
    over = parameter.over
    if isinstance(over, Interval):
        return _spread(parameter, over.low + (over.high - over.low) * column)
    if sweep.method == MORRIS:  # its levels include 0 and 1: take the middle of each step instead
        levels = _levels(sweep.parameters)
        column = (np.rint(column * (levels - 1)) + 0.5) / levels
    if isinstance(over, Distribution):
        return _spread(parameter, _quantiles(over, np.clip(column, _CLOSEST, 1.0 - _CLOSEST)))
    last = len(over.settings) - 1
    return [over.settings[min(last, int(share * (last + 1)))] for share in column]


def _spread(parameter: Parameter, numbers: _Matrix) -> list[_Setting]:
    """Each number for all paths of a parameter."""
    found: list[float] | list[int] = [float(number) for number in numbers]
    if parameter.is_whole:
        found = [round(number) for number in found]
    return [(number,) * len(parameter.paths) for number in found]


def _quantiles(distribution: Distribution, shares: _Matrix) -> _Matrix:
    from riskengine.kernel import quantiles
    from riskengine.model.shelf import Shelf

    quantile: Callable[..., float] = quantiles.quantile

    shelf = Shelf()
    index = shelf.put(distribution)
    arrays, grid = shelf.distributions(), shelf.grid()
    return np.array([quantile(arrays, grid, index, float(share)) for share in shares])
