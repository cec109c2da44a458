"""What a run block by block refuses, and whether the remedy that it names is one."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

import riskengine
from riskengine.cluster.address import Cluster
from riskengine.errors import UsageFault
from riskengine.play.stream import BLOCK_TRIALS
from riskengine.verbs.executors import rows_in_memory
from riskengine.verbs.jobs.streamed_run import is_streamed
from riskengine.verbs.requests import RunRequest

MINIMAL = Path(__file__).parents[2] / "configs" / "minimal.toml"
SHARED = "correlation.duration=0.5"  # a tilt moves what materials share
DRAWN = ("run.sampling=sobol", "run.given_onset=true", "run.tilt=0.5")
WAYS = [
    tuple(text for text, is_used in zip(DRAWN, used, strict=True) if is_used)
    for used in product((False, True), repeat=3)
]


@pytest.mark.parametrize("ways", WAYS[1:], ids=" ".join)
def test_trials_that_are_no_plain_sample_are_refused_with_what_makes_them_plain(
    ways: tuple[str, ...],
) -> None:
    scenario = riskengine.load(MINIMAL, (SHARED, *ways))
    request = RunRequest(config="minimal.toml", out="out", keep="tail")
    with pytest.raises(UsageFault, match="Leave out --keep") as refused:
        is_streamed(request, scenario.run)
    remedy = re.findall(r"--set (\S+)", str(refused.value))
    assert len(remedy) == len(ways)
    assert is_streamed(request, riskengine.load(MINIMAL, [SHARED, *ways, *remedy]).run)


@pytest.mark.parametrize("ways", WAYS, ids=" ".join)
def test_a_run_that_keeps_its_trials_is_played_in_memory(ways: tuple[str, ...]) -> None:
    request = RunRequest(config="minimal.toml", out="out")
    assert not is_streamed(request, riskengine.load(MINIMAL, (SHARED, *ways)).run)


@pytest.mark.parametrize(("trials", "is_in_blocks"), [(500_000, False), (500_001, True)])
def test_more_than_half_a_million_trials_are_played_block_by_block(
    trials: int, is_in_blocks: bool
) -> None:
    request = RunRequest(config="minimal.toml", out="out")
    run = riskengine.load(MINIMAL, (f"run.trials={trials}",)).run
    assert is_streamed(request, run) == is_in_blocks


@pytest.mark.parametrize(
    ("cluster", "threads", "blocks"),
    [
        (None, 1, 2),
        (None, 3, 4),
        (Cluster(workers=3), None, 6),
        (Cluster(scheduler="tcp://127.0.0.1:8786"), None, 2),
    ],
)
def test_memory_holds_a_block_for_each_that_plays_and_one_that_is_written(
    cluster: Cluster | None, threads: int | None, blocks: int
) -> None:
    """Each worker that is started here plays with one thread, and hands on blocks of its own."""
    assert rows_in_memory(cluster, threads) == blocks * BLOCK_TRIALS
