"""The uniforms that the reference simulator is given: the kernels' own, asked for by name."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from riskengine.kernel.draws import block, seeded_keys
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
    "capacity": ("alternative", 1, 0),
    "premium": ("alternative", 1, 1),
    "boycott": ("alternative", 2, 0),
}


def uniforms(seed: int, trial: int) -> Callable[[str, tuple[str, ...], int, int], float]:
    """The uniform of a purpose, names, episode and step in one trial."""
    keys: dict[tuple[str, ...], np.uint64] = {}

    def key(*names: str) -> np.uint64:
        if names not in keys:
            keys[names] = _seeded_key(stream(*names), seed)
        return keys[names]

    def uniform(purpose: str, names: tuple[str, ...], episode: int, step: int) -> float:
        kind, fixed_step, lane = _locate(purpose, names)
        if names[-1] == "":
            kind, names = "alone", names[:1]
        at = step if fixed_step is None else fixed_step
        return block(key(kind, *names), trial, episode, at)[lane]

    return uniform


def _locate(purpose: str, names: tuple[str, ...]) -> tuple[str, int | None, int]:
    if purpose in ("reroute", "lead"):
        kind = "reroute" if len(names) == 1 else "alternative"
        return kind, 0, int(purpose == "lead")
    return _ADDRESS[purpose]


def _seeded_key(value: int, seed: int) -> np.uint64:
    return seeded_keys(np.array([value], dtype=np.uint64), seed)[0]
