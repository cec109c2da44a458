"""The small decisions inside the kernels, one by one."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from machine_code import machine_code
from scipy.special import ndtr, ndtri

from riskengine.kernel import arrays, escalation, industry, rerouting, scores, supply
from riskengine.kernel.arrays import NOTHING
from riskengine.kernel.draws import block
from riskengine.kernel.escalation import _choose, _first_reach, _next_due, _take_due
from riskengine.kernel.quantiles import quantile
from riskengine.kernel.workspace import records
from riskengine.model.distributions import distribution
from riskengine.model.flat.arrays import factor
from riskengine.model.flat.disputes import _surely_calm
from riskengine.model.flat.distributions import Shelf
from riskengine.model.flat.scenario import NO_POINTS
from riskengine.model.scenario import Dispute

GRID = (1e-12, 0.01, 0.2, 0.5, 0.7, 0.99, 1.0 - 1e-12)
RHOS = (0.0, 1e-9, 0.3, 0.7, 1.0 - 1e-9, 1.0)


# --- Scores of several materials ---


def dependent(own: float, common: float, rho: float) -> float:
    """The uniform of a decision from an own and a common one."""
    weights = factor(rho)
    draw = scores.dependent(own, scores.common_draw(common, weights), weights)
    found: float = scores.as_uniform(draw, weights)
    return found


@pytest.mark.parametrize("own", GRID)
@pytest.mark.parametrize("common", GRID)
def test_without_correlation_a_decision_is_a_materials_own(own: float, common: float) -> None:
    assert dependent(own, common, 0.0) == own


@pytest.mark.parametrize("own", GRID)
@pytest.mark.parametrize("common", GRID)
def test_with_full_correlation_a_decision_is_the_common_one(own: float, common: float) -> None:
    assert dependent(own, common, 1.0) == common


@pytest.mark.parametrize("rho", RHOS)
def test_a_comparison_by_bounds_is_that_of_the_draw(rho: float) -> None:
    weights = factor(rho)
    for own in (*GRID, 0.25, np.nextafter(0.25, 0.0), 2.0**-53, 1.0 - 2.0**-53):
        for common in GRID:
            shared = scores.common_draw(common, weights)
            draw = scores.dependent(own, shared, weights)
            close = (np.nextafter(draw, -math.inf), draw, np.nextafter(draw, math.inf))
            for threshold in (-math.inf, draw - 0.5, *close, draw + 0.5, math.inf):
                assert scores.exceeds(own, shared, weights, threshold) == (draw > threshold)


def test_bounds_of_a_score_hold_it_and_are_close() -> None:
    uniforms = np.append(np.linspace(0.0, 1.0, 20_001)[1:-1], np.arange(1, 256) / 256)
    for own in uniforms:
        low, high = scores.score_bounds(own, 0.3, 0.6)
        assert low < 0.3 + 0.6 * scores.common_draw(own, factor(0.5)) < high
        assert high - low < 0.02 or not 0.1 < own < 0.9


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("rho", RHOS)
def test_a_choice_by_bounds_is_that_of_the_draw(rho: float, alone: bool) -> None:
    weights = factor(rho)
    for own in GRID:
        shared = scores.common_draw(0.4, weights)
        draw = escalation._draw(own, shared, weights, alone)
        for steps in ((draw - 1.0, draw), (draw, draw + 1.0), (np.nextafter(draw, -math.inf),)):
            chances = np.array([*steps, math.inf])
            chosen = escalation._choose_level(chances, own, shared, weights, alone)
            assert chosen == escalation._choose(chances, draw)


@pytest.mark.parametrize("rho", [0.1, 0.5, 0.9])
def test_a_decision_in_between_adds_the_two_normal_scores(rho: float) -> None:
    for own in GRID:
        for common in GRID:
            z = math.sqrt(rho) * ndtri(common) + math.sqrt(1.0 - rho) * ndtri(own)
            assert dependent(own, common, rho) == pytest.approx(ndtr(z), rel=1e-13)


@pytest.mark.parametrize("rho", [0.2, 0.5, 0.8])
def test_a_decision_never_falls_as_either_score_rises(rho: float) -> None:
    fine = np.linspace(0.001, 0.999, 201)
    for fixed in GRID:
        assert (np.diff([dependent(u, fixed, rho) for u in fine]) > 0.0).all() or fixed in (
            GRID[0],
            GRID[-1],
        )
        assert (np.diff([dependent(fixed, u, rho) for u in fine]) >= 0.0).all()


@pytest.mark.parametrize("rho", RHOS)
def test_a_decision_stays_inside_the_open_interval(rho: float) -> None:
    for own in (2.0**-53, 1.0 - 2.0**-53):
        for common in (2.0**-53, 1.0 - 2.0**-53):
            assert 0.0 < dependent(own, common, rho) < 1.0


@pytest.mark.exhaustive
def test_compiled_and_plain_scores_yield_the_same_bits() -> None:
    for rho in RHOS:
        weights = factor(rho)
        for u in GRID:
            shared = scores.common_draw(u, weights)
            assert machine_code(scores.common_draw)(u, weights) == shared
            for own in GRID:
                draw = scores.dependent(own, shared, weights)
                assert machine_code(scores.dependent)(own, shared, weights) == draw
                uniform = scores.as_uniform(draw, weights)
                assert machine_code(scores.as_uniform)(draw, weights) == uniform


@pytest.mark.parametrize("rho", RHOS)
def test_a_lognormal_quantity_is_the_quantile_of_its_decision(rho: float) -> None:
    shelf = Shelf()
    lognormal = distribution("lognormal", {"median": 40.0, "p90": 120.0})
    whole = shelf.put(lognormal)
    aged = shelf.put(lognormal, 15.0)
    records_, grid, weights = shelf.distributions(), shelf.grid(), factor(rho)
    for own in GRID:
        for common in GRID:
            draw = scores.dependent(own, scores.common_draw(common, weights), weights)
            for k in (whole, aged):
                expected = quantile(records_, grid, k, dependent(own, common, rho))
                found = scores.quantile_at(records_, grid, k, draw, weights)
                # Far out a uniform has but few digits, or none, where a score has all of them.
                if 0.001 < dependent(own, common, rho) < 0.999:
                    assert found == pytest.approx(expected, rel=1e-12)


# --- Coverage ---


def _covered(trial: int, coverage: float, *, forced: int = -1, active: bool = False) -> bool:
    pair = records(arrays.PAIR, 1)[0]
    pair.uncovered, pair.forced, pair.cover_key = 1.0 - coverage, forced, 99
    state = records(arrays.PAIR_STATE, 1)[0]
    alone = arrays.Factors(*5 * [factor(0.0)])
    together = 0.5, 0.5
    found: bool = escalation._is_covered(pair, state, together, alone, NO_POINTS, trial, 0, active)
    return found


def test_the_upper_end_of_the_uniforms_is_covered() -> None:
    """High is worse in every decision, so that one shared score makes all of them worse."""
    for trial in range(200):
        u, _ = block(np.uint64(99), trial, 0, 0)
        assert _covered(trial, 0.3) == (u > 1.0 - 0.3)


def test_more_coverage_covers_what_less_of_it_did() -> None:
    for trial in range(200):
        assert _covered(trial, 0.6) >= _covered(trial, 0.3)


@pytest.mark.parametrize("forced", [0, 1])
def test_materials_named_for_the_active_episode_are_exactly_those_covered(forced: int) -> None:
    assert {_covered(t, 0.5, forced=forced, active=True) for t in range(50)} == {forced == 1}


def test_naming_materials_says_nothing_about_later_episodes() -> None:
    assert {_covered(t, 0.5, forced=1, active=False) for t in range(50)} == {False, True}


# --- Calm ---


@pytest.mark.parametrize("rate", [1e-6, 0.08, 1.0, 15.0, 1000.0])
def test_a_calm_that_is_not_computed_lasts_beyond_the_horizon(rate: float) -> None:
    horizon = 730.0
    quarrel = Dispute(coercer="A", target="B", rate_per_year=rate, entry={"slow": 1.0})
    limit = _surely_calm(quarrel, horizon)
    shelf = Shelf()
    gap = shelf.put(distribution("exponential", {"mean": 365.0 / rate}))
    records_, grid = shelf.distributions(), shelf.grid()
    if limit >= 1.0:
        assert quantile(records_, grid, gap, 1.0 - 1e-8) < horizon  # nothing is sure
        return
    assert quantile(records_, grid, gap, limit) > horizon
    assert quantile(records_, grid, gap, limit - 2e-9) < horizon  # and nearly all that is, is


# --- Choices of level ---


@pytest.mark.parametrize(
    ("u", "level"), [(0.0001, 0), (0.25, 0), (0.2501, 2), (0.75, 2), (0.7501, 3), (0.9999, 3)]
)
def test_a_level_is_chosen_by_cumulative_probability_from_the_mildest(u: float, level: int) -> None:
    assert _choose(np.array([0.25, 0.25, 0.75, 2.0]), u) == level


def test_an_impossible_worst_level_is_never_chosen() -> None:
    assert _choose(np.array([0.5, 2.0, 2.0]), 1.0 - 2.0**-53) == 1


def _segments(*entries: tuple[float, int]) -> np.ndarray:
    made = records(arrays.SEGMENT, len(entries))
    for segment, (start, level) in zip(made, entries, strict=True):
        segment.start, segment.level = start, level
    return made


def test_a_level_is_first_reached_by_any_deeper_one() -> None:
    segments = _segments((5.0, 0), (7.0, 2), (9.0, 1), (3.0, 0), (8.0, 3))
    assert _first_reach(segments, 0, 5, 0) == 3.0
    assert _first_reach(segments, 0, 5, 1) == 7.0  # at level 2
    assert _first_reach(segments, 0, 5, 2) == 7.0
    assert _first_reach(segments, 0, 5, 3) == 8.0


def test_a_level_outside_the_episode_or_never_reached_is_at_infinity() -> None:
    segments = _segments((5.0, 2), (9.0, 0))
    assert _first_reach(segments, 1, 2, 1) == math.inf
    assert _first_reach(segments, 0, 2, 3) == math.inf


# --- Triggered episodes to come ---


def _due(*entries: tuple[float, int]) -> np.ndarray:
    made = records(arrays.DUE, len(entries))
    for due, (time, trigger) in zip(made, entries, strict=True):
        due.time, due.trigger = time, trigger
    return made


def _triggers(*starts: int) -> np.ndarray:
    made = records(arrays.TRIGGER, len(starts))
    made["starts"] = starts
    return made


def test_the_earliest_triggered_episode_comes_first() -> None:
    assert _next_due(_due((9.0, 0), (4.0, 1), (6.0, 0)), 3, _triggers(0, 1)) == 1


def test_triggered_episodes_at_one_time_come_in_the_order_of_the_disputes() -> None:
    assert _next_due(_due((4.0, 0), (4.0, 1)), 2, _triggers(3, 1)) == 1
    assert _next_due(_due((4.0, 0), (4.0, 1)), 2, _triggers(1, 3)) == 0


def test_only_the_counted_triggered_episodes_are_looked_at() -> None:
    assert _next_due(_due((9.0, 0), (4.0, 1)), 1, _triggers(0, 1)) == 0


def test_a_taken_episode_leaves_all_others() -> None:
    due, size = _due((9.0, 0), (4.0, 1), (6.0, 2)), np.zeros(arrays.N_SIZES, dtype=np.int64)
    size[arrays.N_DUE] = 3
    _take_due(due, size, 0)
    assert size[arrays.N_DUE] == 2
    assert sorted(zip(due.time[:2], due.trigger[:2], strict=True)) == [(4.0, 1), (6.0, 2)]


# --- Stocks ---


def _tiers(*days: float) -> np.ndarray:
    made = records(arrays.TIER_STATE, len(days))
    made["full"] = made["stock"] = days
    return made


def _limits(*pairs: tuple[float, float]) -> np.ndarray:
    made = records(arrays.TIER, len(pairs))
    for tier, (release, lag) in zip(made, pairs, strict=True):
        tier.release, tier.lag = release, lag
    return made


def _material(count: int, refill_rate: float = 0.0) -> np.record:
    made = records(arrays.MATERIAL, 1)
    made[0].tier_end, made[0].refill_rate = count, refill_rate
    return made[0]


def test_tiers_release_in_order_what_is_left_of_the_gap() -> None:
    states = _tiers(10.0, 10.0, 10.0)
    limits = _limits((0.25, 0.0), (0.5, 0.0), (1.0, 0.0))
    left, change = supply._release(limits, states, _material(3), 100.0, 0.5, 100.0)
    assert states.rate.tolist() == [0.25, 0.25, 0.0]
    assert left == 0.0
    assert change == 100.0 + 10.0 / 0.25


def test_a_tier_in_its_lag_releases_nothing_and_announces_its_start() -> None:
    states = _tiers(10.0)
    left, change = supply._release(_limits((1.0, 7.0)), states, _material(1), 100.0, 0.5, 98.0)
    assert (left, change, states.rate[0]) == (0.5, 105.0, 0.0)


def test_an_empty_tier_is_passed_over() -> None:
    states = _tiers(0.0, 10.0)
    limits = _limits((1.0, 0.0), (1.0, 0.0))
    left, _ = supply._release(limits, states, _material(2), 0.0, 0.5, 0.0)
    assert (left, states.rate.tolist()) == (0.0, [0.0, 0.5])


def test_what_is_left_of_a_gap_below_nothing_is_zero() -> None:
    limits = _limits((0.5 - NOTHING / 4.0, 0.0))
    left, _ = supply._release(limits, _tiers(10.0), _material(1), 0.0, 0.5, 0.0)
    assert left == 0.0


def test_a_tier_that_runs_out_at_the_end_of_an_interval_is_empty_to_the_bit() -> None:
    states = _tiers(1.0)
    states[0].rate, states[0].runs_out = 0.3, 100.0 + 1.0 / 0.3
    supply._draw_down(states, _material(1), 100.0, 100.0 + 1.0 / 0.3)
    assert states.stock[0] == 0.0


def test_tiers_refill_in_order_together_at_one_rate() -> None:
    states = _tiers(10.0, 10.0)
    states["stock"] = [7.0, 2.0]
    supply._replenish(_limits((1, 0), (1, 0)), states, _material(2, refill_rate=0.5), 10.0, 0.0)
    assert states.stock.tolist() == [10.0, 4.0]


def test_tiers_refill_no_further_than_they_once_held() -> None:
    states = _tiers(10.0, 4.0)
    states["stock"] = 0.0
    supply._replenish(_limits((1, 0), (1, 0)), states, _material(2, refill_rate=1.0), 1000.0, 0.0)
    assert states.stock.tolist() == [10.0, 4.0]


def _built(rate: float) -> np.ndarray:
    """A tier that is built up at a rate, between two that are refilled."""
    made = _limits((1.0, 0.0), (1.0, 0.0), (1.0, 0.0))
    made[1].build_rate = rate
    return made


def test_a_tier_that_is_built_up_leaves_the_refilling_to_the_others() -> None:
    states = _tiers(10.0, 30.0, 10.0)
    states["stock"] = [7.0, 2.0, 1.0]
    supply._replenish(_built(0.25), states, _material(3, refill_rate=0.5), 10.0, 0.0)
    assert states.stock.tolist() == [10.0, 4.5, 3.0]


def test_a_tier_is_built_up_no_further_than_its_target() -> None:
    states = _tiers(10.0, 30.0, 10.0)
    states["stock"] = [10.0, 2.0, 10.0]
    supply._replenish(_built(0.25), states, _material(3), 1000.0, 0.0)
    assert states.stock.tolist() == [10.0, 30.0, 10.0]


def test_nothing_is_built_up_while_alternatives_replace_what_is_lost() -> None:
    states = _tiers(10.0, 30.0, 10.0)
    states["stock"] = [7.0, 2.0, 1.0]
    supply._replenish(_built(0.25), states, _material(3, refill_rate=0.5), 10.0, 1e-300)
    assert states.stock.tolist() == [10.0, 2.0, 3.0]


def test_a_stock_below_nothing_is_not_released() -> None:
    states = _tiers(0.5 * NOTHING)
    left, change = supply._release(_limits((1.0, 0.0)), states, _material(1), 300.0, 0.5, 300.0)
    assert (left, change) == (0.5, math.inf)
    left, _ = supply._release(_limits((1.0, 0.0)), _tiers(NOTHING), _material(1), 0.0, 0.5, 0.0)
    assert left == 0.0


# --- Prices ---


def _priced(elasticity: float, cap: float) -> np.record:
    made = records(arrays.MATERIAL, 1)
    made[0].inverse_elasticity, made[0].price_cap = 1.0 / elasticity, cap
    return made[0]


@pytest.mark.parametrize("short", [0.01, 0.3, 0.6])
def test_a_price_rises_with_the_inverse_of_the_elasticity(short: float) -> None:
    expected = (1.0 - short) * ((1.0 - short) ** -2.5 - 1.0)
    assert supply._price_response(_priced(0.4, 1e9), short) == pytest.approx(expected, rel=1e-13)


def test_a_price_stops_at_its_cap() -> None:
    assert supply._price_response(_priced(0.4, 3.0), 0.9) == pytest.approx(0.1 * 2.0, rel=1e-12)


@pytest.mark.parametrize("short", [0.0, 1.0])
def test_nothing_is_paid_when_nothing_is_short_or_nothing_is_left(short: float) -> None:
    assert supply._price_response(_priced(0.4, 3.0), short) == 0.0


def test_nothing_is_paid_without_an_elasticity() -> None:
    assert supply._price_response(records(arrays.MATERIAL, 1)[0], 0.5) == 0.0


# --- Ramps ---


@pytest.mark.parametrize(("arrived", "expected"), [(0, 110.0), (1, 130.0), (3, 170.0)])
def test_a_step_of_a_ramp_comes_at_the_middle_of_its_part(arrived: int, expected: float) -> None:
    alternative = records(arrays.ALTERNATIVE, 1)[0]
    alternative.ramp_days, alternative.ramp_steps = 80.0, 4
    state = records(arrays.ALTERNATIVE_STATE, 1)[0]
    state.arrival, state.arrived, state.capacity = 100.0, arrived, 0.5
    rerouting._await_step(alternative, state)
    assert state.upcoming == expected


def test_an_alternative_without_capacity_never_divides_an_interval() -> None:
    alternative = records(arrays.ALTERNATIVE, 1)[0]
    alternative.ramp_days, alternative.ramp_steps = 80.0, 4
    state = records(arrays.ALTERNATIVE_STATE, 1)[0]
    state.arrival, state.capacity = 100.0, 0.0
    rerouting._await_step(alternative, state)
    assert state.upcoming == math.inf


def test_a_ramp_that_has_arrived_has_no_next_step() -> None:
    alternative = records(arrays.ALTERNATIVE, 1)[0]
    alternative.ramp_days, alternative.ramp_steps = 80.0, 4
    state = records(arrays.ALTERNATIVE_STATE, 1)[0]
    state.arrival, state.arrived = 100.0, 4
    rerouting._await_step(alternative, state)
    assert state.upcoming == math.inf


# --- Uses and industries ---


def _use(cut_before: float, group: float) -> np.record:
    made = records(arrays.USE, 1)
    made[0].cut_before, made[0].group = cut_before, group
    return made[0]


@pytest.mark.parametrize("short", [0.0, 0.2, 1.0])
def test_in_proportion_every_use_is_short_by_the_same_fraction(short: float) -> None:
    assert industry._short_fraction(_use(math.nan, math.nan), short) == short


@pytest.mark.parametrize(
    ("short", "fraction"), [(0.1, 0.0), (0.2, 0.0), (0.3, 0.25), (0.6, 1.0), (0.9, 1.0)]
)
def test_by_priority_a_use_is_short_of_what_is_not_cut_before_it(
    short: float, fraction: float
) -> None:
    assert industry._short_fraction(_use(0.2, 0.4), short) == pytest.approx(fraction, abs=1e-15)


def test_a_shortage_below_nothing_is_none() -> None:
    assert industry._short_fraction(_use(math.nan, math.nan), NOTHING / 2.0) == 0.0


def test_an_inventory_falls_at_the_fraction_that_is_short() -> None:
    assert industry._after_inventory(10.0, 0.5, 100.0, 110.0) == (5.0, 110.0)


def test_an_inventory_that_runs_out_splits_the_interval_exactly() -> None:
    assert industry._after_inventory(10.0, 0.5, 100.0, 150.0) == (0.0, 120.0)


def _industry(combine: str, least: float, *impacts: float) -> tuple[float, float, float]:
    made = records(arrays.INDUSTRY, 1)[0]
    made.independent, made.min_operating_rate = int(combine == "independent"), least
    made.use_end = len(impacts)
    states = records(arrays.USE_STATE, len(impacts))
    states["impact"] = impacts
    found: tuple[float, float, float] = industry._output_loss(made, np.arange(len(impacts)), states)
    return found


def test_a_bottleneck_is_the_largest_impact() -> None:
    assert _industry("bottleneck", 0.0, 0.25, 0.5, 0.125) == (0.5, 0.5, 0.875)


def test_independent_impacts_multiply_what_they_leave() -> None:
    assert _industry("independent", 0.0, 0.25, 0.5)[0] == 1.0 - 0.75 * 0.5


@pytest.mark.parametrize(("impact", "loss"), [(0.6, 0.6), (0.5, 0.5), (0.61, 1.0)])
def test_a_line_stops_strictly_below_its_least_rate(impact: float, loss: float) -> None:
    assert _industry("bottleneck", 0.4, impact)[0] == loss


def test_a_rate_below_nothing_is_a_full_stop() -> None:
    assert _industry("bottleneck", 0.0, 1.0 - NOTHING / 2.0)[0] == 1.0


PLAIN = [
    (escalation._choose, (np.array([0.3, 0.8, 2.0]), 0.5)),
    (supply._price_response, (_priced(0.4, 3.0), 0.35)),
    (industry._short_fraction, (_use(0.2, 0.4), 0.35)),
    (industry._after_inventory, (10.0, 0.3, 100.0, 120.0)),
]


@pytest.mark.costly
@pytest.mark.parametrize(("kernel", "arguments"), PLAIN, ids=[k.__name__ for k, _ in PLAIN])
def test_compiled_and_plain_pieces_yield_the_same_bits(
    kernel: SimpleNamespace, arguments: tuple[object, ...]
) -> None:
    assert machine_code(kernel)(*arguments) == kernel(*arguments)
