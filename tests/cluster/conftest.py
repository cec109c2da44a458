"""One cluster of two workers on this machine, started once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from shown_rows import Seen
from summed_bits import bits

from riskengine.cluster import connection
from riskengine.cluster.address import Cluster
from riskengine.cluster.connection import connected
from riskengine.cluster.jobs import Crew
from riskengine.config import load
from riskengine.play.simulate import Plan, prepare
from riskengine.play.stream import BLOCK_TRIALS, Stream

CONFIG = Path(__file__).parents[2] / "configs" / "minimal.toml"
TRIALS = 10 * BLOCK_TRIALS + 9_000


@pytest.fixture(scope="session")
def plan() -> Plan:
    return prepare(load(CONFIG), trials=TRIALS, first_trial=5, threads=2)


@pytest.fixture(scope="session")
def alone(plan: Plan) -> tuple[list[str], Seen]:
    """Sums and rows of a run in this process."""
    stream, seen = Stream(plan), Seen()
    stream.play(plan.trials, seen)
    assert len(seen) == 11
    return bits(stream.evidence()), seen


@pytest.fixture(scope="session")
def crew(plan: Plan) -> Iterator[Crew]:
    pytest.importorskip("distributed", reason="needs the extra cluster")
    import dask

    # Dask would give up a worker that stands still after 300 seconds, and hide that we did not.
    never = {"distributed.scheduler.worker-ttl": "1 day"}
    with dask.config.set(never), connected(Cluster(workers=2), plan) as found:
        yield found


@pytest.fixture
def at_hand(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> Crew:
    """Whoever asks for a cluster is given the one that runs already."""

    @contextmanager
    def given(*_: object) -> Iterator[Crew]:
        yield crew

    monkeypatch.setattr(connection, "connected", given)
    return crew
