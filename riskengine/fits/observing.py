"""Durations of episodes: how long the restriction was in force, or how long the flow was cut.

Two quantities are kept apart. `sojourn` is the time the restriction was in force. `flow` is two
series: how long the flow was near zero, and how long it stayed slow after that.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from riskengine.fits.episodes import EpisodeTable, PastEpisode
from riskengine.fits.likelihood import Durations

SOJOURN, FLOW = "sojourn", "flow"
QUANTITIES = (SOJOURN, FLOW)
NEAR_ZERO_FLOW, SLOW_FLOW = "near_zero_flow", "slow_flow"

#: The name of each series in sentences
WORDS: Mapping[str, str] = {
    SOJOURN: "time in force",
    NEAR_ZERO_FLOW: "time the flow was near zero",
    SLOW_FLOW: "time the flow stayed slow",
}
#: The level of a ladder whose sojourn a series describes
LEVELS: Mapping[str, str] = {NEAR_ZERO_FLOW: "near-zero", SLOW_FLOW: "slow-licensing"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one episode says about a duration, in days."""

    episode: PastEpisode
    lower: float  #: shortest duration possible
    upper: float  #: longest duration possible; `inf` if it has not ended
    limit: float = math.inf  #: how long it could have been watched; `inf` if unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Episodes that give no duration for a series."""

    reason: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DurationSeries:
    """The durations of one kind in a table."""

    quantity: str  #: SOJOURN, NEAR_ZERO_FLOW or SLOW_FLOW
    observations: tuple[Observation, ...]
    left_out: tuple[LeftOut, ...]

    def among(self, ids: Iterable[str]) -> DurationSeries:
        """The part of the series that comes from some episodes."""
        wanted = set(ids)
        kept = tuple(each for each in self.observations if each.episode.id in wanted)
        return DurationSeries(quantity=self.quantity, observations=kept, left_out=())

    @property
    def durations(self) -> Durations:
        return Durations(
            np.array([each.lower for each in self.observations], dtype=np.float64),
            np.array([each.upper for each in self.observations], dtype=np.float64),
        )


def observe(table: EpisodeTable, quantity: str) -> list[DurationSeries]:
    """The series of a quantity: one for `sojourn`, two for `flow`."""
    if quantity == SOJOURN:
        return [_series(table, SOJOURN, _in_force)]
    return [_series(table, NEAR_ZERO_FLOW, _near_zero), _series(table, SLOW_FLOW, _slow)]


def _series(
    table: EpisodeTable,
    quantity: str,
    read: Callable[[PastEpisode, date | None], Observation | str],
) -> DurationSeries:
    found: list[Observation] = []
    reasons: dict[str, list[str]] = {}
    for episode in table.episodes:
        seen = read(episode, table.cut_off)
        if isinstance(seen, str):
            reasons.setdefault(seen, []).append(episode.id)
        else:
            found.append(seen)
    left_out = tuple(LeftOut(reason=reason, ids=tuple(ids)) for reason, ids in reasons.items())
    return DurationSeries(quantity=quantity, observations=tuple(found), left_out=left_out)


def _in_force(episode: PastEpisode, cut_off: date | None) -> Observation | str:
    """How long the restriction was in force.

    Start and end may be known to a month, a quarter or a year only; the duration then lies between
    two bounds. A restriction that is still in force has lasted at least since the last day on which
    it can have begun.
    """
    start, end, days = episode.start, episode.end, episode.duration_days
    if start is None or cut_off is None:
        return _of_days(episode, days)
    limit = float(max((cut_off - start.first).days, 0))
    if episode.censored:
        watched = (cut_off - start.last).days
        if watched <= 0:
            return "it may have begun on the last day that was watched"
        return Observation(episode=episode, lower=watched, upper=math.inf, limit=limit)
    if end is None:
        return _of_days(episode, days, limit)
    lower = float(max((end.first - start.last).days, 0))
    upper = float((end.last - start.first).days)
    return Observation(episode=episode, lower=lower, upper=upper, limit=max(limit, upper))


def _of_days(
    episode: PastEpisode, days: float | None, limit: float = math.inf
) -> Observation | str:
    if days is None:
        return "no duration is given"
    if episode.censored:
        return Observation(episode=episode, lower=days, upper=math.inf, limit=days)
    return Observation(episode=episode, lower=days, upper=days, limit=max(limit, days))


def _near_zero(episode: PastEpisode, cut_off: date | None) -> Observation | str:
    """How long the flow was near zero, from the start of the episode."""
    if episode.near_zero_days is None:
        return "no figure of the flow near zero"
    return _phase(episode, 0.0, episode.near_zero_days, cut_off)


def _slow(episode: PastEpisode, cut_off: date | None) -> Observation | str:
    """From the end of near-zero flow, or from the start where it never stopped, to recovery."""
    if episode.recovered_days is None:
        return "no figure of the flow's recovery"
    near = episode.near_zero_days or 0.0
    if episode.recovered_days == near:
        return "the flow was back as soon as it was no longer near zero"
    return _phase(episode, near, episode.recovered_days, cut_off)


def _phase(
    episode: PastEpisode, begins: float, ends: float, cut_off: date | None
) -> Observation | str:
    """A phase between two days of an episode, as known at the cut-off."""
    if episode.start is None or cut_off is None:
        return Observation(episode=episode, lower=ends - begins, upper=ends - begins)
    watched = (cut_off - episode.start.given).days - begins
    if watched <= 0.0:
        return "the phase had not begun at the date chosen"
    if watched < ends - begins:
        return Observation(episode=episode, lower=watched, upper=math.inf, limit=watched)
    length = ends - begins
    return Observation(episode=episode, lower=length, upper=length, limit=max(watched, length))


def clusters_of(observations: Iterable[Observation]) -> Iterator[str]:
    """The cluster of each observation."""
    return (each.episode.cluster for each in observations)
