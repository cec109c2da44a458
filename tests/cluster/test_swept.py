"""The points of a sweep played by workers: the same tables, going on where any process stopped."""

from __future__ import annotations

import json
import os
import pickle
import signal
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import psutil
import pytest
from click.testing import CliRunner
from swept import PROVENANCE, contents, swept, write_config

from riskengine.cli import root
from riskengine.cluster import jobs as crews
from riskengine.cluster import points
from riskengine.cluster.jobs import Crew, Job
from riskengine.config import load_sweep
from riskengine.model.confidence import LEVELS
from riskengine.model.scenario import Scenario
from riskengine.store.folder import SWEEP_FORMAT, claim
from riskengine.sweeps import playing
from riskengine.sweeps.designs import design
from riskengine.sweeps.playing import Game, base_series
from riskengine.sweeps.tables import SweepTables
from riskengine.verbs.jobs.sweep_job import open_job, save_sweep, tables_of

pytestmark = pytest.mark.processes

TRIALS = 20_000
#: the last point fails: its median lies above its p90
SWEEP = """
method = "grid"
[sweep.parameters]
"materials.ndfeb-magnets.stocks.private.days" = [0, 20, 40, 60, 80, 120]
"ladder.near-zero.sojourn.lognormal.median" = [60, 200]
"ladder.near-zero.sojourn.lognormal.p90" = [245, 100]
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_config(tmp_path_factory.mktemp("config"), SWEEP, TRIALS)


@pytest.fixture(scope="module")
def alone(config: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The tables of a sweep in this process."""
    folder = tmp_path_factory.mktemp("alone") / "out"
    tables = swept(load_sweep(config), folder)
    assert {row.status for row in tables.points} == {"done", "failed"}
    return contents(folder)


def swept_by(
    crew: Crew, config: Path, target: Path, progress: Callable[[int], None] | None = None
) -> SweepTables:
    with claim(target, SWEEP_FORMAT) as claimed:
        job = open_job(load_sweep(config), claimed)
        job.play(progress, partial(points.play_points, crew))
        tables = tables_of(job)
        save_sweep(job, tables, claimed, PROVENANCE)
    return tables


@pytest.mark.usefixtures("at_hand")
def test_the_folder_is_that_of_a_sweep_in_one_process(
    config: Path, alone: dict[str, bytes], tmp_path: Path
) -> None:
    command = ["sweep", str(config), "--workers", "2", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(root, command)
    assert done.exit_code == 0, done.output
    assert done.stderr == ""
    assert contents(tmp_path / "out") == alone
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["options"]["workers"] == 2


def test_an_interrupted_sweep_goes_on_in_a_cluster(
    crew: Crew, config: Path, alone: dict[str, bytes], tmp_path: Path
) -> None:
    def interrupt(done: int) -> None:
        if done == 5:
            raise KeyboardInterrupt

    heard: list[int] = []
    with claim(tmp_path / "out", SWEEP_FORMAT) as claimed:
        job = open_job(load_sweep(config), claimed)
        with pytest.raises(KeyboardInterrupt, match="5 of 25 points are finished and kept"):
            job.play(interrupt)
    swept_by(crew, config, tmp_path / "out", heard.append)
    assert heard == list(range(1, 21))
    assert contents(tmp_path / "out") == alone


def test_workers_that_are_killed_or_stand_still_cannot_show(
    crew: Crew,
    config: Path,
    alone: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(crews, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(crews, "FETCH_SECONDS", 0.5)
    victim, other = crew.client.run(os.getpid).values()
    still = psutil.Process(other)

    def harm(done: int) -> None:
        if done == 3:
            os.kill(victim, signal.SIGKILL)
            crew.client.wait_for_workers(2, timeout=900)
        elif done == 8:
            still.suspend()

    try:
        swept_by(crew, config, tmp_path / "out", harm)
        assert still.status() == psutil.STATUS_STOPPED
    finally:
        still.resume()
    assert contents(tmp_path / "out") == alone


class Listening:
    """A crew that does every job at once, as a worker would, and knows what it was sent."""

    threads = 1

    def __init__(self) -> None:
        self.shared: list[bytes] = []
        self.jobs: list[bytes] = []

    def share(self, value: object) -> Any:
        self.shared.append(pickle.dumps(value))
        return pickle.loads(self.shared[-1])  # noqa: S301

    def results(self, shared: object, jobs: Iterator[Job]) -> Iterator[tuple[Job, Any]]:
        for job in jobs:
            self.jobs.append(pickle.dumps(job))
            yield job, job.task(shared, *job.given)


def test_the_base_case_is_sent_once_and_without_its_measures(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(points, "Recall", Event)
    swept_config = load_sweep(config)
    base = base_series(swept_config.scenario, 1, TRIALS)
    game = Game(seed=1, trials=TRIALS, money="USD million", levels=LEVELS, base=base)
    settings = design(swept_config.sweep).points

    def scenario(point: int) -> Scenario:
        return swept_config.at(settings[point - 1])

    here = list(playing.play_points(game, scenario, [1, 2], players=1))  # takes all measures
    crew = Listening()
    assert list(points.play_points(crew, game, scenario, [1, 2])) == here  # type: ignore[arg-type]
    base_bytes = sum(each.values.nbytes for each in base.values())
    assert [base_bytes < len(sent) < 1.1 * base_bytes for sent in crew.shared] == [True]
    assert max(map(len, crew.jobs)) < base_bytes / 5
