"""Reports: make workbook, page and insurers' tables from a results folder."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from riskengine.errors import RunFault, UsageFault
from riskengine.figures.subjects import known
from riskengine.language.languages import LANGUAGES
from riskengine.language.speaking import speaking
from riskengine.store import disk
from riskengine.store.folder import MANIFEST, PAGE, WORKBOOK
from riskengine.store.results import StoredResults, load_results
from riskengine.verbs.output_files import put_files, refuse_results_folder

FORMS = ("xlsx", "html", "ord")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPlaces:
    """Where each form of a report goes; None if the form is not wanted."""

    files: Path | None  #: workbook and page
    tables: Path | None  #: Open Results Data

    @classmethod
    def beside(cls, results: str, forms: Collection[str], out: str | None) -> ReportPlaces:
        """The folder that the user named; else the results folder, and one beside it for tables."""
        home = Path(os.path.abspath(results))
        files = home if out is None else Path(out)
        tables = home.with_name(f"{home.name}-ord") if out is None else files
        return cls(
            files=files if {"xlsx", "html"} & set(forms) else None,
            tables=tables if "ord" in forms else None,
        )


def report(
    results: str | os.PathLike[str],
    forms: Sequence[str] = ("xlsx", "html"),
    *,
    out: str | os.PathLike[str] | None = None,
    language: str | None = None,
) -> dict[str, bytes]:
    """Make workbook, page and insurers' tables of a results folder; nothing is simulated.

    Parameters
    ----------
    results : path
        A folder that a run wrote.
    forms : sequence of {"xlsx", "html", "ord"}
        The workbook `risk.xlsx`, the page `report.html`, Open Results Data.
    out : path, optional
        Where the files go. For workbook and page it may be the results folder itself. Without it
        nothing is written. Open Results Data need it, because they are many large files.

    language : {"en", "ko", "ja"}, optional
        Of workbook and page; by default that of the config, `run.language`.

    Returns
    -------
    dict of str to bytes
        Workbook and page by file name; the same results give the same bytes.

    Raises
    ------
    ResultsFault
        If the results are not complete or are damaged.
    UsageFault
        If there is no such form or language, Open Results Data have no folder, or the files would
        go into the results of another run.
    RunFault
        If the files cannot be written, or the results were replaced meanwhile.

    Examples
    --------
    >>> import riskengine, tempfile
    >>> scenario = riskengine.load("configs/minimal.toml")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = riskengine.simulate(scenario, trials=1000, out=f"{folder}/run")
    ...     list(riskengine.report(f"{folder}/run"))
    ['risk.xlsx', 'report.html']
    """
    wanted = [known("form", form, FORMS) for form in ([forms] if isinstance(forms, str) else forms)]
    if out is None and "ord" in wanted:
        raise UsageFault("Open Results Data are many files: name a folder for them with out=")
    spoken = language and known("language", language, list(LANGUAGES))
    stored = load_results(results)
    with speaking(spoken):
        if out is None:
            return _made(stored, wanted)
        place = Path(out)
        places = ReportPlaces(
            files=place if {"xlsx", "html"} & set(wanted) else None,
            tables=place if "ord" in wanted else None,
        )
        files, _ = _put(stored, wanted, places)
        return files


def write_reports(
    results: str, forms: Sequence[str], out: str | None, language: str | None = None
) -> list[Path]:
    """Write reports where the command line does, and return the files or folders written.

    Parameters
    ----------
    results : path
    forms : sequence of {"xlsx", "html", "ord"}
    out : path or None
        None: the results folder; for Open Results Data, a folder beside it.
    language : str or None
        A language of reports; None for that of the config.

    Raises
    ------
    ResultsFault, UsageFault, RunFault
        As for `report`.
    """
    stored = load_results(results)
    with speaking(language):
        _, written = _put(stored, forms, ReportPlaces.beside(results, forms, out))
    return written


def _put(
    stored: StoredResults, forms: Collection[str], places: ReportPlaces
) -> tuple[dict[str, bytes], list[Path]]:
    """The files made, and the paths written; all checks come before any writing."""
    home = stored.folder
    files = places.files
    if files is not None and os.path.realpath(files) != os.path.realpath(home):
        refuse_results_folder(files, "a report of another run")
    if places.tables is not None:
        refuse_results_folder(places.tables, "Open Results Data")
    made = _made(stored, forms)
    written = put_files(files, made) if files is not None else []
    if places.tables is not None:
        _write_ord(stored, places.tables)
        written.append(places.tables)
    return made, written


def _made(stored: StoredResults, forms: Collection[str]) -> dict[str, bytes]:
    """Workbook and page; checks that the results were not replaced meanwhile."""
    home = stored.folder
    before = disk.read(home / MANIFEST)
    files = dict(_files(stored, forms))
    if disk.read(home / MANIFEST) != before:
        raise RunFault(f"{home} was replaced by another run meanwhile; make the report again.")
    return files


def _files(stored: StoredResults, forms: Collection[str]) -> Iterator[tuple[str, bytes]]:
    # Each form loads its own libraries, so only the wanted ones are imported.
    if "xlsx" in forms:
        from riskengine.reports.run.workbook import workbook

        yield WORKBOOK, workbook(stored)
    if "html" in forms:
        from riskengine.reports.run.page import report_page

        yield PAGE, report_page(stored).encode(errors="backslashreplace")


def _write_ord(stored: StoredResults, folder: Path) -> None:
    from riskengine.exchange.export import write_ord

    write_ord(stored, folder)
