"""The figures of a batch, found by scenario, scope, name, measure and level."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cached_property

from riskengine.batches.outcome import (
    MIXTURE,
    BatchOutcome,
    ScenarioComparison,
    ScenarioOutcome,
)
from riskengine.figures.comparison import Difference
from riskengine.figures.curves import CurveRow
from riskengine.figures.metrics import Figure
from riskengine.measures.curves import DAYS_PER_YEAR
from riskengine.measures.estimate import UNKNOWN, Estimate
from riskengine.model.confidence import detail_level

IN_TAIL = "contribution_tvar"  #: the measure whose figures add up to TVaR
_Key = tuple[str, str, str, float | None]  #: scope, name, measure and level


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

    def curves(self, name: str) -> Sequence[CurveRow]:
        """The points of the exceedance curves of the total of a scenario."""
        if name == MIXTURE and self.outcome.mixture is not None:
            return self.outcome.mixture.curves
        return next((each.curves for each in self.done if each.name == name), ())

    @cached_property
    def drawn(self) -> list[str]:
        """The scenarios in a chart of a few: the mixture, the reference, then the worst."""
        first = [MIXTURE] if self.outcome.mixture is not None else []
        first += [name for name in [self.outcome.reference or ""] if name in self._found]
        return list(dict.fromkeys([*first, *self.ranked()]))


def differences(
    compared: ScenarioComparison | Sequence[Difference],
) -> dict[tuple[str, float | None], Difference]:
    """The differences of the total of a scenario, by measure and level."""
    rows = compared if isinstance(compared, Sequence) else compared.differences
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
