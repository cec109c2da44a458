"""Which points of a sweep are played together: those that share all disputes.

Points are taken as they come, some dozens at a time, because neighbouring points mostly differ in
little. A point whose settings contradict each other has no figures, and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from riskengine.errors import ConfigFault
from riskengine.model.scenario import Scenario
from riskengine.play.versions import share_disputes
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
