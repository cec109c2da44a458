"""One trial, and the loop over a range of trials."""

from __future__ import annotations

import math

from riskengine.kernel.arithmetic import exp
from riskengine.kernel.arrays import DONE, FULL, N_SPELLS, N_STEPS, TOTALS
from riskengine.kernel.compiled import compiled
from riskengine.kernel.escalation import escalate
from riskengine.kernel.industry import copy_steps, is_spared, output_steps, spare, use_steps
from riskengine.kernel.pools import settle_pools
from riskengine.kernel.supply import supply_steps
from riskengine.kernel.versions import (
    add_losses,
    add_up,
    compare_supply,
    copy_output,
    note_changes,
    same_output,
    version_differs,
)


@compiled
def _play_materials(m, s, rows, level_days, trial):
    """Play the supply of every material and the uses that depend on it; return a status."""
    level_days[:] = 0.0
    levels = m.boycott.size
    for index in range(m.materials.size):
        material = m.materials[index]
        state = s.materials[index]
        state.step_first = s.size[N_STEPS]
        first_version = index < rows.size
        cells = rows if first_version else s.material_rows
        days = level_days if first_version else s.level_days
        first_level = index * levels if first_version else 0
        status = supply_steps(m, s, trial, index, cells[index], days, first_level)
        if status != DONE:
            return status
        state.step_end = s.size[N_STEPS]
        state.loss = material.cost_rate * (state.rerouting + state.price)
        if first_version:
            state.alike = 1
            rows[index].deepest_level = state.deepest
        else:
            compare_supply(m, s, rows, index, m.versions.material_place[index])
        for use in range(material.use_first, material.use_end):
            like = m.versions.like[use]
            if like != use and state.alike == 1:
                copy_steps(s.uses[use], s.uses[like])
            elif s.firms.size > 1 and is_spared(m.uses, s.uses, use, material.use_first):
                spare(s.uses[use], s.size)
            elif use_steps(m, s, use) != DONE:
                return FULL
    return DONE


@compiled
def _play_industries(m, s, rows):
    """Play the output loss and direct loss of every industry; return a status."""
    for index in range(m.industries.size):
        state = s.industries[index]
        first_version = index < rows.size
        place = m.versions.industry_place[index]
        cells = rows if first_version else s.industry_rows
        row = cells[index]
        state.differs = 0
        if not first_version and same_output(m, s, index, place):
            copy_output(s, row, rows[place], index, place)
        elif output_steps(m, s, index, row) != DONE:
            return FULL
        elif not first_version:
            state.differs = 1
        _add_costs(m, s, index, row)
        if row.rerouting != rows[place].rerouting or row.price != rows[place].price:
            state.differs = 1
    return DONE


@compiled
def _add_costs(m, s, index, row):
    """Add the premiums and prices that an industry pays to its lost output."""
    industry = m.industries[index]
    state = s.industries[index]
    rerouting = price = 0.0
    for i in range(industry.use_first, industry.use_end):
        use = m.uses[m.industry_uses[i]]
        rerouting += use.cost * s.materials[use.material].rerouting
        price += use.cost * s.materials[use.material].price
    output = industry.output_rate * state.lost_days
    state.direct = output + rerouting + price
    row.output = output
    row.rerouting = rerouting
    row.price = price


@compiled
def _play_versions(m, s, rows, changes, trial, row):
    """Add up all versions and note where they differ from version 0; return a status."""
    add_up(m, s, 0, rows.trials[row], rows.industries[row], rows.materials[row])
    before = changes.noted[0]
    for version in range(1, m.versions.spread.size):
        if version_differs(m, s, version):
            if m.versions.detail == TOTALS:
                s.version_trial[0].total = add_losses(m, s, version, s.version_industries)
            else:
                add_up(m, s, version, s.version_trial[0], s.version_industries, s.version_materials)
            if note_changes(m, s, version, rows, changes, trial, row) != DONE:
                changes.noted[0] = before
                return FULL
    return DONE


@compiled
def _play_pools(m, s, rows, trial):
    """Settle the pools of all versions and fill the rows of the first; return a status."""
    if m.pools.size == 0:
        return DONE
    if settle_pools(m, s, trial) != DONE:
        return FULL
    for place in range(rows.size):
        state = s.pools[m.versions.pools[0, place]]
        rows[place].contested_days = state.contested_days
        rows[place].pool_used = state.used
    return DONE


@compiled
def _close_quiet_books(trial_row, industry_rows, material_rows, pool_rows, level_days):
    """The row of a trial in which no material was restricted."""
    trial_row.total = trial_row.largest_spell = 0.0
    for index in range(industry_rows.size):
        row = industry_rows[index]
        row.loss = row.output = row.rerouting = row.price = row.indirect = 0.0
        row.loss_days = row.stopped_days = 0.0
        row.first_loss_day = row.survival_days = math.nan
    for index in range(material_rows.size):
        row = material_rows[index]
        row.loss = row.cut_days = row.cut_weighted_days = row.shortage_days = 0.0
        row.deepest_level = -1
    for index in range(pool_rows.size):
        pool_rows[index].contested_days = pool_rows[index].pool_used = 0.0
    level_days[:] = 0.0


@compiled
def _forget_steps(s):
    """Leave no steps of an earlier trial in the scratch of a quiet one."""
    for index in range(s.materials.size):
        s.materials[index].step_first = s.materials[index].step_end = 0
    for index in range(s.uses.size):
        s.uses[index].first = s.uses[index].end = 0
    for index in range(s.industries.size):
        s.industries[index].first = s.industries[index].end = 0


@compiled
def play_trial(m, s, rows, changes, trial, row):
    """Play one trial, fill its row and return a status. The scratch keeps all that happened in it.

    Where most trials are quiet, a quiet trial mostly follows another one, and its row held a quiet
    trial before. What already has the right value is then not written again.
    """
    after_quiet = s.size[N_SPELLS] == 0
    status = escalate(m, s, trial)
    if status != DONE:
        return status
    for dispute in range(s.disputes.size):
        rows.episodes[row, dispute] = s.disputes[dispute].begun
    if s.size[N_SPELLS] == 0:
        if not after_quiet:
            _forget_steps(s)
        if rows.quiet[row] == 0:
            _close_quiet_books(
                rows.trials[row],
                rows.industries[row],
                rows.materials[row],
                rows.pools[row],
                rows.level_days[row],
            )
            rows.quiet[row] = 1
        return DONE
    rows.quiet[row] = 0
    status = _play_pools(m, s, rows.pools[row], trial)
    if status != DONE:
        return status
    status = _play_materials(m, s, rows.materials[row], rows.level_days[row], trial)
    if status != DONE:
        return status
    status = _play_industries(m, s, rows.industries[row])
    if status != DONE:
        return status
    return _play_versions(m, s, rows, changes, trial, row)


@compiled
def play_trials(m, s, rows, changes, first_trial, first_row, count):
    """Play `count` trials from `first_trial` into rows from `first_row`; return how many were done.

    Fewer than `count` means that the lists of the scratch, or the room for changes, were too short
    for the next trial.
    """
    for i in range(count):
        if play_trial(m, s, rows, changes, first_trial + i, first_row + i) != DONE:
            return i
        if rows.weights.size > 0:
            rows.weights[first_row + i] = m.weight * exp(s.likelihood[0])
    return count
