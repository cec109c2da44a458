"""How often restrictions begin: counts over the years that were watched."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from riskengine.calibrate.episodes import Episode, EpisodeTable
from riskengine.calibrate.resampling import uniform_draws
from riskengine.measures.estimate import Estimate

DAYS_A_YEAR = 365.0  #: as in the model
_MOST_YEARS = 2_000
_SIMULATED = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Onset:
    """How often the episodes of a group begin."""

    group: str
    episodes: int
    clusters: int
    censored: float  #: share of the episodes still in force
    exposure_years: float
    by_cluster: Estimate  #: political events a year
    by_episode: Estimate  #: restrictions a year
    dispersion: float  #: variance of the yearly counts of clusters over their mean; 1 if random
    dispersion_p: float  #: chance of as much or more, were onsets independent at one rate


def onsets(table: EpisodeTable, groups: dict[str, list[Episode]], seed: int) -> list[Onset]:
    """Onset rates of groups, where the table says how long it was watched.

    Notes
    -----
    The exposure is the column `exposure_years` where there is one (the largest value of the
    group), else the time from the first start of the whole table to its cut-off, the same for every
    group, so that rates of groups that do not overlap add up. A year is 365 days.
    """
    found = []
    for group, members in groups.items():
        years = _exposure(table, members)
        if years is not None and years > 0.0 and members:
            found.append(_onset(group, members, years, table.cut_off, seed))
    return found


def rate(count: int, years: float) -> Estimate:
    """Events a year with their 95 % interval.

    Notes
    -----
    With the Jeffreys prior the rate of a Poisson process has the gamma distribution with shape
    count + 1/2 and scale 1 / years; the value is its mean (Box and Tiao, Bayesian Inference in
    Statistical Analysis, 1973, section 1.3).

    >>> round(rate(4, 16.0).value, 3)
    0.281
    """
    from scipy.special import gammaincinv

    shape = count + 0.5
    lower, upper = (float(gammaincinv(shape, share)) / years for share in (0.025, 0.975))
    return Estimate(shape / years, lower, upper)


def dispersion(counts: Sequence[int], seed: int) -> tuple[float, float]:
    """Index of dispersion of yearly counts, and the chance of as much or more by chance alone.

    Notes
    -----
    Variance over mean (Fisher, 1925; Cox and Lewis, The Statistical Analysis of Series of Events,
    1966, section 6.3). Given their total, independent onsets at one rate fall on any year alike;
    the chance is that of `_SIMULATED` such tables, since the usual chi-square needs more than one
    onset a year.
    """
    values = np.array(counts, dtype=np.float64)
    total = int(values.sum())
    if len(values) < 2 or not total:
        return math.nan, math.nan
    index = float(np.var(values, ddof=1) / values.mean())
    tables = np.zeros((_SIMULATED, len(values)))
    rows = np.arange(_SIMULATED)
    for onset in range(total):
        shares = uniform_draws(seed, _SIMULATED, "dispersion", str(onset))
        tables[rows, (shares * len(values)).astype(np.int64)] += 1.0
    drawn = np.var(tables, axis=1, ddof=1) / values.mean()
    beyond = int(np.count_nonzero(drawn >= index - 1e-12))
    return index, (1.0 + beyond) / (_SIMULATED + 1.0)


def yearly_counts(starts: Sequence[date], years: int, cut_off: date) -> list[int]:
    """How many start in each whole year, counted back from the cut-off; the oldest first."""
    ages = Counter(int((cut_off - start).days / DAYS_A_YEAR) for start in starts)
    return [ages.get(age, 0) for age in reversed(range(years))]


def _exposure(table: EpisodeTable, members: Sequence[Episode]) -> float | None:
    given = [e.exposure_years for e in members if e.exposure_years is not None]
    if given:
        return max(given)
    starts = [e.start.given for e in table.episodes if e.start is not None]
    if not starts or table.cut_off is None:
        return None
    return (table.cut_off - min(starts)).days / DAYS_A_YEAR


def _onset(
    group: str, members: Sequence[Episode], years: float, cut_off: date | None, seed: int
) -> Onset:
    first: dict[str, date] = {}
    for episode in members:
        if episode.start is not None:
            here = first.get(episode.cluster, episode.start.given)
            first[episode.cluster] = min(here, episode.start.given)
    clusters = len({episode.cluster for episode in members})
    index, p = math.nan, math.nan
    if cut_off is not None and first and int(years) <= _MOST_YEARS:
        index, p = dispersion(yearly_counts(list(first.values()), int(years), cut_off), seed)
    return Onset(
        group=group,
        episodes=len(members),
        clusters=clusters,
        censored=sum(episode.censored for episode in members) / len(members),
        exposure_years=years,
        by_cluster=rate(clusters, years),
        by_episode=rate(len(members), years),
        dispersion=index,
        dispersion_p=p,
    )
