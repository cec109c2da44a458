"""Figures that a run does not keep: near-zero flow, return of the flow, first full stop.

The trials of a run are simulated again one by one, and the figures are read from the steps that
each trial leaves in the kernels' working arrays. "Near zero" is a flow of at most a fifth of the
normal one. "Near normal" is a flow that is back to within a tenth of it. Both bounds are our own,
because reports of history use words: the flow that was called stopped in 2010 was 16 % of the flow
in the month after its return.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.kernel import workspace
from riskengine.kernel.arrays import NOTHING, Scratch
from riskengine.model.losses import Losses
from riskengine.model.sampling import lay_out
from riskengine.model.scenario import Scenario
from riskengine.play.simulate import FIRST_CAPACITY, play_range

NEAR_ZERO = 0.8  #: share of the flow that can be cut, lost from here on
NEAR_NORMAL = 0.1

Key = tuple[str, int, str]  #: scope, index in the scenario, figure


@dataclass(frozen=True, slots=True, eq=False)
class Inside:
    """Figures by scope, index and name, with one value per trial."""

    figures: dict[Key, NDArray[np.float64]]

    def series(self, scope: str, index: int, figure: str) -> NDArray[np.float64]:
        return self.figures[scope, index, figure]


def read_inside(losses: Losses, wanted: Collection[Key]) -> Inside:
    """Simulate the trials of a run again and read the wanted figures from each."""
    model = lay_out(losses.scenario, losses.seed, losses.first_trial + losses.trials - 1)
    exposed = exposed_shares(losses.scenario)
    rows = workspace.rows(model, 1)
    scratch = workspace.scratch(model, FIRST_CAPACITY)
    steps = _Steps.of(scratch)
    figures = {key: np.empty(losses.trials) for key in wanted}
    for i in range(losses.trials):
        trial = losses.first_trial + i
        played = play_range(model, scratch, rows, trial, 0, 1)
        if played is not scratch:
            scratch, steps = played, _Steps.of(played)
        for (scope, index, figure), values in figures.items():
            shares = exposed[index] if scope == "material" else 0.0
            values[i] = _READERS[figure](steps, index, shares, model.horizon)
    return Inside(figures)


def exposed_shares(scenario: Scenario) -> list[float]:
    """The share of each material's demand that comes from countries that may cut it off."""
    coercers = {(dispute.target, dispute.coercer) for dispute in scenario.disputes.values()}
    return [
        sum(
            source.share
            for country, source in material.sources.items()
            if (material.importer, country) in coercers
        )
        for material in scenario.materials.values()
    ]


def near_zero_days(
    starts: NDArray[np.float64], lost: NDArray[np.float64], exposed: float, horizon: float
) -> float:
    """Days on which at most a fifth of the flow that can be cut arrives.

    Parameters
    ----------
    starts, lost : ndarray, (k,)
        Steps of the lost supply: share of demand lost from each day on; nothing is lost before.
    exposed : float
        Share of demand that can be cut.
    horizon : float
        Days.
    """
    days = np.diff(np.append(starts, horizon))
    return float(days[lost >= NEAR_ZERO * exposed - NOTHING].sum())


def normal_day(starts: NDArray[np.float64], lost: NDArray[np.float64], exposed: float) -> float:
    """The first day after the first cut on which the flow is back to within a tenth of normal.

    0 if the flow was never cut more than that; `inf` if it does not return within the horizon.
    """
    is_low = lost > NEAR_NORMAL * exposed + NOTHING
    if not is_low.any():
        return 0.0
    first = int(np.argmax(is_low))
    back = np.flatnonzero(~is_low[first:])
    return float(starts[first + back[0]]) if len(back) else np.inf


class _Steps(NamedTuple):
    """Plain views of the working arrays, because access to a record array's fields is slow."""

    supply_first: NDArray[np.int64]
    supply_end: NDArray[np.int64]
    supply_time: NDArray[np.float64]
    lost: NDArray[np.float64]
    output_first: NDArray[np.int64]
    output_end: NDArray[np.int64]
    output_time: NDArray[np.float64]
    output_loss: NDArray[np.float64]

    @classmethod
    def of(cls, scratch: Scratch) -> _Steps:
        return cls(
            np.asarray(scratch.materials["step_first"]),
            np.asarray(scratch.materials["step_end"]),
            np.asarray(scratch.steps["time"]),
            np.asarray(scratch.steps["lost"]),
            np.asarray(scratch.industries["first"]),
            np.asarray(scratch.industries["end"]),
            np.asarray(scratch.output_steps["time"]),
            np.asarray(scratch.output_steps["loss"]),
        )


def _near_zero(steps: _Steps, index: int, exposed: float, horizon: float) -> float:
    rows = slice(steps.supply_first[index], steps.supply_end[index])
    if not exposed:
        return 0.0
    return near_zero_days(steps.supply_time[rows], steps.lost[rows], exposed, horizon)


def _normal(steps: _Steps, index: int, exposed: float, horizon: float) -> float:
    rows = slice(steps.supply_first[index], steps.supply_end[index])
    return normal_day(steps.supply_time[rows], steps.lost[rows], exposed)


def _first_stop(steps: _Steps, index: int, exposed: float, horizon: float) -> float:
    rows = slice(steps.output_first[index], steps.output_end[index])
    stopped = np.flatnonzero(steps.output_loss[rows] == 1.0)  # kernels round near-full losses to 1
    return float(steps.output_time[rows][stopped[0]]) if len(stopped) else np.inf


_READERS: dict[str, Callable[[_Steps, int, float, float], float]] = {
    "near_zero_days": _near_zero,
    "normal_day": _normal,
    "first_stop_day": _first_stop,
}
