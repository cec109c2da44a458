"""One trial told: a replay -> dated events, its steps and its loss with all parts.

A story is plain values, independent of files and of the simulator, so that whoever shows it (a
terminal, a page, a workbook) shows the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from riskengine.reports.story.disputes import dispute_happenings
from riskengine.reports.story.happenings import Happening
from riskengine.reports.story.industries import industry_happenings
from riskengine.reports.story.losses import StoryLosses, story_losses
from riskengine.reports.story.sentences import SENTENCES
from riskengine.reports.story.supply import supply_happenings
from riskengine.reports.tables.calendar import Calendar

if TYPE_CHECKING:
    from riskengine.play.replay import Replay

SCHEMA_VERSION = 1  #: of `story_document`

_STEPS = ("episodes", "visits", "arrivals", "supply", "uses", "output")  #: parts of a replay


class Event(NamedTuple):
    """One sentence of a story."""

    day: float  #: since time 0
    date: str | None  #: ISO date; None when the scenario has no valuation date
    kind: str  #: a key of `riskengine.reports.story.sentences.SENTENCES`
    text: str
    names: tuple[str, ...]  #: of all it concerns: disputes, materials, alternatives, industries


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Story:
    """One trial, told."""

    title: str
    trial: int
    seed: int
    money: str
    horizon_days: float
    valuation_date: str | None
    events: tuple[Event, ...]  #: in order of time
    steps: dict[str, tuple[dict[str, Any], ...]]  #: rows of the replay's parts, by part
    losses: StoryLosses

    @property
    def calendar(self) -> Calendar:
        """Dates of this story's days."""
        return Calendar.starting(self.valuation_date)


def story(replay: Replay) -> Story:
    """Tell a trial.

    Parameters
    ----------
    replay : Replay
        As `riskengine.replay` returns it.
    """
    run = replay.row.scenario.run
    return Story(
        title=run.title,
        trial=replay.trial,
        seed=replay.seed,
        money=run.money,
        horizon_days=float(run.horizon_days),
        valuation_date=run.valuation_date,
        events=_events(replay, Calendar.starting(run.valuation_date)),
        steps={part: _rows(replay, part) for part in _STEPS},
        losses=story_losses(replay),
    )


def story_document(story: Story) -> dict[str, Any]:
    """A story as plain data for JSON: no nan, no tuples of unnamed things."""
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
    happenings = [
        *dispute_happenings(replay),
        *supply_happenings(replay),
        *industry_happenings(replay),
    ]
    rank = {kind: k for k, kind in enumerate(SENTENCES)}
    # Sorting keeps the order of the scenario within a sentence; sentences of one kind go by what
    # they are about, in the order in which it first comes up.
    first_seen: dict[tuple[Any, ...], int] = {}
    for happening in happenings:
        first_seen.setdefault(_shared(happening), len(first_seen))
    happenings.sort(key=lambda h: (h.day, rank[h.kind], first_seen[_shared(h)]))
    return tuple(_event(list(told), calendar) for _, told in groupby(happenings, key=_shared))


def _shared(happening: Happening) -> tuple[Any, ...]:
    return happening.day, happening.kind, happening.of, happening.how


def _event(told: list[Happening], calendar: Calendar) -> Event:
    first = told[0]
    text = SENTENCES[first.kind](told, calendar)
    names = [first.of] if first.of else []
    names += [name for happening in told for name in happening.names]
    return Event(first.day, calendar.date(first.day), first.kind, text, tuple(dict.fromkeys(names)))


def _rows(replay: Replay, part: str) -> tuple[dict[str, Any], ...]:
    return tuple(_named(replay, row._asdict()) for row in getattr(replay, part))


def _named(replay: Replay, row: dict[str, Any]) -> dict[str, Any]:
    """A row with the names of tiers and alternatives put to their figures, and nan as None."""
    if "stocks" in row:
        material = replay.row.scenario.materials[row["material"]]
        row["stocks"] = _zipped(material.stocks, row["stocks"])
        row["drawn"] = _zipped(material.stocks, row["drawn"])
        row["used"] = _zipped(material.alternatives, row["used"])
    return {key: None if value != value else value for key, value in row.items()}


def _zipped(names: Iterable[str], figures: Iterable[float]) -> dict[str, float]:
    return dict(zip(names, figures, strict=True))
