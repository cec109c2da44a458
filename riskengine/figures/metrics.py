"""The rows of `metrics.csv`: every headline figure of a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from riskengine.figures.evidence import (
    COMPONENTS,
    INDUSTRY,
    MATERIAL,
    TOTAL,
    Evidence,
    Measured,
)
from riskengine.measures.estimate import Estimate
from riskengine.measures.tail import LEVELS


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure with its 95 % interval; nan where it or an end does not exist."""

    scope: str  #: total, industry, material or dispute
    name: str  #: of the industry, material or dispute; empty for the total
    component: str  #: all, output, rerouting, price or indirect; of level_days the level
    measure: str
    #: confidence level of var, tvar, oep_var and contribution_tvar, or the threshold of prob_above
    level: float | None
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


def figures(evidence: Evidence) -> list[Figure]:
    """All figures of a run, in the order in which `metrics.csv` holds them."""
    scenario = evidence.scenario
    rows = list(_total(evidence))
    for index, name in enumerate(scenario.industries):
        rows += _industry(evidence, _Subject(INDUSTRY, name, scenario.run.money), index)
    for index, name in enumerate(scenario.materials):
        rows += _material(evidence, _Subject(MATERIAL, name, scenario.run.money), index)
    for index, name in enumerate(scenario.disputes):
        subject = _Subject("dispute", name, scenario.run.money)
        rows.append(subject.figure("episodes", evidence.episodes(index), unit="episodes"))
    return rows


def _total(evidence: Evidence) -> Iterator[Figure]:
    subject = _Subject(TOTAL, "", evidence.scenario.run.money)
    yield from _distribution(subject, evidence.loss(TOTAL))
    spell = evidence.largest_spell()
    for level in LEVELS:
        yield subject.figure("oep_var", spell.var(level), level=level)
    for component in COMPONENTS:
        part = evidence.mean_of(TOTAL, component)
        yield subject.figure("mean", part, component=component)
    yield _chance_of_lost_output(evidence, subject)
    for threshold in evidence.scenario.run.thresholds:
        chance = evidence.chance_above(TOTAL, "loss", bound=threshold)
        yield subject.figure("prob_above", chance, level=threshold, unit="probability")


def _chance_of_lost_output(evidence: Evidence, subject: _Subject, index: int = 0) -> Figure:
    chance = evidence.chance_above(subject.scope, "output", index)
    return subject.figure("prob_output_loss", chance, unit="probability")


def _industry(evidence: Evidence, subject: _Subject, index: int) -> Iterator[Figure]:
    yield from _distribution(subject, evidence.loss(INDUSTRY, index))
    for component in COMPONENTS:
        part = evidence.mean_of(INDUSTRY, component, index)
        yield subject.figure("mean", part, component=component)
    yield _chance_of_lost_output(evidence, subject, index)
    yield from _contributions(evidence, subject, index)
    for measure in ("loss_days", "stopped_days"):
        days = evidence.mean_of(INDUSTRY, measure, index)
        yield subject.figure(measure, days, unit="days")
    yield subject.figure("first_loss_day_median", evidence.first_day(index), unit="days")


def _material(evidence: Evidence, subject: _Subject, index: int) -> Iterator[Figure]:
    yield from _distribution(subject, evidence.loss(MATERIAL, index))
    yield from _contributions(evidence, subject, index)
    for measure in ("cut_days", "cut_weighted_days", "shortage_days"):
        days = evidence.mean_of(MATERIAL, measure, index)
        yield subject.figure(measure, days, unit="days")
    for position, level in enumerate(evidence.scenario.ladder):
        days = evidence.level_days(index, position)
        yield subject.figure("level_days", days, component=level, unit="days")


def _distribution(subject: _Subject, loss: Measured) -> Iterator[Figure]:
    yield subject.figure("mean", loss.mean)
    yield subject.figure("sd", loss.sd)
    yield subject.figure("prob_loss", loss.chance, unit="probability")
    for measure, estimate in (("var", loss.quantiles.var), ("tvar", loss.quantiles.tvar)):
        for level in LEVELS:
            yield subject.figure(measure, estimate(level), level=level)
    yield subject.figure("max", Estimate.alone(loss.largest))


def _contributions(evidence: Evidence, subject: _Subject, index: int) -> Iterator[Figure]:
    yield subject.figure("contribution_mean", evidence.loss(subject.scope, index).mean)
    for level, part in evidence.contributions(subject.scope, index):
        yield subject.figure("contribution_tvar", Estimate.alone(part), level=level)
