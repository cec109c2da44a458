"""Who plays the trials of a run or the points of a sweep: threads of this process, or a cluster.

A cluster is begun or joined for the length of a block, and has been found sound in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from riskengine.cli.options import RunOptions, SweepOptions
from riskengine.model.losses import Losses
from riskengine.play.simulate import Plan, Progress
from riskengine.play.stream import Playing, Stream, rows_at_once
from riskengine.sweeps.playing import PlayPoints, players_that_fit

PlayRows = Callable[[Progress | None], Losses]


def rows_here(options: RunOptions) -> int:
    """How many trials of a stream are in memory of this machine together, at most."""
    if options.cluster is None:
        return rows_at_once(options.threads)
    return rows_at_once(1) * (options.cluster.workers or 1)


@contextmanager
def players_of_stream(options: RunOptions, plan: Plan) -> Iterator[Playing]:
    """What plays trials that are not kept in memory: this process, or a cluster."""
    if options.cluster is None:
        yield Stream(plan)
        return
    from riskengine.cluster.connection import connected
    from riskengine.cluster.playing import Remote

    with connected(options.cluster, plan) as crew:
        yield Remote(crew, plan)


@contextmanager
def players_of_rows(options: RunOptions, plan: Plan) -> Iterator[PlayRows]:
    """Those of a run in memory."""
    if options.cluster is None:
        yield plan.play
        return
    from riskengine.cluster.connection import connected
    from riskengine.cluster.playing import play_rows

    with connected(options.cluster, plan) as crew:
        yield partial(play_rows, crew, plan)


@contextmanager
def players_of_points(options: SweepOptions, base: Plan) -> Iterator[PlayPoints | None]:
    """Those of a sweep with this base case; None for threads of this process."""
    cluster = options.cluster
    if cluster is None:
        yield None
        return
    from riskengine.cluster.connection import connected
    from riskengine.cluster.points import play_points

    if cluster.workers is not None:
        cluster = replace(cluster, workers=players_that_fit(base, cluster.workers))
    with connected(cluster, base) as crew:
        yield partial(play_points, crew)
