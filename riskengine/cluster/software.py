"""Checks whether workers would play the same trials as this process, to the bit."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from riskengine.errors import RunFault, UsageFault
from riskengine.play.simulate import Plan
from riskengine.play.stream import play_part
from riskengine.store.provenance import engine_digest, own_version

if TYPE_CHECKING:
    from distributed import Client

_CANARY_TRIALS = 256


def check_workers(client: Client, plan: Plan) -> None:
    """Refuse workers whose figures could differ from those of this process.

    Raises
    ------
    UsageFault
        With a list of all differences.
    RunFault
        When every worker ends before it answers.
    """
    check_same(software(), _answers(client, software))
    check_same(_canary(plan), _answers(client, _canary, plan))


def _answers(client: Client, question: Callable[..., Any], *given: object) -> Mapping[str, Any]:
    """The answers of all workers, except those that ended meanwhile.

    A worker that replaces one of those joins later and is checked before each of its tasks.
    """
    from distributed.comm.core import CommClosedError

    found = client.run(question, *given, on_error="return")
    answers = {w: said for w, said in found.items() if not isinstance(said, CommClosedError)}
    if not answers:
        raise RunFault("all workers of the cluster ended before they could be checked")
    return answers


def check_same(ours: Mapping[str, str], found: Mapping[str, Any]) -> None:
    """Refuse workers whose answers differ from those of this process.

    Raises
    ------
    UsageFault
        With a list of all differences.
    """
    if faults := _differences(ours, found):
        raise UsageFault(
            "the workers of the cluster would not play the same trials as this process:\n"
            + "\n".join(f"  {fault}" for fault in faults)
            + "\nInstall the same versions there."
        )


@cache
def software() -> Mapping[str, str]:
    """The versions that a figure depends on, by name."""
    libraries = {name: version(name) for name in ("numpy", "numba", "llvmlite", "distributed")}
    return {"riskengine": own_version(), "sources": engine_digest()[:12], **libraries}


def _canary(plan: Plan) -> Mapping[str, str]:
    """A digest of the exact sums of the first few trials: processors can differ, too."""
    few = replace(plan, trials=min(plan.trials, _CANARY_TRIALS))
    ((_, _, moments),) = play_part(few, 0, few.trials).moments
    return {"bits of the first trials": hashlib.sha256(moments.tobytes()).hexdigest()[:12]}


def _differences(ours: Mapping[str, str], found: Mapping[str, Any]) -> list[str]:
    """One line for each difference from this process, by worker; errors count as answers."""
    faults = []
    for worker, theirs in sorted(found.items()):
        if not isinstance(theirs, Mapping):
            faults.append(f"{worker}: {theirs}")
            continue
        for name, expected in ours.items():
            if theirs.get(name) != expected:
                faults.append(f"{worker}: {name} {theirs.get(name, 'unknown')}, here {expected}")
    return faults
