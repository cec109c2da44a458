"""Dates that are known to the day, the month, the quarter or the year."""

from __future__ import annotations

import datetime
import re
from datetime import date, timedelta

from riskengine.config.schema.scalars import show
from riskengine.config.sources.grids import BadValueError, PartialDate
from riskengine.fits.episodes import Period

PRECISIONS = ("day", "month", "quarter", "year")
ALLOWED = "a date such as 2023-08-01; 2023-08 where only the month is known, 2023 for the year"

_ISO = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?")
_OTHER = re.compile(r"([0-9]{1,4})[./ -]([0-9]{1,2})[./ -]([0-9]{1,4})\.?")
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def read_day(raw: object) -> tuple[date, str]:
    """Read a cell as a date, with the precision that its form implies.

    Raises
    ------
    BadValueError
        When the cell is not a date.
    """
    if isinstance(raw, PartialDate):
        return date(raw.year, raw.month, raw.day), raw.precision
    if isinstance(raw, datetime.datetime):
        return raw.date(), "day"
    if isinstance(raw, datetime.date):
        return raw, "day"
    if isinstance(raw, float) and raw.is_integer() and 1000 <= raw < 10000:
        raw = str(int(raw))  # a year in a cell of a workbook
    if not isinstance(raw, str):
        raise BadValueError(f"is {show(raw)}", ALLOWED)
    match = _ISO.fullmatch(raw.strip())
    if match is None:
        raise BadValueError(f"is {show(raw.strip())}{_hint(raw.strip())}", ALLOWED)
    year, month, day = match[1], match[2], match[3]
    try:
        found = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        raise BadValueError(
            f"is {show(raw.strip())}, a day that no calendar has", ALLOWED
        ) from None
    return found, "day" if day else "month" if month else "year"


def _hint(text: str) -> str:
    """What the text probably meant; empty if that is not clear."""
    match = _OTHER.fullmatch(text)
    if match is None:
        return ""
    first, middle, last = match[1], match[2], match[3]
    if len(first) == 4:
        return f" (write {first}-{int(middle):02d}-{int(last):02d})"
    if len(last) == 4 and int(first) > 12:
        return f" (write {last}-{int(middle):02d}-{int(first):02d})"
    return " (write the year first, then the month, then the day)"


def period(given: date, precision: str) -> Period:
    """The days that a date may mean.

    >>> str(period(date(2010, 8, 17), "quarter").last)
    '2010-09-30'
    """
    if precision == "day":
        return Period.day(given)
    months = _MONTHS[precision]
    first = date(given.year, (given.month - 1) // months * months + 1, 1)
    return Period(given, first, _month_after(first, months) - timedelta(days=1))


def _month_after(first: date, months: int) -> date:
    count = first.year * 12 + first.month - 1 + months
    return date(min(count // 12, 9999), count % 12 + 1, 1)
