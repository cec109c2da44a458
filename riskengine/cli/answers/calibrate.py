"""What `riskengine calibrate` prints."""

from __future__ import annotations

from riskengine.cli.answers.document import document, records
from riskengine.cli.answers.text import whole_text, written
from riskengine.cli.options import Printed
from riskengine.cli.streams import tables_text
from riskengine.errors import escaped
from riskengine.fits.cautions import cannot_tell
from riskengine.fits.figures import fit_rows
from riskengine.reports.fit.tables import all_tables, facts_line
from riskengine.store.fits import FIT_FRAGMENT, FIT_PAGE, FIT_WORKBOOK
from riskengine.verbs.calibrate import CalibrationResult


def calibration_answer(result: CalibrationResult, printed: Printed) -> str:
    """The answer of a calibration, in the form that was asked for."""
    if printed.quiet:
        return str(result.folder)
    if printed.as_json:
        return _document(result)
    found = result.calibration
    last = written("Results", result.folder, FIT_WORKBOOK, FIT_PAGE)
    if result.folder is not None:
        last += f"\nA config can extend: {escaped(str(result.folder / FIT_FRAGMENT))}"
    tables = tables_text(all_tables(found))
    return whole_text([facts_line(found)], tables, result.notices, last)


def _document(result: CalibrationResult) -> str:
    found = result.calibration
    table = found.table
    return document(
        input={"name": table.name, "sha256": table.sha256},
        cut_off=table.cut_off,
        episodes=len(table.episodes),
        quantity=found.request.quantity,
        seed=found.request.seed,
        folder=str(result.folder),
        figures=records(fit_rows(found)),
        notices=records(result.notices),
        cannot_tell=cannot_tell(found),
    )
