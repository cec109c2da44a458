"""The finalists of a study, played in all its worlds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np

from riskengine.errors import ConfigFault, RunFault
from riskengine.kernel.arrays import Floats
from riskengine.mitigation.blocks import BlockJob, PlayBlocks
from riskengine.mitigation.keeping import Kept, block_name
from riskengine.mitigation.plan import StudyPlan
from riskengine.mitigation.readings import EVERY_WORLD
from riskengine.mitigation.sampled import Sampled, kept_or_played
from riskengine.mitigation.search.best import BudgetStep, SearchResult
from riskengine.mitigation.search.market import Market, bits
from riskengine.mitigation.search.measured import Portfolio
from riskengine.mitigation.tables import FinalistRow, InformationRow, RegretRow
from riskengine.mitigation.worlds import AtBudget, PlayedWorlds, bin_edges
from riskengine.model.notices import Notice
from riskengine.sweeps.designs import Design

MOST_FINALISTS = 60
SCREEN_WORLDS, SCREEN_TRIALS = 50, 2_000
_MOST_NAMED = 10  #: worlds in a notice
_MOST_SCREENED = 256  #: portfolios


@dataclass(frozen=True, slots=True, kw_only=True)
class Regret:
    """What the worlds tell."""

    worlds: int
    trials: int
    regret: tuple[RegretRow, ...] = ()
    finalists: tuple[FinalistRow, ...] = ()
    information: tuple[InformationRow, ...] = ()
    #: by option: share of worlds in which the best has it, averaged over budgets
    bought: dict[int, float]
    notices: tuple[Notice, ...] = ()


def regret_of(
    plan: StudyPlan,
    sampled: Sampled,
    found: SearchResult,
    near: Sequence[Sequence[Portfolio]],
    play: PlayBlocks,
    kept: Kept,
    progress: Callable[[int], None],
) -> Regret:
    """Play the finalists in all worlds.

    Parameters
    ----------
    plan : StudyPlan
        With worlds.
    sampled : Sampled
    found : SearchResult
    near : sequence of sequence of int
        For each budget, portfolios whose difference to the choice may be chance, the best first.
    play : PlayBlocks
    kept : Kept
    progress : callable
        Called with the number of worlds played.
    """
    design, config = plan.worlds, plan.config.worlds
    if design is None or config is None:
        raise ValueError("the study has no worlds")
    players = _Players(plan, design, play, kept)
    finalists = players.finalists(sampled, found, near)
    values, costs, numbers, failed = players.played(finalists, config.trials, progress)
    worlds = PlayedWorlds(
        portfolios=tuple(finalists), numbers=tuple(numbers), values=values, costs=costs
    )
    at_budgets = [AtBudget(worlds, step.budget) for step in found.steps]
    shown = [_told(each, step) for each, step in zip(at_budgets, found.steps, strict=True)]
    market = plan.market
    return Regret(
        worlds=len(numbers),
        trials=config.trials,
        regret=tuple(
            row
            for each, told in zip(at_budgets, shown, strict=True)
            for row in _regret_rows(market, each, told)
        ),
        finalists=tuple(
            row
            for each, told in zip(at_budgets, shown, strict=True)
            for row in _finalist_rows(market, each, told)
        ),
        information=tuple(
            row
            for each in at_budgets
            for row in _information_rows(market, each, design, numbers, plan.seed)
        ),
        bought=_bought(market, at_budgets),
        notices=tuple(failed),
    )


class _Players:
    """Plays portfolios in the worlds of a plan."""

    def __init__(self, plan: StudyPlan, design: Design, play: PlayBlocks, kept: Kept) -> None:
        self._plan, self._design, self._play, self._kept = plan, design, play, kept
        self._points: list[int] = design.independent.tolist()

    def finalists(
        self, sampled: Sampled, found: SearchResult, near: Sequence[Sequence[Portfolio]]
    ) -> list[Portfolio]:
        """Nothing, the choices, those near them, and the first in a screen of a few worlds.

        No budget takes the places of another: they take turns.
        """
        choices = [step.choice.portfolio for step in found.steps if step.choice is not None]
        first = in_turns([[0, *choices], *near], MOST_FINALISTS)
        market = self._plan.market
        known = [each for each in sampled.known if market.is_feasible(each)]
        known.sort(key=lambda each: (sampled.known[each].of(sampled.measure), each))
        affordable = [
            [each for each in known if market.is_affordable(each, step.budget)]
            for step in found.steps
        ]
        screened = in_turns([first, *affordable], _MOST_SCREENED)
        if len(first) == MOST_FINALISTS or len(screened) == len(first):
            return first
        wins = [dict.fromkeys(screened, 0) for _ in found.steps]
        for played in self._worlds(self._points[:SCREEN_WORLDS], screened, SCREEN_TRIALS):
            if played is not None:
                for step, own in zip(found.steps, wins, strict=True):
                    own[screened[_first_best(*played, step.budget)]] += 1
        # Stable: equal numbers of wins stay in the order of the screen.
        winners = [
            sorted((each for each in screened if own[each]), key=lambda each: -own[each])
            for own in wins
        ]
        return list(dict.fromkeys([*first, *in_turns(winners, MOST_FINALISTS)]))[:MOST_FINALISTS]

    def played(
        self, portfolios: Sequence[Portfolio], trials: int, progress: Callable[[int], None]
    ) -> tuple[Floats, Floats, list[int], list[Notice]]:
        """Values and costs in all worlds, the numbers of the worlds, and which have no figures."""
        values, costs, numbers, failed = [], [], [], []
        found = self._worlds(self._points, portfolios, trials)
        for done, (point, played) in enumerate(zip(self._points, found, strict=True), start=1):
            if played is None:
                failed.append(point + 1)
            else:
                values.append(played[0])
                costs.append(played[1])
                numbers.append(point + 1)
            progress(done)
        if not numbers:
            raise RunFault("no world of the mitigation has figures: its values contradict")
        notices = failed_worlds(failed, len(self._points))
        return np.array(values), np.array(costs), numbers, notices

    def _worlds(
        self, points: Sequence[int], portfolios: Sequence[Portfolio], trials: int
    ) -> Iterator[tuple[Floats, Floats] | None]:
        """Values and costs of portfolios in each world; None if its values contradict."""
        jobs = [
            BlockJob(tuple(portfolios), trials, world=self._design.points[point])
            for point in points
        ]
        names = [block_name("world", portfolios, point, trials) for point in points]
        blocks = kept_or_played(jobs, names, self._play, self._kept, 0)
        for job, block in zip(jobs, blocks, strict=True):
            costs = self._costs(job)
            if block is None or costs is None:
                yield None
            else:
                measure = self._plan.mitigation.measure
                yield np.array([each.of(measure) for each in block.measured]), costs

    def _costs(self, job: BlockJob) -> Floats | None:
        """The present values of portfolios in a world; None if one is negative there."""
        try:
            market = self._plan.market_at(self._plan.config.costs(job.world))
        except ConfigFault:
            return None
        return np.array([market.cost(each) for each in job.portfolios])


def failed_worlds(failed: Sequence[int], worlds: int) -> list[Notice]:
    """What to note of worlds without figures, by their numbers; nothing if there are none."""
    if not failed:
        return []
    named = ", ".join(map(str, failed[:_MOST_NAMED]))
    more = " ..." if len(failed) > _MOST_NAMED else ""
    message = (
        f"{len(failed):,} of {worlds:,} worlds have no figures, because their values contradict "
        f"the options ({named}{more})."
    )
    return [Notice(code="failed-worlds", message=message)]


def in_turns(queues: Sequence[Sequence[Portfolio]], most: int) -> list[Portfolio]:
    """At most so many different portfolios, one of each queue after the other.

    The first queue is taken whole.

    >>> in_turns([[0, 1], [2, 3], [1, 4]], 4)
    [0, 1, 2, 3]
    """
    found = dict.fromkeys(queues[0]) if queues else {}
    for row in zip_longest(*queues[1:]):
        found.update(dict.fromkeys(each for each in row if each is not None))
    return list(found)[:most]


def _first_best(values: Floats, costs: Floats, budget: float) -> int:
    worlds = PlayedWorlds(
        portfolios=(), numbers=(), values=values[np.newaxis], costs=costs[np.newaxis]
    )
    return int(AtBudget(worlds, budget).best[0])


def _told(at: AtBudget, step: BudgetStep) -> list[int]:
    """The finalists that the budget pays for in any world, and the choice whatever it costs."""
    chosen = None if step.choice is None else step.choice.portfolio
    return [
        finalist
        for finalist, portfolio in enumerate(at.worlds.portfolios)
        if at.affordable[:, finalist].any() or portfolio == chosen
    ]


def _regret_rows(market: Market, at: AtBudget, told: Sequence[int]) -> Iterator[RegretRow]:
    worlds = at.worlds
    names = [market.name(each) for each in worlds.portfolios]
    for finalist in told:
        for row, world in enumerate(worlds.numbers):
            yield RegretRow(
                budget=at.budget,
                portfolio=names[finalist],
                world=world,
                cost=float(worlds.costs[row, finalist]),
                affordable=bool(at.affordable[row, finalist]),
                value=float(worlds.values[row, finalist]),
                best=names[at.best[row]],
                regret=float(at.regret[row, finalist]),
            )


def _finalist_rows(market: Market, at: AtBudget, told: Sequence[int]) -> Iterator[FinalistRow]:
    for finalist in told:
        rows = at.affordable[:, finalist]
        regret, values = at.regret[rows, finalist], at.worlds.values[rows, finalist]
        is_known = len(regret) > 0
        high = np.quantile(regret, 0.95, method="inverted_cdf") if is_known else math.nan
        yield FinalistRow(
            budget=at.budget,
            portfolio=market.name(at.worlds.portfolios[finalist]),
            affordable=float(np.mean(rows)),
            best=at.share_best(finalist),
            value=float(values.mean()) if is_known else math.nan,
            regret=float(regret.mean()) if is_known else math.nan,
            regret_95=float(high),
            regret_largest=float(regret.max()) if is_known else math.nan,
            is_minimax=finalist == at.minimax,
            is_best_on_average=finalist == at.best_on_average,
        )


def _information_rows(
    market: Market, at: AtBudget, design: Design, numbers: Sequence[int], seed: int
) -> Iterator[InformationRow]:
    yield InformationRow(
        budget=at.budget,
        assumption=EVERY_WORLD,
        value=at.perfect_information(),
        switch="",
        switch_below=math.nan,
        switch_above=math.nan,
    )
    points = [number - 1 for number in numbers]
    places = design.places[points]
    for position, parameter in enumerate(design.parameters):
        found = at.information(places[:, position], seed)
        switch, below, above = "", math.nan, math.nan
        values = _numbers([design.setting(point, position)[0] for point in points])
        if found.value > 0.0 and found.switch >= 0 and values is not None:
            edges = bin_edges(places[:, position], values)
            switch = market.name(at.worlds.portfolios[found.switch])
            below = float(edges[found.below - 1]) if 0 < found.below <= len(edges) else math.nan
            above = float(edges[found.above - 1]) if 0 < found.above <= len(edges) else math.nan
        yield InformationRow(
            budget=at.budget,
            assumption=parameter.name,
            value=found.value,
            switch=switch,
            switch_below=below,
            switch_above=above,
        )


def _numbers(values: Sequence[Any]) -> Floats | None:
    """Values as numbers; None if they are none."""
    if any(isinstance(each, bool) or not isinstance(each, int | float) for each in values):
        return None
    return np.array(values, dtype=np.float64)


def _bought(market: Market, at_budgets: Sequence[AtBudget]) -> dict[int, float]:
    """For each option, the share of worlds and budgets in which the best portfolio has it."""
    counts = dict.fromkeys(range(len(market.names)), 0)
    worlds = 0
    for at in at_budgets:
        for best in at.best.tolist():
            worlds += 1
            for option in bits(at.worlds.portfolios[best]):
                counts[option] += 1
    return {option: count / worlds for option, count in counts.items()} if worlds else {}
