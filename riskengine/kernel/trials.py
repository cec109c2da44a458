"""One trial, and the loop over a range of trials."""

from __future__ import annotations

import math

from riskengine.kernel.arithmetic import exp
from riskengine.kernel.arrays import DONE, N_OUTPUT_STEPS, N_SPELLS, N_STEPS
from riskengine.kernel.compiled import compiled
from riskengine.kernel.escalation import escalate
from riskengine.kernel.industry import output_steps, use_steps
from riskengine.kernel.supply import supply_steps


@compiled
def _play_materials(m, s, rows, level_days, trial):
    """Play the supply of every material and the uses that depend on it; return a status."""
    level_days[:] = 0.0
    for index in range(m.materials.size):
        material = m.materials[index]
        state = s.materials[index]
        state.step_first = s.size[N_STEPS]
        status = supply_steps(m, s, trial, index, rows[index], level_days)
        if status != DONE:
            return status
        state.step_end = s.size[N_STEPS]
        state.loss = material.cost_rate * (state.rerouting + state.price)
        rows[index].deepest_level = state.deepest
        for use in range(material.use_first, material.use_end):
            status = use_steps(m, s, use)
            if status != DONE:
                return status
    return DONE


@compiled
def _play_industries(m, s, rows):
    """Play the output loss and direct loss of every industry; return a status."""
    for index in range(m.industries.size):
        industry = m.industries[index]
        state = s.industries[index]
        state.first = s.size[N_OUTPUT_STEPS]
        status, lost_days = output_steps(m, s, index, rows[index])
        if status != DONE:
            return status
        state.end = s.size[N_OUTPUT_STEPS]
        rerouting = price = 0.0
        for i in range(industry.use_first, industry.use_end):
            use = m.uses[m.industry_uses[i]]
            rerouting += use.cost * s.materials[use.material].rerouting
            price += use.cost * s.materials[use.material].price
        output = industry.output_rate * lost_days
        state.direct = output + rerouting + price
        rows[index].output = output
        rows[index].rerouting = rerouting
        rows[index].price = price
    return DONE


@compiled
def _close_books(m, s, trial_row, industry_rows, material_rows):
    """Indirect losses, totals, the largest spell and the attribution to materials."""
    total = 0.0
    for i in range(m.industries.size):
        industry_rows[i].indirect = 0.0
    for j in range(m.industries.size):
        direct = s.industries[j].direct
        if direct > 0.0:
            for i in range(m.industries.size):
                industry_rows[i].indirect += m.spread[j, i] * direct
    for i in range(m.industries.size):
        loss = s.industries[i].direct + industry_rows[i].indirect
        industry_rows[i].loss = loss
        total += loss
    largest = 0.0
    for spell in range(s.size[N_SPELLS]):
        largest = max(largest, s.spells[spell].loss)
    trial_row.total = total
    # Sums in a different order differ in the last bits; no spell may exceed its trial.
    trial_row.largest_spell = total if s.size[N_SPELLS] == 1 else min(largest, total)
    for index in range(m.materials.size):
        material_rows[index].loss = s.materials[index].loss


@compiled
def _close_quiet_books(trial_row, industry_rows, material_rows, level_days):
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
def play_trial(m, s, rows, trial, row):
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
                rows.trials[row], rows.industries[row], rows.materials[row], rows.level_days[row]
            )
            rows.quiet[row] = 1
        return DONE
    rows.quiet[row] = 0
    status = _play_materials(m, s, rows.materials[row], rows.level_days[row], trial)
    if status != DONE:
        return status
    status = _play_industries(m, s, rows.industries[row])
    if status != DONE:
        return status
    _close_books(m, s, rows.trials[row], rows.industries[row], rows.materials[row])
    return DONE


@compiled
def play_trials(m, s, rows, first_trial, first_row, count):
    """Play `count` trials from `first_trial` into rows from `first_row`; return how many were done.

    Fewer than `count` means that the lists of the scratch were too short for the next trial.
    """
    for i in range(count):
        if play_trial(m, s, rows, first_trial + i, first_row + i) != DONE:
            return i
        if rows.weights.size > 0:
            rows.weights[first_row + i] = m.weight * exp(s.likelihood[0])
    return count
