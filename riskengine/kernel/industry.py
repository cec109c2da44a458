"""Uses and industries: from net shortages to output loss and money (section 6)."""

from __future__ import annotations

import math

from riskengine.kernel.arithmetic import same_number
from riskengine.kernel.arrays import (
    DONE,
    FULL,
    N_OUTPUT_STEPS,
    N_PARTS,
    N_USE_STEPS,
    NOTHING,
)
from riskengine.kernel.compiled import compiled
from riskengine.kernel.supply import spell_at


@compiled
def _short_fraction(use, short):
    """Fraction of its need that the use goes without when the material is short by `short`."""
    fraction = short
    if not math.isnan(use.cut_before):
        left = short - use.cut_before
        if use.group > 0.0:
            fraction = min(max(left / use.group, 0.0), 1.0)
        else:
            fraction = 1.0 if left >= NOTHING else 0.0
    return fraction if fraction >= NOTHING else 0.0


@compiled
def _after_inventory(held, fraction, t, until):
    """Fill a shortage from the inventory; return (inventory left, when the use falls short)."""
    runs_out = t + held / fraction
    if runs_out < until - NOTHING:
        return 0.0, runs_out
    held -= fraction * (until - t)
    return (held if held >= NOTHING else 0.0), until


@compiled
def is_spared(uses, states, index, first):
    """Whether a use is never short because firms that hold no more of the material never are.

    These are those of the use before it in the list of the material, which begins at `first`.
    """
    if index == first:
        return False
    own, less = uses[index], uses[index - 1]
    return (
        states[index - 1].hit == math.inf
        and less.industry == own.industry
        and less.inventory <= own.inventory
        and same_number(less.cut_before, own.cut_before)
        and same_number(less.group, own.group)
    )


@compiled
def spare(state, size):
    """Note that a use is never short."""
    state.hit = math.inf
    state.first = state.end = size[N_USE_STEPS]


@compiled
def use_steps(m, s, index):
    """Append the shortage of a use after its own inventory, as changes from 0; return a status.

    While supply is short, the inventory fills the whole shortage and falls at the short fraction.
    Otherwise it refills. Only supply from the first shortage to the end of the last one matters.
    """
    use = m.uses[index]
    supply = s.materials[use.material]
    refill_rate = m.materials[use.material].refill_rate
    state = s.uses[index]
    held = use.inventory
    now = 0.0
    state.hit = math.inf
    state.first = state.end = s.size[N_USE_STEPS]
    if supply.short_first == supply.short_end:
        return DONE
    for row in range(supply.short_first, min(supply.short_end + 1, supply.step_end)):
        t = s.steps[row].time
        until = s.steps[row + 1].time if row + 1 < supply.step_end else m.horizon
        fraction = _short_fraction(use, s.steps[row].short)
        if fraction == 0.0:
            held = min(held + refill_rate * (until - t), use.inventory)
        elif held > 0.0:
            held, t = _after_inventory(held, fraction, t, until)
            if t == until:
                fraction = 0.0
        if fraction == now:
            continue
        change = s.size[N_USE_STEPS]
        if change >= s.use_steps.size:
            return FULL
        s.use_steps[change].time = t
        s.use_steps[change].short = fraction
        s.size[N_USE_STEPS] += 1
        state.hit = min(state.hit, t)
        now = fraction
    state.end = s.size[N_USE_STEPS]
    return DONE


@compiled
def copy_steps(state, like):
    """Take the shortage of another use that falls short equally; the rows are shared."""
    state.hit = like.hit
    state.first = like.first
    state.end = like.end


@compiled
def _move_use(use, state, steps, t):
    """Set the use's impact d * f' at time t and return when it changes next."""
    while state.now < state.end and steps[state.now].time <= t:
        state.now += 1
    change = steps[state.now].time if state.now < state.end else math.inf
    state.impact = 0.0
    if state.now == state.first:
        return change
    dependence = use.dependence
    substituted = state.hit + use.substitution_lag
    if substituted <= t:
        dependence *= 1.0 - use.substitution
    else:
        change = min(change, substituted)
    state.impact = dependence * steps[state.now - 1].short
    return change


@compiled
def _output_loss(industry, uses, states):
    """Lost fraction of the industry's output: (fraction, largest impact, sum of impacts)."""
    largest = total = 0.0
    kept = 1.0
    for use in uses:
        impact = states[use].impact
        largest = max(largest, impact)
        total += impact
        kept *= 1.0 - impact
    loss = 1.0 - kept if industry.independent == 1 else largest
    rate = 1.0 - loss
    if rate < NOTHING or rate < industry.min_operating_rate:
        loss = 1.0
    return loss, largest, total


