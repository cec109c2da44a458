"""A value as a config writes it: a distribution in words, a unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riskengine.config.schema.distributions import BOUNDS, family_of
from riskengine.config.schema.kinds import Node
from riskengine.reports.tables.numbers import plain

_MOST_VALUES = 6
_BOUND_WORDS = {"min": "at least", "max": "at most"}


def distribution_words(value: Mapping[str, Any]) -> str:
    """A distribution in words.

    >>> distribution_words({"lognormal": {"median": 64, "p90": 207}})
    'lognormal, median 64, p90 207'
    >>> distribution_words({"exponential": {"mean": 365}, "max": 730})
    'exponential, mean 365, at most 730'
    """
    family = family_of(value)
    given = value[family]
    words = [family]
    if isinstance(given, Mapping):
        words += [f"{name} {_parameter(parameter)}" for name, parameter in given.items()]
    words += [
        f"{_BOUND_WORDS[bound]} {_parameter(value[bound])}" for bound in BOUNDS if bound in value
    ]
    return ", ".join(words)


def unit_of(node: Node | None, money: str) -> str:
    """The unit of an input, with the money of the scenario."""
    unit = str(getattr(node, "unit", ""))
    return unit.replace("money", money) if unit.startswith("money") else unit


def _parameter(parameter: Any) -> str:
    if isinstance(parameter, list):
        shown = " ".join(_parameter(item) for item in parameter[:_MOST_VALUES])
        more = len(parameter) - _MOST_VALUES
        return f"{shown} and {more:,} more" if more > 0 else shown
    if isinstance(parameter, int | float):
        return plain(float(parameter))
    return str(parameter)
