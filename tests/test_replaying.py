"""A replay tells the same trial that a run plays, and all of its parts hang together."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from random_configs import random_config
from simulate.bits import as_bytes

from riskengine.config import load
from riskengine.errors import UsageFault
from riskengine.model.losses import Losses
from riskengine.model.scenario import Scenario
from riskengine.play.replay import Replay, replay
from riskengine.play.simulate import simulate

CONFIGS = range(8)
SEED = 11

COLUMNS = {
    "episodes": ["dispute", "number", "start_day", "end_day", "trigger"],
    "visits": ["dispute", "material", "level", "start_day", "end_day", "cut"],
    "spells": ["start_day", "end_day", "loss"],
    "arrivals": ["material", "alternative", "succeeded", "start_day", "capacity", "premium"],
    "stocks": ["material", "tier", "start_days", "full_days"],
    "supply": [
        *("material", "day", "lost", "rerouted", "released", "short", "stock_days"),
        *("stocks", "drawn", "used"),
    ],
    "uses": ["industry", "material", "day", "short", "firms"],
    "output": ["industry", "day", "loss"],
    "pools": ["pool", "day", "capacity", "asked", "granted", "contested", "scarcity"],
    "grants": ["pool", "material", "alternative", "day", "asked", "granted"],
}


@cache
def scenario_of(number: int) -> Scenario:
    return load(random_config(number))


@cache
def replays(trials: int = 6) -> list[Replay]:
    return [replay(scenario_of(n), trial, SEED) for n in CONFIGS for trial in range(trials)]


def integral(steps: list[Any], horizon: float, of: Callable[[Any], float]) -> float:
    """Of a step function over time, from its steps."""
    ends = [*(step.day for step in steps), horizon][1:]
    return sum(of(step) * (end - step.day) for step, end in zip(steps, ends, strict=True))


@pytest.mark.costly
@pytest.mark.parametrize("number", CONFIGS)
@pytest.mark.parametrize("first_trial", [0, 1_000, 2**40])
def test_the_row_is_that_of_the_run_bit_for_bit(number: int, first_trial: int) -> None:
    scenario = scenario_of(number)
    losses = simulate(scenario, trials=6, seed=SEED, first_trial=first_trial, threads=1)
    played = [replay(scenario, first_trial + k, SEED).row for k in range(6)]
    for key, data in as_bytes(losses).items():
        assert b"".join(as_bytes(row)[key] for row in played) == data, key


def test_the_seed_of_the_scenario_is_used_when_none_is_given() -> None:
    scenario = load(random_config(3) | {"run": {**random_config(3)["run"], "seed": 5}})
    assert as_bytes(replay(scenario, 4).row) == as_bytes(replay(scenario, 4, 5).row)
    assert replay(scenario, 4).seed == 5


@pytest.mark.parametrize(("trial", "seed"), [(-1, 0), (2**63, 0), (0, -1)])
def test_numbers_that_no_run_can_have_are_refused(trial: int, seed: int) -> None:
    with pytest.raises(UsageFault):
        replay(scenario_of(0), trial, seed)


def test_spells_do_not_touch_and_their_losses_add_up_to_the_total() -> None:
    for found in replays():
        assert sum(spell.loss for spell in found.spells) == pytest.approx(found.total, rel=1e-9)
        for before, after in pairwise(found.spells):
            assert before.end_day < after.start_day


def test_steps_of_supply_integrate_to_the_days_cut_weighted_and_short() -> None:
    for found in replays():
        row = found.row
        for k, material in enumerate(row.scenario.materials):
            steps = [step for step in found.supply if step.material == material]
            cut = integral(steps, row.horizon_days, lambda step: float(step.lost > 0.0))
            weighted = integral(steps, row.horizon_days, lambda step: step.lost)
            short = integral(steps, row.horizon_days, lambda step: step.short)
            assert cut == pytest.approx(row.cut_days[0, k], rel=1e-12, abs=1e-12)
            assert weighted == pytest.approx(row.cut_weighted_days[0, k], rel=1e-12, abs=1e-12)
            assert short == pytest.approx(row.shortage_days[0, k], rel=1e-12, abs=1e-12)


def test_steps_of_output_integrate_to_the_output_lost() -> None:
    for found in replays():
        row = found.row
        for k, (name, industry) in enumerate(row.scenario.industries.items()):
            steps = [step for step in found.output if step.industry == name]
            days = integral(steps, row.horizon_days, lambda step: step.loss)
            money = industry.value_added_per_year / 365.0 * days * (1.0 - industry.recapture)
            assert money == pytest.approx(row.output[0, k], rel=1e-9, abs=1e-9)


def test_lost_supply_is_rerouted_released_or_short() -> None:
    for found in replays():
        for step in found.supply:
            assert sum(step.used) == pytest.approx(step.rerouted, abs=1e-12)
            assert sum(step.drawn) == pytest.approx(step.released, abs=1e-9)
            parts = step.rerouted + step.released + step.short
            assert parts == pytest.approx(step.lost, abs=1e-12)


def test_tiers_fall_by_what_they_release_and_add_up_to_the_stock() -> None:
    for found in replays():
        for step, after in pairwise(found.supply):
            assert sum(step.stocks) == pytest.approx(step.stock_days, abs=1e-12)
            if after.material != step.material:
                continue
            days = after.day - step.day
            for held, drawn, left in zip(step.stocks, step.drawn, after.stocks, strict=True):
                assert held >= 0.0
                if drawn > 0.0:
                    assert held - drawn * days == pytest.approx(left, abs=1e-9)


def test_a_stock_that_is_built_up_grows_at_its_rate_while_nothing_is_lost() -> None:
    grown = 0.0
    for found in replays():
        for stock in found.stocks:
            material = found.row.scenario.materials[stock.material]
            tier, k = material.stocks[stock.tier], list(material.stocks).index(stock.tier)
            steps = [step for step in found.supply if step.material == stock.material]
            moments = [(step.day, step.lost, step.stocks[k]) for step in steps]
            if tier.build_rate == 0.0:
                assert stock.full_days == stock.start_days == moments[0][2]
                continue
            assert stock.full_days == max(stock.start_days, tier.target_days or 0.0)
            for (day, lost, held), (until, _, after) in pairwise(
                [(0.0, 0.0, stock.start_days), *moments]
            ):
                rise = min(tier.build_rate * (until - day), stock.full_days - held)
                if lost == 0.0:
                    assert after - held == pytest.approx(rise, abs=1e-9)
                    grown += rise
                else:
                    assert after <= held
    assert grown > 100.0  # days


def test_a_material_has_a_figure_for_each_of_its_tiers_and_alternatives() -> None:
    for found in replays():
        for step in found.supply:
            material = found.row.scenario.materials[step.material]
            assert len(step.stocks) == len(step.drawn) == len(material.stocks)
            assert len(step.used) == len(material.alternatives)


def test_steps_of_pools_integrate_to_contested_days_and_what_is_used() -> None:
    contested = 0
    for found in replays():
        row, horizon = found.row, found.row.horizon_days
        for k, pool in enumerate(row.scenario.pools):
            steps = [step for step in found.pools if step.pool == pool]
            days = integral(steps, horizon, lambda step: float(step.contested))
            used = integral(steps, horizon, lambda step: step.granted) / 365.0
            assert days == pytest.approx(row.contested_days[0, k], rel=1e-12, abs=1e-12)
            assert used == pytest.approx(row.pool_used[0, k], rel=1e-12, abs=1e-12)
            contested += days > 0.0
    assert contested > 10


def test_grants_add_up_and_are_what_alternatives_deliver() -> None:
    less = 0
    for found in replays():
        for step in found.pools:
            own = [g for g in found.grants if g.pool == step.pool and g.day <= step.day]
            now = {grant.material: grant for grant in own}.values()
            assert sum(grant.asked for grant in now) == pytest.approx(step.asked, abs=1e-9)
            assert sum(grant.granted for grant in now) == pytest.approx(step.granted, abs=1e-9)
            assert step.granted <= step.capacity * (1.0 + 1e-9)
            assert step.contested == (step.asked > step.capacity * (1.0 + 1e-12))
            for grant in now:
                material = found.row.scenario.materials[grant.material]
                assert material.demand_per_year is not None
                place = list(material.alternatives).index(grant.alternative)
                before = [
                    s for s in found.supply if s.material == grant.material and s.day <= step.day
                ]
                used = before[-1].used[place] * material.demand_per_year if before else 0.0
                assert used == pytest.approx(grant.granted, abs=1e-9)
                less += grant.granted < grant.asked - 1e-9
                assert grant.granted == grant.asked or step.contested
    assert less > 10


@pytest.mark.costly
def test_an_episode_knows_the_trigger_that_started_it() -> None:
    triggered = 0
    for found in replays(trials=12):
        scenario = found.row.scenario
        for episode in found.episodes:
            dispute = scenario.disputes[episode.dispute]
            has_own_onset = dispute.rate_per_year > 0.0
            is_active = dispute.active is not None and episode.number == 0
            if not has_own_onset and not is_active:
                assert episode.trigger
            if not episode.trigger:
                continue
            triggered += 1
            trigger = scenario.triggers[episode.trigger]
            assert trigger.starts == episode.dispute
            assert not is_active
            watched = [e.start_day for e in found.episodes if e.dispute == trigger.when]
            assert min(watched) <= episode.start_day
    assert triggered > 20


def test_a_path_changes_level_without_a_gap() -> None:
    for found in replays():
        starts = {(e.dispute, e.start_day) for e in found.episodes}
        ends: dict[tuple[str, str], float] = {}
        for visit in found.visits:
            key = (visit.dispute, visit.material)
            begins = (visit.dispute, visit.start_day) in starts
            assert begins or visit.start_day == ends[key]
            ends[key] = visit.end_day


def test_a_frame_has_the_documented_columns_even_when_it_is_empty() -> None:
    config = random_config(0) | {"triggers": {}}
    for dispute in config["disputes"].values():
        dispute.pop("active", None)
        dispute["rate_per_year"] = 0.0
    quiet = load(config)
    for found in (replay(scenario_of(0), 0, SEED), replay(quiet, 0, SEED)):
        for part, columns in COLUMNS.items():
            assert list(found.frame(part).columns) == columns
    assert len(replay(quiet, 0, SEED).frame("supply")) == 0


def test_an_unknown_part_is_met_with_those_there_are() -> None:
    found = replay(scenario_of(0), 0, SEED)
    with pytest.raises(ValueError, match="visits"):
        found.frame("visit")


def test_names_cannot_bring_markup_into_a_notebook(renamed: Callable[[str], Losses]) -> None:
    name = "<script>alert(1)</script>"
    found = _first_with_a_loss(renamed(name).scenario)
    shown = found._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def test_the_summary_line_names_trial_seed_and_money(
    make_scenario: Callable[..., Scenario],
) -> None:
    found = replay(make_scenario(), 3, 9)
    assert repr(found).startswith("Replay of trial 3, seed 9: loss ")
    assert "USD million" in repr(found)


def _first_with_a_loss(scenario: Scenario) -> Replay:
    losses = simulate(scenario, trials=200, threads=1)
    return replay(scenario, int(np.flatnonzero(losses.total > 0.0)[0]))
