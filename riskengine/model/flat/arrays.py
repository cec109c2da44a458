"""Small builders that all parts of the flat model share."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence, Sized
from itertools import accumulate
from typing import Any

import numpy as np

from riskengine.kernel.arithmetic import normal_quantile
from riskengine.kernel.arrays import Factor, Ints, Places, Records
from riskengine.kernel.workspace import records

DAYS_PER_YEAR = 365.0
_OF_A_RUN = re.compile("_point$|^onset_(chance|share)$")


def table(dtype: np.dtype[Any], **columns: Sequence[float]) -> Records:
    """An array of records, from one sequence for each field, except fields that a run fills in."""
    if {name for name in dtype.names or () if not _OF_A_RUN.search(name)} != set(columns):
        raise ValueError(f"columns {sorted(columns)} do not make a record of {dtype.names}")
    length = len(next(iter(columns.values())))
    filled = records(dtype, length)
    for name, values in columns.items():
        filled[name] = np.array(values, dtype=dtype[name])
    return filled


def factor(rho: float) -> Factor:
    return Factor(float(rho), math.sqrt(rho), math.sqrt(1.0 - rho))


def on_scale(probability: float, rho: float) -> float:
    """A probability on the scale of draws with this rho: itself, or its normal score.

    A draw is at most the result with exactly this probability; see `riskengine.kernel.scores`.
    """
    if rho in (0.0, 1.0):
        return probability
    if probability <= 0.0:
        return -math.inf
    return normal_quantile(probability) if probability < 1.0 else math.inf


def ints(values: Iterable[int]) -> Ints:
    return np.array(list(values), dtype=np.int64)


def places(values: Iterable[int]) -> Places:
    return np.array(list(values), dtype=np.uint64)


def bounds(groups: Iterable[Sized]) -> tuple[list[int], list[int]]:
    """Where each owner's entries begin in a flat array, and where they end."""
    edges = [0, *accumulate(len(group) for group in groups)]
    return edges[:-1], edges[1:]


def positions(names: Iterable[str]) -> dict[str, int]:
    return {name: i for i, name in enumerate(names)}


def fields_of(table: Records) -> tuple[str, ...]:
    return table.dtype.names or ()


def without(table: Records, *fields: str) -> Records:
    """A table with some fields set to 0."""
    own = table.copy()
    for name in fields:
        own[name] = 0
    return own


def joined(parts: Sequence[Records], dtype: np.dtype[Any]) -> Records:
    """The records of all parts, one after the other."""
    own = records(dtype, sum(part.size for part in parts))
    np.concatenate(parts, out=own)
    return own
