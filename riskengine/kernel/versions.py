"""Versions of a scenario in one trial: what they share, what each adds up to, what differs.

An entity that differs from that of version 0 at its place is played in full only if something that
it depends on differs in this trial. Whether anything differs is decided by comparing results bit by
bit, never by tolerance, so that a version has the same losses as a run of it alone.
"""

from __future__ import annotations

import math

from riskengine.kernel.arithmetic import same_number
from riskengine.kernel.arrays import (
    ALL_SERIES,
    DONE,
    FULL,
    INDUSTRY_SERIES,
    LOSSES,
    MATERIAL_SERIES,
    N_SPELLS,
    POOL_SERIES,
    TOTALS,
)
from riskengine.kernel.compiled import called, compiled
from riskengine.kernel.supply import spell_at


@called
def compare_supply(m, s, rows, index, place):
    """Note whether a material's supply is that of version 0 at its place, in this trial.

    `alike`: all uses with equal needs fall short equally. `differs`: anything does that a version
    adds up.
    """
    own, base = s.materials[index], s.materials[place]
    own.alike = own.differs = 0
    if m.materials[index].refill_rate == m.materials[place].refill_rate and _same_shortage(
        s.steps, own, base
    ):
        own.alike = 1
    row, known = s.material_rows[index], rows[place]
    if (
        own.alike == 0
        or own.loss != base.loss
        or own.rerouting != base.rerouting
        or own.price != base.price
        or row.cut_days != known.cut_days
        or row.cut_weighted_days != known.cut_weighted_days
        or row.shortage_days != known.shortage_days
        or (s.size[N_SPELLS] > 1 and not _same_costs(m, s, index, place))
    ):
        own.differs = 1


@compiled
def _same_shortage(steps, own, base):
    """Whether two materials are short by the same amounts at the same times."""
    end = min(own.short_end + 1, own.step_end)
    count = end - own.short_first
    if own.short_first == own.short_end or base.short_first == base.short_end:
        return own.short_first == own.short_end and base.short_first == base.short_end
    if count != min(base.short_end + 1, base.step_end) - base.short_first:
        return False
    for i in range(count):
        one, other = steps[own.short_first + i], steps[base.short_first + i]
        if one.time != other.time or one.short != other.short:
            return False
    return True


@compiled
def _same_costs(m, s, index, place):
    """Whether two materials cost the same at the same times."""
    own, base = s.materials[index], s.materials[place]
    count = own.step_end - own.step_first
    if m.materials[index].cost_rate != m.materials[place].cost_rate:
        return False
    if count != base.step_end - base.step_first:
        return False
    for i in range(count):
        one, other = s.steps[own.step_first + i], s.steps[base.step_first + i]
        if one.time != other.time or one.cost != other.cost:
            return False
    return True


@called
def same_output(m, s, index, place):
    """Whether an industry loses the same output as version 0 at its place, in this trial."""
    own, base = m.industries[index], m.industries[place]
    if own.classes != base.classes:
        return False
    if own.use_end - own.use_first != base.use_end - base.use_first:
        return False
    hit = False
    for i in range(own.use_first, own.use_end):
        use = m.industry_uses[i]
        other = m.industry_uses[i - own.use_first + base.use_first]
        one, two = m.uses[use], m.uses[other]
        if m.versions.material_place[one.material] != m.versions.material_place[two.material]:
            return False
        if s.uses[use].hit == math.inf and s.uses[other].hit == math.inf:
            continue
        hit = True
        # Steps that are alike are the same rows of the list.
        if s.uses[use].first != s.uses[other].first or s.uses[use].end != s.uses[other].end:
            return False
        if (
            one.dependence != two.dependence
            or one.substitution != two.substitution
            or one.substitution_lag != two.substitution_lag
        ):
            return False
    return not hit or (
        own.output_rate == base.output_rate
        and own.multiplier == base.multiplier
        and own.min_operating_rate == base.min_operating_rate
        and own.independent == base.independent
    )


