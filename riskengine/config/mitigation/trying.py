"""Tries portfolios on the config before anything is played, and says which option is wrong.

Not every portfolio is tried. Each option is tried with what it requires, options of one range at
their two ends, options that touch the same part of the config two by two, the largest sums that
can be added to one path, and as many options together as can stand together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from riskengine.config.layers.layers import Path
from riskengine.config.mitigation.changes import Change
from riskengine.config.mitigation.composing import Composer
from riskengine.config.mitigation.rules import Drafted
from riskengine.config.schema.scalars import quoted
from riskengine.config.sweeps.points import Added, member_of
from riskengine.config.toml.one_line import one_line
from riskengine.errors import Fault, format_path
from riskengine.model.mitigation import Mitigation, Portfolio, Rules

MOST_PAIRS = 400  #: tried; one takes a few milliseconds

_TOGETHER = "give them a common group, or let one exclude the other"


class Trial:
    """Finds the faults of a mitigation's options that show only in a whole config."""

    def __init__(self, mitigation: Mitigation, drafted: Sequence[Drafted], composer: Composer):
        self._mitigation, self._composer = mitigation, composer
        self._rules = Rules(mitigation)
        self._changes = [changes for draft in drafted for changes in draft.changes]
        self._where = [draft.where for draft in drafted for _ in draft.options]
        self._ends = [place for first, last in _ends(drafted) for place in (first, last)]
        self._ends = list(dict.fromkeys(self._ends))

    def faults(self, together: bool) -> Iterator[Fault]:
        """Faults at the options that cause them; of options together only if each is sound.

        `together` is false when the options are known to contradict each other.
        """
        fixed = tuple(n for n, o in enumerate(self._mitigation.options) if o.fixed)
        found = [self._placed(fault, fixed) for fault in self._composer.faults(())]
        if found:
            yield from found
            return
        wrong = False
        for place in self._ends:
            if place not in fixed:
                for fault in self._composer.faults((place, *self._rules.needs[place])):
                    wrong = True
                    yield self._placed(fault, (place,))
        if together and not wrong:
            yield from self._together()

    def _together(self) -> Iterator[Fault]:
        """Faults of sound options together; at most one for each option."""
        told: set[Path] = set()
        for portfolio in (*self._pairs(), *self._sums(), self._most(self._ends[::-1])):
            for fault in self._composer.faults(portfolio):
                where = self._nearest(fault, portfolio)
                if where not in told:
                    told.add(where)
                    yield self._joint(fault, where, portfolio)

    def _placed(self, fault: Fault, blamed: Portfolio) -> Fault:
        """A fault of the model at the change that causes it."""
        where = self._nearest(fault, blamed)
        changes = (change for place in blamed for change in self._changes[place])
        what = next((_words(change) for change in changes if change.where == where), "is chosen")
        found = f"{what}; then {format_path(fault.path)}: {fault.found}"
        return Fault(path=where, found=found, allowed=fault.allowed, hint=fault.hint)

    def _joint(self, fault: Fault, where: Path, portfolio: Portfolio) -> Fault:
        """A fault of the model that options cause together, at one of them."""
        names = [quoted(self._mitigation.options[place].name) for place in portfolio]
        beside = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
        found = f"{beside} together; then {format_path(fault.path)}: {fault.found}"
        return Fault(path=where, found=found, allowed=fault.allowed, hint=_TOGETHER)

    def _nearest(self, fault: Fault, blamed: Portfolio) -> Path:
        """The path of the last change that leads to the place of a fault, or else of the last."""
        changes = [change for place in blamed for change in self._changes[place]]
        near = [change for change in changes if _meet(change.path, fault.path)]
        last = (near or changes)[-1:]
        return last[0].where if last else self._where[blamed[-1]]

    def _pairs(self) -> Iterator[Portfolio]:
        """Options two by two, with what they require, if they touch the same part."""
        parts = {place: {member_of(c.path) for c in self._changes[place]} for place in self._ends}
        standing = set(self._rules.standing)
        tried = 0
        for first, second in combinations(self._ends, 2):
            portfolio = tuple(
                sorted({first, second, *self._rules.needs[first], *self._rules.needs[second]})
            )
            is_possible = {first, second} <= standing and self._rules.keeps(portfolio)
            if parts[first] & parts[second] and is_possible:
                tried += 1
                if tried > MOST_PAIRS:
                    return
                yield portfolio

    def _sums(self) -> Iterator[Portfolio]:
        """The options that together add most, and least, to each path."""
        adders: dict[Path, list[tuple[float, int]]] = {}
        for place in self._ends:
            for change in self._changes[place]:
                if isinstance(change.value, Added):
                    adders.setdefault(change.path, []).append((change.value.amount, place))
        for entries in adders.values():
            if len(entries) > 2:
                for sign in (1.0, -1.0):
                    pushing = sorted((sign * amount, place) for amount, place in entries)[::-1]
                    yield self._most([place for amount, place in pushing if amount > 0.0])

    def _most(self, places: Sequence[int]) -> Portfolio:
        """Options one after another, each with what it requires, as long as all can stand."""
        held: Portfolio = ()
        standing = set(self._rules.standing)
        for place in places:
            grown = tuple(sorted({*held, place, *self._rules.needs[place]}))
            if place in standing and self._rules.keeps(grown):
                held = grown
        return held


def _ends(drafted: Sequence[Drafted]) -> Iterator[tuple[int, int]]:
    """The positions of the first and the last option of each part of a mitigation."""
    start = 0
    for draft in drafted:
        yield start, start + len(draft.options) - 1
        start += len(draft.options)


def _meet(first: Path, second: Path) -> bool:
    """Whether one path is, or is part of, the other."""
    length = min(len(first), len(second))
    return first[:length] == second[:length]


def _words(change: Change) -> str:
    if isinstance(change.value, Added):
        return f"adds {change.value.amount:.12g}"
    return f"sets {one_line(change.value)}"
