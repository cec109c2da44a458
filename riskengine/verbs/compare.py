"""A comparison: two runs in, the difference of every figure and of the inputs out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from riskengine.figures.comparison import Difference
from riskengine.figures.comparison import compare as differences_of
from riskengine.figures.pairing import pairing_notices
from riskengine.model.notices import Notice
from riskengine.reports.compare.inputs import input_differences
from riskengine.reports.compare.page import comparison_page
from riskengine.reports.compare.tables import Comparison
from riskengine.reports.compare.workbook import comparison_workbook
from riskengine.store.sheets import to_csv
from riskengine.verbs.compared_runs import ComparedRun, Sizes, both_sides
from riskengine.verbs.output_files import put_files, refuse_results_folder
from riskengine.verbs.progress import Watcher


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ComparisonResult:
    """A comparison, and the files that were written of it."""

    comparison: Comparison
    written: tuple[Path, ...] = ()


def compare(
    a: str,
    b: str,
    *,
    trials: int | str | None = None,
    seed: int | str | None = None,
    threads: int | None = None,
    out: str | None = None,
    excel_csv: bool = False,
    progress: Watcher | None = None,
) -> ComparisonResult:
    """Compare two runs: every figure, the difference b minus a and its interval, and the inputs.

    Parameters
    ----------
    a, b : path
        Results folders, or configs, which are run without keeping their results.
    trials, seed : int, optional
        Of configs. They run as many trials as the smaller of both has, with the seed of the
        results beside them, or of `a`.
    threads : int, optional
        How many processors to use; all when left out. No figure depends on it.
    out : path, optional
        Folder for `compare.csv`, `compare.xlsx` and `compare.html`. Nothing is written without it.
    excel_csv : bool
        CSV with byte-order mark and CRLF, for a double click in Excel.
    progress : callable, optional
        Called with a `ProgressCount`, of trials, for each config.

    Raises
    ------
    ConfigFault
        If a config is not sound.
    ResultsFault
        If a results folder is not complete, or damaged.
    UsageFault
        If sizes are given for results that exist already, the two have different money, or the
        files would go among results.
    RunFault
        If a trial cannot be played, or the files not written.
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
    """Compare two runs in everything."""
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
    )


def comparison_files(comparison: Comparison, *, excel_csv: bool) -> dict[str, bytes]:
    """All figures as CSV, workbook and page, by the name of the file."""
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
