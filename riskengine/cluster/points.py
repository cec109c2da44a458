"""Plays sweep points on workers, those that share all disputes on one worker and one thread.

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
from riskengine.measures.paired import Trials
from riskengine.sweeps.batches import Batch, ScenarioOf, batches_of
from riskengine.sweeps.figures import Subject
from riskengine.sweeps.played import Played
from riskengine.sweeps.playing import Game, Player, most_together, play_together

_JOBS_A_THREAD = 2  #: one runs, one waits


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
    share = -(-len(points) // (_JOBS_A_THREAD * crew.threads))  # so that no worker is idle

    def jobs() -> Iterator[Job]:
        for batch in batches_of(scenario, points, min(most_together(game), max(1, share))):
            if isinstance(batch, Played):
                senseless.append(batch)
            else:
                yield Job(_play, (batch,), len(batch), _name(batch))

    with closing(crew.results(crew.share(_Table(game)), jobs())) as results:
        for _, played in results:
            yield from played
            while senseless:
                yield senseless.popleft()
    yield from senseless


def _name(batch: Batch) -> str:
    numbers = [point for point, _ in batch]
    if len(numbers) == 1:
        return f"point {numbers[0]:,} of the sweep"
    return f"points {min(numbers):,} to {max(numbers):,} of the sweep"


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


def _play(table: _Table, batch: Batch) -> list[Played]:
    """On a worker: play some sweep points; stop if they are no longer needed."""
    if len(batch) > 1:
        return list(play_together(table.game, batch, Recall()))
    if not hasattr(table.own, "player"):
        table.own.player = Player()
    player: Player = table.own.player
    ((point, scenario),) = batch
    return [player.play(table.game, point, scenario, Recall())]
