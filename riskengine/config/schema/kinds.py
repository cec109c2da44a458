"""The kinds of values in a config, and the words for them in messages."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

KNOWN_ON = "known_on"  #: the day from which a table's values were known, for back-tests
ANNOTATIONS = ("note", "source", "status", KNOWN_ON)  #: optional in any table


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Node:
    """What is allowed at one path of a config."""

    meaning: str = ""  #: one line for people
    required: bool = False
    beside: str = ""  #: a key of the same table beside which a required one has its default


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Text(Node):
    """A text: a name unless `free`, and one of `choices` if any are given.

    `refers` names the collection in which the name stands; the checks of the model look for it.
    """

    default: str | None = None
    choices: tuple[str, ...] = ()
    refers: str = ""
    free: bool = False  #: may be empty
    lines: bool = False  #: may hold line breaks


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Flag(Node):
    """True or false."""

    default: bool = False


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Day(Node):
    """A calendar date."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class NameList(Node):
    """A non-empty list of names."""

    refers: str = ""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Number(Node):
    """A finite number in [low, high], or above `low` where that is open."""

    default: float | None = None
    unit: str = ""
    low: float = 0.0
    high: float = math.inf
    low_open: bool = False


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Rising(Node):
    """A list of 1 to `most` finite numbers of at least 0, in strictly increasing order.

    With `is_share`, each number must lie above 0 and below 1. With `or_range`, a table with `low`,
    `high` and `count` stands for as many evenly spaced numbers, the two ends included.
    """

    most: int
    default: tuple[float, ...] | None = None
    unit: str = ""
    is_share: bool = False
    decimals: int | None = None  #: most decimals of each number; None for any
    or_range: bool = False


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Integer(Node):
    """A whole number in [low, high]."""

    default: int | None = None
    unit: str = ""
    low: int = 0
    high: int


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Spread(Node):
    """A number or a distribution whose support lies in [low, high].

    With `positive`, the distribution must have no mass at 0. `number_high` gives a bare number a
    narrower range.
    """

    default: float | None = None
    unit: str = ""
    low: float = 0.0
    high: float = math.inf
    number_high: float = math.inf
    positive: bool = False


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Map(Node):
    """A table keyed by names: `of` is the node of each value, `member` the word for one entry.

    `refers` names the collection whose names are the keys; it is empty if the keys are new names.
    A missing table defaults to an empty one, or with `absent` to no table at all. In an `ordered`
    table, an upper file that has all names of the lower file sets the order; otherwise new names
    follow the names of the lower file.
    """

    of: Node
    member: str
    refers: str = ""
    absent: bool = False
    ordered: bool = False


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class KeyedTable(Node):
    """A table with known keys; it may carry notes unless notes could be mistaken for its keys."""

    keys: Mapping[str, Node] = field(default_factory=dict)
    annotations: tuple[str, ...] = ANNOTATIONS


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Shorthand(KeyedTable):
    """A table of numbers that may be written as one number, which is then its key `first`."""

    first: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class NumberOrTable(KeyedTable):
    """A number, or a table with known keys that says more."""

    number: Number

    @property
    def default(self) -> float | None:
        return self.number.default

    @property
    def unit(self) -> str:
        return self.number.unit


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Anything(Node):
    """A value that is checked where it is used; that of an upper file replaces it as a whole."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Free(Node):
    """A table that another verb checks.

    The tables in `whole` do not merge: the table of an upper file replaces that of a lower one.
    """

    whole: tuple[str, ...] = ()


def node_below(node: Node | None, key: str) -> Node | None:
    """The node of a key of a table; None for an unknown key, and for what is no table."""
    if isinstance(node, Map):
        return node.of
    return node.keys.get(key) if isinstance(node, KeyedTable) else None


def allowed(node: Node) -> str:
    """The values that a node allows, with range and unit, in words."""
    if isinstance(node, Text):
        return " or ".join(f'"{choice}"' for choice in node.choices) or "a text in quotes"
    if isinstance(node, Number):
        return f"a number {_range(node.low, node.high, node.low_open)}{_unit(node.unit)}"
    if isinstance(node, Rising):
        between = "above 0 and below 1" if node.is_share else "of at least 0"
        exact = "" if node.decimals is None else f", of at most {node.decimals} decimals"
        even = ", or low, high and count" if node.or_range else ""
        return f"a list of 1 to {node.most} rising numbers {between}{exact}{even}{_unit(node.unit)}"
    if isinstance(node, Integer):
        return f"a whole number {_range(node.low, node.high, False)}{_unit(node.unit)}"
    if isinstance(node, Spread):
        return f"a number or a distribution {spread_range(node)}{_unit(node.unit)}"
    if isinstance(node, Map):
        return f"a table with one entry for each {node.member}"
    if isinstance(node, Shorthand):
        return f"{allowed(node.keys[node.first])}, or a table"
    if isinstance(node, NumberOrTable):
        return f"{allowed(node.number)}, or a table with {' and '.join(node.keys)}"
    return _WORDS[type(node)]


_WORDS: Mapping[type[Node], str] = {
    Flag: "true or false",
    Day: "a date such as 2026-01-08",
    NameList: 'a list of names such as ["gallium", "tungsten"]',
    KeyedTable: "a table",
    Anything: "any value that may stand there",
    Free: "a table",
}


def spread_range(node: Spread) -> str:
    """The range of a distribution's support, in words."""
    return _range(node.low, node.high, node.positive)


def _unit(unit: str) -> str:
    return f" ({unit})" if unit else ""


def _range(low: float, high: float, low_open: bool) -> str:
    if low == -math.inf:
        return "that is finite"
    least = f"above {low:,.15g}" if low_open else f"of at least {low:,.15g}"
    if high == math.inf:
        return least
    if low_open:
        return f"{least} and at most {_grouped(high)}"
    return f"from {low:,.15g} to {_grouped(high)}"


def _grouped(number: float) -> str:
    return f"{number:,}" if isinstance(number, int) else f"{number:,.15g}"
