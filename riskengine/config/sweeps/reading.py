"""Reads the table `[sweep]` as a `Sweep`, and reports everything that is wrong with it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Any

from riskengine.config.schema.check import read
from riskengine.config.schema.distributions import NAMES, read_spread
from riskengine.config.schema.keys import MOST_SEED
from riskengine.config.schema.kinds import Free, Integer, KeyedTable, Number, Spread, Text
from riskengine.config.schema.scalars import (
    Findings,
    Path,
    finite_number,
    quoted,
    read_integer,
    show,
)
from riskengine.config.schema.sweep import MOST_POINTS
from riskengine.config.sweeps.targets import BY_SWEEP, Changer, Target, find_target, read_paths
from riskengine.errors import format_path
from riskengine.model.distributions import Distribution
from riskengine.model.faults.scenario import Malformed
from riskengine.model.sweep import (
    GRID,
    LATIN_HYPERCUBE,
    METHODS,
    SAMPLED,
    SOBOL,
    Listed,
    Parameter,
    ParameterRange,
    Sweep,
)

SWEEP = ("sweep",)
PARAMETERS = ("sweep", "parameters")
MOST_PATHS = 1_000  #: of all parameters together
EXAMPLE = (
    'a table such as\n      [sweep]\n      method = "one-at-a-time"\n      [sweep.parameters]\n'
    '      "materials.gallium.stocks.public.days" = [0, 90, 180]'
)
FORMS = (
    "a list such as [0, 30, 60], a range such as { low = 0, high = 60, count = 3 }, or a "
    "distribution such as { uniform = { low = 0, high = 60 } }"
)

SETTINGS = KeyedTable(
    meaning="which values to try",
    keys={
        "method": Text(
            meaning="how points are chosen", default=None, choices=METHODS, required=True
        ),
        "samples": Integer(
            meaning="points, or groups of points, of a method that draws them",
            low=2,
            high=MOST_POINTS,
        ),
        "seed": Integer(meaning="of the points that are drawn", default=1, high=MOST_SEED),
        "parameters": Free(meaning="what is varied, and over what", required=True),
    },
)

_ANY_NUMBER = Number(low=-math.inf)
_ANY_SPREAD = Spread(low=-math.inf)
_COUNT = Integer(low=2, high=MOST_POINTS)


def read_sweep(
    document: Mapping[str, Any], findings: Findings, changer: Changer = BY_SWEEP
) -> Sweep | None:
    """The sweep of a merged document, as far as it is valid; faults go to `findings`.

    This does not look for values that the model would refuse. `changer` says what it may vary.

    Returns
    -------
    Sweep or None
        With the parameters that are valid; None when there is no usable `[sweep]`.
    """
    if "sweep" not in document:
        findings.add(SWEEP, "is missing: the config does not say what to vary", EXAMPLE)
        return None
    tree = read(SETTINGS, document["sweep"], SWEEP, findings)
    if isinstance(tree, Malformed):
        return None
    method = tree["method"] if isinstance(tree["method"], str) else ""
    samples = tree.get("samples")
    _check_samples(method, samples, findings)
    return Sweep(
        method=method,
        samples=samples if isinstance(samples, int) else None,
        seed=tree["seed"] if isinstance(tree["seed"], int) else 1,
        parameters=_parameters(document, tree["parameters"], method, findings, changer),
    )


def _check_samples(method: str, samples: Any, findings: Findings) -> None:
    """Check that `samples` is given for the sampled methods, and only for them."""
    path = (*SWEEP, "samples")
    if method in SAMPLED and samples is None:
        findings.add(path, "is missing", f"a whole number of at least 2, for {method}")
    elif method and method not in SAMPLED and samples is not None:
        found = f"is given, but {method} plays every value that is listed"
        findings.add(path, found, f"no samples; or the method {', '.join(SAMPLED)}")
    elif method == SOBOL and isinstance(samples, int) and samples & (samples - 1):
        below = 1 << (samples.bit_length() - 1)
        nearest = below if samples - below <= 2 * below - samples else 2 * below
        findings.add(path, f"is {samples}", "a power of 2, for sobol", f"write {nearest}")


def _parameters(
    document: Mapping[str, Any], given: Any, method: str, findings: Findings, changer: Changer
) -> tuple[Parameter, ...]:
    if not isinstance(given, Mapping):
        return ()  # reported by the reader of the table
    if not given:
        findings.add(PARAMETERS, "is empty", f'at least one, such as "run.horizon_days" = {FORMS}')
    parameters = []
    held: list[tuple[Path, str]] = []
    for name, value in given.items():
        where = (*PARAMETERS, name)
        targets = _targets(name, document, where, findings, changer)
        held += [(target.path, name) for target in targets]
        if len(held) > MOST_PATHS:
            findings.add(where, "is one path too many", f"at most {MOST_PATHS:,} paths")
            break
        over = _over(value, targets, method, where, findings) if targets else None
        if over is not None:
            whole = any(isinstance(target.node, Integer) for target in targets)
            paths = tuple(target.path for target in targets)
            parameters.append(Parameter(name=name, paths=paths, over=over, is_whole=whole))
    _check_apart(held, findings)
    return tuple(parameters)


def _targets(
    name: str, document: Mapping[str, Any], where: Path, findings: Findings, changer: Changer
) -> list[Target]:
    """The targets of a parameter's paths; empty, after faults are reported, unless all exist."""
    paths = read_paths(name)
    if paths is None:
        findings.add(
            where, f"{quoted(name)} is no dotted path", "one or more paths, joined with commas"
        )
        return []
    found = [find_target(path, document, where, findings, changer) for path in paths]
    targets = [target for target in found if target is not None]
    return targets if len(targets) == len(paths) else []


