"""Materials as records: which pairs, sources, alternatives, tiers and uses belong to each."""

from __future__ import annotations

import math
from typing import Any

from riskengine.kernel.arrays import MATERIAL, Floats
from riskengine.model.flat.arrays import bounds, places, positions, table
from riskengine.model.flat.demand import list_uses, use_costs
from riskengine.model.flat.disputes import DisputedMaterial
from riskengine.model.scenario import Scenario
from riskengine.model.streams import StreamBook


def flatten_materials(
    scenario: Scenario, pairs: list[list[DisputedMaterial]], multiplier: Floats, streams: StreamBook
) -> dict[str, Any]:
    """The materials of a scenario, as fields of the model.

    `multiplier` is each industry's total loss per unit of direct loss, for the money a day that one
    unit of premium costs in all.
    """
    materials = list(scenario.materials.values())
    own_pairs: dict[str | None, list[int]] = {name: [] for name in scenario.materials}
    for i, pair in enumerate(pair for group in pairs for pair in group):
        own_pairs.setdefault(pair.material, []).append(i)
    own_pairs.pop(None, None)
    by_material = list_uses(scenario)
    industry_at = positions(scenario.industries)
    importer_at = positions(dict.fromkeys(material.importer for material in materials))
    cost_rates = [
        math.fsum(
            cost * multiplier[industry_at[entry.industry]]
            for cost, entry in zip(costs, group, strict=True)
        )
        for costs, group in zip(use_costs(scenario, by_material), by_material, strict=True)
    ]
    pair_first, pair_end = bounds(own_pairs.values())
    source_first, source_end = bounds(material.sources for material in materials)
    alternative_first, alternative_end = bounds(material.alternatives for material in materials)
    tier_first, tier_end = bounds(material.stocks for material in materials)
    use_first, use_end = bounds(
        range(sum(entry.classes for entry in group)) for group in by_material
    )
    return {
        "materials": table(
            MATERIAL,
            refill_rate=[material.refill_rate for material in materials],
            inverse_elasticity=[
                1.0 / material.price_elasticity if material.price_elasticity else 0.0
                for material in materials
            ],
            price_cap=[material.price_cap for material in materials],
            cost_rate=cost_rates,
            demand=[material.demand_per_year or 0.0 for material in materials],
            pooled=[
                int(any(alternative.pool for alternative in material.alternatives.values()))
                for material in materials
            ],
            pair_first=pair_first,
            pair_end=pair_end,
            source_first=source_first,
            source_end=source_end,
            alternative_first=alternative_first,
            alternative_end=alternative_end,
            tier_first=tier_first,
            tier_end=tier_end,
            use_first=use_first,
            use_end=use_end,
            importer=[importer_at[material.importer] for material in materials],
            reroute_key=[streams.enter("reroute", material.importer) for material in materials],
        ),
        "material_pairs": places(i for group in own_pairs.values() for i in group),
    }