@compiled
def copy_output(s, row, known, index, place):
    """Take an industry's output from version 0, with its steps and parts."""
    own, base = s.industries[index], s.industries[place]
    own.first, own.end = base.first, base.end
    own.part_first, own.part_end = base.part_first, base.part_end
    own.lost_days = base.lost_days
    row.loss_days = known.loss_days
    row.stopped_days = known.stopped_days
    row.first_loss_day = known.first_loss_day
    row.survival_days = known.survival_days


@called
def version_differs(m, s, version):
    """Whether a version may differ from version 0 in this trial."""
    for place in range(m.versions.materials.shape[1]):
        if s.materials[m.versions.materials[version, place]].differs == 1:
            return True
    for place in range(m.versions.industries.shape[1]):
        if s.industries[m.versions.industries[version, place]].differs == 1:
            return True
    if m.versions.detail == ALL_SERIES:
        for place in range(m.versions.pools.shape[1]):
            own, base = m.versions.pools[version, place], m.versions.pools[0, place]
            if own != base and not _same_pool(s.pools[own], s.pools[base]):
                return True
    return m.versions.spread[version] != m.versions.spread[0]


@compiled
def _same_pool(own, base):
    return own.contested_days == base.contested_days and own.used == base.used


@called
def add_up(m, s, version, trial_row, industry_rows, material_rows):
    """Indirect losses, totals, the largest spell and the attribution to materials of a version."""
    places = m.versions.industries.shape[1]
    total = add_losses(m, s, version, industry_rows)
    trial_row.total = total
    trial_row.largest_spell = _largest_spell(m, s, version, total)
    for i in range(m.versions.materials.shape[1]):
        material_rows[i].loss = s.materials[m.versions.materials[version, i]].loss
    for i in range(places):
        state = s.industries[m.versions.industries[version, i]]
        for k in range(state.part_first, state.part_end):
            material_rows[s.parts[k].place].loss += s.parts[k].money


@compiled
def add_losses(m, s, version, industry_rows):
    """Direct and indirect losses of a version by industry; returns the total."""
    spread = m.versions.spread[version]
    total = 0.0
    places = m.versions.industries.shape[1]
    for i in range(places):
        industry_rows[i].indirect = 0.0
    for j in range(places):
        index = m.versions.industries[version, j]
        direct = s.industries[index].direct
        if direct > 0.0 and m.industries[index].passes_on == 1:
            for i in range(places):
                industry_rows[i].indirect += m.spread[spread, j, i] * direct
    for i in range(places):
        direct = s.industries[m.versions.industries[version, i]].direct
        loss = direct + industry_rows[i].indirect
        industry_rows[i].loss = loss
        total += loss
    return total


@compiled
def _largest_spell(m, s, version, total):
    """The loss of each spell, from the steps of all entities of a version; returns the largest.

    A run has no need of the loss of a single spell, which is the total; a replay shows it.
    """
    spells = s.size[N_SPELLS]
    if spells == 1 and s.step_used.shape[0] == 0:
        return total
    for spell in range(spells):
        s.spells[spell].loss = 0.0
    for place in range(m.versions.materials.shape[1]):
        _book_costs(m, s, m.versions.materials[version, place])
    for place in range(m.versions.industries.shape[1]):
        _book_output(m, s, m.versions.industries[version, place])
    largest = 0.0
    for spell in range(spells):
        largest = max(largest, s.spells[spell].loss)
    # Sums in a different order differ in the last bits; no spell may exceed its trial.
    return total if spells == 1 else min(largest, total)


@compiled
def _book_costs(m, s, index):
    """Add the costs of a material's supply to the spells in which they arise."""
    state = s.materials[index]
    rate = m.materials[index].cost_rate
    spell = 0
    for step in range(state.step_first, state.step_end):
        cost = s.steps[step].cost
        if cost > 0.0:
            t = s.steps[step].time
            until = s.steps[step + 1].time if step + 1 < state.step_end else m.horizon
            spell = spell_at(s.spells, spell, t)
            s.spells[spell].loss += rate * cost * (until - t)


