"""Reads a distribution from a config, checks it and makes it canonical."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any

from riskengine.config.schema.kinds import ANNOTATIONS, Number, Spread, allowed
from riskengine.config.schema.scalars import (
    Findings,
    Path,
    check_note,
    finite_number,
    fraction_hint,
    is_malformed,
    is_number,
    show,
)
from riskengine.errors import escaped
from riskengine.model.distributions import Distribution, constant, distribution, empirical
from riskengine.model.families import FAMILIES, Standard
from riskengine.model.faults.scenario import MALFORMED, Malformed

EMPIRICAL = "empirical"
NAMES = (*(name for name in FAMILIES if name != "constant"), EMPIRICAL)
BOUNDS = ("min", "max")
LEAST_MASS = 1e-12  #: least probability that must remain after truncation
FAR = 1e15  #: far beyond any draw of a sensible distribution
MOST_BEYOND = 0.001  #: probability that may lie beyond `FAR`
SOUND_SHAPES = (0.3, 5e3)  #: of a gamma or beta: quantile tables are accurate within (tested)
RAREST = 2.0**-54  #: probability beyond the largest draw
LEAST_SCALE = 1e-290  #: of parameters for which P(X > FAR) is distinguishable from 0
MOST_VALUES = 1_000_000  #: of an empirical distribution

_ANY = Number(low=-math.inf)
EMPIRICAL_FORMS = (("values",), ("values", "weights"), ("file", "column"))


def is_complete(value: Any) -> bool:
    """Whether a value is a complete distribution: a number, or a family with a full form."""
    if not isinstance(value, Mapping):
        return True
    return any(
        isinstance(value.get(name), Mapping) and set(form) == set(value[name])
        for name in NAMES
        for form in _forms(name)
    )


def family_of(value: Any) -> str:
    """The family that a value names, or an empty string."""
    if not isinstance(value, Mapping):
        return ""
    return next((name for name in NAMES if name in value), "")


def read_spread(node: Spread, value: Any, path: Path, findings: Findings) -> Any:
    """A `Distribution`, or the marker for a malformed value."""
    if is_malformed(value):
        return MALFORMED
    if not isinstance(value, Mapping):
        return _read_bare(node, value, path, findings)
    before = len(findings.faults)
    family = _read_family(node, value, path, findings)
    bounds = _read_bounds(value, path, findings)
    if family is None or isinstance(bounds, Malformed) or len(findings.faults) > before:
        return MALFORMED
    if family == EMPIRICAL:
        found = _read_empirical(value[EMPIRICAL], bounds, (*path, EMPIRICAL), findings)
    else:
        found = _read_parameters(family, value[family], bounds, (*path, family), findings)
    if isinstance(found, Malformed):
        return found
    return _inside(node, found, path, findings)


def _read_bare(node: Spread, value: Any, path: Path, findings: Findings) -> Any:
    number = finite_number(node, value, path, findings)
    if number is None:
        return MALFORMED
    high = min(node.high, node.number_high)
    if number < node.low or number > high or (node.positive and number == 0.0):
        narrow = allowed(node)
        if high < node.high:
            narrow = f"a number from {node.low:g} to {high:g} ({node.unit}), or a distribution"
        return findings.add(path, f"is {show(value)}", narrow, fraction_hint(number, high))
    return constant(number)


def _read_family(
    node: Spread, value: Mapping[str, Any], path: Path, findings: Findings
) -> str | None:
    """The only family of a table; None, after a fault is reported, unless there is exactly one."""
    families = [key for key in value if key in NAMES]
    known = (*NAMES, *BOUNDS)
    for key in ANNOTATIONS:
        if key in value:
            check_note(value[key], (*path, key), findings)
    unknown = [key for key in value if key not in known and key not in ANNOTATIONS]
    for key in unknown:
        hint = findings.speller.suggest(key, known)
        hint = hint or ("write the bare number" if key in ("constant", "fixed", "value") else "")
        findings.add((*path, key), "is no distribution family", ", ".join(known), hint)
    if len(families) == 1:
        return families[0]
    if families:
        findings.add(path, f"has two families: {' and '.join(families)}", "one family")
    elif any(bound in value for bound in BOUNDS):
        findings.add(path, "has min or max, but no family that they bound", allowed(node))
    elif not unknown:
        findings.add(path, "is a table without a family", ", ".join(NAMES))
    return None


def _read_bounds(
    value: Mapping[str, Any], path: Path, findings: Findings
) -> tuple[float, float] | Malformed:
    low: float | None = -math.inf
    high: float | None = math.inf
    if "min" in value:
        low = finite_number(_ANY, value["min"], (*path, "min"), findings)
    if "max" in value:
        high = finite_number(_ANY, value["max"], (*path, "max"), findings)
    if low is None or high is None:
        return MALFORMED
    if low >= high:
        found = f"has min = {show(value['min'])} and max = {show(value['max'])}"
        return findings.add(path, found, "min below max")
    return low, high


def _forms(family: str) -> tuple[tuple[str, ...], ...]:
    return EMPIRICAL_FORMS if family == EMPIRICAL else tuple(FAMILIES[family].forms)


def _has_form(family: str, given: Any, path: Path, findings: Findings) -> bool:
    """Whether a family's table has exactly the parameters of one of its forms."""
    forms = _forms(family)
    words = " or ".join("{" + ", ".join(form) + "}" for form in forms)
    if not isinstance(given, Mapping):
        findings.add(path, f"is {show(given)}", f"a table with {words}")
        return False
    if any(set(form) == set(given) for form in forms):
        return True
    names = {name for form in forms for name in form}
    hints = [findings.speller.suggest(key, sorted(names)) for key in given if key not in names]
    has = ", ".join(str(key) for key in list(given)[:8]) or "nothing"
    hint = next(filter(None, hints), "")
    findings.add(path, f"has the parameters {escaped(has[:120])}", words, hint)
    return False


