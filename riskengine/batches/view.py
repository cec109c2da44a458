"""The figures of a batch, found by scenario, scope, name, measure and level."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import NamedTuple

from riskengine.batches.outcome import (
    MIXTURE,
    BatchOutcome,
    PreviousBatch,
    ScenarioComparison,
    ScenarioOutcome,
)
from riskengine.figures.comparison import PAIRED, Difference
from riskengine.figures.curves import CurveRow
from riskengine.figures.metrics import Figure
from riskengine.measures.curves import DAYS_PER_YEAR
from riskengine.measures.estimate import UNKNOWN, Estimate, estimate_of
from riskengine.model.confidence import detail_level

IN_TAIL = "contribution_tvar"  #: the measure whose figures add up to TVaR
_ROUNDING = 1e-12  #: of the total: what is left of a part that is nothing
_Key = tuple[str, str, str, float | None]  #: scope, name, measure and level
Differences = Mapping[tuple[str, float | None], Difference]  #: of the total, by measure and level


class CurvePoint(NamedTuple):
    """A point of an exceedance curve of the total."""

    scenario: str
    type: str  #: AEP or OEP
    return_period: float  #: years
    probability: float  #: within the horizon
    loss: Estimate


class PartRow(NamedTuple):
    """An industry or material of a scenario, with figures at the level of comparison."""

    scenario: str
    part: str
    tail: Estimate  #: its part of TVaR
    mean: Estimate
    var: Estimate
    chance: Estimate  #: of any loss


class BesideRow(NamedTuple):
    """A scenario beside another."""

    scenario: str
    found: Differences
    why: str = ""  #: why there is nothing to compare

    @property
    def is_paired(self) -> bool:
        """Whether they were compared trial by trial."""
        return any(row.pairing == PAIRED for row in self.found.values())


class BatchView:
    """A batch as tables and sentences of it need it."""

    def __init__(self, outcome: BatchOutcome):
        self.outcome = outcome
        self._found = {each.name: _found(each.figures) for each in outcome.scenarios}
        self._days = {each.name: each.horizon_days for each in outcome.scenarios}
        if outcome.mixture is not None:
            self._found[MIXTURE] = _found(outcome.mixture.figures)
            self._days[MIXTURE] = next(filter(None, self._days.values()), None)

    @cached_property
    def done(self) -> list[ScenarioOutcome]:
        """The scenarios with figures."""
        return [each for each in self.outcome.scenarios if each.figures]

    @property
    def names(self) -> list[str]:
        """The scenarios with figures, and the mixture last, if there is one."""
        return [each.name for each in self.done] + [MIXTURE] * (self.outcome.mixture is not None)

    @property
    def every_name(self) -> list[str]:
        """All scenarios, those too that failed or that only an earlier batch had."""
        previous = self.outcome.previous
        gone = previous.went if previous else ()
        return [*(each.name for each in self.outcome.scenarios), *gone]

    @cached_property
    def levels(self) -> list[float]:
        """The confidence levels that all scenarios have, ascending."""
        of_each = [
            {key[3] for key in self._found[name] if key[:3] == ("total", "", "var")}
            for name in self.names
        ]
        return sorted(level for level in set.intersection(*of_each or [set()]) if level)

    @cached_property
    def detail(self) -> float:
        """The level at which scenarios are compared and ranked."""
        return detail_level(self.levels)

    @cached_property
    def largest_mean(self) -> float:
        """The largest mean loss; 1 where none is known."""
        means = (self.total(name, "mean").value for name in self.names)
        return max(filter(math.isfinite, means), default=1.0)

    @cached_property
    def has_one_horizon(self) -> bool:
        """Whether the losses of all scenarios are of equally long times."""
        return len({each.horizon_days for each in self.done}) < 2

    def get(
        self,
        scenario: str,
        scope: str,
        name: str,
        measure: str,
        level: float | None = None,
    ) -> Estimate:
        """A figure, or `UNKNOWN` if the scenario does not have it."""
        return self._found.get(scenario, {}).get((scope, name, measure, level), UNKNOWN)

    def total(self, scenario: str, measure: str, level: float | None = None) -> Estimate:
        """A figure of the total."""
        return self.get(scenario, "total", "", measure, level)

    def tail(self, scenario: str) -> Estimate:
        """TVaR at the level of comparison."""
        return self.total(scenario, "tvar", self.detail)

    def mean(self, scenario: str) -> Estimate:
        """The mean loss; that of a year where horizons differ."""
        found = self.total(scenario, "mean")
        return found if self.has_one_horizon else self.per_year(scenario, found)

    def per_year(self, scenario: str, found: Estimate) -> Estimate:
        """A figure of a scenario, by year of its horizon."""
        share = DAYS_PER_YEAR / (self._days.get(scenario) or DAYS_PER_YEAR)
        return Estimate(*(share * end for end in found))

    def ranked(self, names: Iterable[str] | None = None) -> list[str]:
        """Scenarios by TVaR, the largest first; without the mixture."""
        known = [each for each in (self.names if names is None else names) if each != MIXTURE]
        return sorted(known, key=lambda name: -_size(self.tail(name).value))

    def parts(self, scope: str) -> list[str]:
        """Industries or materials of any scenario, by their largest part of TVaR."""
        found: dict[str, float] = {}
        for figures in self._found.values():
            for (of, name, measure, level), estimate in figures.items():
                if (of, measure, level) == (scope, IN_TAIL, self.detail):
                    found[name] = max(found.get(name, 0.0), _size(estimate.value))
        return sorted(found, key=lambda name: -found[name])

    def of_parts(
        self, scenario: str, scope: str, parts: Iterable[str], measure: str
    ) -> float | None:
        """What some industries or materials of a scenario add up to; None if it has none of them.

        The measure is `IN_TAIL` or "mean". What rounding leaves of nothing is left out.
        """
        level, whole = (self.detail, "tvar") if measure == IN_TAIL else (None, measure)
        found = [self.get(scenario, scope, part, measure, level).value for part in parts]
        there = [each for each in found if not math.isnan(each)]
        least = _ROUNDING * self.total(scenario, whole, level).value
        return math.fsum(x for x in there if not abs(x) < least) if there else None

    def part_rows(self, scope: str) -> list[PartRow]:
        """The figures of the industries or materials of every scenario."""
        level, found = self.detail, []
        for name in self.names:
            for part in self.parts(scope):
                taken = partial(self.get, name, scope, part)
                tail, var = taken(IN_TAIL, level), taken("var", level)
                row = PartRow(name, part, tail, taken("mean"), var, taken("prob_loss"))
                found += [] if math.isnan(row.mean.value) else [row]
        return found

    @cached_property
    def points(self) -> list[CurvePoint]:
        """Every point of the exceedance curves of all scenarios and of the mixture."""
        return [
            CurvePoint(
                name, row.type, row.return_period, row.probability, estimate_of(row, "loss", "")
            )
            for name in self.names
            for row in self._curves(name)
        ]

    def by_period(self, scenario: str) -> dict[float, float]:
        """The losses of the whole horizon (AEP) of a scenario by return period."""
        rows = (row for row in self._curves(scenario) if row.type == "AEP")
        return {row.return_period: row.loss for row in rows}

    def _curves(self, name: str) -> Sequence[CurveRow]:
        if name == MIXTURE and self.outcome.mixture is not None:
            return self.outcome.mixture.curves
        return next((each.curves for each in self.done if each.name == name), ())

    @cached_property
    def drawn(self) -> list[str]:
        """The scenarios in a chart of a few: the mixture, the reference, then the worst."""
        first = [MIXTURE] if self.outcome.mixture is not None else []
        first += [name for name in [self.outcome.reference or ""] if name in self._found]
        return list(dict.fromkeys([*first, *self.ranked()]))

    def changes(self, compared: Iterable[ScenarioComparison]) -> dict[str, Difference]:
        """The known changes of TVaR at the level of comparison, by scenario."""
        found = {row.scenario: self.change(row.found) for row in beside(compared)}
        return {name: row for name, row in found.items() if row is not None}

    def change(self, found: Differences) -> Difference | None:
        """The change of TVaR at the level of comparison; None if it is not known."""
        row = found.get(("tvar", self.detail))
        return None if row is None or math.isnan(row.difference) else row

    def not_compared(self, previous: PreviousBatch) -> dict[str, list[str]]:
        """The scenarios that have nothing to be compared with but did not fail, by the reason."""
        failed = {each.name for each in self.outcome.failed}
        found: dict[str, list[str]] = {}
        for each in previous.comparisons:
            if each.why and each.scenario not in failed:
                why = " ".join(each.why.removeprefix("Not compared: ").split()).rstrip(".")
                found.setdefault(why, []).append(each.scenario)
        return found


def beside(
    compared: Iterable[ScenarioComparison], mixture: Sequence[Difference] = ()
) -> list[BesideRow]:
    """The scenarios that are compared, and the mixture where it is."""
    found = [BesideRow(each.scenario, differences(each.differences), each.why) for each in compared]
    return [*found, *([BesideRow(MIXTURE, differences(mixture))] if mixture else [])]


def differences(rows: Iterable[Difference]) -> Differences:
    """The differences of the total among those of a scenario."""
    return {
        (row.measure, row.level): row
        for row in rows
        if (row.scope, row.component) == ("total", "all")
    }


def _found(rows: Iterable[Figure]) -> dict[_Key, Estimate]:
    return {
        (row.scope, row.name, row.measure, row.level): Estimate(row.value, row.lower, row.upper)
        for row in rows
        if row.component == "all"
    }


def _size(value: float) -> float:
    return -math.inf if math.isnan(value) else value
