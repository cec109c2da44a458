"""The steps of a range: from a path with low, high and step to the values of its options."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from riskengine.config.schema.kinds import Integer
from riskengine.config.schema.scalars import Findings, Path, is_number, quoted
from riskengine.config.sweeps.targets import (
    BY_OPTION,
    VARIED,
    Target,
    find_target,
    read_paths,
    standing,
)
from riskengine.config.toml.one_line import one_line
from riskengine.errors import format_path

MOST_STEPS = 1_000  #: of all ranges of a config
_SLACK = 1e-9  #: a value may be so much above `high`: sums of steps are rounded


class RangeSteps(NamedTuple):
    """The values of a range above what the config has, in order."""

    path: Path
    values: tuple[float | int, ...]
    base: float  #: what the config has


def count_steps(given: Mapping[str, Any]) -> int:
    """How many values a range has, without making them; 0 if it is malformed."""
    low, high, step = (given.get(key) for key in ("low", "high", "step"))
    if not (isinstance(low, float) and isinstance(high, float) and isinstance(step, float)):
        return 0
    if low > high:
        return 0
    steps = (high + _slack(high) - low) / step
    return math.floor(steps) + 1 if steps < 2**53 else 2**53


def read_steps(
    given: Mapping[str, Any], document: Mapping[str, Any], where: Path, findings: Findings
) -> RangeSteps | None:
    """The values of a range; None, after faults are reported, if it has none.

    Parameters
    ----------
    given : mapping
        The typed table of the range, with at most `MOST_STEPS` steps.
    document : mapping
        The config, all files merged.
    where : tuple of str
        The path of the range.
    findings : Findings
    """
    target = _target(given.get("path"), document, where, findings)
    low, high, step = (given.get(key) for key in ("low", "high", "step"))
    if not (isinstance(low, float) and isinstance(high, float) and isinstance(step, float)):
        return None
    if low > high:
        findings.add(where, f"has low = {low:.12g} above high = {high:.12g}", "low below high")
        return None
    if target is None:
        return None
    path = target.path
    base = standing(document, path)
    if not is_number(base):
        found = f"varies {format_path(path)}, where the config has {_what(base)}"
        findings.add((*where, "path"), found, "a path at which the config has a number")
        return None
    is_whole = isinstance(target.node, Integer)
    values = [_as_written(value, is_whole) for value in _values(low, high, step) if value > base]
    if not values:
        found = f"has no value above that of the config, {base:.12g}"
        findings.add((*where, "high"), found, f"above {base:.12g}")
        return None
    return RangeSteps(path, tuple(values), float(base))


def shortest(value: float) -> str:
    """A number in as few digits as identify it.

    >>> shortest(30.0), shortest(0.1), shortest(1e22)
    ('30', '0.1', '1e+22')
    """
    return repr(float(value)).removesuffix(".0")


def _target(
    name: Any, document: Mapping[str, Any], where: Path, findings: Findings
) -> Target | None:
    if not isinstance(name, str):
        return None
    at = (*where, "path")
    paths = read_paths(name)
    if paths is None or len(paths) != 1:
        findings.add(at, f"{quoted(name)} is no dotted path", VARIED)
        return None
    target = find_target(paths[0], document, at, findings, BY_OPTION)
    if target is None:
        return None
    if not target.is_number:
        findings.add(at, f"{format_path(target.path)} takes no numbers", "a path to a number")
        return None
    return target


def _as_written(value: float, is_whole: bool) -> float | int:
    return int(value) if is_whole and value.is_integer() else value


def _what(held: Any) -> str:
    return "nothing" if held is None else one_line(held)


def _values(low: float, high: float, step: float) -> list[float]:
    """Low, low + step and so on, as decimals: three steps of 0.1 make 0.3."""
    first, by = Decimal(repr(low)), Decimal(repr(step))
    most = high + _slack(high)
    numbers = (float(first + number * by) for number in range(MOST_STEPS + 1))
    return [number for number in numbers if number <= most]


def _slack(high: float) -> float:
    return _SLACK * max(1.0, abs(high))
