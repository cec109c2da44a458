"""What keeps `make test-fast` fast: its tests start no process and play few trials.

How long a test takes goes by what else the machine does, and no test may fail by that. What it
does can be counted, and comes out the same everywhere. A test that does more says by a marker what
it is (see `markers` in pyproject.toml), and `make test` runs it.
"""

from __future__ import annotations

import gc
import sys
from typing import Any

import pytest

MOST_TRIALS = 500_000  #: about a second of the kernel, and twenty standard errors of 1 in 1,000
SLOW = frozenset({"costly", "statistical", "exhaustive", "whole", "processes", "browser", "office"})
_STARTS = frozenset({"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.system"})


class _Work:
    """What the test that runs has done so far, its fixtures included."""

    processes = 0
    trials = 0


def _hear(event: str, arguments: tuple[Any, ...], starts: frozenset[str] = _STARTS) -> None:
    if event in starts:
        _Work.processes += 1


sys.addaudithook(_hear)
gc.disable()  # until all tests are collected: nothing of them is garbage


def pytest_collection_finish() -> None:
    """Count every trial that the engine plays from here on."""
    from riskengine.play import simulate

    gc.freeze()  # tests and modules stay to the end: no collection of garbage need search them
    gc.enable()

    play = simulate.play_trials

    def counted(*given: Any) -> int:
        done: int = play(*given)
        _Work.trials += done
        return done

    simulate.play_trials = counted


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    _Work.processes = _Work.trials = 0


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Any:
    """Refuse what an unmarked test may not do."""
    outcome = yield
    if SLOW.isdisjoint(mark.name for mark in item.iter_markers()):
        assert _Work.processes == 0, "starts a process: mark it `processes`"
        assert _Work.trials <= MOST_TRIALS, f"plays {_Work.trials:,} trials: mark what it is"
    return outcome
