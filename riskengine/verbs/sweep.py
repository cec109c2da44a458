"""A sweep: config with `[sweep]` in, folder of tables out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from riskengine.config import load_sweep
from riskengine.play.simulate import prepare
from riskengine.store.folder import SWEEP_FORMAT
from riskengine.store.provenance import Stopwatch
from riskengine.sweeps.tables import SweepTables
from riskengine.verbs.executors import points_executor
from riskengine.verbs.progress import Watcher, counter
from riskengine.verbs.requests import SweepRequest
from riskengine.verbs.sweep_job import open_job, save_sweep, tables_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SweepResult:
    """The tables of a sweep."""

    tables: SweepTables
    folder: Path | None = None  #: where the files are; None when none were written


def run_sweep(request: SweepRequest, progress: Watcher | None = None) -> SweepResult:
    """Play every point of a sweep and write its tables, whole or not at all.

    Points that an interrupted call with the same request has finished are not played again.

    Parameters
    ----------
    request : SweepRequest
    progress : callable, optional
        Called with a `ProgressCount`, of points.

    Raises
    ------
    ConfigFault
        If the config or its sweep is not sound.
    UsageFault
        If a point does not fit into memory, what is kept is of another sweep, or something else
        stands in the place of the folder.
    RunFault
        If the base case cannot be played, or something cannot be written.
    KeyboardInterrupt
        On Ctrl-C, saying how many points are kept.
    """
    watch = Stopwatch.start()
    config = load_sweep(request.config, request.overrides)
    base = prepare(config.scenario, threads=request.threads)
    place = request.place
    with points_executor(request.cluster, base) as players, place.claim(SWEEP_FORMAT) as claimed:
        job = open_job(config, claimed, threads=request.threads, restart=request.restart)
        points = len(job.remaining)
        job.play(counter(progress, points, "points", base.trials * points), players)
        tables = tables_of(job)
        provenance = watch.stop(request.overrides, request.recorded(claimed.target))
        save_sweep(job, tables, claimed, provenance, excel_csv=request.excel_csv)
    return SweepResult(tables=tables, folder=place.folder)
