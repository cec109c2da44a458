"""Disputes: onsets, triggers, and each material's path on the ladder (sections 1 and 2).

The result is left in the scratch: per pair a chain of segments (start, end, level, cut fraction),
the episodes in order of time, and the spells.
"""

from __future__ import annotations

import math

from riskengine.kernel.arrays import (
    DONE,
    FULL,
    N_COMMON,
    N_DUE,
    N_EPISODES,
    N_SEGMENTS,
    N_SPELLS,
)
from riskengine.kernel.compiled import compiled
from riskengine.kernel.draws import leading
from riskengine.kernel.quantiles import quantile
from riskengine.kernel.scores import (
    LARGEST,
    as_uniform,
    common_draw,
    dependent,
    exceeds,
    quantile_at,
    score_bounds,
    tilted,
)

COMMON_STEPS = 4  #: leading steps of a dispute's systemic path, drawn from Sobol' points
OWN_STEPS = 2  #: the same for each material's own path


@compiled
def _choose(cumulative, draw):
    """First index, mildest first, whose cumulative probability reaches the draw.

    Flattening sets each row to infinity from its last possible outcome on, so that rounding of the
    sum cannot select an impossible one.
    """
    i = 0
    while cumulative[i] < draw:
        i += 1
    return i


@compiled
def _prepare_common(m, s, trial, dispute, episode, step, chosen):
    """Make the systemic draws of a step, once for all materials of the episode."""
    if step < s.size[N_COMMON]:
        return
    d = m.disputes[dispute]
    escalation, duration = m.correlation.escalation, m.correlation.duration
    if escalation.rho > 0.0 or duration.rho > 0.0:
        choice, stay = leading(
            m.points, d.path_point, COMMON_STEPS, d.path_key, trial, episode, step
        )
        if chosen:
            choice = common_draw(choice, escalation)
        stay = common_draw(stay, duration)
        if m.tilt != 0.0 and episode == 0 and step < COMMON_STEPS:
            tilt = m.tilt * 0.5**step  # later steps matter less
            if chosen:
                choice = tilted(choice, escalation, tilt, s.likelihood)
            stay = tilted(stay, duration, tilt, s.likelihood)
        s.common[step].choice = choice
        s.common[step].stay = stay
    s.size[N_COMMON] = step + 1


@compiled
def _draw(own, common, factor, alone):
    """The draw of a path; that of a dispute without materials has no systemic part."""
    return common_draw(own, factor) if alone else dependent(own, common, factor)


@compiled
def _choose_level(cumulative, own, common, factor, alone):
    """The choice at the draw of a path; bounds of the draw usually suffice to find it."""
    if 0.0 < factor.rho < 1.0:
        common_part = 0.0 if alone else factor.common * common
        low, high = score_bounds(own, common_part, 1.0 if alone else factor.own)
        choice = _choose(cumulative, low)
        if high <= cumulative[choice]:
            return choice
    return _choose(cumulative, _draw(own, common, factor, alone))


@compiled
def _append_segment(segments, size, state, start, end, level):
    """Append a segment to the chain of a pair and return its index."""
    segment = size[N_SEGMENTS]
    size[N_SEGMENTS] += 1
    if state.head < 0:
        state.head = segment
    else:
        segments[state.tail].next = segment
    state.tail = segment
    segments[segment].next = -1
    segments[segment].start = start
    segments[segment].end = end
    segments[segment].level = level
    return segment


@compiled
def _walk(m, s, trial, dispute, pair, episode, start, active):
    """Walk one path from `start` and append its segments; return its end, nan if the list is full.

    The path of a dispute without materials (`alone`) has no systemic part.
    """
    distributions = m.distributions
    grid = m.grid
    segments = s.segments
    d = m.disputes[dispute]
    p = m.pairs[pair]
    alone = p.material < 0
    t = start
    step = 0
    level = d.active_level
    while True:
        if s.size[N_SEGMENTS] >= segments.size:
            return math.nan
        choice, stay = leading(m.points, p.path_point, OWN_STEPS, p.path_key, trial, episode, step)
        chosen = step > 0 or not active
        if not alone:
            _prepare_common(m, s, trial, dispute, episode, step, chosen)
        if chosen:
            chances = m.next[p.ladder, level] if step > 0 else m.entry[dispute]
            common_choice = s.common[step].choice
            level = _choose_level(chances, choice, common_choice, m.correlation.escalation, alone)
        if step > 0:
            level -= 1  # choice 0 is to resolve
            if level < 0:
                return t
        first_of_active = active and step == 0
        stay = _draw(stay, s.common[step].stay, m.correlation.duration, alone)
        sojourn = p.remainder if first_of_active else m.sojourn[p.ladder, level]
        end = t + quantile_at(distributions, grid, sojourn, stay, m.correlation.duration)
        segment = _append_segment(segments, s.size, s.pairs[pair], t, min(end, m.horizon), level)
        cut = m.cut[pair, level]
        segments[segment].cut = 0.0
        if cut >= 0:
            segments[segment].cut = quantile(distributions, grid, cut, s.pairs[pair].severity)
        if p.material >= 0 and s.materials[p.material].deepest < level:
            s.materials[p.material].deepest = level
        if end >= m.horizon:
            return m.horizon
        t = end
        step += 1


