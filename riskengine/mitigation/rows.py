"""The rows of a study, from what was played."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from riskengine.measures.estimate import UNKNOWN, Estimate
from riskengine.mitigation.blocks import PortfolioMeasures
from riskengine.mitigation.effects import AddedOption, Shapley, Synergy, first_in, last_in
from riskengine.mitigation.outside import Outside
from riskengine.mitigation.plan import StudyPlan
from riskengine.mitigation.regret import Regret
from riskengine.mitigation.sampled import Sampled
from riskengine.mitigation.screened import AVERAGE, VALUE, Screened
from riskengine.mitigation.search.best import BudgetStep, SearchResult
from riskengine.mitigation.search.market import Market
from riskengine.mitigation.search.measured import Portfolio
from riskengine.mitigation.search.together import Ranking
from riskengine.mitigation.tables import (
    BeneficiaryRow,
    FrontierRow,
    InteractionRow,
    OptionRow,
    PortfolioRow,
)
from riskengine.model.mitigation import Option

_DAYS_PER_YEAR = 365.0


@dataclass(frozen=True, slots=True, eq=False)
class StudyParts:
    """What the parts of a study share."""

    plan: StudyPlan
    market: Market
    sampled: Sampled
    ranked: Ranking
    screened: Screened


def frontier_rows(
    known: StudyParts, found: SearchResult, outside: Outside
) -> Iterator[FrontierRow]:
    """The row of each budget."""
    objective = known.plan.objective
    choices = [step.choice for step in found.steps if step.choice is not None]
    better = outside.shares_better(
        (choice.portfolio, choice.rival) for choice in choices if choice.rival is not None
    )
    for step in found.steps:
        choice = step.choice
        if choice is None:
            yield _unmet(known, step)
            continue
        value = outside.value(choice.portfolio)
        apart = outside.difference(0, choice.portfolio)
        rival, share = UNKNOWN, math.nan
        if choice.rival is not None:
            rival = outside.difference(choice.portfolio, choice.rival)
            share = better[choice.portfolio, choice.rival]
        yield FrontierRow(
            budget=step.budget,
            portfolio=known.market.name(choice.portfolio),
            cost=choice.cost,
            measure=objective.measure,
            level=objective.shown_level,
            value=value.value,
            lower=value.lower,
            upper=value.upper,
            in_sample=choice.value,
            difference=apart.value,
            difference_lower=apart.lower,
            difference_upper=apart.upper,
            rival="" if choice.rival is None else known.market.name(choice.rival),
            rival_difference=rival.value,
            rival_lower=rival.lower,
            rival_upper=rival.upper,
            rival_better=share,
            proven=step.is_proven,
            gap=step.gap,
            mean=outside.mean(choice.portfolio),
            tvar=outside.tvar(choice.portfolio),
        )


def _unmet(known: StudyParts, step: BudgetStep) -> FrontierRow:
    """The row of a budget that affords nothing that keeps the limits."""
    objective, none = known.plan.objective, math.nan
    return FrontierRow(
        budget=step.budget,
        portfolio="",
        cost=none,
        measure=objective.measure,
        level=objective.shown_level,
        value=none,
        lower=none,
        upper=none,
        in_sample=none,
        difference=none,
        difference_lower=none,
        difference_upper=none,
        rival="",
        rival_difference=none,
        rival_lower=none,
        rival_upper=none,
        rival_better=none,
        proven=False,
        gap=none,
        mean=none,
        tvar=none,
    )


def option_rows(
    known: StudyParts, found: SearchResult, averages: Shapley, regret: Regret | None
) -> Iterator[OptionRow]:
    """The row of each option, in the order of the config."""
    places = {option.name: bit for bit, option in enumerate(known.plan.free)}
    for option in known.plan.mitigation.options:
        yield _option_row(known, option, places.get(option.name), found, averages, regret)


def _option_row(
    known: StudyParts,
    option: Option,
    bit: int | None,
    found: SearchResult,
    averages: Shapley,
    regret: Regret | None,
) -> OptionRow:
    """A row; an option that cannot be bought, as it is decided or ruled out, has no effects."""
    first = last = first_mean = last_mean = UNKNOWN
    rise, changes, per_money, break_even = math.nan, False, math.nan, math.nan
    budgets, share, average, error = 0, math.nan, math.nan, math.nan
    added = None if bit is None else first_in(known.market, bit)
    beside = None if bit is None else last_in(known.ranked, bit)
    if bit is not None and added is not None and beside is not None:
        alone = added.with_
        first, first_mean = _added(known, added, VALUE), _added(known, added, AVERAGE)
        last, last_mean = _added(known, beside, VALUE), _added(known, beside, AVERAGE)
        rise, changes = known.screened[alone].rise, known.screened[alone].changes
        cost = known.market.cost(alone)
        per_money = first.value / cost if cost > 0.0 else math.nan
        break_even = _worth(known.plan, -first_mean.value)
        budgets = sum(
            step.choice is not None and bool(step.choice.portfolio >> bit & 1)
            for step in found.steps
        )
        share = math.nan if regret is None else regret.bought.get(bit, 0.0)
        average, error = float(averages.values[bit]), float(averages.errors[bit])
    return OptionRow(
        option=option.name,
        kind=option.kind,
        group=option.group or "",
        fixed=option.fixed,
        upfront=option.cost.upfront,
        yearly=option.cost.yearly,
        recovered=option.cost.recovered,
        cost=option.present_value,
        first_in=first.value,
        first_in_lower=first.lower,
        first_in_upper=first.upper,
        last_in=last.value,
        last_in_lower=last.lower,
        last_in_upper=last.upper,
        first_in_mean=first_mean.value,
        first_in_mean_lower=first_mean.lower,
        first_in_mean_upper=first_mean.upper,
        last_in_mean=last_mean.value,
        last_in_mean_lower=last_mean.lower,
        last_in_mean_upper=last_mean.upper,
        per_money=per_money,
        shapley=average,
        shapley_error=error,
        budgets=budgets,
        worlds=share,
        break_even=break_even,
        largest_rise=rise,
        changes=changes,
    )


def _added(known: StudyParts, added: AddedOption, figure: int) -> Estimate:
    """What an option changes where it is added."""
    weights = Counter({added.with_: 1})
    weights.subtract([added.without])
    return known.screened.effect(weights, figure)


def _worth(plan: StudyPlan, saved: float) -> float:
    """The present value of a mean loss that is saved over each horizon, year by year."""
    a_year = saved * _DAYS_PER_YEAR / plan.config.base.run.horizon_days
    growth = 1.0 + plan.mitigation.discount_rate
    return math.fsum(a_year * growth**-year for year in range(1, plan.mitigation.years + 1))


def interaction_rows(
    known: StudyParts, pairs: Mapping[tuple[int, int], Synergy]
) -> Iterator[InteractionRow]:
    """The row of each pair of options."""
    for (one, other), pair in pairs.items():
        weights: Counter[Portfolio] = Counter([pair.first, pair.second])
        weights.subtract([pair.neither, pair.both])
        found = known.screened.effect(weights)
        yield InteractionRow(
            first=known.market.names[one],
            second=known.market.names[other],
            synergy=found.value,
            lower=found.lower,
            upper=found.upper,
        )


def portfolio_rows(known: StudyParts) -> Iterator[PortfolioRow]:
    """Every portfolio that was played and can be bought, the cheapest first."""
    market, limits = known.market, known.plan.mitigation.limits
    feasible = [each for each in known.sampled.known if market.is_feasible(each)]
    for portfolio in sorted(feasible, key=lambda each: (market.cost(each), each)):
        measured = known.sampled.known[portfolio]
        yield PortfolioRow(
            portfolio=market.name(portfolio),
            cost=market.cost(portfolio),
            feasible=all(
                value <= limit.at_most for value, limit in zip(measured.limits, limits, strict=True)
            )
            if measured.limits or not limits
            else False,
            **_figures(measured),
        )


def _figures(measured: PortfolioMeasures) -> dict[str, float]:
    return {
        "mean": measured.mean,
        "var": measured.var,
        "tvar": measured.tvar,
        "prob_loss": measured.prob_loss,
    }


def beneficiary_rows(
    known: StudyParts, found: SearchResult, outside: Outside
) -> Iterator[BeneficiaryRow]:
    """The row of each industry under each choice."""
    chosen = [step.choice.portfolio for step in found.steps if step.choice is not None]
    for portfolio in dict.fromkeys(chosen):
        benefits = outside.benefits.get(portfolio, [])
        reduction = math.fsum(each.mean.value for each in benefits)
        for each in benefits:
            yield BeneficiaryRow(
                portfolio=known.market.name(portfolio),
                industry=each.industry,
                mean=each.mean.value,
                mean_lower=each.mean.lower,
                mean_upper=each.mean.upper,
                tvar=each.tvar.value,
                tvar_lower=each.tvar.lower,
                tvar_upper=each.tvar.upper,
                share=each.mean.value / reduction if reduction else math.nan,
            )
