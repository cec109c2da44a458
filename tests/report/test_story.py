"""A story says what happened in a trial, when, and what it cost."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from random_configs import random_config
from report.story_worlds import HOSTILE, known_config, known_replay

from riskengine.config import load
from riskengine.model.losses import Losses
from riskengine.play.replay import Replay, replay
from riskengine.play.simulate import simulate
from riskengine.reports.story.sentences import KINDS
from riskengine.reports.story.story import Story, story, story_document


@cache
def told() -> list[tuple[Replay, Story]]:
    """Trials of random configs, which together use every mechanism of the model."""
    found = []
    for number in range(12):
        scenario = load(random_config(number))
        replays = [replay(scenario, trial, 3) for trial in range(6)]
        found += [(played, story(played)) for played in replays]
    return found


def texts(replayed: Replay) -> list[tuple[float, str]]:
    return [(event.day, event.text) for event in story(replayed).events]


def test_a_trial_is_told_from_the_first_day_to_the_last() -> None:
    assert texts(known_replay()) == [
        (0.0, "gallium (China against Korea) is in progress at the start"),
        (0.0, "gallium: slow for gallium (50 % of the flow from China cut)"),
        (0.0, "Supply is cut for the first time: gallium (40 % of demand)"),
        (0.0, "Other supply that will not come: gallium (gallium scrap)"),
        (0.0, "Other supply that comes only after the end: gallium (gallium mine)"),
        (0.0, "Stocks are drawn on: gallium (gallium stock, 10 days)"),
        (20.0, "gallium escalates from slow to ban for gallium (100 % of the flow from China cut)"),
        (22.5, "The last stock is used up: gallium (gallium stock)"),
        (22.5, "Short after other supply and stocks: gallium (80 % of demand)"),
        (26.25, "Own inventory of gallium is used up: chips"),
        (26.25, "Output is lost for lack of gallium: chips (40 %)"),
        (
            30.0,
            "Other supply of gallium comes on stream: gallium recycling, 30 % of demand, "
            "at 40 % above the normal price",
        ),
        (30.0, "The shortage shrinks: gallium (50 % of demand)"),
        (30.0, "Less output is lost for lack of gallium: chips (25 %)"),
        (
            36.25,
            "Substitution of gallium takes effect (the need for it falls by 20 %): chips",
        ),
        (60.0, "gallium is over for gallium, and with that altogether"),
        (60.0, "Supply is whole again: gallium"),
        (60.0, "No longer short: gallium"),
        (60.0, "Back at full output: chips"),
    ]


def test_a_line_that_stops_says_what_it_needs() -> None:
    shown = texts(known_replay(min_operating_rate=0.7))
    stopped = "No output at all any more for lack of gallium: chips"
    assert (26.25, f"{stopped} (too little to run: at least 70 % is needed)") in shown
    running = "Running again, with output still lost for lack of gallium: chips (25 %)"
    assert (30.0, running) in shown


def test_another_bottleneck_is_told_even_where_the_loss_hardly_moves() -> None:
    config = known_config()
    config["materials"]["indium"] = config["materials"]["gallium"]
    uses = config["industries"]["chips"]["uses"]
    uses["indium"] = {**uses["gallium"], "dependence": 0.52, "inventory_days": 10}
    shown = texts(replay(load(config), 0, 1))
    assert (38.0, "Own inventory of indium is used up: chips") in shown
    assert (38.0, "Output is now lost for lack of indium: chips (26 %)") in shown


def test_substitution_can_hand_the_bottleneck_to_another_material() -> None:
    config = known_config()
    config["materials"]["indium"] = config["materials"]["gallium"]
    uses = config["industries"]["chips"]["uses"]
    uses["indium"] = {**uses["gallium"], "dependence": 0.46, "substitution_share": 0.0}
    shown = texts(replay(load(config), 0, 1))
    assert (30.0, "Less output is lost for lack of gallium: chips (25 %)") in shown
    assert (36.25, "Output is now lost for lack of indium: chips (23 %)") in shown


def test_losses_that_add_up_are_blamed_on_every_material_that_is_short() -> None:
    config = known_config(combine="independent")
    config["materials"]["indium"] = config["materials"]["gallium"]
    uses = config["industries"]["chips"]["uses"]
    uses["indium"] = {**uses["gallium"], "dependence": 0.005}
    shown = texts(replay(load(config), 0, 1))
    # 1 - (1 - 0.5 * 0.8) * (1 - 0.005 * 0.8), and 40 % of output without the second
    assert (26.25, "Output is lost for lack of gallium and indium: chips (40 %)") in shown


def test_the_stock_after_which_there_is_none_is_called_the_last() -> None:
    config = known_config()
    config["materials"]["gallium"]["stocks"]["reserve"] = {"days": 4}
    shown = texts(replay(load(config), 0, 1))
    assert (22.5, "A stock is used up: gallium (gallium stock)") in shown
    assert (22.5, "Stocks are drawn on: gallium (reserve, 4 days)") in shown
    assert (27.5, "The last stock is used up: gallium (reserve)") in shown


def test_a_stock_that_may_hardly_be_released_is_still_told_when_it_is_drawn_on() -> None:
    config = known_config()
    config["materials"]["gallium"]["stocks"]["gallium stock"]["max_release"] = 0.005
    drawn = "Stocks are drawn on: gallium (gallium stock, 10 days)"
    assert (0.0, drawn) in texts(replay(load(config), 0, 1))


def test_a_ramp_is_told_when_its_first_part_comes_and_when_it_will_be_complete() -> None:
    config = known_config()
    recycling = config["materials"]["gallium"]["alternatives"]["gallium recycling"]
    config["materials"]["gallium"]["alternatives"]["gallium recycling"] = {
        **recycling,
        "ramp_days": 20,
        "ramp_steps": 4,
        "premium": 0,
    }
    shown = texts(replay(load(config), 0, 1))
    coming = "gallium recycling, 30 % of demand by 2026-02-24 (day 47.5)"
    assert (32.5, f"Other supply of gallium comes on stream: {coming}") in shown


def test_plants_and_stocks_under_construction_are_told_when_they_are_ready() -> None:
    config = known_config()
    gallium = config["materials"]["gallium"]
    gallium["cut"]["slow"] = 0.0
    gallium["alternatives"]["gallium recycling"]["lead_from"] = "start"
    gallium["stocks"] = {
        "gallium stock": {"days": 10, "build_rate": 0.5, "target_days": 15},
        "reserve": {"days": 0, "build_rate": 0.1, "target_days": 30},
        "full": {"days": 0.5, "build_rate": 0.1},
    }
    shown = texts(replay(load(config), 0, 1))
    assert (0.0, "gallium: slow for gallium (nothing cut)") in shown
    built = "Built up in full: gallium (gallium stock, 15 days)"
    assert [event for event in shown if "uilt" in event[1]] == [
        (10.0, built),
        (20.0, "The stock of gallium is not built up in full yet: reserve, 2 of 30 days"),
        (
            30.0,
            "Other supply of gallium comes on stream: gallium recycling, 30 % of demand, at 40 % "
            "above the normal price; it was being built from the start",
        ),
        (65.0, "Built up in full: gallium (full, 0.5 days)"),
        (90.0, built),
    ]
    # 8 of 15 days go until day 30, at 0.8 a day; the rest, and the other two, at 0.5 a day.
    assert (44.0, "Stocks are drawn on: gallium (reserve, 2 days)") in shown
    assert (49.0, "The last stock is used up: gallium (full)") in shown


def test_a_stock_is_not_told_to_grow_while_a_trace_is_lost() -> None:
    config = known_config()
    gallium = config["materials"]["gallium"]
    gallium |= {"cut": {"slow": 0.0, "ban": 1.0}, "sources": {"China": {"share": 0.005}}}
    gallium["alternatives"] = {}
    stock = {"days": 10, "build_rate": 0.1, "target_days": 15}
    gallium["stocks"] = {"gallium stock": stock}
    shown = [event for event in texts(replay(load(config), 0, 1)) if "built up" in event[1].lower()]
    # 12 days on day 20; 0.2 of them go in 40 days of ban, and 3.2 take 32 days.
    assert [(round(day, 9), text.split(":")[0]) for day, text in shown] == [
        (20.0, "The stock of gallium is not built up in full yet"),
        (92.0, "Built up in full"),
    ]


def test_a_stock_that_a_cut_on_day_0_leaves_unfinished_is_told_on_day_0() -> None:
    config = known_config()
    stock = {"days": 10, "build_rate": 0.5, "target_days": 15}
    config["materials"]["gallium"]["stocks"] = {"gallium stock": stock}
    unfinished = "The stock of gallium is not built up in full yet: gallium stock, 10 of 15 days"
    assert (0.0, unfinished) in texts(replay(load(config), 0, 1))


@pytest.mark.parametrize(("refill_rate", "days"), [(0.0, [3.75]), (0.1, [3.75, 64.0])])
def test_an_inventory_is_used_up_again_only_if_it_was_refilled(
    refill_rate: float, days: list[float]
) -> None:
    config = known_config()
    config["disputes"]["gallium"]["active"]["level"] = "ban"
    config["ladder"]["ban"]["next"] = {"slow": 1.0}
    config["ladder"]["slow"]["next"] = {"ban": 0.999, "resolved": 0.001}
    material = config["materials"]["gallium"]
    material |= {"cut": {"slow": 0.0, "ban": 1.0}, "stocks": {}, "refill_rate": refill_rate}
    events = story(replay(load(config), 0, 1)).events
    assert [event.day for event in events if event.kind == "short"] == [0.0, 60.0]
    assert [event.day for event in events if event.kind == "inventory"] == pytest.approx(days)


def test_what_is_open_at_the_horizon_is_told_there() -> None:
    config = known_config()
    config["run"]["horizon_days"] = 50
    shown = texts(replay(load(config), 0, 1))
    assert shown[-3:] == [
        (50.0, "At the end gallium is still at ban for gallium"),
        (50.0, "At the end still short: gallium (50 % of demand)"),
        (50.0, "At the end still lost: chips (20 % of output)"),
    ]


def test_materials_that_share_a_moment_share_a_sentence() -> None:
    config = known_config()
    for name in ("indium", "antimony"):
        config["materials"][name] = config["materials"]["gallium"]
    shown = texts(replay(load(config), 0, 1))
    level = "gallium: slow for gallium, indium and antimony (50 % of the flow from China cut)"
    assert (0.0, level) in shown
    short = "gallium (80 % of demand), indium (80 %), antimony (80 %)"
    assert (22.5, f"Short after other supply and stocks: {short}") in shown


def test_an_outbreak_names_its_trigger_and_what_it_spares() -> None:
    config = known_config()
    del config["disputes"]["gallium"]["active"]
    config["disputes"]["gallium"]["entry"] = {"ban": 1.0}
    config["disputes"]["next door"] = {
        "coercer": "China",
        "target": "Japan",
        "active": {"level": "slow"},
    }
    config["triggers"] = {
        "spill": {
            "when": "next door",
            "reaches": "ban",
            "starts": "gallium",
            "probability": 1.0,
            "lag": 5,
        }
    }
    config["materials"]["indium"] = {**config["materials"]["gallium"], "coverage": 0.0}
    shown = texts(replay(load(config), 0, 1))
    opening = "gallium (China against Korea) breaks out, set off by next door (trigger spill)"
    assert (25.0, f"{opening}; spared: indium") in shown
    assert (20.0, "next door escalates from slow to ban") in shown
    config["materials"]["gallium"]["coverage"] = 0.0
    shown = texts(replay(load(config), 0, 1))
    assert (25.0, f"{opening}, but spares every material and is over at once") in shown


def test_third_countries_are_told_when_they_join() -> None:
    config = known_config()
    config["ladder"]["ban"]["boycott"] = True
    (found,) = [text for day, text in texts(replay(load(config), 0, 1)) if day == 20.0]
    assert found.endswith("(100 % of the flow from China cut; third countries stop passing it on)")


def test_events_carry_dates_when_the_scenario_has_one() -> None:
    events = story(known_replay()).events
    assert events[0].date == "2026-01-08"
    assert next(e.date for e in events if e.day == 26.25) == "2026-02-03"
    config = known_config()
    del config["run"]["valuation_date"]
    undated = story(replay(load(config), 0, 1))
    assert {event.date for event in undated.events} == {None}
    assert undated.calendar.label(26.25) == "day 26.2"


def test_a_day_beyond_the_calendar_has_no_date() -> None:
    calendar = story(known_replay()).calendar
    assert calendar.date(1e7) is None
    assert calendar.label(1e7) == "day 10,000,000"


@pytest.mark.costly
def test_events_of_any_trial_are_in_order_of_time_and_of_known_kinds() -> None:
    kinds = set()
    for played, found in told():
        days = [event.day for event in found.events]
        assert days == sorted(days)
        assert all(0.0 <= day <= played.row.horizon_days for day in days)
        assert len({(e.day, e.kind, e.text) for e in found.events}) == len(found.events)
        kinds |= {event.kind for event in found.events}
    assert kinds | {"too-late", "other-cause"} == set(KINDS)


@pytest.mark.costly
def test_no_event_of_any_trial_says_nan() -> None:
    assert not [e.text for _, found in told() for e in found.events if "nan" in e.text.split()]


@pytest.mark.costly
def test_names_of_an_event_stand_in_its_sentence() -> None:
    for _, found in told():
        for event in found.events:
            # An outbreak concerns materials whose levels are told right after it.
            if event.kind in ("active", "outbreak"):
                continue
            assert all(name in event.text for name in event.names), event


@pytest.mark.costly
def test_an_industry_is_hit_on_the_first_day_of_its_row() -> None:
    for _, found in told():
        for row in found.losses.industries:
            hits = [
                event.day
                for event in found.events
                if event.kind in ("hit", "stopped") and row.industry in event.names
            ]
            assert min(hits, default=None) == row.first_loss_day


@pytest.mark.costly
def test_stops_and_runs_of_an_industry_last_as_long_as_its_row_says() -> None:
    for played, found in told():
        for row in found.losses.industries:
            stopped, since = 0.0, None
            for event in found.events:
                if event.kind not in _RUNNING or row.industry not in event.names:
                    continue
                if since is not None:
                    stopped += event.day - since
                since = event.day if event.kind == "stopped" else None
            if since is not None:
                stopped += played.row.horizon_days - since
            assert stopped == pytest.approx(row.stopped_days, abs=1e-9)


_RUNNING = {"hit", "worse", "better", "other-cause", "stopped", "restarted", "recovered"}


@pytest.mark.costly
def test_the_parts_of_any_trial_add_up_to_its_loss_bit_for_bit() -> None:
    for played, found in told():
        assert found.losses.total == played.total
        assert found.losses.sum_of_parts == played.total
        assert found.losses.adds_up


def test_parts_that_do_not_add_up_are_not_said_to() -> None:
    losses = story(known_replay()).losses
    (row,) = losses.industries
    bent = type(losses)(
        total=losses.total,
        largest_spell=losses.largest_spell,
        industries=(row._replace(price=row.price + 1e-9),),
        materials=losses.materials,
        spells=losses.spells,
    )
    assert losses.adds_up
    assert not bent.adds_up


@pytest.mark.costly
def test_a_document_is_json_without_nan_and_names_its_steps() -> None:
    for played, found in told():
        document = story_document(found)
        again = json.loads(json.dumps(document, allow_nan=False))
        assert again["schema_version"] == 1
        assert set(again) >= {"trial", "seed", "events", "steps", "losses"}
        assert [event["text"] for event in again["events"]] == [e.text for e in found.events]
        assert set(again["steps"]) == {
            *("episodes", "visits", "arrivals", "supply", "uses", "output"),
            *(("pools", "grants") if played.row.scenario.pools else ()),
        }


def test_steps_of_supply_name_tiers_and_alternatives() -> None:
    steps = story_document(story(known_replay()))["steps"]["supply"]
    assert steps[0]["stocks"] == {"gallium stock": 10.0}
    assert steps[0]["drawn"] == pytest.approx({"gallium stock": 0.4})
    (used,) = [step["used"] for step in steps if step["day"] == 30.0]
    assert used == {"gallium recycling": 0.3, "gallium mine": 0.0, "gallium scrap": 0.0}


def test_the_losses_of_a_document_are_those_of_the_row() -> None:
    played = known_replay()
    losses = story_document(story(played))["losses"]
    (industry,), row = losses["industries"], played.row
    assert industry["industry"] == "chips"
    assert industry["output"] == row.output[0, 0]
    assert industry["first_loss_day"] == 26.25
    assert losses["components"]["output"] == row.output[0, 0]
    (material,) = losses["materials"]
    assert material["deepest_level"] == "ban"
    assert material["loss"] == pytest.approx(losses["total"])


def test_names_reach_the_document_as_they_are() -> None:
    document = story_document(story(known_replay(HOSTILE)))
    assert document["events"][0]["names"] == [HOSTILE]
    assert document["losses"]["materials"][0]["material"] == HOSTILE


def test_a_trial_in_which_nothing_happens_is_an_empty_story() -> None:
    config: dict[str, Any] = known_config()
    config["disputes"]["gallium"] = {"coercer": "China", "target": "Korea", "entry": {"ban": 1.0}}
    found = story(replay(load(config), 0, 1))
    assert found.events == ()
    assert found.losses.total == found.losses.sum_of_parts == 0.0


def test_a_story_can_be_told_of_any_scenario_that_runs(renamed: Callable[[str], Losses]) -> None:
    scenario = renamed("a\tb").scenario
    losses = simulate(scenario, trials=50, threads=1)
    for trial in range(50):
        assert story(replay(scenario, trial)).losses.total == losses.total[trial]
