"""A trial is a pure function of scenario, seed and trial number: equality here means every bit."""

from __future__ import annotations

import copy
import math
import threading
import unicodedata
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_configs import random_config
from simulate.bits import Config, as_bytes, changed, joined, play

from riskengine.config import load
from riskengine.errors import RunFault, UsageFault
from riskengine.kernel.arrays import Model, Rows, Scratch
from riskengine.model.losses import Losses
from riskengine.play import simulate as engine

# Numbers of random configs with losses in most trials, and more than one material and industry.
SOME = (8, 9, 12, 16, 18, 22, 34, 38, 46, 60, 64, 95)
BUSY = 12  # one of them with a loss in every trial


@cache
def _usual(number: int) -> Losses:
    return play(random_config(number))


# --- How the work is cut ---


@pytest.mark.parametrize("threads", [2, 3])
def test_the_number_of_threads_does_not_show(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    monkeypatch.setattr(engine, "SLICE_TRIALS", 64)
    for number in (12, 16, 38):
        config = random_config(number)
        alone = play(config, trials=1000)
        assert changed(alone, play(config, trials=1000, threads=threads)) == set()


@pytest.mark.parametrize("slice_trials", [1, 7, 100_000])
def test_the_size_of_slices_does_not_show(
    monkeypatch: pytest.MonkeyPatch, slice_trials: int
) -> None:
    config = random_config(BUSY)
    usual = play(config)
    monkeypatch.setattr(engine, "SLICE_TRIALS", slice_trials)
    assert changed(usual, play(config, threads=2)) == set()


@pytest.mark.parametrize("trials", [3, 10_000, 3 * 8_192, 200_001])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_every_thread_can_take_as_many_slices_of_one_length(trials: int, threads: int) -> None:
    slices: list[tuple[int, int]] = []
    engine.play_slices(trials, threads, lambda *piece: slices.append(piece), engine.ignore)
    slices.sort()
    ends = [first + count for first, count in slices]
    assert [first for first, _ in slices] == [0, *ends[:-1]]
    assert ends[-1] == trials
    counts = [count for _, count in slices]
    assert max(counts) - min(counts) <= 1
    assert max(counts) <= engine.SLICE_TRIALS
    assert len(slices) % threads == 0


@pytest.mark.parametrize("threads", [1, 2])
def test_no_trials_are_no_slices(threads: int) -> None:
    slices: list[tuple[int, int]] = []
    engine.play_slices(0, threads, lambda *piece: slices.append(piece), engine.ignore)
    assert slices == []


@pytest.mark.exhaustive
@given(number=st.sampled_from(SOME), cuts=st.sets(st.integers(1, 119), max_size=5))
@settings(max_examples=25, deadline=None)
def test_runs_over_adjoining_ranges_are_together_one_run(number: int, cuts: set[int]) -> None:
    config = random_config(number)
    edges = [0, *sorted(cuts), 120]
    parts = [play(config, trials=end - first, first_trial=first) for first, end in pairwise(edges)]
    assert joined(parts) == as_bytes(play(config, trials=120))


@pytest.mark.parametrize("number", SOME)
def test_lists_that_grow_on_the_way_do_not_show(
    monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    usual = _usual(number)
    monkeypatch.setattr(engine, "FIRST_CAPACITY", 1)
    assert changed(usual, play(random_config(number))) == set()


@pytest.mark.parametrize("together", [1, 10_000, 2**30])  # bytes: one trial, some, all of them
def test_how_many_trials_are_played_together_does_not_show(
    monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    config = random_config(BUSY)
    usual = play(config)
    monkeypatch.setattr(engine, "PLAYED_BYTES", together)
    assert changed(usual, play(config)) == set()


@pytest.mark.parametrize("number", SOME)
def test_what_a_row_and_the_working_arrays_held_before_does_not_show(number: int) -> None:
    """Quiet trials leave alone what is as it should be, and no other trial may be taken for one."""
    config = random_config(number)
    for dispute in config["disputes"].values():
        dispute["rate_per_year"] = 0.5  # some quiet trials and some others, in any order
        dispute.pop("active", None)
    model = engine.prepare(load(config), trials=1).model
    scratch = engine.workspace.scratch(model, 2048)
    rows = engine.workspace.rows(model, 1)
    found = set()
    for trial in range(60):
        fresh = engine.workspace.rows(model, 1)
        alone = engine.workspace.scratch(model, 2048)
        alone = engine.play_range(model, alone, fresh, trial, 0, 1)
        scratch = engine.play_range(model, scratch, rows, trial, 0, 1)
        assert [array.tobytes() for array in rows] == [array.tobytes() for array in fresh]
        assert _told(scratch) == _told(alone)
        found.add(int(rows.quiet[0]))
    assert found == {0, 1}


def _told(s: Scratch) -> list[list[int]]:
    """What a replay goes by: lengths of lists, heads of paths, and spans of steps."""
    spans = [s.materials["step_end"] - s.materials["step_first"]]
    spans += [states["end"] - states["first"] for states in (s.uses, s.industries)]
    return [each.tolist() for each in (s.size, s.pairs["head"], s.materials["deepest"], *spans)]


def test_the_same_run_again_yields_the_same_bits() -> None:
    for number in SOME:
        assert changed(_usual(number), play(random_config(number))) == set()


# --- Trial numbers and seeds ---


@pytest.mark.parametrize("first", [2**31, 2**32, 2**53, 2**63 - 200])
def test_trials_with_large_numbers_are_trials_of_their_own(first: int) -> None:
    config = random_config(BUSY)
    far = play(config, first_trial=first)
    others = [play(config, first_trial=near) for near in (0, first % 2**32, first - 200)]
    for other in others:
        if other.first_trial != first:
            assert not np.array_equal(far.total, other.total)


@pytest.mark.parametrize("middle", [2**31, 2**32, 2**53])
def test_a_range_across_a_power_of_two_is_still_one_range(middle: int) -> None:
    config = random_config(BUSY)
    whole = play(config, trials=20, first_trial=middle - 10)
    halves = [play(config, trials=10, first_trial=first) for first in (middle - 10, middle)]
    assert joined(halves) == as_bytes(whole)


@pytest.mark.parametrize("seed", [1, 2**31, 2**32, 2**53 + 1, 2**63 - 1])
def test_another_seed_yields_other_losses(seed: int) -> None:
    config = random_config(BUSY)
    other = play(config, seed=seed)
    assert not np.array_equal(other.total, play(config, seed=0).total)
    assert not np.array_equal(other.total, play(config, seed=seed - 1).total)


def _correlation_score(one: np.ndarray, other: np.ndarray) -> float:
    """Rank correlation in standard errors: losses have long tails, ranks do not."""
    ranks = [np.argsort(np.argsort(series)).astype(float) for series in (one, other)]
    return float(np.corrcoef(*ranks)[0, 1]) * math.sqrt(len(one))


@pytest.mark.costly
def test_neighbouring_seeds_and_neighbouring_trials_are_uncorrelated() -> None:
    config = random_config(BUSY)
    runs = [play(config, trials=20_000, seed=seed).total for seed in range(5)]
    assert np.unique(runs[0]).size > 10_000
    for k, run in enumerate(runs):
        assert abs(_correlation_score(run[1:], run[:-1])) < 4.0
        if k:
            assert abs(_correlation_score(run, runs[k - 1])) < 4.0
            assert abs(_correlation_score(run[1:], runs[k - 1][:-1])) < 4.0


# --- What is added, removed or put in another place ---


def _with(config: Config, kind: str, **entries: Any) -> Config:
    """A copy of the config with more entries of a kind, after those it has."""
    more = copy.deepcopy(config)
    more.setdefault(kind, {}).update(copy.deepcopy(entries))
    return more


def _turned(config: Config, *kinds: str) -> Config:
    """A copy of the config with the entries of some kinds in the opposite order."""
    other = copy.deepcopy(config)
    for kind in kinds:
        other[kind] = dict(reversed(other.get(kind, {}).items()))
    return other


POETS = {"value_added_per_year": 10.0, "uses": {}}
QUARREL = {
    "coercer": "Atlantis",
    "target": "Mu",
    "rate_per_year": 3.0,
    "entry": {"slow": 0.5, "boycott": 0.5},
}


@pytest.mark.parametrize("number", SOME)
def test_a_quarrel_of_two_others_changes_nothing(number: int) -> None:
    config = random_config(number)
    more = _with(config, "disputes", quarrel=QUARREL)
    assert changed(_usual(number), play(more)) == set()


@pytest.mark.parametrize("number", SOME)
def test_a_trigger_that_nothing_sets_off_changes_nothing(number: int) -> None:
    config = _with(random_config(number), "disputes", quarrel={**QUARREL, "rate_per_year": 0.0})
    spark = {"when": "quarrel", "reaches": "slow", "starts": "d0", "probability": 1.0, "lag": 5.0}
    dud = {"when": "d0", "reaches": "slow", "starts": "d1", "probability": 0.0, "lag": 5.0}
    assert changed(play(config), play(_with(config, "triggers", spark=spark, dud=dud))) == set()


@pytest.mark.parametrize("number", SOME)
def test_a_material_with_a_dispute_and_an_industry_of_its_own_changes_no_other(
    number: int,
) -> None:
    config = random_config(number)
    config.pop("propagation", None)
    more = _with(config, "disputes", quarrel={**QUARREL, "target": "Peru"})
    more = _with(
        more,
        "materials",
        spice={
            "importer": "Peru",
            "spend_per_year": 9.0,
            "cut": {"slow": 0.4, "boycott": {"beta": {"mean": 0.5, "sd": 0.2}}},
            "sources": {"Atlantis": {"share": 1.0}},
            "alternatives": {"a0": {"capacity": 0.3, "probability": 0.5, "lead_time": 9.0}},
            "stocks": {"s0": {"days": {"gamma": {"mean": 9.0, "cv": 0.5}}}},
        },
    )
    kitchen = {
        "importer": "Peru",
        "value_added_per_year": 77.0,
        "uses": {"spice": {"share": 1.0, "dependence": 0.5}},
    }
    more = _with(more, "industries", kitchen=kitchen)
    losses = play(more)
    assert losses.output[:, -1].any()
    differing = changed(play(config), losses)
    assert differing <= {("total", ""), ("largest_spell", "")}  # these include the kitchen's


@pytest.mark.parametrize("number", SOME)
def test_an_industry_that_needs_nothing_changes_nothing(number: int) -> None:
    config = random_config(number)
    more = _with(config, "industries", poets=POETS)
    one, other = _usual(number), play(more)
    if "propagation" not in config:
        assert changed(one, other) == set()
        return
    # A larger matrix is inverted, and what spreads may round differently.
    direct = {key for key in changed(one, other) if key[0] in ("output", "rerouting", "price")}
    assert direct == set()
    np.testing.assert_allclose(other.total, one.total, rtol=1e-12)


@pytest.mark.parametrize("number", SOME)
def test_an_alternative_that_cannot_succeed_changes_nothing(number: int) -> None:
    config = random_config(number)
    more = copy.deepcopy(config)
    dud = {"capacity": {"uniform": {"low": 0.1, "high": 0.9}}, "probability": 0.0, "lead_time": 9.0}
    for material in more["materials"].values():
        material["alternatives"] = {"dud": dud, **material["alternatives"]}
    assert changed(_usual(number), play(more)) == set()


@pytest.mark.parametrize("number", SOME)
def test_an_alternative_without_capacity_changes_nothing_but_the_rounding_of_sums(
    number: int,
) -> None:
    config = random_config(number)
    more = copy.deepcopy(config)
    empty = {"capacity": 0.0, "lead_time": {"exponential": {"mean": 40.0}}, "premium": 2.0}
    for material in more["materials"].values():
        material["alternatives"] = {"empty": empty, **material["alternatives"]}
    one, other = _usual(number), play(more)
    # Its arrival splits an interval in two, and the sum of two products may round differently.
    for field in ("total", "material_loss", "shortage_days", "industry_loss"):
        np.testing.assert_allclose(
            getattr(other, field), getattr(one, field), rtol=1e-11, atol=1e-11
        )
    assert changed(one, other).isdisjoint({("episodes", name) for name in config["disputes"]})


@pytest.mark.parametrize("number", SOME)
def test_an_empty_stock_tier_changes_nothing(number: int) -> None:
    config = random_config(number)
    more = copy.deepcopy(config)
    for material in more["materials"].values():
        material["stocks"] = {"empty": {"days": 0.0}, **material["stocks"]}
    assert changed(_usual(number), play(more)) == set()


@pytest.mark.parametrize("number", SOME)
def test_a_source_without_a_share_in_a_country_without_a_dispute_changes_nothing(
    number: int,
) -> None:
    config = random_config(number)
    more = copy.deepcopy(config)
    for material in more["materials"].values():
        unused = {"share": 0.0, "boycott_cut": {"beta": {"mean": 0.5, "sd": 0.2}}}
        material["sources"] = {"Lemuria": unused, **material["sources"]}
    assert changed(_usual(number), play(more)) == set()


@pytest.mark.parametrize("number", SOME)
def test_a_level_that_no_path_reaches_changes_nothing(number: int) -> None:
    config = random_config(number)
    war = {"sojourn": {"gamma": {"mean": 9.0, "cv": 0.4}}, "next": {"resolved": 1.0}}
    assert changed(_usual(number), play(_with(config, "ladder", war=war))) == set()


@pytest.mark.parametrize("number", SOME)
def test_the_order_of_disputes_and_triggers_does_not_show(number: int) -> None:
    config = random_config(number)
    assert changed(_usual(number), play(_turned(config, "disputes", "triggers"))) == set()


@pytest.mark.parametrize("number", SOME)
def test_the_order_of_materials_shows_in_no_material_and_no_industry(number: int) -> None:
    config = random_config(number)
    one, other = _usual(number), play(_turned(config, "materials"))
    sums = {("largest_spell", ""), *(("pool_used", name) for name in one.scenario.pools)}
    assert changed(one, other) <= sums  # over the materials
    np.testing.assert_allclose(other.largest_spell, one.largest_spell, rtol=1e-12)
    np.testing.assert_allclose(other.pool_used, one.pool_used, rtol=1e-12)


@pytest.mark.parametrize("number", SOME)
def test_the_order_of_industries_shows_in_no_industry(number: int) -> None:
    config = random_config(number)
    config.pop("propagation", None)
    one, other = play(config), play(_turned(config, "industries"))
    sums = {("total", ""), ("largest_spell", "")}  # over the industries
    sums |= {("material_loss", name) for name in config["materials"]}
    assert changed(one, other) <= sums
    np.testing.assert_allclose(other.total, one.total, rtol=1e-12)


def _exact_sums() -> Config:
    """Capacities and days that add up without rounding, and that are used in full."""
    config = random_config(BUSY)
    config["ladder"] = {
        "stop": {"sojourn": {"exponential": {"mean": 90.0}}, "next": {"resolved": 1.0}}
    }
    config["triggers"] = {}
    config["disputes"] = {
        "d0": {
            "coercer": "China",
            "target": "Korea",
            "entry": {"stop": 1.0},
            "active": {"level": "stop"},
        }
    }
    config["materials"] = {
        "m0": {
            "cut": {"stop": 1.0},
            "sources": {"China": {"share": 1.0}},
            "alternatives": {
                "a0": {"capacity": 0.25, "probability": 0.5, "lead_time": 0.0},
                "a1": {"capacity": 0.125, "probability": 0.4, "lead_time": 0.0},
                "a2": {"capacity": 0.5, "probability": 0.3, "lead_time": 0.0},
            },
            "stocks": {"s0": {"days": 8.0}, "s1": {"days": 16.0}},
        }
    }
    config["industries"] = {
        "i0": {"value_added_per_year": 365.0, "uses": {"m0": {"share": 1.0, "dependence": 1.0}}}
    }
    config.pop("propagation", None)
    return config


def test_the_order_of_alternatives_that_are_used_in_full_does_not_show() -> None:
    one, other = _exact_sums(), _exact_sums()
    parts = other["materials"]["m0"]
    parts["alternatives"] = dict(reversed(parts["alternatives"].items()))
    losses = play(one)
    assert np.unique(losses.shortage_days).size > 100
    assert changed(losses, play(other)) == set()


def test_the_order_of_stock_tiers_that_are_alike_but_for_their_days_does_not_show() -> None:
    one, other = _exact_sums(), _exact_sums()
    for config in (one, other):
        config["materials"]["m0"]["alternatives"] = {}
    parts = other["materials"]["m0"]
    parts["stocks"] = dict(reversed(parts["stocks"].items()))
    assert changed(play(one), play(other)) == set()


def test_removing_a_material_leaves_those_with_other_disputes_as_they_were() -> None:
    config = random_config(BUSY)
    config["disputes"] = {
        name: {
            "coercer": country,
            "target": "Korea",
            "rate_per_year": 1.0,
            "entry": {"slow": 1.0},
        }
        for name, country in (("d0", "China"), ("d1", "Chad"))
    }
    config["triggers"] = {}
    material = {
        "coverage": 0.8,
        "cut": {"slow": 0.5, "stop": 1.0},
        "sources": {"China": {"share": 1.0}},
        "alternatives": {"a0": {"capacity": 0.3, "probability": 0.5, "lead_time": 30.0}},
    }
    other = {**material, "sources": {"Chad": {"share": 1.0}}}
    config["materials"] = {"m0": material, "m1": other}
    use = {"share": 1.0, "dependence": 1.0}
    config["industries"] = {
        "i0": {"value_added_per_year": 100.0, "uses": {"m0": use}},
        "i1": {"value_added_per_year": 100.0, "uses": {"m1": use}},
    }
    config.pop("propagation", None)
    less = copy.deepcopy(config)
    del less["materials"]["m0"], less["industries"]["i0"]
    one, two = play(config), play(less)
    assert changed(one, two) <= {("total", ""), ("largest_spell", ""), ("episodes", "d0")}
    assert one.output[:, 1].any()


# --- Names and labels ---


def _accented(form: str) -> Config:
    """A config whose names all have a letter that Unicode can write in two ways."""

    def name(text: str) -> str:
        return unicodedata.normalize(form, text)

    korea, metal, ban = name("Corée"), name("ガリウム"), name("arrêt")
    return {
        "run": {"horizon_days": 700.0, "importer": korea},
        "ladder": {ban: {"sojourn": {"exponential": {"mean": 60.0}}, "next": {"resolved": 1.0}}},
        "disputes": {
            name("querelle dété é"): {
                "coercer": name("Çin"),
                "target": korea,
                "rate_per_year": 1.0,
                "entry": {ban: 1.0},
            }
        },
        "materials": {
            metal: {
                "coverage": 0.8,
                "cut": {ban: {"uniform": {"low": 0.2, "high": 1.0}}},
                "sources": {name("Çin"): {"share": 1.0}},
                "alternatives": {
                    name("recyclé"): {
                        "capacity": 0.5,
                        "probability": 0.5,
                        "lead_time": {"exponential": {"mean": 20.0}},
                    }
                },
                "stocks": {name("réserve"): {"days": {"exponential": {"mean": 9.0}}}},
            }
        },
        "industries": {
            name("électronique"): {
                "value_added_per_year": 100.0,
                "uses": {metal: {"share": 1.0, "dependence": 1.0}},
            }
        },
        "correlation": {"rerouting": 0.5, "duration": 0.5},
    }


def test_composed_and_decomposed_names_yield_the_same_bits() -> None:
    assert _accented("NFC") != _accented("NFD")
    one, other = play(_accented("NFC")), play(_accented("NFD"))
    assert one.total.any()
    assert list(as_bytes(one).values()) == list(as_bytes(other).values())


def test_titles_notes_kinds_and_the_unit_of_money_change_nothing() -> None:
    for number in SOME:
        config = random_config(number)
        labelled = copy.deepcopy(config)
        labelled["run"] |= {
            "title": "A title",
            "money": "EUR billion",
            "trials": 3,
            "valuation_date": "2026-01-08",
        }
        for material in labelled["materials"].values():
            material |= {"note": "a note", "source": "a source"}
            for alternative in material["alternatives"].values():
                alternative["kind"] = "recycling"
        assert changed(_usual(number), play(labelled)) == set()


# --- Runs that cannot be, or are stopped ---


def _never_still() -> Config:
    config = random_config(BUSY)
    config["run"]["horizon_days"] = 1000.0
    config["ladder"] = {
        "slow": {
            "sojourn": {"exponential": {"mean": 0.01}},
            "next": {"slow": 1.0 - 1e-9, "resolved": 1e-9},
        }
    }
    config["materials"] = {
        "m0": {"cut": {"slow": 0.5}, "sources": {"China": {"share": 1.0}}},
    }
    config["industries"] = {"i0": {"value_added_per_year": 1.0, "uses": {}}}
    config["disputes"] = {
        "d0": {
            "coercer": "China",
            "target": "Korea",
            "entry": {"slow": 1.0},
            "active": {"level": "slow"},
        }
    }
    config["triggers"] = {}
    config.pop("propagation", None)
    return config


def test_a_trial_with_more_events_than_a_future_holds_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine, "LARGEST_CAPACITY", 2**14)
    with pytest.raises(RunFault, match=r"trial 12345 has more than [\d,]+ events"):
        play(_never_still(), trials=10, first_trial=12345)


def test_a_trial_with_many_events_is_played_with_longer_lists() -> None:
    losses = play(_never_still(), trials=2)
    np.testing.assert_allclose(losses.cut_days, 1000.0, rtol=1e-9)


def test_a_run_that_does_not_fit_into_memory_is_refused_before_it_takes_any(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []
    make_rows = engine.workspace.rows

    def watched(model: Model, trials: int) -> Rows:
        asked.append(trials)
        return make_rows(model, trials)

    monkeypatch.setattr(engine.workspace, "rows", watched)
    with pytest.raises(UsageFault, match=r"run at most [\d,]+ trials"):
        play(random_config(BUSY), trials=10**15)
    assert set(asked) == {1}  # the size of one row


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"trials": 0}, "trials = 0"),
        ({"trials": -5}, "trials = -5"),
        ({"seed": -1}, "seed = -1"),
        ({"seed": 2**63}, "seed = 9223372036854775808"),
        ({"first_trial": -1}, "trials -1 to"),
        ({"first_trial": 2**63 - 1, "trials": 2}, "numbers go from 0"),
        ({"threads": 0}, "threads = 0"),
        ({"threads": 2000}, "threads = 2000"),
    ],
    ids=str,
)
def test_options_without_sense_are_refused(options: dict[str, int], message: str) -> None:
    with pytest.raises(UsageFault, match=message):
        play(random_config(BUSY), **options)


