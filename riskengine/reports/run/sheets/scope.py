"""Columns of figures by industry or material: each row of such a table is a name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from riskengine.measures.estimate import Estimate
from riskengine.model.confidence import level_name, level_text
from riskengine.reports.run.sheets.run import Run
from riskengine.reports.tables.looks import SHARE, Look
from riskengine.reports.xlsx.table import Column, estimated, number


@dataclass(frozen=True, slots=True)
class Scope:
    """All industries, or all materials, of a run."""

    run: Run
    scope: str  #: industry or material

    def money(
        self, heading: str, measure: str, level: float | None = None, name: str = ""
    ) -> Column:
        """An amount without its interval."""
        value = self._estimate(measure, level)
        unit = f"{heading} ({self.run.money})"
        return number(unit, lambda row: value(row).value, self.run.money_look, name)

    def money_estimate(
        self, heading: str, measure: str, level: float | None = None, name: str = ""
    ) -> list[Column]:
        """An amount with its interval."""
        value = self._estimate(measure, level)
        return estimated(heading, self.run.money, value, self.run.money_look, name)

    def estimate(
        self, heading: str, unit: str, measure: str, look: Look, name: str = ""
    ) -> list[Column]:
        """Another figure with its interval."""
        return estimated(heading, unit, self._estimate(measure, None), look, name)

    def component(self, component: str) -> list[Column]:
        """The mean of one component with its interval."""

        def value(row: str) -> Estimate:
            return self.run.component(self.scope, row, component)

        heading = f"Mean {component} loss"
        return estimated(heading, self.run.money, value, self.run.money_look)

    def share(self, heading: str, measure: str, level: float | None = None) -> Column:
        """The part that a name has in the mean or TVaR of the total."""

        def value(row: str) -> float:
            return self.run.share_of_total(self.scope, row, measure, level)

        return number(heading, value, SHARE)

    def share_of_tail(self) -> Column:
        """The part that a name has in the TVaR of the total, by which names are ranked."""
        level = self.run.figures.detail
        return self.share(f"Share of the total's TVaR {level_text(level)}", "tvar", level)

    def at_levels(self, heading: str, measure: str, name: str) -> list[Column]:
        """A figure with its interval at every confidence level."""
        return [
            column
            for level in self.run.figures.confidence
            for column in self.money_estimate(
                f"{heading} {level_text(level)}", measure, level, f"{name}{level_name(level)}"
            )
        ]

    def _estimate(self, measure: str, level: float | None) -> Callable[[str], Estimate]:
        return lambda row: self.run.figures.get(self.scope, row, measure, level)
