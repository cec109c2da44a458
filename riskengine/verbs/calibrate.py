"""A calibration: takes a table of past restrictions, and gives the parameters of a ladder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from riskengine.config.sources.grids import BadValueError, split_reference
from riskengine.errors import UsageFault
from riskengine.figures.subjects import known
from riskengine.fits.calibration import Calibration, Request
from riskengine.fits.calibration import calibrate as fitted
from riskengine.fits.cautions import cannot_tell, cautions
from riskengine.fits.dates import read_day
from riskengine.fits.families import FAMILIES
from riskengine.fits.figures import FitRow, fit_rows
from riskengine.fits.fragment import fragment
from riskengine.fits.observing import QUANTITIES
from riskengine.fits.reading import read_episodes
from riskengine.frames import rows_frame
from riskengine.model.notices import Notice
from riskengine.reports.fit.page import fit_page
from riskengine.reports.fit.tables import all_tables, facts_line
from riskengine.reports.fit.workbook import fit_workbook
from riskengine.reports.html.parts import notebook_part
from riskengine.store.fits import FIT_FIGURES, FIT_FRAGMENT, FIT_PAGE, FIT_WORKBOOK, write_fit
from riskengine.store.folder import FIT_FORMAT, MARK, mark_of
from riskengine.store.provenance import Stopwatch
from riskengine.store.sheets import to_csv
from riskengine.verbs.places import Out, ResultsPlace

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class CalibrationResult:
    """The fits to a table of past restrictions."""

    calibration: Calibration  #: the same results, group by group
    notices: Sequence[Notice]  #: what to know before using the figures
    folder: Path | None = None  #: where the files are; None if none were written

    @property
    def fit(self) -> pd.DataFrame:
        """One row per figure with its 95 % interval: the rows of `fit.csv`, durations in days."""
        return rows_frame(FitRow, fit_rows(self.calibration))

    @property
    def fragment(self) -> str:
        """The text of `fit.toml`, which a config can extend."""
        return fragment(self.calibration)

    def __repr__(self) -> str:
        return f"<CalibrationResult: {facts_line(self.calibration)}>"

    def _repr_html_(self) -> str:
        tables = all_tables(self.calibration)
        return notebook_part(facts_line(self.calibration), tables, self.notices)


def calibrate(
    episodes: str | os.PathLike[str],
    *,
    by: str | Sequence[str] | None = None,
    quantity: str = "sojourn",
    family: str | None = None,
    as_of: str | date | None = None,
    seed: int = 1,
    out: Out | None = None,
    excel_csv: bool = False,
) -> CalibrationResult:
    """Turn a table of past export restrictions into durations, rates and chances.

    Parameters
    ----------
    episodes : path
        CSV or XLSX table with one row per episode; `book.xlsx#Sheet` names a sheet.
    by : str or sequence of str, optional
        Columns whose values define groups to fit separately; in a text, commas separate them.
    quantity : str
        `sojourn`, how long a restriction was in force, or `flow`, how long the flow was near zero
        and how long it stayed slow after that. In days.
    family : str, optional
        The only family of distributions to fit; if left out, all are fitted and ranked.
    as_of : date or str, optional
        Use only what was known on this day; a text must be an ISO date.
    seed : int
        Seed of the random numbers behind the intervals, from 0 to 2^63 - 1.
    out : path, optional
        Folder for `fit.toml`, which a config can extend, `fit.csv`, `fit.xlsx` and `fit.html`.
        Without it nothing is written.
    excel_csv : bool
        Write CSV with byte-order mark and CRLF, so that a double click opens it in Excel.

    Returns
    -------
    CalibrationResult

    Raises
    ------
    ConfigFault
        With every fault of the table, each with its cell.
    UsageFault
        If the request does not fit the table, or something else is at the path of the folder.
    RunFault
        If the folder cannot be written; what was there before stays intact.

    Examples
    --------
    >>> import riskengine
    >>> found = riskengine.calibrate("configs/history/episodes.csv", family="weibull")
    >>> median = found.fit.query("group == 'all' and parameter == 'median'")
    >>> bool((median["value"] > 0).all())
    True
    """
    episodes = os.fspath(episodes)
    as_of = as_of if as_of is None else str(as_of)
    _check_choices(quantity, family, seed)
    watch = Stopwatch.start()
    request = Request(
        quantity=quantity,
        by=_columns(by),
        family=family or "",
        as_of=_day_before(as_of, watch.today),
        seed=seed,
    )
    table = read_episodes(episodes, watch.today)
    place = None if out is None else ResultsPlace.of(out)
    if place is not None:
        place.check(FIT_FORMAT)
    found = fitted(table, request)
    notices = cautions(found)
    if place is None:
        return CalibrationResult(calibration=found, notices=notices)
    recorded = {
        MARK: mark_of(episodes, place.folder),
        "by": by if by is None or isinstance(by, str) else ",".join(by),
        "quantity": quantity,
        "family": family,
        "as_of": as_of,
        "seed": seed,
        "excel_csv": int(excel_csv),
    }
    files = fit_files(found, notices, excel_csv=excel_csv)
    with place.claim(FIT_FORMAT) as claimed:
        write_fit(claimed, files, found.table, notices, watch.stop(options=recorded))
    return CalibrationResult(calibration=found, notices=notices, folder=place.folder)


def usual_place(episodes: str) -> ResultsPlace:
    """The default folder, named after the table."""
    named = ResultsPlace.named_after(split_reference(episodes)[0], "-fit")
    return replace(named, owner=episodes)


def fit_files(
    found: Calibration, notices: Sequence[Notice], *, excel_csv: bool
) -> dict[str, bytes]:
    """The files of a calibration except its manifest, by name."""
    page = fit_page(found, notices, cannot_tell(found))
    return {
        FIT_FRAGMENT: fragment(found).encode(),
        FIT_FIGURES: to_csv(FitRow, fit_rows(found), excel=excel_csv),
        FIT_WORKBOOK: fit_workbook(found, notices, cannot_tell(found)),
        FIT_PAGE: page.encode(errors="backslashreplace"),
    }


def _check_choices(quantity: str, family: str | None, seed: int) -> None:
    known("quantity", quantity, QUANTITIES)
    if family is not None:
        known("family", family, FAMILIES)
    if not 0 <= seed < 2**63:
        raise UsageFault(f"seed = {seed}: an integer from 0 to 2^63 - 1 is needed")


def _columns(by: str | Sequence[str] | None) -> tuple[str, ...]:
    if by is None:
        return ()
    columns = tuple(column.strip() for column in (by.split(",") if isinstance(by, str) else by))
    if not all(columns):
        raise UsageFault("--by names columns, separated by a comma, such as instrument,trigger")
    return columns


def _day_before(text: str | None, today: date) -> date | None:
    """The day of an ISO date, which must not lie in the future."""
    if text is None:
        return None
    try:
        given, precision = read_day(text)
    except BadValueError as error:
        raise UsageFault(f"--as-of {error.found}; write a date such as 2023-08-01") from None
    if precision != "day":
        raise UsageFault(f"--as-of {text} is no day; write a date such as {given}")
    if given > today:
        raise UsageFault(f"--as-of {given} lies in the future; nobody knows what was known then")
    return given
