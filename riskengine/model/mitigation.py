"""What a mitigation chooses from: options with their costs, and what a portfolio must keep.

A portfolio is a set of options, written as the sorted tuple of their positions in
`Mitigation.options`. Options that are fixed belong to every portfolio and are never written.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MEAN, VAR, TVAR, PROB_LOSS = "mean", "var", "tvar", "prob_loss"
MEASURES = (MEAN, VAR, TVAR, PROB_LOSS)
AT_LEVEL = (VAR, TVAR)  #: measures with a confidence level

NOTHING = "nothing"  #: the name of the portfolio without options
JOINED = " + "  #: between the names of a portfolio's options
SLACK = 1e-12  #: relative: a portfolio is affordable up to this much above the budget

Path = tuple[str, ...]
Portfolio = tuple[int, ...]  #: rising positions of options that are not fixed


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What an option costs, in the money of the config."""

    upfront: float = 0.0  #: at time 0
    yearly: float = 0.0  #: at the end of each year
    recovered: float = 0.0  #: at the end of the last year

    def present_value(self, years: int, discount_rate: float) -> float:
        """The value at time 0 of all that is paid and recovered.

        Parameters
        ----------
        years : int
            Years over which yearly costs are counted, at least 1.
        discount_rate : float
            Per year, in [0, 1].

        Examples
        --------
        >>> round(Cost(upfront=100.0, yearly=11.0, recovered=60.5).present_value(2, 0.1), 6)
        69.090909
        >>> Cost(upfront=1.0, yearly=0.5).present_value(10, 0.0)
        6.0
        """
        growth = 1.0 + discount_rate
        paid = (self.yearly * growth**-year for year in range(1, years + 1))
        return math.fsum((self.upfront, *paid, -self.recovered * growth**-years))

    def scaled(self, units: float) -> Cost:
        """The cost of so many units."""
        return Cost(
            upfront=self.upfront * units,
            yearly=self.yearly * units,
            recovered=self.recovered * units,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing that can be bought or decided."""

    name: str
    cost: Cost
    present_value: float  #: of `cost`, at least 0; what counts against a budget
    sets: tuple[tuple[Path, Any], ...] = ()  #: paths of the config, and the value that each takes
    adds: tuple[tuple[Path, float], ...] = ()  #: paths, and what is added to the number there
    group: str | None = None  #: at most one option of a group is in a portfolio
    excludes: tuple[str, ...] = ()  #: names of options that cannot stand beside it
    requires: tuple[str, ...] = ()  #: names of options without which it cannot stand
    fixed: bool = False  #: decided already: in every portfolio, its cost not counted
    kind: str = ""
    note: str = ""
    source: str = ""
    status: str = ""

    @property
    def paths(self) -> tuple[Path, ...]:
        """All paths that it changes."""
        return tuple(path for path, _ in (*self.sets, *self.adds))

    def rules_out(self, other: Option) -> bool:
        """Whether no portfolio may have both: a common group, or one excludes the other."""
        is_grouped = self.group is not None and self.group == other.group
        return is_grouped or other.name in self.excludes or self.name in other.excludes


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """A limit that a portfolio must keep: a measure of a loss is at most `at_most`."""

    name: str  #: as the config writes it
    measure: str  #: one of `MEASURES`
    level: float | None  #: of var and tvar; None for the others
    industry: str | None  #: None for the total loss
    at_most: float  #: money, or a probability


@dataclass(frozen=True, slots=True, kw_only=True)
class Mitigation:
    """What is to be reduced, for how much money, by which options."""

    measure: str  #: of the total loss, one of `MEASURES`
    level: float  #: of var and tvar, whether or not one of them is the measure
    budgets: tuple[float, ...] | None  #: rising; None asks for the whole frontier
    years: int  #: over which yearly costs are counted
    discount_rate: float
    limits: tuple[Requirement, ...]
    options: tuple[Option, ...]  #: in the order of the config, the steps of ranges last
    worlds: str | None = None  #: the file of the worlds, relative to the folder of the config

    @property
    def free(self) -> tuple[int, ...]:
        """Positions of the options that a portfolio may have."""
        return tuple(place for place, option in enumerate(self.options) if not option.fixed)

    @property
    def costs(self) -> tuple[float, ...]:
        """The present value of each option; 0 for those that are fixed."""
        return tuple(0.0 if option.fixed else option.present_value for option in self.options)

    @property
    def places(self) -> dict[str, int]:
        """The position of each option by its name."""
        return {option.name: place for place, option in enumerate(self.options)}

    def name_of(self, portfolio: Sequence[int]) -> str:
        """The names of a portfolio's options joined by " + "; "nothing" for none."""
        return JOINED.join(self.options[place].name for place in portfolio) or NOTHING


def cost_of(portfolio: Sequence[int], costs: Sequence[float]) -> float:
    """What a portfolio costs: the sum of its options' costs, in the order of the config.

    Parameters
    ----------
    portfolio : sequence of int
    costs : sequence of float
        Of each option of the mitigation, such as `Mitigation.costs`.
    """
    total = 0.0
    for place in sorted(portfolio):
        total += costs[place]
    return total


def is_affordable(cost: float, budget: float) -> bool:
    """Whether a cost is within a budget, up to rounding."""
    return cost <= budget * (1.0 + SLACK)


class Rules:
    """Which options may stand together, as positions: groups, excludes and requires.

    Options that are fixed are in every portfolio. What they rule out never stands, and what
    requires them needs nothing further.
    """

    def __init__(self, mitigation: Mitigation):
        options, places = mitigation.options, mitigation.places
        fixed = [option for option in options if option.fixed]
        needed = [
            frozenset(places[name] for name in option.requires if name in places)
            for option in options
        ]
        #: by position: what cannot stand beside it
        self.ruled_out: tuple[frozenset[int], ...] = tuple(
            frozenset(
                place
                for place, other in enumerate(options)
                if other is not option and option.rules_out(other)
            )
            for option in options
        )
        #: by position: everything without which it cannot stand, the indirect included
        self.needs: tuple[frozenset[int], ...] = tuple(
            frozenset(place for place in _closure(number, needed) if not options[place].fixed)
            for number in range(len(options))
        )
        #: free options that can stand at all, in an order in which none needs a later one
        self.standing: tuple[int, ...] = self._ordered(
            [
                place
                for place in mitigation.free
                if not any(options[place].rules_out(other) for other in fixed)
            ]
        )

    def _ordered(self, places: Sequence[int]) -> tuple[int, ...]:
        allowed = set(places)
        able = [
            place
            for place in places
            if self.needs[place] <= allowed and self.keeps((place, *self.needs[place]))
        ]
        # What is needed has fewer needs of its own.
        return tuple(sorted(able, key=lambda place: (len(self.needs[place]), place)))

    def keeps(self, portfolio: Sequence[int]) -> bool:
        """Whether a set of free options keeps groups, excludes and requires."""
        held = set(portfolio)
        return all(
            self.ruled_out[place].isdisjoint(held) and self.needs[place] <= held for place in held
        )


def cheapest_portfolio(rules: Rules, costs: Sequence[float]) -> float:
    """The least that any option costs together with all that it requires.

    Infinite if no option can stand.
    """
    return min(
        (cost_of((place, *rules.needs[place]), costs) for place in rules.standing),
        default=math.inf,
    )


def _closure(start: int, needed: Sequence[frozenset[int]]) -> set[int]:
    found: set[int] = set()
    waiting = list(needed[start])
    while waiting:
        place = waiting.pop()
        if place not in found:
            found.add(place)
            waiting.extend(needed[place])
    return found
