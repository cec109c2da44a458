"""The tables of a mitigation study, each defined once; places choose their columns and rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from riskengine.figures.wording import in_sentence
from riskengine.language.money import unit_words
from riskengine.language.speaking import say, spoken
from riskengine.mitigation import readings
from riskengine.mitigation.tables import (
    BeneficiaryRow,
    FinalistRow,
    FrontierRow,
    InformationRow,
    InteractionRow,
    MitigationTables,
)
from riskengine.reports.mitigation import sentences
from riskengine.reports.tables import looks
from riskengine.reports.tables.formats import AFTER, COUNT, GIVEN, SHARE, TEXT, money
from riskengine.reports.tables.numbers import exact
from riskengine.reports.tables.table import Column, Table, number, origin_table, text, with_ends
from riskengine.reports.tables.table import said as told
from riskengine.reports.tables.words import all_said
from riskengine.reports.xlsx.text import heading_unit

MOST_CELLS = 12  #: options in a heat map: its cells have to hold their figures
MOST_ROWS = 40  #: budgets or options on screen and page
MOST_SHOWN = 8  #: finalists or assumptions of a budget on screen and page
_ALL = 1_000_000_000  #: rows
#: The columns that screen and page show, and the second table of a sheet
CHOICES = ("budget", "portfolio", "cost", "value", "difference", "proven")
RIVALS = ("budget", "portfolio", "rival", "rival_difference", "rival_better", "in_sample",
          "mean", "tvar")  # fmt: skip
EFFECTS = ("option", "cost", "first_in", "last_in", "shapley", "per_money", "budgets")
ON_THE_MEAN = ("option", "first_in_mean", "last_in_mean", "break_even", "worlds", "largest_rise",
               "upfront", "yearly", "recovered", "group", "kind", "remark")  # fmt: skip
NUMBERS = ("switch_below", "switch_above")  #: the page has them in words
BARS = ("first_in", "last_in", "shapley")
SECOND = (
    "Next best: second in the trials that choose. Its difference from the choice, in further "
    "trials, is above 0 where it leaves more loss; the share is that of resampled trials in which "
    "it leaves less. In sample: in the trials that choose."
)
PROVEN = "Proven best: in the trials that choose, given that no unplayed portfolio raises a loss."
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


SHARES = (
    "The shares are those of the mean, which adds up over industries, as TVaR does not; they may "
    "serve to share the cost."
)


def mitigation_lines(tables: MitigationTables) -> list[str]:
    """The title, and what was played."""
    return [tables.title or tables.config, *sentences.facts(tables)]


def mitigation_tables(tables: MitigationTables) -> list[Table]:
    """The tables for the screen; those of worlds only if there are any."""
    found = [
        frontier_table(tables, MOST_ROWS).only(*CHOICES),
        options_table(tables, MOST_ROWS).only(*EFFECTS),
        finalists_table(tables, MOST_SHOWN),
        information_table(tables, MOST_SHOWN).without(*NUMBERS),
    ]
    return [table for table in found if table.rows]


class _Figures:
    """Makes columns of figures in the formats of one study."""

    def __init__(self, tables: MitigationTables):
        losses, costs = (
            money(abs(tables.nothing.mean)),
            max((o.cost for o in tables.options), default=0.0),
        )
        unit = heading_unit(unit_words(tables.money))
        self.cost = partial(number, form=money(costs), unit=unit)
        self.loss = partial(number, form=losses, unit=unit)
        #: of the measure: money, or a chance
        self.effect = (
            partial(number, form=SHARE) if tables.measure == sentences.CHANCE else self.loss
        )
        self.budget = self.cost("budget", "Budget")
        if tables.has_budgets:
            self.budget = replace(self.budget, format=replace(GIVEN, text=exact))


def _between(column: Column, prefix: str | None = None) -> Column:
    """A figure with its interval, whose ends are called by a prefix, or else by the key."""
    return replace(column, value=with_ends(column.key, prefix), has_interval=True)


def _tail(tables: MitigationTables) -> str:
    return say(in_sentence("tvar", tables.level or tables.detail_level), "figure")


# What to buy


def frontier_table(tables: MitigationTables, most: int = _ALL) -> Table:
    """The choice at each budget, its effect, and the second best; rows at even distances."""
    figures, rows = _Figures(tables), readings.evenly(tables.frontier, most)
    return Table(
        key="Frontier",
        title=f"What to buy with each budget, {unit_words(tables.money)} (95 % interval)",
        columns=[
            figures.budget,
            text("portfolio", "Buy", lambda row: sentences.bought(row.portfolio), AFTER),
            figures.cost("cost", "Cost"),
            _between(figures.effect("value", sentences.measure_words(tables)), ""),
            _between(figures.effect("difference", "Change from nothing")),
            told("proven", "Proven best", _proven, AFTER),
            text("rival", "Next best", lambda row: _other(row.rival), AFTER),
            _between(figures.effect("rival_difference", "Next best less this"), "rival"),
            number("rival_better", "Next best is better", form=SHARE),
            figures.effect("in_sample", f"{sentences.measure_words(tables)}, in sample"),
            figures.loss("mean", "Mean"),
            figures.loss("tvar", _tail(tables)),
        ],
        rows=rows,
        remark=say(PROVEN) + _rest(rows, tables.frontier, "frontier.csv"),
        called=lambda row: exact(row.budget).replace(",", ""),
    )


def _other(portfolio: str) -> str:
    return sentences.bought(portfolio) if portfolio else ""


def _proven(row: FrontierRow) -> str:
    found = sentences.gap_text(row)
    return f"within {found}" if "%" in found else found


# What each option does


def options_table(tables: MitigationTables, most: int = _ALL) -> Table:
    """What each option costs and does, in the order of the config."""
    figures, rows = _Figures(tables), readings.leading_options(tables, most)
    return Table(
        key="Options",
        title=f"What each option does to {say(in_sentence(tables.measure, tables.level), 'figure')}"
        f", {unit_words(tables.money)} (95 % interval)",
        columns=[
            text("option", "Option"),
            figures.cost("cost", "Cost"),
            _between(figures.effect("first_in", "First in")),
            _between(figures.effect("last_in", "Last in")),
            figures.effect("shapley", "Shapley"),
            figures.effect("shapley_error", "Shapley, standard error"),
            number("per_money", "Per cost"),
            number("budgets", "Budgets that buy it", form=COUNT),
            text("remark", "Remark", sentences.option_remark, AFTER),
            _between(figures.loss("first_in_mean", "Mean, first in")),
            _between(figures.loss("last_in_mean", "Mean, last in")),
            figures.cost("break_even", "Break-even cost"),
            number("worlds", "Worlds that buy it", form=SHARE),
            figures.loss("largest_rise", "Largest rise of a trial"),
            *(figures.cost(key, words) for key, words in
              {"upfront": "Up front", "yearly": "Yearly", "recovered": "Recovered"}.items()),
            text("group", "Group", form=AFTER),
            text("kind", "Kind", form=AFTER),
        ],
        rows=rows,
        remark=all_said(sentences.SIGNS, ABOUT_EFFECTS)
        + _rest(rows, tables.options, "options.csv"),
    )  # fmt: skip


def break_even_words(tables: MitigationTables) -> str:
    """What a break-even cost is, and that it counts the mean of a year for each year of costs."""
    words = "Break-even cost: the present value of the mean loss that an option saves alone."
    if math.isclose(365.0 * tables.years, tables.horizon_days):
        return words
    return all_said(
        words,
        f"Losses are those of {tables.horizon_days:,g} days and costs those of "
        f"{tables.years} years, so it counts the mean of a year once for each of them, discounted "
        "as costs are. No other figure does.",
    )


def synergies_table(tables: MitigationTables, most: int) -> Table:
    """Pairs of options, the strongest synergy first; at most `most` of them."""
    rows = sorted(tables.interactions, key=lambda row: -abs(row.synergy))
    more = say(f" interactions.csv has all {len(rows):,} pairs.") if len(rows) > most else ""
    return Table(
        key="Pairs",
        title=f"Options in pairs, {unit_words(tables.money)} (95 % interval)",
        columns=[
            text("first", "One"),
            text("second", "Other"),
            _between(_Figures(tables).effect("synergy", "Synergy"), ""),
            told("words", "They are", _pair_words, AFTER),
        ],
        rows=rows[:most],
        remark=f"{say(SYNERGY)}{more}",
    )


def _pair_words(row: InteractionRow) -> str:
    if row.lower <= 0.0 <= row.upper:
        return "neither, within chance" if row.upper > row.lower else "independent"
    return "complements" if row.synergy > 0.0 else "substitutes"


def synergy_grid(tables: MitigationTables) -> Table:
    """The synergy of each pair in rows and columns; blank where two cannot stand together."""
    kept, found = readings.strongest_synergies(tables, MOST_CELLS)

    def column(place: int, second: str) -> Column:
        cell = _Figures(tables).effect(f"c{place}", second)
        return replace(cell, value=lambda first: found.get((first, second)), unit="")

    head = text("option", "Option", str, TEXT.looking(looks.STRONG))
    cells = [column(place, name) for place, name in enumerate(kept)]
    return Table(key="Synergies", columns=[head, *cells], rows=kept if found else [])


# How sure the choice is, and who benefits


def finalists_table(tables: MitigationTables, most: int = _ALL) -> Table:
    """The finalists over all worlds; or at most so many at each budget that has a sentence."""
    rows = tables.finalists if most == _ALL else readings.leading_finalists(tables, most)
    chosen = readings.chosen_at_budgets(tables)

    def remark(row: FinalistRow) -> str:
        marks = {
            "chosen": (row.budget, row.portfolio) in chosen,
            "least regret": row.is_minimax,
            "best on average": row.is_best_on_average,
        }
        return spoken().comma.join(say(words) for words, holds in marks.items() if holds)

    figures = _Figures(tables)
    return Table(
        key="Regret",
        title=f"Finalists over {tables.worlds:,} worlds, {unit_words(tables.money)}",
        columns=[
            figures.budget,
            text("portfolio", "Portfolio", lambda row: _other(row.portfolio), AFTER),
            number("affordable", "Affordable in", form=SHARE),
            number("best", "Best in", form=SHARE),
            figures.effect("value", f"{sentences.measure_words(tables)}, mean"),
            figures.effect("regret", "Regret, mean"),
            figures.effect("regret_95", "95th percentile"),
            figures.effect("regret_largest", "Largest"),
            text("remark", "Remark", remark, AFTER),
        ],
        rows=rows,
        remark=all_said(REGRET, "Least regret: the largest regret is the smallest.")
        + _rest(rows, tables.finalists, "finalists.csv"),
    )


def information_table(tables: MitigationTables, most: int = _ALL) -> Table:
    """What it would be worth to know each assumption; or so many at each budget with a sentence."""
    rows = tables.information if most == _ALL else readings.leading_information(tables, most)
    figures = _Figures(tables)

    def known(row: InformationRow) -> str:
        return say("the world") if row.assumption == readings.EVERY_WORLD else row.assumption

    return Table(
        key="Information",
        title=f"What knowledge would be worth, {unit_words(tables.money)}",
        columns=[
            figures.budget,
            text("assumption", "To know", known, AFTER),
            figures.effect("value", f"Lowers {sentences.measure_words(tables)} by"),
            text("switch", "Another choice", lambda row: _other(row.switch), AFTER),
            text("where", "Where it is", sentences.switch_range, AFTER),
            number("switch_below", "Below", form=GIVEN),
            number("switch_above", "Above", form=GIVEN),
        ],
        rows=rows,
        remark=say(INFORMATION) + _rest(rows, tables.information, "information.csv"),
    )


def _rest(rows: Sequence[object], every: Sequence[object], file: str) -> str:
    return say(f" {file} has all rows.") if len(rows) < len(every) else ""


def beneficiaries_table(tables: MitigationTables, rows: Sequence[BeneficiaryRow]) -> Table:
    """By how much the loss of each industry changes under portfolios of the frontier."""
    figures = _Figures(tables)
    return Table(
        key="Beneficiaries",
        title=f"Who benefits, {unit_words(tables.money)} (95 % interval)",
        columns=[
            text("portfolio", "Portfolio", lambda row: _other(row.portfolio)),
            text("industry", "Industry"),
            _between(figures.loss("mean", "Change of the mean")),
            _between(figures.loss("tvar", f"Change of its own {_tail(tables)}")),
            number("share", "Share of the reduction", form=SHARE),
        ],
        rows=rows,
        remark=all_said(sentences.SIGNS, SHARES)
        + _rest(rows, tables.beneficiaries, "beneficiaries.csv"),
    )


def mitigation_origin(tables: MitigationTables) -> Table:
    """The inputs from which the figures were made."""
    rows = [("Config", tables.config), *(("Study", each) for each in sentences.facts(tables))]
    remark = (
        "The same config, seed and trials give the same figures to the bit. A trial with nothing "
        "and with a portfolio side by side: riskengine explain FOLDER --at var99 --with PORTFOLIO. "
        "A portfolio as a config to run or sweep: riskengine mitigate CONFIG --write PORTFOLIO "
        "FILE."
    )
    return origin_table("About", rows, remark)
