"""One thing that happened to one name, before like things are told in one sentence."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from riskengine.reports.tables.numbers import short_percent

TOLD_CHANGE = 0.1  #: a shortage or a loss that moves by less is in the steps, not in the story


class Happening(NamedTuple):
    """Something that happened; those with equal day, kind, `of` and `how` share a sentence."""

    day: float
    kind: str
    of: str = ""  #: the dispute, material or industry that the sentence is about
    how: tuple[Any, ...] = ()  #: what else the sentence says of all its names
    names: tuple[str, ...] = ()  #: to whom it happened, the owner first
    figure: float = math.nan  #: how much of it this name had


def is_worth_telling(told: float, now: float) -> bool:
    """Whether a share changed from or to nothing or everything, or by `TOLD_CHANGE` or more.

    >>> is_worth_telling(0.0, 0.05), is_worth_telling(0.3, 0.35), is_worth_telling(0.3, 0.5)
    (True, False, True)
    """
    if {told, now} & {0.0, 1.0}:
        return told != now
    return abs(now - told) >= TOLD_CHANGE


def whole_percent(share: float) -> str:
    """A share without decimals, unless they tell it from nothing or from everything.

    >>> whole_percent(0.354), whole_percent(0.9968), whole_percent(1.0), whole_percent(0.003)
    ('35 %', '99.7 %', '100 %', '0.3 %')
    """
    rounded = f"{100.0 * share:.0f}"
    if rounded in ("0", "100") and share not in (0.0, 1.0):
        return short_percent(share)
    return f"{rounded} %"


def span(shares: list[float]) -> str:
    """Several shares as one, or from the least to the largest.

    >>> span([0.91, 0.35]), span([0.5, 0.5])
    ('35 to 91 %', '50 %')
    """
    least, most = whole_percent(min(shares)), whole_percent(max(shares))
    return most if least == most else f"{least.removesuffix(' %')} to {most}"


def listing(names: list[str]) -> str:
    """Names as a sentence has them.

    >>> listing(["gallium", "indium", "antimony"])
    'gallium, indium and antimony'
    """
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
