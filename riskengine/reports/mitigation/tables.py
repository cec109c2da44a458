"""The tables of a mitigation study, each defined once; places choose their columns and rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from riskengine.language.money import unit_words
from riskengine.language.speaking import say, spoken
from riskengine.mitigation import readings
from riskengine.mitigation.tables import (
    MEANING,
    BeneficiaryRow,
    FinalistRow,
    FrontierRow,
    InformationRow,
    MitigationTables,
)
from riskengine.reports.mitigation import sentences
from riskengine.reports.tables import looks
from riskengine.reports.tables.formats import AFTER, COUNT, GIVEN, SHARE, TEXT, money
from riskengine.reports.tables.numbers import exact
from riskengine.reports.tables.table import Column, Table, number, origin_table, text, with_ends
from riskengine.reports.tables.table import said as told
from riskengine.reports.tables.words import all_said, figure_heading
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


def unit_of(tables: MitigationTables) -> str:
    """The unit of money, short enough for the heading of a column."""
    return heading_unit(unit_words(tables.money))


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
        unit = unit_of(tables)
        costs = money(max((option.cost for option in tables.options), default=0.0))
        budgets = replace(GIVEN, text=exact) if tables.has_budgets else costs
        self.budget = number("budget", "Budget", form=budgets, unit=unit)
        self.cost = partial(number, form=costs, unit=unit)
        self.loss = partial(number, form=money(abs(tables.nothing.mean)), unit=unit)
        is_chance = tables.measure == sentences.CHANCE
        self.effect = partial(number, form=SHARE) if is_chance else self.loss  #: of the measure


def _between(column: Column, prefix: str | None = None) -> Column:
    """A figure with its interval, whose ends are called by a prefix, or else by the key."""
    return replace(column, value=with_ends(column.key, prefix), has_interval=True)


def _about(tables: MitigationTables, rows: Sequence[object], file: str, *meanings: str) -> str:
    """What the figures of a table mean, and in which file all rows are where these are some."""
    words = all_said(*(MEANING[each] for each in meanings))
    is_whole = len(rows) == len(getattr(tables, file))
    return words if is_whole else words + say(f" {file}.csv has all rows.")


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
            _between(figures.effect("value", figure_heading(tables.figure)), ""),
            _between(figures.effect("difference", "Change from nothing")),
            told("proven", "Proven best", _proven, AFTER),
            text("rival", "Next best", lambda row: _other(row.rival), AFTER),
            _between(figures.effect("rival_difference", "Next best less this"), "rival"),
            number("rival_better", "Next best is better", form=SHARE),
            figures.effect("in_sample", f"{figure_heading(tables.figure)}, in sample"),
            figures.loss("mean", "Mean"),
            figures.loss("tvar", say(tables.own_tail.words, "figure")),
        ],
        rows=rows,
        remark=_about(tables, rows, "frontier", "proven"),
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
        title=f"What each option does to {say(tables.figure.words, 'figure')}"
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
        remark=_about(tables, rows, "options", "signs", "effects"),
    )  # fmt: skip


def break_even_words(tables: MitigationTables) -> str:
    """What a break-even cost is, and that it counts the mean of a year for each year of costs."""
    if math.isclose(365.0 * tables.years, tables.horizon_days):
        return MEANING["break-even"]
    return all_said(
        MEANING["break-even"],
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
            told("words", "They are", readings.kind_of_pair, AFTER),
        ],
        rows=rows[:most],
        remark=f"{say(MEANING['synergy'])}{more}",
    )


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

    def remark(row: FinalistRow) -> str:
        return spoken().comma.join(map(say, readings.marks(tables, row)))

    figures = _Figures(tables)
    return Table(
        key="Regret",
        title=f"Finalists over {tables.worlds:,} worlds, {unit_words(tables.money)}",
        columns=[
            figures.budget,
            text("portfolio", "Portfolio", lambda row: _other(row.portfolio), AFTER),
            number("affordable", "Affordable in", form=SHARE),
            number("best", "Best in", form=SHARE),
            figures.effect("value", f"{figure_heading(tables.figure)}, mean"),
            figures.effect("regret", "Regret, mean"),
            figures.effect("regret_95", "95th percentile"),
            figures.effect("regret_largest", "Largest"),
            text("remark", "Remark", remark, AFTER),
        ],
        rows=rows,
        remark=_about(tables, rows, "finalists", "regret", "least regret"),
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
            figures.effect("value", f"Lowers {figure_heading(tables.figure)} by"),
            text("switch", "Another choice", lambda row: _other(row.switch), AFTER),
            text("where", "Where it is", sentences.switch_range, AFTER),
            number("switch_below", "Below", form=GIVEN),
            number("switch_above", "Above", form=GIVEN),
        ],
        rows=rows,
        remark=_about(tables, rows, "information", "information"),
    )


def beneficiaries_table(tables: MitigationTables, rows: Sequence[BeneficiaryRow]) -> Table:
    """By how much the loss of each industry changes under portfolios of the frontier."""
    figures, tail = _Figures(tables), say(tables.own_tail.words, "figure")
    return Table(
        key="Beneficiaries",
        title=f"Who benefits, {unit_words(tables.money)} (95 % interval)",
        columns=[
            text("portfolio", "Portfolio", lambda row: _other(row.portfolio)),
            text("industry", "Industry"),
            _between(figures.loss("mean", "Change of the mean")),
            _between(figures.loss("tvar", f"Change of its own {tail}")),
            number("share", "Share of the reduction", form=SHARE),
        ],
        rows=rows,
        remark=_about(tables, rows, "beneficiaries", "signs", "shares"),
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
