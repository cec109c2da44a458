"""What is known of portfolios in sample: their measures, and whether any raises a loss.

Where only the tail counts and no option raises a loss, a portfolio's tail lies in the trials in
which the scenario without options loses more than the value at risk of the best that can be bought.
Only those are played then, and value at risk and tail value at risk are exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from riskengine.kernel.arrays import Floats
from riskengine.mitigation.blocks import (
    ROUNDING,
    Block,
    BlockJob,
    LossTail,
    PlayBlocks,
    PortfolioMeasures,
    Rise,
    largest_rise,
)
from riskengine.mitigation.keeping import Kept, block_name
from riskengine.mitigation.plan import StudyPlan
from riskengine.mitigation.playing import most_together
from riskengine.mitigation.search.measured import Portfolio
from riskengine.model.mitigation import AT_LEVEL

_MOST_SERIES = 48  #: series of losses that are kept for comparisons


class Sampled:
    """The measures of portfolios in sample; each portfolio is played once.

    Parameters
    ----------
    plan : StudyPlan
    play : PlayBlocks
    kept : Kept
    tell : callable, optional
        Told how many portfolios are known, and how many will be when those asked for are.
    """

    def __init__(
        self,
        plan: StudyPlan,
        play: PlayBlocks,
        kept: Kept,
        tell: Callable[[int, int], None] = lambda done, total: None,
    ) -> None:
        self._plan, self._play, self._kept, self._tell = plan, play, kept, tell
        self.measure = plan.mitigation.measure
        self.known: dict[Portfolio, PortfolioMeasures] = {}
        self.rises = 0  #: number of portfolios that raise a loss above that of a part of them
        self.largest: Rise | None = None  #: the largest of these rises
        self._tail: LossTail | None = None
        self._series: dict[Portfolio, Floats] = {}

    @property
    def trials(self) -> int:
        """The number of trials that a portfolio is played on now."""
        return self._job((), self._tail).played

    def of(self, portfolios: Sequence[Portfolio]) -> Floats:
        """The values of the measure to be reduced, (len(portfolios),)."""
        found = self.measured(portfolios)
        return np.array([each.of(self.measure) for each in found], dtype=np.float64)

    def measured(self, portfolios: Sequence[Portfolio]) -> list[PortfolioMeasures]:
        """All measures of portfolios; what is not known is played."""
        self._find(portfolios, self._tail)
        return [self.known[portfolio] for portfolio in portfolios]

    def wholly(self, portfolios: Sequence[Portfolio]) -> list[PortfolioMeasures]:
        """All measures of portfolios, those that need all trials included."""
        for portfolio in portfolios:
            if portfolio in self.known and math.isnan(self.known[portfolio].mean):
                del self.known[portfolio]
        self._find(portfolios, None)
        return [self.known[portfolio] for portfolio in portfolios]

    def limit(self, number: int, portfolios: Sequence[Portfolio]) -> Floats:
        """What a limit measures under portfolios, (len(portfolios),)."""
        return np.array([each.limits[number] for each in self.measured(portfolios)])

    def raises_loss(self) -> bool:
        """Whether, in any trial, a played portfolio lost more than one that it contains."""
        return self.rises > 0

    def is_never_worse(self, one: Portfolio, other: Portfolio) -> bool:
        """Whether `one` has in no trial a larger loss than `other`."""
        return largest_rise(self.series(other), self.series(one)) == 0.0

    def series(self, portfolio: Portfolio) -> Floats:
        """(trials,) the losses under a portfolio; the last few are kept."""
        found = self._series.pop(portfolio, None)
        if found is None:
            found = self._plan.inside.total(portfolio)
        self._series[portfolio] = found
        while len(self._series) > _MOST_SERIES:
            del self._series[next(iter(self._series))]
        return found

    def cut_to_tail(self, best: Iterable[Portfolio]) -> None:
        """From now on play only trials that can be in a portfolio's tail, where that is exact.

        Parameters
        ----------
        best : iterable of int
            Portfolios such that everything that can be bought is part of one of them.
        """
        if self.measure not in AT_LEVEL or self._plan.mitigation.limits:
            return
        floor = min(each.var for each in self.measured(list(best)))
        if self.rises:
            return
        rows = np.flatnonzero(self.series(0) > floor * (1.0 - ROUNDING))
        if len(rows) < self._plan.trials:
            self._tail = LossTail(rows.astype(np.int64), floor)

    def _job(self, portfolios: Sequence[Portfolio], tail: LossTail | None) -> BlockJob:
        return BlockJob(tuple(portfolios), self._plan.trials, tail)

    def _find(self, portfolios: Sequence[Portfolio], tail: LossTail | None) -> None:
        """Play what is not known, in blocks of neighbours, or take it from what is kept."""
        new = sorted(each for each in set(portfolios) if each not in self.known)
        most = most_together(self._job((), tail).played)
        jobs = [self._job(new[k : k + most], tail) for k in range(0, len(new), most)]
        left = len(new)
        for job, block in zip(jobs, self._found(jobs), strict=True):
            self.known.update(zip(job.portfolios, block.measured, strict=True))
            self.rises += block.rises
            if block.largest is not None:
                rises = filter(None, [self.largest, block.largest])
                self.largest = max(rises, key=lambda rise: rise.amount)
            left -= len(job.portfolios)
            self._tell(len(self.known), len(self.known) + left)

    def _found(self, jobs: Sequence[BlockJob]) -> Iterator[Block]:
        """The results of jobs in the world of the config, in order."""
        names = [block_name("portfolios", job.portfolios, job.played) for job in jobs]
        limits = len(self._plan.mitigation.limits)
        for block in kept_or_played(jobs, names, self._play, self._kept, limits):
            assert block is not None  # noqa: S101  (only values of another world can contradict)
            yield block


def kept_or_played(
    jobs: Sequence[BlockJob], names: Sequence[str], play: PlayBlocks, kept: Kept, limits: int
) -> Iterator[Block | None]:
    """The results of jobs, in order: those that are kept, and those that are played now, and kept.

    Parameters
    ----------
    jobs : sequence of BlockJob
    names : sequence of str
        Under which their results are kept.
    play : PlayBlocks
    kept : Kept
    limits : int
        How many limits are measured.
    """
    known = [
        read_block(kept.find(name), len(job.portfolios), limits)
        for name, job in zip(names, jobs, strict=True)
    ]
    played = play(job for job, block in zip(jobs, known, strict=True) if block is None)
    for name, block in zip(names, known, strict=True):
        if block is not None:
            yield block
            continue
        fresh = next(played)
        if fresh is not None:
            kept.keep(name, block_record(fresh))
        yield fresh


def block_record(block: Block) -> Any:
    """A block as it is kept; a portfolio is a text, because it may have more than 64 bits."""
    largest = block.largest
    return {
        "measured": [
            [None if math.isnan(x) else x for x in (*each[:4], *each.limits)]
            for each in block.measured
        ],
        "rises": block.rises,
        "largest": None
        if largest is None
        else [f"{largest.portfolio:x}", f"{largest.part:x}", largest.amount],
    }


def read_block(record: Any, portfolios: int, limits: int) -> Block | None:
    """A block that was kept; None if it cannot be that of so many portfolios."""
    try:
        rows = [[math.nan if x is None else float(x) for x in row] for row in record["measured"]]
        rises, largest = int(record["rises"]), None
        if record["largest"] is not None:
            portfolio, part, amount = record["largest"]
            largest = Rise(int(portfolio, 16), int(part, 16), float(amount))
    except (TypeError, ValueError, KeyError):
        return None
    if [len(row) for row in rows] != [4 + limits] * portfolios:
        return None
    measured = tuple(
        PortfolioMeasures(mean, var, tvar, chance, tuple(own))
        for mean, var, tvar, chance, *own in rows
    )
    return Block(measured, rises, largest)