def test_progress_only_grows_and_ends_at_the_number_of_trials(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine, "SLICE_TRIALS", 100)
    seen: list[int] = []
    play(random_config(BUSY), trials=1950, threads=3, progress=seen.append)
    assert seen == sorted(set(seen))
    assert seen[-1] == 1950
    assert len(seen) > 1


def test_progress_is_told_from_the_calling_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "SLICE_TRIALS", 100)
    tellers: set[int] = set()
    play(
        random_config(BUSY),
        trials=500,
        threads=2,
        progress=lambda _: tellers.add(threading.get_ident()),
    )
    assert tellers == {threading.get_ident()}


@pytest.mark.costly
def test_an_interrupt_is_passed_on_at_once_and_leaves_no_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine, "SLICE_TRIALS", 50)
    scenario = load(random_config(BUSY))
    engine.simulate(scenario, trials=1)
    before = set(threading.enumerate())
    seen: list[int] = []
    played: list[int] = []
    play_range = engine.play_range

    def counted(*given: Any) -> Any:
        played.append(1)
        return play_range(*given)

    def interrupted(done: int) -> None:
        seen.append(done)
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "play_range", counted)
    with pytest.raises(KeyboardInterrupt):
        engine.simulate(scenario, trials=400_000, threads=2, progress=interrupted)
    assert len(seen) == 1
    assert 1 <= len(played) < 400_000 / 50 / 2  # of the slices of a whole run
    assert set(threading.enumerate()) <= before
