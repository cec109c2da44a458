"""Confidence levels: those at which a run computes VaR and TVaR, and how they are written.

This module loads neither numpy nor click, so that the command line, the config reader and the
reports can all use it.
"""

from __future__ import annotations

from collections.abc import Iterable

from riskengine.language.speaking import spoken

LEVELS = (0.9, 0.95, 0.99, 0.995)  #: used if the config names none
DECIMALS = 6  #: of a level
MOST_LEVELS = 20
_DETAIL = 0.99


def level_number(level: float) -> str:
    """A level in percent, as texts and the command line write it.

    >>> level_number(0.99), level_number(0.995), level_number(0.999999)
    ('99', '99.5', '99.9999')
    """
    return f"{100.0 * level:.10g}"


def level_text(level: float) -> str:
    """A level in percent with its unit.

    >>> level_text(0.999)
    '99.9 %'
    """
    return f"{level_number(level)}{spoken().percent}"


def level_name(level: float) -> str:
    """A level as part of a defined name or a key, which may have no decimal point.

    The whole part has two digits, so that two levels never share a name.

    >>> level_name(0.99), level_name(0.995), level_name(0.15), level_name(0.015)
    ('99', '995', '15', '015')
    """
    whole, _, decimals = level_number(level).partition(".")
    return whole.zfill(2) + decimals


def level_called(number: str, levels: Iterable[float]) -> float | None:
    """The level that a text names in percent, with or without its point; None if there is none.

    >>> level_called("99.5", LEVELS), level_called("995", LEVELS), level_called("98", LEVELS)
    (0.995, 0.995, None)
    """
    for level in levels:
        if number in (level_number(level), level_name(level)):
            return level
    return None


def detail_level(levels: Iterable[float]) -> float:
    """The level at which industries, materials and sweep points are compared and ranked.

    It is 99 % if that is among the levels. Otherwise it is the highest level below 99 %, whose tail
    rests on more trials than that of a higher one. If all levels are above 99 %, it is the lowest.

    >>> detail_level(LEVELS), detail_level((0.9, 0.95, 0.999)), detail_level((0.995, 0.999))
    (0.99, 0.95, 0.995)
    """
    known = sorted(levels)
    return max((level for level in known if level <= _DETAIL), default=[*known, _DETAIL][0])


def tail_share(level: float) -> float:
    """The share of trials beyond a level, without the rounding error of the subtraction.

    >>> tail_share(0.99), 1.0 - 0.99
    (0.01, 0.010000000000000009)
    """
    return round(1.0 - level, DECIMALS)


def worst_text(level: float) -> str:
    """The tail beyond a level in percent.

    >>> worst_text(0.99), worst_text(0.995), worst_text(0.999)
    ('1 %', '0.5 %', '0.1 %')
    """
    return f"{100.0 * tail_share(level):.6g}{spoken().percent}"
