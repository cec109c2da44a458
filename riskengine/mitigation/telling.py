"""What a reader should know before using the figures of a study."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from riskengine.mitigation.plan import StudyPlan
from riskengine.mitigation.readings import IDLE, standing
from riskengine.mitigation.regret import Regret
from riskengine.mitigation.sampled import Sampled
from riskengine.mitigation.search.best import SearchResult
from riskengine.mitigation.tables import LIMIT_MISSED, OptionRow
from riskengine.model.notices import Notice

_MOST_NAMED = 10


def study_notices(
    plan: StudyPlan,
    sampled: Sampled,
    found: SearchResult,
    options: Sequence[OptionRow],
    regret: Regret | None,
) -> Iterator[Notice]:
    """The notices of a study.

    Parameters
    ----------
    plan : StudyPlan
    sampled : Sampled
    found : SearchResult
    options : sequence of OptionRow
    regret : Regret, optional

    Yields
    ------
    Notice
    """
    money, market = plan.config.base.run.money, plan.market
    cheapest = min(
        (market.cost(market.closure(bit)) for bit in range(len(market.names))), default=0.0
    )
    for step in found.steps:
        if step.missed is not None:
            missed = step.missed
            yield Notice(
                code=LIMIT_MISSED,
                message=f"No portfolio for {step.budget:,g} {money} keeps every limit. The nearest "
                f"is {market.name(missed.portfolio)}: {missed.words} is {missed.value:,.6g}, "
                f"{missed.by:,.6g} above the limit of {missed.most:,.6g}.",
            )
        elif step.choice is None:
            yield Notice(
                code="nothing-found",
                message=f"No portfolio for {step.budget:,g} {money} was found in time.",
            )
        elif plan.mitigation.budgets is not None and step.budget < cheapest:
            yield Notice(
                code="budget-too-small",
                message=f"A budget of {step.budget:,g} {money} is below the cheapest option, which "
                f"costs {cheapest:,.6g}.",
            )
        if step.choice is not None and not step.is_proven and not sampled.rises:
            yield Notice(
                code="not-proven",
                message=f"For {step.budget:,g} {money} the search ended before its proof: a better "
                f"portfolio could lose up to {100.0 * step.gap:.2g} % less.",
            )
    idle = [row.option for row in options if standing(row) == IDLE]
    if idle:
        yield Notice(
            code="idle-options",
            message=f"{_listed(idle)} changed the loss of no trial, alone or beside all others.",
        )
    if sampled.largest is not None:
        largest = sampled.largest
        yield Notice(
            code="loss-raised",
            message=f"{sampled.rises:,} of the portfolios compared lose more in some "
            f"trial than with fewer options: {market.name(largest.portfolio)} up to "
            f"{largest.amount:,.6g} {money} more than {market.name(largest.part)}. "
            "Nothing is proven about portfolios that were not played.",
        )
    if regret is not None:
        yield from regret.notices


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