def _read_parameters(
    family: str, given: Any, bounds: tuple[float, float], path: Path, findings: Findings
) -> Distribution | Malformed:
    if not _has_form(family, given, path, findings):
        return MALFORMED
    before = len(findings.faults)
    numbers: dict[str, float] = {}
    for name, value in given.items():
        low, closed = FAMILIES[family].limits[name]
        number = finite_number(_ANY, value, (*path, name), findings)
        if number is None:
            continue
        numbers[name] = number
        if number < low or (number == low and not closed):
            least = f"of at least {low:g}" if closed else f"above {low:g}"
            findings.add((*path, name), f"is {show(value)}", f"a number {least}")
    if len(findings.faults) > before or _is_impossible(family, numbers, path, findings):
        return MALFORMED
    return _made(family, numbers, bounds, path, findings)


def _is_impossible(
    family: str, numbers: Mapping[str, float], path: Path, findings: Findings
) -> bool:
    """Whether parameters that are valid one by one contradict each other; reports a fault if so."""
    order = [name for name in FAMILIES[family].order if name in numbers]
    for lower, upper in itertools.pairwise(order):
        if numbers[lower] > numbers[upper]:
            found = f"has {lower} = {numbers[lower]:.12g} above {upper} = {numbers[upper]:.12g}"
            findings.add(path, found, " <= ".join(order))
            return True
    contradiction = FAMILIES[family].contradiction(numbers)
    if contradiction is None:
        return False
    hint = fraction_hint(contradiction.share, 1.0)
    findings.add(path, contradiction.found, contradiction.allowed, hint)
    return True


def _made(
    family: str,
    numbers: Mapping[str, float],
    bounds: tuple[float, float],
    path: Path,
    findings: Findings,
) -> Distribution | Malformed:
    low, high = bounds
    try:
        found = distribution(family, numbers, low, high)
        mass = found.mass()
        beyond = 0.0 if high <= FAR else found.above(FAR)
    except (ArithmeticError, ValueError):
        return findings.add(path, "has parameters too extreme to compute with", "other parameters")
    as_standard = FAMILIES[found.family].standard
    standard = as_standard(*found.parameters) if as_standard else None
    if standard and not _can_be_tabulated(standard):
        return findings.add(path, *_untabulated(standard))
    if found.is_constant and not low <= found.parameters[0] <= high:
        mass = 0.0  # zero spread, and min or max cuts off its only value
    if not mass >= LEAST_MASS:
        found_mass = f"has a probability of {mass:.3g} between min and max"
        return findings.add(path[:-1], found_mass, f"a range with at least {LEAST_MASS:g}")
    if beyond > MOST_BEYOND:
        reach = f"exceeds {FAR:g} with a probability of {beyond:.3g}"
        return findings.add(path, reach, f"a distribution that stays below {FAR:g}")
    is_tiny = any(0.0 < parameter < LEAST_SCALE for parameter in found.parameters)
    if (beyond > RAREST or is_tiny) and _overflows(found):
        overflow = "has draws larger than any number a computer can hold"
        return findings.add(path, overflow, "other parameters, or a max")
    return found


