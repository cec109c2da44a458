"""What a workbook is made of: a stored run, read once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskengine.figures.curves import CurveRow
from riskengine.measures.estimate import UNKNOWN, Estimate
from riskengine.reports.run.headline import Index, RunFacts
from riskengine.reports.run.stored import Stored, has_rows, named_columns
from riskengine.reports.tables.looks import Look, money_look
from riskengine.reports.tables.numbers import abridged
from riskengine.reports.xlsx.text import one_line

if TYPE_CHECKING:
    pass

Floats = NDArray[np.float64]

SURVIVAL = "survival.parquet"


@dataclass(frozen=True, eq=False)
class Run:
    """A stored run as the sheets ask for it; each file is read when first needed."""

    stored: Stored

    @property
    def manifest(self) -> Mapping[str, Any]:
        return self.stored.manifest

    @property
    def config(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.manifest["config"]
        return found

    @property
    def has_rows(self) -> bool:
        """Whether there is a row of every trial to read."""
        return has_rows(self.manifest)

    @cached_property
    def facts(self) -> RunFacts:
        return RunFacts.of_manifest(self.manifest)

    @cached_property
    def money(self) -> str:
        """The unit of money, as a header can hold it."""
        return abridged(one_line(self.facts.money), 40)

    @cached_property
    def money_look(self) -> Look:
        """One number of decimals for all amounts of a workbook."""
        return money_look(self.total("mean").value)

    @cached_property
    def figures(self) -> Index:
        return Index(self.stored.figures())

    @cached_property
    def components(self) -> dict[tuple[str, str, str], Estimate]:
        """Mean loss by scope, name and component."""
        return {
            (f.scope, f.name, f.component): Estimate(f.value, f.lower, f.upper)
            for f in self.stored.figures()
            if f.measure == "mean"
        }

    def component(self, scope: str, name: str, component: str) -> Estimate:
        return self.components.get((scope, name, component), UNKNOWN)

    def total(self, measure: str, level: float | None = None) -> Estimate:
        return self.figures.get("total", "", measure, level)

    def names(self, scope: str) -> list[str]:
        """Industries or materials, in the order of the config."""
        return self.figures.names.get(scope, [])

    def share_of_total(self, scope: str, name: str, measure: str, level: float | None) -> float:
        """The share that a contribution has in the mean or TVaR of the total; nan without one."""
        whole = self.total(measure, level).value
        part = self.figures.get(scope, name, f"contribution_{measure}", level).value
        return part / whole if whole > 0.0 else math.nan

    @cached_property
    def stored_curves(self) -> Sequence[CurveRow]:
        return self.stored.curves()

    @cached_property
    def first_days(self) -> dict[str, Floats]:
        """Of each industry and trial the day of the first output loss, nan if there is none."""
        return named_columns(self.stored.table("industries.parquet"), "first_loss_day")

    @cached_property
    def loss_days(self) -> dict[str, Floats]:
        """Of each industry and trial the days with an output loss."""
        return named_columns(self.stored.table("industries.parquet"), "loss_days")

    @cached_property
    def survival_days(self) -> dict[str, Floats]:
        """From the start of the spell to the first output loss; empty in an older folder."""
        if SURVIVAL not in self.manifest["files"]:
            return {}
        return named_columns(self.stored.table(SURVIVAL), "survival_days")

    @cached_property
    def cut_days(self) -> dict[str, Floats]:
        """Of each material and trial the days with any supply cut."""
        return named_columns(self.stored.table("materials.parquet"), "cut_days")

    @cached_property
    def is_restricted(self) -> NDArray[np.bool_]:
        """(n,) whether any material was restricted in a trial."""
        levels = named_columns(self.stored.table("materials.parquet"), "deepest_level")
        restricted = np.zeros(self.facts.trials, dtype=np.bool_)
        for series in levels.values():
            restricted |= series >= 0
        return restricted
