"""How supply is lost and regained over time: percentiles over trials, by material and day.

A fan chart needs the details of many trials, which a run does not keep. So the first trials of the
run's range are played again, one by one.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.figures.evidence import Evidence
from riskengine.figures.fan import FanRow
from riskengine.kernel import workspace
from riskengine.kernel.arrays import Scratch
from riskengine.measures.tail import quantile_rank
from riskengine.measures.weighted import weighted_levels
from riskengine.model.losses import Losses
from riskengine.model.sampling import lay_out
from riskengine.play.simulate import FIRST_CAPACITY, play_range

MOST_TRIALS = 2_000  # an interval of a percentile is then about 2 points wide: enough for a picture
MOST_DAYS = 120
QUANTITIES = ("lost", "short")
_LEVELS = {"p50": 0.5, "p75": 0.75, "p90": 0.9, "p95": 0.95, "p99": 0.99}


def fan_days(horizon_days: float) -> NDArray[np.float64]:
    """Whole days from 0 to the horizon: each week, or wider apart over long horizons."""
    step = max(7, 7 * math.ceil(horizon_days / 7 / MOST_DAYS))
    return np.arange(0.0, horizon_days, step)


def supply_fan(losses: Losses | Evidence, most_trials: int = MOST_TRIALS) -> list[FanRow]:
    """The fan of lost supply and net shortage of every material of a run.

    Parameters
    ----------
    losses : Losses
        A run; its first `most_trials` trials are played again.
    most_trials : int

    Returns
    -------
    list of FanRow
        By material, quantity and day.
    """
    days = fan_days(losses.horizon_days)
    levels = _sample(losses, min(most_trials, losses.trials), days)
    weight = losses.weight if isinstance(losses, Losses) else None
    if weight is None:
        means = levels.mean(axis=0)
        levels.sort(axis=0)
        ranked = {name: levels[quantile_rank(len(levels), p) - 1] for name, p in _LEVELS.items()}
    else:
        weight = weight[: len(levels)]
        means = (weight[:, None, None, None] * levels).mean(axis=0)
        ranked = dict(zip(_LEVELS, weighted_levels(levels, weight, _LEVELS.values()), strict=True))
    return [
        FanRow(
            material=material,
            quantity=quantity,
            day=float(day),
            mean=float(means[m, q, d]),
            **{name: float(values[m, q, d]) for name, values in ranked.items()},
        )
        for m, material in enumerate(losses.scenario.materials)
        for q, quantity in enumerate(QUANTITIES)
        for d, day in enumerate(days)
    ]


def _sample(
    losses: Losses | Evidence, trials: int, days: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(trial, material, quantity, day) values at the start of each day."""
    model = lay_out(losses.scenario, losses.seed, losses.first_trial + trials - 1)
    rows = workspace.rows(model, 1)
    scratch = workspace.scratch(model, FIRST_CAPACITY)
    steps = _Steps()
    for i in range(trials):
        scratch = play_range(model, scratch, rows, losses.first_trial + i, 0, 1)
        steps.add(scratch)
    return steps.at(days)


class _Steps:
    """The steps of supply of many trials, gathered as plain arrays and read all at once."""

    def __init__(self) -> None:
        self._scratch: Scratch | None = None
        self._fields: list[NDArray[Any]] = []  # views: record arrays are slow to read
        self._kept: list[list[NDArray[Any]]] = []

    def add(self, scratch: Scratch) -> None:
        """Keep the steps of the trial just played."""
        if scratch is not self._scratch:  # the first, or longer lists for a trial of many events
            materials, steps = scratch.materials.view(np.ndarray), scratch.steps.view(np.ndarray)
            self._scratch = scratch
            self._fields = [materials["step_first"], materials["step_end"]]
            self._fields += [steps[name] for name in ("time", *QUANTITIES)]
        first, end, *of_steps = self._fields
        used = int(end.max())
        self._kept.append([end - first, *(values[:used].copy() for values in of_steps)])

    def at(self, days: NDArray[np.float64]) -> NDArray[np.float64]:
        """(trial, material, quantity, day): the values of the last step up to each day; else 0."""
        counts, time, *quantities = map(np.concatenate, zip(*self._kept, strict=True))
        has_steps = counts > 0
        # A step holds from the first day not before it to the first day of its successor.
        begin = days.searchsorted(time)
        until = np.append(begin[1:], len(days))
        until[np.cumsum(counts[has_steps])[:-1] - 1] = len(days)
        held = until - begin
        row = np.repeat(np.flatnonzero(has_steps), counts[has_steps])  # trial and material
        first = row * len(days) + begin - (np.cumsum(held) - held)
        cells = np.repeat(first, held) + np.arange(held.sum())
        found = np.zeros((len(QUANTITIES), len(self._kept), len(self._kept[0][0]), len(days)))
        for cube, values in zip(found, quantities, strict=True):
            cube.reshape(-1)[cells] = np.repeat(values, held)
        return np.moveaxis(found, 0, 2)
