"""The tables of a mitigation study, each defined once; places choose their columns and rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

from riskengine.figures.wording import in_sentence
from riskengine.measures.estimate import Estimate
from riskengine.mitigation.readings import (
    EVERY_WORLD,
    evenly,
    finalists_at,
    information_at,
    strongest,
)
from riskengine.mitigation.tables import (
    FinalistRow,
    FrontierRow,
    InformationRow,
    InteractionRow,
    MitigationTables,
)
from riskengine.reports.mitigation.sentences import (
    CHANCE,
    SIGNS,
    facts,
    gap_text,
    measure_words,
    option_remark,
    switch_range,
    told_rows,
)
from riskengine.reports.tables import looks
from riskengine.reports.tables.formats import AFTER, COUNT, GIVEN, SHARE, TEXT, money
from riskengine.reports.tables.numbers import abridged, exact
from riskengine.reports.tables.table import Column, Table, estimate, number, origin_table, text
from riskengine.reports.xlsx.text import one_line

MOST_CELLS = 12  #: options in a heat map: its cells have to hold their figures
_MOST_ROWS = 40  #: budgets or options on screen and page
_MOST_SHOWN = 8  #: finalists or assumptions of a budget on screen and page
_LONGEST_UNIT = 40
#: The columns that screen and page show, and the second table of a sheet
CHOICES = ("budget", "portfolio", "cost", "value", "difference", "proven")
RIVALS = ("budget", "portfolio", "rival", "rival_difference", "rival_better", "in_sample",
          "mean", "tvar")  # fmt: skip
EFFECTS = ("option", "cost", "first_in", "last_in", "shapley", "per_money", "budgets")
ON_THE_MEAN = ("option", "first_in_mean", "last_in_mean", "break_even", "worlds", "largest_rise",
               "upfront", "yearly", "recovered", "group", "kind", "remark")  # fmt: skip
BARS = ("first_in", "last_in", "shapley")
SECOND = (
    "Next best: second in the trials that choose. Its difference from the choice, in further "
    "trials, is above 0 where it leaves more loss; the share is that of resampled trials in which "
    "it leaves less. In sample: in the trials that choose."
)
ABOUT_EFFECTS = (
    "First in: bought alone, with what it requires. Last in: added to everything else that can "
    "stand with it. Shapley: its average effect over all orders in which options can be bought. "
    "Per cost: first in, for each unit of money."
)
SYNERGY = (
    "Synergy: what two options reduce together, less the sum of what each reduces alone. Above 0 "
    "they are complements, which are worth more together; below 0 they are substitutes."
)
REGRET = (
    "Regret in a world: how much higher the loss is than with the finalist that is best there and "
    "that the budget pays for. All worlds count alike."
)
INFORMATION = (
    "How much lower the loss would be on average if this were known before buying. Only what may "
    "change the choice is worth something."
)


def mitigation_lines(tables: MitigationTables) -> list[str]:
    """The title, and what was played."""
    return [tables.title or tables.config, *facts(tables)]


def mitigation_tables(tables: MitigationTables) -> list[Table]:
    """The tables for the screen; those of worlds only if there are any."""
    found = [
        leading_choices(tables).only(*CHOICES),
        leading_options(tables).only(*EFFECTS),
        leading_finalists(tables),
        leading_information(tables),
    ]
    return [table for table in found if table.rows]


class _Figures:
    """Columns of figures in the formats of one study."""

    def __init__(self, tables: MitigationTables):
        self._unit = unit_of(tables)
        self._is_chance = tables.measure == CHANCE
        self._losses = money(abs(tables.nothing.mean))
        self._costs = money(max((option.cost for option in tables.options), default=0.0))
        self.budget = number("budget", "Budget", form=self._costs, unit=self._unit)
        if tables.has_budgets:
            self.budget = replace(self.budget, format=replace(GIVEN, text=exact))

    def cost(self, key: str, heading: str) -> Column:
        return number(key, heading, form=self._costs, unit=self._unit)

    def loss(self, key: str, heading: str) -> Column:
        return number(key, heading, form=self._losses, unit=self._unit)

    def loss_estimate(self, key: str, heading: str) -> Column:
        return estimate(key, heading, _ends(key, key), self._losses, unit=self._unit)

    def effect(self, key: str, heading: str) -> Column:
        """A figure of the measure: money, or a chance."""
        return number(key, heading, form=SHARE) if self._is_chance else self.loss(key, heading)

    def effect_estimate(self, key: str, heading: str, ends: str | None = None) -> Column:
        """The same with its interval, whose ends are called by `ends`, or else by the key."""
        take = _ends(key, key if ends is None else ends)
        return replace(self.effect(key, heading), value=take, has_interval=True)


def _ends(key: str, prefix: str) -> Callable[[Any], Estimate]:
    take = attrgetter(key, *(f"{prefix}_{end}" if prefix else end for end in ("lower", "upper")))
    return lambda row: Estimate(*take(row))


def unit_of(tables: MitigationTables) -> str:
    """The unit of money, short enough for a heading."""
    return abridged(one_line(tables.money), _LONGEST_UNIT)


def _tail(tables: MitigationTables) -> str:
    return in_sentence("tvar", tables.level or tables.detail_level)


# What to buy


def frontier_table(tables: MitigationTables) -> Table:
    """The choice at each budget, its effect, and the second best."""
    figures = _Figures(tables)
    return Table(
        key="Frontier",
        title=f"What to buy with each budget, {tables.money} (95 % interval)",
        columns=[
            figures.budget,
            text("portfolio", "Buy", lambda row: row.portfolio or "no portfolio", AFTER),
            figures.cost("cost", "Cost"),
            figures.effect_estimate("value", measure_words(tables), ""),
            figures.effect_estimate("difference", "Change from nothing"),
            text("proven", "Proven best", _proven, AFTER),
            text("rival", "Next best", form=AFTER),
            figures.effect_estimate("rival_difference", "Next best less this", "rival"),
            number("rival_better", "Next best is better", form=SHARE),
            figures.effect("in_sample", f"{measure_words(tables)}, in sample"),
            figures.loss("mean", "Mean"),
            figures.loss("tvar", _tail(tables)),
        ],
        rows=tables.frontier,
        remark="Proven best: in the trials that choose, given that no unplayed portfolio raises "
        "a loss.",
    )


def leading_choices(tables: MitigationTables) -> Table:
    """The frontier for screen and page: all of it, or rows at even distances."""
    table = replace(frontier_table(tables), rows=evenly(tables.frontier, _MOST_ROWS))
    return _noted(table, len(tables.frontier), "frontier.csv")


def _proven(row: FrontierRow) -> str:
    found = gap_text(row)
    return f"within {found}" if "%" in found else found


# What each option does


def options_table(tables: MitigationTables) -> Table:
    """What each option costs and does, in the order of the config."""
    figures = _Figures(tables)
    return Table(
        key="Options",
        title=f"What each option does to {in_sentence(tables.measure, tables.level)}, "
        f"{tables.money} (95 % interval)",
        columns=[
            text("option", "Option"),
            figures.cost("cost", "Cost"),
            figures.effect_estimate("first_in", "First in"),
            figures.effect_estimate("last_in", "Last in"),
            figures.effect("shapley", "Shapley"),
            figures.effect("shapley_error", "Shapley, standard error"),
            number("per_money", "Per cost"),
            number("budgets", "Budgets that buy it", form=COUNT),
            text("remark", "Remark", option_remark, AFTER),
            figures.loss_estimate("first_in_mean", "Mean, first in"),
            figures.loss_estimate("last_in_mean", "Mean, last in"),
            figures.cost("break_even", "Break-even cost"),
            number("worlds", "Worlds that buy it", form=SHARE),
            figures.loss("largest_rise", "Largest rise of a trial"),
            *(figures.cost(key, words) for key, words in
              {"upfront": "Up front", "yearly": "Yearly", "recovered": "Recovered"}.items()),
            text("group", "Group", form=AFTER),
            text("kind", "Kind", form=AFTER),
        ],
        rows=tables.options,
        remark=f"{SIGNS} {ABOUT_EFFECTS}",
    )  # fmt: skip


def leading_options(tables: MitigationTables) -> Table:
    """The options for screen and page: all, or the most useful and those that are decided."""
    if len(tables.options) <= _MOST_ROWS:
        return options_table(tables)
    kept = {option.option for option in strongest(tables, _MOST_ROWS)}
    rows = [option for option in tables.options if option.fixed or option.option in kept]
    return _noted(replace(options_table(tables), rows=rows), len(tables.options), "options.csv")


def break_even_words(tables: MitigationTables) -> str:
    """What a break-even cost is, and that it counts the mean of a year for each year of costs."""
    words = "Break-even cost: the present value of the mean loss that an option saves alone."
    if math.isclose(365.0 * tables.years, tables.horizon_days):
        return words
    return (
        f"{words} Losses are those of {tables.horizon_days:,g} days and costs those of "
        f"{tables.years} years, so it counts the mean of a year once for each of them, discounted "
        "as costs are. No other figure does."
    )


def synergies_table(tables: MitigationTables, most: int) -> Table:
    """Pairs of options, the strongest synergy first; at most `most` of them."""
    rows = sorted(tables.interactions, key=lambda row: -abs(row.synergy))
    more = f" interactions.csv has all {len(rows):,} pairs." if len(rows) > most else ""
    return Table(
        key="Pairs",
        title=f"Options in pairs, {tables.money} (95 % interval)",
        columns=[
            text("first", "One"),
            text("second", "Other"),
            _Figures(tables).effect_estimate("synergy", "Synergy", ""),
            text("words", "They are", _pair_words, AFTER),
        ],
        rows=rows[:most],
        remark=f"{SYNERGY}{more}",
    )


def _pair_words(row: InteractionRow) -> str:
    if row.lower <= 0.0 <= row.upper:
        return "neither, within chance" if row.upper > row.lower else "independent"
    return "complements" if row.synergy > 0.0 else "substitutes"


def synergy_grid(tables: MitigationTables) -> Table:
    """The synergy of each pair in rows and columns; blank where two cannot stand together."""
    found = {(row.first, row.second): row.synergy for row in tables.interactions}
    found |= {(second, first): synergy for (first, second), synergy in found.items()}
    size = {option.option: 0.0 for option in tables.options}
    for (first, _), synergy in found.items():
        size[first] = max(size[first], abs(synergy))
    strongest = sorted(size, key=lambda name: -size[name])[:MOST_CELLS]
    kept = [name for name in size if name in strongest]

    def column(place: int, second: str) -> Column:
        cell = _Figures(tables).effect(f"c{place}", second)
        return replace(cell, value=lambda first: found.get((first, second)), unit="")

    head = text("option", "Option", str, TEXT.looking(looks.STRONG))
    cells = [column(place, name) for place, name in enumerate(kept)]
    return Table(key="Synergies", columns=[head, *cells], rows=kept if found else [])


# How sure the choice is, and who benefits


def finalists_table(tables: MitigationTables, rows: Sequence[FinalistRow]) -> Table:
    """Some finalists at their budgets, over all worlds."""
    chosen = {(row.budget, row.portfolio) for row in tables.frontier}

    def remark(row: FinalistRow) -> str:
        marks = {
            "chosen": (row.budget, row.portfolio) in chosen,
            "least regret": row.is_minimax,
            "best on average": row.is_best_on_average,
        }
        return ", ".join(words for words, holds in marks.items() if holds)

    figures = _Figures(tables)
    return Table(
        key="Regret",
        title=f"Finalists over {tables.worlds:,} worlds, {tables.money}",
        columns=[
            figures.budget,
            text("portfolio", "Portfolio", form=AFTER),
            number("affordable", "Affordable in", form=SHARE),
            number("best", "Best in", form=SHARE),
            figures.effect("value", f"{measure_words(tables)}, mean"),
            figures.effect("regret", "Regret, mean"),
            figures.effect("regret_95", "95th percentile"),
            figures.effect("regret_largest", "Largest"),
            text("remark", "Remark", remark, AFTER),
        ],
        rows=rows,
        remark=f"{REGRET} Least regret: the largest regret is the smallest.",
    )


def leading_finalists(tables: MitigationTables) -> Table:
    """The choice and the finalists with the least regret, for screen and page."""

    chosen = {(row.budget, row.portfolio) for row in tables.frontier}

    def rank(row: FinalistRow) -> tuple[bool, bool, bool, float]:
        is_chosen = (row.budget, row.portfolio) in chosen
        return not is_chosen, not row.is_minimax, not row.is_best_on_average, row.regret

    found = [sorted(finalists_at(tables, row.budget), key=rank) for row in told_rows(tables)]
    rows = [each for here in found for each in here[:_MOST_SHOWN]]
    return _noted(finalists_table(tables, rows), len(tables.finalists), "finalists.csv")


def information_table(tables: MitigationTables, rows: Sequence[InformationRow]) -> Table:
    """What it would be worth to know some assumptions at their budgets."""
    figures = _Figures(tables)
    return Table(
        key="Information",
        title=f"What knowledge would be worth, {tables.money}",
        columns=[
            figures.budget,
            text("assumption", "To know", _assumption, AFTER),
            figures.effect("value", f"Lowers {measure_words(tables)} by"),
            text("switch", "Another choice", form=AFTER),
            text("where", "Where it is", switch_range, AFTER),
            number("switch_below", "Below", form=GIVEN),
            number("switch_above", "Above", form=GIVEN),
        ],
        rows=rows,
        remark=INFORMATION,
    )


def leading_information(tables: MitigationTables) -> Table:
    """The assumptions that are worth most at each budget, for screen and page."""
    found = [information_at(tables, row.budget)[:_MOST_SHOWN] for row in told_rows(tables)]
    rows = [each for here in found for each in here]
    table = information_table(tables, rows).without("switch_below", "switch_above")
    return _noted(table, len(tables.information), "information.csv")


def _assumption(row: InformationRow) -> str:
    return "the world" if row.assumption == EVERY_WORLD else row.assumption


def _noted(table: Table, rows: int, file: str) -> Table:
    more = f" {file} has all rows." if len(table.rows) < rows else ""
    return replace(table, remark=f"{table.remark}{more}")


def leading_beneficiaries(tables: MitigationTables) -> Table:
    """Who benefits from the choices that have a sentence, for the page."""
    told = {row.portfolio for row in told_rows(tables)}
    rows = [row for row in tables.beneficiaries if row.portfolio in told]
    table = replace(beneficiaries_table(tables), rows=rows)
    return _noted(table, len(tables.beneficiaries), "beneficiaries.csv")


def beneficiaries_table(tables: MitigationTables) -> Table:
    """By how much the loss of each industry changes under each portfolio of the frontier."""
    figures = _Figures(tables)
    return Table(
        key="Beneficiaries",
        title=f"Who benefits, {tables.money} (95 % interval)",
        columns=[
            text("portfolio", "Portfolio"),
            text("industry", "Industry"),
            figures.loss_estimate("mean", "Change of the mean"),
            figures.loss_estimate("tvar", f"Change of its own {_tail(tables)}"),
            number("share", "Share of the reduction", form=SHARE),
        ],
        rows=tables.beneficiaries,
        remark=f"{SIGNS} The shares are those of the mean, which adds up over industries, as TVaR "
        "does not; they may serve to share the cost.",
    )


def mitigation_origin(tables: MitigationTables) -> Table:
    """The inputs from which the figures were made."""
    rows = [("Config", tables.config), *(("Study", each) for each in facts(tables))]
    remark = (
        "The same config, seed and trials give the same figures to the bit. A trial with nothing "
        "and with a portfolio side by side: riskengine explain FOLDER --at var99 --with PORTFOLIO. "
        "A portfolio as a config to run or sweep: riskengine mitigate CONFIG --write PORTFOLIO "
        "FILE."
    )
    return origin_table("About", rows, remark)