@compiled
def _attribute(m, s, industry, uses, money, loss, largest, total):
    """Attribute the money of an output loss to materials (section 6, last paragraph).

    The parts are added up by version in `riskengine.kernel.versions`.
    """
    in_proportion = industry.independent == 1 or loss == 1.0
    tied = 0
    for use in uses:
        if s.uses[use].impact == largest:
            tied += 1
    for use in uses:
        impact = s.uses[use].impact
        if not in_proportion and impact != largest:
            continue
        part = s.parts[s.size[N_PARTS]]
        part.place = m.versions.material_place[m.uses[use].material]
        part.money = money * (impact / total) if in_proportion else money / tied
        s.size[N_PARTS] += 1


@compiled
def _begin_uses(industry, industry_uses, states, hit_uses, firms):
    """List the uses that are ever short, class by class, each at its first step.

    Classes are in order of what they hold, so that those after one that is never short are not
    either. Returns (classes that are ever short, first shortage).
    """
    count = classes = seen = 0
    earliest = math.inf
    for i in range(industry.use_first, industry.use_end):
        use = industry_uses[i]
        state = states[use]
        if state.hit < math.inf:
            state.now = state.first
            earliest = min(earliest, state.hit)
            hit_uses[count] = use
            count += 1
        seen += 1
        if seen == industry.width:
            if count == (firms[classes - 1].end if classes > 0 else 0):
                break
            firms[classes].end = count
            firms[classes].change = firms[classes].loss = 0.0
            classes += 1
            seen = 0
    return classes, earliest


@compiled
def _move_firms(m, s, industry, classes, t):
    """Charge what each class of firms whose shortages change at t lost until then, and move it on.

    At the horizon, all are charged. Returns (next change, lost fraction of the industry's output).
    """
    until = m.horizon
    loss = 0.0
    begun = 0
    for k in range(classes):
        firms = s.firms[k]
        if firms.change <= t:
            uses = s.hit_uses[begun : firms.end]
            if firms.loss > 0.0:
                rate = industry.output_rate * industry.multiplier
                money = rate * firms.loss * (t - firms.since) / industry.classes
                _attribute(m, s, industry, uses, money, firms.loss, firms.largest, firms.total)
            if t < m.horizon:
                firms.since = t
                change = m.horizon
                for use in uses:
                    change = min(change, _move_use(m.uses[use], s.uses[use], s.use_steps, t))
                firms.change = change
                firms.loss, firms.largest, firms.total = _output_loss(industry, uses, s.uses)
        until = min(until, firms.change)
        loss += firms.loss
        begun = firms.end
    return until, loss / industry.classes


@compiled
def output_steps(m, s, index, row):
    """Play an industry's output over time into its `row`; return a status.

    Its output loss is the mean of those of its classes of firms, of which each is short by itself.
    The changes of the output loss stay in the scratch, and so does the money of output losses, with
    the indirect losses that follow from them, in parts attributed to materials.
    """
    industry = m.industries[index]
    state = s.industries[index]
    state.first = s.size[N_OUTPUT_STEPS]
    state.part_first = s.size[N_PARTS]
    classes, t = _begin_uses(industry, m.industry_uses, s.uses, s.hit_uses, s.firms)
    count = s.firms[classes - 1].end if classes > 0 else 0
    first_day = survival = math.nan
    lost_days = loss_days = stopped_days = 0.0
    spell = 0
    while classes > 0:
        step = s.size[N_OUTPUT_STEPS]
        if step >= s.output_steps.size or s.size[N_PARTS] + count > s.parts.size:
            return FULL
        until, loss = _move_firms(m, s, industry, classes, t)
        if t == m.horizon:
            break
        days = until - t
        s.output_steps[step].time = t
        s.output_steps[step].loss = loss
        s.size[N_OUTPUT_STEPS] += 1
        if loss > 0.0:
            spell = spell_at(s.spells, spell, t)
            if math.isnan(first_day):
                first_day = t
                survival = t - s.spells[spell].start
            lost_days += loss * days
            loss_days += days
            stopped_days += days if loss == 1.0 else 0.0
        t = until
    row.loss_days = loss_days
    row.stopped_days = stopped_days
    row.first_loss_day = first_day
    row.survival_days = survival
    state.lost_days = lost_days
    state.end = s.size[N_OUTPUT_STEPS]
    state.part_end = s.size[N_PARTS]
    return DONE
