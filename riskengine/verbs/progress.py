"""Reports the progress of a verb to a callback."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class ProgressCount(NamedTuple):
    """How much a verb has finished, and how much there is in total.

    >>> print("{0.done:,} of {0.total:,} {0.unit}".format(ProgressCount(2_000, 10_000)))
    2,000 of 10,000 trials
    """

    done: int  #: finished so far; 0 in the first call, before any work
    total: int
    unit: str = "trials"  #: what is counted: trials, or points of a sweep
    trials: int = 0  #: number of trials in all
    name: str = ""  #: what is being played, of several things; empty for a verb with one


Watcher = Callable[[ProgressCount], object]


def counter(
    watcher: Watcher | None, total: int, unit: str = "trials", trials: int | None = None
) -> Callable[[int], None] | None:
    """A function to call with the number finished so far; it calls the watcher at once with 0."""
    if watcher is None:
        return None

    def count(done: int) -> None:
        watcher(ProgressCount(done, total, unit, total if trials is None else trials))

    count(0)
    return count