@compiled
def _common_cover(m, s, trial, dispute, episode, active):
    """The systemic draws of coverage and severity of an episode; 0.5 where nothing needs them."""
    d = m.disputes[dispute]
    coverage, severity = m.correlation.coverage, m.correlation.severity
    if (coverage.rho == 0.0 and severity.rho == 0.0) or d.concerns == 0:
        return 0.5, 0.5
    cover, depth = leading(m.points, d.cover_point, 1, d.cover_key, trial, episode, 0)
    cover, depth = common_draw(cover, coverage), common_draw(depth, severity)
    if m.tilt != 0.0 and episode == 0:
        if not (active and m.pairs[d.pair_first].forced >= 0):
            cover = tilted(cover, coverage, 0.5 * m.tilt, s.likelihood)
        depth = tilted(depth, severity, 0.25 * m.tilt, s.likelihood)
    return cover, depth


@compiled
def _is_covered(pair, state, common, correlation, points, trial, episode, active):
    """Whether the episode covers the pair's material; if so, its severity is set too."""
    if pair.material < 0:
        return True
    common_cover, common_severity = common
    cover, severity = leading(points, pair.cover_point, 1, pair.cover_key, trial, episode, 0)
    if active and pair.forced >= 0:
        covered = pair.forced == 1
    else:
        covered = exceeds(cover, common_cover, correlation.coverage, pair.uncovered)
    if covered:
        draw = dependent(severity, common_severity, correlation.severity)
        state.severity = as_uniform(draw, correlation.severity)
    return covered


@compiled
def _first_reach(segments, first, end, level):
    """Start of the earliest segment that is at the level or a deeper one, inf if none is."""
    earliest = math.inf
    for segment in range(first, end):
        if segments[segment].level >= level and segments[segment].start < earliest:
            earliest = segments[segment].start
    return earliest


@compiled
def _schedule_triggers(m, s, trial, dispute, episode, first_segment):
    """Draw which triggers an episode fires, and when; return a status."""
    for i in range(m.disputes[dispute].trigger_first, m.disputes[dispute].trigger_end):
        trigger = m.triggers[i]
        reached = _first_reach(s.segments, first_segment, s.size[N_SEGMENTS], trigger.reaches)
        if reached >= m.horizon:
            continue
        chance, delay = leading(
            m.points, trigger.trigger_point, 1, trigger.trigger_key, trial, episode, 0
        )
        if chance > trigger.probability:
            continue
        time = reached + quantile(m.distributions, m.grid, trigger.lag, delay)
        if time >= m.horizon:
            continue
        if s.size[N_DUE] >= s.due.size:
            return FULL
        s.due[s.size[N_DUE]].time = time
        s.due[s.size[N_DUE]].trigger = i
        s.size[N_DUE] += 1
    return DONE


@compiled
def _gap(dispute, distributions, grid, points, trial, episode, breaks_out):
    """Calm before the given episode number, in days.

    `breaks_out` conditions the first calm of a trial: this dispute, or one after it in the config,
    begins before the horizon.
    """
    if dispute.gap < 0:
        return math.inf
    u, _ = leading(points, dispute.onset_point, 1, dispute.onset_key, trial, episode, 0)
    if breaks_out:
        if u < dispute.onset_chance:
            u *= dispute.onset_share / dispute.onset_chance
        else:
            later = (u - dispute.onset_chance) / (1.0 - dispute.onset_chance)
            u = min(dispute.onset_share + (1.0 - dispute.onset_share) * later, LARGEST)
    if u > dispute.surely_calm:
        return math.inf
    return quantile(distributions, grid, dispute.gap, u)


