"""One material: lost supply, stock tiers and net shortage (sections 3 and 5).

`supply_steps` goes from event to event: a path changes level, a ramp step of an alternative comes
on stream, a stock tier may start or runs empty. Between events everything is constant.
"""

from __future__ import annotations

import math

from riskengine.kernel.arithmetic import power
from riskengine.kernel.arrays import DONE, FULL, N_STEPS, NOTHING
from riskengine.kernel.compiled import compiled
from riskengine.kernel.draws import draw_once
from riskengine.kernel.grants import await_grants, enter_grants
from riskengine.kernel.rerouting import await_arrivals, draw_alternatives, reroute


@compiled
def enter_paths(material, material_pairs, states):
    """Point each path at its first segment; return whether any path has one."""
    restricted = False
    for i in range(material.pair_first, material.pair_end):
        state = states[material_pairs[i]]
        state.now = state.head
        restricted = restricted or state.head >= 0
    return restricted


@compiled
def advance_paths(m, s, material, t):
    """Move each path on to the segment that covers t or comes next.

    Returns (time of the next change, deepest level of any path until then or -1 for none).
    """
    segments = s.segments
    change = m.horizon
    deepest = -1
    for i in range(material.pair_first, material.pair_end):
        state = s.pairs[m.material_pairs[i]]
        segment = state.now
        while segment >= 0 and segments[segment].end <= t:
            segment = segments[segment].next
        state.now = segment
        if segment < 0:
            continue
        begins = segments[segment].start
        if begins > t:
            change = min(change, begins)
            continue
        change = min(change, segments[segment].end)
        deepest = max(deepest, segments[segment].level)
    return change, deepest


@compiled
def boycotts_at(material, material_pairs, states, segments, boycott, t):
    """How many paths of the material are on a boycott level at t."""
    count = 0
    for i in range(material.pair_first, material.pair_end):
        segment = states[material_pairs[i]].now
        if segment >= 0 and segments[segment].start <= t:
            count += boycott[segments[segment].level]
    return count


@compiled
def lost_supply(m, s, trial, material, t, boycotts):
    """Share of the material's supply that is cut at t (section 3).

    `boycotts` says how many paths of the material are on a boycott level. A source keeps back
    supply only in the boycotts of others.
    """
    lost = 0.0
    for i in range(material.source_first, material.source_end):
        source = m.sources[i]
        pair = source.pair
        cut = 0.0
        own = 0
        if pair >= 0:
            segment = s.pairs[pair].now
            if segment >= 0 and s.segments[segment].start <= t:
                cut = s.segments[segment].cut
                own = m.boycott[s.segments[segment].level]
        if boycotts > own:
            kept_back = draw_once(
                m.distributions, m.grid, source.boycott, source.source_key, trial, 0, 0
            )
            cut = max(cut, kept_back)
        lost += source.share * cut
    return min(lost, 1.0)


@compiled
def _draw_stocks(m, states, trial, material, first_cut):
    """Draw what each tier holds at time 0; build up what grows until the first cut (section 5)."""
    for i in range(material.tier_first, material.tier_end):
        tier = m.tiers[i]
        held = draw_once(m.distributions, m.grid, tier.days, tier.tier_key, trial, 0, 0)
        state = states[i]
        full = max(held, tier.target)
        state.held = held if held >= NOTHING else 0.0
        state.full = full if full >= NOTHING else 0.0
        state.stock = state.held
        if tier.build_rate > 0.0:
            state.stock = min(state.held + tier.build_rate * first_cut, state.full)


@compiled
def _release(tiers, states, material, t, gap, first_gap):
    """Set each tier's release into a gap; return (net shortage, when a tier starts or is empty)."""
    left = gap
    change = math.inf
    for i in range(material.tier_first, material.tier_end):
        state = states[i]
        state.rate = 0.0
        start = first_gap + tiers[i].lag
        if start > t:
            change = min(change, start)
            continue
        if state.stock < NOTHING or left == 0.0:
            continue
        state.rate = min(tiers[i].release, left)
        left -= state.rate
        if left < NOTHING:
            left = 0.0
        state.runs_out = t + state.stock / state.rate
        change = min(change, state.runs_out)
    return left, change


@compiled
def _draw_down(states, material, t, until):
    """Take from each tier what it releases between t and `until`; set it to 0 if it runs out."""
    for i in range(material.tier_first, material.tier_end):
        state = states[i]
        if state.rate == 0.0:
            continue
        state.stock -= state.rate * (until - t)
        if state.runs_out <= until + NOTHING or state.stock < NOTHING:
            state.stock = 0.0


