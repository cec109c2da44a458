"""How supply is lost and regained over time: percentiles over trials, by material and day.

A fan chart needs the details of many trials, which a run does not keep. So the first trials of the
run's range are played again, one by one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.figures.evidence import Evidence
from riskengine.figures.fan import FanRow
from riskengine.kernel import workspace
from riskengine.kernel.arrays import N_POOL_STEPS, Model, Scratch
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


def supply_fan(
    losses: Losses | Evidence,
    most_trials: int = MOST_TRIALS,
    model: Model | None = None,
    steps: FanSteps | None = None,
) -> list[FanRow]:
    """The fan of lost supply and net shortage of every material of a run.

    Parameters
    ----------
    losses : Losses
        A run; its first `most_trials` trials are played again.
    most_trials : int
    model : Model, optional
        The run's scenario, laid out for these trials; laid out anew if it is not given.
    steps : FanSteps, optional
        The steps of the first `most_trials` trials, if these were played before.

    Returns
    -------
    list of FanRow
        By material, quantity and day.
    """
    days = fan_days(losses.horizon_days)
    trials = min(most_trials, losses.trials)
    weight = losses.weight if isinstance(losses, Losses) else None
    if steps is None:
        model = model or lay_out(losses.scenario, losses.seed, losses.first_trial + trials - 1)
        steps = fan_steps(model, losses.first_trial, trials)
    return [
        FanRow(material=material, quantity=quantity, day=float(day), mean=float(mean), **ranked)
        for material, cubes in zip(losses.scenario.materials, steps.by_material(days), strict=True)
        for quantity, values in zip(QUANTITIES, cubes, strict=True)
        for day, mean, ranked in _percentiles(values, weight, days)
    ]


def _percentiles(
    values: NDArray[np.float64], weight: NDArray[np.float64] | None, days: NDArray[np.float64]
) -> Iterator[tuple[float, float, dict[str, float]]]:
    """Day, mean and percentiles over trials of (trial, day) values, which are sorted in place."""
    if weight is None:
        means = values.mean(axis=0)
        values.sort(axis=0)
        found = [values[quantile_rank(len(values), level) - 1] for level in _LEVELS.values()]
    else:
        weight = weight[: len(values)]
        means = (weight[:, None] * values).mean(axis=0)
        found = weighted_levels(values, weight, _LEVELS.values())
    for day, mean, *ranked in zip(days, means, *found, strict=True):
        yield day, mean, dict(zip(_LEVELS, map(float, ranked), strict=True))


def fan_steps(model: Model, first_trial: int, trials: int) -> FanSteps:
    """The steps of supply of the first of `trials` trials, at most `MOST_TRIALS` of them."""
    trials = min(trials, MOST_TRIALS)
    rows = workspace.rows(model, 1)
    scratch = workspace.scratch(model, FIRST_CAPACITY)
    steps = FanSteps()
    for i in range(trials):
        scratch = play_range(model, scratch, rows, first_trial + i, 0, 1)
        steps.add(scratch)
    return steps


class FanSteps:
    """The steps of supply and of pools of many trials, gathered as plain arrays."""

    def __init__(self) -> None:
        self._scratch: Scratch | None = None
        self._fields: list[NDArray[Any]] = []  # views: record arrays are slow to read
        self._kept: list[list[NDArray[Any]]] = []
        self._of_pools: list[NDArray[Any]] = []
        self._buyers = 0

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
        self._buyers = scratch.buyers.size
        if self._buyers:
            noted = scratch.pool_steps.view(np.ndarray)[: scratch.size[N_POOL_STEPS]]
            self._of_pools.append(noted.copy())

    def by_buyer(self, horizon_days: float) -> NDArray[np.float64]:
        """(2, trial, buyer) amounts that are asked for and granted over the whole horizon."""
        found = np.zeros((2, len(self._of_pools), self._buyers))
        if not self._buyers:
            return found
        steps = np.concatenate(self._of_pools)
        trial = np.repeat(np.arange(len(self._of_pools)), [len(own) for own in self._of_pools])
        cell = trial * self._buyers + steps["buyer"]
        order = np.lexsort((steps["time"], cell))
        steps, cell = steps[order], cell[order]
        until = np.append(steps["time"][1:], horizon_days)
        until[np.append(cell[1:] != cell[:-1], True)] = horizon_days
        days = until - steps["time"]
        for amounts, field in zip(found, ("asked", "granted"), strict=True):
            sums = np.bincount(cell, steps[field] * days / 365.0, minlength=amounts.size)
            amounts[:] = sums.reshape(amounts.shape)
        return found

    def by_material(self, days: NDArray[np.float64]) -> Iterator[list[NDArray[np.float64]]]:
        """(trial, day) values of each quantity: those of the last step up to each day, else 0."""
        counts, time, *quantities = map(np.concatenate, zip(*self._kept, strict=True))
        trials, materials = len(self._kept), len(self._kept[0][0])
        # A step holds from the first day not before it to the first day of its successor.
        begin = days.searchsorted(time)
        until = np.append(begin[1:], len(days))
        until[np.cumsum(counts[counts > 0])[:-1] - 1] = len(days)
        held = until - begin
        trial, material = np.divmod(np.repeat(np.arange(counts.size), counts), materials)
        first = trial * len(days) + begin
        for index in range(materials):
            own = np.flatnonzero(material == index)
            length = held[own]
            cells = np.repeat(first[own] - np.cumsum(length) + length, length)
            cells += np.arange(len(cells))
            found = np.zeros((len(QUANTITIES), trials, len(days)))
            for values, quantity in zip(found, quantities, strict=True):
                values.reshape(-1)[cells] = np.repeat(quantity[own], length)
            yield list(found)
