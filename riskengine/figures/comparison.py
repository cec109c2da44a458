"""Compares two runs figure by figure, with the interval of each difference.

If two runs share their draws (`riskengine.figures.pairing`), figures are compared trial by trial. A
figure whose values by trial are not kept is compared by the intervals of both runs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from riskengine.figures.catalog import find
from riskengine.figures.measure import ByTrial, Measure, Within
from riskengine.figures.metrics import Figure
from riskengine.figures.pairing import Pairing, Side, common_levels, pairing
from riskengine.measures.estimate import Estimate
from riskengine.measures.paired import Pair, apart, variance_ratio

PAIRED, UNPAIRED = "paired", "unpaired"
_ROUNDING = 1e-12  #: relative; a smaller difference may be rounding of the sum


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One figure of both runs and the difference, b minus a; nan if there is none."""

    scope: str
    name: str
    component: str
    measure: str
    level: float | None
    a: float  #: of the first run
    b: float  #: of the second run
    difference: float  #: b minus a
    lower: float  #: lower end of the 95 % interval of the difference
    upper: float  #: upper end of it
    variance_ratio: float  #: variance of the difference without pairing, over the actual one
    pairing: str  #: paired or unpaired; empty if there is no interval
    unit: str

    @property
    def estimate(self) -> Estimate:
        return Estimate(self.difference, self.lower, self.upper)


class Key(NamedTuple):
    """The subject, measure and level of a figure."""

    scope: str
    name: str
    component: str
    measure: str
    level: float | None


class _Change(NamedTuple):
    """The values of a figure in both runs, and their difference."""

    a: float
    b: float
    estimate: Estimate
    how: str = ""
    ratio: float = math.nan


def compare(
    a: Side, b: Side, *, unpaired: str = "", wanted: Callable[[Key], bool] = lambda _: True
) -> tuple[Pairing, list[Difference]]:
    """Whether two runs are paired, and the difference of every figure that either has.

    Parameters
    ----------
    a, b : Side
        Both in the same money. If they share draws, the trials that both have are compared.
    unpaired : str
        As for `pairing`: why they are compared by their intervals in any case.
    wanted : callable
        Which figures are compared; all if left out.
    """
    found = pairing(a, b, unpaired)
    if found.paired:
        a, b = (side.within(found.first_trial, found.trials) for side in (a, b))
    return found, list(_Comparer(a, b, found.paired).rows(wanted))


def compare_stored(a: Iterable[Figure], b: Iterable[Figure]) -> list[Difference]:
    """The differences of figures that both sides have, from the intervals of both."""
    first = {_key(figure): figure for figure in a}
    return [
        _row(key, figure.unit, _as_stored((first[key], figure)))
        for figure in b
        if (key := _key(figure)) in first
    ]


class _Comparer:
    """Computes all measures of two runs; keeps the last series, because sorting is expensive."""

    def __init__(self, a: Side, b: Side, paired: bool):
        self._sides = (a, b)
        self._paired = paired
        self._levels = common_levels(a, b)
        self._figures = tuple({_key(figure): figure for figure in side.figures} for side in (a, b))
        self._pair = lru_cache(maxsize=3)(self._make_pair)

    def rows(self, wanted: Callable[[Key], bool]) -> Iterator[Difference]:
        first, second = self._figures
        for key, figure in {**first, **{k: f for k, f in second.items() if k not in first}}.items():
            if self._is_compared(key) and wanted(key):
                yield _row(key, figure.unit, self._change(key))

    def _is_compared(self, key: Key) -> bool:
        """Whether both runs have the confidence level of a figure, if it has one."""
        measure = find(key.measure, key.component)
        return measure is None or not measure.has_confidence or key.level in self._levels

    def _change(self, key: Key) -> _Change:
        stored = [side.get(key) for side in self._figures]
        if None in stored:
            a, b = (math.nan if figure is None else figure.value for figure in stored)
            return _Change(a, b, Estimate.alone(math.nan))
        measure = find(key.measure, key.component)
        if measure is not None and measure.within is not None:
            return self._part(measure.within, key, stored)
        pair = self._pair_of(measure, key)
        if measure is None or measure.by_trial is None or pair is None:
            return _as_stored(stored)
        return self._measured(measure.by_trial, pair, _level(key))

    def _measured(self, taken: ByTrial, pair: Pair, level: float) -> _Change:
        first, second = (taken.alone(trials, level) for trials in pair.both)
        independent = apart(first, second)
        if not self._paired:
            return _Change(first.value, second.value, independent, UNPAIRED)
        change = taken.paired(pair, level)
        ratio = variance_ratio(independent, change)
        return _Change(first.value, second.value, change, PAIRED, ratio)

    def _part(self, within: Within, key: Key, stored: Sequence[Figure | None]) -> _Change:
        """A figure of a part of the total, which needs the total as well."""
        whole, part = self._pair("total"), self._pair_of(find(key.measure), key)
        if whole is None:
            return _as_stored(stored)
        if part is None:
            return _Change(math.nan, math.nan, Estimate.alone(math.nan))
        a, b = (
            within(of_part, of_whole, _level(key))
            for of_part, of_whole in zip(part.both, whole.both, strict=True)
        )
        return _Change(a, b, Estimate.alone(b - a))

    def _pair_of(self, measure: Measure | None, key: Key) -> Pair | None:
        if measure is None:
            return None
        return self._pair(measure.column(key.scope, key.name, key.component))

    def _make_pair(self, column: str) -> Pair | None:
        first, second = (side.column(column) for side in self._sides)
        return None if first is None or second is None else Pair(first, second)


def _as_stored(stored: Sequence[Figure | None]) -> _Change:
    """The difference from the intervals of both runs, as if the runs were independent."""
    first, second = (Estimate(f.value, f.lower, f.upper) for f in stored if f)
    return _Change(first.value, second.value, apart(first, second), UNPAIRED)


def _level(key: Key) -> float:
    return math.nan if key.level is None else key.level


def _key(figure: Figure) -> Key:
    return Key(figure.scope, figure.name, figure.component, figure.measure, figure.level)


def _row(key: Key, unit: str, change: _Change) -> Difference:
    # Adding 0 turns a negative zero into a zero.
    value, lower, upper = (end + 0.0 for end in _settled(change))
    return Difference(
        **key._asdict(),
        a=change.a + 0.0,
        b=change.b + 0.0,
        difference=value,
        lower=lower,
        upper=upper,
        variance_ratio=math.inf if lower == upper and change.ratio > 1.0 else change.ratio,
        pairing="" if math.isnan(lower) else change.how,
        unit=unit,
    )


def _settled(change: _Change) -> Estimate:
    """The difference without rounding: sums of different losses may differ in the last bit."""
    value, lower, upper = change.estimate
    least = _ROUNDING * (abs(change.a) + abs(change.b))
    if math.isnan(lower) or upper - lower > least or change.how != PAIRED:
        return change.estimate
    value = value if abs(value) > least else 0.0
    return Estimate(value, value, value)
