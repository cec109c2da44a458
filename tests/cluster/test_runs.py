"""The trials of a run played by workers: the same bits, rows included, whoever is lost or slow."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner
from shown_rows import Seen, digest
from summed_bits import bits

from riskengine.cli import root
from riskengine.cluster import jobs as crews
from riskengine.cluster.jobs import Crew
from riskengine.cluster.playing import MOST_BLOCKS, Remote, _length, play_rows
from riskengine.errors import RunFault
from riskengine.play.simulate import Plan
from riskengine.play.stream import BLOCK_TRIALS
from riskengine.verbs.jobs import streamed_run

pytestmark = pytest.mark.processes

CONFIG = Path(__file__).parents[2] / "configs" / "minimal.toml"


def test_tasks_begin_and_end_short() -> None:
    lengths, begun, trials = [], 0, 3000 * BLOCK_TRIALS + 1
    while begun < trials:
        lengths.append(_length(begun, trials, 4))
        begun += lengths[-1]
    blocks = [length / BLOCK_TRIALS for length in lengths]
    assert begun == trials
    assert (blocks[0], max(blocks), blocks[-2], lengths[-1]) == (1, MOST_BLOCKS, 1, 1)


@pytest.mark.parametrize("with_rows", [False, True])
def test_workers_play_the_same_trials_look_by_look(
    crew: Crew, plan: Plan, alone: tuple[list[str], Seen], *, with_rows: bool
) -> None:
    remote, heard, seen = Remote(crew, plan), [], Seen()
    for trials in (BLOCK_TRIALS, 2 * BLOCK_TRIALS, plan.trials):
        remote.play(trials, seen if with_rows else None, heard.append)
    assert bits(remote.evidence()) == alone[0]
    assert seen == (alone[1] if with_rows else [])
    assert heard == sorted(heard)
    assert heard[0] == BLOCK_TRIALS
    assert heard[-1] == plan.trials


def test_all_rows_of_a_run_in_memory_come_back(crew: Crew, plan: Plan) -> None:
    few, heard = replace(plan, trials=70_000), []
    found = play_rows(crew, few, heard.append)
    assert digest(found) == digest(few.play())
    assert found.total.flags["WRITEABLE"] is False
    assert heard == sorted(heard)
    assert len(heard) > 4  # each worker has something to do
    assert heard[-1] == 70_000


def pids(crew: Crew) -> dict[str, int]:
    return crew.client.run(os.getpid)


@pytest.mark.parametrize("with_rows", [False, True])
def test_a_worker_that_is_killed_cannot_show(
    crew: Crew, plan: Plan, alone: tuple[list[str], Seen], *, with_rows: bool
) -> None:
    victim, killed = sorted(pids(crew).values())[0], []
    remote, seen = Remote(crew, plan), Seen()

    def kill(done: int) -> None:
        if not killed:
            os.kill(victim, signal.SIGKILL)
            killed.append(done)

    remote.play(plan.trials, seen if with_rows else None, kill)
    assert killed[0] < plan.trials
    assert bits(remote.evidence()) == alone[0]
    assert seen == (alone[1] if with_rows else [])
    crew.client.wait_for_workers(2, timeout=900)
    assert victim not in pids(crew).values()


@pytest.mark.parametrize("with_rows", [False, True])
def test_a_worker_that_stands_still_does_not_hold_the_rest(
    crew: Crew,
    plan: Plan,
    alone: tuple[list[str], Seen],
    monkeypatch: pytest.MonkeyPatch,
    *,
    with_rows: bool,
) -> None:
    monkeypatch.setattr(crews, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(crews, "FETCH_SECONDS", 0.5)
    process_of, stopped = pids(crew), []
    remote, seen = Remote(crew, plan), Seen()

    def stop(_: int) -> None:
        if not stopped:
            playing = crew.client.processing()
            # The busiest; where this process is slow, all may have ended, and hold their results.
            busy = max(playing, key=lambda worker: len(playing[worker]))
            stopped.append(psutil.Process(process_of[busy]))
            stopped[0].suspend()

    try:
        remote.play(plan.trials, seen if with_rows else None, stop)
        assert stopped[0].status() == psutil.STATUS_STOPPED
    finally:
        stopped[0].resume()
    assert bits(remote.evidence()) == alone[0]
    assert seen == (alone[1] if with_rows else [])


def test_a_fault_of_a_trial_is_told_as_by_this_process(crew: Crew, plan: Plan) -> None:
    broken = replace(plan, model=plan.model._replace(horizon=float("inf")))
    tellings: list[Callable[[], object]] = [
        lambda: Remote(crew, broken).play(BLOCK_TRIALS),
        lambda: play_rows(crew, replace(broken, trials=9000)),
    ]
    for telling in tellings:
        with pytest.raises(RunFault, match="trial"):
            telling()


@pytest.mark.usefixtures("at_hand")
@pytest.mark.parametrize(
    ("options", "most_rows"),
    [
        (("--keep", "tail", "--target-error", "0.1%"), 500_000),
        ((), 500_000),  # all trials in memory
        ((), 10_000),  # all of them block by block
    ],
)
def test_the_folder_is_that_of_a_run_in_one_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], most_rows: int
) -> None:
    monkeypatch.setattr(streamed_run, "TAIL_ROWS", 150)
    monkeypatch.setattr(streamed_run, "MOST_ROWS", most_rows)
    command = ["run", str(CONFIG), "--trials", "150000", *options, "--out"]
    for name, further in (("here", []), ("there", ["--workers", "2"])):
        done = CliRunner().invoke(root, [*command, str(tmp_path / name), *further])
        assert done.exit_code == 0, done.output
        assert done.stderr == ""
    documents = [
        json.loads((tmp_path / name / "manifest.json").read_text()) for name in ("here", "there")
    ]
    assert documents[1]["options"].pop("workers") == 2
    for document in documents:
        del document["started"], document["seconds"]
    assert documents[0] == documents[1]
    assert len(documents[0]["files"]) > 5  # by digest; the workbook shows the time of the run
