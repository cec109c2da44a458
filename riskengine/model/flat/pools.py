"""Pools, their buyers and their markets as arrays (section 4a of the model)."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np

from riskengine.kernel.arrays import (
    BUYER,
    FIRST_COME,
    MARKET,
    POOL,
    PRECEDENCE,
    PROPORTIONAL,
    Places,
    Records,
)
from riskengine.kernel.workspace import records
from riskengine.model.flat.arrays import places, table
from riskengine.model.flat.distributions import Shelf
from riskengine.model.scenario import Scenario
from riskengine.model.streams import StreamBook

_ALLOCATIONS = {
    "proportional": PROPORTIONAL,
    "precedence": PRECEDENCE,
    "first-come": FIRST_COME,
}


def flatten_pools(scenario: Scenario, shelf: Shelf, streams: StreamBook) -> Records:
    """The pools in the order of the scenario; their buyers are found by `lay_out_markets`."""
    pools = scenario.pools
    nobody = [0] * len(pools)
    return table(
        POOL,
        capacity=[shelf.put(pool.capacity_per_year) for pool in pools.values()],
        allocation=[_ALLOCATIONS[pool.allocation] for pool in pools.values()],
        inverse_elasticity=[
            1.0 / pool.scarcity_elasticity if pool.scarcity_elasticity else 0.0
            for pool in pools.values()
        ],
        scarcity_cap=[pool.scarcity_cap for pool in pools.values()],
        buyer_first=nobody,
        buyer_end=nobody,
        pool_key=[streams.enter("pool", name) for name in pools],
    )


class MarketPlaces(NamedTuple):
    """Pools that share buyers, directly or through others, and those buyers: places, ascending."""

    pools: tuple[int, ...]
    materials: tuple[int, ...]


def list_markets(pools: int, wanted: Sequence[Sequence[int]]) -> list[MarketPlaces]:
    """The markets of a number of pools, in order of their first; a pool that nobody names is one.

    `wanted` has the pools that alternatives of each material name.
    """
    market_of = list(range(pools))
    for own in wanted:
        joined = {market_of[pool] for pool in own}
        market_of = [min(joined) if market in joined else market for market in market_of]
    return [
        MarketPlaces(
            tuple(pool for pool in range(pools) if market_of[pool] == market),
            tuple(m for m, own in enumerate(wanted) if own and market_of[own[0]] == market),
        )
        for market in sorted(set(market_of))
    ]


class PlacedMarket(NamedTuple):
    """A market whose pools and materials are laid out."""

    pools: Records  #: in the order of the scenario
    places: tuple[int, ...]  #: of those pools in the scenario
    materials: tuple[int, ...]  #: entities


def lay_out_markets(
    markets: Sequence[PlacedMarket], materials: Records, alternatives: Records
) -> dict[str, Any]:
    """Markets with their pools and buyers, as fields of the model; pools are grouped by market."""
    own = records(MARKET, len(markets))
    pools = records(POOL, sum(len(market.places) for market in markets))
    slots: list[int] = []
    buyers: list[tuple[int, int]] = []
    row = 0
    for number, market in enumerate(markets):
        slot_of = {material: len(slots) + k for k, material in enumerate(market.materials)}
        own[number].pool_first, own[number].slot_first = row, len(slots)
        slots += market.materials
        for place, pool in zip(market.places, market.pools, strict=True):
            pools[row] = pool
            pools[row].buyer_first = len(buyers)
            buyers += [
                (alternative, slot)
                for material, slot in slot_of.items()
                for alternative in _range(materials[material], "alternative")
                if alternatives[alternative].pool == place
            ]
            pools[row].buyer_end = len(buyers)
            row += 1
        own[number].pool_end, own[number].slot_end = row, len(slots)
    found = records(BUYER, len(buyers))
    found["alternative"] = [alternative for alternative, _ in buyers]
    found["slot"] = [slot for _, slot in buyers]
    return {"markets": own, "slots": places(slots), "pools": pools, "buyers": found}


class Markets:
    """Different markets of several versions, numbered in order of appearance.

    A market with the same pools and the same needs of its buyers grants the same in every version.
    It is settled for the materials of the version in which it appeared first.
    """

    def __init__(self) -> None:
        self.placed: list[PlacedMarket] = []
        self._numbers: dict[Any, int] = {}
        self._settled = 0  #: markets whose materials are placed

    def enter(
        self,
        pools: Sequence[tuple[Hashable, Records]],
        materials: Sequence[tuple[Sequence[int], Hashable]],
    ) -> tuple[list[int], list[int]]:
        """The numbers of a version's markets, and that of each material, -1 for none.

        Parameters
        ----------
        pools : sequence of (hashable, ndarray)
            What each pool depends on, and its record.
        materials : sequence of (sequence of int, hashable)
            The pools of each material, and what its requests depend on.
        """
        numbers, of_material = [], [-1] * len(materials)
        for market in list_markets(len(pools), [wanted for wanted, _ in materials]):
            own = tuple(pools[place][0] for place in market.pools)
            wants = tuple((place, materials[place][1]) for place in market.materials)
            number = self._numbers.setdefault((own, wants), len(self._numbers))
            if number == len(self.placed):
                found = records(POOL, len(own))
                np.concatenate([pools[place][1] for place in market.pools], out=found)
                self.placed.append(PlacedMarket(found, market.pools, market.materials))
            numbers.append(number)
            for place in market.materials:
                of_material[place] = number
        return numbers, of_material

    def place(self, numbers: Sequence[int], entities: Sequence[int]) -> None:
        """Give the new ones among a version's markets its materials, as entities by place."""
        for number in numbers:
            if number >= self._settled:
                market = self.placed[number]
                own = tuple(entities[place] for place in market.materials)
                self.placed[number] = market._replace(materials=own)
        self._settled = len(self.placed)

    def rows(self, versions: Sequence[Sequence[int]]) -> Places:
        """(versions, places) the row of each pool, where pools are grouped by market."""
        first = np.cumsum([0, *(len(market.places) for market in self.placed)])
        count = sum(len(self.placed[number].places) for number in versions[0])
        found = np.zeros((len(versions), count), dtype=np.uint64)
        for version, numbers in enumerate(versions):
            for number in numbers:
                own = self.placed[number].places
                found[version, list(own)] = first[number] + np.arange(len(own))
        return found


def pools_of(owner: Any, alternatives: Records) -> list[int]:
    """The places of the pools that alternatives of a material name, in their order."""
    own = alternatives[owner["alternative_first"] : owner["alternative_end"]]
    return [int(pool) for pool in own["pool"] if pool >= 0]


def _range(owner: Any, part: str) -> range:
    return range(int(owner[f"{part}_first"]), int(owner[f"{part}_end"]))
