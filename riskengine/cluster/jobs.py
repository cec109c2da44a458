"""Sends jobs to the workers of a cluster and collects their results.

Just enough jobs are out at a time that no worker is idle. Results stay with the workers until they
are needed, so that memory does not grow with the number of jobs. A job whose worker is lost or late
is sent to another worker, too. The first result is taken, since all results of a job are the same.
"""

from __future__ import annotations

import queue
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from riskengine.cluster.software import check_same, software
from riskengine.errors import RunFault

if TYPE_CHECKING:
    from distributed import Client, Future

LOOK_SECONDS = 1.0  #: without any result before looking for late jobs
LATE = 2.0  #: a job is late after this multiple of the usual time
FORGET_SECONDS = 5.0  #: for all workers to drop shared values
FETCH_SECONDS = 10.0  #: to fetch a result from its worker; doubles with each attempt
SILENT_SECONDS = 300.0  #: without any result before checking that workers exist
TRIES = 3  #: for a job whose workers are lost
_JOBS_A_THREAD = 2  #: one runs, one waits
_RECENT = 99  #: jobs from which the usual time is taken


Task = Callable[..., Any]


class Job(NamedTuple):
    """A piece of work for a worker."""

    task: Task  #: called on the worker with the shared value, then with `given`
    given: tuple[Any, ...]
    size: int  #: amount of work, relative to the other jobs
    name: str  #: as in the message "the workers that play ... are lost"


