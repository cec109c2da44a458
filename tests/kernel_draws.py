"""The uniforms that the reference simulator is given: the kernels' own, asked for by name."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from riskengine.kernel.arrays import Model
from riskengine.kernel.draws import block, seeded_keys
from riskengine.kernel.points import coordinate
from riskengine.model.streams import stream

# purpose of the reference -> (purpose of the stream, step in the counter, lane of the block);
# a step of None takes the step that is asked for
_ADDRESS = {
    "onset": ("onset", 0, 0),
    "trigger": ("trigger", 0, 0),
    "lag": ("trigger", 0, 1),
    "coverage": ("cover", 0, 0),
    "severity": ("cover", 0, 1),
    "choice": ("path", None, 0),
    "sojourn": ("path", None, 1),
    "source": ("source", 0, 0),
    "stock": ("stock", 0, 0),
    "pool": ("pool", 0, 0),
    "capacity": ("alternative", 1, 0),
    "premium": ("alternative", 1, 1),
    "boycott": ("alternative", 2, 0),
}


# leading decisions: (table, field, first steps that have coordinates)
_LEADING = (
    ("disputes", "onset", 1),
    ("disputes", "cover", 1),
    ("disputes", "path", 4),
    ("triggers", "trigger", 1),
    ("materials", "reroute", 1),
    ("pairs", "cover", 1),
    ("pairs", "path", 2),
    ("alternatives", "alternative", 1),
)


def uniforms(
    seed: int, trial: int, model: Model | None = None
) -> Callable[[str, tuple[str, ...], int, int], float]:
    """The uniform of a purpose, names, episode and step in one trial.

    A model laid out for a run with points gives those of the leading decisions.
    """
    keys: dict[tuple[str, ...], np.uint64] = {}
    points = {} if model is None else _points(model)

    def key(*names: str) -> np.uint64:
        if names not in keys:
            keys[names] = _seeded_key(stream(*names), seed)
        return keys[names]

    def uniform(purpose: str, names: tuple[str, ...], episode: int, step: int) -> float:
        kind, fixed_step, lane = _locate(purpose, names)
        if names[-1] == "":
            kind, names = "alone", names[:1]
        at = step if fixed_step is None else fixed_step
        address = key(kind, *names)
        point, steps = points.get(int(address), (0, 0))
        if model is not None and point and episode == 0 and at < steps:
            place = np.uint64(point + 2 * at + lane)
            return float(coordinate(model.points, np.uint64(trial), place))
        return block(address, trial, episode, at)[lane]

    return uniform


def _points(model: Model) -> dict[int, tuple[int, int]]:
    """The first coordinate of each leading decision and how many steps have some, by its key."""
    found = {}
    for table, field, steps in _LEADING:
        records = getattr(model, table)
        for address, point in zip(records[f"{field}_key"], records[f"{field}_point"], strict=True):
            found[int(address)] = int(point), steps
    return found


def _locate(purpose: str, names: tuple[str, ...]) -> tuple[str, int | None, int]:
    if purpose in ("reroute", "lead"):
        kind = "reroute" if len(names) == 1 else "alternative"
        return kind, 0, int(purpose == "lead")
    return _ADDRESS[purpose]


def _seeded_key(value: int, seed: int) -> np.uint64:
    return seeded_keys(np.array([value], dtype=np.uint64), seed)[0]
