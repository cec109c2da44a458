"""What an alternative has on stream, and what its pool grants it at a time (section 4a).

The grants of an alternative are a chain of entries, see `riskengine.kernel.pools`. Before the first
of them it has all that it asks for, at its own price.
"""

from __future__ import annotations

import math

from riskengine.kernel.compiled import compiled


@compiled
def offered_at(state, boycott):
    """What an alternative has on stream, less what third countries keep back in a boycott."""
    return state.offered * (1.0 - state.boycott) if boycott else state.offered


@compiled
def await_grants(alternatives, states, material):
    """Point each alternative in a pool at the first time at which it is granted less, or dearer."""
    for i in range(material.alternative_first, material.alternative_end):
        if alternatives[i].pool >= 0:
            states[i].grant = -1
            states[i].next = states[alternatives[i].granted_to].head


@compiled
def enter_grants(alternatives, states, grants, material, t):
    """Move each alternative in a pool on to its grant at t; return when the next one changes."""
    change = math.inf
    for i in range(material.alternative_first, material.alternative_end):
        if alternatives[i].pool < 0:
            continue
        state = states[i]
        while state.next >= 0 and grants[state.next].time <= t:
            state.grant = state.next
            state.next = grants[state.next].next
        if state.next >= 0:
            change = min(change, grants[state.next].time)
    return change


@compiled
def dearer(premium, scarcity):
    """A premium while its pool is scarce: the price rises by a factor."""
    return premium if scarcity == 1.0 else (1.0 + premium) * scarcity - 1.0
