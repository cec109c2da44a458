"""The results of a mitigation study, in sentences for the person who signs for the money."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from operator import itemgetter

import numpy as np

from riskengine.figures.wording import in_sentence
from riskengine.language.money import unit_words
from riskengine.language.speaking import say, spoken
from riskengine.measures.estimate import Estimate, estimate_of
from riskengine.mitigation import readings
from riskengine.mitigation.tables import (
    LIMIT_MISSED,
    FinalistRow,
    FrontierRow,
    InformationRow,
    MitigationTables,
    OptionRow,
)
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
from riskengine.reports.tables.words import all_said, ended, first_named, listing

FIRM = 0.9  #: a choice that is best in this share of worlds is called firm
CHANCE = "prob_loss"  #: the measure that is no amount of money
SIGNS = "Changes are changes of loss: negative is less loss."
CHOSEN = (
    "One set of trials decides, and as many further trials report, so that a choice is not praised "
    "with the trials that it was fitted to. All portfolios play the same trials: a difference "
    "between two of them is known much better than either value."
)
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
    kept = tables.kept_trials < tables.trials
    many = tables.feasible < 0
    feasible = "" if many else say(f", {counted(tables.feasible, 'feasible portfolio')}")
    rate = say(f", discounted at {short_percent(tables.discount_rate)}")
    found = [
        say(f"{counted(len(tables.options), 'option')}")
        + f"{feasible}; "
        + say(f"{counted(tables.played, 'portfolio')} played"),
        say(f"{tables.trials:,} trials choose and as many others report, seed {tables.seed}")
        + (say(f"; only {tables.kept_trials:,} of them can reach the tail") if kept else ""),
        say(
            f"Money in {unit_words(tables.money)}; costs are present values over "
            f"{counted(tables.years, 'year')}"
        )
        + (rate if tables.discount_rate else ""),
    ]
    if tables.worlds:
        worlds = counted(tables.worlds, "world")
        found.append(say(f"{worlds} with {counted(tables.world_trials, 'trial')} each"))
    return [*found, *(say(f"Required: {limit}") for limit in tables.limits)]


def answer(tables: MitigationTables) -> list[str]:
    """What to buy with each budget, how sure that is, and what stands out among the options."""
    rows = readings.told_rows(tables)
    found = [budget_sentence(tables, row) for row in rows]
    if len(rows) < len(tables.frontier):
        found.append(f"frontier.csv has all {len(tables.frontier):,} budgets.")
    found += [notice.message for notice in tables.notices if notice.code == LIMIT_MISSED]
    return [*found, *_firmness(tables, rows), *_options(tables)]


def budget_sentence(tables: MitigationTables, row: FrontierRow) -> str:
    """What to buy with one budget, by how much the loss falls, and how sure the choice is."""
    budget = f"{'With' if tables.has_budgets else 'For'} {budget_text(tables, row.budget)}"
    if not row.portfolio:
        missed = any(notice.code == LIMIT_MISSED for notice in tables.notices)
        which = "keeps the limits" if missed else "was found in time"
        return say(f"{budget} no portfolio {which}.")
    if row.portfolio == NOTHING:
        return say(f"{budget} {_nothing(tables, row)}")
    parts = [f"{budget} buy {names(tables, row.portfolio)}: {_effect(tables, row)}."]
    parts += [_rival(tables, row), _worlds(tables, row), _proof(tables, row)]
    return all_said(*filter(None, parts))


def _nothing(tables: MitigationTables, row: FrontierRow) -> str:
    least = readings.cheapest(tables)
    if least is None or is_affordable(least.cost, row.budget):
        return f"buy nothing: no portfolio that it pays for lowers {the_measure(tables)}."
    cost = in_unit(least.cost, tables.money)
    return f"nothing can be bought: the cheapest is {names(tables, least.portfolio)} for {cost}."


def _effect(tables: MitigationTables, row: FrontierRow) -> str:
    """The value before and after, and the difference with its interval."""
    figure, show = the_measure(tables), amounts(tables).text
    if math.isnan(row.value):
        before: float = getattr(tables.nothing, tables.measure)
        change = f"{_verb(row.in_sample - before)} from {show(before)} to {show(row.in_sample)}"
        return say(f"{figure} {change} in the trials that chose it, and no further trials report")
    found = estimate_of(row, "difference")
    size, ends = _size(found, tables)
    doubt = ", which could be chance" if _holds_zero(found) else ""
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
    if _holds_zero(found) or not found.value:
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
    here = readings.information_at(tables, row.budget)
    known = [each for each in here if each.switch and each.assumption != readings.EVERY_WORLD]
    if known:
        other, where = names(tables, known[0].switch), switch_range(known[0])
        holds += say(f"; it would be {other} if {known[0].assumption} were {where}")
    return f"{ended(holds)}{_least_regret(tables, found)}"


def _least_regret(tables: MitigationTables, choice: FinalistRow) -> str:
    """The finalist with the smallest largest regret, unless it is the choice."""
    least = [each for each in readings.finalists_at(tables, choice.budget) if each.is_minimax]
    if not least or least[0].regret_largest >= choice.regret_largest:
        return ""
    show = amounts(tables).text
    return say(
        f" {names(tables, least[0].portfolio)} has the smallest largest regret: "
        f"{show(least[0].regret_largest)} where the choice has {show(choice.regret_largest)}."
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
    figure = the_measure(tables)
    if row.gap > 0.0:
        room = f"{figure} could be up to {gap_text(row)} lower with an unplayed portfolio"
        return f"Not proven best: {room}."
    if not tables.is_monotone:
        return (
            "Not proven best: more options raised the loss of some trial, so that a portfolio that "
            "was not played could be better."
        )
    return "Not proven best: not every portfolio was played or excluded."


def gap_text(row: FrontierRow) -> str:
    """How far the proof reaches, for a cell."""
    if row.proven or not row.portfolio:
        return "yes" if row.portfolio else ""
    return short_percent(row.gap) if row.gap > 0.0 else "no"


def _firmness(tables: MitigationTables, rows: list[FrontierRow]) -> Iterator[str]:
    """How far the choice and its benefit differ between worlds."""
    found = [(row, readings.finalist(tables, row)) for row in rows if row.portfolio != NOTHING]
    known = [(each.best, row) for row, each in found if each and not math.isnan(each.best)]
    if not known:
        return
    best, row = min(known, key=itemgetter(0))
    share, at = whole_percent(best), budget_text(tables, row.budget)
    if best >= FIRM:
        yield f"What to buy is firm: each choice is best in at least {share} of the worlds."
    else:
        yield f"What to buy depends on the world: with {at} the choice is best in {share} of them."
    row = known[-1][1]
    worth = readings.reductions(tables, row)
    if worth.size:
        low, high = (amounts(tables).text(float(end)) for end in np.quantile(worth, (0.05, 0.95)))
        yield all_said(
            f"The benefit depends on the world: with {budget_text(tables, row.budget)}",
            f"{the_measure(tables)} falls by {low} to {high} (5th to 95th percentile of worlds).",
        )


def _options(tables: MitigationTables) -> Iterator[str]:
    """Options that do nothing, and options that can make a trial worse."""
    still = [each for each in tables.options if not each.changes and readings.can_be_bought(each)]
    idle = [option.option for option in still if readings.does_nothing(option)]
    helpful = [option.option for option in still if not readings.does_nothing(option)]
    if idle:
        verb = "it changes" if len(idle) == 1 else "they change"
        yield f"Nothing is gained by buying {_few(idle)}: {verb} the loss of no trial."
    if helpful:
        verb = "does" if len(helpful) == 1 else "do"
        yield f"{_few(helpful)} {verb} nothing alone, and something together with other options."
    worse = [option for option in tables.options if option.largest_rise > 0.0]
    if worse:
        most = in_unit(max(o.largest_rise for o in worse), tables.money)
        buying = _few([option.option for option in worse])
        yield f"Buying {buying} raises the loss of some trials, by up to {most}."


_few = partial(first_named, most=readings.MOST_TOLD)


def option_remark(option: OptionRow) -> str:
    """What to know of an option, short enough for a cell; usually empty."""
    remarks = {
        "already decided, its cost not counted": option.fixed,
        "ruled out by what is decided": not option.fixed and not readings.can_be_bought(option),
        "does nothing": readings.can_be_bought(option) and readings.does_nothing(option),
        "does nothing alone": readings.can_be_bought(option)
        and not option.changes
        and not readings.does_nothing(option),
        "raises the loss of some trials": option.largest_rise > 0.0,
    }
    return "; ".join(say(words) for words, holds in remarks.items() if holds)


def information_sentences(tables: MitigationTables) -> list[str]:
    """At each budget, what it would be worth to know the world, or the best assumption alone."""
    found = []
    for row in readings.told_rows(tables):
        here, show = readings.information_at(tables, row.budget), amounts(tables).text
        if not here or here[0].assumption != readings.EVERY_WORLD:
            continue
        whole, *parts = here
        alone = say("no assumption alone is")
        if parts and parts[0].value > 0.0:
            alone = say(f"{parts[0].assumption} alone {show(parts[0].value)}", "worth")
        found.append(
            f"With {budget_text(tables, row.budget)}, knowing which world is true before buying "
            f"would be worth {show(whole.value)} of {the_measure(tables)} on average; {alone}."
        )
    return found


def names(tables: MitigationTables, portfolio: str) -> str:
    """A portfolio within a sentence: its options as a list."""
    if portfolio == NOTHING:
        return bought(portfolio)
    parts, known = portfolio.split(" + "), {option.option for option in tables.options}
    return listing(parts) if known.issuperset(parts) else portfolio


def bought(portfolio: str) -> str:
    """A portfolio in a cell."""
    return say(portfolio) if portfolio == NOTHING else portfolio or say("no portfolio")


def budget_text(tables: MitigationTables, budget: float) -> str:
    """A budget as it was given, or the cost of a step of the frontier, with its unit."""
    money = Money.told(budget, tables.money)
    figure = money.of(budget)
    return with_unit(exact(figure) if tables.has_budgets else significant(figure), money.unit)


def measure_words(tables: MitigationTables) -> str:
    """The measure as a heading."""
    words = say(in_sentence(tables.measure, tables.level), "figure")
    return f"{words[0].upper()}{words[1:]}"


def the_measure(tables: MitigationTables) -> str:
    """The measure within a sentence."""
    words = in_sentence(tables.measure, tables.level)
    found = say(words, "figure")
    return f"the {words}" if tables.level is None and found == words else found


def amounts(tables: MitigationTables) -> Format:
    """How values of the measure are written."""
    return SHARE if tables.measure == CHANCE else AMOUNT


def _size(difference: Estimate, tables: MitigationTables) -> tuple[str, str]:
    """The size of a difference without its sign, and the ends of its interval in that direction."""
    turned = Estimate(-difference.value, -difference.upper, -difference.lower)
    found = difference if difference.value > 0.0 else turned
    if tables.measure != CHANCE:
        return significant(found.value + 0.0), interval(found)
    points = Estimate(*(100.0 * each + 0.0 for each in found))
    return say(f"{significant(points.value)} percentage points"), interval(points)


def _holds_zero(difference: Estimate) -> bool:
    return difference.lower <= 0.0 <= difference.upper
