"""A mitigation study from its plan to its tables.

Search in sample, then the chosen portfolios on further trials, then the finalists in all worlds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

from riskengine.mitigation.blocks import PlayBlocks
from riskengine.mitigation.effects import Synergy, screen, shapley, synergy
from riskengine.mitigation.keeping import Kept
from riskengine.mitigation.outside import Outside
from riskengine.mitigation.plan import StudyPlan
from riskengine.mitigation.regret import Regret, regret_of
from riskengine.mitigation.rows import (
    StudyParts,
    beneficiary_rows,
    frontier_rows,
    interaction_rows,
    option_rows,
    portfolio_rows,
)
from riskengine.mitigation.sampled import Sampled
from riskengine.mitigation.screened import Screened
from riskengine.mitigation.search.best import SearchResult, find_best
from riskengine.mitigation.search.market import Market, bits
from riskengine.mitigation.search.measured import Portfolio
from riskengine.mitigation.search.together import ranking
from riskengine.mitigation.tables import (
    FrontierRow,
    MitigationTables,
)
from riskengine.mitigation.telling import study_notices
from riskengine.model.mitigation import NOTHING

MOST_PAIRED = 40  #: options of which all pairs are compared
_MOST_FOR_AVERAGES = 2**30  #: trials of all portfolios that are played for Shapley values

Tell = Callable[[str, int, int], None]  #: what is counted, how much is done, how much there is


def study(
    plan: StudyPlan,
    play: PlayBlocks,
    kept: Kept,
    *,
    is_time_up: Callable[[], bool] = lambda: False,
    tell: Tell = lambda unit, done, total: None,
) -> MitigationTables:
    """Play a mitigation study.

    Parameters
    ----------
    plan : StudyPlan
    play : PlayBlocks
        Plays portfolios: this process, or a cluster.
    kept : Kept
        Where results are kept meanwhile.
    is_time_up : callable
        Once it says yes, a search that is too large for an enumeration ends with its best.
    tell : callable
        Told what is counted ("portfolios" or "worlds"), how many are done and how many there are;
        0 where that is not known.

    Raises
    ------
    RunFault
        If a portfolio has no figures.
    """
    market, mitigation = plan.market, plan.mitigation
    sampled = Sampled(plan, play, kept, lambda done, total: tell("portfolios", done, total))
    ranked = ranking(market, sampled)
    options = list(bits(market.possible))
    sampled.measured(screen(ranked))
    found = find_best(market, sampled, mitigation.budgets, mitigation.limits, is_time_up)
    chosen = _named(found)
    sampled.wholly([0, *(market.closure(option) for option in options), *chosen])
    pairs = _pairs(market, sampled, options, chosen)
    told = [*screen(ranked), *(pair.both for pair in pairs.values())]
    screened = Screened(plan.inside, plan.objective, sampled.series(0), told)
    known = StudyParts(plan, market, sampled, ranked, screened)
    outside = Outside(plan.player(plan.trials, plan.trials), plan.objective, chosen, plan.seed)
    frontier = tuple(frontier_rows(known, found, outside))
    regret = None
    if plan.worlds is not None:
        worlds = len(plan.worlds.independent)
        regret = regret_of(
            plan,
            sampled,
            found,
            _near(known, found, outside),
            play,
            kept,
            lambda done: tell("worlds", done, worlds),
        )
    return _tables(known, found, outside, frontier, pairs, regret)


def _named(found: SearchResult) -> list[Portfolio]:
    """The choices and their rivals."""
    named: dict[Portfolio, None] = {}
    for step in found.steps:
        if step.choice is not None:
            named[step.choice.portfolio] = None
            if step.choice.rival is not None:
                named[step.choice.rival] = None
    return list(named)


def _pairs(
    market: Market, sampled: Sampled, options: Sequence[int], chosen: Sequence[Portfolio]
) -> dict[tuple[int, int], Synergy]:
    """Pairs of options that can stand together; where there are many options, of the best ones."""
    if len(options) > MOST_PAIRED:
        bought = {option for portfolio in chosen for option in bits(portfolio)}
        worth = sampled.of([market.closure(option) for option in options]).tolist()
        ranked = sorted(
            zip(options, worth, strict=True), key=lambda each: (each[0] not in bought, each[1])
        )
        options = sorted(option for option, _ in ranked[:MOST_PAIRED])
    found = {pair: synergy(market, *pair) for pair in combinations(options, 2)}
    return {pair: each for pair, each in found.items() if each is not None}


def _near(known: StudyParts, found: SearchResult, outside: Outside) -> list[list[Portfolio]]:
    """For each budget, the portfolios whose value in sample lies within the interval of the choice,
    the best first."""
    market, sampled = known.market, known.sampled
    feasible = [each for each in sampled.known if market.is_feasible(each)]
    near: list[list[Portfolio]] = []
    for step in found.steps:
        margin = -1.0  # nothing is near
        if step.choice is not None and step.choice.rival is not None:
            apart = outside.difference(step.choice.portfolio, step.choice.rival)
            margin = apart.upper - apart.value
        behind = {
            each: sampled.known[each].of(sampled.measure) - step.choice.value
            for each in feasible
            if step.choice is not None and market.is_affordable(each, step.budget)
        }
        close = [each for each, distance in behind.items() if distance <= margin]
        near.append(sorted(close, key=lambda each: (behind[each], each)))
    return near


def _tables(
    known: StudyParts,
    found: SearchResult,
    outside: Outside,
    frontier: tuple[FrontierRow, ...],
    pairs: Mapping[tuple[int, int], Synergy],
    regret: Regret | None,
) -> MitigationTables:
    plan, mitigation, sampled = known.plan, known.plan.mitigation, known.sampled
    base = plan.config.base
    most = _MOST_FOR_AVERAGES // max(1, sampled.trials)
    averages = shapley(known.ranked, sampled, plan.seed, most)
    options = tuple(option_rows(known, found, averages, regret))
    portfolios = tuple(portfolio_rows(known))
    return MitigationTables(
        title=base.run.title,
        config=base.files[0][0] if base.files else base.stem,
        money=base.run.money,
        measure=mitigation.measure,
        level=plan.objective.shown_level,
        detail_level=mitigation.level,
        has_budgets=mitigation.budgets is not None,
        trials=plan.trials,
        seed=plan.seed,
        horizon_days=float(base.run.horizon_days),
        years=mitigation.years,
        discount_rate=mitigation.discount_rate,
        feasible=-1 if found.feasible is None else found.feasible,
        played=len(portfolios),
        kept_trials=sampled.trials,
        is_monotone=not sampled.rises,
        worlds=0 if regret is None else regret.worlds,
        world_trials=0 if regret is None else regret.trials,
        limits=tuple(f"{limit.name} at most {limit.at_most:g}" for limit in mitigation.limits),
        nothing=next(row for row in portfolios if row.portfolio == NOTHING),
        frontier=frontier,
        options=options,
        interactions=tuple(interaction_rows(known, pairs)),
        portfolios=portfolios,
        regret=() if regret is None else regret.regret,
        finalists=() if regret is None else regret.finalists,
        information=() if regret is None else regret.information,
        beneficiaries=tuple(beneficiary_rows(known, found, outside)),
        notices=tuple(study_notices(plan, sampled, found, options, regret)),
    )
