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

from riskengine.model.settings import Setting, count_settings, settings_at, taken_settings
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

_Matrix = NDArray[np.float64]


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
    """Levels of a Morris design, an even number: enough to reach each setting of each list."""
    longest = max((count_settings(p) for p in parameters if isinstance(p.over, Listed)), default=0)
    return max(FEWEST_LEVELS, longest + longest % 2)


def _settings(sweep: Sweep, position: int, matrix: _Matrix) -> list[Setting]:
    """What one parameter is set to at each point."""
    parameter, column = sweep.parameters[position], matrix[:, position]
    if sweep.method not in SAMPLED:
        taken = taken_settings(parameter)
        as_in_base = (None,) * len(parameter.paths)
        return [as_in_base if math.isnan(index) else taken[int(index)] for index in column]
    if sweep.method == MORRIS and not isinstance(parameter.over, Interval):
        # Its levels include 0 and 1, where a distribution may have no value: take instead the
        # middle of each of as many equal parts.
        levels = _levels(sweep.parameters)
        column = (np.rint(column * (levels - 1)) + 0.5) / levels
    return settings_at(parameter, column)
