"""The settings that a parameter of a sweep takes: from a list, a range or a distribution.

numpy is imported inside the functions: reading a config without a sweep does not need it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from riskengine.model.distributions import Distribution
from riskengine.model.sweep import (
    GRID,
    LATIN_HYPERCUBE,
    MORRIS,
    SAMPLED,
    SOBOL,
    Listed,
    Parameter,
    ParameterRange,
    Sweep,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    _Numbers = NDArray[np.float64]

TORNADO = (0.05, 0.5, 0.95)  #: quantiles that stand for a distribution where values are needed
_CLOSEST = 2.0**-31  #: least distance of a share from 0 and 1: half a step of a Sobol sequence

Setting = tuple[Any, ...]  #: one value for each path of a parameter


def count_points(sweep: Sweep) -> int:
    """How many points a sweep has in addition to the base case, without making them."""
    if sweep.method in SAMPLED:
        extra = len(sweep.parameters) + {SOBOL: 2, MORRIS: 1}.get(sweep.method, 0)
        return (sweep.samples or 0) * (1 if sweep.method == LATIN_HYPERCUBE else extra)
    sizes = [count_settings(parameter) for parameter in sweep.parameters]
    return math.prod(sizes) if sweep.method == GRID else sum(sizes)


def count_worlds(sweep: Sweep) -> int:
    """How many independent draws of all parameters a sweep has; 0 for methods without any."""
    draws = {LATIN_HYPERCUBE: 1, SOBOL: 2}.get(sweep.method, 0)
    return (sweep.samples or 0) * draws


def count_settings(parameter: Parameter) -> int:
    """How many settings a parameter takes where a method needs a list of them."""
    over = parameter.over
    if isinstance(over, Listed):
        return len(over.settings)
    return len(TORNADO) if isinstance(over, Distribution) else over.count or 2


def taken_settings(parameter: Parameter) -> list[Setting]:
    """The settings that a parameter takes where a method needs a list of them.

    For a range these are `count` evenly spaced values, or its two ends. For a distribution these
    are its 5 %, 50 % and 95 % quantiles.
    """
    import numpy as np

    over = parameter.over
    if isinstance(over, Listed):
        return list(over.settings)
    if isinstance(over, Distribution):
        return _spread(parameter, _quantiles(over, np.array(TORNADO)))
    return _spread(parameter, np.linspace(over.low, over.high, over.count or 2))


def end_settings(parameter: Parameter) -> list[Setting]:
    """The settings to try before anything runs: all of a list, or the ends that points reach."""
    import numpy as np

    over = parameter.over
    if isinstance(over, Listed):
        return list(over.settings)
    if isinstance(over, Distribution):
        return _spread(parameter, _quantiles(over, np.array([_CLOSEST, 1.0 - _CLOSEST])))
    return _spread(parameter, np.array([over.low, over.high]))


def settings_at(parameter: Parameter, shares: _Numbers) -> list[Setting]:
    """The settings at shares in [0, 1], by inversion.

    All settings of a list are equally likely, and so are all numbers of a range. For a
    distribution, the setting is its quantile.
    """
    import numpy as np

    over = parameter.over
    if isinstance(over, ParameterRange):
        return _spread(parameter, over.low + (over.high - over.low) * shares)
    if isinstance(over, Distribution):
        return _spread(parameter, _quantiles(over, np.clip(shares, _CLOSEST, 1.0 - _CLOSEST)))
    last = len(over.settings) - 1
    return [over.settings[min(last, int(share * (last + 1)))] for share in shares]


def _spread(parameter: Parameter, numbers: _Numbers) -> list[Setting]:
    """Each number for all paths of a parameter."""
    found: list[float] | list[int] = [float(number) for number in numbers]
    if parameter.is_whole:
        found = [round(number) for number in found]
    return [(number,) * len(parameter.paths) for number in found]


def _quantiles(distribution: Distribution, shares: _Numbers) -> _Numbers:
    from riskengine.model.flat.distributions import quantiles_at

    return quantiles_at(distribution, shares)