def _check_apart(held: list[tuple[Path, str]], findings: Findings) -> None:
    """Check that no path gets two values at once, directly or as part of a larger value.

    `held` has every path with the name of the parameter that varies it.
    """
    for (first, name), (second, other) in combinations(held, 2):
        shorter, longer = sorted((first, second), key=len)
        if longer[: len(shorter)] != shorter:
            continue
        where = (*PARAMETERS, other)
        if first == second:
            what = "twice" if name == other else f"that {quoted(name)} varies too"
            findings.add(where, f"varies {format_path(first)} {what}", "each path once")
        else:
            inside = f"{format_path(longer)} is part of {format_path(shorter)}"
            findings.add(where, f"{inside}, and both are varied", "one of the two")


def _over(
    value: Any, targets: list[Target], method: str, where: Path, findings: Findings
) -> Listed | ParameterRange | Distribution | None:
    """The values over which a parameter runs; None, after faults are reported, if not valid."""
    if isinstance(value, list):
        return _read_list(value, len(targets), where, findings)
    if not isinstance(value, Mapping):
        joint = "[" + ", ".join([str(value)] * len(targets)) + "]" if len(targets) > 1 else value
        hint = f"write [{joint}] for one value" if not isinstance(value, str) else ""
        findings.add(where, f"is {show(value)}", FORMS, hint)
        return None
    choice = next((target for target in targets if not target.is_number), None)
    if choice is not None:
        found = f"is a table, but {format_path(choice.path)} takes no numbers"
        findings.add(where, found, "a list of its values")
        return None
    return _form(value)(value, method, where, findings)


def _form(value: Mapping[str, Any]) -> Callable[..., ParameterRange | Distribution | None]:
    is_range = "low" in value or "high" in value
    return _read_range if is_range and not any(name in value for name in NAMES) else _read_drawn


def _read_list(value: list[Any], width: int, where: Path, findings: Findings) -> Listed | None:
    if not value:
        findings.add(where, "is an empty list", "at least one value")
        return None
    settings = []
    for number, item in enumerate(value, start=1):
        if width == 1 and not isinstance(item, list):
            settings.append((item,))
        elif width > 1 and isinstance(item, list) and len(item) == width:
            settings.append(tuple(item))
        else:
            found = f"has, as number {number} of the list, {_shown_item(item)}"
            wanted = f"lists of {width} values, one for each path" if width > 1 else "single values"
            findings.add(where, found, wanted)
            return None
    return Listed(settings=tuple(settings))


def _shown_item(item: Any) -> str:
    if not isinstance(item, list):
        return show(item)
    return f"a list of {len(item)} value{'' if len(item) == 1 else 's'}"


def _read_range(
    value: Mapping[str, Any], method: str, where: Path, findings: Findings
) -> ParameterRange | None:
    before = len(findings.faults)
    known = ("low", "high", "count")
    for key in value:
        if key not in known:
            hint = findings.speller.suggest(key, known)
            findings.add((*where, key), "is no part of a range", "low, high, count", hint)
    ends = [_end(value, key, where, findings) for key in ("low", "high")]
    count = value.get("count")
    if count is not None:
        read_integer(_COUNT, count, (*where, "count"), findings)
    elif method == GRID:
        found = "is a range without a count, and a grid needs values"
        findings.add(where, found, "a list; or low, high and count")
    low, high = ends
    if low is not None and high is not None and low >= high:
        findings.add(where, f"has low = {low:.12g} and high = {high:.12g}", "low below high")
    if low is None or high is None or len(findings.faults) > before:
        return None
    return ParameterRange(low=low, high=high, count=count)


def _end(value: Mapping[str, Any], key: str, where: Path, findings: Findings) -> float | None:
    if key not in value:
        findings.add(where, f"is a range without {key}", "low, high, and count where wanted")
        return None
    return finite_number(_ANY_NUMBER, value[key], (*where, key), findings)


def _read_drawn(
    value: Mapping[str, Any], method: str, where: Path, findings: Findings
) -> Distribution | None:
    found = read_spread(_ANY_SPREAD, value, where, findings)
    if isinstance(found, Malformed):
        return None
    if method == GRID:
        remedy = f"a list, or low, high and count; or the method {LATIN_HYPERCUBE}"
        findings.add(where, "is a distribution, and a grid needs values", remedy)
        return None
    return found if isinstance(found, Distribution) else None
