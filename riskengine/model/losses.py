"""The outcome of a range of trials: one row per trial, as arrays in the order of the scenario."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.model.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Losses:
    """The outcome of trials `first_trial` .. `first_trial + trials - 1` of a scenario.

    Axes are (trial, entity); entities follow the order of `scenario.industries`, `.materials` and
    `.disputes`. Money is in the scenario's unit over the whole horizon, days are days.

    Measures and files read the series of one entity at a time, so the losses of a run are stored
    column by column. Those of a slice or block are views of the kernel's rows.
    """

    scenario: Scenario
    seed: int
    first_trial: int
    horizon_days: float
    total: NDArray[np.float64]  #: (n,) loss of the trial
    largest_spell: NDArray[np.float64]  #: (n,) largest loss of a single spell
    industry_loss: NDArray[np.float64]  #: (n, industries) output + rerouting + price + indirect
    output: NDArray[np.float64]  #: value added that was lost
    rerouting: NDArray[np.float64]  #: premiums paid for alternatives
    price: NDArray[np.float64]  #: higher prices paid
    indirect: NDArray[np.float64]  #: loss passed on from other industries
    loss_days: NDArray[np.float64]  #: days with any output loss
    stopped_days: NDArray[np.float64]  #: days with no output at all
    first_loss_day: NDArray[np.float64]  #: day of the first output loss, nan if none
    survival_days: NDArray[np.float64]  #: start of a spell to its first output loss, nan if none
    material_loss: NDArray[np.float64]  #: (n, materials) attributed loss
    cut_days: NDArray[np.float64]  #: days with any supply cut
    cut_weighted_days: NDArray[np.float64]  #: integral of lost supply, days of demand
    shortage_days: NDArray[np.float64]  #: integral of the net shortage, days of demand
    deepest_level: NDArray[np.int64]  #: index in the ladder, -1 if never restricted
    #: (n, materials * levels) days on which the deepest of a material's paths is on each level
    level_days: NDArray[np.float64]
    episodes: NDArray[np.int32]  #: (n, disputes) episodes that began
    contested_days: NDArray[np.float64]  #: (n, pools) days on which more is asked for than there is
    pool_used: NDArray[np.float64]  #: (n, pools) what its buyers are granted, in the pool's unit
    #: (n,) weight of each trial, with a mean of at most about 1: trials that are not drawn because
    #: they lose nothing make up the rest. None where trials have no weights.
    weight: NDArray[np.float64] | None = None

    @property
    def trials(self) -> int:
        return len(self.total)


#: the names of the arrays, each with one row per trial
_SERIES = tuple(field.name for field in fields(Losses) if str(field.type).startswith("NDArray"))
_ALIGNED = 64  #: bytes, one line of the processor's cache


def held(losses: Losses) -> list[str]:
    """The names of the arrays that losses have."""
    return [name for name in _SERIES if getattr(losses, name) is not None]


def room_for(trials: int, like: Losses) -> Losses:
    """Unfilled losses of a number of trials, stored column by column, with the rest as in `like`.

    They share one piece of memory. The system allocates a large piece in large pages, in a fraction
    of the time.
    """
    arrays = {name: getattr(like, name) for name in held(like)}
    lengths = [math.prod(array.shape[1:]) * array.itemsize * trials for array in arrays.values()]
    starts = [0, *accumulate(-(-length // _ALIGNED) * _ALIGNED for length in lengths)]
    memory = np.empty(starts[-1], dtype=np.uint8)

    def room(array: NDArray[Any], start: int, length: int) -> Any:
        cells = memory[start : start + length].view(array.dtype)
        return cells.reshape(*array.shape[1:], trials).T

    made = map(room, arrays.values(), starts, lengths)
    return replace(like, **dict(zip(arrays, made, strict=True)))


def put(part: Losses, into: Losses, first_row: int, count: int | None = None) -> None:
    """Copy the losses of a part, or the first `count` of them, to their place in the whole."""
    count = part.trials if count is None else count
    place = slice(first_row, first_row + count)
    for name in held(into):
        getattr(into, name)[place] = getattr(part, name)[:count]


def seal(losses: Losses) -> Losses:
    """The same losses, made read-only."""
    for name in held(losses):
        getattr(losses, name).setflags(write=False)
    return losses
