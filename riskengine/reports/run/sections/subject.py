"""What the sections of a page are about: a stored result, and what is read from it once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.measures.estimate import Estimate
from riskengine.reports.run.headline import Index, RunFacts
from riskengine.reports.run.stored import Stored, has_rows
from riskengine.reports.tables.calendar import Calendar
from riskengine.reports.tables.numbers import Money, interval, significant

Series = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A stored result with its headline facts at hand."""

    stored: Stored
    facts: RunFacts
    index: Index
    total: Series | None  #: (n,) loss of each trial, in order of trials; None without rows

    @classmethod
    def of(cls, stored: Stored) -> Subject:
        return cls(
            stored,
            RunFacts.of_manifest(stored.manifest),
            Index(stored.figures()),
            series(stored, "losses.parquet", "total") if has_rows(stored.manifest) else None,
        )

    @property
    def config(self) -> Mapping[str, Any]:
        """The resolved config."""
        config: Mapping[str, Any] = self.stored.manifest["config"]
        return config

    @property
    def calendar(self) -> Calendar:
        return Calendar.starting(self.config.get("run", {}).get("valuation_date"))

    @property
    def detail(self) -> float:
        """The confidence level at which the page compares."""
        return self.index.detail

    def total_at(self, measure: str, level: float | None = None) -> Estimate:
        """A figure of the total."""
        return self.index.get("total", "", measure, level)

    def names(self, scope: str) -> list[str]:
        return self.index.names.get(scope, [])

    def tail_part(self, scope: str, name: str) -> float:
        """What an industry or material takes of the mean loss in the worst futures."""
        return self.index.get(scope, name, "contribution_tvar", self.detail).value

    def tail_share(self, scope: str, name: str) -> float:
        """The same as a share; nan when there is no loss."""
        whole = self.total_at("tvar", self.detail).value
        return self.tail_part(scope, name) / whole if whole > 0.0 else np.nan

    def by_tail(self, scope: str) -> list[str]:
        """Names with the largest part of the worst futures first."""
        return sorted(self.names(scope), key=lambda name: -self.tail_part(scope, name))


def series(stored: Stored, file: str, column: str) -> Series:
    """One column of a file by trial; null is nan."""
    values: Series = stored.table(file)[column].to_numpy()
    return np.asarray(values, dtype=np.float64)


def scaled(estimate: Estimate, money: Money) -> str:
    """An estimate in a unit, with its interval."""
    value, *_ = parts = Estimate(*(end / money.divisor for end in estimate))
    ends = interval(Estimate(*parts))
    return f"{significant(value)} ({ends})" if ends else significant(value)