class Crew:
    """The workers of a cluster that passed all checks."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._shared: list[str] = []

    @property
    def threads(self) -> int:
        """How many jobs run at a time, at least 1."""
        threads: int = sum(self.client.nthreads().values())
        return max(threads, 1)

    def share(self, value: Any) -> str:
        """Send a value that many jobs need to every worker, once; also to workers that join later.

        Returns
        -------
        str
            The name under which it is shared.

        Raises
        ------
        RunFault
            When the cluster is lost.
        """
        from riskengine.cluster.sharing import Shared

        name = f"riskengine-{uuid4().hex}"
        with _loss_told():
            self.client.register_plugin(Shared(value), name=name)
        self._shared.append(name)
        return name

    def forget(self) -> None:
        """Remove shared values from the workers; do not wait for a worker that does not answer."""
        for name in self._shared:
            with suppress(OSError, CancelledError):
                self.client.sync(
                    self.client._unregister_worker_plugin,
                    name=name,
                    callback_timeout=FORGET_SECONDS,
                )

    def results(
        self, shared: str, jobs: Iterator[Job], *, in_order: bool = False
    ) -> Generator[tuple[Job, Any], None, None]:
        """Run jobs on the workers and yield each result.

        Parameters
        ----------
        shared : str
            Name of the value that all jobs need, as returned by `share`.
        jobs : iterator of Job
            The next job is taken when there is room for it.
        in_order : bool
            Yield results in the order of the jobs, not as they arrive.

        Yields
        ------
        tuple of Job and its result
            When the caller stops iterating, the workers stop playing.

        Raises
        ------
        RunFault
            When a job raises one, when a job loses its workers repeatedly, or when the cluster is
            lost.
        """
        out = _Round(self, shared, jobs, in_order=in_order)
        try:
            with _loss_told():
                while out.hand_out():
                    yield out.take()
        finally:
            out.stop()


@contextmanager
def _loss_told() -> Iterator[None]:
    """Turn what Dask raises when the scheduler no longer answers into a RunFault."""
    try:
        yield
    except OSError as lost:
        raise RunFault(f"the scheduler of the cluster is lost: {lost}") from lost
    except CancelledError as lost:  # its text holds only Dask's key of a task
        raise RunFault("the scheduler of the cluster is lost") from lost


@dataclass(slots=True, eq=False)
class _Errand:
    """A job that was sent out."""

    job: Job
    number: int
    since: float
    tasks: list[Future[Any]] = field(default_factory=list)  #: more than one if sent again
    ended: Future[Any] | None = None  #: the task whose result will be taken
    lost: int = 0  #: how many times its workers were lost
    tried: int = 0  #: how many times its result did not come in time


class _Round:
    """The jobs of one call of `Crew.results`, until their results are taken."""

    def __init__(self, crew: Crew, shared: str, jobs: Iterator[Job], *, in_order: bool) -> None:
        self._crew, self._client = crew, crew.client
        self._shared, self._jobs, self._in_order = shared, jobs, in_order
        self._out: deque[_Errand] = deque()  # in order, until their results are taken
        self._running: dict[Future[Any], _Errand] = {}
        self._heard: queue.SimpleQueue[Future[Any]] = queue.SimpleQueue()
        self._pace: deque[float] = deque(maxlen=_RECENT)  # seconds per unit of size
        self._begun = 0
        self._last_heard = time.monotonic()

    def hand_out(self) -> bool:
        """Send out as many jobs as there is room for; return whether any result is outstanding."""
        room = _JOBS_A_THREAD * self._crew.threads - len(self._out)
        for job in islice(self._jobs, max(room, 0)):
            errand = _Errand(job, self._begun, time.monotonic())
            self._begun += 1
            self._out.append(errand)
            self._submit(errand)
        return bool(self._out)

    def take(self) -> tuple[Job, Any]:
        """Wait for the next result and return it."""
        from distributed import KilledWorker

        while True:
            errand = self._ready()
            if errand is None or errand.ended is None:
                self._listen()
                continue
            try:
                result = errand.ended.result(timeout=FETCH_SECONDS * 2**errand.tried)
            except KilledWorker:
                self._submit_again(errand)
            except TimeoutError:
                errand.tried += 1  # the network may be slow: wait longer next time
                holders = self._client.who_has([errand.ended])
                if self._submit_to_others(errand, {w for them in holders.values() for w in them}):
                    errand.ended = None
            else:
                self._out.remove(errand)
                return errand.job, result

    def stop(self) -> None:
        """Cancel all outstanding tasks; running tasks notice through `Recall`."""
        if self._running:
            self._client.cancel(list(self._running))

    def _ready(self) -> _Errand | None:
        """A job whose result can be taken now."""
        wanted = islice(self._out, 1 if self._in_order else None)
        return next((errand for errand in wanted if errand.ended is not None), None)

    def _listen(self) -> None:
        """Wait for a task to end; if none does, look for late ones."""
        try:
            task = self._heard.get(timeout=LOOK_SECONDS)
        except queue.Empty:
            self._look_around()
            return
        self._last_heard = time.monotonic()
        errand = self._running.pop(task)
        if errand.ended is None:  # else another worker was faster
            errand.ended = task
            self._pace.append((self._last_heard - errand.since) / errand.job.size)

    def _look_around(self) -> None:
        """After a while without results: send late jobs again, or give up if no worker is left."""
        now = time.monotonic()
        if not self._client.nthreads() and now > self._last_heard + SILENT_SECONDS:
            raise RunFault("all workers of the cluster are gone")
        if not self._pace:
            return
        usual = median(self._pace)
        late = [
            errand
            for errand in self._out
            if errand.ended is None
            # Wait longer each time, since the job itself may be slow.
            and now - errand.since > LATE * usual * errand.job.size * len(errand.tasks)
        ]
        if late:
            playing = self._client.processing()
            for errand in late:
                self._submit_to_others(errand, _holders(errand, playing))

    def _submit_to_others(self, errand: _Errand, holders: set[str]) -> bool:
        """Send a job again, to workers that do not have it; return whether that was possible.

        The first task is not cancelled: while it counts as running, its worker gets no further
        tasks.
        """
        others = [worker for worker in self._client.nthreads() if worker not in holders]
        if not (holders and others):
            return False
        self._submit(errand, workers=others)
        return True

    def _submit_again(self, errand: _Errand) -> None:
        errand.lost += 1
        if errand.lost == TRIES:
            raise RunFault(
                f"the workers that play {errand.job.name} are lost each time: memory may be short"
            ) from None
        errand.ended, errand.since = None, time.monotonic()
        self._submit(errand)

    def _submit(self, errand: _Errand, **where: Any) -> None:
        job = errand.job
        task = self._client.submit(
            _checked,
            software(),
            job.task,
            self._shared,
            *job.given,
            pure=False,
            priority=-errand.number,
            **where,
        )
        errand.tasks.append(task)
        self._running[task] = errand
        task.add_done_callback(self._heard.put)


def _holders(errand: _Errand, playing: Mapping[str, Any]) -> set[str]:
    """The workers that have a job; empty while it waits at the scheduler for a free worker."""
    keys = {task.key for task in errand.tasks}
    return {worker for worker, theirs in playing.items() if not keys.isdisjoint(theirs)}


def _checked(expected: Mapping[str, str], task: Task, shared: str, *given: Any) -> Any:
    """On a worker: run a job, unless the worker joined late and its software differs."""
    from riskengine.cluster.sharing import held

    check_same(expected, {"a worker that came later": software()})
    return task(held(shared), *given)


class Recall:
    """On a worker: tells whether the task of this thread was cancelled."""

    def __init__(self) -> None:
        from distributed import get_worker

        self._worker = get_worker()
        self._key = self._worker.get_current_task()

    def is_set(self) -> bool:
        """Whether the result is no longer needed."""
        task = self._worker.state.tasks.get(self._key)
        return task is None or task.state in ("cancelled", "released")