@compiled
def _replenish(tiers, states, material, days, lost):
    """Fill tiers up while there is no gap: in order, together at the refill rate.

    A tier that is built up takes no part in this. It grows at a rate of its own, and only while no
    supply is lost.
    """
    amount = material.refill_rate * days
    for i in range(material.tier_first, material.tier_end):
        state = states[i]
        rate = tiers[i].build_rate
        if rate > 0.0:
            if lost == 0.0:
                state.stock = min(state.stock + rate * days, state.full)
        elif amount > 0.0:
            added = min(amount, state.full - state.stock)
            state.stock += added
            amount -= added


@compiled
def _price_response(material, short):
    """(1 - n) * (min((1 - n)**(-1/elasticity), cap) - 1): extra spend at shortage n, section 6."""
    rest = 1.0 - short
    if material.inverse_elasticity == 0.0 or short == 0.0 or rest <= 0.0:
        return 0.0
    return rest * (min(power(rest, -material.inverse_elasticity), material.price_cap) - 1.0)


@compiled
def _open_step(s, material, t, lost):
    """Append a step of supply with the current stocks and return its row."""
    row = s.size[N_STEPS]
    s.size[N_STEPS] += 1
    s.steps[row].time = t
    s.steps[row].lost = lost
    if row < s.step_used.shape[0]:  # the scratch of a run lacks the arrays that only replays read
        s.step_used[row] = 0.0
        for i in range(material.tier_first, material.tier_end):
            s.step_stock[row, i - material.tier_first] = s.tiers[i].stock
    return row


@compiled
def _note_short(state, step):
    """Extend the range of steps that holds all shortages of a material."""
    if state.short_first == state.short_end:  # none so far
        state.short_first = step
    state.short_end = step + 1


@compiled
def spell_at(spells, spell, t):
    """The spell that contains t, at or after `spell`: every loss lies in a spell."""
    while spells[spell].end <= t:
        spell += 1
    return spell


@compiled
def _draw_supply(m, s, trial, material, state, first_cut):
    """Draw the stocks and alternatives of a material at its first cut."""
    _draw_stocks(m, s.tiers, trial, material, first_cut)
    if material.pooled == 0 or state.drawn == 0:  # else they were when its pools were settled
        draw_alternatives(m, s, trial, material, first_cut)
    await_arrivals(m.alternatives, s.alternatives, material, state)
    if material.pooled == 1:
        await_grants(m.alternatives, s.alternatives, material)


@compiled
def supply_steps(m, s, trial, index, row, level_days, first_level):
    """Append a material's steps of supply, fill its `row`; return a status.

    `level_days` are 0 at the start from `first_level` on.
    """
    material = m.materials[index]
    first_cut = first_gap = math.inf
    cut_days = weighted_days = short_days = rerouting = price = 0.0
    boycott = False
    t = path_change = lost = 0.0
    state = s.materials[index]
    state.rerouting = state.price = 0.0
    state.short_first = state.short_end = s.size[N_STEPS]
    if not enter_paths(material, m.material_pairs, s.pairs):
        row.cut_days = row.cut_weighted_days = row.shortage_days = 0.0
        return DONE
    while t < m.horizon:
        if t >= path_change:
            path_change, deepest = advance_paths(m, s, material, t)
            if deepest >= 0:
                level_days[first_level + deepest] += path_change - t
            boycotts = boycotts_at(material, m.material_pairs, s.pairs, s.segments, m.boycott, t)
            boycott = boycotts > 0
            lost = lost_supply(m, s, trial, material, t, boycotts)
        until = path_change
        if first_cut == math.inf:
            if lost == 0.0:
                t = until
                continue
            first_cut = t
            _draw_supply(m, s, trial, material, state, first_cut)
        if s.size[N_STEPS] >= s.steps.size:
            return FULL
        if material.pooled == 1:
            until = min(until, enter_grants(m.alternatives, s.alternatives, s.grants, material, t))
        step = _open_step(s, material, t, lost)
        gap, premium = reroute(m, s, material, state, step, t, lost, boycott)
        if lost > 0.0:
            until = min(until, state.upcoming)
        short = 0.0
        if gap > 0.0:
            first_gap = min(first_gap, t)
            short, change = _release(m.tiers, s.tiers, material, t, gap, first_gap)
            if change < until - NOTHING:
                until = change
            _draw_down(s.tiers, material, t, until)
        else:
            _replenish(m.tiers, s.tiers, material, until - t, lost)
        s.steps[step].short = short
        if short > 0.0:
            _note_short(state, step)
        days = until - t
        response = _price_response(material, short)
        s.steps[step].cost = premium + response
        cut_days += days if lost > 0.0 else 0.0
        weighted_days += lost * days
        short_days += short * days
        rerouting += premium * days
        price += response * days
        t = until
    state.rerouting, state.price = rerouting, price
    row.cut_days = cut_days
    row.cut_weighted_days = weighted_days
    row.shortage_days = short_days
    return DONE