@compiled
def _book_output(m, s, index):
    """Add an industry's output losses, and the indirect losses that follow, to their spells."""
    industry = m.industries[index]
    state = s.industries[index]
    spell = 0
    for step in range(state.first, state.end):
        loss = s.output_steps[step].loss
        if loss > 0.0:
            t = s.output_steps[step].time
            until = s.output_steps[step + 1].time if step + 1 < state.end else m.horizon
            spell = spell_at(s.spells, spell, t)
            s.spells[spell].loss += industry.output_rate * industry.multiplier * loss * (until - t)


@compiled
def _note(changes, row, series, value, known):
    """Note a value of a version if it is not that of version 0; nan equals nan."""
    if same_number(value, known):
        return
    at = changes.noted[0]
    changes.rows[at] = row
    changes.series[at] = series
    changes.values[at] = value
    changes.noted[0] = at + 1


@called
def note_changes(m, s, version, rows, changes, trial, row):
    """Note all that differs between a version and version 0 in this trial; return a status."""
    industries, materials = rows.industries[row], rows.materials[row]
    width = 1
    if m.versions.detail == LOSSES:
        width = 1 + industries.size + materials.size
    elif m.versions.detail == ALL_SERIES:
        pools = m.versions.pools.shape[1]
        width = 2 + INDUSTRY_SERIES * industries.size + MATERIAL_SERIES * materials.size
        width += POOL_SERIES * pools
    if changes.noted[0] + width > changes.values.size:
        return FULL
    trial_row = rows.trials[row]
    row = trial - changes.first_trial[0]
    series = version * width
    _note(changes, row, series, s.version_trial[0].total, trial_row.total)
    if m.versions.detail == TOTALS:
        return DONE
    series += 1
    for i in range(industries.size):
        _note(changes, row, series, s.version_industries[i].loss, industries[i].loss)
        series += 1
    for i in range(materials.size):
        _note(changes, row, series, s.version_materials[i].loss, materials[i].loss)
        series += 1
    if m.versions.detail == ALL_SERIES:
        _note(changes, row, series, s.version_trial[0].largest_spell, trial_row.largest_spell)
        _note_details(m, s, version, industries, materials, row, series + 1, changes)
    return DONE


@compiled
def _note_details(m, s, version, industries, materials, row, series, changes):
    """Note the other fields of industries, materials and pools, in the order of their records."""
    for i in range(industries.size):
        known = industries[i]
        indirect = s.version_industries[i].indirect
        _note(changes, row, series + 3, indirect, known.indirect)
        k = m.versions.industries[version, i]
        if k != m.versions.industries[0, i]:
            own = s.industry_rows[k]
            _note(changes, row, series, own.output, known.output)
            _note(changes, row, series + 1, own.rerouting, known.rerouting)
            _note(changes, row, series + 2, own.price, known.price)
            _note(changes, row, series + 4, own.loss_days, known.loss_days)
            _note(changes, row, series + 5, own.stopped_days, known.stopped_days)
            _note(changes, row, series + 6, own.first_loss_day, known.first_loss_day)
            _note(changes, row, series + 7, own.survival_days, known.survival_days)
        series += 8
    for i in range(materials.size):
        k = m.versions.materials[version, i]
        if k != m.versions.materials[0, i]:
            own, known = s.material_rows[k], materials[i]
            _note(changes, row, series, own.cut_days, known.cut_days)
            _note(changes, row, series + 1, own.cut_weighted_days, known.cut_weighted_days)
            _note(changes, row, series + 2, own.shortage_days, known.shortage_days)
        series += 3
    for i in range(m.versions.pools.shape[1]):
        own, known = s.pools[m.versions.pools[version, i]], s.pools[m.versions.pools[0, i]]
        _note(changes, row, series, own.contested_days, known.contested_days)
        _note(changes, row, series + 1, own.used, known.used)
        series += 2
