"""Two runs -> what differs between them, figure by figure, with the interval of each difference.

Where two runs share their draws (`riskengine.figures.pairing`), figures are compared trial by
trial; a figure whose values by trial are not kept is compared by its own intervals.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from riskengine.figures.evidence import Series, median_first_day
from riskengine.figures.metrics import Figure
from riskengine.figures.pairing import Pairing, Side, pairing
from riskengine.measures import paired as by_trial
from riskengine.measures.contributions import contribution, tail_of
from riskengine.measures.estimate import Estimate
from riskengine.measures.moments import chance_above, mean, sd
from riskengine.measures.paired import Pair, apart, variance_ratio
from riskengine.measures.sample import Sample
from riskengine.measures.tail import tvar, var

PAIRED, UNPAIRED = "paired", "unpaired"
_ROUNDING = 1e-12  #: of a figure: less cannot be told from the rounding of its sum


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One figure of both runs and the difference, b minus a; nan where there is none."""

    scope: str
    name: str
    component: str
    measure: str
    level: float | None
    a: float
    b: float
    difference: float
    lower: float
    upper: float  #: the ends of the 95 % interval of the difference
    variance_ratio: float  #: variance of the difference if it were not paired, over that as it is
    pairing: str  #: paired or unpaired; empty where there is no interval
    unit: str

    @property
    def estimate(self) -> Estimate:
        return Estimate(self.difference, self.lower, self.upper)


class Key(NamedTuple):
    """What a figure is of."""

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


def compare(a: Side, b: Side) -> tuple[Pairing, list[Difference]]:
    """Whether two runs are paired, and the difference of every figure that either has.

    Parameters
    ----------
    a, b : Side
        Both in the same money. Where they share draws, of the trials that both have.
    """
    found = pairing(a, b)
    if found.paired:
        a, b = (side.within(found.first_trial, found.trials) for side in (a, b))
    return found, list(_Comparer(a, b, found.paired).rows())


class _Comparer:
    """Takes all measures of two runs; keeps the last series, for they are costly to sort."""

    def __init__(self, a: Side, b: Side, paired: bool):
        self._sides = (a, b)
        self._paired = paired
        self._figures = tuple({_key(figure): figure for figure in side.figures} for side in (a, b))
        self._pair = lru_cache(maxsize=3)(self._make_pair)

    def rows(self) -> Iterator[Difference]:
        first, second = self._figures
        for key, figure in {**first, **{k: f for k, f in second.items() if k not in first}}.items():
            yield _row(key, figure.unit, self._change(key))

    def _change(self, key: Key) -> _Change:
        stored = [side.get(key) for side in self._figures]
        if None in stored:
            a, b = (math.nan if figure is None else figure.value for figure in stored)
            return _Change(a, b, Estimate.alone(math.nan))
        if key.measure == "contribution_tvar" and self._pair("total") is not None:
            a, b = (self._contribution(position, key) for position in (0, 1))
            return _Change(a, b, Estimate.alone(b - a))
        kind, pair = _KINDS.get(key.measure), self._pair(_column(key))
        if kind is None or pair is None:
            first, second = (Estimate(f.value, f.lower, f.upper) for f in stored if f)
            return _Change(first.value, second.value, apart(first, second), UNPAIRED)
        return self._measured(kind, pair, {} if key.level is None else {"level": key.level})

    def _measured(self, kind: _Kind, pair: Pair, level: dict[str, float]) -> _Change:
        first, second = (kind.alone(pair, position, **level) for position in (0, 1))
        independent = apart(first, second)
        if not self._paired:
            return _Change(first.value, second.value, independent, UNPAIRED)
        change = kind.both(pair, **level)
        ratio = variance_ratio(independent, change)
        return _Change(first.value, second.value, change, PAIRED, ratio)

    def _contribution(self, position: int, key: Key) -> float:
        level = key.level or 0.0
        parts, whole = self._pair(_column(key)), self._pair("total")
        if parts is None or whole is None:
            return math.nan
        value_at_risk = var(whole.samples[position], level).value
        total = (whole.first, whole.second)[position]
        part = (parts.first, parts.second)[position]
        return contribution(part, tail_of(total, level, value_at_risk))

    def _make_pair(self, column: str) -> Pair | None:
        first, second = (side.column(column) for side in self._sides)
        return None if first is None or second is None else Pair(first, second)


class _Kind(NamedTuple):
    """How a measure is taken of either series of a pair, and of the same trials of both."""

    alone: Callable[..., Estimate]
    both: Callable[..., Estimate]


def _of_series(measure: Callable[[Series], Estimate]) -> Callable[[Pair, int], Estimate]:
    return lambda pair, position: measure((pair.first, pair.second)[position])


def _of_sample(measure: Callable[..., Estimate]) -> Callable[..., Estimate]:
    return lambda pair, position, **level: measure(pair.samples[position], **level)


def _exceedances(pair: Pair, threshold: float) -> Pair:
    """1 in the trials whose loss is above a threshold, 0 in the others."""
    first, second = (np.where(s > threshold, 1.0, 0.0) for s in (pair.first, pair.second))
    return Pair(first, second)


def _largest(sample: Sample) -> Estimate:
    return Estimate.alone(float(sample.values[-1]))


def _largest_difference(pair: Pair) -> Estimate:
    first, second = (_largest(sample).value for sample in pair.samples)
    return Estimate.alone(second - first)


_DAYS = ("loss_days", "stopped_days", "cut_days", "cut_weighted_days", "shortage_days")
_MEAN = _Kind(_of_series(mean), by_trial.mean_difference)
_CHANCE = _Kind(_of_sample(chance_above), by_trial.chance_difference)
_VAR = _Kind(_of_sample(var), by_trial.var_difference)
_KINDS = {
    "mean": _MEAN,
    "contribution_mean": _MEAN,
    "sd": _Kind(_of_sample(sd), by_trial.sd_difference),
    "prob_loss": _CHANCE,
    "prob_output_loss": _CHANCE,
    "prob_above": _Kind(
        lambda pair, position, level: chance_above(pair.samples[position], level),
        lambda pair, level: by_trial.chance_difference(_exceedances(pair, level)),
    ),
    "var": _VAR,
    "oep_var": _VAR,
    "tvar": _Kind(_of_sample(tvar), by_trial.tvar_difference),
    "max": _Kind(_of_sample(_largest), _largest_difference),
    **dict.fromkeys(_DAYS, _MEAN),
    "first_loss_day_median": _Kind(_of_series(median_first_day), by_trial.median_difference),
}

_LOSS = {"total": "total", "industry": "industry:", "material": "loss:"}
_BY_MEASURE = {
    "oep_var": "largest_spell",
    "prob_output_loss": "output:",
    "first_loss_day_median": "first_loss_day:",
    **{name: f"{name}:" for name in _DAYS},
}


def _column(key: Key) -> str:
    """The column of the files by trial that a figure is taken of."""
    if key.component != "all":
        return f"{key.component}:{key.name}"
    return f"{_BY_MEASURE.get(key.measure) or _LOSS.get(key.scope, '')}{key.name}"


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
    """The difference without rounding: sums of other losses may differ in their last bit."""
    value, lower, upper = change.estimate
    least = _ROUNDING * (abs(change.a) + abs(change.b))
    if math.isnan(lower) or upper - lower > least or change.how != PAIRED:
        return change.estimate
    value = value if abs(value) > least else 0.0
    return Estimate(value, value, value)
