"""The figures of one point, and how each differs from the base case.

Both have the same trial numbers and draws, so that differences are taken trial by trial. What the
base case contributes to them is worked out once; a series that a point leaves as it was costs no
more than finding that out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from weakref import WeakKeyDictionary

import numpy as np

from riskengine.figures.evidence import check_losses, column
from riskengine.measures.estimate import UNKNOWN, Estimate
from riskengine.measures.paired import (
    Pair,
    Trials,
    chance_difference,
    mean_difference,
    sd_difference,
    tvar_difference,
    var_difference,
)
from riskengine.measures.tail import LEVELS
from riskengine.model.losses import Losses
from riskengine.model.scenario import Scenario
from riskengine.sweeps.noise import part_errors
from riskengine.sweeps.series import Floats
from riskengine.sweeps.tables import SweepRow

Subject = tuple[str, str]  #: scope and name
Kept = Mapping[Subject, Trials]
Head = tuple[str, str, str, float | None, str]  #: scope, name, measure, level, unit of a figure


@dataclass(frozen=True, slots=True)
class _Measure:
    """A measure of one series, and its difference between two."""

    name: str
    level: float | None
    alone: Callable[[Trials], Estimate]
    apart: Callable[[Pair], Estimate]


def subjects_of(scenario: Scenario) -> list[Subject]:
    """What a sweep measures the losses of, in order: the total, each industry, each material."""
    return [
        ("total", ""),
        *(("industry", name) for name in scenario.industries),
        *(("material", name) for name in scenario.materials),
    ]


def heads_of(scenario: Scenario) -> list[Head]:
    """What the figures of a point with this scenario are of, in their order."""
    return [
        _head(subject, measure, scenario.run.money)
        for subject, measure in _measured(subjects_of(scenario))
    ]


def head(row: SweepRow) -> Head:
    """What a figure is of."""
    return row.scope, row.name, row.measure, row.level, row.unit


def series_of(losses: Losses, base: Kept | None = None) -> dict[Subject, Trials]:
    """The losses that a sweep measures: in total, by industry, attributed to each material.

    Parameters
    ----------
    losses : Losses
    base : mapping, optional
        The series of the base case; those that are equal are taken over, with all that is known of
        them.

    Raises
    ------
    RunFault
        If a loss is not finite or is negative: names the trial.
    """
    check_losses(losses)
    found = {("total", ""): np.array(losses.total)}
    for index, name in enumerate(losses.scenario.industries):
        found["industry", name] = column(losses.industry_loss, index)
    for index, name in enumerate(losses.scenario.materials):
        found["material", name] = column(losses.material_loss, index)
    kept = {}
    for subject, values in found.items():
        known = (base or {}).get(subject)
        same = known is not None and np.array_equal(known.values, values)
        kept[subject] = known if known is not None and same else Trials(values)
    return kept


def point_rows(point: int, series: Kept, base: Kept, money: str) -> list[SweepRow]:
    """The figures of a point, in the order of a run's metrics.

    Parameters
    ----------
    point : int
        Its number.
    series, base : mapping
        Of the point and of the base case, with the same trials; the same object for point 0.
    money : str
        Unit of all losses.
    """
    return [
        _row(point, _head(subject, measure, money), measure, (base.get(subject), series[subject]))
        for subject, measure in _measured(series)
    ]


def point_errors(series: Kept, base: Kept) -> Floats:
    """By how much each part of the trials draws the differences of a point from the base case away.

    Parameters
    ----------
    series, base : mapping
        As of `point_rows`.

    Returns
    -------
    ndarray, shape (rows, K)
        In the order of `point_rows`; 0 where a series is that of the base case, nan where the base
        case has no such series.
    """
    found = []
    for subject, trials in series.items():
        measures, known = _measures_of(subject), base.get(subject)
        other = math.nan if known is None else _errors(known, measures)
        found.append(_errors(trials, measures) - other)
    return np.concatenate(found)


def _errors(trials: Trials, measures: Sequence[_Measure]) -> Floats:
    """Those of one series, which are worked out once for the base case."""
    if trials not in _known_errors:
        figures = [partial(_value, measure) for measure in measures]
        _known_errors[trials] = part_errors(trials, figures)
    return _known_errors[trials]


def _value(measure: _Measure, trials: Trials) -> float:
    return measure.alone(trials).value


_known_errors: WeakKeyDictionary[Trials, Floats] = WeakKeyDictionary()


def _measured(subjects: Iterable[Subject]) -> Iterator[tuple[Subject, _Measure]]:
    """Every figure of a point, in order."""
    for subject in subjects:
        for measure in _measures_of(subject):
            yield subject, measure


def _measures_of(subject: Subject) -> Sequence[_Measure]:
    return _MEASURES if subject[0] != "material" else _MEASURES[:1]


def _head(subject: Subject, measure: _Measure, money: str) -> Head:
    unit = "probability" if measure.name == "prob_loss" else money
    return (*subject, measure.name, measure.level, unit)


def _row(point: int, head: Head, measure: _Measure, pair: tuple[Trials | None, Trials]) -> SweepRow:
    scope, name, word, level, unit = head
    base, trials = pair
    value = measure.alone(trials)
    change = UNKNOWN if base is None else _change(measure, base, trials)
    return SweepRow(
        point=point,
        scope=scope,
        name=name,
        measure=word,
        level=level,
        value=value.value + 0.0,
        lower=value.lower + 0.0,
        upper=value.upper + 0.0,
        unit=unit,
        difference=change.value + 0.0,
        difference_lower=change.lower + 0.0,
        difference_upper=change.upper + 0.0,
    )


def _change(measure: _Measure, base: Trials, trials: Trials) -> Estimate:
    """How a figure differs from that of the base case; the value is the difference of the two."""
    if base is trials:
        return Estimate(0.0, 0.0, 0.0)
    value = measure.alone(trials).value - measure.alone(base).value
    apart = measure.apart(Pair.of(base, trials))
    below, above = apart.value - apart.lower, apart.upper - apart.value
    return Estimate(value, value - below, value + above)


def _measures() -> Iterator[_Measure]:
    yield _Measure("mean", None, lambda trials: trials.mean, mean_difference)
    yield _Measure("sd", None, lambda trials: trials.sd, sd_difference)
    yield _Measure("prob_loss", None, lambda trials: trials.chance, chance_difference)
    for level in LEVELS:
        yield _at_level("var", level, Trials.var, var_difference)
    for level in LEVELS:
        yield _at_level("tvar", level, Trials.tvar, tvar_difference)


def _at_level(
    name: str,
    level: float,
    alone: Callable[[Trials, float], Estimate],
    apart: Callable[[Pair, float], Estimate],
) -> _Measure:
    return _Measure(
        name, level, lambda trials: alone(trials, level), lambda pair: apart(pair, level)
    )


_MEASURES = tuple(_measures())