def _can_be_tabulated(standard: Standard) -> bool:
    shapes = tuple(standard.shapes.values())
    if all(SOUND_SHAPES[0] <= shape <= SOUND_SHAPES[1] for shape in shapes):
        return True
    from riskengine.model.tabulate import can_be_tabulated  # loads numpy

    return can_be_tabulated(standard.table, shapes)


def _overflows(found: Distribution) -> bool:
    """Whether the largest draw is not finite."""
    from riskengine.model.flat.distributions import quantiles_at  # loads numpy

    return not math.isfinite(quantiles_at(found, [1.0 - 2.0**-53])[0])


def _untabulated(standard: Standard) -> tuple[str, str]:
    """Why no quantile table is accurate for these shapes, and which shapes are allowed."""
    given = " and ".join(f"{name} = {shape:.6g}" for name, shape in standard.shapes.items())
    return (
        f"has {given}, for which no quantiles can be computed",
        "shapes nearer to 1, or a bare number for what has hardly any spread",
    )


def _read_empirical(
    given: Any, bounds: tuple[float, float], path: Path, findings: Findings
) -> Distribution | Malformed:
    if not _has_form(EMPIRICAL, given, path, findings):
        return MALFORMED
    values = _read_list(given.get("values"), (*path, "values"), findings)
    weights = _read_list(
        given.get("weights", [1.0] * len(values or ())), (*path, "weights"), findings
    )
    if values is None or weights is None:
        return MALFORMED
    if len(values) != len(weights):
        found = f"has {len(values)} values and {len(weights)} weights"
        return findings.add(path, found, "as many weights as values")
    if min(weights) < 0.0 or not 0.0 < sum(weights) < math.inf:
        allowed_weights = "weights of at least 0 with a positive sum"
        return findings.add((*path, "weights"), "has weights that are no weights", allowed_weights)
    held: dict[float, float] = {}
    for value, weight in zip(values, weights, strict=True):
        if bounds[0] <= value <= bounds[1]:
            held[value] = held.get(value, 0.0) + weight
    if not any(held.values()):
        return findings.add(path[:-1], "has no value between min and max", "at least one value")
    return empirical(held)


def _read_list(given: Any, path: Path, findings: Findings) -> list[float] | None:
    if not isinstance(given, list) or not given or len(given) > MOST_VALUES:
        found = "is an empty list" if given == [] else f"is {show(given)}"
        findings.add(path, found, f"a list of 1 to {MOST_VALUES:,} numbers")
        return None
    for number, value in enumerate(given, start=1):
        if not is_number(value) or finite_number(_ANY, value, path, Findings()) is None:
            findings.add(path, f"has, as number {number} of the list, {show(value)}", "numbers")
            return None
    return [float(value) or 0.0 for value in given]


def _inside(
    node: Spread, found: Distribution, path: Path, findings: Findings
) -> Distribution | Malformed:
    """The distribution, if its support lies within the range that the node allows."""
    low, high = found.support()
    discrete = found.is_constant or found.family == EMPIRICAL
    if low < node.low or (node.positive and discrete and low <= 0.0):
        hint = "" if discrete else f"add min = {node.low:g}"
        return findings.add(path, f"can be as low as {low:.12g}", allowed(node), hint)
    if high <= node.high:
        return found
    reach = "has no upper bound" if high == math.inf else f"can be as high as {high:.12g}"
    hint = fraction_hint(high, node.high) if discrete else f"add max = {node.high:g}"
    return findings.add(path, reach, allowed(node), hint)
