"""Plays blocks of portfolios and measures them: a piece of work for this process or a worker."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

import numpy as np

from riskengine.errors import ConfigFault
from riskengine.kernel.arrays import LOSSES, TOTALS, Floats, Ints
from riskengine.measures.sample import Sample
from riskengine.measures.tail import quantile_rank, tail_size
from riskengine.mitigation.plan import StudyPlan
from riskengine.mitigation.playing import PlayedBlock, PortfolioPlayer
from riskengine.mitigation.search.measured import Portfolio
from riskengine.model.mitigation import AT_LEVEL, MEAN, PROB_LOSS, TVAR, VAR
from riskengine.play.simulate import Stop

#: by how much a loss must be larger, as a share of it, to count as a rise: sums of equal parts in a
#: different order differ in the last bits
ROUNDING = 1e-9


class LossTail(NamedTuple):
    """The trials in which a portfolio's loss can reach its value at risk."""

    rows: Ints  #: (k,) ascending
    floor: float  #: no portfolio has a smaller value at risk

    def measured(self, losses: Floats, trials: int, level: float) -> PortfolioMeasures:
        """Value at risk and tail value at risk, from the losses of these trials alone."""
        ordered = np.sort(losses)
        beyond = trials - quantile_rank(trials, level) + 1
        var = float(ordered[-beyond]) if beyond <= len(ordered) else self.floor
        # Below the floor lie trials whose losses cannot be told from those that were not played.
        var = max(var, self.floor)
        above = ordered[ordered.searchsorted(var, side="right") :]
        tvar = var + float(np.sum(above - var)) / tail_size(trials, level)
        return PortfolioMeasures(math.nan, var, tvar, math.nan)


class BlockJob(NamedTuple):
    """Portfolios to be played together on the first trials: in the world of the config, all in
    sample."""

    portfolios: tuple[Portfolio, ...]
    trials: int
    tail: LossTail | None = None  #: play only these trials
    world: tuple[Any, ...] | None = None  #: a world other than that of the config

    @property
    def size(self) -> int:
        """The amount of work, relative to other jobs."""
        return len(self.portfolios) * self.played

    @property
    def played(self) -> int:
        """On how many trials each portfolio is played."""
        return self.trials if self.tail is None else len(self.tail.rows)


class PortfolioMeasures(NamedTuple):
    """The measures of a portfolio; nan where only the tail was played."""

    mean: float
    var: float
    tvar: float
    prob_loss: float
    limits: tuple[float, ...] = ()  #: what each limit measures

    def of(self, measure: str) -> float:
        """The measure of a name."""
        found: float = getattr(self, measure)
        return found


class Rise(NamedTuple):
    """A portfolio under which some trial loses more than under a part of it."""

    portfolio: Portfolio
    part: Portfolio
    amount: float  #: the largest


class Block(NamedTuple):
    """What was found by playing some portfolios."""

    measured: tuple[PortfolioMeasures, ...]  #: in the order of the portfolios
    rises: int  #: how many portfolios raise a loss above that of a part
    largest: Rise | None  #: the largest of these rises


class PlayBlocks(Protocol):
    """The executor of jobs: threads of this process, or a cluster."""

    def __call__(self, jobs: Iterable[BlockJob]) -> Iterator[Block | None]:
        """The result of each job, in order; None if a world's values contradict the options."""


