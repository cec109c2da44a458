"""Values that many jobs need, kept on each worker; this module is imported only if Dask is used.

A value is a plugin of the worker: Dask sends it to each worker once, and to later workers when they
join. The alternative, the result of a task, would have to be fetched from the worker that made it,
and that worker may not answer.
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
