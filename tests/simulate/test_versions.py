"""Versions that are played together have the same bits as runs of each of them alone."""

from __future__ import annotations

import copy
from collections import Counter
from random import Random
from typing import NamedTuple

import numpy as np
import pytest
from changed_configs import OF_ENTITIES, OF_WORLDS
from random_configs import random_config
from swept import MINIMAL, STOCK

from riskengine.config import load
from riskengine.errors import ConfigFault, RunFault
from riskengine.kernel import workspace
from riskengine.kernel.arrays import ALL_SERIES, LOSSES
from riskengine.model.flat.distributions import Shelf
from riskengine.model.losses import Losses, held
from riskengine.model.scenario import Scenario
from riskengine.play import simulate as simulating
from riskengine.play import versions as playing
from riskengine.play.simulate import simulate
from riskengine.play.versions import (
    PlayedVersions,
    groups_of,
    lay_out_all,
    play_versions,
    together,
)

SEED, TRIALS = 11, 40
CONFIGS = 200
VERSIONS = 8  #: of a config, besides the config itself


class Version(NamedTuple):
    """A version of a scenario, and the kinds of its changes."""

    scenario: Scenario
    kinds: tuple[str, ...]


def versions_of(number: int) -> list[Version]:
    """A random config and random versions of it."""
    r = Random(f"versions {number}")
    base = random_config(number)
    found = [Version(load(base), ())]
    changes = OF_ENTITIES | OF_WORLDS
    names = list(changes)
    while len(found) <= VERSIONS:
        config, kinds = copy.deepcopy(base), []
        wanted = [names[(number * VERSIONS + len(found)) % len(names)]]  # each kind as often
        wanted += r.sample(names, r.choice([0, 0, 1, 3]))
        for kind in wanted:
            if changes[kind](config, r):
                kinds.append(kind)
        try:
            found.append(Version(load(config), tuple(kinds)))
        except ConfigFault:  # changes that contradict each other
            continue
    return found


def play_together(
    scenarios: list[Scenario], *, trials: int = TRIALS, first_trial: int = 0, threads: int = 1
) -> list[tuple[list[int], PlayedVersions]]:
    """The groups of versions that share all disputes, and their losses."""
    models = lay_out_all(scenarios, SEED, first_trial + trials - 1)
    found = []
    for group in groups_of(scenarios, models):
        versions = together(
            [scenarios[k] for k in group],
            [models[k] for k in group],
            seed=SEED,
            first_trial=first_trial,
            trials=trials,
            detail=ALL_SERIES,
        )
        found.append((group, versions.play(threads)))
    return found


def assert_same(found: Losses, alone: Losses) -> None:
    """Every series of both has the same bits."""
    assert found.scenario is alone.scenario
    assert found.first_trial == alone.first_trial
    for name in held(alone):
        own, right = getattr(found, name), getattr(alone, name)
        assert own.dtype == right.dtype
        assert own.tobytes() == right.tobytes(), name


class Met(NamedTuple):
    """What random versions met, by kind of change."""

    shared: Counter[str]  #: versions played with the config
    apart: Counter[str]  #: versions with other paths
    changed: Counter[str]  #: trials that differ from those of the config
    same: Counter[str]  #: trials with a restricted material that do not
    columns: Counter[str]  #: values that differ, by series
    spells: list[int]  #: trials of several spells whose largest one differs


def compare_versions(number: int, met: Met) -> None:
    """Play the versions of a config together and alone, compare all bits and count mechanisms."""
    found = versions_of(number)
    alone = [simulate(each.scenario, trials=TRIALS, seed=SEED, threads=1) for each in found]
    for group, played in play_together([each.scenario for each in found]):
        for k, version in enumerate(group):
            losses = played.losses(k)
            assert_same(losses, alone[version])
            if group[0] == 0:
                count_mechanisms(found[version].kinds, losses, alone[0], met)
            else:
                met.apart.update(found[version].kinds)


