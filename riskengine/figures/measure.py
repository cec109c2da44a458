"""What a measure is: how it is computed, from what, and where it appears."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from riskengine.figures.evidence import INDUSTRY, MATERIAL, TOTAL, Evidence
from riskengine.measures.estimate import Estimate
from riskengine.measures.jackknife import Floats, Jackknife
from riskengine.measures.paired import Pair, Trials
from riskengine.model.scenario import Scenario

DISPUTE = "dispute"
WHOLE = "all"  #: the component of a figure that is not divided into components

LOSSES = (TOTAL, INDUSTRY, MATERIAL)  #: the scopes that have losses
_LOSS_COLUMN = {TOTAL: "total", INDUSTRY: "industry:", MATERIAL: "loss:"}
PROBABILITY, DAYS = "probability", "days"
OF_POOL = "unit of the pool"  #: the unit of amounts that a pool has and grants


class FigureAddress(NamedTuple):
    """What one figure of a measure describes."""

    scope: str
    position: int  #: of the industry, material or dispute; 0 for the total
    component: str = WHOLE
    level: float | None = None  #: confidence level or threshold, if the measure has any

    @property
    def at(self) -> float:
        """The level; nan for a measure without levels."""
        return math.nan if self.level is None else self.level


class Levels(NamedTuple):
    """The levels of a measure: confidence levels, or amounts of loss."""

    values: Callable[[Scenario], Sequence[float]]
    words: str  #: words for the levels in the documentation
    is_confidence: bool


CONFIDENCE = Levels(lambda scenario: scenario.run.levels, "each level of `run.levels`", True)
THRESHOLDS = Levels(lambda scenario: scenario.run.thresholds, "each of `run.thresholds`", False)


class Parts(NamedTuple):
    """The parts that a measure is divided into, with one figure for each."""

    names: Callable[[Scenario], Iterable[str]]
    words: str  #: words for the parts in the documentation


Within = Callable[[Trials, Trials, float], float]  #: takes a part, the whole and a level


class ByTrial(NamedTuple):
    """How a measure is computed trial by trial: for one series, and for two with shared draws.

    The second argument of both is the level; a measure without levels ignores it.
    """

    alone: Callable[[Trials, float], Estimate]
    paired: Callable[[Pair, float], Estimate]
    #: the column of the trial-level files, before the name; the loss column if empty
    column: str = ""


class Swept(NamedTuple):
    """How a sweep computes a measure of a series that it keeps for many comparisons."""

    alone: Callable[[Trials, float], Estimate]
    scopes: tuple[str, ...] = LOSSES
    is_explained: bool = True  #: whether indices show which parameter moves it
    #: the values without one part of the trials, where they cost less together than one by one
    jackknife: Callable[[Jackknife, float], Floats] | None = None

    def without_parts(self, parts: Jackknife, level: float) -> Floats:
        """(parts,) the value without each part of the trials."""
        if self.jackknife is not None:
            return self.jackknife(parts, level)
        return parts.each(lambda trials: self.alone(trials, level))


class Shown(NamedTuple):
    """How the tables and sheets of the total show a measure; `{}` stands for its level.

    Empty fields follow from the words of the measure.
    """

    heading: str = ""  #: heading of its column in the table of bad outcomes
    label: str = ""  #: label of its row in the workbook
    key: str = ""  #: first part of its defined name in the workbook
    says: str = ""  #: what a value means; `{beyond}` stands for the share of the tail


_AS_WORDS = Shown()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measure:
    """One measure: what it is, how it is computed, and where it appears."""

    name: str  #: in files
    words: str  #: as a heading
    definition: str  #: for the documentation
    interval: str  #: origin of its interval, for the documentation; "none" if it has none
    scopes: tuple[str, ...]
    of: Callable[[Evidence, FigureAddress], Estimate]
    unit: str = ""  #: empty for the money of the scenario; or `OF_POOL`
    levels: Levels | None = None
    parts: Parts | None = None
    by_trial: ByTrial | None = None  #: None if the trial-level files do not hold it
    within: Within | None = None  #: how it is computed from a part and the whole by trial
    swept: Swept | None = None
    shown: Shown = _AS_WORDS

    @property
    def has_confidence(self) -> bool:
        """Whether it is computed at the confidence levels of a run."""
        return self.levels is not None and self.levels.is_confidence

    @property
    def is_probability(self) -> bool:
        """Whether it is a share of the trials."""
        return self.unit == PROBABILITY

    @property
    def is_estimate(self) -> bool:
        """Whether it estimates the risk; the largest trial only describes the trials."""
        return self.interval != "none"

    def components(self, scenario: Scenario) -> tuple[str, ...]:
        """The components it is divided into; only `WHOLE` if it is not divided."""
        return tuple(self.parts.names(scenario)) if self.parts else (WHOLE,)

    def levels_in(self, scenario: Scenario) -> tuple[float | None, ...]:
        """The levels at which it is computed; only None if it has none."""
        return tuple(self.levels.values(scenario)) if self.levels else (None,)

    def places(self, scenario: Scenario, scope: str, index: int) -> list[FigureAddress]:
        """The addresses of its figures for the total, or for one industry, material or dispute."""
        return [
            FigureAddress(scope, index, component, level)
            for component in self.components(scenario)
            for level in self.levels_in(scenario)
        ]

    def unit_in(self, money: str) -> str:
        """Its unit, if losses are in this money."""
        return self.unit or money

    def unit_of(self, scenario: Scenario, name: str) -> str:
        """The unit of its figure of an industry, material, dispute or pool of a scenario."""
        if self.unit == OF_POOL:
            return scenario.pools[name].counted_in
        return self.unit_in(scenario.run.money)

    def column(self, scope: str, name: str, component: str) -> str:
        """The column of the trial-level files that it is computed from."""
        if component != WHOLE:
            return f"{component}:{name}"
        start = self.by_trial.column if self.by_trial else ""
        return f"{start or _LOSS_COLUMN.get(scope, '')}{name}"
