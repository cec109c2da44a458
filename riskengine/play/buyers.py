"""Who buys from which pool, and what each asks for and is granted on average."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.figures.buyers import BuyerRow
from riskengine.figures.evidence import Evidence
from riskengine.kernel.arrays import Model
from riskengine.measures.estimate import Estimate
from riskengine.measures.moments import mean
from riskengine.model.losses import Losses
from riskengine.model.sampling import lay_out
from riskengine.model.scenario import Scenario
from riskengine.play.fan import MOST_TRIALS, FanSteps, fan_steps


class Buyer(NamedTuple):
    """An alternative that comes from a pool, and where the model has it."""

    pool: str
    material: str
    alternative: str
    pool_row: int  #: in `Model.pools`
    row: int  #: in `Model.buyers`


def buyers_of(scenario: Scenario, model: Model) -> list[Buyer]:
    """All buyers: pools in the order of the scenario, and in each the materials in theirs."""
    found = []
    for pool, place in zip(scenario.pools, model.versions.pools[0].tolist(), strict=True):
        rows = range(model.pools[place].buyer_first, model.pools[place].buyer_end)
        for buyer, row in zip(scenario.buyers(pool), rows, strict=True):
            found.append(Buyer(pool, *buyer, place, row))
    return found


def buyer_rows(
    run: Losses | Evidence, model: Model | None = None, steps: FanSteps | None = None
) -> list[BuyerRow]:
    """What each buyer of a pool asks for and is granted, on average over the trials of the fan.

    Parameters
    ----------
    run : Losses
        A run; its first trials are played again, at most `MOST_TRIALS` of them.
    model : Model, optional
        The run's scenario, laid out for these trials; laid out anew if it is not given.
    steps : FanSteps, optional
        The steps of these trials, if they were played before.
    """
    scenario = run.scenario
    if not scenario.pools:
        return []
    trials = min(MOST_TRIALS, run.trials)
    model = model or lay_out(scenario, run.seed, run.first_trial + trials - 1)
    steps = steps or fan_steps(model, run.first_trial, trials)
    asked, granted = steps.by_buyer(run.horizon_days)
    weight = run.weight if isinstance(run, Losses) else None
    found = []
    for buyer in buyers_of(scenario, model):
        asks, gets = (_mean(amounts[:, buyer.row], weight) for amounts in (asked, granted))
        row = BuyerRow(
            pool=buyer.pool,
            material=buyer.material,
            unit=scenario.pools[buyer.pool].counted_in,
            trials=trials,
            asked=asks.value,
            asked_lower=asks.lower,
            asked_upper=asks.upper,
            granted=gets.value,
            granted_lower=gets.lower,
            granted_upper=gets.upper,
        )
        found.append(row)
    return found


def _mean(values: NDArray[np.float64], weight: NDArray[np.float64] | None) -> Estimate:
    """The mean over trials; without an interval where they have weights."""
    if weight is None:
        return mean(np.ascontiguousarray(values))
    return Estimate.alone(float(np.mean(weight[: len(values)] * values)))
