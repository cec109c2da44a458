"""The rows of the further tables of a batch: its scenarios, comparisons, changes of inputs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

from riskengine.batches.outcome import (
    MIXTURE,
    PER_YEAR,
    BatchOutcome,
    BatchRow,
    PreviousBatch,
    ScenarioComparison,
)
from riskengine.figures.comparison import Difference
from riskengine.figures.metrics import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioRow:
    """A row of `scenarios.csv`: one scenario, with or without figures."""

    scenario: str
    status: str  #: played, kept or failed
    config: str  #: path of the config file
    overrides: str  #: `path=value` texts, joined by "; "
    weight: float | None  #: in the mixture
    title: str
    trials: int | None
    seed: int | None
    horizon_days: float | None
    money: str
    message: str  #: why it failed
    note: str  #: of the batch file
    source: str  #: of the batch file


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonRow:
    """A row of `previous.csv` or `reference.csv`: a figure of a scenario beside another.

    `a` is the earlier scenario, or the reference; `b` is the scenario.
    """

    scenario: str  #: `(mixture)` for the mixture
    scope: str
    name: str
    component: str
    measure: str
    level: float | None
    a: float  #: of the earlier scenario, or of the reference
    b: float  #: of the scenario
    difference: float  #: b minus a
    lower: float  #: lower end of the 95 % interval of the difference
    upper: float  #: upper end of it
    variance_ratio: float  #: variance of the difference without pairing, over the actual one
    pairing: str  #: paired or unpaired; empty if there is no interval
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """A row of `changes.csv`: a value of a config that changed, or a scenario that came or went."""

    scenario: str
    path: str  #: in the config; empty for the scenario itself
    change: str  #: changed, added or removed
    a: str  #: in the earlier batch
    b: str  #: in this batch


def scenario_rows(outcome: BatchOutcome) -> list[ScenarioRow]:
    """The rows of `scenarios.csv`."""
    return [
        ScenarioRow(
            scenario=each.name,
            status=each.status,
            config=each.config,
            overrides="; ".join(each.overrides),
            weight=each.weight,
            title=each.title,
            trials=each.trials,
            seed=each.seed,
            horizon_days=each.horizon_days,
            money=each.money,
            message=each.message,
            note=each.note,
            source=each.source,
        )
        for each in outcome.scenarios
    ]


def comparison_rows(compared: Iterable[ScenarioComparison]) -> list[ComparisonRow]:
    """The rows of `reference.csv`, and of `previous.csv` but for the mixture."""
    return [_compared(each.scenario, row) for each in compared for row in each.differences]


def previous_rows(previous: PreviousBatch) -> list[ComparisonRow]:
    """The rows of `previous.csv`."""
    mixture = [_compared(MIXTURE, row) for row in previous.mixture]
    return comparison_rows(previous.comparisons) + mixture


def change_rows(previous: PreviousBatch) -> list[ChangeRow]:
    """The rows of `changes.csv`."""
    came, went = (
        [ChangeRow(scenario=name, path="", change=change, a="", b="") for name in names]
        for change, names in (("added", previous.came), ("removed", previous.went))
    )
    return came + went + input_rows(previous.comparisons)


def input_rows(compared: Iterable[ScenarioComparison]) -> list[ChangeRow]:
    """The values of configs that differ, scenario by scenario."""
    return [
        ChangeRow(scenario=each.scenario, path=row.path, change=row.change, a=row.a, b=row.b)
        for each in compared
        for row in each.inputs
    ]


def mixture_figures(rows: Iterable[BatchRow]) -> list[Figure]:
    """The figures of the mixture among rows of `batch.csv`, without annualised ones."""
    names = [field.name for field in fields(Figure)]
    return [
        Figure(**{name: getattr(row, name) for name in names})
        for row in rows
        if row.scenario == MIXTURE and not row.measure.endswith(PER_YEAR)
    ]


def _compared(scenario: str, row: Difference) -> ComparisonRow:
    values = {field.name: getattr(row, field.name) for field in fields(Difference)}
    return ComparisonRow(scenario=scenario, **values)
