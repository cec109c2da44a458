"""Allocation of the arrays that kernels write."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from riskengine.kernel import arrays
from riskengine.kernel.arrays import Changes, Model, Records, Rows, Scratch


def records(dtype: np.dtype[Any], *shape: int) -> Records:
    """Zeroed records whose fields are attributes, compiled or not."""
    return np.zeros(shape, dtype=_with_attributes(dtype)).view(np.recarray)


@cache
def _with_attributes(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The type whose elements have fields as attributes; a view would make a new type each time."""
    return np.dtype((np.record, dtype))


def _most(owners: Records, first: str, end: str) -> int:
    """Largest number of parts that one owner has, at least 1."""
    return max(1, int((owners[end] - owners[first]).max(initial=0)))


def scratch(model: Model, capacity: int) -> Scratch:
    """Working arrays of one thread; each list has `capacity` rows."""
    most_alternatives = _most(model.materials, "alternative_first", "alternative_end")
    most_tiers = _most(model.materials, "tier_first", "tier_end")
    made = Scratch(
        size=np.zeros(arrays.N_SIZES, dtype=np.int64),
        disputes=records(arrays.DISPUTE_STATE, model.disputes.size),
        due=records(arrays.DUE, capacity),
        episodes=records(arrays.EPISODE, capacity),
        spells=records(arrays.SPELL, capacity),
        common=records(arrays.COMMON, capacity),
        pairs=records(arrays.PAIR_STATE, model.pairs.size),
        segments=records(arrays.SEGMENT, capacity),
        materials=records(arrays.MATERIAL_STATE, model.materials.size),
        rerouting=records(arrays.REROUTING, int(model.materials["importer"].max(initial=0)) + 1),
        alternatives=records(arrays.ALTERNATIVE_STATE, model.alternatives.size),
        tiers=records(arrays.TIER_STATE, model.tiers.size),
        slots=records(arrays.SLOT_STATE, model.slots.size),
        pools=records(arrays.POOL_STATE, model.pools.size),
        buyers=records(arrays.BUYER_STATE, model.buyers.size),
        grants=records(arrays.GRANT, capacity if model.buyers.size else 0),
        pool_steps=records(arrays.POOL_STEP, capacity if model.pools.size else 0),
        steps=records(arrays.STEP, capacity),
        step_used=np.zeros((capacity, most_alternatives)),
        step_stock=np.zeros((capacity, most_tiers)),
        uses=records(arrays.USE_STATE, model.uses.size),
        use_steps=records(arrays.USE_STEP, capacity),
        hit_uses=np.zeros(_most(model.industries, "use_first", "use_end"), dtype=np.uint64),
        firms=records(arrays.FIRMS_STATE, int(model.industries["classes"].max(initial=1))),
        likelihood=np.zeros(1),
        industries=records(arrays.INDUSTRY_STATE, model.industries.size),
        output_steps=records(arrays.OUTPUT_STEP, capacity),
        parts=records(arrays.PART, capacity),
        material_rows=records(arrays.MATERIAL_ROW, model.materials.size),
        industry_rows=records(arrays.INDUSTRY_ROW, model.industries.size),
        level_days=np.zeros(model.boycott.size),
        version_trial=records(arrays.TRIAL_ROW, 1),
        version_industries=records(arrays.INDUSTRY_ROW, model.versions.industries.shape[1]),
        version_materials=records(arrays.MATERIAL_ROW, model.versions.materials.shape[1]),
    )
    made.pairs["head"] = made.materials["deepest"] = -1
    return made


def lean_scratch(model: Model, capacity: int) -> Scratch:
    """Working arrays for a run: without the details of steps, which only a replay reads."""
    full = scratch(model, capacity)
    return full._replace(
        step_used=full.step_used[:0].copy(),
        step_stock=full.step_stock[:0].copy(),
        pool_steps=records(arrays.POOL_STEP, 0),
    )


def rows(model: Model, trials: int) -> Rows:
    """Outcome arrays for a number of trials; of several versions, those of version 0."""
    materials, industries = model.versions.materials.shape[1], model.versions.industries.shape[1]
    return Rows(
        trials=records(arrays.TRIAL_ROW, trials),
        industries=records(arrays.INDUSTRY_ROW, trials, industries),
        materials=records(arrays.MATERIAL_ROW, trials, materials),
        pools=records(arrays.POOL_ROW, trials, model.versions.pools.shape[1]),
        level_days=np.zeros((trials, materials * model.boycott.size)),
        episodes=np.zeros((trials, model.disputes.size), dtype=np.int32),
        quiet=np.zeros(trials, dtype=np.int32),
        weights=np.zeros(trials if model.weight > 0.0 else 0),
    )


def row_bytes(model: Model) -> int:
    """Bytes that one trial takes in `rows`."""
    return sum(array.nbytes for array in rows(model, 1))


def series_of_version(model: Model) -> int:
    """How many series of a version `arrays.Changes` numbers."""
    materials: int = model.versions.materials.shape[1]
    industries: int = model.versions.industries.shape[1]
    if model.versions.detail == arrays.TOTALS:
        return 1
    if model.versions.detail == arrays.LOSSES:
        return 1 + industries + materials
    pools: int = model.versions.pools.shape[1]
    return (
        2
        + industries * arrays.INDUSTRY_SERIES
        + materials * arrays.MATERIAL_SERIES
        + pools * arrays.POOL_SERIES
    )


def changes(capacity: int) -> Changes:
    """Room for a number of changes."""
    return Changes(
        first_trial=np.zeros(1, dtype=np.int64),
        noted=np.zeros(1, dtype=np.int64),
        rows=np.zeros(capacity, dtype=np.int32),
        series=np.zeros(capacity, dtype=np.uint16),
        values=np.zeros(capacity),
    )


NO_CHANGES = changes(0)
