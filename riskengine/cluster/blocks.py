"""Plays portfolios of a mitigation study on workers, each job on one thread.

The study is sent to each worker once. What a worker lays out for a job, it keeps for the next one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace

from riskengine.cluster import jobs as crews
from riskengine.mitigation.blocks import Block, BlockJob, LocalBlocks
from riskengine.mitigation.plan import StudyPlan


def play_blocks(
    crew: crews.Crew, plan: StudyPlan, jobs: Iterable[BlockJob]
) -> Iterator[Block | None]:
    """Play jobs, like `riskengine.mitigation.blocks.LocalBlocks`.

    Raises
    ------
    RunFault
        When the cluster is lost.
    """
    errands = (crews.Job(_play, (job,), job.size, _name(job)) for job in jobs)
    shared = crew.share(_Bench(replace(plan, threads=1)))
    with closing(crew.results(shared, errands, in_order=True)) as results:
        for _, block in results:
            yield block


def _name(job: BlockJob) -> str:
    where = "a world of the study" if job.world is not None else "the study"
    return f"{len(job.portfolios):,} portfolios of {where}"


class _Bench:
    """On one worker: the study, and for each thread what it has laid out."""

    def __init__(self, plan: StudyPlan) -> None:
        self.plan = plan
        self.own = threading.local()

    def __reduce__(self) -> tuple[type[_Bench], tuple[StudyPlan]]:
        return _Bench, (self.plan,)


def _play(bench: _Bench, job: BlockJob) -> Block | None:
    """On a worker: play a job; stop if it is no longer needed."""
    if not hasattr(bench.own, "blocks"):
        bench.own.blocks = LocalBlocks(replace(bench.plan))  # lays out for this thread alone
    blocks: LocalBlocks = bench.own.blocks
    return blocks.play(job, crews.Recall())
