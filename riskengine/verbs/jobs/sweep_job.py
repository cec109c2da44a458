"""The steps of a sweep: lay it out, simulate point by point, make tables, write them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from riskengine.config import SweptConfig
from riskengine.errors import ConfigFault, format_path
from riskengine.language.speaking import speaking
from riskengine.measures.paired import Trials
from riskengine.model.notices import Notice
from riskengine.model.scenario import Scenario
from riskengine.play.simulate import Plan, available_processors, prepare
from riskengine.store.folder import Claim
from riskengine.store.provenance import Provenance, machine, versions
from riskengine.store.results import bytes_writer
from riskengine.store.sweeps import (
    SWEEP_PAGE,
    SWEEP_WORKBOOK,
    SweepWork,
    notice_records,
    table_files,
)
from riskengine.store.work import identity_of, write_tables
from riskengine.sweeps.designs import Design, design
from riskengine.sweeps.figures import Head, Kept, heads_of, subjects_of
from riskengine.sweeps.indices import sensitivity
from riskengine.sweeps.noise import parts_of
from riskengine.sweeps.noisy import noise_notices, noise_rows
from riskengine.sweeps.played import FAILED, Played
from riskengine.sweeps.playing import (
    Game,
    PlayPoints,
    base_series,
    play_points,
    players_that_fit,
    succeeded,
)
from riskengine.sweeps.series import series_of
from riskengine.sweeps.tables import PointRow, SweepTables
from riskengine.sweeps.uncertainty import uncertainty, uncertainty_notices

FORMAT_VERSION = 1
_LIBRARIES = ("salib",)  #: behind the points or their indices, besides the libraries of a run
_MOST_NAMED = 5  #: failed points named in a notice; the table of points has all

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SweepJob:
    """A sweep that is ready to start or to continue."""

    config: SweptConfig
    design: Design
    plan: Plan  #: of the base case
    threads: int  #: number of points that this process runs at a time
    work: SweepWork | None  #: where finished points are kept; None if they are not
    finished: dict[int, Played]  #: by point number; filled by `play`

    @property
    def size(self) -> int:
        """The number of points, including the base case."""
        return len(self.design.points) + 1

    @property
    def remaining(self) -> list[int]:
        """Numbers of the points that remain to be simulated."""
        return [number for number in range(self.size) if number not in self.finished]

    def play(self, progress: Progress | None = None, players: PlayPoints | None = None) -> None:
        """Simulate the remaining points; each one is kept on disk as soon as it is finished.

        Parameters
        ----------
        progress : callable, optional
            Called with the number of points that this call has finished so far.
        players : callable, optional
            Executor of the points; threads of this process if left out.

        Raises
        ------
        KeyboardInterrupt
            On Ctrl-C; it says how many points are kept.
        RunFault
            If the base case cannot be computed, or a point cannot be kept.
        """
        before = len(self.finished)
        players = players or partial(play_points, players=self.threads)
        try:
            with closing(self._played(players)) as stream:  # closed at once: no thread goes on
                for played in stream:
                    if self.work is not None:
                        self.work.keep(played)
                    self.finished[played.point] = played
                    if progress is not None:
                        progress(len(self.finished) - before)
        except KeyboardInterrupt:
            if self.work is None:
                raise
            raise KeyboardInterrupt(
                f"{self.work.count():,} of {self.size:,} points are finished and kept; the same "
                "command goes on from there."
            ) from None

    def _played(self, players: PlayPoints) -> Generator[Played, None, None]:
        points = self.remaining
        if not points:
            return
        game = Game(
            seed=self.plan.seed,
            trials=self.plan.trials,
            money=self.config.scenario.run.money,
            levels=self.config.scenario.run.levels,
            base=self._base(),
        )
        if points[0] == 0:
            yield succeeded(0, game, game.base)
            points = points[1:]
        yield from players(game, self._scenario, points)

    def _scenario(self, point: int) -> Scenario:
        return self.config.at(self.design.points[point - 1])

    def _base(self) -> Kept:
        """The series of the base case, from kept points or simulated."""
        scenario = self.config.scenario
        subjects = subjects_of(scenario)
        if self.work is None:
            return base_series(scenario, self.plan.seed, self.plan.trials)
        kept = self.work.base_losses(len(subjects), self.plan.trials)
        if kept is not None:
            return {subject: Trials(values) for subject, values in zip(subjects, kept, strict=True)}
        base = base_series(scenario, self.plan.seed, self.plan.trials)
        self.work.keep_base(np.array([base[subject].values for subject in subjects]))
        return base


def open_job(
    config: SweptConfig,
    claimed: Claim | None,
    *,
    threads: int | None = None,
    restart: bool = False,
) -> SweepJob:
    """Lay out a sweep, and find the points that an earlier process has finished.

    Parameters
    ----------
    config : SweptConfig
    claimed : Claim or None
        The folder for the tables; None: points are kept in memory only.
    threads : int, optional
        Defaults to the number of processors this process may use; no figure depends on it.
    restart : bool
        Discard finished points.

    Raises
    ------
    UsageFault
        If a point does not fit into memory, or the kept points belong to another sweep.
    RunFault
        If nothing can be written.
    """
    plan = prepare(config.scenario, threads=threads)
    points = design(config.sweep)
    work, finished = None, {}
    if claimed is not None:
        work = SweepWork(claimed)
        identity = identity_of(
            {key: value for key, value in config.scenario.document.items() if key != "sweep"},
            config.files,
            plan.trials,
            plan.seed,
            _LIBRARIES,
            {"the sweep": (points.method, points.names, points.paths, points.points)},
        )
        work.begin(identity, restart=restart)
        parts, are_of = parts_of(plan.trials), _FiguresOf(config, points)
        finished = work.finished(len(points.points), parts, are_of)
    return SweepJob(
        config=config,
        design=points,
        plan=plan,
        threads=players_that_fit(plan, threads or available_processors()),
        work=work,
        finished=finished,
    )


class _FiguresOf:
    """Checks that figures belong to a point; `store.sweeps` asks before it uses kept points."""

    def __init__(self, config: SweptConfig, points: Design):
        self._config, self._points = config, points
        self._base = heads_of(config.scenario)

    def __call__(self, number: int, heads: Sequence[Head]) -> bool:
        if heads == self._base:
            return True
        # Points may have other industries or materials: some read other tables than the base case.
        try:
            return number > 0 and heads == heads_of(
                self._config.at(self._points.points[number - 1])
            )
        except ConfigFault:
            return False


def tables_of(job: SweepJob) -> SweepTables:
    """All tables of a finished sweep; they do not depend on how it was executed."""
    config, points = job.config, job.design
    scenario = config.scenario
    as_in_base = (None,) * len(points.paths)
    rows = tuple(
        PointRow(
            point=number,
            status=job.finished[number].status,
            message=job.finished[number].message,
            settings=config.shown(settings),
        )
        for number, settings in enumerate([as_in_base, *points.points])
    )
    played = [job.finished[number] for number in range(len(rows))]
    figures = tuple(row for each in played for row in each.figures)
    errors = np.array([row for each in played for row in each.errors])
    series = series_of(figures, len(rows), errors)
    noise = noise_rows(points, series)
    found = sensitivity(points, rows, series)
    return SweepTables(
        title=scenario.run.title,
        config=scenario.files[0][0] if scenario.files else scenario.stem,
        money=scenario.run.money,
        method=points.method,
        trials=job.plan.trials,
        seed=job.plan.seed,
        parameters=points.names,
        paths=tuple(map(format_path, points.paths)),
        points=rows,
        figures=figures,
        sensitivity=tuple(found.rows),
        uncertainty=tuple(uncertainty(points, series)),
        noise=tuple(noise),
        notices=(
            *_failures(rows),
            *noise_notices(noise, job.plan.trials),
            *found.notices,
            *uncertainty_notices(points, rows),
        ),
    )


def save_sweep(
    job: SweepJob,
    tables: SweepTables,
    claimed: Claim,
    provenance: Provenance,
    *,
    excel_csv: bool = False,
) -> None:
    """Write the folder of a sweep, completely or not at all; then remove the kept points.

    Raises
    ------
    RunFault
        If it cannot be written; what was there before and the kept points stay intact.
    """
    from riskengine.reports.sweep.page import sweep_page
    from riskengine.reports.sweep.workbook import sweep_workbook

    writers = table_files(tables, excel_csv=excel_csv)
    with speaking(job.config.scenario.run.language):
        page = sweep_page(tables).encode(errors="backslashreplace")
        writers |= {
            SWEEP_WORKBOOK: bytes_writer(sweep_workbook(tables)),
            SWEEP_PAGE: bytes_writer(page),
        }
    write_tables(claimed, writers, _about(job, tables, provenance))
    if job.work is not None:
        job.work.remove()


def _failures(rows: tuple[PointRow, ...]) -> Iterator[Notice]:
    failed = [row for row in rows if row.status == FAILED]
    if not failed:
        return
    named = "; ".join(f"point {row.point}: {row.message}" for row in failed[:_MOST_NAMED])
    more = len(failed) - _MOST_NAMED
    yield Notice(
        code="failed-points",
        message=f"{len(failed):,} of {len(rows) - 1:,} points failed ({named}"
        + (f"; and {more:,} more" if more > 0 else "")
        + "). They have no figures; points.csv has them all.",
    )


def _about(job: SweepJob, tables: SweepTables, provenance: Provenance) -> Mapping[str, Any]:
    """The contents of the manifest besides the files."""
    scenario, sweep = job.config.scenario, job.config.sweep
    return {
        "format_version": FORMAT_VERSION,
        "title": tables.title,
        "started": provenance.started,
        "seconds": provenance.seconds,
        "versions": versions(*_LIBRARIES),
        "platform": machine(),
        "method": sweep.method,
        "samples": sweep.samples,
        "points_seed": sweep.seed,
        "points": len(tables.points) - 1,
        "failed": sum(row.status == FAILED for row in tables.points),
        "parameters": list(tables.parameters),
        "seed": tables.seed,
        "trials": tables.trials,
        "horizon_days": scenario.run.horizon_days,
        "money": tables.money,
        "config_files": [{"name": name, "sha256": sha} for name, sha in job.config.files],
        "overrides": list(provenance.overrides),
        "options": dict(provenance.options),
        "notices": notice_records(tables),
        "config": scenario.document,
    }