class LocalBlocks:
    """Plays jobs in this process, one after the other.

    Parameters
    ----------
    plan : StudyPlan
    """

    def __init__(self, plan: StudyPlan) -> None:
        self._plan = plan

    def __call__(self, jobs: Iterable[BlockJob]) -> Iterator[Block | None]:
        for job in jobs:
            yield self.play(job)

    def play(self, job: BlockJob, stopped: Stop | None = None) -> Block | None:
        """Play one job.

        Parameters
        ----------
        job : BlockJob
        stopped : Stop, optional
            Tells that the result is no longer wanted.

        Raises
        ------
        ConfigFault
            If the options of a portfolio contradict each other, in the world of the config.
        RunFault
            If a portfolio has no figures.
        """
        if job.world is None:
            return self._played(job, replace(self._plan.inside, stopped=stopped))
        try:
            player = self._plan.player(0, job.trials, job.world)
            return self._played(job, replace(player, stopped=stopped))
        except ConfigFault:
            return None

    def _played(self, job: BlockJob, player: PortfolioPlayer) -> Block:
        limits = self._plan.mitigation.limits if job.world is None else ()
        rows, detail = None if job.tail is None else job.tail.rows, LOSSES if limits else TOTALS
        found: dict[Portfolio, PortfolioMeasures] = {}
        totals: dict[Portfolio, Floats] = {}
        with ThreadPoolExecutor(player.threads) as pool:
            for block in player.play(job.portfolios, rows, detail):
                # Those with other disputes are played apart, and compared all the same.
                totals.update(zip(block.portfolios, block.totals, strict=True))
                measure = _Measure(self._plan, block, job)
                places = range(len(block.portfolios))
                found.update(zip(block.portfolios, pool.map(measure, places), strict=True))
        rises = _rises(totals) if job.world is None else []
        return Block(
            measured=tuple(found[each] for each in job.portfolios),
            rises=len({rise.portfolio for rise in rises}),
            largest=max(rises, key=lambda rise: rise.amount, default=None),
        )


class _Measure:
    """Measures the portfolios of a block that was played."""

    def __init__(self, plan: StudyPlan, block: PlayedBlock, job: BlockJob) -> None:
        self._level = plan.mitigation.level
        self._limits = plan.mitigation.limits if job.world is None else ()
        self._industries = list(plan.config.base.industries)
        self._block, self._job = block, job

    def __call__(self, place: int) -> PortfolioMeasures:
        losses = self._block.totals[place]
        if self._job.tail is not None:
            return self._job.tail.measured(losses, self._job.trials, self._level)
        total, level = Sample.of(losses), self._level
        limits = []
        for limit in self._limits:
            sample = total
            if limit.industry is not None:
                number = self._industries.index(limit.industry)
                sample = Sample.of(self._block.industry(place, number))
            limits.append(_value(sample, limit.measure, limit.level or level))
        return PortfolioMeasures(
            mean=_value(total, MEAN, level),
            var=_value(total, VAR, level),
            tvar=_value(total, TVAR, level),
            prob_loss=_value(total, PROB_LOSS, level),
            limits=tuple(limits),
        )


def largest_rise(before: Floats, after: Floats) -> float:
    """The largest amount by which the loss of a trial rises, beyond rounding; 0 if none does.

    Parameters
    ----------
    before, after : ndarray, (n,) of float64
    """
    rise = after - before
    rows = np.flatnonzero(rise > 0.0)
    rise = rise[rows]
    return float(rise[rise > before[rows] * ROUNDING].max(initial=0.0))


def _value(sample: Sample, measure: str, level: float) -> float:
    """A measure of a series, with the bits that a run gives it."""
    if measure == MEAN:
        return float(np.mean(sample.values))
    if measure not in AT_LEVEL:
        return len(sample.above(0.0)) / len(sample)
    var = sample.at(quantile_rank(len(sample), level))
    if measure == VAR:
        return var
    return var + sample.excess(var).total() / tail_size(len(sample), level)


def _rises(totals: Mapping[Portfolio, Floats]) -> list[Rise]:
    """Where a portfolio of a job loses more, in any trial, than its largest parts there."""
    found = []
    for portfolio, losses in totals.items():
        for part in _parts(portfolio, totals):
            largest = largest_rise(totals[part], losses)
            if largest > 0.0:
                found.append(Rise(portfolio, part, largest))
    return found


def _parts(portfolio: Portfolio, known: Collection[Portfolio]) -> list[Portfolio]:
    """The largest known parts of a portfolio: with one option less, if there are any."""
    left = portfolio
    smaller = []
    while left:
        option = left & -left
        left ^= option
        if portfolio ^ option in known:
            smaller.append(portfolio ^ option)
    if smaller or not portfolio:
        return smaller
    inside = [each for each in known if each & portfolio == each and each != portfolio]
    return [
        each
        for each in inside
        if not any(each & other == each and each != other for other in inside)
    ]
