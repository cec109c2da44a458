"""How often restrictions begin: onset counts over the years watched."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from riskengine.fits.episodes import EpisodeTable, PastEpisode
from riskengine.fits.goodness import dispersion
from riskengine.fits.intervals import effective_clusters
from riskengine.measures.estimate import Estimate

DAYS_A_YEAR = 365.0  #: as in the model
_MOST_YEARS = 2_000
_ENDS = (0.025, 0.975)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Onsets a year, with the distribution of their uncertainty."""

    counted: int  #: onsets
    figure: Estimate
    shape: float  #: of the gamma distribution that a sweep draws the rate from
    scale: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Onset:
    """How often the episodes of a group begin."""

    group: str
    episodes: int
    clusters: int
    censored: float  #: share of the episodes still in force
    exposure_years: float
    by_cluster: Rate  #: political events
    by_episode: Rate  #: restrictions
    dispersion: float  #: variance of the yearly counts of clusters over their mean; 1 if random
    dispersion_p: float  #: p-value, if onsets were independent at one rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """The time over which onsets are counted, and the events that set its clock."""

    years: float
    closes: date | None  #: its last day; None if only its length is known
    clock: frozenset[str] = frozenset()  #: clusters that opened or closed it: not counted


def onsets(table: EpisodeTable, groups: dict[str, list[PastEpisode]], seed: int) -> list[Onset]:
    """Onset rates of groups, if the table says how long it was watched."""
    dated = dated_watch(table)
    found = []
    for group, members in groups.items():
        given = [e.exposure_years for e in members if e.exposure_years is not None]
        watch = Watch(years=max(given), closes=table.cut_off) if given else dated
        if watch is not None and watch.years > 0.0 and members:
            found.append(_onset(group, members, watch, seed))
    return found


def dated_watch(table: EpisodeTable) -> Watch | None:
    """The watch that the dates of a table give; None in a table without dates.

    Notes
    -----
    The first onset of the table opens the watch, for every group, so that rates of groups that do
    not overlap add up. It closes on the date asked for (`as_of`), or on the day up to which an
    episode in force was followed (its start plus `duration_days`). Any other last date of a table
    does not tell whether something began after it: then the last onset closes the watch. An event
    that opens or closes the watch is not counted. So with n events at a constant rate, the mean of
    (n - 1) / T after an onset, or of (n - 2) / T between two onsets, is that rate: given n, T has a
    beta distribution.
    """
    first: dict[str, date] = {}
    for episode in table.episodes:
        if episode.start is not None:
            first[episode.cluster] = min(
                first.get(episode.cluster, episode.start.given), episode.start.given
            )
    if not first or table.cut_off is None:
        return None
    in_order = sorted(first, key=lambda cluster: (first[cluster], cluster))
    opening, closing = in_order[0], in_order[-1]
    is_followed = table.as_of is not None or _is_followed(table)
    closes = table.cut_off if is_followed else first[closing]
    return Watch(
        years=(closes - first[opening]).days / DAYS_A_YEAR,
        closes=closes,
        clock=frozenset([opening] if is_followed else [opening, closing]),
    )


def _is_followed(table: EpisodeTable) -> bool:
    """Whether the cut-off is the day up to which an episode in force was followed."""
    return any(
        episode.censored
        and episode.start is not None
        and episode.duration_days is not None
        and episode.start.given + timedelta(days=episode.duration_days) == table.cut_off
        for episode in table.episodes
    )


def rate(clusters: Sequence[str], years: float) -> Rate:
    """Onsets a year with their 95 % interval.

    Parameters
    ----------
    clusters : sequence of str
        The event that each onset belongs to.
    years : float

    Notes
    -----
    The value is onsets over years. For N independent onsets the interval has the ends
    G(0.025; N) / T and G(0.975; N + 1) / T, where G(p; a) is the quantile of the gamma distribution
    of shape a. These are the exact bounds of Garwood (Biometrika 28, 1936): they cover the truth in
    at least 95 % of cases. If onsets share events, `effective_clusters` replaces N, and each
    effective cluster counts for its share of the onsets (a compound Poisson count has the variance
    sum of m^2). For draws the shape is N + 1/2, between both ends (Jeffreys prior).

    >>> rate(["a", "b", "c", "d"], 16.0).figure.value
    0.25
    """
    from scipy.special import gammaincinv

    count = len(clusters)
    worth = effective_clusters(clusters) if count else 0.0
    scale = (count / worth if count else 1.0) / years
    lower = float(gammaincinv(worth, _ENDS[0])) if count else 0.0
    upper = float(gammaincinv(worth + 1.0, _ENDS[1]))
    return Rate(
        counted=count,
        figure=Estimate(count / years, lower * scale, upper * scale),
        shape=worth + 0.5,
        scale=scale,
    )


def yearly_counts(starts: Sequence[date], years: int, closes: date) -> list[int]:
    """Starts in each whole year, the oldest first; years are counted back from the last day."""
    ages = Counter(int((closes - start).days / DAYS_A_YEAR) for start in starts)
    return [ages.get(age, 0) for age in reversed(range(years))]


def _onset(group: str, members: Sequence[PastEpisode], watch: Watch, seed: int) -> Onset:
    counted = [episode for episode in members if episode.cluster not in watch.clock]
    first: dict[str, date] = {}
    for episode in counted:
        if episode.start is not None:
            here = first.get(episode.cluster, episode.start.given)
            first[episode.cluster] = min(here, episode.start.given)
    index, p = math.nan, math.nan
    if watch.closes is not None and first and int(watch.years) <= _MOST_YEARS:
        counts = yearly_counts(list(first.values()), int(watch.years), watch.closes)
        index, p = dispersion(counts, seed)
    events = [episode.cluster for episode in counted]
    return Onset(
        group=group,
        episodes=len(members),
        clusters=len({episode.cluster for episode in members}),
        censored=sum(episode.censored for episode in members) / len(members),
        exposure_years=watch.years,
        by_cluster=rate(list(dict.fromkeys(events)), watch.years),
        by_episode=rate(events, watch.years),
        dispersion=index,
        dispersion_p=p,
    )
