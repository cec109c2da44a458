"""Pools: who is granted how much of the spare supply that several buyers want (section 4a).

What buyers ask for depends on what they lose and on what is on stream, never on stocks. So pools
are settled from event to event of all buyers of a market, before any material is supplied, and
leave each alternative a chain of grants. The chain of an alternative that is always granted what it
asks for, at its own price, is empty: its material is then supplied as if it had no pool.
"""

from __future__ import annotations

import math

from riskengine.kernel.arithmetic import power
from riskengine.kernel.arrays import (
    DONE,
    FIRST_COME,
    FULL,
    N_GRANTS,
    N_POOL_STEPS,
    PRECEDENCE,
)
from riskengine.kernel.compiled import called, compiled
from riskengine.kernel.draws import draw_once
from riskengine.kernel.grants import offered_at
from riskengine.kernel.rerouting import await_arrivals, draw_alternatives, take_arrivals
from riskengine.kernel.supply import advance_paths, boycotts_at, enter_paths, lost_supply

_ROUNDING = 1e-12  # by so much more than a pool has is asked for before it counts as contested
_DAYS_PER_YEAR = 365.0


@called
def settle_pools(m, s, trial):
    """Settle all pools of a trial; return a status."""
    for market in range(m.markets.size):
        if _settle_market(m, s, trial, m.markets[market]) != DONE:
            return FULL
    return DONE


@compiled
def _settle_market(m, s, trial, market):
    """Go from event to event of a market's buyers and settle its pools; return a status."""
    _open_pools(m, s, trial, market)
    if not _open_slots(m, s, market):
        return DONE
    t = 0.0
    while t < m.horizon:
        until = m.horizon
        for k in range(market.slot_first, market.slot_end):
            until = min(until, _move(m, s, trial, s.slots[k], m.slots[k], t))
        for pool in range(market.pool_first, market.pool_end):
            if _settle(m, s, market, pool, t) != DONE:
                return FULL
            state = s.pools[pool]
            state.used += state.granted * (until - t) / _DAYS_PER_YEAR
            state.contested_days += until - t if state.contested == 1 else 0.0
        t = until
    return DONE


@compiled
def _open_pools(m, s, trial, market):
    """Draw what pools have, and forget what their buyers were granted in an earlier trial."""
    for pool in range(market.pool_first, market.pool_end):
        state = s.pools[pool]
        place = m.pools[pool]
        state.capacity = draw_once(
            m.distributions, m.grid, place.capacity, place.pool_key, trial, 0, 0
        )
        state.asked = state.granted = state.contested_days = state.used = 0.0
        state.contested = 0
        for k in range(place.buyer_first, place.buyer_end):
            s.buyers[k].share = s.buyers[k].request = s.buyers[k].grant = 0.0
            alternative = s.alternatives[m.buyers[k].alternative]
            alternative.granted = 0.0
            alternative.head = -1


@compiled
def _open_slots(m, s, market):
    """Bring all buyers to the start of the trial; return whether any loses supply at any time."""
    restricted = False
    for k in range(market.slot_first, market.slot_end):
        slot = s.slots[k]
        slot.path_change = slot.lost = 0.0
        slot.boycott = 0
        s.materials[m.slots[k]].drawn = 0
        if enter_paths(m.materials[m.slots[k]], m.material_pairs, s.pairs):
            restricted = True
    return restricted


@compiled
def _move(m, s, trial, slot, index, t):
    """Bring the paths and alternatives of a buyer to t; return when either changes next."""
    material = m.materials[index]
    state = s.materials[index]
    slot.moved = 0
    if t >= slot.path_change:
        slot.path_change, _ = advance_paths(m, s, material, t)
        boycotts = boycotts_at(material, m.material_pairs, s.pairs, s.segments, m.boycott, t)
        slot.boycott = 1 if boycotts > 0 else 0
        slot.lost = lost_supply(m, s, trial, material, t, boycotts)
        slot.moved = 1
        if slot.lost > 0.0 and state.drawn == 0:
            draw_alternatives(m, s, trial, material, t)
            await_arrivals(m.alternatives, s.alternatives, material, state)
            state.drawn = 1
    if slot.lost == 0.0:
        return slot.path_change
    if state.upcoming <= t:
        state.upcoming = take_arrivals(m.alternatives, s.alternatives, material, t)
        slot.moved = 1
    return min(slot.path_change, state.upcoming)


@compiled
def _settle(m, s, market, pool, t):
    """Grant what is asked of a pool at t, if anything that it depends on changed; return a status.

    It depends on its buyers, and through them on earlier pools.
    """
    place = m.pools[pool]
    state = s.pools[pool]
    changed = False
    asked = 0.0
    for k in range(place.buyer_first, place.buyer_end):
        buyer = s.buyers[k]
        slot = m.buyers[k].slot
        if s.slots[slot].moved == 1:
            share = _share_asked(m, s, m.buyers[k])
            changed = changed or share != buyer.share
            buyer.share = share
            buyer.request = share * m.materials[m.slots[slot]].demand
        asked += buyer.request
    if not changed:  # then nor does anything that is granted
        return DONE
    state.asked = asked
    state.contested = 1 if asked > state.capacity * (1.0 + _ROUNDING) else 0
    state.scarcity = _scarcity(place, state) if state.contested == 1 else 1.0
    if state.contested == 0:
        for k in range(place.buyer_first, place.buyer_end):
            s.buyers[k].grant = s.buyers[k].request
    elif place.allocation == PRECEDENCE:
        _grant_in_order(m, s, place, state.capacity)
    elif place.allocation == FIRST_COME:
        _grant_anew(s, place, state.capacity)
    else:
        for k in range(place.buyer_first, place.buyer_end):
            s.buyers[k].grant = s.buyers[k].request * (state.capacity / state.asked)
    state.granted = 0.0
    for k in range(place.buyer_first, place.buyer_end):
        state.granted += s.buyers[k].grant
        if _note_grant(m, s, state, k, t) != DONE:
            return FULL
    return _note_steps(s, place, pool, t)


