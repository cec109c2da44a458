"""A back-test: takes a suite of cases, and compares predictions with what happened."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskengine.backtests.copies import Copy
from riskengine.backtests.playing import Backtest, plans, play
from riskengine.backtests.scoring import Coverage, Score
from riskengine.backtests.skill import Rating, Skill
from riskengine.backtests.suites import find_suite, load_suite
from riskengine.frames import rows_frame
from riskengine.reports.backtest.page import backtest_page
from riskengine.reports.backtest.tables import backtest_tables
from riskengine.reports.backtest.workbook import backtest_workbook
from riskengine.reports.html.parts import notebook_part
from riskengine.store.backtests import (
    BACKTEST_PAGE,
    BACKTEST_WORKBOOK,
    backtest_facts,
    backtest_sheets,
    write_backtest,
)
from riskengine.store.folder import BACKTEST_FORMAT, MARK, mark_of
from riskengine.store.provenance import Stopwatch
from riskengine.verbs.places import Out, ResultsPlace
from riskengine.verbs.progress import Watcher, counter

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class BacktestResult:
    """A suite with its scored predictions, as data frames named like its files."""

    rows: Backtest  #: the same results as rows
    folder: Path | None = None  #: where the files are; None if none were written

    @property
    def backtest(self) -> pd.DataFrame:
        """One row per outcome: what was predicted, and what was seen."""
        return rows_frame(Score, self.rows.scores)

    @property
    def summary(self) -> pd.DataFrame:
        """One row per group of outcomes: how many lie inside their intervals."""
        return rows_frame(Coverage, self.rows.calibration)

    @property
    def scores(self) -> pd.DataFrame:
        """One row per outcome and forecaster: CRPS and interval score."""
        return rows_frame(Rating, self.rows.ratings)

    @property
    def skill(self) -> pd.DataFrame:
        """One row per naive forecaster: how much better the model does."""
        return rows_frame(Skill, self.rows.skills)

    @property
    def copies(self) -> pd.DataFrame:
        """One row per assumption that equals an outcome."""
        return rows_frame(Copy, self.rows.suite.copies)

    def __repr__(self) -> str:
        made = self.rows
        return (
            f"<BacktestResult of {made.suite.title!r}: {len(made.suite.cases)} cases, "
            f"{len(made.scores)} outcomes, {made.trials:,} trials each>"
        )

    def _repr_html_(self) -> str:
        return notebook_part(self.rows.suite.title, backtest_tables(self.rows), ())


def backtest(
    suite: str | os.PathLike[str],
    *,
    cases: Sequence[str] = (),
    trials: int | str | None = None,
    seed: int | str | None = None,
    threads: int | None = None,
    out: Out | None = None,
    excel_csv: bool = False,
    progress: Watcher | None = None,
) -> BacktestResult:
    """Replay moments of history without hindsight, and score what then happened.

    Parameters
    ----------
    suite : path
        TOML file of a suite, or a folder that holds one.
    cases : sequence of str
        Names of the cases to run; all if empty.
    trials, seed : int, optional
        Values for each case, in place of those of the suite.
    threads : int, optional
        How many processors to use; all if left out. No figure depends on it.
    out : path, optional
        Folder for the tables, the workbook and the page. Without it nothing is written.
    excel_csv : bool
        Write CSV with byte-order mark and CRLF, so that a double click opens it in Excel.
    progress : callable, optional
        Called with a `ProgressCount`: `done` of `total` trials of all cases.

    Returns
    -------
    BacktestResult

    Raises
    ------
    ConfigFault
        If the suite, a config or an outcome is not valid, or an input was not known in time.
    UsageFault
        If there is no such case, or something else is at the path of the folder.
    RunFault
        If a trial cannot be computed or the folder cannot be written; what was there stays intact.

    Examples
    --------
    >>> import riskengine
    >>> found = riskengine.backtest("configs/backtests", cases=["japan-2010"], trials=200)
    >>> found.backtest["case"].unique().tolist()
    ['japan-2010']
    """
    suite = os.fspath(suite)
    watch = Stopwatch.start()
    given = (("trials", trials), ("seed", seed))
    changes = tuple(f"run.{key}={value}" for key, value in given if value is not None)
    read = load_suite(suite, cases, changes)
    prepared = plans(read, threads)
    total = sum(plan.trials for plan in prepared.values())
    if out is None:
        return BacktestResult(rows=play(read, prepared, counter(progress, total)))
    place = ResultsPlace.of(out)
    with place.claim(BACKTEST_FORMAT) as claimed:
        made = play(read, prepared, counter(progress, total))
        mark = mark_of(find_suite(suite), claimed.target)
        recorded = {"threads": threads, "cases": ", ".join(cases) or None, MARK: mark}
        facts = backtest_facts(made, watch.stop(changes, recorded))
        write_backtest(claimed, backtest_files(made, facts, excel_csv=excel_csv), facts)
    return BacktestResult(rows=made, folder=place.folder)


def usual_place(suite: str) -> ResultsPlace:
    """The default folder, named after the suite.

    Raises
    ------
    UsageFault
        If a folder holds no suite, or several.
    """
    return ResultsPlace.named_after(find_suite(suite), "-backtest")


def backtest_files(
    backtest: Backtest, facts: Mapping[str, Any], *, excel_csv: bool
) -> dict[str, bytes]:
    """Tables, workbook and page, by file name."""
    return {
        **backtest_sheets(backtest, excel=excel_csv),
        BACKTEST_WORKBOOK: backtest_workbook(backtest, facts),
        BACKTEST_PAGE: backtest_page(backtest, facts).encode(errors="backslashreplace"),
    }
