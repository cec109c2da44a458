"""Plays sweep points on workers, each point completely by one worker on one thread.

The scenarios of sweep points are made in this process, which has the files that they may read. The
base case is sent to each worker once.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

from numpy.typing import NDArray

from riskengine.cluster.jobs import Crew, Job, Recall
from riskengine.errors import ConfigFault
from riskengine.measures.paired import Trials
from riskengine.model.scenario import Scenario
from riskengine.sweeps.figures import Subject
from riskengine.sweeps.playing import Game, Played, Player, ScenarioOf, refused


def play_points(
    crew: Crew, game: Game, scenario: ScenarioOf, points: Sequence[int]
) -> Generator[Played, None, None]:
    """Play sweep points, like `riskengine.sweeps.playing.play_points`.

    Raises
    ------
    RunFault
        When the cluster is lost.
    """
    senseless: deque[Played] = deque()

    def jobs() -> Iterator[Job]:
        for point in points:
            try:
                found = scenario(point)
            except ConfigFault as fault:
                senseless.append(refused(point, fault))
            else:
                yield Job(_play, (point, found), 1, f"point {point:,} of the sweep")

    with closing(crew.results(crew.share(_Table(game)), jobs())) as results:
        for _, played in results:
            yield played
            while senseless:
                yield senseless.popleft()
    yield from senseless


class _Table:
    """On one worker: what all sweep points share, and the memory in which they are played."""

    def __init__(self, game: Game) -> None:
        self.game = game
        self.own = threading.local()

    def __reduce__(self) -> tuple[Any, ...]:
        """Send only the base case's losses: each worker computes their measures itself, once."""
        losses = {subject: trials.values for subject, trials in self.game.base.items()}
        return _laid, (replace(self.game, base={}), losses)


def _laid(game: Game, losses: Mapping[Subject, NDArray[Any]]) -> _Table:
    return _Table(replace(game, base={name: Trials(values) for name, values in losses.items()}))


def _play(table: _Table, point: int, scenario: Scenario) -> Played:
    """On a worker: play a sweep point; stop if it is no longer needed."""
    if not hasattr(table.own, "player"):
        table.own.player = Player()
    player: Player = table.own.player
    return player.play(table.game, point, scenario, Recall())
