"""The story of one trial, made from a replay: dated events, steps, and the loss with all parts.

A story consists of plain values that do not depend on files or on the simulator, so that terminal,
page and workbook show the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from riskengine.play.happenings import Happening, happenings
from riskengine.reports.story.sentences import KINDS
from riskengine.reports.tables.words import Calendar

if TYPE_CHECKING:
    from riskengine.play.replay import Replay

SCHEMA_VERSION = 1  #: of `story_document`

COMPONENTS = ("output", "rerouting", "price", "indirect")  #: of a loss, in the order of their sum
_STEPS = ("episodes", "visits", "arrivals", "supply", "uses", "output")  #: parts of a replay
_OF_POOLS = ("pools", "grants")  #: further ones where a scenario has pools


class Event(NamedTuple):
    """One sentence of a story."""

    day: float  #: since time 0
    date: str | None  #: ISO date; None when the scenario has no valuation date
    kind: str  #: a key of `riskengine.reports.story.sentences.KINDS`
    text: str
    names: tuple[str, ...]  #: of all disputes, materials, alternatives and industries concerned


class IndustryLoss(NamedTuple):
    """What one industry lost, in money, and for how long."""

    industry: str
    output: float
    rerouting: float
    price: float
    indirect: float
    loss: float  #: the sum of the four components
    loss_days: float
    stopped_days: float
    first_loss_day: float | None


class MaterialLoss(NamedTuple):
    """The loss attributed to one material, and what happened to it."""

    material: str
    loss: float
    cut_days: float
    cut_weighted_days: float
    shortage_days: float
    deepest_level: str  #: empty if it was never restricted


class SpellLoss(NamedTuple):
    """The loss of one spell."""

    start_day: float
    end_day: float
    loss: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryLosses:
    """The loss of a trial as in its row, and the parts of the loss."""

    total: float
    largest_spell: float
    industries: tuple[IndustryLoss, ...]
    materials: tuple[MaterialLoss, ...]
    spells: tuple[SpellLoss, ...]

    @property
    def sum_of_parts(self) -> float:
        """The sum over industries and components, added in the same order as in a run."""
        total = 0.0
        for row in self.industries:
            total += row.output + row.rerouting + row.price + row.indirect
        return total

    @property
    def adds_up(self) -> bool:
        """Whether components add up to the total exactly, and materials and spells up to rounding.

        Materials and spells are added in another order than the total, so that the last bits of
        their sums may differ.
        """
        sums = (sum(row.loss for row in part) for part in (self.materials, self.spells))
        return self.sum_of_parts == self.total and all(
            math.isclose(found, self.total, rel_tol=1e-9, abs_tol=1e-9) for found in sums
        )

    def component(self, name: str) -> float:
        """One component, summed over all industries."""
        return float(sum(getattr(row, name) for row in self.industries))

    def document(self) -> dict[str, Any]:
        """The losses as plain data for JSON."""
        return {
            "total": self.total,
            "largest_spell": self.largest_spell,
            "sum_of_parts": self.sum_of_parts,
            "components": {name: self.component(name) for name in COMPONENTS},
            "industries": _records(self.industries),
            "materials": _records(self.materials),
            "spells": _records(self.spells),
        }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Story:
    """The story of one trial."""

    title: str
    trial: int
    seed: int
    money: str
    horizon_days: float
    valuation_date: str | None
    events: tuple[Event, ...]  #: in order of time
    steps: dict[str, tuple[dict[str, Any], ...]]  #: the rows of the replay, by part
    losses: StoryLosses

    @property
    def calendar(self) -> Calendar:
        """Turns the days of this story into dates."""
        return Calendar.starting(self.valuation_date)


def story(replay: Replay) -> Story:
    """The story of a trial that `riskengine.replay` played again."""
    run = replay.row.scenario.run
    return Story(
        title=run.title,
        trial=replay.trial,
        seed=replay.seed,
        money=run.money,
        horizon_days=float(run.horizon_days),
        valuation_date=run.valuation_date,
        events=_events(replay, Calendar.starting(run.valuation_date)),
        steps={
            part: tuple(_named(replay, row._asdict()) for row in getattr(replay, part))
            for part in (*_STEPS, *(_OF_POOLS if replay.row.scenario.pools else ()))
        },
        losses=_losses(replay),
    )


def story_document(story: Story) -> dict[str, Any]:
    """A story as plain data for JSON, without nan and without tuples of unnamed values."""
    return {
        "schema_version": SCHEMA_VERSION,
        "title": story.title,
        "trial": story.trial,
        "seed": story.seed,
        "money": story.money,
        "horizon_days": story.horizon_days,
        "valuation_date": story.valuation_date,
        "events": [{**event._asdict(), "names": list(event.names)} for event in story.events],
        "steps": {part: list(rows) for part, rows in story.steps.items()},
        "losses": story.losses.document(),
    }


def _events(replay: Replay, calendar: Calendar) -> tuple[Event, ...]:
    found = happenings(replay)
    rank = {kind: k for k, kind in enumerate(KINDS)}
    # The sort is stable, so names in a sentence keep the order of the scenario. Sentences of one
    # kind and day come in the order in which their subjects first appear.
    first_seen: dict[tuple[Any, ...], int] = {}
    for happening in found:
        first_seen.setdefault(_shared(happening), len(first_seen))
    found.sort(key=lambda h: (h.day, rank[h.kind], first_seen[_shared(h)]))
    return tuple(_event(list(told), calendar) for _, told in groupby(found, key=_shared))


def _shared(happening: Happening) -> tuple[Any, ...]:
    return happening.day, happening.kind, happening.of, happening.how


def _event(told: list[Happening], calendar: Calendar) -> Event:
    first = told[0]
    text = KINDS[first.kind].sentence(told, calendar)
    names = [first.of] if first.of else []
    names += [name for happening in told for name in happening.names]
    return Event(first.day, calendar.date(first.day), first.kind, text, tuple(dict.fromkeys(names)))


def _named(replay: Replay, row: dict[str, Any]) -> dict[str, Any]:
    """A row in which the figures of tiers and alternatives have names, and nan is None."""
    if "stocks" in row:
        material = replay.row.scenario.materials[row["material"]]
        row["stocks"] = _zipped(material.stocks, row["stocks"])
        row["drawn"] = _zipped(material.stocks, row["drawn"])
        row["used"] = _zipped(material.alternatives, row["used"])
    return {key: None if value != value else value for key, value in row.items()}


def _zipped(names: Iterable[str], figures: Iterable[float]) -> dict[str, float]:
    return dict(zip(names, figures, strict=True))


def _losses(replay: Replay) -> StoryLosses:
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
    fields = (*COMPONENTS, "loss_days", "stopped_days")
    return IndustryLoss(
        industry=name,
        loss=float(row.industry_loss[0, k]),
        first_loss_day=None if math.isnan(first) else first,
        **{field: float(getattr(row, field)[0, k]) for field in fields},
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
