"""The rows of `metrics.csv`: every headline figure of a run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from riskengine.figures.catalog import of_scope
from riskengine.figures.evidence import INDUSTRY, MATERIAL, POOL, TOTAL, Evidence
from riskengine.figures.measure import DISPUTE, FigureAddress, Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure with its 95 % interval; nan if it or an end does not exist."""

    scope: str  #: total, industry, material, dispute or pool
    name: str  #: of the industry, material, dispute or pool; empty for the total
    component: str  #: all, output, rerouting, price or indirect; for level_days the level
    measure: str
    #: confidence level, or the threshold of prob_above; None for a measure without levels
    level: float | None
    value: float
    lower: float
    upper: float
    unit: str  #: the money of the scenario, days, probability, episodes, or the unit of the pool


def figures(evidence: Evidence) -> list[Figure]:
    """All figures of a run, in the order in which `metrics.csv` holds them."""
    scenario = evidence.scenario
    subjects: tuple[tuple[str, Iterable[str]], ...] = (
        (TOTAL, ("",)),
        (INDUSTRY, scenario.industries),
        (MATERIAL, scenario.materials),
        (DISPUTE, scenario.disputes),
        (POOL, scenario.pools),
    )
    return [
        _figure(measure, place, name, evidence)
        for scope, names in subjects
        for index, name in enumerate(names)
        for measure in of_scope(scope)
        for place in measure.places(scenario, scope, index)
    ]


def _figure(measure: Measure, place: FigureAddress, name: str, evidence: Evidence) -> Figure:
    # Adding 0 turns a negative zero into a zero.
    value, lower, upper = (end + 0.0 for end in measure.of(evidence, place))
    return Figure(
        scope=place.scope,
        name=name,
        component=place.component,
        measure=measure.name,
        level=place.level,
        value=value,
        lower=lower,
        upper=upper,
        unit=measure.unit_of(evidence.scenario, name),
    )


def confidence_levels(rows: Iterable[Figure]) -> list[float]:
    """The confidence levels at which rows of `metrics.csv` have VaR of the total, ascending."""
    return sorted(
        row.level
        for row in rows
        if (row.scope, row.measure) == (TOTAL, "var") and row.level is not None
    )
