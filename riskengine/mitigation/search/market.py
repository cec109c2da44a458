"""What is for sale: options with their costs, and which of them can stand together."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from riskengine.mitigation.search.measured import Portfolio
from riskengine.model.mitigation import JOINED, NOTHING, SLACK

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


def build_market(
    names: Sequence[str],
    costs: Sequence[float],
    *,
    groups: Mapping[str, str] | None = None,
    excludes: Mapping[str, Collection[str]] | None = None,
    requires: Mapping[str, Collection[str]] | None = None,
    fixed: Collection[str] = (),
) -> Market:
    """The market of some options.

    Parameters
    ----------
    names : sequence of str
        All options in the order of the config, those already decided included.
    costs : sequence of float
        Present values, one for each name.
    groups : mapping of str to str, optional
        The group of each option that has one; at most one option of a group can be bought.
    excludes, requires : mapping of str to collection of str, optional
        For an option, the names of others.
    fixed : collection of str
        Options already decided: they are not for sale, but exclude and satisfy others.

    Raises
    ------
    ValueError
        If costs are negative or not finite, options require each other in a circle, or a decided
        option conflicts with another or requires one that is not decided.
    KeyError
        For a name that no option has.
    """
    place = {name: position for position, name in enumerate(names)}
    if not all(math.isfinite(cost) and cost >= 0.0 for cost in costs):
        raise ValueError("the costs of options are finite and not negative")
    conflicts = _conflicts(place, groups or {}, excludes or {})
    needs = _transitive([_mask(place, (requires or {}).get(name, ())) for name in names])
    if any(need >> option & 1 for option, need in enumerate(needs)):
        raise ValueError("options require each other in a circle")
    decided = _mask(place, fixed)
    if any((conflicts[option] | needs[option] & ~decided) & decided for option in bits(decided)):
        raise ValueError("decided options conflict")
    if any(needs[option] & ~decided for option in bits(decided)):
        raise ValueError("a decided option requires one that is not decided")
    barred = _barred(conflicts, needs, decided)
    free = [option for option in range(len(names)) if not decided >> option & 1]
    conflicts = [_squeezed(conflicts[option], free) for option in free]
    needs = [_squeezed(needs[option], free) for option in free]
    return Market(
        names=tuple(names[option] for option in free),
        costs=tuple(float(costs[option]) for option in free),
        conflicts=tuple(conflicts),
        needs=tuple(needs),
        barred=_squeezed(barred, free),
        contested=_with_any(conflicts),
        dependent=_with_any(needs),
    )


def _with_any(masks: Sequence[int]) -> int:
    """The options whose mask is not empty."""
    return sum(1 << option for option, mask in enumerate(masks) if mask)


def _mask(place: Mapping[str, int], names: Collection[str]) -> int:
    return sum(1 << place[name] for name in set(names))


def _conflicts(
    place: Mapping[str, int],
    groups: Mapping[str, str],
    excludes: Mapping[str, Collection[str]],
) -> list[int]:
    """For each option the ones that cannot stand beside it, whichever of the two says so."""
    found = [0] * len(place)
    members: dict[str, int] = {}
    for name, group in groups.items():
        members[group] = members.get(group, 0) | 1 << place[name]
    for name, group in groups.items():
        found[place[name]] |= members[group] & ~(1 << place[name])
    for name, others in excludes.items():
        for other in others:
            found[place[name]] |= 1 << place[other]
            found[place[other]] |= 1 << place[name]
    return found


def _transitive(direct: Sequence[int]) -> list[int]:
    """What each option requires, and what that requires, and so on."""
    found = list(direct)
    for through in range(len(found)):
        for option, need in enumerate(found):
            if need >> through & 1:
                found[option] = need | found[through]
    return found


def _barred(conflicts: Sequence[int], needs: Sequence[int], decided: int) -> int:
    """The options that conflict with what is decided, or with themselves, with what they need."""
    barred = 0
    for option, need in enumerate(needs):
        whole = 1 << option | need | decided
        if any(conflicts[each] & whole for each in bits(1 << option | need)):
            barred |= 1 << option
    return barred & ~decided


def _squeezed(mask: int, kept: Sequence[int]) -> int:
    """A mask over all options as one over those that are kept."""
    return sum(1 << position for position, option in enumerate(kept) if mask >> option & 1)
