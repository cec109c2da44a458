"""What a batch comes to: its scenarios with their figures, their mixture, what changed.

Everything that the tables, the workbook and the page of a batch show is in a `BatchOutcome`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from riskengine.config.differences import InputDifference
from riskengine.figures.comparison import Difference
from riskengine.figures.curves import CurveRow
from riskengine.figures.evidence import Series
from riskengine.figures.metrics import Figure
from riskengine.figures.pairing import Pairing
from riskengine.measures.curves import DAYS_PER_YEAR
from riskengine.model.notices import Notice
from riskengine.model.scenario import Scenario

PLAYED, KEPT, FAILED = "played", "kept", "failed"  #: the status of a scenario
MIXTURE = "(mixture)"  #: stands for the scenario in rows of the mixture; no scenario is called so
PER_YEAR = "_per_year"  #: ends the names of annualised measures

#: means that grow with the length of a trial: each has an annualised measure beside it
_ANNUALISED = frozenset(
    ("mean", "loss_days", "stopped_days", "cut_days", "cut_weighted_days", "shortage_days")
) | {"level_days", "episodes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRow:
    """A row of `batch.csv`: a figure of a scenario, or of the mixture."""

    scenario: str  #: `(mixture)` for the mixture
    scope: str
    name: str
    component: str
    measure: str
    level: float | None
    value: float
    lower: float
    upper: float
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioOutcome:
    """One scenario of a batch: what was played and what came out, or why nothing did.

    A scenario that failed has no figures. Where its config could not even be read, `title` and
    `money` are empty, and `trials`, `seed` and `horizon_days` are None.
    """

    name: str  #: also the name of its folder in the folder of the batch
    status: str  #: `PLAYED`; `KEPT` if its earlier results still hold; `FAILED`
    config: str  #: path of the config file
    overrides: tuple[str, ...] = ()  #: `path=value` texts on top of the config
    weight: float | None = None  #: its chance in the mixture
    note: str = ""
    source: str = ""
    message: str = ""  #: why it failed, of one line or more; empty if it did not
    title: str = ""
    trials: int | None = None
    seed: int | None = None
    horizon_days: float | None = None
    money: str = ""
    figures: tuple[Figure, ...] = ()  #: as in its `metrics.csv`
    curves: tuple[CurveRow, ...] = ()  #: those of the total, as in its `curves.csv`
    notices: tuple[Notice, ...] = ()  #: of its run


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioComparison:
    """One scenario beside another: beside last month's, or beside the reference.

    In `differences`, `a` is the earlier scenario or the reference, `b` is this one, and the
    difference is b minus a. They are empty if there is nothing to compare: `why` then says why.
    """

    scenario: str
    differences: tuple[Difference, ...] = ()
    inputs: tuple[InputDifference, ...] = ()  #: config values that differ
    pairing: Pairing | None = None  #: whether it is compared trial by trial, or why not
    notices: tuple[Notice, ...] = ()
    why: str = ""  #: a sentence; empty if there are differences


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviousBatch:
    """The comparison with an earlier batch."""

    folder: str  #: as the batch file names it
    title: str
    started: str  #: ISO 8601, UTC
    version: str  #: of the riskengine that made it
    comparisons: tuple[ScenarioComparison, ...]  #: of the scenarios that both batches have
    came: tuple[str, ...] = ()  #: scenarios that only this batch has
    went: tuple[str, ...] = ()  #: scenarios that only the earlier batch had
    mixture: tuple[Difference, ...] = ()  #: by the intervals of both; empty unless both have one
    notices: tuple[Notice, ...] = ()  #: such as: another version of the engine

    @property
    def changed(self) -> tuple[str, ...]:
        """The scenarios with other inputs than in the earlier batch."""
        return tuple(each.scenario for each in self.comparisons if each.inputs)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MixturePart:
    """One scenario of a mixture, as what its trials lost."""

    name: str
    weight: float  #: the weights of all parts add up to 1
    scenario: Scenario  #: its levels, thresholds, horizon, industries and materials
    #: columns of `losses.parquet` (`total`, `largest_spell`, `industry:NAME`; `weight` if trials
    #: are weighted) and `loss:NAME` of `materials.parquet`; (n,) each, n differs between parts
    series: Mapping[str, Series]


@dataclass(frozen=True, slots=True, kw_only=True)
class MixtureOutcome:
    """The figures of a mixture: its losses are those of the scenarios, drawn by their weights."""

    figures: tuple[Figure, ...]  #: of the total and of every industry and material of any part
    curves: tuple[CurveRow, ...] = ()  #: those of the total
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOutcome:
    """Everything that a batch comes to."""

    title: str
    money: str  #: of all scenarios; empty if none could be read
    scenarios: tuple[ScenarioOutcome, ...]  #: in the order of the batch
    reference: str | None = None  #: the scenario that the others are compared with
    against_reference: tuple[ScenarioComparison, ...] = ()  #: of all other scenarios
    mixture: MixtureOutcome | None = None  #: None without weights, or if a scenario failed
    previous: PreviousBatch | None = None
    notices: tuple[Notice, ...] = ()  #: of the batch as a whole

    @property
    def failed(self) -> tuple[ScenarioOutcome, ...]:
        """The scenarios without figures."""
        return tuple(each for each in self.scenarios if each.status == FAILED)

    @property
    def rows(self) -> list[BatchRow]:
        """The rows of `batch.csv`: all figures by scenario, annualised ones beside them."""
        found = [row for each in self.scenarios for row in _rows(each)]
        return found + [_row(MIXTURE, figure) for figure in self._mixture_figures()]

    def _mixture_figures(self) -> Iterator[Figure]:
        """The figures of the mixture, all scenarios of which have the same horizon."""
        if self.mixture is not None:
            horizons = [each.horizon_days for each in self.scenarios if each.horizon_days]
            for figure in self.mixture.figures:
                yield from with_annual(figure, horizons[0])


def with_annual(figure: Figure, horizon_days: float) -> Iterator[Figure]:
    """A figure, and after it the same per year of 365 days where that makes sense."""
    yield figure
    if figure.measure in _ANNUALISED:
        share = DAYS_PER_YEAR / horizon_days
        yield Figure(
            scope=figure.scope,
            name=figure.name,
            component=figure.component,
            measure=f"{figure.measure}{PER_YEAR}",
            level=figure.level,
            value=figure.value * share,
            lower=figure.lower * share,
            upper=figure.upper * share,
            unit=f"{figure.unit} per year",
        )


def _rows(outcome: ScenarioOutcome) -> Iterator[BatchRow]:
    for figure in outcome.figures:
        for each in with_annual(figure, outcome.horizon_days or DAYS_PER_YEAR):
            yield _row(outcome.name, each)


def _row(scenario: str, figure: Figure) -> BatchRow:
    values = {field.name: getattr(figure, field.name) for field in fields(Figure)}
    return BatchRow(scenario=scenario, **values)
