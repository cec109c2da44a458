"""Jobs out, results in: bounded, in order, whoever is lost, late or taken back."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from riskengine.cluster import jobs as crews
from riskengine.cluster.jobs import Crew, Job, Recall, _checked
from riskengine.cluster.software import software
from riskengine.errors import RunFault, UsageFault

pytestmark = pytest.mark.processes

distributed = pytest.importorskip("distributed", reason="needs the extra cluster")
sharing = pytest.importorskip("riskengine.cluster.sharing")


class Task:
    """A task that ends when it is told to."""

    def __init__(self, key: str, work: Callable[[], Any]) -> None:
        self.key, self.work = key, work

    def add_done_callback(self, heard: Callable[[Task], None]) -> None:
        self.heard = heard

    def result(self, timeout: float) -> Any:
        return self.work()


class Workers:
    """A cluster without processes, and which worker ends a task next, by a letter each; dot: none.

    One ends whenever somebody asks who is there, which a crew does before it waits.
    """

    def __init__(self, names: str, ending: str) -> None:
        self.tasks: dict[str, deque[Task]] = {name: deque() for name in names}
        self.ending = deque(ending)
        self.most = 0  #: tasks that were there at a time
        self.handed_out: list[str] = []  #: number of the job and worker, in order
        self.taken_back: list[Task] = []
        self._keys, self._asked = count(), count()

    def nthreads(self) -> dict[str, int]:
        assert next(self._asked) < 2000  # or somebody waits for ever
        if self.ending and self.ending[0] == ".":
            self.ending.popleft()
        elif self.ending and self.tasks[self.ending[0]]:
            task = self.tasks[self.ending.popleft()].popleft()
            task.heard(task)
        return dict.fromkeys(self.tasks, 1)

    def processing(self) -> dict[str, tuple[str, ...]]:
        return {name: tuple(task.key for task in tasks) for name, tasks in self.tasks.items()}

    def who_has(self, tasks: list[Task]) -> dict[str, tuple[str, ...]]:
        return {task.key: ("a",) for task in tasks}

    def cancel(self, tasks: list[Task]) -> None:
        self.taken_back += tasks

    def submit(self, work: Callable[..., Any], *given: Any, **how: Any) -> Any:
        task = Task(f"task-{next(self._keys)}", lambda: work(*given))
        where = how.get("workers") or list(self.tasks)
        chosen = min(where, key=lambda name: len(self.tasks[name]))
        self.tasks[chosen].append(task)
        self.handed_out.append(f"{given[-1]}{chosen}")
        self.most = max(self.most, sum(map(len, self.tasks.values())))
        return task


def double(_: Any, number: int) -> int:
    return 2 * number


def results_of(
    workers: Workers, jobs: int, task: Callable[..., int] = double, *, in_order: bool = False
) -> list[int]:
    """The results of some jobs, numbered from 0, as they are handed over."""
    given = (Job(task, (number,), 1, f"job {number}") for number in range(jobs))
    results = Crew(workers).results("", given, in_order=in_order)  # type: ignore[arg-type]
    return [result for _, result in results]


@pytest.fixture(autouse=True)
def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A crew looks around at once, and finds nobody late."""
    monkeypatch.setattr(crews, "LOOK_SECONDS", 0.001)
    monkeypatch.setattr(crews, "LATE", float("inf"))
    monkeypatch.setattr(
        sharing, "held", str
    )  # for workers without processes; others have their own


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody who does not answer is late."""
    monkeypatch.setattr(crews, "LATE", 0.0)


def test_results_are_handed_over_as_they_come_or_in_the_order_of_the_jobs() -> None:
    # Jobs 0 and 2 are with a, 1 and 3 with b.
    assert results_of(Workers("ab", "baba"), 4) == [2, 0, 6, 4]
    assert results_of(Workers("ab", "bbaa"), 4, in_order=True) == [0, 2, 4, 6]


@pytest.mark.parametrize("in_order", [False, True])
def test_no_more_jobs_are_out_than_two_for_each_thread(*, in_order: bool) -> None:
    workers = Workers("ab", "ba" * 50)
    assert sorted(results_of(workers, 100, in_order=in_order)) == [2 * n for n in range(100)]
    assert workers.most == 4
    assert workers.taken_back == []


def test_while_the_first_result_is_missing_no_more_jobs_go_out() -> None:
    workers = Workers("ab", "bb")  # a never ends what it has, nor does b after two
    jobs, pulled = (Job(double, (number,), 1, "") for number in range(9)), []
    given = (pulled.append(job) or job for job in jobs)  # type: ignore[func-returns-value]
    results = Crew(workers).results("", given, in_order=True)  # type: ignore[arg-type]
    workers.cancel = lambda _: None  # type: ignore[method-assign, assignment]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crews, "SILENT_SECONDS", 0.0)
        patch.setattr(workers, "nthreads", _leaving(workers))
        with pytest.raises(RunFault, match="all workers"):
            next(results)
    assert len(pulled) == 4


def _leaving(workers: Workers) -> Callable[[], dict[str, int]]:
    """Workers that are gone once they have nothing more to end."""
    there = workers.nthreads
    return lambda: there() if workers.ending else {}


@pytest.mark.usefixtures("impatient")
def test_a_job_of_a_late_worker_goes_to_another_and_keeps_its_worker_busy() -> None:
    # What a has, jobs 0 and 2, never ends there; b ends its own, then both a second time.
    workers = Workers("ab", "bbbb")
    assert sorted(results_of(workers, 4)) == [0, 2, 4, 6]
    assert sorted(workers.handed_out[:4]) == ["0a", "1b", "2a", "3b"]
    assert sorted(workers.handed_out[4:]) == ["0b", "2b"]
    assert [task.key for task in workers.taken_back] == ["task-0", "task-2"]  # at the end only


@pytest.mark.usefixtures("impatient")
def test_a_late_worker_that_ends_after_all_is_not_counted_twice() -> None:
    workers = Workers("ab", "bb" + "baba" + "b" * 9)
    assert sorted(results_of(workers, 9)) == [2 * number for number in range(9)]


@pytest.mark.usefixtures("impatient")
def test_a_job_that_waits_for_a_worker_to_be_free_is_not_handed_out_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    workers = Workers("ab", "b.baa")
    monkeypatch.setattr(workers, "processing", dict)
    assert sorted(results_of(workers, 4)) == [0, 2, 4, 6]
    assert len(workers.handed_out) == 4


def test_a_result_that_does_not_come_here_is_made_by_another_worker() -> None:
    asked = []

    def answer(_: Any, number: int) -> int:
        asked.append(number)
        if asked == [0]:  # it lies with a, which does not answer
            raise TimeoutError
        return 2 * number

    workers = Workers("ab", "abb")
    assert sorted(results_of(workers, 2, answer)) == [0, 2]
    assert workers.handed_out == ["0a", "1b", "0b"]


@pytest.mark.parametrize("losses", [2, 3])
def test_a_job_that_loses_its_workers_is_handed_out_three_times(losses: int) -> None:
    left = [losses]

    def answer(_: Any, number: int) -> int:
        left[0] -= 1
        if left[0] >= 0:
            raise distributed.KilledWorker("task", "worker", 3)
        return number

    workers = Workers("a", "aaa")
    if losses == 2:
        assert results_of(workers, 1, answer) == [0]
    else:
        with pytest.raises(RunFault, match="play job 0 are lost each time"):
            results_of(workers, 1, answer)
    assert len(workers.handed_out) == 3


def test_a_cluster_without_any_worker_left_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crews, "SILENT_SECONDS", 0.0)
    workers = Workers("a", "")
    monkeypatch.setattr(workers, "nthreads", dict)
    with pytest.raises(RunFault, match="all workers"):
        results_of(workers, 1)
    assert len(workers.taken_back) == 1


def test_what_nobody_takes_any_more_is_taken_back() -> None:
    workers = Workers("ab", "b")
    jobs = (Job(double, (number,), 1, "") for number in range(9))
    results: Iterator[Any] = Crew(workers).results("", jobs)  # type: ignore[arg-type]
    assert next(results)[1] == 2
    results.close()  # type: ignore[attr-defined]
    assert [task.key for task in workers.taken_back] == ["task-0", "task-2", "task-3"]


def test_a_worker_that_comes_later_and_differs_plays_nothing() -> None:
    theirs = {**software(), "numba": "0.1"}
    with pytest.raises(UsageFault, match="came later: numba"):
        _checked(theirs, double, "", 1)


def wait_until_taken_back(_: Any, __: None) -> None:
    recall = Recall()
    while not recall.is_set():
        time.sleep(0.01)


def tasks_being_played(crew: Crew) -> int:
    counts = crew.client.run(lambda dask_worker: dask_worker.state.executing_count)
    return sum(counts.values())


def test_a_task_that_has_begun_finds_out_that_it_is_taken_back(crew: Crew) -> None:
    jobs = iter([Job(wait_until_taken_back, (None,), 1, ""), Job(double, (1,), 1, "")])
    results = crew.results(crew.share(None), jobs)
    assert next(results)[1] == 2
    while not tasks_being_played(crew):
        pass
    results.close()
    deadline = time.monotonic() + 900
    while tasks_being_played(crew):
        assert time.monotonic() < deadline


def test_nothing_is_left_with_the_workers_or_the_scheduler(crew: Crew) -> None:
    def kept(dask_scheduler: Any) -> int:
        return len(dask_scheduler.tasks)

    most = []
    jobs = (Job(double, (number,), 1, "") for number in range(40))
    for _ in crew.results(crew.share(None), jobs):
        most.append(crew.client.run_on_scheduler(kept))
    assert max(most) <= 6  # four that are out, one taken, one being forgotten
    deadline = time.monotonic() + 900
    while crew.client.run_on_scheduler(kept):
        assert time.monotonic() < deadline
