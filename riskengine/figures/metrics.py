"""The rows of `metrics.csv`: every headline figure of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskengine.errors import RunFault
from riskengine.measures.contributions import Tail, contribution, tail_of
from riskengine.measures.estimate import UNKNOWN, Estimate
from riskengine.measures.moments import chance_above, mean, sd
from riskengine.measures.sample import Sample
from riskengine.measures.tail import LEVELS, tvar, var
from riskengine.model.losses import Losses

Series = NDArray[np.float64]

COMPONENTS = ("output", "rerouting", "price", "indirect")
_TINY = 1e-9  #: of a trial's total: rounding may leave a part this far below 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure with its 95 % interval; nan where it or an end does not exist."""

    scope: str  #: total, industry, material or dispute
    name: str  #: of the industry, material or dispute; empty for the total
    component: str  #: all, output, rerouting, price or indirect
    measure: str
    level: float | None  #: confidence level of var, tvar, oep_var and contribution_tvar
    value: float
    lower: float
    upper: float
    unit: str  #: the money of the scenario, days, probability or episodes


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a group of figures is about."""

    scope: str
    name: str
    money: str

    def figure(
        self,
        measure: str,
        estimate: Estimate,
        *,
        component: str = "all",
        level: float | None = None,
        unit: str | None = None,
    ) -> Figure:
        # Adding 0 turns a negative zero into a zero.
        value, lower, upper = (end + 0.0 for end in estimate)
        return Figure(
            scope=self.scope,
            name=self.name,
            component=component,
            measure=measure,
            level=level,
            value=value,
            lower=lower,
            upper=upper,
            unit=self.money if unit is None else unit,
        )


def figures(losses: Losses) -> list[Figure]:
    """All figures of a run, in the order in which `metrics.csv` holds them.

    Raises
    ------
    RunFault
        If a loss is not finite or is negative: names the trial.
    """
    check_losses(losses)
    scenario = losses.scenario
    total = Sample.of(losses.total)
    tails = {level: tail_of(losses.total, level, var(total, level).value) for level in LEVELS}
    rows = list(_total(losses, total))
    for index, name in enumerate(scenario.industries):
        rows += _industry(losses, _Subject("industry", name, scenario.run.money), index, tails)
    for index, name in enumerate(scenario.materials):
        rows += _material(losses, _Subject("material", name, scenario.run.money), index, tails)
    for index, name in enumerate(scenario.disputes):
        subject = _Subject("dispute", name, scenario.run.money)
        began = mean(column(losses.episodes, index))
        rows.append(subject.figure("episodes", began, unit="episodes"))
    return rows


def column(matrix: NDArray[np.generic], index: int) -> Series:
    """One entity's series as contiguous float64: numpy sums only those pairwise."""
    return np.ascontiguousarray(matrix[:, index], dtype=np.float64)


def check_losses(losses: Losses) -> None:
    """Refuse losses that cannot be: a nan would pass through a sort or a maximum unseen.

    Raises
    ------
    RunFault
        Naming the first such trial, so that it can be replayed.
    """
    floor = -_TINY * np.maximum(1.0, np.abs(losses.total))
    for what, matrix in (
        ("total", losses.total[:, np.newaxis]),
        ("industry", losses.industry_loss),
        ("material", losses.material_loss),
    ):
        bad = ~np.isfinite(matrix) | (matrix < floor[:, np.newaxis])
        if bad.any():
            row, position = (int(axis[0]) for axis in np.nonzero(bad))
            raise RunFault(
                f"trial {losses.first_trial + row} has a loss ({what} {position + 1}) of "
                f"{matrix[row, position]}, which cannot be; nothing was written"
            )


def _total(losses: Losses, total: Sample) -> Iterator[Figure]:
    subject = _Subject("total", "", losses.scenario.run.money)
    yield from _distribution(subject, total)
    spell = Sample.of(losses.largest_spell)
    for level in LEVELS:
        yield subject.figure("oep_var", var(spell, level), level=level)
    for component in COMPONENTS:
        parts: Series = np.sum(getattr(losses, component), axis=1)
        yield subject.figure("mean", mean(parts), component=component)


def _industry(
    losses: Losses, subject: _Subject, index: int, tails: dict[float, Tail]
) -> Iterator[Figure]:
    loss = column(losses.industry_loss, index)
    sample = Sample.of(loss)
    yield from _distribution(subject, sample)
    for component in COMPONENTS:
        part = column(getattr(losses, component), index)
        yield subject.figure("mean", mean(part), component=component)
    yield from _contributions(subject, sample, loss, tails)
    for measure in ("loss_days", "stopped_days"):
        days = column(getattr(losses, measure), index)
        yield subject.figure(measure, mean(days), unit="days")
    first = median_first_day(column(losses.first_loss_day, index))
    yield subject.figure("first_loss_day_median", first, unit="days")


def _material(
    losses: Losses, subject: _Subject, index: int, tails: dict[float, Tail]
) -> Iterator[Figure]:
    loss = column(losses.material_loss, index)
    sample = Sample.of(loss)
    yield from _distribution(subject, sample)
    yield from _contributions(subject, sample, loss, tails)
    for measure in ("cut_days", "shortage_days"):
        days = column(getattr(losses, measure), index)
        yield subject.figure(measure, mean(days), unit="days")


def _distribution(subject: _Subject, sample: Sample) -> Iterator[Figure]:
    yield subject.figure("mean", mean(sample.values))
    yield subject.figure("sd", sd(sample))
    yield subject.figure("prob_loss", chance_above(sample), unit="probability")
    at_level: tuple[tuple[str, Callable[[Sample, float], Estimate]], ...] = (
        ("var", var),
        ("tvar", tvar),
    )
    for measure, estimate in at_level:
        for level in LEVELS:
            yield subject.figure(measure, estimate(sample, level), level=level)
    yield subject.figure("max", Estimate.alone(float(sample.values[-1])))


def _contributions(
    subject: _Subject, sample: Sample, loss: Series, tails: dict[float, Tail]
) -> Iterator[Figure]:
    yield subject.figure("contribution_mean", mean(sample.values))
    for level, tail in tails.items():
        part = Estimate.alone(contribution(loss, tail))
        yield subject.figure("contribution_tvar", part, level=level)


def median_first_day(days: Series) -> Estimate:
    """Median day of the first output loss among the trials that have one; unknown if none has."""
    reached = days[~np.isnan(days)]
    return var(Sample.of(reached), 0.5) if len(reached) else UNKNOWN
