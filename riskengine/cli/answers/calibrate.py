"""What `riskengine calibrate` prints."""

from __future__ import annotations

from riskengine.cli.answers.document import document, records
from riskengine.cli.answers.text import whole_text
from riskengine.cli.options import Printed
from riskengine.cli.streams import tables_text
from riskengine.errors import escaped
from riskengine.fits.cautions import cannot_tell
from riskengine.fits.figures import fit_rows
from riskengine.reports.fit.tables import all_tables, facts_line
from riskengine.verbs.calibrate import CalibrationResult


def calibration_answer(result: CalibrationResult, printed: Printed) -> str:
    """The answer of a calibration, in the form that was asked for."""
    if printed.quiet:
        return str(result.folder)
    if printed.as_json:
        return _document(result)
    found = result.calibration
    last = f"Results: {result.folder} (fit.html to read, fit.xlsx, fit.csv, fit.toml to extend)"
    tables = tables_text(all_tables(found))
    return whole_text([facts_line(found)], tables, result.notices, escaped(last))


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
