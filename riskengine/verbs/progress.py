"""How far a verb is, for whoever asked to be told."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class ProgressCount(NamedTuple):
    """What a verb has finished, and how much there is.

    >>> print("{0.done:,} of {0.total:,} {0.unit}".format(ProgressCount(2_000, 10_000)))
    2,000 of 10,000 trials
    """

    done: int  #: finished so far; 0 in the first call, before anything is played
    total: int
    unit: str = "trials"  #: what is counted: trials, or points of a sweep
    trials: int = 0  #: how many trials all of it takes


Watcher = Callable[[ProgressCount], object]


def counter(
    watcher: Watcher | None, total: int, unit: str = "trials", trials: int | None = None
) -> Callable[[int], None] | None:
    """What to call with the number finished so far; the watcher hears of the start at once."""
    if watcher is None:
        return None

    def count(done: int) -> None:
        watcher(ProgressCount(done, total, unit, total if trials is None else trials))

    count(0)
    return count