@compiled
def _share_asked(m, s, buyer):
    """The share of its demand that a buyer lacks after the alternatives before and could take."""
    slot = s.slots[buyer.slot]
    material = m.materials[m.slots[buyer.slot]]
    left = slot.lost
    for i in range(material.alternative_first, buyer.alternative):
        alternative = s.alternatives[i]
        if m.alternatives[i].pool >= 0:
            left -= alternative.granted
        else:
            left -= min(offered_at(alternative, slot.boycott == 1), left)
    return min(offered_at(s.alternatives[buyer.alternative], slot.boycott == 1), left)


@compiled
def _grant_in_order(m, s, pool, capacity):
    """Serve the requests with the largest precedence first, equal ones in proportion."""
    left = capacity
    below = math.inf
    while True:
        rank = -math.inf
        asked = 0.0
        for k in range(pool.buyer_first, pool.buyer_end):
            own = m.alternatives[m.buyers[k].alternative].precedence
            if own < below and own >= rank:
                asked = s.buyers[k].request + (asked if own == rank else 0.0)
                rank = own
        if rank == -math.inf:
            return
        served = 1.0 if asked <= left else left / asked
        for k in range(pool.buyer_first, pool.buyer_end):
            if m.alternatives[m.buyers[k].alternative].precedence == rank:
                s.buyers[k].grant = s.buyers[k].request * served
        left = max(left - asked, 0.0)
        below = rank


@compiled
def _grant_anew(s, pool, capacity):
    """Let each buyer keep what it had; share the rest out in proportion to what is still asked."""
    kept = unmet = 0.0
    for k in range(pool.buyer_first, pool.buyer_end):
        buyer = s.buyers[k]
        buyer.grant = min(buyer.grant, buyer.request)
        kept += buyer.grant
        unmet += buyer.request - buyer.grant
    rest = capacity - kept
    if rest > _ROUNDING * capacity:  # else only the rounding of what all were granted before
        for k in range(pool.buyer_first, pool.buyer_end):
            buyer = s.buyers[k]
            buyer.grant += (buyer.request - buyer.grant) * min(rest / unmet, 1.0)


@compiled
def _note_grant(m, s, state, k, t):
    """Note what a buyer is granted if it differs from before; return a status.

    An entry of the chain begins where the share that is used, or its price, changes.
    """
    buyer = s.buyers[k]
    slot = m.buyers[k].slot
    alternative = s.alternatives[m.buyers[k].alternative]
    share = math.inf
    if buyer.grant < buyer.request:
        share = buyer.grant / m.materials[m.slots[slot]].demand
    scarcity = state.scarcity if buyer.grant > 0.0 else 1.0
    granted = min(buyer.share, share)
    if granted != alternative.granted:
        alternative.granted = granted
        s.slots[slot].moved = 1  # later pools of this material are asked for something else
    known_share, known_scarcity = math.inf, 1.0
    if alternative.head >= 0:
        known_share = s.grants[alternative.tail].share
        known_scarcity = s.grants[alternative.tail].scarcity
    if share == known_share and scarcity == known_scarcity:
        return DONE
    entry = s.size[N_GRANTS]
    if entry >= s.grants.size:
        return FULL
    s.size[N_GRANTS] += 1
    if alternative.head < 0:
        alternative.head = entry
    else:
        s.grants[alternative.tail].next = entry
    alternative.tail = entry
    s.grants[entry].next = -1
    s.grants[entry].time = t
    s.grants[entry].share = share
    s.grants[entry].scarcity = scarcity
    return DONE


@compiled
def _scarcity(pool, state):
    """The factor by which a contested pool is dearer."""
    if pool.inverse_elasticity == 0.0:
        return 1.0
    if state.capacity == 0.0:
        return pool.scarcity_cap
    return min(power(state.asked / state.capacity, pool.inverse_elasticity), pool.scarcity_cap)


@compiled
def _note_steps(s, place, pool, t):
    """Note what each buyer asks of a pool and is granted from t on, if anybody will read it."""
    if s.pool_steps.size == 0:  # the scratch of a run lacks what only replays read
        return DONE
    state = s.pools[pool]
    for k in range(place.buyer_first, place.buyer_end):
        row = s.size[N_POOL_STEPS]
        if row >= s.pool_steps.size:
            return FULL
        s.size[N_POOL_STEPS] += 1
        step = s.pool_steps[row]
        step.pool = pool
        step.buyer = k
        step.time = t
        step.asked = s.buyers[k].request
        step.granted = s.buyers[k].grant
        step.scarcity = state.scarcity
        step.contested = state.contested
    return DONE
