"""Assumptions that equal an outcome: was a later outcome copied into the inputs?

No program can tell a copy from a coincidence. So every value of a case that equals an outcome of
the suite which was not known on the case's day is listed, for people to judge.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskengine.backtests.cases import Case, later
from riskengine.backtests.quantities import DAYS, GDP, MONEY, read_quantity
from riskengine.config.layers.layers import Layer, Path, Place, find_place
from riskengine.config.schema.distributions import family_of, read_spread
from riskengine.config.schema.keys import SCHEMA
from riskengine.config.schema.kinds import (
    ANNOTATIONS,
    KNOWN_ON,
    KeyedTable,
    Map,
    Node,
    Number,
    NumberOrTable,
    Spread,
)
from riskengine.config.schema.scalars import Findings, is_number
from riskengine.errors import format_path
from riskengine.model.distributions import Distribution
from riskengine.model.flat.arrays import DAYS_PER_YEAR

NEAR = 0.01  #: relative difference within which a value counts as equal to an outcome

_DEMAND, _EPISODES = "days of demand", "episodes"
_NO_ASSUMPTION = ("run", "sweep", "mitigation")
_UNITLESS = frozenset({"shape", "sigma", "mu", "cv", "alpha", "beta", "weights"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """An assumption that equals an outcome: a row of `copies.csv`."""

    case: str  #: the case that makes the assumption
    assumption: str  #: path in the config
    figure: str  #: which of its figures: value, median, mean or a parameter
    value: float  #: of the assumption
    unit: str  #: of the assumption
    place: str  #: file, and line or cell
    known_on: str  #: date of its table; `assumption` if the table has none
    outcome_case: str  #: the case of the outcome
    outcome: str  #: its name
    outcome_value: float  #: that the assumption equals
    outcome_unit: str  #: of the outcome
    seen_on: str  #: the day on which the outcome was known


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """One number from an outcome, with what is needed to convert it to other units."""

    case: Case
    outcome: str
    value: float
    kind: str  #: unit of the quantity; `MONEY` stands for money
    unit: str
    seen_on: str


def copies(cases: Iterable[tuple[Case, Sequence[Layer]]], folder: str) -> list[Copy]:
    """Every assumption that equals an outcome which was not known on the day of its case.

    Parameters
    ----------
    cases : iterable of (Case, sequence of Layer)
        All cases of a suite, each with the files that its config is built from.
    folder : str
        Folder of the suite. Places are given relative to it.
    """
    listed = list(cases)
    seen = [each for case, _ in listed for each in _seen(case)]
    found: list[Copy] = []
    for case, layers in listed:
        unknown = [each for each in seen if later(each.seen_on, case.as_of)]
        found += _of_case(case, layers, folder, unknown)
    return found


def _seen(case: Case) -> Iterator[_Seen]:
    for outcome in case.outcomes.values():
        quantity = read_quantity(outcome.quantity, case.scenario)
        for value in dict.fromkeys((outcome.seen.low, outcome.seen.high)):
            if value != 0.0 and math.isfinite(value):  # zero equals every default
                yield _Seen(
                    case=case,
                    outcome=outcome.name,
                    value=value,
                    kind=quantity.figure.unit,
                    unit=quantity.unit(case.scenario.run.money),
                    seen_on=outcome.seen_on,
                )


def _place(place: Place | None, folder: str) -> str:
    """File and line, or cell."""
    if place is None:
        return ""
    at = f"!{place.cell}" if place.cell else f":{place.line}"
    return os.path.relpath(place.file, folder or ".").replace(os.sep, "/") + at


def _of_case(
    case: Case, layers: Sequence[Layer], folder: str, seen: Sequence[_Seen]
) -> Iterator[Copy]:
    document = {k: v for k, v in case.scenario.document.items() if k not in _NO_ASSUMPTION}
    for path, node, value, table in _assumptions(SCHEMA, document, (), {}):
        for outcome in seen:
            wanted = _converted(outcome, node.unit, case)
            found = _figure(node, value, wanted) if wanted is not None else None
            if found is not None:
                yield Copy(
                    case=case.name,
                    assumption=format_path(path),
                    figure=found[0],
                    value=float(found[1]),
                    unit=node.unit,
                    place=_place(find_place(path, layers), folder),
                    known_on=str(table.get(KNOWN_ON, "assumption")),
                    outcome_case=outcome.case.name,
                    outcome=outcome.outcome,
                    outcome_value=outcome.value,
                    outcome_unit=outcome.unit,
                    seen_on=outcome.seen_on,
                )


def _assumptions(
    node: Node, value: Any, path: Path, table: Mapping[str, Any]
) -> Iterator[tuple[Path, Number | Spread, Any, Mapping[str, Any]]]:
    """Every number and distribution below a place, with the nearest table that has a date."""
    if isinstance(value, Mapping) and KNOWN_ON in value:
        table = value
    if isinstance(node, NumberOrTable) and not isinstance(value, Mapping):
        node = node.number
    if isinstance(node, Number | Spread):
        yield path, node, value, table
    elif isinstance(node, Map | KeyedTable) and isinstance(value, Mapping):
        for key, item in value.items():
            below = node.of if isinstance(node, Map) else node.keys.get(key)
            if below is not None and (key not in ANNOTATIONS or isinstance(item, Mapping)):
                own = isinstance(node, Map) and isinstance(
                    below, KeyedTable
                )  # a member has its own date
                yield from _assumptions(below, item, (*path, key), item if own else table)


def _converted(seen: _Seen, unit: str, case: Case) -> float | None:
    """The outcome converted to a unit; None if a value in that unit cannot be the outcome."""
    money = f"{MONEY} per year"
    if unit in (DAYS, _DEMAND) and seen.kind in (DAYS, _DEMAND):
        return seen.value
    if unit == "per year" and seen.kind == DAYS:
        return DAYS_PER_YEAR / seen.value
    if unit == "per year" and seen.kind == _EPISODES:
        return seen.value * DAYS_PER_YEAR / seen.case.scenario.run.horizon_days
    if unit.startswith(("fraction", "share")) and seen.kind == GDP:
        return seen.value
    if unit == money and seen.case.scenario.run.money == case.scenario.run.money:
        if seen.kind == GDP and seen.case.gdp is not None:
            return seen.value * seen.case.gdp
        return seen.value if seen.kind == MONEY else None
    return None


def _figure(node: Number | Spread, value: Any, wanted: float) -> tuple[str, float] | None:
    """The name and value of a figure that equals the wanted number; parameters come first."""
    if is_number(value):
        return ("value", value) if _equal(value, wanted) else None
    family = family_of(value)
    if not family:
        return None
    for name, number in _numbers({**value[family], **{k: value.get(k) for k in ("min", "max")}}):
        if _equal(number, wanted):
            return name, number
    law = read_spread(node, value, (), Findings()) if isinstance(node, Spread) else None
    if not isinstance(law, Distribution):
        return None
    if law.survival(wanted * (1.0 + NEAR)) <= 0.5 <= law.survival(wanted * (1.0 - NEAR)):
        return "median", wanted
    mean = law.mean()
    return ("mean", mean) if _equal(mean, wanted) else None


def _numbers(parameters: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Parameters that have the same unit as the value."""
    for name, given in parameters.items():
        if name not in _UNITLESS:
            listed = given if isinstance(given, list) else [given]
            yield from ((name, number) for number in listed if is_number(number))


def _equal(value: float, wanted: float) -> bool:
    return math.isclose(value, wanted, rel_tol=NEAR)
