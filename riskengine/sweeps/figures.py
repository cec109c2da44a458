"""The figures of one point, and how each differs from the base case.

Both have the same trial numbers and draws, so differences are taken trial by trial. The
contribution of the base case is computed once. A series that a point does not change costs only the
check that it is unchanged.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from riskengine.figures.catalog import of_scope
from riskengine.figures.evidence import check_amounts, check_losses, column
from riskengine.figures.measure import ByTrial, Measure, Swept
from riskengine.measures.estimate import UNKNOWN, Estimate
from riskengine.measures.jackknife import Jackknife
from riskengine.measures.paired import Pair, Trials
from riskengine.model.losses import Losses
from riskengine.model.scenario import Scenario
from riskengine.play.versions import PlayedVersions
from riskengine.sweeps.noise import part_errors
from riskengine.sweeps.series import Floats
from riskengine.sweeps.tables import SweepRow

Subject = tuple[str, str]  #: scope and name
Kept = Mapping[Subject, Trials]
Head = tuple[str, str, str, float | None, str]  #: scope, name, measure, level, unit of a figure


class _Figure(NamedTuple):
    """A measure at one level, as a sweep computes it."""

    measure: Measure
    swept: Swept
    by_trial: ByTrial
    level: float | None

    def alone(self, trials: Trials) -> Estimate:
        """The figure of one series."""
        return self.swept.alone(trials, math.nan if self.level is None else self.level)

    def without_parts(self, parts: Jackknife) -> Floats:
        """The values of one series without each part of its trials."""
        return self.swept.without_parts(parts, math.nan if self.level is None else self.level)

    def apart(self, pair: Pair) -> Estimate:
        """The difference between two series with the same trials."""
        return self.by_trial.paired(pair, math.nan if self.level is None else self.level)


def subjects_of(scenario: Scenario) -> list[Subject]:
    """The subjects of a sweep's figures, in order: the total, each industry, each material."""
    return [
        ("total", ""),
        *(("industry", name) for name in scenario.industries),
        *(("material", name) for name in scenario.materials),
    ]


def heads_of(scenario: Scenario) -> list[Head]:
    """The heads of all figures of a point with this scenario, in order."""
    return [
        _head(subject, figure, scenario.run.money)
        for subject, figure in _measured(subjects_of(scenario), scenario.run.levels)
    ]


def head(row: SweepRow) -> Head:
    """The subject, measure, level and unit of a figure."""
    return row.scope, row.name, row.measure, row.level, row.unit


def series_of(losses: Losses, base: Kept | None = None) -> dict[Subject, Trials]:
    """The losses that a sweep measures: in total, by industry, attributed to each material.

    Parameters
    ----------
    losses : Losses
    base : mapping, optional
        The series of the base case. Those that are equal are reused, with everything already
        computed for them.

    Raises
    ------
    RunFault
        If a loss is not finite or is negative; it names the trial.
    """
    check_losses(losses)
    found = {("total", ""): np.array(losses.total)}
    for index, name in enumerate(losses.scenario.industries):
        found["industry", name] = column(losses.industry_loss, index)
    for index, name in enumerate(losses.scenario.materials):
        found["material", name] = column(losses.material_loss, index)
    kept = {}
    for subject, values in found.items():
        kept[subject] = _known(values, (base or {}).get(subject))
    return kept


def changed_series(played: PlayedVersions, version: int, first: Kept, base: Kept) -> Kept:
    """The series of a version that was played together with others.

    Parameters
    ----------
    played : PlayedVersions
    version : int
    first, base : mapping
        The series of the first version, and of the base case. Those that are equal are reused.

    Raises
    ------
    RunFault
        If a loss is not finite or is negative; it names the trial.
    """
    subjects, kept = list(first), dict(first)
    for series in played.changed(version):
        subject = subjects[series]
        values = first[subject].values.copy()
        played.change(values, version, series)
        kept[subject] = _known(values, base.get(subject))
        check_amounts(subject[0], values[:, np.newaxis], values, first=_position(subjects, subject))
    return kept


def _position(subjects: list[Subject], subject: Subject) -> int:
    """The number of a subject among those of its scope."""
    return [each for each in subjects if each[0] == subject[0]].index(subject)


def _known(values: Floats, known: Trials | None) -> Trials:
    """A series: the known one if that is equal."""
    if known is not None and np.array_equal(known.values, values):
        return known
    return Trials(values)


def point_rows(
    point: int, series: Kept, base: Kept, money: str, levels: Sequence[float]
) -> list[SweepRow]:
    """The figures of a point, in the order of a run's metrics.

    Parameters
    ----------
    point : int
        Its number.
    series, base : mapping
        Series of the point and of the base case, with the same trials; the same object for point 0.
    money : str
        The unit of all losses.
    levels : sequence of float
        Confidence levels of the sweep.
    """
    return [
        _row(point, _head(subject, figure, money), figure, (base.get(subject), series[subject]))
        for subject, figure in _measured(series, levels)
    ]


def point_errors(series: Kept, base: Kept, levels: Sequence[float]) -> Floats:
    """How far each part of the trials shifts the differences of a point from the base case.

    Parameters
    ----------
    series, base, levels
        As for `point_rows`.

    Returns
    -------
    ndarray, shape (rows, K)
        In the order of `point_rows`; 0 if a series equals that of the base case, nan if the base
        case has no such series.
    """
    found = []
    for subject, trials in series.items():
        figures, known = _figures_of(subject, levels), base.get(subject)
        other = math.nan if known is None else _errors(known, figures)
        found.append(_errors(trials, figures) - other)
    return np.concatenate(found)


def _errors(trials: Trials, figures: tuple[_Figure, ...]) -> Floats:
    """The errors of one series; for the base case they are computed once."""
    known = _known_errors.setdefault(trials, {})
    if figures not in known:
        known[figures] = part_errors(trials, [figure.without_parts for figure in figures])
    return known[figures]


_known_errors: WeakKeyDictionary[Trials, dict[tuple[_Figure, ...], Floats]] = WeakKeyDictionary()


def _measured(
    subjects: Iterable[Subject], levels: Sequence[float]
) -> Iterator[tuple[Subject, _Figure]]:
    """Every figure of a point, in order."""
    for subject in subjects:
        for figure in _figures_of(subject, levels):
            yield subject, figure


def _figures_of(subject: Subject, levels: Sequence[float]) -> tuple[_Figure, ...]:
    scope, _ = subject
    return tuple(
        _Figure(measure, measure.swept, measure.by_trial, level)
        for measure in of_scope(scope)
        if measure.swept and measure.by_trial and scope in measure.swept.scopes
        for level in (levels if measure.has_confidence else (None,))
    )


def _head(subject: Subject, figure: _Figure, money: str) -> Head:
    return (*subject, figure.measure.name, figure.level, figure.measure.unit_in(money))


def _row(point: int, head: Head, figure: _Figure, pair: tuple[Trials | None, Trials]) -> SweepRow:
    scope, name, word, level, unit = head
    base, trials = pair
    value = figure.alone(trials)
    change = UNKNOWN if base is None else _change(figure, base, trials)
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


def _change(figure: _Figure, base: Trials, trials: Trials) -> Estimate:
    """The change of a figure from the base case; the value is the difference of the two figures."""
    if base is trials:
        return Estimate(0.0, 0.0, 0.0)
    value = figure.alone(trials).value - figure.alone(base).value
    apart = figure.apart(Pair.of(base, trials))
    below, above = apart.value - apart.lower, apart.upper - apart.value
    return Estimate(value, value - below, value + above)
