"""Small sweeps made by hand, one for each method, shared by the tests of their reports."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Collection
from functools import cache
from typing import Any

import numpy as np

from riskengine.model.distributions import distribution
from riskengine.model.notices import Notice
from riskengine.model.sweep import (
    Listed,
    Parameter,
    ParameterRange,
    Path,
    Sweep,
)
from riskengine.sweeps.designs import Design, design
from riskengine.sweeps.indices import sensitivity
from riskengine.sweeps.noise import PARTS
from riskengine.sweeps.noisy import noise_rows
from riskengine.sweeps.series import SeriesKey, series_of
from riskengine.sweeps.tables import PointRow, SweepRow, SweepTables
from riskengine.sweeps.uncertainty import uncertainty, uncertainty_notices

FORMULA = "=cmd|' /C calc'!A0"
SCRIPT = "</script><img src=x onerror=alert(1)>"
STOCK: Path = ("materials", "gallium", "stocks", "public", "days")
RATE: Path = ("disputes", "china-korea", "rate_per_year")
MEDIAN: Path = ("ladder", "full-ban", "sojourn", "lognormal", "median")
RULE: Path = ("industries", "chips", "combine")
BASE = {STOCK: 60, RATE: 0.12, MEDIAN: 120.0, RULE: "min"}


def over(path: Path, *settings: Any, name: str = "") -> Parameter:
    return Parameter(
        name=name or ".".join(path),
        paths=(path,),
        over=Listed(settings=tuple((setting,) for setting in settings)),
    )


STOCKS = over(STOCK, 0, 30, 60, 120, 180)
RATES = over(RATE, 0.05, 0.12, 0.30)
RULES = over(RULE, "min", "sum")
DRAWN = (
    Parameter(
        name=".".join(STOCK), paths=(STOCK,), over=ParameterRange(low=0, high=180, count=None)
    ),
    Parameter(
        name=".".join(RATE), paths=(RATE,), over=distribution("uniform", {"low": 0.05, "high": 0.3})
    ),
    Parameter(
        name=".".join(MEDIAN),
        paths=(MEDIAN,),
        over=distribution("uniform", {"low": 60, "high": 240}),
    ),
)
SWEEPS: dict[str, tuple[int | None, tuple[Parameter, ...]]] = {
    "one-at-a-time": (None, (STOCKS, RATES, RULES)),
    "grid": (None, (STOCKS, RATES)),
    "latin-hypercube": (40, DRAWN),
    "sobol": (32, DRAWN),
    "morris": (8, DRAWN),
}


def loss(settings: dict[Path, Any]) -> float:
    """The mean loss of this world, in which stocks and the length of bans work together."""
    stock = settings.get(STOCK, 60)
    length = settings.get(MEDIAN, 120.0)
    mean = 2_000.0 * settings.get(RATE, 0.12) * length / 120.0 * math.exp(-stock / 150.0)
    return mean * (1.4 if settings.get(RULE) == "sum" else 1.0)


@cache
def usual(method: str) -> SweepTables:
    """The tables of a method as most tests want them; made once."""
    return sweep(method)


def sweep(
    method: str,
    *,
    industries: Collection[str] = ("chips", "motors"),
    failed: Collection[int] = (),
    of: Callable[[dict[Path, Any]], float] = loss,
    parameters: tuple[Parameter, ...] | None = None,
    **about: Any,
) -> SweepTables:
    """All tables of a sweep of this world."""
    samples, usual = SWEEPS[method]
    made = design(Sweep(method=method, samples=samples, seed=1, parameters=parameters or usual))
    points = _points(made, failed)
    rows = [row for point in points if point.status == "done"
            for row in _rows(made, point, industries, of)]  # fmt: skip
    rows = _with_differences(rows)
    series = series_of(rows, len(points), np.zeros((len(rows), PARTS)))
    found = sensitivity(made, points, series)
    facts = {
        "title": "Stocks against bans", "config": "stocks.toml", "money": "USD million",
        "method": method, "trials": 20_000, "seed": 7, "parameters": made.names,
        "paths": tuple(".".join(path) for path in made.paths),
    }  # fmt: skip
    notices = [*found.notices, *uncertainty_notices(made, points)]
    if failed:
        notices.append(Notice(code="failed-points", message=f"Failed: points {sorted(failed)}."))
    return SweepTables(
        **(facts | about),
        points=tuple(points),
        figures=tuple(rows),
        sensitivity=tuple(found.rows),
        uncertainty=tuple(uncertainty(made, series)),
        noise=tuple(noise_rows(made, series)),
        notices=tuple(notices),
    )


def _points(made: Design, failed: Collection[int]) -> list[PointRow]:
    base = tuple(BASE.get(path, 1) for path in made.paths)
    found = []
    for number, values in enumerate([base, *made.points]):
        filled = tuple(b if v is None else v for v, b in zip(values, base, strict=True))
        bad = number in failed
        found.append(
            PointRow(
                point=number,
                status="failed" if bad else "done",
                message="trial 3 has a loss of nan" if bad else "",
                settings=filled,
            )
        )
    return found


def _rows(
    made: Design,
    point: PointRow,
    industries: Collection[str],
    of: Callable[[dict[Path, Any]], float],
) -> list[SweepRow]:
    mean = of(dict(zip(made.paths, point.settings, strict=True)))
    shares = np.linspace(1.0, 2.0, len(industries)) / np.sum(np.linspace(1.0, 2.0, len(industries)))
    subjects = [("total", "", 1.0)]
    subjects += [("industry", n, float(s)) for n, s in zip(industries, shares, strict=True)]
    found = []
    for scope, name, share in subjects:
        for measure, level, factor in _MEASURES:
            value = min(0.9, mean / 900.0) if measure == "prob_loss" else mean * share * factor
            margin = 0.04 * abs(value)
            unit = "probability" if measure == "prob_loss" else "USD million"
            key = SeriesKey(scope, name, measure, level)
            found.append(
                SweepRow(
                    point=point.point, **key._asdict(), unit=unit, value=value,
                    lower=value - margin, upper=value + margin, difference=0.0,
                    difference_lower=0.0, difference_upper=0.0,
                )
            )  # fmt: skip
    return found


_MEASURES = (
    ("mean", None, 1.0), ("sd", None, 2.0), ("prob_loss", None, 0.0),
    ("var", 0.9, 3.0), ("var", 0.95, 4.5), ("var", 0.99, 9.0), ("var", 0.995, 11.0),
    ("tvar", 0.9, 5.0), ("tvar", 0.95, 7.0), ("tvar", 0.99, 12.0), ("tvar", 0.995, 14.0),
)  # fmt: skip


def _with_differences(rows: list[SweepRow]) -> list[SweepRow]:
    base = {(r.scope, r.name, r.measure, r.level): r.value for r in rows if r.point == 0}
    found = []
    for row in rows:
        change = row.value - base[row.scope, row.name, row.measure, row.level]
        margin = 0.02 * abs(change)
        found.append(
            dataclasses.replace(
                row,
                difference=change,
                difference_lower=change - margin,
                difference_upper=change + margin,
            )
        )
    return found
