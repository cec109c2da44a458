"""Checks for contradictions within an episode and in the links between episodes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date

from riskengine.config.schema.scalars import quoted
from riskengine.config.sources.grids import CellError
from riskengine.fits.columns import (
    DURATION,
    END,
    ID,
    NEAR_ZERO,
    PARENT,
    RECOVERED,
    START,
    ColumnPlaces,
)
from riskengine.fits.episodes import PastEpisode
from riskengine.model.spelling import Speller

_NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]{0,9})?")
_SLACK = 1.0  #: days by which a duration may differ from its dates: it may count both end days


def episode_faults(episode: PastEpisode, header: ColumnPlaces, today: date) -> Iterator[CellError]:
    """Faults within one episode."""

    def at(name: str, found: str, allowed: str, hint: str = "") -> CellError:
        place = header.places.get(name, 0)
        return CellError(episode.row, place, f"{name}: {found}", allowed, hint)

    start, end = episode.start, episode.end
    for name, period in ((START, start), (END, end)):
        if period is not None and period.first > today:
            yield at(name, f"{period.given} lies in the future", f"a date up to {today}")
    if header.has(START) and start is None:
        yield at(START, "is missing", "the date on which the restriction began")
    if start is not None and end is not None:
        if end.last < start.first or end.given < start.given:
            yield at(END, f"{end.given} lies before the start, {start.given}", "a later date")
        elif end.last == start.first:
            hint = "count a single day by ending on the next"
            yield at(END, "is the day of the start: a duration of 0", "a later date", hint)
    if episode.censored and end is not None:
        found = f"{end.given} stands here, and censored = 1 says that there is no end yet"
        yield at(END, found, "no end, or censored = 0")
    knows = end is not None or episode.duration_days is not None
    if not episode.censored and not knows:
        name = END if header.has(END) else DURATION
        yield at(name, "is missing, and censored = 0 says that the episode ended", "its end")
    if start is None and episode.censored and episode.duration_days is None:
        yield at(DURATION, "is missing", "how long the episode has lasted so far")
    yield from _length_faults(episode, at)


def _length_faults(episode: PastEpisode, at: Callable[..., CellError]) -> Iterator[CellError]:
    """Durations that contradict the dates or each other."""
    start, end, days = episode.start, episode.end, episode.duration_days
    if start is not None and end is not None and days is not None and end.last >= start.first:
        least = (end.first - start.last).days - _SLACK
        most = (end.last - start.first).days + _SLACK
        if not least <= days <= most:
            found = f"is {days:g}, and the dates are {(end.given - start.given).days} days apart"
            yield at(DURATION, found, "the days between the dates, or none")
    near, recovered = episode.near_zero_days, episode.recovered_days
    if near is not None and recovered is not None and recovered < near:
        found = f"is {recovered:g}, before the {near:g} days of near-zero flow were over"
        yield at(RECOVERED, found, f"at least {NEAR_ZERO}; both count from the start")


def table_faults(
    episodes: Sequence[PastEpisode], header: ColumnPlaces, *, every_id: bool = True
) -> Iterator[CellError]:
    """Faults between episodes: equal ids, links to missing episodes, circular links.

    Parameters
    ----------
    episodes : sequence of PastEpisode
        All rows, those with faults included: other rows may be linked to them.
    header : ColumnPlaces
    every_id : bool
        Whether all ids could be read. If one could not, a link may lead to it.
    """
    first: dict[str, PastEpisode] = {}
    for episode in episodes:
        if episode.id in first:
            found = f"{quoted(episode.id)} is the id of row {first[episode.id].row} as well"
            yield CellError(episode.row, header.places.get(ID, 0), found, "each id once")
        first.setdefault(episode.id, episode)
    speller = Speller()
    place = header.places.get(PARENT, 0)
    for episode in episodes:
        parent = first.get(episode.parent)
        if episode.parent and parent is None and every_id:
            found = f"{PARENT}: there is no episode {quoted(episode.parent)}"
            near = _same_number(episode.parent, first)
            hint = f'did you mean "{near}"?' if near else speller.suggest(episode.parent, first)
            yield CellError(episode.row, place, found, "the id of another row", hint)
        elif parent is not None and _is_before(episode, parent):
            found = f"{PARENT}: {parent.id} began later, on {parent.start and parent.start.given}"
            yield CellError(episode.row, place, found, "an episode that began before this one")
    for episode, circle in _circles(episodes, first):
        found = f"{PARENT}: the links go round in a circle: {' < '.join(circle)}"
        yield CellError(episode.row, place, found, "links that lead back to a first episode")


def _same_number(text: str, ids: Iterable[str]) -> str:
    """The id that is the same number as a text (`1` for `1.0`), or an empty text."""
    if not _NUMBER.fullmatch(text):
        return ""
    alike = (name for name in ids if _NUMBER.fullmatch(name) and float(name) == float(text))
    return next(alike, "")


def _is_before(episode: PastEpisode, parent: PastEpisode) -> bool:
    starts = episode.start, parent.start
    return bool(starts[0] and starts[1] and starts[0].last < starts[1].first)


def _circles(
    episodes: Sequence[PastEpisode], by_id: dict[str, PastEpisode]
) -> Iterator[tuple[PastEpisode, list[str]]]:
    """The first episode of each circle of links, and the ids along the circle."""
    done: set[str] = set()
    for episode in episodes:
        path: list[str] = []
        here: PastEpisode | None = episode
        while here is not None and here.id not in done and here.id not in path:
            path.append(here.id)
            here = by_id.get(here.parent) if here.parent else None
        if here is not None and here.id in path:
            yield here, [*path[path.index(here.id) :], here.id]
        done.update(path)
