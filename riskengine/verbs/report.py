"""A report: results folder in; workbook, page and insurers' tables out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from riskengine.errors import RunFault
from riskengine.store import disk
from riskengine.store.folder import MANIFEST, PAGE, WORKBOOK
from riskengine.store.results import StoredResults, load_results
from riskengine.verbs.output_files import put_files, refuse_results_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedReports:
    """What was asked for."""

    xlsx: bool
    html: bool
    ord: bool
    out: str | None  #: None: the results folder; for Open Results Data, one beside it


def write_reports(results: str, wanted: WantedReports) -> list[Path]:
    """Write what is wanted, and say which files or folders that made.

    Raises
    ------
    ResultsFault
        If the results are not complete, or damaged.
    UsageFault
        If the files would go among the results of another run.
    RunFault
        If they cannot be written, or the results were replaced meanwhile.
    """
    stored = load_results(results)
    home = stored.folder
    target = home if wanted.out is None else Path(wanted.out)
    tables = home.with_name(f"{home.name}-ord") if wanted.out is None else target
    if os.path.realpath(target) != os.path.realpath(home):
        refuse_results_folder(target, "a report of another run")
    if wanted.ord:
        refuse_results_folder(tables, "Open Results Data")
    before = disk.read(home / MANIFEST)
    files = dict(_files(stored, wanted))
    if disk.read(home / MANIFEST) != before:
        raise RunFault(f"{home} was replaced by another run meanwhile; make the report again.")
    made = put_files(target, files) if files else []
    return [*made, *([_write_ord(stored, tables)] if wanted.ord else [])]


def _files(stored: StoredResults, wanted: WantedReports) -> Iterator[tuple[str, bytes]]:
    # Each loads libraries of its own, so only what is wanted is imported.
    if wanted.xlsx:
        from riskengine.reports.run.workbook import workbook

        yield WORKBOOK, workbook(stored)
    if wanted.html:
        from riskengine.reports.run.page import report_page

        yield PAGE, report_page(stored).encode(errors="backslashreplace")


def _write_ord(stored: StoredResults, folder: Path) -> Path:
    from riskengine.reports.ord.export import write_ord

    write_ord(stored, folder)
    return folder
