"""A run: from a config to a results folder, with all trials in memory or block by block."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from riskengine.config import load
from riskengine.figures.summary import Summary
from riskengine.figures.sums import SumEvidence
from riskengine.model.losses import Losses
from riskengine.model.scenario import Scenario
from riskengine.play.simulate import Plan, prepare
from riskengine.replayed import replayed_files
from riskengine.store.folder import WORKBOOK
from riskengine.store.provenance import Stopwatch
from riskengine.store.results import StoredResults, write_results
from riskengine.verbs.executors import rows_executor, rows_in_memory, stream_executor
from riskengine.verbs.jobs.streamed_run import StreamedRun, aimed, is_streamed
from riskengine.verbs.places import ResultsPlace
from riskengine.verbs.progress import Watcher, counter
from riskengine.verbs.requests import RunRequest

if TYPE_CHECKING:
    from riskengine.play.fan import FanSteps


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FinishedRun:
    """A run whose results folder is written."""

    losses: Losses | SumEvidence  #: its rows, or the sums over them
    summary: Summary
    folder: Path
    target: str = ""  #: whether the target error was reached; empty if there was none


def run(request: RunRequest, progress: Watcher | None = None) -> FinishedRun:
    """Run a scenario and write its results folder, completely or not at all.

    Parameters
    ----------
    request : RunRequest
    progress : callable, optional
        Called with a `ProgressCount` of trials.

    Raises
    ------
    ConfigFault
        If the config is not valid.
    UsageFault
        If the request makes no sense, or something else is at the path of the folder.
    RunFault
        If a trial cannot be computed or the folder cannot be written; what was there stays intact.
    """
    watch = Stopwatch.start()
    scenario = load(request.config, overrides=request.overrides)
    return run_scenario(scenario, request, watch, progress)


def run_scenario(
    scenario: Scenario, request: RunRequest, watch: Stopwatch, progress: Watcher | None = None
) -> FinishedRun:
    """Run a scenario that was loaded as the request says; otherwise like `run`.

    Parameters
    ----------
    scenario : Scenario
    request : RunRequest
    watch : Stopwatch
        Started when the work on this run began.
    progress : callable, optional
        Called with a `ProgressCount` of trials.

    Raises
    ------
    UsageFault, RunFault
        As for `run`.
    """
    request = aimed(request, scenario.run.levels)
    streams = is_streamed(request, scenario.run)
    plan = prepare(
        scenario,
        first_trial=request.first_trial,
        threads=request.threads,
        rows_at_once=rows_in_memory(request.cluster, request.threads) if streams else None,
    )
    play = _streamed if streams else _in_memory
    return play(request, plan, watch, progress)


def _streamed(
    request: RunRequest, plan: Plan, watch: Stopwatch, progress: Watcher | None
) -> FinishedRun:
    place = ResultsPlace.of(request.out)
    with stream_executor(request.cluster, plan) as stream, place.claim() as claimed:
        streamed = StreamedRun(request, plan, stream, watch, counter(progress, plan.trials))
        evidence, summary = streamed.write(claimed)
    target = streamed.reached(evidence)
    return FinishedRun(losses=evidence, summary=summary, folder=place.folder, target=target)


def _in_memory(
    request: RunRequest, plan: Plan, watch: Stopwatch, progress: Watcher | None
) -> FinishedRun:
    """Simulate all trials, then write them."""
    place = ResultsPlace.of(request.out)
    with (
        rows_executor(request.cluster, plan) as play,
        place.claim() as claimed,
        _meanwhile(plan) as steps,
    ):
        losses = play(counter(progress, plan.trials))
        summary = write_results(
            claimed,
            losses,
            watch.stop(request.overrides, request.recorded(claimed.target)),
            excel_csv=request.excel_csv,
            further=partial(
                replayed_files,
                excel_csv=request.excel_csv,
                model=plan.model,
                steps=steps.result,
            ),
            derived={WORKBOOK: workbook},
        )
    return FinishedRun(losses=losses, summary=summary, folder=place.folder)


@contextmanager
def _meanwhile(plan: Plan) -> Iterator[Future[FanSteps]]:
    """Play the fan's trials and load what writes files while the trials are played.

    Kernels do not need the interpreter, so that this takes the clock time of neither.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="meanwhile") as beside:
        beside.submit(_load_writers)
        yield beside.submit(_fan_steps, plan)


def _load_writers() -> None:
    import pyarrow.parquet  # noqa: F401

    import riskengine.reports.run.workbook  # noqa: F401


def _fan_steps(plan: Plan) -> FanSteps:
    from riskengine.play.fan import fan_steps

    return fan_steps(plan.model, plan.first_trial, plan.trials)


def workbook(results: StoredResults) -> bytes:
    """The bytes of the workbook of a run; what makes it is loaded only here."""
    from riskengine.reports.run import workbook as sheets

    return sheets.workbook(results)
