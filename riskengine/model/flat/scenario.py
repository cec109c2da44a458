"""Scenario -> Model: the arrays that kernels read, and the streams of their draws.

Nothing is decided here: every value of the scenario gets its place. Arrays are made once and are
read-only.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from riskengine.kernel.arrays import Factors, Model, Points, Records
from riskengine.model.flat.arrays import factor
from riskengine.model.flat.demand import flatten_demand
from riskengine.model.flat.disputes import flatten_perils, list_pairs
from riskengine.model.flat.distributions import Shelf
from riskengine.model.flat.materials import flatten_materials
from riskengine.model.flat.pools import (
    PlacedMarket,
    flatten_pools,
    lay_out_markets,
    list_markets,
    pools_of,
)
from riskengine.model.flat.supply import flatten_supply
from riskengine.model.flat.versions import one_version
from riskengine.model.scenario import Scenario
from riskengine.model.streams import StreamBook

NO_POINTS = Points(np.zeros((1, 1), dtype=np.uint64), np.zeros((1, 1), dtype=np.uint64))


def flatten(scenario: Scenario, shelf: Shelf | None = None) -> Model:
    """Lay a scenario out as arrays; `..._key` fields hold streams, to be seeded for a run.

    Parameters
    ----------
    scenario : Scenario
    shelf : Shelf, optional
        Holds the distributions of other scenarios, too, so that equal ones have equal indices.

    Raises
    ------
    ConfigFault
        When the draws of two differently named things would share a stream.
    """
    streams = StreamBook()
    shelf = shelf or Shelf()
    pairs = list_pairs(scenario)
    perils = flatten_perils(scenario, pairs, shelf, streams)
    supply = flatten_supply(scenario, pairs, shelf, streams)
    demand = flatten_demand(scenario)
    multiplier = demand["industries"]["multiplier"]
    materials = flatten_materials(scenario, pairs, multiplier, streams)
    pools = flatten_pools(scenario, shelf, streams)
    markets = _markets(pools, materials["materials"], supply["alternatives"])
    model = Model(
        horizon=float(scenario.run.horizon_days),
        correlation=_correlation(scenario),
        points=NO_POINTS,
        tilt=0.0,
        weight=0.0,
        distributions=shelf.distributions(),
        grid=shelf.grid(),
        **perils,
        **materials,
        **supply,
        **lay_out_markets(markets, materials["materials"], supply["alternatives"]),
        **demand,
        versions=one_version(
            len(scenario.materials),
            len(scenario.industries),
            len(demand["uses"]),
            [place for market in markets for place in market.places],
        ),
    )
    _freeze(model)
    return model


def _markets(pools: Records, materials: Records, alternatives: Records) -> list[PlacedMarket]:
    wanted = [pools_of(material, alternatives) for material in materials]
    return [
        PlacedMarket(pools[list(market.pools)], market.pools, market.materials)
        for market in list_markets(len(pools), wanted)
    ]


def _correlation(scenario: Scenario) -> Factors:
    rho = scenario.correlation
    return Factors(
        coverage=factor(rho.coverage),
        duration=factor(rho.duration),
        escalation=factor(rho.escalation),
        severity=factor(rho.severity),
        rerouting=factor(rho.rerouting),
    )


def _freeze(arrays: Iterable[object]) -> None:
    for entry in arrays:
        if isinstance(entry, np.ndarray):
            entry.setflags(write=False)
        elif isinstance(entry, tuple):
            _freeze(entry)
