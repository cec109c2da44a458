"""What is for sale: options with their costs, and which of them can stand together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from riskengine.mitigation.search.measured import Portfolio
from riskengine.model.mitigation import JOINED, NOTHING, SLACK, Mitigation, Rules

AFFORDED = 1.0 + SLACK  #: a budget affords this many times itself


def bits(portfolio: Portfolio) -> Iterator[int]:
    """The options of a portfolio, in the order of the config.

    >>> list(bits(0b1101))
    [0, 2, 3]
    """
    while portfolio:
        lowest = portfolio & -portfolio
        yield lowest.bit_length() - 1
        portfolio ^= lowest


def canonical(portfolio: Portfolio) -> tuple[int, ...]:
    """The key that orders portfolios: fewest options first, then the order of the config.

    >>> sorted([0b110, 0b11, 0b1, 0, 0b101], key=canonical) == [0, 0b1, 0b11, 0b101, 0b110]
    True
    """
    return portfolio.bit_count(), *bits(portfolio)


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """Options that may be bought, without those already decided.

    All sets of options are bit masks: bit i stands for option i, in the order of the config.
    """

    names: tuple[str, ...]
    costs: tuple[float, ...]  #: present values, not negative
    #: options that cannot stand beside each option: of its group, or excluded by either of the two
    conflicts: tuple[int, ...]
    needs: tuple[int, ...]  #: options that each option requires, directly or not
    #: options that can never be bought: with them or what they require, something conflicts
    barred: int

    contested: int  #: options that conflict with any other
    dependent: int  #: options that require any other

    @property
    def possible(self) -> Portfolio:
        """Every option that can be bought at all."""
        return ((1 << len(self.names)) - 1) & ~self.barred

    def cost(self, portfolio: Portfolio) -> float:
        """Present value: the costs added one after the other, in the order of the config."""
        total = 0.0
        for option in bits(portfolio):
            total += self.costs[option]
        return total

    def is_affordable(self, portfolio: Portfolio, budget: float) -> bool:
        """Whether a budget pays for a portfolio."""
        return self.cost(portfolio) <= budget * AFFORDED

    def is_feasible(self, portfolio: Portfolio) -> bool:
        """Whether nothing in a portfolio conflicts and everything has what it requires."""
        return not any(
            self.conflicts[option] & portfolio or self.needs[option] & ~portfolio
            for option in bits(portfolio)
        ) and not (portfolio & self.barred)

    def closure(self, option: int) -> Portfolio:
        """An option with everything that it requires."""
        return 1 << option | self.needs[option]

    def rivals(self, portfolio: Portfolio) -> Portfolio:
        """The options that conflict with any option of a portfolio."""
        found = 0
        for option in bits(portfolio):
            found |= self.conflicts[option]
        return found

    def kept_part(self, options: Portfolio) -> Portfolio:
        """The largest part of a set of options in which each has what it requires.

        Conflicts stay as they are: see `together` for a part without any.
        """
        # `needs` is transitive, so what is left requires nothing that is dropped here.
        left = options
        for option in bits(options & self.dependent):
            if self.needs[option] & ~options:
                left ^= 1 << option
        return left

    def name(self, portfolio: Portfolio) -> str:
        """The names of the options, joined by " + "; `NOTHING` for none."""
        return JOINED.join(self.names[option] for option in bits(portfolio)) or NOTHING

    def portfolio(self, name: str) -> Portfolio:
        """The portfolio of a name.

        Raises
        ------
        KeyError
            For a name that `name` gives to no portfolio.
        """
        if name == NOTHING:
            return 0
        positions = {each: position for position, each in enumerate(self.names)}
        return sum(1 << positions[each] for each in dict.fromkeys(name.split(JOINED)))


def build_market(mitigation: Mitigation) -> Market:
    """The options for sale, with the rules of `model.mitigation`."""
    rules, free = Rules(mitigation), mitigation.free
    bit = {place: 1 << number for number, place in enumerate(free)}

    def mask(places: Iterable[int]) -> int:
        return sum(bit[place] for place in places if place in bit)

    conflicts = [mask(rules.ruled_out[place]) for place in free]
    needs = [mask(rules.needs[place]) for place in free]
    return Market(
        names=tuple(mitigation.options[place].name for place in free),
        costs=tuple(mitigation.costs[place] for place in free),
        conflicts=tuple(conflicts),
        needs=tuple(needs),
        barred=mask(set(free) - set(rules.standing)),
        contested=_with_any(conflicts),
        dependent=_with_any(needs),
    )


def _with_any(masks: Sequence[int]) -> int:
    """The options whose mask is not empty."""
    return sum(1 << option for option, mask in enumerate(masks) if mask)
