"""One material: lost supply, alternatives, stock tiers and net shortage (sections 3 to 5).

`supply_steps` goes from event to event: a path changes level, a ramp step of an alternative comes
on stream, a stock tier may start or runs empty. Between events everything is constant.
"""

from __future__ import annotations

import math

from riskengine.kernel.arithmetic import power
from riskengine.kernel.arrays import DONE, FULL, N_STEPS
from riskengine.kernel.compiled import called, compiled
from riskengine.kernel.draws import block, leading
from riskengine.kernel.grants import await_grants, dearer, enter_grants, offered_at
from riskengine.kernel.quantiles import CONSTANT, random_quantile
from riskengine.kernel.scores import common_draw, dependent, exceeds, quantile_at, tilted

NOTHING = 1e-12  # a gap, a shortage, a stock, an inventory or a time left below this counts as zero


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
def on_boycott(material, material_pairs, states, segments, boycott, t, but_pair):
    """Whether a path of the material, except that of `but_pair`, is on a boycott level."""
    for i in range(material.pair_first, material.pair_end):
        pair = material_pairs[i]
        segment = states[pair].now
        if pair == but_pair or segment < 0 or segments[segment].start > t:
            continue
        if boycott[segments[segment].level] == 1:
            return True
    return False


@compiled
def draw_once(distributions, grid, k, key, trial, step, lane):
    """One independent draw of distribution `k` per trial; constants need no uniform."""
    d = distributions[k]
    if d.family == CONSTANT:
        return d.a
    return random_quantile(d, grid, block(key, trial, 0, step)[lane])


@compiled
def lost_supply(m, s, trial, material, t, boycott):
    """Share of the material's supply that is cut at t (section 3).

    `boycott` says whether any path of the material is on a boycott level.
    """
    lost = 0.0
    for i in range(material.source_first, material.source_end):
        source = m.sources[i]
        pair = source.pair
        cut = 0.0
        if pair >= 0:
            segment = s.pairs[pair].now
            if segment >= 0 and s.segments[segment].start <= t:
                cut = s.segments[segment].cut
        if boycott:
            kept_back = draw_once(
                m.distributions, m.grid, source.boycott, source.source_key, trial, 0, 0
            )
            if kept_back > cut and (
                pair < 0
                or on_boycott(material, m.material_pairs, s.pairs, s.segments, m.boycott, t, pair)
            ):
                cut = kept_back
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
def _prepare_rerouting(m, s, trial, material):
    """Make the systemic draws of rerouting, once for all materials of an importer."""
    common = s.rerouting[material.importer]
    factor = m.correlation.rerouting
    if factor.rho == 0.0 or common.drawn == 1:
        return
    success, lead = leading(m.points, material.reroute_point, 1, material.reroute_key, trial, 0, 0)
    success, lead = common_draw(success, factor), common_draw(lead, factor)
    if m.tilt != 0.0:
        success = tilted(success, factor, 0.5 * m.tilt, s.likelihood)
        lead = tilted(lead, factor, 0.25 * m.tilt, s.likelihood)
    common.success = success
    common.lead = lead
    common.drawn = 1


@compiled
def draw_alternatives(m, s, trial, material, first_cut):
    """Draw which alternatives succeed, and when they arrive (section 4).

    A lead time counts from the first cut, or from time 0, in which case all or part of the ramp may
    have come on stream before the first cut.
    """
    distributions = m.distributions
    grid = m.grid
    factor = m.correlation.rerouting
    common = s.rerouting[material.importer]
    _prepare_rerouting(m, s, trial, material)
    for i in range(material.alternative_first, material.alternative_end):
        alternative = m.alternatives[i]
        key = alternative.alternative_key
        drawn = s.alternatives[i]
        drawn.arrival = math.inf
        success, lead = leading(m.points, alternative.alternative_point, 1, key, trial, 0, 0)
        if exceeds(success, common.success, factor, alternative.succeeds):
            continue
        delay = dependent(lead, common.lead, factor)
        begun = 0.0 if alternative.from_start == 1 else first_cut
        drawn.arrival = begun + quantile_at(
            distributions, grid, alternative.lead_time, delay, factor
        )
        drawn.capacity = draw_once(distributions, grid, alternative.capacity, key, trial, 1, 0)
        drawn.premium = draw_once(distributions, grid, alternative.premium, key, trial, 1, 1)
        drawn.boycott = draw_once(distributions, grid, alternative.boycott, key, trial, 2, 0)