def count_mechanisms(kinds: tuple[str, ...], losses: Losses, first: Losses, met: Met) -> None:
    differs = np.zeros(TRIALS, dtype=bool)
    for name in held(losses):
        own, known = getattr(losses, name), getattr(first, name)
        cells = ~((own == known) | ((own != own) & (known != known))).reshape(TRIALS, -1)
        met.columns[name] += int(cells.sum())
        differs |= cells.any(axis=1)
    restricted = (first.deepest_level >= 0).any(axis=1)
    met.shared.update(kinds)
    for kind in kinds if len(kinds) == 1 else ():
        met.changed[kind] += int(differs.sum())
        met.same[kind] += int((restricted & ~differs).sum())
    several = first.episodes.sum(axis=1) > 1
    met.spells[0] += int((several & (losses.largest_spell != first.largest_spell)).sum())


def new_counts() -> Met:
    return Met(Counter(), Counter(), Counter(), Counter(), Counter(), [0])


@pytest.mark.parametrize("number", range(4))
def test_versions_have_the_bits_of_their_runs(number: int) -> None:
    compare_versions(number, new_counts())


@pytest.mark.exhaustive
def test_random_versions_have_the_bits_of_their_runs_and_meet_every_mechanism() -> None:
    met = new_counts()
    for number in range(CONFIGS):
        compare_versions(number, met)
    assert min(met.shared[kind] for kind in OF_ENTITIES) >= 10, met.shared
    assert min(met.apart[kind] for kind in OF_WORLDS) >= 3, met.apart
    assert min(met.changed[kind] for kind in OF_ENTITIES) >= 3, met.changed
    assert min(met.same[kind] for kind in OF_ENTITIES) >= 3, met.same
    of_paths = {"deepest_level", "level_days", "episodes"}
    assert {name for name, count in met.columns.items() if count == 0} == of_paths
    assert met.spells[0] > 100


def stocks(days: list[float], **run: object) -> list[Scenario]:
    settings = [f"run.{key}={value}" for key, value in run.items()]
    return [load(MINIMAL, [f"{STOCK}={each}", *settings]) for each in days]


def assert_as_alone(scenarios: list[Scenario], **how: int) -> PlayedVersions:
    """Play versions in one group, and compare each with its run; return what was played."""
    ((group, played),) = play_together(scenarios, **how)
    assert group == list(range(len(scenarios)))
    own = {key: value for key, value in how.items() if key != "threads"}
    for k, scenario in enumerate(scenarios):
        alone = simulate(scenario, seed=SEED, threads=1, **{"trials": TRIALS, **own})
        assert_same(played.losses(k), alone)
    return played


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_neither_threads_nor_the_first_trial_can_be_seen(threads: int) -> None:
    assert_as_alone(stocks([0, 39, 90]), trials=20_000, first_trial=7, threads=threads)


def test_a_version_that_changes_nothing_shares_all_arrays_with_the_first() -> None:
    played = assert_as_alone(stocks([39, 39, 60]), trials=2_000)
    assert played.changed(0) == played.changed(1) == []
    assert all(getattr(played.losses(1), name) is getattr(played.first, name)
               for name in held(played.first))  # fmt: skip
    longer = played.losses(2)
    assert longer.episodes is played.first.episodes
    assert longer.total is not played.first.total


def test_changes_that_fill_their_room_are_taken_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playing, "ROOM", 1)
    taken = []
    original = playing._Player._taken

    def counted(player: playing._Player) -> object:
        taken.append(original(player))
        return taken[-1]

    monkeypatch.setattr(playing._Player, "_taken", counted)
    assert_as_alone(stocks([0, 39, 90]), trials=2_000)
    assert len(taken) > 100


def test_lists_that_are_too_short_for_all_versions_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playing, "FIRST_CAPACITY", 8)
    assert_as_alone(stocks(list(np.linspace(1.0, 90.0, 40))), trials=500)


def test_too_many_events_in_all_versions_together_are_a_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(playing, "FIRST_CAPACITY", 8)
    monkeypatch.setattr(simulating, "LARGEST_CAPACITY", 8)
    with pytest.raises(RunFault, match="has more than 8 events"):
        play_together(stocks([0, 39, 90]), trials=2_000)


