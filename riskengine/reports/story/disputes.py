"""What disputes did in a trial: outbreaks, levels, ends."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from riskengine.model.scenario import Scenario
from riskengine.reports.story.happenings import Happening

if TYPE_CHECKING:
    from riskengine.play.replay import Episode, Replay, Visit

_Paths = dict[str, list["Visit"]]  # of one episode, by material; "" for a dispute without one


def dispute_happenings(replay: Replay) -> Iterator[Happening]:
    """Everything that disputes did, in no order."""
    scenario = replay.row.scenario
    for episode, paths in _paths_by_episode(replay):
        yield _outbreak(scenario, episode, paths)
        for material, path in paths.items():
            yield from _walk(scenario, episode, material, path)


def _paths_by_episode(replay: Replay) -> list[tuple[Episode, _Paths]]:
    starts: defaultdict[str, list[float]] = defaultdict(list)
    paths: defaultdict[tuple[str, int], _Paths] = defaultdict(dict)
    for episode in replay.episodes:
        starts[episode.dispute].append(episode.start_day)
    for visit in replay.visits:
        number = bisect_right(starts[visit.dispute], visit.start_day) - 1
        paths[visit.dispute, number].setdefault(visit.material, []).append(visit)
    return [(e, paths[e.dispute, e.number]) for e in replay.episodes]


def _outbreak(scenario: Scenario, episode: Episode, paths: _Paths) -> Happening:
    dispute = scenario.disputes[episode.dispute]
    concerned = scenario.concerned(episode.dispute)
    spared = tuple(material for material in concerned if material not in paths)
    parties = (dispute.coercer, dispute.target)
    is_active = dispute.active is not None and episode.number == 0
    kind = "active" if is_active else "outbreak"
    trigger = episode.trigger
    cause = (trigger, scenario.triggers[trigger].when) if trigger else ()
    return Happening(
        episode.start_day,
        kind,
        episode.dispute,
        (parties, cause, spared, not paths),
        tuple(material for material in paths if material),
    )


def _walk(
    scenario: Scenario, episode: Episode, material: str, path: list[Visit]
) -> Iterator[Happening]:
    """A path level by level, and how it ended."""
    names = (material,) if material else ()
    depth = {level: k for k, level in enumerate(scenario.ladder)}
    before = ""
    for visit in path:
        if visit.level == before:
            continue
        kind = "entry"
        if before:
            kind = "escalation" if depth[visit.level] > depth[before] else "easing"
        how = (before, visit.level, *_reach(scenario, visit))
        yield Happening(visit.start_day, kind, episode.dispute, how, names, visit.cut)
        before = visit.level
    end = path[-1].end_day
    if end < scenario.run.horizon_days:
        yield Happening(end, "resolved", episode.dispute, (end == episode.end_day,), names)
    else:
        yield Happening(end, "unresolved", episode.dispute, (before,), names)


def _reach(scenario: Scenario, visit: Visit) -> tuple[str, bool]:
    """Whose flow is cut, if any is, and whether third countries join in."""
    if not visit.material:
        return "", False
    return scenario.disputes[visit.dispute].coercer, scenario.ladder[visit.level].boycott
