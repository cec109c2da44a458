"""A sweep as `sweep.xlsx`, for people who live in Excel."""

from __future__ import annotations

from riskengine.reports.sweep.sheets.checks import checks_sheet
from riskengine.reports.sweep.sheets.drivers import drivers_sheet
from riskengine.reports.sweep.sheets.lines import heat_sheet, lines_sheet
from riskengine.reports.sweep.sheets.rows import points_sheet, sweep_sheet
from riskengine.reports.sweep.sheets.summary import summary_sheet, write_verdict
from riskengine.reports.sweep.sheets.uncertainty import uncertainty_sheet
from riskengine.reports.sweep.view import SweepView
from riskengine.reports.xlsx.book import Book
from riskengine.sweeps.tables import SweepTables

_CREATED = "2000-01-01T00:00:00"  #: of every such workbook: its bytes tell nothing of the clock


def sweep_workbook(tables: SweepTables) -> bytes:
    """Make the workbook of a sweep.

    Returns
    -------
    bytes
        The file. The same tables give the same bytes.

    Raises
    ------
    WorkbookFault
        If a sheet would need more rows than Excel has, or a cell more text.
    """
    view = SweepView(tables)
    book = Book(tables.title or tables.config, "riskengine", _CREATED)
    summary = summary_sheet(book, view)
    sweep_sheet(book, view)
    drivers_sheet(book, view)
    lines_sheet(book, view)
    heat_sheet(book, view)
    uncertainty_sheet(book, view)
    points_sheet(book, view)
    write_verdict(summary, checks_sheet(book, view))
    return book.close()
