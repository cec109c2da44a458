"""The results of a mitigation study, in sentences for the person who signs for the money."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from operator import itemgetter

from riskengine.language.money import unit_words
from riskengine.language.speaking import say, spoken
from riskengine.measures.estimate import Estimate, estimate_of
from riskengine.mitigation import readings
from riskengine.mitigation.tables import FrontierRow, InformationRow, MitigationTables, OptionRow
from riskengine.model.mitigation import NOTHING, is_affordable
from riskengine.model.spelling import counted
from riskengine.reports.tables.formats import AMOUNT, SHARE, Format
from riskengine.reports.tables.numbers import (
    Money,
    exact,
    in_unit,
    interval,
    short,
    short_percent,
    significant,
    whole_percent,
    with_unit,
)
from riskengine.reports.tables.words import all_said, ended, first_named, listing, the

FIRM = 0.9  #: a choice that is best in this share of worlds is called firm
CHANCE = "prob_loss"  #: the measure that is no amount of money
_few = partial(first_named, most=readings.MOST_TOLD)
UNSAID = (
    "Costs are those of the config. The study forecasts no prices, and does not say when to buy.",
    "Buying moves no market: an option has the same cost and effect however much of it is bought "
    "and whoever else buys.",
    "The study knows no politics: it does not ask whether a purchase can be agreed, provokes an "
    "answer, or makes a ban less likely.",
    "Only the listed options were compared, and each is bought whole or not at all.",
    "The intervals are chance, which more trials narrow. Whether the config is right is another "
    "matter: worlds are guesses with equal weights, and a firm choice is firm among those guesses.",
)


def facts(tables: MitigationTables) -> list[str]:
    """What was compared and played, in sentences without their full stops."""
    options, years = counted(len(tables.options), "option"), counted(tables.years, "year")
    played = f"{counted(tables.played, 'portfolio')} played"
    feasible = f", {counted(tables.feasible, 'feasible portfolio')}" if tables.feasible >= 0 else ""
    trials = f"{tables.trials:,} trials choose and as many others report, seed {tables.seed}"
    kept = f"; only {tables.kept_trials:,} of them can reach the tail"
    costs = f"Money in {unit_words(tables.money)}; costs are present values over {years}"
    rate = f", discounted at {short_percent(tables.discount_rate)}"
    found = [
        f"{say(options)}{say(feasible)}; {say(played)}",
        say(trials) + (say(kept) if tables.kept_trials < tables.trials else ""),
        say(costs) + (say(rate) if tables.discount_rate else ""),
    ]
    worlds = f"{counted(tables.worlds, 'world')} with {counted(tables.world_trials, 'trial')} each"
    found += [say(worlds)] if tables.worlds else []
    return [*found, *(say(f"Required: {limit}") for limit in tables.limits)]


def answer(tables: MitigationTables) -> list[str]:
    """What to buy with each budget, how sure that is, and what stands out among the options."""
    rows = readings.told_rows(tables)
    found = [budget_sentence(tables, row) for row in rows]
    if len(rows) < len(tables.frontier):
        found.append(f"frontier.csv has all {len(tables.frontier):,} budgets.")
    found += readings.limits_missed(tables)
    return [*found, *_firmness(tables, rows), *_options(tables)]


def budget_sentence(tables: MitigationTables, row: FrontierRow) -> str:
    """What to buy with one budget, by how much the loss falls, and how sure the choice is."""
    budget = f"{'With' if tables.has_budgets else 'For'} {budget_text(tables, row.budget)}"
    if not row.portfolio:
        which = "keeps the limits" if readings.limits_missed(tables) else "was found in time"
        return say(f"{budget} no portfolio {which}.")
    if row.portfolio == NOTHING:
        return say(f"{budget} {_nothing(tables, row)}")
    parts = [f"{budget} buy {names(tables, row.portfolio)}: {_effect(tables, row)}."]
    parts += [_rival(tables, row), _worlds(tables, row), _proof(tables, row)]
    return all_said(*filter(None, parts))


def _nothing(tables: MitigationTables, row: FrontierRow) -> str:
    least = readings.cheapest(tables)
    if least is None or is_affordable(least.cost, row.budget):
        return f"buy nothing: no portfolio that it pays for lowers {the(tables.figure)}."
    cost = in_unit(least.cost, tables.money)
    return f"nothing can be bought: the cheapest is {names(tables, least.portfolio)} for {cost}."


def _effect(tables: MitigationTables, row: FrontierRow) -> str:
    """The value before and after, and the difference with its interval."""
    figure, show = the(tables.figure), amounts(tables).text
    if math.isnan(row.value):
        before: float = getattr(tables.nothing, tables.measure)
        change = f"{_verb(row.in_sample - before)} from {show(before)} to {show(row.in_sample)}"
        return say(f"{figure} {change} in the trials that chose it, and no further trials report")
    found = estimate_of(row, "difference")
    size, ends = _size(found, tables)
    doubt = ", which could be chance" if found.holds_zero else ""
    by = f"by {size}, {ends}{doubt}" if ends else f"by {size}"
    before = row.value - row.difference
    return say(f"{figure} {_verb(row.difference)} from {show(before)} to {show(row.value)} ({by})")


def _verb(difference: float) -> str:
    return "rises" if difference > 0.0 else "falls"


def _rival(tables: MitigationTables, row: FrontierRow) -> str:
    """How far the second best is behind, or that it is a tie."""
    if not row.rival:
        return "The budget pays for nothing else." if tables.has_budgets else ""
    rival = names(tables, row.rival)
    found = estimate_of(row, "rival_difference", "rival")
    if math.isnan(found.value):
        return f"Next best: {rival}."
    size, ends = _size(found, tables)
    behind = say(f"{size} {'more' if found.value < 0.0 else 'less'} reduction")
    between = f" ({ends})" if ends else ""
    if found.holds_zero or not found.value:
        better = say(f"; better in {whole_percent(row.rival_better)} of resampled trials")
        odds = "" if math.isnan(row.rival_better) else better
        return f"A tie with {rival}: {behind}{between}{odds}."
    if found.value < 0.0:
        further = f"which in further trials has {behind}{between}"
        return f"Next best: {rival}, {further}: more trials may change the choice."
    return ended(f"{say('Next best: ')}{rival}{spoken().comma}{behind}{between}")


def _worlds(tables: MitigationTables, row: FrontierRow) -> str:
    """In how many worlds the choice is best, and what would make another one right."""
    found = readings.finalist(tables, row)
    if found is None:
        return ""
    if not found.affordable:
        return "In every world it costs more than the budget."
    holds = say(f"The choice holds in {whole_percent(found.best)} of {tables.worlds:,} worlds")
    if found.affordable < 1.0:
        holds += say(f" (the budget pays for it in {whole_percent(found.affordable)})")
    if known := readings.switch(tables, row.budget):
        usual, where = readings.usual(tables, row, known), switch_range(known)
        other, assumption = names(tables, usual or known.switch), known.assumption
        unless = f"; on average over them {other} is better, unless {assumption} is {where}"
        holds += say(unless if usual else f"; it would be {other} if {assumption} were {where}")
    least, show = readings.least_regret(tables, found), amounts(tables).text
    if least is None:
        return ended(holds)
    return ended(holds) + say(
        f" {names(tables, least.portfolio)} has the smallest largest regret: "
        f"{show(least.regret_largest)} where the choice has {show(found.regret_largest)}."
    )


def switch_range(row: InformationRow) -> str:
    """The values of an assumption at which another portfolio is bought; empty if there are none."""
    if not row.switch:
        return ""
    ends = (("below", row.switch_below), ("above", row.switch_above))
    found = [say(f"{word} {short(end)}", "where") for word, end in ends if not math.isnan(end)]
    return say(" or ", "where").join(found) or say("at some of its other values", "where")


def _proof(tables: MitigationTables, row: FrontierRow) -> str:
    """Nothing where the choice is proven; otherwise how much better another one could be."""
    if row.proven:
        return ""
    if row.gap > 0.0:
        by = f"{the(tables.figure)} could be up to {gap_text(row)} lower"
        return f"Not proven best: {by} with an unplayed portfolio."
    if tables.is_monotone:
        return "Not proven best: not every portfolio was played or excluded."
    return (
        "Not proven best: more options raised the loss of some trial, so that a portfolio that "
        "was not played could be better."
    )


def gap_text(row: FrontierRow) -> str:
    """How far the proof reaches, for a cell."""
    if row.proven or not row.portfolio:
        return "yes" if row.portfolio else ""
    return short_percent(row.gap) if row.gap > 0.0 else "no"


def _firmness(tables: MitigationTables, rows: list[FrontierRow]) -> Iterator[str]:
    """How far the choice and its benefit differ between worlds."""
    known = readings.firmness(tables, rows)
    if not known:
        return
    best, row = min(known, key=itemgetter(0))
    share, at = whole_percent(best), budget_text(tables, row.budget)
    if best >= FIRM:
        yield f"What to buy is firm: each choice is best in at least {share} of the worlds."
    else:
        yield f"What to buy depends on the world: with {at} the choice is best in {share} of them."
    row = known[-1][1]
    ends = readings.benefit(tables, row)
    if ends:
        low, high = map(amounts(tables).text, ends)
        yield all_said(
            f"The benefit depends on the world: with {budget_text(tables, row.budget)}",
            f"{the(tables.figure)} falls by {low} to {high} (5th to 95th percentile of worlds).",
        )


def _options(tables: MitigationTables) -> Iterator[str]:
    """Options that do nothing, and options that can make a trial worse."""
    idle = readings.that_are(tables, readings.IDLE)
    helpful = readings.that_are(tables, readings.HELPER)
    if idle:
        verb = "it changes" if len(idle) == 1 else "they change"
        yield f"Nothing is gained by buying {_few(idle)}: {verb} the loss of no trial."
    if helpful:
        verb = "does" if len(helpful) == 1 else "do"
        yield f"{_few(helpful)} {verb} nothing alone, and something together with other options."
    worse = readings.rises(tables)
    if worse:
        most = in_unit(max(worse.values()), tables.money)
        yield f"Buying {_few([*worse])} raises the loss of some trials, by up to {most}."


def option_remark(option: OptionRow) -> str:
    """What to know of an option, short enough for a cell; usually empty."""
    return "; ".join(map(say, readings.remarks(option)))


def information_sentences(tables: MitigationTables) -> list[str]:
    """At each budget, what it would be worth to know the world, or the best assumption alone."""
    found, show = [], amounts(tables).text
    for whole, best in readings.worth_knowing(tables):
        alone = say("no assumption alone is")
        if best is not None:
            alone = say(f"{best.assumption} alone {show(best.value)}", "worth")
        found.append(
            f"With {budget_text(tables, whole.budget)}, knowing which world is true before buying "
            f"would be worth {show(whole.value)} of {the(tables.figure)} on average; {alone}."
        )
    return found


def names(tables: MitigationTables, portfolio: str) -> str:
    """A portfolio within a sentence: its options as a list."""
    is_nothing = portfolio == NOTHING
    return bought(portfolio) if is_nothing else listing(readings.options_of(tables, portfolio))


def bought(portfolio: str) -> str:
    """A portfolio in a cell."""
    return say(portfolio) if portfolio == NOTHING else portfolio or say("no portfolio")


def budget_text(tables: MitigationTables, budget: float) -> str:
    """A budget as it was given, or the cost of a step of the frontier, with its unit."""
    money = Money.told(budget, tables.money)
    figure = money.of(budget)
    return with_unit(exact(figure) if tables.has_budgets else significant(figure), money.unit)


def amounts(tables: MitigationTables) -> Format:
    """How values of the measure are written."""
    return SHARE if tables.measure == CHANCE else AMOUNT


def _size(difference: Estimate, tables: MitigationTables) -> tuple[str, str]:
    """The size of a difference, and the ends of its interval."""
    found = difference.size
    if tables.measure != CHANCE:
        return significant(found.value + 0.0), interval(found)
    points = Estimate(*(100.0 * each + 0.0 for each in found))
    return say(f"{significant(points.value)} percentage points"), interval(points)
