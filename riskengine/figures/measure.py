"""What a measure is: how it is taken, what it is taken of, and where it appears."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from riskengine.figures.evidence import INDUSTRY, MATERIAL, TOTAL, Evidence
from riskengine.measures.estimate import Estimate
from riskengine.measures.paired import Pair, Trials
from riskengine.model.scenario import Scenario

DISPUTE = "dispute"
WHOLE = "all"  #: the component of a figure that is of no component

LOSSES = (TOTAL, INDUSTRY, MATERIAL)  #: the scopes that have losses
_LOSS_COLUMN = {TOTAL: "total", INDUSTRY: "industry:", MATERIAL: "loss:"}
PROBABILITY, DAYS = "probability", "days"


class FigureAddress(NamedTuple):
    """What one figure of a measure is of."""

    scope: str
    position: int  #: of the industry, material or dispute; 0 for the total
    component: str = WHOLE
    level: float | None = None  #: confidence level or threshold, of a measure that has any

    @property
    def at(self) -> float:
        """The level; nan for a measure without levels."""
        return math.nan if self.level is None else self.level


class Levels(NamedTuple):
    """What a measure is asked for at: confidence levels, or amounts of loss."""

    values: Callable[[Scenario], Sequence[float]]
    words: str  #: of them, in the documentation
    is_confidence: bool


CONFIDENCE = Levels(lambda scenario: scenario.run.levels, "each level of `run.levels`", True)
THRESHOLDS = Levels(lambda scenario: scenario.run.thresholds, "each of `run.thresholds`", False)


class Parts(NamedTuple):
    """What a measure is divided into, one figure for each."""

    names: Callable[[Scenario], Iterable[str]]
    words: str  #: of them, in the documentation


Within = Callable[[Trials, Trials, float], float]  #: of a part, the whole, and at a level


class ByTrial(NamedTuple):
    """How a measure is taken of what each trial holds: of one series, and of two with shared draws.

    The second argument of both is the level; a measure without levels ignores it.
    """

    alone: Callable[[Trials, float], Estimate]
    paired: Callable[[Pair, float], Estimate]
    #: the column of the files by trial, before the name; that of the loss where it is empty
    column: str = ""


class Swept(NamedTuple):
    """How a sweep takes a measure of a series that it keeps for many comparisons."""

    alone: Callable[[Trials, float], Estimate]
    scopes: tuple[str, ...] = LOSSES
    is_explained: bool = True  #: whether indices say which parameter moves it


class Shown(NamedTuple):
    """How the tables and sheets of the total show a measure; `{}` stands for its level.

    What is left empty follows from the words of the measure.
    """

    heading: str = ""  #: of its column in the table of bad outcomes
    label: str = ""  #: of its row in the workbook
    key: str = ""  #: first part of its defined name in the workbook
    says: str = ""  #: what a value means; `{beyond}` stands for the share of the tail


_AS_WORDS = Shown()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measure:
    """One measure: what it is, how it is taken, and where it appears."""

    name: str  #: in files
    words: str  #: as a heading
    definition: str  #: for the documentation
    interval: str  #: where its interval comes from, for the documentation; "none" if it has none
    scopes: tuple[str, ...]
    of: Callable[[Evidence, FigureAddress], Estimate]
    unit: str = ""  #: empty for the money of the scenario
    levels: Levels | None = None
    parts: Parts | None = None
    by_trial: ByTrial | None = None  #: None where the files by trial do not hold it
    within: Within | None = None  #: how it is taken of a part and the whole by trial
    swept: Swept | None = None
    shown: Shown = _AS_WORDS

    @property
    def has_confidence(self) -> bool:
        """Whether it is taken at the confidence levels of a run."""
        return self.levels is not None and self.levels.is_confidence

    @property
    def is_probability(self) -> bool:
        """Whether it is a share of the futures."""
        return self.unit == PROBABILITY

    @property
    def is_estimate(self) -> bool:
        """Whether it tells about the risk; the largest trial tells about the trials alone."""
        return self.interval != "none"

    def components(self, scenario: Scenario) -> tuple[str, ...]:
        """What it is divided into; `WHOLE` alone where it is not."""
        return tuple(self.parts.names(scenario)) if self.parts else (WHOLE,)

    def levels_in(self, scenario: Scenario) -> tuple[float | None, ...]:
        """The levels it is asked for at; None alone where it has none."""
        return tuple(self.levels.values(scenario)) if self.levels else (None,)

    def places(self, scenario: Scenario, scope: str, index: int) -> list[FigureAddress]:
        """What its figures of one industry, material or dispute, or of the total, are of."""
        return [
            FigureAddress(scope, index, component, level)
            for component in self.components(scenario)
            for level in self.levels_in(scenario)
        ]

    def unit_in(self, money: str) -> str:
        """Its unit, where losses are in this money."""
        return self.unit or money

    def column(self, scope: str, name: str, component: str) -> str:
        """The column of the files by trial that it is taken of."""
        if component != WHOLE:
            return f"{component}:{name}"
        start = self.by_trial.column if self.by_trial else ""
        return f"{start or _LOSS_COLUMN.get(scope, '')}{name}"
