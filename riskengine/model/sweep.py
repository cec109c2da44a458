"""What a sweep varies, as frozen values: a method, and parameters with the values of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from riskengine.model.distributions import Distribution

GRID, ONE_AT_A_TIME = "grid", "one-at-a-time"
LATIN_HYPERCUBE, SOBOL, MORRIS = "latin-hypercube", "sobol", "morris"
METHODS = (GRID, ONE_AT_A_TIME, LATIN_HYPERCUBE, SOBOL, MORRIS)
SAMPLED = (LATIN_HYPERCUBE, SOBOL, MORRIS)  #: methods that draw a given number of points

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A parameter takes one setting of a list after another."""

    settings: tuple[tuple[Any, ...], ...]  #: each has one value for each path of the parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterRange:
    """A parameter takes any number from `low` to `high`; in a draw, all are equally likely."""

    low: float
    high: float
    count: int | None  #: of evenly spaced values, where a method needs values; None if not given


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One thing that a sweep varies: one path of the config, or several that move together."""

    name: str  #: as the config spells it
    paths: tuple[Path, ...]
    over: Listed | ParameterRange | Distribution
    is_whole: bool = False  #: takes whole numbers only, so that drawn ones are rounded


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """The points that a sweep plays in addition to the base case."""

    method: str  #: one of `METHODS`
    samples: int | None  #: of the sampled methods
    seed: int  #: of the points; that of the draws is the scenario's own
    parameters: tuple[Parameter, ...]

    @property
    def paths(self) -> tuple[Path, ...]:
        """All paths, in order of the parameters."""
        return tuple(path for parameter in self.parameters for path in parameter.paths)
