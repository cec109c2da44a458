"""Jobs handed out to the workers of a cluster, and their results taken in.

So many jobs are out at a time that no worker waits for one, and no more: results stay with the
workers until they are wanted, so that memory does not grow with the number of jobs. A job whose
worker is lost goes to another, and one whose worker is late goes to another as well: whichever
result comes first is taken, for they are the same.
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

LOOK_SECONDS = 1.0  #: without any result before it is asked which jobs are late
LATE = 2.0  #: how many times the usual time a job may take
FORGET_SECONDS = 5.0  #: for all workers to give up what is shared
FETCH_SECONDS = 10.0  #: for a result to come here from the worker that has it; then twice as many
SILENT_SECONDS = 300.0  #: without any result before it is asked whether anybody is there
TRIES = 3  #: of a job whose workers were lost
_JOBS_A_THREAD = 2  #: one that is played, one that waits
_RECENT = 99  #: jobs that the usual time is taken from


Task = Callable[..., Any]


class Job(NamedTuple):
    """Something that a worker is to do."""

    task: Task  #: called there with what is shared, then with `given`
    given: tuple[Any, ...]
    size: int  #: how much work it is, beside the other jobs
    name: str  #: as a message says it: "the workers that play ... are lost"


class Crew:
    """The workers of a cluster that has been found sound."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._shared: list[str] = []

    @property
    def threads(self) -> int:
        """How many jobs are played at a time, at least 1."""
        threads: int = sum(self.client.nthreads().values())
        return max(threads, 1)

    def share(self, value: Any) -> str:
        """Give every worker something that many jobs need, once; also those that come later.

        Returns
        -------
        str
            What it is called.

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
        """Take back what is shared; a worker that does not answer is not waited for."""
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
        """Have jobs done, and hand over each result.

        Parameters
        ----------
        shared : str
            What all of them need, as `share` called it.
        jobs : iterator of Job
            Asked for the next one when there is room for it.
        in_order : bool
            Hand over results in the order of the jobs, and not as they come.

        Yields
        ------
        tuple of Job and its result
            When the caller stops taking them, the workers stop playing.

        Raises
        ------
        RunFault
            When a job reports one, it loses its workers again and again, or the cluster is lost.
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
    """What Dask raises when the scheduler does not answer any more, in our words."""
    try:
        yield
    except OSError as lost:
        raise RunFault(f"the scheduler of the cluster is lost: {lost}") from lost
    except CancelledError as lost:  # which names a task by a number of Dask's
        raise RunFault("the scheduler of the cluster is lost") from lost


@dataclass(slots=True, eq=False)
class _Errand:
    """A job that is out."""

    job: Job
    number: int
    since: float
    tasks: list[Future[Any]] = field(default_factory=list)  #: more than one where workers are late
    ended: Future[Any] | None = None  #: the one of them whose result will be taken
    lost: int = 0  #: how many times its workers were
    tried: int = 0  #: how many times its result did not come in time


class _Round:
    """The jobs of one call, while they are out."""

    def __init__(self, crew: Crew, shared: str, jobs: Iterator[Job], *, in_order: bool) -> None:
        self._crew, self._client = crew, crew.client
        self._shared, self._jobs, self._in_order = shared, jobs, in_order
        self._out: deque[_Errand] = deque()  # until their results are taken; in order
        self._running: dict[Future[Any], _Errand] = {}
        self._heard: queue.SimpleQueue[Future[Any]] = queue.SimpleQueue()
        self._pace: deque[float] = deque(maxlen=_RECENT)  # seconds from out to ended, for size 1
        self._begun = 0
        self._last_heard = time.monotonic()

    def hand_out(self) -> bool:
        """Hand out as many jobs as there is room for; whether any result is still to come."""
        room = _JOBS_A_THREAD * self._crew.threads - len(self._out)
        for job in islice(self._jobs, max(room, 0)):
            errand = _Errand(job, self._begun, time.monotonic())
            self._begun += 1
            self._out.append(errand)
            self._submit(errand)
        return bool(self._out)

    def take(self) -> tuple[Job, Any]:
        """The next result, as soon as it is there."""
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
                errand.tried += 1  # it may be the network that is slow
                holders = self._client.who_has([errand.ended])
                if self._submit_to_others(errand, {w for them in holders.values() for w in them}):
                    errand.ended = None
            else:
                self._out.remove(errand)
                return errand.job, result

    def stop(self) -> None:
        """Take back what is out; tasks that have begun find out by `Recall`."""
        if self._running:
            self._client.cancel(list(self._running))

    def _ready(self) -> _Errand | None:
        """A job whose result may be taken now."""
        wanted = islice(self._out, 1 if self._in_order else None)
        return next((errand for errand in wanted if errand.ended is not None), None)

    def _listen(self) -> None:
        """Wait for a task to end, and see to late ones where none does."""
        try:
            task = self._heard.get(timeout=LOOK_SECONDS)
        except queue.Empty:
            self._look_around()
            return
        self._last_heard = time.monotonic()
        errand = self._running.pop(task)
        if errand.ended is None:  # or another worker was faster
            errand.ended = task
            self._pace.append((self._last_heard - errand.since) / errand.job.size)

    def _look_around(self) -> None:
        """Nothing has come for a while: hand out again what is late, if anybody is there."""
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
            # Longer each time, for it may be the job that is slow.
            and now - errand.since > LATE * usual * errand.job.size * len(errand.tasks)
        ]
        if late:
            playing = self._client.processing()
            for errand in late:
                self._submit_to_others(errand, _holders(errand, playing))

    def _submit_to_others(self, errand: _Errand, holders: set[str]) -> bool:
        """Hand out a job a second time, to workers that do not have it; whether that was possible.

        The first task is not taken back: while it counts as being played, its worker is not given
        more to do.
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
    """The workers that have a job; none while it waits at the scheduler for one to be free."""
    keys = {task.key for task in errand.tasks}
    return {worker for worker, theirs in playing.items() if not keys.isdisjoint(theirs)}


def _checked(expected: Mapping[str, str], task: Task, shared: str, *given: Any) -> Any:
    """On a worker: do a job, unless the worker came late and differs."""
    from riskengine.cluster.sharing import held

    check_same(expected, {"a worker that came later": software()})
    return task(held(shared), *given)


class Recall:
    """On a worker: whether the task of this thread has been taken back."""

    def __init__(self) -> None:
        from distributed import get_worker

        self._worker = get_worker()
        self._key = self._worker.get_current_task()

    def is_set(self) -> bool:
        """Whether nobody waits for the result any more."""
        task = self._worker.state.tasks.get(self._key)
        return task is None or task.state in ("cancelled", "released")
