"""A sweep: from a config with `[sweep]` to a folder of tables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from riskengine.config import load_sweep
from riskengine.config.layers.assemble import Source
from riskengine.config.layers.origin import overrides_of
from riskengine.frames import rows_frame
from riskengine.model.notices import Notice
from riskengine.play.simulate import prepare
from riskengine.reports.html.parts import notebook_part
from riskengine.reports.sweep.tables import sweep_tables
from riskengine.store.folder import SWEEP_FORMAT
from riskengine.store.provenance import Stopwatch
from riskengine.sweeps.playing import PlayPoints
from riskengine.sweeps.tables import (
    NoiseRow,
    SensitivityRow,
    SweepRow,
    SweepTables,
    UncertaintyRow,
)
from riskengine.verbs.executors import points_executor
from riskengine.verbs.jobs.sweep_job import SweepJob, open_job, save_sweep, tables_of
from riskengine.verbs.places import Out, ResultsPlace
from riskengine.verbs.progress import Watcher, counter
from riskengine.verbs.requests import SweepRequest

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SweepResult:
    """The tables of a sweep, as data frames named like its files (`docs/sweep.md`)."""

    tables: SweepTables  #: the same results as rows
    folder: Path | None = None  #: where the files are; None if none were written

    @property
    def points(self) -> pd.DataFrame:
        """One row per point, the base case first: status, and the value at each path."""
        import pandas as pd

        tables = self.tables
        columns = ["point", "status", "message", *tables.paths]
        rows = [[row.point, row.status, row.message, *row.settings] for row in tables.points]
        return pd.DataFrame(rows, columns=columns)

    @property
    def sweep(self) -> pd.DataFrame:
        """One row per point and figure: its value, the difference from the base case, intervals."""
        return rows_frame(SweepRow, self.tables.figures)

    @property
    def sensitivity(self) -> pd.DataFrame:
        """One row per figure, parameter and index: how much the parameter moves the figure."""
        return rows_frame(SensitivityRow, self.tables.sensitivity)

    @property
    def uncertainty(self) -> pd.DataFrame:
        """One row per figure: its percentiles over the points of a sampled design."""
        return rows_frame(UncertaintyRow, self.tables.uncertainty)

    @property
    def noise(self) -> pd.DataFrame:
        """One row per figure of a sampled design: how much of its spread is noise of the trials."""
        return rows_frame(NoiseRow, self.tables.noise)

    @property
    def notices(self) -> list[Notice]:
        """What to know before using the figures."""
        return list(self.tables.notices)

    def __repr__(self) -> str:
        tables = self.tables
        return (
            f"<SweepResult of {tables.title!r}: {len(tables.points) - 1:,} points "
            f"({tables.method}), {tables.trials:,} trials each>"
        )

    def _repr_html_(self) -> str:
        return notebook_part(self.tables.title, sweep_tables(self.tables), self.notices)


def sweep(
    config: Source,
    *,
    trials: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    restart: bool = False,
    out: Out | None = None,
    excel_csv: bool = False,
    progress: Watcher | None = None,
) -> SweepResult:
    """Run many versions of a scenario, and see which assumption drives the answer.

    Parameters
    ----------
    config : path, dict or Scenario
        A config with a table `[sweep]`: which values to vary, over what, and how. For a scenario
        from `riskengine.load`, its config is read again, with the values that changed it.
    trials, seed : int, optional
        Values for every point, in place of those of the config.
    threads : int, optional
        How many points to run at a time; as many as processors if left out. No figure depends on
        it.
    restart : bool
        Discard the points that an interrupted call with the same `out` has finished.
    out : path, optional
        Folder for the tables, the workbook and the page. Without it nothing is written, and the
        points of an interrupted call are lost.
    excel_csv : bool
        Write CSV with byte-order mark and CRLF, so that a double click opens it in Excel.
    progress : callable, optional
        Called with a `ProgressCount`: `done` of `total` points.

    Returns
    -------
    SweepResult

    Raises
    ------
    ConfigFault
        If the config or its sweep is not valid; it holds every fault.
    UsageFault
        If a point does not fit into memory, the kept points belong to another sweep, or something
        else is at the path of the folder.
    RunFault
        If the base case cannot be computed, or something cannot be written.

    Examples
    --------
    >>> import riskengine
    >>> days = "materials.ndfeb-magnets.stocks.private.days"
    >>> config = {"extends": "configs/minimal.toml",
    ...           "sweep": {"method": "grid", "parameters": {days: [20, 90]}}}
    >>> result = riskengine.sweep(config, trials=500)
    >>> result.points[["status", days]].values.tolist()
    [['done', 39], ['done', 20], ['done', 90]]
    >>> result.sweep["point"].unique().tolist()
    [0, 1, 2]
    """
    given = (("run.trials", trials), ("run.seed", seed))
    request = SweepRequest(
        config=config,
        overrides=tuple(f"{path}={value}" for path, value in given if value is not None),
        out=out,
        threads=threads,
        restart=restart,
        excel_csv=excel_csv,
    )
    return run_sweep(request, progress)


def run_sweep(request: SweepRequest, progress: Watcher | None = None) -> SweepResult:
    """Run every point of a sweep; if a folder is named, write all tables to it or none.

    Points that an interrupted call with the same request has finished are not run again.

    Parameters
    ----------
    request : SweepRequest
    progress : callable, optional
        Called with a `ProgressCount` of points.

    Raises
    ------
    ConfigFault, UsageFault, RunFault
        As for `sweep`.
    KeyboardInterrupt
        On Ctrl-C; it says how many points are kept.
    """
    watch = Stopwatch.start()
    config = load_sweep(request.config, request.overrides)
    base = prepare(config.scenario, threads=request.threads)
    with points_executor(request.cluster, base) as executor:
        if request.out is None:
            job = open_job(config, None, threads=request.threads)
            return SweepResult(tables=_played(job, executor, progress))
        place = ResultsPlace.of(request.out)
        with place.claim(SWEEP_FORMAT) as claimed:
            job = open_job(config, claimed, threads=request.threads, restart=request.restart)
            tables = _played(job, executor, progress)
            recorded = request.recorded(claimed.target)
            provenance = watch.stop(overrides_of(config.scenario), recorded)
            save_sweep(job, tables, claimed, provenance, excel_csv=request.excel_csv)
    return SweepResult(tables=tables, folder=place.folder)


def _played(job: SweepJob, executor: PlayPoints | None, progress: Watcher | None) -> SweepTables:
    points = len(job.remaining)
    job.play(counter(progress, points, "points", job.plan.trials * points), executor)
    return tables_of(job)
