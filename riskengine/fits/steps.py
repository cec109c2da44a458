"""What follows a restriction, from linked episodes: a tighter or other one, or its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from riskengine.fits.columns import INSTRUMENT
from riskengine.fits.episodes import ALL, EpisodeTable, PastEpisode
from riskengine.measures.estimate import Estimate

RESOLVED, ESCALATED = "resolved", "escalated"
GRACE_DAYS = 30  #: a successor within this time of an end is a step; after it, a new episode
_PRIOR = 0.5  #: prior weight of each outcome (Jeffreys)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How often one outcome followed the episodes of a group."""

    group: str
    outcome: str
    count: int
    episodes: int  #: of the group
    decided: int  #: episodes whose outcome is known
    undecided: float  #: share of the group's episodes in force without a successor
    clusters: int  #: among the decided episodes
    chance: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """All steps, and the episodes that were not counted as one."""

    rows: tuple[Step, ...] = ()
    returned: tuple[str, ...] = ()  #: ids of episodes that began too long after their parent's end


def steps(table: EpisodeTable) -> Steps:
    """Chances of escalation and resolution, by instrument if the table has such a column.

    An episode has escalated if another one that names it as its parent began while it was in force
    or within `GRACE_DAYS` of its end; the first such successor counts. It is resolved if it ended
    without a successor. An episode in force without a successor is undecided and left out.
    """
    if not any(episode.parent for episode in table.episodes):
        return Steps()
    by_id = {episode.id: episode for episode in table.episodes}
    first: dict[str, PastEpisode] = {}
    returned = []
    for episode in sorted(table.episodes, key=_start_order):
        parent = by_id.get(episode.parent)
        if parent is None:
            continue
        if _follows(episode, parent):
            first.setdefault(parent.id, episode)
        else:
            returned.append(episode.id)
    rows = _rows(ALL, table.episodes, first, lambda _: ESCALATED)
    if INSTRUMENT in table.headings:
        for group in dict.fromkeys(_instrument(episode) for episode in table.episodes):
            members = [e for e in table.episodes if _instrument(e) == group]
            rows += _rows(group, members, first, _instrument)
    return Steps(rows=tuple(rows), returned=tuple(returned))


def _instrument(episode: PastEpisode) -> str:
    return episode.cells.get(INSTRUMENT, "") or "(not given)"


def _start_order(episode: PastEpisode) -> tuple[str, int]:
    return (episode.start.given.isoformat() if episode.start else "", episode.row)


def _follows(episode: PastEpisode, parent: PastEpisode) -> bool:
    if episode.start is None or parent.end is None:
        return True
    return episode.start.given <= parent.end.given + timedelta(days=GRACE_DAYS)


def _rows(
    group: str,
    members: Sequence[PastEpisode],
    first: Mapping[str, PastEpisode],
    outcome_of: Callable[[PastEpisode], str],
) -> list[Step]:
    """The steps of one group.

    Each cluster has a total weight of 1, shared among its decided episodes, because the episodes of
    one political event are not independent. With weights a_i and the Jeffreys prior, the chances
    have a Dirichlet distribution with parameters a_i + 1/2. Each single chance has a beta
    distribution (Gelman and others, Bayesian Data Analysis, 2013, section 3.4).
    """
    outcomes = {
        episode.id: outcome_of(first[episode.id]) if episode.id in first else RESOLVED
        for episode in members
        if episode.id in first or not episode.censored
    }
    decided = [episode for episode in members if episode.id in outcomes]
    if not decided:
        return []
    sizes = Counter(episode.cluster for episode in decided)
    counts = Counter(outcomes.values())
    names = list(dict.fromkeys([RESOLVED, *sorted(counts)]))
    names += [ESCALATED] if len(names) == 1 else []
    weights = dict.fromkeys(names, _PRIOR)
    for episode in decided:
        weights[outcomes[episode.id]] += 1.0 / sizes[episode.cluster]
    total = sum(weights.values())
    return [
        Step(
            group=group,
            outcome=name,
            count=counts.get(name, 0),
            episodes=len(members),
            decided=len(decided),
            undecided=1.0 - len(decided) / len(members),
            clusters=len(sizes),
            chance=_beta(weights[name], total - weights[name]),
        )
        for name in names
    ]


def _beta(a: float, b: float) -> Estimate:
    from scipy.special import betaincinv

    lower, upper = (float(betaincinv(a, b, share)) for share in (0.025, 0.975))
    return Estimate(a / (a + b), lower, upper)
