"""A results folder as `risk.xlsx`, for people who live in Excel."""

from __future__ import annotations

from riskengine.reports.run.sheets.drivers import drivers_sheet
from riskengine.reports.run.sheets.exceedance import exceedance_sheet
from riskengine.reports.run.sheets.industries import industries_sheet
from riskengine.reports.run.sheets.inputs import inputs_sheet
from riskengine.reports.run.sheets.manifest import manifest_sheet
from riskengine.reports.run.sheets.materials import materials_sheet
from riskengine.reports.run.sheets.run import Run
from riskengine.reports.run.sheets.summary import summary_sheet, write_verdict
from riskengine.reports.run.sheets.time_to_stop import time_sheet
from riskengine.reports.run.sheets.worst_trials import trials_sheet
from riskengine.reports.run.stored import Stored
from riskengine.reports.xlsx.book import Book


def workbook(results: Stored) -> bytes:
    """Make the workbook of a run.

    Parameters
    ----------
    results : Stored
        From `riskengine.store.results.load_results`; nothing else is read.

    Returns
    -------
    bytes
        The file. The same results give the same bytes.

    Raises
    ------
    WorkbookFault
        If a sheet would need more rows than Excel has, or a cell more text. Nothing is cut.
    """
    run = Run(results)
    manifest = run.manifest
    author = f"riskengine {manifest.get('versions', {}).get('riskengine', '')}".strip()
    book = Book(run.facts.title, author, manifest["started"])
    summary = summary_sheet(book, run)
    industries_sheet(book, run)
    materials_sheet(book, run)
    exceedance_sheet(book, run)
    time_sheet(book, run)
    checks = drivers_sheet(book, run, summary.totals)
    write_verdict(summary, checks)
    trials_sheet(book, run)
    inputs_sheet(book, run)
    manifest_sheet(book, run)
    return book.close()
