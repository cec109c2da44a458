"""A point is what a run with the same values is, to the bit, and differs from the base by trial."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from swept import GRID, MINIMAL, SHARE, STOCK, loaded, write_config

from riskengine.config import SweptConfig, load
from riskengine.errors import RunFault
from riskengine.figures.evidence import RowEvidence
from riskengine.figures.metrics import figures
from riskengine.kernel.workspace import row_bytes
from riskengine.measures.paired import Pair, mean_difference, tvar_difference, var_difference
from riskengine.model.confidence import LEVELS
from riskengine.model.scenario import Scenario
from riskengine.play import versions
from riskengine.play.simulate import prepare, simulate
from riskengine.play.versions import CHANGE_BYTES, MOST_VERSIONS, PlayedVersions
from riskengine.sweeps import playing
from riskengine.sweeps.batches import ScenarioOf
from riskengine.sweeps.designs import design
from riskengine.sweeps.figures import Kept
from riskengine.sweeps.played import Played
from riskengine.sweeps.playing import (
    Game,
    base_series,
    most_together,
    play_points,
    players_that_fit,
)

SEED, TRIALS = 1, 3_000


class Swept(NamedTuple):
    """A sweep that is ready to be played."""

    game: Game
    scenario: ScenarioOf


def game_of(config: SweptConfig) -> Swept:
    points = design(config.sweep).points
    base = base_series(config.scenario, SEED, TRIALS)
    game = Game(seed=SEED, trials=TRIALS, money="USD million", levels=LEVELS, base=base)
    return Swept(game, lambda number: config.at(points[number - 1]))


def played(swept: Swept, points: list[int], players: int = 1) -> dict[int, Played]:
    return {each.point: each for each in play_points(*swept, points, players=players)}


def test_a_point_is_the_same_alone_in_a_sweep_and_as_a_run_with_set(tmp_path: Path) -> None:
    game = game_of(loaded(tmp_path))
    alone = played(game, [6])[6]
    together = played(game, [1, 2, 3, 4, 5, 6], players=2)[6]
    assert repr(alone) == repr(together)
    run = load(write_config(tmp_path), [f"{STOCK}=120", f"{SHARE}=1"])
    expected = {
        (row.scope, row.name, row.measure, row.level): (row.value, row.lower, row.upper, row.unit)
        for row in figures(RowEvidence(simulate(run, trials=TRIALS, seed=SEED)))
        if row.component == "all"
    }
    assert len(alone.figures) == 11 + 11 + 1
    for row in alone.figures:
        key = (row.scope, row.name, row.measure, row.level)
        assert repr((row.value, row.lower, row.upper, row.unit)) == repr(expected[key])


def test_the_number_of_players_and_the_order_of_points_cannot_be_seen(tmp_path: Path) -> None:
    game = game_of(loaded(tmp_path))
    found = [
        played(game, [1, 2, 3, 4, 5, 6], players=1),
        played(game, [1, 2, 3, 4, 5, 6], players=3),
        played(game, [6, 3, 1, 5, 2, 4], players=2),
    ]
    texts = {repr(sorted(each.items())) for each in found}
    assert len(texts) == 1


def test_a_difference_is_from_the_base_case_trial_by_trial(tmp_path: Path) -> None:
    config = loaded(tmp_path)
    game = game_of(config)
    rows = {(r.scope, r.measure, r.level): r for r in played(game, [6])[6].figures}
    base = simulate(config.scenario, trials=TRIALS, seed=SEED).total
    total = simulate(game.scenario(6), trials=TRIALS, seed=SEED).total
    pair = Pair(np.array(base), np.array(total))
    for key, expected in (
        (("total", "mean", None), mean_difference(pair)),
        (("total", "var", 0.99), var_difference(pair, 0.99)),
        (("total", "tvar", 0.99), tvar_difference(pair, 0.99)),
    ):
        row = rows[key]
        assert row.difference == pytest.approx(expected.value, rel=1e-9)
        margin = (row.difference_upper - row.difference_lower) / 2.0
        assert margin == pytest.approx((expected.upper - expected.lower) / 2.0, rel=1e-6)
        assert margin > 0.0


def test_a_point_with_the_values_of_the_base_case_differs_by_nothing(tmp_path: Path) -> None:
    text = f'\nmethod = "grid"\n[sweep.parameters]\n"{STOCK}" = [39, 40]\n'
    found = played(game_of(loaded(tmp_path, text)), [1, 2])
    assert {
        end
        for row in found[1].figures
        for end in (row.difference, row.difference_lower, row.difference_upper)
    } == {0.0}
    assert any(row.difference != 0.0 for row in found[2].figures)


def test_more_stock_and_a_surer_alternative_lower_the_mean(tmp_path: Path) -> None:
    found = played(game_of(loaded(tmp_path)), [1, 2, 5, 6])
    means = {number: each.figures[0].value for number, each in found.items()}
    assert means[1] > means[2] > means[6]
    assert means[1] > means[5] > means[6]


@pytest.mark.parametrize("trials", [17, 33])
def test_a_point_of_even_points_is_what_a_run_is(tmp_path: Path, trials: int) -> None:
    """Sixteen replicates take turns: the last trial alone has the next point of the sequence."""
    scenario = load(write_config(tmp_path), ["run.sampling=sobol"])
    base = base_series(scenario, SEED, trials)["total", ""]
    run = simulate(scenario, trials=trials, seed=SEED).total
    assert np.array_equal(base.values, run)


def test_settings_that_make_no_sense_together_fail_the_point_alone(tmp_path: Path) -> None:
    text = """
    method = "grid"
    [sweep.parameters]
    "ladder.near-zero.sojourn.lognormal.median" = [60, 200]
    "ladder.near-zero.sojourn.lognormal.p90" = [245, 100]
    """
    found = played(game_of(loaded(tmp_path, text)), [1, 2, 3, 4])
    assert [found[number].status for number in (1, 2, 3, 4)] == ["done", "done", "done", "failed"]
    assert "has median = 200 above p90 = 100" in found[4].message
    assert found[4].message.startswith("ladder.near-zero.sojourn.lognormal")
    assert found[4].figures == ()


def test_a_run_that_fails_is_the_message_of_its_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    game = game_of(loaded(tmp_path))
    series = playing.changed_series

    def fail_with_much_stock(
        together: PlayedVersions, version: int, first: Kept, base: Kept
    ) -> Kept:
        tier = together.scenarios[version].materials["ndfeb-magnets"].stocks["private"]
        if tier.days.parameters == (120.0,):
            raise RunFault("trial 7 has a loss of nan")
        return series(together, version, first, base)

    monkeypatch.setattr(playing, "changed_series", fail_with_much_stock)
    found = played(game, [1, 5])
    assert (found[5].status, found[5].message) == ("failed", "trial 7 has a loss of nan")
    assert found[1].status == "done"


def test_points_with_too_many_events_together_are_played_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    game = game_of(loaded(tmp_path))
    whole = played(game, [1, 2, 3, 4, 5, 6])
    refused = []

    def refuse(*given: object) -> object:
        refused.append(given)
        raise RunFault("trial 7 has more than 9 events")

    monkeypatch.setattr(versions, "FIRST_CAPACITY", 1)
    monkeypatch.setattr(versions, "grown", refuse)
    assert repr(played(game, [1, 2, 3, 4, 5, 6])) == repr(whole)
    assert refused


def test_points_that_nobody_takes_are_not_played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    game = game_of(loaded(tmp_path, GRID.replace("[0, 39, 120]", str(list(range(60))))))
    made = []

    def counted(point: int) -> Scenario:
        made.append(point)
        return game.scenario(point)

    monkeypatch.setattr(versions, "MOST_VERSIONS", 6)
    stream = play_points(game.game, counted, range(1, 121), players=2)
    next(stream)
    stream.close()
    assert len(made) == 6


def test_as_many_points_at_a_time_as_fit_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = prepare(load(MINIMAL), trials=TRIALS)
    assert players_that_fit(plan, 3) == 3
    needed = 2 * TRIALS * row_bytes(plan.model)
    monkeypatch.setattr(playing, "memory_bytes", lambda: 5 * needed)
    assert players_that_fit(plan, 3) == 2
    assert players_that_fit(replace(plan, trials=10**12), 3) == 1


def test_as_many_points_together_as_fit_into_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    game = game_of(loaded(tmp_path)).game
    largest = 3 * TRIALS * CHANGE_BYTES  # if all losses differ: total, industry, material
    for memory, most in ((10**12, MOST_VERSIONS), (10 * largest, 5), (1, 1)):
        monkeypatch.setattr(versions, "memory_bytes", lambda memory=memory: memory)
        assert most_together(game) == most


def test_a_figure_that_the_base_case_does_not_have_has_no_difference(tmp_path: Path) -> None:
    config = loaded(tmp_path)
    game, scenario = game_of(config)
    known = {key: value for key, value in game.base.items() if key[0] != "industry"}
    rows = played(Swept(replace(game, base=known), scenario), [1])[1].figures
    assert {math.isnan(row.difference) for row in rows if row.scope == "industry"} == {True}
    assert not any(math.isnan(row.difference) for row in rows if row.scope == "total")