def test_versions_with_weights_of_their_own_are_played_alone() -> None:
    """Under `tilt`, the weight of a trial depends on the draws that a version makes."""
    tilted = ["run.tilt=0.5", "correlation.duration=0.5"]
    groups = play_together([load(MINIMAL, [f"{STOCK}={days}", *tilted]) for days in (0, 39)])
    assert [group for group, _ in groups] == [[0], [1]]


def test_a_given_onset_and_points_of_sobol_are_shared() -> None:
    played = assert_as_alone(
        stocks([0, 39, 90], given_onset="true", sampling='"sobol"'), trials=4_000
    )
    assert played.first.weight is not None


def test_an_entity_of_several_versions_is_laid_out_once() -> None:
    scenarios = stocks([39, 60, 60, 90, 60])
    model = together(
        scenarios, lay_out_all(scenarios, SEED, 0), seed=SEED, trials=1, detail=LOSSES
    ).model
    alone = lay_out_all(scenarios[:1], SEED, 0)[0]
    assert model.materials.size == alone.materials.size + 2
    assert model.tiers.size > alone.tiers.size
    assert workspace.rows(model, 1).materials.shape == workspace.rows(alone, 1).materials.shape
    assert model.versions.materials[1].tolist() == model.versions.materials[2].tolist()


RATE = "disputes.china-korea.rate_per_year"


def plans_of(
    scenarios: list[Scenario], trials: int = 3_000, shelf: Shelf | None = None
) -> list[simulating.Plan]:
    return [
        simulating.prepare(scenario, trials=trials, seed=SEED, threads=1, shelf=shelf)
        for scenario in scenarios
    ]


def mixed() -> list[Scenario]:
    """Versions of two worlds in turns, and one with a different horizon."""
    changes = (
        [f"{STOCK}=0"],
        [f"{RATE}=0.7"],
        [f"{STOCK}=90"],
        [f"{RATE}=0.7", f"{STOCK}=9"],
        ["run.horizon_days=100"],
        [],
    )
    return [load(MINIMAL, list(each)) for each in changes]


@pytest.mark.parametrize("together_at_most", [2, 64])
def test_versions_come_in_order_whichever_of_them_share_their_disputes(
    together_at_most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playing, "MOST_VERSIONS", together_at_most)
    plans = plans_of(mixed())
    done: list[int] = []
    found = list(play_versions(plans, done.append))
    for losses, plan in zip(found, plans, strict=True):
        assert_same(losses, plan.play())
    assert done == sorted(done)
    assert done[-1] == 3_000 * len(plans)


def test_plans_that_share_a_shelf_are_played_in_the_models_that_they_have(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scenarios = mixed()
    monkeypatch.delattr(playing, "lay_out_all")
    found = play_versions(plans_of(scenarios, shelf=Shelf()))
    for losses, plan in zip(found, plans_of(scenarios), strict=True):
        assert_same(losses, plan.play())


def test_progress_counts_the_trials_of_all_versions_that_are_played_together() -> None:
    done: list[int] = []
    list(play_versions(plans_of(stocks([0, 39, 90]), trials=20_000), done.append))
    assert done == [3 * 6_666, 3 * 13_333, 3 * 20_000]  # in three equal slices


def test_versions_with_too_many_events_together_are_played_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*given: object) -> object:
        raise RunFault("trial 7 has more than 9 events")

    monkeypatch.setattr(playing, "FIRST_CAPACITY", 1)
    monkeypatch.setattr(playing, "grown", refuse)
    plans = plans_of(mixed())
    for losses, plan in zip(play_versions(plans), plans, strict=True):
        assert_same(losses, plan.play())


def test_as_many_versions_as_fit_into_memory_are_played_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (plan,) = plans_of(mixed()[:1])
    largest = workspace.row_bytes(plan.model) // 8 * playing.CHANGE_BYTES * plan.trials
    for memory, most in ((2 * 5.5 * largest, 5), (1, 2), (1e15, playing.MOST_VERSIONS)):
        monkeypatch.setattr(playing, "memory_bytes", lambda memory=memory: memory)
        assert playing.most_versions(plan) == most
