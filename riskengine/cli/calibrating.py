"""A calibration in the forms in which the command line gives it: text, JSON, files."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import click

from riskengine.cli.answers import SCHEMA_VERSION
from riskengine.cli.streams import tables_text
from riskengine.config.layers.assemble import safe_stem
from riskengine.config.sources.grids import BadValueError, split_reference
from riskengine.errors import UsageFault
from riskengine.fits.calibration import Calibration, Request
from riskengine.fits.cautions import cannot_tell
from riskengine.fits.dates import read_day
from riskengine.fits.figures import FitRow, fit_rows
from riskengine.fits.fragment import fragment
from riskengine.model.notices import Notice
from riskengine.reports.fit.page import fit_page
from riskengine.reports.fit.tables import all_tables, facts_line
from riskengine.reports.fit.workbook import fit_workbook
from riskengine.reports.screen import notice_text
from riskengine.reports.tables.table import printable
from riskengine.store.fits import FIT_FIGURES, FIT_FRAGMENT, FIT_PAGE, FIT_WORKBOOK
from riskengine.store.folder import MARK, mark_of
from riskengine.store.results import to_json
from riskengine.store.sheets import to_csv


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrateOptions:
    """What `riskengine calibrate` was asked to do."""

    episodes: str  #: path of the table, with `#Sheet` where one is named
    by: str | None
    quantity: str
    family: str | None
    as_of: str | None
    out: str | None
    seed: int
    excel_csv: bool
    quiet: bool
    as_json: bool

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> CalibrateOptions:
        """The options as click hands them over."""
        if given["quiet"] and given["as_json"]:
            raise click.UsageError("--quiet and --json both say what to print: choose one.")
        return cls(**given)

    def request(self, today: date) -> Request:
        """What to fit.

        Raises
        ------
        UsageFault
            If --as-of is no date, or one that has not come, or --by names nothing.
        """
        columns = tuple(column.strip() for column in (self.by or "").split(","))
        if self.by is not None and not all(columns):
            raise UsageFault("--by names columns, separated by a comma, such as instrument,trigger")
        return Request(
            quantity=self.quantity,
            by=columns if self.by is not None else (),
            family=self.family or "",
            as_of=_as_of(self.as_of, today),
            seed=self.seed,
        )

    @property
    def folder(self) -> Path:
        """The folder of the results: the one asked for, or one named after the table."""
        name = Path(split_reference(self.episodes)[0]).name
        return Path(self.out) if self.out is not None else Path(f"results/{safe_stem(name)}-fit")

    @property
    def owner(self) -> str | None:
        """The table whose results only may be replaced, unless somebody named the folder."""
        return self.episodes if self.out is None else None

    @property
    def recorded(self) -> dict[str, int | str | None]:
        """What the manifest keeps of them."""
        return {
            MARK: mark_of(self.episodes, self.folder),
            "by": self.by,
            "quantity": self.quantity,
            "family": self.family,
            "as_of": self.as_of,
            "seed": self.seed,
            "excel_csv": int(self.excel_csv),
        }


def _as_of(text: str | None, today: date) -> date | None:
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


def fit_files(
    found: Calibration, notices: Sequence[Notice], *, excel_csv: bool
) -> dict[str, bytes]:
    """The files of a calibration but for its manifest, by name."""
    page = fit_page(found, notices, cannot_tell(found))
    return {
        FIT_FRAGMENT: fragment(found).encode(),
        FIT_FIGURES: to_csv(FitRow, fit_rows(found), excel=excel_csv),
        FIT_WORKBOOK: fit_workbook(found, notices, cannot_tell(found)),
        FIT_PAGE: page.encode(errors="backslashreplace"),
    }


def fit_answer(options: CalibrateOptions, found: Calibration, notices: Sequence[Notice]) -> str:
    """What is printed, in the form that was asked for."""
    if options.quiet:
        return str(options.folder)
    if options.as_json:
        return _document(options, found, notices)
    head = printable(facts_line(found))
    last = f"Results: {options.folder} (fit.html to read, fit.xlsx, fit.csv, fit.toml to extend)"
    parts = [head, tables_text(all_tables(found)), notice_text(notices), printable(last)]
    return "\n\n".join(part for part in parts if part)


def _document(options: CalibrateOptions, found: Calibration, notices: Sequence[Notice]) -> str:
    table = found.table
    content = {
        "schema_version": SCHEMA_VERSION,
        "input": {"name": table.name, "sha256": table.sha256},
        "cut_off": table.cut_off,
        "episodes": len(table.episodes),
        "quantity": found.request.quantity,
        "seed": found.request.seed,
        "folder": str(options.folder),
        "figures": [_plain(asdict(row)) for row in fit_rows(found)],
        "notices": [asdict(notice) for notice in notices],
        "cannot_tell": cannot_tell(found),
    }
    # Escaped to ASCII: a program reads it the same through any encoding of the terminal.
    return to_json(content, ascii_only=True).rstrip("\n")


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    """A record for JSON, which has no NaN: what does not exist is null."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in record.items()
    }
