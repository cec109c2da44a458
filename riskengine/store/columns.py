"""The trial-level columns, defined once for the Parquet files and the frames of a result."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.kernel.arrays import INDUSTRY_ROW, MATERIAL_ROW, POOL_ROW, TRIAL_ROW, Rows
from riskengine.model.losses import Losses
from riskengine.model.scenario import Scenario
from riskengine.play.simulate import label

LOSSES = "losses.parquet"
MATERIALS = "materials.parquet"
INDUSTRIES = "industries.parquet"
SURVIVAL = "survival.parquet"
POOLS = "pools.parquet"  #: of scenarios that have pools
WEIGHT = "weight"  #: column of `losses.parquet` in runs with weighted trials


class TrialColumn(NamedTuple):
    """One column with one value per trial."""

    name: str
    values: NDArray[np.generic]  #: (n,)
    unit: str
    nullable: bool = False  #: nan stands for "none" and is stored as null
    note: str = ""
    few: bool = False  #: has few distinct values, such as levels


def trial_numbers(losses: Losses) -> TrialColumn:
    """The number of each trial; a trial can be replayed by its number."""
    first = losses.first_trial
    return TrialColumn("trial", np.arange(first, first + losses.trials, dtype=np.int64), "")


def loss_columns(losses: Losses) -> list[TrialColumn]:
    """Columns of `losses.parquet`."""
    money = losses.scenario.run.money
    return [
        trial_numbers(losses),
        TrialColumn("total", losses.total, money),
        TrialColumn("largest_spell", losses.largest_spell, money),
        *([] if losses.weight is None else [TrialColumn(WEIGHT, losses.weight, "trials")]),
        *_group("industry", losses.scenario.industries, losses.industry_loss, money),
    ]


def material_columns(losses: Losses) -> list[TrialColumn]:
    """Columns of `materials.parquet`."""
    scenario = losses.scenario
    names, money = scenario.materials, scenario.run.money
    levels = json.dumps(list(scenario.ladder), ensure_ascii=False)
    depth = f"index in {levels}, -1 if never restricted"
    return [
        trial_numbers(losses),
        *_group("loss", names, losses.material_loss, money),
        *_group("cut_days", names, losses.cut_days, "days"),
        *_group("cut_weighted_days", names, losses.cut_weighted_days, "days of normal demand"),
        *_group("shortage_days", names, losses.shortage_days, "days of normal demand"),
        *_group("deepest_level", names, losses.deepest_level, "level", note=depth, few=True),
    ]


def industry_columns(losses: Losses) -> list[TrialColumn]:
    """Columns of `industries.parquet`."""
    names, money = losses.scenario.industries, losses.scenario.run.money
    return [
        trial_numbers(losses),
        *_group("output", names, losses.output, money),
        *_group("rerouting", names, losses.rerouting, money),
        *_group("price", names, losses.price, money),
        *_group("indirect", names, losses.indirect, money),
        *_group("loss_days", names, losses.loss_days, "days"),
        *_group("stopped_days", names, losses.stopped_days, "days"),
        *_group("first_loss_day", names, losses.first_loss_day, "days", nullable=True),
    ]


def survival_columns(losses: Losses) -> list[TrialColumn]:
    """Columns of `survival.parquet`."""
    names = losses.scenario.industries
    return [
        trial_numbers(losses),
        *_group("survival_days", names, losses.survival_days, "days", nullable=True),
    ]


def pool_columns(losses: Losses) -> list[TrialColumn]:
    """Columns of `pools.parquet`."""
    pools = losses.scenario.pools
    units = [pool.counted_in for pool in pools.values()]
    used = _group("used", pools, losses.pool_used, "")
    return [
        trial_numbers(losses),
        *_group("contested_days", pools, losses.contested_days, "days"),
        *(column._replace(unit=unit) for column, unit in zip(used, units, strict=True)),
    ]


TRIAL_FILES = {
    LOSSES: loss_columns,
    MATERIALS: material_columns,
    INDUSTRIES: industry_columns,
    SURVIVAL: survival_columns,
    POOLS: pool_columns,
}


def trial_files(scenario: Scenario) -> dict[str, Callable[[Losses], list[TrialColumn]]]:
    """The files of a scenario with a row for each trial, and what makes their columns."""
    return {name: made for name, made in TRIAL_FILES.items() if name != POOLS or scenario.pools}


def expected_columns(scenario: Scenario) -> dict[str, list[TrialColumn]]:
    """The columns of each file of a run of this scenario, without rows."""
    rows = Rows(
        trials=np.zeros(0, TRIAL_ROW),
        industries=np.zeros((0, len(scenario.industries)), INDUSTRY_ROW),
        materials=np.zeros((0, len(scenario.materials)), MATERIAL_ROW),
        pools=np.zeros((0, len(scenario.pools)), POOL_ROW),
        level_days=np.zeros((0, len(scenario.materials) * len(scenario.ladder))),
        episodes=np.zeros((0, len(scenario.disputes)), np.int32),
        quiet=np.zeros(0, np.int32),
        weights=np.zeros(0),
    )
    losses = label(scenario, 0, 0, rows)
    return {name: columns(losses) for name, columns in trial_files(scenario).items()}


def _group(
    prefix: str,
    names: Iterable[str],
    matrix: NDArray[np.generic],
    unit: str,
    *,
    nullable: bool = False,
    note: str = "",
    few: bool = False,
) -> list[TrialColumn]:
    return [
        TrialColumn(f"{prefix}:{name}", matrix[:, index], unit, nullable, note, few)
        for index, name in enumerate(names)
    ]
