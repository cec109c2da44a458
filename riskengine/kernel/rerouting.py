"""Alternatives: which succeed, when they come on stream, what they replace (section 4)."""

from __future__ import annotations

import math

from riskengine.kernel.arrays import NOTHING
from riskengine.kernel.compiled import called, compiled
from riskengine.kernel.draws import draw_once, leading
from riskengine.kernel.grants import dearer, offered_at
from riskengine.kernel.scores import common_draw, dependent, exceeds, quantile_at, tilted


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
        _await_step(alternative, state)
    state.offered = state.capacity * state.arrived / alternative.ramp_steps


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
def reroute(m, s, material, state, row, t, lost, boycott):
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
