"""Executors for the trials of a run, the points of a sweep, the portfolios of a mitigation study.

A cluster is started or joined for the length of a `with` block, after its workers were checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from riskengine.cluster.address import Cluster
from riskengine.model.losses import Losses
from riskengine.play.simulate import Plan, Progress, prepare
from riskengine.play.stream import Playing, Stream, rows_at_once

if TYPE_CHECKING:
    from riskengine.mitigation.blocks import PlayBlocks
    from riskengine.mitigation.plan import StudyPlan
    from riskengine.sweeps.playing import PlayPoints

PlayRows = Callable[[Progress | None], Losses]


def rows_in_memory(cluster: Cluster | None, threads: int | None) -> int:
    """How many trials of a stream are in this machine's memory at the same time, at most."""
    if cluster is None:
        return rows_at_once(threads)
    return rows_at_once(1) * (cluster.workers or 1)


@contextmanager
def stream_executor(cluster: Cluster | None, plan: Plan) -> Iterator[Playing]:
    """The executor of trials that are not kept in memory."""
    if cluster is None:
        yield Stream(plan)
        return
    from riskengine.cluster.connection import connected
    from riskengine.cluster.playing import Remote

    with connected(cluster, plan) as crew:
        yield Remote(crew, plan)


@contextmanager
def rows_executor(cluster: Cluster | None, plan: Plan) -> Iterator[PlayRows]:
    """The executor of trials that are kept in memory."""
    if cluster is None:
        yield plan.play
        return
    from riskengine.cluster.connection import connected
    from riskengine.cluster.playing import play_rows

    with connected(cluster, plan) as crew:
        yield partial(play_rows, crew, plan)


@contextmanager
def points_executor(cluster: Cluster | None, base: Plan) -> Iterator[PlayPoints | None]:
    """The executor of the points of a sweep; None for threads of this process."""
    if cluster is None:
        yield None
        return
    from riskengine.cluster.connection import connected
    from riskengine.cluster.points import play_points
    from riskengine.sweeps.playing import players_that_fit

    if cluster.workers is not None:
        cluster = replace(cluster, workers=players_that_fit(base, cluster.workers))
    with connected(cluster, base) as crew:
        yield partial(play_points, crew)


@contextmanager
def blocks_executor(cluster: Cluster | None, plan: StudyPlan) -> Iterator[PlayBlocks]:
    """The executor of the portfolios of a mitigation study."""
    if cluster is None:
        from riskengine.mitigation.blocks import LocalBlocks

        yield LocalBlocks(plan)
        return
    from riskengine.cluster.blocks import play_blocks
    from riskengine.cluster.connection import connected

    base = prepare(plan.config.base, trials=plan.trials, seed=plan.seed)
    with connected(cluster, base) as crew:
        yield partial(play_blocks, crew, plan)
