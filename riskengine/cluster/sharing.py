"""What many jobs need, on each worker: only loaded where Dask is.

A plugin of the worker: it is sent to each worker once, and to one that comes later when it comes.
What a task has made would have to be fetched from the worker that made it, which may be the one
that does not answer.
"""

from __future__ import annotations

from typing import Any

from distributed import WorkerPlugin, get_worker


class Shared(WorkerPlugin):
    """Keeps a value on a worker."""

    def __init__(self, value: Any) -> None:
        self.value = value


def held(name: str) -> Any:
    """On a worker: the value that is shared under a name."""
    plugin: Any = get_worker().plugins[name]
    return plugin.value
