"""A batch: from many configs to a folder with a results folder each, and tables of all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskengine.batches.batch import ScenarioBatch
from riskengine.batches.loading import LoadedMember, load_members
from riskengine.batches.mixture import mixture_of
from riskengine.batches.names import BATCH_PAGE, BATCH_WORKBOOK
from riskengine.batches.outcome import BatchOutcome, BatchRow
from riskengine.batches.reading import read_batch
from riskengine.batches.tables import (
    ChangeRow,
    ComparisonRow,
    ScenarioRow,
    change_rows,
    comparison_rows,
    previous_rows,
    scenario_rows,
)
from riskengine.errors import ConfigFault, RunFault, UsageFault
from riskengine.figures.summary import Summary
from riskengine.frames import rows_frame
from riskengine.language.speaking import say, speaking
from riskengine.model.notices import Notice
from riskengine.model.scenario import Scenario
from riskengine.model.spelling import Speller
from riskengine.reports.batch.page import batch_page
from riskengine.reports.batch.workbook import batch_workbook
from riskengine.store.batches import (
    BatchWork,
    StoredBatch,
    batch_facts,
    batch_tables,
    earlier_batch,
    write_batch,
)
from riskengine.store.folder import BATCH_FORMAT
from riskengine.store.provenance import Stopwatch
from riskengine.store.results import bytes_writer
from riskengine.store.streams import Writer
from riskengine.verbs.jobs.batch_beside import beside_previous, beside_reference, open_previous
from riskengine.verbs.jobs.batch_job import BatchJob
from riskengine.verbs.places import ResultsPlace
from riskengine.verbs.progress import Watcher
from riskengine.verbs.requests import BatchRequest, RunRequest
from riskengine.verbs.run import run_scenario

if TYPE_CHECKING:
    import pandas as pd

_Path = str | os.PathLike[str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class BatchResult:
    """The figures of many scenarios, as data frames named like the files of a batch."""

    outcome: BatchOutcome  #: the same results as rows
    folder: Path | None = None  #: where the files are; None if none were written

    @property
    def batch(self) -> pd.DataFrame:
        """One row per scenario and figure: the columns of `metrics.csv` after the scenario."""
        return rows_frame(BatchRow, self.outcome.rows)

    @property
    def scenarios(self) -> pd.DataFrame:
        """One row per scenario: whether it was played, kept or failed, and why it failed."""
        return rows_frame(ScenarioRow, scenario_rows(self.outcome))

    @property
    def reference(self) -> pd.DataFrame:
        """One row per scenario and figure: the difference from the reference."""
        return rows_frame(ComparisonRow, comparison_rows(self.outcome.against_reference))

    @property
    def previous(self) -> pd.DataFrame:
        """One row per scenario and figure: the difference from the previous batch."""
        previous = self.outcome.previous
        return rows_frame(ComparisonRow, previous_rows(previous) if previous else [])

    @property
    def changes(self) -> pd.DataFrame:
        """One row per config value that differs from the previous batch."""
        previous = self.outcome.previous
        return rows_frame(ChangeRow, change_rows(previous) if previous else [])

    @property
    def notices(self) -> list[Notice]:
        """What to know before using the figures."""
        previous = self.outcome.previous
        return [*self.outcome.notices, *(previous.notices if previous else ())]

    def __repr__(self) -> str:
        outcome = self.outcome
        failed = f", {len(outcome.failed)} of them failed" if outcome.failed else ""
        return f"<BatchResult of {outcome.title!r}: {len(outcome.scenarios)} scenarios{failed}>"


def batch(
    source: _Path | Sequence[_Path],
    *,
    trials: int | None = None,
    seed: int | None = None,
    previous: _Path | None = None,
    threads: int | None = None,
    restart: bool = False,
    out: _Path | None = None,
    progress: Watcher | None = None,
) -> BatchResult:
    """Run many scenarios in one go, and lay their figures side by side.

    A scenario that cannot be read or played does not keep the others from it: it has a row that
    says why, and no figures.

    Parameters
    ----------
    source : path, or sequence of paths
        A batch file, which names scenarios and what they change; a folder, of which every config is
        run; or configs.
    trials, seed : int, optional
        Values for every scenario, in place of those of the configs.
    previous : path, optional
        The folder of an earlier batch to compare with, in place of that of the batch file.
    threads : int, optional
        How many processors to use; all if left out. No figure depends on it.
    restart : bool
        Run every scenario, whatever an interrupted or earlier batch with the same `out` has kept.
    out : path, optional
        Folder for the tables, the reports and a results folder per scenario. Without it nothing
        stays on the disk.
    progress : callable, optional
        Called with a `ProgressCount`: `done` of `total` trials of all scenarios.

    Returns
    -------
    BatchResult

    Raises
    ------
    ConfigFault
        If the batch file is not valid, scenarios have different money, or those of a mixture have
        different horizons.
    UsageFault
        If there is nothing to run, or something else is at the path of the folder.
    RunFault
        If no scenario can be run, or something cannot be written; what was there stays intact.

    Examples
    --------
    >>> import riskengine
    >>> found = riskengine.batch(["configs/minimal.toml"], trials=500)
    >>> found.scenarios[["scenario", "status", "trials"]].values.tolist()
    [['minimal', 'played', 500]]
    >>> found.batch.query("scope == 'total' and measure == 'mean_per_year'")["unit"].unique()[0]
    'USD million per year'
    """
    given = (("run.trials", trials), ("run.seed", seed))
    sources = [source] if isinstance(source, str | os.PathLike) else source
    request = BatchRequest(
        sources=tuple(os.fspath(each) for each in sources),
        overrides=tuple(f"{path}={value}" for path, value in given if value is not None),
        out=out,
        previous=None if previous is None else os.fspath(previous),
        threads=threads,
        restart=restart,
    )
    if out is not None:
        return run_batch(request, progress)
    with tempfile.TemporaryDirectory(prefix="riskengine-") as folder:
        found = run_batch(replace(request, out=os.path.join(folder, "batch")), progress)
    return replace(found, folder=None)


def run_batch(request: BatchRequest, progress: Watcher | None = None) -> BatchResult:
    """Run the scenarios of a batch, and write its folder completely or not at all.

    Scenarios that an interrupted batch has finished are not run again, nor are those that are
    unchanged since the batch that is in the folder.

    Parameters
    ----------
    request : BatchRequest
    progress : callable, optional
        Called with a `ProgressCount` of trials.

    Raises
    ------
    ConfigFault, UsageFault, RunFault
        As for `batch`.
    KeyboardInterrupt
        On Ctrl-C; it says how many scenarios are kept.
    """
    watch = Stopwatch.start()
    batch = _asked(read_batch(request.sources), request)
    loaded = load_members(batch, request.overrides)
    place = _place(batch, request)
    previous = _earlier(batch, request, place.folder)
    with place.claim(BATCH_FORMAT) as claimed:
        work = BatchWork(claimed)
        work.begin(restart=request.restart)
        job = BatchJob(
            batch=batch,
            loaded=loaded,
            work=work,
            earlier=None if request.restart else earlier_batch(claimed),
            excel_csv=request.excel_csv,
        )
        job.find()
        job.play(partial(_play, request), progress)
        outcome = _outcome(job, previous)
        if not job.results:
            raise RunFault(_nothing(outcome))
        recorded = request.recorded(claimed.target)
        provenance = watch.stop(request.overrides, recorded)
        facts = batch_facts(batch, outcome, job.results, job.prints, provenance)
        with speaking(_language(job)):
            reports = _reports(outcome, facts)
        writers = batch_tables(outcome, excel_csv=request.excel_csv) | reports
        write_batch(claimed, writers, job.results, facts)
        work.remove()
    return BatchResult(outcome=outcome, folder=place.folder)


def _language(job: BatchJob) -> str | None:
    """That of the reference's config, or of the first scenario's."""
    known = {each.member.name: each.scenario for each in job.loaded if each.scenario}
    found = known.get(job.batch.reference or "") or next(iter(known.values()), None)
    return found.run.language if found else None


def _reports(outcome: BatchOutcome, facts: Mapping[str, Any]) -> dict[str, Writer]:
    """The workbook and the page, without the time, so that the same batch gives the same bytes."""
    made = _made(facts)
    return {
        BATCH_WORKBOOK: bytes_writer(batch_workbook(outcome, made)),
        BATCH_PAGE: bytes_writer(batch_page(outcome, made).encode()),
    }


def _made(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """How a batch was made, from its manifest."""
    file = facts.get("batch_file")
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    rows = [
        ("Batch file", file["name"] if file else ""),
        ("SHA-256 of the batch file", file["sha256"] if file else ""),
        ("Values for all scenarios", "; ".join(facts.get("overrides", ()))),
        ("Versions", versions),
        ("When, and every hash", say("manifest.json beside this file")),
    ]
    return [row for row in rows if row[1]]


def _asked(batch: ScenarioBatch, request: BatchRequest) -> ScenarioBatch:
    """The batch with the reference and the previous batch that the request names.

    Raises
    ------
    UsageFault
        If there is no such scenario.
    """
    names = [member.name for member in batch.members]
    reference = request.reference
    if reference is not None and reference not in names:
        hint = Speller().suggest(reference, names)
        listed = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
        raise UsageFault(
            f"--reference {reference}: the batch has no such scenario"
            f"{f'; {hint}' if hint else '.'} It has: {listed}"
        )
    return replace(
        batch,
        reference=reference or batch.reference,
        previous=request.previous or batch.previous,
    )


def _earlier(batch: ScenarioBatch, request: BatchRequest, target: Path) -> StoredBatch | None:
    """The earlier batch; one that cannot be read is the fault of who names it."""
    try:
        return open_previous(batch, target)
    except ConfigFault as error:
        if request.previous is None:
            raise
        found = error.faults[0].found
        raise UsageFault(
            f"--previous {request.previous}: {found}. Name the folder of an earlier batch."
        ) from error


def _place(batch: ScenarioBatch, request: BatchRequest) -> ResultsPlace:
    if request.out is not None:
        return ResultsPlace.of(request.out)
    return ResultsPlace(Path("results") / f"{batch.stem}-batch", owner=request.sources[0])


def _play(
    asked: BatchRequest,
    each: LoadedMember,
    scenario: Scenario,
    place: os.PathLike[str],
    progress: Watcher | None,
) -> Summary:
    """Play a scenario as `riskengine run` plays it."""
    request = RunRequest(
        config=each.member.config,
        overrides=each.overrides,
        out=place,
        threads=asked.threads,
        cluster=asked.cluster,
        excel_csv=asked.excel_csv,
    )
    return run_scenario(scenario, request, Stopwatch.start(), progress).summary


def _outcome(job: BatchJob, previous: StoredBatch | None) -> BatchOutcome:
    batch, scenarios = job.batch, job.in_order()
    names = [each.name for each in scenarios]
    money = next((each.money for each in scenarios if each.money), "")
    parts = job.mixture_parts()
    mixture = mixture_of(parts) if parts else None
    return BatchOutcome(
        title=batch.title,
        money=money,
        scenarios=scenarios,
        reference=batch.reference,
        against_reference=(
            beside_reference(batch.reference, job.results, names) if batch.reference else ()
        ),
        mixture=mixture,
        previous=(
            beside_previous(previous, str(batch.previous), job.results, names, mixture, money)
            if previous
            else None
        ),
        notices=tuple(_notices(job)),
    )


def _notices(job: BatchJob) -> Iterator[Notice]:
    failed = [each.name for each in job.in_order() if each.name not in job.results]
    if failed:
        listed = ", ".join(failed[:5]) + (", ..." if len(failed) > 5 else "")
        yield Notice(
            code="scenarios-failed",
            message=f"{len(failed):,} of {len(job.loaded):,} scenarios failed and have no figures: "
            f"{listed}.",
        )
    if failed and job.batch.is_weighted:
        yield Notice(
            code="no-mixture",
            message="The mixture has no figures, because they take all of its scenarios.",
        )
    horizons = {each.horizon_days for each in job.in_order() if each.name in job.results}
    if len(horizons) > 1:
        yield Notice(
            code="horizons-differ",
            message="The scenarios have different horizons, so most figures cannot be read side by "
            "side: compare those per year.",
        )


def _nothing(outcome: BatchOutcome) -> str:
    messages = [f"{each.name}: {each.message}" for each in outcome.failed]
    return "\n\n".join(["no scenario of the batch could be run; nothing was written.", *messages])
