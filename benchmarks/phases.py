"""Runs the command line in this process and prints what each of its phases costs, as JSON.

`python -m benchmarks.phases run CONFIG ...`: seconds of CPU time by phase. A phase is a function of
the program. It is timed in the thread that calls it; simulating, which has threads of its own and
runs alone, by the time of the process. `the rest` is what is left of the whole process: Python's
start, imports, the small files.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any
from unittest.mock import patch

REST = "the rest"
PHASES = {  #: in the order in which they begin: module and name of the function
    "read the config": ("riskengine.verbs.run", "load"),
    "lay it out": ("riskengine.verbs.run", "prepare"),
    "simulate": ("riskengine.play.simulate", "Plan.play"),
    "fan over time, its trials in a thread beside": ("riskengine.verbs.run", "_fan_steps"),
    "trials to Parquet, in a thread beside the next four": (
        "riskengine.store.results",
        "write_columns",
    ),
    "figures": ("riskengine.store.results", "summarise"),
    "fan over time": ("riskengine.play.fan", "supply_fan"),
    "stories": ("riskengine.replayed", "_stories"),
    "workbook": ("riskengine.verbs.run", "workbook"),
}


def main(arguments: list[str]) -> None:
    """Run a command and print its phases."""
    from riskengine.cli import root

    spent: dict[str, float] = {}
    with ExitStack() as patched:
        for phase, (module, name) in PHASES.items():
            patched.enter_context(_timed(phase, module, name, spent))
        root(arguments, standalone_mode=False)
    spent[REST] = time.process_time() - sum(spent.values())
    print(json.dumps(spent))


@contextmanager
def _timed(phase: str, module: str, name: str, spent: dict[str, float]) -> Iterator[None]:
    """Add the time of every call of a function to its phase."""
    owner, _, attribute = name.rpartition(".")
    holder: Any = import_module(module)
    holder = getattr(holder, owner) if owner else holder
    function: Callable[..., Any] = getattr(holder, attribute)
    clock = time.process_time if phase == "simulate" else time.thread_time

    def timed(*given: Any, **named: Any) -> Any:
        start = clock()
        try:
            return function(*given, **named)
        finally:
            spent[phase] = spent.get(phase, 0.0) + clock() - start

    with patch.object(holder, attribute, timed):
        yield


if __name__ == "__main__":
    main(sys.argv[1:])