@compiled
def _begin_episode(m, s, trial, dispute, start, active):
    """Walk and record a new episode, draw the next onset and the triggers; return a status."""
    episode = s.disputes[dispute].begun
    d = m.disputes[dispute]
    first_segment = s.size[N_SEGMENTS]
    end = start
    s.size[N_COMMON] = 0
    common = _common_cover(m, s, trial, dispute, episode, active)
    for pair in range(d.pair_first, d.pair_end):
        if not _is_covered(
            m.pairs[pair], s.pairs[pair], common, m.correlation, m.points, trial, episode, active
        ):
            continue
        path_end = _walk(m, s, trial, dispute, pair, episode, start, active)
        if math.isnan(path_end):
            return FULL
        end = max(end, path_end)
    if s.size[N_EPISODES] >= s.episodes.size:
        return FULL
    record = s.episodes[s.size[N_EPISODES]]
    record.dispute = dispute
    record.start = start
    record.end = end
    s.size[N_EPISODES] += 1
    s.disputes[dispute].begun = episode + 1
    s.disputes[dispute].until = end
    s.disputes[dispute].onset = math.inf
    if end < m.horizon:
        calm = _gap(d, m.distributions, m.grid, m.points, trial, episode + 1, False)
        s.disputes[dispute].onset = end + calm
    return _schedule_triggers(m, s, trial, dispute, episode, first_segment)


@compiled
def _next_due(due, count, triggers):
    """Index of the earliest triggered episode to come; ties go by config order of disputes."""
    best = 0
    for i in range(1, count):
        later = due[i].time > due[best].time
        tied = due[i].time == due[best].time
        before = triggers[due[i].trigger].starts < triggers[due[best].trigger].starts
        if not later and (before or not tied):
            best = i
    return best


@compiled
def _take_due(due, size, i):
    """Remove entry i from the list of triggered episodes."""
    size[N_DUE] -= 1
    due[i].time = due[size[N_DUE]].time
    due[i].trigger = due[size[N_DUE]].trigger


@compiled
def _note_spells(disputes, episodes, spells, size):
    """Merge the episodes of disputes that concern a material into maximal intervals."""
    count = 0
    for i in range(size[N_EPISODES]):
        start = episodes[i].start
        end = episodes[i].end
        if disputes[episodes[i].dispute].concerns == 0 or end <= start:
            continue
        if count > 0 and start <= spells[count - 1].end:
            spells[count - 1].end = max(spells[count - 1].end, end)
            continue
        spells[count].start = start
        spells[count].end = end
        spells[count].loss = 0.0
        count += 1
    size[N_SPELLS] = count


@compiled
def _calm(m, s, trial):
    """Reset all disputes to the start of a trial, and paths only if the last trial left any."""
    if s.size[N_SEGMENTS] > 0:
        for pair in range(s.pairs.size):
            s.pairs[pair].head = -1
        for material in range(s.materials.size):
            s.materials[material].deepest = -1
    s.size[:] = 0
    s.likelihood[0] = 0.0
    for importer in range(s.rerouting.size):
        s.rerouting[importer].drawn = 0
    given = True
    for dispute in range(s.disputes.size):
        s.disputes[dispute].begun = 0
        s.disputes[dispute].until = 0.0
        s.disputes[dispute].onset = 0.0
        if m.disputes[dispute].active_level < 0:
            d = m.disputes[dispute]
            breaks_out = given and d.onset_chance > d.onset_share
            calm = _gap(d, m.distributions, m.grid, m.points, trial, 0, breaks_out)
            s.disputes[dispute].onset = calm
            given = given and calm >= m.horizon


@compiled
def escalate(m, s, trial):
    """Play all disputes of a trial in order of time; return a status.

    On a tie, a dispute's own onset comes before a triggered episode. Further ties go by the config
    order of the disputes.
    """
    _calm(m, s, trial)
    while True:
        t = m.horizon
        dispute = -1
        for d in range(s.disputes.size):
            if s.disputes[d].onset < t:
                t = s.disputes[d].onset
                dispute = d
        if s.size[N_DUE] > 0:
            i = _next_due(s.due, s.size[N_DUE], m.triggers)
            if s.due[i].time < t:
                t = s.due[i].time
                dispute = m.triggers[s.due[i].trigger].starts
                _take_due(s.due, s.size, i)
                if t < s.disputes[dispute].until:
                    continue
        if dispute < 0:
            break
        active = s.disputes[dispute].begun == 0 and m.disputes[dispute].active_level >= 0
        if _begin_episode(m, s, trial, dispute, t, active) == FULL:
            return FULL
    _note_spells(m.disputes, s.episodes, s.spells, s.size)
    return DONE
