"""A comparison: takes two runs, and gives the differences of all figures and of the inputs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from riskengine.config.differences import InputDifference, input_differences
from riskengine.figures.comparison import Difference
from riskengine.figures.comparison import compare as differences_of
from riskengine.figures.pairing import pairing_notices
from riskengine.frames import rows_frame
from riskengine.model.notices import Notice
from riskengine.reports.compare.files import comparison_page, comparison_workbook
from riskengine.reports.compare.tables import Comparison
from riskengine.reports.html.parts import notebook_part
from riskengine.store.sheets import to_csv
from riskengine.verbs.jobs.compared_runs import Comparable, ComparedRun, Sizes, both_sides
from riskengine.verbs.output_files import put_files, refuse_results_folder
from riskengine.verbs.progress import Watcher

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ComparisonResult:
    """Two runs side by side, figure by figure."""

    comparison: Comparison  #: the same results as rows
    written: tuple[Path, ...] = ()  #: files; empty if no folder was given

    @property
    def differences(self) -> pd.DataFrame:
        """One row per figure, as in `compare.csv`: `a`, `b`, `difference` with its interval."""
        return rows_frame(Difference, self.comparison.differences)

    @property
    def inputs(self) -> pd.DataFrame:
        """One row per config value that differs."""
        return rows_frame(InputDifference, self.comparison.inputs)

    @property
    def notices(self) -> list[Notice]:
        """What to know before using the figures."""
        return list(self.comparison.notices)

    def __repr__(self) -> str:
        return f"<ComparisonResult: {'; '.join(self.comparison.lines())}>"

    def _repr_html_(self) -> str:
        comparison = self.comparison
        return notebook_part(comparison.title, comparison.tables(), self.notices)


def compare(
    a: Comparable,
    b: Comparable,
    *,
    trials: int | str | None = None,
    seed: int | str | None = None,
    threads: int | None = None,
    out: str | os.PathLike[str] | None = None,
    excel_csv: bool = False,
    progress: Watcher | None = None,
) -> ComparisonResult:
    """Compare two runs: every figure, the difference b minus a and its interval, and the inputs.

    Parameters
    ----------
    a, b : path, dict, Scenario or Result
        Results folders and results; or configs, as `riskengine.load` takes them, which are run
        without keeping their results. Runs with the same seed share their draws, and are compared
        trial by trial, which is far more precise.
    trials, seed : int, optional
        Values for configs. If left out, a config runs the smaller number of trials of the two
        sides, with the seed of the results it is compared with, or of `a`.
    threads : int, optional
        How many processors to use; all if left out. No figure depends on it.
    out : path, optional
        Folder for `compare.csv`, `compare.xlsx` and `compare.html`. Without it nothing is written.
    excel_csv : bool
        Write CSV with byte-order mark and CRLF, so that a double click opens it in Excel.
    progress : callable, optional
        Called with a `ProgressCount`: `done` of `total` trials, for each config.

    Returns
    -------
    ComparisonResult

    Raises
    ------
    ConfigFault
        If a config is not valid.
    ResultsFault
        If a results folder is not complete or is damaged.
    UsageFault
        If sizes are given for results that exist already, the two have different money, or the
        files would go among results.
    RunFault
        If a trial cannot be computed, or the files cannot be written.

    Examples
    --------
    >>> import riskengine
    >>> scenario = riskengine.load("configs/minimal.toml")
    >>> more = scenario.with_values({"materials.ndfeb-magnets.stocks.private.days": 90})
    >>> found = riskengine.compare(scenario, more, trials=1000)
    >>> mean = found.differences.set_index(["scope", "measure"]).loc[("total", "mean")]
    >>> bool((mean["difference"] == mean["b"] - mean["a"]).all())
    True
    """
    if out is not None:
        refuse_results_folder(Path(out), "a comparison")
    sizes = Sizes(trials=trials, seed=seed, threads=threads)
    comparison = comparison_of(*both_sides((a, b), sizes, progress))
    if out is None:
        return ComparisonResult(comparison=comparison)
    files = comparison_files(comparison, excel_csv=excel_csv)
    return ComparisonResult(comparison=comparison, written=tuple(put_files(Path(out), files)))


def comparison_of(a: ComparedRun, b: ComparedRun) -> Comparison:
    """Compare all figures and inputs of two runs."""
    found, differences = differences_of(a.side, b.side)
    inputs = input_differences(a.config, b.config)
    return Comparison(
        sources=(a.source, b.source),
        facts=(a.facts, b.facts),
        pairing=found,
        differences=differences,
        inputs=inputs,
        notices=[
            *pairing_notices(a.side, b.side, found),
            *_engines(a, b, is_unexplained=not inputs and found.same < found.trials),
        ],
        language=a.config.get("run", {}).get("language"),
    )


def comparison_files(comparison: Comparison, *, excel_csv: bool) -> dict[str, bytes]:
    """All figures as CSV, workbook and page, by file name."""
    page = comparison_page(comparison)
    return {
        "compare.csv": to_csv(Difference, comparison.differences, excel=excel_csv),
        "compare.xlsx": comparison_workbook(comparison),
        "compare.html": page.encode(errors="backslashreplace"),
    }


def _engines(a: ComparedRun, b: ComparedRun, *, is_unexplained: bool) -> Iterator[Notice]:
    if a.version != b.version:
        yield Notice(
            code="versions-differ",
            message=f"A was made by riskengine {a.version} and B by {b.version}: part of a "
            "difference may be the engine's, and draws may not be shared. The intervals hold.",
        )
    elif is_unexplained:
        yield Notice(
            code="engines-differ",
            message="The inputs are the same and some losses are not: A and B were made by "
            "different states of the engine, or a manifest was edited.",
        )
