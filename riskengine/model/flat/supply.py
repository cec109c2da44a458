"""Sources, alternatives and stocks as arrays (sections 3 to 5 of the model)."""

from __future__ import annotations

from typing import Any

from riskengine.kernel.arrays import ALTERNATIVE, SOURCE, TIER, Records
from riskengine.model.flat.arrays import on_scale, positions, table
from riskengine.model.flat.disputes import DisputedMaterial
from riskengine.model.flat.distributions import Shelf
from riskengine.model.scenario import Scenario
from riskengine.model.streams import StreamBook


def flatten_supply(
    scenario: Scenario, pairs: list[list[DisputedMaterial]], shelf: Shelf, streams: StreamBook
) -> dict[str, Any]:
    """Sources, alternatives and stock tiers of materials, as fields of the model."""
    return {
        "sources": _flatten_sources(scenario, pairs, shelf, streams),
        "alternatives": _flatten_alternatives(scenario, shelf, streams),
        "tiers": _flatten_tiers(scenario, shelf, streams),
    }


def _flatten_sources(
    scenario: Scenario, pairs: list[list[DisputedMaterial]], shelf: Shelf, streams: StreamBook
) -> Records:
    pair_at = {
        (pair.material, scenario.disputes[pair.dispute].coercer): i
        for i, pair in enumerate(pair for group in pairs for pair in group)
    }
    sources = [
        (material, country, source)
        for material, owner in scenario.materials.items()
        for country, source in owner.sources.items()
    ]
    return table(
        SOURCE,
        share=[source.share for _, _, source in sources],
        pair=[pair_at.get((material, country), -1) for material, country, _ in sources],
        boycott=[shelf.put(source.boycott_cut) for _, _, source in sources],
        source_key=[streams.enter("source", material, country) for material, country, _ in sources],
    )


def _flatten_alternatives(scenario: Scenario, shelf: Shelf, streams: StreamBook) -> Records:
    alternatives = [
        (material, name, alternative)
        for material, owner in scenario.materials.items()
        for name, alternative in owner.alternatives.items()
    ]
    pool_at = positions(scenario.pools)
    return table(
        ALTERNATIVE,
        succeeds=[
            on_scale(a.probability, scenario.correlation.rerouting) for _, _, a in alternatives
        ],
        ramp_days=[a.ramp_days for _, _, a in alternatives],
        ramp_steps=[a.ramp_steps for _, _, a in alternatives],
        from_start=[int(a.lead_from == "start") for _, _, a in alternatives],
        pool=[-1 if a.pool is None else pool_at[a.pool] for _, _, a in alternatives],
        precedence=[a.precedence for _, _, a in alternatives],
        granted_to=range(len(alternatives)),
        capacity=[shelf.put(a.capacity) for _, _, a in alternatives],
        lead_time=[shelf.put(a.lead_time) for _, _, a in alternatives],
        premium=[shelf.put(a.premium) for _, _, a in alternatives],
        boycott=[shelf.put(a.boycott_cut) for _, _, a in alternatives],
        alternative_key=[
            streams.enter("alternative", material, name) for material, name, _ in alternatives
        ],
    )


def _flatten_tiers(scenario: Scenario, shelf: Shelf, streams: StreamBook) -> Records:
    tiers = [
        (material, name, tier)
        for material, owner in scenario.materials.items()
        for name, tier in owner.stocks.items()
    ]
    return table(
        TIER,
        days=[shelf.put(tier.days) for _, _, tier in tiers],
        lag=[tier.release_lag_days for _, _, tier in tiers],
        release=[tier.max_release for _, _, tier in tiers],
        build_rate=[tier.build_rate for _, _, tier in tiers],
        target=[tier.target_days or 0.0 for _, _, tier in tiers],
        tier_key=[streams.enter("stock", material, name) for material, name, _ in tiers],
    )