@compiled
def _await_step(alternative, state):
    """Note when the next ramp step of an alternative comes on stream."""
    state.upcoming = math.inf
    if state.arrived < alternative.ramp_steps and state.capacity > 0.0:
        share = (state.arrived + 0.5) / alternative.ramp_steps
        state.upcoming = state.arrival + alternative.ramp_days * share


@compiled
def await_arrivals(alternatives, states, material, state):
    """Put alternatives that are drawn at the time before any of them arrives."""
    state.upcoming = math.inf
    state.offers = 0
    for i in range(material.alternative_first, material.alternative_end):
        drawn = states[i]
        drawn.arrived = 0
        drawn.offered = 0.0
        drawn.upcoming = math.inf
        if drawn.arrival < math.inf:
            _await_step(alternatives[i], drawn)
            state.upcoming = min(state.upcoming, drawn.upcoming)


@compiled
def _arrive(alternative, state, t):
    """Take the ramp steps that have come on stream by t."""
    while state.upcoming <= t:
        state.arrived += 1
        state.offered = state.capacity * state.arrived / alternative.ramp_steps
        _await_step(alternative, state)


@compiled
def take_arrivals(alternatives, states, material, t):
    """Take the ramp steps that are on stream by t; return when the next one comes."""
    upcoming = math.inf
    for i in range(material.alternative_first, material.alternative_end):
        state = states[i]
        if state.upcoming <= t:
            _arrive(alternatives[i], state, t)
        upcoming = min(upcoming, state.upcoming)
    return upcoming


@compiled
def _use_offers(states, used_at, material, row, left, boycott):
    """Use what alternatives offer, in order, until nothing is left to replace; return (left, cost).

    `used_at` has the use of each alternative at each step; only replays read it.
    """
    cost = 0.0
    for i in range(material.alternative_first, material.alternative_end):
        alternative = states[i]
        used = min(offered_at(alternative, boycott), left)
        left -= used
        cost += alternative.premium * used
        if row < used_at.shape[0]:
            used_at[row, i - material.alternative_first] = used
    return left, cost


@called
def _use_grants(alternatives, states, grants, used_at, material, row, left, boycott):
    """The same where a pool may grant less than its alternative offers, or at another price.

    It stands apart because asking for grants in the loop above costs a fiftieth of every trial.
    """
    cost = 0.0
    for i in range(material.alternative_first, material.alternative_end):
        alternative = states[i]
        premium = alternative.premium
        used = min(offered_at(alternative, boycott), left)
        if alternatives[i].pool >= 0 and alternative.grant >= 0:
            grant = grants[alternative.grant]
            used = min(used, grant.share)
            premium = dearer(premium, grant.scarcity)
        left -= used
        cost += premium * used
        if row < used_at.shape[0]:
            used_at[row, i - material.alternative_first] = used
    return left, cost


@compiled
def _reroute(m, s, material, state, row, t, lost, boycott):
    """Use what alternatives offer and pools grant at t; return (gap, premium cost rate).

    Most steps come before any alternative arrives. Arrivals are taken in only while supply is lost.
    """
    left = lost
    cost = 0.0
    if lost > 0.0 and state.upcoming <= t:
        state.upcoming = take_arrivals(m.alternatives, s.alternatives, material, t)
        state.offers = 1
    if lost > 0.0 and state.offers == 1:
        if material.pooled == 1:
            left, cost = _use_grants(
                m.alternatives, s.alternatives, s.grants, s.step_used, material, row, left, boycott
            )
        else:
            left, cost = _use_offers(s.alternatives, s.step_used, material, row, left, boycott)
    return (left if left >= NOTHING else 0.0), cost


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
            boycott = on_boycott(material, m.material_pairs, s.pairs, s.segments, m.boycott, t, -1)
            lost = lost_supply(m, s, trial, material, t, boycott)
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
        gap, premium = _reroute(m, s, material, state, step, t, lost, boycott)
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
