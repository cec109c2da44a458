"""A table of past restrictions as values: its episodes, and the table as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

ALL = "all"  #: the group of every episode


@dataclass(frozen=True, slots=True)
class Period:
    """A date that may not be known to the day: the true day lies from `first` to `last`."""

    given: date  #: as written
    first: date
    last: date

    @classmethod
    def day(cls, given: date) -> Period:
        return cls(given, given, given)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastEpisode:
    """One restriction: a row of the table."""

    row: int  #: in the table, the header being row 1
    id: str
    cluster: str  #: the political event it belongs to; if the table names none, its own
    censored: bool  #: still in force when the table was closed
    start: Period | None = None  #: None in a table of durations alone
    end: Period | None = None  #: None while in force, and in a table of durations alone
    duration_days: float | None = None  #: as given; if there are dates as well, the dates count
    near_zero_days: float | None = None  #: from the start: how long the flow was near zero
    recovered_days: float | None = None  #: from the start: when the flow was seen back to normal
    parent: str = ""  #: id of the episode it came out of
    exposure_years: float | None = None  #: how long its kind was watched, if the table gives it
    cells: Mapping[str, str] = field(default_factory=dict)  #: every cell as text, by heading


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeTable:
    """A table that was read and passed all checks."""

    name: str  #: of the file, and the sheet
    sha256: str  #: of the file
    headings: tuple[str, ...]
    episodes: tuple[PastEpisode, ...]
    cut_off: date | None  #: the date up to which it was watched; None in a table of durations alone
    as_of: date | None = None  #: a date that the user chose in place of the cut-off
    dropped: tuple[str, ...] = ()  #: ids of episodes that started after `as_of`
    reopened: tuple[str, ...] = ()  #: ids of episodes that ended after `as_of`

    @property
    def has_dates(self) -> bool:
        return self.cut_off is not None


def as_known(table: EpisodeTable, as_of: date) -> EpisodeTable:
    """The table as it was known on a date.

    Episodes that start later are dropped. An end after the date is not known yet, so the episode
    counts as still in force on the date. If an end is known to the month only and the date lies in
    that month, the end counts as known unless the day written in the table is after the date.
    """
    late = {e.id for e in table.episodes if e.start is not None and e.start.given > as_of}
    known = [e for e in table.episodes if e.id not in late]
    reopened = [e.id for e in known if e.end is not None and e.end.given > as_of]
    return replace(
        table,
        episodes=tuple(_known(episode, as_of) for episode in known),
        cut_off=as_of,
        as_of=as_of,
        dropped=tuple(e.id for e in table.episodes if e.id in late),
        reopened=tuple(reopened),
    )


def _known(episode: PastEpisode, as_of: date) -> PastEpisode:
    if episode.end is None:
        return episode
    if episode.end.given > as_of:
        return replace(episode, end=None, censored=True)
    end = replace(episode.end, last=min(episode.end.last, as_of))
    return replace(episode, end=end)


def latest_date(episodes: tuple[PastEpisode, ...]) -> date | None:
    """The last day in a table: a start, an end, or a start plus a duration."""
    days: list[date] = []
    for episode in episodes:
        if episode.start is not None:
            days.append(episode.start.given)
            if episode.end is not None:
                days.append(episode.end.given)
            elif episode.duration_days is not None:
                days.append(episode.start.given + timedelta(days=episode.duration_days))
    return max(days, default=None)
