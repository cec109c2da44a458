"""A run as its reports see it: the facts above the figures, the figures, and the folder."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.figures.curves import CurveRow
from riskengine.figures.evidence import Evidence, Series
from riskengine.figures.measure import Measure
from riskengine.figures.metrics import Figure
from riskengine.figures.summary import Stored, named_columns
from riskengine.language.money import unit_words
from riskengine.language.speaking import say
from riskengine.measures.estimate import UNKNOWN, Estimate
from riskengine.model.confidence import detail_level, level_number
from riskengine.model.losses import Losses
from riskengine.model.scenario import Pool
from riskengine.reports.tables import formats
from riskengine.reports.tables.formats import Format
from riskengine.reports.tables.words import Calendar
from riskengine.reports.xlsx.text import heading_unit

SURVIVAL = "survival.parquet"
MOST_ROWS = 500_000  #: the most that a report reads from one file
NO_ROWS = (
    "Not shown: this takes one row a trial, all independent and of the same weight, which these "
    "results do not hold or hold too many of."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """The facts about a run that are shown above its figures."""

    title: str
    trials: int
    seed: int
    first_trial: int
    horizon_days: float
    money: str

    @classmethod
    def of(cls, losses: Losses | Evidence) -> RunFacts:
        run = losses.scenario.run
        return cls(
            title=run.title,
            trials=losses.trials,
            seed=losses.seed,
            first_trial=losses.first_trial,
            horizon_days=losses.horizon_days,
            money=run.money,
        )

    @classmethod
    def of_manifest(cls, manifest: Mapping[str, Any]) -> RunFacts:
        return cls(**{name: manifest[name] for name in cls.__slots__})

    @property
    def line(self) -> str:
        """Everything but the title, in one line."""
        start = f" from trial {self.first_trial:,}" if self.first_trial else ""
        return say(
            f"{self.trials:,} trials{start}, seed {self.seed}, "
            f"horizon {self.horizon_days:g} days; money in {unit_words(self.money)}"
        )


class RunFigures:
    """The figures of a run, found by scope, name, measure and level rather than by position."""

    def __init__(
        self,
        facts: RunFacts,
        figures: Iterable[Figure],
        pools: Mapping[str, Pool] = MappingProxyType({}),
    ):
        self.facts = facts
        self.pools = pools
        self._found = {
            (f.scope, f.name, f.component, f.measure, f.level): Estimate(f.value, f.lower, f.upper)
            for f in figures
        }
        self._names: dict[str, list[str]] = {}
        for scope, name, *_ in self._found:
            known = self._names.setdefault(scope, [])
            if name not in known[-1:]:
                known.append(name)
        self._levels: dict[str, list[float]] = {}
        for scope, _, component, measure, level in self._found:
            if (scope, component) == ("total", "all") and level is not None:
                self._levels.setdefault(measure, []).append(level)

    def levels(self, measure: Measure) -> Sequence[float | None]:
        """The levels of a measure of the total, ascending; [None] for a measure without levels."""
        return [None] if measure.levels is None else self._levels.get(measure.name, [])

    @property
    def confidence(self) -> Sequence[float]:
        """The confidence levels of the run, ascending; the default level if the run has no VaR."""
        return self._levels.get("var", [detail_level(())])

    @cached_property
    def detail(self) -> float:
        """The level at which industries and materials are compared and ranked."""
        return detail_level(self.confidence)

    @property
    def thresholds(self) -> Sequence[float]:
        """The losses whose probability of exceedance is known, ascending."""
        return self._levels.get("prob_above", [])

    def names(self, scope: str) -> list[str]:
        """Industries or materials, in the order of the config."""
        return self._names.get(scope, [])

    def get(
        self,
        scope: str,
        name: str,
        measure: str,
        level: float | None = None,
        component: str = "all",
    ) -> Estimate:
        """A figure, or `UNKNOWN` if the run does not have it."""
        return self._found.get((scope, name, component, measure, level), UNKNOWN)

    def total(self, measure: str, level: float | None = None) -> Estimate:
        """A figure of the total."""
        return self.get("total", "", measure, level)

    def part(self, scope: str, name: str, measure: str, level: float | None = None) -> float:
        """The contribution of an industry or material to the mean or TVaR of the total, or nan."""
        return self.get(scope, name, f"contribution_{measure}", level).value

    def share(self, scope: str, name: str, measure: str, level: float | None = None) -> float:
        """The contribution as a share of the total; nan if the total has no loss."""
        whole = self.total(measure, level).value
        return self.part(scope, name, measure, level) / whole if whole > 0.0 else math.nan

    def tail_part(self, scope: str, name: str) -> float:
        """The contribution of an industry or material to the mean loss of the worst trials."""
        return self.part(scope, name, "tvar", self.detail)

    def tail_share(self, scope: str, name: str) -> float:
        """The contribution to the worst trials as a share; nan if these have no loss."""
        return self.share(scope, name, "tvar", self.detail)

    def ranked(self, scope: str) -> list[str]:
        """Names by their contribution to the worst trials, the largest first."""
        return sorted(self.names(scope), key=lambda name: -self.tail_part(scope, name))

    def level_days(self, material: str) -> dict[str, Estimate]:
        """Mean days of a material on each level of the ladder, mildest first.

        Empty for a folder of an older version.
        """
        return {
            component: days
            for (_, owner, component, measure, _), days in self._found.items()
            if measure == "level_days" and owner == material
        }

    @cached_property
    def money(self) -> str:
        """The unit of money, short enough for the heading of a column."""
        return heading_unit(self.facts.money)

    @cached_property
    def amount(self) -> Format:
        """The format of money: all amounts of a workbook have the same number of decimals."""
        return formats.money(self.total("mean").value)


class StoredRun(RunFigures):
    """A run in a folder, as page and workbook use it; each file is read when first needed."""

    def __init__(self, stored: Stored):
        self.stored = stored
        facts = RunFacts.of_manifest(stored.manifest)
        facts = replace(facts, money=unit_words(facts.money))
        super().__init__(facts, stored.figures(), stored.scenario.pools)

    @property
    def manifest(self) -> Mapping[str, Any]:
        return self.stored.manifest

    @property
    def config(self) -> Mapping[str, Any]:
        """The resolved config."""
        found: Mapping[str, Any] = self.manifest["config"]
        return found

    @property
    def calendar(self) -> Calendar:
        return Calendar.starting(self.config.get("run", {}).get("valuation_date"))

    @property
    def has_rows(self) -> bool:
        """Whether every trial of a plain sample has a row, and there are at most `MOST_ROWS`."""
        is_all = self.manifest.get("keep", "all") == "all" and "sampling" not in self.manifest
        return is_all and self.facts.trials <= MOST_ROWS

    @cached_property
    def curves(self) -> Sequence[CurveRow]:
        return self.stored.curves()

    @cached_property
    def bad_trial(self) -> Mapping[str, Any] | None:
        """The story of the trial whose loss is VaR at the level of comparison, if there is one."""
        at = f"var{level_number(self.detail)}"
        return next((story for story in self.stored.stories() if story["at"] == at), None)

    @cached_property
    def losses(self) -> Series | None:
        """Loss of each trial; None without rows."""
        if not self.has_rows:
            return None
        return self.stored.series("losses.parquet", "total")["total"]

    @cached_property
    def first_days(self) -> dict[str, Series]:
        """The day of the first output loss by industry, nan if there is none."""
        return self._by_name("industries.parquet", "first_loss_day")

    @cached_property
    def loss_days(self) -> dict[str, Series]:
        """The number of days with an output loss, by industry."""
        return self._by_name("industries.parquet", "loss_days")

    @property
    def has_survival(self) -> bool:
        """Whether the times from the start of a spell are stored; older versions lack them."""
        return SURVIVAL in self.manifest["files"]

    @cached_property
    def survival_days(self) -> dict[str, Series]:
        """The days from the start of the spell to the first output loss by industry, or nan."""
        if not self.has_survival:
            return {}
        return self._by_name(SURVIVAL, "survival_days")

    @cached_property
    def cut_days(self) -> dict[str, Series]:
        """The number of days with any supply cut, by material."""
        return self._by_name("materials.parquet", "cut_days")

    @cached_property
    def is_restricted(self) -> NDArray[np.bool_]:
        """(n,) whether any material was restricted in a trial."""
        levels = self._by_name("materials.parquet", "deepest_level")
        restricted = np.zeros(self.facts.trials, dtype=np.bool_)
        for series in levels.values():
            restricted |= series >= 0
        return restricted

    def _by_name(self, file: str, kind: str) -> dict[str, Series]:
        return named_columns(self.stored.series(file, kind), kind)
