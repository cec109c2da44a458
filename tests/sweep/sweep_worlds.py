"""Designs played with plain functions instead of the engine, shared by the tests of sweeps."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.model.sweep import Listed, Parameter, ParameterRange, Sweep
from riskengine.sweeps.designs import Design, design
from riskengine.sweeps.noise import PARTS
from riskengine.sweeps.series import Series, series_of
from riskengine.sweeps.tables import PointRow, SweepRow

Floats = NDArray[np.float64]
Function = Callable[[Floats], float]
MARGIN = 0.25  #: half-width of every made-up interval


def ranged(name: str, low: float = 0.0, high: float = 1.0, count: int | None = None) -> Parameter:
    return Parameter(
        name=name,
        paths=(tuple(name.split(".")),),
        over=ParameterRange(low=low, high=high, count=count),
    )


def listed(name: str, *settings: Any) -> Parameter:
    return Parameter(
        name=name,
        paths=(tuple(name.split(".")),),
        over=Listed(settings=tuple((setting,) for setting in settings)),
    )


def designed(method: str, samples: int | None, *parameters: Parameter, seed: int = 1) -> Design:
    return design(Sweep(method=method, samples=samples, seed=seed, parameters=parameters))


def played(
    made: Design,
    function: Function,
    base: tuple[Any, ...],
    *,
    failed: Collection[int] = (),
    noise: Floats | None = None,
    **of: Any,
) -> tuple[list[PointRow], list[Series]]:
    """Each point of a design and its one figure, a function of the numbers of the point.

    `noise`, of shape (points, parts), is what each part of the trials adds; without it there is
    none.
    """
    settings = [base, *(_filled(point, base) for point in made.points)]
    points = [
        PointRow(
            point=number,
            status="failed" if number in failed else "done",
            message="broken" if number in failed else "",
            settings=each,
        )
        for number, each in enumerate(settings)
    ]
    parts = np.zeros((len(points), PARTS)) if noise is None else noise
    drawn = np.mean(parts, axis=1) if parts.shape[1] else np.zeros(len(points))
    done = [row.point for row in points if row.status == "done"]
    values = [
        function(np.array(points[k].settings, dtype=np.float64)) + float(drawn[k]) for k in done
    ]
    centre = values[0]
    rows = [figure(k, value, centre, **of) for k, value in zip(done, values, strict=True)]
    return points, series_of(rows, len(points), (parts - drawn[:, None])[done])


def figure(point: int, value: float, centre: float, **of: Any) -> SweepRow:
    key = {"scope": "total", "name": "", "measure": "mean", "level": None, "unit": "EUR"} | of
    margin = 0.1 if point else 0.0
    return SweepRow(
        point=point,
        **key,
        value=value,
        lower=value - MARGIN,
        upper=value + MARGIN,
        difference=value - centre,
        difference_lower=value - centre - margin,
        difference_upper=value - centre + margin,
    )


def _filled(point: tuple[Any, ...], base: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(b if value is None else value for value, b in zip(point, base, strict=True))


# Functions with known indices: Ishigami and Homma (1990); Sobol's G, as in Saltelli et al. (2010).


def ishigami(x: Floats, a: float = 7.0, b: float = 0.1) -> float:
    return float(math.sin(x[0]) + a * math.sin(x[1]) ** 2 + b * x[2] ** 4 * math.sin(x[0]))


def ishigami_indices(a: float = 7.0, b: float = 0.1) -> dict[str, list[float]]:
    pi4, pi8 = math.pi**4, math.pi**8
    first = [0.5 * (1.0 + b * pi4 / 5.0) ** 2, a * a / 8.0, 0.0]
    both = b * b * pi8 * (1.0 / 18.0 - 1.0 / 50.0)
    whole = sum(first) + both
    total = [first[0] + both, first[1], both]
    return {"S1": [v / whole for v in first], "ST": [v / whole for v in total]}


G = (0.0, 1.0, 4.5, 9.0)


def sobol_g(x: Floats) -> float:
    return math.prod(
        (abs(4.0 * value - 2.0) + a) / (1.0 + a) for value, a in zip(x, G, strict=True)
    )


def sobol_g_indices() -> dict[str, list[float]]:
    parts = [1.0 / (3.0 * (1.0 + a) ** 2) for a in G]
    whole = math.prod(1.0 + part for part in parts) - 1.0
    total = [part * (1.0 + whole) / (1.0 + part) / whole for part in parts]
    return {"S1": [part / whole for part in parts], "ST": total}
