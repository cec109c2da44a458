"""Stored results as the summaries of Open Results Data: the total, industries, materials."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.figures.summary import Stored, named_columns

Floats = NDArray[np.float64]

_ROUNDING = 1e-9  #: share of a loss; a smaller remainder is rounding error


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LossSummary:
    """One series of losses, and how it is labelled."""

    id: int
    material: str = ""
    industry: str = ""
    baseline: float  #: money per year at stake, nan if unknown
    losses: Floats  #: (n,) of each trial
    largest: Floats | None = None  #: (n,) largest spell of each trial, known for the total
    parts: NDArray[np.int64]  #: (n,) further rows that the other spells of a trial need
    first_day: Floats  #: (n,) first day with an output loss, nan if none
    exposure: Floats  #: (n,) value added per year of the industries that lost output


class SummarySet(NamedTuple):
    """Summaries that add up to the total; each set has files of its own."""

    number: int
    description: str
    grouping_fields: tuple[str, ...]
    summaries: tuple[LossSummary, ...]


def summary_sets(results: Stored) -> list[SummarySet]:
    """The summary sets of a run: 1 the total, 2 materials, 4 industries.

    Identifiers are unique across the sets, so that their tables can be concatenated: 1 is the
    total, then come the industries, then the materials. Set 3 would be exporters, but results hold
    nothing by exporter.
    """
    run = _Run.of(results)
    total = run.total()
    industries = tuple(run.industries(total, first_id=2))
    materials = tuple(run.materials(total, first_id=2 + len(industries)))
    return [
        SummarySet(1, "Total", (), (total,)),
        SummarySet(2, "Loss attributed to each material", ("Material",), materials),
        SummarySet(4, "Loss of each industry", ("Industry",), industries),
    ]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Run:
    """The sources of the summaries: stored series by name, and the config."""

    config: Mapping[str, Any]
    losses: Mapping[str, Floats]
    industry_loss: Mapping[str, Floats]
    material_loss: Mapping[str, Floats]
    first_days: Mapping[str, Floats]  #: of each industry
    values: Mapping[str, float]  #: value added per year of each industry

    @classmethod
    def of(cls, results: Stored) -> _Run:
        config = results.manifest["config"]
        losses = results.series("losses.parquet")
        first_days = named_columns(results.series("industries.parquet"), "first_loss_day")
        return cls(
            config=config,
            losses=losses,
            industry_loss=named_columns(losses, "industry"),
            material_loss=named_columns(results.series("materials.parquet"), "loss"),
            first_days=first_days,
            values={n: _money(config, "industries", n, "value_added_per_year") for n in first_days},
        )

    def total(self) -> LossSummary:
        total, largest = self.losses["total"], self.losses["largest_spell"]
        first_day = np.full(len(total), np.nan)
        for series in self.first_days.values():
            first_day = np.fmin(first_day, series)
        return LossSummary(
            id=1,
            baseline=math.fsum(self.values.values()),
            losses=total,
            largest=largest,
            parts=_parts(total, largest),
            first_day=first_day,
            exposure=self._exposure(self.first_days),
        )

    def industries(self, total: LossSummary, first_id: int) -> Iterator[LossSummary]:
        for number, (name, losses) in enumerate(self.industry_loss.items(), first_id):
            yield LossSummary(
                id=number,
                industry=name,
                baseline=self.values[name],
                losses=losses,
                parts=total.parts,
                first_day=self.first_days[name],
                exposure=self._exposure([name]),
            )

    def materials(self, total: LossSummary, first_id: int) -> Iterator[LossSummary]:
        for number, (name, losses) in enumerate(self.material_loss.items(), first_id):
            yield LossSummary(
                id=number,
                material=name,
                baseline=_money(self.config, "materials", name, "spend_per_year"),
                losses=losses,
                parts=total.parts,
                first_day=total.first_day,
                exposure=self._exposure(self._users(name)),
            )

    def _exposure(self, industries: Iterable[str]) -> Floats:
        """By trial, the value added per year of those industries that lost output."""
        exposure = np.zeros(len(self.losses["total"]))
        for name in industries:
            exposure += np.where(np.isnan(self.first_days[name]), 0.0, self.values[name])
        return exposure

    def _users(self, material: str) -> list[str]:
        known = self.config.get("industries", {})
        return [n for n in self.first_days if material in known.get(n, {}).get("uses", {})]


def _parts(total: Floats, largest: Floats) -> NDArray[np.int64]:
    """The least number of equal parts of the other spells' loss, none above the largest spell."""
    rest = total - largest
    several = rest > _ROUNDING * total
    parts = np.zeros(len(total), dtype=np.int64)
    parts[several] = np.ceil(rest[several] / largest[several])
    return parts


def _money(config: Mapping[str, Any], kind: str, name: str, key: str) -> float:
    return float(config.get(kind, {}).get(name, {}).get(key, math.nan))
