"""Faults of the settings that say how trials are drawn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from riskengine.errors import Fault
from riskengine.model.faults.tree import Tree, members

#: how trials are drawn: the settings of a plain sample
DRAWN = {"sampling": "random", "given_onset": False, "tilt": 0.0}


def run_faults(tree: Tree) -> Iterator[Fault]:
    """Faults of importance sampling: nothing to condition on, nothing to tilt."""
    run = members(tree, "run")
    disputes = {name: members(dispute) for name, dispute in members(tree, "disputes").items()}
    active = [name for name, dispute in disputes.items() if "active" in dispute]
    if run.get("given_onset") is True and active:
        yield Fault(
            path=("run", "given_onset"),
            found=f'is true, but "{active[0]}" is active: every trial has an episode anyway',
            allowed="true where no dispute is active at time 0",
        )
    elif run.get("given_onset") is True and not any(_rate(each) for each in disputes.values()):
        yield Fault(
            path=("run", "given_onset"),
            found="is true, but no dispute breaks out of itself: every rate_per_year is 0",
            allowed="true where a dispute has a rate_per_year",
        )
    correlation = members(tree, "correlation")
    if run.get("tilt", 0.0) and correlation and not any(correlation.values()):
        yield Fault(
            path=("run", "tilt"),
            found="moves what all materials share, and they share nothing: all correlations are 0",
            allowed="0, or a correlation above 0",
        )


def drawn_faults(run: Any, who: str) -> Iterator[Fault]:
    """Faults of a run that must be a plain sample but is not.

    Parameters
    ----------
    run : mapping
        `[run]` of a config that is sound otherwise.
    who : str
        What needs a plain sample: the subject of the message.
    """
    for key, plain in DRAWN.items():
        if run.get(key, plain) != plain:
            yield Fault(
                path=("run", key),
                found=f"{who} plays plain trials, all independent and of the same weight",
                allowed=f"{str(plain).lower()}, or nothing",
            )


def _rate(dispute: Tree) -> bool:
    rate = dispute.get("rate_per_year", 0.0)
    return isinstance(rate, int | float) and rate > 0.0
