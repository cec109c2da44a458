"""Which points of a sweep are played together: those that share all disputes.

Points are taken as they come, some dozens at a time, because neighbouring points mostly differ in
little. A point whose settings contradict each other has no figures, and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from riskengine.errors import ConfigFault
from riskengine.model.scenario import Material, Scenario
from riskengine.sweeps.played import Played, refused

ScenarioOf = Callable[[int], Scenario]  #: from a point's number; may raise `ConfigFault`
Batch = list[tuple[int, Scenario]]  #: points with their scenarios


def batches_of(scenario: ScenarioOf, points: Sequence[int], most: int) -> Iterator[Batch | Played]:
    """Points in batches that can be played together, and those that cannot be played at all.

    Parameters
    ----------
    scenario : callable
        Makes the scenario of a point.
    points : sequence of int
    most : int
        How many points are looked at together.
    """
    waiting = iter(points)
    while window := list(islice(waiting, most)):
        batches: list[Batch] = []
        for point in window:
            try:
                found = scenario(point)
            except ConfigFault as fault:
                yield refused(point, fault)
                continue
            for batch in batches:
                if share_disputes(batch[0][1], found):
                    batch.append((point, found))
                    break
            else:
                batches.append([(point, found)])
        yield from batches


def share_disputes(one: Scenario, other: Scenario) -> bool:
    """Whether two scenarios seem to have the same paths in every trial.

    This decides which scenarios are laid out together. Whether they are played together is then
    decided by everything that the kernels read (`play.versions.groups_of`).
    """
    return (
        one.run.horizon_days == other.run.horizon_days
        and one.correlation == other.correlation
        and one.ladder == other.ladder
        and one.disputes == other.disputes
        and one.triggers == other.triggers
        and list(one.industries) == list(other.industries)
        and list(one.materials) == list(other.materials)
        and all(map(_same_exposure, one.materials.values(), other.materials.values()))
    )


def _same_exposure(one: Material, other: Material) -> bool:
    return (
        one.importer == other.importer
        and one.coverage == other.coverage
        and one.cut == other.cut
        and one.ladder == other.ladder
        and list(one.sources) == list(other.sources)
    )
