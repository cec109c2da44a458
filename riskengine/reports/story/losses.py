"""The loss of one trial with all its parts, which add up to it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from riskengine.play.replay import Replay

COMPONENTS = ("output", "rerouting", "price", "indirect")  #: of a loss, in the order of their sum


class IndustryLoss(NamedTuple):
    """What one industry lost, in money, and for how long."""

    industry: str
    output: float
    rerouting: float
    price: float
    indirect: float
    loss: float  #: the four together
    loss_days: float
    stopped_days: float
    first_loss_day: float | None


class MaterialLoss(NamedTuple):
    """What is attributed to one material, and what befell it."""

    material: str
    loss: float
    cut_days: float
    cut_weighted_days: float
    shortage_days: float
    deepest_level: str  #: empty when it was never restricted


class SpellLoss(NamedTuple):
    """What was lost in one spell."""

    start_day: float
    end_day: float
    loss: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryLosses:
    """The loss of a trial, as its row has it, and its parts."""

    total: float
    largest_spell: float
    industries: tuple[IndustryLoss, ...]
    materials: tuple[MaterialLoss, ...]
    spells: tuple[SpellLoss, ...]

    @property
    def sum_of_parts(self) -> float:
        """All components of all industries, added in the order in which a run adds them."""
        total = 0.0
        for row in self.industries:
            total += row.output + row.rerouting + row.price + row.indirect
        return total

    @property
    def adds_up(self) -> bool:
        """Whether the components add up to the total to the bit, and the attributions do nearly.

        Materials and spells are booked in another order than the total, so that the last bits of
        their sums may differ.
        """
        sums = (sum(row.loss for row in part) for part in (self.materials, self.spells))
        return self.sum_of_parts == self.total and all(
            math.isclose(found, self.total, rel_tol=1e-9, abs_tol=1e-9) for found in sums
        )

    def component(self, name: str) -> float:
        """One component of all industries together."""
        return float(sum(getattr(row, name) for row in self.industries))

    def document(self) -> dict[str, Any]:
        """As plain data for JSON."""
        return {
            "total": self.total,
            "largest_spell": self.largest_spell,
            "sum_of_parts": self.sum_of_parts,
            "components": {name: self.component(name) for name in COMPONENTS},
            "industries": _records(self.industries),
            "materials": _records(self.materials),
            "spells": _records(self.spells),
        }


def story_losses(replay: Replay) -> StoryLosses:
    """The losses of a replay."""
    row, scenario = replay.row, replay.row.scenario
    return StoryLosses(
        total=float(row.total[0]),
        largest_spell=float(row.largest_spell[0]),
        industries=tuple(_industry(replay, k, name) for k, name in enumerate(scenario.industries)),
        materials=tuple(_material(replay, k, name) for k, name in enumerate(scenario.materials)),
        spells=tuple(SpellLoss(*spell) for spell in replay.spells),
    )


def _industry(replay: Replay, k: int, name: str) -> IndustryLoss:
    row = replay.row
    first = float(row.first_loss_day[0, k])
    return IndustryLoss(
        industry=name,
        output=float(row.output[0, k]),
        rerouting=float(row.rerouting[0, k]),
        price=float(row.price[0, k]),
        indirect=float(row.indirect[0, k]),
        loss=float(row.industry_loss[0, k]),
        loss_days=float(row.loss_days[0, k]),
        stopped_days=float(row.stopped_days[0, k]),
        first_loss_day=None if math.isnan(first) else first,
    )


def _material(replay: Replay, k: int, name: str) -> MaterialLoss:
    row = replay.row
    deepest = int(row.deepest_level[0, k])
    return MaterialLoss(
        name,
        float(row.material_loss[0, k]),
        float(row.cut_days[0, k]),
        float(row.cut_weighted_days[0, k]),
        float(row.shortage_days[0, k]),
        list(row.scenario.ladder)[deepest] if deepest >= 0 else "",
    )


def _records(rows: Iterable[IndustryLoss | MaterialLoss | SpellLoss]) -> list[dict[str, Any]]:
    return [row._asdict() for row in rows]
