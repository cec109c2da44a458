"""A mitigation study: from a config with `[mitigation]` to a folder of tables."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from riskengine.config import load
from riskengine.config.layers.assemble import Source
from riskengine.config.layers.origin import overrides_of
from riskengine.config.mitigation.load import MitigationConfig, load_mitigation
from riskengine.config.mitigation.naming import read_portfolio
from riskengine.config.mitigation.writing import (
    config_reference,
    extending_text,
    is_same,
    whole_text,
)
from riskengine.errors import ConfigFault, RunFault, UsageFault
from riskengine.frames import rows_frame
from riskengine.language.speaking import speaking
from riskengine.mitigation.keeping import Kept, KeptNowhere
from riskengine.mitigation.plan import StudyPlan
from riskengine.mitigation.study import study
from riskengine.mitigation.tables import (
    BeneficiaryRow,
    FinalistRow,
    FrontierRow,
    InformationRow,
    InteractionRow,
    MitigationTables,
    OptionRow,
    PortfolioRow,
    RegretRow,
)
from riskengine.model.mitigation import cost_of
from riskengine.model.notices import Notice
from riskengine.play.simulate import available_processors, check_range
from riskengine.store.folder import MITIGATION_FORMAT, Claim
from riskengine.store.mitigation import (
    MITIGATION_PAGE,
    MITIGATION_WORKBOOK,
    MitigationWork,
    mitigation_facts,
    mitigation_files,
)
from riskengine.store.provenance import Provenance, Stopwatch
from riskengine.store.results import bytes_writer
from riskengine.store.work import identity_of, write_tables
from riskengine.verbs.executors import blocks_executor
from riskengine.verbs.output_files import put_checked_file
from riskengine.verbs.places import Out, ResultsPlace
from riskengine.verbs.progress import ProgressCount, Watcher
from riskengine.verbs.requests import MitigateRequest

if TYPE_CHECKING:
    import pandas as pd

_LIBRARIES = ("salib",)  #: behind the worlds, besides the libraries of a run


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class MitigationResult:
    """The tables of a mitigation study, as data frames named like its files.

    `docs/mitigation.md` says what is in them.
    """

    tables: MitigationTables  #: the same results as rows
    folder: Path | None = None  #: where the files are; None if none were written

    @property
    def frontier(self) -> pd.DataFrame:
        """One row per budget: the best portfolio, out of sample, and its rival."""
        return rows_frame(FrontierRow, self.tables.frontier)

    @property
    def options(self) -> pd.DataFrame:
        """One row per option: its cost, and what it does alone and beside all others."""
        return rows_frame(OptionRow, self.tables.options)

    @property
    def interactions(self) -> pd.DataFrame:
        """One row per pair of options: how much more they do together than one by one."""
        return rows_frame(InteractionRow, self.tables.interactions)

    @property
    def portfolios(self) -> pd.DataFrame:
        """One row per portfolio that was played, in sample."""
        return rows_frame(PortfolioRow, self.tables.portfolios)

    @property
    def regret(self) -> pd.DataFrame:
        """One row per budget, finalist and world."""
        return rows_frame(RegretRow, self.tables.regret)

    @property
    def finalists(self) -> pd.DataFrame:
        """One row per budget and finalist, over all worlds."""
        return rows_frame(FinalistRow, self.tables.finalists)

    @property
    def information(self) -> pd.DataFrame:
        """One row per budget and assumption: what knowing it would be worth."""
        return rows_frame(InformationRow, self.tables.information)

    @property
    def beneficiaries(self) -> pd.DataFrame:
        """One row per chosen portfolio and industry: who gains."""
        return rows_frame(BeneficiaryRow, self.tables.beneficiaries)

    @property
    def notices(self) -> list[Notice]:
        """What to know before using the figures."""
        return list(self.tables.notices)

    def __repr__(self) -> str:
        tables = self.tables
        return (
            f"<MitigationResult of {tables.title!r}: {len(tables.options):,} options, "
            f"{tables.played:,} portfolios, {tables.trials:,} trials each>"
        )


def mitigate(
    config: Source,
    *,
    trials: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    time_limit: float | None = None,
    restart: bool = False,
    out: Out | None = None,
    progress: Watcher | None = None,
) -> MitigationResult:
    """Find what to buy with a budget, how sure that is, and what would change it.

    Parameters
    ----------
    config : path, dict or Scenario
        A config with a table `[mitigation]`: options with their costs, and budgets.
    trials, seed : int, optional
        Values in place of those of the config. As many trials again are played out of sample.
    threads : int, optional
        As many as processors if left out. No figure depends on it.
    time_limit : float, optional
        Seconds after which a search that is too large for an enumeration ends with the best that it
        has found, and how much better another portfolio could be.
    restart : bool
        Discard what an interrupted call with the same `out` has played.
    out : path, optional
        Folder for the tables, the workbook and the page. Without it nothing is written, and what an
        interrupted call has played is lost.
    progress : callable, optional
        Called with a `ProgressCount` of portfolios, then of worlds.

    Returns
    -------
    MitigationResult

    Raises
    ------
    ConfigFault
        If the config or its mitigation is not valid; it holds every fault.
    UsageFault
        If the kept results belong to another study, or something else is at the path of the folder.
    RunFault
        If a portfolio cannot be computed, or something cannot be written.

    Examples
    --------
    >>> import riskengine
    >>> days = "materials.ndfeb-magnets.stocks.private.days"
    >>> stock = {"set": {days: 90}, "cost": 40}
    >>> bought = {"measure": "mean", "budgets": [50], "options": {"magnets": stock}}
    >>> config = {"extends": "configs/minimal.toml", "mitigation": bought}
    >>> result = riskengine.mitigate(config, trials=500)
    >>> result.frontier[["budget", "portfolio", "proven"]].values.tolist()
    [[50.0, 'magnets', True]]
    """
    given = (("run.trials", trials), ("run.seed", seed))
    request = MitigateRequest(
        config=config,
        overrides=tuple(f"{path}={value}" for path, value in given if value is not None),
        out=out,
        threads=threads,
        time_limit=time_limit,
        restart=restart,
    )
    return run_mitigation(request, progress)


def run_mitigation(request: MitigateRequest, progress: Watcher | None = None) -> MitigationResult:
    """Run a mitigation study; if a folder is named, write all tables to it or none.

    What an interrupted call with the same request has played is not played again.

    Parameters
    ----------
    request : MitigateRequest
    progress : callable, optional
        Called with a `ProgressCount` of portfolios, then of worlds.

    Raises
    ------
    ConfigFault, UsageFault, RunFault
        As for `mitigate`.
    KeyboardInterrupt
        On Ctrl-C; it says how much is kept.
    """
    watch = Stopwatch.start()
    config = load_mitigation(request.config, request.overrides)
    run = config.base.run
    threads = request.threads or available_processors()
    check_range(2 * run.trials, run.seed, 0, threads)
    plan = StudyPlan(config, run.trials, run.seed, threads)
    if request.out is None:
        return MitigationResult(tables=_played(plan, KeptNowhere(), request, progress))
    place = ResultsPlace.of(request.out)
    with place.claim(MITIGATION_FORMAT) as claimed:
        work = MitigationWork(claimed)
        document = config.base.document
        identity = identity_of(document, config.files, plan.trials, plan.seed, _LIBRARIES)
        work.begin(identity, restart=request.restart)
        try:
            tables = _played(plan, work, request, progress)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(
                f"Kept: {work.counted()} of portfolios and worlds that are played; the same "
                "command goes on from there."
            ) from None
        provenance = watch.stop(overrides_of(config.base), request.recorded(claimed.target))
        _save(config, tables, claimed, provenance, excel_csv=request.excel_csv)
        work.remove()
    return MitigationResult(tables=tables, folder=place.folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenPortfolio:
    """A portfolio that was written to a file of its own."""

    file: str
    portfolio: str  #: options joined by " + "; those that are fixed are not named
    cost: float  #: present value
    money: str
    extends: str | None  #: None if the file holds the whole config


def write_portfolio(request: MitigateRequest) -> WrittenPortfolio:
    """Write a config with the options of a portfolio set, which every verb can read.

    Parameters
    ----------
    request : MitigateRequest
        Its config is a file, and `write` names the portfolio and the file for it.

    Raises
    ------
    ConfigFault
        If the config, its mitigation or the portfolio is not valid.
    UsageFault
        If there is no such portfolio, the file exists, or a config may not lie there.
    RunFault
        If the file cannot be written.
    """
    assert request.write is not None  # noqa: S101
    name, file = request.write
    folder = os.path.dirname(file)
    if folder and not os.path.isdir(folder):
        raise UsageFault(f"there is no folder {folder}: make it first, or choose another place.")
    config = load_mitigation(request.config, request.overrides)
    portfolio = read_portfolio(config.mitigation, name)
    wanted, sweep = config.scenario(portfolio), config.base.document.get("sweep")
    reference = config_reference(config, folder)

    def is_right(path: str) -> bool:
        try:
            found = load(path)
        except ConfigFault:
            return False
        return is_same(found, wanted) and found.document.get("sweep") == sweep

    extending = extending_text(config, portfolio, reference)
    texts = [_bytes(extending), _bytes(whole_text(config, portfolio))]
    if sweep and "/" in reference:
        texts.pop()  # files that the sweep names would be looked for in another folder
    written = put_checked_file(file, texts, is_right)
    if written is None:
        raise RunFault(
            f"no config in {folder or 'this folder'} can say this portfolio; "
            f"name a file in the folder of {request.config}"
        )
    return WrittenPortfolio(
        file=file,
        portfolio=config.mitigation.name_of(portfolio),
        cost=cost_of(portfolio, config.mitigation.costs),
        money=config.base.run.money,
        extends=reference if written == _bytes(extending) else None,
    )


def _bytes(text: str) -> bytes:
    return text.encode(errors="backslashreplace")


def _played(
    plan: StudyPlan, kept: Kept, request: MitigateRequest, progress: Watcher | None
) -> MitigationTables:
    is_time_up, told = _clock(request.time_limit), _Told(progress, plan.trials)
    with blocks_executor(request.cluster, plan) as play:
        return study(plan, play, kept, is_time_up=is_time_up, tell=told)


def _clock(seconds: float | None) -> Callable[[], bool]:
    """Whether so many seconds have passed since this call."""
    if seconds is None:
        return lambda: False
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end


class _Told:
    """Passes progress on as counts; a new kind of work begins with a count of 0."""

    def __init__(self, watcher: Watcher | None, trials: int) -> None:
        self._watcher, self._trials = watcher, trials
        self._unit, self._total = "", 0

    def __call__(self, unit: str, done: int, total: int) -> None:
        if self._watcher is None:
            return
        if (unit, total) != (self._unit, self._total):
            self._unit, self._total = unit, total
            self._watcher(ProgressCount(0, total, unit, total * self._trials))
        self._watcher(ProgressCount(done, total, unit, total * self._trials))


def _save(
    config: MitigationConfig,
    tables: MitigationTables,
    claimed: Claim,
    provenance: Provenance,
    *,
    excel_csv: bool,
) -> None:
    """Write the folder of a study, completely or not at all."""
    from riskengine.reports.mitigation.page import mitigation_page
    from riskengine.reports.mitigation.workbook import mitigation_workbook

    writers = mitigation_files(tables, excel_csv=excel_csv)
    with speaking(config.base.run.language):
        page = mitigation_page(tables).encode(errors="backslashreplace")
        writers |= {
            MITIGATION_WORKBOOK: bytes_writer(mitigation_workbook(tables)),
            MITIGATION_PAGE: bytes_writer(page),
        }
    about = mitigation_facts(tables, provenance, files=config.files, document=config.base.document)
    write_tables(claimed, writers, about)
