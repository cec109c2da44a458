"""What reports read out of the tables of a sweep: figures by key, parameters by their effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from riskengine.measures.estimate import UNKNOWN, Estimate
from riskengine.model.confidence import detail_level
from riskengine.model.sweep import GRID, ONE_AT_A_TIME
from riskengine.sweeps.noisy import NOISE
from riskengine.sweeps.series import Series, SeriesKey, series_of
from riskengine.sweeps.settings import parameter_spans, setting_text, shown_setting
from riskengine.sweeps.tables import NoiseRow, SensitivityRow, Setting, SweepTables, UncertaintyRow

MEAN = SeriesKey("total", "", "mean", None)


class Driver(NamedTuple):
    """One parameter and its effect on one figure."""

    parameter: str
    rank: int
    indices: Mapping[str, SensitivityRow]

    def estimate(self, index: str) -> Estimate:
        row = self.indices.get(index)
        return Estimate(row.value, row.lower, row.upper) if row else UNKNOWN

    @property
    def is_clear(self) -> bool:
        """Whether its effect stands out from the noise of trials and points."""
        return all(row.clear for row in self.indices.values())

    def setting(self, index: str) -> str:
        return shown_setting(self.indices[index].setting)


class Band(NamedTuple):
    """A figure of the total, and how far it moves over the sweep points."""

    key: SeriesKey
    base: Estimate  #: of the base case
    spread: UncertaintyRow


class Trace(NamedTuple):
    """A figure along the numbers that one parameter takes."""

    parameter: str
    xs: list[float]  #: ascending
    estimates: dict[SeriesKey, list[Estimate]]


@dataclass(frozen=True, eq=False)
class Heat:
    """A figure over both parameters of a grid."""

    key: SeriesKey
    parameters: tuple[str, str]  #: the one down and the one across
    rows: list[str]  #: settings of the first
    columns: list[str]
    values: list[list[float]]  #: nan where a point failed


@dataclass(frozen=True, eq=False)
class SweepView:
    """Reads the tables of a sweep, and caches what takes work to derive."""

    tables: SweepTables

    @cached_property
    def series(self) -> dict[SeriesKey, Series]:
        found = series_of(self.tables.figures, len(self.tables.points))
        return {series.key: series for series in found}

    @cached_property
    def levels(self) -> list[float]:
        """The confidence levels of the sweep, ascending."""
        found = {key.level for key in self.series if key[:3] == ("total", "", "var")}
        return sorted(level for level in found if level is not None)

    @property
    def var(self) -> SeriesKey:
        """VaR of the total at the level at which points are compared."""
        return SeriesKey("total", "", "var", detail_level(self.levels))

    @property
    def main(self) -> tuple[SeriesKey, ...]:
        """The figures that people ask for first: the mean, VaR and TVaR of the total."""
        return MEAN, self.var, self.var._replace(measure="tvar")

    @property
    def ranked(self) -> tuple[SeriesKey, ...]:
        """Figures whose drivers are described in words."""
        return MEAN, self.var

    @property
    def bands(self) -> tuple[SeriesKey, ...]:
        """Figures whose percentiles over the points are shown: the mean, then by level."""
        tails = (self.var._replace(measure=name) for name in ("var", "tvar"))
        return (MEAN, *(key._replace(level=level) for key in tails for level in self.levels))

    def base(self, key: SeriesKey) -> Estimate:
        """A figure of the base case."""
        return self.at(key, 0)

    def at(self, key: SeriesKey, point: int) -> Estimate:
        if key not in self.series:
            return UNKNOWN
        series = self.series[key]
        lower, upper = series.ends[point]
        return Estimate(float(series.values[point]), float(lower), float(upper))

    def centre(self, key: SeriesKey) -> tuple[float, str]:
        """The middle of a tornado: the base case, or for a grid the average of its points."""
        if self.tables.method != GRID:
            return self.base(key).value, "base case"
        return float(np.mean(self.series[key].values[1:])), "average"

    @cached_property
    def failed(self) -> list[int]:
        return [row.point for row in self.tables.points if row.status != "done"]

    @cached_property
    def _spans(self) -> list[slice]:
        return parameter_spans(self.tables.parameters, len(self.tables.paths))

    @cached_property
    def settings(self) -> list[list[tuple[Setting, ...]]]:
        """The settings of each parameter at each point; the first point is the base case."""
        base = self.tables.points[0].settings
        filled = [
            tuple(b if own is None else own for own, b in zip(row.settings, base, strict=True))
            for row in self.tables.points
        ]
        return [[row[span] for row in filled] for span in self._spans]

    @cached_property
    def _drivers(self) -> dict[SeriesKey, list[Driver]]:
        found: dict[SeriesKey, dict[str, dict[str, SensitivityRow]]] = {}
        for row in self.tables.sensitivity:
            found.setdefault(_key(row), {}).setdefault(row.parameter, {})[row.index] = row
        return {
            key: sorted(
                (Driver(name, next(iter(rows.values())).rank, rows) for name, rows in each.items()),
                key=lambda driver: driver.rank,
            )
            for key, each in found.items()
        }

    def drivers(self, key: SeriesKey) -> list[Driver]:
        """The parameters that have indices for a figure, in order of their effect."""
        return self._drivers.get(key, [])

    def is_noise(self, key: SeriesKey) -> bool:
        """Whether a figure spreads no wider over the points than noise alone would."""
        row = self._noise.get(key)
        return row is not None and row.verdict == NOISE

    @cached_property
    def _noise(self) -> dict[SeriesKey, NoiseRow]:
        return {_key(row): row for row in self.tables.noise}

    @property
    def is_tornado(self) -> bool:
        """Whether the indices are swings."""
        return self.tables.method in (ONE_AT_A_TIME, GRID)

    def uncertain(self, key: SeriesKey) -> UncertaintyRow | None:
        return self._uncertain.get(key)

    @cached_property
    def _uncertain(self) -> dict[SeriesKey, UncertaintyRow]:
        return {_key(row): row for row in self.tables.uncertainty}

    @property
    def spreads(self) -> list[Band]:
        """How far the figures of the total move over the points; empty unless points are draws."""
        found = [(key, self.uncertain(key)) for key in self.bands]
        return [Band(key, self.base(key), row) for key, row in found if row is not None]

    @cached_property
    def traces(self) -> list[Trace]:
        """The main figures along each parameter that takes numbers.

        Only designs that choose the settings have traces. In a one-at-a-time design, all other
        parameters are at the base case. A grid takes the average over the other parameters, and
        needs all its points.
        """
        if not self.is_tornado or (self.tables.method == GRID and self.failed):
            return []
        return [trace for trace in map(self._trace, range(len(self._spans))) if trace]

    def _trace(self, position: int) -> Trace | None:
        settings = self.settings[position]
        at: dict[float, list[int]] = {}
        for point in self._moved(position):
            number = _number(settings[point])
            if number is None:
                return None
            if point not in self.failed:
                at.setdefault(number, []).append(point)
        xs = sorted(at)
        if len(xs) < 2:
            return None
        found = {key: [self._average(key, at[x]) for x in xs] for key in self.main}
        return Trace(self.tables.parameters[position], xs, found)

    def _moved(self, position: int) -> list[int]:
        """The points that belong to the line of a parameter."""
        points = range(len(self.tables.points))
        if self.tables.method == GRID:
            return list(points[1:])
        others = [each for k, each in enumerate(self.settings) if k != position]
        return [p for p in points if all(each[p] == each[0] for each in others)]

    def _average(self, key: SeriesKey, points: Sequence[int]) -> Estimate:
        if self.tables.method != GRID or len(points) == 1:
            return self.at(key, points[0])  # all these points have the same settings
        return Estimate.alone(float(np.mean([self.at(key, point).value for point in points])))

    def heats(self) -> Iterator[Heat]:
        """The main figures over a grid of two parameters."""
        if self.tables.method != GRID or len(self._spans) != 2:
            return
        grid = [each[1:] for each in self.settings]
        down, across = (_ordered(each) for each in grid)
        place = {pair: point for point, pair in enumerate(zip(*grid, strict=True), start=1)}
        first, second = self.tables.parameters
        for key in self.main:
            values = [
                [self.at(key, place[d, a]).value if (d, a) in place else np.nan for a in across]
                for d in down
            ]
            rows, columns = ([setting_text(s) for s in each] for each in (down, across))
            yield Heat(key, (first, second), rows, columns, values)


def _key(row: SensitivityRow | NoiseRow | UncertaintyRow) -> SeriesKey:
    return SeriesKey(row.scope, row.name, row.measure, row.level)


def _ordered(settings: Sequence[tuple[Setting, ...]]) -> list[tuple[Setting, ...]]:
    """The settings without duplicates; numbers ascending, others in the order of the config."""
    found = list(dict.fromkeys(settings))
    numbers = [_number(setting) for setting in found]
    if all(number is not None for number in numbers):
        return sorted(found, key=lambda setting: _number(setting) or 0.0)
    return found


def _number(setting: tuple[Setting, ...]) -> float | None:
    """The number that a parameter is set to; None for words, or if its paths differ."""
    value, *others = setting
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if all(other == value for other in others) else None
